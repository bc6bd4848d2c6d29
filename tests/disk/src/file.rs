//! An open file, and what SQLite does with it.

use std::ffi::{c_int, c_void};
use std::ptr;
use std::sync::atomic::{Ordering, fence};
use std::sync::{Arc, MutexGuard, PoisonError};

use rusqlite::ffi::{self, sqlite3_file, sqlite3_int64, sqlite3_io_methods};

use crate::Trouble;
use crate::disk::Inner;
use crate::shm::{Held, SharedShm, Shm};
use crate::state::{FileId, State};
use crate::vfs::note_locked;

/// What SQLite keeps of an open file: its own part first, then ours.
#[repr(C)]
pub(crate) struct OpenFile {
    base: sqlite3_file,
    handle: *mut Handle,
}

/// An open file of a disk.
pub(crate) struct Handle {
    disk: Arc<Inner>,
    file: FileId,
    /// The life of the program it was opened in.
    life: u64,
    /// Who holds its locks.
    number: u64,
    level: c_int,
    /// The folder is to be synced with the first sync.
    sync_names: bool,
    shm: Option<SharedShm>,
    held: Held,
}

static METHODS: sqlite3_io_methods = sqlite3_io_methods {
    iVersion: 2,
    xClose: Some(close),
    xRead: Some(read),
    xWrite: Some(write),
    xTruncate: Some(truncate),
    xSync: Some(sync),
    xFileSize: Some(file_size),
    xLock: Some(lock),
    xUnlock: Some(unlock),
    xCheckReservedLock: Some(is_reserved),
    xFileControl: Some(control),
    xSectorSize: Some(sector_size),
    xDeviceCharacteristics: Some(characteristics),
    xShmMap: Some(shm_map),
    xShmLock: Some(shm_lock),
    xShmBarrier: Some(shm_barrier),
    xShmUnmap: Some(shm_unmap),
    xFetch: None,
    xUnfetch: None,
};

impl OpenFile {
    /// Makes `file` this open file.
    ///
    /// # Safety
    /// `file` has room for an [`OpenFile`].
    pub unsafe fn put(file: *mut sqlite3_file, handle: Handle) {
        let open =
            OpenFile { base: sqlite3_file { pMethods: &METHODS }, handle: Box::into_raw(Box::new(handle)) };
        // SAFETY: by this function's own condition.
        unsafe { ptr::write(file.cast(), open) };
    }
}

/// # Safety
/// `file` was opened here and is used by one thread at a time, as SQLite sees to.
unsafe fn handle<'a>(file: *mut sqlite3_file) -> &'a mut Handle {
    // SAFETY: by this function's own condition.
    unsafe { &mut *(*file.cast::<OpenFile>()).handle }
}

