//! What a counter's camera sees behind the phone: walls, shelves with goods, a counter, ceiling lamps, a customer. Nothing in it
//! can be read as a QR code or Code 128; the goods carry EAN codes.

use crate::canvas::Canvas;
use crate::dice::Dice;

/// Draws a room, and the lamps in it: brighter than white, so apart.
#[must_use]
pub fn room(width: usize, height: usize, dice: &mut Dice) -> (Canvas, Vec<Lamp>) {
    let mut canvas = Canvas::filled(width, height, dice.whole(40, 210) as u8);
    let mut lamps = Vec::new();
    // Sizes are in hundredths of the picture's height.
    let unit = height as f32 / 100.0;
    match dice.below(6) {
        0 => shelves(&mut canvas, unit, dice),
        1 => ceiling(&mut canvas, unit, dice, &mut lamps),
        2 => counter(&mut canvas, unit, dice),
        3 => customer(&mut canvas, unit, dice),
        4 => {
            shelves(&mut canvas, unit, dice);
            customer(&mut canvas, unit, dice);
        }
        _ => {
            counter(&mut canvas, unit, dice);
            papers(&mut canvas, unit, dice);
        }
    }
    if dice.chance(0.3) {
        lamps.push(Lamp::draw(width, height, dice));
    }
    grain(&mut canvas, dice);
    (canvas, lamps)
}

/// Something that shines, round or long.
#[derive(Debug, Clone, Copy)]
pub struct Lamp {
    /// Middle, in pixels of the picture.
    pub x: f32,
    /// Middle, in pixels of the picture.
    pub y: f32,
    /// Half its length.
    pub across: f32,
    /// Half its width.
    pub down: f32,
    /// Turned by so much.
    pub angle: f32,
    /// Brightness in the middle; 1 is the white of the phone.
    pub peak: f32,
    /// 1 fades softly, more has a sharper edge.
    pub edge: f32,
}

impl Lamp {
    fn draw(width: usize, height: usize, dice: &mut Dice) -> Lamp {
        let unit = height as f32 / 100.0;
        Lamp {
            x: dice.unit() * width as f32,
            y: dice.unit() * height as f32 * 0.5,
            across: dice.between(4.0, 30.0) * unit,
            down: dice.between(2.0, 6.0) * unit,
            angle: dice.around(0.6),
            peak: dice.between(1.0, 5.0),
            edge: dice.between(1.0, 4.0),
        }
    }
}

fn shelves(canvas: &mut Canvas, unit: f32, dice: &mut Dice) {
    let (wide, high) = (canvas.width as i32, canvas.height as i32);
    let board = dice.whole(60, 200) as u8;
    let step = (dice.between(22.0, 45.0) * unit) as i32;
    let mut floor = step;
    while floor < high + step {
        let mut x = -(dice.unit() * 20.0 * unit) as i32;
        while x < wide {
            let box_wide = (dice.between(8.0, 24.0) * unit) as i32;
            let box_high = (step as f32 * dice.between(0.45, 0.9)) as i32;
            goods(canvas, x, floor - box_high, box_wide, box_high, unit, dice);
            x += box_wide + (dice.unit() * 3.0 * unit) as i32;
        }
        canvas.rect(0, floor, wide, (2.0 * unit) as i32, board);
        floor += step;
    }
}

fn goods(canvas: &mut Canvas, x: i32, y: i32, wide: i32, high: i32, unit: f32, dice: &mut Dice) {
    let ground = dice.whole(20, 245) as u8;
    let ink = if ground > 128 { dice.whole(0, 90) } else { dice.whole(170, 256) } as u8;
    canvas.rect(x, y, wide, high, ground);
    let sign = (dice.between(2.0, 6.0) * unit) as i32;
    for line in 0..dice.whole(1, 4) {
        let top = y + sign / 2 + line * sign * 3 / 2;
        if top + sign < y + high {
            canvas.scribble(dice, x + sign / 2, top, sign.max(4), (wide / sign.max(1) - 1).clamp(0, 8), ink);
        }
    }
    if dice.chance(0.4) {
        let module = (unit * dice.between(0.15, 0.5)).max(1.0) as i32;
        let top = y + high - (8.0 * unit) as i32;
        canvas.rect(x + 2, top, module * 113, (7.0 * unit) as i32, 250);
        ean13(canvas, x + 2 + 9 * module, top, module, (6.0 * unit) as i32, dice);
    }
}

