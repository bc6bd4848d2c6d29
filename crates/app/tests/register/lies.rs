//! Answers that are not what they seem. None of them ever makes a payment captured; the truth is found in the end.

use guitai_domain::payment::State;
use guitai_sandbox::{Behaviour, Fault, Refusal, TRAINEE, Verb};
use guitai_tests::TestRegister;

use crate::support::{books_agree, disbeliefs, is_completed, screen};

/// Every fault that lies, and what the journal says about it.
const LIES: [(Fault, &str); 14] = [
    (Fault::Forge, "bad_signature"),
    (Fault::Corrupt, "bad_signature"),
    (Fault::SignatureProbe, "bad_signature"),
    (Fault::WrongAmount, "other_amount"),
    (Fault::WrongOrder, "other_payment"),
    (Fault::WrongMerchant, "other_merchant"),
    (Fault::WrongAppid, "other_merchant"),
    (Fault::WrongCurrency, "other_currency"),
    (Fault::StaleTimestamp, "stale_timestamp"),
    (Fault::Replay, "other_payment"),
    (Fault::CaptivePortal, "not_a_provider"),
    (Fault::EmptyOk, "not_a_provider"),
    (Fault::Redirect, "redirect"),
    (Fault::HugeBody, ""),
];

fn moves_the_money(fault: Fault) -> bool {
    !matches!(fault, Fault::CaptivePortal | Fault::EmptyOk | Fault::Redirect | Fault::HugeBody)
}

#[test]
fn a_lie_about_the_charge_is_not_believed_and_the_query_tells_the_truth() {
    for (fault, why) in LIES {
        let mut desk = TestRegister::open();
        // So that there is an answer to replay.
        desk.charge("18.50");
        desk.pass_ms(1_000);
        desk.inject(fault, Verb::Pay, 1);

        let sale = desk.charge("18.50");
        desk.pass_ms(1_000);
        assert_eq!(desk.state_of(&sale), State::InDoubt { refusal: None }, "{fault:?} proves nothing");
        let said = disbeliefs(&desk, &sale);
        assert_eq!(said.first().map_or("", String::as_str), why, "{fault:?}");
        desk.run_until_idle();

        let expected = if moves_the_money(fault) { State::Captured } else { State::Reversed };
        assert_eq!(desk.state_of(&sale), expected, "{fault:?}");
        books_agree(&mut desk);
    }
}

#[test]
fn lies_about_every_query_of_the_window_never_end_in_a_false_capture() {
    for (fault, _) in LIES {
        let mut desk = TestRegister::open();
        desk.charge("18.50");
        desk.pass_ms(1_000);
        // The money never moves, whatever the answers pretend.
        desk.inject(Fault::DropRequest, Verb::Pay, 1);
        desk.inject(fault, Verb::Query, 30);

        let sale = desk.charge("18.50");
        desk.pass_ms(44_000);
        assert!(!is_completed(&desk, &sale), "{fault:?}");
        assert_ne!(screen(&desk), "captured", "{fault:?}");
        desk.world.clear_faults();
        desk.run_until_idle();

        assert_eq!(desk.state_of(&sale), State::Reversed, "{fault:?}");
        books_agree(&mut desk);
    }
}

#[test]
fn a_lie_about_the_reversal_is_no_proof_that_it_happened() {
    for (fault, _) in LIES {
        let mut desk = TestRegister::open();
        desk.charge("18.50");
        desk.pass_ms(1_000);
        desk.world.set_behaviour(TRAINEE, Behaviour::Refuse(Refusal::BankError));
        desk.inject(fault, Verb::Reverse, 1);

        let sale = desk.charge("18.50");
        desk.run_until_idle();

        assert_eq!(desk.state_of(&sale), State::Reversed, "{fault:?}");
        books_agree(&mut desk);
    }
}

#[test]
fn silence_of_every_kind_is_asked_about_until_the_truth_is_known() {
    let silences = [
        (Fault::DropRequest, false),
        (Fault::DropAnswer, true),
        (Fault::HalfOpen, false),
        (Fault::SilentAnswer, true),
        (Fault::Delay { ms: 20_000 }, true),
        (Fault::Status { code: 500, retry_after_s: None }, false),
        (Fault::Status { code: 502, retry_after_s: None }, false),
        (Fault::Status { code: 503, retry_after_s: None }, false),
        (Fault::Status { code: 404, retry_after_s: None }, false),
    ];
    for (fault, paid) in silences {
        let mut desk = TestRegister::open();
        desk.inject(fault, Verb::Pay, 1);

        let sale = desk.charge("18.50");
        desk.pass_ms(16_000);
        assert!(!desk.state_of(&sale).is_final() || paid, "{fault:?}: {:?}", desk.state_of(&sale));
        desk.run_until_idle();

        let expected = if paid { State::Captured } else { State::Reversed };
        assert_eq!(desk.state_of(&sale), expected, "{fault:?}");
        books_agree(&mut desk);
    }
}

#[test]
fn an_answer_that_came_twice_counts_once() {
    let mut desk = TestRegister::open();
    desk.inject(Fault::Duplicate, Verb::Pay, 1);

    let sale = desk.charge("18.50");
    desk.run_until_idle();

    assert_eq!(desk.state_of(&sale), State::Captured);
    books_agree(&mut desk);
}

#[test]
fn an_older_answer_that_overtakes_a_newer_one_does_not_move_the_payment_back() {
    let mut desk = TestRegister::open();
    desk.inject(Fault::StaleAnswer, Verb::Pay, 1);
    desk.inject(Fault::StaleAnswer, Verb::Query, 2);

    let sale = desk.charge("18.50");
    desk.pass_ms(500);
    assert_eq!(screen(&desk), "awaiting payer", "paid already, but the answer is from before");
    desk.run_until_idle();

    assert_eq!(desk.state_of(&sale), State::Captured);
    books_agree(&mut desk);
}

#[test]
fn a_refusal_is_believed_only_when_the_second_answer_can_be_believed() {
    for (fault, _) in LIES {
        let mut desk = TestRegister::open();
        desk.world.set_behaviour(TRAINEE, Behaviour::Refuse(Refusal::NotEnough));
        desk.inject(fault, Verb::Query, 1);

        let sale = desk.charge("18.50");
        desk.pass_ms(2_000);
        assert!(!desk.state_of(&sale).is_final(), "{fault:?}: one unsigned word and one lie");
        desk.run_until_idle();

        assert!(matches!(desk.state_of(&sale), State::Declined { .. }), "{fault:?}");
        books_agree(&mut desk);
    }
}

#[test]
fn behind_a_captive_portal_the_till_says_that_there_is_no_network() {
    let mut desk = TestRegister::open();
    desk.inject(Fault::CaptivePortal, Verb::Any, 1_000);
    desk.charge("18.50");
    desk.pass_ms(500);
    desk.press(guitai_app::view::Key::Digit3);
    assert!(!desk.view().online, "somebody's log-in page is not the provider");

    desk.arm("4");
    desk.scan_phone();
    assert_eq!(desk.notice(), "O-01", "no customer is made to wait for a page that cannot charge");

    desk.world.clear_faults();
    desk.run_until_idle();
    assert!(desk.view().online);
    desk.pass_ms(60_000);
    desk.scan_phone();
    desk.pass_ms(500);
    assert_eq!(screen(&desk), "captured");
    books_agree(&mut desk);
}
