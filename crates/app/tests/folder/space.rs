//! Room on the disk, and the reserve.

use std::fs;

use guitai_app::folder::{BALLAST_BYTES, Folder};
use guitai_db::Mode;

use crate::place::Place;

#[test]
fn the_room_that_is_left_is_known_even_before_there_is_a_till() {
    let dir = tempfile::tempdir().expect("a folder");
    let folder = Folder::new(&dir.path().join("not/yet"), Mode::Real);

    assert!(folder.free_bytes().expect("a figure") > 0);
}

#[cfg(unix)]
#[test]
fn a_reserve_really_takes_its_room_and_gives_it_back() {
    use std::os::unix::fs::MetadataExt;

    let place = Place::new();
    if place.folder.free_bytes().expect("a figure") < 4_500_000_000 {
        assert!(!place.folder.keep_ballast().expect("it looks"), "no reserve where there is little room");
        return;
    }

    assert!(place.folder.keep_ballast().expect("a reserve"));

    let ballast = fs::metadata(place.folder.path().join("ballast")).expect("the file");
    assert_eq!(ballast.len(), BALLAST_BYTES);
    assert!(ballast.blocks() * 512 >= BALLAST_BYTES, "not only promised");
    assert!(place.folder.keep_ballast().expect("it looks"), "once is enough");
    assert!(place.folder.release_ballast().expect("gone"));
    assert!(!place.folder.release_ballast().expect("nothing there"));
    let training = Folder::new(place.root(), Mode::Training);
    let _lock = training.lock().expect("the lock");
    assert!(!training.keep_ballast().expect("it looks"), "practice needs no reserve");
}
