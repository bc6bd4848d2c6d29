//! How the plane of a code lies in a picture: from modules to pixels.

#![expect(clippy::float_arithmetic, reason = "places between pixels are not whole numbers")]

use super::square::Point;

/// A projection from modules (0 to `side`, both ways) to pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Warp {
    /// Row by row; the last number is one.
    h: [f32; 9],
}

/// A module's place, the pixel it was seen at, and how much that counts.
#[derive(Debug, Clone, Copy)]
pub struct Seen {
    pub module: Point,
    pub pixel: Point,
    pub weight: f32,
}

impl Warp {
    /// Where a place on the code is in the picture.
    pub fn pixel(&self, x: f32, y: f32) -> Point {
        let h = &self.h;
        let depth = h[6] * x + h[7] * y + h[8];
        ((h[0] * x + h[1] * y + h[2]) / depth, (h[3] * x + h[4] * y + h[5]) / depth)
    }

    /// The projection that takes the corners of a square of `side` modules to four pixels, clockwise from the first.
    pub fn of_corners(side: f32, corners: [Point; 4]) -> Option<Warp> {
        let [a, b, c, d] = corners;
        let (dx1, dx2, dx3) = (b.0 - c.0, d.0 - c.0, a.0 - b.0 + c.0 - d.0);
        let (dy1, dy2, dy3) = (b.1 - c.1, d.1 - c.1, a.1 - b.1 + c.1 - d.1);
        let determinant = dx1 * dy2 - dx2 * dy1;
        if determinant.abs() < 1e-6 {
            return None;
        }
        let g = (dx3 * dy2 - dx2 * dy3) / determinant;
        let h = (dx1 * dy3 - dx3 * dy1) / determinant;
        let mut warp = Warp {
            h: [
                b.0 - a.0 + g * b.0,
                d.0 - a.0 + h * d.0,
                a.0,
                b.1 - a.1 + g * b.1,
                d.1 - a.1 + h * d.1,
                a.1,
                g,
                h,
                1.0,
            ],
        };
        for row in 0..3 {
            warp.h[row * 3] /= side;
            warp.h[row * 3 + 1] /= side;
        }
        warp.is_sound(side).then_some(warp)
    }

    /// The projection that comes nearest to what was seen, drawn gently towards one without perspective.
    pub fn of_seen(side: f32, seen: &[Seen], calm: f64) -> Option<Warp> {
        let scale = f64::from(side) / 2.0;
        let weight: f32 = seen.iter().map(|one| one.weight).sum();
        let centre = seen.iter().fold((0.0, 0.0), |sum, one| {
            (sum.0 + one.pixel.0 * one.weight / weight, sum.1 + one.pixel.1 * one.weight / weight)
        });
        let spread =
            seen.iter().map(|one| (one.pixel.0 - centre.0).hypot(one.pixel.1 - centre.1)).fold(1.0, f32::max);
        let mut normal = [[0.0f64; 9]; 8];
        for one in seen {
            let (x, y) = (f64::from(one.module.0) / scale - 1.0, f64::from(one.module.1) / scale - 1.0);
            let (u, v) =
                (f64::from((one.pixel.0 - centre.0) / spread), f64::from((one.pixel.1 - centre.1) / spread));
            let rows = [
                [x, y, 1.0, 0.0, 0.0, 0.0, -x * u, -y * u, u],
                [0.0, 0.0, 0.0, x, y, 1.0, -x * v, -y * v, v],
            ];
            for row in rows {
                for i in 0..8 {
                    for j in 0..9 {
                        normal[i][j] += row[i] * row[j] * f64::from(one.weight);
                    }
                }
            }
        }
        normal[6][6] += calm;
        normal[7][7] += calm;
        let h = solved(&mut normal)?;
        let corner = |x: f64, y: f64| {
            let depth = h[6] * x + h[7] * y + 1.0;
            let u = (h[0] * x + h[1] * y + h[2]) / depth;
            let v = (h[3] * x + h[4] * y + h[5]) / depth;
            (centre.0 + u as f32 * spread, centre.1 + v as f32 * spread)
        };
        Warp::of_corners(side, [corner(-1.0, -1.0), corner(1.0, -1.0), corner(1.0, 1.0), corner(-1.0, 1.0)])
    }

    /// The four corners of a code of `side` modules, clockwise from the first.
    pub fn corners(&self, side: f32) -> [Point; 4] {
        [self.pixel(0.0, 0.0), self.pixel(side, 0.0), self.pixel(side, side), self.pixel(0.0, side)]
    }

    /// Whether all of the code is in front of the camera, and nothing is beyond numbers.
    fn is_sound(&self, side: f32) -> bool {
        let depths = [(0.0, 0.0), (side, 0.0), (side, side), (0.0, side)]
            .map(|(x, y)| self.h[6] * x + self.h[7] * y + self.h[8]);
        self.h.iter().all(|value| value.is_finite())
            && depths.iter().all(|&depth| depth > 0.15 && depth < 8.0)
    }
}

/// Solves eight equations by elimination.
fn solved(equations: &mut [[f64; 9]; 8]) -> Option<[f64; 8]> {
    for column in 0..8 {
        let best =
            (column..8).max_by(|&a, &b| equations[a][column].abs().total_cmp(&equations[b][column].abs()))?;
        equations.swap(column, best);
        let pivot = equations[column];
        if pivot[column].abs() < 1e-12 {
            return None;
        }
        for (index, row) in equations.iter_mut().enumerate() {
            if index != column {
                let factor = row[column] / pivot[column];
                for at in column..9 {
                    row[at] -= factor * pivot[at];
                }
            }
        }
    }
    let mut answer = [0.0; 8];
    for (index, value) in answer.iter_mut().enumerate() {
        *value = equations[index][8] / equations[index][index];
    }
    Some(answer)
}
