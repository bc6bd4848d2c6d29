//! A seam for demonstrations and scripts, in training only: four small files say what a person would see.
//!
//! With `GUITAI_DEMO_DIR` set, `ready` appears when the window is usable, `counter` holds the name of the counter's
//! state, `wallet-code` the training wallet's code, and `devices` a line for each device that reads codes. A real till ignores
//! the variable.

use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use guitai_app::training::Training;
use guitai_app::view::{CounterView, DevicesView, HealthLevel};
use tauri::{AppHandle, Manager};

use crate::StartedTill;

/// How long the file may show a code that the wallet no longer shows.
const WALLET_LATE: Duration = Duration::from_millis(500);

/// Where the files go.
#[derive(Clone)]
pub(crate) struct Demo {
    folder: Arc<PathBuf>,
    /// The devices, as they stand in their file.
    devices: Arc<Mutex<Option<DevicesView>>>,
}

impl Demo {
    /// From the environment, in training only.
    pub fn from_environment() -> Option<Demo> {
        let training = std::env::args().any(|argument| argument == "--training");
        let folder = std::env::var_os("GUITAI_DEMO_DIR").filter(|_| training)?;
        Some(Demo { folder: Arc::new(PathBuf::from(folder)), devices: Arc::default() })
    }

    /// The window is usable.
    pub fn note_ready(&self) {
        self.write("ready", "ready");
    }

    /// The counter's state.
    pub fn note_counter(&self, counter: &CounterView) {
        let name = match counter {
            CounterView::Idle => "idle",
            CounterView::Entering { .. } => "entering",
            CounterView::Confirming { .. } => "confirming",
            CounterView::Armed { .. } => "armed",
            CounterView::Cash { .. } => "cash",
            CounterView::Charging { .. } => "charging",
            CounterView::AwaitingPayer { .. } => "awaitingPayer",
            CounterView::Captured { .. } => "captured",
            CounterView::Declined { .. } => "declined",
            CounterView::InDoubt { .. } => "inDoubt",
            CounterView::Reversed { .. } => "reversed",
        };
        self.write("counter", name);
    }

    /// The training wallet's code.
    pub fn note_wallet(&self, training: &Training) {
        self.write("wallet-code", &training.sandbox().wallet().code);
    }

    /// Keeps the wallet's code in its file: it changes every minute, and once it was scanned.
    pub fn follow_wallet(&self, app: AppHandle) {
        let demo = self.clone();
        tauri::async_runtime::spawn(async move {
            loop {
                tokio::time::sleep(WALLET_LATE).await;
                let Ok(till) = app.state::<StartedTill>().inner() else { return };
                let Some(training) = till.training() else { return };
                demo.note_wallet(&*training.lock().await);
            }
        });
    }

    /// The devices that read codes: how each stands, its id and its name.
    pub fn note_devices(&self, devices: &DevicesView) {
        let mut noted = self.devices.lock().unwrap_or_else(PoisonError::into_inner);
        if noted.replace(devices.clone()).as_ref() == Some(devices) {
            return;
        }
        let level = |level: HealthLevel| match level {
            HealthLevel::Good => "good",
            HealthLevel::Warning => "warning",
            HealthLevel::Bad => "bad",
        };
        let lines: Vec<String> = devices
            .rows
            .iter()
            .map(|row| format!("{} {} {}\n", level(row.level), row.id, row.name))
            .collect();
        self.write("devices", &lines.concat());
    }

    fn write(&self, name: &str, text: &str) {
        // A draft and a rename: a reader never sees half a word.
        let draft = self.folder.join(format!("{name}.draft"));
        let written = fs::write(&draft, text).and_then(|()| fs::rename(&draft, self.folder.join(name)));
        if let Err(error) = written {
            eprintln!("demo folder: {error}");
        }
    }
}
