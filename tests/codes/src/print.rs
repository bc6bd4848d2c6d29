//! A printed sheet with one or many QR codes on it.

use qrcode::{Color, EcLevel, QrCode, Version};

use crate::canvas::Canvas;
use crate::dice::Dice;
use crate::photo::Kind;

/// Side of the printed sheet.
pub const SHEET: i32 = 1600;

/// A printed sheet.
pub struct Print {
    /// What is drawn.
    pub canvas: Canvas,
    /// The text of each code.
    pub texts: Vec<String>,
    /// Side of a code on the sheet.
    pub wide: f32,
    /// Side of a module.
    pub module: f32,
}

/// How one code is drawn.
#[derive(Clone, Copy)]
struct Style {
    dark: u8,
    light: u8,
    dots: bool,
}

impl Print {
    /// What is printed for a photograph of `kind`.
    pub fn draw(kind: Kind, strength: f32, dice: &mut Dice) -> Print {
        let mut canvas = Canvas::filled(SHEET as usize, SHEET as usize, 245);
        let mut style = Style { dark: dice.whole(0, 50) as u8, light: 245, dots: false };
        let count = if kind == Kind::Lots { dice.whole(3, 7) } else { 1 };
        let versions = match kind {
            Kind::HighVersion => (12, 13 + (strength * 27.0) as i32),
            Kind::Lots => (1, 4),
            Kind::Curved | Kind::Damaged => (2, 8),
            _ => (1, 7),
        };
        if kind == Kind::Noncompliant {
            if dice.chance(0.5) {
                (style.dark, style.light) = (style.light, style.dark);
                canvas = Canvas::filled(SHEET as usize, SHEET as usize, style.light);
            } else {
                style.dots = true;
            }
        }
        let mut print = Print { canvas, texts: Vec::new(), wide: 0.0, module: 0.0 };
        let cell = SHEET / count;
        for row in 0..count {
            for column in 0..count {
                let room = (cell as f32 * if count > 1 { 0.72 } else { 0.55 }) as i32;
                let at = (column * cell + cell / 2, row * cell + cell / 2);
                print.code(at, room, versions, style, dice);
            }
        }
        if kind == Kind::Damaged {
            print.damage(strength, dice);
        }
        if count == 1 && !style.dots {
            let ink = style.dark;
            print.canvas.scribble(dice, 200, 120, 60, 14, ink);
            print.canvas.scribble(dice, 200, 1430, 44, 20, ink);
        }
        print
    }

    /// A code with its middle at `at` and about `room` wide, with as much text as its version allows.
    fn code(&mut self, at: (i32, i32), room: i32, versions: (i32, i32), style: Style, dice: &mut Dice) {
        let version = dice.whole(versions.0, versions.1) as i16;
        let level = dice.pick(&[EcLevel::L, EcLevel::M, EcLevel::Q, EcLevel::H]);
        let mut length = 2953;
        let (qr, text) = loop {
            let text: String = (0..length).map(|_| char::from(dice.whole(0x21, 0x7F) as u8)).collect();
            match QrCode::with_version(&text, Version::Normal(version), level) {
                Ok(qr) => break (qr, text),
                Err(_) => length = length * 9 / 10,
            }
        };
        let count = qr.width() as i32;
        let module = (room / count).max(2);
        let (x, y) = (at.0 - module * count / 2, at.1 - module * count / 2);
        for (place, color) in qr.to_colors().into_iter().enumerate() {
            let (column, row) = (place as i32 % count, place as i32 / count);
            let (left, top) = (x + column * module, y + row * module);
            let finder = (column < 7 || column >= count - 7) && row < 7 || column < 7 && row >= count - 7;
            match color {
                Color::Light => {}
                Color::Dark if style.dots && !finder => {
                    let radius = module as f32 * 0.42;
                    let middle = module as f32 / 2.0;
                    let centre = (left as f32 + middle, top as f32 + middle);
                    self.canvas.ellipse(centre.0, centre.1, radius, radius, 0.0, style.dark);
                }
                Color::Dark => self.canvas.rect(left, top, module, module, style.dark),
            }
        }
        self.texts.push(text);
        self.wide = (module * count) as f32;
        self.module = module as f32;
    }

    fn damage(&mut self, strength: f32, dice: &mut Dice) {
        let left = (SHEET as f32 - self.wide) / 2.0;
        let spot = |dice: &mut Dice| (left + dice.unit() * self.wide, left + dice.unit() * self.wide);
        for _ in 0..1 + (strength * 5.0) as usize {
            let (from, to) = (spot(dice), spot(dice));
            let grey = if dice.chance(0.5) { 245 } else { 30 };
            let size = self.wide * dice.between(0.01, 0.02 + 0.05 * strength);
            if dice.chance(0.5) {
                self.canvas.line(from, to, size, grey);
            } else {
                self.canvas.ellipse(from.0, from.1, size * 1.5, size, dice.unit(), grey);
            }
        }
    }
}
