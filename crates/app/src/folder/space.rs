//! Room on the disk: how much is left, and a reserve that is given up when there is none.

use std::fs::OpenOptions;
use std::io;
use std::path::PathBuf;

use fs4::FileExt;
use guitai_db::Mode;

use super::Folder;
use super::backups::remove_if_there;

/// How large the ballast is: room for some 100,000 entries.
pub const BALLAST_BYTES: u64 = 256 * 1024 * 1024;
/// No ballast is made where less than this is free.
const BALLAST_FROM_BYTES: u64 = 4_000_000_000;

impl Folder {
    /// How many bytes can still be written where the till's folder is.
    ///
    /// # Errors
    /// When the system does not say.
    pub fn free_bytes(&self) -> io::Result<u64> {
        // Before the till is set up its folder is not there yet.
        let existing = self.path.ancestors().find(|path| path.exists());
        fs4::available_space(existing.unwrap_or(&self.root))
    }

    /// Puts by a reserve, so that a disk that something else has filled still takes what is needed to finish open sales.
    /// Real tills only, and only where there is room enough. Answers whether there is one.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn keep_ballast(&self) -> io::Result<bool> {
        if self.ballast().exists() {
            return Ok(true);
        }
        if self.mode != Mode::Real || self.free_bytes()? <= BALLAST_FROM_BYTES {
            return Ok(false);
        }
        let file = OpenOptions::new().create_new(true).write(true).open(self.ballast())?;
        // Really taken, not only promised; a file that takes no room would be no reserve.
        let taken = FileExt::allocate(&file, BALLAST_BYTES).and_then(|()| file.sync_all());
        if taken.is_err() {
            drop(file);
            remove_if_there(&self.ballast())?;
        }
        taken.map(|()| true)
    }

    /// Gives the reserve up. Answers whether there was one.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn release_ballast(&self) -> io::Result<bool> {
        let was_there = self.ballast().exists();
        remove_if_there(&self.ballast())?;
        Ok(was_there)
    }

    fn ballast(&self) -> PathBuf {
        self.path.join("ballast")
    }
}
