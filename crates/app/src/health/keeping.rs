//! What is kept beside the till's file: its backups and its witness.

use std::path::Path;

use guitai_db::{Db, Standing, Witness};
use guitai_domain::Timestamp;

use super::check;
use crate::folder::Folder;
use crate::folder::backups::{Backup, next_due};
use crate::register::Register;
use crate::view::{HealthCheck, HealthLevel, MessageView};
use crate::words::{self, duration, say};

/// Somebody should see to it that the till makes one.
const OLD_MS: i64 = 24 * 3_600_000;
/// A week's entries hang on one disk.
const VERY_OLD_MS: i64 = 7 * OLD_MS;

impl Register {
    /// How the backups and the witness in `folder` stand.
    pub(crate) fn keeping(&self, folder: &Folder, now: Timestamp) -> [HealthCheck; 2] {
        [self.backup_check(folder, now), self.witness_check(&folder.witness())]
    }

    fn backup_check(&self, folder: &Folder, now: Timestamp) -> HealthCheck {
        if let Some(trouble) = self.backup_trouble() {
            return check("backup", HealthLevel::Bad, trouble);
        }
        match folder.backups() {
            Ok(backups) => standing_of(&backups, self.db().head().seq, now),
            Err(error) => check("backup", HealthLevel::Bad, unreadable(&error)),
        }
    }

    fn witness_check(&self, path: &Path) -> HealthCheck {
        let (level, message) = match Witness::read(path) {
            Ok(None) => (HealthLevel::Warning, witness_missing()),
            Err(error) => (HealthLevel::Bad, witness_unreadable(&error.to_string())),
            Ok(Some(witness)) => level_of(&witness, self.db()),
        };
        check("witness", level, message)
    }
}

/// What a witness says of the file.
fn level_of(witness: &Witness, db: &Db) -> (HealthLevel, MessageView) {
    match db.compare(witness) {
        Ok(Standing::Agrees) if witness.head == db.head() => {
            (HealthLevel::Good, witness_agrees(witness.head.seq))
        }
        Ok(Standing::Agrees) => (HealthLevel::Warning, witness_behind(witness.head.seq)),
        Ok(Standing::OfAnother | Standing::Behind(_) | Standing::Forked(_)) => {
            (HealthLevel::Bad, witness_differs())
        }
        Err(damage) => (HealthLevel::Bad, words::damage(&damage)),
    }
}

/// How old the last backup is, what it lacks, and when the next is made; `backups` are in order, the newest first.
fn standing_of(backups: &[Backup], last_entry: u64, now: Timestamp) -> HealthCheck {
    let Some(last) = backups.iter().find(|backup| backup.at <= now) else {
        return check("backup", HealthLevel::Warning, no_backup());
    };
    let age_ms = now.ms_since(last.at);
    let level = match age_ms {
        ..OLD_MS => HealthLevel::Good,
        OLD_MS..VERY_OLD_MS => HealthLevel::Warning,
        VERY_OLD_MS.. => HealthLevel::Bad,
    };
    let ((zh, en), lacks) = (duration(age_ms), last_entry.saturating_sub(last.seq));
    let (next_zh, next_en) = match next_due(now, backups) {
        0 => ("下一次马上就做".to_owned(), "the next is about to be made".to_owned()),
        wait_ms => {
            let (zh, en) = duration(wait_ms);
            (format!("下一次在 {zh}后"), format!("the next in {en}"))
        }
    };
    let (fix_zh, fix_en) = match level {
        HealthLevel::Good => ("", ""),
        HealthLevel::Warning | HealthLevel::Bad => {
            ("。请让柜台开着，它会自己备份", ". Leave the till running: it makes one by itself")
        }
    };
    let message = say(
        "H-08",
        format!("上次核对过的备份在 {zh}前，其后有 {lacks} 条记录；{next_zh}{fix_zh}"),
        format!("The last proven backup is {en} old and lacks {lacks} entries; {next_en}{fix_en}"),
    );
    check("backup", level, message)
}

fn no_backup() -> MessageView {
    say(
        "H-08",
        "还没有备份。请让柜台开着，它会自己备份",
        "There is no backup yet. Leave the till running: it makes one by itself",
    )
}

fn unreadable(error: &std::io::Error) -> MessageView {
    say(
        "H-08",
        format!("备份文件夹读不出来，请检查磁盘和权限（{error}）"),
        format!("The folder of the backups cannot be read; check the disk and its permissions ({error})"),
    )
}

fn witness_agrees(seq: u64) -> MessageView {
    say(
        "H-09",
        format!("防篡改记录与账本相符，到第 {seq} 条"),
        format!("The tamper record agrees with the journal up to entry {seq}"),
    )
}

fn witness_missing() -> MessageView {
    say(
        "H-09",
        "没有防篡改记录，或者读不懂。请重新启动柜台，它会重建；若仍没有，请检查磁盘和权限",
        "There is no tamper record that can be understood. Start the till again, which makes one; else check the disk and its permissions",
    )
}

fn witness_unreadable(error: &str) -> MessageView {
    say(
        "H-09",
        format!("防篡改记录读不出来，请检查磁盘和权限（{error}）"),
        format!("The tamper record cannot be read; check the disk and its permissions ({error})"),
    )
}

fn witness_behind(seq: u64) -> MessageView {
    say(
        "H-09",
        format!("防篡改记录停在第 {seq} 条，后面的写不进去。请检查磁盘和权限，再重新启动柜台"),
        format!(
            "The tamper record ends at entry {seq} and cannot be written on. Check the disk and its permissions, then start the till again"
        ),
    )
}

fn witness_differs() -> MessageView {
    say(
        "H-09",
        "防篡改记录与账本不符：数据文件可能被换过或退回过。请重新启动柜台；若仍不符，请停止使用并联系支持",
        "The tamper record and the journal differ: the file may have been replaced or put back. Start the till again; if they still differ, stop using it and call support",
    )
}

#[cfg(test)]
mod tests;
