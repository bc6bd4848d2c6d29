//! The ordinary ends of a payment: taken, refused, typed, cancelled, never sent.

use guitai_app::view::{CounterView, Key};
use guitai_db::SaleState;
use guitai_domain::payment::{Closing, Reason, State};
use guitai_sandbox::{Behaviour, Fault, PasswordAnswer, Refusal, TRAINEE, Verb};
use guitai_tests::TestRegister;

use crate::support::{books_agree, declined_for, is_completed, screen, times_in};

#[test]
fn a_scanned_code_is_charged_and_the_receipt_is_there_at_once() {
    let mut desk = TestRegister::open();

    let sale = desk.charge("128.50");
    assert_eq!(screen(&desk), "charging", "the request is on its way");
    desk.pass_ms(500);

    let CounterView::Captured { due, receipt_no, change, .. } = desk.counter() else {
        panic!("{:?}", desk.counter())
    };
    assert_eq!((due.as_str(), change), ("128.50", None));
    assert_eq!(Some(receipt_no), desk.sale(&sale).receipt_no);
    assert_eq!(desk.state_of(&sale), State::Captured);
    let payment = desk.payments(&sale).remove(0);
    assert!(payment.provider_ref.is_some(), "the provider's own number is on the receipt");
    assert_eq!(desk.count_sent(Verb::Pay), 1);
    assert_eq!(desk.count_sent(Verb::Query), 0, "a proven word needs no second question");
    books_agree(&mut desk);
}

#[test]
fn what_the_provider_refuses_is_declined_after_two_answers_that_agree() {
    let cases = [
        (Refusal::NotEnough, Reason::NotEnough),
        (Refusal::CodeExpired, Reason::CodeExpired),
        (Refusal::CodeUsed, Reason::CodeInvalid),
        (Refusal::CodeInvalid, Reason::CodeInvalid),
        // APIv3 has no word of its own for it.
        (Refusal::CardNotSupported, Reason::RefusedByProvider),
        (Refusal::Risk, Reason::RefusedByProvider),
    ];
    for (refusal, reason) in cases {
        let mut desk = TestRegister::open();
        desk.world.set_behaviour(TRAINEE, Behaviour::Refuse(refusal));

        let sale = desk.charge("12");
        desk.pass_ms(200);
        assert_eq!(
            screen(&desk),
            "charging",
            "{refusal:?}: an unsigned refusal alone is not told to anybody"
        );
        desk.pass_ms(2_000);

        assert_eq!(screen(&desk), "declined", "{refusal:?}");
        let found = declined_for(desk.state_of(&sale));
        let by_state = desk.count_sent(Verb::Query) == 1;
        assert!(by_state, "{refusal:?} was asked about once");
        assert_eq!(found, Some(reason), "{refusal:?}: the reason is the one the cashier can act on");
        assert_eq!(desk.sale(&sale).state, SaleState::Open, "the customer may try another way");
        books_agree(&mut desk);
    }
}

#[test]
fn the_cashier_is_told_why_the_wallet_refused() {
    let cases = [
        (Refusal::NotEnough, "W-12"),
        (Refusal::CodeExpired, "W-10"),
        (Refusal::CodeUsed, "W-11"),
        (Refusal::CardNotSupported, "W-15"),
        (Refusal::Risk, "W-15"),
    ];
    for (refusal, code) in cases {
        let mut desk = TestRegister::open();
        desk.world.set_behaviour(TRAINEE, Behaviour::Refuse(refusal));
        desk.charge("12");
        desk.pass_ms(2_000);

        let CounterView::Declined { message, .. } = desk.counter() else {
            panic!("{refusal:?}: {:?}", desk.counter())
        };

        assert_eq!(message.code, code, "{refusal:?}");
    }
}

