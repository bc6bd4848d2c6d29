//! Scanners on serial ports and HID scanners, found by themselves and taken up again.

mod settings;

pub use settings::{Choice, LineSettings, Refusal};
