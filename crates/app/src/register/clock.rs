//! The till's time: the computer's clock as long as it can be believed, else the till's own count from when it last could.
//!
//! A clock that jumps against the steady one, that stands before the last thing written down, or far behind it, is doubted: the
//! till then goes on counting by itself, says so, and believes the clock again when the provider's clock or a manager
//! vouches for it. So no jump moves a business date or a payment's age.

use guitai_domain::Timestamp;

use super::Now;

/// More than this apart, and one of two clocks is wrong. Signatures die at five minutes.
const APART_MS: i64 = 60_000;
/// Two answers that tell the time this much alike tell the same time.
const SAME_MS: i64 = 10_000;
/// So many proven answers alike set the till's time.
const ALIKE: u32 = 2;
/// The same once the provider has vouched for the till's time since the start: the till has counted every second since then,
/// and an answer that says otherwise is rather an old one played again.
const ALIKE_AGAINST_OWN: u32 = 6;
/// A till that was off for longer than this wants somebody to say that it was.
const LONG_OFF_MS: i64 = 35 * 24 * 3_600_000;
/// No clock is right that stands before this program was released: 2026-11-01, UTC.
const RELEASED_MS: i64 = 1_793_491_200_000;

/// What the till knows of the time.
#[derive(Debug, Clone)]
pub(super) struct TillClock {
    /// The till's time when the steady clock read zero.
    base_ms: i64,
    /// The latest time handed out.
    last_ms: i64,
    /// Why the computer's clock is not believed.
    doubt: Option<Doubt>,
    /// The clock as it is, against the till's time, as last seen.
    ahead_ms: i64,
    /// Whether the provider's clock, or a manager, has vouched for the till's time since the start.
    vouched: bool,
    /// How far the provider's clock is ahead of the till's time, as last heard.
    offset_ms: Option<i64>,
    /// The same, as last proven, and how many in a row said so: one answer may be an old one played again.
    proven: Option<(i64, u32)>,
}

/// Why the computer's clock is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Doubt {
    /// The till has no time of its own to go by: its first start, with a clock from before its release. It does not sell.
    NoTime,
    /// The till goes by its own count.
    OwnCount,
}

/// What became of the doubt; written to the journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    Doubted { ahead_ms: i64 },
    Believed { by: &'static str, moved_ms: i64 },
}

impl TillClock {
    /// At the start. `last` is the time of the last entry in the journal; before the first sale it says nothing, because
    /// a till without a time writes entries as well.
    pub fn start(now: Now, last: Option<Timestamp>, has_sold: bool) -> (TillClock, Option<Change>) {
        let wall = now.wall.0;
        let (time, doubt) = match last {
            None | Some(_) if !has_sold && wall < RELEASED_MS => {
                (last.map_or(RELEASED_MS, |last| last.0.max(RELEASED_MS)), Some(Doubt::NoTime))
            }
            None => (wall, None),
            Some(last) if !has_sold => (wall.max(last.0), None),
            Some(last) if wall < last.0 - APART_MS => (last.0, Some(Doubt::OwnCount)),
            Some(last) if wall > last.0.saturating_add(LONG_OFF_MS) => (last.0, Some(Doubt::OwnCount)),
            Some(last) => (wall.max(last.0), None),
        };
        let ahead_ms = wall.saturating_sub(time);
        let clock = TillClock {
            base_ms: time - now.steady_ms,
            last_ms: time,
            doubt,
            ahead_ms,
            vouched: false,
            offset_ms: None,
            proven: None,
        };
        (clock, doubt.map(|_| Change::Doubted { ahead_ms }))
    }

    /// The till's time. Changes nothing.
    pub fn read(&self, now: Now) -> Now {
        let counted = self.base_ms.saturating_add(now.steady_ms);
        let ahead = now.wall.0.saturating_sub(counted);
        let believed = self.doubt.is_none() && ahead.saturating_abs() <= APART_MS;
        let time = if believed { now.wall.0.max(self.last_ms) } else { counted.max(self.last_ms) };
        Now { wall: Timestamp(time), steady_ms: now.steady_ms }
    }

    /// Takes in both clocks: the till's time, and what changed.
    pub fn tell(&mut self, now: Now) -> (Now, Option<Change>) {
        let counted = self.base_ms.saturating_add(now.steady_ms);
        self.ahead_ms = now.wall.0.saturating_sub(counted);
        let together = self.ahead_ms.saturating_abs() <= APART_MS;
        let change = match (self.doubt, together) {
            (None, false) => {
                self.doubt = Some(Doubt::OwnCount);
                Some(Change::Doubted { ahead_ms: self.ahead_ms })
            }
            (Some(Doubt::OwnCount), true) => Some(self.believe("itself", now)),
            (None, true) | (Some(Doubt::OwnCount), false) | (Some(Doubt::NoTime), _) => None,
        };
        let told = self.read(now);
        self.last_ms = told.wall.0;
        if self.doubt.is_none() {
            // Small corrections of the clock are followed, so that they never add up to a jump.
            self.base_ms = self.base_ms.max(told.wall.0 - now.steady_ms);
        }
        (told, change)
    }

