//! Room on the disk, and the reserve.

use std::fs;

use guitai_app::folder::{Folder, Reserve};
use guitai_db::Mode;

use crate::place::Place;

#[test]
fn the_room_that_is_left_is_known_even_before_there_is_a_till() {
    let dir = tempfile::tempdir().expect("a folder");
    let folder = Folder::new(&dir.path().join("not/yet"), Mode::Real);

    assert!(folder.free_bytes().expect("a figure") > 0);
}

/// A small one, wherever there is any room at all.
const SMALL: Reserve = Reserve { bytes: 1_000_000, from_bytes: 0, release_below_bytes: 0 };

#[test]
fn a_reserve_really_takes_its_room_and_gives_it_back() {
    let place = Place::new();
    let file = place.folder.path().join("ballast");

    assert!(place.folder.keep_ballast(&SMALL).expect("a reserve"));

    let ballast = fs::metadata(&file).expect("the file");
    assert_eq!(ballast.len(), SMALL.bytes);
    #[cfg(unix)]
    assert!(std::os::unix::fs::MetadataExt::blocks(&ballast) * 512 >= SMALL.bytes, "not only promised");
    assert!(place.folder.keep_ballast(&SMALL).expect("it looks"), "once is enough");
    assert!(place.folder.release_ballast().expect("gone"));
    assert!(!file.exists());
    assert!(!place.folder.release_ballast().expect("nothing there"));
}

#[test]
fn there_is_no_reserve_where_there_is_little_room_or_no_real_money() {
    let place = Place::new();
    let choosy = Reserve { from_bytes: u64::MAX, ..SMALL };
    assert!(!place.folder.keep_ballast(&choosy).expect("it looks"));
    let training = Folder::new(place.root(), Mode::Training);
    let _lock = training.lock().expect("the lock");
    assert!(!training.keep_ballast(&SMALL).expect("it looks"), "practice needs no reserve");

    for folder in [&place.folder, &training] {
        assert!(!folder.path().join("ballast").exists());
    }
}

#[test]
fn a_reserve_that_was_only_begun_is_made_anew() {
    let place = Place::new();
    let file = place.folder.path().join("ballast");
    fs::write(&file, "").expect("the program died right after making the file");

    assert!(place.folder.keep_ballast(&SMALL).expect("a reserve"));

    assert_eq!(fs::metadata(&file).expect("the file").len(), SMALL.bytes);
}

#[test]
fn a_reserve_that_does_not_fit_leaves_nothing_behind() {
    let place = Place::new();
    let huge = Reserve { bytes: 1 << 60, ..SMALL };

    assert!(place.folder.keep_ballast(&huge).is_err());

    assert!(!place.folder.path().join("ballast").exists());
}
