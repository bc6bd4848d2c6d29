//! Scanners on serial ports and HID scanners: found by themselves, taken up again after they were pulled, remembered by device.
//!
//! A *watcher* looks once a second at what is plugged in, opens what is a scanner, and gives each open one a *listener*, a
//! thread that sleeps until bytes come. Scans are told by the listeners, all else by the watcher, so that what a person sets is
//! never overtaken by what an old listener had learned.

mod clock;
mod listen;
mod settings;
pub(crate) mod source;
mod tell;
mod watch;

use std::sync::mpsc::Sender;
use std::thread::JoinHandle;

pub use settings::{Choice, LineSettings, Refusal};

use crate::Event;
use tell::Tell;
use watch::{Order, Watcher};

/// All scanners on lines. Nothing is told any more once it is dropped.
#[derive(Debug)]
pub struct Lines {
    orders: Sender<Order>,
    tell: Tell,
    watcher: Option<JoinHandle<()>>,
}

impl Lines {
    /// Begins to look for scanners. `tell` is called from other threads, one call at a time; it must not drop the `Lines`.
    #[must_use]
    pub fn start(remembered: Vec<LineSettings>, tell: impl Fn(Event) + Send + 'static) -> Lines {
        let tell = Tell::new(tell);
        let (orders, inbox) = std::sync::mpsc::channel();
        let watcher = Watcher::new(remembered, tell.clone(), orders.clone());
        let watcher =
            std::thread::Builder::new().name("lines".into()).spawn(move || watcher.run(&inbox)).ok();
        Lines { orders, tell, watcher }
    }

    /// Takes over what a person decided about a device, which is listened to anew.
    pub fn set(&self, settings: LineSettings) {
        // The watcher ends only when this is dropped.
        let _ = self.orders.send(Order::Set(Box::new(settings)));
    }

    /// Looks now, without waiting for the next second.
    pub fn look(&self) {
        let _ = self.orders.send(Order::Look);
    }
}

impl Drop for Lines {
    fn drop(&mut self) {
        self.tell.silence();
        let _ = self.orders.send(Order::Stop);
        if let Some(watcher) = self.watcher.take() {
            // It has nothing left to say, not even that it panicked.
            let _ = watcher.join();
        }
    }
}
