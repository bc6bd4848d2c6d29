//! Puts finders together: which three of them are the corners of one code.

#![expect(clippy::float_arithmetic, reason = "places between pixels are not whole numbers")]

use super::square::{Point, Square, turn};

/// The three corners of a code, and about how many modules it has on a side.
#[derive(Debug, Clone, Copy)]
pub struct Corners {
    /// Where the two others meet, then the one to its right, then the one below it: indices of the finders.
    pub finders: [usize; 3],
    /// Modules from the first finder to the second, and to the third.
    pub modules: [f32; 2],
    /// How badly they fit, for trying the best first.
    pub fault: f32,
}

/// A finder that lies along one side of another.
#[derive(Debug, Clone, Copy)]
struct Neighbour {
    index: usize,
    down: bool,
    modules: f32,
    fault: f32,
}

/// Neighbours of one finder in one direction that are followed up.
const NEIGHBOURS_MAX: usize = 12;

/// All triples that may be a code, best first.
pub fn corners(squares: &[Square], at_most: usize) -> Vec<Corners> {
    let mut all = Vec::new();
    for (first, square) in squares.iter().enumerate() {
        let mut neighbours: Vec<Neighbour> = squares
            .iter()
            .enumerate()
            .filter(|&(index, _)| index != first)
            .filter_map(|(index, other)| neighbour(square, other, index))
            .collect();
        let rank = |one: &Neighbour| one.fault + squares[one.index].fault + one.modules / 2_000.0;
        neighbours.sort_by(|a, b| rank(a).total_cmp(&rank(b)));
        let along = |down: bool| {
            neighbours.iter().filter(move |neighbour| neighbour.down == down).take(NEIGHBOURS_MAX)
        };
        for one in along(false) {
            for other in along(true) {
                all.extend(joined(squares, first, *one, *other));
            }
        }
    }
    all.sort_by(|a, b| a.fault.total_cmp(&b.fault));
    all.truncate(at_most);
    all
}

/// `other` as seen from `square`, if it lies along one of its sides.
fn neighbour(square: &Square, other: &Square, index: usize) -> Option<Neighbour> {
    let way = (other.middle.0 - square.middle.0, other.middle.1 - square.middle.1);
    let here = square.modules(way);
    let there = other.modules(way);
    let down = here.1.abs() > here.0.abs();
    let (length, slant) = if down { (here.1.abs(), here.0.abs()) } else { (here.0.abs(), here.1.abs()) };
    let (length_there, slant_there) = (there.0.abs().max(there.1.abs()), there.0.abs().min(there.1.abs()));
    let slants = slant / length + slant_there / length_there;
    let ratio = (length / length_there).ln().abs();
    let modules = (length * length_there).sqrt();
    let fits = slant < length * 0.42
        && slant_there < length_there * 0.42
        && ratio < 0.8
        && (9.5..195.0).contains(&modules);
    fits.then_some(Neighbour { index, down, modules, fault: slants * slants + ratio * ratio })
}

fn joined(squares: &[Square], first: usize, one: Neighbour, other: Neighbour) -> Option<Corners> {
    let gap = (one.modules / other.modules).ln().abs();
    if gap > 0.45 {
        return None;
    }
    let way = |index: usize| {
        (squares[index].middle.0 - squares[first].middle.0, squares[index].middle.1 - squares[first].middle.1)
    };
    let clockwise = turn(way(one.index), way(other.index)) > 0.0;
    let (right, below) = if clockwise { (one, other) } else { (other, one) };
    let shape: f32 = [first, one.index, other.index].iter().map(|&index| squares[index].fault).sum();
    Some(Corners {
        finders: [first, right.index, below.index],
        modules: [right.modules, below.modules],
        fault: one.fault + other.fault + 2.0 * gap * gap + shape * 0.3,
    })
}

/// The two ways of `square` turned so that the first goes along `across` and the second along `down`.
pub fn ways_along(square: &Square, across: Point, down: Point) -> (Point, Point) {
    let dot = |a: Point, b: Point| a.0 * b.0 + a.1 * b.1;
    let share = |side: Point, way: Point| dot(side, way).abs() / side.0.hypot(side.1);
    let swapped = share(square.down, across) > share(square.across, across);
    let (first, second) = if swapped { (square.down, square.across) } else { (square.across, square.down) };
    let along = |side: Point, way: Point| if dot(side, way) < 0.0 { (-side.0, -side.1) } else { side };
    (along(first, across), along(second, down))
}
