//! Clocks that jump, stand wrong or are set right: business dates, order and ids stay right, and the screen says so.

use std::collections::BTreeSet;

use guitai_app::view::{DeskAct, Key};
use guitai_db::{Entry, Fact};
use guitai_domain::SaleId;
use guitai_domain::payment::State;
use guitai_sandbox::{Fault, Verb, World};
use guitai_tests::{TestRegister, receipts_by_day};

use crate::support::{act, books_agree, is_completed, late, row, screen, totals_agree};

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
const DAY_MS: i64 = 24 * HOUR_MS;
const YEAR_MS: i64 = 365 * DAY_MS;
/// Ten in the morning of 2026-11-21 in Shanghai.
const MORNING_MS: i64 = 1_795_226_400_000;

fn jumps() -> Vec<i64> {
    let sizes = [2_000, 59_000, 61_000, 5 * MINUTE_MS, HOUR_MS, DAY_MS, 40 * DAY_MS, YEAR_MS, 10 * YEAR_MS];
    sizes.into_iter().flat_map(|size| [-size, size]).collect()
}

fn clock_alarms(desk: &TestRegister) -> Vec<String> {
    let codes = desk.view().alarms.into_iter().map(|alarm| alarm.code);
    codes.filter(|code| code.starts_with("T-")).collect()
}

fn sell_cash(desk: &mut TestRegister) -> SaleId {
    desk.type_amount("5");
    desk.press(Key::Cash);
    desk.press(Key::Enter);
    desk.press(Key::Enter);
    desk.last_sale().id
}

fn sell(desk: &mut TestRegister) -> SaleId {
    let sale = desk.charge("3");
    desk.pass_ms(1_000);
    assert!(is_completed(desk, &sale), "{:?}", desk.counter());
    desk.press(Key::Enter);
    desk.pass_ms(61_000);
    sale
}

fn entries(desk: &TestRegister) -> Vec<Entry> {
    desk.register().db().entries_from(1, 100_000).expect("readable")
}

/// Entries in order of time, ids that are nobody else's, receipts in order of sale, without gaps.
fn in_order(desk: &mut TestRegister) {
    let entries = entries(desk);
    for pair in entries.windows(2) {
        let set_right = matches!(pair[1].fact, Fact::ClockBelieved { .. } | Fact::ClockDoubted { .. });
        assert!(pair[0].at <= pair[1].at || set_right, "{:?} runs back to {:?}", pair[0], pair[1]);
    }
    let sales = desk.sales();
    let ids: BTreeSet<String> = sales.iter().map(|sale| sale.id.to_string()).collect();
    assert_eq!(ids.len(), sales.len());
    for (day, counts) in receipts_by_day(desk) {
        assert!(counts.iter().copied().eq((1..).take(counts.len())), "{day}: {counts:?}");
    }
}

#[test]
fn a_clock_that_jumps_while_the_till_runs_moves_no_date_no_hour_and_no_receipt() {
    for jump in jumps() {
        let mut desk = TestRegister::open();
        sell_cash(&mut desk);
        sell(&mut desk);

        desk.wall_off_ms = jump;
        let during = [sell_cash(&mut desk), sell(&mut desk), sell_cash(&mut desk)];

        let told = jump.abs() > MINUTE_MS;
        assert_eq!(clock_alarms(&desk), if told { vec!["T-01"] } else { vec![] }, "{jump}");
        for sale in &during {
            let row = desk.sale(sale);
            assert_eq!(row.business_date, "2026-11-21", "{jump}");
            assert!((row.opened_at.0 - desk.true_ms()).abs() < 5 * MINUTE_MS, "{jump}: by its own count");
        }
        let report = desk.register().day_report(Some("2026-11-21"), desk.now().wall).expect("a report");
        assert_eq!(report.sales_count, 5, "{jump}");
        assert_eq!(
            report.by_hour.iter().filter(|hour| hour.count > 0).map(|hour| hour.hour).collect::<Vec<_>>(),
            [10]
        );

        desk.wall_off_ms = 0;
        desk.pass_ms(5_000);
        assert!(clock_alarms(&desk).is_empty(), "{jump}: set right");
        sell(&mut desk);
        in_order(&mut desk);
        books_agree(&mut desk);
    }
}

