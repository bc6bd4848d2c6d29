//! A sale at the real window, from the first key to the report.

use anyhow::{Result, ensure};
use guitai_window_tests::{Options, Stage, keyboard};

#[tokio::test]
async fn a_cashier_sells_by_keyboard_and_scanner_alone() -> Result<()> {
    let stage = Stage::open(&Options::default()).await?;

    keyboard::type_text("12.5", 120)?;
    stage.until("entering").await?;
    keyboard::press(&["Return"])?;
    stage.until("armed").await?;
    stage.until_said("请扫顾客付款码").await?;
    keyboard::scan(&stage.wallet_code()?, 5)?;
    stage.until("captured").await?;
    stage.until_said("收款成功").await?;
    stage.photograph("window-captured").await?;

    ensure!(stage.count("SELECT amount_fen FROM sale WHERE state = 'completed'")? == 1_250);
    ensure!(stage.count("SELECT count(*) FROM payment WHERE state = 'captured'")? == 1);

    keyboard::press(&["Return", "2", "0", "F7"])?;
    stage.until("cash").await?;
    keyboard::press(&["5", "0", "Return"])?;
    stage.until("captured").await?;
    stage.until_said("30.00").await?;
    ensure!(stage.count("SELECT change_fen FROM sale WHERE method = 'cash'")? == 3_000);

    keyboard::press(&["F10"])?;
    stage.until_said("12.50").await?;
    stage.photograph("window-history").await?;
    keyboard::press(&["Escape", "F12", "2"])?;
    stage.until_said("32.50").await?;
    stage.photograph("window-report").await?;
    Ok(())
}
