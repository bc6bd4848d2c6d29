use std::path::PathBuf;

use guitai_db::{Db, Fact, Mode};
use rusqlite::Connection;
use tempfile::TempDir;

use super::*;
use crate::folder::Folder;

const MORNING: Timestamp = Timestamp(1_795_226_400_000);
const HOUR_MS: i64 = 3_600_000;

struct Shop {
    _dir: TempDir,
    db: Db,
}

impl Shop {
    fn open() -> Shop {
        let dir = tempfile::tempdir().expect("a folder");
        let folder = Folder::new(dir.path(), Mode::Real);
        let lock = folder.lock().expect("the lock");
        let db = folder.create(&lock).expect("a till");
        let mut shop = Shop { _dir: dir, db };
        shop.set("shop_name", "小店");
        shop
    }

    fn set(&mut self, name: &str, value: &str) {
        let fact = Fact::SettingChanged { name: name.to_owned(), value: value.to_owned() };
        self.db.write(MORNING, "cashier", &[fact]).expect("written");
    }

    fn path(&self) -> PathBuf {
        self.db.path().to_owned()
    }

    /// Alters a row behind the program's back.
    fn alter(&self, name: &str) {
        let conn = Connection::open(self.path()).expect("the file opens");
        let sql = "UPDATE setting SET value = 'another' WHERE name = ?1";
        assert_eq!(conn.execute(sql, [name]).expect("altered"), 1);
    }

    fn proof(&self, before: Option<Proof>, hours: i64) -> Result<Proof, Damage> {
        Proof::after(before, &self.path(), Timestamp(MORNING.0 + hours * HOUR_MS), &Watch::default())
    }
}

#[test]
fn the_first_proof_walks_the_whole_file() {
    let shop = Shop::open();

    let proof = shop.proof(None, 0).expect("whole");
    assert_eq!((proof.audit.seq, proof.whole_at), (shop.db.head().seq, MORNING));

    shop.alter("shop_name");
    assert!(matches!(shop.proof(None, 0), Err(Damage::Corrupt(_))));
}

#[test]
fn the_next_goes_on_from_there_and_finds_what_is_wrong_with_what_was_written_since() {
    let mut shop = Shop::open();
    let first = shop.proof(None, 0).expect("whole");
    shop.set("till_name", "1号台");

    let second = shop.proof(Some(first), 1).expect("whole");
    assert_eq!(
        (second.audit.seq, second.whole_at),
        (shop.db.head().seq, MORNING),
        "the whole walk was the first"
    );

    shop.alter("till_name");
    assert!(matches!(shop.proof(Some(first), 1), Err(Damage::Corrupt(_))));
}

#[test]
fn after_some_hours_or_a_jump_of_the_clock_the_whole_file_is_walked_again() {
    let mut shop = Shop::open();
    let first = shop.proof(None, 0).expect("whole");
    shop.set("till_name", "1号台");
    shop.alter("shop_name");

    assert!(shop.proof(Some(first), 5).is_ok(), "proven before; rot is found at the next whole walk");
    for hours in [6, 7, 87_600, -6, -87_600] {
        assert!(matches!(shop.proof(Some(first), hours), Err(Damage::Corrupt(_))), "after {hours} h");
    }
}

#[test]
fn a_failed_proof_is_none_and_the_next_one_fails_as_well() {
    let mut shop = Shop::open();
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let proofs = Proofs::default();
    let renew = |shop: &Shop| {
        runtime.block_on(proofs.renew(shop.path(), MORNING)).map_err(|error| error.message.code)
    };
    assert_eq!(renew(&shop), Ok(()));
    shop.set("till_name", "1号台");
    shop.alter("till_name");

    for _ in 0..3 {
        assert_eq!(renew(&shop), Err("D-04".to_owned()), "no total is shown");
    }
}

#[test]
fn a_proof_that_is_given_up_is_none() {
    let shop = Shop::open();
    let watch = Watch::default();
    watch.stop();

    assert!(Proof::after(None, &shop.path(), MORNING, &watch).is_err());
}
