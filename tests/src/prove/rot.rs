//! The machine `rot`: one bit of a till's database, write-ahead log or backup is flipped, or worse is done to it, and the till is
//! started. Every time it must refuse, say that the file is behind its witness, be found out by the audit, or show exactly what it
//! showed before: every total, every sale, every payment, every entry.

mod day;
mod harm;

use std::path::Path;

use guitai_app::folder::{Folder, RestoreError};
use guitai_db::{Db, Mode, Snapshot, Watch};
use guitai_domain::Timestamp;
use tempfile::TempDir;

use self::day::{Day, everything};
use self::harm::{Harm, Subject};
use super::Order;
use super::cores::on_all_cores;
use crate::chance::Chance;

/// What became of a damaged till.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Seen {
    /// It did not open.
    Refused,
    /// It opened and said that entries are missing.
    Behind,
    /// The audit found it.
    Found,
    /// Nothing that can be seen has changed.
    Harmless,
    /// Something wrong would have been shown.
    Wrong,
}

/// What a trial found: what was damaged, what became of it, and how many entries a restore had to do without.
type Found = (Subject, Seen, Option<u64>);

/// Every so manieth till that does not go on as it was is restored.
const RESTORED: u64 = 8;

/// Runs it.
///
/// # Errors
/// The first trial after which something wrong would have been shown.
pub fn run(order: Order) -> Result<String, String> {
    let found = damage(order, true)?;
    let count = |wanted: Seen| found.iter().filter(|(_, seen, _)| *seen == wanted).count();
    let subjects: Vec<String> = Subject::ALL
        .iter()
        .map(|subject| {
            format!("{} {}", found.iter().filter(|(of, _, _)| of == subject).count(), subject.name())
        })
        .collect();
    let restored: Vec<u64> = found.iter().filter_map(|(_, _, missing)| *missing).collect();
    let complete = restored.iter().filter(|missing| **missing == 0).count();
    Ok(format!(
        "{} damaged ({}): {} refused, {} behind the witness, {} found by the audit, {} harmless; 0 wrong totals; \
         {} restored: {complete} with every entry, {} with the gap named",
        found.len(),
        subjects.join(", "),
        count(Seen::Refused),
        count(Seen::Behind),
        count(Seen::Found),
        count(Seen::Harmless),
        restored.len(),
        restored.len() - complete,
    ))
}

/// How many of the trials would have shown something wrong, were there no audit.
///
/// # Errors
/// When a trial panics.
pub fn wrong_without_audit(order: Order) -> Result<u64, String> {
    let found = damage(order, false)?;
    Ok(found.iter().filter(|(_, seen, _)| *seen == Seen::Wrong).count() as u64)
}

fn damage(order: Order, audited: bool) -> Result<Vec<Found>, String> {
    let day = Day::lived();
    on_all_cores(
        order.count,
        order.count,
        |_| 1,
        |number| {
            let seed = order.seed.wrapping_add(number);
            let harm = Harm::choose(&mut Chance::new(seed), &day);
            let again =
                |why: String| format!("{why} after {harm:?}; see it again with --seed {seed} --count 1");
            let root = day::scratch();
            let seen = trial(&day, &harm, audited, &root);
            if seen == Seen::Wrong && audited {
                return Err(again("something wrong would be shown".to_owned()));
            }
            let is_restored = audited && seed.is_multiple_of(RESTORED) && harm.subject != Subject::Backup;
            let missing = match seen {
                Seen::Refused | Seen::Behind | Seen::Found if is_restored => {
                    Some(restore(&day, &harm, &root).map_err(again)?)
                }
                Seen::Refused | Seen::Behind | Seen::Found | Seen::Harmless | Seen::Wrong => None,
            };
            Ok((harm.subject, seen, missing))
        },
    )
}

