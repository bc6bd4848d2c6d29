//! Photographs of printed QR codes with any text in them: what is tried with photographs and not with phones.

use crate::dice::Dice;
use crate::optics::{Optics, shine};
use crate::place::{Light, Pose, Sheet, View, linear};
use crate::print::{Print, SHEET};
use crate::room::{Lamp, room};

/// What is difficult about a photograph.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Nothing.
    Nominal,
    /// Out of focus, or moved.
    Blurred,
    /// Spots of light on it.
    BrightSpots,
    /// Far too dark or far too bright.
    Brightness,
    /// It fills the picture.
    Close,
    /// Around a bottle.
    Curved,
    /// Torn, stained, written on.
    Damaged,
    /// A long lamp mirrored in it.
    Glare,
    /// Many small modules.
    HighVersion,
    /// Many codes in one picture.
    Lots,
    /// On a monitor, whose pixels show.
    Monitor,
    /// Drawn against the rules: light on dark, or with dots instead of squares, or no room around it.
    Noncompliant,
    /// Seen from the side.
    Perspective,
    /// Turned by any angle.
    Rotations,
    /// Half in the shade.
    Shadows,
}

impl Kind {
    /// All of them.
    pub const ALL: [Kind; 15] = [
        Kind::Nominal,
        Kind::Blurred,
        Kind::BrightSpots,
        Kind::Brightness,
        Kind::Close,
        Kind::Curved,
        Kind::Damaged,
        Kind::Glare,
        Kind::HighVersion,
        Kind::Lots,
        Kind::Monitor,
        Kind::Noncompliant,
        Kind::Perspective,
        Kind::Rotations,
        Kind::Shadows,
    ];

    /// How tables call it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Kind::Nominal => "nominal",
            Kind::Blurred => "blurred",
            Kind::BrightSpots => "bright-spots",
            Kind::Brightness => "brightness",
            Kind::Close => "close",
            Kind::Curved => "curved",
            Kind::Damaged => "damaged",
            Kind::Glare => "glare",
            Kind::HighVersion => "high-version",
            Kind::Lots => "lots",
            Kind::Monitor => "monitor",
            Kind::Noncompliant => "noncompliant",
            Kind::Perspective => "perspective",
            Kind::Rotations => "rotations",
            Kind::Shadows => "shadows",
        }
    }
}

/// A photograph and the texts of all codes in it.
#[derive(Debug, Clone)]
pub struct Photo {
    /// Pixels in a row.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// Greys, row by row, without gaps.
    pub pixels: Vec<u8>,
    /// Each of them stands in one code.
    pub texts: Vec<String>,
}

