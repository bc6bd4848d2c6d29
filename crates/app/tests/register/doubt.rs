//! When the result is not known: it is asked for, then taken back, and nobody pays twice.

use guitai_app::view::{CounterView, DeskAct, Doing, Key};
use guitai_db::SaleState;
use guitai_domain::payment::{Closing, State};
use guitai_sandbox::{Behaviour, Fault, Refusal, TRAINEE, Verb};
use guitai_tests::TestRegister;

use crate::support::{act, books_agree, is_completed, screen, times_in};

#[test]
fn a_lost_answer_leaves_the_payment_in_doubt_and_the_query_finds_the_money() {
    let mut desk = TestRegister::open();
    desk.inject(Fault::DropAnswer, Verb::Pay, 1);

    let sale = desk.charge("18.50");
    desk.pass_ms(1_000);
    assert_eq!(desk.state_of(&sale), State::InDoubt { refusal: None }, "silence is not a decline");
    assert!(matches!(desk.counter(), CounterView::InDoubt { doing: Doing::Querying, .. }));
    desk.pass_ms(5_000);

    assert_eq!(desk.state_of(&sale), State::Captured);
    assert!(is_completed(&desk, &sale));
    books_agree(&mut desk);
    assert_eq!(desk.count_sent(Verb::Pay), 1, "money is asked for once");
    assert_eq!(desk.count_sent(Verb::Reverse), 0);
}

#[test]
fn a_lost_request_is_asked_about_to_the_end_of_the_window_and_then_taken_back() {
    let mut desk = TestRegister::open();
    desk.inject(Fault::DropRequest, Verb::Pay, 1);

    let sale = desk.charge("18.50");
    desk.pass_ms(44_000);
    assert_eq!(desk.state_of(&sale), State::InDoubt { refusal: None }, "the charge may still be on its way");
    assert_eq!(desk.count_sent(Verb::Reverse), 0);
    desk.pass_ms(3_000);

    assert_eq!(desk.state_of(&sale), State::Reversed);
    assert_eq!(screen(&desk), "reversed");
    assert_eq!(desk.sale(&sale).state, SaleState::Open, "the next code may be scanned for it");
    // The old code is not taken again; the phone shows a new one after its minute.
    desk.pass_ms(15_000);
    desk.scan_phone();
    desk.pass_ms(500);
    assert!(is_completed(&desk, &sale));
    books_agree(&mut desk);
}

#[test]
fn a_charge_that_sticks_in_the_network_is_captured_or_taken_back_but_never_both() {
    for late in (500..70_000).step_by(1_500) {
        let mut desk = TestRegister::open();
        desk.delay_next_charge(late);

        let sale = desk.charge("18.50");
        desk.run_until_idle();
        desk.pass_ms(100_000);

        let end = desk.state_of(&sale);
        assert!(end == State::Captured || end == State::Reversed, "{late} ms late: {end:?}");
        assert!(late >= 40_000 || end == State::Captured, "{late} ms late: its money was there to be found");
        books_agree(&mut desk);
    }
}

#[test]
fn an_error_answer_although_the_money_moved_ends_captured() {
    let mut desk = TestRegister::open();
    desk.inject(Fault::ErrorButCharged, Verb::Pay, 1);

    let sale = desk.charge("18.50");
    desk.pass_ms(2_000);

    assert_eq!(desk.state_of(&sale), State::Captured, "protocol 2.6: an error is no proof");
    assert_eq!(times_in(&desk, &sale, "declined"), 0, "nobody was told otherwise in between");
    books_agree(&mut desk);
}

#[test]
fn an_error_answer_although_the_money_moved_and_no_query_at_once_still_ends_captured() {
    for fault in [Fault::DropAnswer, Fault::Status { code: 500, retry_after_s: None }, Fault::Forge] {
        let mut desk = TestRegister::open();
        desk.inject(Fault::ErrorButCharged, Verb::Pay, 1);
        desk.inject(fault, Verb::Query, 3);

        let sale = desk.charge("18.50");
        desk.run_until_idle();

        assert_eq!(desk.state_of(&sale), State::Captured, "{fault:?}");
        books_agree(&mut desk);
    }
}

#[test]
fn a_bank_in_trouble_is_no_decline_and_the_payment_is_closed_in_the_end() {
    for refusal in [Refusal::BankError, Refusal::SystemError] {
        let mut desk = TestRegister::open();
        desk.world.set_behaviour(TRAINEE, Behaviour::Refuse(refusal));

        let sale = desk.charge("18.50");
        desk.pass_ms(10_000);
        assert_eq!(screen(&desk), "in doubt", "{refusal:?}");

        desk.run_until_idle();
        assert!(matches!(desk.state_of(&sale), State::Reversed | State::Declined { .. }), "{refusal:?}");
        books_agree(&mut desk);
    }
}

