use super::*;

fn identity() -> Identity {
    Identity { till: TillId::from_random(1), epoch: Epoch::from_random(2), mode: Mode::Training }
}

/// What the till's own connection answers; these settings are the connection's, so nobody else can see them.
fn setting(db: &Db, name: &str) -> String {
    db.conn
        .pragma_query_value(None, name, |row| row.get::<_, rusqlite::types::Value>(0).map(text_of))
        .unwrap_or_else(|error| panic!("{name}: {error}"))
}

#[test]
fn every_setting_that_money_depends_on_is_in_force_after_making_and_after_opening() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("till.db");
    let wanted = [
        ("journal_mode", "wal"),
        ("synchronous", "2"),
        ("foreign_keys", "1"),
        ("trusted_schema", "0"),
        ("cell_size_check", "1"),
        ("busy_timeout", "5000"),
        ("wal_autocheckpoint", "1000"),
        ("application_id", "1196771668"),
        ("user_version", "2"),
    ];

    let made = Db::create(&path, &identity(), b"secret").expect("a new file");
    for (name, value) in wanted {
        assert_eq!(setting(&made, name), value, "{name} of a new file");
    }
    drop(made);

    let opened = Db::open(&path, Mode::Training, b"secret").expect("it opens");
    for (name, value) in wanted {
        assert_eq!(setting(&opened, name), value, "{name} of an opened file");
    }
    assert!(opened.conn.db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE).expect("a setting"));
}

#[test]
fn a_setting_that_does_not_take_keeps_the_till_from_selling() {
    // A database in memory cannot have a write-ahead log, so the first setting reads back as something else.
    let refused = Db::create(Path::new(":memory:"), &identity(), b"secret").expect_err("must be refused");

    assert!(
        matches!(&refused, OpenError::Setting { name: "journal_mode", found, wanted: "wal" } if found == "memory"),
        "{refused:?}"
    );
}

#[test]
fn a_closed_file_has_everything_in_itself_and_can_be_renamed() {
    let folder = tempfile::tempdir().expect("a folder");
    let (draft, path) = (folder.path().join("till.db.new"), folder.path().join("till.db"));
    let db = Db::create(&draft, &identity(), b"secret").expect("a new file");
    let reader = Connection::open(&draft).expect("another looks at it");
    reader.execute_batch("BEGIN; SELECT * FROM till").expect("it reads");
    db.conn.execute_batch("UPDATE till SET device = device").expect("written since");
    db.conn.busy_timeout(std::time::Duration::ZERO).expect("no waiting");
    assert!(matches!(db.close(), Err(OpenError::Damaged(Damage::Busy))), "the log is still being read");
    drop(reader);

    let db = Db::open(&draft, Mode::Training, b"secret").expect("it opens");
    db.close().expect("closed");
    std::fs::rename(&draft, &path).expect("renamed");
    assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 1, "one file is the whole till");
    assert!(Db::open(&path, Mode::Training, b"secret").is_ok());
}
