//! Opens the till in training mode.

use std::process::Command;

use anyhow::Result;

use crate::{display, sale, setup, shell};

pub fn run(till_args: &[&str]) -> Result<()> {
    setup::prepare(setup::Goal::Run)?;
    shell::run(shell::npm().args(["run", "build"]))?;
    shell::run(shell::cargo().args(["build", "-p", "guitai"]))?;

    let mut till: Command = shell::program(shell::till("debug"));
    till.arg("--training").args(till_args);
    if display::someone_is_looking() {
        shell::run(&mut till)
    } else {
        println!("\nThere is no screen here: the till opens on a virtual one and rings up a sale by itself.");
        sale::ring_up(till)
    }
}
