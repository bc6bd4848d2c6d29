//! A day of trade in a folder, with everything printed that a till prints: nothing. What the day's secrets were goes to a file of
//! its own, so that a test can look for them in the folder and in what was printed.
//!
//! `trading_day <folder> <file for the secrets> <seed>`

use std::fs;
use std::path::Path;

use guitai_sandbox::World;
use guitai_tests::{Chance, TestRegister, Trade, check_books, trading_day};

const MORNING_MS: i64 = 1_795_226_400_000;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [folder, secrets, seed] = arguments.as_slice() else {
        panic!("trading_day <folder> <file for the secrets> <seed>");
    };
    let seed: u64 = seed.parse().expect("a seed");
    let mut desk = TestRegister::at(Path::new(folder), World::new(seed, MORNING_MS), MORNING_MS, seed);

    let trade = Trade { sales: 250, deaths_permille: 10, trouble_permille: 800 };
    trading_day(&mut desk, &mut Chance::new(seed), &trade);

    check_books(&mut desk).unwrap_or_else(|why| panic!("seed {seed}: {why}"));
    let mut lines = desk.world.openids();
    lines.append(&mut desk.codes);
    fs::write(secrets, lines.join("\n")).expect("the secrets");
}
