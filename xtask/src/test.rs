//! The gate: what must hold before a change goes in, in the order that finds a mistake soonest.

use std::{
    fs,
    process::Command,
    time::{Duration, Instant},
};

use anyhow::{Result, bail, ensure};

use crate::{deny, display::VirtualDisplay, prove, setup, shell, tally::Tally};

#[derive(Clone, Copy)]
pub enum Scope<'a> {
    Full,
    Quick,
    Only(&'a str),
}

/// How a step ended.
pub enum Outcome {
    Passed,
    Counted(Tally),
    /// Something went wrong that is no failed test: it did not compile, it crashed. What was counted still counts.
    Broke(Tally, String),
    Skipped(String),
}

struct Step {
    name: &'static str,
    what: &'static str,
    check: fn(&Bench) -> Result<Outcome>,
}

/// What the steps share.
struct Bench {
    display: Option<VirtualDisplay>,
    bindings_before: Option<Vec<u8>>,
}

const BINDINGS: &str = "ui/src/backend/bindings.ts";
const THIRD_PARTY: &str = "tests/third_party/run.sh";
const FUZZ: &str = "fuzz/run.sh";
/// For each target.
const FUZZ_SECONDS: &str = "10";

const FULL: &[Step] = &[
    Step {
        name: "types",
        what: "types of the screens",
        check: |_| plain(shell::npm().args(["run", "check"])),
    },
    Step { name: "ui", what: "tests of the screens", check: |_| counted(shell::npm().arg("test")) },
    Step {
        name: "dist",
        what: "build of the screens",
        check: |_| plain(shell::npm().args(["run", "build"])),
    },
    Step {
        name: "fmt",
        what: "formatting",
        check: |_| plain(shell::cargo().args(["fmt", "--all", "--check", "--", "-l"])),
    },
    Step { name: "clippy", what: "lints", check: |_| plain(shell::cargo().args(CLIPPY)) },
    Step {
        name: "till",
        what: "build of the till",
        check: |_| plain(shell::cargo().args(["build", "-p", "guitai"])),
    },
    Step { name: "tests", what: "tests of all rooms, and of the whole till", check: test_workspace },
    Step { name: "prove", what: "machines that try to break the till", check: |_| run_machines() },
    Step { name: "fuzz", what: "random bytes for whatever reads bytes from outside", check: |_| run_fuzz() },
    Step { name: "bindings", what: "types between till and screens are up to date", check: compare_bindings },
    Step {
        name: "licences",
        what: "licences and sources of dependencies",
        check: |_| deny::check_licences(),
    },
    Step { name: "advisories", what: "known faults of dependencies", check: |_| deny::check_advisories() },
    Step { name: "third-party", what: "what others' programs make of our files", check: run_third_party },
];

const QUICK: &[Step] =
    &[Step { name: "rooms", what: "tests of the rooms without a window", check: test_rooms }];

const CLIPPY: [&str; 6] = ["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"];
const ROOMS: [&str; 12] = [
    "-p",
    "guitai-domain",
    "-p",
    "guitai-connectors",
    "-p",
    "guitai-db",
    "-p",
    "guitai-devices",
    "-p",
    "guitai-app",
    "-p",
    "guitai-sandbox",
];

pub fn run(scope: Scope) -> Result<()> {
    let steps: Vec<&Step> = match scope {
        Scope::Full => FULL.iter().collect(),
        Scope::Quick => QUICK.iter().collect(),
        Scope::Only(name) => FULL.iter().chain(QUICK).filter(|step| step.name == name).collect(),
    };
    if steps.is_empty() {
        let names: Vec<_> = FULL.iter().chain(QUICK).map(|step| step.name).collect();
        bail!("no such step (there are: {})", names.join(", "));
    }
    let windowless = matches!(scope, Scope::Quick | Scope::Only("rooms"));
    setup::prepare(if windowless { setup::Goal::Rooms } else { setup::Goal::Everything })?;
    let bench = Bench {
        display: if windowless || !cfg!(target_os = "linux") { None } else { Some(VirtualDisplay::start()?) },
        bindings_before: fs::read(shell::root().join(BINDINGS)).ok(),
    };
    let held = work_through(&steps, &bench);
    drop(bench);
    if !held {
        std::process::exit(1);
    }
    Ok(())
}

