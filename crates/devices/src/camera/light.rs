//! What the picture's brightness says: too dark, glaring, or the very same bytes again and again.

use std::time::Duration;

/// A word to the cashier about the picture, which helps the code to be found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hint {
    /// Hardly any light reaches the camera.
    Dark,
    /// A great part of the picture is plain white.
    Glare,
    /// The camera has sent the same picture for seconds, to the last bit: it may hang.
    Same,
}

/// How often each brightness occurs in a picture.
pub type Histogram = [u32; 256];

/// Every how many pixels one is counted, across and down: a 1080p picture gives 32,400.
const STEP: usize = 8;

/// Counts a picture of `width`, and folds the same pixels into a number by which two pictures can be told apart.
#[must_use]
pub fn count(grey: &[u8], width: usize) -> (Histogram, u64) {
    let mut histogram = [0; 256];
    let mut print = 0xcbf2_9ce4_8422_2325_u64;
    for row in grey.chunks_exact(width.max(1)).step_by(STEP) {
        for pixel in row.iter().step_by(STEP) {
            histogram[usize::from(*pixel)] += 1;
            print = (print ^ u64::from(*pixel)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
    (histogram, print)
}

/// Whether there is too little or too much light in the picture.
///
/// A phone's screen is itself white and may fill a good part of the picture, so it takes half the picture to be called
/// glaring; a lit phone in a dark shop is readable, so it is dark only where hardly anything is bright.
#[must_use]
pub fn hint(histogram: &Histogram) -> Option<Hint> {
    let all: u32 = histogram.iter().sum();
    let bright: u32 = histogram[60..].iter().sum();
    let white: u32 = histogram[250..].iter().sum();
    match () {
        () if all == 0 => None,
        () if bright < all / 100 => Some(Hint::Dark),
        () if white > all / 2 => Some(Hint::Glare),
        () => None,
    }
}

/// How long the same picture may come before something is said.
const SAME: Duration = Duration::from_secs(4);

/// Watches whether pictures still differ: a sensor's noise sees to that even where nothing moves.
#[derive(Debug, Default)]
pub struct Sameness {
    since: Option<(u64, Duration)>,
}

impl Sameness {
    /// Takes a picture's number in, at the time `now`; answers whether it has been the same for too long.
    pub fn note(&mut self, print: u64, now: Duration) -> bool {
        match self.since {
            Some((before, since)) if before == print => now.saturating_sub(since) >= SAME,
            Some(_) | None => {
                self.since = Some((print, now));
                false
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hint_of(grey: &[u8]) -> Option<Hint> {
        hint(&count(grey, 80).0)
    }

    #[test]
    fn light_is_judged_by_the_whole_picture() {
        let half = |low: u8, high: u8, lit: usize| {
            (0..80 * 80).map(|at| if at < 80 * lit { high } else { low }).collect::<Vec<u8>>()
        };
        let cases = [
            (half(0, 0, 0), Some(Hint::Dark), "a covered lens"),
            (half(30, 59, 40), Some(Hint::Dark), "a dark shop"),
            (half(10, 200, 16), None, "a lit phone in a dark shop"),
            (half(90, 255, 32), None, "a white screen close to the lens"),
            (half(90, 255, 72), Some(Hint::Glare), "a lamp in the picture"),
            (half(110, 140, 40), None, "an ordinary picture"),
        ];

        for (grey, expected, what) in cases {
            assert_eq!(hint_of(&grey), expected, "{what}");
        }
        assert_eq!(hint_of(&[]), None, "nothing is said of no picture");
    }

    #[test]
    fn the_same_picture_is_remarked_on_after_a_while_and_any_other_ends_it() {
        let mut sameness = Sameness::default();
        let at = Duration::from_millis;

        assert!(!sameness.note(1, at(0)));
        assert!(!sameness.note(1, at(3999)), "a moment proves nothing");
        assert!(sameness.note(1, at(4000)));
        assert!(!sameness.note(2, at(4033)), "one differing bit and it lives");
        assert!(!sameness.note(1, at(4066)));
    }

    #[test]
    fn one_counted_pixel_makes_another_print() {
        let mut grey = vec![7; 80 * 80];
        let before = count(&grey, 80).1;
        grey[0] = 8;

        assert_ne!(count(&grey, 80).1, before);
    }
}
