//! Looking after the file: `verify`, `rebuild`, `backup`. They work on the bare database and write no entry.

use guitai_app::driver::wall_clock;
use guitai_app::folder::StartError;
use guitai_app::view::MessageView;
use guitai_db::{AuditError, Damage, Db, Snapshot, Watch, WriteError};
use serde::Serialize;

use crate::args::Backup;
use crate::exit::{Exit, Failure};
use crate::session::Session;
use crate::words;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct VerifyView {
    sound: bool,
    entries: u64,
    chain_head: String,
    broken_at: Option<u64>,
    tables_agree: bool,
    file_sound: bool,
    messages: Vec<MessageView>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RebuildView {
    entries: u64,
    message: MessageView,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct BackupView {
    file: String,
    entries: u64,
    chain_head: String,
    message: MessageView,
}

pub fn verify(session: &Session) -> Result<Exit, Failure> {
    let view = session.with_db(look_over)?;
    session.out.result(&view, |out| {
        let lines: Vec<String> = view.messages.iter().map(|message| out.coded(message)).collect();
        format!("{}\n{}  {}", lines.join("\n"), out.word("账本链头", "Chain head"), view.chain_head)
    })?;
    Ok(if view.sound { Exit::Done } else { Exit::Difference })
}

pub fn rebuild(session: &Session) -> Result<Exit, Failure> {
    let entries = session.with_db(|db| {
        // Tables made from a journal somebody altered would only hide it.
        match db.verify()?.broken_at {
            Some(seq) => Err(Failure { exit: Exit::Difference, message: words::chain_broken(seq) }),
            None => Ok(db.rebuild()?),
        }
    })?;
    let view = RebuildView { entries, message: words::rebuilt(entries) };
    session.out.done(&view, |out| out.coded(&view.message));
    Ok(Exit::Done)
}

pub fn backup(session: &Session, backup: &Backup) -> Result<Exit, Failure> {
    if backup.file.exists() {
        return Err(Failure::usage(words::file_exists(&backup.file)));
    }
    let copied = session.with_db(|db| Ok(db.backup(&backup.file)?))?;
    let view = BackupView {
        file: backup.file.display().to_string(),
        entries: copied.entries,
        chain_head: hex::encode(copied.head.hash),
        message: words::backed_up(&backup.file, copied.entries),
    };
    session.out.done(&view, |out| out.coded(&view.message));
    Ok(Exit::Done)
}

fn look_over(db: &mut Db) -> Result<VerifyView, Failure> {
    let mut messages: Vec<MessageView> = Vec::new();
    let file_sound = match db.quick_check() {
        Ok(()) => true,
        Err(damage @ Damage::Corrupt(_)) => {
            messages.push(Failure::from(damage).message);
            false
        }
        Err(damage) => return Err(damage.into()),
    };
    let chain = db.verify()?;
    messages.extend(chain.broken_at.map(words::chain_broken));
    let tables_agree = match db.tables_agree() {
        Ok(agree) => agree,
        // An entry that cannot be read, or does not follow from those before it, makes no table.
        Err(WriteError::Refused(_) | WriteError::Damaged(Damage::Corrupt(_))) => false,
        Err(error) => return Err(error.into()),
    };
    if !tables_agree {
        messages.push(words::tables_differ());
    }
    // What the three do not look at: the rules themselves, and whose file it is.
    if messages.is_empty()
        && let Err(AuditError::Wrong(finding)) =
            Snapshot::open(db.path()).map_err(StartError::Database)?.audit(wall_clock(), &Watch::default())
    {
        messages.push(words::file_differs(&finding));
    }
    let sound = messages.is_empty();
    if sound {
        messages.push(words::sound(chain.entries));
    }
    Ok(VerifyView {
        sound,
        entries: chain.entries,
        chain_head: hex::encode(chain.head.hash),
        broken_at: chain.broken_at,
        tables_agree,
        file_sound,
        messages,
    })
}
