//! The live picture as the screen needs it: small, grey, mirrored.

use super::light::Hint;

/// Where a code's corners are, in pixels of the picture.
pub type Corners = [(f32, f32); 4];

/// A small picture for the screen. It is meant to be drawn and forgotten.
#[derive(Clone, PartialEq)]
pub struct Preview {
    /// Pixels across.
    pub width: u16,
    /// Pixels down.
    pub height: u16,
    /// Brightness, row after row, mirrored: what is moved to the left goes left on the screen.
    pub grey: Vec<u8>,
    /// Where a code was found.
    pub corners: Option<Corners>,
    /// What would help.
    pub hint: Option<Hint>,
}

impl std::fmt::Debug for Preview {
    /// Sizes alone: a picture may show a payment code.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Preview({}x{})", self.width, self.height)
    }
}

/// As wide as the place on the screen, and no wider.
const WIDTH_MAX: usize = 640;

/// Makes the picture for the screen out of a frame, into `spare`.
#[expect(clippy::float_arithmetic, reason = "corners lie between pixels")]
pub fn of(
    grey: &[u8],
    (width, height): (usize, usize),
    corners: Option<Corners>,
    hint: Option<Hint>,
    spare: Vec<u8>,
) -> Preview {
    let by = width.div_ceil(WIDTH_MAX).max(1);
    let (across, down) = (width / by, height / by);
    let mut small = spare;
    shrink(grey, width, by, (across, down), &mut small);
    let place = |(x, y): (f32, f32)| (across as f32 - x / by as f32, y / by as f32);
    Preview {
        width: u16::try_from(across).unwrap_or(0),
        height: u16::try_from(down).unwrap_or(0),
        grey: small,
        corners: corners.map(|corners| corners.map(place)),
        hint,
    }
}

/// Every `by` by `by` pixels become one, their mean, and left becomes right.
fn shrink(grey: &[u8], width: usize, by: usize, (across, down): (usize, usize), small: &mut Vec<u8>) {
    small.clear();
    small.resize(across * down, 0);
    if across == 0 || down == 0 {
        return;
    }
    let area = (by * by) as u32;
    for (into, rows) in small.chunks_exact_mut(across).zip(grey.chunks_exact(width * by)) {
        for (x, into) in into.iter_mut().rev().enumerate() {
            let cell = rows.chunks_exact(width).flat_map(|row| &row[x * by..(x + 1) * by]);
            let sum: u32 = cell.map(|pixel| u32::from(*pixel)).sum();
            *into = (sum / area) as u8;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_picture_is_mirrored_and_the_corners_with_it() {
        let corners = [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)];

        let preview = of(&[1, 2, 3, 4, 5, 6], (3, 2), Some(corners), Some(Hint::Dark), Vec::new());

        assert_eq!((preview.width, preview.height), (3, 2));
        assert_eq!(preview.grey, [3, 2, 1, 6, 5, 4]);
        assert_eq!(preview.corners, Some([(3.0, 0.0), (2.0, 0.0), (2.0, 1.0), (3.0, 1.0)]));
        assert_eq!(preview.hint, Some(Hint::Dark));
    }

    #[test]
    fn a_large_frame_becomes_a_small_picture_of_means() {
        let row: Vec<u8> = (0..1280).map(|x| if x % 2 == 0 { 10 } else { 30 }).collect();
        let grey = row.repeat(720);

        let preview = of(&grey, (1280, 720), None, None, Vec::new());

        assert_eq!((preview.width, preview.height), (640, 360));
        assert!(preview.grey.iter().all(|pixel| *pixel == 20), "each is the mean of its four");
    }

    #[test]
    fn odd_and_tiny_frames_are_no_trouble() {
        for (width, height) in [(1, 1), (641, 1), (1283, 721), (5, 3)] {
            let preview = of(&vec![9; width * height], (width, height), None, None, Vec::new());

            assert_eq!(preview.grey.len(), usize::from(preview.width) * usize::from(preview.height));
        }
    }
}