/// EAN-13: left halves in set A or B by the first digit, right halves in C.
fn ean13(canvas: &mut Canvas, x: i32, y: i32, module: i32, high: i32, dice: &mut Dice) {
    const A: [u8; 10] = [0x0D, 0x19, 0x13, 0x3D, 0x23, 0x31, 0x2F, 0x3B, 0x37, 0x0B];
    const FIRST: [u8; 10] = [0x00, 0x0B, 0x0D, 0x0E, 0x13, 0x19, 0x1C, 0x15, 0x16, 0x1A];
    let mut digits: Vec<usize> = (0..12).map(|_| dice.below(10)).collect();
    let sum: usize = digits.iter().enumerate().map(|(at, digit)| digit * (1 + 2 * (at % 2))).sum();
    digits.push((10 - sum % 10) % 10);
    let mut bits = vec![1, 0, 1];
    let seven = |bits: &mut Vec<u8>, pattern: u8| bits.extend((0..7).map(|at| pattern >> (6 - at) & 1));
    for (at, &digit) in digits[1..7].iter().enumerate() {
        let mirrored = FIRST[digits[0]] >> (5 - at) & 1 == 1;
        let right = !A[digit] & 0x7F;
        seven(&mut bits, if mirrored { right.reverse_bits() >> 1 } else { A[digit] });
    }
    bits.extend([0, 1, 0, 1, 0]);
    for &digit in &digits[7..] {
        seven(&mut bits, !A[digit] & 0x7F);
    }
    bits.extend([1, 0, 1]);
    for (at, bit) in bits.iter().enumerate() {
        if *bit == 1 {
            canvas.rect(x + at as i32 * module, y, module, high, 10);
        }
    }
}

fn ceiling(canvas: &mut Canvas, unit: f32, dice: &mut Dice, lamps: &mut Vec<Lamp>) {
    let (wide, high) = (canvas.width as i32, canvas.height as i32);
    let tile = (dice.between(15.0, 35.0) * unit) as i32;
    let joint = dice.whole(60, 200) as u8;
    for x in (0..wide).step_by(tile.max(8) as usize) {
        canvas.line((x as f32, 0.0), (x as f32 + dice.around(40.0) * unit, high as f32), unit * 0.5, joint);
    }
    for y in (0..high).step_by(tile.max(8) as usize) {
        canvas.rect(0, y, wide, (unit * 0.5).max(1.0) as i32, joint);
    }
    for _ in 0..dice.whole(1, 5) {
        lamps.push(Lamp::draw(canvas.width, canvas.height * 2, dice));
    }
}

fn counter(canvas: &mut Canvas, unit: f32, dice: &mut Dice) {
    let (wide, high) = (canvas.width as i32, canvas.height as i32);
    let top = (dice.between(0.3, 0.7) * high as f32) as i32;
    let wood = dice.whole(50, 190);
    for y in top..high {
        let grain = wood + dice.whole(-9, 10) + ((y as f32 * 0.3 / unit).sin() * 12.0) as i32;
        canvas.rect(0, y, wide, 1, grain.clamp(0, 255) as u8);
    }
    for _ in 0..dice.whole(1, 5) {
        let (x, y) = (dice.unit() * wide as f32, dice.between(top as f32, high as f32));
        let size = dice.between(4.0, 14.0) * unit;
        let grey = dice.whole(10, 250) as u8;
        if dice.chance(0.5) {
            canvas.ellipse(x, y, size, size * dice.between(0.4, 1.0), dice.unit(), grey);
        } else {
            canvas.rect(x as i32, y as i32, (size * 1.6) as i32, size as i32, grey);
        }
    }
}

