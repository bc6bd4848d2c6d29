//! A till that cannot start says why, in words a person can act on.

use std::fs;

use anyhow::Result;
use guitai_window_tests::{Options, Stage};

#[test]
fn a_database_from_another_till_is_refused_with_words() -> Result<()> {
    let (mine, other) = (tempfile::tempdir()?, tempfile::tempdir()?);
    drop(Stage::open_in(mine.path(), &Options::default())?);
    drop(Stage::open_in(other.path(), &Options::default())?);
    let folder = |root: &tempfile::TempDir| root.path().join("data/training");
    for name in ["till.db", "till.db-wal", "till.db-shm"] {
        fs::copy(folder(&other).join(name), folder(&mine).join(name))?;
    }
    let stage = Stage::open_in(mine.path(), &Options { refused: true, ..Options::default() })?;

    stage.until_said("D-12")?;
    stage.photograph("start-other-till")?;
    let entries = stage.count("SELECT count(*) FROM journal")?;
    assert_eq!(entries, 1, "what is refused stays as it is: one entry, of the other till's only start");
    Ok(())
}
