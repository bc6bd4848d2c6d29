//! Reads a line across the bars of a payment code by likeness, when its edges are gone.
//!
//! Sixteen to twenty-four digits in code set C have a known number of modules, so where the code begins and ends says where each
//! module is; each symbol is then the one whose modules are most alike, even where blur has melted thin bars into grey.

#![expect(clippy::float_arithmetic, reason = "places between pixels are not whole numbers")]

use std::sync::LazyLock;

use super::super::work::Work;
use super::EDGES_MIN;
use super::runs::crossings;
use super::symbols::{WIDTHS, text};

/// Likeness, from -1 to 1, that the average symbol and the worst must have.
const MEAN_MIN: f32 = 0.86;
const WORST_MIN: f32 = 0.62;
/// By how much the best symbol must be more alike than the next.
const MARGIN_MIN: f32 = 0.03;
/// Likeness of a line that needs no second one.
const SURE_MIN: f32 = 0.95;
/// Likeness of the start and the stop together before the rest is looked at.
const FRAME_MIN: f32 = 0.9;
/// Modules of light before and after a code in which no edge may stand, and how far its own edges may be off.
const QUIET: f32 = 4.0;
const EDGE_BLUR: f32 = 1.5;
/// Places where the code may begin or end that are tried.
const ENDS_MAX: usize = 3;
/// Of those, how many are worked on.
const DRAWN_MAX: usize = 2;

/// What a line says.
pub struct Line {
    pub text: String,
    pub ends: (f32, f32),
    pub sure: bool,
}

/// How a code lies on a line: where it begins, where it ends, and how much its middle is off.
#[derive(Debug, Clone, Copy)]
struct Lie {
    begin: f32,
    end: f32,
    bend: f32,
}

/// Symbols that were most alike, and how much.
struct Guess {
    symbols: Vec<usize>,
    mean: f32,
    worst: f32,
    margin: f32,
}

/// Places that one guess at all symbols costs.
const GUESS_WORK: usize = 500;

/// Of every symbol eleven modules, a little blurred as a camera blurs them, without their mean and of length one: for each module
/// its value in all symbols, so that one line is compared with all of them at once.
static TEMPLATES: LazyLock<[[f32; SYMBOLS]; 11]> = LazyLock::new(|| {
    let mut all = [[0.0; SYMBOLS]; 11];
    for (symbol, widths) in WIDTHS.iter().enumerate() {
        let mut modules = [0.0f32; 13];
        let mut at = 1;
        for (index, &width) in widths.iter().enumerate() {
            for _ in 0..width {
                modules[at] = if index % 2 == 0 { -1.0 } else { 1.0 };
                at += 1;
            }
        }
        // Before every symbol is a space, and after it a bar.
        modules[0] = 1.0;
        modules[12] = -1.0;
        let mut row = [0.0; 11];
        for (index, value) in row.iter_mut().enumerate() {
            *value = 0.18 * modules[index] + 0.64 * modules[index + 1] + 0.18 * modules[index + 2];
        }
        normalize(&mut row);
        for (values, value) in all.iter_mut().zip(row) {
            values[symbol] = value;
        }
    }
    all
});

/// All symbols but the stop, and as many of likeness zero as make a round number.
const SYMBOLS: usize = 112;

/// How alike a line is to every symbol.
fn likenesses(values: &[f32; 11]) -> [f32; SYMBOLS] {
    let mut alike = [0.0; SYMBOLS];
    for (template, &value) in TEMPLATES.iter().zip(values) {
        for (sum, part) in alike.iter_mut().zip(template) {
            *sum += part * value;
        }
    }
    alike
}

fn normalize(values: &mut [f32; 11]) {
    let mean = values.iter().sum::<f32>() / 11.0;
    let mut power = f32::EPSILON;
    for value in values.iter_mut() {
        *value -= mean;
        power += *value * *value;
    }
    let scale = power.sqrt().recip();
    for value in values.iter_mut() {
        *value *= scale;
    }
}

/// Reads the digits on a line, from either end.
pub fn read(profile: &[f32], reach: usize, work: &mut Work) -> Option<Line> {
    if let Some(line) = read_one_way(profile, reach, work) {
        return Some(line);
    }
    let turned: Vec<f32> = profile.iter().rev().copied().collect();
    let line = read_one_way(&turned, reach, work)?;
    Some(Line { ends: (1.0 - line.ends.0, 1.0 - line.ends.1), ..line })
}

fn read_one_way(profile: &[f32], reach: usize, work: &mut Work) -> Option<Line> {
    let edges = crossings(profile, reach);
    work.spend(profile.len());
    if edges.len() < EDGES_MIN {
        return None;
    }
    let mut starts: Vec<(Guess, Lie, usize)> = Vec::new();
    for &begin in edges.iter().step_by(2).take(ENDS_MAX) {
        for &end in edges.iter().skip(1).step_by(2).rev().take(ENDS_MAX) {
            for pairs in [9, 8, 10, 11, 12] {
                let lie = Lie { begin, end, bend: 0.0 };
                if !begins_and_ends(profile, lie, pairs) {
                    continue;
                }
                let start = guess(profile, lie, pairs);
                work.spend(GUESS_WORK);
                if start.mean > 0.7 || start.mean > 0.55 && start.symbols[0] == 105 {
                    starts.push((start, lie, pairs));
                }
            }
        }
    }
    starts.sort_by(|a, b| b.0.mean.total_cmp(&a.0.mean));
    let best = starts
        .into_iter()
        .take(DRAWN_MAX)
        .map(|(start, lie, pairs)| drawn(profile, lie, pairs, start, work))
        .max_by(|a, b| a.1.mean.total_cmp(&b.1.mean));
    let (lie, guess) = best?;
    let fits = guess.mean > MEAN_MIN
        && guess.worst > WORST_MIN
        && guess.margin > MARGIN_MIN
        && guess.symbols[0] == 105;
    if !fits || guess.symbols[1..].iter().any(|&symbol| symbol > 102) {
        return None;
    }
    let module = (lie.end - lie.begin) / modules(guess.symbols.len() - 2);
    if edges.iter().any(|&edge| is_too_near(edge, &lie, module)) {
        return None;
    }
    let text = text(&guess.symbols)?;
    let digits = (16..=24).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    let length = profile.len() as f32;
    digits.then_some(Line { text, ends: (lie.begin / length, lie.end / length), sure: guess.mean > SURE_MIN })
}

