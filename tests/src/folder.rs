//! Where a till at the desk keeps its file.

use std::path::{Path, PathBuf};

use guitai_app::folder::StartError;
use guitai_db::{Db, Identity, Mode};
use guitai_domain::{Epoch, TillId};
use guitai_test_disk::Disk;
use tempfile::TempDir;

pub(crate) const DEVICE: &[u8] = b"the secret beside the file";
const NAME: &str = "till.db";

/// A till's folder.
pub enum Folder {
    /// One that is gone with the till.
    Own(TempDir),
    /// One that stays.
    Given(PathBuf),
    /// A disk in memory.
    Disk(Disk),
}

impl<P: AsRef<Path> + ?Sized> From<&P> for Folder {
    fn from(path: &P) -> Folder {
        Folder::Given(path.as_ref().to_owned())
    }
}

impl From<Disk> for Folder {
    fn from(disk: Disk) -> Folder {
        Folder::Disk(disk)
    }
}

impl Folder {
    /// A folder that is gone with the till.
    pub(crate) fn temporary() -> Folder {
        // No power cut is tried here, so the file may lie where writing through costs nothing.
        let shm = Path::new("/dev/shm");
        let folder = if shm.is_dir() { tempfile::tempdir_in(shm) } else { tempfile::tempdir() };
        Folder::Own(folder.expect("a folder"))
    }

    pub(crate) fn path(&self) -> PathBuf {
        match self {
            Folder::Own(folder) => folder.path().to_owned(),
            Folder::Given(path) => path.clone(),
            Folder::Disk(disk) => disk.folder(),
        }
    }

    pub(crate) fn disk(&self) -> Option<&Disk> {
        match self {
            Folder::Disk(disk) => Some(disk),
            Folder::Own(_) | Folder::Given(_) => None,
        }
    }

    /// The till's file, new if there is none.
    pub(crate) fn open_or_create(&self) -> Result<Db, StartError> {
        let path = self.path().join(NAME);
        let exists = match self {
            Folder::Own(_) | Folder::Given(_) => path.exists(),
            Folder::Disk(disk) => disk.exists(NAME),
        };
        if exists {
            return Ok(Db::open(&path, Mode::Training, DEVICE)?);
        }
        let identity =
            Identity { till: TillId::from_random(7), epoch: Epoch::from_random(9), mode: Mode::Training };
        match self {
            Folder::Own(_) | Folder::Given(_) => Ok(Db::create(&path, &identity, DEVICE)?),
            Folder::Disk(disk) => create_on(disk, &identity),
        }
    }
}

/// Sets a till up the way the till does it in a folder: under another name first.
fn create_on(disk: &Disk, identity: &Identity) -> Result<Db, StartError> {
    let draft = "till.db.new";
    for left in [draft, "till.db.new-wal", "till.db.new-shm"] {
        disk.remove(left)?;
    }
    Db::create(&disk.path(draft), identity, DEVICE)?.close()?;
    disk.rename(draft, NAME)?;
    disk.sync_folder()?;
    Ok(Db::open(&disk.path(NAME), Mode::Training, DEVICE)?)
}
