//! What the till may ask of the line, and what it must notice about it.
//!
//! - A line that has been cut for five seconds is shown as cut, on a till that has been running for as long.
//! - No payment code is charged while the screen says that none is taken.
//! - No storm: while the line is cut about one call in five seconds leaves, and never more than a handful in one second.

use std::collections::VecDeque;

use guitai_sandbox::Verb;

use super::plan::seconds;
use super::watch::{Broken, broken};
use crate::desk::Sent;

/// Within so long a till notices that the line is cut. A call under way keeps it from looking.
const NOTICED_MS: i64 = 5_000;
const MINUTE_MS: i64 = 60_000;
/// One call in five seconds, and those that were under way or begun before the cut was noticed.
const IN_A_MINUTE_CUT: usize = 12 + 3;
/// Calls that leave a little apart, and a cashier who is quick.
const IN_A_SECOND: usize = 10;

#[derive(Debug, Default)]
pub(super) struct LineWatch {
    /// Since when the line is cut.
    cut_since: Option<i64>,
    /// Since when the till runs and waits for nothing.
    on_since: i64,
    was_busy: bool,
    /// Whether it was seen to have noticed.
    noticed: bool,
    /// What left in the last minute.
    left: VecDeque<i64>,
    /// Starts in the last minute: each begins to ask anew.
    starts: VecDeque<i64>,
    /// Whether the screen says that codes are taken.
    pub(super) takes_codes: bool,
}

impl LineWatch {
    pub(super) fn started(&mut self, at_ms: i64) {
        (self.on_since, self.noticed) = (at_ms, false);
        self.starts.push_back(at_ms);
    }

    /// Whether the till cannot notice anything now: a call is under way, its settings are locked, or it sleeps through a night.
    pub(super) fn busy(&mut self, busy: bool, at_ms: i64) {
        if busy || self.was_busy {
            self.on_since = at_ms;
        }
        self.was_busy = busy;
    }

    /// The computer was asleep.
    pub(super) fn slept(&mut self) {
        self.was_busy = true;
        self.left.clear();
    }

    /// The line is as it is now.
    pub(super) fn is(&mut self, cut: bool, at_ms: i64) {
        match (cut, self.cut_since) {
            (true, None) => {
                (self.cut_since, self.noticed) = (Some(at_ms), false);
                self.left.clear();
                self.starts.clear();
            }
            (false, Some(_)) => self.cut_since = None,
            (true, Some(_)) | (false, None) => {}
        }
    }

    pub(super) fn leaves(&mut self, request: &Sent) -> Result<(), Broken> {
        let at_ms = request.at_ms;
        if request.verb == Verb::Pay && !self.takes_codes {
            return broken("no code is charged without a line", format!("at {} one was", seconds(at_ms)));
        }
        self.left.push_back(at_ms);
        for times in [&mut self.left, &mut self.starts] {
            while times.front().is_some_and(|first| at_ms - first >= MINUTE_MS) {
                times.pop_front();
            }
        }
        let in_a_second = self.left.iter().filter(|left| at_ms - **left < 1_000).count();
        if in_a_second > IN_A_SECOND + 2 * self.starts.len() {
            return broken("no storm", format!("{in_a_second} calls left within a second"));
        }
        let allowed = IN_A_MINUTE_CUT + 4 * self.starts.len();
        if self.cut_since.is_some() && self.left.len() > allowed {
            return broken(
                "no storm",
                format!("{} calls left within a minute over a cut line", self.left.len()),
            );
        }
        Ok(())
    }

    /// Whether the screen must say by now that the line is cut.
    pub(super) fn must_be_noticed(&self, at_ms: i64) -> bool {
        let since = self.cut_since.map(|since| since.max(self.on_since));
        !self.noticed && since.is_some_and(|since| at_ms > since + NOTICED_MS)
    }

    pub(super) fn see(&mut self, online: bool, at_ms: i64) -> Result<(), Broken> {
        if self.must_be_noticed(at_ms) && online {
            let since = self.cut_since.unwrap_or(at_ms).max(self.on_since);
            return broken(
                "a cut line is noticed",
                format!("cut for {}, and the screen says nothing", seconds(at_ms - since)),
            );
        }
        self.noticed |= !online;
        Ok(())
    }
}
