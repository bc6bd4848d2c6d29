//! What is in doubt waits on the desk (待确认): set aside, found again, decided, by real keys at the real window.

mod provider;

use std::fs;
use std::process::{Child, Command, Stdio};

use anyhow::{Result, ensure};
use guitai_sandbox::{Behaviour, Fault, Verb};
use guitai_window_tests::{Options, Stage, keyboard, pause, till};

use provider::{Provider, charge};

const PIN: &str = "736401";

/// The money moves, but the till hears nothing of it until [`clear`](guitai_sandbox::Sandbox::clear_faults).
fn lose_answers(provider: &Provider) {
    provider.sandbox.inject(Fault::DropAnswer, Verb::Pay, 1);
    provider.sandbox.inject(Fault::Status { code: 503, retry_after_s: None }, Verb::Query, u32::MAX);
}

/// The big button of the desk, which Enter presses: its label, and whether it can be pressed.
fn sensible(stage: &Stage) -> Result<(String, bool)> {
    let script = "const button = document.querySelector('.sensible button'); \
                  return button && [button.querySelector('.label').innerText, !button.disabled]";
    let found = stage.eval(script)?;
    Ok((found[0].as_str().unwrap_or_default().to_owned(), found[1] == true))
}

fn until_sensible(stage: &Stage, label: &str) -> Result<()> {
    stage.wait_for(|| Ok(sensible(stage)? == (label.to_owned(), true)), &format!("{label} on Enter"))?;
    // Enter does not press what nobody has had the time to read.
    pause(900);
    Ok(())
}

#[test]
fn a_lost_answer_is_set_aside_found_late_and_booked() -> Result<()> {
    let provider = Provider::start()?;
    let stage = Stage::open(&provider.options())?;
    lose_answers(&provider);

    charge(&stage, &provider, "18.5")?;
    stage.until("inDoubt")?;
    stage.until_said("结果未确认，勿重复收款")?;
    stage.photograph("desk-strip")?;
    keyboard::press(&["3"])?;
    stage.until("idle")?;
    stage.until_said("待确认 1")?;

    charge(&stage, &provider, "4")?;
    stage.until("captured")?;
    keyboard::press(&["Return", "F9"])?;
    stage.until_said("18.50")?;
    until_sensible(&stage, "马上查询")?;
    stage.photograph("desk-doubt")?;

    provider.sandbox.clear_faults();
    keyboard::press(&["Return"])?;
    until_sensible(&stage, "入账")?;
    stage.until_said("W-25")?;
    stage.photograph("desk-late")?;
    ensure!(
        stage.count("SELECT count(*) FROM sale WHERE state = 'completed'")? == 1,
        "nobody keeps it quietly"
    );
    keyboard::press(&["Return"])?;

    stage.until_said("没有待确认的付款")?;
    stage.until_said("待确认 0")?;
    ensure!(
        stage.count("SELECT count(*) FROM sale WHERE state = 'completed' AND receipt_no IS NOT NULL")? == 2
    );
    ensure!(stage.count("SELECT sum(amount_fen) FROM payment WHERE state = 'captured'")? == 2_250);
    keyboard::press(&["F10"])?;
    stage.until_said("18.50")?;
    Ok(())
}

#[test]
fn only_the_managers_pin_and_a_reason_settle_what_the_provider_does_not_end() -> Result<()> {
    let provider = Provider::start()?;
    let stage = Stage::open(&provider.options())?;
    set_pin(&stage)?;
    // The provider has answered once, that the password is asked for; from then on it only says that it is in trouble.
    provider.next_payment(Behaviour::AskPassword);
    for verb in [Verb::Query, Verb::Reverse] {
        provider.sandbox.inject(Fault::Status { code: 503, retry_after_s: None }, verb, u32::MAX);
    }
    keyboard::press(&["Escape"])?;
    charge(&stage, &provider, "26")?;
    stage.until("awaitingPayer")?;
    stage.until_said("挂起，接待下一位")?;
    keyboard::press(&["3"])?;
    stage.until("idle")?;
    keyboard::press(&["F9"])?;
    stage.until_said("26.00")?;
    stage.until_said("W-07")?;

    until_it_can_be_settled(&stage)?;
    keyboard::press(&["n"])?;
    stage.until_said("店长密码")?;
    keyboard::press(&["Down"])?;
    type_digits("736402")?;
    keyboard::press(&["Return"])?;
    stage.until_said("M-03")?;
    stage.photograph("desk-wrong-pin")?;
    ensure!(stage.count("SELECT count(*) FROM payment WHERE state = 'settled_by_manager'")? == 0);

    type_digits(PIN)?;
    ensure!(!stage.page_shows(PIN)?, "the PIN is nowhere in the page");
    keyboard::press(&["Return"])?;
    stage.wait_for(
        || Ok(stage.count("SELECT count(*) FROM payment WHERE state = 'settled_by_manager'")? == 1),
        "the payment to be settled",
    )?;
    stage.until_said("已按未收款处理")?;
    let reasons = "SELECT count(*) FROM journal WHERE kind = 'payment.settled' AND body LIKE '%查无此单%'";
    ensure!(stage.count(reasons)? == 1, "with the reason that was chosen");
    Ok(())
}

