//! One finder measured: where its middle is, and which way and how long one module goes across and down.

#![expect(clippy::float_arithmetic, reason = "places between pixels are not whole numbers")]

use std::f32::consts::PI;

use super::super::luma::Luma;

/// Rays of half a turn; each has its opposite.
const RAYS: usize = 16;
/// Grey levels between dark and light below which nothing is there.
const CONTRAST_MIN: f32 = 6.0;

/// A place or a way in a picture.
pub type Point = (f32, f32);

/// A finder.
#[derive(Debug, Clone, Copy)]
pub struct Square {
    /// Its middle.
    pub middle: Point,
    /// One module along one side.
    pub across: Point,
    /// One module along the other.
    pub down: Point,
    /// Half way between its dark and its light.
    pub level: f32,
    /// Whether it is light on dark ground.
    pub light: bool,
    /// How far it is from a true square, in modules.
    pub fault: f32,
}

impl Square {
    /// A way in modules of this finder.
    pub fn modules(&self, way: Point) -> Point {
        let area = turn(self.across, self.down);
        (turn(way, self.down) / area, turn(self.across, way) / area)
    }
}

/// The area two ways span; above zero when the second lies clockwise of the first on a screen.
pub fn turn(a: Point, b: Point) -> f32 {
    a.0 * b.1 - a.1 * b.0
}

/// Grey levels between the middle of what may be a finder, whose modules are so wide and so high, and the ring around it: in
/// nine places and in four.
pub fn contrast(luma: &Luma<'_>, middle: Point, (wide, high): (f32, f32), light: bool) -> f32 {
    let at = |x: f32, y: f32| luma.at(middle.0 + x * wide, middle.1 + y * high);
    let inner: f32 = [-0.8, 0.0, 0.8].iter().flat_map(|&x| [-0.8, 0.0, 0.8].map(|y| at(x, y))).sum();
    let ring = at(-2.0, 0.0) + at(2.0, 0.0) + at(0.0, -2.0) + at(0.0, 2.0);
    let contrast = ring / 4.0 - inner / 9.0;
    if light { -contrast } else { contrast }
}

/// Measures the finder at `middle`, whose modules are about `module` long.
pub fn measure(luma: &Luma<'_>, middle: Point, module: f32, light: bool) -> Option<Square> {
    let level = level_at(luma, middle, module, light)?;
    let mut middle = middle;
    let mut radii = rays(luma, middle, module, level, light);
    middle = centred(middle, &radii);
    radii = rays(luma, middle, module, level, light);
    let points: Vec<Point> = (0..RAYS)
        .filter_map(|ray| {
            let radius = match (radii[ray], radii[ray + RAYS]) {
                (Some(one), Some(other)) => (one + other) / 2.0,
                (Some(one), None) | (None, Some(one)) => one,
                (None, None) => return None,
            };
            let (way_x, way_y) = way(ray);
            Some((way_x * radius, way_y * radius))
        })
        .collect();
    let (across, down, fault) = sides(&points)?;
    Some(Square { middle, across, down, level, light, fault })
}

fn way(ray: usize) -> Point {
    let angle = ray as f32 * PI / RAYS as f32;
    (angle.cos(), angle.sin())
}

/// Half way between the dark middle and the light ring around it.
fn level_at(luma: &Luma<'_>, middle: Point, module: f32, light: bool) -> Option<f32> {
    let mut inner = luma.at(middle.0, middle.1);
    let mut ring = 0.0;
    for ray in (0..2 * RAYS).step_by(2) {
        let (x, y) = way(ray);
        inner += luma.at(middle.0 + x * module * 0.8, middle.1 + y * module * 0.8);
        ring += luma.at(middle.0 + x * module * 2.25, middle.1 + y * module * 2.25);
    }
    let inner = inner / (RAYS as f32 + 1.0);
    let ring = ring / RAYS as f32;
    let contrast = if light { inner - ring } else { ring - inner };
    (contrast >= CONTRAST_MIN).then_some((inner + ring) / 2.0)
}

