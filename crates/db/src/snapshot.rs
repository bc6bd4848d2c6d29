//! A second, read-only look at the file as it stands at one moment, while the till goes on writing.

use std::ops::Deref;
use std::path::Path;
use std::time::Duration;

use guitai_domain::Timestamp;
use rusqlite::backup::Backup;
use rusqlite::{Connection, OpenFlags};

use crate::open::{check_ours, identity_in};
use crate::{Audit, AuditError, Damage, Db, Finding, OpenError, Watch};

/// The file at one moment. What it is asked, it answers from that moment; the till writes on beside it. Drop it soon:
/// while it is held, the write-ahead log only grows.
#[derive(Debug)]
pub struct Snapshot {
    db: Db,
}

impl Snapshot {
    /// Looks at the file in `path`, whose ever it is.
    ///
    /// # Errors
    /// When it is not one of ours, or cannot be read.
    pub fn open(path: &Path) -> Result<Snapshot, OpenError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let conn = Connection::open_with_flags(path, flags)?;
        conn.busy_timeout(Duration::from_millis(5_000))?;
        conn.pragma_update(None, "trusted_schema", "OFF")?;
        conn.pragma_update(None, "cell_size_check", "ON")?;
        // The moment is that of the first read.
        conn.execute_batch("BEGIN; SELECT count(*) FROM sqlite_schema")?;
        check_ours(&conn)?;
        let identity = identity_in(&conn)?;
        Ok(Snapshot { db: Db::finish(conn, path, identity, &[])? })
    }
}

impl Snapshot {
    /// Copies what it sees to `path`, which must not exist, and proves the copy whole. A copy that is not is left there.
    ///
    /// # Errors
    /// When it cannot be written, is not whole, or somebody stops it.
    pub fn copy(&self, path: &Path, at: Timestamp, watch: &Watch) -> Result<Audit, AuditError> {
        if path.exists() {
            return Err(AuditError::Unreadable(Damage::Disk(format!("{} exists already", path.display()))));
        }
        copy_pages(&self.conn, path)?;
        let copy = Snapshot::open(path).map_err(|error| match error {
            OpenError::Damaged(damage) => AuditError::from(damage),
            other => AuditError::Wrong(Finding::Pages(other.to_string())),
        })?;
        let audit = copy.audit(at, watch)?;
        if audit.head != self.head() {
            return Err(AuditError::Wrong(Finding::Entry { seq: audit.seq + 1 }));
        }
        Ok(audit)
    }
}

/// Every page to a file of its own, with no log beside it.
pub(crate) fn copy_pages(conn: &Connection, path: &Path) -> Result<(), Damage> {
    let mut copy = Connection::open(path)?;
    Backup::new(conn, &mut copy)?.run_to_completion(1_000, Duration::ZERO, None)?;
    copy.pragma_update(None, "journal_mode", "DELETE")?;
    Ok(())
}

impl Deref for Snapshot {
    type Target = Db;

    fn deref(&self) -> &Db {
        &self.db
    }
}
