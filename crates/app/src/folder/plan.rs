//! From what a till can be restored: each backup, or nothing at all, and what the damaged file adds to it; the best of them
//! is built and proven.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use guitai_db::{
    Audit, AuditError, ChainHead, Db, Finding, Finds, Identity, OpenError, Salvage, Snapshot, Standing,
    Watch, Witness,
};
use guitai_domain::{Epoch, TillId, Timestamp};

use super::backups::{Backup, remove_if_there};
use super::restore::{Offer, RestoreError, missing_from};
use super::{Folder, Lock};

/// Something to begin with: a backup, or nothing but the till's name.
struct Base {
    backup: Option<PathBuf>,
    head: ChainHead,
    epoch: Option<Epoch>,
}

/// A base and what the damaged file adds to it.
struct Plan {
    base: Base,
    salvage: Option<Salvage>,
}

impl Folder {
    /// A whole file in the draft's place, with everything that can be had.
    pub(super) fn build(
        &self,
        _: &Lock,
        from: Option<&Path>,
        secret: &[u8],
    ) -> Result<(Db, Offer), RestoreError> {
        self.finish_restore()?;
        if self.is_whole_and_last() {
            return Err(RestoreError::Whole);
        }
        let bases = self.bases(from)?;
        let till = self.till(&bases).ok_or(RestoreError::Nothing)?;
        if let Some(other) = bases.iter().find_map(|(_, owner)| *owner).filter(|owner| *owner != till)
            && from.is_some()
        {
            return Err(OpenError::OtherTill { till: other.to_string() }.into());
        }
        let witness = self.witness_of(till);
        let mut finds = match self.database().exists() {
            true => Some(Finds::in_file(&self.database(), till)?),
            false => None,
        };
        let (mut others, mut why) = (Vec::new(), RestoreError::Nothing);
        let mut attempt = |plan: &Plan| -> Result<Option<(Db, Offer)>, RestoreError> {
            match self.build_one(plan, till, secret) {
                Ok(db) => {
                    let offer = offer_of(plan, &db, witness.as_ref());
                    Ok(Some((db, offer)))
                }
                Err(error) if from.is_some() => Err(error),
                Err(error) => {
                    why = error;
                    Ok(None)
                }
            }
        };
        // Whatever reaches the last entry that is known of is as good as any; the newest backup needs the least salvaging.
        for (base, _) in bases.into_iter().filter(|(_, owner)| owner.is_none_or(|owner| owner == till)) {
            let plan = Plan::with(base, finds.as_mut(), witness.as_ref())?;
            if !plan.reaches(witness.as_ref()) {
                others.push(plan);
            } else if let Some(built) = attempt(&plan)? {
                return Ok(built);
            }
        }
        others.sort_by_key(|plan| std::cmp::Reverse(plan.worth(witness.as_ref())));
        for plan in &others {
            if let Some(built) = attempt(plan)? {
                return Ok(built);
            }
        }
        Err(why)
    }

    fn is_whole_and_last(&self) -> bool {
        let Ok(snapshot) = Snapshot::open(&self.database()) else { return false };
        let is_whole = snapshot.audit(Timestamp(0), &Watch::default()).is_ok();
        let standing = self.witness_of(snapshot.identity().till).map(|witness| snapshot.compare(&witness));
        is_whole
            && match standing {
                None | Some(Ok(Standing::Agrees | Standing::OfAnother)) => true,
                Some(Ok(Standing::Behind(_) | Standing::Forked(_)) | Err(_)) => false,
            }
    }

    /// Everything to begin with: the chosen file alone, or each backup, and nothing at all.
    fn bases(&self, from: Option<&Path>) -> Result<Vec<(Base, Option<TillId>)>, RestoreError> {
        let files: Vec<PathBuf> = match from {
            Some(file) => vec![file.to_owned()],
            None => self.backups()?.into_iter().map(|backup| backup.path).collect(),
        };
        let mut bases = Vec::new();
        for file in files {
            match Snapshot::open(&file) {
                Ok(snapshot) => {
                    let identity = snapshot.identity();
                    let base =
                        Base { backup: Some(file), head: snapshot.head(), epoch: Some(identity.epoch) };
                    bases.push((base, Some(identity.till)));
                }
                Err(error) if from.is_some() => return Err(error.into()),
                Err(_) => {}
            }
        }
        if from.is_none() {
            let start = ChainHead { seq: 0, hash: [0; 32] };
            bases.push((Base { backup: None, head: start, epoch: None }, None));
        }
        Ok(bases)
    }

