//! What a running till does for its folder by itself: it watches the room on the disk, keeps a reserve, and makes backups.
//!
//! None of it is on the register's thread, and none of it is needed for a sale.

use std::time::Duration;

use guitai_db::Watch;
use tokio::task::JoinHandle;

use crate::driver::WeakHandle;
use crate::folder::Folder;
use crate::folder::backups::due;

/// How often the folder is looked after.
const EVERY: Duration = Duration::from_secs(20);
/// With less room than this the reserve is given back, so that open sales can be finished.
const RELEASE_BELOW_BYTES: u64 = 100_000_000;

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
    let stop = watch.clone();
    let task = runtime.spawn(async move {
        let mut rounds = tokio::time::interval(EVERY);
        let mut first = true;
        loop {
            rounds.tick().await;
            let (folder, register, watch) = (folder.clone(), register.clone(), stop.clone());
            // The start has other things to do than a backup.
            let backs_up = !std::mem::replace(&mut first, false);
            let round = tokio::task::spawn_blocking(move || look_after(&folder, &register, backs_up, &watch));
            if round.await.is_err() {
                return;
            }
        }
    });
    Upkeep { task, watch }
}

fn look_after(folder: &Folder, register: &WeakHandle, backs_up: bool, watch: &Watch) {
    if let Ok(free) = folder.free_bytes() {
        if free < RELEASE_BELOW_BYTES {
            let _ = folder.release_ballast();
        } else {
            // Where there is no room for a reserve, the banner about the disk says enough.
            let _ = folder.keep_ballast();
        }
        register.tell(move |register, _| register.note_free_bytes(free));
    }
    if !backs_up {
        return;
    }
    let Some(now) = register.ask_here(|register, now| register.time(now).wall) else { return };
    if folder.backups().is_ok_and(|backups| due(now, &backups)) {
        let made = folder.backup_now(now, watch).map_err(|error| error.message());
        register.tell(move |register, _| register.note_backup(made.err()));
    }
}
