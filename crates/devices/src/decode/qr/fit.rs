//! Lays a grid over a code as exactly as the picture allows, and reads how dark each module is.
//!
//! The three finders say roughly where the grid lies. What is known of a code beforehand (finders, timing lines, alignment
//! patterns) and that every other module is either dark or light then draw the corners to where the modules are sharpest.

#![expect(clippy::float_arithmetic, reason = "places between pixels are not whole numbers")]

use super::super::luma::Luma;
use super::super::work::Work;
use super::grid::Grid;
use super::layout::{Corners, ways_along};
use super::mesh::Mesh;
use super::square::{Point, Square};
use super::template::Template;
use super::version::Version;
use super::warp::{Seen, Warp};

/// Where a module is touched, and how much that counts: six in all.
const TOUCHES: [(f32, f32, f32); 5] =
    [(0.0, 0.0, 2.0), (-0.22, -0.22, 1.0), (0.22, -0.22, 1.0), (0.22, 0.22, 1.0), (-0.22, 0.22, 1.0)];

/// A code as it is thought to lie in the picture.
#[derive(Debug, Clone)]
pub struct Lie {
    pub version: Version,
    pub warp: Warp,
    /// What the projection leaves over, once it was looked for.
    mesh: Option<Mesh>,
    /// One, or minus one for a light code on dark ground.
    sign: f32,
    /// Half way between dark and light at the three finders.
    levels: [f32; 3],
}

impl Lie {
    /// As the three finders say, for one version.
    pub fn of_finders(squares: &[Square], corners: &Corners, version: Version) -> Option<Lie> {
        let side = version.modules() as f32;
        let three = corners.finders.map(|index| squares[index]);
        let way =
            |to: usize| (three[to].middle.0 - three[0].middle.0, three[to].middle.1 - three[0].middle.1);
        let (right, below) = (way(1), way(2));
        let places = [(3.5, 3.5), (side - 3.5, 3.5), (3.5, side - 3.5)];
        let mut seen = Vec::with_capacity(15);
        for (square, place) in three.iter().zip(places) {
            seen.push(Seen { module: place, pixel: square.middle, weight: 20.0 });
            let (across, down) = ways_along(square, right, below);
            for (x, y) in [(-3.5, -3.5), (3.5, -3.5), (3.5, 3.5), (-3.5, 3.5)] {
                let pixel = (
                    square.middle.0 + across.0 * x + down.0 * y,
                    square.middle.1 + across.1 * x + down.1 * y,
                );
                seen.push(Seen { module: (place.0 + x, place.1 + y), pixel, weight: 1.0 });
            }
        }
        let warp = Warp::of_seen(side, &seen, 0.02)?;
        Some(Lie {
            version,
            warp,
            mesh: None,
            sign: if three[0].light { -1.0 } else { 1.0 },
            levels: three.map(|square| square.level),
        })
    }

    /// Half way between dark and light at a place on the code.
    fn level(&self, x: f32, y: f32) -> f32 {
        let far = self.version.modules() as f32 - 7.0;
        let (across, down) = ((x - 3.5) / far, (y - 3.5) / far);
        let [first, right, below] = self.levels;
        // Beyond the line between the two outer finders nothing is known: the slope is taken back there.
        let beyond = (across + down - 1.0).max(0.0) * 0.5;
        first + (right - first) * (across - beyond) + (below - first) * (down - beyond)
    }

    /// How dark the picture is at a place on the code; outside the picture that is unknown.
    fn darkness(&self, luma: &Luma<'_>, warp: &Warp, x: f32, y: f32) -> f32 {
        let (px, py) = warp.pixel(x, y);
        if !luma.holds(px, py) {
            return 0.0;
        }
        self.sign * (self.level(x, y) - luma.at(px, py))
    }

