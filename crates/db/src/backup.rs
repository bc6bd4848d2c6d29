//! A copy of the whole file, made while the till goes on selling, and believed only after it was read back.

use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use crate::open::check_pages;
use crate::snapshot::copy_pages;
use crate::walk::{Verified, verify_chain};
use crate::{Damage, Db};

impl Db {
    /// Copies the file to `path`, which must not exist, and checks the copy: every page, and the whole chain.
    ///
    /// # Errors
    /// When the copy cannot be written or is not the same; a bad copy is left for inspection.
    pub fn backup(&self, path: &Path) -> Result<Verified, Damage> {
        if path.exists() {
            return Err(Damage::Disk(format!("{} exists already", path.display())));
        }
        copy_pages(&self.conn, path)?;
        let copy = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        check_pages(&copy, "integrity_check")?;
        let verified = verify_chain(&copy)?;
        match verified.broken_at {
            Some(seq) => Err(Damage::Corrupt(format!("the copy's journal breaks at entry {seq}"))),
            None if verified.head != self.head() => {
                Err(Damage::Corrupt("the copy is not complete".to_owned()))
            }
            None => Ok(verified),
        }
    }
}
