//! The till's folder: one for training, one for real money, each with its database, lock and device secret.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use guitai_db::{Db, Identity, Mode, OpenError};
use guitai_domain::{Epoch, TillId};
use ring::rand::{SecureRandom, SystemRandom};
use thiserror::Error;

use crate::view::MessageView;
use crate::words::{self, say};

pub mod backups;
mod place;
mod plan;
mod recognise;
mod restore;
mod space;

use place::Unfit;
pub use recognise::new_epoch_words;
pub use restore::{Offer, RestoreError, Restored};
pub use space::Reserve;

/// Where one till keeps one kind of records.
#[derive(Debug, Clone)]
pub struct Folder {
    root: PathBuf,
    path: PathBuf,
    mode: Mode,
}

/// The right to use a folder; given back when dropped, and by the system when the process dies.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

/// Why a till's folder cannot be used.
#[derive(Debug, Error)]
pub enum StartError {
    /// Another copy of the program uses it.
    #[error("another Guitai is using this folder")]
    InUse,
    /// There is a till in it already.
    #[error("there is a till in this folder already")]
    Exists,
    /// A real till was here, and its data file is gone.
    #[error("the till's data file is gone")]
    Gone,
    /// There is no till in it.
    #[error("there is no till in this folder")]
    Missing,
    /// The folder itself.
    #[error("the data folder cannot be used: {0}")]
    Folder(#[from] io::Error),
    /// The database in it.
    #[error("{0}")]
    Database(#[from] OpenError),
    /// It is to be set up on a network drive.
    #[error("{0} is a network drive")]
    Network(String),
    /// It is to be set up on something that can be pulled out.
    #[error("{0} can be pulled out")]
    Removable(String),
    /// The system gives no random bits; ids could repeat.
    #[error("the system gives no random numbers")]
    NoRandomness,
}

impl StartError {
    /// The words for a person.
    #[must_use]
    pub fn message(&self) -> MessageView {
        match self {
            StartError::InUse => say(
                "D-20",
                "柜台已经在运行，请切换到已打开的窗口",
                "Guitai is running already; switch to the open window",
            ),
            StartError::Exists => say(
                "D-21",
                "这里已经有一台收银机，未改动",
                "There is a till here already; nothing was changed",
            ),
            StartError::Gone => crate::trouble::gone(),
            StartError::Missing => say(
                "D-22",
                "这里还没有收银机，请先初始化（guitaictl init）",
                "There is no till here yet; run guitaictl init first",
            ),
            StartError::Folder(error) => say(
                "D-23",
                format!("数据文件夹不能使用，请检查磁盘和权限（{error}）"),
                format!("The data folder cannot be used; check the disk and its permissions ({error})"),
            ),
            StartError::Database(error) => words::open(error),
            StartError::Network(place) => say(
                "D-25",
                format!("数据不能放在网络盘（{place}），断网会损坏账本。请放在本机硬盘"),
                format!(
                    "The data cannot lie on a network drive ({place}): the line would break the books. Use a disk in this computer"
                ),
            ),
            StartError::Removable(place) => say(
                "D-26",
                format!("数据不能放在可拔出的盘（{place}）。请放在本机硬盘"),
                format!(
                    "The data cannot lie on something that can be pulled out ({place}). Use a disk in this computer"
                ),
            ),
            StartError::NoRandomness => say(
                "D-24",
                "系统无法提供随机数，不能安全收款",
                "The system gives no random numbers; it is not safe to sell",
            ),
        }
    }
}

/// Where tills keep their data unless told otherwise: `GUITAI_DATA`, or the user's own data folder.
#[must_use]
pub fn data_root() -> PathBuf {
    let from = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    from("GUITAI_DATA")
        .or_else(|| from("LOCALAPPDATA").map(|path| path.join("Guitai")))
        .or_else(|| from("XDG_DATA_HOME").map(|path| path.join("guitai")))
        .or_else(|| from("HOME").map(|path| path.join(".local/share/guitai")))
        .unwrap_or_else(|| PathBuf::from("guitai-data"))
}

impl Folder {
    /// The folder for `mode` under `root`. Training and real records never share one.
    #[must_use]
    pub fn new(root: &Path, mode: Mode) -> Folder {
        Folder { root: root.to_owned(), path: root.join(mode.name()), mode }
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Training or real.
    #[must_use]
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// Whether a till was ever set up here.
    #[must_use]
    pub fn has_till(&self) -> bool {
        self.database().exists() || self.restored().exists()
    }

    /// Takes the folder for this process alone.
    ///
    /// # Errors
    /// When another copy of the program has it, or the folder cannot be made.
    pub fn lock(&self) -> Result<Lock, StartError> {
        fs::create_dir_all(&self.path)?;
        let file =
            OpenOptions::new().create(true).truncate(false).write(true).open(self.path.join("lock"))?;
        match file.try_lock() {
            Ok(()) => Ok(Lock { _file: file }),
            Err(TryLockError::WouldBlock) => Err(StartError::InUse),
            Err(TryLockError::Error(error)) => Err(error.into()),
        }
    }

    /// Sets up a new till. Needs the lock.
    ///
    /// # Errors
    /// When there is one already, or the folder cannot be written.
    pub fn create(&self, _: &Lock) -> Result<Db, StartError> {
        if self.has_till() {
            return Err(StartError::Exists);
        }
        self.check_place()?;
        let identity = Identity {
            till: TillId::from_random(random_number()?),
            epoch: Epoch::from_random(random_number()?),
            mode: self.mode,
        };
        let secret = random_bytes::<32>()?;
        write_private(&self.device_file(), hex::encode(secret).as_bytes())?;
        // Made under another name, so that a till that dies here leaves none rather than half of one.
        let draft = self.path.join("till.db.new");
        for left in ["till.db.new", "till.db.new-wal", "till.db.new-shm"] {
            match fs::remove_file(self.path.join(left)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
                Ok(()) | Err(_) => {}
            }
        }
        Db::create(&draft, &identity, &secret)?.close()?;
        fs::rename(&draft, self.database())?;
        #[cfg(unix)]
        File::open(&self.path)?.sync_all()?;
        let mut db = Db::open(&self.database(), self.mode, &secret)?;
        self.mark(&secret)?;
        self.recognise(&mut db, &secret)?;
        Ok(db)
    }

    /// Where a till is set up it stays: a real one not on what can be pulled out, and none on the network.
    fn check_place(&self) -> Result<(), StartError> {
        match place::unfit(&self.path) {
            Some(Unfit::Network(place)) => Err(StartError::Network(place)),
            Some(Unfit::Removable(place)) if self.mode == Mode::Real => Err(StartError::Removable(place)),
            Some(Unfit::Removable(_)) | None => Ok(()),
        }
    }

    /// Opens the till that is here. Needs the lock. Where its file is not what was here last, it goes on in a new epoch,
    /// and [`Db::new_epoch`] says why.
    ///
    /// # Errors
    /// When there is none, or its database is refused.
    pub fn open(&self, _: &Lock) -> Result<Db, StartError> {
        if !self.has_till() {
            return Err(StartError::Missing);
        }
        self.finish_restore()?;
        let secret = self.secret()?;
        let mut db = Db::open(&self.database(), self.mode, &secret)?;
        self.recognise(&mut db, &secret)?;
        Ok(db)
    }

    /// The device's secret. A database without it was copied here: no secret opens it.
    fn secret(&self) -> io::Result<Vec<u8>> {
        match fs::read_to_string(self.device_file()) {
            Ok(text) => Ok(hex::decode(text.trim()).unwrap_or_default()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }

    /// Opens the till that is here, or sets one up.
    ///
    /// # Errors
    /// As [`Folder::open`] and [`Folder::create`]; where a real till was and its data file is gone, none is made.
    pub fn open_or_create(&self, lock: &Lock) -> Result<Db, StartError> {
        if self.has_till() {
            return self.open(lock);
        }
        // In training somebody wiped the slate.
        let was_here = self.witness().exists() || self.backups().is_ok_and(|backups| !backups.is_empty());
        if was_here && self.mode == Mode::Real {
            return Err(StartError::Gone);
        }
        self.create(lock)
    }

    /// Where the till's database is.
    #[must_use]
    pub fn database(&self) -> PathBuf {
        self.path.join("till.db")
    }

    fn device_file(&self) -> PathBuf {
        self.path.join("device.key")
    }

    /// Where the provider's sealed settings are kept.
    #[must_use]
    pub fn sealed_settings(&self) -> PathBuf {
        self.path.join("provider.sealed")
    }

    /// Where training keeps its provider, wallet and bank.
    #[must_use]
    pub fn sandbox_state(&self) -> PathBuf {
        self.path.join("sandbox.json")
    }
}

fn random_number() -> Result<u64, StartError> {
    Ok(u64::from_be_bytes(random_bytes()?))
}

/// Random bytes from the system.
///
/// # Errors
/// When the system gives none.
#[expect(
    clippy::disallowed_methods,
    reason = "here the system's chance enters; everything behind it is seeded"
)]
pub fn random_bytes<const N: usize>() -> Result<[u8; N], StartError> {
    let mut bytes = [0; N];
    SystemRandom::new().fill(&mut bytes).map_err(|_| StartError::NoRandomness)?;
    Ok(bytes)
}

/// Writes a file that only its owner may read, whole or not at all.
pub(crate) fn write_private(path: &Path, content: &[u8]) -> io::Result<()> {
    let draft = path.with_extension("draft");
    let mut options = OpenOptions::new();
    options.create(true).truncate(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&draft)?;
    file.write_all(content)?;
    file.sync_all()?;
    fs::rename(&draft, path)
}
