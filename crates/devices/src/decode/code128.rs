//! Code 128 bar codes: places with stripes looked for, lines laid across them, several parallel lines averaged into one, and that
//! read by its edges or, for digits, by likeness.

#![expect(clippy::float_arithmetic, reason = "places between pixels are not whole numbers")]

mod likeness;
mod runs;
mod stripes;
mod symbols;

pub use stripes::Search;
#[cfg(test)]
pub use symbols::{STOP, WIDTHS};

use super::is_digits;
use super::luma::Luma;
use super::work::Work;
use stripes::Stripes;

/// A bar code that was read.
pub struct Code {
    pub text: String,
    /// In pixels of the picture that was looked at, clockwise from where the reading begins.
    pub corners: [(f32, f32); 4],
}

/// Which codes count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// Whatever is written; a code that two lines agree on.
    All,
    /// Sixteen to twenty-four digits only, as on a phone.
    Digits,
}

/// Reads the bar codes in `picture`; `seen` is the same picture, reduced or not, in which they are looked for.
pub fn codes(
    picture: &Luma<'_>,
    seen: &Luma<'_>,
    search: &mut Search,
    wanted: Wanted,
    work: &mut Work,
) -> Vec<Code> {
    let mut found: Vec<Code> = Vec::new();
    // An enlarged picture is read as it is: there is more to see in it.
    let (read, scale) = if seen.width() > picture.width() {
        (seen, 1.0)
    } else {
        (picture, picture.width() as f32 / seen.width() as f32)
    };
    for stripes in search.run(seen) {
        if !work.is_left() {
            break;
        }
        found.extend(code(read, &stripes.scaled(scale), wanted, work));
        if wanted == Wanted::Digits && !found.is_empty() {
            break;
        }
    }
    found
}

/// Edges a line across a payment code must have: a code has more than seventy, of which blur may take half.
const EDGES_MIN: usize = 30;

/// Where along the bars lines are laid, as parts of the reach.
const PLACES: [f32; 7] = [0.0, -0.3, 0.3, -0.55, 0.55, -0.8, 0.8];

/// A text, how often it was read, and where.
struct Vote {
    text: String,
    lines: usize,
    ends: (f32, f32),
}

fn code(luma: &Luma<'_>, stripes: &Stripes, wanted: Wanted, work: &mut Work) -> Option<Code> {
    let mut votes: Vec<Vote> = Vec::new();
    // Seen from the side, bars fan out: then a thin line is the only one that crosses each of them once.
    let thicknesses: &[f32] = match wanted {
        Wanted::All => &[0.12, 0.4, 0.0],
        Wanted::Digits => &[0.12, 0.4],
    };
    for (index, &place) in PLACES.iter().enumerate() {
        for &thickness in thicknesses {
            let profile = profile(luma, stripes, place, thickness, work);
            let reach = (profile.len() / 12).max(6);
            work.spend(profile.len() * 2);
            let edges = runs::crossings(&profile, reach);
            if wanted == Wanted::Digits && votes.is_empty() && edges.len() < EDGES_MIN {
                return None;
            }
            let line = runs::read(profile.len() as f32, &edges)
                .map(|line| (line.text, line.ends, line.symbols >= 7));
            let line = line.filter(|(text, ..)| wanted == Wanted::All || is_digits(text)).or_else(|| {
                likeness::read(&profile, reach, work).map(|line| (line.text, line.ends, line.sure))
            });
            let Some((text, ends, sure)) = line else { continue };
            let weight = if sure { 2 } else { 1 };
            match votes.iter_mut().find(|vote| vote.text == text) {
                Some(vote) => vote.lines += weight,
                None => votes.push(Vote { text, lines: weight, ends }),
            }
        }
        // Two lines that agree, and nobody who says otherwise.
        if let [vote] = votes.as_slice()
            && vote.lines >= 3
        {
            break;
        }
        if index >= 1 && votes.is_empty() && wanted == Wanted::Digits {
            return None;
        }
    }
    votes.sort_by_key(|vote| std::cmp::Reverse(vote.lines));
    let runner_up = votes.get(1).map_or(0, |vote| vote.lines);
    let vote = votes.into_iter().next().filter(|vote| vote.lines >= 2 && vote.lines >= 2 * runner_up)?;
    Some(Code { text: vote.text, corners: corners(stripes, vote.ends) })
}

/// How far beyond the stripes a line goes, so that the light before and after is on it.
const BEYOND: f32 = 1.12;

/// The brightness along a line across the bars, averaged over `thickness` of their length.
fn profile(luma: &Luma<'_>, stripes: &Stripes, place: f32, thickness: f32, work: &mut Work) -> Vec<f32> {
    let (cos, sin) = stripes.across;
    let half = stripes.reach.0 * BEYOND + 6.0;
    let count = ((half * 2.0 * STEPS_PER_PIXEL) as usize).min(STEPS_MAX);
    let step = half * 2.0 / count as f32;
    let thick = (stripes.reach.1 * thickness).max(0.5);
    let lines = (thick * 2.0).ceil().clamp(1.0, 16.0) as usize;
    work.spend(count * lines / 2);
    let mut sums = vec![0.0f32; count];
    for line in 0..lines {
        let along = stripes.reach.1 * place + thick * ((line as f32 + 0.5) / lines as f32 * 2.0 - 1.0);
        let start =
            (stripes.middle.0 - sin * along - cos * half, stripes.middle.1 + cos * along - sin * half);
        for (at, sum) in sums.iter_mut().enumerate() {
            let far = (at as f32 + 0.5) * step;
            *sum += luma.at(start.0 + cos * far, start.1 + sin * far);
        }
    }
    for sum in &mut sums {
        *sum /= lines as f32;
    }
    sums
}

/// Places on a line that are read for each pixel it crosses, and for all of them: a code has some hundred and fifty modules.
const STEPS_PER_PIXEL: f32 = 2.0;
const STEPS_MAX: usize = 1_600;

fn corners(stripes: &Stripes, ends: (f32, f32)) -> [(f32, f32); 4] {
    let (cos, sin) = stripes.across;
    let half = stripes.reach.0 * BEYOND + 6.0;
    let high = stripes.reach.1;
    let place = |end: f32, down: f32| {
        let far = (end * 2.0 - 1.0) * half;
        (stripes.middle.0 + cos * far - sin * down, stripes.middle.1 + sin * far + cos * down)
    };
    let side = if ends.1 > ends.0 { high } else { -high };
    [place(ends.0, -side), place(ends.1, -side), place(ends.1, side), place(ends.0, side)]
}
