//! Chores: set-up, run, test, bench.
fn main() {}
