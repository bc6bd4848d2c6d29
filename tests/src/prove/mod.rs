//! The machines that try to break the till: each runs a number of trials from a seed and says in a line what it found.
//!
//! `cargo xtask prove MACHINE --count N --seed S` runs one; the gate runs all of them with smaller counts.

pub(crate) mod cores;
mod disk;
mod forger;
mod held;
mod kill;
#[cfg(unix)]
mod lines;
mod power;
pub mod rot;
mod stampede;
pub(crate) mod story;
mod world;

/// What a machine is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Order {
    /// How many trials; what a trial is, the machine says.
    pub count: u64,
    /// Where everything random comes from.
    pub seed: u64,
}

/// A machine.
#[derive(Clone, Copy)]
pub struct Machine {
    /// Its name on the command line.
    pub name: &'static str,
    /// What it does, in one line.
    pub what: &'static str,
    /// Trials in the gate.
    pub gate: u64,
    /// Trials of a full run.
    pub full: u64,
    /// Runs it: the figures in a line, or the first thing that broke and how to see it again.
    pub run: fn(Order) -> Result<String, String>,
}

/// Every machine, in the order they are run.
pub const MACHINES: &[Machine] = &[
    Machine {
        name: "kill",
        what: "the till is killed at every storage call of the reference flows",
        gate: 1_000_000,
        full: 1_000_000,
        run: kill::run,
    },
    Machine {
        name: "forger",
        what: "answers are forged, replayed, swapped and spoiled; a word may come out only if it is true",
        gate: 100_000,
        full: 1_000_000,
        run: forger::run,
    },
    Machine {
        name: "rot",
        what: "a till's files are damaged, a bit at a time",
        gate: 10_000,
        full: 100_000,
        run: rot::run,
    },
    Machine {
        name: "world",
        what: "payments in simulated shops where everything goes wrong",
        gate: 100_000,
        full: 1_000_000,
        run: world::run,
    },
    Machine {
        name: "held",
        what: "a provider that holds one kind of answer to each call, or a mixture, whatever is so",
        gate: 2_000,
        full: 1_000_000,
        run: held::run,
    },
    Machine {
        name: "disk",
        what: "the disk is full, fails or is read-only at each storage call of the reference flows",
        gate: 5_000,
        full: 1_000_000,
        run: disk::run,
    },
    Machine {
        name: "power",
        what: "the power fails at random storage calls of random days",
        gate: 5_000,
        full: 100_000,
        run: power::run,
    },
    Machine {
        name: "stampede",
        what: "a thousand racing presses, scans and windows on one sale; a trial is a round",
        gate: 300,
        full: 1_000,
        run: stampede::run,
    },
    #[cfg(unix)]
    Machine {
        name: "lines",
        what: "a scanner's line is cut, joined, disturbed and pulled out, on a real pseudo-terminal",
        gate: 2_000,
        full: 10_000,
        run: lines::run,
    },
];
