//! A code that is not flat, or too large for one projection: how far each alignment pattern is from where the projection has it.

#![expect(clippy::float_arithmetic, reason = "places between pixels are not whole numbers")]

use super::super::luma::Luma;
use super::fit::Lie;
use super::square::Point;

/// How alike a place must be to an alignment pattern to count as one.
const AGREEMENT_MIN: f32 = 0.5;
/// How far from the expected place to look, in modules.
const REACH: f32 = 2.0;

/// Offsets in pixels at the crossings of the alignment rows and columns; between them, and beyond, they are weighed in.
#[derive(Debug, Clone)]
pub struct Mesh {
    /// Places of the rows and columns, in modules.
    lines: Vec<f32>,
    /// Row by row.
    offsets: Vec<Point>,
}

impl Mesh {
    /// Looks for every alignment pattern of `lie`, each from where its neighbours say it should be.
    pub fn laid(luma: &Luma<'_>, lie: &Lie) -> Mesh {
        let rows = lie.version.alignment();
        let count = rows.len();
        let lines: Vec<f32> = rows.iter().map(|&row| row as f32 + 0.5).collect();
        let mut offsets: Vec<Option<Point>> = vec![None; count * count];
        for corner in [0, count - 1, count * (count - 1)] {
            offsets[corner] = Some((0.0, 0.0));
        }
        // From the first finder outwards, so that every pattern has neighbours to begin with.
        let mut order: Vec<(usize, usize)> =
            (0..count * count).map(|index| (index % count, index / count)).collect();
        order.sort_by_key(|&(column, row)| (column.max(row), column + row));
        for (column, row) in order {
            if offsets[row * count + column].is_some() {
                continue;
            }
            let at = |column: usize, row: usize| offsets[row * count + column].unwrap_or_default();
            let expected = match (column, row) {
                (0, 0) => (0.0, 0.0),
                (0, row) => at(0, row - 1),
                (column, 0) => at(column - 1, 0),
                (column, row) => {
                    let (left, up, both) =
                        (at(column - 1, row), at(column, row - 1), at(column - 1, row - 1));
                    (left.0 + up.0 - both.0, left.1 + up.1 - both.1)
                }
            };
            let place = (lines[column], lines[row]);
            let (x, y) = lie.warp.pixel(place.0, place.1);
            let seen =
                lie.seek(luma, place, REACH, expected).filter(|&(_, agreement)| agreement > AGREEMENT_MIN);
            offsets[row * count + column] =
                Some(seen.map_or(expected, |(pixel, _)| (pixel.0 - x, pixel.1 - y)));
        }
        Mesh { lines, offsets: offsets.into_iter().map(Option::unwrap_or_default).collect() }
    }

    /// How far from the projection a place is, in pixels.
    pub fn offset(&self, x: f32, y: f32) -> Point {
        let count = self.lines.len();
        let cell = |at: f32| {
            let index = self.lines.iter().skip(1).take(count - 2).take_while(|&&line| line < at).count();
            let part = (at - self.lines[index]) / (self.lines[index + 1] - self.lines[index]);
            (index, part.clamp(-0.3, 1.3))
        };
        let ((column, across), (row, down)) = (cell(x), cell(y));
        let corner = |column: usize, row: usize| self.offsets[row * count + column];
        let between = |a: Point, b: Point, part: f32| (a.0 + (b.0 - a.0) * part, a.1 + (b.1 - a.1) * part);
        let upper = between(corner(column, row), corner(column + 1, row), across);
        let lower = between(corner(column, row + 1), corner(column + 1, row + 1), across);
        between(upper, lower, down)
    }
}
