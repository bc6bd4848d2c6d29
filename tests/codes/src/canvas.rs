//! A grey sheet to draw on, and a second one that says where it is see-through.

use crate::dice::Dice;

/// A grey picture with an opacity for each pixel. Positions outside are ignored when drawing.
#[derive(Debug, Clone)]
pub struct Canvas {
    /// Pixels in a row.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// 0 is black, 255 the white of a screen; as a screen is told them (not linear).
    pub grey: Vec<u8>,
    /// 0 is not there, 255 hides what is behind.
    pub cover: Vec<u8>,
}

impl Canvas {
    /// A sheet of one grey; opaque.
    #[must_use]
    pub fn filled(width: usize, height: usize, grey: u8) -> Canvas {
        Canvas { width, height, grey: vec![grey; width * height], cover: vec![255; width * height] }
    }

    /// A sheet that is not there until it is drawn on.
    #[must_use]
    pub fn clear(width: usize, height: usize) -> Canvas {
        Canvas { width, height, grey: vec![0; width * height], cover: vec![0; width * height] }
    }

    /// One pixel.
    pub fn dot(&mut self, x: i32, y: i32, grey: u8) {
        if x >= 0 && y >= 0 && (x as usize) < self.width && (y as usize) < self.height {
            let at = y as usize * self.width + x as usize;
            self.grey[at] = grey;
            self.cover[at] = 255;
        }
    }

    /// A filled rectangle.
    pub fn rect(&mut self, x: i32, y: i32, width: i32, height: i32, grey: u8) {
        let left = x.clamp(0, self.width as i32) as usize;
        let right = (x + width).clamp(left as i32, self.width as i32) as usize;
        for row in y.max(0)..(y + height).min(self.height as i32) {
            let start = row as usize * self.width;
            self.grey[start + left..start + right].fill(grey);
            self.cover[start + left..start + right].fill(255);
        }
    }

    /// A filled rectangle with round corners.
    pub fn round_rect(&mut self, x: i32, y: i32, width: i32, height: i32, radius: i32, grey: u8) {
        for row in 0..height {
            let into_corner = (radius - row).max(radius - (height - 1 - row)).max(0);
            let inset = radius - ((radius * radius - into_corner * into_corner).max(0) as f32).sqrt() as i32;
            self.rect(x + inset, y + row, width - 2 * inset, 1, grey);
        }
    }

    /// A filled ellipse, turned by `angle`.
    pub fn ellipse(&mut self, x: f32, y: f32, across: f32, down: f32, angle: f32, grey: u8) {
        let reach = across.max(down).ceil() as i32;
        let (sin, cos) = angle.sin_cos();
        for dy in -reach..=reach {
            for dx in -reach..=reach {
                let along = (dx as f32 * cos + dy as f32 * sin) / across;
                let aside = (dy as f32 * cos - dx as f32 * sin) / down;
                if along * along + aside * aside <= 1.0 {
                    self.dot(x as i32 + dx, y as i32 + dy, grey);
                }
            }
        }
    }

    /// A straight line of some thickness.
    pub fn line(&mut self, from: (f32, f32), to: (f32, f32), thick: f32, grey: u8) {
        let length = (to.0 - from.0).hypot(to.1 - from.1);
        let steps = length.ceil().max(1.0) as i32;
        let wide = thick.max(1.0).round() as i32;
        for step in 0..=steps {
            let along = step as f32 / steps as f32;
            let x = from.0 + (to.0 - from.0) * along;
            let y = from.1 + (to.1 - from.1) * along;
            self.rect(x as i32 - wide / 2, y as i32 - wide / 2, wide, wide, grey);
        }
    }

    /// Something that looks like a line of writing and says nothing: a few strokes to each sign.
    pub fn scribble(&mut self, dice: &mut Dice, x: i32, y: i32, size: i32, signs: i32, grey: u8) {
        let thick = (size as f32 / 9.0).max(1.0);
        for sign in 0..signs {
            let left = (x + sign * size * 11 / 10) as f32;
            for _ in 0..dice.whole(3, 7) {
                let reach = size as f32 * 0.9;
                let start = (left + dice.unit() * reach, y as f32 + dice.unit() * reach);
                let end = if dice.chance(0.5) {
                    (left + dice.unit() * reach, start.1)
                } else {
                    (start.0 + dice.around(size as f32 / 8.0), y as f32 + dice.unit() * reach)
                };
                self.line(start, end, thick, grey);
            }
        }
    }

    /// Digits; anything else leaves a gap.
    pub fn digits(&mut self, text: &str, x: i32, y: i32, dot: i32, grey: u8) {
        for (place, sign) in text.chars().enumerate() {
            let Some(rows) = sign.to_digit(10).map(|digit| DIGITS[digit as usize]) else { continue };
            let left = x + place as i32 * 6 * dot;
            for (row, bits) in rows.iter().enumerate() {
                for column in 0..5 {
                    if bits >> (4 - column) & 1 == 1 {
                        self.rect(left + column * dot, y + row as i32 * dot, dot, dot, grey);
                    }
                }
            }
        }
    }
}

/// Five dots across and seven down, a row a byte.
const DIGITS: [[u8; 7]; 10] = [
    [0x0E, 0x11, 0x13, 0x15, 0x19, 0x11, 0x0E],
    [0x04, 0x0C, 0x04, 0x04, 0x04, 0x04, 0x0E],
    [0x0E, 0x11, 0x01, 0x06, 0x08, 0x10, 0x1F],
    [0x0E, 0x11, 0x01, 0x06, 0x01, 0x11, 0x0E],
    [0x02, 0x06, 0x0A, 0x12, 0x1F, 0x02, 0x02],
    [0x1F, 0x10, 0x1E, 0x01, 0x01, 0x11, 0x0E],
    [0x06, 0x08, 0x10, 0x1E, 0x11, 0x11, 0x0E],
    [0x1F, 0x01, 0x02, 0x04, 0x08, 0x08, 0x08],
    [0x0E, 0x11, 0x11, 0x0E, 0x11, 0x11, 0x0E],
    [0x0E, 0x11, 0x11, 0x0F, 0x01, 0x02, 0x0C],
];
