//! Pictures in, codes out: QR codes and Code 128 bar codes, as a phone shows them to a camera.
//!
//! A *look* is one way of looking at a picture: so much reduced, so much sharpened, so much care. Cheap looks come before dear
//! ones, and a frame gets only as many as its time allows; a still picture gets all of them.
//! What a text means is not told here.

#![expect(clippy::float_arithmetic, reason = "places between pixels are not whole numbers")]

mod code128;
mod hope;
mod look;
mod luma;
mod pyramid;
mod qr;
mod second;
mod work;

pub use luma::Luma;

use crate::ScanText;
use hope::Hopes;
use look::{At, Look, Scale, looks};
use luma::Shade;
use pyramid::{Plane, Pyramid};
use work::Work;

/// What a text was written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Symbol {
    /// A QR code.
    Qr,
    /// A Code 128 bar code.
    Code128,
}

/// A code that was found in a picture.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// What stands in it.
    pub text: ScanText,
    /// What it was written as.
    pub symbol: Symbol,
    /// Its four corners in pixels, clockwise from the one where its reading begins.
    pub corners: [(f32, f32); 4],
}

impl Found {
    fn may_be_payment(&self) -> bool {
        is_digits(self.text.reveal())
    }
}

/// How much time a picture is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effort {
    /// One frame of a camera: a few milliseconds, the next frame is on its way. Stops at the first code that is as long as a
    /// payment code and of digits; a poster on the wall has one of its own.
    Frame,
    /// A picture somebody handed over: as long as it takes (up to about a second), and every code in it.
    Still,
}

impl Effort {
    /// Places that may be looked at.
    fn places(self) -> usize {
        match self {
            Effort::Frame => 1_000_000,
            Effort::Still => 50_000_000,
        }
    }

    /// How far to go for each code.
    fn care(self) -> qr::Care {
        match self {
            Effort::Frame => qr::Care { triples: 6, pairs: 12, versions: 2, bent: false, all: false },
            Effort::Still => qr::Care { triples: 500, pairs: 60, versions: 3, bent: true, all: true },
        }
    }
}

/// Reads the codes in one picture.
#[must_use]
pub fn read(picture: &Luma<'_>, effort: Effort) -> Vec<Found> {
    Bench::default().read(picture, effort)
}

/// Reads codes out of the frames of a camera, one after the other, and keeps its memory from frame to frame.
#[derive(Debug, Default)]
pub struct Looker(Bench);

impl Looker {
    /// A looker that has seen nothing yet.
    #[must_use]
    pub fn new() -> Looker {
        Looker::default()
    }

    /// Looks at the next frame. Of several codes it is one that may be a payment code, if there is one.
    pub fn look(&mut self, frame: &Luma<'_>) -> Option<Found> {
        let mut found = self.0.read(frame, Effort::Frame);
        let payment = found.iter().position(Found::may_be_payment);
        payment.map(|index| found.swap_remove(index)).or_else(|| found.pop())
    }
}

/// Memory for looking.
#[derive(Debug, Default)]
struct Bench {
    pyramid: Pyramid,
    plane: Plane,
    sharp: Plane,
    shade: Shade,
    search: qr::Search,
    hopes: Hopes,
    stripes: code128::Search,
    second: second::Second,
}

/// Pixels of a frame that the second reader may look at closely, enlarged ones as many as they become.
const CLOSE_PIXELS: usize = 500_000;
/// Pixels that cost the second reader as much as one place.
const SECOND_WORK: usize = 4;
/// Pixels below which a picture is coarse.
const COARSE: usize = 400_000;

impl Bench {
    fn read(&mut self, picture: &Luma<'_>, effort: Effort) -> Vec<Found> {
        self.pyramid.forget();
        self.hopes.forget();
        let mut found = Vec::new();
        let mut work = Work::of(effort.places());
        for look in looks(picture, effort) {
            self.look(picture, look, effort, &mut work, &mut found);
            if effort == Effort::Frame && is_over(&found) {
                break;
            }
        }
        found
    }

