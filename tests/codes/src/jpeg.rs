//! What JPEG loses of a grey picture: blocks of eight by eight, rounded as coarsely as the quality says. No file is made; the
//! entropy coding in it loses nothing.

use std::f32::consts::PI;

/// The standard's example table for luminance (ITU-T T.81, K.1), at quality 50.
const TABLE: [u16; 64] = [
    16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56, 14, 17,
    22, 29, 51, 87, 80, 62, 18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92, 49, 64, 78,
    87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99,
];

type Block = [[f32; 8]; 8];

/// Compresses the picture and unpacks it again. `quality` is libjpeg's, 1 to 100.
pub fn compress(picture: &mut [u8], width: usize, height: usize, quality: u8) {
    let steps = steps(quality);
    let waves = waves();
    for top in (0..height).step_by(8) {
        for left in (0..width).step_by(8) {
            // Beyond the edge the last pixel goes on.
            let at = |x: usize, y: usize| (top + y).min(height - 1) * width + (left + x).min(width - 1);
            let block: Block =
                std::array::from_fn(|y| std::array::from_fn(|x| f32::from(picture[at(x, y)]) - 128.0));
            let mut parts = transposed(&times(&transposed(&times(&block, &waves)), &waves));
            for (row, steps) in parts.iter_mut().zip(&steps) {
                for (part, step) in row.iter_mut().zip(steps) {
                    *part = (*part / step).round() * step;
                }
            }
            let back = transposed(&waves);
            let block = transposed(&times(&transposed(&times(&parts, &back)), &back));
            for y in 0..8.min(height - top) {
                for x in 0..8.min(width - left) {
                    picture[at(x, y)] = (block[y][x] + 128.0).round().clamp(0.0, 255.0) as u8;
                }
            }
        }
    }
}

/// libjpeg's rule from quality to the size of a step.
fn steps(quality: u8) -> Block {
    let quality = u32::from(quality.clamp(1, 100));
    let scale = if quality < 50 { 5000 / quality } else { 200 - 2 * quality };
    let step = |place: usize| ((u32::from(TABLE[place]) * scale + 50) / 100).clamp(1, 255) as f32;
    std::array::from_fn(|y| std::array::from_fn(|x| step(y * 8 + x)))
}

/// The cosines, so that a row times these is its eight parts.
fn waves() -> Block {
    std::array::from_fn(|x| {
        std::array::from_fn(|part| {
            let size = if part == 0 { 0.125_f32.sqrt() } else { 0.5 };
            size * ((2 * x + 1) as f32 * part as f32 * PI / 16.0).cos()
        })
    })
}

fn times(rows: &Block, matrix: &Block) -> Block {
    std::array::from_fn(|y| {
        let mut out = [0.0; 8];
        for (value, row) in rows[y].iter().zip(matrix) {
            out.iter_mut().zip(row).for_each(|(out, one)| *out += value * one);
        }
        out
    })
}

fn transposed(block: &Block) -> Block {
    std::array::from_fn(|y| std::array::from_fn(|x| block[x][y]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_quality_changes_a_pixel_by_one_or_two_and_a_poor_one_by_more() {
        let picture: Vec<u8> = (0..33 * 19).map(|at: u32| (at * at % 251) as u8).collect();
        let worst = |quality| {
            let mut after = picture.clone();
            compress(&mut after, 33, 19, quality);
            picture.iter().zip(&after).map(|(a, b)| a.abs_diff(*b)).max().unwrap_or(0)
        };

        assert!(worst(100) <= 3, "steps of one: {}", worst(100));
        assert!(worst(10) > 20, "large steps lose the fine parts: {}", worst(10));
    }

    #[test]
    fn an_even_picture_stays_as_it_is() {
        let mut picture = vec![128; 64 * 24];

        compress(&mut picture, 64, 24, 30);

        assert_eq!(picture, vec![128; 64 * 24]);
    }
}
