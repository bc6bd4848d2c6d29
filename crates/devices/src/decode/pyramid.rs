//! The same picture in several sizes, each made once and from the next larger one where that can be.

use super::luma::Luma;

/// A grey picture of our own, its memory kept from one frame to the next.
#[derive(Debug, Default)]
pub(super) struct Plane {
    width: usize,
    height: usize,
    pixels: Vec<u8>,
}

impl Plane {
    pub fn luma(&self) -> Option<Luma<'_>> {
        Luma::new(self.width, self.height, self.width, &self.pixels)
    }

    /// Makes this `from`, each pixel become a square of `factor` by `factor`.
    pub fn enlarge(&mut self, from: &Luma<'_>, factor: usize) {
        self.width = from.width() * factor;
        self.height = from.height() * factor;
        self.pixels.clear();
        for y in 0..self.height {
            self.pixels
                .extend(from.row(y / factor).iter().flat_map(|&pixel| std::iter::repeat_n(pixel, factor)));
        }
    }

    /// Makes this `from` sharpened and then, smoothly, twice as large each way.
    pub fn double(&mut self, from: &Luma<'_>, sharp: &mut Plane) {
        sharp.sharpen(from);
        let (width, height) = (sharp.width, sharp.height);
        self.width = 2 * width;
        self.height = 2 * height;
        self.pixels.clear();
        self.pixels.reserve(self.width * self.height);
        for y in 0..self.height {
            // A new pixel lies a quarter of an old one away from the middle of the old one it is in.
            let other = if y % 2 == 0 { (y / 2).saturating_sub(1) } else { (y / 2 + 1).min(height - 1) };
            let (near, far) =
                (&sharp.pixels[y / 2 * width..][..width], &sharp.pixels[other * width..][..width]);
            let down = |x: usize| 3 * u16::from(near[x]) + u16::from(far[x]);
            self.pixels.extend((0..width).flat_map(|x| {
                let (left, middle, right) =
                    (down(x.saturating_sub(1)), down(x), down((x + 1).min(width - 1)));
                [left, right].map(|side| ((3 * middle + side + 8) >> 4) as u8)
            }));
        }
    }

    /// Makes this `from` with each pixel as much further from the mean of those around it, itself among them, as it was.
    fn sharpen(&mut self, from: &Luma<'_>) {
        self.begin(from, 1);
        let (right, bottom) = (self.width - 1, self.height - 1);
        for y in 0..self.height {
            let (above, row, below) =
                (from.row(y.saturating_sub(1)), from.row(y), from.row((y + 1).min(bottom)));
            let down = |x: usize| i32::from(above[x]) + 2 * i32::from(row[x]) + i32::from(below[x]);
            self.pixels.extend((0..self.width).map(|x| {
                let around = down(x.saturating_sub(1)) + 2 * down(x) + down((x + 1).min(right));
                ((32 * i32::from(row[x]) - around + 8) >> 4).clamp(0, 255) as u8
            }));
        }
    }

    /// Makes this `from`, every two by two pixels averaged to one. A last odd row or column is left out.
    fn halve(&mut self, from: &Luma<'_>) {
        self.begin(from, 2);
        for y in 0..self.height {
            let (upper, _) = from.row(2 * y).as_chunks::<2>();
            let (lower, _) = from.row(2 * y + 1).as_chunks::<2>();
            self.pixels.extend(upper.iter().zip(lower).map(|(upper, lower)| {
                let sum = [upper[0], upper[1], lower[0], lower[1]].map(u16::from).iter().sum::<u16>();
                ((sum + 2) >> 2) as u8
            }));
        }
    }

    /// Makes this `from`, every three by three pixels averaged to one.
    fn third(&mut self, from: &Luma<'_>, sums: &mut Vec<u16>) {
        self.begin(from, 3);
        for y in 0..self.height {
            sums.clear();
            let (first, second, third) = (from.row(3 * y), from.row(3 * y + 1), from.row(3 * y + 2));
            sums.extend(
                first
                    .iter()
                    .zip(second)
                    .zip(third)
                    .map(|((&a, &b), &c)| u16::from(a) + u16::from(b) + u16::from(c)),
            );
            let (threes, _) = sums.as_chunks::<3>();
            // Multiplied by 7282 of 65536, which is a ninth.
            self.pixels.extend(
                threes.iter().map(|three| ((u32::from(three[0] + three[1] + three[2]) * 7282) >> 16) as u8),
            );
        }
    }

    fn begin(&mut self, from: &Luma<'_>, factor: usize) {
        self.width = from.width() / factor;
        self.height = from.height() / factor;
        self.pixels.clear();
        self.pixels.reserve(self.width * self.height);
    }
}

