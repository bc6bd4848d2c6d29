//! Looks for places where everything runs one way: a bar code is hundreds of parallel edges and nothing across them.

#![expect(clippy::float_arithmetic, reason = "places between pixels are not whole numbers")]

use super::super::luma::Luma;

/// Pixels of a block, each way.
const BLOCK: usize = 8;
/// Places that are followed up.
const STRIPES_MAX: usize = 10;

/// A place with stripes.
#[derive(Debug, Clone, Copy)]
pub struct Stripes {
    /// Its middle, in pixels.
    pub middle: (f32, f32),
    /// The way across the bars, one pixel long.
    pub across: (f32, f32),
    /// How far it goes from the middle across the bars, and along them.
    pub reach: (f32, f32),
    /// Blocks it covers.
    blocks: usize,
}

impl Stripes {
    /// The same place in a picture `scale` times as large.
    pub fn scaled(self, scale: f32) -> Stripes {
        let times = |pair: (f32, f32)| (pair.0 * scale, pair.1 * scale);
        Stripes { middle: times(self.middle), reach: times(self.reach), ..self }
    }
}

/// Products of the slopes in one block.
#[derive(Debug, Default, Clone, Copy)]
struct Slopes {
    xx: f32,
    yy: f32,
    xy: f32,
}

impl Slopes {
    fn energy(self) -> f32 {
        self.xx + self.yy
    }

    /// From 0, every way alike, to 1, one way only.
    fn oneness(self) -> f32 {
        ((self.xx - self.yy).powi(2) + 4.0 * self.xy * self.xy).sqrt() / self.energy().max(1.0)
    }

    fn angle(self) -> f32 {
        0.5 * (2.0 * self.xy).atan2(self.xx - self.yy)
    }

    fn with(self, other: Slopes) -> Slopes {
        Slopes { xx: self.xx + other.xx, yy: self.yy + other.yy, xy: self.xy + other.xy }
    }
}

/// Memory for the search, kept from one look to the next.
#[derive(Debug, Default)]
pub struct Search {
    slopes: Vec<Slopes>,
    open: Vec<bool>,
    waiting: Vec<usize>,
}

impl Search {
    /// The places with stripes in `luma`, largest first.
    pub fn run(&mut self, luma: &Luma<'_>) -> Vec<Stripes> {
        let (columns, rows) = (luma.width() / BLOCK, luma.height() / BLOCK);
        self.measure(luma, columns, rows);
        let mut all = Vec::new();
        for seed in 0..self.open.len() {
            if self.open[seed] {
                all.extend(self.gathered(seed, columns, rows));
            }
        }
        all.sort_by_key(|stripes| std::cmp::Reverse(stripes.blocks));
        all.truncate(STRIPES_MAX);
        all
    }

    fn measure(&mut self, luma: &Luma<'_>, columns: usize, rows: usize) {
        self.slopes.clear();
        for row in 0..rows {
            for column in 0..columns {
                let (left, top) = (column * BLOCK, row * BLOCK);
                let (mut xx, mut yy, mut xy) = (0i32, 0i32, 0i32);
                for y in (top..(top + BLOCK).min(luma.height() - 1)).step_by(2) {
                    let right = (left + BLOCK + 1).min(luma.width());
                    let (here, below) = (&luma.row(y)[left..right], &luma.row(y + 1)[left..right]);
                    for x in 0..here.len() - 1 {
                        // Slopes along the two diagonals lie in the same place; turned by half a quarter they are across and down.
                        let falling = i32::from(below[x + 1]) - i32::from(here[x]);
                        let rising = i32::from(here[x + 1]) - i32::from(below[x]);
                        let (across, down) = (falling + rising, falling - rising);
                        xx += across * across;
                        yy += down * down;
                        xy += across * down;
                    }
                }
                self.slopes.push(Slopes { xx: xx as f32, yy: yy as f32, xy: xy as f32 });
            }
        }
        let strong = (BLOCK * BLOCK / 2) as f32 * 150.0;
        self.open.clear();
        self.open.extend(self.slopes.iter().map(|slopes| slopes.energy() > strong && slopes.oneness() > 0.7));
    }

    /// All open blocks that hang together with `seed` and run its way.
    fn gathered(&mut self, seed: usize, columns: usize, rows: usize) -> Option<Stripes> {
        self.waiting.clear();
        self.waiting.push(seed);
        self.open[seed] = false;
        let mut sum = Slopes::default();
        let mut next = 0;
        while next < self.waiting.len() {
            let at = self.waiting[next];
            next += 1;
            sum = sum.with(self.slopes[at]);
            let angle = sum.angle();
            let (column, row) = (at % columns, at / columns);
            for y in row.saturating_sub(1)..(row + 2).min(rows) {
                for x in column.saturating_sub(2)..(column + 3).min(columns) {
                    let other = y * columns + x;
                    if self.open[other] && alike(self.slopes[other].angle(), angle) {
                        self.open[other] = false;
                        self.waiting.push(other);
                    }
                }
            }
        }
        if self.waiting.len() < 6 {
            return None;
        }
        let angle = sum.angle();
        let across = (angle.cos(), angle.sin());
        let (mut low, mut high) = ([f32::MAX; 2], [f32::MIN; 2]);
        for &at in &self.waiting {
            let (x, y) =
                (((at % columns) as f32 + 0.5) * BLOCK as f32, ((at / columns) as f32 + 0.5) * BLOCK as f32);
            let place = [x * across.0 + y * across.1, y * across.0 - x * across.1];
            for way in 0..2 {
                low[way] = low[way].min(place[way]);
                high[way] = high[way].max(place[way]);
            }
        }
        let (along_middle, down_middle) = ((low[0] + high[0]) / 2.0, (low[1] + high[1]) / 2.0);
        let half = BLOCK as f32 / 2.0;
        Some(Stripes {
            middle: (
                along_middle * across.0 - down_middle * across.1,
                along_middle * across.1 + down_middle * across.0,
            ),
            across,
            reach: ((high[0] - low[0]) / 2.0 + half, (high[1] - low[1]) / 2.0 + half),
            blocks: self.waiting.len(),
        })
    }
}

/// Whether two ways differ by less than some twenty degrees, either sense.
fn alike(one: f32, other: f32) -> bool {
    (one - other).sin().abs() < 0.35
}
