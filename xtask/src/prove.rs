//! The machines that try to break the till. They are built with every check on, and fast: see `[profile.prove]`.

use std::process::Command;

use anyhow::Result;

use crate::{setup, shell};

/// One machine with its options; without one, the list of them.
pub fn run(order: &[&str]) -> Result<()> {
    setup::prepare(setup::Goal::Rooms)?;
    shell::run(machine().args(order))
}

/// The program that holds the machines, to be told which.
pub fn machine() -> Command {
    let mut cargo = shell::cargo();
    cargo.args(["run", "--profile", "prove", "-p", "guitai-tests", "--bin", "prove", "--"]);
    cargo
}
