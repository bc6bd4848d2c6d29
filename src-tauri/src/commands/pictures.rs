//! A picture that a customer sent: chosen, pasted or dropped on the window. The window has no right to any file.

use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use guitai_app::picture::{BYTES_MAX, Picture, PictureSource};
use guitai_app::view::CommandError;
use tauri::{AppHandle, DragDropEvent, Manager, State, Window, WindowEvent};
use zeroize::Zeroizing;

use super::{Answer, running};
use crate::{StartedTill, windows};

/// Charges the payment code in a picture that was chosen; `data` is the file in Base64.
#[tauri::command]
#[specta::specta]
pub async fn scan_picture(till: State<'_, StartedTill>, data: String) -> Answer<()> {
    let data = Zeroizing::new(data);
    // What is no Base64 is no picture either.
    let bytes = STANDARD.decode(data.as_bytes()).unwrap_or_default();
    running(&till)?.scan_picture(PictureSource::File, Picture::File(Zeroizing::new(bytes))).await
}

/// Charges the payment code in the picture that the clipboard holds.
#[tauri::command]
#[specta::specta]
pub async fn scan_clipboard(till: State<'_, StartedTill>) -> Answer<()> {
    let till = running(&till)?;
    till.takes_pictures().await?;
    let picture = tauri::async_runtime::spawn_blocking(clipboard).await.ok().flatten();
    let picture = picture.ok_or_else(guitai_app::picture::nothing_pasted)?;
    till.scan_picture(PictureSource::Clipboard, picture).await
}

fn clipboard() -> Option<Picture> {
    let image = arboard::Clipboard::new().ok()?.get_image().ok()?;
    let (width, height) = (image.width, image.height);
    Some(Picture::Rgba { width, height, bytes: Zeroizing::new(image.bytes.into_owned()) })
}

/// A file dropped on the cashier's window is read here: the page learns neither its name nor its content.
pub(crate) fn dropped(window: &Window, event: &WindowEvent) {
    let WindowEvent::DragDrop(DragDropEvent::Drop { paths, .. }) = event else { return };
    if window.label() != windows::TILL {
        return;
    }
    let (app, paths) = (window.app_handle().clone(), paths.clone());
    tauri::async_runtime::spawn(async move { take(&app, paths).await });
}

async fn take(app: &AppHandle, paths: Vec<PathBuf>) {
    let till = app.state::<StartedTill>();
    let Ok(till) = till.as_ref() else { return };
    let taken = match paths.as_slice() {
        [path] => {
            let path = path.clone();
            match tauri::async_runtime::spawn_blocking(move || file(&path)).await {
                Ok(picture) => till.scan_picture(PictureSource::File, picture).await,
                Err(_) => Err(guitai_app::picture::unreadable()),
            }
        }
        _ => Err(guitai_app::picture::one_at_a_time()),
    };
    if let Err(CommandError { message }) = taken {
        let _ = till.ask(move |register, _| register.refuse_picture(message)).await;
    }
}

/// No more is read than a picture may have; what cannot be read is none.
fn file(path: &Path) -> Picture {
    use std::io::Read as _;

    let mut bytes = Zeroizing::new(Vec::new());
    let limit = u64::try_from(BYTES_MAX).unwrap_or(u64::MAX).saturating_add(1);
    let read = std::fs::File::open(path).and_then(|file| file.take(limit).read_to_end(&mut bytes));
    if read.is_err() {
        bytes.clear();
    }
    Picture::File(bytes)
}
