//! The journal: it only grows, and whoever alters it is named by the entry.

use guitai_db::{ChainHead, Fact};
use guitai_domain::Fen;
use proptest::prelude::*;
use rusqlite::types::Value;

use crate::day::{deeds, live};
use crate::shop::{MORNING, Shop, drop_triggers, paid_in_cash, reopen};

#[test]
fn entries_are_numbered_from_one_and_each_carries_the_hash_of_the_one_before() {
    let mut shop = Shop::new();
    assert_eq!(shop.db.head(), ChainHead { seq: 0, hash: [0; 32] }, "a new journal is empty");

    let sale = shop.open_sale(Fen(1_850));
    shop.write(&[paid_in_cash(&sale, Fen(1_850), 1)]).expect("cash");

    let entries = shop.db.entries_from(1, 100).expect("entries");
    assert_eq!(entries.iter().map(|entry| entry.seq).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(entries[1].actor, "cashier");
    assert_eq!(entries[1].at, MORNING);
    let second: Vec<u8> = shop
        .back_door()
        .query_row("SELECT prev FROM journal WHERE seq = 2", [], |row| row.get(0))
        .expect("the second entry");
    assert_eq!(second, entries[0].hash, "the chain");
    assert_eq!(shop.db.head(), ChainHead { seq: 2, hash: entries[1].hash });
    let verified = shop.db.verify().expect("readable");
    assert_eq!((verified.entries, verified.broken_at, verified.head), (2, None, shop.db.head()));
}

#[test]
fn the_chain_goes_on_after_the_file_was_closed_and_opened() {
    let mut shop = Shop::new();
    shop.open_sale(Fen(100));
    let (path, head) = (shop.path(), shop.db.head());
    drop(shop.db);

    let mut again = reopen(&path);
    assert_eq!(again.head(), head);
    again.write(MORNING, "till", &[Fact::TillStarted { version: "1".to_owned() }]).expect("the next entry");

    assert_eq!(again.verify().expect("readable").broken_at, None);
    assert_eq!(again.head().seq, head.seq + 1);
}

#[test]
fn no_statement_edits_or_cuts_the_journal() {
    let mut shop = Shop::new();
    shop.open_sale(Fen(100));
    let door = shop.back_door();

    for attack in [
        "UPDATE journal SET at_ms = 0",
        "UPDATE journal SET body = '{}' WHERE seq = 1",
        "DELETE FROM journal",
        "DELETE FROM journal WHERE seq = 1",
        "INSERT OR REPLACE INTO journal SELECT * FROM journal WHERE seq = 1",
        "UPDATE OR REPLACE journal SET seq = 2",
    ] {
        let refused = door.execute(attack, []);

        let left: u64 =
            door.query_row("SELECT count(*) FROM journal", [], |row| row.get(0)).expect("a count");
        assert_eq!(left, 1, "{attack}");
        let harmless = attack.starts_with("INSERT OR REPLACE");
        assert!(harmless || refused.is_err(), "{attack} must be refused");
    }
    assert_eq!(shop.db.verify().expect("readable").broken_at, None);
}

#[test]
fn a_missing_entry_is_found_wherever_it_was_cut_out() {
    for cut in 1..=4_u64 {
        let mut shop = Shop::new();
        for amount in 1..=5 {
            shop.open_sale(Fen(amount));
        }
        let door = shop.back_door();
        drop_triggers(&door);
        door.execute("DELETE FROM journal WHERE seq = ?1", [cut]).expect("a cut");

        assert_eq!(shop.db.verify().expect("readable").broken_at, Some(cut), "entry {cut} is gone");
    }
}

/// The hash rule of `docs/journal.md`, written a second time.
fn seal(prev: &[u8], fields: [&str; 7]) -> Vec<u8> {
    let mut context = ring::digest::Context::new(&ring::digest::SHA256);
    context.update(b"guitai.journal.1");
    context.update(prev);
    for field in fields {
        context.update(&(field.len() as u64).to_be_bytes());
        context.update(field.as_bytes());
    }
    context.finish().as_ref().to_vec()
}

#[test]
fn an_entry_that_was_rewritten_and_sealed_anew_no_longer_fits_the_one_behind_it() {
    let mut shop = Shop::new();
    for amount in 1..=3 {
        shop.open_sale(Fen(amount));
    }
    let door = shop.back_door();
    let (till, epoch, at, kind, body): (String, String, i64, String, String) = door
        .query_row("SELECT till, epoch, at_ms, kind, body FROM journal WHERE seq = 2", [], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?))
        })
        .expect("an entry");
    let (prev, hash): (Vec<u8>, Vec<u8>) = door
        .query_row("SELECT prev, hash FROM journal WHERE seq = 2", [], |row| Ok((row.get(0)?, row.get(1)?)))
        .expect("its hashes");
    let at = at.to_string();
    assert_eq!(
        seal(&prev, [&till, &epoch, "2", &at, "cashier", &kind, &body]),
        hash,
        "the rule as published"
    );

    drop_triggers(&door);
    let forged = seal(&prev, [&till, &epoch, "2", &at, "manager", &kind, &body]);
    door.execute("UPDATE journal SET actor = 'manager', hash = ?1 WHERE seq = 2", [&forged]).expect("forged");

    let verified = shop.db.verify().expect("readable");
    assert_eq!(
        (verified.broken_at, verified.entries),
        (Some(3), 2),
        "the third was chained to what was there"
    );
}

