//! What the screens know of the camera.

use serde::Serialize;
use specta::Type;

/// Whether the camera may look, and does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub enum CameraUse {
    /// Switched off: it is not opened whatever happens.
    Off,
    /// Switched on, with nothing to look for: it is closed.
    Resting,
    /// A payment code is awaited: it is open, and the screen shows what it sees.
    Looking,
}