    /// A clock from before the release, at a first start, was set right.
    fn has_time(&self, now: Now) -> bool {
        self.doubt == Some(Doubt::NoTime) && now.wall.0 >= RELEASED_MS
    }

    /// The provider's clock was heard, `offset_ms` ahead of the till's time. `proven` where its answer was.
    pub fn hear(&mut self, offset_ms: i64, proven: bool, now: Now) -> Option<Change> {
        self.offset_ms = Some(offset_ms);
        let theirs = self.read(now).wall.0.saturating_add(offset_ms);
        let agrees = |other: i64| theirs.saturating_sub(other).saturating_abs() <= APART_MS;
        let often = if proven { self.heard_alike(offset_ms) } else { 0 };
        let enough = often >= if self.vouched { ALIKE_AGAINST_OWN } else { ALIKE };
        match self.doubt {
            // Two clocks that know nothing of each other agree.
            Some(_) if agrees(now.wall.0) => Some(self.believe("provider", now)),
            Some(_) | None if enough && offset_ms.saturating_abs() > APART_MS => {
                let moved_ms = offset_ms;
                (self.base_ms, self.last_ms) = (theirs - now.steady_ms, theirs);
                (self.vouched, self.offset_ms, self.proven) = (true, Some(0), None);
                let was = self.doubt.replace(Doubt::OwnCount);
                match was {
                    None => Some(Change::Doubted { ahead_ms: now.wall.0.saturating_sub(theirs) }),
                    Some(_) => Some(Change::Believed { by: "provider_time", moved_ms }),
                }
            }
            Some(_) | None => {
                self.vouched |= proven && offset_ms.saturating_abs() <= APART_MS;
                None
            }
        }
    }

    /// How many proven answers in a row, this one counted, were this far ahead.
    fn heard_alike(&mut self, offset_ms: i64) -> u32 {
        let often = match self.proven {
            Some((before, often)) if before.saturating_sub(offset_ms).saturating_abs() <= SAME_MS => {
                often + 1
            }
            Some(_) | None => 1,
        };
        self.proven = Some((offset_ms, often));
        often
    }

    /// A manager says that the computer's clock is right.
    pub fn confirm(&mut self, now: Now) -> Option<Change> {
        let sensible = self.doubt != Some(Doubt::NoTime) || self.has_time(now);
        (self.doubt.is_some() && sensible).then(|| self.believe("manager", now))
    }

    fn believe(&mut self, by: &'static str, now: Now) -> Change {
        let before = self.read(now).wall.0;
        self.doubt = None;
        self.vouched |= by != "itself";
        (self.base_ms, self.last_ms) = (now.wall.0 - now.steady_ms, now.wall.0);
        let moved_ms = now.wall.0.saturating_sub(before);
        self.offset_ms = self.offset_ms.map(|offset| offset.saturating_sub(moved_ms));
        Change::Believed { by, moved_ms }
    }

    pub fn doubt(&self) -> Option<Doubt> {
        self.doubt
    }

    /// How far the computer's clock is ahead of the till's time, as last seen.
    pub fn ahead_ms(&self) -> i64 {
        self.ahead_ms
    }

    pub fn is_vouched(&self) -> bool {
        self.vouched
    }

    pub fn offset_ms(&self) -> Option<i64> {
        self.offset_ms
    }

