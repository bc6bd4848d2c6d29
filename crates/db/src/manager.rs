//! How often the manager's PIN was missed, derived: a restart forgives nothing.

use rusqlite::{Connection, OptionalExtension};

use crate::{Damage, Db, Fact, WriteError};

pub(crate) fn apply(conn: &Connection, fact: &Fact) -> Result<(), WriteError> {
    let sql = match fact {
        Fact::ManagerMissed {} => {
            "INSERT INTO manager (only_row, misses) VALUES (1, 1)
             ON CONFLICT (only_row) DO UPDATE SET misses = misses + 1"
        }
        _ => {
            "INSERT INTO manager (only_row, misses) VALUES (1, 0) ON CONFLICT (only_row) DO UPDATE SET misses = 0"
        }
    };
    conn.prepare_cached(sql)?.execute([])?;
    Ok(())
}

impl Db {
    /// Wrong tries at the manager's PIN since the last right one; `None` where no PIN was ever set.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn manager_misses(&self) -> Result<Option<u32>, Damage> {
        let mut statement = self.conn.prepare_cached("SELECT misses FROM manager")?;
        Ok(statement.query_row([], |row| row.get(0)).optional()?)
    }
}
