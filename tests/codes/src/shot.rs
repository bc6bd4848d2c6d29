//! One picture: everything about it is drawn from its category and seed, then it is taken.

use crate::category::{Category, Size};
use crate::dice::Dice;
use crate::optics::{Banding, Optics};
use crate::place::Pose;
use crate::room::Lamp;
use crate::scene::{Frame, Scene};
use crate::screen::Harm;

/// Light of the room and of the phone.
#[derive(Debug, Clone, Copy)]
pub struct Lighting {
    /// How bright a white thing in the room is.
    pub room: f32,
    /// How bright the phone's white is.
    pub screen: f32,
}

/// All that is drawn from a seed before the picture is taken.
#[derive(Debug, Clone)]
pub struct Shot {
    /// Of the picture.
    pub size: Size,
    /// How the phone is held; positions are in pixels.
    pub pose: Pose,
    /// What lies between the scene and the file.
    pub optics: Optics,
    /// The lamps' and the phone's light.
    pub lighting: Lighting,
    /// The glass.
    pub harm: Harm,
    /// Pitch of the phone's own pixels on its sheet, and depth of the gaps.
    pub pixel_grid: Option<(f32, f32)>,
    pub(crate) own: u64,
}

/// Modules of the average QR code beside its frame's height decide how far a blur goes; a sheet has the code 500 wide.
pub(crate) const QR_ON_SHEET: f32 = 500.0;
const MODULES: f32 = 24.0;

impl Shot {
    /// Draws a picture of `category`; the same arguments always give the same picture.
    #[must_use]
    pub fn draw(category: Category, size: Size, seed: u64) -> Shot {
        let mut dice = Dice::new(seed, &format!("{} {}", category.name(), size.name()));
        let mut shot = Shot::held_well(size, dice.bits(), &mut dice);
        let strength = dice.unit();
        if category == Category::Mixed {
            let mut kinds = MIXABLE.to_vec();
            for _ in 0..dice.whole(2, 4) {
                let kind = kinds.swap_remove(dice.below(kinds.len()));
                let milder = dice.unit() * 0.6;
                shot.trouble(kind, milder, &mut dice);
            }
        } else {
            shot.trouble(category, strength, &mut dice);
        }
        shot
    }

    /// `own` is the seed of this picture alone.
    fn held_well(size: Size, own: u64, dice: &mut Dice) -> Shot {
        let (width, height) = size.pixels();
        let mut optics = Optics::clean();
        optics.lens = dice.between(0.45, 0.8);
        optics.veil = dice.between(0.0, 0.04);
        optics.shot_noise = dice.between(0.008, 0.03);
        optics.read_noise = dice.between(0.002, 0.008);
        optics.sharpen = if dice.chance(0.4) { dice.between(0.2, 0.8) } else { 0.0 };
        optics.jpeg = dice.chance(0.6).then(|| dice.whole(70, 95) as u8);
        optics.gain = dice.between(0.8, 1.15);
        let share = dice.between(0.22, 0.5);
        let pose = Pose {
            at: (
                width as f32 / 2.0 + dice.around(0.12) * height as f32,
                height as f32 / 2.0 + dice.around(0.06) * height as f32,
            ),
            scale: share * height as f32 / QR_ON_SHEET,
            roll: dice.around(0.14),
            pitch: dice.around(0.2),
            yaw: dice.around(0.2),
            bend: 0.0,
        };
        let lighting = Lighting { room: dice.between(0.15, 0.6), screen: dice.between(0.7, 1.0) };
        Shot { size, pose, optics, lighting, harm: Harm::Whole, pixel_grid: None, own }
    }

    /// What blurs are measured by: a module of a QR code of average size, but larger pictures come from better cameras.
    pub(crate) fn blur_unit(&self) -> f32 {
        let module = self.pose.scale * QR_ON_SHEET / MODULES;
        module * (480.0 / self.size.pixels().1 as f32).powf(0.4)
    }

