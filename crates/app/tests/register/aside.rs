//! Payments the cashier goes on without, and takes up again; and what no slip of a finger or of a scanner does to them.

use guitai_app::view::{CounterView, DeskAct, Doing, Key};
use guitai_db::{Fact, SaleState};
use guitai_domain::SaleId;
use guitai_domain::payment::State;
use guitai_sandbox::{Behaviour, Fault, PasswordAnswer, TRAINEE, Verb};
use guitai_tests::{TestRegister, keys_of};

use crate::support::{act, books_agree, is_completed, on_desk, row, screen, times_in};

const HOUR_MS: i64 = 3_600_000;

/// A sale whose answers are lost, on the counter, so many ms after its code was scanned.
pub fn in_doubt(after_ms: i64) -> (TestRegister, SaleId) {
    let mut desk = TestRegister::open();
    desk.inject(Fault::DropAnswer, Verb::Pay, 1);
    desk.inject(Fault::DropAnswer, Verb::Query, 40);
    let sale = desk.charge("18.50");
    desk.pass_ms(after_ms);
    (desk, sale)
}

#[test]
fn what_is_set_aside_survives_a_restart_off_the_counter_and_is_followed_to_its_end() {
    type Case = (&'static str, &'static [(Fault, Verb, u32)], Behaviour, i64);
    let cases: [Case; 4] = [
        ("in doubt, paid", &[(Fault::DropAnswer, Verb::Any, 3)], Behaviour::Pay, 7_000),
        ("in doubt, not paid", &[(Fault::DropRequest, Verb::Pay, 1)], Behaviour::Pay, 7_000),
        ("awaiting the payer", &[], Behaviour::AskPassword, 2_000),
        (
            "reversing",
            &[(Fault::DropRequest, Verb::Pay, 1), (Fault::DropRequest, Verb::Reverse, 2)],
            Behaviour::Pay,
            50_000,
        ),
    ];
    for (name, faults, behaviour, after) in cases {
        for off in [0, 30_000, 3 * HOUR_MS] {
            let mut desk = TestRegister::open();
            desk.world.set_behaviour(TRAINEE, behaviour);
            for (fault, verb, times) in faults {
                desk.inject(*fault, *verb, *times);
            }
            let sale = desk.charge("18.50");
            desk.pass_ms(after);
            desk.press(Key::Digit3);

            desk.restart_after(off);

            assert_eq!(screen(&desk), "idle", "{name}: nobody waits for it");
            assert_eq!(on_desk(&desk), [sale.as_str()], "{name}: it is not forgotten");
            assert_eq!(desk.view().in_doubt, 1, "{name}");
            desk.run_until_idle();
            if desk.state_of(&sale) == State::PaidLate {
                act(&mut desk, &sale, DeskAct::Book).expect("somebody books it");
            }
            assert!(desk.state_of(&sale).is_final(), "{name}, off for {off} ms");
            assert_ne!(desk.sale(&sale).state, SaleState::Open, "{name}: no sale is left behind");
            assert!(on_desk(&desk).is_empty() && desk.view().in_doubt == 0, "{name}");
            assert_eq!(desk.count_sent(Verb::Pay), 1, "{name}");
            books_agree(&mut desk);
        }
    }
}

#[test]
fn what_is_taken_up_again_completes_its_sale_at_once_when_the_money_is_found() {
    let (mut desk, sale) = in_doubt(2_000);
    desk.press(Key::Digit3);
    desk.type_amount("5");
    let busy = act(&mut desk, &sale, DeskAct::TakeUp).expect_err("another sale is on the counter");
    assert_eq!(busy.code, "W-09");
    desk.press(Key::Clear);

    act(&mut desk, &sale, DeskAct::TakeUp).expect("the counter is free");
    assert_eq!(screen(&desk), "in doubt", "the cashier waits for it again");
    desk.world.clear_faults();
    desk.pass_ms(6_000);

    assert_eq!(desk.state_of(&sale), State::Captured, "not late: somebody waited");
    assert_eq!(screen(&desk), "captured");
    assert!(is_completed(&desk, &sale));
    assert_eq!(times_in(&desk, &sale, "paid_late"), 0);
    books_agree(&mut desk);
}

#[test]
fn a_scan_whose_first_digit_was_a_3_brings_back_the_payment_it_had_set_aside() {
    let (mut desk, sale) = in_doubt(2_000);
    desk.press(Key::Digit3);
    assert_eq!(screen(&desk), "idle");
    assert!(desk.payments(&sale)[0].set_aside);

    desk.scan_with_undo("3012345678901234", 1);

    assert_eq!(screen(&desk), "in doubt", "no key of a scanner sends a customer's payment away");
    assert!(!desk.payments(&sale)[0].set_aside);
    assert!(matches!(desk.facts(&sale).last(), Some(Fact::PaymentTakenUp { .. })));
    desk.world.clear_faults();
    desk.pass_ms(6_000);
    assert_eq!(desk.state_of(&sale), State::Captured, "its money is not late");
    books_agree(&mut desk);
}

