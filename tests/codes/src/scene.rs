//! A phone before a shop, and the pictures that are taken of it.

use crate::category::{Category, Size};
use crate::dice::Dice;
use crate::optics::shine;
use crate::place::{Light, Sheet, View, linear};
use crate::room::room;
use crate::screen::{Place, Screen};
use crate::shot::{QR_ON_SHEET, Shot};

/// A picture as a camera gives it, and what is in it.
#[derive(Debug, Clone)]
pub struct Frame {
    /// Pixels in a row.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// Greys, row by row, without gaps.
    pub pixels: Vec<u8>,
    /// The digits in both codes; none in an empty picture.
    pub text: Option<String>,
    /// Corners of the QR code in the picture: upper left, upper right, lower right, lower left of the screen.
    pub qr: [(f32, f32); 4],
    /// Corners of the bar code likewise.
    pub bars: [(f32, f32); 4],
    /// Pixels to a module of the QR code, where the phone is aimed.
    pub module: f32,
}

/// What stays the same from one picture of a sequence to the next.
#[derive(Debug, Clone)]
pub struct Scene {
    code: String,
    sheet: Sheet,
    screen: Screen,
    behind: Light,
}

impl Scene {
    /// The phone and the room of `shot`.
    #[must_use]
    pub fn new(shot: &Shot) -> Scene {
        let mut dice = Dice::new(shot.own, "code");
        Scene::showing(shot, &payment_code(&mut dice))
    }

    /// The same with a code of one's own on the phone.
    #[must_use]
    pub fn showing(shot: &Shot, code: &str) -> Scene {
        let lighting = shot.lighting;
        let screen = Screen::showing(
            code,
            shot.harm,
            lighting.room / lighting.screen,
            &mut Dice::new(shot.own, "screen"),
        );
        let sheet = Sheet::new(&screen.canvas);
        Scene { code: code.to_owned(), sheet, screen, behind: behind(shot.size, lighting.room, shot.own) }
    }

    /// The digits on the phone.
    #[must_use]
    pub fn code(&self) -> &str {
        &self.code
    }

    /// The picture `number` of a sequence: its noise is its own.
    #[must_use]
    pub fn take(&self, shot: &Shot, number: u64) -> Frame {
        let mut light = self.behind.clone();
        let (width, height) = (light.width, light.height);
        let view = View::new(&shot.pose, self.screen.aim(), QR_ON_SHEET, width);
        self.sheet.put(&mut light, &view, shot.lighting.screen, shot.pixel_grid);
        let mut noise = Dice::new(shot.own.wrapping_add(number << 32), "noise");
        let pixels = shot.optics.expose(light, &mut noise);
        let corners = |place: &Place| {
            let (right, bottom) = (place.x + place.width, place.y + place.height);
            [(place.x, place.y), (right, place.y), (right, bottom), (place.x, bottom)].map(|corner| {
                let (x, y) = view.seen(corner);
                if shot.optics.mirrored { (width as f32 - x, y) } else { (x, y) }
            })
        };
        Frame {
            width,
            height,
            pixels,
            text: Some(self.code.clone()),
            qr: corners(&self.screen.qr),
            bars: corners(&self.screen.bars),
            module: self.screen.qr.module * shot.pose.scale,
        }
    }
}

/// Eighteen digits as WeChat Pay (10 to 15) and Alipay (25 to 30) begin them.
fn payment_code(dice: &mut Dice) -> String {
    let prefix = dice.pick(&[10, 11, 12, 13, 14, 15, 25, 26, 27, 28, 29, 30]);
    format!("{prefix}{}", dice.digits(16))
}

fn behind(size: Size, brightness: f32, seed: u64) -> Light {
    let (width, height) = size.pixels();
    let mut dice = Dice::new(seed, "room");
    let (canvas, lamps) = room(width, height, &mut dice);
    let curve = linear().map(|light| light * brightness);
    let pixels = canvas.grey.iter().map(|grey| curve[usize::from(*grey)]).collect();
    let mut light = Light { width, height, pixels };
    shine(&mut light, &lamps);
    light
}

/// A picture without a phone, with the noise, blur and light of any category.
#[must_use]
pub fn empty(size: Size, seed: u64) -> Frame {
    let mut dice = Dice::new(seed, "empty");
    let category = dice.pick(&Category::ALL);
    let shot = Shot::draw(category, size, seed);
    let light = behind(size, shot.lighting.room, shot.own);
    let (width, height) = (light.width, light.height);
    let pixels = shot.optics.expose(light, &mut Dice::new(shot.own, "noise"));
    let nowhere = [(0.0, 0.0); 4];
    Frame { width, height, pixels, text: None, qr: nowhere, bars: nowhere, module: 0.0 }
}
