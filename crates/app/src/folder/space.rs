//! Room on the disk: how much is left, and a reserve that is given up when there is none.

use std::fs::{self, OpenOptions};
use std::io;
use std::path::PathBuf;

use fs4::FileExt;
use guitai_db::Mode;

use super::Folder;
use super::backups::remove_if_there;

/// A reserve on the disk, and when there is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reserve {
    /// How large it is.
    pub bytes: u64,
    /// None is put by where no more than this is free.
    pub from_bytes: u64,
    /// With less room than this it is given back, so that open sales can be finished.
    pub release_below_bytes: u64,
}

impl Default for Reserve {
    /// Room for some 100,000 entries.
    fn default() -> Reserve {
        Reserve { bytes: 256 * 1024 * 1024, from_bytes: 4_000_000_000, release_below_bytes: 100_000_000 }
    }
}

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
    pub fn keep_ballast(&self, reserve: &Reserve) -> io::Result<bool> {
        match fs::metadata(self.ballast()) {
            Ok(there) if there.len() == reserve.bytes => return Ok(true),
            // The program died over it: it holds no room.
            Ok(_) => remove_if_there(&self.ballast())?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        if self.mode != Mode::Real || self.free_bytes()? <= reserve.from_bytes {
            return Ok(false);
        }
        let file = OpenOptions::new().create_new(true).write(true).open(self.ballast())?;
        // Really taken, not only promised; a file that takes no room would be no reserve.
        let taken = FileExt::allocate(&file, reserve.bytes).and_then(|()| file.sync_all());
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
