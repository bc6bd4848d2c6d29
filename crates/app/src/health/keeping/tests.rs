use std::fs;

use guitai_db::{Mode, Watch};
use tempfile::TempDir;

use super::*;
use crate::folder::Lock;
use crate::register::Now;
use crate::view::{Key, SettingChange};

const MORNING: i64 = 1_795_226_400_000;
const HOUR_MS: i64 = 3_600_000;

struct Shop {
    register: Register,
    folder: Folder,
    _lock: Lock,
    dir: TempDir,
}

impl Shop {
    fn open() -> Shop {
        let dir = tempfile::tempdir().expect("a folder");
        Shop::in_folder(dir)
    }

    fn in_folder(dir: TempDir) -> Shop {
        let folder = Folder::new(dir.path(), Mode::Real);
        let lock = folder.lock().expect("the lock");
        let db = folder.open_or_create(&lock).expect("a till");
        let register = Register::open(db, None, [7; 32], "cashier", now()).expect("a register");
        Shop { register, folder, _lock: lock, dir }
    }

    fn backup(&self) {
        self.folder.backup_now(Timestamp(MORNING), &Watch::default()).expect("a backup");
    }

    fn write_something(&mut self) {
        let change = SettingChange::ShopName("小店".to_owned());
        self.register.change_setting(&change, now()).expect("written");
    }

    /// The row of this name so many hours after the morning.
    fn row(&self, name: &str, hours: i64) -> (HealthLevel, String) {
        let rows = self.register.keeping(&self.folder, Timestamp(MORNING + hours * HOUR_MS));
        let row = rows.into_iter().find(|row| row.name == name).expect("a row");
        (row.level, row.message.en)
    }
}

fn now() -> Now {
    Now { wall: Timestamp(MORNING), steady_ms: 0 }
}

/// A sale in cash.
fn sell(register: &mut Register) {
    [Key::Digit5, Key::Cash, Key::Enter].into_iter().for_each(|key| register.press(key, now()));
}

#[test]
fn the_backup_says_how_old_it_is_what_it_lacks_and_when_the_next_is_made() {
    let mut shop = Shop::open();
    let none = shop.row("backup", 0);
    assert_eq!(none.0, HealthLevel::Warning);
    assert!(none.1.contains("no backup yet"), "{}", none.1);

    shop.backup();
    shop.write_something();

    for (hours, level, words) in [
        (0, HealthLevel::Good, "0 min old and lacks 1 entries; the next in 4 h"),
        (1, HealthLevel::Good, "60 min old and lacks 1 entries; the next in 3 h"),
        (4, HealthLevel::Good, "4 h old and lacks 1 entries; the next is about to be made"),
        (23, HealthLevel::Good, "23 h old"),
        (24, HealthLevel::Warning, "Leave the till running"),
        (167, HealthLevel::Warning, "6 days old"),
        (168, HealthLevel::Bad, "Leave the till running"),
        // The clock was put back: what is from the future proves nothing yet.
        (-1, HealthLevel::Warning, "no backup yet"),
    ] {
        let (found, said) = shop.row("backup", hours);
        assert_eq!(found, level, "after {hours} h: {said}");
        assert!(said.contains(words), "after {hours} h: {said}");
    }
}

#[test]
fn a_backup_that_was_not_made_is_red_and_says_why() {
    let mut shop = Shop::open();
    shop.backup();
    shop.register.note_backup(Some(say("D-30", "没有空间", "no room")));

    assert_eq!(shop.row("backup", 0), (HealthLevel::Bad, "no room".to_owned()));

    shop.register.note_backup(None);
    assert_eq!(shop.row("backup", 0).0, HealthLevel::Good);
}

#[test]
fn backups_that_cannot_be_looked_at_are_red() {
    let shop = Shop::open();
    fs::write(shop.folder.backup_folder(), "in the way").expect("written");

    let (level, said) = shop.row("backup", 0);

    assert_eq!(level, HealthLevel::Bad);
    assert!(said.contains("check the disk"), "{said}");
}

#[test]
fn the_witness_agrees_after_every_entry() {
    let mut shop = Shop::open();
    for _ in 0..3 {
        sell(&mut shop.register);
        let (level, said) = shop.row("witness", 0);
        assert_eq!(level, HealthLevel::Good, "{said}");
        assert!(said.contains(&format!("entry {}", shop.register.db().head().seq)), "{said}");
    }
}

#[test]
fn a_witness_that_is_gone_spoilt_behind_or_another_tills_is_said_with_the_way_out() {
    let mut shop = Shop::open();
    let early = fs::read(shop.folder.witness()).expect("the witness");
    shop.write_something();
    let other = Shop::open();
    let others = fs::read(other.folder.witness()).expect("the witness");
    let put = |bytes: &[u8]| fs::write(shop.folder.witness(), bytes).expect("written");

    put(&early);
    let behind = shop.row("witness", 0);
    assert_eq!(behind.0, HealthLevel::Warning);
    assert!(behind.1.contains("cannot be written on"), "{}", behind.1);

    put(b"nonsense");
    assert!(shop.row("witness", 0).1.contains("Start the till again"));
    put(&others);
    assert_eq!(shop.row("witness", 0).0, HealthLevel::Bad);
    fs::remove_file(shop.folder.witness()).expect("removed");
    let gone = shop.row("witness", 0);
    assert_eq!(gone.0, HealthLevel::Warning);
    assert!(gone.1.contains("Start the till again"), "{}", gone.1);

    let Shop { register, _lock, dir, .. } = shop;
    drop((register, _lock));
    assert_eq!(Shop::in_folder(dir).row("witness", 0).0, HealthLevel::Good, "and that helps");
}

#[test]
fn a_witness_that_knows_more_than_the_file_is_red() {
    let mut shop = Shop::open();
    let copy = shop.dir.path().join("copy.db");
    shop.register.db().backup(&copy).expect("a copy");
    shop.write_something();
    let further = Witness::read(&shop.folder.witness()).expect("readable").expect("a witness");

    let copied = guitai_db::Snapshot::open(&copy).expect("it opens");

    assert!(matches!(copied.compare(&further), Ok(Standing::Behind(_))));
    assert_eq!(level_of(&further, &copied).0, HealthLevel::Bad);
}
