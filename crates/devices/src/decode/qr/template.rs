//! What is known of a code before it is read.

#![expect(clippy::float_arithmetic, reason = "the middle of a module is half way through it")]

use super::square::Point;
use super::version::Version;

/// Places on a code of one version: those whose colour is known, and those that are either dark or light.
#[derive(Debug)]
pub struct Template {
    pub known: Vec<(Point, f32)>,
    pub free: Vec<Point>,
}

/// Places of each kind that are looked at: enough to tell, few enough to be quick.
const PLACES_MAX: usize = 200;

impl Template {
    pub fn of(version: Version) -> Template {
        let side = version.modules();
        let mut known = Vec::new();
        let mut add = |x: usize, y: usize, dark: bool| {
            known.push(((x as f32 + 0.5, y as f32 + 0.5), if dark { 1.0 } else { -1.0 }));
        };
        for (left, top) in [(0, 0), (side - 7, 0), (0, side - 7)] {
            for y in 0..7usize {
                for x in 0..7usize {
                    let ring = x.abs_diff(3).max(y.abs_diff(3));
                    add(left + x, top + y, ring != 2);
                }
            }
            for along in 0..8 {
                let row = if top == 0 { 7 } else { side - 8 };
                let column = if left == 0 { 7 } else { side - 8 };
                add(if left == 0 { along } else { side - 8 + along }, row, false);
                add(column, if top == 0 { along } else { side - 8 + along }, false);
            }
        }
        for at in 8..side - 8 {
            add(at, 6, at % 2 == 0);
            add(6, at, at % 2 == 0);
        }
        let alignment = version.alignment_centres();
        for &(middle_x, middle_y) in &alignment {
            for y in 0..5usize {
                for x in 0..5usize {
                    add(middle_x + x - 2, middle_y + y - 2, x.abs_diff(2).max(y.abs_diff(2)) != 1);
                }
            }
        }
        let all: Vec<Point> = (0..side * side)
            .map(|index| (index % side, index / side))
            .filter(|&(x, y)| !version.is_fixed(x, y, &alignment))
            .map(|(x, y)| (x as f32 + 0.5, y as f32 + 0.5))
            .collect();
        let every = |count: usize| count.div_ceil(PLACES_MAX).max(1);
        let (known_step, free_step) = (every(known.len()), every(all.len()));
        Template {
            known: known.into_iter().step_by(known_step).collect(),
            free: all.into_iter().step_by(free_step).collect(),
        }
    }
}