#[test]
fn an_outage_after_the_charge_ends_with_the_money_found_not_taken_back() {
    let mut desk = TestRegister::open();
    desk.inject(Fault::DropAnswer, Verb::Pay, 1);
    let sale = desk.charge("18.50");
    desk.pass_ms(500);
    desk.world.set_network_down(true);
    desk.pass_ms(3 * 3_600_000);
    assert_eq!(screen(&desk), "in doubt");
    assert!(!desk.state_of(&sale).is_final());

    desk.world.set_network_down(false);
    desk.run_until_idle();

    assert_eq!(desk.state_of(&sale), State::Captured);
    assert_eq!(desk.count_sent(Verb::Reverse), 0, "what may be paid is asked about before it is taken back");
    books_agree(&mut desk);
}

#[test]
fn a_long_outage_does_not_end_in_a_storm_of_questions() {
    let mut desk = TestRegister::open();
    desk.inject(Fault::DropAnswer, Verb::Pay, 1);
    desk.charge("18.50");
    desk.pass_ms(500);
    desk.world.set_network_down(true);

    desk.pass_ms(24 * 3_600_000);

    let queries = desk.count_sent(Verb::Query);
    assert!(queries < 400, "{queries} questions in a day without a line");
    let mut at: Vec<i64> = desk.sent.iter().filter(|s| s.verb == Verb::Query).map(|s| s.at_ms).collect();
    at.dedup();
    assert_eq!(at.len(), queries, "never two at a time");
}

#[test]
fn taking_back_too_early_is_refused_and_says_when_it_is_possible() {
    let mut desk = TestRegister::open();
    desk.inject(Fault::DropRequest, Verb::Pay, 1);
    let sale = desk.charge("18.50");
    desk.pass_ms(9_500);

    desk.press(Key::Digit2);

    assert_eq!(desk.notice(), "W-03");
    let message = desk.view().notice.expect("a notice").message;
    assert!(message.en.contains("8 s"), "{}", message.en);
    assert_eq!(desk.state_of(&sale), State::InDoubt { refusal: None });
    assert_eq!(desk.count_sent(Verb::Reverse), 0);
}

#[test]
fn taking_back_at_the_first_moment_is_not_too_early_for_a_charge_that_was_on_its_way() {
    for late in [0, 120, 900, 1_900] {
        let mut desk = TestRegister::open();
        desk.world.set_behaviour(TRAINEE, Behaviour::Refuse(Refusal::BankError));
        desk.delay_next_charge(late);
        let sale = desk.charge("18.50");
        while !matches!(desk.counter(), CounterView::InDoubt { reverse_in_ms: Some(0), .. }) {
            desk.pass_ms(10);
        }

        desk.press(Key::Digit2);
        desk.press(Key::Enter);
        desk.pass_ms(2_000);

        assert_eq!(desk.state_of(&sale), State::Reversed, "{late} ms on its way");
        assert_eq!(desk.count_sent(Verb::Reverse), 1, "{late} ms on its way: not refused as too early");
    }
}

#[test]
fn taking_back_in_time_asks_first_and_then_takes_back() {
    let mut desk = TestRegister::open();
    desk.inject(Fault::DropRequest, Verb::Pay, 1);
    let sale = desk.charge("18.50");
    desk.pass_ms(18_000);

    desk.press(Key::Digit2);
    assert!(
        matches!(desk.counter(), CounterView::InDoubt { confirming: true, .. }),
        "Enter says it is meant"
    );
    assert_eq!(desk.state_of(&sale), State::InDoubt { refusal: None }, "a scanner sends a 2 as well");
    desk.press(Key::Enter);
    desk.pass_ms(2_000);

    assert_eq!(desk.state_of(&sale), State::Reversed);
    assert_eq!(screen(&desk), "reversed");
    books_agree(&mut desk);
}

