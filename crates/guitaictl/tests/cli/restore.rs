//! When the file is gone, damaged or somebody else's.

use std::fs;
use std::path::Path;

use crate::shop::Shop;

/// SQLite can open neither the database nor its log any more.
fn damage(shop: &Shop) {
    let database = shop.folder().join("till.db");
    for (path, length) in [(database.clone(), 100), (database.with_extension("db-wal"), 32)] {
        if let Ok(mut bytes) = fs::read(&path) {
            bytes[..length].fill(0x55);
            fs::write(&path, bytes).expect("damaged");
        }
    }
}

fn text(path: &Path) -> &str {
    path.to_str().expect("text")
}

#[test]
fn a_damaged_till_is_restored_with_everything() {
    let shop = Shop::training();
    assert_eq!(shop.run(&["cash", "12"]).exit, 0);
    let copy = shop.root().join("copy.db");
    shop.json(&["backup", text(&copy)]);
    assert_eq!(shop.run(&["cash", "13"]).exit, 0);
    let head = shop.json(&["verify"])["entries"].as_u64().expect("a count");
    damage(&shop);
    assert_eq!(shop.run(&["cash", "1"]).exit, 7);

    let offered = shop.json(&["restore", "--from", text(&copy), "--dry-run"]);
    let restored = shop.json(&["restore", "--from", text(&copy)]);

    assert_eq!((offered["done"].as_bool(), restored["done"].as_bool()), (Some(false), Some(true)));
    assert_eq!((&offered["lastSeq"], &restored["lastSeq"]), (&head.into(), &head.into()));
    assert_eq!(restored["backup"], text(&copy));
    assert!(restored["missingFrom"].is_null() && restored["message"]["code"] == "C-27");
    assert!(Path::new(restored["kept"].as_str().expect("a folder")).join("till.db").exists());
    assert_eq!(shop.json(&["verify"])["sound"], true);
    assert_eq!(shop.json(&["report"])["netTotal"], "25.00");
    assert_eq!(shop.run(&["cash", "1"]).exit, 0);
    shop.run(&["--json", "restore"]).refused(2, "D-32");
}

#[test]
fn a_gap_is_named_and_ends_the_command_with_9() {
    let shop = Shop::training();
    assert_eq!(shop.run(&["cash", "12"]).exit, 0);
    let copy = shop.root().join("copy.db");
    shop.json(&["backup", text(&copy)]);
    assert_eq!(shop.run(&["cash", "13"]).exit, 0);
    fs::remove_file(shop.folder().join("till.db")).expect("gone");

    let run = shop.run(&["--json", "restore", "--from", text(&copy)]);

    assert_eq!(run.exit, 9, "{run:?}");
    let restored = run.json();
    assert_eq!(restored["message"]["code"], "C-28");
    let number = |name: &str| restored[name].as_u64().expect("a number");
    assert_eq!(number("missingFrom"), number("lastSeq") + 1);
    assert!(number("missingTo") > number("missingFrom") && number("missingUntilMs") > 0);
    let next = shop.json(&["cash", "14"]);
    assert!(next["receiptNo"].as_str().expect("a number").ends_with("-0003"), "0002 was given out: {next}");
    assert_eq!(shop.json(&["verify"])["sound"], true);
}

#[test]
fn without_a_backup_the_damaged_file_alone_is_enough() {
    let shop = Shop::training();
    assert_eq!(shop.run(&["cash", "12"]).exit, 0);
    damage(&shop);

    assert_eq!(shop.json(&["restore"])["backup"], serde_json::Value::Null);

    assert_eq!(shop.json(&["report"])["netTotal"], "12.00");
}

#[test]
fn a_till_copied_here_is_adopted_on_purpose_only() {
    let (shop, other) = (Shop::training(), Shop::training());
    assert_eq!(other.run(&["cash", "12"]).exit, 0);
    fs::copy(other.folder().join("till.db"), shop.folder().join("till.db")).expect("a copy");
    shop.run(&["--json", "cash", "1"]).refused(7, "D-12");

    let adopted = shop.json(&["adopt"]);

    assert_eq!(adopted["message"]["code"], "C-30");
    assert_eq!(shop.json(&["report"])["netTotal"], "12.00");
    let sold = shop.json(&["cash", "1"]);
    assert!(sold["sale"].as_str().expect("an id").contains(adopted["epoch"].as_str().expect("an epoch")));
    shop.run(&["--json", "adopt"]).refused(2, "D-33");
    assert_eq!(other.run(&["cash", "1"]).exit, 0, "the other one still runs");
}

#[test]
fn where_there_is_no_till_nothing_is_restored_or_adopted() {
    let shop = Shop::real();

    shop.run(&["--json", "restore"]).refused(2, "D-22");
    shop.run(&["--json", "adopt"]).refused(2, "D-22");
    shop.run(&["--json", "restore", "--from", "nothing.db", "--dry-run"]).refused(7, "D-02");

    assert!(!shop.folder().join("till.db").exists());
}
