//! Where a flat sheet stands before the camera, and what the camera's pixels see of it.

use crate::canvas::Canvas;

/// Light that falls on the camera's pixels, row by row: 0 is none, 1 is a screen's white.
#[derive(Debug, Clone)]
pub struct Light {
    /// Pixels in a row.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// The light itself, linear.
    pub pixels: Vec<f32>,
}

/// How the sheet is held.
#[derive(Debug, Clone, Copy)]
pub struct Pose {
    /// Where in the picture the sheet's point of aim is seen.
    pub at: (f32, f32),
    /// Pixels of the picture to a pixel of the sheet.
    pub scale: f32,
    /// Turned like a wheel, in radians.
    pub roll: f32,
    /// Tilted forward or back.
    pub pitch: f32,
    /// Turned aside like a door.
    pub yaw: f32,
    /// Bent like a page in a book, around an upright axis: 0 is flat, 1 a lot.
    pub bend: f32,
}

/// From the sheet to the picture and back.
#[derive(Debug, Clone, Copy)]
pub struct View {
    forth: [f32; 9],
    back: [f32; 9],
    aim: (f32, f32),
    bend: f32,
    reach: f32,
}

impl View {
    /// The view of a sheet whose point `aim` is held as `pose` says, in a picture so wide.
    #[must_use]
    pub fn new(pose: &Pose, aim: (f32, f32), reach: f32, picture_width: usize) -> View {
        let focal = picture_width as f32;
        let (sin_roll, cos_roll) = pose.roll.sin_cos();
        let (sin_pitch, cos_pitch) = pose.pitch.sin_cos();
        let (sin_yaw, cos_yaw) = pose.yaw.sin_cos();
        // Columns of the rotation that the sheet's two axes become.
        let right = [
            cos_roll * cos_yaw - sin_roll * sin_pitch * sin_yaw,
            sin_roll * cos_yaw + cos_roll * sin_pitch * sin_yaw,
            -cos_pitch * sin_yaw,
        ];
        let down = [-sin_roll * cos_pitch, cos_roll * cos_pitch, sin_pitch];
        let (x, y, s) = (pose.at.0, pose.at.1, pose.scale);
        let forth = [
            s * (focal * right[0] + x * right[2]),
            s * (focal * down[0] + x * down[2]),
            x * focal,
            s * (focal * right[1] + y * right[2]),
            s * (focal * down[1] + y * down[2]),
            y * focal,
            s * right[2],
            s * down[2],
            focal,
        ];
        View { forth, back: inverse(&forth), aim, bend: pose.bend, reach }
    }

    /// Where a point of the sheet is seen.
    #[must_use]
    pub fn seen(&self, point: (f32, f32)) -> (f32, f32) {
        through(&self.forth, (self.unbend(point.0 - self.aim.0), point.1 - self.aim.1))
    }

    fn under(&self, pixel: (f32, f32)) -> (f32, f32) {
        let (x, y) = through(&self.back, pixel);
        (self.bend(x) + self.aim.0, y + self.aim.1)
    }

    // A bent page is seen narrower towards its edges: x on the flat picture is the sine of the way along the page.
    fn bend(&self, x: f32) -> f32 {
        if self.bend == 0.0 {
            return x;
        }
        let radius = self.reach / self.bend;
        let sine = x / radius;
        if sine.abs() >= 1.0 { f32::INFINITY } else { sine.asin() * radius }
    }

    fn unbend(&self, x: f32) -> f32 {
        if self.bend == 0.0 {
            return x;
        }
        let radius = self.reach / self.bend;
        (x / radius).clamp(-1.5, 1.5).sin() * radius
    }
}

fn through(map: &[f32; 9], (x, y): (f32, f32)) -> (f32, f32) {
    let depth = map[6] * x + map[7] * y + map[8];
    ((map[0] * x + map[1] * y + map[2]) / depth, (map[3] * x + map[4] * y + map[5]) / depth)
}

fn inverse(m: &[f32; 9]) -> [f32; 9] {
    let m: [f64; 9] = m.map(f64::from);
    let minor = |a: usize, b: usize, c: usize, d: usize| m[a] * m[d] - m[b] * m[c];
    let whole = m[0] * minor(4, 5, 7, 8) - m[1] * minor(3, 5, 6, 8) + m[2] * minor(3, 4, 6, 7);
    [
        minor(4, 5, 7, 8),
        -minor(1, 2, 7, 8),
        minor(1, 2, 4, 5),
        -minor(3, 5, 6, 8),
        minor(0, 2, 6, 8),
        -minor(0, 2, 3, 5),
        minor(3, 4, 6, 7),
        -minor(0, 1, 6, 7),
        minor(0, 1, 3, 4),
    ]
    .map(|value| (value / whole) as f32)
}

/// A sheet at its own size, half, a quarter and so on, as light.
#[derive(Debug, Clone)]
pub struct Sheet {
    levels: Vec<Level>,
}

#[derive(Debug, Clone)]
struct Level {
    width: usize,
    height: usize,
    /// Light times cover, and cover.
    pixels: Vec<[f32; 2]>,
}

