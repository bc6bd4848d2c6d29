use std::collections::BTreeMap;
use std::path::Path;

use rusqlite::backup::Backup;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use crate::Disk;

mod faults;

/// Chance from a seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (word ^ (word >> 31)) % bound
    }
}

fn open(path: &Path) -> Connection {
    try_open(path, "FULL").expect("it opens")
}

fn try_open(path: &Path, synchronous: &str) -> rusqlite::Result<Connection> {
    let conn = Connection::open(path)?;
    conn.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
    conn.pragma_update(None, "synchronous", synchronous)?;
    conn.execute_batch("CREATE TABLE IF NOT EXISTS t (k INTEGER PRIMARY KEY, v BLOB NOT NULL) STRICT")?;
    Ok(conn)
}

fn put(conn: &Connection, key: u64, len: usize) -> rusqlite::Result<usize> {
    conn.execute("INSERT OR REPLACE INTO t VALUES (?1, ?2)", (key, vec![key.to_le_bytes()[0]; len]))
}

fn count(conn: &Connection) -> u64 {
    conn.query_row("SELECT count(*) FROM t", [], |row| row.get(0)).expect("a count")
}

fn is_whole(conn: &Connection) -> bool {
    conn.pragma_query_value(None, "integrity_check", |row| row.get::<_, String>(0))
        .is_ok_and(|found| found == "ok")
}

#[test]
fn a_second_connection_reads_what_the_first_wrote_and_waits_for_nothing() {
    let disk = Disk::new();
    let one = open(&disk.path("a.db"));
    let two = open(&disk.path("a.db"));
    put(&one, 1, 10).expect("written");

    assert_eq!(count(&two), 1);
    one.execute_batch("BEGIN IMMEDIATE").expect("begun");
    let refused = put(&two, 2, 10).expect_err("the first is writing");
    assert_eq!(refused.sqlite_error_code(), Some(ErrorCode::DatabaseBusy));
    one.execute_batch("COMMIT").expect("done");
    put(&two, 2, 10).expect("now it can");
    let (busy, moved): (i64, i64) = one
        .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| Ok((row.get(0)?, row.get(1)?)))
        .expect("a checkpoint");
    assert_eq!((busy, moved, disk.len("a.db-wal")), (0, 0, 0), "everything moved over");
    assert_eq!((count(&one), count(&two)), (2, 2));
}

#[test]
fn a_backup_is_the_same_and_the_log_goes_with_the_last_connection() {
    let disk = Disk::new();
    let conn = open(&disk.path("a.db"));
    for key in 0..50 {
        put(&conn, key, 3_000).expect("written");
    }
    let mut copy = Connection::open(disk.path("copy.db")).expect("a copy");
    Backup::new(&conn, &mut copy)
        .and_then(|backup| backup.run_to_completion(5, std::time::Duration::ZERO, None))
        .expect("copied");

    assert_eq!(count(&copy), 50);
    assert!(is_whole(&copy));
    assert!(disk.exists("a.db-wal"));
    drop(conn);
    assert!(!disk.exists("a.db-wal"), "nothing is left to be moved over");
    assert_eq!(count(&open(&disk.path("a.db"))), 50);
}

#[test]
fn other_paths_are_files_of_the_computer() {
    let disk = Disk::new();
    let folder = std::env::temp_dir().join(format!("guitai-test-disk-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let conn = open(&folder.join("a.db"));
    put(&conn, 1, 10).expect("written");

    assert!(folder.join("a.db-wal").exists());
    assert!(disk.is_empty());
    drop(conn);
    std::fs::remove_dir_all(&folder).expect("removed");
    assert!(Connection::open("/disk-0/a.db").is_err(), "there is no such disk");
    assert!(
        Connection::open_with_flags(disk.path("b.db"), OpenFlags::SQLITE_OPEN_READ_WRITE).is_err(),
        "nor such a file"
    );
}

#[test]
fn heavy_random_traffic_leaves_a_whole_database_with_the_right_rows() {
    let disk = Disk::new();
    let mut dice = Dice(11);
    let conns = [open(&disk.path("a.db")), open(&disk.path("a.db")), open(&disk.path("a.db"))];
    let mut model: BTreeMap<u64, usize> = BTreeMap::new();
    for _ in 0..6_000 {
        let conn = &conns[usize::try_from(dice.below(3)).expect("small")];
        let key = dice.below(400);
        match dice.below(100) {
            0..=54 => {
                let len = usize::try_from(dice.below(9_000)).expect("small");
                put(conn, key, len).expect("written");
                model.insert(key, len);
            }
            55..=79 => {
                conn.execute("DELETE FROM t WHERE k = ?1", [key]).expect("deleted");
                model.remove(&key);
            }
            80..=89 => {
                let tx = conn.unchecked_transaction().expect("begun");
                for key in 0..20 {
                    put(&tx, key, 5_000).expect("written");
                }
                drop(tx);
            }
            90..=97 => {
                conn.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(())).expect("a checkpoint");
            }
            98 => conn.execute_batch("VACUUM").expect("tidied"),
            _ => assert!(is_whole(conn)),
        }
    }

    let rows: BTreeMap<u64, usize> = conns[0]
        .prepare("SELECT k, length(v) FROM t")
        .and_then(|mut rows| rows.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect())
        .expect("rows");
    assert_eq!(rows, model);
    assert!(conns.iter().all(is_whole));
}

#[test]
fn threads_share_one_disk_and_have_disks_of_their_own() {
    let shared = Disk::new();
    drop(open(&shared.path("a.db")));
    std::thread::scope(|scope| {
        for thread in 0..4_u64 {
            let shared = shared.clone();
            scope.spawn(move || {
                let own = Disk::new();
                let (mine, ours) = (open(&own.path("a.db")), open(&shared.path("a.db")));
                for key in 0..100 {
                    put(&mine, key, 100).expect("nobody else is here");
                    // Nobody waits on a disk, so whoever finds it locked tries again.
                    while put(&ours, key * 4 + thread, 100).is_err() {
                        std::thread::yield_now();
                    }
                }
                assert_eq!(count(&mine), 100);
            });
        }
    });

    let conn = open(&shared.path("a.db"));
    assert_eq!(count(&conn), 400);
    assert!(is_whole(&conn));
}

#[test]
fn a_flipped_bit_is_read_as_it_lies() {
    let disk = Disk::new();
    disk.put("x", &[0b1000_0000, 0]);

    assert!(disk.flip_bit("x", 7) && disk.flip_bit("x", 8));
    assert!(!disk.flip_bit("x", 16), "the file is shorter");
    assert_eq!(disk.contents("x"), [0, 1]);
}

#[test]
fn a_disk_is_gone_with_its_last_holder() {
    let disk = Disk::new();
    let path = disk.path("a.db");
    let conn = open(&path);
    drop(disk);
    put(&conn, 1, 10).expect("an open file holds it");
    drop(conn);

    assert!(Connection::open(&path).is_err());
}
