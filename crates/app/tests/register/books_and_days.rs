//! Receipts, business days, and clocks that jump.

use guitai_app::view::Key;
use guitai_domain::payment::State;
use guitai_sandbox::{Behaviour, Fault, PasswordAnswer, TRAINEE, Verb};
use guitai_tests::{TestRegister, receipts_by_day};

use crate::support::{books_agree, is_completed, screen};

const HOUR_MS: i64 = 3_600_000;

fn sell_cash(desk: &mut TestRegister) {
    desk.type_amount("5");
    desk.press(Key::Cash);
    desk.press(Key::Enter);
}

#[test]
fn receipts_are_numbered_without_gaps_across_midnight_the_cut_off_and_restarts() {
    let mut desk = TestRegister::open();
    // From ten in the morning through a night.
    for sale in 0..40 {
        match sale % 4 {
            0 => {
                desk.charge("3");
                desk.pass_ms(500);
            }
            1 => {
                // Given up: no receipt, no gap.
                desk.arm("3");
                desk.press(Key::Escape);
            }
            _ => sell_cash(&mut desk),
        }
        desk.press(Key::Enter);
        if sale % 5 == 0 {
            desk.restart();
        }
        desk.answer_password(PasswordAnswer::Right);
        desk.pass_ms(HOUR_MS);
    }
    desk.run_until_idle();

    let days = receipts_by_day(&desk);
    assert_eq!(days.keys().collect::<Vec<_>>(), ["2026-11-21", "2026-11-22"]);
    for (day, counts) in days {
        let wanted: Vec<u32> = (1..).take(counts.len()).collect();
        assert_eq!(counts, wanted, "{day}");
    }
    books_agree(&mut desk);
}

#[test]
fn the_business_day_ends_at_the_cut_off_not_at_midnight() {
    let mut desk = TestRegister::open();
    // Ten in the morning; the cut-off is at four.
    desk.pass_ms(18 * HOUR_MS - 1_000);
    sell_cash(&mut desk);
    assert_eq!(desk.last_sale().business_date, "2026-11-21", "a second before four at night");
    desk.pass_ms(1_000);
    sell_cash(&mut desk);
    assert_eq!(desk.last_sale().business_date, "2026-11-22", "at four");
    assert!(desk.last_sale().receipt_no.expect("a receipt").ends_with("-0001"));
}

#[test]
fn a_sale_belongs_to_the_day_it_was_paid() {
    let mut desk = TestRegister::open();
    desk.world.set_behaviour(TRAINEE, Behaviour::AskPassword);
    desk.pass_ms(18 * HOUR_MS - 10_000);
    let sale = desk.charge("18.50");
    desk.pass_ms(500);
    assert_eq!(desk.sale(&sale).business_date, "2026-11-21", "opened before four");
    desk.pass_ms(12_000);
    desk.answer_password(PasswordAnswer::Right);
    desk.pass_ms(6_000);

    assert!(is_completed(&desk, &sale));
    assert_eq!(desk.sale(&sale).business_date, "2026-11-22", "paid after four");
    let report = desk.register().day_report(Some("2026-11-22"), desk.now().wall).expect("a report");
    assert_eq!((report.sales_count, report.net_total.as_str()), (1, "18.50"));
    let before = desk.register().day_report(Some("2026-11-21"), desk.now().wall).expect("a report");
    assert_eq!(before.sales_count, 0);
    books_agree(&mut desk);
}

#[test]
fn a_wall_clock_that_jumps_moves_no_timing_of_a_payment() {
    let jumps = [-10 * 365 * 24 * HOUR_MS, -HOUR_MS, -30_000, 0, 30_000, HOUR_MS, 10 * 365 * 24 * HOUR_MS];
    let timings: Vec<Vec<(i64, Verb)>> = jumps
        .into_iter()
        .map(|jump| {
            let mut desk = TestRegister::open();
            // Nothing is answered, so that only the till's own clock decides when it asks.
            desk.inject(Fault::DropRequest, Verb::Any, u32::MAX);
            desk.charge("18.50");
            desk.pass_ms(7_000);
            desk.wall_off_ms = jump;
            desk.pass_ms(120_000);
            let began = desk.sent[0].at_ms;
            desk.sent.iter().map(|sent| (sent.at_ms - began, sent.verb)).collect()
        })
        .collect();

    assert!(timings[0].len() > 8, "{:?}", timings[0]);
    for (timing, jump) in timings.iter().zip(jumps) {
        assert_eq!(*timing, timings[3], "a jump of {jump} ms");
    }
}

#[test]
fn a_wall_clock_that_jumps_in_the_middle_of_a_payment_loses_nothing() {
    for jump in [-24 * HOUR_MS, -HOUR_MS, -30_000, 30_000, HOUR_MS, 24 * HOUR_MS] {
        let mut desk = TestRegister::open();
        desk.inject(Fault::DropAnswer, Verb::Pay, 1);
        let sale = desk.charge("18.50");
        desk.pass_ms(1_000);
        desk.wall_off_ms = jump;
        desk.pass_ms(60_000);
        assert_ne!(screen(&desk), "declined", "a clock that is wrong is no refusal ({jump} ms)");
        desk.wall_off_ms = 0;
        desk.run_until_idle();

        assert_eq!(desk.state_of(&sale), State::Captured, "a jump of {jump} ms");
        books_agree(&mut desk);
    }
}

#[test]
fn a_wall_clock_that_is_wrong_at_a_restart_loses_nothing() {
    for jump in [-24 * HOUR_MS, -HOUR_MS, HOUR_MS, 24 * HOUR_MS] {
        let mut desk = TestRegister::open();
        desk.inject(Fault::DropAnswer, Verb::Pay, 1);
        let sale = desk.charge("18.50");
        desk.pass_ms(1_000);
        desk.wall_off_ms = jump;
        desk.restart_after(2_000);
        desk.pass_ms(30_000);
        desk.wall_off_ms = 0;
        desk.run_until_idle();

        assert_eq!(desk.state_of(&sale), State::Captured, "a jump of {jump} ms");
        books_agree(&mut desk);
    }
}

#[test]
fn the_report_the_history_and_the_csv_say_the_same() {
    let mut desk = TestRegister::open();
    sell_cash(&mut desk);
    desk.charge("18.50");
    desk.pass_ms(500);
    desk.inject(Fault::DropRequest, Verb::Pay, 1);
    desk.charge("7");
    desk.pass_ms(60_000);
    desk.press(Key::Escape);
    desk.press(Key::Escape);
    let now = desk.now().wall;

    let report = desk.register().day_report(None, now).expect("a report");
    let history =
        desk.register().history(&guitai_app::view::HistoryFilter::default(), now).expect("a history");
    let csv = desk.register().report_csv(None, now).expect("a file");

    assert_eq!((report.sales_count, report.net_total.as_str()), (2, "23.50"));
    assert_eq!((report.refunds_count, report.refunds_total.as_str()), (1, "7.00"), "one was taken back");
    assert_eq!((history.count, history.total.as_str()), (3, "23.50"));
    for amount in ["23.50", "18.50", "5.00", "7.00"] {
        assert!(csv.contains(amount), "{amount} in {csv}");
    }
    let head: String = desk.register().db().head().hash.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(report.chain_head, head);
}