#[test]
fn a_clock_set_back_over_a_restart_moves_no_date_no_hour_and_no_receipt() {
    for jump in jumps().into_iter().filter(|jump| *jump < 0) {
        let mut desk = TestRegister::open();
        sell_cash(&mut desk);
        sell(&mut desk);

        desk.wall_off_ms = jump;
        desk.restart_after(2_000);
        let after = [sell_cash(&mut desk), sell(&mut desk)];

        assert_eq!(clock_alarms(&desk), if jump < -MINUTE_MS { vec!["T-01"] } else { vec![] }, "{jump}");
        assert!(after.iter().all(|sale| desk.sale(sale).business_date == "2026-11-21"), "{jump}");
        desk.restart();
        sell(&mut desk);
        desk.wall_off_ms = 0;
        desk.pass_ms(2 * MINUTE_MS);
        assert!(clock_alarms(&desk).is_empty(), "{jump}: set right, and the provider's clock agrees");
        sell(&mut desk);
        in_order(&mut desk);
        books_agree(&mut desk);
    }
}

#[test]
fn a_clock_set_forward_over_a_restart_is_told_before_the_first_customer() {
    for jump in jumps().into_iter().filter(|jump| *jump > MINUTE_MS) {
        let mut desk = TestRegister::open();
        sell_cash(&mut desk);

        desk.wall_off_ms = jump;
        desk.restart_after(2_000);
        desk.pass_ms(5_000);

        let alarms = clock_alarms(&desk);
        assert_eq!(alarms.len(), 1, "{jump}: the provider's clock says otherwise");
        desk.wall_off_ms = 0;
        desk.pass_ms(2 * MINUTE_MS);
        assert!(clock_alarms(&desk).is_empty(), "{jump}: set right, {:?}", clock_alarms(&desk));
        let sale = sell(&mut desk);
        assert_eq!(desk.sale(&sale).business_date, "2026-11-21", "{jump}");
        in_order(&mut desk);
        books_agree(&mut desk);
    }
}

#[test]
fn a_till_that_was_off_for_long_believes_a_right_clock_as_soon_as_the_provider_agrees() {
    for off in [20 * DAY_MS, 40 * DAY_MS, 2 * YEAR_MS] {
        let mut desk = TestRegister::open();
        sell_cash(&mut desk);

        desk.restart_after(off);
        desk.pass_ms(5_000);

        assert!(clock_alarms(&desk).is_empty(), "off for {off} ms");
        let sale = sell(&mut desk);
        assert!((desk.sale(&sale).opened_at.0 - desk.true_ms()).abs() < 5 * MINUTE_MS);
        assert_ne!(desk.sale(&sale).business_date, "2026-11-21");
        in_order(&mut desk);
        books_agree(&mut desk);
    }
}

#[test]
fn without_a_line_a_till_that_was_off_for_long_goes_on_by_its_own_count_and_says_so() {
    let mut desk = TestRegister::open();
    sell_cash(&mut desk);
    desk.world.set_network_down(true);

    desk.restart_after(40 * DAY_MS);
    desk.pass_ms(MINUTE_MS);

    assert_eq!(clock_alarms(&desk), ["T-01"]);
    let sale = sell_cash(&mut desk);
    assert_eq!(desk.sale(&sale).business_date, "2026-11-21", "nobody has said that days have passed");

    let now = desk.now();
    let manager = desk.register_mut().recognise(true, now).expect("a manager");
    desk.register_mut().confirm_clock(&manager, now).expect("the clock is right");
    assert!(clock_alarms(&desk).is_empty());
    let sale = sell_cash(&mut desk);
    assert_eq!(desk.sale(&sale).business_date, "2026-12-31");
    assert!(
        entries(&desk)
            .iter()
            .any(|entry| matches!(&entry.fact, Fact::ClockBelieved { by, .. } if by == "manager"))
    );
    in_order(&mut desk);
}

