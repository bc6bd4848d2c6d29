//! Looks for finders: the three squares in the corners of a QR code. A line through the middle of one crosses dark, light, dark,
//! light, dark in lengths of one, one, three, one and one.

#![expect(clippy::float_arithmetic, reason = "places between pixels are not whole numbers")]

use super::super::luma::{Luma, Shade};
use super::super::work::Work;
use super::square::{self, Square};

/// Places that are kept in one look: noise has thousands.
const SPOTS_MAX: usize = 3_000;
/// Grey levels between dark and light below which nothing is there.
const CONTRAST_MIN: f32 = 5.0;

/// Places that it costs to look down a column, and to measure a finder.
const FOLLOW_WORK: usize = 20;
const MEASURE_WORK: usize = 800;

/// A place where the lengths fit across and down.
#[derive(Debug, Clone, Copy)]
struct Spot {
    x: f32,
    y: f32,
    module: f32,
    /// Lines that crossed it.
    lines: f32,
    /// Grey levels between its dark and its light.
    contrast: f32,
}

impl Spot {
    /// How much it stands out: by contrast, and by being crossed by more than one line.
    fn weight(&self) -> f32 {
        self.contrast * self.lines.min(4.0).sqrt()
    }
}

/// Memory for the search, kept from one look to the next.
#[derive(Debug, Default)]
pub struct Search {
    dark: Vec<u64>,
    changes: Vec<usize>,
    spots: Vec<Spot>,
    /// Spots that the next line may cross again.
    alive: Vec<usize>,
    /// What was found.
    pub squares: Vec<Square>,
}

impl Search {
    /// Looks through every `step`th row of `luma`; `light` looks for light finders on dark ground. Of what may
    /// be one, the `most` that stand out most are measured.
    pub fn run(
        &mut self,
        luma: &Luma<'_>,
        shade: &Shade,
        (step, light): (usize, bool),
        most: usize,
        work: &mut Work,
    ) {
        self.spots.clear();
        self.alive.clear();
        self.squares.clear();
        let mut y = step / 2;
        while y < luma.height() && work.is_left() {
            work.spend(luma.width() / 5);
            shade.mark(luma, y, &mut self.dark);
            changes_of(&self.dark, luma.width(), &mut self.changes);
            let spots = &self.spots;
            self.alive.retain(|&index| spots[index].y + spots[index].module * 1.5 > y as f32);
            for first in (usize::from(light)..self.changes.len().saturating_sub(5)).step_by(2) {
                let Some(&five) = self.changes[first..].first_chunk::<6>() else { break };
                if fits_five(&five) && stands_out(luma.row(y), &five, light) {
                    work.spend(FOLLOW_WORK);
                    self.follow(luma, shade, &five, y, light);
                }
            }
            y += step;
        }
        self.spots.sort_by(|a, b| b.weight().total_cmp(&a.weight()));
        for spot in self.spots.iter().take(most) {
            work.spend(MEASURE_WORK);
            self.squares.extend(square::measure(luma, (spot.x, spot.y), spot.module, light));
        }
    }

    /// Looks down the column in the middle of five lengths that fit, and keeps the place when that fits too.
    fn follow(&mut self, luma: &Luma<'_>, shade: &Shade, five: &[usize; 6], y: usize, light: bool) {
        let x = (five[2] + five[3]) as f32 / 2.0;
        let module = (five[5] - five[0]) as f32 / 7.0;
        let near = |spot: &Spot| {
            (spot.x - x).abs() < spot.module * 1.5 && (spot.y - y as f32).abs() < spot.module * 1.5
        };
        if let Some(&index) = self.alive.iter().rev().find(|&&index| near(&self.spots[index])) {
            self.spots[index].lines += 1.0;
            return;
        }
        if self.spots.len() >= SPOTS_MAX {
            return;
        }
        let Some((middle, high)) =
            cross(luma.height(), y, module, |at| (shade.darkness(luma, x as usize, at) > 0) != light)
        else {
            return;
        };
        let row = middle as usize;
        let Some((across, wide)) =
            cross(luma.width(), x as usize, module, |at| (shade.darkness(luma, at, row) > 0) != light)
        else {
            return;
        };
        if wide < high * 2.5 && high < wide * 2.5 {
            let module = (wide + high) / 2.0;
            let contrast = square::contrast(luma, (across, middle), (wide, high), light);
            if contrast >= CONTRAST_MIN {
                self.alive.push(self.spots.len());
                self.spots.push(Spot { x: across, y: middle, module, lines: 1.0, contrast });
            }
        }
    }
}