#[test]
fn a_declined_payment_is_closed_with_the_provider_while_the_next_code_is_charged() {
    let mut desk = TestRegister::open();
    desk.world.set_behaviour(TRAINEE, Behaviour::Refuse(Refusal::NotEnough));
    let sale = desk.charge("30");
    desk.pass_ms(2_000);
    desk.world.set_behaviour(TRAINEE, Behaviour::Pay);

    desk.scan_phone();
    desk.pass_ms(500);

    assert!(is_completed(&desk, &sale), "another card, the same sale");
    let states: Vec<State> = desk.payments(&sale).iter().map(|payment| payment.state).collect();
    assert!(
        matches!(states[0], State::Declined { closing: Closing::Asked | Closing::Vouched, .. }),
        "still to be closed: {states:?}"
    );
    desk.run_until_idle();
    let first = desk.payments(&sale).remove(0).state;
    assert!(
        matches!(first, State::Declined { closing: Closing::Done, .. }),
        "the provider has closed it: {first:?}"
    );
    assert!(desk.count_sent(Verb::Reverse) >= 1);
    let reverse = desk.sent.iter().find(|sent| sent.verb == Verb::Reverse).expect("a reversal");
    assert!(reverse.at_ms - desk.sent[0].at_ms >= 15_000, "not before the provider allows it");
    books_agree(&mut desk);
}

#[test]
fn the_right_password_ends_in_a_receipt() {
    let mut desk = TestRegister::open();
    desk.world.set_behaviour(TRAINEE, Behaviour::AskPassword);
    let sale = desk.charge("50");
    desk.pass_ms(500);
    assert_eq!(screen(&desk), "awaiting payer");

    desk.pass_ms(8_000);
    desk.answer_password(PasswordAnswer::Right);
    desk.pass_ms(5_000);

    assert_eq!(screen(&desk), "captured");
    assert_eq!(times_in(&desk, &sale, "awaiting_payer"), 1);
    books_agree(&mut desk);
}

#[test]
fn a_wrong_password_keeps_waiting_and_a_cancelled_one_is_a_decline() {
    let mut desk = TestRegister::open();
    desk.world.set_behaviour(TRAINEE, Behaviour::AskPassword);
    let sale = desk.charge("50");
    desk.pass_ms(3_000);
    desk.answer_password(PasswordAnswer::Wrong);
    desk.pass_ms(5_000);
    assert_eq!(screen(&desk), "awaiting payer", "the prompt stays");

    desk.answer_password(PasswordAnswer::Cancel);
    desk.pass_ms(6_000);

    assert_eq!(screen(&desk), "declined");
    assert_eq!(declined_for(desk.state_of(&sale)), Some(Reason::PayerCancelled));
    books_agree(&mut desk);
    assert_eq!(desk.sale(&sale).state, SaleState::Open);
}

#[test]
fn a_customer_who_never_types_is_waited_for_politely_and_then_the_payment_is_closed() {
    let mut desk = TestRegister::open();
    desk.world.set_behaviour(TRAINEE, Behaviour::AskPassword);
    let sale = desk.charge("50");
    desk.pass_ms(44_000);
    assert_eq!(screen(&desk), "awaiting payer", "45 seconds are the customer's");
    let CounterView::AwaitingPayer { remaining_ms, .. } = desk.counter() else { unreachable!() };
    assert!((900..=1_000).contains(&remaining_ms), "{remaining_ms} ms are left on the screen");

    desk.run_until_idle();

    assert!(!is_completed(&desk, &sale));
    assert!(matches!(desk.state_of(&sale), State::Declined { closing: Closing::Done, .. } | State::Reversed));
    books_agree(&mut desk);
}

#[test]
fn the_password_typed_in_the_last_moment_is_never_lost() {
    for at in [38_000, 41_000, 43_000, 44_000, 44_500, 44_900, 44_999, 45_000, 45_100, 46_000] {
        let mut desk = TestRegister::open();
        desk.world.set_behaviour(TRAINEE, Behaviour::AskPassword);
        let sale = desk.charge("50");
        desk.pass_ms(at);
        desk.answer_password(PasswordAnswer::Right);

        desk.run_until_idle();

        let end = desk.state_of(&sale);
        assert!(end.is_final(), "typed after {at} ms: {end:?}");
        books_agree(&mut desk);
    }
}

