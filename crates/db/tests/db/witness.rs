//! The witness outside the folder: it knows when a file was put back, lost its log, or went on twice.

use std::fs;
use std::path::{Path, PathBuf};

use guitai_db::{Db, Fact, Missing, Mode, NewEpoch, Snapshot, Standing, Watch, Why, Witness};
use guitai_domain::{Epoch, Fen, ReceiptNo, TillId, Timestamp};

use crate::shop::{DEVICE, MORNING, Shop, TODAY, identity, paid_in_cash, reopen};

fn witnessed() -> (Shop, PathBuf) {
    let mut shop = Shop::new();
    // As a till's file is after it was made: it has something in it without its log.
    shop.back_door().pragma_update(None, "wal_checkpoint", "TRUNCATE").expect("a checkpoint");
    let path = shop.folder.path().join("witness");
    shop.db.keep_witness(&path).expect("a witness");
    (shop, path)
}

fn standing(db: &Db, witness: &Path) -> Standing {
    let witness = Witness::read(witness).expect("readable").expect("a witness");
    db.compare(&witness).expect("readable")
}

fn next(number: u64) -> NewEpoch {
    NewEpoch { epoch: Epoch::from_random(number), why: Why::Behind, missing: None, receipt_no: None }
}

/// The file as it lies there, its log included.
fn copy(from: &Path, to: &Path) {
    for end in ["", "-wal"] {
        let (from, to) = (format!("{}{end}", from.display()), format!("{}{end}", to.display()));
        let _ = fs::remove_file(&to);
        if Path::new(&from).exists() {
            fs::copy(from, to).expect("a copy");
        }
    }
}

#[test]
fn the_witness_knows_the_last_entry_of_every_write() {
    let (mut shop, path) = witnessed();
    let read = || Witness::read(&path).expect("readable").expect("a witness");
    assert_eq!((read().head, read().till, read().epoch_from), (shop.db.head(), identity().till, 1));

    for amount in 1..=3 {
        shop.open_sale(Fen(amount));

        assert_eq!(read().head, shop.db.head());
        assert_eq!((read().at, read().epoch), (MORNING, identity().epoch));
        assert_eq!(standing(&shop.db, &path), Standing::Agrees);
    }
}

#[test]
fn a_witness_that_is_older_than_the_file_agrees() {
    let (mut shop, path) = witnessed();
    shop.open_sale(Fen(1));
    let older = fs::read(&path).expect("the witness");
    shop.open_sale(Fen(2));

    fs::write(&path, older).expect("as a power cut leaves it");

    assert_eq!(standing(&shop.db, &path), Standing::Agrees);
}

#[test]
fn a_file_that_was_put_back_or_lost_its_log_is_behind_and_says_what_is_missing() {
    let (mut shop, path) = witnessed();
    shop.open_sale(Fen(1));
    let older = shop.folder.path().join("older.db");
    copy(&shop.path(), &older);
    let later = Timestamp(MORNING.0 + 60_000);
    shop.db.write(later, "till", &[Fact::TillStarted { version: "1".to_owned() }]).expect("written");
    shop.db.write(later, "till", &[Fact::TillStarted { version: "1".to_owned() }]).expect("written");
    let missing = Missing { from: 2, to: 3, since: Some(MORNING), until: later };
    assert_eq!(missing.count(), 2);

    let found = standing(&reopen(&older), &path);

    assert_eq!(found, Standing::Behind(missing), "an older copy");
    let without_log = shop.folder.path().join("without_log.db");
    fs::copy(shop.path(), &without_log).expect("a copy");
    let missing = Missing { from: 1, to: 3, since: None, until: later };
    assert_eq!(standing(&reopen(&without_log), &path), Standing::Behind(missing), "the log left behind");
}

#[test]
fn two_files_that_went_on_from_one_are_a_fork() {
    let (mut shop, path) = witnessed();
    shop.open_sale(Fen(1));
    let twin = shop.folder.path().join("twin.db");
    copy(&shop.path(), &twin);
    shop.open_sale(Fen(2));

    let mut twin = reopen(&twin);
    twin.write(MORNING, "till", &[Fact::TillStarted { version: "1".to_owned() }]).expect("written");

    let missing = Missing { from: 2, to: 2, since: Some(MORNING), until: MORNING };
    assert_eq!(standing(&twin, &path), Standing::Forked(missing));
}

