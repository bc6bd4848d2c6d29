//! The register: everything a cashier or manager can do, one function each. No Tauri.
//!
//! Roles: the [`Register`] is the state machine that owns the open database; [`driver`] runs it on a thread of its own
//! with real time and a real wire; [`till`] finds the till's folder and puts the parts together; [`training`] brings
//! the other side of the wire for practice. What the screens show is in [`view`], what they say in both languages
//! comes from one table of words.

pub mod devices;
pub mod driver;
pub mod evidence;
pub mod folder;
pub mod picture;
pub mod provider;
pub mod secrets;
pub mod till;
pub mod training;
pub mod trouble;
mod upkeep;
pub mod view;

mod health;
mod machine;
mod pin;
mod proof;
mod records;
mod register;
mod settings;
mod slip;
mod timeline;
mod words;

pub use records::state_name;
pub use register::{CallId, Effect, LOOK_MS, Manager, NotedProvider, Now, Progress, Reading, Register};
pub use settings::check_setting;
