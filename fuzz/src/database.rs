//! The till's file, or a backup of it, after something has happened to it.
//!
//! An input's first byte says how: the rest is the file itself, or changes to a real one, with or without its log: five
//! bytes each, four that say where and one to put there.

use std::fs;
use std::path::Path;

use guitai_db::{Db, HistoryQuery, Mode};
use rusqlite::Connection;

use crate::books::{DEVICE, MORNING, TODAY, clear, place};

/// A damaged file is refused or opened; what `verify` calls whole is whole.
pub fn database(data: &[u8]) {
    let Some((how, rest)) = data.split_first() else { return };
    let path = place("database");
    clear(&path);
    let log = path.with_extension("db-wal");
    match how % 4 {
        0 => fs::write(&path, rest),
        1 => fs::write(&path, changed(&MORNING.file, rest)),
        2 => fs::write(&path, &MORNING.file_before_log)
            .and_then(|()| fs::write(&log, changed(&MORNING.log, rest))),
        _ => {
            let (file, log_changes) = rest.split_at(rest.len() / 2);
            fs::write(&path, changed(&MORNING.file_before_log, file))
                .and_then(|()| fs::write(&log, changed(&MORNING.log, log_changes)))
        }
    }
    .expect("a place to write");
    look_through(&path);
    clear(&path);
}

/// Changes of five bytes; one left over cuts the file.
fn changed(file: &[u8], changes: &[u8]) -> Vec<u8> {
    let mut file = file.to_vec();
    let (changes, cut) = changes.as_chunks::<5>();
    for [a, b, c, d, byte] in changes {
        let at = u32::from_be_bytes([*a, *b, *c, *d]) as usize % file.len();
        file[at] ^= byte;
    }
    if let [one, ..] = cut {
        file.truncate(file.len() * usize::from(*one) / 256);
    }
    file
}

fn look_through(path: &Path) {
    let Ok(mut db) = Db::open(path, Mode::Real, DEVICE) else { return };
    if let Ok(verified) = db.verify()
        && verified.broken_at.is_none()
    {
        assert_eq!(verified.head.seq, verified.entries);
        if verified.head == MORNING.head {
            // The head is printed on each Z report: where it agrees, so must every entry behind it.
            let entries = db.entries_from(1, u32::MAX).expect("it has just been read");
            assert_eq!(entries, MORNING.entries, "verify called it whole");
        }
    }
    let _ = (db.open_sales(), db.unfinished_payments(), db.contradicted_payments(), db.last_completed_sale());
    let _ = (db.day_report(TODAY), db.receipts_on(TODAY), db.setting("shop_name"), db.last_entry_at());
    let _ = db.history(&HistoryQuery::default());
    for sale in &MORNING.sales {
        let _ = (db.sale(sale), db.payments_of_sale(sale), db.entries_of_sale(sale));
    }
    let agreed = db.tables_agree();
    let head = db.head();
    if db.rebuild().is_ok() {
        let after = db.tables_agree();
        assert!(
            matches!(after, Ok(true)),
            "rebuilt from the journal, it agrees with it: {agreed:?}, {after:?}"
        );
        assert_eq!(db.head(), head, "and has lost no entry");
        let pages = Connection::open(path)
            .and_then(|conn| conn.query_row("PRAGMA integrity_check", [], |row| row.get::<_, String>(0)));
        assert_eq!(pages.as_deref(), Ok("ok"), "every page is in order");
    }
}