/// The sizes of one picture that were asked for so far.
#[derive(Debug, Default)]
pub(super) struct Pyramid {
    /// At its place the factor, as the picture was reduced by it.
    planes: [Option<Plane>; SIZES],
    made: [bool; SIZES],
    sums: Vec<u16>,
}

/// The largest factor, and one.
const SIZES: usize = 9;

impl Pyramid {
    /// Makes ready for another picture; the memory is kept.
    pub fn forget(&mut self) {
        self.made = [false; SIZES];
    }

    /// The picture with every `factor` by `factor` pixels averaged to one: 2, 3, 4, 6 or 8. Nothing when none would be left.
    pub fn reduced(&mut self, picture: &Luma<'_>, factor: usize) -> Option<Luma<'_>> {
        if !self.made[factor] {
            let mut plane = self.planes[factor].take().unwrap_or_default();
            match factor {
                2 => plane.halve(picture),
                3 => plane.third(picture, &mut self.sums),
                _ => plane.halve(&self.reduced(picture, factor / 2)?),
            }
            self.planes[factor] = Some(plane);
            self.made[factor] = true;
        }
        self.planes[factor].as_ref()?.luma()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_size_has_the_mean_of_its_squares() {
        let (width, height) = (50, 25);
        let pixels: Vec<u8> = (0..width * height).map(|at| (at % width * 3 + at / width * 2) as u8).collect();
        let picture = Luma::new(width, height, width, &pixels).expect("the picture is whole");
        let mut pyramid = Pyramid::default();

        for factor in [8, 6, 4, 3, 2] {
            let seen = pyramid.reduced(&picture, factor).expect("it is large enough");

            assert_eq!((seen.width(), seen.height()), (width / factor, height / factor));
            for (x, y) in [(0, 0), (seen.width() - 1, seen.height() - 1)] {
                let sum: usize = (0..factor * factor)
                    .map(|at| usize::from(picture.row(y * factor + at / factor)[x * factor + at % factor]))
                    .sum();
                let mean = sum / (factor * factor);
                assert!(usize::from(seen.row(y)[x]).abs_diff(mean) <= 1, "{factor} at {x}, {y}");
            }
        }
    }

    #[test]
    fn a_picture_too_small_for_a_size_has_none() {
        let picture = Luma::new(5, 7, 5, &[9; 35]).expect("the picture is whole");

        assert!(Pyramid::default().reduced(&picture, 6).is_none());
        assert!(Pyramid::default().reduced(&picture, 4).is_some());
    }

    #[test]
    fn a_doubled_picture_is_smooth_where_it_was_and_sharper_at_an_edge() {
        let row = [100, 100, 100, 100, 140, 140, 140, 140];
        let pixels: Vec<u8> = (0..3).flat_map(|_| row).collect();
        let picture = Luma::new(8, 3, 8, &pixels).expect("the picture is whole");
        let (mut doubled, mut sharp) = (Plane::default(), Plane::default());

        doubled.double(&picture, &mut sharp);

        let seen = doubled.luma().expect("it is whole");
        assert_eq!((seen.width(), seen.height()), (16, 6));
        for y in 0..6 {
            assert_eq!(
                seen.row(y),
                [100, 100, 100, 100, 100, 98, 93, 105, 135, 148, 143, 140, 140, 140, 140, 140]
            );
        }
    }

    #[test]
    fn a_picture_of_one_pixel_can_be_doubled() {
        let picture = Luma::new(1, 1, 1, &[77]).expect("the picture is whole");
        let (mut doubled, mut sharp) = (Plane::default(), Plane::default());

        doubled.double(&picture, &mut sharp);

        assert_eq!(doubled.luma().expect("it is whole").row(1), [77, 77]);
    }
}
