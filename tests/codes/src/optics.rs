//! What lens, glass and sensor do to the light before it is a picture.

use crate::dice::Dice;
use crate::jpeg;
use crate::place::Light;
use crate::room::Lamp;

/// Everything between the scene and the file, in the order it happens. Lengths are in pixels of the picture.
#[derive(Debug, Clone)]
pub struct Optics {
    /// Radius of the disc a point becomes when out of focus.
    pub defocus: f32,
    /// Way of the phone while the shutter is open.
    pub motion: (f32, f32),
    /// Softness of a lens in focus (a spread).
    pub lens: f32,
    /// Reflections on the glass.
    pub glare: Vec<Lamp>,
    /// Light scattered over everything.
    pub veil: f32,
    /// Exposure: 1 makes a light of 1 just white.
    pub gain: f32,
    /// How far too much light flows over into its neighbours (a radius; 0 is not at all).
    pub bloom: f32,
    /// Stripes of a lamp that flickers while rows are read one after the other.
    pub banding: Option<Banding>,
    /// Noise of the light itself, at full white.
    pub shot_noise: f32,
    /// Noise of the sensor, at any light.
    pub read_noise: f32,
    /// How much the camera sharpens.
    pub sharpen: f32,
    /// Quality of the compression from 1 to 100.
    pub jpeg: Option<u8>,
    /// Left and right exchanged.
    pub mirrored: bool,
}

/// See [`Optics::banding`].
#[derive(Debug, Clone, Copy)]
pub struct Banding {
    /// Rows from one stripe to the next.
    pub rows: f32,
    /// 0 is none, 1 leaves the darkest row black.
    pub depth: f32,
    /// Where the first one lies, in radians.
    pub start: f32,
}

impl Optics {
    /// A good webcam in a lit shop.
    #[must_use]
    pub fn clean() -> Optics {
        Optics {
            defocus: 0.0,
            motion: (0.0, 0.0),
            lens: 0.6,
            glare: Vec::new(),
            veil: 0.01,
            gain: 1.0,
            bloom: 0.0,
            banding: None,
            shot_noise: 0.01,
            read_noise: 0.003,
            sharpen: 0.0,
            jpeg: None,
            mirrored: false,
        }
    }

    /// Takes the picture.
    #[must_use]
    pub fn expose(&self, mut light: Light, dice: &mut Dice) -> Vec<u8> {
        shine(&mut light, &self.glare);
        if self.defocus >= 0.3 {
            light = disc(&light, self.defocus);
        }
        if self.motion.0.hypot(self.motion.1) >= 0.5 {
            light = smear(&light, self.motion);
        }
        light = soften(&light, self.lens);
        self.gather(&mut light);
        let mut picture = self.develop(&light, dice);
        if self.sharpen > 0.0 {
            picture = sharpen(&picture, light.width, self.sharpen);
        }
        if let Some(quality) = self.jpeg {
            jpeg::compress(&mut picture, light.width, light.height, quality);
        }
        if self.mirrored {
            picture.chunks_exact_mut(light.width).for_each(<[u8]>::reverse);
        }
        picture
    }

    /// Exposure, stripes, overflow.
    fn gather(&self, light: &mut Light) {
        for (row, pixels) in light.pixels.chunks_exact_mut(light.width).enumerate() {
            let stripe = self.banding.map_or(1.0, |banding| {
                let wave = (row as f32 / banding.rows * std::f32::consts::TAU + banding.start).sin();
                1.0 - banding.depth * (0.5 + 0.5 * wave)
            });
            pixels.iter_mut().for_each(|pixel| *pixel = (*pixel + self.veil) * self.gain * stripe);
        }
        if self.bloom > 0.0 {
            let over: Vec<f32> = light.pixels.iter().map(|pixel| (pixel - 1.0).clamp(0.0, 4.0)).collect();
            let over = disc(&Light { pixels: over, ..*light }, self.bloom);
            light.pixels.iter_mut().zip(over.pixels).for_each(|(pixel, more)| *pixel += more);
        }
    }

    /// Noise, then the curve from light to numbers.
    fn develop(&self, light: &Light, dice: &mut Dice) -> Vec<u8> {
        const STEPS: usize = 4096;
        let curve: Vec<u8> = (0..=STEPS)
            .map(|step| ((step as f32 / STEPS as f32).powf(1.0 / 2.2) * 255.0).round() as u8)
            .collect();
        let (read, shot) = (self.read_noise * self.read_noise, self.shot_noise * self.shot_noise);
        let number = |light: f32| {
            let spread = (read + shot * light.clamp(0.0, 1.0)).sqrt();
            let noisy = (light + spread * dice.noise()).clamp(0.0, 1.0);
            curve[(noisy * STEPS as f32) as usize]
        };
        light.pixels.iter().copied().map(number).collect()
    }
}

pub(crate) fn shine(light: &mut Light, lamps: &[Lamp]) {
    for lamp in lamps {
        let (sin, cos) = lamp.angle.sin_cos();
        let reach = lamp.across.max(lamp.down) * 2.5;
        let rows =
            (lamp.y - reach).max(0.0) as usize..(lamp.y + reach).clamp(0.0, light.height as f32) as usize;
        let columns =
            (lamp.x - reach).max(0.0) as usize..(lamp.x + reach).clamp(0.0, light.width as f32) as usize;
        for row in rows {
            for column in columns.clone() {
                let (dx, dy) = (column as f32 - lamp.x, row as f32 - lamp.y);
                let along = (dx * cos + dy * sin) / lamp.across;
                let aside = (dy * cos - dx * sin) / lamp.down;
                let far = along * along + aside * aside;
                if far < 6.0 {
                    light.pixels[row * light.width + column] += lamp.peak * (-far.powf(lamp.edge)).exp();
                }
            }
        }
    }
}

