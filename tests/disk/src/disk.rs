//! A disk, as a test holds it.

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use crate::state::State;
use crate::trouble::Stretch;
use crate::{Call, Stop, Trouble, normal, vfs};

/// Every disk there is, so that SQLite finds one by its path.
static DISKS: Mutex<BTreeMap<u64, Weak<Inner>>> = Mutex::new(BTreeMap::new());
static NEXT: AtomicU64 = AtomicU64::new(1);

/// A disk in memory. A clone is the same disk; it is gone with its last clone and its last open file.
#[derive(Debug, Clone)]
pub struct Disk(Arc<Inner>);

#[derive(Debug)]
pub(crate) struct Inner {
    number: u64,
    state: Mutex<State>,
}

impl Inner {
    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        disks().remove(&self.number);
    }
}

fn disks() -> MutexGuard<'static, BTreeMap<u64, Weak<Inner>>> {
    DISKS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The disk of this number, if there is one.
pub(crate) fn by_number(number: u64) -> Option<Arc<Inner>> {
    disks().get(&number).and_then(Weak::upgrade)
}

impl Default for Disk {
    fn default() -> Disk {
        Disk::new()
    }
}

impl Disk {
    /// An empty disk. The first one makes the process's default VFS ours.
    #[must_use]
    pub fn new() -> Disk {
        Disk::with(State::default())
    }

    fn with(state: State) -> Disk {
        vfs::install();
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let inner = Arc::new(Inner { number, state: Mutex::new(state) });
        disks().insert(number, Arc::downgrade(&inner));
        Disk(inner)
    }

    /// From here on every connection opened on this disk runs with `synchronous=NORMAL`, and is told that it is `FULL`.
    pub fn normally_synchronous(&self) {
        normal::install();
        self.0.state().normal = true;
    }

    /// Another disk with the same content, durable or not, and nothing open. Its calls count from 0.
    #[must_use]
    pub fn copied(&self) -> Disk {
        let state = self.0.state().copied();
        Disk::with(state)
    }

    /// The folder of the disk: a path that only SQLite can open something in.
    #[must_use]
    pub fn folder(&self) -> PathBuf {
        PathBuf::from(format!("{}{}", vfs::PREFIX, self.0.number))
    }

    /// Where SQLite finds the file of this name.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder().join(name)
    }

    /// Whether there is a file of this name.
    #[must_use]
    pub fn exists(&self, name: &str) -> bool {
        self.0.state().find(name).is_some()
    }

    /// The names of all files.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        self.0.state().names()
    }

    /// How long a file is; 0 where there is none.
    #[must_use]
    pub fn len(&self, name: &str) -> u64 {
        self.contents(name).len() as u64
    }

    /// Whether there are no files at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.names().is_empty()
    }

    /// A file as it can be read; empty where there is none.
    #[must_use]
    pub fn contents(&self, name: &str) -> Vec<u8> {
        let state = self.0.state();
        state.find(name).map_or_else(Vec::new, |file| state.bytes(file).to_vec())
    }

    /// Puts a file there from outside, durable at once and not counted; one of the same name is replaced.
    pub fn put(&self, name: &str, bytes: &[u8]) {
        self.0.state().put(name, bytes);
    }

    /// Turns one bit of a file over, counted from the lowest bit of its first byte; false where the file is shorter.
    pub fn flip_bit(&self, name: &str, bit: u64) -> bool {
        self.0.state().flip_bit(name, bit)
    }

    /// Writes into a file without syncing it, as a program does.
    #[cfg(test)]
    pub(crate) fn write_for_test(&self, name: &str, at: usize, data: &[u8]) {
        let mut state = self.0.state();
        let (life, file) = (state.life, state.find(name).expect("a file"));
        state.write(life, file, at, data).expect("written");
    }

    // What a program does beside SQLite: these are storage calls.

    /// Renames a file, as `std::fs::rename` does.
    ///
    /// # Errors
    /// When the disk is in trouble, or stopped.
    pub fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        let mut state = self.0.state();
        let life = state.life;
        state.rename(life, from, to).map_err(failed)
    }

    /// Deletes a file, if it is there.
    ///
    /// # Errors
    /// When the disk is in trouble, or stopped.
    pub fn remove(&self, name: &str) -> io::Result<()> {
        let mut state = self.0.state();
        let life = state.life;
        if state.find(name).is_none() { Ok(()) } else { state.delete(life, name, false).map_err(failed) }
    }

    /// Makes the names durable, as a sync of the folder does.
    ///
    /// # Errors
    /// When the disk is in trouble, or stopped.
    pub fn sync_folder(&self) -> io::Result<()> {
        let mut state = self.0.state();
        let life = state.life;
        state.sync_names(life).map_err(failed)
    }

    // Trouble.

    /// How many storage calls there were.
    #[must_use]
    pub fn calls(&self) -> u64 {
        self.0.state().calls
    }

    /// What the storage calls were, in order.
    #[must_use]
    pub fn log(&self) -> Vec<Call> {
        self.0.state().log.clone()
    }

    /// Stops the program at the `n`-th storage call of the disk, counted from its beginning: from there on nothing has any effect
    /// and every call fails.
    pub fn freeze_at(&self, n: u64) {
        self.stop(Stop::Before(n));
    }

    /// As [`freeze_at`](Disk::freeze_at), before, within or after a call.
    pub fn stop(&self, stop: Stop) {
        self.0.state().stop = Some(stop);
    }

    /// Whether the program was stopped: whatever it seems to do from here on, it does not.
    #[must_use]
    pub fn is_frozen(&self) -> bool {
        self.0.state().stopped
    }

    /// The program was killed, if it was not stopped before, and another may start: what was written is there, what was open is dead.
    pub fn thaw(&self) {
        self.0.state().next_life();
    }

    /// The power fails. `choose(n)` picks a number below `n`, and so decides what arrives of everything that is not synced.
    /// What was open is dead. Trouble stays, here as after a kill: it is the disk's.
    pub fn power_cut(&self, mut choose: impl FnMut(u64) -> u64) {
        self.0.state().power_cut(&mut choose);
    }

    /// The disk is in trouble from its `from_call`-th storage call on, over `how_many` of them.
    pub fn trouble(&self, what: Trouble, from_call: u64, how_many: u64) {
        self.0.state().trouble = Some(Stretch { what, from: from_call, how_many });
    }

    /// The trouble is over.
    pub fn mend(&self) {
        self.0.state().trouble = None;
    }

    /// How many storage calls have failed for trouble.
    #[must_use]
    pub fn troubles_met(&self) -> u64 {
        self.0.state().troubles_met.len() as u64
    }

    /// The storage calls that have failed for trouble, in order.
    #[must_use]
    pub fn failed_calls(&self) -> Vec<Call> {
        self.0.state().troubles_met.clone()
    }

    /// How many changes of a file are not synced.
    #[must_use]
    pub fn unsynced(&self, name: &str) -> usize {
        self.0.state().unsynced(name)
    }
}

fn failed(code: i32) -> io::Error {
    io::Error::other(format!("the disk refuses ({code})"))
}
