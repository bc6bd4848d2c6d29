//! What is remembered of each scanner on a line.

use serde::{Deserialize, Serialize};

use crate::DeviceId;
use crate::serial::{Habits, Rate};

/// What is remembered of a scanner: what a person decided and what was learned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineSettings {
    /// Which one. A port that is no USB device is named by its path: `serial:COM1`, `serial:/dev/ttyS0`.
    pub device: DeviceId,
    /// Whether it is listened to.
    #[serde(default)]
    pub choice: Choice,
    /// The speed of its line. HID scanners have none.
    #[serde(default)]
    pub rate: Rate,
    /// What it sends around codes.
    #[serde(default)]
    pub habits: Habits,
}

impl LineSettings {
    /// Of a scanner nobody has seen.
    #[must_use]
    pub fn new(device: DeviceId) -> LineSettings {
        LineSettings { device, choice: Choice::default(), rate: Rate::default(), habits: Habits::default() }
    }
}

/// Whether a device is listened to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Choice {
    /// When it looks like a scanner.
    #[default]
    ByItself,
    /// A person said that it is one.
    Always,
    /// A person said that it is none.
    Never,
}

/// Why a device that is there cannot be listened to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The system does not let this user: the package's udev rule is missing, or the group `dialout`.
    Permission,
    /// Another program has it.
    Busy,
    /// The system says something else.
    Other,
}
