//! A code as its modules: how dark each is, read out of a picture and not yet decided.

#![expect(clippy::float_arithmetic, reason = "how dark a module is, is not a whole number")]

/// A square of modules; above zero is dark, below is light, far from zero is sure.
#[derive(Debug, Clone)]
pub struct Grid {
    /// Modules on a side.
    pub side: usize,
    /// Row by row.
    pub darkness: Vec<f32>,
}

impl Grid {
    pub fn new(side: usize) -> Grid {
        Grid { side, darkness: vec![0.0; side * side] }
    }

    pub fn at(&self, x: usize, y: usize) -> f32 {
        self.darkness[y * self.side + x]
    }

    /// The same code as a mirror shows it.
    pub fn mirrored(&self) -> Grid {
        let mut other = Grid::new(self.side);
        for y in 0..self.side {
            for x in 0..self.side {
                other.darkness[x * self.side + y] = self.at(x, y);
            }
        }
        other
    }

    /// Takes from each module what its neighbours leaked into it: `across` of the left and right, `down` of the upper and lower.
    pub fn sharpened(&self, across: f32, down: f32) -> Grid {
        let mut other = Grid::new(self.side);
        let last = self.side - 1;
        for y in 0..self.side {
            for x in 0..self.side {
                let own = self.at(x, y);
                // Beyond the edge lies the quiet zone, as light as the picture gets: a neighbour that is missing counts as own.
                let left = if x > 0 { self.at(x - 1, y) } else { own };
                let right = if x < last { self.at(x + 1, y) } else { own };
                let up = if y > 0 { self.at(x, y - 1) } else { own };
                let below = if y < last { self.at(x, y + 1) } else { own };
                other.darkness[y * self.side + x] =
                    own + across * (own - 0.5 * (left + right)) + down * (own - 0.5 * (up + below));
            }
        }
        other
    }

    /// Puts zero where it belongs: half way between the dark and the light of the `reach` modules around each.
    pub fn levelled(&self, reach: usize) -> Grid {
        let side = self.side;
        let mut sums = vec![0.0f32; (side + 1) * (side + 1)];
        for y in 0..side {
            let mut row = 0.0;
            for x in 0..side {
                row += self.at(x, y);
                sums[(y + 1) * (side + 1) + x + 1] = sums[y * (side + 1) + x + 1] + row;
            }
        }
        let mut other = Grid::new(side);
        for y in 0..side {
            let (top, bottom) = (y.saturating_sub(reach), (y + reach + 1).min(side));
            for x in 0..side {
                let (left, right) = (x.saturating_sub(reach), (x + reach + 1).min(side));
                let sum = sums[bottom * (side + 1) + right]
                    - sums[top * (side + 1) + right]
                    - sums[bottom * (side + 1) + left]
                    + sums[top * (side + 1) + left];
                let count = ((bottom - top) * (right - left)) as f32;
                other.darkness[y * side + x] = self.at(x, y) - sum / count;
            }
        }
        other
    }

    /// Puts zero just below the light: where there is too much of it, whatever is not quite light was dark.
    pub fn just_below_light(&self) -> Grid {
        let mut sorted = self.darkness.clone();
        sorted.sort_by(f32::total_cmp);
        let (light, dark) = (sorted[sorted.len() / 10], sorted[sorted.len() * 9 / 10]);
        let zero = light + 0.12 * (dark - light);
        Grid { side: self.side, darkness: self.darkness.iter().map(|value| value - zero).collect() }
    }

    /// Whether far fewer modules are dark than a mask would make.
    pub fn is_pale(&self) -> bool {
        let dark = self.darkness.iter().filter(|&&value| value > 0.0).count();
        dark * 100 < self.darkness.len() * 44
    }
}
