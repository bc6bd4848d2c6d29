//! A sale at the real window, from the first key to the report.

use anyhow::{Result, ensure};
use guitai_window_tests::{Options, Stage, keyboard};

#[test]
fn a_cashier_sells_by_keyboard_and_scanner_alone() -> Result<()> {
    let stage = Stage::open(&Options::default())?;

    keyboard::type_text("12.5", 120)?;
    stage.until("entering")?;
    keyboard::press(&["Return"])?;
    stage.until("armed")?;
    stage.until_said("请扫顾客付款码")?;
    keyboard::scan(&stage.wallet_code()?, 5)?;
    stage.until("captured")?;
    stage.until_said("收款成功")?;
    stage.photograph("window-captured")?;

    ensure!(stage.count("SELECT amount_fen FROM sale WHERE state = 'completed'")? == 1_250);
    ensure!(stage.count("SELECT count(*) FROM payment WHERE state = 'captured'")? == 1);

    keyboard::press(&["Return", "2", "0", "F7"])?;
    stage.until("cash")?;
    keyboard::press(&["5", "0", "Return"])?;
    stage.until("captured")?;
    stage.until_said("30.00")?;
    ensure!(stage.count("SELECT change_fen FROM sale WHERE method = 'cash'")? == 3_000);

    keyboard::press(&["F10"])?;
    stage.until_said("12.50")?;
    stage.photograph("window-history")?;
    keyboard::press(&["Escape", "F12", "2"])?;
    stage.until_said("32.50")?;
    stage.photograph("window-report")?;
    Ok(())
}
