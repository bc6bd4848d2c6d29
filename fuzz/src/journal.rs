//! One entry of the journal that this program may not have written: the first line is its kind, the rest its body.
//!
//! It is sealed as the rule in `docs/journal.md` says, so that everything behind the hash reads it too.

use std::fs;

use guitai_db::{Db, Fact, Mode};
use guitai_domain::{Epoch, TillId};
use ring::digest::{Context, SHA256};
use rusqlite::Connection;

use crate::books::{DEVICE, MORNING, clear, place};

/// An entry is understood or refused, and what is understood can be written and read again.
pub fn journal(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let (kind, body) = text.split_once('\n').unwrap_or((text, ""));
    let path = place("journal");
    clear(&path);
    fs::write(&path, &MORNING.file).expect("a place to write");
    append(&Connection::open(&path).expect("it opens"), kind, body);
    let mut db = Db::open(&path, Mode::Real, DEVICE).expect("an entry more does not close the file");
    let last = MORNING.head.seq + 1;
    assert_eq!(db.head().seq, last);
    let verified = db.verify().expect("it can be read");
    match db.entries_from(last, 1) {
        Ok(entries) => {
            let [entry] = &entries[..] else { panic!("one entry, not {}", entries.len()) };
            let written = serde_json::to_string(&entry.fact).expect("a fact can be written");
            assert_eq!(serde_json::from_str::<Fact>(&written).expect("and read"), entry.fact);
            // The sale's column was left empty: whoever names a sale is not indexed as it should be.
            assert_eq!(verified.broken_at, entry.fact.sale().map(|_| last));
        }
        Err(_) => assert_eq!(verified.broken_at, Some(last), "what cannot be read is not whole"),
    }
    if db.rebuild().is_ok() {
        assert_eq!(db.tables_agree().ok(), Some(true));
    }
    let _ = (db.open_sales(), db.unfinished_payments(), db.contradicted_payments(), db.last_completed_sale());
    drop(db);
    clear(&path);
}

fn append(conn: &Connection, kind: &str, body: &str) {
    let (till, epoch) = (TillId::from_random(7).to_string(), Epoch::from_random(9).to_string());
    let (seq, prev) = (MORNING.head.seq + 1, MORNING.head.hash);
    let (number, at_ms) = (seq.to_string(), "1795226400000");
    let mut context = Context::new(&SHA256);
    context.update(b"guitai.journal.1");
    context.update(&prev);
    for field in [till.as_str(), &epoch, &number, at_ms, "cashier", kind, body] {
        context.update(&(field.len() as u64).to_be_bytes());
        context.update(field.as_bytes());
    }
    conn.execute(
        "INSERT INTO journal (seq, till, epoch, at_ms, actor, kind, body, sale, prev, hash)
         VALUES (?1, ?2, ?3, 1795226400000, 'cashier', ?4, ?5, NULL, ?6, ?7)",
        (seq, &till, &epoch, kind, body, prev, context.finish().as_ref()),
    )
    .expect("an entry more");
}
