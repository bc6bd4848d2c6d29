//! What the screens can ask for. Each command passes the call on and hands the answer back.

mod desk;
mod devices;
mod files;
pub(crate) mod pictures;
mod start;

use std::sync::Arc;

use guitai_app::Reading;
use guitai_app::till::Till;
use guitai_app::view::{
    CommandError, DisplayView, HealthView, HistoryFilter, HistoryView, Key, MessageView, ProviderTestView,
    ReportView, SaleView, SettingChange, SettingsView, TillView, WalletChange, WalletView,
};
use tauri::{AppHandle, State};
use tauri_specta::{Builder, collect_commands, collect_events};

use crate::camera::{CameraKeeper, CameraRow, SightBytes};
use crate::demo::Demo;
use crate::events::{DisplayChanged, TillChanged};
use crate::{StartedTill, windows};

type Answer<T> = Result<T, CommandError>;

/// Commands and events with their types: the source of `ui/src/backend/bindings.ts`.
pub(crate) fn builder() -> Builder<tauri::Wry> {
    Builder::<tauri::Wry>::new()
        .disable_serde_phases()
        .commands(collect_commands![
            press,
            scan,
            till_view,
            display_view,
            desk::desk,
            desk::desk_act,
            desk::desk_settle,
            desk::set_pin,
            desk::confirm_clock,
            history,
            sale,
            last_receipt,
            reprint,
            day_report,
            files::export_report,
            files::save_evidence,
            settings,
            change_setting,
            pictures::scan_picture,
            pictures::scan_clipboard,
            devices::test_scanners,
            devices::try_scan,
            devices::ports,
            devices::choose_port,
            import_provider,
            test_provider,
            health,
            cameras,
            camera_sight,
            wallet,
            change_wallet,
            open_wallet,
            open_display,
            start::start_trouble,
            start::restore,
            start::start_again,
            ready,
        ])
        .events(collect_events![TillChanged, DisplayChanged])
}

fn running<'a>(till: &'a State<'_, StartedTill>) -> Answer<&'a Till> {
    till.as_ref().map_err(|error| CommandError { message: error.message() })
}

/// The cashier pressed a key.
#[tauri::command]
#[specta::specta]
async fn press(till: State<'_, StartedTill>, key: Key) -> Answer<()> {
    running(&till)?.ask(move |register, now| register.press(key, now)).await
}

/// A scanner in keyboard mode read `text` so long ago; `undo` of its characters had been passed on as keys. Answers the
/// sale to open when it was a receipt of this till.
#[tauri::command]
#[specta::specta]
async fn scan(till: State<'_, StartedTill>, text: String, undo: u32, age_ms: u32) -> Answer<Option<String>> {
    // The text may be a payment code: wiped when the register is done with it.
    let text = zeroize::Zeroizing::new(text);
    let till = running(&till)?;
    let read_at_ms = till.register().steady_ms() - i64::from(age_ms);
    let opened = till
        .ask(move |register, now| {
            register.take_reading(&Reading { text: &text, undo, device: "keyboard", read_at_ms }, now)
        })
        .await?;
    Ok(opened.map(|sale| sale.to_string()))
}

/// What the cashier's screen shows.
#[tauri::command]
#[specta::specta]
async fn till_view(till: State<'_, StartedTill>) -> Answer<TillView> {
    running(&till)?.ask(|register, now| register.till_view(now)).await
}

/// What the customer's display shows.
#[tauri::command]
#[specta::specta]
async fn display_view(till: State<'_, StartedTill>) -> Answer<DisplayView> {
    running(&till)?.ask(|register, now| register.display_view(now)).await
}

/// Sales that match, newest first.
#[tauri::command]
#[specta::specta]
async fn history(till: State<'_, StartedTill>, filter: HistoryFilter) -> Answer<HistoryView> {
    running(&till)?
        .ask_proven(move |register, now| register.history(&filter, register.time(now).wall))
        .await?
}

/// One sale, whole.
#[tauri::command]
#[specta::specta]
async fn sale(till: State<'_, StartedTill>, id: String) -> Answer<SaleView> {
    running(&till)?.ask(move |register, _| register.sale_view(&id)).await?
}

/// The sale completed last.
#[tauri::command]
#[specta::specta]
async fn last_receipt(till: State<'_, StartedTill>) -> Answer<Option<String>> {
    running(&till)?.ask(|register, _| register.last_receipt()).await?
}

/// Prints a receipt again: it is marked as a copy, and the journal knows of it.
#[tauri::command]
#[specta::specta]
async fn reprint(till: State<'_, StartedTill>, id: String) -> Answer<SaleView> {
    running(&till)?
        .ask(move |register, now| {
            register.note_reprint(&id, now)?;
            register.sale_view(&id)
        })
        .await?
}

/// The report of a business day; today's where none is named.
#[tauri::command]
#[specta::specta]
async fn day_report(till: State<'_, StartedTill>, date: Option<String>) -> Answer<ReportView> {
    running(&till)?
        .ask_proven(move |register, now| register.day_report(date.as_deref(), register.time(now).wall))
        .await?
}

