//! What the standard lays down for each version of a QR code: sizes, where its patterns stand, how its bytes are parted.

/// How much of a code may be lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    Low,
    Medium,
    Quartile,
    High,
}

impl Level {
    /// From the two bits of the format information.
    pub fn of_bits(bits: u16) -> Level {
        match bits & 3 {
            0 => Level::Medium,
            1 => Level::Low,
            2 => Level::High,
            _ => Level::Quartile,
        }
    }
}

/// A version, 1 to 40.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(usize);

/// Check bytes of each block, by level and version.
const CHECKS: [[u8; 40]; 4] = [
    [
        7, 10, 15, 20, 26, 18, 20, 24, 30, 18, 20, 24, 26, 30, 22, 24, 28, 30, 28, 28, 28, 28, 30, 30, 26,
        28, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30,
    ],
    [
        10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22, 24, 24, 28, 28, 26, 26, 26, 26, 28, 28, 28, 28,
        28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28,
    ],
    [
        13, 22, 18, 26, 18, 24, 18, 22, 20, 24, 28, 26, 24, 20, 30, 24, 28, 28, 26, 30, 28, 30, 30, 30, 30,
        28, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30,
    ],
    [
        17, 28, 22, 16, 22, 28, 26, 26, 24, 28, 24, 28, 22, 24, 24, 30, 28, 28, 26, 28, 30, 24, 30, 30, 30,
        30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30,
    ],
];

/// Blocks, by level and version.
const BLOCKS: [[u8; 40]; 4] = [
    [
        1, 1, 1, 1, 1, 2, 2, 2, 2, 4, 4, 4, 4, 4, 6, 6, 6, 6, 7, 8, 8, 9, 9, 10, 12, 12, 12, 13, 14, 15, 16,
        17, 18, 19, 19, 20, 21, 22, 24, 25,
    ],
    [
        1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9, 10, 10, 11, 13, 14, 16, 17, 17, 18, 20, 21, 23, 25, 26, 28,
        29, 31, 33, 35, 37, 38, 40, 43, 45, 47, 49,
    ],
    [
        1, 1, 2, 2, 4, 4, 6, 6, 8, 8, 8, 10, 12, 16, 12, 17, 16, 18, 21, 20, 23, 23, 25, 27, 29, 34, 34, 35,
        38, 40, 43, 45, 48, 51, 53, 56, 59, 62, 65, 68,
    ],
    [
        1, 1, 2, 4, 4, 4, 5, 6, 8, 8, 11, 11, 16, 16, 18, 16, 19, 21, 25, 25, 25, 34, 30, 32, 35, 37, 40, 42,
        45, 48, 51, 54, 57, 60, 63, 66, 70, 74, 77, 81,
    ],
];

impl Version {
    /// Version `number`, if there is one.
    pub fn new(number: usize) -> Option<Version> {
        (1..=40).contains(&number).then_some(Version(number))
    }

    pub fn number(self) -> usize {
        self.0
    }

    /// Modules on a side.
    pub fn modules(self) -> usize {
        17 + 4 * self.0
    }

    /// Rows (and columns) the centres of alignment patterns stand on.
    pub fn alignment(self) -> Vec<usize> {
        if self.0 == 1 {
            return Vec::new();
        }
        let count = self.0 / 7 + 2;
        let step = if self.0 == 32 { 26 } else { (self.0 * 4 + count * 2 + 1) / (count * 2 - 2) * 2 };
        let last = self.modules() - 7;
        let mut rows: Vec<usize> = (0..count - 1).map(|index| last - index * step).collect();
        rows.push(6);
        rows.reverse();
        rows
    }

    /// The centres of alignment patterns (column, row); the three where finders stand are not among them.
    pub fn alignment_centres(self) -> Vec<(usize, usize)> {
        let rows = self.alignment();
        let last = self.modules() - 7;
        let finder = |x, y| (x == 6 && (y == 6 || y == last)) || (x == last && y == 6);
        rows.iter().flat_map(|&y| rows.iter().map(move |&x| (x, y))).filter(|&(x, y)| !finder(x, y)).collect()
    }

    /// How the bytes are parted: for each block its data bytes, and the check bytes every block has.
    pub fn blocks(self, level: Level) -> (Vec<usize>, usize) {
        let row = match level {
            Level::Low => 0,
            Level::Medium => 1,
            Level::Quartile => 2,
            Level::High => 3,
        };
        let checks = usize::from(CHECKS[row][self.0 - 1]);
        let count = usize::from(BLOCKS[row][self.0 - 1]);
        let bytes = self.data_modules() / 8;
        let short = bytes / count - checks;
        let long = bytes % count;
        ((0..count).map(|index| if index < count - long { short } else { short + 1 }).collect(), checks)
    }

    /// Modules that carry data or check bits.
    fn data_modules(self) -> usize {
        let mut modules = (16 * self.0 + 128) * self.0 + 64;
        if self.0 >= 2 {
            let count = self.0 / 7 + 2;
            modules -= (25 * count - 10) * count - 55;
            if self.0 >= 7 {
                modules -= 36;
            }
        }
        modules
    }

    /// Whether the module is one of a pattern, the format or the version rather than of the data.
    pub fn is_fixed(self, x: usize, y: usize, alignment: &[(usize, usize)]) -> bool {
        let side = self.modules();
        let (left, top) = (x < 9, y < 9);
        let finder = (top && (left || x >= side - 8)) || (left && y >= side - 8);
        let version = self.0 >= 7 && ((x < 6 && y >= side - 11) || (y < 6 && x >= side - 11));
        finder
            || version
            || x == 6
            || y == 6
            || alignment.iter().any(|&(ax, ay)| x.abs_diff(ax) <= 2 && y.abs_diff(ay) <= 2)
    }

    /// The eighteen bits that tell this version in a code of version 7 or more.
    pub fn bits(self) -> u32 {
        let mut rest = self.0;
        for _ in 0..12 {
            rest = (rest << 1) ^ ((rest >> 11) * 0x1F25);
        }
        (self.0 << 12 | rest) as u32
    }
}