/// How long a module seems along each ray: from where the ray leaves the middle, the light ring and the dark ring.
fn rays(luma: &Luma<'_>, middle: Point, module: f32, level: f32, light: bool) -> [Option<f32>; 2 * RAYS] {
    let mut radii = [None; 2 * RAYS];
    let step = (module * 0.25).max(0.5);
    for (ray, radius) in radii.iter_mut().enumerate() {
        let (x, y) = way(ray);
        let mut ends = [0.0f32; 3];
        let mut found = 0;
        let mut inside = true;
        let mut before = f32::MAX;
        let mut length = 0.0;
        while length < module * 7.0 && found < 3 {
            let value = luma.at(middle.0 + x * length, middle.1 + y * length) - level;
            let value = if light { -value } else { value };
            if (value < 0.0) != inside {
                let part =
                    if (before - value).abs() > f32::EPSILON { before / (before - value) } else { 0.5 };
                ends[found] = length - step + step * part.clamp(0.0, 1.0);
                found += 1;
                inside = !inside;
            }
            before = value;
            length += step;
        }
        *radius = match found {
            3 => Some((ends[0] + ends[1] + ends[2]) / 7.5),
            2 => Some((ends[0] + ends[1]) / 4.0),
            _ => None,
        };
    }
    radii
}

/// Moves the middle until opposite rays are as long as each other.
fn centred(middle: Point, radii: &[Option<f32>; 2 * RAYS]) -> Point {
    let mut shift = (0.0, 0.0);
    let mut pairs = 0.0;
    for ray in 0..RAYS {
        if let (Some(one), Some(other)) = (radii[ray], radii[ray + RAYS]) {
            let (x, y) = way(ray);
            shift.0 += (one - other) / 2.0 * x;
            shift.1 += (one - other) / 2.0 * y;
            pairs += 1.0;
        }
    }
    if pairs < 8.0 {
        return middle;
    }
    // A shift shows in each radius by the cosine, and in three of its ends out of seven and a half modules.
    (middle.0 + shift.0 * 2.0 / pairs * 2.5, middle.1 + shift.1 * 2.0 / pairs * 2.5)
}

/// The sides of the square (leaning and stretched as it may be) whose edge the points lie on.
fn sides(points: &[Point]) -> Option<(Point, Point, f32)> {
    if points.len() < RAYS * 5 / 8 {
        return None;
    }
    let mean = points.iter().map(|point| point.0.hypot(point.1)).sum::<f32>() / points.len() as f32;
    let mut best: Option<(Point, Point, f32)> = None;
    for guess in 0..8 {
        let angle = guess as f32 * PI / 16.0;
        // A square's mean radius is about 1.12 times its half side.
        let size = 1.12 / mean;
        let mut normals =
            [(angle.cos() * size, angle.sin() * size), (-angle.sin() * size, angle.cos() * size)];
        for _ in 0..3 {
            normals = match improved(points, normals) {
                Some(better) => better,
                None => break,
            };
        }
        let fault =
            (points.iter().map(|&point| edge(point, normals) - 1.0).map(|gap| gap * gap).sum::<f32>()
                / points.len() as f32)
                .sqrt();
        if best.is_none_or(|(_, _, least)| fault < least) {
            let area = turn(normals[0], normals[1]);
            if area.abs() > f32::EPSILON {
                let across = (normals[1].1 / area, -normals[1].0 / area);
                let down = (-normals[0].1 / area, normals[0].0 / area);
                best = Some((across, down, fault));
            }
        }
    }
    best.filter(|&(across, down, fault)| {
        let (wide, high) = (across.0.hypot(across.1), down.0.hypot(down.1));
        fault < 0.3 && wide < high * 3.0 && high < wide * 3.0 && turn(across, down).abs() > wide * high * 0.4
    })
}

/// How far out a point is, in halves of the side: one on the edge.
fn edge(point: Point, normals: [Point; 2]) -> f32 {
    let along = |normal: Point| (normal.0 * point.0 + normal.1 * point.1).abs();
    along(normals[0]).max(along(normals[1]))
}

/// The normals that fit the points best, each point taken for the side it is nearer to.
fn improved(points: &[Point], normals: [Point; 2]) -> Option<[Point; 2]> {
    let mut sums = [[0.0f32; 5]; 2];
    for &point in points {
        let along = normals.map(|normal| normal.0 * point.0 + normal.1 * point.1);
        let side = usize::from(along[1].abs() > along[0].abs());
        let sign = along[side].signum();
        let (x, y) = (point.0 * sign, point.1 * sign);
        for (sum, value) in sums[side].iter_mut().zip([x * x, x * y, y * y, x, y]) {
            *sum += value;
        }
    }
    let solve = |[xx, xy, yy, x, y]: [f32; 5]| {
        let determinant = xx * yy - xy * xy;
        (determinant.abs() > 1e-6 * xx * yy)
            .then(|| ((x * yy - y * xy) / determinant, (y * xx - x * xy) / determinant))
    };
    Some([solve(sums[0])?, solve(sums[1])?])
}
