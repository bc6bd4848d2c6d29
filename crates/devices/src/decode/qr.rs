//! QR codes: finders looked for, put together in threes, a grid laid over each, its modules read and its bytes put right.

#![expect(clippy::float_arithmetic, reason = "places between pixels are not whole numbers")]

mod codewords;
mod finder;
mod fit;
mod format;
mod grid;
mod layout;
mod mesh;
mod pair;
mod solomon;
mod square;
mod template;
mod text;
mod version;
mod warp;

pub use finder::Search;

use super::is_digits;
use super::luma::Luma;
use super::work::Work;
use fit::Lie;
use grid::Grid;
use layout::Corners;
pub use square::{Point, Square, turn};
use template::Template;
use version::Version;

/// A QR code that was read.
pub struct Code {
    pub text: String,
    /// In pixels of the picture that was looked at, clockwise from the corner between the two other finders.
    pub corners: [Point; 4],
}

/// How far to go for one code.
#[derive(Debug, Clone, Copy)]
pub struct Care {
    /// Triples of finders that are tried.
    pub triples: usize,
    /// Guesses at a third finder where only two are found.
    pub pairs: usize,
    /// Versions that are tried for each.
    pub versions: usize,
    /// Whether codes may be bent: the lines of a flat one alternate, or it is none.
    pub bent: bool,
    /// Whether every code is wanted, and not only one that may be a payment code.
    pub all: bool,
}

/// Reads the codes whose finders are among `squares`.
pub fn codes(luma: &Luma<'_>, squares: &[Square], care: Care, work: &mut Work) -> Vec<Code> {
    let is_enough = |code: &Code| !care.all && is_digits(&code.text);
    let mut found: Vec<Code> = Vec::new();
    let mut free = vec![true; squares.len()];
    for corners in layout::corners(squares, care.triples) {
        if corners.finders.iter().any(|&index| !free[index]) {
            continue;
        }
        if !work.is_left() {
            break;
        }
        if let Some(code) = code(luma, squares, &corners, care, work) {
            for index in corners.finders {
                free[index] = false;
            }
            found.push(code);
            if found.last().is_some_and(is_enough) {
                return found;
            }
        }
    }
    for guess in pair::guesses(squares, &free, care.pairs) {
        if !work.is_left() {
            break;
        }
        if guess.found.iter().any(|&index| !free[index]) {
            continue;
        }
        if let Some(code) = code(luma, &guess.squares, &guess.corners, care, work) {
            for index in guess.found {
                free[index] = false;
            }
            found.push(code);
            if found.last().is_some_and(is_enough) {
                return found;
            }
        }
    }
    found
}

/// Reads the code in the corners of which three finders stand.
fn code(luma: &Luma<'_>, squares: &[Square], corners: &Corners, care: Care, work: &mut Work) -> Option<Code> {
    for lie in lies(luma, squares, corners, care.versions) {
        if let Some(code) = read_at(luma, squares, corners, lie, care, work) {
            return Some(code);
        }
    }
    None
}

/// The versions the code may be of, each as it would lie, those first whose timing lines alternate best.
fn lies(luma: &Luma<'_>, squares: &[Square], corners: &Corners, at_most: usize) -> Vec<Lie> {
    let modules = (corners.modules[0] + corners.modules[1]) / 2.0 + 7.0;
    let guess = (modules - 17.0) / 4.0;
    let slack = 1.0 + guess * 0.12;
    let numbers =
        ((guess - slack).round().max(1.0) as usize)..=((guess + slack).round().clamp(1.0, 40.0) as usize);
    let told = (guess > 5.5).then(|| told_version(luma, squares, corners)).flatten();
    let mut all: Vec<(f32, Lie)> = numbers
        .filter_map(Version::new)
        .chain(told)
        .filter_map(|version| Lie::of_finders(squares, corners, version))
        .map(|lie| {
            let bonus = if told == Some(lie.version) { 2.0 } else { 0.0 };
            (lie.timing(luma) + bonus - 0.1 * (lie.version.number() as f32 - guess).abs(), lie)
        })
        .collect();
    all.sort_by(|a, b| b.0.total_cmp(&a.0));
    all.into_iter().map(|(_, lie)| lie).take(at_most).collect()
}

