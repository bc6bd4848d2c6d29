//! A till on a disk in memory: it can be killed inside a write, and lives through what a real disk does.

use guitai_app::view::{CounterView, Key};
use guitai_db::SaleState;
use guitai_sandbox::Verb;
use guitai_test_disk::{Disk, Trouble};
use guitai_tests::{Chance, TestRegister, Trade, check_books, trading_day};

#[test]
fn a_day_on_a_disk_in_memory_ends_with_the_right_books() {
    let mut desk = TestRegister::with_disk(Disk::new(), 3);
    let trade = Trade { sales: 40, deaths_permille: 20, trouble_permille: 700 };

    trading_day(&mut desk, &mut Chance::new(3), &trade);

    check_books(&mut desk).unwrap_or_else(|why| panic!("{why}"));
    assert!(desk.deaths > 0);
    assert!(desk.sales().len() >= 40);
}

#[test]
fn a_till_stopped_inside_the_write_of_a_payment_sends_nothing_and_has_nothing() {
    let disk = Disk::new();
    let mut desk = TestRegister::with_disk(disk.clone(), 1);
    let sale = desk.arm("18.50");
    disk.freeze_at(disk.calls() + 2);
    desk.scan_phone();

    assert!(!desk.is_on());
    assert_eq!(desk.count_sent(Verb::Pay), 0, "the dead send nothing");
    desk.kill();
    desk.turn_on_after(2_000);
    assert!(desk.is_on());
    assert_eq!(desk.sale(&sale).state, SaleState::Open);
    assert!(desk.payments(&sale).is_empty());
    assert!(matches!(desk.counter(), CounterView::Armed { .. }));
    desk.run_until_idle();
    check_books(&mut desk).unwrap_or_else(|why| panic!("{why}"));
}

#[test]
fn a_power_cut_takes_nothing_that_a_customer_has_seen() {
    let disk = Disk::new();
    let mut desk = TestRegister::with_disk(disk.clone(), 1);
    let sale = desk.charge("18.50");
    desk.pass_ms(500);
    assert!(matches!(desk.counter(), CounterView::Captured { .. }));

    desk.cut_power(|_| 0);
    desk.turn_on_after(60_000);

    assert_eq!(desk.sale(&sale).state, SaleState::Completed);
    check_books(&mut desk).unwrap_or_else(|why| panic!("{why}"));
}

#[test]
fn a_full_disk_is_told_and_the_till_goes_on_by_itself_when_there_is_room() {
    let disk = Disk::new();
    let mut desk = TestRegister::with_disk(disk.clone(), 1);
    let sale = desk.arm("18.50");
    disk.trouble(Trouble::Full, 0, u64::MAX);
    desk.scan_phone();

    assert_eq!((desk.notice().as_str(), desk.count_sent(Verb::Pay)), ("D-01", 0));
    disk.mend();
    desk.scan_phone();
    desk.pass_ms(500);
    assert_eq!(desk.sale(&sale).state, SaleState::Completed);
    desk.press(Key::Enter);
    desk.run_until_idle();
    check_books(&mut desk).unwrap_or_else(|why| panic!("{why}"));
}

#[test]
fn a_till_that_cannot_start_says_why() {
    let disk = Disk::new();
    drop(TestRegister::with_disk(disk.clone(), 1));
    disk.trouble(Trouble::Full, 0, u64::MAX);

    let mut desk = TestRegister::with_disk(disk.clone(), 1);
    assert!(!desk.is_on());
    assert_eq!(desk.refused().map(|message| message.code.as_str()), Some("D-01"));
    disk.mend();
    desk.turn_on_after(0);
    assert!(desk.is_on());
}

#[test]
fn a_set_up_on_a_disk_in_trouble_leaves_a_till_or_none_and_never_half_of_one() {
    for what in [Trouble::Full, Trouble::Io, Trouble::ReadOnly] {
        for from in 1.. {
            let disk = Disk::new();
            disk.trouble(what, from, u64::MAX);
            let mut desk = TestRegister::with_disk(disk.clone(), 1);
            if desk.is_on() {
                assert!(from > 40, "the set-up has {from} storage calls");
                break;
            }
            let code = desk.refused().map(|message| message.code.clone()).unwrap_or_default();
            assert!(code.starts_with("D-"), "{what:?} at {from}: {code}");
            disk.mend();
            desk.turn_on_after(0);
            assert!(desk.is_on(), "{what:?} at {from}: {:?}", desk.refused());
        }
    }
}
