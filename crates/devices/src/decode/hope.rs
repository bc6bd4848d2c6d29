//! Where in a picture a code is likely: around what may be its finders.

#![expect(clippy::float_arithmetic, reason = "places between pixels are not whole numbers")]

use super::luma::Luma;
use super::qr::{Point, Square, turn};

/// What the looks at a picture saw that may be finders, in its pixels.
#[derive(Debug, Default)]
pub(super) struct Hopes(Vec<Hope>);

#[derive(Debug, Clone, Copy)]
struct Hope {
    middle: Point,
    module: f32,
    weight: f32,
}

/// Modules from the middle of a code to the edge of what is looked at: a payment code has 21 to 29 each way, and a finder
/// alone does not tell on which side the rest of it lies.
const AROUND: f32 = 32.0;
/// Modules that two finders of one code are apart at the most.
const APART: f32 = 40.0;
/// How much larger than the other's the modules of one finder may be.
const UNLIKE: f32 = 1.5;
/// Hope for each pixel of a module's length that makes a part worth looking at: a larger one costs more.
const ENOUGH: f32 = 0.13;
/// Pixels of a module below which nobody reads a code.
const SMALLEST: f32 = 1.6;
/// The fault of a square that is hardly one.
const FAULTY: f32 = 0.3;

impl Hopes {
    /// Makes ready for another picture.
    pub fn forget(&mut self) {
        self.0.clear();
    }

    /// Adds what was seen in the picture made `scale` times smaller.
    pub fn add(&mut self, squares: &[Square], scale: f32) {
        let hopes = squares.iter().map(|square| Hope {
            middle: (square.middle.0 * scale, square.middle.1 * scale),
            module: turn(square.across, square.down).abs().sqrt() * scale,
            weight: FAULTY - square.fault,
        });
        self.0.extend(hopes.filter(|hope| hope.weight > 0.0 && hope.module > SMALLEST));
    }

    /// The part of `picture` where there is most of it, and where that part begins. What lies there is taken out.
    pub fn take_part<'a>(&mut self, picture: &Luma<'a>) -> Option<(Luma<'a>, Point)> {
        let (first, Hope { middle: at, module, .. }) = self.best()?;
        self.0.retain(|other| !first.is_near(other));
        let reach = module * AROUND;
        let from = |at: f32| (at - reach).max(0.0) as usize;
        let (left, top) = (from(at.0), from(at.1));
        let part = picture.part((left, top), ((at.0 + reach) as usize, (at.1 + reach) as usize))?;
        Some((part, (left as f32, top as f32)))
    }

    /// The finder with most around it, and the mean of that.
    fn best(&self) -> Option<(Hope, Hope)> {
        let means = self.0.iter().map(|hope| (*hope, self.around(hope)));
        means
            .filter(|(_, mean)| mean.weight >= ENOUGH * mean.module)
            .max_by(|(_, one), (_, other)| one.weight.total_cmp(&other.weight))
    }

    /// The mean of all that may belong to the same code, with the weight of them together.
    fn around(&self, hope: &Hope) -> Hope {
        let none = Hope { middle: (0.0, 0.0), module: 0.0, weight: 0.0 };
        let near = self.0.iter().filter(|other| hope.is_near(other));
        let sum = near.fold(none, |sum, other| Hope {
            middle: (
                sum.middle.0 + other.weight * other.middle.0,
                sum.middle.1 + other.weight * other.middle.1,
            ),
            module: sum.module + other.weight * other.module,
            weight: sum.weight + other.weight,
        });
        let share = |of: f32| of / sum.weight;
        Hope { middle: (share(sum.middle.0), share(sum.middle.1)), module: share(sum.module), ..sum }
    }
}

impl Hope {
    /// Whether both may be finders of one code, or the same one.
    fn is_near(&self, other: &Hope) -> bool {
        let apart = (other.middle.0 - self.middle.0).hypot(other.middle.1 - self.middle.1);
        let unlike = (other.module / self.module).max(self.module / other.module);
        unlike < UNLIKE && apart < APART * self.module
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static PIXELS: [u8; 300 * 200] = [0; 300 * 200];

    fn square(x: f32, y: f32, module: f32, fault: f32) -> Square {
        Square { middle: (x, y), across: (module, 0.0), down: (0.0, module), level: 0.0, light: false, fault }
    }

    /// Where the parts lie that are taken one after the other: left, top, right, bottom.
    fn parts(hopes: &mut Hopes) -> Vec<[f32; 4]> {
        let picture = Luma::new(300, 200, 300, &PIXELS).expect("the picture is whole");
        std::iter::from_fn(|| hopes.take_part(&picture))
            .map(|(part, (x, y))| [x, y, x + part.width() as f32, y + part.height() as f32])
            .collect()
    }

    #[test]
    fn three_finders_are_one_part_around_them() {
        let mut hopes = Hopes::default();
        hopes.add(
            &[square(50.0, 50.0, 1.0, 0.1), square(64.0, 50.0, 1.0, 0.1), square(50.0, 64.0, 1.0, 0.1)],
            2.0,
        );

        assert_eq!(parts(&mut hopes), [[45.0, 45.0, 173.0, 173.0]]);
    }

    #[test]
    fn the_place_with_most_comes_first_and_what_is_outside_the_picture_is_left_out() {
        let mut hopes = Hopes::default();
        hopes.add(
            &[square(10.0, 10.0, 2.0, 0.0), square(250.0, 150.0, 2.0, 0.0), square(270.0, 150.0, 2.0, 0.0)],
            1.0,
        );

        assert_eq!(parts(&mut hopes), [[196.0, 86.0, 300.0, 200.0], [0.0, 0.0, 74.0, 74.0]]);
    }

    #[test]
    fn squares_that_are_faulty_tiny_or_too_few_for_their_size_are_no_hope() {
        let mut hopes = Hopes::default();
        hopes.add(
            &[square(50.0, 50.0, 2.0, 0.4), square(50.0, 50.0, 1.5, 0.0), square(150.0, 50.0, 4.0, 0.0)],
            1.0,
        );

        assert_eq!(parts(&mut hopes), [[0.0; 4]; 0]);
    }
}
