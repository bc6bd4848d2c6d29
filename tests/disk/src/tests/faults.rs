//! Kills, power cuts and trouble.

use std::collections::BTreeMap;

use rusqlite::{Connection, ErrorCode};

use super::{Dice, count, is_whole, open, put, try_open};
use crate::{Call, Disk, Stop, Trouble};

#[test]
fn a_killed_program_leaves_what_it_wrote_and_a_power_cut_only_what_it_synced() {
    let disk = Disk::new();
    let conn = try_open(&disk.path("a.db"), "NORMAL").expect("it opens");
    put(&conn, 1, 10).expect("written, and not synced");
    let other = disk.copied();
    disk.thaw();
    assert!(put(&conn, 2, 10).is_err(), "the killed program can do nothing more");
    drop(conn);

    assert_eq!(count(&open(&disk.path("a.db"))), 1);
    other.power_cut(|_| 0);
    assert_eq!(count(&open(&other.path("a.db"))), 0, "nothing arrived that was not synced");
}

#[test]
fn what_a_power_cut_keeps_of_a_write_is_whole_sectors_and_torn_ones() {
    let disk = Disk::new();
    let mut seen = BTreeMap::new();
    let mut dice = Dice(3);
    for _ in 0..300 {
        let file = {
            let once = disk.copied();
            once.put("x", &[1; 2_048]);
            once.write_for_test("x", 100, &[2; 1_900]);
            once.power_cut(|bound| dice.below(bound));
            once.contents("x")
        };
        assert_eq!(file.len(), 2_048);
        assert!(file[..100].iter().chain(&file[2_000..]).all(|byte| *byte == 1), "nothing outside the write");
        let sectors: Vec<usize> =
            file.chunks(512).map(|sector| sector.iter().filter(|byte| **byte == 2).count()).collect();
        *seen.entry(sectors).or_insert(0) += 1;
    }

    let whole = seen.contains_key(&vec![412, 512, 512, 464]);
    let none = seen.contains_key(&vec![0, 0, 0, 0]);
    let holes = seen.keys().any(|sectors| sectors[0] == 0 && sectors[1] == 512);
    let torn = seen.keys().flatten().any(|bytes| ![0, 412, 464, 512].contains(bytes));
    assert!(whole && none && holes && torn, "{seen:?}");
}

#[test]
fn a_file_whose_name_was_not_synced_is_gone_after_a_power_cut() {
    let disk = Disk::new();
    let conn = Connection::open(disk.path("a.db")).expect("it opens");
    conn.execute_batch("PRAGMA journal_mode = MEMORY; CREATE TABLE t (k); INSERT INTO t VALUES (1)")
        .expect("written");
    drop(conn);
    let other = disk.copied();

    disk.power_cut(|_| 0);
    assert!(!disk.exists("a.db"), "its content was synced, its name was not");
    other.sync_folder().expect("synced");
    other.rename("a.db", "b.db").expect("renamed");
    other.power_cut(|_| 0);
    assert_eq!(other.names(), ["a.db"], "the new name was not synced");
    assert_eq!(count(&Connection::open(other.path("a.db")).expect("it opens")), 1);
}

#[test]
fn what_a_failed_sync_was_to_write_is_never_written() {
    let disk = Disk::new();
    let conn = open(&disk.path("a.db"));
    put(&conn, 1, 10).expect("written");
    disk.trouble(Trouble::Io, disk.calls() + 1, u64::MAX);
    let refused = put(&conn, 2, 10).expect_err("the disk fails");

    assert_eq!(refused.sqlite_error_code(), Some(ErrorCode::SystemIoFailure));
    assert_eq!(disk.failed_calls()[0], Call::Write);
    disk.mend();
    put(&conn, 3, 10).expect("the disk is back");
    disk.power_cut(|_| 0);
    let keys: Vec<i64> = open(&disk.path("a.db"))
        .prepare("SELECT k FROM t ORDER BY k")
        .and_then(|mut rows| rows.query_map([], |row| row.get(0))?.collect())
        .expect("rows");
    assert_eq!(keys, [1, 3]);
}

