//! Grey pictures, borrowed as they come from a camera or a file: read between the pixels, and told into dark and light.

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

    /// The part from one corner to another, as far as it lies in the picture; nothing when none of it does.
    pub(super) fn part(
        &self,
        (left, top): (usize, usize),
        (right, bottom): (usize, usize),
    ) -> Option<Luma<'a>> {
        let (right, bottom) = (right.min(self.width), bottom.min(self.height));
        let (width, height) = (right.checked_sub(left)?, bottom.checked_sub(top)?);
        Luma::new(width, height, self.stride, self.pixels.get(top * self.stride + left..)?)
    }

    /// Whether a place is in the picture.
    pub(super) fn holds(&self, x: f32, y: f32) -> bool {
        x >= 0.0 && y >= 0.0 && x <= self.width as f32 && y <= self.height as f32
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

/// What is dark and what is light, place by place: the mean of the blocks around, so that a shadow or a bright corner moves it.
#[derive(Debug, Default)]
pub(super) struct Shade {
    /// Pixels of a block, each way, as a power of two.
    power: u32,
    columns: usize,
    rows: usize,
    level: Vec<u8>,
    sums: Vec<u32>,
}

impl Shade {
    /// Works out the shade of `luma` in blocks of two to the `power` pixels, each the mean of the blocks at most `reach` away.
    pub fn measure(&mut self, luma: &Luma<'_>, power: u32, reach: usize) {
        let block = 1 << power;
        self.power = power;
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
                match power {
                    3 => add_blocks::<8>(pixels, &mut here[1..]),
                    _ => add_blocks::<4>(pixels, &mut here[1..]),
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
            let (upper, lower) = (&self.sums[top * wide..][..wide], &self.sums[bottom * wide..][..wide]);
            for column in 0..self.columns {
                let (left, right) = (column.saturating_sub(reach), (column + reach + 1).min(self.columns));
                let sum = lower[right] + upper[left] - upper[right] - lower[left];
                let area = (bottom - top) * (right - left) * block * block;
                self.level.push((sum / area as u32).min(255) as u8);
            }
        }
    }

    /// Marks in `dark` which pixels of row `y` are darker than their surroundings, a bit each, the first of 64 in the lowest.
    pub fn mark(&self, luma: &Luma<'_>, y: usize, dark: &mut Vec<u64>) {
        let levels = &self.level[(y >> self.power) * self.columns..][..self.columns];
        dark.clear();
        match self.power {
            3 => mark_blocks::<8>(luma.row(y), levels, dark),
            _ => mark_blocks::<4>(luma.row(y), levels, dark),
        }
    }

    /// How much darker than its surroundings a pixel is.
    pub fn darkness(&self, luma: &Luma<'_>, x: usize, y: usize) -> i32 {
        let level = self.level[(y >> self.power) * self.columns + (x >> self.power)];
        i32::from(level) - i32::from(luma.pixels[y * luma.stride + x])
    }
}

/// Adds the sum of every `BLOCK` pixels to what is there for them.
fn add_blocks<const BLOCK: usize>(pixels: &[u8], sums: &mut [u32]) {
    let (whole, rest) = pixels.as_chunks::<BLOCK>();
    for (sum, block) in sums.iter_mut().zip(whole) {
        *sum += block.iter().map(|&pixel| u32::from(pixel)).sum::<u32>();
    }
    if let (Some(sum), false) = (sums.get_mut(whole.len()), rest.is_empty()) {
        let total: u32 = rest.iter().map(|&pixel| u32::from(pixel)).sum();
        *sum += total * BLOCK as u32 / rest.len() as u32;
    }
}

fn mark_blocks<const BLOCK: usize>(pixels: &[u8], levels: &[u8], dark: &mut Vec<u64>) {
    let (whole, rest) = pixels.as_chunks::<BLOCK>();
    let per_word = 64 / BLOCK;
    for (blocks, levels) in whole.chunks(per_word).zip(levels.chunks(per_word)) {
        let mut word = 0;
        for (index, (block, &level)) in blocks.iter().zip(levels).enumerate() {
            word |= marks_of(block, level) << (index * BLOCK);
        }
        dark.push(word);
    }
    if let (Some(&level), false) = (levels.last(), rest.is_empty()) {
        let mut block = [u8::MAX; BLOCK];
        block[..rest.len()].copy_from_slice(rest);
        let bits = marks_of(&block, level);
        match (whole.len() % per_word, dark.last_mut()) {
            (index @ 1.., Some(word)) => *word |= bits << (index * BLOCK),
            _ => dark.push(bits),
        }
    }
}

/// Which pixels are below a level, the first in the lowest bit.
fn marks_of<const BLOCK: usize>(block: &[u8; BLOCK], level: u8) -> u64 {
    let mut marks = [0; 8];
    for (mark, &pixel) in marks.iter_mut().zip(block) {
        *mark = u8::from(pixel < level);
    }
    // Eight bytes of one bit each become the bits of one byte.
    u64::from_le_bytes(marks).wrapping_mul(0x0102_0408_1020_4080) >> 56
}