    /// Reads every module: the mean of a few touches.
    pub fn grid(&self, luma: &Luma<'_>) -> Grid {
        self.touched(luma, |touches| {
            touches.iter().zip(TOUCHES).map(|(value, (.., weight))| weight * value).sum::<f32>() / 6.0
        })
    }

    fn touched(&self, luma: &Luma<'_>, sum: impl Fn(&[f32; 5]) -> f32) -> Grid {
        let side = self.version.modules();
        let mut grid = Grid::new(side);
        for y in 0..side {
            for x in 0..side {
                let (middle_x, middle_y) = (x as f32 + 0.5, y as f32 + 0.5);
                let (off_x, off_y) =
                    self.mesh.as_ref().map_or((0.0, 0.0), |mesh| mesh.offset(middle_x, middle_y));
                let (px, py) = self.warp.pixel(middle_x, middle_y);
                if !luma.holds(px + off_x, py + off_y) {
                    continue;
                }
                let level = self.level(middle_x, middle_y);
                let touches = TOUCHES.map(|(by_x, by_y, _)| {
                    let (px, py) = self.warp.pixel(middle_x + by_x, middle_y + by_y);
                    self.sign * (level - luma.at(px + off_x, py + off_y))
                });
                grid.darkness[y * side + x] = sum(&touches);
            }
        }
        grid
    }

    /// How well the two timing lines alternate, from -1 to 1.
    pub fn timing(&self, luma: &Luma<'_>) -> f32 {
        let side = self.version.modules();
        let mut agreed = 0.0;
        let mut whole = f32::EPSILON;
        for line in [false, true] {
            for at in 8..side - 8 {
                let (x, y) = if line { (6.5, at as f32 + 0.5) } else { (at as f32 + 0.5, 6.5) };
                let value = self.darkness(luma, &self.warp, x, y).clamp(-40.0, 40.0);
                agreed += if at % 2 == 0 { value } else { -value };
                whole += value.abs();
            }
        }
        agreed / whole
    }

    /// Draws the corners to where the modules are sharpest. `rounds` bounds the work.
    pub fn sharpen(&mut self, luma: &Luma<'_>, template: &Template, rounds: usize, work: &mut Work) {
        let side = self.version.modules() as f32;
        let mut corners = self.warp.corners(side);
        let size = (corners[0].0 - corners[2].0).hypot(corners[0].1 - corners[2].1) / side / 1.414;
        let mut best = self.agreement(luma, &self.warp, template);
        let mut step = size * 0.8;
        for _ in 0..rounds {
            if !work.is_left() {
                break;
            }
            let mut moved = false;
            for corner in [2, 1, 3, 0] {
                for (by_x, by_y) in [(step, 0.0), (-step, 0.0), (0.0, step), (0.0, -step)] {
                    let mut tried = corners;
                    tried[corner].0 += by_x;
                    tried[corner].1 += by_y;
                    let Some(warp) = Warp::of_corners(side, tried) else { continue };
                    let agreement = self.agreement(luma, &warp, template);
                    work.spend(template.known.len() + template.free.len());
                    if agreement > best {
                        best = agreement;
                        corners = tried;
                        self.warp = warp;
                        moved = true;
                        break;
                    }
                }
            }
            if !moved {
                step *= 0.5;
                if step < size * 0.04 {
                    break;
                }
            }
        }
    }

    /// How much dark is where dark must be, light where light must be, and either where either may be.
    fn agreement(&self, luma: &Luma<'_>, warp: &Warp, template: &Template) -> f32 {
        let known: f32 =
            template.known.iter().map(|&((x, y), sign)| sign * self.darkness(luma, warp, x, y)).sum();
        let free: f32 = template.free.iter().map(|&(x, y)| self.darkness(luma, warp, x, y).abs()).sum();
        known + free
    }

    /// How well what is known of a code beforehand agrees with the picture, from -1 to 1.
    pub fn likeness(&self, luma: &Luma<'_>, template: &Template) -> f32 {
        let mut agreed = 0.0;
        let mut whole = f32::EPSILON;
        for &((x, y), sign) in &template.known {
            let darkness = self.darkness(luma, &self.warp, x, y);
            agreed += sign * darkness;
            whole += darkness.abs();
        }
        agreed / whole
    }

