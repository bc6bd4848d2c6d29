//! Backups and what is had back from them: everything that can be proven, and what is missing is named.

use std::fs;
use std::path::Path;

use guitai_app::folder::{Folder, Offer, RestoreError, backups};
use guitai_db::{Db, Fact, Mode, Snapshot, Watch, Why};
use guitai_domain::Timestamp;

use crate::place::{MORNING, Place, cash, copy_files, sell};

const LATER: Timestamp = Timestamp(MORNING.0 + 3_600_000);

fn backup(place: &Place) -> backups::Backup {
    place.folder.backup_now(MORNING, &Watch::default()).expect("a backup")
}

fn offer(place: &Place) -> Result<Offer, RestoreError> {
    place.folder.offer(&place.folder.lock().expect("the lock"), None)
}

fn restore(place: &Place, from: Option<&Path>) -> Result<guitai_app::folder::Restored, RestoreError> {
    place.folder.restore(&place.folder.lock().expect("the lock"), from, "cli", LATER)
}

/// SQLite can open neither the database nor its log any more.
fn damage(place: &Place) {
    for (path, length) in [(place.database(), 4_096), (place.database().with_extension("db-wal"), 32)] {
        if let Ok(mut bytes) = fs::read(&path) {
            bytes[..length].fill(0x55);
            fs::write(&path, bytes).expect("damaged");
        }
    }
}

fn is_whole(place: &Place) -> bool {
    let snapshot = Snapshot::open(&place.database()).expect("a snapshot");
    snapshot.audit(MORNING, &Watch::default()).is_ok()
}

/// Everything in the folder, but for the lock.
fn names(place: &Place) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(place.folder.path())
        .expect("the folder")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .filter(|name| name != "lock")
        .collect();
    names.sort();
    names
}

#[test]
fn a_backup_is_made_beside_the_running_till_and_proven() {
    let place = Place::new();
    place.with_db(|db| {
        sell(db, 1);
        let made = backup(&place);
        sell(db, 2);

        assert_eq!(made.seq, 2);
        assert_eq!(place.folder.backups().expect("readable"), std::slice::from_ref(&made));
        let copy = Snapshot::open(&made.path).expect("it opens");
        assert_eq!(cash(&copy), (1, 1_000));
        let files: Vec<_> = fs::read_dir(place.folder.backup_folder()).expect("the folder").collect();
        assert_eq!(files.len(), 1, "one file, without a log");
    });
}

#[test]
fn a_damaged_till_makes_no_backup_and_keeps_the_old_ones() {
    let place = Place::new();
    place.sell(1);
    let good = backup(&place);
    let conn = rusqlite::Connection::open(place.database()).expect("the file");
    conn.execute("UPDATE sale SET amount_fen = 5", []).expect("altered");

    assert!(place.folder.backup_now(LATER, &Watch::default()).is_err());

    assert_eq!(place.folder.backups().expect("readable"), [good]);
}

#[test]
fn everything_is_had_back_from_a_backup_and_the_damaged_file() {
    let place = Place::new();
    place.sell(1);
    let made = backup(&place);
    place.sell(2);
    place.until_killed(|db| sell(db, 3));
    damage(&place);
    let before = names(&place);

    let offered = offer(&place).expect("something can be had");

    assert_eq!(names(&place), before, "an offer changes nothing");
    assert_eq!((offered.backup.as_deref(), offered.backup_at), (Some(made.path.as_path()), Some(MORNING)));
    assert_eq!((offered.backup_seq, offered.salvaged, offered.last.0), (2, 4, 6));
    assert_eq!((offered.missing, offered.is_witnessed), (None, true));
    let restored = restore(&place, None).expect("restored");
    assert_eq!(restored.offer, offered);
    let kept = restored.kept.expect("the damaged files are kept");
    assert!(kept.join("till.db").exists() && kept.join("till.db-wal").exists());
    assert!(is_whole(&place));
    place.with_db(|db| {
        assert_eq!((cash(db), db.new_epoch()), ((3, 3_000), None), "nothing is said twice");
        assert_eq!(db.identity().epoch, restored.epoch);
        let last = db.entries_from(7, 1).expect("readable").remove(0);
        assert!(
            matches!(last.fact, Fact::TillEpochStarted { why, missing_from: None, .. } if why == "restored")
        );
        sell(db, 4);
    });
}

