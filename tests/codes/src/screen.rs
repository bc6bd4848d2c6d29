//! The payment screen of a wallet, on a phone, in a hand.
//!
//! The sheet is drawn as bright as the phone's screen shows white; what only reflects the room's light (frame of the phone, hand)
//! is drawn as dark as it looks beside that.

use qrcode::{Color, EcLevel, QrCode, Version};

use crate::canvas::Canvas;
use crate::code128;
use crate::dice::Dice;

/// Where a symbol lies on the sheet, its quiet zone left out.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    /// Left edge.
    pub x: f32,
    /// Upper edge.
    pub y: f32,
    /// From left to right.
    pub width: f32,
    /// From top to bottom.
    pub height: f32,
    /// Width of one module.
    pub module: f32,
}

/// A phone that shows a payment code.
#[derive(Debug, Clone)]
pub struct Screen {
    /// What is drawn; see-through around the phone.
    pub canvas: Canvas,
    /// The QR code.
    pub qr: Place,
    /// The bar code.
    pub bars: Place,
}

/// What happened to the phone's glass.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Harm {
    /// Nothing.
    Whole,
    /// Cracks, the more the larger the number (0 to 1).
    Cracked(f32),
    /// A finger or a sticker over part of the codes, the larger the number (0 to 1) the more of them.
    Covered(f32),
}

const PHONE: (i32, i32) = (1080, 2160);
/// Room around the phone for the hand.
const MARGIN: i32 = 260;

/// The page of one of the wallets.
struct Page {
    ground: u8,
    card_top: i32,
    bars_top: i32,
    bars_high: i32,
    bar_module: i32,
    qr_top: i32,
    qr_wide: i32,
    shows_digits: bool,
}

impl Page {
    /// WeChat: green or, at night, dark; the digits stay hidden. Alipay: blue; some of the digits are shown.
    fn draw(dice: &mut Dice) -> Page {
        let wechat = dice.chance(0.5);
        let dark = dice.chance(0.25);
        let ground = match (wechat, dark) {
            (_, true) => 24,
            (true, false) => 118,
            (false, false) => 112,
        };
        let card_top = dice.whole(300, 380);
        let bars_top = card_top + dice.whole(110, 150);
        let bars_high = dice.whole(150, 240);
        Page {
            ground,
            card_top,
            bars_top,
            bars_high,
            bar_module: dice.whole(6, 7),
            qr_top: bars_top + bars_high + dice.whole(110, 150),
            qr_wide: dice.whole(440, 580),
            shows_digits: !wechat || dice.chance(0.2),
        }
    }
}

impl Screen {
    /// Draws `code` as a wallet would. `room` is how bright a white thing in the room looks beside the screen's white.
    #[must_use]
    pub fn showing(code: &str, harm: Harm, room: f32, dice: &mut Dice) -> Screen {
        let mut canvas = Canvas::clear((PHONE.0 + 2 * MARGIN) as usize, (PHONE.1 + 2 * MARGIN) as usize);
        let page = Page::draw(dice);
        hand(&mut canvas, room, dice);
        phone(&mut canvas, &page, room, dice);
        let bars = draw_bars(&mut canvas, &page, code, dice);
        let qr = draw_qr(&mut canvas, &page, code, dice);
        fingers(&mut canvas, room, dice);
        let mut screen = Screen { canvas, qr, bars };
        match harm {
            Harm::Whole => {}
            Harm::Cracked(much) => screen.crack(much, dice),
            Harm::Covered(much) => screen.cover(much, room, dice),
        }
        screen
    }

    /// Where a person points the phone at the camera with: between the two codes.
    #[must_use]
    pub fn aim(&self) -> (f32, f32) {
        (self.qr.x + self.qr.width / 2.0, (self.bars.y + self.qr.y + self.qr.height) / 2.0)
    }

