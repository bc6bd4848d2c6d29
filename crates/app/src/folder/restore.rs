//! Restoring: from the newest backup that is whole, and from whatever in the damaged file continues it.
//!
//! The chain decides: an entry of the damaged file is taken where its hash continues the last one there is, so everything in
//! the restored file is the original. What the witness knows of and nobody has any more is named.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use guitai_db::{AuditError, Db, Missing, NewEpoch, OpenError, Standing, Why, Witness, WriteError};
use guitai_domain::{Epoch, TillId, Timestamp};
use thiserror::Error;

use super::backups::{remove_if_there, sync_folder};
use super::recognise::new_epoch;
use super::{Folder, Lock, StartError, random_bytes, write_private};
use crate::view::MessageView;
use crate::words::{self, say};

/// Where it is not known how far receipts went, their count goes on this much further.
pub(super) const RECEIPTS_SKIPPED: u32 = 1_000;

/// What can be had back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// The backup it begins with. None: everything comes from the damaged file itself.
    pub backup: Option<PathBuf>,
    /// When that was made, if its name says so.
    pub backup_at: Option<Timestamp>,
    /// The last entry of the backup.
    pub backup_seq: u64,
    /// How many entries the damaged file adds to it.
    pub salvaged: u64,
    /// The last entry there will be, and when it was written.
    pub last: (u64, Option<Timestamp>),
    /// What the witness knows of and cannot be had back. None where nothing is known to be missing.
    pub missing: Option<Missing>,
    /// Whether there is a witness of this till: without, more may be missing than is known.
    pub is_witnessed: bool,
}

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    /// What was had back.
    pub offer: Offer,
    /// The epoch the till goes on in.
    pub epoch: Epoch,
    /// Where the damaged files are kept, if there were any.
    pub kept: Option<PathBuf>,
}

/// Why nothing was restored. The files are as they were.
#[derive(Debug, Error)]
pub enum RestoreError {
    /// The till's file is whole and the last one.
    #[error("the till's database is whole; there is nothing to restore")]
    Whole,
    /// The till's file belongs to this folder already.
    #[error("the database belongs to this till and computer already")]
    Ours,
    /// There is no whole backup, and no entry can be read in the damaged file.
    #[error("there is no backup that is whole, and nothing can be read in the damaged file")]
    Nothing,
    /// The chosen file is not whole.
    #[error("the chosen backup is not whole: {0}")]
    Spoiled(AuditError),
    /// The folder, or a file that does not fit it.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The restored file could not be written.
    #[error(transparent)]
    Write(#[from] WriteError),
}

impl From<io::Error> for RestoreError {
    fn from(error: io::Error) -> Self {
        StartError::Folder(error).into()
    }
}

impl From<OpenError> for RestoreError {
    fn from(error: OpenError) -> Self {
        StartError::Database(error).into()
    }
}

impl RestoreError {
    /// The words for a person.
    #[must_use]
    pub fn message(&self) -> MessageView {
        match self {
            RestoreError::Whole => say(
                "D-32",
                "数据文件完好，不需要恢复。未改动",
                "The database is whole; there is nothing to restore. Nothing was changed",
            ),
            RestoreError::Ours => say(
                "D-33",
                "数据文件本来就属于本机，不需要接管。未改动",
                "The database belongs to this till and computer already. Nothing was changed",
            ),
            RestoreError::Nothing => say(
                "D-34",
                "没有可用的备份，损坏的文件里也读不出记录。文件未改动，请联系支持",
                "There is no backup that is whole, and nothing can be read in the damaged file. Nothing was changed; call support",
            ),
            RestoreError::Spoiled(error) => say(
                "D-35",
                format!("选择的备份不完整，没有使用（{error}）"),
                format!("The chosen backup is not whole and was not used ({error})"),
            ),
            RestoreError::Start(error) => error.message(),
            RestoreError::Write(error) => words::write(error),
        }
    }
}

impl Folder {
    /// What could be restored. Nothing is changed. Needs the lock.
    ///
    /// # Errors
    /// See [`RestoreError`].
    pub fn offer(&self, lock: &Lock, from: Option<&Path>) -> Result<Offer, RestoreError> {
        // The draft is closed before it is removed.
        let offer = self.build(lock, from, &self.secret_or_new()?).map(|(_, offer)| offer);
        self.clear_draft()?;
        offer
    }

