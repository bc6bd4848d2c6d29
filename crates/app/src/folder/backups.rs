//! Backups the till makes by itself: whole copies in `backups/`, each proven before it gets its name.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use guitai_db::{Audit, AuditError, OpenError, Snapshot, Watch};
use guitai_domain::Timestamp;
use jiff::tz::TimeZone;
use thiserror::Error;

use super::Folder;
use crate::view::MessageView;
use crate::words::{self, say};

/// A backup is due when there is none this young.
const EVERY_MS: i64 = 4 * 3_600_000;
/// So many of the latest are kept, and besides the newest of each of so many days.
const LATEST_KEPT: usize = 3;
const DAYS_KEPT: usize = 7;
/// A backup leaves at least this much room for the day's sales.
pub(crate) const ROOM_LEFT: u64 = 1_000_000_000;

/// A proven copy of the till's database.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Backup {
    /// When it was made, by the till's clock.
    pub at: Timestamp,
    /// The last entry in it.
    pub seq: u64,
    /// Where it is.
    pub path: PathBuf,
}

/// Why no backup was made. The till sells on without.
#[derive(Debug, Error)]
pub enum BackupError {
    /// The disk has not enough room for a copy and for selling on.
    #[error("there is no room for a backup")]
    NoRoom,
    /// The till's own file cannot be looked at.
    #[error(transparent)]
    Database(#[from] OpenError),
    /// The copy is not whole, or could not be written.
    #[error(transparent)]
    Audit(#[from] AuditError),
    /// The folder of the backups.
    #[error("the backup cannot be written: {0}")]
    Disk(#[from] io::Error),
}

impl BackupError {
    /// The words for a person.
    #[must_use]
    pub fn message(&self) -> MessageView {
        let detail = match self {
            BackupError::NoRoom => {
                return say(
                    "D-30",
                    "磁盘空间不够，没有备份。请清理磁盘",
                    "There is no room for a backup; free some space",
                );
            }
            BackupError::Database(error) => words::open(error),
            BackupError::Audit(AuditError::Stopped) => say("D-31", "备份中断了", "It was interrupted"),
            BackupError::Audit(error) => words::damage(&error.clone().into()),
            BackupError::Disk(error) => {
                say("D-31", format!("备份写不进去（{error}）"), format!("It cannot be written ({error})"))
            }
        };
        say(
            "D-31",
            format!("没有备份成功，柜台会再试：{}", detail.zh),
            format!("No backup was made; the till will try again: {}", detail.en),
        )
    }
}

/// Whether it is time for one. A clock that was set back or forward makes neither a storm of them nor an end.
#[must_use]
pub fn due(now: Timestamp, backups: &[Backup]) -> bool {
    next_due(now, backups) == 0
}

/// In how many ms the next one is due.
#[must_use]
pub fn next_due(now: Timestamp, backups: &[Backup]) -> i64 {
    let left = |backup: &Backup| EVERY_MS.saturating_sub_unsigned(now.0.abs_diff(backup.at.0)).max(0);
    backups.iter().map(left).max().unwrap_or(0)
}

impl Folder {
    /// Where the backups are.
    #[must_use]
    pub fn backup_folder(&self) -> PathBuf {
        self.path.join("backups")
    }

    /// The backups that are there, the newest first. What has another name is none.
    ///
    /// # Errors
    /// When the folder is there and cannot be read.
    pub fn backups(&self) -> io::Result<Vec<Backup>> {
        let entries = match fs::read_dir(self.backup_folder()) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let mut backups = Vec::new();
        for entry in entries {
            backups.extend(Backup::named(&entry?.path()));
        }
        backups.sort_by(|one, other| other.cmp(one));
        Ok(backups)
    }

    /// Makes one beside the running till, on a connection of its own: any thread will do. It is proven whole before it
    /// gets its name; then those no longer wanted go.
    ///
    /// # Errors
    /// See [`BackupError`]; nothing is left behind, and the older ones stay.
    pub fn backup_now(&self, now: Timestamp, watch: &Watch) -> Result<Backup, BackupError> {
        self.backup_with(now, watch, ROOM_LEFT)
    }

    /// [`Folder::backup_now`] with another figure for the room that must be left beside it.
    ///
    /// # Errors
    /// As there.
    pub fn backup_with(&self, now: Timestamp, watch: &Watch, room_left: u64) -> Result<Backup, BackupError> {
        let snapshot = Snapshot::open(&self.database())?;
        let size = fs::metadata(self.database())?.len();
        if self.free_bytes().is_ok_and(|free| free < size.saturating_add(room_left)) {
            return Err(BackupError::NoRoom);
        }
        fs::create_dir_all(self.backup_folder())?;
        let draft = self.backup_folder().join("draft.db");
        remove_if_there(&draft)?;
        let copied = snapshot.copy(&draft, now, watch);
        drop(snapshot);
        let audit = copied.inspect_err(|_| {
            let _ = remove_if_there(&draft);
        })?;
        let backup = Backup::of(&self.backup_folder(), &audit);
        fs::rename(&draft, &backup.path)?;
        sync_folder(&self.backup_folder())?;
        for old in unwanted(&self.backups()?) {
            // The new one is there. An old one that cannot go now goes with the next.
            let _ = remove_if_there(&old.path);
        }
        Ok(backup)
    }
}

impl Backup {
    fn of(folder: &Path, audit: &Audit) -> Backup {
        let name = format!("till-{}-{:09}.db", utc_text(audit.at), audit.seq);
        Backup { at: audit.at, seq: audit.seq, path: folder.join(name) }
    }

    /// What a file's name says: `till-20261121T020000Z-000001042.db`.
    pub(super) fn named(path: &Path) -> Option<Backup> {
        let name = path.file_name()?.to_str()?.strip_prefix("till-")?.strip_suffix(".db")?;
        let (time, seq) = name.split_once('-')?;
        let time = jiff::civil::DateTime::strptime("%Y%m%dT%H%M%SZ", time).ok()?;
        let at = time.to_zoned(TimeZone::UTC).ok()?.timestamp().as_millisecond();
        Some(Backup { at: Timestamp(at), seq: seq.parse().ok()?, path: path.to_owned() })
    }
}

/// All but the latest and the newest of each of the last days; `backups` are in order, the newest first.
fn unwanted(backups: &[Backup]) -> Vec<&Backup> {
    let day = |backup: &Backup| backup.at.0.div_euclid(86_400_000);
    let mut days: Vec<i64> = Vec::new();
    let mut unwanted = Vec::new();
    for (place, backup) in backups.iter().enumerate() {
        let newest_of_day = !days.contains(&day(backup));
        if newest_of_day {
            days.push(day(backup));
        }
        if place >= LATEST_KEPT && !(newest_of_day && days.len() <= DAYS_KEPT) {
            unwanted.push(backup);
        }
    }
    unwanted
}

/// A time as a part of a file's name, UTC, to the second.
#[must_use]
pub fn utc_text(at: Timestamp) -> String {
    let time = jiff::Timestamp::from_millisecond(at.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    time.strftime("%Y%m%dT%H%M%SZ").to_string()
}

pub(super) fn remove_if_there(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Makes a new name in a folder survive a power cut, where the system has a way to.
pub(super) fn sync_folder(_folder: &Path) -> io::Result<()> {
    #[cfg(unix)]
    fs::File::open(_folder)?.sync_all()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600_000;
    const MORNING: i64 = 1_795_226_400_000;

    fn made(hours: i64, seq: u64) -> Backup {
        Backup { at: Timestamp(MORNING + hours * HOUR), seq, path: PathBuf::new() }
    }

    #[test]
    fn a_name_says_when_and_up_to_where() {
        let audit = Audit {
            seq: 1_042,
            head: guitai_db::ChainHead { seq: 1_042, hash: [0; 32] },
            at: Timestamp(MORNING),
        };
        let backup = Backup::of(Path::new("backups"), &audit);

        assert_eq!(backup.path.to_str(), Some("backups/till-20261121T020000Z-000001042.db"));
        assert_eq!(Backup::named(&backup.path), Some(backup));
        for other in [
            "draft.db",
            "till-20261121T020000Z-000001042.db.draft",
            "till-x-1.db",
            "till-20261121T020000Z-.db",
        ] {
            assert_eq!(Backup::named(Path::new(other)), None, "{other}");
        }
    }

    #[test]
    fn one_is_due_when_none_is_young_whatever_the_clock_has_done() {
        let cases = [
            (0, vec![], true),
            (0, vec![0], false),
            (3, vec![0], false),
            (4, vec![0], true),
            (4, vec![0, 3], false),
            // Made by a clock ten years ahead: it counts neither for ever nor never.
            (0, vec![87_600], true),
            (0, vec![87_600, 0], false),
            (87_600, vec![0], true),
        ];
        for (now, hours, wanted) in cases {
            let backups: Vec<Backup> = hours.iter().map(|hours| made(*hours, 1)).collect();
            assert_eq!(due(Timestamp(MORNING + now * HOUR), &backups), wanted, "{now} {hours:?}");
        }
    }

    #[test]
    fn the_last_three_and_the_newest_of_seven_days_are_kept() {
        let mut kept: Vec<Backup> = Vec::new();
        for hours in (0..30 * 24).step_by(4) {
            kept.insert(0, made(hours, u64::try_from(hours).expect("positive")));
            let gone: Vec<Backup> = unwanted(&kept).into_iter().cloned().collect();
            kept.retain(|backup| !gone.contains(backup));
        }

        let hours: Vec<i64> = kept.iter().map(|backup| (backup.at.0 - MORNING) / HOUR).collect();

        // The last is made at 06:00 Beijing time; the others are the last of each UTC day.
        assert_eq!(hours, [716, 712, 708, 692, 668, 644, 620, 596, 572]);
    }
}
