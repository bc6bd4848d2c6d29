//! The device bench: the till from its package, in a computer in a computer, with every kind of scanner.
//!
//! It is no part of `cargo xtask test`: it builds the package, wants root's rights once to furnish the machine, and emulates a
//! whole computer for minutes.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::{setup, shell};

/// Files that decide what the machine's disk holds.
const MAKINGS: [&str; 8] = [
    "image.sh",
    "furnish.sh",
    "guest/agent.sh",
    "guest/autologin.conf",
    "guest/bench-agent.service",
    "guest/gadget.sh",
    "guest/session.sh",
    "guest/xorg.conf",
];

/// What makes the package; of the same version as the libraries in `Cargo.lock` and `ui/package.json`.
const TAURI: &str = "@tauri-apps/cli@2.12.5";

/// Tries every device, or those that are named.
pub fn devices(only: &[&str]) -> Result<()> {
    setup::prepare(setup::Goal::Machine)?;
    let folder = shell::target().join("machine");
    fs::create_dir_all(&folder)?;
    furnish(&folder)?;
    let package = package()?;
    let mut bench = shell::cargo();
    bench.args(["run", "-p", "guitai-machine", "--"]).args([&folder, &package, &folder.join("log")]);
    shell::run(bench.args(only))
}

/// Makes the machine's disk, unless it is there and made of the same files.
fn furnish(folder: &Path) -> Result<()> {
    let here = shell::root().join("tests/machine");
    let mut makings = String::new();
    for name in MAKINGS {
        makings += &fs::read_to_string(here.join(name)).with_context(|| name.to_owned())?;
    }
    let stamp = folder.join("made-of");
    if folder.join("disk.img").exists() && fs::read_to_string(&stamp).is_ok_and(|made_of| made_of == makings)
    {
        println!("The machine: nothing has changed.");
        return Ok(());
    }
    println!("The machine is furnished; this takes a few minutes, once.");
    let prefix = setup::as_root().context("furnishing the machine's disk takes root's rights")?;
    let mut words = prefix.iter().map(Into::into).chain([here.join("image.sh"), folder.to_owned()]);
    let mut command = shell::program(words.next().unwrap_or_default());
    shell::run(command.args(words))?;
    fs::write(&stamp, makings).context("could not note what the machine was made of")
}

/// Builds the till's package and finds it.
fn package() -> Result<PathBuf> {
    let mut npx = shell::program(if cfg!(windows) { "npx.cmd" } else { "npx" });
    shell::run(npx.args(["--yes", TAURI, "build", "--bundles", "deb"]))?;
    let folder = shell::target().join("release/bundle/deb");
    let mut found: Vec<PathBuf> = fs::read_dir(&folder)?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|end| end == "deb"))
        .collect();
    found.sort_by_key(|path| fs::metadata(path).and_then(|about| about.modified()).ok());
    match found.pop() {
        Some(package) => Ok(package),
        None => bail!("no package in {}", folder.display()),
    }
}
