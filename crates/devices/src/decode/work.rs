//! How much work a picture may cost. Counted in places looked at rather than in time, so that the same picture always gives the
//! same answer. A place is what reading one module with all that follows from it costs, some ten nanoseconds; cheaper work is
//! counted as so much less.

/// What is left to spend.
#[derive(Debug, Clone, Copy)]
pub(super) struct Work {
    left: i64,
}

impl Work {
    /// So many places may be looked at.
    pub fn of(places: usize) -> Work {
        Work { left: i64::try_from(places).unwrap_or(i64::MAX) }
    }

    /// Takes `places` off; the work that crosses the line is still done.
    pub fn spend(&mut self, places: usize) {
        self.left = self.left.saturating_sub(i64::try_from(places).unwrap_or(i64::MAX));
    }

    /// Whether there is any left.
    pub fn is_left(&self) -> bool {
        self.left > 0
    }

    /// A part of what is left: so many places, or all of it.
    pub fn at_most(&self, places: usize) -> Work {
        Work { left: self.left.min(Work::of(places).left) }
    }

    /// Takes off what was spent of a part given out before.
    pub fn settle(&mut self, given: Work, rest: Work) {
        self.left = self.left.saturating_sub(given.left - rest.left);
    }
}
