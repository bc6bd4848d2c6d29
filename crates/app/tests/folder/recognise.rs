//! A file that is not the last one is recognised, says so, and uses no number twice.

use std::fs;

use guitai_db::{Db, Missing, Why, Witness};
use guitai_domain::Timestamp;

use crate::place::{MORNING, Place, cash, copy_files, sell};

fn why(db: &Db) -> Option<Why> {
    db.new_epoch().map(|new| new.why)
}

fn minute(count: i64) -> Timestamp {
    Timestamp(MORNING.0 + count * 60_000)
}

#[test]
fn a_till_opened_again_and_again_stays_what_it_is() {
    let place = Place::new();
    let epoch = place.with_db(|db| db.identity().epoch);

    for count in 1..=3 {
        place.with_db(|db| {
            assert_eq!((db.identity().epoch, why(db)), (epoch, None));
            sell(db, count);
        });
    }
    assert_eq!(place.until_killed(|db| why(db)), None);
    assert_eq!(place.with_db(|db| (why(db), cash(db))), (None, (3, 3_000)), "nor by a death");
}

#[test]
fn a_database_put_back_is_recognised_and_says_what_is_missing() {
    let place = Place::new();
    place.sell(1);
    let older = place.root().join("older");
    copy_files(place.folder.path(), &older);
    let epoch = place.with_db(|db| db.identity().epoch);
    place.sell(2);
    place.sell(3);

    copy_files(&older, place.folder.path());

    let missing = Missing { from: 3, to: 6, since: Some(minute(1)), until: minute(3) };
    place.with_db(|db| {
        let new = db.new_epoch().expect("recognised");
        assert_eq!((new.why, new.missing), (Why::Behind, Some(missing)));
        assert_ne!(db.identity().epoch, epoch, "no number of the lost entries is used again");
    });
    place.with_db(|db| {
        assert_eq!(why(db), Some(Why::Behind), "looking alone changes nothing");
        sell(db, 9);
    });
    assert_eq!(place.with_db(|db| (why(db), db.head().seq, cash(db))), (None, 5, (2, 2_000)));
}

#[test]
fn a_log_that_was_removed_is_recognised() {
    let place = Place::new();
    place.sell(1);
    place.until_killed(|db| sell(db, 2));
    assert!(place.folder.path().join("till.db-wal").exists());

    fs::remove_file(place.folder.path().join("till.db-wal")).expect("removed");

    let missing = Missing { from: 3, to: 4, since: Some(minute(1)), until: minute(2) };
    place.with_db(|db| assert_eq!(db.new_epoch().expect("recognised").missing, Some(missing)));
}

#[test]
fn both_of_two_that_went_on_from_one_are_recognised() {
    let place = Place::new();
    place.sell(1);
    let older = place.root().join("older");
    copy_files(place.folder.path(), &older);
    place.sell(2);
    let newer = place.root().join("newer");
    copy_files(place.folder.path(), &newer);
    copy_files(&older, place.folder.path());
    place.sell(3);

    copy_files(&newer, place.folder.path());

    place.with_db(|db| assert!(matches!(why(db), Some(Why::Forked | Why::Behind))));
    place.sell(4);
    place.with_db(|db| assert_eq!(why(db), None));
}

#[test]
fn a_lost_or_unreadable_witness_is_no_alarm_and_is_made_anew() {
    let place = Place::new();
    place.sell(1);
    for spoil in [b"".as_slice(), b"nonsense", &[0; 4096], b"\xff\xfe"] {
        fs::write(place.folder.witness(), spoil).expect("spoiled");
        assert_eq!(place.with_db(|db| why(db)), None);
        assert!(Witness::read(&place.folder.witness()).expect("readable").is_some());
    }
    fs::remove_file(place.folder.witness()).expect("removed");

    assert_eq!(place.with_db(|db| why(db)), None);

    assert!(Witness::read(&place.folder.witness()).expect("readable").is_some());
    fs::remove_file(place.folder.witness()).expect("removed");
    fs::create_dir(place.folder.witness()).expect("something else in its place");
    place.sell(2);
    assert_eq!(place.with_db(|db| cash(db)), (2, 2_000), "a till without a witness sells");
}

/// The marks in the folder as another computer would have left them.
fn marks_of_another(place: &Place) {
    let marks = r#"{"marks":{"id":"00","adapters":["11","22"]}}"#;
    fs::write(place.folder.path().join("machine.marks"), marks).expect("marks");
}

fn has_marks(place: &Place) -> bool {
    let text = fs::read_to_string(place.folder.path().join("machine.marks")).expect("marks");
    text.contains("\"id\"") || !text.contains("\"adapters\":[]")
}

#[test]
fn a_folder_on_another_computer_is_recognised_once() {
    let place = Place::new();
    place.sell(1);
    if !has_marks(&place) {
        return; // A computer without any mark, such as a bare container, tells nothing apart.
    }
    let epoch = place.with_db(|db| db.identity().epoch);
    marks_of_another(&place);

    place.with_db(|db| assert_eq!(why(db), Some(Why::Moved)));
    place.with_db(|db| {
        assert_eq!(why(db), Some(Why::Moved), "as long as nothing was written it is said again");
        sell(db, 1_002);
        assert_ne!(db.identity().epoch, epoch);
    });

    place.with_db(|db| assert_eq!(why(db), None, "this computer is home now"));
    let marks = fs::read_to_string(place.folder.path().join("machine.marks")).expect("marks");
    assert!(!marks.contains("waiting"), "{marks}");
}

#[test]
fn receipts_go_on_far_enough_behind_those_of_the_other_computer() {
    let place = Place::new();
    place.sell(1);
    if !has_marks(&place) {
        return;
    }
    marks_of_another(&place);

    place.with_db(|db| {
        db.write(MORNING, "till", &[]).expect("the epoch's entry");
        assert_eq!(db.receipts_on("2026-11-21"), Ok(1_001));
        assert_eq!(db.receipts_on("2026-11-22"), Ok(0));
    });
}

#[test]
fn lost_or_spoiled_marks_are_made_anew_without_a_word() {
    let place = Place::new();
    let path = place.folder.path().join("machine.marks");
    let before = fs::read(&path).expect("marks");
    for spoil in [b"".as_slice(), b"{}", b"nonsense"] {
        fs::write(&path, spoil).expect("spoiled");
        assert_eq!(place.with_db(|db| why(db)), None);
        assert_eq!(fs::read(&path).expect("marks"), before);
    }
    fs::remove_file(&path).expect("removed");
    assert_eq!(place.with_db(|db| why(db)), None);
    assert_eq!(fs::read(&path).expect("marks"), before);
}
