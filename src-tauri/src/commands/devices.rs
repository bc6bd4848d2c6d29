//! The devices that read codes: tried, listed, chosen.

use guitai_app::view::{PortChoice, PortView};
use tauri::State;

use super::{Answer, running};
use crate::StartedTill;

/// Opens or closes the page on which scanners are tried. While it is open no scan charges anything.
#[tauri::command]
#[specta::specta]
pub async fn test_scanners(till: State<'_, StartedTill>, open: bool) -> Answer<()> {
    running(&till)?.ask(move |register, _| register.test_scanners(open)).await
}

/// A scanner in keyboard mode read `text` on the page on which scanners are tried: it is looked at and charges nothing.
#[tauri::command]
#[specta::specta]
pub async fn try_scan(till: State<'_, StartedTill>, text: String) -> Answer<()> {
    // The text may be a payment code: wiped when the register is done with it.
    let text = zeroize::Zeroizing::new(text);
    running(&till)?.ask(move |register, now| register.try_scan(&text, "keyboard", now)).await
}

/// The ports a scanner may be on.
#[tauri::command]
#[specta::specta]
pub async fn ports(till: State<'_, StartedTill>) -> Answer<Vec<PortView>> {
    running(&till)?.ports().await
}

/// Says whether a port is listened to, and answers with all ports.
#[tauri::command]
#[specta::specta]
pub async fn choose_port(
    till: State<'_, StartedTill>,
    id: String,
    choice: PortChoice,
) -> Answer<Vec<PortView>> {
    running(&till)?.choose_port(&id, choice).await
}
