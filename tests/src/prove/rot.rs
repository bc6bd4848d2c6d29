//! The machine `rot`: one bit of a till's database, write-ahead log or backup is flipped, or worse is done to it, and the till is
//! started. Every time it must refuse, say that the file is behind its witness, be found out by the audit, or show exactly what it
//! showed before: every total, every sale, every payment, every entry.

mod day;
mod harm;

use std::collections::BTreeMap;
use std::path::Path;

use guitai_app::folder::Folder;
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

type Tally = BTreeMap<(Subject, Seen), u64>;

/// Runs it.
///
/// # Errors
/// The first trial after which something wrong would have been shown.
pub fn run(order: Order) -> Result<String, String> {
    let tally = damage(order, true)?;
    let count = |wanted: Seen| -> u64 {
        tally.iter().filter(|((_, seen), _)| *seen == wanted).map(|(_, count)| count).sum()
    };
    let subjects: Vec<String> = Subject::ALL
        .iter()
        .map(|subject| {
            let of_subject = tally.iter().filter(|((of, _), _)| of == subject);
            format!("{} {}", of_subject.map(|(_, count)| count).sum::<u64>(), subject.name())
        })
        .collect();
    Ok(format!(
        "{} damaged ({}): {} refused, {} behind the witness, {} found by the audit, {} harmless; 0 wrong totals",
        tally.values().sum::<u64>(),
        subjects.join(", "),
        count(Seen::Refused),
        count(Seen::Behind),
        count(Seen::Found),
        count(Seen::Harmless),
    ))
}

/// How many of the trials would have shown something wrong, were there no audit.
///
/// # Errors
/// When a trial panics.
pub fn wrong_without_audit(order: Order) -> Result<u64, String> {
    let tally = damage(order, false)?;
    Ok(tally.iter().filter(|((_, seen), _)| *seen == Seen::Wrong).map(|(_, count)| count).sum())
}

fn damage(order: Order, audited: bool) -> Result<Tally, String> {
    let day = Day::lived();
    let found = on_all_cores(
        order.count,
        order.count,
        |_| 1,
        |number| {
            let seed = order.seed.wrapping_add(number);
            let harm = Harm::choose(&mut Chance::new(seed), &day);
            let seen = trial(&day, &harm, audited);
            if seen == Seen::Wrong && audited {
                let again = format!("see it again with --seed {seed} --count 1");
                return Err(format!("something wrong would be shown after {harm:?}; {again}"));
            }
            Ok((harm.subject, seen))
        },
    )?;
    let mut tally = Tally::new();
    found.into_iter().for_each(|key| *tally.entry(key).or_default() += 1);
    Ok(tally)
}

fn trial(day: &Day, harm: &Harm, audited: bool) -> Seen {
    let root = day::scratch();
    if harm.subject == Subject::Backup {
        let path = root.path().join("backup.db");
        std::fs::write(&path, harm.done_to(&day.backup)).expect("a file");
        return shown(day, &path, audited);
    }
    lay_out(day, harm, &root);
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
