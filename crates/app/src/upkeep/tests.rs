//! On a real disk, with small limits.

use std::fs;

use guitai_db::{Fact, Mode};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use super::*;
use crate::driver::{self, Handle};
use crate::folder::Lock;
use crate::register::Register;

/// A till's folder with its register running.
struct Shop {
    register: Handle,
    folder: Folder,
    _lock: Lock,
    runtime: Runtime,
    _dir: TempDir,
}

impl Shop {
    fn open() -> Shop {
        let dir = tempfile::tempdir().expect("a folder");
        let folder = Folder::new(dir.path(), Mode::Real);
        let lock = folder.lock().expect("the lock");
        let db = folder.create(&lock).expect("a till");
        let runtime = Runtime::new().expect("a runtime");
        let open = move |now| Register::open(db, None, [7; 32], "cashier", now);
        let register = driver::start(open, None, runtime.handle().clone(), |_, _| {}).expect("a register");
        Shop { register, folder, _lock: lock, runtime, _dir: dir }
    }

    fn rounds(&self, limits: Limits) -> Rounds {
        Rounds::new(self.folder.clone(), self.register.downgrade(), Watch::default(), limits)
    }

    fn alarms(&self) -> Vec<String> {
        let alarms = self.register.ask(|register, _| register.alarms());
        let alarms = self.runtime.block_on(alarms).expect("the register runs");
        alarms.into_iter().map(|alarm| alarm.code).filter(|code| code.starts_with("D-3")).collect()
    }

    fn free_bytes(&self) -> Option<u64> {
        let free = self.register.ask(|register, _| register.free_bytes());
        self.runtime.block_on(free).expect("the register runs")
    }

    fn has_reserve(&self) -> bool {
        self.folder.path().join("ballast").exists()
    }

    fn backups(&self) -> usize {
        self.folder.backups().expect("readable").len()
    }

    /// Something else lies where the backups should.
    fn block_backups(&self) {
        fs::write(self.folder.backup_folder(), "in the way").expect("written");
    }

    fn unblock_backups(&self) {
        fs::remove_file(self.folder.backup_folder()).expect("removed");
    }
}

fn small() -> Limits {
    let reserve = Reserve { bytes: 1_000_000, from_bytes: 0, release_below_bytes: 0 };
    Limits { reserve, room_left: 0, backup_again_ms: 0 }
}

fn with_reserve(from_bytes: u64, release_below_bytes: u64) -> Limits {
    let limits = small();
    Limits { reserve: Reserve { from_bytes, release_below_bytes, ..limits.reserve }, ..limits }
}

#[test]
fn a_round_tells_the_register_what_room_is_left_and_keeps_a_reserve() {
    let shop = Shop::open();
    assert_eq!(shop.free_bytes(), None);

    shop.rounds(small()).look_after_disk();

    assert!(shop.free_bytes().is_some_and(|free| free > 0));
    assert!(shop.has_reserve());
}

#[test]
fn the_reserve_is_given_up_on_a_full_disk_and_not_made_again_before_there_is_room() {
    let shop = Shop::open();
    shop.rounds(small()).look_after_disk();

    shop.rounds(with_reserve(0, u64::MAX)).look_after_disk();
    assert!(!shop.has_reserve(), "open sales are finished with it");

    shop.rounds(with_reserve(u64::MAX, 0)).look_after_disk();
    assert!(!shop.has_reserve(), "what it gave is not taken back at once");

    shop.rounds(small()).look_after_disk();
    assert!(shop.has_reserve(), "somebody has made room");
}

#[test]
fn a_backup_is_made_when_one_is_due_and_only_then() {
    let shop = Shop::open();
    let mut rounds = shop.rounds(small());

    rounds.look_after_backups();
    let made = shop.folder.backups().expect("readable");
    rounds.look_after_backups();

    assert_eq!(made.len(), 1);
    assert_eq!(shop.folder.backups().expect("readable"), made, "it is young enough");
    assert_eq!(shop.alarms(), [""; 0]);
}

#[test]
fn no_backup_without_room_beside_it_and_somebody_is_told() {
    let shop = Shop::open();

    shop.rounds(Limits { room_left: u64::MAX, ..small() }).look_after_backups();

    assert_eq!(shop.backups(), 0);
    assert_eq!(shop.alarms(), ["D-30"]);
}

#[test]
fn a_place_for_backups_that_cannot_be_read_is_told_and_not_taken_for_one_that_is_full_of_them() {
    let shop = Shop::open();
    let mut rounds = shop.rounds(small());
    shop.block_backups();

    rounds.look_after_backups();
    assert_eq!(shop.alarms(), ["D-31"]);

    shop.unblock_backups();
    rounds.look_after_backups();
    assert_eq!(shop.backups(), 1);
    assert_eq!(shop.alarms(), [""; 0], "and said no more");
}

#[test]
fn a_backup_that_failed_is_not_tried_again_at_once() {
    let shop = Shop::open();
    let mut rounds = shop.rounds(Limits { backup_again_ms: 3_600_000, ..small() });
    shop.block_backups();
    rounds.look_after_backups();
    shop.unblock_backups();

    rounds.look_after_backups();

    assert_eq!(shop.backups(), 0, "each try reads and writes the whole file");
    assert_eq!(shop.alarms(), ["D-31"], "until then it is on the screen");
}

#[test]
fn a_till_that_is_closed_over_a_backup_leaves_no_part_of_one_and_no_alarm() {
    let shop = Shop::open();
    let setting = Fact::SettingChanged { name: "shop_name".to_owned(), value: "小店".to_owned() };
    let written = shop.register.ask(move |register, now| {
        let facts: Vec<Fact> = std::iter::repeat_n(setting, 2_000).collect();
        register.db_mut().write(now.wall, "cashier", &facts).map(|_| ())
    });
    shop.runtime.block_on(written).expect("the register runs").expect("written");
    let mut rounds = shop.rounds(small());
    rounds.watch.stop();

    rounds.look_after_backups();

    assert_eq!(shop.alarms(), [""; 0]);
    let left = fs::read_dir(shop.folder.backup_folder()).expect("the folder").count();
    assert_eq!(left, 0, "no draft");
}

#[test]
fn the_file_of_a_damaged_till_becomes_no_backup() {
    let shop = Shop::open();
    let spoil = shop.register.ask(|register, _| {
        let conn = rusqlite::Connection::open(register.db().path()).expect("the file opens");
        conn.execute("INSERT INTO setting (name, value) VALUES ('shop_name', 'x')", []).expect("altered");
    });
    shop.runtime.block_on(spoil).expect("the register runs");

    shop.rounds(small()).look_after_backups();

    assert_eq!(shop.backups(), 0);
    assert_eq!(shop.alarms(), ["D-31"]);
}
