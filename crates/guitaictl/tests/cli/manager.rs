//! What only a manager may: the PIN, settling by hand, contradictions, the clock.

use std::fs;

use guitai_db::Fact;
use guitai_sandbox::{Behaviour, Fault, Refusal, Verb, WalletChange};

use crate::shop::{Run, Server, Shop};

const PIN: &str = "280614";
const REASON: &str = "看过商户平台了";

fn set_pin(shop: &Shop) {
    assert_eq!(shop.run_with_input(&["pin"], format!("{PIN}\n").as_bytes()).exit, 0);
}

/// A payment the provider answers nothing usable about, as old as this.
fn in_doubt(server: &Server, age_ms: i64, answered: bool) -> (Shop, String) {
    let shop = Shop::beside(server);
    set_pin(&shop);
    let behaviour = Some(Behaviour::Refuse(Refusal::BankError));
    server.sandbox.set_wallet(WalletChange { behaviour, ..WalletChange::default() });
    server.sandbox.inject(Fault::DropAnswer, Verb::Pay, 1);
    server.sandbox.inject(Fault::Status { code: 500, retry_after_s: None }, Verb::Query, 1_000);
    server.sandbox.inject(Fault::Status { code: 500, retry_after_s: None }, Verb::Reverse, 1_000);
    let charged =
        shop.run_with_input(&["--json", "charge", "66", "--code-stdin", "--wait", "1"], &server.scan());
    assert_eq!(charged.exit, 4, "{charged:?}");
    // The derived table is no journal: as if the till had been at it for so long.
    let age = format!("UPDATE payment SET sent_at_ms = sent_at_ms - {age_ms}, answered = {answered}");
    shop.database().execute(&age, []).expect("an older payment");
    (shop, charged.json()["payment"].as_str().expect("an id").to_owned())
}

fn settle(shop: &Shop, payment: &str, how: &str, pin: &str) -> Run {
    shop.run_with_pin(&["--json", "settle", payment, how, "--reason", REASON], pin)
}

#[test]
fn the_pin_comes_from_standard_input_is_kept_nowhere_and_each_setting_is_on_record() {
    let shop = Shop::training();
    for (pin, code) in
        [("", "M-06"), ("12345", "M-06"), ("123456", "M-06"), ("111111", "M-06"), ("28o614", "M-06")]
    {
        shop.run_with_input(&["--json", "pin"], pin.as_bytes()).refused(2, code);
    }

    set_pin(&shop);
    let new = format!("{PIN}\n");
    shop.run_with_input(&["--json", "pin"], new.as_bytes()).refused(11, "M-01");
    shop.run_with_pin_and_input(&["--json", "pin"], "135790", new.as_bytes()).refused(11, "M-03");
    let changed = shop.run_with_pin_and_input(&["--json", "pin"], PIN, new.as_bytes());
    assert_eq!(changed.exit, 0, "with the one before: {changed:?}");

    let journal = "SELECT count(*) FROM journal WHERE kind = 'manager.pin_set' AND actor = 'cli'";
    let times: u32 = shop.database().query_row(journal, [], |row| row.get(0)).expect("a count");
    assert_eq!(times, 2);
    for entry in fs::read_dir(shop.folder()).expect("the folder") {
        let path = entry.expect("an entry").path();
        let kept = path.is_file() && fs::read(&path).is_ok_and(|bytes| contains(&bytes, PIN));
        assert!(!kept, "{}", path.display());
    }
}

fn contains(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|part| part == text.as_bytes())
}

#[test]
fn nothing_is_settled_without_the_managers_pin_and_wrong_ones_have_to_wait() {
    let server = Server::start();
    let shop = Shop::beside(&server);
    settle(&shop, "P0", "--paid", PIN).refused(11, "M-05");
    set_pin(&shop);
    settle(&shop, "P0", "--paid", "").refused(11, "C-38");
    for _ in 0..3 {
        let wrong = settle(&shop, "P0", "--paid", "280615");
        wrong.refused(11, "M-03");
        assert!(!wrong.out.contains("280615") && !wrong.err.contains("280615"));
    }

    settle(&shop, "P0", "--paid", PIN).refused(11, "M-04");

    let review = shop.run_with_pin(&["--json", "review", "P0", "--reason", REASON], PIN);
    review.refused(11, "M-04");
    shop.run_with_pin(&["--json", "confirm-clock"], PIN).refused(11, "M-04");
}