    fn crack(&mut self, much: f32, dice: &mut Dice) {
        let hit = (
            self.qr.x + dice.unit() * self.qr.width,
            self.bars.y + dice.unit() * (self.qr.y + self.qr.height - self.bars.y),
        );
        let count = 3 + (much * 22.0) as usize;
        for _ in 0..count {
            let mut angle = dice.unit() * std::f32::consts::TAU;
            let mut at = hit;
            let thick = dice.between(1.5, 3.0 + 5.0 * much);
            // Light catches one side of a crack and leaves the other dark.
            let grey = if dice.chance(0.6) { dice.whole(190, 256) } else { dice.whole(0, 70) } as u8;
            for _ in 0..dice.whole(3, 9) {
                angle += dice.around(0.5);
                let reach = dice.between(40.0, 160.0);
                let next = (at.0 + reach * angle.cos(), at.1 + reach * angle.sin());
                self.canvas.line(at, next, thick, grey);
                at = next;
            }
        }
    }

    fn cover(&mut self, much: f32, room: f32, dice: &mut Dice) {
        let grey = lit(dice.between(0.1, 0.7), room);
        if dice.chance(0.5) {
            // A thumb from the side, over the lower or upper end of the QR code.
            let across = self.qr.width * (0.12 + 0.5 * much);
            let left = dice.chance(0.5);
            let x = if left { self.qr.x } else { self.qr.x + self.qr.width };
            let y = self.qr.y + dice.between(0.0, 1.0) * self.qr.height;
            self.canvas.ellipse(x, y, across, 75.0, dice.around(0.4), grey);
            let outward = if left { -1.0 } else { 1.0 };
            self.canvas.line((x, y), (x + outward * 700.0, y + dice.around(150.0)), 140.0, grey);
        } else {
            // A sticker, or a notice of the phone that slides in over the bar code.
            let wide = (self.bars.width * (0.1 + 0.9 * much)) as i32;
            let x = self.bars.x + dice.unit() * (self.bars.width - wide as f32);
            let (y, high) = (self.bars.y - 20.0, (self.bars.height + 40.0) as i32);
            self.canvas.round_rect(x as i32, y as i32, wide, high, 24, grey);
            let reach = self.qr.width * 0.25 * much;
            let corner = (self.qr.x + dice.unit() * self.qr.width, self.qr.y + dice.unit() * self.qr.height);
            self.canvas.ellipse(corner.0, corner.1, reach.max(8.0), reach.max(8.0), 0.0, grey);
        }
    }
}

/// The grey of something that reflects `share` of the room's light.
fn lit(share: f32, room: f32) -> u8 {
    ((share * room).clamp(0.0, 1.0).powf(1.0 / 2.2) * 255.0) as u8
}

fn hand(canvas: &mut Canvas, room: f32, dice: &mut Dice) {
    let skin = lit(dice.between(0.15, 0.55), room);
    let (x, y) = (MARGIN + PHONE.0 / 2, MARGIN + PHONE.1 * 3 / 4);
    canvas.ellipse(x as f32, y as f32, 640.0, 560.0, dice.around(0.3), skin);
}

fn fingers(canvas: &mut Canvas, room: f32, dice: &mut Dice) {
    let skin = lit(dice.between(0.15, 0.55), room);
    let right = dice.chance(0.5);
    let edge = if right { MARGIN + PHONE.0 } else { MARGIN } as f32;
    let other = if right { MARGIN } else { MARGIN + PHONE.0 } as f32;
    let top = MARGIN + PHONE.1 / 2 + dice.whole(100, 400);
    for finger in 0..4 {
        let y = (top + finger * 150) as f32;
        canvas.ellipse(other, y, 90.0, 62.0, dice.around(0.2), skin);
    }
    canvas.ellipse(edge, (top - 100) as f32, 75.0, 190.0, dice.around(0.15), skin);
}

