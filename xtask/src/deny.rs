//! Licences, sources and known faults of what we depend on (`deny.toml`).

use std::process::Command;

use anyhow::{Result, bail};

use crate::{shell, test::Outcome};

const VERSION: &str = "0.20.2";

/// What needs no network beyond the crates themselves.
pub fn check_licences() -> Result<Outcome> {
    shell::run(cargo_deny()?.args(["check", "licenses", "bans", "sources"]))?;
    Ok(Outcome::Passed)
}

/// The list of known faults is fetched from GitHub. Not reaching it says nothing about our dependencies, so it is no failure.
pub fn check_advisories() -> Result<Outcome> {
    let deny = cargo_deny()?;
    let mut check = if cfg!(target_os = "linux") {
        let mut patient = shell::program("timeout");
        patient.arg("180").arg(deny.get_program()).args(deny.get_args());
        patient
    } else {
        deny
    };
    check.args(["check", "advisories"]).env("GIT_TERMINAL_PROMPT", "0");
    let (passed, printed) = shell::run_and_read(&mut check)?;
    if passed {
        return Ok(Outcome::Passed);
    }
    let unreachable = ["failed to fetch advisory database", "failed to open advisory database"];
    if unreachable.iter().any(|sign| printed.contains(sign)) {
        return Ok(Outcome::Skipped("the advisory database on github.com could not be fetched".into()));
    }
    bail!("an advisory concerns us, see above");
}

/// The one on this computer if it is there, else one of our own in `target/tools` (unoptimised: it compiles in a minute or two).
fn cargo_deny() -> Result<Command> {
    if shell::ask(shell::program("cargo-deny").arg("--version")).is_some() {
        return Ok(shell::program("cargo-deny"));
    }
    let tools = shell::target().join("tools");
    let ours = tools.join("bin").join(format!("cargo-deny{}", std::env::consts::EXE_SUFFIX));
    if shell::ask(shell::program(&ours).arg("--version")).as_deref() != Some(&format!("cargo-deny {VERSION}"))
    {
        println!("cargo-deny checks licences and known faults; {VERSION} goes into {}", tools.display());
        let mut install = shell::cargo();
        install.args(["install", "--quiet", "--locked", "--debug", "--force", "--root"]).arg(&tools);
        shell::run(install.arg(format!("cargo-deny@{VERSION}")))?;
    }
    Ok(shell::program(ours))
}
