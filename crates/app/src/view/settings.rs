//! The settings page.

use serde::{Deserialize, Serialize};
use specta::Type;

use super::{Language, MessageView};

/// The settings page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct SettingsView {
    /// The language.
    pub language: Language,
    /// The shop's name, 1 to 32 characters.
    pub shop_name: String,
    /// The till's name, 1 to 16 characters.
    pub till_name: String,
    /// From this amount on a second Enter is asked.
    pub confirm_above: String,
    /// Largest median gap between keys, in ms, that counts as a scanner (default 35).
    pub scanner_gap_ms: u32,
    /// Whether a camera may look for payment codes (default: no).
    pub camera_on: bool,
    /// Which camera: `auto` for the one that reads best, or a camera's id.
    pub camera: String,
    /// The shop's zone.
    pub zone: String,
    /// The business day's cut-off, `04:00`.
    pub cutoff: String,
    /// The provider settings that are stored, secrets left out.
    pub provider: Option<ProviderView>,
    /// Whether this is training.
    pub training: bool,
    /// The till's id.
    pub till_id: String,
    /// The program's version.
    pub version: String,
    /// Where the till keeps its data.
    pub data_folder: String,
}

/// One change of a setting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(tag = "setting", content = "value", rename_all = "camelCase")]
pub enum SettingChange {
    /// The language.
    Language(Language),
    /// The shop's name.
    ShopName(String),
    /// The till's name.
    TillName(String),
    /// From this amount on a second Enter is asked, as typed.
    ConfirmAbove(String),
    /// Largest median gap in ms that counts as a scanner, 5 to 60.
    ScannerGapMs(u32),
    /// Whether a camera may look for payment codes.
    CameraOn(bool),
    /// Which camera: `auto`, or a camera's id.
    Camera(String),
}

/// Stored provider settings, secrets left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct ProviderView {
    /// `wechat-pay-v3` or `wechat-pay-v2`.
    pub kind: String,
    /// The merchant's number, masked in the middle.
    pub merchant: String,
    /// The app id, masked in the middle.
    pub app: String,
    /// Where the secrets are kept: the system's own store, or a sealed file.
    pub secrets_in: String,
}

/// The result of "test my settings".
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct ProviderTestView {
    /// Whether everything worked.
    pub passed: bool,
    /// What was found, and what to do.
    pub message: MessageView,
    /// How long the provider took, in ms.
    pub took_ms: u32,
}
