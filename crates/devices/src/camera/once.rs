//! The same code held before the camera is told once.

use std::time::Duration;

use crate::ScanText;

/// How long a code must be out of sight to count as held up anew: longer than a hand that shakes or a glare that passes.
const AWAY: Duration = Duration::from_secs(3);
/// So many codes are in sight at once: the customer's two, and what hangs on the wall behind.
const IN_SIGHT_MAX: usize = 8;

/// Remembers the codes in sight.
#[derive(Debug, Default)]
pub struct Once {
    in_sight: Vec<(ScanText, Duration)>,
}

impl Once {
    /// A code was seen at the time `now`; answers whether it is to be told.
    ///
    /// Two that are found in turns, as the two codes of a phone, are told once each and not again with every turn.
    pub fn seen(&mut self, text: &ScanText, now: Duration) -> bool {
        self.in_sight.retain(|(_, seen)| now.saturating_sub(*seen) < AWAY);
        if let Some((_, seen)) = self.in_sight.iter_mut().find(|(known, _)| known == text) {
            *seen = now;
            return false;
        }
        if self.in_sight.len() == IN_SIGHT_MAX {
            self.in_sight.remove(0);
        }
        self.in_sight.push((text.clone(), now));
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(story: &[(&str, u64)]) -> Vec<bool> {
        let mut once = Once::default();
        let seen = |(text, at): &(&str, u64)| {
            once.seen(&ScanText::new((*text).to_owned()), Duration::from_millis(*at))
        };
        story.iter().map(seen).collect()
    }

    #[test]
    fn a_code_is_told_once_however_long_it_is_held() {
        let minute: Vec<(&str, u64)> = (0..1800).map(|frame| ("A", frame * 33)).collect();

        assert_eq!(told(&minute).iter().filter(|told| **told).count(), 1);
    }

    #[test]
    fn it_is_told_again_after_it_was_away() {
        assert_eq!(told(&[("A", 0), ("A", 2900), ("A", 5800)]), [true, false, false], "a hand shook");
        assert_eq!(told(&[("A", 0), ("A", 3000)]), [true, true], "it was away");
    }

    #[test]
    fn another_code_is_told_at_once_and_a_poster_behind_it_only_once() {
        let turns = [("poster", 0), ("phone", 33), ("poster", 66), ("phone", 99), ("next", 132)];

        assert_eq!(told(&turns), [true, true, false, false, true]);
    }

    #[test]
    fn memory_is_bounded() {
        let texts: Vec<String> = (0..100).map(|number| number.to_string()).collect();
        let wall: Vec<(&str, u64)> = texts.iter().map(|text| (text.as_str(), 0)).collect();

        assert!(told(&wall).iter().all(|told| *told));
    }
}
