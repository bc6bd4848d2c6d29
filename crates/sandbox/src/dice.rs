//! Randomness from a seed, so that a run can be repeated.

use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use serde::{Deserialize, Serialize};

/// A seeded source of codes, numbers and nonces.
#[derive(Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Dice(ChaCha20Rng);

impl Dice {
    pub(crate) fn new(seed: u64) -> Dice {
        Dice(ChaCha20Rng::seed_from_u64(seed))
    }

    /// A number in `0..bound`, each equally likely.
    pub(crate) fn below(&mut self, bound: u32) -> u32 {
        let fair = u32::MAX - u32::MAX % bound;
        loop {
            let roll = self.0.next_u32();
            if roll < fair {
                return roll % bound;
            }
        }
    }

    /// `count` decimal digits.
    pub(crate) fn digits(&mut self, count: usize) -> String {
        self.pick(b"0123456789", count)
    }

    /// `count` letters and digits.
    pub(crate) fn letters(&mut self, count: usize) -> String {
        self.pick(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", count)
    }

    fn pick(&mut self, alphabet: &[u8], count: usize) -> String {
        let bound = u32::try_from(alphabet.len()).expect("an alphabet is short");
        (0..count).map(|_| char::from(alphabet[self.below(bound) as usize])).collect()
    }
}
