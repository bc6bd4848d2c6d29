//! The chores of the repository: set-up, run, test, bench.
//!
//! It is the first thing a newcomer builds, so it leans on the standard library and compiles in seconds.
#![expect(clippy::disallowed_methods, reason = "chores wait for programs and measure how long they took")]

mod bench;
mod deny;
mod display;
mod leash;
mod machine;
mod prove;
mod run;
mod sale;
mod setup;
mod shell;
mod soak;
mod tally;
mod test;

use std::process::ExitCode;

use anyhow::{Result, bail};

const HELP: &str = "\
cargo xtask setup                what this computer still lacks is named, explained and installed
cargo xtask run [-- ARGS]        builds the till and opens it in training mode;
                                 without a screen it rings up one sale by itself and keeps the pictures
cargo xtask test                 everything that must hold before a change goes in
cargo xtask test --quick         only the rooms without a window
cargo xtask test --only STEP     one step again (the names are in the summary of a full run)
cargo xtask bench NAME           latency | cold-start | camera
cargo xtask bench codes [--count N] [--set DIR] [--photos N] [--sequences N] [--empty N] [--seed S] [--help]
                                 our reader of codes beside every library, on the same pictures
cargo xtask bench devices [--replugs N] [DEVICE ...]
                                 the till from its package in a virtual machine: each kind of scanner is plugged in,
                                 sold with, pulled out and plugged in again (keyboard serial-ftdi serial-acm hid-pos camera)
cargo xtask prove                the machines that try to break the till, a line each
cargo xtask prove MACHINE [--count N] [--seed S]
                                 runs one of them
cargo xtask prove bursts [--count N] [--seed S] [--input-method]
                                 scans at the real window, while a person types
cargo xtask soak --minutes N [--seed S]
                                 sells for so long at the real window, with faults, and kills the till now and then";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match dispatch(&args.iter().map(String::as_str).collect::<Vec<_>>()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nxtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(args: &[&str]) -> Result<()> {
    match args {
        ["setup"] => setup::prepare(setup::Goal::Everything),
        ["run"] => run::run(&[]),
        ["run", "--", till_args @ ..] => run::run(till_args),
        ["test"] => test::run(test::Scope::Full),
        ["test", "--quick"] => test::run(test::Scope::Quick),
        ["test", "--only", step] => test::run(test::Scope::Only(step)),
        ["bench", "codes", order @ ..] => bench::codes(order),
        ["bench", "devices", only @ ..] => machine::devices(only),
        ["bench", name] => bench::run(name),
        ["prove", order @ ..] => prove::run(order),
        ["soak", order @ ..] => soak::run(order),
        [] | ["help" | "--help" | "-h"] => {
            println!("{HELP}");
            Ok(())
        }
        _ => bail!("not a chore: {}\n\n{HELP}", args.join(" ")),
    }
}
