//! The locks on a database file, between the connections of this process.

use rusqlite::ffi;

/// Who holds what. A holder is an open file, by its number.
#[derive(Debug, Default)]
pub(crate) struct FileLock {
    /// How many hold at least a shared lock.
    shared: u32,
    reserved: Option<u64>,
    /// Whoever waits for the readers to leave; nobody new may begin to read.
    pending: Option<u64>,
    exclusive: Option<u64>,
}

impl FileLock {
    /// Raises `who` from `level` towards `wanted`: the level reached, and whether that is enough.
    pub fn raise(&mut self, who: u64, level: i32, wanted: i32) -> (i32, bool) {
        let by_other = |holder: Option<u64>| holder.is_some_and(|holder| holder != who);
        if level >= wanted {
            return (level, true);
        }
        if level == ffi::SQLITE_LOCK_NONE {
            if wanted != ffi::SQLITE_LOCK_SHARED || by_other(self.pending) || by_other(self.exclusive) {
                return (level, false);
            }
            self.shared += 1;
            return (wanted, true);
        }
        if by_other(self.reserved) || by_other(self.pending) || by_other(self.exclusive) {
            return (level, false);
        }
        if wanted == ffi::SQLITE_LOCK_RESERVED {
            self.reserved = Some(who);
            return (wanted, true);
        }
        self.pending = Some(who);
        if self.shared > 1 {
            return (ffi::SQLITE_LOCK_PENDING, false);
        }
        self.exclusive = Some(who);
        (ffi::SQLITE_LOCK_EXCLUSIVE, true)
    }

    /// Lowers `who` from `level` to `wanted`, which is shared or none.
    pub fn lower(&mut self, who: u64, level: i32, wanted: i32) {
        for holder in [&mut self.reserved, &mut self.pending, &mut self.exclusive] {
            if *holder == Some(who) {
                *holder = None;
            }
        }
        if level >= ffi::SQLITE_LOCK_SHARED && wanted == ffi::SQLITE_LOCK_NONE {
            self.shared -= 1;
        }
    }

    /// Whether anybody means to write.
    pub fn is_reserved(&self) -> bool {
        self.reserved.or(self.pending).or(self.exclusive).is_some()
    }
}
