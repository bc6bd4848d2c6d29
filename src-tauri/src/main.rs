//! The window: commands, events, capabilities. It passes everything on to the register and decides nothing.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

mod camera;
mod commands;
mod demo;
mod events;
mod sight;
mod windows;

use std::path::PathBuf;
use std::sync::Arc;

use guitai_app::folder::data_root;
use guitai_app::till::{Options, Till, TillError};
use guitai_db::Mode;
use tauri::Manager;
use zeroize::Zeroizing;

/// The till, or why it did not start: every command then says so.
pub(crate) type StartedTill = Result<Till, Arc<TillError>>;

#[expect(clippy::disallowed_types, reason = "Tauri's own macro keeps its assets in a HashMap")]
fn main() {
    let mut builder = tauri::Builder::default();
    let specta = commands::builder();
    builder = builder.invoke_handler(specta.invoke_handler());
    builder
        .on_window_event(commands::pictures::dropped)
        .setup(move |app| {
            specta.mount_events(app);
            let handle = app.handle().clone();
            let demo = demo::Demo::from_environment();
            let options = options();
            let pulse = demo.clone();
            let camera = Arc::new(camera::CameraKeeper::start(&handle, played()));
            let followed = Arc::clone(&camera);
            let changed = move |register: &guitai_app::Register, now: guitai_app::Now| {
                followed.follow(register);
                let (till, display) = (register.till_view(now), register.display_view(now));
                if let Some(demo) = &pulse {
                    demo.note_counter(&till.counter);
                    demo.note_devices(&till.devices);
                }
                events::send(&handle, till, display);
            };
            let runtime = tauri::async_runtime::handle().inner().clone();
            let till = Till::start(&data_folder(), &options, runtime, changed).map_err(Arc::new);
            if let Err(error) = &till {
                let message = error.message();
                eprintln!("{} {}\n{}", message.code, message.zh, message.en);
            }
            app.manage::<StartedTill>(till);
            if let Some(demo) = &demo {
                demo.follow_wallet(app.handle().clone());
            }
            app.manage(demo);
            app.manage(camera);
            windows::open_till(app.handle())?;
            Ok(())
        })
        .run(tauri::generate_context!())
        .expect("the window system");
}

/// Training or real, as the program was asked.
pub(crate) fn mode() -> Mode {
    let training = std::env::args().any(|argument| argument == "--training");
    if training { Mode::Training } else { Mode::Real }
}

/// In training a film or a folder of pictures can stand in for the camera: `GUITAI_CAMERA=play:PATH`.
fn played() -> Option<PathBuf> {
    let asked = std::env::var("GUITAI_CAMERA").ok().filter(|_| mode() == Mode::Training)?;
    asked.strip_prefix("play:").map(PathBuf::from)
}

fn options() -> Options {
    let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    Options {
        mode: mode(),
        sandbox: variable("GUITAI_SANDBOX"),
        passphrase: variable("GUITAI_PASSPHRASE").map(Zeroizing::new),
        actor: ACTOR,
        devices: true,
    }
}

/// Whose entries those of the window are.
pub(crate) const ACTOR: &str = "cashier";

fn data_folder() -> PathBuf {
    data_root()
}
