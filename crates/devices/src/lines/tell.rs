//! The way out for events.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use crate::Event;

type Listener = Box<dyn Fn(Event) + Send>;

/// Hands events out one at a time, until it is silenced.
#[derive(Clone)]
pub(super) struct Tell(Arc<Mutex<Option<Listener>>>);

impl Tell {
    pub(super) fn new(tell: impl Fn(Event) + Send + 'static) -> Tell {
        Tell(Arc::new(Mutex::new(Some(Box::new(tell)))))
    }

    pub(super) fn event(&self, event: Event) {
        if let Some(tell) = &*self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            tell(event);
        }
    }

    /// When it returns, no call is running and none comes.
    pub(super) fn silence(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

impl fmt::Debug for Tell {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Tell")
    }
}