#[test]
fn without_a_network_nothing_is_sent_and_cash_is_taken_until_it_comes_back_by_itself() {
    let mut desk = TestRegister::open();
    desk.world.set_network_down(true);
    let sale = desk.charge("18.50");
    desk.pass_ms(500);
    assert_eq!(desk.state_of(&sale), State::NotSent, "no byte left the till");
    assert!(!desk.view().online);
    let CounterView::Declined { message, .. } = desk.counter() else { panic!("{:?}", desk.counter()) };
    assert_eq!(message.code, "O-02");

    desk.scan_phone();
    assert_eq!(desk.notice(), "O-01", "no second try into the void");
    assert_eq!(desk.count_sent(Verb::Pay), 1);
    desk.press(Key::Cash);
    desk.press(Key::Enter);
    assert!(is_completed(&desk, &sale), "cash always works");

    desk.pass_ms(20_000);
    assert!(!desk.view().online);
    desk.world.set_network_down(false);
    desk.pass_ms(6_000);
    assert!(desk.view().online, "nobody had to press anything");
    let next = desk.charge("5");
    desk.pass_ms(500);
    assert!(is_completed(&desk, &next));
    books_agree(&mut desk);
}

#[test]
fn a_code_that_never_left_may_be_scanned_again() {
    let mut desk = TestRegister::open();
    desk.inject(Fault::Unreachable, Verb::Pay, 1);
    let sale = desk.arm("18.50");
    let code = desk.scan_phone();
    desk.pass_ms(6_000);
    assert_eq!(desk.state_of(&sale), State::NotSent);

    desk.scan(&code);
    desk.pass_ms(500);

    assert!(is_completed(&desk, &sale), "the code is unused and the line is back");
    books_agree(&mut desk);
}

#[test]
fn the_display_shows_the_customer_each_state_and_rests_after_eight_seconds() {
    use guitai_app::view::DisplayState;

    let mut desk = TestRegister::open();
    let state = |desk: &TestRegister| desk.display().state;
    assert_eq!(state(&desk), DisplayState::Idle);
    desk.type_amount("18.5");
    assert_eq!(state(&desk), DisplayState::Entering);
    desk.press(Key::Enter);
    assert_eq!((state(&desk), desk.display().amount.as_deref()), (DisplayState::Armed, Some("18.50")));
    desk.world.set_behaviour(TRAINEE, Behaviour::AskPassword);
    desk.scan_phone();
    assert_eq!(state(&desk), DisplayState::Charging);
    desk.pass_ms(500);
    assert_eq!(state(&desk), DisplayState::AwaitingPayer);
    desk.answer_password(PasswordAnswer::Right);
    desk.pass_ms(5_000);
    assert_eq!((state(&desk), desk.display().amount.as_deref()), (DisplayState::Captured, Some("18.50")));
    desk.pass_ms(8_000);
    assert_eq!((state(&desk), desk.display().amount), (DisplayState::Idle, None), "the shop's name again");
    assert_eq!(screen(&desk), "captured", "the cashier's screen stays until the next key");

    desk.press(Key::Enter);
    desk.world.set_behaviour(TRAINEE, Behaviour::Refuse(Refusal::NotEnough));
    desk.charge("7");
    desk.pass_ms(2_000);
    assert_eq!(state(&desk), DisplayState::Declined);
    desk.press(Key::Cash);
    desk.type_amount("10");
    assert_eq!((state(&desk), desk.display().change.as_deref()), (DisplayState::Cash, Some("3.00")));
    desk.press(Key::Enter);
    assert_eq!((state(&desk), desk.display().change.as_deref()), (DisplayState::Captured, Some("3.00")));

    desk.press(Key::Enter);
    desk.world.set_behaviour(TRAINEE, Behaviour::Pay);
    desk.inject(Fault::DropRequest, Verb::Pay, 1);
    desk.charge("9");
    desk.pass_ms(1_000);
    assert_eq!(state(&desk), DisplayState::InDoubt, "please do not pay again");
    desk.run_until_idle();
    assert_eq!(state(&desk), DisplayState::Reversed);
}

#[test]
fn a_restart_shows_what_was_on_the_counter() {
    let mut desk = TestRegister::open();
    desk.arm("18.50");
    desk.restart();
    assert_eq!(screen(&desk), "armed", "an amount that stood still stands");

    desk.world.set_behaviour(TRAINEE, Behaviour::AskPassword);
    desk.scan_phone();
    desk.pass_ms(500);
    desk.restart();
    assert!(matches!(screen(&desk), "awaiting payer" | "in doubt"), "{}", screen(&desk));
    desk.answer_password(PasswordAnswer::Right);
    desk.pass_ms(6_000);
    assert_eq!(screen(&desk), "captured", "taken up and brought to its end");
    books_agree(&mut desk);
}