/// Where a row of `width` marks changes, beginning with the first dark one.
fn changes_of(dark: &[u64], width: usize, changes: &mut Vec<usize>) {
    changes.clear();
    let mut last = 0;
    for (index, &word) in dark.iter().enumerate() {
        let mut differ = word ^ (word << 1 | last);
        last = word >> 63;
        while differ != 0 {
            changes.push(index * 64 + differ.trailing_zeros() as usize);
            differ &= differ - 1;
        }
    }
    // A code may reach to the very edge of the picture.
    if changes.len() % 2 == 1 {
        changes.push(width);
    }
}

/// Whether six changes part a line in one, one, three, one and one, as well as pixels can tell.
///
/// Too much light makes dark things thin and light things wide, and blur does as it likes; but from the beginning of one dark
/// thing to the beginning of the next, and from end to end, stays as it was: two, four, four and two.
fn fits_five(changes: &[usize; 6]) -> bool {
    let length = |index: usize| changes[index + 1] - changes[index];
    // The middle is thicker than the ring around it, however thin both have become.
    let thick = length(2) * 2 > 3 * length(0).max(length(4));
    if !thick || changes[5] - changes[0] < 7 {
        return false;
    }
    let [two, four, also_four, also_two] = [0, 1, 2, 3].map(|at| changes[at + 2] - changes[at]);
    let whole = two + four + also_four + also_two;
    // In twelfths of the whole; a pixel and a half either way is forgiven.
    let near = |length: usize, modules: usize, slack: usize| {
        (12 * length).abs_diff(modules * whole) * 100 <= slack * whole + 1800
    };
    near(two, 2, 80) && near(also_two, 2, 80) && near(four, 4, 110) && near(also_four, 4, 110)
}

/// Whether the middle of five lengths is darker (or lighter) than the two beside it; a sensor's noise on an even wall is not.
fn stands_out(row: &[u8], five: &[usize; 6], light: bool) -> bool {
    let at = |index: usize| f32::from(row[(five[index] + five[index + 1]) / 2]);
    let contrast = (at(1) + at(3)) / 2.0 - at(2);
    if light { -contrast >= CONTRAST_MIN } else { contrast >= CONTRAST_MIN }
}

/// Walks both ways from `start` along a line and answers the middle of the finder and the size of its modules, if it is one.
fn cross(length: usize, start: usize, module: f32, dark: impl Fn(usize) -> bool) -> Option<(f32, f32)> {
    let (reach, longest) = ((module * 12.0) as usize + 4, (module * 6.0) as usize + 3);
    if start >= length || !dark(start) {
        return None;
    }
    let walk = |step: isize| {
        let mut ends = [0usize; 3];
        let mut at = start;
        let mut found = 0;
        let mut wanted = true;
        for walked in 0..reach {
            // Nothing in a finder is longer than its middle.
            if found == 0 && walked > longest {
                return None;
            }
            let next = at.checked_add_signed(step).filter(|&next| next < length);
            if next.is_none_or(|next| dark(next) != wanted) {
                ends[found] = if step > 0 { at + 1 } else { at };
                found += 1;
                wanted = !wanted;
                if found == 3 {
                    return Some(ends);
                }
            }
            at = next?;
        }
        None
    };
    let (up, down) = (walk(-1)?, walk(1)?);
    let changes = [up[2], up[1], up[0], down[0], down[1], down[2]];
    fits_five(&changes).then(|| ((up[0] + down[0]) as f32 / 2.0, (down[2] - up[2]) as f32 / 7.0))
}
