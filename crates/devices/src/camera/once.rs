//! The same code held before the camera is told once.

use std::time::Duration;

use crate::ScanText;

/// How long a code must be out of sight to count as held up anew: longer than a hand that shakes or a glare that passes.
const AWAY: Duration = Duration::from_secs(3);

/// Remembers the code in sight.
#[derive(Debug, Default)]
pub struct Once {
    last: Option<(ScanText, Duration)>,
}

impl Once {
    /// A code was seen at the time `now`; answers whether it is to be told.
    pub fn seen(&mut self, text: &ScanText, now: Duration) -> bool {
        let told = match &self.last {
            Some((last, seen)) => last == text && now.saturating_sub(*seen) < AWAY,
            None => false,
        };
        self.last = Some((text.clone(), now));
        !told
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
    fn it_is_told_again_after_it_was_away_or_another_came() {
        assert_eq!(told(&[("A", 0), ("A", 2900), ("A", 5800)]), [true, false, false], "a hand shook");
        assert_eq!(told(&[("A", 0), ("A", 3000)]), [true, true], "it was away");
        assert_eq!(told(&[("A", 0), ("B", 33), ("A", 66)]), [true, true, true], "another came");
    }
}
