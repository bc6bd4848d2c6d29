//! What the cashier sees when a payment does not simply go through: each state in its own words, at the real window.

mod provider;

use anyhow::{Result, ensure};
use guitai_sandbox::{Behaviour, Fault, PasswordAnswer, Refusal, Verb};
use guitai_window_tests::{Stage, keyboard, pause};

use provider::{Provider, charge};

#[test]
fn each_state_has_its_own_words_and_leads_on() -> Result<()> {
    let provider = Provider::start()?;
    let stage = Stage::open(&provider.options())?;

    provider.next_payment(Behaviour::Refuse(Refusal::NotEnough));
    charge(&stage, &provider, "20")?;
    stage.until("declined")?;
    stage.until_said("W-12")?;
    stage.photograph("trouble-declined")?;

    // The customer changes the card: the same sale, a new code.
    provider.next_payment(Behaviour::AskPassword);
    keyboard::scan(&provider.sandbox.wallet().code, 5)?;
    stage.until("awaitingPayer")?;
    stage.until_said("请顾客输入支付密码")?;
    stage.photograph("trouble-password")?;
    provider.sandbox.answer_password(PasswordAnswer::Right);
    stage.until("captured")?;

    provider.next_payment(Behaviour::Pay);
    for (fault, name) in
        [(Fault::Forge, "forged"), (Fault::WrongAmount, "wrong-amount"), (Fault::DropAnswer, "lost")]
    {
        keyboard::press(&["Return"])?;
        stage.until("idle")?;
        provider.sandbox.inject(fault, Verb::Pay, 1);
        // Held back for a moment, so that a person would see it.
        provider.sandbox.inject(Fault::Status { code: 503, retry_after_s: None }, Verb::Query, 1);
        charge(&stage, &provider, "8")?;
        stage.until("inDoubt")?;
        stage.until_said("结果未确认，勿重复收款")?;
        stage.photograph(&format!("trouble-{name}"))?;
        keyboard::press(&["1"])?;
        stage.until("captured")?;
    }

    keyboard::press(&["Return"])?;
    stage.until("idle")?;
    for text in ["6901234567892", "13456789012345", "https://example.cn"] {
        keyboard::scan(text, 5)?;
        pause(200);
        ensure!(stage.counter() == "idle", "{text} does nothing");
    }
    stage.until_said("S-04")?;

    ensure!(stage.count("SELECT count(*) FROM sale WHERE state = 'completed'")? == 4);
    let books = provider.sandbox.books();
    let paid: i64 = books
        .orders
        .iter()
        .filter(|order| order.state == guitai_sandbox::OrderState::Success)
        .filter_map(|order| order.amount_fen)
        .sum();
    ensure!(paid == stage.count("SELECT sum(amount_fen) FROM payment WHERE state = 'captured'")?);
    Ok(())
}

#[test]
fn without_a_network_nothing_is_charged_and_cash_goes_on() -> Result<()> {
    let mut provider = Provider::start()?;
    let stage = Stage::open(&provider.options())?;
    let code = provider.sandbox.wallet().code;

    keyboard::press(&["9", "Return"])?;
    stage.until("armed")?;
    // The provider is gone, as far as this till can tell.
    provider.vanish()?;
    pause(100);
    keyboard::scan(&code, 5)?;
    stage.until("declined")?;
    stage.until_said("O-02")?;
    stage.photograph("trouble-offline")?;

    keyboard::press(&["F7", "Return"])?;
    stage.until("captured")?;
    ensure!(stage.count("SELECT count(*) FROM sale WHERE method = 'cash' AND state = 'completed'")? == 1);
    ensure!(stage.count("SELECT count(*) FROM payment WHERE state = 'not_sent'")? == 1);
    Ok(())
}

#[test]
fn a_till_that_is_killed_shows_where_it_was_and_goes_on_by_itself() -> Result<()> {
    let provider = Provider::start()?;
    let folder = tempfile::tempdir()?;
    let stage = Stage::open_in(folder.path(), &provider.options())?;
    // The money moves, the answer is lost, and then the power goes.
    provider.sandbox.inject(Fault::DropAnswer, Verb::Pay, 1);
    provider.sandbox.inject(Fault::DropRequest, Verb::Query, 1);
    charge(&stage, &provider, "31")?;
    stage.until("inDoubt")?;
    stage.kill();

    let stage = Stage::open_in(folder.path(), &provider.options())?;
    stage.until("captured")?;

    stage.until_said("31.00")?;
    ensure!(stage.count("SELECT count(*) FROM payment")? == 1, "asked once");
    ensure!(stage.count("SELECT count(*) FROM sale WHERE state = 'completed'")? == 1);
    Ok(())
}
