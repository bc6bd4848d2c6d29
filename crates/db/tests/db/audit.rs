//! The audit: it passes every day that could have happened, and names whatever was touched.

use guitai_db::{Audit, AuditError, Damage, Db, Fact, Finding, Mode, OpenError, Snapshot, Watch};
use guitai_domain::{Fen, Timestamp};
use proptest::prelude::*;

use crate::day::{deeds, live};
use crate::shop::{DEVICE, MORNING, Shop, TODAY, drop_triggers, paid_in_cash};

fn audit(shop: &Shop) -> Result<Audit, AuditError> {
    Snapshot::open(&shop.path()).expect("a snapshot").audit(MORNING, &Watch::default())
}

fn audit_since(shop: &Shop, before: &Audit) -> Result<Audit, AuditError> {
    Snapshot::open(&shop.path()).expect("a snapshot").audit_since(before, MORNING, &Watch::default())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn every_day_that_could_have_happened_is_proven_whole(day in deeds(60), split in 0_usize..60) {
        let (mut shop, mut until_noon, new) = (Shop::new(), Shop::new(), Shop::new());
        live(&mut shop, &day);
        // The same day, left at noon: its entries are the same to the last bit.
        live(&mut until_noon, &day[..split.min(day.len())]);
        let (empty, noon) = (audit(&new).expect("an empty file is whole"), audit(&until_noon).expect("whole at noon"));
        prop_assert_eq!(empty.seq, 0);
        prop_assert_eq!((noon.head, noon.seq), (until_noon.db.head(), until_noon.db.head().seq));

        let night = audit(&shop).expect("whole at night");

        prop_assert_eq!(night.head, shop.db.head());
        for before in [empty, noon, night] {
            prop_assert_eq!(audit_since(&shop, &before), Ok(night));
        }
    }
}

fn sold() -> Shop {
    let mut shop = Shop::new();
    for count in 1..=3 {
        let sale = shop.open_sale(Fen(1_000));
        shop.write(&[paid_in_cash(&sale, Fen(1_000), count)]).expect("cash");
    }
    let sale = shop.open_sale(Fen(2_000));
    shop.send_payment(&sale, Fen(2_000)).expect("a payment");
    shop.write(&[Fact::SettingChanged { name: "shop_name".to_owned(), value: "小店".to_owned() }])
        .expect("a setting");
    shop
}

#[test]
fn whatever_is_altered_is_named() {
    type Named = fn(&Finding) -> bool;
    let cases: [(&str, Named); 13] = [
        ("UPDATE journal SET at_ms = at_ms + 1 WHERE seq = 4", |found| *found == Finding::Entry { seq: 4 }),
        ("UPDATE journal SET sale = NULL WHERE seq = 5", |found| *found == Finding::Entry { seq: 5 }),
        ("DELETE FROM journal WHERE seq = 2", |found| *found == Finding::Entry { seq: 2 }),
        (
            "DELETE FROM journal WHERE seq = 10",
            |found| matches!(found, Finding::Row { table, .. } if table == "setting"),
        ),
        (
            "UPDATE sale SET amount_fen = 1",
            |found| matches!(found, Finding::Row { table, .. } if table == "sale"),
        ),
        ("DELETE FROM sale WHERE state = 'open'", |found| matches!(found, Finding::Row { .. })),
        (
            "UPDATE payment SET state = 'captured'",
            |found| matches!(found, Finding::Row { table, .. } if table == "payment"),
        ),
        (
            "UPDATE setting SET value = 'x'",
            |found| matches!(found, Finding::Row { table, .. } if table == "setting"),
        ),
        (
            "INSERT INTO setting VALUES ('a', 'b')",
            |found| matches!(found, Finding::Row { key, .. } if key == "a"),
        ),
        ("UPDATE till SET epoch = '00000'", |found| matches!(found, Finding::Identity(_))),
        ("UPDATE till SET device = 'x'", |found| matches!(found, Finding::Identity(_))),
        (
            "DROP INDEX payment_open_once",
            |found| matches!(found, Finding::Schema(name) if name.contains("payment_open_once")),
        ),
        ("CREATE TABLE other (x)", |found| matches!(found, Finding::Schema(name) if name.contains("other"))),
    ];

    for (attack, named) in cases {
        let shop = sold();
        let before = audit(&shop).expect("whole before");
        let door = shop.back_door();
        drop_triggers(&door);
        door.execute_batch("PRAGMA foreign_keys = OFF").expect("a pragma");
        door.execute(attack, []).expect("altered");
        door.execute_batch(
            "CREATE TRIGGER journal_is_never_edited BEFORE UPDATE ON journal
    BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
CREATE TRIGGER journal_is_never_cut BEFORE DELETE ON journal
    BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;",
        )
        .expect("the triggers as they were");

        let found = audit(&shop);

        assert!(matches!(&found, Err(AuditError::Wrong(finding)) if named(finding)), "{attack}: {found:?}");
        assert!(matches!(Damage::from(found.expect_err("checked")), Damage::Corrupt(_)));
        assert_eq!(before.seq, 10);
    }
}