    fn look(
        &mut self,
        picture: &Luma<'_>,
        look: Look,
        effort: Effort,
        work: &mut Work,
        found: &mut Vec<Found>,
    ) {
        if matches!((look.at, effort), (At::Second, Effort::Frame)) && self.look_closely(picture, work, found)
        {
            return;
        }
        let scale = match look.scale {
            Scale::Less(factor) => factor as f32,
            Scale::More(factor) => 1.0 / factor as f32,
        };
        let seen = match look.scale {
            Scale::Less(1) | Scale::More(1) => Some(*picture),
            Scale::Less(factor) => self.pyramid.reduced(picture, factor),
            Scale::More(factor) => {
                self.plane.enlarge(picture, factor);
                self.plane.luma()
            }
        };
        let Some(seen) = seen else { return };
        let given = work.at_most(look.share(effort));
        let mut left = given;
        match look.at {
            At::Qr { block, reach, step, light } => {
                self.shade.measure(&seen, block.trailing_zeros(), reach);
                let most = if effort == Effort::Frame { 50 } else { 400 };
                left.spend(seen.width() * seen.height() / 50);
                self.search.run(&seen, &self.shade, (step, light), most, &mut left);
                self.hopes.add(&self.search.squares, scale);
                for code in qr::codes(&seen, &self.search.squares, effort.care(), &mut left) {
                    let text = ScanText::new(code.text);
                    add(found, Found { text, symbol: Symbol::Qr, corners: code.corners }, scale, WHOLE);
                }
            }
            At::Bars => {
                left.spend(seen.width() * seen.height() / 10);
                let wanted = match effort {
                    Effort::Frame => code128::Wanted::Digits,
                    Effort::Still => code128::Wanted::All,
                };
                // Stripes are seen in the reduced picture, bars are read in the whole one.
                for code in code128::codes(picture, &seen, &mut self.stripes, wanted, &mut left) {
                    let text = ScanText::new(code.text);
                    let code = Found { text, symbol: Symbol::Code128, corners: code.corners };
                    add(found, code, scale.min(1.0), WHOLE);
                }
            }
            At::Second => {
                left.spend(seen.width() * seen.height() / SECOND_WORK);
                for code in self.second.read(&seen, effort) {
                    add(found, code, scale, WHOLE);
                }
            }
        }
        work.settle(given, left);
    }

    /// Has the second reader look where the first one saw what may be finders, there at full size; small ones in a coarse picture
    /// also enlarged. Whether there was anything to look at, and nothing too large for that.
    fn look_closely(&mut self, picture: &Luma<'_>, work: &mut Work, found: &mut Vec<Found>) -> bool {
        let coarse = picture.width() * picture.height() < COARSE;
        let mut pixels = CLOSE_PIXELS;
        let mut too_large = false;
        while !is_over(found)
            && let Some((part, corner)) = self.hopes.take_part(picture)
        {
            let area = part.width() * part.height();
            let Some(left) = pixels.checked_sub(area) else {
                too_large = true;
                continue;
            };
            pixels = left;
            for code in self.second.read(&part, Effort::Frame) {
                add(found, code, 1.0, corner);
            }
            if coarse
                && !is_over(found)
                && let Some(left) = pixels.checked_sub(4 * area)
            {
                pixels = left;
                self.plane.double(&part, &mut self.sharp);
                for code in
                    self.plane.luma().iter().flat_map(|doubled| self.second.read(doubled, Effort::Frame))
                {
                    add(found, code, 0.5, corner);
                }
            }
        }
        let looked_at = CLOSE_PIXELS - pixels;
        work.spend(looked_at / SECOND_WORK);
        looked_at > 0 && !too_large
    }
}

/// Where a look at a whole picture begins.
const WHOLE: (f32, f32) = (0.0, 0.0);

/// Adds a code, unless it is known, that was seen in a picture `scale` times smaller which begins at `corner`.
fn add(found: &mut Vec<Found>, mut code: Found, scale: f32, corner: (f32, f32)) {
    code.corners = code.corners.map(|(x, y)| (x * scale + corner.0, y * scale + corner.1));
    if !found.iter().any(|other| other.symbol == code.symbol && overlaps(&other.corners, &code.corners)) {
        found.push(code);
    }
}

/// Whether a frame needs no further look.
fn is_over(found: &[Found]) -> bool {
    found.iter().any(Found::may_be_payment)
}

/// Whether a text is as long as a payment code and of digits only.
fn is_digits(text: &str) -> bool {
    (16..=24).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether two codes are the same one, seen twice: the middle of each lies near that of the other.
fn overlaps(one: &[(f32, f32); 4], other: &[(f32, f32); 4]) -> bool {
    let middle = |corners: &[(f32, f32); 4]| {
        corners.iter().fold((0.0, 0.0), |sum, corner| (sum.0 + corner.0 / 4.0, sum.1 + corner.1 / 4.0))
    };
    let size = |corners: &[(f32, f32); 4]| (corners[0].0 - corners[2].0).hypot(corners[0].1 - corners[2].1);
    let (a, b) = (middle(one), middle(other));
    (a.0 - b.0).hypot(a.1 - b.1) < 0.25 * size(one).max(size(other))
}

#[cfg(test)]
mod tests;