/// Each point becomes a disc: row by row from running sums, with the disc's edge between pixels. Beyond the picture its edge goes on.
fn disc(light: &Light, radius: f32) -> Light {
    let (width, height) = (light.width, light.height);
    // A little more than the radius, so that a small disc is as high as it is wide.
    let outer = f64::from(radius) + 0.35;
    let reach = outer as isize;
    let halves: Vec<(isize, f64)> =
        (-reach..=reach).map(|dy| (dy, (outer * outer - (dy * dy) as f64).sqrt())).collect();
    let area: f64 = halves.iter().map(|(_, half)| 2.0 * half).sum();
    let mut out = vec![0.0_f32; width * height];
    let mut sums = vec![0.0_f64; width + 1];
    for row in -reach..height as isize + reach {
        let start = row.clamp(0, height as isize - 1) as usize * width;
        let pixels = &light.pixels[start..start + width];
        for (column, pixel) in pixels.iter().enumerate() {
            sums[column + 1] = sums[column] + f64::from(*pixel);
        }
        let upto = |edge: f64| {
            let whole = (edge.max(0.0) as usize).min(width - 1);
            sums[whole] + (edge - whole as f64) * f64::from(pixels[whole])
        };
        for &(dy, half) in &halves {
            let target = row + dy;
            if target < 0 || target >= height as isize {
                continue;
            }
            let target = target as usize * width;
            for (column, out) in out[target..target + width].iter_mut().enumerate() {
                let centre = column as f64 + 0.5;
                *out += ((upto(centre + half) - upto(centre - half)) / area) as f32;
            }
        }
    }
    Light { width, height, pixels: out }
}

/// The average of the picture shifted along the way the phone moved.
fn smear(light: &Light, (dx, dy): (f32, f32)) -> Light {
    let (width, height) = (light.width, light.height);
    let steps = dx.hypot(dy).ceil().clamp(2.0, 64.0) as i32;
    let share = 1.0 / steps as f32;
    let mut out = vec![0.0_f32; width * height];
    for step in 0..steps {
        let along = (step as f32 + 0.5) * share - 0.5;
        let (x, y) = (along * dx, along * dy);
        let (left, top) = (x.floor(), y.floor());
        let (part_x, part_y) = (x - left, y - top);
        for (row, out) in out.chunks_exact_mut(width).enumerate() {
            for (lower, weight) in [(0, 1.0 - part_y), (1, part_y)] {
                let from = (row as isize + top as isize + lower).clamp(0, height as isize - 1) as usize;
                let from = &light.pixels[from * width..(from + 1) * width];
                add_shifted(out, from, left as isize, weight * share * (1.0 - part_x));
                add_shifted(out, from, left as isize + 1, weight * share * part_x);
            }
        }
    }
    Light { width, height, pixels: out }
}

fn add_shifted(out: &mut [f32], from: &[f32], shift: isize, weight: f32) {
    let width = out.len();
    let away = shift.unsigned_abs().min(width);
    let (out, from) = if shift >= 0 {
        (&mut out[..width - away], &from[away..])
    } else {
        (&mut out[away..], &from[..width - away])
    };
    out.iter_mut().zip(from).for_each(|(out, from)| *out += from * weight);
}

/// A lens is never quite sharp.
fn soften(light: &Light, spread: f32) -> Light {
    let weight = |far: f32| (-far * far / (2.0 * spread * spread).max(1e-6)).exp();
    let sum = weight(0.0) + 2.0 * weight(1.0) + 2.0 * weight(2.0);
    let taps = [weight(2.0), weight(1.0), weight(0.0), weight(1.0), weight(2.0)].map(|tap| tap / sum);
    let (width, height) = (light.width, light.height);
    let mut across = vec![0.0_f32; width * height];
    for (out, from) in across.chunks_exact_mut(width).zip(light.pixels.chunks_exact(width)) {
        for (tap, shift) in taps.iter().zip(-2..) {
            add_shifted(out, from, shift, *tap);
        }
    }
    let mut out = vec![0.0_f32; width * height];
    for (row, out) in out.chunks_exact_mut(width).enumerate() {
        for (tap, shift) in taps.iter().zip(-2_isize..) {
            let from = (row as isize + shift).clamp(0, height as isize - 1) as usize;
            add_shifted(out, &across[from * width..(from + 1) * width], 0, *tap);
        }
    }
    Light { width, height, pixels: out }
}

/// What cameras do to look sharp: each pixel goes away from its neighbours.
fn sharpen(picture: &[u8], width: usize, amount: f32) -> Vec<u8> {
    let mut out = picture.to_vec();
    for row in 1..picture.len() / width - 1 {
        for at in row * width + 1..(row + 1) * width - 1 {
            let around = [at - 1, at + 1, at - width, at + width].map(|near| f32::from(picture[near]));
            let own = f32::from(picture[at]);
            let away = own - around.iter().sum::<f32>() / 4.0;
            out[at] = (own + amount * away).clamp(0.0, 255.0) as u8;
        }
    }
    out
}
