//! Counts tests in what the runners print: cargo test, cargo-nextest, vitest, and our own scripts.

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub passed: u64,
    pub failed: u64,
}

impl Tally {
    pub fn read(printed: &str) -> Self {
        let mut tally = Self::default();
        for line in printed.lines() {
            let line = without_colour(line);
            if let Some(counts) = counts_in(line.trim()) {
                tally = tally.and(Self { passed: number_before(counts, "passed"), failed: failures(counts) });
            }
        }
        tally
    }

    pub fn and(self, other: Self) -> Self {
        Self { passed: self.passed + other.passed, failed: self.failed + other.failed }
    }
}

/// The part of a runner's closing line that holds the counts.
fn counts_in(line: &str) -> Option<&str> {
    if let Some(rest) = line.strip_prefix("test result: ") {
        return Some(rest);
    }
    if line.starts_with("Summary [") {
        return line.split_once(" run: ").map(|(_, counts)| counts);
    }
    if let Some(rest) = line.strip_prefix("Tests ") {
        return Some(rest);
    }
    let (passed, failed) = line.strip_suffix(" failed")?.split_once(" passed, ")?;
    let number = |word: &str| word.parse::<u64>().is_ok();
    (number(passed) && number(failed)).then_some(line)
}

/// A test that ran out of time or could not be started has failed too.
fn failures(counts: &str) -> u64 {
    ["failed", "timed out", "exec failed"].iter().map(|word| number_before(counts, word)).sum()
}

fn number_before(counts: &str, word: &str) -> u64 {
    counts
        .split([',', ';', '|', '.'])
        .filter_map(|part| part.trim().split_once(' '))
        .find(|(_, rest)| rest.split(" (").next() == Some(word))
        .and_then(|(number, _)| number.parse().ok())
        .unwrap_or(0)
}

fn without_colour(line: &str) -> String {
    let mut plain = String::new();
    let mut rest = line;
    while let Some((before, after)) = rest.split_once('\u{1b}') {
        plain.push_str(before);
        rest = after.split_once('m').map_or("", |(_, after)| after);
    }
    plain + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_runner_s_closing_lines_are_added_up() {
        check(
            "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s",
            3,
            0,
        );
        check(
            "test result: FAILED. 2 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s",
            2,
            1,
        );
        check(
            "test result: ok. 3 passed; 0 failed;\nrunning 1 test\ntest result: ok. 1 passed; 0 failed;",
            4,
            0,
        );
        check("     Summary [   0.012s] 5 tests run: 5 passed (1 slow), 0 skipped", 5, 0);
        check(
            "     Summary [  10.012s] 4/5 tests run: 1 passed, 1 failed, 1 timed out, 1 exec failed, 2 skipped",
            1,
            3,
        );
        check("     Summary [   0.001s] 1 test run: 1 passed, 0 skipped", 1, 0);
        check(" Test Files  2 passed (2)\n      Tests  12 passed (12)", 12, 0);
        check("      Tests  1 failed | 11 passed | 2 skipped (14)", 11, 1);
        check(
            "\u{1b}[2m      Tests \u{1b}[22m \u{1b}[1m\u{1b}[32m7 passed\u{1b}[39m\u{1b}[22m\u{1b}[90m (7)\u{1b}[39m",
            7,
            0,
        );
        check("4 passed, 1 failed", 4, 1);
    }

    #[test]
    fn other_lines_count_for_nothing() {
        check("", 0, 0);
        check("test a_declined_payment_failed ... ok", 0, 0);
        check("the sale 3 passed, then 2 failed", 0, 0);
        check("Tests are in tests/", 0, 0);
    }

    fn check(printed: &str, passed: u64, failed: u64) {
        assert_eq!(Tally::read(printed), Tally { passed, failed }, "read from {printed:?}");
    }
}
