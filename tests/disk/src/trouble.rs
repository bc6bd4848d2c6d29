//! What can go wrong at a storage call, and how SQLite is told.

use rusqlite::ffi;

/// Trouble that a disk makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// No room left (`ENOSPC`).
    Full,
    /// The device fails (`EIO`).
    Io,
    /// It was mounted read-only under the program's feet (`EROFS`).
    ReadOnly,
}

/// Where a program is stopped, in storage calls counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// This call and all later ones have no effect.
    Before(u64),
    /// Of this call only half is done, where it is a write; later ones have no effect.
    Within(u64),
    /// This call is done, later ones have no effect.
    After(u64),
}

/// A storage call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Call {
    /// Bytes are written into a file.
    Write,
    /// A file is made shorter or longer.
    Truncate,
    /// A file is made durable.
    Sync,
    /// The names in the folder are made durable.
    SyncNames,
    /// A file loses its name.
    Delete,
    /// A file gets another name.
    Rename,
    /// A file is made.
    Create,
    /// The shared memory grows.
    Grow,
}

/// How much of a call is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Whole,
    Half,
    /// It fails, and may leave something behind that is worse than nothing.
    Failed,
}

/// Trouble over a stretch of storage calls.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stretch {
    pub what: Trouble,
    pub from: u64,
    pub how_many: u64,
}

impl Stretch {
    pub fn covers(&self, call: u64) -> bool {
        call >= self.from && call - self.from < self.how_many
    }
}

impl Trouble {
    /// Whether such a call fails when the disk is in this trouble.
    #[must_use]
    pub fn hits(self, call: Call) -> bool {
        match (self, call) {
            (Trouble::Io, _) | (Trouble::Full, Call::Write | Call::Grow) => true,
            (
                Trouble::Full,
                Call::Truncate | Call::Sync | Call::SyncNames | Call::Delete | Call::Rename | Call::Create,
            )
            | (Trouble::ReadOnly, Call::Sync | Call::SyncNames) => false,
            (
                Trouble::ReadOnly,
                Call::Write | Call::Truncate | Call::Delete | Call::Rename | Call::Create | Call::Grow,
            ) => true,
        }
    }

    pub(crate) fn leaves(self, call: Call) -> Part {
        if self == Trouble::Full && call == Call::Write { Part::Half } else { Part::Failed }
    }
}

/// What SQLite's own VFS for Unix would return; no trouble means that the program is dead.
pub(crate) fn code(call: Call, trouble: Option<Trouble>) -> i32 {
    match (call, trouble) {
        (Call::Write, Some(Trouble::Full)) => ffi::SQLITE_FULL,
        (Call::Write, Some(Trouble::Io | Trouble::ReadOnly) | None) => ffi::SQLITE_IOERR_WRITE,
        (Call::Truncate, _) => ffi::SQLITE_IOERR_TRUNCATE,
        (Call::Sync, _) => ffi::SQLITE_IOERR_FSYNC,
        (Call::SyncNames, _) => ffi::SQLITE_IOERR_DIR_FSYNC,
        (Call::Delete | Call::Rename, _) => ffi::SQLITE_IOERR_DELETE,
        (Call::Create, _) | (Call::Grow, Some(Trouble::ReadOnly)) => ffi::SQLITE_CANTOPEN,
        (Call::Grow, Some(Trouble::Full | Trouble::Io) | None) => ffi::SQLITE_IOERR_SHMSIZE,
    }
}
