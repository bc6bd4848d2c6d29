//! The machines that try to break the till. They are built with every check on, and fast: see `[profile.prove]`.

use std::process::Command;

use anyhow::{Result, bail};

use crate::{display::VirtualDisplay, setup, shell};

/// One machine with its options; without one, the list of them.
pub fn run(order: &[&str]) -> Result<()> {
    if let ["bursts", options @ ..] = order {
        return bursts(options);
    }
    setup::prepare(setup::Goal::Rooms)?;
    shell::run(machine().args(order))
}

/// The program that holds the machines, to be told which.
pub fn machine() -> Command {
    let mut cargo = shell::cargo();
    cargo.args(["run", "--profile", "prove", "-p", "guitai-tests", "--bin", "prove", "--"]);
    cargo
}

/// The one machine that needs the window: scans at it, and a person typing. What it does is in `tests/window/src/bursts.rs`.
fn bursts(mut options: &[&str]) -> Result<()> {
    let mut env = vec![("GUITAI_SCANS", "10000"), ("GUITAI_SEED", "1")];
    loop {
        options = match options {
            ["--count", count, rest @ ..] => {
                env.push(("GUITAI_SCANS", count));
                rest
            }
            ["--seed", seed, rest @ ..] => {
                env.push(("GUITAI_SEED", seed));
                rest
            }
            ["--input-method", rest @ ..] => {
                env.push(("GUITAI_INPUT_METHOD", "pinyin"));
                rest
            }
            [] => break,
            [other, ..] => bail!("bursts knows --count, --seed and --input-method, not {other}"),
        }
    }
    setup::prepare(setup::Goal::Everything)?;
    shell::run(shell::npm().args(["run", "build"]))?;
    shell::run(shell::cargo().args(["build", "--release", "-p", "guitai"]))?;
    let display = VirtualDisplay::start()?;
    let mut bursts = shell::cargo();
    bursts.args(["test", "-p", "guitai-window-tests", "--test", "bursts", "--", "--nocapture"]);
    shell::run(display.host(&mut bursts).env("GUITAI_TILL", shell::till("release")).envs(env))
}
