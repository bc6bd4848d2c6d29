//! How far it is, and whether somebody wants it to stop.

use std::io::{IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

static STOP: AtomicBool = AtomicBool::new(false);

/// From here on Ctrl-C ends the work after the picture at hand, and what was measured is printed.
pub fn listen() -> anyhow::Result<()> {
    Ok(ctrlc::set_handler(|| {
        if STOP.swap(true, Ordering::Relaxed) {
            std::process::exit(130);
        }
    })?)
}

/// Whether to stop.
pub fn stopped() -> bool {
    STOP.load(Ordering::Relaxed)
}

/// A line on standard error, renewed now and then.
pub struct Progress {
    what: String,
    whole: usize,
    done: usize,
    begun: Instant,
    told: Instant,
}

impl Progress {
    /// Begins to count `whole` pictures.
    pub fn new(what: &str, whole: usize) -> Progress {
        let now = Instant::now();
        Progress { what: what.to_owned(), whole, done: 0, begun: now, told: now }
    }

    /// One more is done.
    pub fn step(&mut self) {
        self.done += 1;
        let terminal = std::io::stderr().is_terminal();
        let pause = Duration::from_secs(if terminal { 1 } else { 20 });
        if self.told.elapsed() < pause && self.done < self.whole {
            return;
        }
        self.told = Instant::now();
        let seconds = self.begun.elapsed().as_secs();
        let left = seconds * (self.whole - self.done) as u64 / self.done as u64;
        let (start, end) = if terminal { ("\r", "    ") } else { ("", "\n") };
        let _ = write!(
            std::io::stderr(),
            "{start}{}: {} of {}, {seconds} s, about {left} s left{end}",
            self.what,
            self.done,
            self.whole
        );
        if terminal && self.done == self.whole {
            eprintln!();
        }
    }
}
