//! When the file is not what it should be: `restore` from backups and from what is left, `adopt` from elsewhere.

use guitai_app::driver::wall_clock;
use guitai_app::folder::{Offer, RestoreError};
use guitai_app::view::MessageView;
use guitai_domain::Timestamp;
use serde::Serialize;

use crate::args::Restore;
use crate::exit::{Exit, Failure};
use crate::output::Output;
use crate::session::{ACTOR, Session};
use crate::words;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RestoreView {
    done: bool,
    backup: Option<String>,
    backup_at_ms: Option<i64>,
    backup_seq: u64,
    salvaged: u64,
    last_seq: u64,
    last_at_ms: Option<i64>,
    missing_from: Option<u64>,
    missing_to: Option<u64>,
    missing_since_ms: Option<i64>,
    missing_until_ms: Option<i64>,
    epoch: Option<String>,
    kept: Option<String>,
    message: MessageView,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AdoptView {
    epoch: String,
    message: MessageView,
}

pub fn restore(session: &Session, restore: &Restore) -> Result<Exit, Failure> {
    // A chosen backup also brings a till to a new computer; without one there must be something to restore.
    let folder = if restore.from.is_some() { session.folder() } else { session.damaged()? };
    let lock = folder.lock()?;
    let from = restore.from.as_deref();
    let view = if restore.dry_run {
        view(&folder.offer(&lock, from)?, false)
    } else {
        let restored = folder.restore(&lock, from, ACTOR, wall_clock())?;
        RestoreView {
            epoch: Some(restored.epoch.to_string()),
            kept: restored.kept.map(|path| path.display().to_string()),
            ..view(&restored.offer, true)
        }
    };
    session.out.done(&view, |out| text(&view, out));
    // Whoever runs this by script must look where something is missing, or may be.
    let is_complete = view.message.code == words::restored_whole(0, true).code;
    Ok(if is_complete { Exit::Done } else { Exit::Difference })
}

pub fn adopt(session: &Session) -> Result<Exit, Failure> {
    let folder = session.existing()?;
    let lock = folder.lock()?;
    let epoch = folder.adopt(&lock, ACTOR, wall_clock())?;
    let view = AdoptView { epoch: epoch.to_string(), message: words::adopted() };
    session.out.done(&view, |out| out.coded(&view.message));
    Ok(Exit::Done)
}

fn view(offer: &Offer, done: bool) -> RestoreView {
    let missing = offer.missing;
    RestoreView {
        done,
        backup: offer.backup.as_ref().map(|path| path.display().to_string()),
        backup_at_ms: offer.backup_at.map(|at| at.0),
        backup_seq: offer.backup_seq,
        salvaged: offer.salvaged,
        last_seq: offer.last.0,
        last_at_ms: offer.last.1.map(|at| at.0),
        missing_from: missing.map(|missing| missing.from),
        missing_to: missing.map(|missing| missing.to),
        missing_since_ms: missing.and_then(|missing| missing.since).map(|since| since.0),
        missing_until_ms: missing.map(|missing| missing.until.0),
        epoch: None,
        kept: None,
        message: match missing {
            Some(missing) => words::restored_with_gap(missing.count(), done),
            None if offer.is_witnessed => words::restored_whole(offer.last.0, done),
            None => words::restored_unwitnessed(offer.last.0, done),
        },
    }
}

fn text(view: &RestoreView, out: &Output) -> String {
    let time = |at: Option<i64>| words::utc_time(at.map(Timestamp));
    let mut lines = vec![
        out.coded(&view.message),
        format!(
            "{}  {}  {}",
            out.word("备份", "Backup"),
            view.backup.as_deref().unwrap_or(out.word("无", "none")),
            time(view.backup_at_ms)
        ),
        format!(
            "{}  {} + {} = {}  {}",
            out.word("记录", "Entries"),
            view.backup_seq,
            view.salvaged,
            view.last_seq,
            time(view.last_at_ms)
        ),
    ];
    if let (Some(from), Some(to)) = (view.missing_from, view.missing_to) {
        lines.push(format!(
            "{}  {from}..{to}  {} .. {}",
            out.word("缺失", "Missing"),
            time(view.missing_since_ms),
            time(view.missing_until_ms)
        ));
    }
    lines.extend(
        view.kept.as_ref().map(|kept| format!("{}  {kept}", out.word("损坏的文件", "Damaged files"))),
    );
    lines.join("\n")
}

impl From<RestoreError> for Failure {
    fn from(error: RestoreError) -> Self {
        error.message().into()
    }
}
