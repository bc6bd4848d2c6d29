//! An open file of a disk: its place in the program's life, its locks, its shared memory.

use std::ffi::c_int;
use std::ptr;
use std::sync::{Arc, MutexGuard, PoisonError};

use rusqlite::ffi;

use crate::Trouble;
use crate::disk::Inner;
use crate::shm::{Held, SharedShm, Shm};
use crate::state::{FileId, State};
use crate::vfs::note_locked;

/// An open file of a disk.
pub(crate) struct Handle {
    pub disk: Arc<Inner>,
    pub file: FileId,
    /// The life of the program it was opened in.
    pub life: u64,
    /// Who holds its locks.
    number: u64,
    level: c_int,
    /// The folder is to be synced with the first sync.
    pub sync_names: bool,
    pub shm: Option<SharedShm>,
    pub held: Held,
}

impl Handle {
    /// Opens a file, and says with which flags.
    pub fn open(disk: Arc<Inner>, name: &str, flags: c_int) -> Result<(Handle, c_int), i32> {
        let mut state = disk.state();
        if state.stopped {
            return Err(ffi::SQLITE_CANTOPEN);
        }
        let has = |flag: c_int| flags & flag != 0;
        let (life, found) = (state.life, state.find(name));
        let file = match found {
            Some(_) if has(ffi::SQLITE_OPEN_EXCLUSIVE) => return Err(ffi::SQLITE_CANTOPEN),
            Some(file) => file,
            None if has(ffi::SQLITE_OPEN_CREATE) => state.create(life, name)?,
            None => return Err(ffi::SQLITE_CANTOPEN),
        };
        let next = state.calls + 1;
        let read_only =
            state.trouble.is_some_and(|stretch| stretch.what == Trouble::ReadOnly && stretch.covers(next));
        let mut flags_out = flags;
        if read_only && has(ffi::SQLITE_OPEN_READWRITE) {
            flags_out &= !(ffi::SQLITE_OPEN_READWRITE | ffi::SQLITE_OPEN_CREATE);
            flags_out |= ffi::SQLITE_OPEN_READONLY;
        }
        let journals = ffi::SQLITE_OPEN_MAIN_JOURNAL | ffi::SQLITE_OPEN_SUPER_JOURNAL | ffi::SQLITE_OPEN_WAL;
        let sync_names = has(journals) && flags_out & ffi::SQLITE_OPEN_CREATE != 0;
        let number = state.number();
        state.opened(file);
        drop(state);
        let (level, shm, held) = (ffi::SQLITE_LOCK_NONE, None, Held::default());
        Ok((Handle { disk, file, life, number, level, sync_names, shm, held }, flags_out))
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        self.disk.state()
    }

    pub fn is_alive(&self) -> bool {
        self.state().is_alive(self.life)
    }

    pub fn set_lock(&mut self, wanted: c_int) -> c_int {
        let mut state = self.disk.state();
        if !state.is_alive(self.life) {
            return ffi::SQLITE_IOERR_LOCK;
        }
        let lock = state.locks.entry(self.file).or_default();
        let (level, enough) = lock.raise(self.number, self.level, wanted);
        self.level = level;
        if enough {
            ffi::SQLITE_OK
        } else {
            note_locked();
            ffi::SQLITE_BUSY
        }
    }

    pub fn unlock(&mut self, wanted: c_int) {
        let mut state = self.disk.state();
        if self.level > wanted && state.life == self.life {
            state.locks.entry(self.file).or_default().lower(self.number, self.level, wanted);
        }
        self.level = self.level.min(wanted);
    }

    /// The shared memory of the file, mapped if it was not.
    fn shm(&mut self) -> SharedShm {
        let mut state = self.disk.state();
        let shm = match (&self.shm, state.shared.get(&self.file).and_then(std::sync::Weak::upgrade)) {
            (Some(own), _) => Arc::clone(own),
            (None, Some(others)) => others,
            (None, None) => {
                let made = SharedShm::default();
                state.shared.insert(self.file, Arc::downgrade(&made));
                made
            }
        };
        drop(state);
        self.shm = Some(Arc::clone(&shm));
        shm
    }

    pub fn map(&mut self, region: usize, bytes: usize, extend: bool) -> Result<*mut u64, i32> {
        if !self.is_alive() {
            return Err(ffi::SQLITE_IOERR_SHMMAP);
        }
        let shm = self.shm();
        let mut shm = locked(&shm);
        while extend && shm.regions() <= region {
            self.disk.state().grow(self.life)?;
            shm.grow(bytes);
        }
        Ok(shm.region(region).unwrap_or(ptr::null_mut()))
    }

    pub fn unmap(&mut self) {
        if let Some(shm) = self.shm.take() {
            locked(&shm).unlock(&mut self.held, u16::MAX);
        }
    }
}

pub(crate) fn locked(shm: &SharedShm) -> MutexGuard<'_, Shm> {
    shm.lock().unwrap_or_else(PoisonError::into_inner)
}