impl Sheet {
    /// Makes the smaller copies.
    #[must_use]
    pub fn new(canvas: &Canvas) -> Sheet {
        let light = linear();
        let pixels = canvas
            .grey
            .iter()
            .zip(&canvas.cover)
            .map(|(grey, cover)| {
                let cover = f32::from(*cover) / 255.0;
                [light[usize::from(*grey)] * cover, cover]
            })
            .collect();
        let mut levels = vec![Level { width: canvas.width, height: canvas.height, pixels }];
        while levels.len() < 5 {
            let half = levels[levels.len() - 1].half();
            levels.push(half);
        }
        Sheet { levels }
    }

    /// Puts the sheet before what is in `light`. `brightness` is the white of the sheet; `pixel_grid` is the pitch of the
    /// screen's own pixels on the sheet and how deep the gaps between them are.
    pub fn put(&self, light: &mut Light, view: &View, brightness: f32, pixel_grid: Option<(f32, f32)>) {
        let (left, right, top, bottom) = self.bounds(light, view);
        for row in top..bottom {
            for column in left..right {
                let centre = (column as f32 + 0.5, row as f32 + 0.5);
                let here = view.under(centre);
                let aside = view.under((centre.0 + 0.5, centre.1));
                let below = view.under((centre.0, centre.1 + 0.5));
                let across = ((aside.0 - here.0) * 0.5, (aside.1 - here.1) * 0.5);
                let down = ((below.0 - here.0) * 0.5, (below.1 - here.1) * 0.5);
                let spacing = across.0.hypot(across.1).max(down.0.hypot(down.1)) * 2.0;
                if !spacing.is_finite() {
                    continue;
                }
                let level = (spacing.max(1.0).log2() as usize).min(self.levels.len() - 1);
                let mut seen = [0.0_f32; 2];
                for (a, b) in [(-1.0, -1.0), (1.0, -1.0), (-1.0, 1.0), (1.0, 1.0)] {
                    let x = here.0 + a * across.0 + b * down.0;
                    let y = here.1 + a * across.1 + b * down.1;
                    let one = self.levels[level].at(x, y, level);
                    seen = [seen[0] + one[0] * 0.25, seen[1] + one[1] * 0.25];
                }
                let mut shine = brightness * seen[0];
                if let Some((pitch, depth)) = pixel_grid {
                    shine *= grid(here, pitch, depth);
                }
                let at = row * light.width + column;
                light.pixels[at] = light.pixels[at] * (1.0 - seen[1]) + shine;
            }
        }
    }

    fn bounds(&self, light: &Light, view: &View) -> (usize, usize, usize, usize) {
        let (width, height) = (self.levels[0].width as f32, self.levels[0].height as f32);
        let corners =
            [(0.0, 0.0), (width, 0.0), (0.0, height), (width, height)].map(|corner| view.seen(corner));
        let edge = |pick: fn(&(f32, f32)) -> f32, most: usize| {
            let low = corners.iter().map(pick).fold(f32::MAX, f32::min).floor().clamp(0.0, most as f32);
            let high = corners.iter().map(pick).fold(f32::MIN, f32::max).ceil().clamp(0.0, most as f32);
            (low as usize, high as usize)
        };
        let (left, right) = edge(|corner| corner.0, light.width);
        let (top, bottom) = edge(|corner| corner.1, light.height);
        (left, right, top, bottom)
    }
}

/// The gaps between a screen's pixels, seen by sensor pixels about as small: not averaged away, so they beat.
fn grid(at: (f32, f32), pitch: f32, depth: f32) -> f32 {
    let wave = |along: f32| 1.0 - depth * (0.5 + 0.5 * (along / pitch * std::f32::consts::TAU).cos());
    wave(at.0) * wave(at.1)
}

impl Level {
    fn half(&self) -> Level {
        let (width, height) = (self.width / 2, self.height / 2);
        let mut pixels = Vec::with_capacity(width * height);
        for y in 0..height {
            let upper = &self.pixels[2 * y * self.width..];
            let lower = &self.pixels[(2 * y + 1) * self.width..];
            for x in 0..width {
                let four = [upper[2 * x], upper[2 * x + 1], lower[2 * x], lower[2 * x + 1]];
                pixels.push([0, 1].map(|part| four.iter().map(|one| one[part]).sum::<f32>() * 0.25));
            }
        }
        Level { width, height, pixels }
    }

    /// Between the four pixels around a point of the full-size sheet; nothing outside.
    fn at(&self, x: f32, y: f32, level: usize) -> [f32; 2] {
        let shrink = 1.0 / (1u32 << level) as f32;
        let (x, y) = (x * shrink - 0.5, y * shrink - 0.5);
        if !(x >= 0.0 && y >= 0.0 && x < (self.width - 1) as f32 && y < (self.height - 1) as f32) {
            return [0.0, 0.0];
        }
        let (left, top) = (x as usize, y as usize);
        let (part_x, part_y) = (x - left as f32, y - top as f32);
        let at = top * self.width + left;
        let (a, b) = (self.pixels[at], self.pixels[at + 1]);
        let (c, d) = (self.pixels[at + self.width], self.pixels[at + self.width + 1]);
        [0, 1].map(|part| {
            let upper = a[part] + (b[part] - a[part]) * part_x;
            let lower = c[part] + (d[part] - c[part]) * part_x;
            upper + (lower - upper) * part_y
        })
    }
}

/// The light of each of the 256 greys a screen can be told.
#[must_use]
pub fn linear() -> [f32; 256] {
    std::array::from_fn(|grey| (grey as f32 / 255.0).powf(2.2))
}
