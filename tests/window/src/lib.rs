//! The real window on a (virtual) display: real key events in, what is on the glass and on the disk out.
//!
//! A [`Stage`] is one running till with a folder of its own. Keys go through X like those of a keyboard or a scanner
//! ([`keyboard`]); the page is read over WebDriver; the records are read from the till's database, read-only.
//! One stage at a time has the keyboard: stages wait for each other across processes.

pub mod bursts;
pub mod dice;
mod drop;
mod input_method;
pub mod keyboard;
pub mod keys;
mod stage;
mod webdriver;

/// Waits. The window is another program with a life of its own; only time lets it get on.
#[expect(clippy::disallowed_methods, reason = "what is waited for happens in another program")]
pub fn pause(ms: u64) {
    std::thread::sleep(std::time::Duration::from_millis(ms));
}

pub use drop::drop_file;
pub use input_method::InputMethod;
pub use stage::{Options, Stage, till};
pub use webdriver::Session;
