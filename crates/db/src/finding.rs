//! What an audit proves, what it finds, and how it is watched.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use guitai_domain::Timestamp;
use rusqlite::ErrorCode;
use thiserror::Error;

use crate::{ChainHead, Damage, WriteError};

/// What was proven: the file is whole up to this entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Audit {
    /// The last entry.
    pub seq: u64,
    /// The same with its hash.
    pub head: ChainHead,
    /// When it was proven.
    pub at: Timestamp,
}

/// Why there is no proof.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum AuditError {
    /// Somebody stopped it.
    #[error("the audit was stopped")]
    Stopped,
    /// The file cannot be read for now.
    #[error("{0}")]
    Unreadable(Damage),
    /// The file is not whole.
    #[error("{0}")]
    Wrong(Finding),
}

/// The first thing that is not as it was written.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Finding {
    /// SQLite's own check.
    #[error("pages: {0}")]
    Pages(String),
    /// A table, index or trigger is not the one this program made.
    #[error("the schema differs at {0}")]
    Schema(String),
    /// The table `till` does not say what the journal says.
    #[error("the table till differs from the journal: {0}")]
    Identity(String),
    /// The journal breaks here.
    #[error("the journal breaks at entry {seq}")]
    Entry {
        /// The first entry that is missing or not what was written.
        seq: u64,
    },
    /// The journal is sealed, but this program would never have written it.
    #[error("the journal breaks a rule: {0}")]
    Rule(String),
    /// A derived row is not what the journal makes of it.
    #[error("the table {table} differs from the journal at {key}")]
    Row {
        /// The table.
        table: String,
        /// The row.
        key: String,
    },
}

/// How far an audit is, and the way to stop it; may be shared with another thread.
#[derive(Debug, Clone, Default)]
pub struct Watch {
    pub(crate) stopped: Arc<AtomicBool>,
    permille: Arc<AtomicU64>,
}

impl Watch {
    /// Ends the audit soon.
    pub fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
    }

    /// How far it is, from 0 to 1000.
    #[must_use]
    pub fn permille(&self) -> u64 {
        self.permille.load(Ordering::Relaxed)
    }

    pub(crate) fn go_on(&self, permille: u64) -> Result<(), AuditError> {
        self.permille.store(permille, Ordering::Relaxed);
        if self.stopped.load(Ordering::Relaxed) { Err(AuditError::Stopped) } else { Ok(()) }
    }
}

impl From<rusqlite::Error> for AuditError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::OperationInterrupted) => AuditError::Stopped,
            _ => Damage::of(&error).into(),
        }
    }
}

impl From<Damage> for AuditError {
    fn from(damage: Damage) -> Self {
        match damage {
            Damage::Corrupt(what) => AuditError::Wrong(Finding::Pages(what)),
            Damage::Full | Damage::ReadOnly | Damage::Busy | Damage::Disk(_) => {
                AuditError::Unreadable(damage)
            }
        }
    }
}

impl From<WriteError> for AuditError {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::Damaged(damage) => damage.into(),
            WriteError::Refused(what) => AuditError::Wrong(Finding::Rule(what)),
        }
    }
}

impl From<AuditError> for Damage {
    fn from(error: AuditError) -> Self {
        match error {
            AuditError::Stopped => Damage::Busy,
            AuditError::Unreadable(damage) => damage,
            AuditError::Wrong(finding) => Damage::Corrupt(finding.to_string()),
        }
    }
}