    /// Adds one kind of trouble; `strength` is from 0, hardly any, to 1, where most are lost.
    pub(crate) fn trouble(&mut self, category: Category, strength: f32, dice: &mut Dice) {
        let (width, height) = (self.size.pixels().0 as f32, self.size.pixels().1 as f32);
        let upto = |low: f32, high: f32| low + (high - low) * strength;
        match category {
            Category::Nominal | Category::Mixed => {}
            Category::Far => {
                self.pose.scale = upto(0.21, 0.055) * height / QR_ON_SHEET;
                self.pose.at = (width * dice.between(0.3, 0.7), height * dice.between(0.3, 0.7));
            }
            Category::Close => {
                self.pose.scale = upto(0.45, 0.95) * height / QR_ON_SHEET;
                self.pose.at.0 += dice.around(0.1) * height;
                self.pose.at.1 += dice.around(0.2) * height;
                self.optics.defocus = dice.between(0.0, 0.2) * strength * self.blur_unit();
            }
            Category::Rotated => self.pose.roll = dice.around(std::f32::consts::PI),
            Category::Tilt => {
                let (much, way) = (upto(0.45, 1.25), dice.unit() * std::f32::consts::TAU);
                self.pose.pitch = much * way.sin();
                self.pose.yaw = much * way.cos();
            }
            Category::Defocus => self.optics.defocus = upto(0.15, 0.85) * self.blur_unit(),
            Category::Motion => {
                let (far, way) = (upto(0.3, 2.0) * self.blur_unit(), dice.unit() * std::f32::consts::TAU);
                self.optics.motion = (far * way.cos(), far * way.sin());
            }
            Category::Noise => {
                self.optics.read_noise = upto(0.01, 0.11);
                self.optics.shot_noise = upto(0.03, 0.2);
            }
            Category::Glare => self.add_glare(strength, dice),
            Category::LowContrast => {
                self.lighting.screen = upto(0.4, 0.05);
                self.optics.veil = upto(0.1, 0.5);
                self.optics.read_noise += upto(0.0, 0.006);
            }
            Category::OverExposed => {
                self.optics.gain = upto(1.4, 6.0);
                self.optics.bloom = upto(0.1, 0.55) * self.blur_unit();
                self.optics.veil += upto(0.01, 0.08);
            }
            Category::Banding => {
                let rows = dice.between(0.04, 0.5) * height;
                let start = dice.unit() * std::f32::consts::TAU;
                self.optics.banding = Some(Banding { rows, depth: upto(0.4, 1.0), start });
            }
            Category::Moire => {
                // Nearly as many pixels of the screen as of the sensor, so that the beat is some 3 to 30 pixels long.
                let beat = 1.0 + dice.between(0.03, 0.3) * if dice.chance(0.5) { 1.0 } else { -1.0 };
                self.pixel_grid = Some((beat / self.pose.scale, upto(0.1, 0.85)));
            }
            Category::Jpeg => self.optics.jpeg = Some(upto(40.0, 3.0) as u8),
            Category::Cracked => self.harm = Harm::Cracked(strength),
            Category::Covered => self.harm = Harm::Covered(strength),
            Category::Mirrored => self.optics.mirrored = true,
        }
    }

    fn add_glare(&mut self, strength: f32, dice: &mut Dice) {
        let side = self.pose.scale * QR_ON_SHEET;
        for _ in 0..dice.whole(1, 4) {
            self.optics.glare.push(Lamp {
                x: self.pose.at.0 + dice.around(0.8) * side,
                y: self.pose.at.1 + dice.around(0.8) * side,
                across: dice.between(0.3, 1.4) * side,
                down: dice.between(0.05, 0.12 + 0.5 * strength) * side,
                angle: dice.around(1.6),
                peak: dice.between(0.2, 0.5 + 3.0 * strength),
                edge: dice.between(0.7, 3.0),
            });
        }
    }

    /// Takes the picture.
    #[must_use]
    pub fn take(&self) -> Frame {
        Scene::new(self).take(self, 0)
    }
}

/// Kinds that go together.
const MIXABLE: [Category; 12] = [
    Category::Far,
    Category::Rotated,
    Category::Tilt,
    Category::Defocus,
    Category::Motion,
    Category::Noise,
    Category::Glare,
    Category::LowContrast,
    Category::OverExposed,
    Category::Banding,
    Category::Moire,
    Category::Jpeg,
];
