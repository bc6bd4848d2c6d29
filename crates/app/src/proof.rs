//! Proof that the file is whole, before anything is added up from it.

use std::path::{Path, PathBuf};

use guitai_db::{Audit, Damage, OpenError, Snapshot, Watch};
use guitai_domain::Timestamp;
use tokio::sync::Mutex;

use crate::view::CommandError;
use crate::words;

/// A file that was proven whole is proven again from its first page after this long.
const WHOLE_AGAIN_MS: u64 = 6 * 3_600_000;

/// What was last proven of the till's file. One proof at a time; the one under way is given up when this is dropped.
#[derive(Default)]
pub(crate) struct Proofs {
    last: Mutex<Option<Proof>>,
    watch: Watch,
}

/// A proof, and when the whole file was last walked for it, by the till's time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Proof {
    audit: Audit,
    whole_at: Timestamp,
}

impl Drop for Proofs {
    fn drop(&mut self) {
        self.watch.stop();
    }
}

impl Proofs {
    /// Proves the file in `path` up to its last entry.
    ///
    /// # Errors
    /// What is wrong with it. What was proven before then still is, and the next proof goes on from there.
    pub async fn renew(&self, path: PathBuf, now: Timestamp) -> Result<(), CommandError> {
        let mut last = self.last.lock().await;
        let (before, watch) = (*last, self.watch.clone());
        let proof = tokio::task::spawn_blocking(move || Proof::after(before, &path, now, &watch));
        let proof = proof.await.map_err(|_| CommandError { message: words::inside() })?;
        *last = Some(proof.map_err(|damage| CommandError { message: words::damage(&damage) })?);
        Ok(())
    }
}

impl Proof {
    /// Walks over what was written since `before`; over the whole file where that is long ago, or a clock says so.
    fn after(before: Option<Proof>, path: &Path, now: Timestamp, watch: &Watch) -> Result<Proof, Damage> {
        let snapshot = Snapshot::open(path).map_err(|error| match error {
            OpenError::Damaged(damage) => damage,
            other => Damage::Corrupt(other.to_string()),
        })?;
        match before.filter(|before| now.0.abs_diff(before.whole_at.0) < WHOLE_AGAIN_MS) {
            Some(Proof { audit, whole_at }) => {
                Ok(Proof { audit: snapshot.audit_since(&audit, now, watch)?, whole_at })
            }
            None => Ok(Proof { audit: snapshot.audit(now, watch)?, whole_at: now }),
        }
    }
}

#[cfg(test)]
mod tests;
