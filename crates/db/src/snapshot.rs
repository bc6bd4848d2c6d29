//! A second, read-only look at the file as it stands at one moment, while the till goes on writing.

use std::ops::Deref;
use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use crate::open::{check_ours, identity_in};
use crate::{Db, OpenError};

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
        Ok(Snapshot { db: Db::finish(conn, path, identity)? })
    }
}

impl Deref for Snapshot {
    type Target = Db;

    fn deref(&self) -> &Db {
        &self.db
    }
}
