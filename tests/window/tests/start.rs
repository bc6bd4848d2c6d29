//! A till that cannot start says why, in words a person can act on.

use std::fs;

use anyhow::{Result, ensure};
use guitai_window_tests::{Options, Stage, keyboard, pause};

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

#[test]
fn a_damaged_database_is_restored_from_the_window_and_the_till_starts_again() -> Result<()> {
    let root = tempfile::tempdir()?;
    let stage = Stage::open_in(root.path(), &Options::default())?;
    keyboard::press(&["8", "F7", "Return"])?;
    stage.until("captured")?;
    stage.kill();
    let folder = root.path().join("data/training");
    // What a power cut in a cheap disk leaves: the first page is not what was written.
    let mut bytes = fs::read(folder.join("till.db"))?;
    bytes[..100].fill(0x55);
    fs::write(folder.join("till.db"), bytes)?;

    let stage = Stage::open_in(root.path(), &Options { refused: true, ..Options::default() })?;
    stage.until_said("柜台没有启动")?;
    stage.until_said("没有缺失的记录")?;
    stage.photograph("start-damaged")?;
    stage.take_keyboard()?;
    keyboard::press(&["r"])?;
    stage.until_said("恢复数据？")?;
    keyboard::press(&["Return"])?;
    ensure!(!folder.join("damaged-1").exists(), "Enter leaves everything as it is");
    keyboard::press(&["r"])?;
    stage.until_said("恢复数据？")?;
    keyboard::press(&["y"])?;
    stage.until_said("D-64")?;
    stage.photograph("start-restored")?;
    ensure!(folder.join("damaged-1/till.db").exists(), "what was damaged is kept");
    keyboard::press(&["Return"])?;
    // The program that comes up is another one: the driver sees only the first.
    stage.wait_for(|| Ok(root.path().join("demo/ready").exists()), "the till to start again by itself")?;
    stage.kill();
    pause(500);

    let stage = Stage::open_in(root.path(), &Options::default())?;
    ensure!(stage.count("SELECT count(*) FROM sale WHERE state = 'completed' AND amount_fen = 800")? == 1);
    Ok(())
}
