//! The one clock of the lines.

use std::time::{Duration, Instant};

/// Time since it was made.
#[derive(Debug, Clone, Copy)]
pub(super) struct Clock(Instant);

impl Clock {
    #[expect(
        clippy::disallowed_methods,
        reason = "a listener's thread is the edge: it must say when bytes came"
    )]
    pub(super) fn new() -> Clock {
        Clock(Instant::now())
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "a listener's thread is the edge: it must say when bytes came"
    )]
    pub(super) fn now(self) -> Duration {
        self.0.elapsed()
    }
}
