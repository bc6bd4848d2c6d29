//! A till that does not start says why, and offers what can be had back; what it lacks is named before anybody agrees.

use std::fs;
use std::path::Path;

use guitai_app::folder::{Folder, StartError};
use guitai_app::till::TillError;
use guitai_app::trouble::{look, restore};
use guitai_db::{Fact, Mode, Watch};
use guitai_domain::Timestamp;

/// 2026-11-21 14:00:00 in the shop.
const MORNING: i64 = 1_795_240_800_000;
const HOUR_MS: i64 = 3_600_000;

/// A real till with a backup, and as many entries behind it.
fn till_with_a_backup(root: &Path, entries_behind: i64) -> Folder {
    let folder = Folder::new(root, Mode::Real);
    let lock = folder.lock().expect("nobody else");
    let mut db = folder.open_or_create(&lock).expect("a till");
    let started = [Fact::TillStarted { version: "test".to_owned() }];
    db.write(Timestamp(MORNING), "test", &started).expect("written");
    folder.backup_now(Timestamp(MORNING), &Watch::default()).expect("a backup");
    for hours in 1..=entries_behind {
        db.write(Timestamp(MORNING + hours * HOUR_MS), "test", &started).expect("written");
    }
    folder
}

/// What the window gets from a failed start.
fn start(folder: &Folder) -> Result<(), TillError> {
    let lock = folder.lock()?;
    folder.open_or_create(&lock)?;
    Ok(())
}

fn spoil(path: &Path) {
    let mut bytes = fs::read(path).expect("there");
    bytes[..100].fill(0x55);
    fs::write(path, bytes).expect("written");
}

#[test]
fn a_data_file_that_is_gone_is_no_new_till_and_what_its_backup_lacks_is_named() {
    let root = tempfile::tempdir().expect("a folder");
    let folder = till_with_a_backup(root.path(), 3);
    fs::remove_file(folder.database()).expect("gone");
    let error = start(&folder).expect_err("no till by that name any more");
    assert!(matches!(error, TillError::Start(StartError::Gone)), "{error:?}");
    assert!(!folder.database().exists(), "nothing was set up in its place");

    let view = look(root.path(), Mode::Real, &error);
    assert_eq!(view.message.code, "D-27");
    let offer = view.offer.expect("the backup");
    assert!(offer.found.zh.contains("2026-11-21 14:00"), "{}", offer.found.zh);
    assert_eq!(offer.lacks.code, "D-62");
    assert!(offer.lacks.zh.contains("缺 3 条") && offer.lacks.zh.contains("17:00"), "{}", offer.lacks.zh);
    assert!(!folder.database().exists(), "looking changes nothing");

    let done =
        restore(root.path(), Mode::Real, "cashier", Timestamp(MORNING + 4 * HOUR_MS)).expect("restored");
    assert!(done.code == "D-64" && done.zh.contains("2026-11-21 14:00"), "{}", done.zh);
    start(&folder).expect("it starts again");
    let again = restore(root.path(), Mode::Real, "cashier", Timestamp(MORNING)).expect_err("whole");
    assert_eq!(again.message.code, "D-32", "what is whole is never replaced");
}

#[test]
fn a_damaged_file_is_offered_whole_where_its_entries_can_still_be_read() {
    let root = tempfile::tempdir().expect("a folder");
    let folder = till_with_a_backup(root.path(), 2);
    spoil(&folder.database());
    let error = start(&folder).expect_err("not readable");

    let offer = look(root.path(), Mode::Real, &error).offer.expect("a way back");

    assert_eq!(offer.lacks.code, "D-61", "{}", offer.lacks.zh);
    restore(root.path(), Mode::Real, "cashier", Timestamp(MORNING)).expect("restored");
    start(&folder).expect("it starts again");
}

#[test]
fn without_a_backup_nothing_is_promised() {
    let root = tempfile::tempdir().expect("a folder");
    let folder = till_with_a_backup(root.path(), 1);
    fs::remove_dir_all(folder.backup_folder()).expect("gone");
    fs::remove_file(folder.database()).expect("gone");
    let error = start(&folder).expect_err("gone");

    let view = look(root.path(), Mode::Real, &error);

    assert!(view.offer.is_none());
    assert_eq!(view.no_offer.expect("why").code, "D-34");
}

#[test]
fn a_till_that_runs_elsewhere_is_not_offered_for_restoring() {
    let root = tempfile::tempdir().expect("a folder");
    let folder = till_with_a_backup(root.path(), 1);
    let _running = folder.lock().expect("the first");
    let error = start(&folder).expect_err("the second");

    let view = look(root.path(), Mode::Real, &error);

    assert_eq!((view.message.code.as_str(), view.offer, view.no_offer), ("D-20", None, None));
    let refused = restore(root.path(), Mode::Real, "cashier", Timestamp(MORNING)).expect_err("in use");
    assert_eq!(refused.message.code, "D-20");
}

#[test]
fn in_training_an_emptied_folder_begins_anew() {
    let root = tempfile::tempdir().expect("a folder");
    let folder = Folder::new(root.path(), Mode::Training);
    start(&folder).expect("a till");
    assert!(folder.witness().exists());
    fs::remove_dir_all(folder.path()).expect("wiped");

    start(&folder).expect("another till");
}