/// The version as the code tells it beside the second and the third finder, when what is there looks like one.
fn told_version(luma: &Luma<'_>, squares: &[Square], corners: &Corners) -> Option<Version> {
    let [first, right, below] = corners.finders.map(|index| &squares[index]);
    let way = |to: &Square| (to.middle.0 - first.middle.0, to.middle.1 - first.middle.1);
    let mut darkness = [[0.0f32; 18]; 2];
    for (copy, square) in [right, below].into_iter().enumerate() {
        let (across, down) = layout::ways_along(square, way(right), way(below));
        for (bit, value) in darkness[copy].iter_mut().enumerate() {
            let (long, short) = ((bit / 3) as f32 - 3.0, (bit % 3) as f32 - 7.0);
            let (x, y) = if copy == 0 { (short, long) } else { (long, short) };
            let place =
                (square.middle.0 + across.0 * x + down.0 * y, square.middle.1 + across.1 * x + down.1 * y);
            let darkness = square.level - luma.at(place.0, place.1);
            *value = if square.light { -darkness } else { darkness };
        }
    }
    let fit = |bits: u32| {
        let mut agreed = 0.0;
        let mut whole = f32::EPSILON;
        for (bit, values) in (0..18).map(|bit| (bit, darkness.map(|copy| copy[bit]))) {
            // A mirror swaps the two copies, and their sum stays.
            let value = values[0] + values[1];
            agreed += if bits >> bit & 1 == 1 { value } else { -value };
            whole += value.abs();
        }
        agreed / whole
    };
    let best = (7..=40)
        .filter_map(Version::new)
        .map(|version| (fit(version.bits()), version))
        .max_by(|a, b| a.0.total_cmp(&b.0))?;
    (best.0 > 0.75).then_some(best.1)
}

fn read_at(
    luma: &Luma<'_>,
    squares: &[Square],
    corners: &Corners,
    lie: Lie,
    care: Care,
    work: &mut Work,
) -> Option<Code> {
    let side = lie.version.modules() as f32;
    let area = lie.version.modules().pow(2);
    let done = |text: String, lie: &Lie| Some(Code { text, corners: lie.warp.corners(side) });
    // A large grid is dear to read; its timing lines are long, and alternate by chance hardly ever.
    if lie.version.number() >= 7 && !care.bent && lie.timing(luma) < TIMING_MIN {
        return None;
    }
    work.spend(10 * area);
    if let Some(text) = text_of(&lie.grid(luma), lie.version, false) {
        return done(text, &lie);
    }
    let mut lie = lie;
    work.spend(20_000);
    if lie.align(luma, squares, corners, 4.0) {
        work.spend(10 * area);
        if let Some(text) = text_of(&lie.grid(luma), lie.version, false) {
            return done(text, &lie);
        }
    }
    if lie.version.number() >= 7 {
        let mut bent = lie.clone();
        bent.lay_mesh(luma);
        work.spend(4_000 * bent.version.alignment().len().pow(2) + 10 * area);
        if let Some(text) = text_of(&bent.grid(luma), bent.version, false) {
            return done(text, &bent);
        }
    }
    // Dear from here on: only where lines alternate as they do in a code, more or less.
    let template = Template::of(lie.version);
    let hopeful = if care.bent {
        lie.timing(luma) > TIMING_MIN
    } else {
        lie.timing(luma) > FLAT_TIMING_MIN && lie.likeness(luma, &template) > LIKENESS_MIN
    };
    if !hopeful {
        return None;
    }
    lie.sharpen(luma, &template, 24, work);
    work.spend(60 * area);
    if let Some(text) = text_of(&lie.grid(luma), lie.version, true) {
        return done(text, &lie);
    }
    if lie.version.number() < 7 {
        return None;
    }
    lie.lay_mesh(luma);
    work.spend(4_000 * lie.version.alignment().len().pow(2) + 60 * area);
    let text = text_of(&lie.grid(luma), lie.version, true)?;
    done(text, &lie)
}

/// How well the timing lines of a code must alternate, from -1 to 1, for it to be worked on.
const TIMING_MIN: f32 = 0.15;
/// The same for a code that is flat.
const FLAT_TIMING_MIN: f32 = 0.25;
/// How alike what is known of a code must be to what is there, from -1 to 1.
const LIKENESS_MIN: f32 = 0.35;

/// The text of a grid; `patient` works on what is blurred or doubtful.
fn text_of(grid: &Grid, version: Version, patient: bool) -> Option<String> {
    let plain =
        text_as_is(grid, version, patient).or_else(|| text_as_is(&grid.levelled(5), version, patient));
    if plain.is_some() {
        return plain;
    }
    if grid.is_pale()
        && let Some(text) = text_as_is(&grid.just_below_light(), version, true)
    {
        return Some(text);
    }
    if !patient {
        return None;
    }
    [(0.4, 0.4), (0.9, 0.9), (1.2, 0.0), (0.0, 1.2)]
        .into_iter()
        .find_map(|(across, down)| text_as_is(&grid.sharpened(across, down).levelled(5), version, true))
}

/// The text of a grid, the right way round or as in a mirror.
fn text_as_is(grid: &Grid, version: Version, patient: bool) -> Option<String> {
    let mirrored = grid.mirrored();
    let direct = format::likely(grid);
    let turned = format::likely(&mirrored);
    let mut tries = [(grid, direct[0]), (&mirrored, turned[0])];
    if turned[0].agreement > direct[0].agreement {
        tries.swap(0, 1);
    }
    for (grid, format) in tries {
        if format.agreement < 0.4 {
            continue;
        }
        let Some(data) = codewords::read(grid, version, format, patient) else { continue };
        let Some(text) = text::read(&data.bytes, version) else { continue };
        let witnesses = i32::try_from(text.witnesses).unwrap_or(0);
        if data.evidence_bits.saturating_add(8 * witnesses) >= 28 {
            return Some(text.text);
        }
    }
    None
}
