//! Whether the file in the folder is the one that was here last: the only one, the last one, on the same computer.

use std::fs;
use std::io;
use std::path::PathBuf;

use guitai_db::{Db, NewEpoch, Standing, Why, Witness};
use guitai_domain::{Epoch, ShopClock};
use serde::{Deserialize, Serialize};

use super::restore::RECEIPTS_SKIPPED;
use super::{Folder, StartError, random_number, write_private};
use crate::machine::Marks;
use crate::view::MessageView;
use crate::words::say;

/// The computer's marks in the folder. A new computer's wait until the epoch that it begins is in the journal.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Known {
    marks: Marks,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    waiting: Option<(String, Marks)>,
}

impl Folder {
    /// Where the witness is: outside the folder, so that whoever puts the folder back does not put it back too.
    #[must_use]
    pub fn witness(&self) -> PathBuf {
        self.root.join(format!("{}.witness", self.mode))
    }

    /// Begins a new epoch where the file is not what was here last. Without a witness or marks nothing is said: it may be the
    /// first start with this version, and a lost witness is no lost money.
    pub(super) fn recognise(&self, db: &mut Db, secret: &[u8]) -> Result<(), StartError> {
        let here = Marks::here(secret);
        let known = self.known_marks(&db.identity().epoch.to_string());
        let has_moved = known.as_ref().is_some_and(|known| here.is_another(known));
        let witness = Witness::read(&self.witness()).ok().flatten();
        let (why, missing) = match standing(db, witness.as_ref()) {
            Standing::Behind(missing) => (Some(Why::Behind), Some(missing)),
            Standing::Forked(missing) => (Some(Why::Forked), Some(missing)),
            Standing::Agrees | Standing::OfAnother => (has_moved.then_some(Why::Moved), None),
        };
        match why {
            Some(why) => {
                let epoch = new_epoch()?;
                let last = db.last_receipt().map_err(guitai_db::OpenError::Damaged)?;
                let receipt_no = if has_moved {
                    // The other computer may go on counting.
                    last.map(|last| last.further(RECEIPTS_SKIPPED))
                } else {
                    witness.and_then(|witness| witness.receipt_no)
                };
                db.begin_epoch(NewEpoch { epoch, why, missing, receipt_no });
                if has_moved && let Some(marks) = known {
                    self.keep_marks(&Known { marks, waiting: Some((epoch.to_string(), here)) });
                }
            }
            None => {
                let marks = known.as_ref().map_or_else(|| here.clone(), |known| here.clone().and(known));
                self.keep_marks(&Known { marks, waiting: None });
            }
        }
        // A till whose witness cannot be kept still sells: it only loses one of its safeguards.
        let _ = db.keep_witness(&self.witness());
        Ok(())
    }

    /// Marks the folder as this computer's.
    pub(super) fn mark(&self, secret: &[u8]) -> io::Result<()> {
        let known = Known { marks: Marks::here(secret), waiting: None };
        write_private(&self.marks(), &serde_json::to_vec(&known)?)
    }

    /// The marks of the computer that this folder was last used on, in this epoch.
    fn known_marks(&self, epoch: &str) -> Option<Marks> {
        let known: Known = serde_json::from_slice(&fs::read(self.marks()).ok()?).ok()?;
        match known.waiting {
            Some((begun, marks)) if begun == epoch => Some(marks),
            Some(_) | None => Some(known.marks),
        }
    }

    /// Written only when they change. As with the witness, a till without them still sells.
    fn keep_marks(&self, known: &Known) {
        let Ok(text) = serde_json::to_vec(known) else { return };
        if fs::read(self.marks()).ok().as_ref() != Some(&text) {
            let _ = write_private(&self.marks(), &text);
        }
    }

    fn marks(&self) -> PathBuf {
        self.path.join("machine.marks")
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

/// What the till says at its start when it goes on in a new epoch, in the shop's time.
#[must_use]
pub fn new_epoch_words(new: &NewEpoch, clock: &ShopClock) -> MessageView {
    let gap = new.missing.map(|missing| {
        let until = clock.date_time_text(missing.until);
        let since = missing.since.map_or_else(|| "—".to_owned(), |since| clock.date_time_text(since));
        (missing.count(), since, until)
    });
    let (zh, en) = match &gap {
        Some((count, since, until)) => (
            format!("约缺 {count} 条记录（{since} 至 {until}），请核对支付平台这段时间的账单"),
            format!(
                "About {count} entries are missing ({since} to {until}); check the provider's bill for that time"
            ),
        ),
        None => (String::new(), String::new()),
    };
    match new.why {
        Why::Behind => say(
            "D-50",
            format!("数据文件比上次使用时旧，可能被还原或丢失了日志。{zh}"),
            format!(
                "The database is older than when it was last used here: put back, or without its log. {en}"
            ),
        ),
        Why::Forked => say(
            "D-51",
            format!("数据文件与上次使用的不是同一份。{zh}"),
            format!("This is not the database that was last used here. {en}"),
        ),
        Why::Moved => say(
            "D-52",
            "数据被移动或复制到了这台电脑。如果原来那台还在用，请停用其中一台",
            "This till's data was moved or copied to this computer. If the other one still runs, stop one of them",
        ),
        Why::Restored if gap.is_none() => say("D-53", "已从备份恢复", "The till was restored from a backup"),
        Why::Restored => {
            say("D-53", format!("已从备份恢复。{zh}"), format!("The till was restored from a backup. {en}"))
        }
        Why::Adopted => say(
            "D-54",
            "本机已接管这台收银机的数据。原来那台请不要再用",
            "This computer has taken the till over. Do not use the old one any more",
        ),
    }
}
