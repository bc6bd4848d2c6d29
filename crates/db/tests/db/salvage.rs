//! What is left in a damaged file is found, and only what is proven.

use std::fs;
use std::path::Path;

use guitai_db::{AnswerRecord, ChainHead, Db, Fact, Finds, Salvage, Snapshot, Watch};
use guitai_domain::Fen;
use proptest::prelude::*;

use crate::day::{deeds, live};
use crate::shop::{MORNING, Shop, drop_triggers, identity, paid_in_cash};

const START: ChainHead = ChainHead { seq: 0, hash: [0; 32] };

fn salvage(shop: &Shop, after: ChainHead) -> Salvage {
    after_in(&shop.path(), after, None)
}

fn after_in(path: &Path, after: ChainHead, towards: Option<[u8; 32]>) -> Salvage {
    let mut finds = Finds::in_file(path, identity().till).expect("readable");
    finds.after(after, towards).expect("readable")
}

fn is_whole(db: &Db) -> bool {
    Snapshot::open(db.path()).expect("a snapshot").audit(MORNING, &Watch::default()).is_ok()
}

/// An answer so long that its entry overflows into several pages.
fn long_answer(sale: &str, payment: &str, length: usize) -> Fact {
    Fact::ProviderAnswered {
        payment: payment.to_owned(),
        sale: sale.to_owned(),
        answer: AnswerRecord {
            verb: "query".to_owned(),
            asked_at_ms: 1,
            took_ms: 2,
            heard: "paid".to_owned(),
            status: 200,
            provider_code: None,
            request_id: None,
            disbelief: None,
            request: Some("\"q\" ".repeat(length / 4)),
            reply: None,
        },
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn whatever_came_after_a_backup_is_found_and_continues_it(day in deeds(60), split in 0_usize..60) {
        let (mut shop, mut backup) = (Shop::new(), Shop::new());
        live(&mut shop, &day);
        // The same day, left early: its entries are the same to the last bit.
        live(&mut backup, &day[..split.min(day.len())]);

        let found = salvage(&shop, backup.db.head());

        prop_assert_eq!(found.count(), shop.db.head().seq - backup.db.head().seq);
        backup.db.append(&found).expect("it continues the backup");
        prop_assert_eq!(backup.db.head(), shop.db.head());
        prop_assert!(is_whole(&backup.db));
        prop_assert_eq!(backup.db.identity(), shop.db.identity());
    }
}

#[test]
fn entries_of_every_length_are_found() {
    let (mut shop, mut other) = (Shop::new(), Shop::new());
    for shop in [&mut shop, &mut other] {
        let sale = shop.open_sale(Fen(1_000));
        shop.send_payment(&sale, Fen(1_000)).expect("a payment");
    }
    let payment = shop.db.unfinished_payments().expect("readable").remove(0);
    for length in (0..40_000).step_by(997).chain(3_300..3_700).chain(7_600..7_800) {
        shop.write(&[long_answer(payment.sale.as_str(), payment.id.as_str(), length)]).expect("an answer");
    }

    for in_one_file in [false, true] {
        let found = salvage(&shop, other.db.head());

        assert_eq!(found.last().map(|(head, _)| head), Some(shop.db.head()), "in one file: {in_one_file}");
        shop.back_door().pragma_update(None, "wal_checkpoint", "TRUNCATE").expect("a checkpoint");
    }
}

#[test]
fn no_header_and_no_index_is_needed() {
    let mut shop = Shop::new();
    for count in 1..=60 {
        let sale = shop.open_sale(Fen(1_000));
        shop.write(&[paid_in_cash(&sale, Fen(1_000), count)]).expect("cash");
    }
    shop.back_door().pragma_update(None, "wal_checkpoint", "TRUNCATE").expect("a checkpoint");
    let sale = shop.open_sale(Fen(1));
    shop.write(&[paid_in_cash(&sale, Fen(1), 61)]).expect("cash");
    let head = shop.db.head();
    let (database, log) = (shop.path(), shop.path().with_extension("db-wal"));
    let (mut pages, mut frames) = (fs::read(&database).expect("the file"), fs::read(&log).expect("the log"));
    let copy = tempfile::tempdir().expect("a folder");
    let damaged = copy.path().join("till.db");

    pages[..100].fill(0xFF);
    for page in 1..pages.len() / 4_096 {
        // The header of each page and the pointers to its first rows.
        pages[page * 4_096..page * 4_096 + 16].fill(0xFF);
    }
    frames[..32].fill(0xFF);
    fs::write(&damaged, &pages).expect("a file");
    fs::write(damaged.with_extension("db-wal"), &frames).expect("a log");

    let found = after_in(&damaged, START, None);
    assert_eq!(found.last().map(|(head, _)| head), Some(head));
    assert_eq!(found.count(), head.seq);
    assert_eq!(found.epochs(), Some((identity().epoch, identity().epoch)));
    assert!(found.contains(&head.hash) && !found.contains(&[1; 32]));
}

#[test]
fn a_broken_entry_ends_what_can_be_had_and_nothing_else_is_taken_for_one() {
    let mut shop = Shop::new();
    for amount in 1..=9 {
        shop.open_sale(Fen(amount));
    }
    let entries = shop.db.entries_from(1, 9).expect("readable");
    shop.back_door().pragma_update(None, "wal_checkpoint", "TRUNCATE").expect("a checkpoint");
    let mut bytes = fs::read(shop.path()).expect("the file");
    let needle = br#""amount_fen":5,"#;
    let at = bytes.windows(needle.len()).position(|window| window == needle).expect("the fifth");
    bytes[at + needle.len() - 2] = b'6';
    let copy = tempfile::tempdir().expect("a folder");
    let damaged = copy.path().join("till.db");
    fs::write(&damaged, &bytes).expect("a file");

    let from_start = after_in(&damaged, START, None);
    assert_eq!(from_start.count(), 4);
    let behind = ChainHead { seq: 5, hash: entries[4].hash };
    let rest = after_in(&damaged, behind, None);
    assert_eq!(rest.count(), 4, "from a proven entry it goes on");
    let unknown = ChainHead { seq: 5, hash: [7; 32] };
    assert_eq!(after_in(&damaged, unknown, None).count(), 0);
    assert!(shop.db.append(&rest).is_err(), "what does not continue a journal is not appended");

    fs::write(&damaged, vec![0xA5; 100_000]).expect("a file");
    assert_eq!(after_in(&damaged, START, None).count(), 0);
    fs::write(&damaged, b"").expect("a file");
    assert_eq!(after_in(&damaged, START, None).count(), 0);
}

#[test]
fn where_the_chain_parts_the_known_entry_shows_the_way() {
    let mut long = Shop::new();
    let mut short = Shop::new();
    for shop in [&mut long, &mut short] {
        shop.open_sale(Fen(1));
    }
    let parted = short.db.head();
    short.write(&[Fact::TillStarted { version: "short".to_owned() }]).expect("written");
    for _ in 0..3 {
        long.write(&[Fact::TillStarted { version: "long".to_owned() }]).expect("written");
    }
    // Both in one file, as a log that was begun anew may hold them.
    let folder = tempfile::tempdir().expect("a folder");
    let both = folder.path().join("till.db");
    long.back_door().pragma_update(None, "wal_checkpoint", "TRUNCATE").expect("a checkpoint");
    short.back_door().pragma_update(None, "wal_checkpoint", "TRUNCATE").expect("a checkpoint");
    let bytes = [fs::read(long.path()).expect("one"), fs::read(short.path()).expect("the other")].concat();
    fs::write(&both, bytes).expect("both");
    let way = |towards| {
        let found = after_in(&both, parted, towards);
        found.last().map(|(head, _)| head)
    };

    assert_eq!(way(None), Some(long.db.head()));
    assert_eq!(way(Some(short.db.head().hash)), Some(short.db.head()));
    assert_eq!(way(Some([9; 32])), Some(long.db.head()));
}

#[test]
fn the_index_of_an_entry_is_not_sealed_and_is_made_anew() {
    let (mut shop, mut copy) = (Shop::new(), Shop::new());
    let sale = shop.open_sale(Fen(1_000));
    shop.write(&[paid_in_cash(&sale, Fen(1_000), 1)]).expect("cash");
    let door = shop.back_door();
    drop_triggers(&door);
    door.execute("UPDATE journal SET sale = 'S7' WHERE seq = 2", []).expect("altered");

    let found = salvage(&shop, START);
    copy.db.append(&found).expect("it continues");

    assert_eq!(copy.db.entries_of_sale(sale.as_str()).expect("readable").len(), 2);
    assert!(is_whole(&copy.db));
}
