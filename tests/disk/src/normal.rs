//! A disk whose connections run with `synchronous=NORMAL` and believe in `FULL`: to see whether a test notices the difference.
//!
//! The program goes on asking for `FULL` and reads back that it has it; SQLite itself syncs its log only before it is moved over.

use std::ffi::{CStr, c_char, c_int};
use std::ptr;
use std::sync::Once;

use rusqlite::ffi::{self, sqlite3, sqlite3_api_routines};

use crate::vfs::is_normal;

/// Lets SQLite call [`opened`] for each connection, once in a process.
pub(crate) fn install() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        // SAFETY: the function is here for ever and keeps to the contract of an extension's entry.
        let code = unsafe { ffi::sqlite3_auto_extension(Some(opened)) };
        assert_eq!(code, ffi::SQLITE_OK, "SQLite takes the extension");
    });
}

unsafe extern "C" fn opened(
    conn: *mut sqlite3,
    _: *mut *mut c_char,
    _: *const sqlite3_api_routines,
) -> c_int {
    // SAFETY: SQLite hands over a connection that was just opened.
    let path = unsafe { ffi::sqlite3_db_filename(conn, c"main".as_ptr()) };
    if !is_normal(path) {
        return ffi::SQLITE_OK;
    }
    let sql = c"PRAGMA synchronous = NORMAL";
    // SAFETY: as above; nothing is called back, and no message is wanted.
    unsafe { ffi::sqlite3_exec(conn, sql.as_ptr(), None, ptr::null_mut(), ptr::null_mut()) }
}

/// Answers for `synchronous` as if it were what the program asked for.
///
/// # Safety
/// `about` are three pointers: room for an answer, the pragma's name, and its value or null.
pub(crate) unsafe fn pragma(about: *mut *mut c_char) -> c_int {
    // SAFETY: by this function's own condition; texts end with a zero.
    let (name, value) = unsafe { (CStr::from_ptr(*about.add(1)), (*about.add(2)).as_ref()) };
    if !name.to_bytes().eq_ignore_ascii_case(b"synchronous") {
        return ffi::SQLITE_NOTFOUND;
    }
    match value {
        None => {
            // SAFETY: SQLite frees the answer, which it made itself.
            unsafe { *about = ffi::sqlite3_mprintf(c"2".as_ptr()) };
            ffi::SQLITE_OK
        }
        // SAFETY: as above.
        Some(value) => match unsafe { CStr::from_ptr(value) }.to_bytes() {
            b"FULL" | b"2" => ffi::SQLITE_OK,
            _ => ffi::SQLITE_NOTFOUND,
        },
    }
}
