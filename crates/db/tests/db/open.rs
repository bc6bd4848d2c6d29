//! Opening: a till does not sell on a file it cannot trust, and leaves a file alone that is not its own.

use std::fs;

use guitai_db::{Damage, Db, Mode, OpenError};
use guitai_domain::Fen;
use rusqlite::Connection;

use crate::shop::{DEVICE, Shop, identity};

/// Opens the file after `change`, with `mode` and `device`; answers the error and whether the file was left alone.
fn refused(change: impl FnOnce(&Connection), mode: Mode, device: &[u8]) -> OpenError {
    let mut shop = Shop::new();
    shop.open_sale(Fen(1));
    let path = shop.path();
    drop(shop.db);
    {
        let conn = Connection::open(&path).expect("the file");
        change(&conn);
        conn.pragma_update(None, "journal_mode", "DELETE").expect("no log left");
    }
    let before = fs::read(&path).expect("the file");

    let error = Db::open(&path, mode, device).expect_err("must be refused");

    assert_eq!(fs::read(&path).expect("the file"), before, "a refused file is left as it is: {error}");
    error
}

#[test]
fn a_file_of_another_mode_device_version_or_maker_is_refused_and_left_alone() {
    let same = |_: &Connection| {};
    let error = refused(same, Mode::Training, DEVICE);
    assert!(matches!(error, OpenError::OtherMode { found: Mode::Real, wanted: Mode::Training }), "{error}");

    let error = refused(same, Mode::Real, b"another machine's secret");
    assert!(matches!(&error, OpenError::OtherTill { till } if *till == identity().till.to_string()));

    let error = refused(same, Mode::Real, b"");
    assert!(matches!(error, OpenError::OtherTill { .. }), "a copy without its secret opens to nobody");

    let newer = |conn: &Connection| conn.pragma_update(None, "user_version", 99).expect("a version");
    let error = refused(newer, Mode::Real, DEVICE);
    assert!(matches!(error, OpenError::Newer), "{error}");

    let foreign = |conn: &Connection| conn.pragma_update(None, "application_id", 7).expect("an id");
    let error = refused(foreign, Mode::Real, DEVICE);
    assert!(matches!(error, OpenError::NotGuitai), "{error}");
}

#[test]
fn what_is_no_database_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, content) in [
        ("text", b"this is a shopping list, and it is long enough to have a header".repeat(100)),
        ("zeros", vec![0; 8_192]),
        ("empty", Vec::new()),
    ] {
        let path = folder.path().join(name);
        fs::write(&path, &content).expect("a file");

        let error = Db::open(&path, Mode::Real, DEVICE).expect_err("must be refused");

        assert!(matches!(error, OpenError::NotGuitai), "{name}: {error:?}");
        assert_eq!(fs::read(&path).expect("the file"), content, "{name} is left as it is");
    }
    assert!(Db::open(&folder.path().join("nothing"), Mode::Real, DEVICE).is_err(), "no file is not a till");
    assert!(!folder.path().join("nothing").exists(), "opening makes none");
}

#[test]
fn a_file_with_a_till_in_it_is_not_set_up_again() {
    let shop = Shop::new();
    let path = shop.path();
    drop(shop.db);

    let again = Db::create(&path, &identity(), DEVICE);

    assert!(matches!(again, Err(OpenError::OtherTill { .. })));
    Db::open(&path, Mode::Real, DEVICE).expect("the till that was there is still there");
}

#[test]
fn a_new_till_is_never_set_up_in_somebody_elses_database() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("till.db");
    Connection::open(&path)
        .and_then(|conn| {
            conn.execute_batch("CREATE TABLE letters (text TEXT); INSERT INTO letters VALUES ('dear')")
        })
        .expect("somebody's database");
    let before = fs::read(&path).expect("the file");

    let error = Db::create(&path, &identity(), DEVICE).expect_err("must be refused");

    assert!(matches!(error, OpenError::NotGuitai), "{error:?}");
    assert_eq!(fs::read(&path).expect("the file"), before, "it is left as it is");
}

#[test]
fn the_settings_that_money_depends_on_are_in_force() {
    let shop = Shop::new();

    let (journal, auto): (String, i64) = {
        let door = shop.back_door();
        (
            door.pragma_query_value(None, "journal_mode", |row| row.get(0)).expect("a mode"),
            door.pragma_query_value(None, "auto_vacuum", |row| row.get(0)).expect("a setting"),
        )
    };

    assert_eq!((journal.as_str(), auto), ("wal", 0), "the mode is in the file for whoever opens it");
    shop.db.quick_check().expect("a sound file");
    assert_eq!(shop.db.identity(), &identity());
}

#[test]
fn a_file_whose_till_or_epoch_is_not_the_last_entrys_is_refused_before_it_writes_in_a_wrong_name() {
    for rot in ["UPDATE till SET epoch = '80000'", "UPDATE till SET till = '700001'"] {
        let error = refused(|conn| conn.execute(rot, []).map(|_| ()).expect("altered"), Mode::Real, DEVICE);

        assert!(matches!(error, OpenError::Damaged(Damage::Corrupt(_))), "{rot}: {error}");
    }
}
