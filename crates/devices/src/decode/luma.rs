//! Grey pictures: borrowed as they come from a camera or a file, made smaller, read between the pixels.

#![expect(clippy::float_arithmetic, reason = "places between pixels are not whole numbers")]

/// A grey picture that somebody else owns. One byte a pixel, 0 is black.
#[derive(Clone, Copy)]
pub struct Luma<'a> {
    width: usize,
    height: usize,
    stride: usize,
    pixels: &'a [u8],
}

/// The longest side that is looked at: a picture beyond it is no camera's.
const SIDE_MAX: usize = 16_384;

impl<'a> Luma<'a> {
    /// A picture of `height` rows of `width` pixels, each row `stride` bytes after the one before; nothing when `pixels` are too
    /// few for it.
    #[must_use]
    pub fn new(width: usize, height: usize, stride: usize, pixels: &'a [u8]) -> Option<Luma<'a>> {
        if width == 0 || height == 0 || width > SIDE_MAX || height > SIDE_MAX || stride < width {
            return None;
        }
        let needed = stride.checked_mul(height - 1)?.checked_add(width)?;
        (pixels.len() >= needed).then_some(Luma { width, height, stride, pixels })
    }

    /// Pixels in a row.
    #[must_use]
    pub fn width(&self) -> usize {
        self.width
    }

    /// Rows.
    #[must_use]
    pub fn height(&self) -> usize {
        self.height
    }

    /// Row `y`, from the top.
    #[must_use]
    pub fn row(&self, y: usize) -> &'a [u8] {
        &self.pixels[y * self.stride..y * self.stride + self.width]
    }

    /// How bright the picture is at a place, the neighbouring pixels weighed in. The middle of the first pixel is (0.5, 0.5);
    /// outside, the nearest edge goes on for ever.
    pub(super) fn at(&self, x: f32, y: f32) -> f32 {
        let x = (x - 0.5).clamp(0.0, (self.width - 1) as f32);
        let y = (y - 0.5).clamp(0.0, (self.height - 1) as f32);
        let (left, top) = (x as usize, y as usize);
        let (across, down) = (x - left as f32, y - top as f32);
        let right = (left + 1).min(self.width - 1);
        let below = (top + 1).min(self.height - 1);
        let pixel = |x: usize, y: usize| f32::from(self.pixels[y * self.stride + x]);
        let upper = pixel(left, top) + across * (pixel(right, top) - pixel(left, top));
        let lower = pixel(left, below) + across * (pixel(right, below) - pixel(left, below));
        upper + down * (lower - upper)
    }
}

/// A grey picture of our own, its memory kept from one frame to the next.
#[derive(Debug, Default)]
pub(super) struct Plane {
    width: usize,
    height: usize,
    pixels: Vec<u8>,
    sums: Vec<u16>,
}

impl Plane {
    pub fn luma(&self) -> Option<Luma<'_>> {
        Luma::new(self.width, self.height, self.width, &self.pixels)
    }

    /// Makes this `from`, each pixel become a square of `factor` by `factor`.
    pub fn enlarge(&mut self, from: &Luma<'_>, factor: usize) {
        self.width = from.width * factor;
        self.height = from.height * factor;
        self.pixels.clear();
        for y in 0..self.height {
            self.pixels
                .extend(from.row(y / factor).iter().flat_map(|&pixel| std::iter::repeat_n(pixel, factor)));
        }
    }

    /// Makes this `from`, each square of `factor` by `factor` pixels averaged to one.
    pub fn reduce(&mut self, from: &Luma<'_>, factor: usize) {
        self.width = (from.width / factor).max(1);
        self.height = (from.height / factor).max(1);
        self.pixels.clear();
        self.pixels.reserve(self.width * self.height);
        let used = (self.width * factor).min(from.width);
        let area = (factor.min(from.width) * factor.min(from.height)) as u32;
        // A multiplication and a shift divide by the area; exact enough for bytes.
        let inverse = (1u32 << 16).div_ceil(area);
        for y in 0..self.height {
            self.sums.clear();
            self.sums.extend(from.row(y * factor)[..used].iter().map(|&pixel| u16::from(pixel)));
            for line in 1..factor.min(from.height) {
                for (sum, &pixel) in self.sums.iter_mut().zip(&from.row(y * factor + line)[..used]) {
                    *sum += u16::from(pixel);
                }
            }
            let average = |total: u32| ((total * inverse) >> 16).min(255) as u8;
            match factor {
                2 => self.pixels.extend(
                    self.sums.chunks_exact(2).map(|two| average(u32::from(two[0]) + u32::from(two[1]))),
                ),
                3 => {
                    self.pixels.extend(self.sums.chunks_exact(3).map(|three| {
                        average(u32::from(three[0]) + u32::from(three[1]) + u32::from(three[2]))
                    }))
                }
                _ => self.pixels.extend(
                    self.sums
                        .chunks(factor)
                        .map(|many| average(many.iter().map(|&sum| u32::from(sum)).sum())),
                ),
            }
        }
    }
}

