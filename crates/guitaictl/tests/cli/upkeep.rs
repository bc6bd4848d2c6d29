//! Checking, mending, copying, looking back.

use std::fs;

use rusqlite::Connection;

use crate::shop::Shop;

#[test]
fn a_journal_that_was_touched_is_found_and_never_made_into_tables() {
    let edits = [
        "UPDATE journal SET body = replace(body, '\"given_fen\":2000', '\"given_fen\":2001') WHERE seq = 3",
        "UPDATE journal SET at_ms = at_ms + 1 WHERE seq = 3",
        "UPDATE journal SET sale = NULL WHERE seq = 3",
        "UPDATE journal SET hash = zeroblob(32) WHERE seq = 3",
        "DELETE FROM journal WHERE seq = 3",
    ];

    for edit in edits {
        let shop = Shop::training();
        assert_eq!(shop.run(&["cash", "12", "--given", "20"]).exit, 0);
        assert_eq!(shop.run(&["cash", "12", "--given", "20"]).exit, 0);
        assert_eq!(shop.json(&["verify"])["sound"], true);
        tamper(&shop.database(), edit);

        let verified = shop.run(&["--json", "verify"]);

        assert_eq!(verified.exit, 9, "{edit}: {verified:?}");
        let found = verified.json();
        assert_eq!(found["brokenAt"], 3, "{edit}");
        assert_eq!(found["messages"][0]["code"], "C-21");
        shop.run(&["--json", "rebuild"]).refused(9, "C-21");
    }
}

#[test]
fn one_flipped_byte_in_the_file_itself_is_found() {
    let shop = Shop::training();
    assert_eq!(shop.run(&["cash", "77.77", "--given", "80"]).exit, 0);
    shop.database().pragma_update(None, "wal_checkpoint", "TRUNCATE").expect("a checkpoint");
    let path = shop.folder().join("till.db");
    let mut bytes = fs::read(&path).expect("the file");
    let needle = b"\"amount_fen\":7777";
    let at = bytes.windows(needle.len()).position(|window| window == needle).expect("the journal's body");
    bytes[at + needle.len() - 1] ^= 1;
    fs::write(&path, bytes).expect("the file");

    let verified = shop.run(&["--json", "verify"]);

    assert_eq!(verified.exit, 9, "{verified:?}");
    assert!(verified.json()["brokenAt"].is_u64());
}

#[test]
fn tables_that_were_touched_are_found_and_made_anew() {
    let shop = Shop::training();
    assert_eq!(shop.run(&["cash", "12", "--given", "20"]).exit, 0);
    shop.database().execute("UPDATE sale SET amount_fen = 1", []).expect("the edit");

    let verified = shop.run(&["--json", "verify"]);
    let rebuilt = shop.json(&["rebuild"]);

    assert_eq!(verified.exit, 9, "{verified:?}");
    assert_eq!(verified.json()["tablesAgree"], false);
    assert!(verified.json()["brokenAt"].is_null());
    assert_eq!(rebuilt["entries"], shop.json(&["verify"])["entries"]);
    assert_eq!(shop.json(&["report"])["netTotal"], "12.00");
}

#[test]
fn checking_and_looking_back_write_nothing() {
    let shop = Shop::training();
    assert_eq!(shop.run(&["cash", "12"]).exit, 0);
    let head = shop.json(&["verify"])["chainHead"].clone();

    for command in [&["history"][..], &["report"], &["rebuild"], &["verify"], &["wallet"]] {
        shop.json(command);
    }

    assert_eq!(shop.json(&["verify"])["chainHead"], head);
}

#[test]
fn a_backup_is_the_same_journal_and_never_overwrites() {
    let shop = Shop::training();
    assert_eq!(shop.run(&["cash", "12"]).exit, 0);
    let file = shop.root().join("copy.db");
    let path = file.to_str().expect("text");

    let made = shop.json(&["backup", path]);

    assert_eq!(made["chainHead"], shop.json(&["verify"])["chainHead"]);
    let copied: i64 = Connection::open(&file)
        .expect("the copy")
        .query_row("SELECT count(*) FROM journal", [], |row| row.get(0))
        .expect("a count");
    assert_eq!(made["entries"], copied);
    shop.run(&["--json", "backup", path]).refused(2, "C-04");
}

#[test]
fn a_receipt_is_found_by_either_number_and_each_copy_is_counted() {
    let shop = Shop::training();
    let paid = shop.json(&["cash", "12"]);
    let (sale, receipt) = (paid["sale"].as_str().expect("an id"), paid["receiptNo"].as_str().expect("one"));

    assert_eq!(shop.json(&["show", sale]), shop.json(&["show", receipt]));
    assert_eq!(shop.json(&["reprint", receipt])["reprints"], 1);
    let second = shop.json(&["reprint", sale]);

    assert_eq!(second["reprints"], 2);
    let slip = second["slip"].as_array().expect("lines");
    assert!(slip.iter().any(|line| line.as_str().is_some_and(|line| line.contains("补打"))));
    shop.run(&["--json", "show", "20261121-7K3QZX-0001"]).refused(2, "S-08");
    shop.run(&["--json", "reprint", "S0000000000000000"]).refused(2, "S-08");
}

