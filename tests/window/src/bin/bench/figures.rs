//! A series of durations, and the lines that are printed about it.

use std::fmt;

/// Durations in microseconds.
#[derive(Debug, Clone, Default)]
pub struct Series(Vec<i64>);

impl Series {
    /// Adds one.
    pub fn push(&mut self, us: i64) {
        self.0.push(us);
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The smallest value that `percent` of all do not exceed.
    pub fn percentile(&self, percent: usize) -> i64 {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        let rank = (sorted.len() * percent).div_ceil(100).max(1);
        sorted.get(rank - 1).copied().unwrap_or(0)
    }

    /// Each with its partner of `others` added.
    pub fn plus(&self, others: &Series) -> Series {
        Series(self.0.iter().zip(&others.0).map(|(one, other)| one + other).collect())
    }
}

impl FromIterator<i64> for Series {
    fn from_iter<I: IntoIterator<Item = i64>>(values: I) -> Series {
        Series(values.into_iter().collect())
    }
}

/// Milliseconds with one decimal.
#[derive(Debug, Clone, Copy)]
pub struct Ms(pub i64);

impl fmt::Display for Ms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let tenths = (self.0.abs() + 50) / 100;
        f.pad(&format!("{sign}{}.{}", tenths / 10, tenths % 10))
    }
}

/// `of` against `by`, with two decimals.
pub fn ratio(of: i64, by: i64) -> String {
    let hundredths = (of * 100 + by / 2) / by.max(1);
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

/// The heading over [`row`]s.
pub fn heading(what: &str) {
    println!("\n{what:<52}{:>8}{:>8}{:>8}   ms", "p50", "p95", "max");
}

/// One line about a series.
pub fn row(what: &str, series: &Series) {
    let [p50, p95, max] = [50, 95, 100].map(|percent| Ms(series.percentile(percent)));
    println!("{what:<52}{p50:>8}{p95:>8}{max:>8}");
}

/// Whether `series` keeps its target at the 95th percentile.
pub fn target(series: &Series, ms: i64) {
    let word = if series.percentile(95) <= ms * 1000 { "kept" } else { "MISSED" };
    println!("{:<52}{:>8}{:>8}   {word}", "  target", "", format!("{ms}.0"));
}
