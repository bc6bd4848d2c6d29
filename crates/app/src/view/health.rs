//! The health page, and what is said where the till does not start.

use serde::Serialize;
use specta::Type;

use super::MessageView;

/// The health page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct HealthView {
    /// One row for each thing that is watched.
    pub checks: Vec<HealthCheck>,
}

/// One thing that is watched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct HealthCheck {
    /// What it is: `network`, `provider`, `clock`, `database`, `disk`, `journal`, `witness`, `backup`, `inDoubt`,
    /// `version`.
    pub name: String,
    /// How it stands.
    pub level: HealthLevel,
    /// What was found, and what to do if it is not well.
    pub message: MessageView,
}

/// A traffic light with words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub enum HealthLevel {
    /// Well.
    Good,
    /// Wants a look.
    Warning,
    /// Wants mending.
    Bad,
}

/// Why the till did not start, and what can be done about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct StartTroubleView {
    /// What is the matter.
    pub message: MessageView,
    /// What could be restored.
    pub offer: Option<OfferView>,
    /// Why nothing can be restored although the data is damaged.
    pub no_offer: Option<MessageView>,
}

/// What could be restored where a till's data is damaged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct OfferView {
    /// What there is.
    pub found: MessageView,
    /// What is missing from it, as far as is known.
    pub lacks: MessageView,
}
