//! The format information: which level, which mask. Fifteen bits, twice, so well guarded that the nearest of the thirty-two
//! that exist is believed rather than each bit.

#![expect(clippy::float_arithmetic, reason = "how dark a module is, is not a whole number")]

use super::grid::Grid;

/// A level's two bits and a mask's three, as they stand in a code.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Format {
    /// Level and mask: the five bits.
    pub bits: u16,
    /// How well the modules agree, 0 to 1.
    pub agreement: f32,
}

fn encoded(bits: u16) -> u16 {
    let mut rest = bits;
    for _ in 0..10 {
        rest = (rest << 1) ^ ((rest >> 9) * 0x537);
    }
    (bits << 10 | rest) ^ 0x5412
}

/// Where bit `index` stands, in the first and the second copy (column, row).
fn places(index: usize, side: usize) -> [(usize, usize); 2] {
    let first = match index {
        0..=5 => (8, index),
        6 => (8, 7),
        7 => (8, 8),
        8 => (7, 8),
        _ => (14 - index, 8),
    };
    let second = if index < 8 { (side - 1 - index, 8) } else { (8, side + index - 15) };
    [first, second]
}

/// The formats the modules speak for, best first.
pub fn likely(grid: &Grid) -> [Format; 2] {
    let mut darkness = [0.0f32; 15];
    let mut whole = f32::EPSILON;
    for (index, sum) in darkness.iter_mut().enumerate() {
        for (x, y) in places(index, grid.side) {
            *sum += grid.at(x, y);
        }
        whole += sum.abs();
    }
    let mut best = [Format { bits: 0, agreement: f32::MIN }; 2];
    for bits in 0..32 {
        let code = encoded(bits);
        let agreed: f32 = darkness
            .iter()
            .enumerate()
            .map(|(index, &sum)| if code >> index & 1 == 1 { sum } else { -sum })
            .sum();
        let format = Format { bits, agreement: agreed / whole };
        if format.agreement > best[0].agreement {
            best[1] = best[0];
            best[0] = format;
        } else if format.agreement > best[1].agreement {
            best[1] = format;
        }
    }
    best
}