#[test]
fn a_full_disk_says_so_and_goes_on_when_there_is_room() {
    let disk = Disk::new();
    let conn = open(&disk.path("a.db"));
    disk.trouble(Trouble::Full, 0, u64::MAX);

    let refused = put(&conn, 1, 10).expect_err("no room");
    assert_eq!(refused.sqlite_error_code(), Some(ErrorCode::DiskFull));
    disk.mend();
    put(&conn, 1, 10).expect("room");
    assert!(is_whole(&conn));
}

#[test]
fn a_read_only_disk_is_opened_for_reading_and_says_so() {
    let disk = Disk::new();
    drop(open(&disk.path("a.db")));
    disk.trouble(Trouble::ReadOnly, 0, u64::MAX);

    let conn = Connection::open(disk.path("a.db")).expect("it opens");
    assert!(conn.is_readonly("main").expect("an answer"));
}

#[test]
fn stopped_anywhere_a_database_is_whole_and_has_what_it_acknowledged() {
    let story = |disk: &Disk| -> u64 {
        let mut acknowledged = 0;
        let Ok(conn) = try_open(&disk.path("a.db"), "FULL") else { return 0 };
        for key in 0..6 {
            if put(&conn, key, 2_000).is_ok() && !disk.is_frozen() {
                acknowledged = key + 1;
            }
        }
        acknowledged
    };
    let whole = Disk::new();
    assert_eq!(story(&whole), 6);
    let calls = whole.calls();

    assert!(calls > 30, "the story has {calls} storage calls");
    for at in 1..=calls {
        for stop in [Stop::Before(at), Stop::Within(at), Stop::After(at)] {
            let disk = Disk::new();
            disk.stop(stop);
            let acknowledged = story(&disk);
            assert!(disk.is_frozen());
            disk.thaw();
            let conn = open(&disk.path("a.db"));
            assert!(is_whole(&conn), "{stop:?}");
            assert!(count(&conn) >= acknowledged, "{stop:?}: {} of {acknowledged}", count(&conn));
        }
    }
}

/// Writes until the power fails at a random call; whether everything acknowledged is there.
fn survives_a_power_cut(seed: u64, synchronous: &str) -> bool {
    let mut dice = Dice(seed);
    let disk = Disk::new();
    drop(open(&disk.path("a.db")));
    disk.sync_folder().expect("synced");
    disk.freeze_at(disk.calls() + 1 + dice.below(120));
    let (mut acknowledged, mut key) = (0, 0);
    if let Ok(conn) = try_open(&disk.path("a.db"), synchronous) {
        conn.pragma_update(None, "wal_autocheckpoint", 8).ok();
        while !disk.is_frozen() {
            let len = usize::try_from(dice.below(6_000)).expect("small");
            if put(&conn, key, len).is_ok() && !disk.is_frozen() {
                acknowledged = key + 1;
            }
            key += 1;
        }
    }
    disk.power_cut(|bound| dice.below(bound));
    let conn = open(&disk.path("a.db"));
    assert!(is_whole(&conn), "seed {seed}");
    count(&conn) >= acknowledged
}

#[test]
fn fully_synchronous_loses_nothing_in_a_power_cut_and_normally_synchronous_does() {
    let lost = |synchronous| (1..400).filter(|seed| !survives_a_power_cut(*seed, synchronous)).count();

    assert_eq!(lost("FULL"), 0);
    assert!(lost("NORMAL") > 50, "a disk that loses nothing proves nothing");
}

#[test]
fn a_normally_synchronous_disk_says_it_is_fully_so_and_does_not_sync_its_log() {
    let syncs = |disk: &Disk| disk.log().iter().filter(|call| **call == Call::Sync).count();
    let run = |disk: &Disk| {
        let conn = open(&disk.path("a.db"));
        let answer: String = conn
            .pragma_query_value(None, "synchronous", |row| row.get::<_, rusqlite::types::Value>(0))
            .map_or_else(
                |error| error.to_string(),
                |value| match value {
                    rusqlite::types::Value::Integer(number) => number.to_string(),
                    other => format!("{other:?}"),
                },
            );
        let before = syncs(disk);
        for key in 0..10 {
            put(&conn, key, 10).expect("written");
        }
        (answer, syncs(disk) - before)
    };
    let (full, normal) = (Disk::new(), Disk::new());
    normal.normally_synchronous();

    assert_eq!(run(&full), ("2".to_owned(), 10));
    assert_eq!(run(&normal), ("Text(\"2\")".to_owned(), 0));
}
