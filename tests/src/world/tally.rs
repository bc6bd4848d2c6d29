//! What lives came to, in figures.

use std::collections::BTreeMap;
use std::fmt;

/// What one life came to, or many.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// Lives.
    pub worlds: u64,
    /// Sales rung up.
    pub sales: u64,
    /// Charges made.
    pub payments: u64,
    /// Requests that left the till.
    pub calls: u64,
    /// Times the till was killed.
    pub deaths: u64,
    /// Of these by a power cut.
    pub power_cuts: u64,
    /// Calls to the disk that failed.
    pub disk_troubles: u64,
    /// How the payments ended.
    pub ends: BTreeMap<&'static str, u64>,
    /// Faults met, by kind.
    pub faults: BTreeMap<&'static str, u64>,
    /// Times the screen said "not charged" while the provider had the money for a moment more; all of it went back.
    pub early_words: u64,
    /// Charges made while the money of one before, said not to be charged, was still to go back.
    pub twice_for_a_moment: u64,
    /// Time lived, in ms.
    pub lived_ms: i64,
}

impl Tally {
    /// Adds another life.
    pub fn add(&mut self, other: &Tally) {
        self.worlds += other.worlds;
        self.sales += other.sales;
        self.payments += other.payments;
        self.calls += other.calls;
        self.deaths += other.deaths;
        self.power_cuts += other.power_cuts;
        self.disk_troubles += other.disk_troubles;
        self.early_words += other.early_words;
        self.twice_for_a_moment += other.twice_for_a_moment;
        self.lived_ms += other.lived_ms;
        for (kinds, more) in [(&mut self.ends, &other.ends), (&mut self.faults, &other.faults)] {
            for (kind, count) in more {
                *kinds.entry(kind).or_default() += count;
            }
        }
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kinds = |kinds: &BTreeMap<&str, u64>| {
            let named: Vec<String> = kinds.iter().map(|(kind, count)| format!("{kind} {count}")).collect();
            named.join(", ")
        };
        write!(
            f,
            "{} payments in {} worlds, 0 lost, 0 taken twice, 0 left in doubt\n  {} sales, {} requests, {} deaths ({} power cuts), {} disk calls failed, \
             {} days lived, {} early words, {} twice for a moment\n  ends: {}\n  faults: {} met: {}",
            self.payments,
            self.worlds,
            self.sales,
            self.calls,
            self.deaths,
            self.power_cuts,
            self.disk_troubles,
            self.lived_ms / 86_400_000,
            self.early_words,
            self.twice_for_a_moment,
            kinds(&self.ends),
            self.faults.values().sum::<u64>(),
            kinds(&self.faults),
        )
    }
}