/// The settings page.
#[tauri::command]
#[specta::specta]
async fn settings(till: State<'_, StartedTill>) -> Answer<SettingsView> {
    running(&till)?.settings().await
}

/// Changes one setting.
#[tauri::command]
#[specta::specta]
async fn change_setting(till: State<'_, StartedTill>, change: SettingChange) -> Answer<SettingsView> {
    let till = running(&till)?;
    till.ask(move |register, now| register.change_setting(&change, now)).await??;
    till.settings().await
}

/// Takes a provider settings file; an empty text unlocks what is stored. All but the first take the manager's PIN.
#[tauri::command]
#[specta::specta]
async fn import_provider(
    till: State<'_, StartedTill>,
    text: String,
    passphrase: Option<String>,
    pin: Option<String>,
) -> Answer<SettingsView> {
    let (text, passphrase) = (zeroize::Zeroizing::new(text), passphrase.map(zeroize::Zeroizing::new));
    let pin = pin.map(zeroize::Zeroizing::new);
    let (passphrase, pin) =
        (passphrase.as_ref().map(|text| text.as_str()), pin.as_ref().map(|text| text.as_str()));
    running(&till)?.import_provider(&text, passphrase, pin).await
}

/// Tries the provider settings without moving money.
#[tauri::command]
#[specta::specta]
async fn test_provider(till: State<'_, StartedTill>) -> Answer<ProviderTestView> {
    running(&till)?.test_provider().await
}

/// The health page.
#[tauri::command]
#[specta::specta]
async fn health(till: State<'_, StartedTill>) -> Answer<HealthView> {
    running(&till)?.health().await
}

/// The cameras that are plugged in.
#[tauri::command]
#[specta::specta]
async fn cameras() -> Answer<Vec<CameraRow>> {
    // Drivers may take their time.
    Ok(tauri::async_runtime::spawn_blocking(crate::camera::plugged_in).await.unwrap_or_default())
}

/// What the camera sees, as soon as it is another sight than number `after`.
#[tauri::command]
#[specta::specta]
async fn camera_sight(camera: State<'_, Arc<CameraKeeper>>, after: u32) -> Answer<SightBytes> {
    Ok(camera.next(after).await)
}

/// The trainee's wallet.
#[tauri::command]
#[specta::specta]
async fn wallet(till: State<'_, StartedTill>, demo: State<'_, Option<Demo>>) -> Answer<WalletView> {
    let training = running(&till)?.training().ok_or_else(no_wallet)?.lock().await;
    if let Some(demo) = demo.as_ref() {
        demo.note_wallet(&training);
    }
    Ok(training.view())
}

/// Changes the trainee's wallet, or what the provider and the line do.
#[tauri::command]
#[specta::specta]
async fn change_wallet(till: State<'_, StartedTill>, change: WalletChange) -> Answer<WalletView> {
    let mut training = running(&till)?.training().ok_or_else(no_wallet)?.lock().await;
    training.change(change).await?;
    Ok(training.view())
}

fn no_wallet() -> CommandError {
    CommandError {
        message: MessageView {
            code: "G-11".to_owned(),
            zh: "培训钱包只在培训模式下有".to_owned(),
            en: "The training wallet exists in training mode only".to_owned(),
        },
    }
}

/// Opens the trainee's wallet.
#[tauri::command]
#[specta::specta]
async fn open_wallet(app: AppHandle, till: State<'_, StartedTill>) -> Answer<()> {
    running(&till)?.training().ok_or_else(no_wallet)?;
    windows::open_wallet(&app).map_err(|error| window_error(&error))
}

/// Opens the customer's display.
#[tauri::command]
#[specta::specta]
async fn open_display(app: AppHandle) -> Answer<()> {
    windows::open_display(&app).map_err(|error| window_error(&error))
}

fn window_error(error: &tauri::Error) -> CommandError {
    CommandError {
        message: MessageView {
            code: "G-12".to_owned(),
            zh: format!("窗口打不开（{error}）"),
            en: format!("The window cannot be opened ({error})"),
        },
    }
}

/// The cashier's screen is painted and takes keys.
#[tauri::command]
#[specta::specta]
async fn ready(till: State<'_, StartedTill>, demo: State<'_, Option<Demo>>) -> Answer<()> {
    let till = running(&till)?;
    // A page that was loaded anew has no test page open.
    till.ask(|register, _| register.test_scanners(false)).await?;
    if let Some(demo) = demo.as_ref() {
        let view = till.ask(|register, now| register.till_view(now)).await?;
        demo.note_counter(&view.counter);
        if let Some(training) = till.training() {
            demo.note_wallet(&*training.lock().await);
        }
        demo.note_ready();
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use specta_typescript::Typescript;

    #[test]
    fn the_types_of_the_screens_are_those_of_the_register() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../ui/src/backend/bindings.ts");

        super::builder().export(Typescript::default(), path).expect("bindings.ts is written");
    }
}
