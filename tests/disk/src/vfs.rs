//! The VFS: paths of a disk are ours, every other goes to the VFS that was the default before.

use std::cell::Cell;
use std::ffi::{CStr, c_char, c_int};
use std::mem;
use std::ptr;
use std::sync::{Arc, Once};

use rusqlite::ffi::{self, sqlite3_file, sqlite3_vfs};

use crate::disk::{Inner, by_number};
use crate::file::OpenFile;
use crate::handle::Handle;

/// How the paths of all disks begin; the disk's number and a file's name follow.
pub(crate) const PREFIX: &str = "/disk-";

thread_local! {
    /// Whether it was a disk that was locked last: nobody waits for those.
    static LOCKED: Cell<bool> = const { Cell::new(false) };
}

/// Notes that a lock of a disk was not to be had.
pub(crate) fn note_locked() {
    LOCKED.set(true);
}

/// Registers the VFS as the default, once in a process.
pub(crate) fn install() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        // SAFETY: this wants a flag. Where SQLite is in use already it is refused, and nothing is lost by that but speed: counting
        // every allocation under one lock is what threads with disks of their own would wait for most.
        let _ = unsafe { ffi::sqlite3_config(ffi::SQLITE_CONFIG_MEMSTATUS, 0) };
        // SAFETY: finding the default VFS initialises SQLite and has no other condition.
        let before = unsafe { ffi::sqlite3_vfs_find(ptr::null()) };
        assert!(!before.is_null(), "SQLite brings a VFS of its own");
        let vfs = Box::leak(Box::new(make(before)));
        // SAFETY: the VFS and its name live for ever, and every method it names is here.
        let code = unsafe { ffi::sqlite3_vfs_register(vfs, 1) };
        assert_eq!(code, ffi::SQLITE_OK, "SQLite takes the VFS");
    });
}

fn make(before: *mut sqlite3_vfs) -> sqlite3_vfs {
    // SAFETY: SQLite's default VFS lives for ever and is not changed.
    let (size, longest) = unsafe { ((*before).szOsFile, (*before).mxPathname) };
    let ours = c_int::try_from(mem::size_of::<OpenFile>()).expect("a small struct");
    sqlite3_vfs {
        iVersion: 2,
        szOsFile: size.max(ours),
        mxPathname: longest,
        pNext: ptr::null_mut(),
        zName: c"guitai-disk".as_ptr(),
        pAppData: before.cast(),
        xOpen: Some(open),
        xDelete: Some(delete),
        xAccess: Some(access),
        xFullPathname: Some(full_path),
        // Nobody loads extensions here.
        xDlOpen: None,
        xDlError: None,
        xDlSym: None,
        xDlClose: None,
        xRandomness: Some(randomness),
        xSleep: Some(sleep),
        xCurrentTime: Some(current_time),
        xGetLastError: Some(last_error),
        xCurrentTimeInt64: Some(current_time_ms),
        xSetSystemCall: None,
        xGetSystemCall: None,
        xNextSystemCall: None,
    }
}

/// The VFS that was the default before.
fn before(vfs: *mut sqlite3_vfs) -> *mut sqlite3_vfs {
    // SAFETY: SQLite hands over the VFS made above.
    unsafe { (*vfs).pAppData.cast() }
}

/// Where a path leads.
enum Place<'a> {
    Elsewhere,
    /// A disk that is gone.
    Nowhere,
    On(Arc<Inner>, &'a str),
}

fn place<'a>(path: *const c_char) -> Place<'a> {
    if path.is_null() {
        return Place::Elsewhere;
    }
    // SAFETY: SQLite's paths end with a zero and live as long as the call.
    let text = unsafe { CStr::from_ptr(path) }.to_str();
    let Some(rest) = text.ok().and_then(|text| text.strip_prefix(PREFIX)) else { return Place::Elsewhere };
    let Some((number, name)) = rest.split_once(['/', '\\']) else { return Place::Nowhere };
    match number.parse().ok().and_then(by_number) {
        Some(disk) => Place::On(disk, name),
        None => Place::Nowhere,
    }
}

/// Whether a path leads to a disk that is [normally synchronous](crate::Disk::normally_synchronous).
pub(crate) fn is_normal(path: *const c_char) -> bool {
    match place(path) {
        Place::On(disk, _) => disk.state().normal,
        Place::Elsewhere | Place::Nowhere => false,
    }
}