/// Whether every step held. What went wrong is in the summary.
fn work_through(steps: &[&Step], bench: &Bench) -> bool {
    let began = Instant::now();
    let mut total = Tally::default();
    let mut rows = Vec::new();
    let mut failure = None;
    for (index, step) in steps.iter().enumerate() {
        println!("\n── {}/{} {}: {} ──", index + 1, steps.len(), step.name, step.what);
        let step_began = Instant::now();
        let outcome = (step.check)(bench);
        let took = step_began.elapsed();
        let result = match outcome {
            Ok(Outcome::Passed) => "ok".into(),
            Ok(Outcome::Skipped(why)) => format!("skipped: {why}"),
            Ok(Outcome::Counted(tally)) => {
                total = total.and(tally);
                if tally.failed > 0 {
                    failure = Some((step.name, format!("{} tests failed", tally.failed)));
                }
                format!("{} passed, {} failed", tally.passed, tally.failed)
            }
            // A step that broke still must not end in a last line that says nothing failed.
            Ok(Outcome::Broke(tally, why)) => {
                total = total.and(tally).and(Tally { passed: 0, failed: 1 });
                failure = Some((step.name, why));
                "failed".into()
            }
            Err(error) => {
                total = total.and(Tally { passed: 0, failed: 1 });
                failure = Some((step.name, format!("{error:#}")));
                "failed".into()
            }
        };
        println!("{}: {result} ({})", step.name, in_words(took));
        rows.push(format!("  {:<13}{:>9}   {result}", step.name, in_words(took)));
        if failure.is_some() {
            break;
        }
    }

    println!("\n── summary ──");
    for row in rows {
        println!("{row}");
    }
    println!("  {:<13}{:>9}", "all", in_words(began.elapsed()));
    if let Some((name, why)) = &failure {
        println!("\nStopped at {name}: {why}\nTo repeat this step alone: cargo xtask test --only {name}");
    }
    println!("\n{} passed, {} failed", total.passed, total.failed);
    failure.is_none()
}

fn in_words(took: Duration) -> String {
    let seconds = took.as_secs();
    if seconds < 60 {
        format!("{seconds}.{} s", took.subsec_millis() / 100)
    } else {
        format!("{} m {:02} s", seconds / 60, seconds % 60)
    }
}

fn plain(command: &mut Command) -> Result<Outcome> {
    println!("$ {}", shell::describe(command));
    shell::run(command)?;
    Ok(Outcome::Passed)
}

fn counted(command: &mut Command) -> Result<Outcome> {
    count(Tally::default(), command)
}

/// Adds the tests that `command` runs to those counted `before`.
fn count(before: Tally, command: &mut Command) -> Result<Outcome> {
    println!("$ {}", shell::describe(command));
    let (ended_well, printed) = shell::run_and_read(command)?;
    let here = Tally::read(&printed);
    let total = before.and(here);
    if ended_well || here.failed > 0 {
        Ok(Outcome::Counted(total))
    } else {
        Ok(Outcome::Broke(total, format!("{} did not end well", shell::describe(command))))
    }
}

fn test_workspace(bench: &Bench) -> Result<Outcome> {
    test_packages(bench, &["--workspace"])
}

fn test_rooms(bench: &Bench) -> Result<Outcome> {
    test_packages(bench, &ROOMS)
}

/// By cargo-nextest where it is installed, which does not run the examples in doc comments; those follow.
fn test_packages(bench: &Bench, packages: &[&str]) -> Result<Outcome> {
    let nextest = shell::ask(shell::cargo().args(["nextest", "--version"])).is_some();
    let commands: &[&[&str]] = if nextest {
        &[&["nextest", "run", "--no-fail-fast", "--no-tests=pass"], &["test", "--doc", "--no-fail-fast"]]
    } else {
        &[&["test", "--no-fail-fast"]]
    };
    let mut total = Tally::default();
    for words in commands {
        let mut cargo = shell::cargo();
        cargo.args(*words).args(packages).env("GUITAI_TILL", shell::till("debug"));
        if let Some(display) = &bench.display {
            display.host(&mut cargo);
        }
        match count(total, &mut cargo)? {
            Outcome::Counted(tally) => total = tally,
            ended @ (Outcome::Passed | Outcome::Skipped(_) | Outcome::Broke(..)) => return Ok(ended),
        }
    }
    Ok(Outcome::Counted(total))
}

/// The tests write the bindings anew. If that changed the file, an older one was about to be handed in.
fn compare_bindings(bench: &Bench) -> Result<Outcome> {
    let after = fs::read(shell::root().join(BINDINGS)).ok();
    ensure!(after.is_some(), "{BINDINGS} is missing");
    ensure!(
        after == bench.bindings_before,
        "{BINDINGS} was out of date; the tests have written it anew: please commit it"
    );
    Ok(Outcome::Passed)
}

fn run_machines() -> Result<Outcome> {
    counted(prove::machine().arg("gate"))
}

fn run_fuzz() -> Result<Outcome> {
    if !shell::root().join(FUZZ).exists() {
        return Ok(Outcome::Skipped(format!("there is no {FUZZ}")));
    }
    counted(shell::program("bash").args([FUZZ, FUZZ_SECONDS]))
}

fn run_third_party(bench: &Bench) -> Result<Outcome> {
    if !shell::root().join(THIRD_PARTY).exists() {
        return Ok(Outcome::Skipped(format!("there is no {THIRD_PARTY}")));
    }
    let mut script = shell::program("bash");
    script.arg(THIRD_PARTY).env("GUITAI_TILL", shell::till("debug"));
    if let Some(display) = &bench.display {
        display.host(&mut script);
    }
    counted(&mut script)
}