#[test]
fn a_witness_of_another_till_says_nothing() {
    let (mut shop, path) = witnessed();
    let text = fs::read_to_string(&path).expect("the witness");
    let other = TillId::from_random(8).to_string();

    fs::write(&path, text.replace(&identity().till.to_string(), &other)).expect("altered");
    assert_eq!(Witness::read(&path).expect("readable"), None, "an altered line is not believed");

    shop.db.keep_witness(&path).expect("written anew");
    let mut witness = Witness::read(&path).expect("readable").expect("a witness");
    assert_eq!(shop.db.compare(&witness), Ok(Standing::Agrees));
    witness.till = TillId::from_random(8);
    assert_eq!(shop.db.compare(&witness), Ok(Standing::OfAnother));
}

#[test]
fn a_witness_with_any_bit_wrong_is_none() {
    let (mut shop, path) = witnessed();
    shop.open_sale(Fen(1));
    let line = fs::read(&path).expect("the witness");
    assert_eq!(line.len(), 256);
    let written = line.iter().rposition(|byte| !byte.is_ascii_whitespace()).expect("something");

    for bit in 0..written * 8 {
        let mut bad = line.clone();
        bad[bit / 8] ^= 1 << (bit % 8);
        fs::write(&path, bad).expect("written");
        assert_eq!(Witness::read(&path).expect("readable"), None, "bit {bit}");
    }
    for cut in 0..written {
        fs::write(&path, &line[..cut]).expect("written");
        assert_eq!(Witness::read(&path).expect("readable"), None, "cut at {cut}");
    }
    fs::remove_file(&path).expect("removed");
    assert_eq!(Witness::read(&path).expect("no error"), None);
}

#[test]
fn a_new_epoch_is_written_in_front_of_the_next_facts_and_not_before() {
    let (mut shop, path) = witnessed();
    shop.open_sale(Fen(1));
    let old = fs::read(&path).expect("the witness");

    shop.db.begin_epoch(next(77));

    assert_eq!(shop.db.identity().epoch, Epoch::from_random(77), "ids are made in the new one at once");
    assert_eq!(shop.db.head().seq, 1, "nothing is written for a till that is only looked at");
    assert_eq!(fs::read(&path).expect("the witness"), old);
    let (path_of_file, db) = (shop.path(), shop.db);
    drop(db);
    let mut db = reopen(&path_of_file);
    assert_eq!(db.identity().epoch, identity().epoch, "and nothing remains of it");

    db.begin_epoch(next(78));
    db.keep_witness(&path).expect("a witness");
    assert_eq!(fs::read(&path).expect("the witness"), old, "until the entry is written the old one speaks");
    let entries =
        db.write(MORNING, "till", &[Fact::TillStarted { version: "1".to_owned() }]).expect("written");

    assert_eq!((entries.len(), entries[0].seq), (1, 3), "the caller's own entries");
    let first = &db.entries_from(2, 1).expect("readable")[0];
    assert!(matches!(&first.fact, Fact::TillEpochStarted { epoch, why, .. }
        if *epoch == Epoch::from_random(78).to_string() && why == "behind"));
    assert_eq!(db.new_epoch().map(|new| new.why), Some(Why::Behind), "this opening still says why");
    let witness = Witness::read(&path).expect("readable").expect("a witness");
    assert_eq!((witness.epoch, witness.epoch_from), (Epoch::from_random(78), 2));
    db.write(MORNING, "till", &[Fact::TillStarted { version: "1".to_owned() }]).expect("written");
    assert_eq!(db.head().seq, 4, "once is enough");
    assert!(db.tables_agree().expect("readable"));
    db.rebuild().expect("rebuilt");
    drop(db);
    let db = reopen(&path_of_file);
    assert_eq!((db.identity().epoch, db.new_epoch()), (Epoch::from_random(78), None));
    let snapshot = Snapshot::open(&path_of_file).expect("a snapshot");
    assert_eq!(snapshot.audit(MORNING, &Watch::default()).map(|audit| audit.seq), Ok(4));
}

