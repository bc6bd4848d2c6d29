//! A camera on the counter: frames in, scans and a live picture out.
//!
//! Two threads for an open camera. One fetches frames, takes the brightness out of them and puts them in a [`slot`] where the
//! newest wins; the other looks for codes and shows what it sees. Neither waits for the other, and both end with the
//! [`Camera`].
//!
//! Frames live in memory that is used again and again. None of them is written anywhere, and nothing here prints one.

mod eye;
mod jpeg;
mod light;
#[cfg(windows)]
mod media_foundation;
mod mode;
mod motion;
mod once;
mod open;
mod pixels;
mod played;
mod preview;
mod slot;
mod source;
#[cfg(target_os = "linux")]
mod v4l2;
#[cfg(unix)]
mod v4l2_names;
mod watch;

use std::path::PathBuf;
use std::sync::Arc;
use std::thread::{self, JoinHandle};

pub use light::Hint;
pub use mode::Mode;
pub use open::Opened;
pub use pixels::Layout;
pub use preview::{Corners, Preview};
pub use source::{Frame, Source, Why};
pub use watch::{Eye, Seen, Sight};

use crate::{Device, DeviceId, Event};
use open::capture;
use slot::Slot;

/// Which camera to use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    /// The one that reads best of those that are free.
    Best,
    /// This one and no other.
    Only(DeviceId),
    /// A file or folder, played as a camera. For training and tests.
    Played(PathBuf),
}

/// The cameras that are plugged in.
#[must_use]
pub fn cameras() -> Vec<Device> {
    open::list().into_iter().map(|(device, _)| device).collect()
}

/// A camera that is open, or waited for; closed when dropped.
pub struct Camera {
    slot: Arc<Slot>,
    threads: Vec<JoinHandle<()>>,
}

impl Camera {
    /// Opens a camera, and again whenever it was pulled out and comes back.
    ///
    /// `eye` finds the codes. `tell` hears of scans and of the camera coming and going, `show` gets what is to be shown; both on a thread of the
    /// camera's own, which looks at no further frame while they take their time.
    #[must_use]
    pub fn start(
        choice: Choice,
        eye: impl Eye + 'static,
        tell: impl Fn(Event) + Send + 'static,
        show: impl Fn(Sight) + Send + 'static,
    ) -> Camera {
        Camera::of(move || open::open(&choice), eye, tell, show)
    }

    /// The same with frames from `open`, which is asked again after a while when they end.
    #[must_use]
    pub fn of(
        open: impl FnMut() -> Result<Opened, Why> + Send + 'static,
        mut eye: impl Eye + 'static,
        tell: impl Fn(Event) + Send + 'static,
        show: impl Fn(Sight) + Send + 'static,
    ) -> Camera {
        let slot = Arc::new(Slot::default());
        let (fetched, looked) = (Arc::clone(&slot), Arc::clone(&slot));
        let threads = vec![
            thread::spawn(move || capture(&fetched, open)),
            thread::spawn(move || watch::watch(&looked, &mut eye, &tell, &show)),
        ];
        Camera { slot, threads }
    }
}

impl Drop for Camera {
    fn drop(&mut self) {
        self.slot.close();
        for thread in self.threads.drain(..) {
            // Windows may wait for a frame that never comes; and one that closes its own camera cannot wait for itself.
            let own = thread.thread().id() == thread::current().id();
            if !cfg!(windows) && !own {
                let _ = thread.join();
            }
        }
    }
}

#[cfg(test)]
mod camera_tests;