#[test]
fn what_nobody_has_any_more_is_named() {
    let place = Place::new();
    place.sell(1);
    backup(&place);
    place.sell(2);
    place.sell(3);
    fs::write(place.database(), vec![0; 50_000]).expect("nothing left");

    let offered = offer(&place).expect("the backup can be had");

    let missing = offered.missing.expect("four entries are gone");
    assert_eq!((missing.from, missing.to, missing.count()), (3, 6, 4));
    assert_eq!((missing.since, missing.until), (Some(minute(1)), minute(3)));
    restore(&place, None).expect("restored");
    place.with_db(|db| {
        let last = db.entries_from(3, 1).expect("readable").remove(0);
        assert!(matches!(
            last.fact,
            Fact::TillEpochStarted { missing_from: Some(3), missing_to: Some(6), .. }
        ));
        assert_eq!(db.receipts_on("2026-11-21"), Ok(3), "no receipt that was given out is given out again");
        sell(db, 4);
        assert_eq!(cash(db), (2, 2_000));
    });
    assert!(is_whole(&place));
}

fn minute(count: i64) -> Timestamp {
    Timestamp(MORNING.0 + count * 60_000)
}

#[test]
fn without_any_backup_the_damaged_file_alone_gives_back_what_it_has() {
    let place = Place::new();
    place.sell(1);
    place.until_killed(|db| sell(db, 2));
    damage(&place);

    let restored = restore(&place, None).expect("restored");

    assert_eq!((restored.offer.backup, restored.offer.salvaged, restored.offer.missing), (None, 4, None));
    assert_eq!(place.with_db(|db| cash(db)), (2, 2_000));
    assert!(is_whole(&place));
}

#[test]
fn a_spoiled_backup_is_passed_over_and_a_chosen_one_refused() {
    let place = Place::new();
    place.sell(1);
    let good = backup(&place);
    place.sell(2);
    let spoiled = place.folder.backup_now(LATER, &Watch::default()).expect("a backup");
    rusqlite::Connection::open(&spoiled.path)
        .and_then(|conn| conn.execute("UPDATE sale SET amount_fen = 5", []))
        .expect("altered");
    fs::write(place.database(), vec![0; 50_000]).expect("nothing left");

    assert!(matches!(restore(&place, Some(&spoiled.path)), Err(RestoreError::Spoiled(_))));
    let restored = restore(&place, None).expect("the older one");

    assert_eq!(restored.offer.backup, Some(good.path));
    assert_eq!(restored.offer.missing.map(|missing| (missing.from, missing.to)), Some((3, 4)));
}

#[test]
fn a_whole_till_is_left_alone() {
    let place = Place::new();
    place.sell(1);
    backup(&place);
    let before = fs::read(place.database()).expect("the file");

    assert!(matches!(offer(&place), Err(RestoreError::Whole)));
    assert!(matches!(restore(&place, None), Err(RestoreError::Whole)));

    assert_eq!(fs::read(place.database()).expect("the file"), before);
}

#[test]
fn where_nothing_is_left_nothing_is_done() {
    let place = Place::new();
    fs::write(place.database(), b"no database at all").expect("spoiled");
    fs::remove_file(place.folder.witness()).expect("removed");

    assert!(matches!(offer(&place), Err(RestoreError::Nothing)));
    assert!(matches!(restore(&place, None), Err(RestoreError::Nothing)));

    assert_eq!(fs::read(place.database()).expect("the file"), b"no database at all");
}

