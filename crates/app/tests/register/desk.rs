//! The desk (待确认): what is on it, in which order, and what can be done about each.

use guitai_app::view::{DeskAct, Doing, Key};
use guitai_domain::SaleId;
use guitai_domain::payment::State;
use guitai_sandbox::{Behaviour, Fault, TRAINEE, Verb};
use guitai_tests::TestRegister;

use crate::aside::in_doubt;
use crate::support::{act, acts, books_agree, late, on_desk, row, screen, totals_agree};

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;

#[test]
fn the_desk_lists_the_oldest_first_and_counts_all_but_what_was_just_sent() {
    let mut desk = TestRegister::open();
    let mut set_aside = Vec::new();
    for amount in ["1", "2", "3"] {
        desk.inject(Fault::DropAnswer, Verb::Pay, 1);
        desk.inject(Fault::DropAnswer, Verb::Query, 100);
        desk.inject(Fault::DropRequest, Verb::Reverse, 100);
        set_aside.push(desk.charge(amount).to_string());
        desk.pass_ms(2_000);
        desk.press(Key::Digit3);
        desk.pass_ms(60_000);
    }
    assert_eq!(desk.view().in_doubt, 3);

    desk.inject(Fault::HalfOpen, Verb::Pay, 1);
    let sent = desk.charge("4").to_string();
    desk.pass_ms(1_000);
    assert_eq!(desk.view().in_doubt, 3, "the one on the counter is no news");
    set_aside.push(sent);
    assert_eq!(on_desk(&desk), set_aside);
    let rows = desk.register().desk(desk.now()).expect("readable").rows;
    let amounts: Vec<&str> = rows.iter().map(|row| row.amount.as_str()).collect();
    assert_eq!(amounts, ["1.00", "2.00", "3.00", "4.00"]);
    assert!(rows.is_sorted_by(|one, other| one.elapsed_ms > other.elapsed_ms), "each with its own age");
    desk.pass_ms(20_000);
    assert_eq!(desk.view().in_doubt, 4, "now it is in doubt as well");

    desk.restart();
    assert_eq!(on_desk(&desk), set_aside, "the same order after a restart");
    desk.world.clear_faults();
    desk.run_until_idle();
    assert!(
        on_desk(&desk).is_empty(),
        "taken back, as nothing definite was heard in time; the last was waited for"
    );
    totals_agree(&desk);
}

#[test]
fn each_state_has_its_sensible_act_first_and_what_cannot_be_done_says_why() {
    use DeskAct::*;
    let (desk, sale) = in_doubt(2_000);
    let doubt = row(&desk, &sale);
    assert_eq!(doubt.doing, Doing::Querying);
    assert_eq!(
        acts(&doubt),
        said(&[(AskNow, "+"), (TakeBack, "W-03"), (SettleUnpaid, "W-07"), (SettlePaid, "W-07")])
    );

    let (mut desk, sale) = in_doubt(18_000);
    desk.press(Key::Digit3);
    let wanted =
        said(&[(AskNow, "+"), (TakeBack, "+"), (TakeUp, "+"), (SettleUnpaid, "W-07"), (SettlePaid, "W-07")]);
    assert_eq!(acts(&row(&desk, &sale)), wanted, "late enough to be taken back");
    desk.type_amount("5");
    assert!(!acts(&row(&desk, &sale)).iter().any(|(act, _)| *act == TakeUp), "the counter is busy");

    let (mut desk, sale) = in_doubt(56_000);
    assert_eq!(row(&desk, &sale).doing, Doing::Reversing);
    assert_eq!(
        acts(&row(&desk, &sale)),
        said(&[(AskNow, "+"), (TakeBack, "+"), (SettleUnpaid, "+"), (SettlePaid, "+")]),
        "the reversal was answered, the questions are not"
    );
    desk.world.set_network_down(true);
    desk.pass_ms(20_000);
    let offline = row(&desk, &sale);
    assert_eq!((offline.doing, offline.message.code.as_str()), (Doing::WaitingForLine, "W-23"));
    assert_eq!(acts(&offline)[0], (AskNow, "O-04".to_owned()), "nobody can be asked");

    let mut desk = TestRegister::open();
    desk.world.set_behaviour(TRAINEE, Behaviour::AskPassword);
    let sale = desk.charge("18.50");
    desk.pass_ms(2_000);
    let awaiting = row(&desk, &sale);
    assert_eq!(awaiting.doing, Doing::AwaitingPayer);
    assert_eq!(acts(&awaiting)[..2], said(&[(AskNow, "+"), (TakeBack, "W-03")]));

    let mut desk = TestRegister::open();
    let sale = late(&mut desk, "18.50");
    assert_eq!(acts(&row(&desk, &sale)), said(&[(Book, "+"), (GiveBack, "+"), (AskNow, "+")]));
}

fn said(acts: &[(DeskAct, &str)]) -> Vec<(DeskAct, String)> {
    acts.iter().map(|(act, why)| (*act, (*why).to_owned())).collect()
}

