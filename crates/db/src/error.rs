//! What can be wrong with the file, told apart by what a person can do about it.

use rusqlite::ErrorCode;
use thiserror::Error;

use crate::Mode;

/// Why the file cannot be opened for business.
#[derive(Debug, Error)]
pub enum OpenError {
    /// The file is a database, but not one of ours.
    #[error("this file is not a Guitai database")]
    NotGuitai,
    /// A newer program wrote it.
    #[error("this database was written by a newer version of Guitai")]
    Newer,
    /// It was copied here from another till or machine.
    #[error("this database belongs to till {till}, not to this one")]
    OtherTill {
        /// The till that the file belongs to.
        till: String,
    },
    /// Training records and real ones never mix.
    #[error("this is a {found} database, but the till runs in {wanted} mode")]
    OtherMode {
        /// What the file is.
        found: Mode,
        /// What was asked for.
        wanted: Mode,
    },
    /// SQLite did not take one of the settings that money depends on.
    #[error("SQLite setting {name} is {found} instead of {wanted}")]
    Setting {
        /// The pragma.
        name: &'static str,
        /// What it reads back as.
        found: String,
        /// What it must be.
        wanted: &'static str,
    },
    /// The linked SQLite has the WAL-reset bug (3.7.0 to 3.51.2).
    #[error("SQLite {0} can corrupt its write-ahead log; 3.51.3 or later is needed")]
    OldSqlite(&'static str),
    /// The file or its disk is not well.
    #[error("{0}")]
    Damaged(Damage),
}

/// Why a fact could not be written. Nothing of it is in the file, or it is not known whether it is.
#[derive(Debug, Error)]
pub enum WriteError {
    /// The file or its disk is not well.
    #[error("{0}")]
    Damaged(Damage),
    /// A rule of the tables forbids it, such as a second open payment for one sale.
    #[error("the database refuses this: {0}")]
    Refused(String),
}

/// What is wrong with the file or its disk.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Damage {
    /// No room left.
    #[error("the disk is full")]
    Full,
    /// Cannot be written.
    #[error("the disk or the file is read-only")]
    ReadOnly,
    /// Another program holds it.
    #[error("another program holds the database")]
    Busy,
    /// It is not what was written.
    #[error("the database is damaged: {0}")]
    Corrupt(String),
    /// The disk fails, or something unexpected.
    #[error("the disk reports an error: {0}")]
    Disk(String),
}

impl Damage {
    pub(crate) fn of(error: &rusqlite::Error) -> Damage {
        // The log's index is grown by the file system, which says only that it could not.
        if error
            .sqlite_error()
            .is_some_and(|error| error.extended_code == rusqlite::ffi::SQLITE_IOERR_SHMSIZE)
        {
            return Damage::Full;
        }
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Damage::Full,
            Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied | ErrorCode::CannotOpen) => {
                Damage::ReadOnly
            }
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Damage::Busy,
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Damage::Corrupt(error.to_string()),
            _ => Damage::Disk(error.to_string()),
        }
    }
}

impl From<rusqlite::Error> for OpenError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::NotADatabase) => OpenError::NotGuitai,
            _ => OpenError::Damaged(Damage::of(&error)),
        }
    }
}

impl From<rusqlite::Error> for WriteError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::ConstraintViolation) => WriteError::Refused(error.to_string()),
            _ => WriteError::Damaged(Damage::of(&error)),
        }
    }
}

impl From<rusqlite::Error> for Damage {
    fn from(error: rusqlite::Error) -> Self {
        Damage::of(&error)
    }
}

impl From<Damage> for WriteError {
    fn from(damage: Damage) -> Self {
        WriteError::Damaged(damage)
    }
}
