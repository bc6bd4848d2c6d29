//! The three windows. Each loads one page of our own and can go nowhere else.

use tauri::{AppHandle, Manager, WebviewUrl, WebviewWindow, WebviewWindowBuilder};

/// The cashier's window.
pub(crate) const TILL: &str = "main";
/// The customer's display.
pub(crate) const DISPLAY: &str = "display";
/// The trainee's wallet.
pub(crate) const WALLET: &str = "wallet";

/// Opens the cashier's window.
pub(crate) fn open_till(app: &AppHandle) -> tauri::Result<WebviewWindow> {
    build(app, TILL, "index.html", "Guitai 柜台", (1366.0, 768.0))
}

/// Opens the trainee's wallet, or brings it to the front.
pub(crate) fn open_wallet(app: &AppHandle) -> tauri::Result<()> {
    open_once(app, WALLET, "wallet.html", "Guitai 培训钱包", (440.0, 760.0)).map(|_| ())
}

/// Opens the customer's display, on the second screen where there is one.
pub(crate) fn open_display(app: &AppHandle) -> tauri::Result<()> {
    let window = open_once(app, DISPLAY, "display.html", "Guitai 顾客屏", (1024.0, 600.0))?;
    let current = app.get_webview_window(TILL).and_then(|till| till.current_monitor().ok().flatten());
    let monitors = window.available_monitors()?;
    let other =
        monitors.iter().find(|monitor| current.as_ref().is_none_or(|it| it.position() != monitor.position()));
    if let Some(monitor) = other.filter(|_| monitors.len() > 1) {
        window.set_position(*monitor.position())?;
        window.set_fullscreen(true)?;
    }
    Ok(())
}

fn open_once(
    app: &AppHandle,
    label: &str,
    page: &str,
    title: &str,
    size: (f64, f64),
) -> tauri::Result<WebviewWindow> {
    match app.get_webview_window(label) {
        Some(window) => {
            window.set_focus()?;
            Ok(window)
        }
        None => build(app, label, page, title, size),
    }
}

fn build(
    app: &AppHandle,
    label: &str,
    page: &str,
    title: &str,
    size: (f64, f64),
) -> tauri::Result<WebviewWindow> {
    let window = WebviewWindowBuilder::new(app, label, WebviewUrl::App(page.into()))
        .title(title)
        .inner_size(size.0, size.1)
        .zoom_hotkeys_enabled(false)
        .on_navigation(|url| {
            matches!((url.scheme(), url.host_str()), ("tauri", _) | ("http", Some("tauri.localhost")))
        })
        .build()?;
    Ok(window)
}
