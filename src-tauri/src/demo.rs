//! A seam for demonstrations and scripts, in training only: three small files say what a person would see.
//!
//! With `GUITAI_DEMO_DIR` set, `ready` appears when the window is usable, `counter` holds the name of the counter's
//! state, and `wallet-code` the training wallet's code. A real till ignores the variable.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use guitai_app::training::Training;
use guitai_app::view::CounterView;

/// Where the files go.
#[derive(Clone)]
pub(crate) struct Demo {
    folder: Arc<PathBuf>,
}

impl Demo {
    /// From the environment, in training only.
    pub fn from_environment() -> Option<Demo> {
        let training = std::env::args().any(|argument| argument == "--training");
        let folder = std::env::var_os("GUITAI_DEMO_DIR").filter(|_| training)?;
        Some(Demo { folder: Arc::new(PathBuf::from(folder)) })
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

    fn write(&self, name: &str, text: &str) {
        // A draft and a rename: a reader never sees half a word.
        let draft = self.folder.join(format!("{name}.draft"));
        let written = fs::write(&draft, text).and_then(|()| fs::rename(&draft, self.folder.join(name)));
        if let Err(error) = written {
            eprintln!("demo folder: {error}");
        }
    }
}
