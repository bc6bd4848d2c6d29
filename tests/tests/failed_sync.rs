//! A sync that fails loses what it was to write, and no later sync writes it again. What the till writes afterwards must not stand
//! on that.

use guitai_test_disk::{Disk, Trouble};
use guitai_tests::{Chance, TestRegister};

#[test]
fn what_is_written_after_a_failed_sync_and_a_restart_survives_a_power_cut() {
    for calls in 1..=48 {
        for seed in 0..4 {
            check(calls, seed);
        }
    }
}

/// The disk fails once, at the `calls`-th call of a charge; the till is started again, sells, and the power is cut.
fn check(calls: u64, seed: u64) {
    let disk = Disk::new();
    let mut desk = TestRegister::with_disk(disk.clone(), 1);
    desk.arm("18.50");
    disk.trouble(Trouble::Io, disk.calls() + calls, 1);
    desk.scan_phone();
    disk.mend();
    desk.restart();
    desk.pass_ms(120_000);
    let (head, entry) = (desk.register().db().head(), desk.register().db().head().seq);

    let mut chance = Chance::new(seed);
    desk.cut_power(|bound| chance.below(bound));
    desk.turn_on_after(0);

    let kept = desk.register().db().entries_from(entry, 1).expect("readable");
    assert_eq!(
        kept.first().map(|kept| kept.hash),
        Some(head.hash),
        "call {calls}, seed {seed}: what was acknowledged is on the disk"
    );
}
