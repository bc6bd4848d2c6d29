//! Something that can be read until it goes away or somebody wants no more.

use std::io;
use std::time::Duration;

/// What a wait for bytes came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Got {
    /// So many bytes are in the buffer.
    Bytes(usize),
    /// Nothing came in the time given.
    Nothing,
    /// Somebody wants no more.
    Stop,
}

/// A serial port, or a HID scanner.
pub(crate) trait Source {
    /// Waits for bytes, for ever where no time is given.
    ///
    /// # Errors
    /// It is gone.
    fn read(&mut self, buffer: &mut [u8], stop: &Stop, patience: Option<Duration>) -> io::Result<Got>;
}

pub(crate) use imp::Stop;
#[cfg(not(windows))]
pub(crate) use imp::{Ready, wait};

#[cfg(not(windows))]
mod imp {
    use std::io;
    use std::os::fd::{AsFd, OwnedFd};
    use std::sync::Arc;
    use std::time::Duration;

    use rustix::event::{EventfdFlags, PollFd, PollFlags, Timespec, eventfd, poll};

    /// Wakes a reader for good.
    #[derive(Debug, Clone)]
    pub(crate) struct Stop(Arc<OwnedFd>);

    impl Stop {
        pub(crate) fn new() -> io::Result<Stop> {
            Ok(Stop(Arc::new(eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?)))
        }

        pub(crate) fn stop(&self) {
            // It fails only when it was told so often that the counter is full.
            let _ = rustix::io::write(&*self.0, &1_u64.to_ne_bytes());
        }
    }

    /// What there is to do about `source`.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub(crate) enum Ready {
        Read,
        Nothing,
        Stop,
    }

    /// Waits until `source` has bytes or is gone, without a single look in between.
    pub(crate) fn wait(source: impl AsFd, stop: &Stop, patience: Option<Duration>) -> io::Result<Ready> {
        let patience = patience.and_then(|patience| Timespec::try_from(patience).ok());
        let source = source.as_fd();
        let mut both = [PollFd::new(&source, PollFlags::IN), PollFd::new(&*stop.0, PollFlags::IN)];
        match poll(&mut both, patience.as_ref()) {
            Ok(_) if !both[1].revents().is_empty() => Ok(Ready::Stop),
            // A source that is gone says so when it is read.
            Ok(_) if !both[0].revents().is_empty() => Ok(Ready::Read),
            Ok(_) | Err(rustix::io::Errno::INTR) => Ok(Ready::Nothing),
            Err(error) => Err(error.into()),
        }
    }
}

#[cfg(windows)]
mod imp {
    use std::io;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::time::Duration;

    /// Asks a reader to end: it looks up at least every half second.
    #[derive(Debug, Clone)]
    pub(crate) struct Stop(Arc<AtomicBool>);

    impl Stop {
        pub(crate) const LOOK_UP: Duration = Duration::from_millis(500);

        pub(crate) fn new() -> io::Result<Stop> {
            Ok(Stop(Arc::default()))
        }

        pub(crate) fn stop(&self) {
            self.0.store(true, Ordering::Relaxed);
        }

        pub(crate) fn is_stopped(&self) -> bool {
            self.0.load(Ordering::Relaxed)
        }

        /// How long to wait before looking up.
        pub(crate) fn patience(patience: Option<Duration>) -> Duration {
            patience.unwrap_or(Stop::LOOK_UP).min(Stop::LOOK_UP)
        }
    }
}