#[test]
fn a_manager_settles_only_when_the_provider_has_had_its_say() {
    let server = Server::start();
    let (shop, payment) = in_doubt(&server, 60_000, false);
    settle(&shop, &payment, "--not-paid", PIN).refused(2, "W-07");
    settle(&shop, "P0000000000000000000000000000000", "--paid", PIN).refused(2, "W-08");
    shop.database().execute("UPDATE payment SET answered = 1", []).expect("an answer");
    let short = ["--json", "settle", &payment, "--not-paid", "--reason", "无"];
    shop.run_with_pin(&short, PIN).refused(2, "M-02");
    settle(&shop, &payment, "--refunded", PIN).refused(2, "W-04");

    let settled = settle(&shop, &payment, "--not-paid", PIN);

    assert_eq!((settled.exit, &settled.json()["state"]), (0, &"settled_by_manager".into()), "{settled:?}");
    assert_eq!(shop.run(&["rebuild"]).exit, 0, "the payment is as old as the journal says");
    assert_eq!(shop.json(&["history", "--state", "voided"])["count"], 1, "nobody is at the counter");
    assert_eq!(shop.json(&["report"])["netTotal"], "0.00");
    settle(&shop, &payment, "--paid", PIN).refused(2, "W-08");
}

#[test]
fn settled_as_paid_it_is_a_sale_until_the_provider_says_otherwise_and_that_is_reviewed() {
    let server = Server::start();
    let (shop, payment) = in_doubt(&server, 60_000, true);

    let settled = settle(&shop, &payment, "--paid", PIN);
    assert_eq!(settled.exit, 0, "{settled:?}");
    assert!(settled.json()["receiptNo"].is_string());
    assert_eq!(shop.run(&["rebuild"]).exit, 0, "the payment is as old as the journal says");
    let report = shop.json(&["report"]);
    assert_eq!((&report["netTotal"], &report["settledTotal"]), (&"66.00".into(), &"66.00".into()));
    assert!(shop.run(&["report", "--lang", "en"]).out.contains("Settled by hand  1  ￥66.00"));

    // The provider's word: it is not paid.
    server.sandbox.clear_faults();
    assert_eq!(shop.run(&["resolve", "--wait", "3"]).exit, 0, "nothing is in doubt");
    let row = &shop.json(&["desk"])["rows"][0];
    assert_eq!((&row["payment"], &row["doing"]), (&payment.clone().into(), &"contradicted".into()));
    shop.run_with_pin(&["--json", "review", &payment, "--reason", "  "], PIN).refused(2, "M-02");
    let reviewed = shop.run_with_pin(&["--json", "review", &payment, "--reason", "已向顾客收现金"], PIN);
    assert_eq!(reviewed.exit, 0, "{reviewed:?}");
    assert!(shop.json(&["desk"])["rows"].as_array().expect("a list").is_empty());
    let again = shop.run_with_pin(&["--json", "review", &payment, "--reason", REASON], PIN);
    again.refused(2, "W-08");
}

#[test]
fn the_pin_is_taken_from_standard_input_where_no_variable_has_it() {
    let server = Server::start();
    let (shop, payment) = in_doubt(&server, 60_000, true);
    let arguments = ["--json", "settle", &payment, "--not-paid", "--reason", REASON];

    let run = shop.run_with_input(&arguments, format!("{PIN}\r\n").as_bytes());

    assert_eq!(run.exit, 0, "{run:?}");
}

#[test]
fn how_a_payment_is_settled_must_be_said_once() {
    let shop = Shop::training();
    let reason = ["--reason", REASON];
    for how in [&[][..], &["--paid", "--not-paid"], &["--paid", "--refunded"]] {
        let run = shop.run_with_pin(&[&["settle", "P0"][..], how, &reason].concat(), PIN);
        assert_eq!(run.exit, 2, "{how:?}: {run:?}");
    }
    assert_eq!(shop.run_with_pin(&["settle", "P0", "--paid"], PIN).exit, 2, "and why");
}

#[test]
fn a_manager_vouches_for_the_clock() {
    let shop = Shop::real();
    assert_eq!(shop.run(&["init"]).exit, 0);
    set_pin(&shop);
    assert_eq!(shop.run(&["cash", "1"]).exit, 0);
    // The clock was three days ahead, and was set back since.
    shop.write_after(3 * 86_400_000, &[Fact::TillStarted { version: "0.0.0".to_owned() }]);

    let doubted = shop.run(&["--json", "health"]);
    assert!(doubted.out.contains("T-01"), "{doubted:?}");
    shop.run_with_pin(&["--json", "confirm-clock"], "280615").refused(11, "M-03");
    let confirmed = shop.run_with_pin(&["--json", "confirm-clock"], PIN);

    assert_eq!((confirmed.exit, &confirmed.json()["message"]["code"]), (0, &"C-37".into()), "{confirmed:?}");
    assert!(!shop.run(&["--json", "health"]).out.contains("T-01"));
}