fn phone(canvas: &mut Canvas, page: &Page, room: f32, dice: &mut Dice) {
    let bezel = lit(dice.between(0.02, 0.25), room);
    canvas.round_rect(MARGIN - 40, MARGIN - 40, PHONE.0 + 80, PHONE.1 + 80, 130, bezel);
    canvas.round_rect(MARGIN, MARGIN, PHONE.0, PHONE.1, 90, page.ground);
    let light = if page.ground < 60 { 170 } else { 240 };
    canvas.digits("0925", MARGIN + 80, MARGIN + 40, 5, light);
    canvas.scribble(dice, MARGIN + 430, MARGIN + 150, 56, 4, light);
    let card_high = page.qr_top + page.qr_wide + 200 - page.card_top;
    canvas.round_rect(MARGIN + 45, MARGIN + page.card_top, PHONE.0 - 90, card_high, 28, 255);
    canvas.scribble(dice, MARGIN + 110, MARGIN + page.card_top + 34, 42, dice_signs(page), 90);
    let row = page.qr_top + page.qr_wide + 90;
    canvas.scribble(dice, MARGIN + 190, MARGIN + row, 44, 9, 60);
    canvas.ellipse((MARGIN + 140) as f32, (MARGIN + row + 22) as f32, 26.0, 26.0, 0.0, 140);
    for line in 0..3 {
        let y = MARGIN + row + 240 + line * 150;
        canvas.round_rect(MARGIN + 45, y, PHONE.0 - 90, 120, 24, light_card(page));
        canvas.scribble(dice, MARGIN + 180, y + 38, 44, 6, if page.ground < 60 { 180 } else { 60 });
    }
}

fn dice_signs(page: &Page) -> i32 {
    if page.shows_digits { 6 } else { 10 }
}

fn light_card(page: &Page) -> u8 {
    if page.ground < 60 { 44 } else { 236 }
}

fn draw_bars(canvas: &mut Canvas, page: &Page, code: &str, dice: &mut Dice) -> Place {
    let modules = code128::bars(code);
    let module = page.bar_module;
    let wide = modules.len() as i32 * module;
    let (x, y) = (MARGIN + (PHONE.0 - wide) / 2, MARGIN + page.bars_top);
    for (place, dark) in modules.iter().enumerate() {
        if *dark {
            canvas.rect(x + place as i32 * module, y, module, page.bars_high, 0);
        }
    }
    let below = y + page.bars_high + 24;
    if page.shows_digits {
        let shown = format!("{} {} {}", &code[..4], &code[4..8], &code[8..12]);
        canvas.digits(&shown, MARGIN + 320, below, 5, 70);
    } else {
        canvas.scribble(dice, MARGIN + 330, below, 38, 9, 150);
    }
    let (width, height) = (wide as f32, page.bars_high as f32);
    Place { x: x as f32, y: y as f32, width, height, module: module as f32 }
}

fn draw_qr(canvas: &mut Canvas, page: &Page, code: &str, dice: &mut Dice) -> Place {
    let avatar = dice.chance(0.5);
    let (version, level) = if avatar {
        (2, dice.pick(&[EcLevel::H, EcLevel::H, EcLevel::Q]))
    } else {
        let level = dice.pick(&[EcLevel::L, EcLevel::M, EcLevel::Q]);
        (dice.pick(&[1, 1, 2, 3]), level)
    };
    let qr = QrCode::with_version(code, Version::Normal(version), level)
        .unwrap_or_else(|_| unreachable!("{} digits fit version {version}", code.len()));
    let count = qr.width() as i32;
    let module = page.qr_wide / count;
    let wide = module * count;
    let (x, y) = (MARGIN + (PHONE.0 - wide) / 2, MARGIN + page.qr_top);
    for (place, color) in qr.to_colors().into_iter().enumerate() {
        let (column, row) = (place as i32 % count, place as i32 / count);
        if color == Color::Dark {
            canvas.rect(x + column * module, y + row * module, module, module, 0);
        }
    }
    if avatar {
        draw_avatar(canvas, x + wide / 2, y + wide / 2, wide / dice.whole(6, 9), dice);
    }
    Place { x: x as f32, y: y as f32, width: wide as f32, height: wide as f32, module: module as f32 }
}

fn draw_avatar(canvas: &mut Canvas, x: i32, y: i32, wide: i32, dice: &mut Dice) {
    let edge = wide + 10;
    canvas.round_rect(x - edge / 2, y - edge / 2, edge, edge, 8, 255);
    let ground = dice.whole(60, 230) as u8;
    canvas.round_rect(x - wide / 2, y - wide / 2, wide, wide, 6, ground);
    let face = dice.whole(40, 255) as u8;
    let head = wide as f32 / 4.0;
    canvas.ellipse(x as f32, y as f32 - head / 2.0, head, head, 0.0, face);
    canvas.ellipse(x as f32, y as f32 + head * 1.4, head * 1.4, head * 0.6, 0.0, face);
}
