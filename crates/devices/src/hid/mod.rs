//! HID POS scanners (usage page 0x8C): raw reports, no keyboard.

mod descriptor;
mod report;
#[cfg_attr(windows, path = "wire_windows.rs")]
#[cfg_attr(not(windows), path = "wire_linux.rs")]
mod wire;

pub use descriptor::Layout;
pub use report::Assembler;
pub(crate) use wire::{Wire, scanners};

use crate::Device;

/// The HID scanners of this computer, for a person to choose from.
#[must_use]
pub fn present() -> Vec<Device> {
    scanners().into_iter().map(|seen| seen.device).collect()
}

/// A HID scanner that is plugged in.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub device: Device,
    pub path: String,
    pub layout: Layout,
}

#[cfg(test)]
mod tests;
