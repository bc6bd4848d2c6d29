//! What the screens show of the devices that read codes.

use serde::{Deserialize, Serialize};
use specta::Type;

use super::{HealthLevel, MessageView, MethodView};

/// The devices, and the page on which they are tried.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct DevicesView {
    /// Whether the test page is open: no scan charges anything then.
    pub testing: bool,
    /// Each device that is there, or was, or is in trouble. A scanner in keyboard mode is none: it is a keyboard.
    pub rows: Vec<DeviceRow>,
    /// What the test page saw last.
    pub tested: Option<TestedView>,
    /// What a device, not the keyboard, has read last on the cashier's behalf; rises with each scan that was followed.
    pub read: Option<ReadView>,
}

/// How a device reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub enum DeviceKind {
    /// A scanner on a serial port.
    Serial,
    /// A scanner that sends HID reports.
    Hid,
    /// A camera.
    Camera,
    /// A picture file or the clipboard.
    Picture,
}

/// One device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct DeviceRow {
    /// Which one: the same over unplugging and restarts.
    pub id: String,
    /// How it reads.
    pub kind: DeviceKind,
    /// What its maker calls it.
    pub name: String,
    /// How it stands.
    pub level: HealthLevel,
    /// How it stands, in words, and what to do.
    pub message: MessageView,
}

/// A scan on the test page. Nothing of its text: it may be a payment code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct TestedView {
    /// Rises with each scan.
    pub serial: u32,
    /// By which device.
    pub device: MessageView,
    /// How many characters it had.
    pub characters: u32,
    /// What it is, and whether that is as it should be.
    pub what: MessageView,
    /// Whether it is whole and of a kind the till knows.
    pub good: bool,
    /// Whose payment code it is, where it is one.
    pub method: Option<MethodView>,
}

/// What a device read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct ReadView {
    /// Rises with each scan.
    pub serial: u32,
    /// The sale to open, when it was one of this till's receipts.
    pub sale: Option<String>,
}

/// Whether a port is listened to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub enum PortChoice {
    /// When it looks like a scanner.
    ByItself,
    /// A person said that it is one.
    Always,
    /// A person said that it is none.
    Never,
}

/// A serial port a scanner may be on, or a device that was decided about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct PortView {
    /// Which one: the same over unplugging and restarts.
    pub id: String,
    /// How the system names the port, such as `COM3`, while it is there.
    pub path: Option<String>,
    /// What its maker calls it.
    pub name: String,
    /// What was decided.
    pub choice: PortChoice,
    /// Whether it looks like a scanner.
    pub likely: bool,
    /// Whether it is plugged in.
    pub here: bool,
}
