//! The real window on a (virtual) display: real key events in, what is on the glass and on the disk out.
//!
//! A [`Stage`] is one running till with a folder of its own. Keys go through X like those of a keyboard or a scanner
//! ([`keyboard`]); the page is read over WebDriver; the records are read from the till's database, read-only.
//! One stage at a time has the keyboard: stages wait for each other across processes.

pub mod keyboard;
mod stage;
mod webdriver;

pub use stage::{Options, Stage, till};
pub use webdriver::Session;