/// Whether an edge stands in the light before or after a code: then it is no code, but part of a longer one that is cut off.
fn is_too_near(edge: f32, lie: &Lie, module: f32) -> bool {
    let outside = (lie.begin - edge).max(edge - lie.end);
    (EDGE_BLUR * module..QUIET * module).contains(&outside)
}

/// Moves begin, end and bend to where the symbols are most alike.
fn drawn(profile: &[f32], lie: Lie, pairs: usize, start: Guess, work: &mut Work) -> (Lie, Guess) {
    let module = (lie.end - lie.begin) / modules(pairs);
    let (mut lie, mut best) = (lie, start);
    let mut step = module * 0.5;
    while step > module * 0.1 && work.is_left() {
        let mut moved = false;
        for (begin, end, bend) in [
            (1.0, 0.0, 0.0),
            (-1.0, 0.0, 0.0),
            (0.0, 1.0, 0.0),
            (0.0, -1.0, 0.0),
            (0.0, 0.0, 1.0),
            (0.0, 0.0, -1.0),
        ] {
            let tried = Lie {
                begin: lie.begin + begin * step,
                end: lie.end + end * step,
                bend: lie.bend + bend * step,
            };
            let guess = guess(profile, tried, pairs);
            work.spend(GUESS_WORK);
            if guess.mean > best.mean {
                (lie, best, moved) = (tried, guess, true);
            }
        }
        if !moved {
            step *= 0.5;
        }
    }
    (lie, best)
}

/// Modules of a code with `pairs` pairs of digits: start, pairs, check, and a stop of thirteen.
fn modules(pairs: usize) -> f32 {
    (11 * (pairs + 2) + 13) as f32
}

/// The most alike symbols from the start to the check, for one lie; the stop counts for the likeness.
fn guess(profile: &[f32], lie: Lie, pairs: usize) -> Guess {
    let whole = modules(pairs);
    let mut guess = Guess { symbols: Vec::with_capacity(pairs + 2), mean: 0.0, worst: 1.0, margin: 1.0 };
    let mut sum = 0.0;
    for symbol in 0..pairs + 3 {
        let values = modules_of(profile, lie, whole, symbol);
        if symbol == pairs + 2 {
            sum += alike(&stop(), &values);
            break;
        }
        let (mut best, mut most, mut next) = (0, f32::MIN, f32::MIN);
        for (index, &likeness) in likenesses(&values)[..WIDTHS.len()].iter().enumerate() {
            if likeness > most {
                (best, next, most) = (index, most, likeness);
            } else if likeness > next {
                next = likeness;
            }
        }
        guess.symbols.push(best);
        guess.worst = guess.worst.min(most);
        guess.margin = guess.margin.min(most - next);
        sum += most;
    }
    guess.mean = sum / (pairs + 3) as f32;
    guess
}

/// The eleven modules of one symbol, without their mean and of length one.
fn modules_of(profile: &[f32], lie: Lie, whole: f32, symbol: usize) -> [f32; 11] {
    let size = (lie.end - lie.begin) / whole;
    let mut values = [0.0; 11];
    for (index, value) in values.iter_mut().enumerate() {
        let part = ((symbol * 11 + index) as f32 + 0.5) / whole;
        let at = lie.begin + (lie.end - lie.begin) * part + 4.0 * lie.bend * part * (1.0 - part);
        *value = mean_of(profile, at - size * 0.3, at + size * 0.3);
    }
    normalize(&mut values);
    values
}

/// The first eleven modules of the stop.
fn stop() -> [f32; 11] {
    let mut modules = [-1.0, -1.0, 1.0, 1.0, 1.0, -1.0, -1.0, -1.0, 1.0, -1.0, 1.0];
    normalize(&mut modules);
    modules
}

/// Whether a line looks like a start in set C where the code would begin, and like a stop where it would end.
fn begins_and_ends(profile: &[f32], lie: Lie, pairs: usize) -> bool {
    let whole = modules(pairs);
    let start = likenesses(&modules_of(profile, lie, whole, 0))[105];
    start > 0.0 && start + alike(&stop(), &modules_of(profile, lie, whole, pairs + 2)) > FRAME_MIN
}

fn alike(one: &[f32; 11], other: &[f32; 11]) -> f32 {
    one.iter().zip(other).map(|(a, b)| a * b).sum()
}

/// The mean of a line between two places on it.
fn mean_of(profile: &[f32], from: f32, to: f32) -> f32 {
    let value = |at: f32| {
        let at = (at - 0.5).clamp(0.0, (profile.len() - 1) as f32);
        let left = at as usize;
        let right = (left + 1).min(profile.len() - 1);
        profile[left] + (profile[right] - profile[left]) * (at - left as f32)
    };
    (value(from) + value(from * 0.5 + to * 0.5) + value(to)) / 3.0
}