fn customer(canvas: &mut Canvas, unit: f32, dice: &mut Dice) {
    let (wide, high) = (canvas.width as f32, canvas.height as f32);
    let x = dice.between(0.2, 0.8) * wide;
    let cloth = dice.whole(15, 230);
    let shoulders = dice.between(28.0, 50.0) * unit;
    canvas.ellipse(x, high * 1.05, shoulders, 62.0 * unit, 0.0, cloth as u8);
    let skin = dice.whole(90, 210) as u8;
    canvas.ellipse(x, high * 0.28, 13.0 * unit, 17.0 * unit, 0.0, skin);
    canvas.ellipse(x, high * 0.18, 14.0 * unit, 9.0 * unit, 0.0, dice.whole(10, 90) as u8);
    // Stripes or checks: the worst a decoder meets that is no code.
    let step = (dice.between(1.5, 6.0) * unit).max(2.0) as i32;
    let stripe = (cloth + dice.pick(&[-70, -40, 40, 70])).clamp(0, 255) as u8;
    let (left, right) = ((x - shoulders * 0.7) as i32, (x + shoulders * 0.7) as i32);
    let top = (high * 0.55) as i32;
    if dice.chance(0.6) {
        for at in (left..right).step_by(step as usize * 2) {
            canvas.rect(at, top, step, canvas.height as i32 - top, stripe);
        }
    }
    if dice.chance(0.4) {
        for at in (top..canvas.height as i32).step_by(step as usize * 2) {
            canvas.rect(left, at, right - left, step, stripe);
        }
    }
}

fn papers(canvas: &mut Canvas, unit: f32, dice: &mut Dice) {
    for _ in 0..dice.whole(1, 4) {
        let x = (dice.unit() * canvas.width as f32) as i32 - (20.0 * unit) as i32;
        let y = (dice.unit() * canvas.height as f32) as i32 - (15.0 * unit) as i32;
        let (wide, high) =
            ((dice.between(25.0, 60.0) * unit) as i32, (dice.between(25.0, 70.0) * unit) as i32);
        canvas.rect(x, y, wide, high, dice.whole(200, 256) as u8);
        let sign = (dice.between(1.5, 4.0) * unit).max(4.0) as i32;
        for line in 0..high / (sign * 2) {
            let signs = dice.whole(2, (wide / sign).max(3));
            canvas.scribble(dice, x + sign, y + sign + line * sign * 2, sign, signs * 4 / 5, 40);
        }
        if dice.chance(0.5) {
            blocks(canvas, x + wide / 3, y + high / 3, unit, dice);
        }
    }
}

/// Squares in squares and a mosaic: to a search for finder patterns it looks like a code, and it holds nothing.
fn blocks(canvas: &mut Canvas, x: i32, y: i32, unit: f32, dice: &mut Dice) {
    let module = (unit * dice.between(0.3, 1.2)).max(1.0) as i32;
    let count = dice.whole(15, 30);
    for row in 0..count {
        for column in 0..count {
            let grey = if dice.chance(0.5) { 20 } else { 240 };
            canvas.rect(x + column * module, y + row * module, module, module, grey);
        }
    }
    for _ in 0..dice.whole(1, 4) {
        let (left, top) = (x + dice.whole(0, count - 7) * module, y + dice.whole(0, count - 7) * module);
        for (inset, grey) in [(0, 20), (1, 240), (2, 20)] {
            let wide = (7 - 2 * inset) * module;
            canvas.rect(left + inset * module, top + inset * module, wide, wide, grey);
        }
    }
}

/// Unevenness of everything real, in patches of a few pixels and over the whole picture.
fn grain(canvas: &mut Canvas, dice: &mut Dice) {
    let (slope_x, slope_y) = (dice.around(40.0), dice.around(40.0));
    let (wide, high) = (canvas.width as f32, canvas.height as f32);
    let amount = dice.between(0.5, 5.0);
    for (row, pixels) in canvas.grey.chunks_exact_mut(canvas.width).enumerate() {
        let down = slope_y * (row as f32 / high - 0.5);
        for (column, pixel) in pixels.iter_mut().enumerate() {
            let light = slope_x * (column as f32 / wide - 0.5) + down;
            let uneven = if column % 3 == 0 { dice.noise() * amount } else { 0.0 };
            *pixel = (f32::from(*pixel) + light + uneven).clamp(0.0, 255.0) as u8;
        }
    }
}