    /// The same, where it is too much to be right.
    pub fn apart_ms(&self) -> Option<i64> {
        self.offset_ms.filter(|offset| offset.saturating_abs() > APART_MS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MORNING: i64 = 1_795_226_400_000;
    const HOUR: i64 = 3_600_000;
    const YEAR: i64 = 365 * 24 * HOUR;

    fn at(wall: i64, steady_ms: i64) -> Now {
        Now { wall: Timestamp(wall), steady_ms }
    }

    fn running() -> TillClock {
        TillClock::start(at(MORNING, 500), Some(Timestamp(MORNING - HOUR)), true).0
    }

    #[test]
    fn a_jump_of_any_size_either_way_moves_the_tills_time_by_nothing() {
        for jump in [-10 * YEAR, -HOUR, -90_000, 90_000, HOUR, 10 * YEAR] {
            let mut clock = running();

            let (told, change) = clock.tell(at(MORNING + 1_000 + jump, 1_500));

            assert_eq!(told.wall.0, MORNING + 1_000, "{jump}");
            assert_eq!(change, Some(Change::Doubted { ahead_ms: jump }));
            assert_eq!(clock.tell(at(MORNING + 2_000 + jump, 2_500)).0.wall.0, MORNING + 2_000);
            let (back, change) = clock.tell(at(MORNING + 3_000, 3_500));
            assert_eq!(back.wall.0, MORNING + 3_000);
            assert_eq!(change, Some(Change::Believed { by: "itself", moved_ms: 0 }));
        }
    }

    #[test]
    fn small_corrections_are_followed_and_time_never_runs_backwards() {
        let mut clock = running();

        assert_eq!(clock.tell(at(MORNING + 30_000, 1_500)).0.wall.0, MORNING + 30_000);
        let (told, change) = clock.tell(at(MORNING + 10_000, 2_500));
        assert_eq!((told.wall.0, change), (MORNING + 30_000, None));
        // A clock that gains a minute in every hour is corrected hour by hour and is never a jump.
        let (mut wall, mut steady) = (MORNING + 40_000, 12_500);
        for _ in 0..50 {
            (wall, steady) = (wall + HOUR + 59_000, steady + HOUR);
            assert_eq!(clock.tell(at(wall, steady)).1, None);
        }
    }

    #[test]
    fn a_clock_behind_the_journal_or_long_past_it_is_doubted_at_the_start() {
        let last = Some(Timestamp(MORNING));
        for (wall, doubted) in [
            (MORNING - 61_000, true),
            (MORNING - 59_000, false),
            (MORNING + 34 * 24 * HOUR, false),
            (MORNING + 36 * 24 * HOUR, true),
            (0, true),
        ] {
            let (clock, change) = TillClock::start(at(wall, 9), last, true);

            assert_eq!(change.is_some(), doubted, "{wall}");
            assert_eq!(clock.doubt().is_some(), doubted);
            let told = clock.read(at(wall, 9)).wall.0;
            assert_eq!(told, if doubted { MORNING } else { wall.max(MORNING) });
        }
    }

    #[test]
    fn the_providers_clock_ends_the_doubt_whichever_side_it_is_on() {
        // The computer was right: the till had been off for months.
        let (mut clock, _) = TillClock::start(at(MORNING + YEAR, 0), Some(Timestamp(MORNING)), true);
        let change = clock.hear(YEAR, false, at(MORNING + YEAR, 0));
        assert_eq!(change, Some(Change::Believed { by: "provider", moved_ms: YEAR }));
        assert_eq!(clock.read(at(MORNING + YEAR + 5, 5)).wall.0, MORNING + YEAR + 5);

        // The till is right: somebody set the clock back.
        let mut clock = running();
        clock.tell(at(MORNING - HOUR, 600));
        assert_eq!(clock.hear(100, true, at(MORNING - HOUR, 600)), None);
        assert!(clock.doubt().is_some() && clock.is_vouched());

        // Both are wrong: the provider's proven time is the till's from here on.
        let mut clock = running();
        assert_eq!(clock.hear(-90_000, true, at(MORNING + 90, 590)), None, "an old answer played again");
        assert_eq!(clock.hear(3 * HOUR, true, at(MORNING + 95, 595)), None, "once is not enough");
        let change = clock.hear(3 * HOUR, true, at(MORNING + 100, 600));
        assert_eq!(change, Some(Change::Doubted { ahead_ms: -3 * HOUR }));
        assert_eq!(clock.read(at(MORNING + 200, 700)).wall.0, MORNING + 3 * HOUR + 200);
        assert_eq!(clock.offset_ms(), Some(0));
        // The clock is then set right by hand.
        let (_, change) = clock.tell(at(MORNING + 3 * HOUR + 900, 1_400));
        assert_eq!(change, Some(Change::Believed { by: "itself", moved_ms: 0 }));

        let mut clock = running();
        assert_eq!(
            clock.hear(3 * HOUR, false, at(MORNING + 100, 600)),
            None,
            "an unproven time moves nothing"
        );
    }

    #[test]
    fn old_answers_played_again_do_not_move_a_time_that_was_vouched_for() {
        let mut clock = running();
        clock.hear(300, true, at(MORNING + 100, 600));

        for again in 0..5 {
            let now = at(MORNING + 200 + again, 700 + again);
            assert_eq!(clock.hear(-3 * HOUR, true, now), None, "{again}");
        }

        assert_eq!(clock.hear(100, true, at(MORNING + 300, 800)), None);
        assert_eq!(clock.hear(-3 * HOUR, true, at(MORNING + 400, 900)), None, "counted anew");
        assert_eq!(clock.read(at(MORNING + 500, 1_000)).wall.0, MORNING + 500);
        assert!(clock.is_vouched() && clock.doubt().is_none());
    }

    #[test]
    fn a_first_start_with_a_clock_from_before_the_release_waits_for_a_time() {
        let (mut clock, change) = TillClock::start(at(0, 0), None, false);
        assert!(change.is_some());
        assert_eq!(clock.doubt(), Some(Doubt::NoTime));
        assert_eq!(clock.confirm(at(5, 5)), None, "nobody can vouch for 1970");

        clock.tell(at(MORNING, 10));
        assert_eq!(clock.doubt(), Some(Doubt::NoTime), "set, but by whom?");
        assert!(clock.confirm(at(MORNING, 10)).is_some());
        assert_eq!(clock.read(at(MORNING + 5, 15)).wall.0, MORNING + 5);
    }
}
