//! Sells for hours at the real window. What it measures is in `tests/window/src/bin/soak`.

use anyhow::Result;

use crate::{display::VirtualDisplay, setup, shell};

pub fn run(order: &[&str]) -> Result<()> {
    setup::prepare(setup::Goal::Everything)?;
    shell::run(shell::npm().args(["run", "build"]))?;
    let programs = ["-p", "guitai", "-p", "guitaictl", "-p", "guitai-sandbox"];
    shell::run(shell::cargo().args(["build", "--release"]).args(programs))?;

    let display = VirtualDisplay::start()?;
    let mut soak = shell::cargo();
    soak.args(["run", "--release", "-p", "guitai-window-tests", "--bin", "soak", "--"]).args(order);
    shell::run(
        display
            .host(&mut soak)
            .env("GUITAI_TILL", shell::till("release"))
            .env("GUITAI_SOAK_DIR", shell::target().join("soak")),
    )
}
