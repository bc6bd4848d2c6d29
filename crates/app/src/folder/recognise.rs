//! Whether the file in the folder is the one that was here last: the only one, and the last one.

use guitai_db::{Db, Missing, NewEpoch, Standing, Why, Witness};
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
        let (why, missing) = match self.witnessed(db) {
            Standing::Agrees | Standing::OfAnother => (None, None),
            Standing::Behind(missing) => (Some(Why::Behind), Some(missing)),
            Standing::Forked(missing) => (Some(Why::Forked), Some(missing)),
        };
        if let Some(why) = why {
            db.begin_epoch(new_epoch(why, missing)?);
        }
        // A till whose witness cannot be kept still sells: it only loses one of its safeguards.
        let _ = db.keep_witness(&self.witness());
        Ok(())
    }

    fn witnessed(&self, db: &Db) -> Standing {
        let witness = Witness::read(&self.witness()).ok().flatten();
        witness.map_or(Standing::OfAnother, |witness| {
            // A file that cannot be read here will be refused where it is read next.
            db.compare(&witness).unwrap_or(Standing::OfAnother)
        })
    }
}

/// A new epoch from fresh random bits.
pub(super) fn new_epoch(why: Why, missing: Option<Missing>) -> Result<NewEpoch, StartError> {
    Ok(NewEpoch { epoch: Epoch::from_random(random_number()?), why, missing })
}