#[test]
fn what_was_set_aside_is_still_on_the_desk_after_a_power_cut() -> Result<()> {
    let provider = Provider::start()?;
    let folder = tempfile::tempdir()?;
    let stage = Stage::open_in(folder.path(), &provider.options())?;
    lose_answers(&provider);
    charge(&stage, &provider, "31")?;
    stage.until("inDoubt")?;
    keyboard::press(&["3"])?;
    stage.until("idle")?;
    stage.kill();

    let stage = Stage::open_in(folder.path(), &provider.options())?;
    stage.until_said("待确认 1")?;
    ensure!(stage.counter() == "idle", "the counter is free");
    keyboard::press(&["F9"])?;
    stage.until_said("31.00")?;
    provider.sandbox.clear_faults();
    until_sensible(&stage, "入账")?;
    keyboard::press(&["Return"])?;

    stage.until_said("没有待确认的付款")?;
    ensure!(stage.count("SELECT count(*) FROM payment")? == 1, "asked for once");
    ensure!(stage.count("SELECT count(*) FROM sale WHERE state = 'completed'")? == 1);
    Ok(())
}

#[test]
fn a_broken_line_is_on_the_screen_within_five_seconds_and_mends_by_itself() -> Result<()> {
    let mut provider = Provider::start()?;
    let stage = Stage::open(&provider.options())?;
    keyboard::press(&["F12", "6"])?;
    pause(1_500);
    stage.take_keyboard()?;
    let now = || stage.eval("return performance.now()").map(|ms| ms.as_f64().unwrap_or(f64::MAX));

    provider.vanish()?;
    let cut = now()?;
    stage.until_said("网络断开：可记现金，不能扫码收款")?;
    let noticed = now()? - cut;
    ensure!(noticed < 5_000.0, "noticed after {noticed:.0} ms");
    keyboard::press(&["9", "Return"])?;
    stage.until("armed")?;
    stage.until_said("现在只能收现金")?;
    ensure!(!stage.text()?.contains("请扫顾客付款码"), "nobody is asked to show a code");
    stage.photograph("offline-armed")?;
    keyboard::press(&["F7", "Return"])?;
    stage.until("captured")?;
    keyboard::press(&["Return"])?;

    provider.come_back()?;
    stage.wait_for(|| Ok(!stage.text()?.contains("网络断开")), "the line to be back by itself")?;
    charge(&stage, &provider, "5")?;
    stage.until("captured")?;
    Ok(())
}

#[test]
fn a_second_guitai_on_the_same_folder_says_so_and_leaves_the_first_alone() -> Result<()> {
    let stage = Stage::open(&Options::default())?;
    let log = stage.folder().join("second.log");

    let mut second = Second(
        Command::new(till()?)
            .arg("--training")
            .env("GUITAI_DATA", stage.folder().join("data"))
            .env("LANG", "C.UTF-8")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(fs::File::create(&log)?)
            .spawn()?,
    );
    stage.wait_for(
        || Ok(fs::read_to_string(&log)?.contains("D-20")),
        "the second to say why it does not start",
    )?;
    pause(1_500);
    stage.photograph("start-second")?;
    second.end();

    stage.take_keyboard()?;
    keyboard::press(&["7", "Return"])?;
    stage.until("armed")?;
    keyboard::scan(&stage.wallet_code()?, 5)?;
    stage.until("captured")?;
    ensure!(
        stage.count("SELECT count(*) FROM journal WHERE kind = 'till.started'")? == 1,
        "one till started"
    );
    Ok(())
}

/// The second program; it ends with the test.
struct Second(Child);

impl Second {
    fn end(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Drop for Second {
    fn drop(&mut self) {
        self.end();
    }
}

/// Types a PIN in pieces that are too short for a scan: a busy display hands keys over in clumps.
fn type_digits(pin: &str) -> Result<()> {
    let (one, other) = pin.split_at(3);
    for part in [one, other] {
        keyboard::type_text(part, 120)?;
        pause(700);
    }
    Ok(())
}

/// Sets the first PIN at the settings page, as a manager would.
fn set_pin(stage: &Stage) -> Result<()> {
    keyboard::press(&["F12", "3"])?;
    stage.until_said("大额再确认")?;
    keyboard::press(&["Next", "Next"])?;
    stage.until_said("还没有设置店长密码")?;
    keyboard::press(&["Return"])?;
    stage.until_said("再输一次新密码")?;
    for _ in 0..2 {
        type_digits(PIN)?;
        keyboard::press(&["Return"])?;
    }
    stage.until_said("店长密码已保存")?;
    stage.photograph("settings-pin")
}

/// The provider's time for the customer, 45 s, must be over before anybody settles it by hand.
fn until_it_can_be_settled(stage: &Stage) -> Result<()> {
    let enabled = "return [...document.querySelectorAll('.others button')].some((button) => \
                   button.innerText.includes('人工确认：未收款') && !button.disabled)";
    for _ in 0..70 {
        if stage.eval(enabled)? == true {
            return Ok(());
        }
        pause(1_000);
    }
    anyhow::bail!("it cannot be settled by hand; the page says:\n{}", stage.text()?)
}
