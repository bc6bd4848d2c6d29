//! A till that did not start: what is the matter, what can be restored, and another try.

use std::sync::Arc;

use guitai_app::driver::wall_clock;
use guitai_app::folder::data_root;
use guitai_app::trouble;
use guitai_app::view::{CommandError, MessageView, StartTroubleView};
use tauri::{AppHandle, State};

use super::Answer;
use crate::{ACTOR, StartedTill, mode};

/// Why the till did not start, and what could be restored; none where it runs.
#[tauri::command]
#[specta::specta]
pub(super) async fn start_trouble(till: State<'_, StartedTill>) -> Answer<Option<StartTroubleView>> {
    let Err(error) = till.as_ref() else { return Ok(None) };
    let error = Arc::clone(error);
    // Every backup is read for this.
    aside(move || Some(trouble::look(&data_root(), mode(), &error))).await
}

/// Restores what can be had back, and says what that is. Refused while the till runs.
#[tauri::command]
#[specta::specta]
pub(super) async fn restore() -> Answer<MessageView> {
    aside(|| trouble::restore(&data_root(), mode(), ACTOR, wall_clock())).await?
}

/// Ends the program and starts it anew. Refused while the till runs.
#[tauri::command]
#[specta::specta]
pub(super) async fn start_again(app: AppHandle, till: State<'_, StartedTill>) -> Answer<()> {
    if till.is_err() {
        app.request_restart();
    }
    Ok(())
}

async fn aside<T: Send + 'static>(job: impl FnOnce() -> T + Send + 'static) -> Answer<T> {
    tauri::async_runtime::spawn_blocking(job).await.map_err(|error| CommandError {
        message: MessageView { code: "G-99".to_owned(), zh: error.to_string(), en: error.to_string() },
    })
}
