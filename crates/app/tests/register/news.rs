//! What a provider says that is no ordinary answer: another amount, money given back elsewhere, an end nobody asked for, wrong settings.

use guitai_app::view::{CounterView, DeskAct, Doing, Key};
use guitai_domain::payment::{Closing, Reason, State};
use guitai_sandbox::{Fault, Verb, Word};
use guitai_tests::TestRegister;

use crate::support::{act, books_agree, is_completed, row};

/// What the cashier reads about the payment on the counter, by its code.
fn read(desk: &TestRegister) -> String {
    match desk.counter() {
        CounterView::InDoubt { message, .. } | CounterView::Declined { message, .. } => message.code,
        other => format!("{other:?}"),
    }
}

/// One of the states an answer can tell.
fn state(text: &str) -> Word {
    Word::STATES.iter().copied().find(|word| word.as_str() == text).expect("a state")
}

#[test]
fn another_amount_is_named_never_booked_and_taken_back() {
    let mut desk = TestRegister::open();
    desk.inject(Fault::WrongAmount, Verb::Pay, 1);
    desk.inject(Fault::WrongAmount, Verb::Query, u32::MAX);
    desk.inject(Fault::DropRequest, Verb::Reverse, 1);

    let sale = desk.charge("18.50");
    desk.pass_ms(10_000);
    assert_eq!(read(&desk), "W-31");
    desk.pass_ms(40_000);
    assert!(desk.count_sent(Verb::Reverse) > 0, "nothing definite within the window");
    assert_eq!(row(&desk, &sale).message.code, "W-31", "and on the desk");
    assert!(!is_completed(&desk, &sale));

    desk.world.clear_faults();
    desk.run_until_idle();
    assert_eq!(desk.state_of(&sale), State::Reversed);
    assert_eq!(row(&desk, &sale).doing, Doing::Contradicted, "a manager has still to look at it");
    books_agree(&mut desk);
}

#[test]
fn money_given_back_on_the_providers_pages_waits_for_a_manager() {
    let mut desk = TestRegister::open();
    desk.inject(Fault::DropAnswer, Verb::Pay, 1);
    let sale = desk.charge("18.50");
    desk.pass_ms(2_000);
    let number = desk.payments(&sale).pop().expect("a payment").id.to_string();
    let now = desk.true_ms();
    desk.world.refund_by_hand(&number, now);

    desk.pass_ms(10_000);

    assert_eq!(desk.state_of(&sale), State::Unresolved);
    assert!(!is_completed(&desk, &sale), "how much went back the till does not know");
    assert_eq!((read(&desk), row(&desk, &sale).message.code), ("W-28".to_owned(), "W-28".to_owned()));
}

#[test]
fn an_end_that_nobody_asked_for_is_asked_about_again() {
    for told in ["REVOKED", "CLOSED"] {
        let mut desk = TestRegister::open();
        desk.inject(Fault::DropAnswer, Verb::Pay, 1);
        desk.inject(Fault::Tells { state: state(told) }, Verb::Query, 1);

        let sale = desk.charge("18.50");
        desk.pass_ms(8_000);
        let reason = match desk.state_of(&sale) {
            State::Declined { reason, closing: Closing::Asked } => reason,
            other => panic!("{told}: {other:?}"),
        };
        assert_eq!((reason, read(&desk)), (Reason::ClosedByProvider, "W-30".to_owned()), "{told}");

        // It was not so: the provider has the money.
        desk.run_until_idle();
        assert_eq!(row(&desk, &sale).doing, Doing::Contradicted, "{told}");
        books_agree(&mut desk);
    }
}

#[test]
fn settings_that_are_refused_say_nothing_about_the_payment() {
    for (status, code) in [(401, Word::SIGN_ERROR), (403, Word::NO_AUTH)] {
        let mut desk = TestRegister::open();
        // The charge arrives, and what stands between refuses everything.
        desk.inject(Fault::ErrorButCharged, Verb::Pay, 1);
        desk.inject(Fault::Refuses { status, code }, Verb::Query, u32::MAX);
        desk.inject(Fault::Refuses { status, code }, Verb::Reverse, u32::MAX);
        let sale = desk.charge("18.50");
        desk.pass_ms(120_000);
        assert!(!desk.state_of(&sale).is_final(), "{code:?}: the provider holds the money");

        desk.world.clear_faults();
        desk.run_until_idle();
        books_agree(&mut desk);
    }
    let mut desk = TestRegister::open();
    desk.inject(Fault::Refuses { status: 401, code: Word::SIGN_ERROR }, Verb::Any, u32::MAX);
    desk.charge("18.50");
    desk.pass_ms(6_000);
    assert_eq!(read(&desk), "W-29");
}

#[test]
fn the_key_that_takes_back_asks_again_while_it_is_being_taken_back() {
    let mut desk = TestRegister::open();
    desk.inject(Fault::DropAnswer, Verb::Pay, 1);
    desk.inject(Fault::Status { code: 503, retry_after_s: None }, Verb::Query, u32::MAX);
    desk.inject(Fault::Refuses { status: 400, code: Word::TRADE_ERROR }, Verb::Reverse, u32::MAX);
    let sale = desk.charge("18.50");
    desk.pass_ms(70_000);
    let before = desk.count_sent(Verb::Reverse);
    assert!(before > 0 && matches!(desk.counter(), CounterView::InDoubt { doing: Doing::Reversing, .. }));

    desk.press(Key::Digit2);
    desk.pass_ms(6_000);
    assert_eq!(desk.count_sent(Verb::Reverse), before + 1, "before it would be its turn");
    desk.pass_ms(6_000);
    let before = desk.count_sent(Verb::Reverse);
    act(&mut desk, &sale, DeskAct::TakeBack).expect("from the desk as well");
    desk.pass_ms(6_000);
    assert_eq!(desk.count_sent(Verb::Reverse), before + 1);
}

#[test]
fn a_charge_that_never_arrived_ends_whatever_its_reversal_is_refused_with() {
    for code in Word::CODES {
        let mut desk = TestRegister::open();
        desk.inject(Fault::DropRequest, Verb::Pay, 1);
        desk.inject(Fault::Refuses { status: 400, code: *code }, Verb::Reverse, u32::MAX);

        let sale = desk.charge("18.50");
        desk.pass_ms(120_000);

        let state = desk.state_of(&sale);
        assert!(state.is_final(), "{code:?}: {state:?}");
        desk.pass_ms(15 * 60_000);
        assert!(!desk.state_of(&sale).is_unfinished(), "{code:?}: and closed for good");
        books_agree(&mut desk);
    }
}

#[test]
fn one_odd_answer_does_not_hide_that_a_person_has_to_decide() {
    let mut desk = TestRegister::open();
    desk.inject(Fault::WrongAmount, Verb::Pay, 1);
    let sale = desk.charge("18.50");
    desk.pass_ms(1_000);
    desk.press(Key::Digit3);

    desk.pass_ms(10_000);

    assert_eq!(desk.state_of(&sale), State::PaidLate);
    assert_eq!(row(&desk, &sale).message.code, "W-25", "book it or give it back");
    assert!(act(&mut desk, &sale, DeskAct::Book).is_ok());
    assert_eq!(row(&desk, &sale).doing, Doing::Contradicted, "and the odd answer is still to be looked at");
}
