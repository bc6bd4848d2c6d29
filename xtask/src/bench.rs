//! Measurements of the release till, and of the reader of codes beside the libraries it could have been.

use anyhow::{Result, bail};

use crate::{display::VirtualDisplay, setup, shell};

const NAMES: &[&str] = &["latency", "cold-start", "camera"];

pub fn run(name: &str) -> Result<()> {
    if !NAMES.contains(&name) {
        bail!("no such measurement: {name} (there are: {})", NAMES.join(", "));
    }
    setup::prepare(setup::Goal::Everything)?;
    if name == "camera" {
        shell::run(shell::cargo().args([
            "run",
            "--release",
            "-p",
            "guitai-tests",
            "--bin",
            "camera_to_scan",
        ]))?;
    }
    shell::run(shell::npm().args(["run", "build"]))?;
    shell::run(shell::cargo().args(["build", "--release", "-p", "guitai"]))?;
    shell::run(shell::cargo().args(["build", "--release", "-p", "guitai-bare-window"]))?;

    let display = VirtualDisplay::start()?;
    let mut bench = shell::cargo();
    bench.args(["run", "--release", "-p", "guitai-window-tests", "--bin", "bench", "--", name]);
    shell::run(
        display
            .host(&mut bench)
            .env("GUITAI_TILL", shell::till("release"))
            .env("GUITAI_BARE", shell::target().join("release/guitai-bare-window")),
    )
}

/// Runs the reader of codes and the libraries on the same pictures; they are built apart from the till.
pub fn codes(order: &[&str]) -> Result<()> {
    setup::prepare(setup::Goal::Codes)?;
    let mut bench = shell::cargo();
    bench.args(["run", "--release", "--manifest-path", "tests/codes/bench/Cargo.toml", "--target-dir"]);
    shell::run(bench.arg(shell::target().join("codes-bench")).arg("--").args(order))
}
