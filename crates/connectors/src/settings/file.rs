//! The settings file as it is written: every field a text, wiped when dropped.

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::SettingsError;

/// A text from the file. All are wiped: which of them are secret is no question to get wrong.
pub(super) type Text = Zeroizing<String>;

/// The fields of every kind; which of them must be there depends on `kind`.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SettingsFile {
    #[serde(default)]
    pub(super) kind: Text,
    pub(super) mchid: Option<Text>,
    pub(super) appid: Option<Text>,
    pub(super) store_code: Option<Text>,
    pub(super) device_ip: Option<Text>,
    pub(super) merchant_certificate: Option<Text>,
    pub(super) merchant_private_key: Option<Text>,
    pub(super) apiv3_key: Option<Text>,
    pub(super) public_key_id: Option<Text>,
    pub(super) public_key: Option<Text>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) platform_certificates: Vec<Text>,
    pub(super) apiv2_key: Option<Text>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) hosts: Vec<Text>,
    pub(super) extra_ca: Option<Text>,
}

impl SettingsFile {
    /// Reads TOML. The parser's own message is dropped: it quotes the line, and the line may hold a key.
    pub(super) fn parse(text: &str) -> Result<SettingsFile, SettingsError> {
        toml::from_str(text).map_err(|error| {
            let start = error.span().map_or(0, |span| span.start.min(text.len()));
            let line = 1 + text.as_bytes()[..start].iter().filter(|byte| **byte == b'\n').count();
            SettingsError::NotToml { line }
        })
    }

    /// Writes it whole, secrets included: for the secret store only.
    pub(super) fn to_toml(&self) -> Zeroizing<String> {
        Zeroizing::new(toml::to_string(self).expect("texts and lists of texts are always TOML"))
    }
}
