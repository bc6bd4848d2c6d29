//! Runs the machines that try to break the till: `prove gate` runs each with its gate's count, `prove MACHINE` one of them in full,
//! and `prove` alone lists them.

use std::process::ExitCode;

use guitai_tests::prove::{MACHINES, Machine, Order};

/// The seed where none is given.
const SEED: u64 = 1;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    if args.is_empty() {
        println!("{}", list());
        return ExitCode::SUCCESS;
    }
    match choose(&args) {
        Ok(orders) => run(&orders),
        Err(why) => {
            eprintln!("{why}\n{}", list());
            ExitCode::FAILURE
        }
    }
}

fn list() -> String {
    let line =
        |machine: &Machine| format!("  {:<10} {} (full: {})", machine.name, machine.what, machine.full);
    MACHINES.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn choose(args: &[String]) -> Result<Vec<(Machine, Order)>, String> {
    let usage = || "usage: prove gate | prove MACHINE [--count N] [--seed S]".to_owned();
    let (name, rest) = args.split_first().ok_or_else(usage)?;
    let (mut count, mut seed) = (None, SEED);
    for option in rest.chunks(2) {
        match option {
            [name, value] if name == "--count" => count = Some(value.parse().map_err(|_| usage())?),
            [name, value] if name == "--seed" => seed = value.parse().map_err(|_| usage())?,
            _ => return Err(usage()),
        }
    }
    if name == "gate" {
        return Ok(MACHINES.iter().map(|machine| (*machine, Order { count: machine.gate, seed })).collect());
    }
    let machine = MACHINES.iter().find(|machine| machine.name == name).ok_or_else(usage)?;
    Ok(vec![(*machine, Order { count: count.unwrap_or(machine.full), seed })])
}

fn run(orders: &[(Machine, Order)]) -> ExitCode {
    let mut failed = 0;
    for (machine, order) in orders {
        println!("{}: {} trials, seed {}", machine.name, order.count, order.seed);
        match (machine.run)(*order) {
            Ok(figures) => println!("{}: {figures}", machine.name),
            Err(why) => {
                failed += 1;
                println!("{}: BROKEN: {why}", machine.name);
            }
        }
    }
    println!("{} passed, {failed} failed", orders.len() - failed);
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
