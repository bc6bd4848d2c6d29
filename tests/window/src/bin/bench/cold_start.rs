//! From starting the program to a window that takes keys, against a window with nothing in it.

use std::fs;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use guitai_window_tests::till;

use crate::bare;
use crate::figures::{Series, heading, ratio, row};
use crate::floor::gone;

const STARTS: usize = 10;
/// In hundredths of the bare window's time.
const TARGET: i64 = 130;
/// For the machine to come to rest after a window.
const REST: Duration = Duration::from_millis(800);

pub fn run() -> Result<()> {
    let scratch = tempfile::tempdir()?;
    let root = scratch.path();
    let (till, bare) = (till()?, bare::program()?);
    let (mut tills, mut bares) = (Series::default(), Series::default());
    // The first start of each sets up folders and warms the disk.
    for number in 0..=STARTS {
        let (with_till, without) = (start(&till, &["--training"], root)?, start(&bare, &[], root)?);
        if number > 0 {
            tills.push(with_till);
            bares.push(without);
        }
    }

    heading(&format!("{STARTS} starts each, alternating: program started -> ready"));
    row("till, in training, on a folder that is set up", &tills);
    row("bare window", &bares);
    let (of, by) = (tills.percentile(50), bares.percentile(50));
    let word = if of * 100 < by * TARGET { "kept" } else { "MISSED" };
    println!("{:<52}{:>8}   target 1.30: {word}", "  ratio of the medians", ratio(of, by));
    Ok(())
}

fn start(program: &Path, arguments: &[&str], root: &Path) -> Result<i64> {
    let demo = root.join("demo");
    let _ = fs::remove_dir_all(&demo);
    fs::create_dir_all(&demo)?;
    let ready = demo.join("ready");
    let mut command = Command::new(program);
    command
        .args(arguments)
        .env("GUITAI_DATA", root.join("data"))
        .env("GUITAI_DEMO_DIR", &demo)
        .env("XDG_DATA_HOME", root.join("share"))
        .env("XDG_CACHE_HOME", root.join("cache"))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0);
    let begun = Instant::now();
    let mut process = command.spawn()?;
    while !ready.exists() && begun.elapsed() < Duration::from_secs(30) {
        sleep(Duration::from_micros(500));
    }
    let took = gone(begun);
    let came = ready.exists();
    bare::end(&mut process);
    ensure!(came, "{} is not ready after 30 s", program.display());
    sleep(REST);
    Ok(took)
}