#[test]
fn where_both_clocks_are_wrong_the_provider_tells_the_time_and_only_twice_is_enough() {
    let mut desk = TestRegister::open();
    sell(&mut desk);
    // Off for three minutes with the clock set back: the till's own count is three minutes behind.
    desk.wall_off_ms = -HOUR_MS;
    desk.restart_after(3 * MINUTE_MS);
    assert_eq!(clock_alarms(&desk), ["T-01"]);

    desk.pass_ms(3 * MINUTE_MS);
    let sale = sell_cash(&mut desk);
    let behind = desk.true_ms() - desk.sale(&sale).opened_at.0;
    assert!(behind.abs() < 2_000, "{behind} ms behind: the provider was believed");
    assert_eq!(clock_alarms(&desk), ["T-01"], "the computer's clock is still wrong");
    sell(&mut desk);
    desk.wall_off_ms = 0;
    desk.pass_ms(5_000);
    assert!(clock_alarms(&desk).is_empty());
    in_order(&mut desk);
    books_agree(&mut desk);
}

/// A till that starts for the first time with its computer's clock in 1970.
fn first_start_in_1970(folder: &std::path::Path) -> TestRegister {
    let mut desk = TestRegister::at(folder, World::new(3, MORNING_MS), MORNING_MS, 3);
    desk.kill();
    for file in ["till.db", "till.db-wal", "till.db-shm"] {
        let _ = std::fs::remove_file(folder.join(file));
    }
    desk.wall_off_ms = -MORNING_MS;
    desk.turn_on_after(0);
    desk
}

#[test]
fn a_first_start_in_1970_sells_nothing_until_somebody_has_said_what_time_it_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut desk = first_start_in_1970(folder.path());
    assert_eq!(clock_alarms(&desk), ["T-02"]);
    let refused = |desk: &mut TestRegister| {
        for last in [Key::Enter, Key::Cash] {
            desk.type_amount("5");
            desk.press(last);
            assert_eq!(desk.notice(), "T-02", "neither by code nor in cash");
            assert_eq!(screen(desk), "entering");
            desk.press(Key::Clear);
        }
        let now = desk.now();
        let told = desk.register_mut().sell_for_cash("5", None, now).expect_err("nor by a script");
        assert_eq!(told.code, "T-02");
        assert!(desk.sales().is_empty());
    };
    refused(&mut desk);
    desk.pass_ms(2 * MINUTE_MS);
    refused(&mut desk);
    desk.restart();
    refused(&mut desk);

    let now = desk.now();
    let manager = desk.register_mut().recognise(true, now).expect("a manager");
    let impossible = desk.register_mut().confirm_clock(&manager, now).expect_err("not even a manager");
    assert_eq!(impossible.code, "T-03");

    // Somebody sets the clock; the provider's agrees.
    desk.wall_off_ms = 0;
    desk.pass_ms(2 * MINUTE_MS);
    assert!(clock_alarms(&desk).is_empty());
    let sale = sell(&mut desk);
    assert_eq!(desk.sale(&sale).business_date, "2026-11-21");
    in_order(&mut desk);
    books_agree(&mut desk);
}

#[test]
fn a_first_start_in_1970_without_a_line_sells_once_a_manager_confirms_the_clock() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut desk = first_start_in_1970(folder.path());
    desk.world.set_network_down(true);
    desk.wall_off_ms = 0;
    desk.pass_ms(MINUTE_MS);
    assert_eq!(clock_alarms(&desk), ["T-02"], "set, but by whom?");

    let now = desk.now();
    let manager = desk.register_mut().recognise(true, now).expect("a manager");
    desk.register_mut().confirm_clock(&manager, now).expect("confirmed");

    assert!(clock_alarms(&desk).is_empty());
    let sale = sell_cash(&mut desk);
    assert_eq!(desk.sale(&sale).business_date, "2026-11-21");
    desk.restart();
    assert!(clock_alarms(&desk).is_empty(), "and it stays so");
    in_order(&mut desk);
}

#[test]
fn another_zone_moves_no_sale_of_the_past() {
    let mut desk = TestRegister::open();
    let sales = [sell_cash(&mut desk), sell(&mut desk)];
    let before: Vec<_> = sales.iter().map(|sale| desk.sale(sale)).collect();
    let report = desk.register().day_report(Some("2026-11-21"), desk.now().wall).expect("a report");

    desk.write(&[Fact::SettingChanged { name: "zone".to_owned(), value: "America/New_York".to_owned() }])
        .expect("written");
    desk.restart();

    let after: Vec<_> = sales.iter().map(|sale| desk.sale(sale)).collect();
    assert_eq!(after, before);
    let again = desk.register().day_report(Some("2026-11-21"), desk.now().wall).expect("a report");
    let hours = |report: &guitai_app::view::ReportView| {
        report
            .by_hour
            .iter()
            .filter(|hour| hour.count > 0)
            .map(|hour| (hour.hour, hour.count))
            .collect::<Vec<_>>()
    };
    assert_eq!((again.net_total.as_str(), hours(&again)), (report.net_total.as_str(), hours(&report)));
    // Nine in the evening there, of the day before.
    let new = sell_cash(&mut desk);
    assert_eq!(desk.sale(&new).business_date, "2026-11-20");
    in_order(&mut desk);
    books_agree(&mut desk);
}