#[test]
fn a_new_epoch_that_could_not_be_written_waits_for_the_next_write() {
    let (mut shop, _) = witnessed();
    shop.open_sale(Fen(1));
    shop.db.begin_epoch(next(77));
    // A rule refuses the facts: nothing of the transaction stays.
    let refused = shop.write(&[Fact::SaleVoided { sale: "none".to_owned() }]);
    assert!(refused.is_err());
    assert_eq!(shop.db.head().seq, 1);

    shop.open_sale(Fen(2));

    assert_eq!(shop.db.head().seq, 3);
    assert!(matches!(shop.db.entries_from(2, 1).expect("readable")[0].fact, Fact::TillEpochStarted { .. }));
}

#[test]
fn the_old_file_put_back_after_a_new_epoch_is_a_fork_whatever_its_length() {
    let (mut shop, path) = witnessed();
    shop.open_sale(Fen(1));
    shop.open_sale(Fen(2));
    shop.open_sale(Fen(3));
    let original = shop.folder.path().join("original.db");
    copy(&shop.path(), &original);
    drop(shop.db);
    // An older copy came back and goes on as entry 2 of a new epoch, twice as long as the original.
    let older = shop.folder.path().join("older.db");
    let mut db = Db::create(&older, &identity(), DEVICE).expect("a file");
    db.write(MORNING, "till", &[Fact::TillStarted { version: "1".to_owned() }]).expect("written");
    db.begin_epoch(next(5));
    db.keep_witness(&path).expect("a witness");
    db.write(MORNING, "till", &[Fact::TillStarted { version: "1".to_owned() }]).expect("written");

    let original = Db::open(&original, Mode::Real, DEVICE).expect("the original");
    let missing = Missing { from: 2, to: 3, since: Some(MORNING), until: MORNING };
    assert_eq!(
        standing(&original, &path),
        Standing::Forked(missing),
        "the new epoch's entries are not in it"
    );
    for _ in 0..3 {
        db.write(MORNING, "till", &[Fact::TillStarted { version: "1".to_owned() }]).expect("written");
    }
    let missing = Missing { from: 2, to: 6, since: Some(MORNING), until: MORNING };
    assert_eq!(standing(&original, &path), Standing::Behind(missing));
}

#[test]
fn receipts_go_on_after_the_last_that_may_have_been_given_out() {
    let (mut shop, path) = witnessed();
    for count in 1..=3 {
        let sale = shop.open_sale(Fen(100));
        shop.write(&[paid_in_cash(&sale, Fen(100), count)]).expect("cash");
    }
    let witness = Witness::read(&path).expect("readable").expect("a witness");
    assert_eq!(witness.receipt_no.as_ref().map(ReceiptNo::count), Some(3));
    assert_eq!(shop.db.receipts_on(TODAY), Ok(3));

    let known = witness.receipt_no.expect("a receipt").further(9_990);
    shop.db.begin_epoch(NewEpoch { receipt_no: Some(known), ..next(5) });
    let sale = shop.open_sale(Fen(100));

    assert_eq!(shop.db.receipts_on(TODAY), Ok(9_993), "9,990 were given out that this file does not have");
    assert_eq!(shop.db.receipts_on("2026-11-22"), Ok(0), "the next day begins anew");
    shop.write(&[paid_in_cash(&sale, Fen(100), 9_994)]).expect("cash");
    for count in 9_995..=10_002 {
        let sale = shop.open_sale(Fen(100));
        shop.write(&[paid_in_cash(&sale, Fen(100), count)]).expect("cash");
        assert_eq!(shop.db.receipts_on(TODAY), Ok(count), "however long the number");
    }
    shop.db.rebuild().expect("rebuilt");
    assert_eq!(shop.db.receipts_on(TODAY), Ok(10_002));
    let witness = Witness::read(&path).expect("readable").expect("a witness");
    assert_eq!(witness.receipt_no.map(|receipt| receipt.count()), Some(10_002));
}