#[test]
fn late_money_that_goes_back_is_not_gone_because_a_replica_forgets_it() {
    let mut desk = TestRegister::open();
    desk.inject(Fault::SilentAnswer, Verb::Pay, 1);
    let sale = desk.charge("18.50");
    // The call ends, and the payment is set aside; then the provider turns out to have the money.
    desk.pass_ms(14_900);
    desk.world.set_network_down(true);
    desk.pass_ms(1_000);
    desk.press(Key::Digit3);
    desk.world.set_network_down(false);
    desk.pass_ms(120_000);
    assert_eq!(desk.state_of(&sale), State::PaidLate);
    let payment = desk.payments(&sale).remove(0).id.to_string();
    desk.inject(Fault::HollowReverse, Verb::Reverse, 1);
    desk.inject(Fault::NotKnownYet, Verb::Query, 1);

    let now = desk.now();
    desk.register_mut().act(&payment, DeskAct::GiveBack, now).expect("offered");
    desk.settle();
    desk.pass_ms(2_000);

    assert!(matches!(desk.state_of(&sale), State::Reversing { .. }), "{:?}", desk.state_of(&sale));
    books_agree(&mut desk);
    assert_eq!(desk.state_of(&sale), State::Reversed, "in the end it is really taken back");
}

#[test]
fn what_the_provider_has_proven_to_know_is_known_after_a_restart_too() {
    let mut desk = TestRegister::open();
    desk.world.set_behaviour(TRAINEE, Behaviour::AskPassword);
    let sale = desk.charge("50");
    desk.pass_ms(6_000);
    assert_eq!(desk.state_of(&sale), State::AwaitingPayer);

    desk.inject(Fault::NotKnownYet, Verb::Any, 100);
    desk.restart_after(1_000);
    desk.pass_ms(120_000);

    assert!(!desk.state_of(&sale).is_final(), "{:?}", desk.state_of(&sale));
    desk.world.clear_faults();
    desk.run_until_idle();
    assert_eq!(desk.state_of(&sale), State::Reversed);
    books_agree(&mut desk);
}

#[test]
fn a_question_is_gone_when_the_till_has_begun_to_take_back_by_itself() {
    let mut desk = TestRegister::open();
    desk.inject(Fault::DropRequest, Verb::Pay, 1);
    desk.inject(Fault::DropAnswer, Verb::Reverse, 1);
    desk.charge("18.50");
    desk.pass_ms(44_000);
    desk.press(Key::Digit2);

    desk.pass_ms(2_000);

    assert!(
        matches!(desk.counter(), CounterView::InDoubt { doing: Doing::Reversing, confirming: false, .. }),
        "nothing is left to confirm: {:?}",
        desk.counter()
    );
    desk.press(Key::Digit3);
    assert_eq!(screen(&desk), "idle", "the queue goes on");
    books_agree(&mut desk);
}

#[test]
fn taking_back_what_has_just_been_paid_finds_the_money_and_keeps_it() {
    let mut desk = TestRegister::open();
    desk.inject(Fault::DropAnswer, Verb::Pay, 1);
    desk.inject(Fault::DropAnswer, Verb::Query, 3);
    let sale = desk.charge("18.50");
    desk.pass_ms(18_000);
    assert_eq!(screen(&desk), "in doubt");

    desk.press(Key::Digit2);
    desk.pass_ms(6_000);

    assert_eq!(desk.state_of(&sale), State::Captured, "the customer has paid and gets the goods");
    assert_eq!(desk.count_sent(Verb::Reverse), 0);
    books_agree(&mut desk);
}

#[test]
fn an_accepted_reversal_is_no_proof_and_a_lost_one_is_repeated() {
    let mut desk = TestRegister::open();
    desk.world.set_behaviour(TRAINEE, Behaviour::Refuse(Refusal::BankError));
    desk.inject(Fault::DropRequest, Verb::Reverse, 2);
    let sale = desk.charge("18.50");
    desk.pass_ms(50_000);
    assert!(matches!(desk.state_of(&sale), State::Reversing { asked: true, .. }));
    assert!(matches!(desk.counter(), CounterView::InDoubt { doing: Doing::Reversing, .. }));

    desk.run_until_idle();

    assert_eq!(desk.state_of(&sale), State::Reversed);
    assert_eq!(desk.count_sent(Verb::Reverse), 3);
    let last = desk.sent.last().expect("calls").verb;
    assert_eq!(last, Verb::Query, "a query said so");
    books_agree(&mut desk);
}

