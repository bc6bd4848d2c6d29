//! Files for people: the day's report, and one sale as evidence. Both go to the user's documents.

use std::fs;
use std::path::PathBuf;

use guitai_app::evidence;
use guitai_app::till::Till;
use guitai_app::view::{CommandError, MessageView};
use guitai_db::Watch;
use tauri::{AppHandle, Manager, State};

use super::{Answer, running};
use crate::StartedTill;

/// Writes the report of a business day as CSV and says where.
#[tauri::command]
#[specta::specta]
pub(super) async fn export_report(
    app: AppHandle,
    till: State<'_, StartedTill>,
    date: Option<String>,
) -> Answer<String> {
    let till = running(&till)?;
    let (csv, day) = till
        .ask_proven(move |register, now| {
            let now = register.time(now);
            let csv = register.report_csv(date.as_deref(), now.wall)?;
            let day = register.day_report(date.as_deref(), now.wall)?.business_date;
            Ok::<_, CommandError>((csv, day))
        })
        .await??;
    let file = documents(&app, till).join(format!("guitai-{}-{day}.csv", till.folder().mode().name()));
    write(file, &csv).map_err(|error| CommandError {
        message: MessageView {
            code: "D-30".to_owned(),
            zh: format!("报表没有写出，请检查磁盘（{error}）"),
            en: format!("The report was not written; check the disk ({error})"),
        },
    })
}

/// Proves the whole journal, writes one sale as an evidence file and says where.
#[tauri::command]
#[specta::specta]
pub(super) async fn save_evidence(
    app: AppHandle,
    till: State<'_, StartedTill>,
    id: String,
) -> Answer<String> {
    let till = running(&till)?;
    let at = till.ask(|register, now| register.time(now).wall).await?;
    let (database, sale) = (till.folder().database(), id.clone());
    // Proving a long journal takes a while; the till goes on selling.
    let making =
        tauri::async_runtime::spawn_blocking(move || evidence::make(&database, &sale, at, &Watch::default()));
    let text = making.await.map_err(|error| not_written(&error.to_string()))??;
    let file =
        documents(&app, till).join(format!("guitai-{}-{id}.evidence.json", till.folder().mode().name()));
    write(file, &text).map_err(|error| not_written(&error.to_string()))
}

fn not_written(why: &str) -> CommandError {
    CommandError {
        message: MessageView {
            code: "D-36".to_owned(),
            zh: format!("凭证没有写出，请检查磁盘（{why}）"),
            en: format!("The evidence file was not written; check the disk ({why})"),
        },
    }
}

fn documents(app: &AppHandle, till: &Till) -> PathBuf {
    app.path().document_dir().unwrap_or_else(|_| till.folder().path().to_owned()).join("Guitai")
}

fn write(file: PathBuf, text: &str) -> std::io::Result<String> {
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(&file, text)?;
    Ok(file.display().to_string())
}
