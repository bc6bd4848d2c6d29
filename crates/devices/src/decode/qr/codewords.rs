//! From modules to bytes: in which order they are read, which of them are doubtful, and what the check bytes make of it.

use super::format::Format;
use super::grid::Grid;
use super::solomon;
use super::version::{Level, Version};

/// Bits that must speak against chance before a block is believed.
const EVIDENCE_BITS_MIN: i32 = 24;

/// A byte, and how sure its least sure bit is.
#[derive(Debug, Clone, Copy, Default)]
struct Codeword {
    byte: u8,
    sureness: f32,
}

/// What a grid says under one format, its check bytes taken off, and how many bits speak for it.
pub struct Data {
    pub bytes: Vec<u8>,
    pub evidence_bits: i32,
}

/// Reads the data of `grid`, the doubtful bytes given up one after the other when that helps and `patient` says so.
pub fn read(grid: &Grid, version: Version, format: Format, patient: bool) -> Option<Data> {
    let level = Level::of_bits(format.bits >> 3);
    let codewords = gather(grid, version, format.bits & 7);
    let (sizes, checks) = version.blocks(level);
    let longest = sizes.iter().copied().max()?;
    let mut data = Data { bytes: Vec::new(), evidence_bits: i32::MAX };
    for (index, &size) in sizes.iter().enumerate() {
        let block = part(&codewords, &sizes, index, longest, checks);
        let (bytes, evidence) = put_right(&block, checks, patient)?;
        data.bytes.extend_from_slice(&bytes[..size]);
        data.evidence_bits = data.evidence_bits.min(evidence);
    }
    Some(data)
}

/// Block `index` out of the bytes as they stand in the code: first of every block, second of every block, and so on.
fn part(
    codewords: &[Codeword],
    sizes: &[usize],
    index: usize,
    longest: usize,
    checks: usize,
) -> Vec<Codeword> {
    let count = sizes.len();
    let short = sizes.iter().filter(|&&size| size < longest).count();
    let all_data: usize = sizes.iter().sum();
    let mut block = Vec::with_capacity(longest + checks);
    for row in 0..sizes[index] {
        // The last row is there for the long blocks only.
        let at = if row < longest - 1 || short == 0 {
            row * count + index
        } else {
            (longest - 1) * count + index - short
        };
        block.push(codewords.get(at).copied().unwrap_or_default());
    }
    for row in 0..checks {
        block.push(codewords.get(all_data + row * count + index).copied().unwrap_or_default());
    }
    block
}

/// The bytes of `grid`, unmasked, in the order of the standard: columns in pairs from the right, up and down in turn.
fn gather(grid: &Grid, version: Version, mask: u16) -> Vec<Codeword> {
    let side = grid.side;
    let alignment = version.alignment_centres();
    let mut codewords = Vec::with_capacity(side * side / 8);
    let mut current = Codeword { byte: 0, sureness: f32::MAX };
    let mut bits = 0;
    let mut upwards = true;
    let mut right = side - 1;
    while right > 0 {
        if right == 6 {
            right = 5;
        }
        for step in 0..side {
            let y = if upwards { side - 1 - step } else { step };
            for x in [right, right - 1] {
                if version.is_fixed(x, y, &alignment) {
                    continue;
                }
                let value = grid.at(x, y);
                current.byte = current.byte << 1 | u8::from((value > 0.0) != masked(mask, x, y));
                current.sureness = current.sureness.min(value.abs());
                bits += 1;
                if bits == 8 {
                    codewords.push(current);
                    current = Codeword { byte: 0, sureness: f32::MAX };
                    bits = 0;
                }
            }
        }
        upwards = !upwards;
        right = right.saturating_sub(2);
    }
    codewords
}

fn masked(mask: u16, x: usize, y: usize) -> bool {
    match mask {
        0 => (x + y).is_multiple_of(2),
        1 => y.is_multiple_of(2),
        2 => x.is_multiple_of(3),
        3 => (x + y).is_multiple_of(3),
        4 => (y / 2 + x / 3).is_multiple_of(2),
        5 => (x * y) % 2 + (x * y) % 3 == 0,
        6 => ((x * y) % 2 + (x * y) % 3).is_multiple_of(2),
        _ => ((x + y) % 2 + (x * y) % 3).is_multiple_of(2),
    }
}

/// Puts one block right, and says how many bits speak for the outcome.
fn put_right(block: &[Codeword], checks: usize, patient: bool) -> Option<(Vec<u8>, i32)> {
    let plain: Vec<u8> = block.iter().map(|codeword| codeword.byte).collect();
    let mut bytes = plain.clone();
    if let Some(errors) = solomon::correct(&mut bytes, checks, &[]) {
        let evidence = solomon::evidence_bits(block.len(), checks, 0, errors);
        if evidence >= EVIDENCE_BITS_MIN {
            return Some((bytes, evidence));
        }
    }
    if !patient {
        return None;
    }
    let mut doubtful: Vec<usize> = (0..block.len()).collect();
    doubtful.sort_by(|&a, &b| block[a].sureness.total_cmp(&block[b].sureness));
    for erased in (1..checks.saturating_sub(2)).step_by(1 + checks / 12) {
        let mut bytes = plain.clone();
        let Some(errors) = solomon::correct(&mut bytes, checks, &doubtful[..erased]) else { continue };
        let evidence = solomon::evidence_bits(block.len(), checks, erased, errors);
        if evidence >= EVIDENCE_BITS_MIN {
            return Some((bytes, evidence));
        }
    }
    None
}