    /// Restores the till: the damaged files are kept aside, and the till goes on in a new epoch. Needs the lock. Dying on the
    /// way leaves the old files or the new one: the next start finishes what was begun.
    ///
    /// # Errors
    /// See [`RestoreError`].
    pub fn restore(
        &self,
        lock: &Lock,
        from: Option<&Path>,
        actor: &str,
        now: Timestamp,
    ) -> Result<Restored, RestoreError> {
        let secret = self.secret_or_new()?;
        let (mut db, offer) = self.build(lock, from, &secret)?;
        let till = db.identity().till;
        let witness = self.witness_of(till);
        let epoch = new_epoch()?;
        let last = db.last_receipt().map_err(WriteError::from)?;
        let receipt_no = match witness {
            Some(witness) => witness.receipt_no.max(last),
            None => last.map(|last| last.further(RECEIPTS_SKIPPED)),
        };
        db.begin_epoch(NewEpoch { epoch, why: Why::Restored, missing: offer.missing, receipt_no });
        db.write(now, actor, &[])?;
        drop(db);
        if self.secret()? != secret {
            write_private(&self.device_file(), hex::encode(&secret).as_bytes())?;
            self.mark(&secret)?;
        }
        fs::rename(self.draft(), self.restored())?;
        sync_folder(&self.path)?;
        let kept = self.finish_restore()?;
        let mut db = Db::open(&self.database(), self.mode, &secret)?;
        // The old witness speaks of entries that are gone; the journal says so from here on.
        let _ = db.keep_witness(&self.witness());
        Ok(Restored { offer, epoch, kept })
    }

    /// Takes over a database that belongs to another till's folder or computer: from here on it belongs to this one, in a
    /// new epoch. Needs the lock.
    ///
    /// # Errors
    /// See [`RestoreError`].
    pub fn adopt(&self, _: &Lock, actor: &str, now: Timestamp) -> Result<Epoch, RestoreError> {
        if !self.has_till() {
            return Err(StartError::Missing.into());
        }
        self.finish_restore()?;
        match Db::open(&self.database(), self.mode, &self.secret()?) {
            Ok(_) => return Err(RestoreError::Ours),
            Err(OpenError::OtherTill { .. }) => {}
            Err(error) => return Err(error.into()),
        }
        let secret = random_bytes::<32>()?;
        write_private(&self.device_file(), hex::encode(secret).as_bytes())?;
        let mut db = Db::adopt(&self.database(), self.mode, &secret)?;
        let missing = self.witness_of(db.identity().till).and_then(|witness| missing_from(&db, &witness));
        let receipt_no = db.last_receipt().map_err(WriteError::from)?;
        let receipt_no = receipt_no.map(|last| last.further(RECEIPTS_SKIPPED));
        let epoch = new_epoch()?;
        db.begin_epoch(NewEpoch { epoch, why: Why::Adopted, missing, receipt_no });
        db.write(now, actor, &[])?;
        let _ = db.keep_witness(&self.witness());
        self.mark(&secret)?;
        Ok(epoch)
    }

    /// Puts a restored file in its place, where a restore was cut short, and keeps the damaged ones aside.
    pub(super) fn finish_restore(&self) -> io::Result<Option<PathBuf>> {
        if !self.restored().exists() {
            return Ok(None);
        }
        let mut kept = None;
        if self.database().exists() {
            let aside = self.free_name("damaged");
            fs::create_dir(&aside)?;
            // The log first: it must never be beside the restored file. The database stays in its place until then.
            for name in ["till.db-wal", "till.db"] {
                if self.path.join(name).exists() {
                    fs::rename(self.path.join(name), aside.join(name))?;
                }
            }
            sync_folder(&aside)?;
            kept = Some(aside);
        }
        for name in ["till.db-wal", "till.db-shm"] {
            remove_if_there(&self.path.join(name))?;
        }
        fs::rename(self.restored(), self.database())?;
        sync_folder(&self.path)?;
        Ok(kept)
    }

    pub(super) fn witness_of(&self, till: TillId) -> Option<Witness> {
        Witness::read(&self.witness()).ok().flatten().filter(|witness| witness.till == till)
    }

    fn secret_or_new(&self) -> Result<Vec<u8>, RestoreError> {
        let secret = self.secret()?;
        Ok(if secret.is_empty() { random_bytes::<32>()?.to_vec() } else { secret })
    }

    pub(super) fn draft(&self) -> PathBuf {
        self.path.join("till.db.draft")
    }

    pub(super) fn restored(&self) -> PathBuf {
        self.path.join("till.db.restored")
    }

    fn free_name(&self, name: &str) -> PathBuf {
        let mut numbered = (1..).map(|number: u32| self.path.join(format!("{name}-{number}")));
        numbered.find(|path| !path.exists()).unwrap_or_else(|| self.path.join(name))
    }
}

/// What the witness knows of and the file does not have.
pub(super) fn missing_from(db: &Db, witness: &Witness) -> Option<Missing> {
    match db.compare(witness) {
        Ok(Standing::Behind(missing) | Standing::Forked(missing)) => Some(missing),
        Ok(Standing::Agrees | Standing::OfAnother) | Err(_) => None,
    }
}