unsafe extern "C" fn open(
    vfs: *mut sqlite3_vfs,
    path: *const c_char,
    file: *mut sqlite3_file,
    flags: c_int,
    flags_out: *mut c_int,
) -> c_int {
    // SAFETY: SQLite gives `szOsFile` bytes; without methods it does not close what was not opened.
    unsafe { (*file).pMethods = ptr::null() };
    match place(path) {
        Place::Elsewhere => {
            let before = before(vfs);
            // SAFETY: every VFS can open files, and the file has room for this one's.
            unsafe { (*before).xOpen.expect("a VFS opens")(before, path, file, flags, flags_out) }
        }
        Place::Nowhere => ffi::SQLITE_CANTOPEN,
        Place::On(disk, name) => match Handle::open(disk, name, flags) {
            Err(code) => code,
            Ok((handle, flags)) => {
                // SAFETY: as above; `flags_out` may be null.
                unsafe {
                    OpenFile::put(file, handle);
                    if let Some(out) = flags_out.as_mut() {
                        *out = flags;
                    }
                }
                ffi::SQLITE_OK
            }
        },
    }
}

unsafe extern "C" fn delete(vfs: *mut sqlite3_vfs, path: *const c_char, sync_names: c_int) -> c_int {
    match place(path) {
        Place::Elsewhere => {
            let before = before(vfs);
            // SAFETY: the arguments are handed on as they came.
            unsafe { (*before).xDelete.expect("a VFS deletes")(before, path, sync_names) }
        }
        Place::Nowhere => ffi::SQLITE_IOERR_DELETE,
        Place::On(disk, name) => {
            let mut state = disk.state();
            if state.find(name).is_none() {
                return ffi::SQLITE_IOERR_DELETE_NOENT;
            }
            let life = state.life;
            state.delete(life, name, sync_names & 1 != 0).err().unwrap_or(ffi::SQLITE_OK)
        }
    }
}

unsafe extern "C" fn access(
    vfs: *mut sqlite3_vfs,
    path: *const c_char,
    flags: c_int,
    answer: *mut c_int,
) -> c_int {
    let found = match place(path) {
        Place::Elsewhere => {
            let before = before(vfs);
            // SAFETY: the arguments are handed on as they came.
            return unsafe { (*before).xAccess.expect("a VFS looks")(before, path, flags, answer) };
        }
        Place::Nowhere => false,
        Place::On(disk, name) => {
            let state = disk.state();
            if state.stopped {
                return ffi::SQLITE_IOERR_ACCESS;
            }
            // As SQLite's own VFS has it, an empty file is none.
            state.find(name).is_some_and(|file| !state.bytes(file).is_empty())
        }
    };
    // SAFETY: SQLite asks for an answer here.
    unsafe { *answer = c_int::from(found) };
    ffi::SQLITE_OK
}

unsafe extern "C" fn full_path(
    vfs: *mut sqlite3_vfs,
    path: *const c_char,
    room: c_int,
    out: *mut c_char,
) -> c_int {
    if let Place::Elsewhere = place(path) {
        let before = before(vfs);
        // SAFETY: the arguments are handed on as they came.
        return unsafe { (*before).xFullPathname.expect("a VFS names")(before, path, room, out) };
    }
    // SAFETY: as in `place`.
    let bytes = unsafe { CStr::from_ptr(path) }.to_bytes_with_nul();
    if usize::try_from(room).is_ok_and(|room| bytes.len() <= room) {
        // SAFETY: `out` has `room` bytes, and the path fits.
        unsafe { ptr::copy_nonoverlapping(bytes.as_ptr().cast(), out, bytes.len()) };
        ffi::SQLITE_OK
    } else {
        ffi::SQLITE_CANTOPEN
    }
}

unsafe extern "C" fn randomness(vfs: *mut sqlite3_vfs, bytes: c_int, out: *mut c_char) -> c_int {
    let before = before(vfs);
    // SAFETY: the arguments are handed on as they came.
    unsafe { (*before).xRandomness.expect("a VFS has chance")(before, bytes, out) }
}

unsafe extern "C" fn sleep(vfs: *mut sqlite3_vfs, micros: c_int) -> c_int {
    if LOCKED.take() {
        std::thread::yield_now();
        return micros;
    }
    let before = before(vfs);
    // SAFETY: the arguments are handed on as they came.
    unsafe { (*before).xSleep.expect("a VFS sleeps")(before, micros) }
}

unsafe extern "C" fn current_time(vfs: *mut sqlite3_vfs, out: *mut f64) -> c_int {
    let before = before(vfs);
    // SAFETY: the arguments are handed on as they came.
    unsafe { (*before).xCurrentTime.expect("a VFS knows the time")(before, out) }
}

unsafe extern "C" fn current_time_ms(vfs: *mut sqlite3_vfs, out: *mut ffi::sqlite3_int64) -> c_int {
    let before = before(vfs);
    // SAFETY: the arguments are handed on as they came.
    unsafe { (*before).xCurrentTimeInt64.expect("a VFS knows the time")(before, out) }
}

unsafe extern "C" fn last_error(_: *mut sqlite3_vfs, _: c_int, _: *mut c_char) -> c_int {
    0
}