#[test]
fn the_next_customer_is_served_while_the_last_payment_is_set_aside() {
    let mut desk = TestRegister::open();
    desk.inject(Fault::DropAnswer, Verb::Pay, 1);
    desk.inject(Fault::DropAnswer, Verb::Query, 4);
    let parked = desk.charge("18.50");
    desk.pass_ms(2_000);
    desk.press(Key::Digit3);
    assert_eq!(screen(&desk), "idle");
    assert_eq!(desk.view().in_doubt, 1, "it is not forgotten");

    let next = desk.charge("4");
    desk.pass_ms(500);
    assert!(is_completed(&desk, &next));
    assert!(!is_completed(&desk, &parked));
    desk.press(Key::Enter);

    desk.pass_ms(40_000);
    assert_eq!(desk.state_of(&parked), State::PaidLate, "its money was found, and nobody keeps it quietly");
    assert!(!is_completed(&desk, &parked));
    assert_eq!(desk.notice(), "W-01", "the cashier is told");
    assert_eq!(desk.view().in_doubt, 1);
    assert_eq!(screen(&desk), "idle", "nobody's screen was taken away");

    act(&mut desk, &parked, DeskAct::Book).expect("it is booked");
    assert!(is_completed(&desk, &parked));
    assert_eq!(desk.view().in_doubt, 0);
    books_agree(&mut desk);
}

#[test]
fn the_customer_whose_payment_was_set_aside_is_told_not_to_pay_again() {
    use guitai_app::view::DisplayState;

    let mut desk = TestRegister::open();
    desk.inject(Fault::DropAnswer, Verb::Pay, 1);
    desk.inject(Fault::DropAnswer, Verb::Query, 4);
    desk.charge("18.50");
    desk.pass_ms(2_000);
    let shown = |desk: &TestRegister| (desk.display().state, desk.display().amount);
    assert_eq!(shown(&desk), (DisplayState::InDoubt, Some("18.50".to_owned())));

    desk.press(Key::Digit3);
    assert_eq!(shown(&desk), (DisplayState::InDoubt, Some("18.50".to_owned())), "still standing there");
    desk.type_amount("4");
    assert_eq!(shown(&desk).0, DisplayState::Entering, "the next customer's amount goes first");
    desk.press(Key::Clear);
    desk.pass_ms(8_000);
    assert_eq!(shown(&desk), (DisplayState::Idle, None));
}

#[test]
fn a_set_aside_payment_that_is_taken_back_voids_its_sale_and_says_so() {
    let mut desk = TestRegister::open();
    desk.inject(Fault::DropRequest, Verb::Pay, 1);
    let parked = desk.charge("18.50");
    desk.pass_ms(2_000);
    desk.press(Key::Digit3);
    desk.type_amount("3");

    desk.pass_ms(60_000);

    assert_eq!(desk.state_of(&parked), State::Reversed);
    assert_eq!(desk.sale(&parked).state, SaleState::Voided);
    assert_eq!(desk.notice(), "W-02");
    assert_eq!(screen(&desk), "entering", "what was being typed is still there");
    books_agree(&mut desk);
}

#[test]
fn a_restart_in_every_state_ends_with_the_same_books() {
    type Case = (&'static str, &'static [(Fault, Verb, u32)], i64);
    let cases: [Case; 6] = [
        ("sent", &[(Fault::HalfOpen, Verb::Pay, 1)], 100),
        ("sent and paid", &[(Fault::SilentAnswer, Verb::Pay, 1)], 100),
        ("in doubt", &[(Fault::DropRequest, Verb::Pay, 1)], 20_000),
        (
            "in doubt and paid",
            &[(Fault::DropAnswer, Verb::Pay, 1), (Fault::DropAnswer, Verb::Query, 3)],
            7_000,
        ),
        ("reversing", &[(Fault::DropRequest, Verb::Pay, 1), (Fault::DropRequest, Verb::Reverse, 1)], 46_000),
        (
            "reversed unheard",
            &[(Fault::DropRequest, Verb::Pay, 1), (Fault::DropAnswer, Verb::Reverse, 1)],
            46_000,
        ),
    ];
    for (name, faults, after) in cases {
        for off in [0, 3_000, 60_000, 3_600_000, 6 * 24 * 3_600_000] {
            let mut desk = TestRegister::open();
            for (fault, verb, times) in faults {
                desk.inject(*fault, *verb, *times);
            }
            let sale = desk.charge("18.50");
            desk.pass_ms(after);

            desk.restart_after(off);
            assert_ne!(screen(&desk), "idle", "{name}: the till remembers");
            desk.run_until_idle();

            assert!(desk.state_of(&sale).is_final(), "{name}, off for {off} ms: {:?}", desk.state_of(&sale));
            assert_eq!(desk.count_sent(Verb::Pay), 1, "{name}: a code is never sent again");
            books_agree(&mut desk);
        }
    }
}