#[test]
fn a_trigger_taken_away_is_named() {
    let shop = sold();
    drop_triggers(&shop.back_door());

    let found = audit(&shop);

    assert!(matches!(&found, Err(AuditError::Wrong(Finding::Schema(_)))), "{found:?}");
}

#[test]
fn what_was_written_since_is_proven_with_every_row_it_touched() {
    for attack in [
        "UPDATE journal SET at_ms = at_ms + 1 WHERE seq = 12",
        "UPDATE journal SET hash = zeroblob(32) WHERE seq = 10",
        "UPDATE sale SET amount_fen = 1 WHERE opened_seq = 11",
        "DELETE FROM sale WHERE opened_seq = 11",
        "UPDATE setting SET value = 'x' WHERE name = 'till_name'",
    ] {
        let mut shop = sold();
        let before = audit(&shop).expect("whole before");
        let sale = shop.open_sale(Fen(5));
        shop.write(&[
            paid_in_cash(&sale, Fen(5), 4),
            Fact::SettingChanged { name: "till_name".to_owned(), value: "1".to_owned() },
        ])
        .expect("cash");
        assert_eq!(audit_since(&shop, &before).map(|audit| audit.seq), Ok(13));
        let door = shop.back_door();
        drop_triggers(&door);
        assert_eq!(door.execute(attack, []).expect("altered"), 1);

        let found = audit_since(&shop, &before);

        assert!(matches!(found, Err(AuditError::Wrong(_))), "{attack}: {found:?}");
    }
}

#[test]
fn a_stopped_audit_proves_nothing() {
    let shop = sold();
    let watch = Watch::default();
    watch.stop();

    let snapshot = Snapshot::open(&shop.path()).expect("a snapshot");

    assert_eq!(snapshot.audit(MORNING, &watch), Err(AuditError::Stopped));
    let watch = Watch::default();
    snapshot.audit(MORNING, &watch).expect("whole");
    assert_eq!(watch.permille(), 1_000);
}

#[test]
fn a_snapshot_answers_from_its_moment_while_the_till_goes_on() {
    let mut shop = sold();
    let snapshot = Snapshot::open(&shop.path()).expect("a snapshot");
    let before = snapshot.audit(Timestamp(1), &Watch::default()).expect("whole");

    for count in 4..=40 {
        let sale = shop.open_sale(Fen(1_000));
        shop.write(&[paid_in_cash(&sale, Fen(1_000), count)]).expect("the till is not kept waiting");
    }

    assert_eq!(snapshot.day_report(TODAY).expect("a report").by_method[0].count, 3);
    assert_eq!(snapshot.audit(Timestamp(2), &Watch::default()), Ok(Audit { at: Timestamp(2), ..before }));
    drop(snapshot);
    let now = Snapshot::open(&shop.path()).expect("a snapshot");
    assert_eq!(now.day_report(TODAY).expect("a report").by_method[0].count, 40);
}

#[test]
fn a_mode_that_is_none_is_damage_and_neither_training_nor_real() {
    let shop = sold();
    let path = shop.path();
    // SQLite leaves the CHECK rules out of its own check where it may not write.
    shop.back_door()
        .execute_batch("PRAGMA ignore_check_constraints = ON; UPDATE till SET mode = 'treining'")
        .expect("altered");
    drop(shop.db);

    for mode in [Mode::Real, Mode::Training] {
        let refused = Db::open(&path, mode, DEVICE).expect_err("refused");
        assert!(matches!(refused, OpenError::Damaged(Damage::Corrupt(_))), "{refused}");
    }
    assert!(Snapshot::open(&path).is_err());
}