type Situation = (&'static str, fn() -> (TestRegister, SaleId));

/// One payment on the desk in every way there is.
const SITUATIONS: [Situation; 11] = [
    ("sent", || situation(100, &[(Fault::HalfOpen, Verb::Pay, 1)], false)),
    ("in doubt, early", || situation(2_000, LOST, false)),
    ("in doubt", || situation(18_000, LOST, false)),
    ("in doubt, set aside", || situation(18_000, LOST, true)),
    ("reversing", || situation(50_000, LOST, false)),
    ("reversing, set aside", || situation(50_000, LOST, true)),
    ("late", || {
        let mut desk = TestRegister::open();
        let sale = late(&mut desk, "18.50");
        (desk, sale)
    }),
    ("late, too late for a reversal", || {
        let mut desk = TestRegister::open();
        let sale = late(&mut desk, "18.50");
        desk.restart_after(8 * DAY_MS);
        desk.charge("2");
        desk.pass_ms(1_000);
        desk.press(Key::Enter);
        (desk, sale)
    }),
    ("offline", || {
        let (mut desk, sale) = situation(18_000, LOST, true);
        desk.world.set_network_down(true);
        desk.pass_ms(10_000);
        (desk, sale)
    }),
    ("unresolved", unresolved),
    ("contradicted", contradicted),
];
const LOST: &[(Fault, Verb, u32)] =
    &[(Fault::DropAnswer, Verb::Pay, 1), (Fault::DropAnswer, Verb::Query, 40)];
const ACTS: [DeskAct; 9] = [
    DeskAct::AskNow,
    DeskAct::TakeBack,
    DeskAct::TakeUp,
    DeskAct::Book,
    DeskAct::GiveBack,
    DeskAct::Refunded,
    DeskAct::SettlePaid,
    DeskAct::SettleUnpaid,
    DeskAct::Review,
];

#[test]
fn what_the_desk_offers_can_be_done_and_nothing_else_can() {
    let mut wrong = Vec::new();
    for (name, situation) in SITUATIONS {
        for wanted in ACTS {
            let (mut desk, sale) = situation();
            let shown = row(&desk, &sale);
            let offered = shown.acts.iter().any(|act| act.act == wanted && act.enabled);

            let now = desk.now();
            let manager = desk.register_mut().recognise(true, now).expect("a manager");
            let reason = "核对过商户平台";
            let done = desk.register_mut().act_as_manager(&manager, &shown.payment, wanted, reason, now);

            // To take back what is being taken back is no mistake.
            let again =
                wanted == DeskAct::TakeBack && matches!(desk.state_of(&sale), State::Reversing { .. });
            if done.is_ok() != offered && !again {
                wrong.push(format!("{name}, {wanted:?}: {done:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

fn situation(after_ms: i64, faults: &[(Fault, Verb, u32)], set_aside: bool) -> (TestRegister, SaleId) {
    let mut desk = TestRegister::open();
    for (fault, verb, times) in faults {
        desk.inject(*fault, *verb, *times);
    }
    let sale = desk.charge("18.50");
    desk.pass_ms(after_ms);
    if set_aside {
        desk.press(Key::Digit3);
        assert_eq!(screen(&desk), "idle");
    }
    (desk, sale)
}

/// Nobody answered about it for eight days.
fn unresolved() -> (TestRegister, SaleId) {
    let mut desk = TestRegister::open();
    desk.inject(Fault::DropAnswer, Verb::Pay, 1);
    desk.inject(Fault::Status { code: 500, retry_after_s: None }, Verb::Query, 4_000);
    let sale = desk.charge("18.50");
    desk.pass_ms(1_000);
    desk.press(Key::Digit3);
    desk.restart_after(8 * DAY_MS);
    // Another customer's payment brings the provider's clock, and with it the payment's true age.
    desk.charge("2");
    desk.pass_ms(20 * 60_000);
    desk.press(Key::Enter);
    assert_eq!(desk.state_of(&sale), State::Unresolved);
    (desk, sale)
}

/// A sale that was given up after a refusal, although its money had moved. The till was off while it could be reversed.
fn contradicted() -> (TestRegister, SaleId) {
    let mut desk = TestRegister::open();
    desk.inject(Fault::ErrorButCharged, Verb::Pay, 1);
    desk.inject(Fault::StaleAnswer, Verb::Query, 1);
    let sale = desk.charge("18.50");
    desk.pass_ms(2_000);
    assert_eq!(screen(&desk), "declined");
    desk.press(Key::Escape);
    desk.press(Key::Escape);
    desk.restart_after(8 * DAY_MS);
    desk.charge("2");
    desk.pass_ms(2 * HOUR_MS);
    desk.press(Key::Enter);
    assert_eq!(row(&desk, &sale).doing, Doing::Contradicted);
    (desk, sale)
}

#[test]
fn asking_again_and_again_keeps_one_question_under_way() {
    let (mut desk, sale) = in_doubt(7_000);
    desk.world.clear_faults();
    desk.inject(Fault::HalfOpen, Verb::Query, 1);
    let asked = desk.count_sent(Verb::Query);

    for _ in 0..50 {
        act(&mut desk, &sale, DeskAct::AskNow).expect("the line is up");
        desk.pass_ms(100);
    }

    assert_eq!(desk.count_sent(Verb::Query), asked + 1, "the answer to the first is still awaited");
    desk.run_until_idle();
    assert_eq!(desk.state_of(&sale), State::Captured);
    books_agree(&mut desk);
}

#[test]
fn a_payment_nobody_ever_answers_about_waits_for_a_manager_and_the_provider_is_still_asked() {
    let (mut desk, sale) = unresolved();
    let shown = row(&desk, &sale);
    assert_eq!(shown.doing, Doing::Unresolved);
    let wanted = said(&[(DeskAct::SettleUnpaid, "+"), (DeskAct::SettlePaid, "+"), (DeskAct::AskNow, "+")]);
    assert_eq!(acts(&shown), wanted);

    desk.world.clear_faults();
    desk.pass_ms(2 * HOUR_MS);
    assert_eq!(desk.state_of(&sale), State::PaidLate, "its word still counts, and somebody must decide");
    act(&mut desk, &sale, DeskAct::Book).expect("booked");
    books_agree(&mut desk);
}
