//! Which speed a scanner on a real serial line sends at.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Found;

/// Most scanners come set to the first; the others are tried in the order of how often they are met.
const RATES: [u32; 8] = [9_600, 115_200, 38_400, 57_600, 19_200, 4_800, 2_400, 1_200];
/// One scan at the wrong speed may look like several runs of noise; they count once.
const SETTLE: Duration = Duration::from_millis(500);
/// At a speed that was right before, noise is mostly noise.
const DOUBTED: u32 = 3;

/// The speed of a line in bits per second. Where the line is only USB, it means nothing and does no harm.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rate {
    /// Nothing whole was read yet.
    #[default]
    Unknown,
    /// Codes came at this speed.
    Found(u32),
    /// A person said so; no other is tried.
    Fixed(u32),
}

/// Tries one speed after another until codes come.
#[derive(Debug)]
pub struct Rates {
    rate: Rate,
    current: u32,
    noisy: u32,
    since: Duration,
}

impl Rates {
    /// Begins with what is known.
    #[must_use]
    pub fn new(rate: Rate) -> Rates {
        let current = match rate {
            Rate::Unknown => RATES[0],
            Rate::Found(bits) | Rate::Fixed(bits) => bits,
        };
        Rates { rate, current, noisy: 0, since: Duration::ZERO }
    }

    /// The speed to listen at.
    #[must_use]
    pub fn current(&self) -> u32 {
        self.current
    }

    /// What is to be remembered.
    #[must_use]
    pub fn rate(&self) -> Rate {
        self.rate
    }

    /// Takes note of what was found; the speed to go on with, where another is to be tried.
    pub fn note(&mut self, found: &Found, now: Duration) -> Option<u32> {
        match found {
            Found::Scan(_) => {
                self.noisy = 0;
                if self.rate == Rate::Unknown
                    || matches!(self.rate, Rate::Found(bits) if bits != self.current)
                {
                    self.rate = Rate::Found(self.current);
                }
                None
            }
            Found::Broken { noise: true } => self.doubt(now),
            Found::Broken { noise: false } | Found::Learned => None,
        }
    }

    fn doubt(&mut self, now: Duration) -> Option<u32> {
        if now.saturating_sub(self.since) < SETTLE {
            return None;
        }
        self.since = now;
        self.noisy += 1;
        let enough = match self.rate {
            Rate::Fixed(_) => return None,
            Rate::Found(bits) if bits == self.current => DOUBTED,
            Rate::Found(_) | Rate::Unknown => 1,
        };
        if self.noisy < enough {
            return None;
        }
        self.noisy = 0;
        let next = RATES.iter().position(|rate| *rate == self.current).map_or(0, |at| (at + 1) % RATES.len());
        self.current = RATES[next];
        Some(self.current)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ScanText;

    fn noise_at(rates: &mut Rates, ms: u64) -> Option<u32> {
        rates.note(&Found::Broken { noise: true }, Duration::from_millis(ms))
    }

    #[test]
    fn each_noisy_scan_on_a_new_line_leads_to_the_next_speed_and_a_code_ends_the_search() {
        let mut rates = Rates::new(Rate::Unknown);

        let tried: Vec<_> = (1..=9).filter_map(|second| noise_at(&mut rates, second * 1000)).collect();
        rates.note(&Found::Scan(ScanText::new("6901234567892".into())), Duration::from_secs(10));

        assert_eq!(
            tried,
            [115_200, 38_400, 57_600, 19_200, 4_800, 2_400, 1_200, 9_600, 115_200],
            "and round again"
        );
        assert_eq!(rates.rate(), Rate::Found(115_200));
    }

    #[test]
    fn one_noisy_scan_that_fell_into_pieces_counts_once() {
        let mut rates = Rates::new(Rate::Unknown);

        let tried: Vec<_> =
            [1000, 1060, 1200, 1499].map(|ms| noise_at(&mut rates, ms)).into_iter().flatten().collect();

        assert_eq!(tried, [115_200]);
    }

    #[test]
    fn noise_on_a_line_that_read_well_moves_nothing_until_it_stays() {
        let mut rates = Rates::new(Rate::Found(19_200));

        let moved: Vec<_> = [1, 2, 3].map(|second| noise_at(&mut rates, second * 1000)).to_vec();

        assert_eq!(moved, [None, None, Some(4_800)]);
        assert_eq!(rates.rate(), Rate::Found(19_200), "the known one is kept until another has read a code");
    }

    #[test]
    fn a_speed_that_a_person_set_stays() {
        let mut rates = Rates::new(Rate::Fixed(38_400));

        let moved: Vec<_> = (1..20).filter_map(|second| noise_at(&mut rates, second * 1000)).collect();

        assert_eq!((moved, rates.current()), (vec![], 38_400));
    }
}