    /// Whose records are looked for: the file says it, else the witness, else the newest backup.
    fn till(&self, bases: &[(Base, Option<TillId>)]) -> Option<TillId> {
        let in_file = Snapshot::open(&self.database()).ok().map(|snapshot| snapshot.identity().till);
        let witnessed = || Witness::read(&self.witness()).ok().flatten().map(|witness| witness.till);
        in_file.or_else(witnessed).or_else(|| bases.iter().find_map(|(_, till)| *till))
    }

    fn build_one(&self, plan: &Plan, till: TillId, secret: &[u8]) -> Result<Db, RestoreError> {
        self.clear_draft()?;
        let mut db = match &plan.base.backup {
            Some(file) => {
                fs::copy(file, self.draft())?;
                Db::adopt(&self.draft(), self.mode, secret)?
            }
            None => {
                let epochs = plan.salvage.as_ref().and_then(Salvage::epochs);
                let (epoch, _) = epochs.ok_or(RestoreError::Nothing)?;
                Db::create(&self.draft(), &Identity { till, epoch, mode: self.mode }, secret)?
            }
        };
        if let Some(salvage) = &plan.salvage {
            db.append(salvage)?;
        }
        prove(&self.draft()).map_err(RestoreError::Spoiled)?;
        Ok(db)
    }

    pub(super) fn clear_draft(&self) -> io::Result<()> {
        ["till.db.draft", "till.db.draft-wal", "till.db.draft-shm"]
            .iter()
            .try_for_each(|name| remove_if_there(&self.path.join(name)))
    }
}

impl Plan {
    fn with(base: Base, finds: Option<&mut Finds>, witness: Option<&Witness>) -> io::Result<Plan> {
        let towards = witness.map(|witness| witness.head.hash);
        let salvage = finds.map(|finds| finds.after(base.head, towards)).transpose()?;
        Ok(Plan { base, salvage })
    }

    /// Whether the last entry the witness knows of is in it.
    fn reaches(&self, witness: Option<&Witness>) -> bool {
        witness.is_some_and(|witness| {
            let hash = &witness.head.hash;
            self.base.head.hash == *hash
                || self.salvage.as_ref().is_some_and(|salvage| salvage.contains(hash))
        })
    }

    /// What goes on in the witness's epoch before what does not, then what goes furthest, then what needs the least salvaging.
    fn worth(&self, witness: Option<&Witness>) -> (bool, u64, u64) {
        let salvaged = self.salvage.as_ref();
        let last_epoch = salvaged.and_then(Salvage::epochs).map(|(_, last)| last).or(self.base.epoch);
        let same_epoch = witness.is_some_and(|witness| last_epoch == Some(witness.epoch));
        let last = self.base.head.seq + salvaged.map_or(0, Salvage::count);
        (same_epoch, last, self.base.head.seq)
    }
}

fn offer_of(plan: &Plan, db: &Db, witness: Option<&Witness>) -> Offer {
    let last_at = db.last_entry_at().ok().flatten();
    Offer {
        backup: plan.base.backup.clone(),
        backup_at: plan.base.backup.as_deref().and_then(Backup::named).map(|backup| backup.at),
        backup_seq: plan.base.head.seq,
        salvaged: plan.salvage.as_ref().map_or(0, Salvage::count),
        last: (db.head().seq, last_at),
        missing: witness.and_then(|witness| missing_from(db, witness)),
        is_witnessed: witness.is_some(),
    }
}

fn prove(path: &Path) -> Result<Audit, AuditError> {
    let snapshot =
        Snapshot::open(path).map_err(|error| AuditError::Wrong(Finding::Pages(error.to_string())))?;
    snapshot.audit(Timestamp(0), &Watch::default())
}