#[test]
fn a_log_that_was_lost_is_made_good_by_a_newer_backup() {
    let place = Place::new();
    place.sell(1);
    place.until_killed(|db| {
        sell(db, 2);
        backup(&place);
    });
    fs::remove_file(place.folder.path().join("till.db-wal")).expect("removed");

    let offered = offer(&place).expect("the file is whole, but not the last");

    assert_eq!((offered.last.0, offered.missing), (4, None));
    restore(&place, None).expect("restored");
    assert_eq!(place.with_db(|db| (cash(db), db.new_epoch().map(|new| new.why))), ((2, 2_000), None));
}

#[test]
fn a_restore_cut_short_is_finished_by_the_next_start() {
    // After each step that it takes, from the finished draft on.
    for step in 0..4 {
        let place = Place::new();
        place.sell(1);
        place.until_killed(|db| sell(db, 2));
        let aside = place.folder.path().join("damaged-1");
        let restored = place.root().join("restored.db");
        {
            let twin = Place::new();
            copy_files(place.folder.path(), twin.folder.path());
            fs::copy(place.folder.path().join("device.key"), twin.folder.path().join("device.key"))
                .expect("a key");
            fs::copy(place.folder.witness(), twin.folder.witness()).expect("the witness");
            damage(&twin);
            restore(&twin, None).expect("restored");
            fs::copy(twin.database(), &restored).expect("the new file");
        }
        damage(&place);
        fs::copy(&restored, place.folder.path().join("till.db.restored")).expect("the new file");
        if step >= 1 {
            fs::create_dir(&aside).expect("a folder");
        }
        if step >= 2 {
            fs::rename(place.folder.path().join("till.db-wal"), aside.join("till.db-wal")).expect("moved");
        }
        if step >= 3 {
            fs::rename(place.database(), aside.join("till.db")).expect("moved");
        }

        assert!(place.folder.has_till(), "step {step}: no second till is set up over it");
        assert_eq!(place.with_db(|db| cash(db)), (2, 2_000), "step {step}");

        assert!(is_whole(&place), "step {step}");
        assert!(!place.folder.path().join("till.db.restored").exists());
    }
}

#[test]
fn a_backup_brings_a_till_to_another_computer() {
    let old = Place::new();
    old.sell(1);
    let made = backup(&old);
    let dir = tempfile::tempdir().expect("a folder");
    let new = Folder::new(dir.path(), Mode::Real);
    let lock = new.lock().expect("the lock");

    let restored = new.restore(&lock, Some(&made.path), "cli", LATER).expect("restored");

    assert!(!restored.offer.is_witnessed && restored.kept.is_none());
    let db = new.open(&lock).expect("the till opens");
    assert_eq!((cash(&db), db.new_epoch()), ((1, 1_000), None));
    assert_eq!(db.receipts_on("2026-11-21"), Ok(1_001), "the old one may have counted on");
}

#[test]
fn a_backup_of_another_till_is_refused() {
    let (place, other) = (Place::new(), Place::new());
    other.sell(1);
    let theirs = backup(&other);
    damage(&place);

    let refused = restore(&place, Some(&theirs.path));

    assert!(matches!(refused, Err(RestoreError::Start(_))), "{refused:?}");
}

#[test]
fn a_copied_till_is_taken_over_only_on_purpose() {
    let (place, other) = (Place::new(), Place::new());
    other.sell(1);
    copy_files(other.folder.path(), place.folder.path());
    let lock = place.folder.lock().expect("the lock");
    let refused = |folder: &Folder| folder.open(&lock).map(|_| ()).expect_err("not ours").message().code;
    assert_eq!(refused(&place.folder), "D-12");

    let epoch = place.folder.adopt(&lock, "cli", LATER).expect("taken over");

    let db: Db = place.folder.open(&lock).expect("ours");
    assert_eq!((db.identity().epoch, cash(&db)), (epoch, (1, 1_000)));
    assert_eq!(db.new_epoch().map(|new| new.why), None::<Why>);
    drop(db);
    assert!(matches!(place.folder.adopt(&lock, "cli", LATER), Err(RestoreError::Ours)));
    other.with_db(|db| assert_ne!(db.identity().epoch, epoch, "and the other one goes its own way"));
}
