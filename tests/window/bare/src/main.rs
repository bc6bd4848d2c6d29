//! A window with one page and nothing else: what the till's window is measured against.
//!
//! `ready` appears in `GUITAI_DEMO_DIR` when the page is painted, as with the till. For each line on standard input the
//! page is told a tick; standard output says how long ticks and keys took, in microseconds.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};
use std::{env, fs, io, thread};

use tauri::{Emitter, WebviewUrl, WebviewWindowBuilder};

#[expect(clippy::disallowed_types, reason = "Tauri's own macro keeps its assets in a HashMap")]
fn main() {
    tauri::Builder::default()
        .invoke_handler(tauri::generate_handler![ready, heard_key, painted])
        .setup(|app| {
            let window = WebviewWindowBuilder::new(app, "main", WebviewUrl::App("index.html".into()))
                .title("Guitai bare window")
                .inner_size(1366.0, 768.0)
                .build()?;
            thread::spawn(move || {
                for _ in io::stdin().lines() {
                    let _ = window.emit_to("main", "tick", now_us());
                }
            });
            Ok(())
        })
        .run(tauri::generate_context!())
        .expect("the window system");
}

/// The page is painted.
#[tauri::command]
async fn ready() {
    if let Some(folder) = env::var_os("GUITAI_DEMO_DIR").map(PathBuf::from) {
        let written = fs::write(folder.join("ready.draft"), "ready");
        let _ = written.and_then(|()| fs::rename(folder.join("ready.draft"), folder.join("ready")));
    }
}

/// Enter went down at `at`.
#[tauri::command]
async fn heard_key(at: i64) {
    println!("key {}", now_us() - at);
}

/// The tick of `sent` was on the glass at `at`.
#[tauri::command]
async fn painted(sent: i64, at: i64) {
    println!("tick {}", at - sent);
}

#[expect(clippy::disallowed_methods, reason = "a yardstick asks the clock")]
fn now_us() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
}
