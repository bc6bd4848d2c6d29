//! What a running till does for its folder by itself: it watches the room on the disk, keeps a reserve, and makes backups.
//!
//! None of it is on the register's thread, and none of it is needed for a sale.

use std::time::Duration;

use guitai_db::{AuditError, Watch};
use tokio::task::JoinHandle;
use tokio::time::MissedTickBehavior;

use crate::driver::WeakHandle;
use crate::folder::backups::{BackupError, ROOM_LEFT, due};
use crate::folder::{Folder, Reserve};
use crate::register::Now;

/// How often the folder is looked after.
const EVERY: Duration = Duration::from_secs(20);

/// What the upkeep goes by.
#[derive(Debug, Clone, Copy)]
struct Limits {
    reserve: Reserve,
    /// A backup leaves at least this much room.
    room_left: u64,
    /// A backup that failed reads and writes the whole file again: not before so long.
    backup_again_ms: i64,
}

const BACKUP_AGAIN_MS: i64 = 600_000;

impl Default for Limits {
    fn default() -> Limits {
        let reserve = Reserve::default();
        Limits { reserve, room_left: ROOM_LEFT, backup_again_ms: BACKUP_AGAIN_MS }
    }
}

/// The upkeep of one folder; ends when dropped.
pub(crate) struct Upkeep {
    task: JoinHandle<()>,
    watch: Watch,
}

impl Drop for Upkeep {
    fn drop(&mut self) {
        self.watch.stop();
        self.task.abort();
    }
}

/// Looks after `folder` for as long as the answer is kept.
pub(crate) fn start(folder: Folder, register: WeakHandle, runtime: &tokio::runtime::Handle) -> Upkeep {
    let watch = Watch::default();
    let first = Rounds::new(folder, register, watch.clone(), Limits::default());
    let task = runtime.spawn(async move {
        let mut times = tokio::time::interval(EVERY);
        times.set_missed_tick_behavior(MissedTickBehavior::Delay);
        // The start has other things to do than a backup.
        let mut backs_up = false;
        let mut rounds = first.clone();
        loop {
            times.tick().await;
            let round = tokio::task::spawn_blocking(move || {
                rounds.look_after_disk();
                if backs_up {
                    rounds.look_after_backups();
                }
                rounds
            });
            rounds = match round.await {
                Ok(rounds) => rounds,
                Err(error) if error.is_cancelled() => return,
                // A mistake in one round must not be the end of all backups.
                Err(_) => first.clone(),
            };
            backs_up = true;
        }
    });
    Upkeep { task, watch }
}

/// One round after another; off the register's thread and off the async workers.
#[derive(Clone)]
struct Rounds {
    folder: Folder,
    register: WeakHandle,
    watch: Watch,
    limits: Limits,
    /// No backup is tried before this, by the steady clock.
    not_before_ms: i64,
}

impl Rounds {
    fn new(folder: Folder, register: WeakHandle, watch: Watch, limits: Limits) -> Rounds {
        Rounds { folder, register, watch, limits, not_before_ms: i64::MIN }
    }

    fn look_after_disk(&mut self) {
        let Ok(free) = self.folder.free_bytes() else { return };
        let reserve = &self.limits.reserve;
        if free < reserve.release_below_bytes {
            let _ = self.folder.release_ballast();
        } else {
            // Where there is no room for a reserve, the banner about the disk says enough.
            let _ = self.folder.keep_ballast(reserve);
        }
        self.register.tell(move |register, _| register.note_free_bytes(free));
    }

    fn look_after_backups(&mut self) {
        let told = self.register.ask_here(|register, now| (register.time(now), now.steady_ms));
        let Some((Now { wall, .. }, steady_ms)) = told else { return };
        if steady_ms < self.not_before_ms {
            return;
        }
        let made = match self.folder.backups() {
            Ok(backups) if due(wall, &backups) => {
                self.folder.backup_with(wall, &self.watch, self.limits.room_left).map(|_| ())
            }
            // What went wrong before is over: there is a young one.
            Ok(_) => Ok(()),
            Err(error) => Err(BackupError::Disk(error)),
        };
        let trouble = match made {
            Ok(()) => None,
            // The till is being closed: there is nobody to tell.
            Err(BackupError::Audit(AuditError::Stopped)) => return,
            Err(error) => {
                self.not_before_ms = steady_ms.saturating_add(self.limits.backup_again_ms);
                Some(error.message())
            }
        };
        self.register.tell(move |register, _| register.note_backup(trouble));
    }
}

#[cfg(test)]
mod tests;