/// What is dark and what is light, place by place: the mean of the blocks around, so that a shadow or a bright corner moves it.
#[derive(Debug, Default)]
pub(super) struct Shade {
    block: usize,
    columns: usize,
    rows: usize,
    level: Vec<u8>,
    sums: Vec<u32>,
}

impl Shade {
    /// Works out the shade of `luma` in blocks of `block` pixels, each the mean of the blocks at most `reach` away.
    pub fn measure(&mut self, luma: &Luma<'_>, block: usize, reach: usize) {
        self.block = block;
        self.columns = luma.width().div_ceil(block);
        self.rows = luma.height().div_ceil(block);
        let wide = self.columns + 1;
        self.sums.clear();
        self.sums.resize(wide * (self.rows + 1), 0);
        for row in 0..self.rows {
            let (before, here) = self.sums.split_at_mut((row + 1) * wide);
            let (before, here) = (&before[row * wide..], &mut here[..wide]);
            // Blocks at the lower and right edge may be cut: their last full row and column stand for the rest.
            for line in 0..block {
                let pixels = luma.row((row * block + line).min(luma.height() - 1));
                for (sum, part) in here[1..].iter_mut().zip(pixels.chunks(block)) {
                    let total: u32 = part.iter().map(|&pixel| u32::from(pixel)).sum();
                    *sum += total * block as u32 / part.len() as u32;
                }
            }
            let mut running = 0;
            for (sum, above) in here.iter_mut().zip(before) {
                running += *sum;
                *sum = running + above;
            }
        }
        self.level.clear();
        for row in 0..self.rows {
            let (top, bottom) = (row.saturating_sub(reach), (row + reach + 1).min(self.rows));
            for column in 0..self.columns {
                let (left, right) = (column.saturating_sub(reach), (column + reach + 1).min(self.columns));
                let sum = self.sums[bottom * wide + right] + self.sums[top * wide + left]
                    - self.sums[top * wide + right]
                    - self.sums[bottom * wide + left];
                let area = (bottom - top) * (right - left) * block * block;
                self.level.push((sum / area as u32).min(255) as u8);
            }
        }
    }

    /// Marks in `dark` which pixels of row `y` are darker than their surroundings.
    pub fn mark(&self, luma: &Luma<'_>, y: usize, dark: &mut Vec<u8>) {
        let levels = &self.level[y / self.block * self.columns..];
        dark.clear();
        dark.reserve(luma.width());
        for (part, &level) in luma.row(y).chunks(self.block).zip(levels) {
            dark.extend(part.iter().map(|&pixel| u8::from(pixel < level)));
        }
    }

    /// How much darker than its surroundings a pixel is.
    pub fn darkness(&self, luma: &Luma<'_>, x: usize, y: usize) -> i32 {
        i32::from(self.level[y / self.block * self.columns + x / self.block]) - i32::from(luma.row(y)[x])
    }
}