#[test]
fn a_journal_cut_at_its_end_no_longer_ends_in_the_head_that_was_noted() {
    let mut shop = Shop::new();
    shop.open_sale(Fen(1));
    shop.open_sale(Fen(2));
    let noted = shop.db.head();
    let door = shop.back_door();
    drop_triggers(&door);
    door.execute("DELETE FROM journal WHERE seq = 2", []).expect("a cut");

    let verified = shop.db.verify().expect("readable");

    assert_ne!(verified.head, noted, "a chain cannot see its own end missing: the printed head does");
}

#[test]
fn all_of_several_facts_are_written_or_none() {
    let mut shop = Shop::new();
    let sale = shop.open_sale(Fen(500));
    let before = (shop.db.head(), shop.db.sale(sale.as_str()).expect("readable"));

    let refused = shop.write(&[
        Fact::SettingChanged { name: "shop_name".to_owned(), value: "新店".to_owned() },
        paid_in_cash(&sale, Fen(500), 1),
        // The third cannot be: the sale has just been completed.
        Fact::SaleVoided { sale: sale.to_string() },
    ]);

    assert!(refused.is_err());
    assert_eq!((shop.db.head(), shop.db.sale(sale.as_str()).expect("readable")), before);
    assert_eq!(shop.db.setting("shop_name").expect("readable"), None, "not even the first of them");
    shop.write(&[paid_in_cash(&sale, Fen(500), 1)]).expect("the next write goes on as if nothing was");
    assert_eq!(shop.db.verify().expect("readable").broken_at, None);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Flips one bit anywhere in the journal, in any column of any entry.
    #[test]
    fn one_altered_byte_is_found_at_its_entry(
        day in deeds(24),
        entry in any::<prop::sample::Index>(),
        place in any::<prop::sample::Index>(),
        bit in 0_u8..7,
    ) {
        let mut shop = Shop::new();
        live(&mut shop, &day);
        if shop.db.head().seq == 0 {
            shop.open_sale(Fen(1));
        }
        let seq = entry.index(usize::try_from(shop.db.head().seq).expect("few entries")) as u64 + 1;
        let path = shop.path();
        drop(shop.db);

        for column in ["seq", "till", "epoch", "at_ms", "actor", "kind", "body", "sale", "prev", "hash"] {
            let door = rusqlite::Connection::open(&path).expect("the file opens");
            door.execute_batch("BEGIN").expect("a transaction");
            drop_triggers(&door);
            let sql = format!("SELECT {column} FROM journal WHERE seq = ?1");
            let kept: Value = door.query_row(&sql, [seq], |row| row.get(0)).expect("an entry");
            let altered = flipped(&kept, place, bit);
            let sql = format!("UPDATE journal SET {column} = ?1 WHERE seq = ?2");
            // A number that another entry has already is refused by the table itself.
            if door.execute(&sql, (&altered, seq)).is_err() {
                continue;
            }
            door.execute_batch("COMMIT").expect("altered");

            let found = reopen(&path).verify();

            prop_assert_eq!(found.expect("readable").broken_at, Some(seq), "{} of entry {}", column, seq);
            let new_seq = if column == "seq" { number(&altered).unwrap_or(seq) } else { seq };
            door.execute(&format!("UPDATE journal SET {column} = ?1 WHERE seq = ?2"), (&kept, new_seq))
                .expect("put back");
            door.execute_batch(
                "CREATE TRIGGER journal_is_never_edited BEFORE UPDATE ON journal BEGIN SELECT 1; END;
                 CREATE TRIGGER journal_is_never_cut BEFORE DELETE ON journal BEGIN SELECT 1; END;",
            )
            .expect("triggers");
        }
        prop_assert_eq!(reopen(&path).verify().expect("readable").broken_at, None, "as it was");
    }
}

fn number(value: &Value) -> Option<u64> {
    match value {
        Value::Integer(number) => u64::try_from(*number).ok(),
        Value::Null | Value::Real(_) | Value::Text(_) | Value::Blob(_) => None,
    }
}

/// The value with one bit of it turned over; a missing one becomes something.
fn flipped(value: &Value, place: prop::sample::Index, bit: u8) -> Value {
    match value {
        Value::Integer(number) => Value::Integer(number ^ (1 << bit)),
        Value::Text(text) if text.is_empty() => Value::Text("x".to_owned()),
        Value::Text(text) => {
            let mut letters: Vec<char> = text.chars().collect();
            let at = place.index(letters.len());
            // Letters stay letters, so that the file stays readable and only its meaning changes.
            letters[at] = char::from_u32(u32::from(letters[at]) ^ (1 << bit)).unwrap_or('?');
            Value::Text(letters.into_iter().collect())
        }
        Value::Blob(bytes) => {
            let mut bytes = bytes.clone();
            let at = place.index(bytes.len());
            bytes[at] ^= 1 << bit;
            Value::Blob(bytes)
        }
        Value::Null => Value::Text("S".to_owned()),
        Value::Real(_) => unreachable!("the tables are STRICT and have no fractions"),
    }
}
