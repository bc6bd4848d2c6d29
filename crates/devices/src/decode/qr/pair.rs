//! When one of a code's three finders is lost (in a reflection, under a finger, outside the picture), the two others still say
//! where it must be.

#![expect(clippy::float_arithmetic, reason = "places between pixels are not whole numbers")]

use super::layout::{Corners, ways_along};
use super::square::{Point, Square, turn};

/// How true a square must be to be believed without a third.
const FAULT_MAX: f32 = 0.06;

/// Two finders and a third one that is guessed.
#[derive(Debug, Clone, Copy)]
pub struct Guess {
    pub squares: [Square; 3],
    /// Which of the squares found the first two are.
    pub found: [usize; 2],
    pub corners: Corners,
}

/// All places where a third finder may be, for the truest pairs first. `free` says which squares may be used.
pub fn guesses(squares: &[Square], free: &[bool], at_most: usize) -> Vec<Guess> {
    let mut all = Vec::new();
    for (first, a) in squares.iter().enumerate() {
        for (second, b) in squares.iter().enumerate().skip(first + 1) {
            if free[first] && free[second] && a.fault < FAULT_MAX && b.fault < FAULT_MAX && a.light == b.light
            {
                all.extend(thirds(a, b).into_iter().map(|(squares, corners)| Guess {
                    squares,
                    found: [first, second],
                    corners,
                }));
            }
        }
    }
    all.sort_by(|a, b| a.corners.fault.total_cmp(&b.corners.fault));
    all.truncate(at_most);
    all
}

/// The places a third finder may have beside two.
fn thirds(a: &Square, b: &Square) -> Vec<([Square; 3], Corners)> {
    let way = minus(b.middle, a.middle);
    let (here, there) = (a.modules(way), b.modules(way));
    let (long, short) = (here.0.abs().max(here.1.abs()), here.0.abs().min(here.1.abs()));
    let (long_there, short_there) = (there.0.abs().max(there.1.abs()), there.0.abs().min(there.1.abs()));
    let ratio = (long / long_there).ln().abs();
    let modules = (long * long_there).sqrt();
    if ratio > 0.5 || !(12.0..60.0).contains(&modules) {
        return Vec::new();
    }
    let fault = a.fault + b.fault + ratio;
    let (across, _) = ways_along(a, way, way);
    let mut all = Vec::new();
    if short < long * 0.25 && short_there < long_there * 0.25 {
        // Along one side: the third lies to either side of it, beside the one or the other.
        for side in [1.0, -1.0] {
            let aside = (-across.1 * side, across.0 * side);
            let (_, down_a) = ways_along(a, way, aside);
            let (_, down_b) = ways_along(b, way, aside);
            let down = ((down_a.0 + down_b.0) / 2.0 * modules, (down_a.1 + down_b.1) / 2.0 * modules);
            all.push(ordered(a, b, plus(a.middle, down), true, modules, fault));
            all.push(ordered(b, a, plus(b.middle, down), true, modules, fault));
        }
    } else if short > long * 0.7 && short_there > long_there * 0.7 {
        // Across the code: the third is the corner between, on either side.
        for (share, side) in [(here.0, a.across), (here.1, a.down)] {
            all.push(ordered(
                a,
                b,
                plus(a.middle, (side.0 * share, side.1 * share)),
                false,
                modules,
                fault + 0.05,
            ));
        }
    }
    all
}

/// The three in their order; the third is the corner itself unless `first` is.
fn ordered(
    first: &Square,
    second: &Square,
    place: Point,
    first_is_corner: bool,
    modules: f32,
    fault: f32,
) -> ([Square; 3], Corners) {
    let third = Square { middle: place, level: (first.level + second.level) / 2.0, ..*first };
    let (corner, one, other) =
        if first_is_corner { (*first, *second, third) } else { (third, *first, *second) };
    let clockwise = turn(minus(one.middle, corner.middle), minus(other.middle, corner.middle)) > 0.0;
    let squares = if clockwise { [corner, one, other] } else { [corner, other, one] };
    (squares, Corners { finders: [0, 1, 2], modules: [modules; 2], fault })
}

fn minus(a: Point, b: Point) -> Point {
    (a.0 - b.0, a.1 - b.1)
}

fn plus(a: Point, b: Point) -> Point {
    (a.0 + b.0, a.1 + b.1)
}
