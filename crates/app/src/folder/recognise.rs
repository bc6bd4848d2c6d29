//! Whether the file in the folder is the one that was here last: the only one, and the last one.

use guitai_db::{Db, NewEpoch, Standing, Why, Witness};
use guitai_domain::Epoch;

use super::{Folder, StartError, random_number};

impl Folder {
    /// Where the witness is: outside the folder, so that whoever puts the folder back does not put it back too.
    #[must_use]
    pub fn witness(&self) -> std::path::PathBuf {
        self.root.join(format!("{}.witness", self.mode))
    }

    /// Begins a new epoch where the file is not what was here last. Without a witness nothing is said: it may be the
    /// first start with this version, and a lost witness is no lost money.
    pub(super) fn recognise(&self, db: &mut Db) -> Result<(), StartError> {
        let witness = Witness::read(&self.witness()).ok().flatten();
        let (why, missing) = match standing(db, witness.as_ref()) {
            Standing::Agrees | Standing::OfAnother => (None, None),
            Standing::Behind(missing) => (Some(Why::Behind), Some(missing)),
            Standing::Forked(missing) => (Some(Why::Forked), Some(missing)),
        };
        if let Some(why) = why {
            let receipt_no = witness.and_then(|witness| witness.receipt_no);
            db.begin_epoch(NewEpoch { epoch: new_epoch()?, why, missing, receipt_no });
        }
        // A till whose witness cannot be kept still sells: it only loses one of its safeguards.
        let _ = db.keep_witness(&self.witness());
        Ok(())
    }
}

fn standing(db: &Db, witness: Option<&Witness>) -> Standing {
    // A file that cannot be read here will be refused where it is read next.
    witness.map_or(Standing::OfAnother, |witness| db.compare(witness).unwrap_or(Standing::OfAnother))
}

/// A new epoch from fresh random bits.
pub(super) fn new_epoch() -> Result<Epoch, StartError> {
    Ok(Epoch::from_random(random_number()?))
}