fn ended(result: Result<(), i32>) -> c_int {
    result.err().unwrap_or(ffi::SQLITE_OK)
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

    fn state(&self) -> MutexGuard<'_, State> {
        self.disk.state()
    }

    fn is_alive(&self) -> bool {
        self.state().is_alive(self.life)
    }

    fn set_lock(&mut self, wanted: c_int) -> c_int {
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

    fn unlock(&mut self, wanted: c_int) {
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

    fn map(&mut self, region: usize, bytes: usize, extend: bool) -> Result<*mut u64, i32> {
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

    fn unmap(&mut self) {
        if let Some(shm) = self.shm.take() {
            locked(&shm).unlock(&mut self.held, u16::MAX);
        }
    }
}

fn locked(shm: &SharedShm) -> MutexGuard<'_, Shm> {
    shm.lock().unwrap_or_else(PoisonError::into_inner)
}

unsafe extern "C" fn close(file: *mut sqlite3_file) -> c_int {
    // SAFETY: SQLite closes a file once, and one that was opened here.
    let mut handle = unsafe { Box::from_raw((*file.cast::<OpenFile>()).handle) };
    handle.unmap();
    handle.unlock(ffi::SQLITE_LOCK_NONE);
    let mut state = handle.state();
    if state.life == handle.life {
        state.closed(handle.file);
    }
    ffi::SQLITE_OK
}

unsafe extern "C" fn read(
    file: *mut sqlite3_file,
    out: *mut c_void,
    amount: c_int,
    at: sqlite3_int64,
) -> c_int {
    // SAFETY: the file is ours, and `out` has `amount` bytes.
    let (handle, out) = unsafe {
        (handle(file), std::slice::from_raw_parts_mut(out.cast::<u8>(), usize::try_from(amount).unwrap_or(0)))
    };
    let state = handle.state();
    if !state.is_alive(handle.life) {
        return ffi::SQLITE_IOERR_READ;
    }
    let rest = usize::try_from(at).ok().and_then(|at| state.bytes(handle.file).get(at..)).unwrap_or(&[]);
    let there = rest.len().min(out.len());
    out[..there].copy_from_slice(&rest[..there]);
    out[there..].fill(0);
    if there < out.len() { ffi::SQLITE_IOERR_SHORT_READ } else { ffi::SQLITE_OK }
}

unsafe extern "C" fn write(
    file: *mut sqlite3_file,
    data: *const c_void,
    amount: c_int,
    at: sqlite3_int64,
) -> c_int {
    // SAFETY: the file is ours, and `data` has `amount` bytes.
    let (handle, data) = unsafe {
        (handle(file), std::slice::from_raw_parts(data.cast::<u8>(), usize::try_from(amount).unwrap_or(0)))
    };
    let Ok(at) = usize::try_from(at) else { return ffi::SQLITE_IOERR_WRITE };
    ended(handle.state().write(handle.life, handle.file, at, data))
}

unsafe extern "C" fn truncate(file: *mut sqlite3_file, len: sqlite3_int64) -> c_int {
    // SAFETY: the file is ours.
    let handle = unsafe { handle(file) };
    let Ok(len) = usize::try_from(len) else { return ffi::SQLITE_IOERR_TRUNCATE };
    ended(handle.state().truncate(handle.life, handle.file, len))
}

unsafe extern "C" fn sync(file: *mut sqlite3_file, _flags: c_int) -> c_int {
    // SAFETY: the file is ours.
    let handle = unsafe { handle(file) };
    let mut state = handle.disk.state();
    if let Err(code) = state.sync(handle.life, handle.file) {
        return code;
    }
    if std::mem::take(&mut handle.sync_names) {
        // SQLite's own VFS does not look at how this ends.
        let _ = state.sync_names(handle.life);
    }
    ffi::SQLITE_OK
}

unsafe extern "C" fn file_size(file: *mut sqlite3_file, out: *mut sqlite3_int64) -> c_int {
    // SAFETY: the file is ours.
    let handle = unsafe { handle(file) };
    let state = handle.state();
    if !state.is_alive(handle.life) {
        return ffi::SQLITE_IOERR_FSTAT;
    }
    let len = state.bytes(handle.file).len();
    // SAFETY: SQLite asks for the size here.
    unsafe { *out = sqlite3_int64::try_from(len).unwrap_or(sqlite3_int64::MAX) };
    ffi::SQLITE_OK
}

unsafe extern "C" fn lock(file: *mut sqlite3_file, wanted: c_int) -> c_int {
    // SAFETY: the file is ours.
    unsafe { handle(file) }.set_lock(wanted)
}

unsafe extern "C" fn unlock(file: *mut sqlite3_file, wanted: c_int) -> c_int {
    // SAFETY: the file is ours.
    unsafe { handle(file) }.unlock(wanted);
    ffi::SQLITE_OK
}

unsafe extern "C" fn is_reserved(file: *mut sqlite3_file, out: *mut c_int) -> c_int {
    // SAFETY: the file is ours.
    let handle = unsafe { handle(file) };
    let reserved = handle.state().locks.get(&handle.file).is_some_and(|lock| lock.is_reserved());
    // SAFETY: SQLite asks for an answer here.
    unsafe { *out = c_int::from(reserved) };
    ffi::SQLITE_OK
}

unsafe extern "C" fn control(_: *mut sqlite3_file, _: c_int, _: *mut c_void) -> c_int {
    ffi::SQLITE_NOTFOUND
}

unsafe extern "C" fn sector_size(_: *mut sqlite3_file) -> c_int {
    // As SQLite's own VFSes say; what is torn are smaller sectors.
    4096
}

unsafe extern "C" fn characteristics(_: *mut sqlite3_file) -> c_int {
    ffi::SQLITE_IOCAP_POWERSAFE_OVERWRITE | ffi::SQLITE_IOCAP_SUBPAGE_READ
}

unsafe extern "C" fn shm_map(
    file: *mut sqlite3_file,
    region: c_int,
    bytes: c_int,
    extend: c_int,
    out: *mut *mut c_void,
) -> c_int {
    // SAFETY: the file is ours.
    let handle = unsafe { handle(file) };
    let (region, bytes) = (usize::try_from(region).unwrap_or(0), usize::try_from(bytes).unwrap_or(0));
    let (start, code) = match handle.map(region, bytes, extend != 0) {
        Ok(start) => (start, ffi::SQLITE_OK),
        Err(code) => (ptr::null_mut(), code),
    };
    // SAFETY: SQLite asks for the memory here.
    unsafe { *out = start.cast() };
    code
}

unsafe extern "C" fn shm_lock(file: *mut sqlite3_file, from: c_int, count: c_int, flags: c_int) -> c_int {
    // SAFETY: the file is ours.
    let handle = unsafe { handle(file) };
    let takes = flags & ffi::SQLITE_SHM_LOCK != 0;
    if takes && !handle.is_alive() {
        return ffi::SQLITE_IOERR_SHMLOCK;
    }
    let Some(shm) = handle.shm.clone() else { return ffi::SQLITE_IOERR_SHMLOCK };
    let (from, count) = (usize::try_from(from).unwrap_or(0), usize::try_from(count).unwrap_or(0));
    if locked(&shm).lock(&mut handle.held, from, from + count, flags) {
        ffi::SQLITE_OK
    } else {
        note_locked();
        ffi::SQLITE_BUSY
    }
}

unsafe extern "C" fn shm_barrier(_: *mut sqlite3_file) {
    fence(Ordering::SeqCst);
}

unsafe extern "C" fn shm_unmap(file: *mut sqlite3_file, _delete: c_int) -> c_int {
    // SAFETY: the file is ours.
    unsafe { handle(file) }.unmap();
    ffi::SQLITE_OK
}