/// Takes a photograph; the same arguments always give the same one.
#[must_use]
pub fn photo(kind: Kind, seed: u64) -> Photo {
    let mut dice = Dice::new(seed, kind.name());
    let strength = dice.unit();
    let upto = |low: f32, high: f32| low + (high - low) * strength;
    let (width, height) = dice.pick(&[(1280, 960), (1600, 1200), (1920, 1080)]);
    let print = Print::draw(kind, strength, &mut dice);
    let high = height as f32;

    let mut pose = Pose {
        at: (width as f32 / 2.0 + dice.around(0.1) * high, high / 2.0 + dice.around(0.08) * high),
        scale: dice.between(0.3, 0.6) * high / print.wide,
        roll: dice.around(0.3),
        pitch: dice.around(0.3),
        yaw: dice.around(0.3),
        bend: 0.0,
    };
    let mut optics = Optics::clean();
    optics.lens = dice.between(0.5, 1.0);
    optics.shot_noise = dice.between(0.005, 0.03);
    optics.sharpen = if dice.chance(0.5) { dice.between(0.2, 0.8) } else { 0.0 };
    optics.jpeg = Some(dice.whole(70, 96) as u8);
    let mut pixel_grid = None;
    match kind {
        Kind::Nominal | Kind::Noncompliant | Kind::Damaged | Kind::Shadows => {}
        Kind::Blurred => {
            let module = print.module * pose.scale;
            if dice.chance(0.5) {
                optics.defocus = upto(0.2, 0.8) * module;
            } else {
                let way = dice.unit() * std::f32::consts::TAU;
                let far = upto(0.4, 1.8) * module;
                optics.motion = (far * way.cos(), far * way.sin());
            }
        }
        Kind::BrightSpots => {
            for _ in 0..dice.whole(1, 5) {
                let size = upto(0.04, 0.14) * high;
                optics.glare.push(lamp(&pose, size, size * dice.between(0.6, 1.0), high, &mut dice));
            }
        }
        Kind::Brightness => optics.gain = if dice.chance(0.5) { upto(0.4, 0.02) } else { upto(1.5, 5.0) },
        Kind::Close => pose.scale = dice.between(0.72, 0.92) * high / print.wide,
        Kind::Curved => pose.bend = upto(0.4, 1.35),
        Kind::Glare => optics.glare.push(lamp(&pose, 0.8 * high, upto(0.03, 0.15) * high, high, &mut dice)),
        Kind::HighVersion => pose.scale = dice.between(0.68, 0.82) * high / print.wide,
        Kind::Lots => pose.scale = dice.between(0.72, 0.85) * high / SHEET as f32,
        Kind::Monitor => {
            pixel_grid = Some(((1.0 + dice.around(0.3)) / pose.scale, upto(0.1, 0.7)));
        }
        Kind::Perspective => {
            let (much, way) = (upto(0.5, 1.2), dice.unit() * std::f32::consts::TAU);
            (pose.pitch, pose.yaw) = (much * way.sin(), much * way.cos());
        }
        Kind::Rotations => pose.roll = dice.around(std::f32::consts::PI),
    }

    let mut light = table(width, height, &mut dice);
    let reach = if kind == Kind::Curved { print.wide / 2.0 } else { SHEET as f32 };
    let view = View::new(&pose, (SHEET as f32 / 2.0, SHEET as f32 / 2.0), reach, width);
    Sheet::new(&print.canvas).put(&mut light, &view, 0.8, pixel_grid);
    if kind == Kind::Shadows {
        shade(&mut light, upto(0.4, 0.04), &pose, &mut dice);
    }
    let pixels = optics.expose(light, &mut dice);
    Photo { width, height, pixels, texts: print.texts }
}

fn table(width: usize, height: usize, dice: &mut Dice) -> Light {
    let (canvas, lamps) = room(width, height, dice);
    let curve = linear().map(|light| light * 0.6);
    let pixels = canvas.grey.iter().map(|grey| curve[usize::from(*grey)]).collect();
    let mut light = Light { width, height, pixels };
    shine(&mut light, &lamps);
    light
}

fn lamp(pose: &Pose, across: f32, down: f32, high: f32, dice: &mut Dice) -> Lamp {
    Lamp {
        x: pose.at.0 + dice.around(0.2) * high,
        y: pose.at.1 + dice.around(0.2) * high,
        across,
        down,
        angle: dice.around(1.6),
        peak: dice.between(0.5, 3.0),
        edge: dice.between(0.7, 3.0),
    }
}

/// One side of a slanted line gets only `share` of the light.
fn shade(light: &mut Light, share: f32, pose: &Pose, dice: &mut Dice) {
    let (sin, cos) = (dice.unit() * std::f32::consts::TAU).sin_cos();
    let soft = dice.between(1.0, 40.0);
    let away = dice.around(0.1) * light.height as f32;
    for (row, pixels) in light.pixels.chunks_exact_mut(light.width).enumerate() {
        for (column, pixel) in pixels.iter_mut().enumerate() {
            let far = (column as f32 - pose.at.0) * cos + (row as f32 - pose.at.1) * sin - away;
            let lit = (far / soft + 0.5).clamp(0.0, 1.0);
            *pixel *= share + (1.0 - share) * lit;
        }
    }
}