    /// Looks for the alignment pattern nearest the fourth corner, up to `reach` modules from where it should be, and lays the
    /// grid through it.
    pub fn align(&mut self, luma: &Luma<'_>, squares: &[Square], corners: &Corners, reach: f32) -> bool {
        let side = self.version.modules() as f32;
        if self.version.number() == 1 {
            return false;
        }
        let place = side - 6.5;
        let Some((pixel, agreement)) = self.seek(luma, (place, place), reach, (0.0, 0.0)) else {
            return false;
        };
        if agreement < 0.45 {
            return false;
        }
        let mut seen: Vec<Seen> = [(3.5, 3.5), (side - 3.5, 3.5), (3.5, side - 3.5)]
            .into_iter()
            .zip(corners.finders)
            .map(|(module, index)| Seen { module, pixel: squares[index].middle, weight: 1.0 })
            .collect();
        seen.push(Seen { module: (place, place), pixel, weight: 1.0 });
        match Warp::of_seen(side, &seen, 1e-9) {
            Some(warp) => self.warp = warp,
            None => return false,
        }
        true
    }

    /// Lays a mesh through the alignment patterns.
    pub fn lay_mesh(&mut self, luma: &Luma<'_>) {
        if self.version.number() > 1 {
            self.mesh = Some(Mesh::laid(luma, self));
        }
    }

    /// Where around a place (`expected` pixels from where the projection has it) an alignment pattern fits best, and how well,
    /// from -1 to 1.
    pub fn seek(&self, luma: &Luma<'_>, place: Point, reach: f32, expected: Point) -> Option<(Point, f32)> {
        let mut best: Option<(Point, f32)> = None;
        let mut coarse = (0.0, 0.0);
        for (step, reach) in [(0.5, reach), (0.15, 0.45)] {
            let around = coarse;
            let steps = (reach / step) as i32;
            for down in -steps..=steps {
                for across in -steps..=steps {
                    let at = (around.0 + across as f32 * step, around.1 + down as f32 * step);
                    let distance = at.0.hypot(at.1) / reach.max(1.0);
                    let here = (place.0 + at.0, place.1 + at.1);
                    let fit = self.alignment_at(luma, here, expected) - 0.08 * distance;
                    if best.is_none_or(|(_, most)| fit > most) {
                        coarse = at;
                        let (x, y) = self.warp.pixel(here.0, here.1);
                        best = Some(((x + expected.0, y + expected.1), fit));
                    }
                }
            }
        }
        best
    }

    /// How well the twenty-five modules around a place look like an alignment pattern, from -1 to 1.
    fn alignment_at(&self, luma: &Luma<'_>, place: Point, expected: Point) -> f32 {
        let mut values = [0.0f32; 25];
        for (index, value) in values.iter_mut().enumerate() {
            let (x, y) = ((index % 5) as f32 - 2.0, (index / 5) as f32 - 2.0);
            let (px, py) = self.warp.pixel(place.0 + x, place.1 + y);
            *value = luma.at(px + expected.0, py + expected.1);
        }
        let mean = values.iter().sum::<f32>() / 25.0;
        let mut agreed = 0.0;
        let mut power = f32::EPSILON;
        for (index, &value) in values.iter().enumerate() {
            let ring = (index % 5).abs_diff(2).max((index / 5).abs_diff(2));
            // Seventeen dark modules and eight light ones: their weights add up to nothing.
            let sign = if ring == 1 { -17.0 / 8.0 } else { 1.0 };
            agreed += sign * (mean - value);
            power += (mean - value) * (mean - value);
        }
        self.sign * agreed / (power * (17.0 + 8.0 * (17.0f32 / 8.0).powi(2))).sqrt()
    }
}