#[test]
fn a_sale_is_written_out_as_evidence_once() {
    let shop = Shop::training();
    let paid = shop.json(&["charge", "12", "--training-wallet"]);
    let file = shop.root().join("evidence.json");
    let (receipt, path) = (paid["receiptNo"].as_str().expect("one"), file.to_str().expect("text"));

    let made = shop.json(&["evidence", receipt, "--out", path]);

    let written: serde_json::Value =
        serde_json::from_slice(&fs::read(&file).expect("the file")).expect("JSON");
    assert_eq!(written["sale"]["sale"], paid["sale"]);
    assert_eq!(written["chain"]["head_hash"], shop.json(&["verify"])["chainHead"]);
    assert_eq!((&made["message"]["code"], &made["file"]), (&"C-31".into(), &path.into()));
    shop.run(&["--json", "evidence", receipt, "--out", path]).refused(2, "C-32");
    let other = shop.root().join("other.json");
    let other = other.to_str().expect("text");
    shop.run(&["--json", "evidence", "20261121-7K3QZX-0001", "--out", other]).refused(2, "S-08");
    tamper(&shop.database(), "UPDATE journal SET at_ms = at_ms + 1 WHERE seq = 2");
    shop.run(&["--json", "evidence", receipt, "--out", other]).refused(7, "D-04");
    assert!(!shop.root().join("other.json").exists(), "a file that is not whole is no evidence");
}

#[test]
fn history_is_filtered_and_bad_filters_are_refused() {
    let shop = Shop::training();
    assert_eq!(shop.run(&["cash", "12"]).exit, 0);
    assert_eq!(shop.run(&["charge", "13", "--training-wallet"]).exit, 0);
    let count = |filter: &[&str]| shop.json(&[&["history"], filter].concat())["count"].clone();

    assert_eq!(count(&["--method", "cash"]), 1);
    assert_eq!(count(&["--method", "wechat-pay", "--amount", "13"]), 1);
    assert_eq!(count(&["--amount", "14"]), 0);
    assert_eq!(count(&["--last", "0002"]), 1);
    assert_eq!(count(&["--state", "voided"]), 0);
    assert_eq!(count(&["--from", "2000-01-01", "--to", "2000-12-31"]), 0);
    shop.run(&["--json", "history", "--from", "21.11.2026"]).refused(2, "G-03");
    shop.run(&["--json", "history", "--amount", "-1"]).refused(2, "A-02");
    shop.run(&["--json", "history", "--last", "x"]).refused(2, "G-02");
    shop.run(&["--json", "report", "2026-13-01"]).refused(2, "G-03");
}

#[test]
fn the_report_as_csv_is_the_document_and_nothing_else() {
    let shop = Shop::training();
    let paid = shop.json(&["cash", "12"]);

    let run = shop.run(&["report", "--csv"]);

    assert_eq!(run.exit, 0);
    assert!(run.out.starts_with('\u{feff}') && run.err.is_empty());
    assert!(run.out.contains(paid["receiptNo"].as_str().expect("a number")));
}

#[test]
fn people_read_either_language() {
    let shop = Shop::training();
    let said = |environment: Option<&str>, arguments: &[&str]| {
        let mut command = shop.command(arguments);
        command.envs(environment.map(|locale| ("LANG", locale)));
        String::from_utf8(command.output().expect("it runs").stderr).expect("text")
    };

    assert!(said(None, &["cash", "0"]).contains("金额不能为零"));
    assert!(said(Some("en_GB.UTF-8"), &["cash", "0"]).contains("The amount is zero"));
    assert!(said(Some("en_GB.UTF-8"), &["cash", "0", "--lang", "zh"]).contains("金额不能为零"));
}

#[test]
fn help_tells_the_exit_codes() {
    let run = Shop::real().run(&["--help"]);

    assert_eq!(run.exit, 0);
    assert!(run.out.contains("do NOT charge again") && run.out.contains("退出码"));
}

/// What an intruder with a database tool would do: the triggers go first.
fn tamper(database: &Connection, edit: &str) {
    database
        .execute_batch("DROP TRIGGER journal_is_never_edited; DROP TRIGGER journal_is_never_cut;")
        .expect("the triggers");
    assert_ne!(database.execute(edit, []).expect("the edit"), 0, "{edit}");
}
