//! An open file, and what SQLite does with it.

use std::ffi::{c_int, c_void};
use std::ptr;
use std::sync::atomic::{Ordering, fence};

use rusqlite::ffi::{self, sqlite3_file, sqlite3_int64, sqlite3_io_methods};

use crate::handle::{Handle, locked};
use crate::normal;
use crate::vfs::note_locked;

/// What SQLite keeps of an open file: its own part first, then ours.
#[repr(C)]
pub(crate) struct OpenFile {
    base: sqlite3_file,
    handle: *mut Handle,
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

unsafe extern "C" fn control(file: *mut sqlite3_file, what: c_int, about: *mut c_void) -> c_int {
    // SAFETY: the file is ours.
    let is_normal = unsafe { handle(file) }.state().normal;
    if what == ffi::SQLITE_FCNTL_PRAGMA && is_normal {
        // SAFETY: with this request comes an array of texts: room for an answer, the pragma's name, its value.
        return unsafe { normal::pragma(about.cast()) };
    }
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