#[test]
fn no_part_of_a_scan_takes_a_payment_back() {
    // Whatever the window lets through as keys: nothing, the first digit, or all of it, with and without the taking back.
    for (keys, rest, undo) in [
        ("2", "281234567890123456", 1),
        ("2", "81234567890123456", 0),
        ("28", "281234567890123456", 2),
        ("2", "", 0),
        ("22", "1234", 0),
    ] {
        let (mut desk, sale) = in_doubt(18_000);
        for key in keys_of(keys) {
            desk.press(key);
        }
        desk.scan_with_undo(rest, undo);
        assert!(
            matches!(desk.counter(), CounterView::InDoubt { confirming: false, .. }),
            "{keys} and {rest}: nobody has asked for anything"
        );
        desk.press(Key::Enter);
        desk.pass_ms(1_000);

        assert_eq!(desk.state_of(&sale), State::InDoubt { refusal: None }, "{keys} and {rest}");
        assert_eq!(desk.count_sent(Verb::Reverse), 0);
    }
}

#[test]
fn key_2_takes_back_only_when_enter_says_so_and_any_other_key_says_no() {
    for key in [Key::Escape, Key::Digit1, Key::Digit2, Key::Digit3, Key::Cash, Key::Backspace, Key::Clear] {
        let (mut desk, sale) = in_doubt(18_000);
        desk.press(Key::Digit2);
        desk.press(key);
        assert!(matches!(desk.counter(), CounterView::InDoubt { confirming: false, .. }), "{key:?}");
        desk.press(Key::Enter);
        assert_eq!(desk.state_of(&sale), State::InDoubt { refusal: None }, "{key:?} and Enter is no yes");
    }

    let (mut desk, sale) = in_doubt(18_000);
    desk.press(Key::Digit2);
    desk.press(Key::Enter);
    assert!(matches!(desk.state_of(&sale), State::Reversing { .. }));
}

#[test]
fn a_question_that_was_asked_before_the_answer_came_does_not_take_back_what_is_paid() {
    let (mut desk, sale) = in_doubt(18_000);
    desk.press(Key::Digit2);
    desk.world.clear_faults();
    desk.pass_ms(6_000);
    assert_eq!(screen(&desk), "captured");

    desk.press(Key::Enter);
    desk.pass_ms(10_000);

    assert_eq!(desk.state_of(&sale), State::Captured);
    assert_eq!(desk.count_sent(Verb::Reverse), 0);
    books_agree(&mut desk);
}

#[test]
fn a_customer_who_takes_long_to_type_is_set_aside_and_whatever_comes_of_it_agrees_with_the_books() {
    for (answer, paid) in
        [(Some(PasswordAnswer::Right), true), (Some(PasswordAnswer::Cancel), false), (None, false)]
    {
        let mut desk = TestRegister::open();
        desk.world.set_behaviour(TRAINEE, Behaviour::AskPassword);
        let sale = desk.charge("66");
        desk.pass_ms(2_000);
        desk.press(Key::Digit3);
        assert_eq!(screen(&desk), "idle");
        assert_eq!(row(&desk, &sale).doing, Doing::AwaitingPayer);

        if let Some(answer) = answer {
            desk.answer_password(answer);
        }
        desk.run_until_idle();

        match paid {
            true => {
                assert_eq!(desk.state_of(&sale), State::PaidLate);
                act(&mut desk, &sale, DeskAct::Book).expect("booked");
            }
            false => assert_eq!(desk.sale(&sale).state, SaleState::Voided, "{answer:?}"),
        }
        books_agree(&mut desk);
    }
}

#[test]
fn the_customers_time_ends_with_the_window_even_where_nobody_can_be_asked() {
    let mut desk = TestRegister::open();
    desk.world.set_behaviour(TRAINEE, Behaviour::AskPassword);
    let sale = desk.charge("66");
    desk.pass_ms(2_000);
    assert_eq!(screen(&desk), "awaiting payer");
    desk.world.set_network_down(true);

    desk.pass_ms(42_000);
    assert_eq!(screen(&desk), "awaiting payer", "until then the customer may be typing");
    desk.pass_ms(2_000);

    assert!(
        matches!(desk.counter(), CounterView::InDoubt { doing: Doing::WaitingForLine, .. }),
        "{:?}",
        desk.counter()
    );
    desk.answer_password(PasswordAnswer::Right);
    desk.world.set_network_down(false);
    desk.pass_ms(60_000);
    assert!(desk.state_of(&sale).is_final());
    books_agree(&mut desk);
}
