//! Chance that repeats: the same seed throws the same numbers on every computer.

/// Numbers from a seed (SplitMix64: small, quick, good enough for pictures).
#[derive(Debug, Clone)]
pub struct Dice(u64);

impl Dice {
    /// Dice for one purpose. Another `purpose` gives unrelated numbers for the same seed, so that drawing one thing more does not
    /// change everything after it.
    #[must_use]
    pub fn new(seed: u64, purpose: &str) -> Dice {
        let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        for byte in purpose.bytes() {
            state = (state ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3);
        }
        let mut dice = Dice(state);
        dice.bits();
        dice
    }

    /// 64 fresh bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// From 0 up to, not including, 1.
    pub fn unit(&mut self) -> f32 {
        (self.bits() >> 40) as f32 / (1u64 << 24) as f32
    }

    /// From `low` up to `high`.
    pub fn between(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * self.unit()
    }

    /// `distance` or less from 0, to either side.
    pub fn around(&mut self, distance: f32) -> f32 {
        self.between(-distance, distance)
    }

    /// One of `0..count`; `count` is not 0.
    pub fn below(&mut self, count: usize) -> usize {
        (self.bits() % count as u64) as usize
    }

    /// Whole numbers from `low` up to, not including, `high`.
    pub fn whole(&mut self, low: i32, high: i32) -> i32 {
        low + self.below((high - low).max(1) as usize) as i32
    }

    /// True so many times in one.
    pub fn chance(&mut self, share: f32) -> bool {
        self.unit() < share
    }

    /// One of `things`.
    pub fn pick<T: Copy>(&mut self, things: &[T]) -> T {
        things[self.below(things.len())]
    }

    /// Around 0 with a spread of 1, as noise is: four 16-bit throws added up.
    pub fn noise(&mut self) -> f32 {
        let bits = self.bits();
        let sum = (bits & 0xFFFF) + (bits >> 16 & 0xFFFF) + (bits >> 32 & 0xFFFF) + (bits >> 48);
        (sum as f32 / 65536.0 - 2.0) * 1.732
    }

    /// `count` decimal digits.
    pub fn digits(&mut self, count: usize) -> String {
        (0..count).map(|_| char::from(b'0' + self.below(10) as u8)).collect()
    }
}
