//! Thirty pictures a second of a phone that comes in, is held by a hand and brought into focus.

use std::f32::consts::{PI, TAU};

use crate::category::{Category, Size};
use crate::dice::Dice;
use crate::scene::{Frame, Scene};
use crate::shot::Shot;

/// Milliseconds from one picture to the next.
pub const FRAME_MS: f64 = 1000.0 / 30.0;

/// One customer: any picture of it can be taken, in any order.
pub struct Sequence {
    shot: Shot,
    scene: Scene,
    /// Seconds before the phone moves, while it is in, and until the camera begins to focus.
    waits: f32,
    comes: f32,
    focuses: f32,
    blur: f32,
    from: (f32, f32),
    turned: f32,
    shutter: f32,
    tremor: [Shake; 6],
}

/// One swing of a hand.
#[derive(Clone, Copy)]
struct Shake {
    hertz: f32,
    start: f32,
    reach: f32,
}

impl Shake {
    fn at(&self, seconds: f32) -> f32 {
        self.reach * (seconds * self.hertz * TAU + self.start).sin()
    }
}

/// What goes on besides: nothing a hand could not make better.
const TROUBLES: [Category; 8] = [
    Category::Nominal,
    Category::Nominal,
    Category::Rotated,
    Category::Noise,
    Category::Glare,
    Category::LowContrast,
    Category::OverExposed,
    Category::Jpeg,
];

impl Sequence {
    /// Draws a customer; the same arguments always give the same pictures.
    #[must_use]
    pub fn draw(size: Size, seed: u64) -> Sequence {
        let mut dice = Dice::new(seed, "sequence");
        let mut shot = Shot::draw(Category::Nominal, size, dice.bits());
        let strength = dice.unit() * 0.5;
        shot.trouble(dice.pick(&TROUBLES), strength, &mut dice);
        let scene = Scene::new(&shot);
        let height = size.pixels().1 as f32;
        let way = dice.between(0.0, PI);
        let mut tremor = [Shake { hertz: 0.0, start: 0.0, reach: 0.0 }; 6];
        for shake in &mut tremor {
            shake.hertz = dice.between(0.8, 9.0);
            shake.start = dice.unit() * TAU;
            shake.reach = dice.between(0.1, 1.0) * 0.012 / shake.hertz.sqrt();
        }
        Sequence {
            blur: dice.between(0.3, 1.6) * shot.blur_unit(),
            shot,
            scene,
            waits: dice.between(0.0, 0.15),
            comes: dice.between(0.3, 0.9),
            focuses: dice.between(0.2, 0.9),
            // From below or from a side: a hand does not come from above.
            from: (1.5 * height * way.cos(), 1.6 * height * way.sin()),
            turned: dice.around(0.7),
            shutter: dice.between(1.0 / 250.0, 1.0 / 45.0),
            tremor,
        }
    }

    /// The digits on the phone.
    #[must_use]
    pub fn code(&self) -> &str {
        self.scene.code()
    }

    /// The picture `number`, counted from 0.
    #[must_use]
    pub fn frame(&self, number: u32) -> Frame {
        let seconds = number as f32 / 30.0;
        let mut shot = self.shot.clone();
        let (now, next) = (self.offset(seconds), self.offset(seconds + self.shutter));
        shot.pose.at = (shot.pose.at.0 + now.0, shot.pose.at.1 + now.1);
        shot.optics.motion = (next.0 - now.0, next.1 - now.1);
        let away = self.away(seconds);
        let shake = |which: usize| self.tremor[which].at(seconds);
        shot.pose.roll += self.turned * away + shake(2) * 2.0;
        shot.pose.pitch += 0.5 * away + shake(3) * 3.0;
        shot.pose.yaw += shake(4) * 3.0;
        shot.pose.scale *= 1.0 - 0.35 * away + shake(5);
        shot.optics.defocus += self.defocus(seconds);
        self.scene.take(&shot, u64::from(number))
    }

    /// 1 before the phone moves, 0 when it is held; it slows down towards the end.
    fn away(&self, seconds: f32) -> f32 {
        let part = ((seconds - self.waits) / self.comes).clamp(0.0, 1.0);
        (1.0 - part).powi(3)
    }

    fn offset(&self, seconds: f32) -> (f32, f32) {
        let height = self.shot.size.pixels().1 as f32;
        let away = self.away(seconds);
        let shake = |which: usize| self.tremor[which].at(seconds) * height;
        (self.from.0 * away + shake(0), self.from.1 * away + shake(1))
    }

    /// The lens stays where it was, then goes past the right place and comes back.
    fn defocus(&self, seconds: f32) -> f32 {
        let since = (seconds - self.focuses).max(0.0);
        self.blur * ((-since / 0.15).exp() * (since * 9.0).cos()).abs()
    }
}
