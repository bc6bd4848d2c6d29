//! The line to the provider: whether it is up, and when the next call may leave.
//!
//! While the provider is out of reach only a probe goes out, once in five seconds; while it is reached but gives no usable
//! answer, one call of any kind in five seconds. When it is back, what has piled up leaves a little apart, by chance, so
//! that forty tills on one line do not call in step. A charge is never held back: somebody stands at the counter for it.

/// What the register knows of the line.
#[derive(Debug)]
pub(super) struct Line {
    online: bool,
    /// The last call brought no usable answer.
    troubled: bool,
    /// What was heard last was somebody else in the provider's place.
    stranger: bool,
    /// No call but a charge leaves before this, by the steady clock.
    not_before: i64,
    next_probe_at: Option<i64>,
    /// When to look whether the provider can still be reached; none while looking.
    next_look_at: Option<i64>,
}

/// How a call ended, as far as the line goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ended {
    /// With an answer of the provider's.
    Answered,
    /// Without one that can be used.
    Useless,
    /// No connection.
    OutOfReach,
    /// Somebody else's page in the provider's place: it is as good as out of reach.
    Stranger,
}

/// While the provider is down, one call leaves in this time.
const DOWN_GAP_MS: i64 = 5_000;
/// After this long without an answer the till looks whether the provider can still be reached. With the look's own limit of
/// 1.8 s a broken line is noticed within five seconds.
const LOOK_AFTER_MS: i64 = 3_000;
/// When the line is back, calls leave at least this far apart, and at most twice that.
const SPREAD_MS: u64 = 150;

impl Line {
    pub fn new(steady_ms: i64) -> Line {
        Line {
            online: true,
            troubled: false,
            stranger: false,
            not_before: steady_ms,
            next_probe_at: None,
            next_look_at: None,
        }
    }

    pub fn is_online(&self) -> bool {
        self.online
    }

    /// Whether the provider is reached and answers.
    pub fn is_well(&self) -> bool {
        self.online && !self.troubled
    }

    /// Whether something answers in the provider's place.
    pub fn is_answered_by_a_stranger(&self) -> bool {
        !self.online && self.stranger
    }

    /// When a call about a payment that is due may leave; `None` while the provider is out of reach.
    pub fn open_at(&self) -> Option<i64> {
        self.online.then_some(self.not_before)
    }

    /// When the line itself next wants attention.
    pub fn wake_at(&self) -> Option<i64> {
        self.next_probe_at.into_iter().chain(self.next_look_at).min()
    }

    /// A call leaves now. `chance` is any number.
    pub fn call_left(&mut self, steady_ms: i64, chance: u64) {
        let apart = if self.is_well() {
            i64::try_from(SPREAD_MS + chance % SPREAD_MS).unwrap_or(0)
        } else {
            DOWN_GAP_MS
        };
        self.not_before = steady_ms + apart;
        // A call may hang for long on a line that breaks under it, and many may leave one after another: the look goes on.
        if self.online {
            self.next_look_at.get_or_insert(steady_ms + LOOK_AFTER_MS);
        }
    }

    /// A call or a look has ended. Returns whether the line is up or down since.
    pub fn call_ended(&mut self, ended: Ended, steady_ms: i64) -> bool {
        let was_online = self.online;
        match ended {
            Ended::Answered => {
                if !self.is_well() {
                    self.not_before = steady_ms;
                }
                (self.online, self.troubled, self.stranger, self.next_probe_at) = (true, false, false, None);
            }
            Ended::Useless => {
                self.troubled = true;
                // Silence says nothing about a line that is down: the probe goes on.
                if !self.online {
                    self.next_probe_at = Some(steady_ms + DOWN_GAP_MS);
                }
            }
            Ended::OutOfReach | Ended::Stranger => {
                self.online = false;
                self.stranger = ended == Ended::Stranger;
                self.next_probe_at = Some(steady_ms + DOWN_GAP_MS);
            }
        }
        self.next_look_at = self.online.then_some(steady_ms + LOOK_AFTER_MS);
        self.online != was_online
    }

    /// Looks after `LOOK_AFTER_MS`, from a start without any call.
    pub fn begin(&mut self, steady_ms: i64) {
        self.next_look_at = Some(steady_ms + LOOK_AFTER_MS);
    }

    /// Whether it is time for a probe; it counts as made.
    pub fn take_probe(&mut self, steady_ms: i64) -> bool {
        let due = self.next_probe_at.is_some_and(|at| at <= steady_ms);
        if due {
            self.next_probe_at = None;
        }
        due
    }

    /// A whole question is to be asked at once.
    pub fn probe_now(&mut self, steady_ms: i64) {
        self.next_probe_at = Some(steady_ms);
    }

    /// Whether it is time to look; it counts as begun.
    pub fn take_look(&mut self, steady_ms: i64) -> bool {
        let due = self.next_look_at.is_some_and(|at| at <= steady_ms);
        if due {
            self.next_look_at = None;
        }
        due
    }

    /// A look found the provider in reach, or not.
    pub fn looked(&mut self, reached: bool, steady_ms: i64) -> bool {
        if reached {
            self.next_look_at = self.online.then_some(steady_ms + LOOK_AFTER_MS);
            return false;
        }
        if !self.online {
            return false;
        }
        self.call_ended(Ended::OutOfReach, steady_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_breaks_while_nothing_is_sold_is_noticed_within_five_seconds() {
        let mut line = Line::new(0);
        line.begin(0);

        assert_eq!(line.wake_at(), Some(3_000));
        assert!(!line.take_look(2_999) && line.take_look(3_000));
        assert!(line.looked(false, 4_800), "noticed");
        assert!(!line.is_online());
        assert_eq!(line.open_at(), None, "nothing but the probe leaves");
        assert_eq!(line.wake_at(), Some(9_800));
        assert!(line.take_probe(9_800));
        assert!(line.call_ended(Ended::Answered, 9_900), "and back by itself");
        assert_eq!(line.open_at(), Some(9_900));
    }

    #[test]
    fn a_call_under_way_puts_no_look_off_and_brings_one() {
        let mut line = Line::new(0);
        line.call_left(0, 7);
        assert_eq!(line.wake_at(), Some(3_000), "should it hang, somebody looks");
        line.call_left(2_900, 7);
        assert!(line.take_look(3_000), "the next call does not put that off");
        assert!(!line.looked(true, 3_100));
        assert!(line.take_look(6_100), "and again for as long as it hangs");

        assert!(line.looked(false, 7_900), "noticed");
        line.call_left(12_900, 7);
        assert!(!line.take_look(i64::MAX), "while the line is down the probe does that");
    }

    #[test]
    fn one_call_in_five_seconds_while_the_provider_gives_no_usable_answer() {
        let mut line = Line::new(0);
        line.call_left(0, 7);
        line.call_ended(Ended::Useless, 100);

        line.call_left(1_000, 7);
        assert_eq!(line.open_at(), Some(6_000));
        line.call_ended(Ended::Answered, 1_200);
        assert_eq!(line.open_at(), Some(1_200), "an answer opens it at once");
    }

    #[test]
    fn what_has_piled_up_leaves_a_little_apart() {
        let mut line = Line::new(0);
        let mut left_at = vec![];
        let mut now = 0;
        for chance in [3, 149, 77, 12] {
            line.call_left(now, chance);
            left_at.push(now);
            now = line.open_at().expect("online");
        }

        assert!(left_at.windows(2).all(|pair| (150..300).contains(&(pair[1] - pair[0]))), "{left_at:?}");
    }
}