#[test]
fn a_restart_after_the_reversal_window_leaves_it_to_a_manager_or_to_the_providers_word() {
    let mut desk = TestRegister::open();
    desk.inject(Fault::DropAnswer, Verb::Pay, 1);
    let sale = desk.charge("18.50");
    desk.pass_ms(1_000);
    desk.world.set_network_down(true);

    desk.restart_after(8 * 24 * 3_600_000);
    desk.pass_ms(3_600_000);
    assert!(!desk.state_of(&sale).is_final(), "a clock alone does not end the provider's time");
    assert!(matches!(desk.counter(), CounterView::InDoubt { doing: Doing::WaitingForLine, .. }));
    let row = desk.register().desk(desk.now()).expect("readable").rows.pop().expect("on the desk");
    let settle = row.acts.iter().find(|act| act.act == DeskAct::SettlePaid).expect("an act");
    assert!(settle.enabled, "a manager may, after so long: {settle:?}");

    desk.world.set_network_down(false);
    desk.pass_ms(2 * 3_600_000);
    assert_eq!(desk.state_of(&sale), State::Captured, "the provider's word still counts");
    books_agree(&mut desk);
}

#[test]
fn too_many_requests_are_slowed_down_as_the_provider_asks() {
    let mut desk = TestRegister::open();
    desk.inject(Fault::DropAnswer, Verb::Pay, 1);
    desk.inject(Fault::Status { code: 429, retry_after_s: Some(30) }, Verb::Query, 1);
    let sale = desk.charge("18.50");
    desk.pass_ms(6_000);
    let asked = desk.count_sent(Verb::Query);

    desk.pass_ms(28_000);
    assert_eq!(desk.count_sent(Verb::Query), asked, "not within the 30 seconds it asked for");
    desk.pass_ms(4_000);

    assert_eq!(desk.state_of(&sale), State::Captured);
    books_agree(&mut desk);
}

#[test]
fn a_charge_refused_for_too_many_requests_is_no_refusal_of_the_payment() {
    let mut desk = TestRegister::open();
    desk.inject(Fault::Status { code: 429, retry_after_s: Some(2) }, Verb::Pay, 1);

    let sale = desk.charge("18.50");
    desk.pass_ms(1_000);
    assert!(!desk.state_of(&sale).is_final());
    desk.pass_ms(40_000);
    assert!(!desk.state_of(&sale).is_final(), "nobody has proven anything");
    desk.run_until_idle();

    assert_eq!(desk.state_of(&sale), State::Reversed);
    books_agree(&mut desk);
}

#[test]
fn two_answers_that_agree_and_are_both_wrong_end_with_the_money_back() {
    let mut desk = TestRegister::open();
    // The money moves, the answer is an error, and the query answers from before.
    desk.inject(Fault::ErrorButCharged, Verb::Pay, 1);
    desk.inject(Fault::StaleAnswer, Verb::Query, 1);

    let sale = desk.charge("18.50");
    desk.pass_ms(2_000);
    assert_eq!(screen(&desk), "declined", "nothing the till has heard says otherwise");
    desk.press(Key::Cash);
    desk.press(Key::Enter);
    desk.run_until_idle();

    assert!(matches!(desk.state_of(&sale), State::Declined { closing: Closing::Done, .. }));
    assert_eq!(desk.sale(&sale).method, Some(guitai_domain::Method::Cash), "paid once, in cash");
    books_agree(&mut desk);
}

#[test]
fn a_call_that_never_ends_at_all_is_given_up_and_its_late_answer_changes_nothing() {
    let mut desk = TestRegister::open();
    let sale = desk.arm("18.50");
    let code = desk.world.payment_code(TRAINEE, desk.true_ms());
    let now = desk.now();
    desk.register_mut().scan(&code, 0, "usb", now);
    let lost = desk.register_mut().take_effects().into_iter().find_map(|effect| match effect {
        guitai_app::Effect::Call { call, .. } => Some(call),
        guitai_app::Effect::Show | guitai_app::Effect::Look => None,
    });

    desk.pass_ms(29_900);
    assert_eq!(screen(&desk), "charging");
    desk.pass_ms(200);
    assert_eq!(screen(&desk), "in doubt");

    let now = desk.now();
    let late = Err(guitai_connectors::WireError::NotConnected);
    desk.register_mut().answered(lost.expect("a call"), late, now);
    assert_eq!(
        desk.state_of(&sale),
        State::InDoubt { refusal: None },
        "it is not this answer's turn any more"
    );
    desk.run_until_idle();
    assert_eq!(desk.state_of(&sale), State::Reversed);
    books_agree(&mut desk);
}
