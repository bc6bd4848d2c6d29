//! The desk, and what only a manager may.

use guitai_app::view::{CommandError, DeskAct, DeskView};
use tauri::State;

use super::{Answer, running};
use crate::StartedTill;

/// The desk: what waits for the provider or for a person (待确认).
#[tauri::command]
#[specta::specta]
pub(super) async fn desk(till: State<'_, StartedTill>) -> Answer<DeskView> {
    running(&till)?.ask(|register, now| register.desk(now)).await?
}

/// Does what the cashier chose for a payment on the desk, and answers with what is on it then.
#[tauri::command]
#[specta::specta]
pub(super) async fn desk_act(
    till: State<'_, StartedTill>,
    payment: String,
    act: DeskAct,
) -> Answer<DeskView> {
    running(&till)?
        .ask(move |register, now| {
            register.act(&payment, act, now).map_err(|message| CommandError { message })?;
            register.desk(now)
        })
        .await?
}

/// Does what only a manager may for a payment on the desk, and answers with what is on it then.
#[tauri::command]
#[specta::specta]
pub(super) async fn desk_settle(
    till: State<'_, StartedTill>,
    payment: String,
    act: DeskAct,
    reason: String,
    pin: String,
) -> Answer<DeskView> {
    let pin = zeroize::Zeroizing::new(pin);
    running(&till)?
        .as_manager(&pin, move |register, manager, now| {
            register.act_as_manager(manager, &payment, act, &reason, now)?;
            register.desk(now).map_err(|error| error.message)
        })
        .await
}

/// Sets the manager's PIN; a later one needs the one before.
#[tauri::command]
#[specta::specta]
pub(super) async fn set_pin(till: State<'_, StartedTill>, old: Option<String>, wanted: String) -> Answer<()> {
    let (old, wanted) = (old.map(zeroize::Zeroizing::new), zeroize::Zeroizing::new(wanted));
    running(&till)?.set_pin(old.as_ref().map(|old| old.as_str()), &wanted).await
}

/// A manager says that the computer's clock is right.
#[tauri::command]
#[specta::specta]
pub(super) async fn confirm_clock(till: State<'_, StartedTill>, pin: String) -> Answer<()> {
    let pin = zeroize::Zeroizing::new(pin);
    running(&till)?.as_manager(&pin, |register, manager, now| register.confirm_clock(manager, now)).await
}
