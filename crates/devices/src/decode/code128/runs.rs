//! Reads a line across the bars by where it changes from light to dark and back.

#![expect(clippy::float_arithmetic, reason = "places between pixels are not whole numbers")]

use super::symbols::{STARTS, STOP, WIDTHS, text};

/// How far the widths of a symbol may be from what they should be, in modules, on the average of its six.
const FAULT_MAX: f32 = 0.42;

/// What a line says, and where on it.
#[derive(Debug)]
pub struct Line {
    pub text: String,
    pub symbols: usize,
    /// Of the code's first and last edge, from 0 to 1 along the line.
    pub ends: (f32, f32),
}

/// Reads the code on a line that is `length` long and crosses its level at `edges`, from either end.
pub fn read(length: f32, edges: &[f32]) -> Option<Line> {
    if let Some(line) = read_edges(edges) {
        return Some(Line { ends: (line.ends.0 / length, line.ends.1 / length), ..line });
    }
    let turned: Vec<f32> = edges.iter().rev().map(|&edge| length - edge).collect();
    let line = read_edges(&turned)?;
    Some(Line { ends: (1.0 - line.ends.0 / length, 1.0 - line.ends.1 / length), ..line })
}

/// Where a line crosses half way between the lightest and the darkest at most `reach` away.
pub fn crossings(profile: &[f32], reach: usize) -> Vec<f32> {
    edges(profile, &levels(profile, reach))
}

fn levels(profile: &[f32], reach: usize) -> Vec<f32> {
    let low = running(profile, reach, f32::min);
    let high = running(profile, reach, f32::max);
    low.iter().zip(&high).map(|(low, high)| (low + high) / 2.0).collect()
}

/// The extreme of all values at most `reach` away from each place. The line is parted in pieces as long as what is around a place,
/// which then is always the end of one piece and the beginning of the next.
fn running(profile: &[f32], reach: usize, extreme: impl Fn(f32, f32) -> f32) -> Vec<f32> {
    let (Some(&first), Some(&last)) = (profile.first(), profile.last()) else { return Vec::new() };
    let beyond = |value: f32| std::iter::repeat_n(value, reach);
    let mut begun: Vec<f32> = beyond(first).chain(profile.iter().copied()).chain(beyond(last)).collect();
    let mut ended = begun.clone();
    for piece in begun.chunks_mut(2 * reach + 1) {
        for at in 1..piece.len() {
            piece[at] = extreme(piece[at], piece[at - 1]);
        }
    }
    for piece in ended.chunks_mut(2 * reach + 1) {
        for at in (1..piece.len()).rev() {
            piece[at - 1] = extreme(piece[at - 1], piece[at]);
        }
    }
    ended.iter().zip(&begun[2 * reach..]).map(|(&ended, &begun)| extreme(ended, begun)).collect()
}

/// Where the line crosses its level, beginning with the first change to dark.
fn edges(profile: &[f32], level: &[f32]) -> Vec<f32> {
    let mut edges = Vec::new();
    let mut dark = false;
    for at in 1..profile.len() {
        let (before, here) = (profile[at - 1] - level[at - 1], profile[at] - level[at]);
        if (here < 0.0) != dark && (here < 0.0) != (before < 0.0) {
            let part = before / (before - here);
            edges.push(at as f32 - 0.5 + if part.is_finite() { part } else { 0.5 });
            dark = !dark;
        }
    }
    edges
}

fn read_edges(edges: &[f32]) -> Option<Line> {
    let mut first = 0;
    while first + 6 * 4 < edges.len() {
        if let Some(line) = read_from(edges, first) {
            return Some(line);
        }
        first += 2;
    }
    None
}

/// Reads from the edge `first`, which must be the first of a start.
fn read_from(edges: &[f32], first: usize) -> Option<Line> {
    let (start, module) = symbol(edges, first, None)?;
    if !STARTS.contains(&start) || (first > 0 && edges[first] - edges[first - 1] < 4.0 * module) {
        return None;
    }
    let mut symbols = vec![start];
    let mut module = module;
    let mut at = first + 6;
    loop {
        if symbols.len() >= 3
            && let Some(end) = stop(edges, at, module)
        {
            let text = text(&symbols)?;
            return Some(Line { text, symbols: symbols.len(), ends: (edges[first], end) });
        }
        let (next, size) = symbol(edges, at, Some(module))?;
        if next > 102 {
            return None;
        }
        symbols.push(next);
        module = module * 0.6 + size * 0.4;
        at += 6;
    }
}

/// The symbol whose first bar begins at edge `at`, and how long its modules are.
fn symbol(edges: &[f32], at: usize, module: Option<f32>) -> Option<(usize, f32)> {
    let span: &[f32; 7] = edges.get(at..at + 7)?.first_chunk()?;
    let size = (span[6] - span[0]) / 11.0;
    if size < 0.3 || module.is_some_and(|module| size > module * 1.3 || size < module * 0.75) {
        return None;
    }
    let (index, fault) = WIDTHS
        .iter()
        .enumerate()
        .map(|(index, widths)| (index, fault(span, widths, size)))
        .min_by(|a, b| a.1.total_cmp(&b.1))?;
    (fault < FAULT_MAX).then_some((index, size))
}

/// How far edges are from those of a symbol. From a bar's beginning to the next bar's, and from end to end, ink and blur do not
/// matter; they count twice.
fn fault(span: &[f32; 7], widths: &[u8; 6], size: f32) -> f32 {
    let mut sum = 0.0;
    for pair in 0..5 {
        let wanted = f32::from(widths[pair] + widths[pair + 1]);
        sum += 2.0 * ((span[pair + 2] - span[pair]) / size - wanted).powi(2);
    }
    for (index, &width) in widths.iter().enumerate() {
        sum += 0.5 * ((span[index + 1] - span[index]) / size - f32::from(width)).powi(2);
    }
    (sum / 13.0).sqrt()
}

/// Where the stop that begins at edge `at` ends, if one does.
fn stop(edges: &[f32], at: usize, module: f32) -> Option<f32> {
    let span = edges.get(at..at + 8)?;
    let size = (span[7] - span[0]) / 13.0;
    if size > module * 1.3 || size < module * 0.75 {
        return None;
    }
    let fault: f32 = STOP
        .iter()
        .enumerate()
        .map(|(index, &width)| ((span[index + 1] - span[index]) / size - f32::from(width)).powi(2))
        .sum();
    let quiet = edges.get(at + 8).is_none_or(|next| next - span[7] > 4.0 * size);
    ((fault / 7.0).sqrt() < 0.55 && quiet).then_some(span[7])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_is_half_way_between_the_extremes_around() {
        let profile: Vec<f32> = (0..50).map(|at| ((at * 37) % 23) as f32).collect();

        for reach in [1, 3, 10, 60] {
            for (at, level) in levels(&profile, reach).into_iter().enumerate() {
                let around = &profile[usize::saturating_sub(at, reach)..(at + reach + 1).min(50)];
                let low = around.iter().copied().fold(f32::MAX, f32::min);
                let high = around.iter().copied().fold(f32::MIN, f32::max);
                assert!((level - (low + high) / 2.0).abs() < 1e-6, "at {at} with reach {reach}");
            }
        }
    }
}
