//! What the windows hear without asking.

use guitai_app::view::{DisplayView, TillView};
use serde::Serialize;
use specta::Type;
use tauri::AppHandle;
use tauri_specta::Event;

/// Something on the cashier's screen has changed.
#[derive(Debug, Clone, Serialize, Type, Event)]
pub struct TillChanged(pub TillView);

/// Something on the customer's display has changed.
#[derive(Debug, Clone, Serialize, Type, Event)]
pub struct DisplayChanged(pub DisplayView);

/// Sends both views, each to its own window only.
pub(crate) fn send(app: &AppHandle, till: TillView, display: DisplayView) {
    // A window that is not open hears nothing; it asks for its view when it opens.
    let _ = TillChanged(till).emit_to(app, crate::windows::TILL);
    let _ = DisplayChanged(display).emit_to(app, crate::windows::DISPLAY);
}