#[test]
fn a_wrong_clock_over_a_restart_ends_no_window_early() {
    for wrong in [8 * DAY_MS, 30 * DAY_MS, YEAR_MS] {
        let mut desk = TestRegister::open();
        desk.inject(Fault::DropRequest, Verb::Pay, 1);
        let sale = desk.charge("18.50");
        desk.pass_ms(1_000);
        desk.wall_off_ms = wrong;
        desk.restart_after(60_000);
        desk.pass_ms(2 * HOUR_MS);

        assert_ne!(desk.state_of(&sale), State::Unresolved, "a clock that is {wrong} ms ahead");
        desk.wall_off_ms = 0;
        desk.run_until_idle();
        assert!(
            matches!(desk.state_of(&sale), State::Reversed | State::Declined { .. }),
            "{:?}",
            desk.state_of(&sale)
        );
        books_agree(&mut desk);

        let mut desk = TestRegister::open();
        let sale = late(&mut desk, "18.50");
        desk.wall_off_ms = wrong;
        desk.restart_after(60_000);
        act(&mut desk, &sale, DeskAct::GiveBack).expect("there are seven days for it");
        desk.wall_off_ms = 0;
        desk.run_until_idle();
        assert_eq!(desk.state_of(&sale), State::Reversed, "a clock that is {wrong} ms ahead");
        totals_agree(&desk);
        books_agree(&mut desk);
    }
}

#[test]
fn what_is_planned_for_a_payment_stays_planned_for_the_same_moment_when_the_time_is_set() {
    let mut desk = TestRegister::open();
    desk.inject(Fault::DropRequest, Verb::Pay, 1);
    desk.inject(Fault::EmptyOk, Verb::Query, 1_000);
    desk.charge("18.50");
    desk.pass_ms(1_000);
    desk.wall_off_ms = HOUR_MS;
    desk.restart_after(30 * MINUTE_MS);
    let mut asked_at = Vec::new();
    for second in 0..40 * 60 {
        if second == 120 {
            desk.wall_off_ms = 0;
        }
        let before = desk.count_sent(Verb::Query);
        desk.pass_ms(1_000);
        asked_at.extend((before..desk.count_sent(Verb::Query)).map(|_| second));
    }

    let later: Vec<i64> = asked_at.iter().copied().filter(|at| (60..1_800).contains(at)).collect();
    assert!((280..=294).contains(&later[0]), "four minutes by the clock that was wrong: {asked_at:?}");
    let gaps = later.windows(2).map(|pair| pair[1] - pair[0]);
    assert!(gaps.clone().all(|gap| (59..=62).contains(&gap)), "every minute by the right one: {asked_at:?}");
}

#[test]
fn a_clock_that_hides_that_the_window_is_over_ends_with_money_somebody_decides_about() {
    let mut desk = TestRegister::open();
    let sale = late(&mut desk, "18.50");
    // Off for eight days; the clock says that it was a minute.
    desk.wall_off_ms = -8 * DAY_MS + MINUTE_MS;
    desk.restart_after(8 * DAY_MS);
    act(&mut desk, &sale, DeskAct::GiveBack).expect("as far as the till knows");
    desk.pass_ms(10 * MINUTE_MS);
    assert!(matches!(desk.state_of(&sale), State::Reversing { .. }), "the provider refuses, unproven");

    desk.wall_off_ms = 0;
    desk.pass_ms(4 * HOUR_MS);

    assert_eq!(desk.state_of(&sale), State::PaidLate, "back with a person");
    let offered: Vec<DeskAct> = row(&desk, &sale).acts.into_iter().map(|act| act.act).collect();
    assert_eq!(offered[..2], [DeskAct::Book, DeskAct::Refunded]);
    totals_agree(&desk);
}
