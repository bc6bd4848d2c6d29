//! Bytes, reports, frames and pictures in, scans out.
//!
//! A *device* is whatever reads a code off a phone: a scanner on a serial port, a scanner that sends HID reports, a
//! camera, or a picture somebody hands over. Each of them ends in the same two events, a whole [`Scan`] or a broken one, and
//! none of them knows what the text means: that is the register's to say. A scanner in keyboard mode types into the
//! window, and is heard there.

pub mod camera;
pub mod decode;
pub mod hid;
pub mod lines;
pub mod picture;
pub mod serial;

use std::fmt;

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// What stands in a code that a device read.
///
/// It may be a payment code, which is as good as money for a minute: it prints as `***` and is wiped when dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct ScanText(Zeroizing<String>);

impl ScanText {
    /// Takes `text` over.
    #[must_use]
    pub fn new(text: String) -> ScanText {
        ScanText(Zeroizing::new(text))
    }

    /// The text itself, for the one place that must act on it.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ScanText {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("***")
    }
}

/// How a device reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A scanner on a serial port (COM, CDC-ACM, FTDI).
    Serial,
    /// A scanner that sends HID POS reports (usage page 0x8C).
    Hid,
    /// A camera.
    Camera,
    /// A picture file or the clipboard.
    Picture,
}

/// A device, the same over unplugging and restarts: `serial:0403:6001:A50285BI`, `camera:046d:0825:usb-1.2`.
///
/// Made of what the device says of itself, and of the place it is plugged in where it says too little.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct DeviceId(pub String);

/// A device that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    /// Which one.
    pub id: DeviceId,
    /// How it reads.
    pub kind: Kind,
    /// What its maker calls it, to be shown.
    pub name: String,
}

/// A code was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scan {
    /// By which device.
    pub device: DeviceId,
    /// What stands in it.
    pub text: ScanText,
}

/// What devices tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A code was read, whole.
    Scan(Scan),
    /// Part of a code came, and then nothing or nonsense: none of it may be used.
    Broken(DeviceId),
    /// A device is there and ready.
    Here(Device),
    /// A device is gone: pulled out or switched off.
    Gone(DeviceId),
    /// A device is there and cannot be listened to. It is tried again, and [`Event::Here`] follows when that works.
    Refused {
        /// Which one.
        device: Device,
        /// Why.
        why: lines::Refusal,
    },
    /// A scanner's habits or speed were learned: to be kept, and handed in at the next start.
    Learned(lines::LineSettings),
}