/// Lays the damaged till out again with an early backup and restores it: what is there is the original to the last bit, and what
/// is not there is named. Answers how many entries that is.
fn restore(day: &Day, harm: &Harm, root: &TempDir) -> Result<u64, String> {
    let folder = Folder::new(root.path(), Mode::Training);
    std::fs::remove_dir_all(folder.path()).expect("a folder");
    lay_out(day, harm, root);
    std::fs::create_dir(folder.backup_folder()).expect("a folder");
    let backup = folder.backup_folder().join("till-20261121T020000Z-000000001.db");
    std::fs::write(backup, &day.early_backup).expect("a backup");
    let lock = folder.lock().expect("the lock");
    let head = day.entries.len() as u64;
    let (last, named) = match folder.restore(&lock, None, "test", Timestamp(0)) {
        Ok(restored) => {
            let missing = restored.offer.missing.map(|missing| (missing.from, missing.to));
            (restored.offer.last.0, missing)
        }
        // All is there; only whose it is was damaged, so that it seems to be another's.
        Err(RestoreError::Whole) => {
            folder.adopt(&lock, "test", Timestamp(0)).map_err(|error| error.to_string())?;
            (head, None)
        }
        Err(error) => return Err(error.to_string()),
    };
    let snapshot = Snapshot::open(&folder.database()).map_err(|error| error.to_string())?;
    snapshot.audit(Timestamp(0), &Watch::default()).map_err(|error| format!("restored, but {error}"))?;
    let count = u32::try_from(last).expect("few entries");
    let entries = snapshot.entries_from(1, count).map_err(|damage| damage.to_string())?;
    if entries[..] != day.entries[..entries.len()] || entries.len() as u64 != last {
        return Err("what was restored is not what was written".to_owned());
    }
    let wanted = (last < head).then_some((last + 1, head));
    if named != wanted {
        return Err(format!("{wanted:?} is missing, named is {named:?}"));
    }
    Ok(head - last)
}

fn trial(day: &Day, harm: &Harm, audited: bool, root: &TempDir) -> Seen {
    if harm.subject == Subject::Backup {
        let path = root.path().join("backup.db");
        std::fs::write(&path, harm.done_to(&day.backup)).expect("a file");
        return shown(day, &path, audited);
    }
    lay_out(day, harm, root);
    let folder = Folder::new(root.path(), Mode::Training);
    let lock = folder.lock().expect("the lock");
    let Ok(db) = folder.open(&lock) else { return Seen::Refused };
    if db.new_epoch().is_some() { Seen::Behind } else { shown(day, db.path(), audited) }
}

fn lay_out(day: &Day, harm: &Harm, root: &TempDir) {
    let folder = Folder::new(root.path(), Mode::Training);
    std::fs::create_dir_all(folder.path()).expect("a folder");
    let put = |path: &Path, bytes: &[u8]| std::fs::write(path, bytes).expect("a file");
    put(&folder.path().join("device.key"), hex::encode(crate::folder::DEVICE).as_bytes());
    put(&folder.witness(), &day.witness);
    let database = folder.path().join("till.db");
    let log = folder.path().join("till.db-wal");
    match harm.subject {
        Subject::Database => {
            put(&database, &harm.done_to(&day.database));
            put(&log, &day.log);
        }
        Subject::Log => {
            put(&database, &day.database);
            if !harm.removes() {
                put(&log, &harm.done_to(&day.log));
            }
        }
        Subject::Closed => put(&database, &harm.done_to(&day.closed)),
        Subject::Backup => {}
    }
}

/// What is seen in a file that opened: proven whole first, as the till does.
fn shown(day: &Day, path: &Path, audited: bool) -> Seen {
    let Ok(snapshot) = Snapshot::open(path) else { return Seen::Refused };
    if audited && snapshot.audit(Timestamp(0), &Watch::default()).is_err() {
        return Seen::Found;
    }
    let db: &Db = &snapshot;
    match everything(db) {
        Ok(found) if found == day.everything => Seen::Harmless,
        Ok(_) => Seen::Wrong,
        // What cannot be read is not shown.
        Err(_) => Seen::Refused,
    }
}
