//! Epochs: the stretches of a till's life. Whenever it is not certain that this file is the only one and the last one,
//! the till goes on in a new epoch, so that no `(till, epoch, seq)` and no id is ever used twice.

use guitai_domain::{Epoch, ReceiptNo, Timestamp};
use rusqlite::Connection;

use crate::{Db, Fact, WriteError, setting};

/// Where the table of settings keeps the last receipt's number that may have been used in an epoch before.
pub(crate) const RECEIPTS_FROM: &str = "receipts_from";

/// Why a till goes on in a new epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// The witness knows more entries than the file: an older copy was put back, or its log was removed.
    Behind,
    /// The witness knows another entry under the same number: two files went on from one.
    Forked,
    /// The file lies on another computer than the last time.
    Moved,
    /// A backup was restored.
    Restored,
    /// The till was taken over on purpose from another folder or computer.
    Adopted,
}

impl Why {
    /// Its name in the journal.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Why::Behind => "behind",
            Why::Forked => "forked",
            Why::Moved => "moved",
            Why::Restored => "restored",
            Why::Adopted => "adopted",
        }
    }
}

/// Entries that were written once and are not in the file, as far as is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Missing {
    /// The first of them.
    pub from: u64,
    /// The last that is known of.
    pub to: u64,
    /// When the entry before the first was written, if there is one.
    pub since: Option<Timestamp>,
    /// When the last was written.
    pub until: Timestamp,
}

impl Missing {
    /// How many, as far as is known.
    #[must_use]
    pub fn count(&self) -> u64 {
        (self.to + 1).saturating_sub(self.from)
    }
}

/// A new epoch and what led to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEpoch {
    /// Its name, from fresh random bits.
    pub epoch: Epoch,
    /// Why it begins.
    pub why: Why,
    /// What is missing.
    pub missing: Option<Missing>,
    /// The last receipt's number that may have been given to a customer.
    pub receipt_no: Option<ReceiptNo>,
}

impl NewEpoch {
    pub(crate) fn fact(&self) -> Fact {
        let missing = self.missing;
        Fact::TillEpochStarted {
            epoch: self.epoch.to_string(),
            why: self.why.name().to_owned(),
            missing_from: missing.map(|missing| missing.from),
            missing_to: missing.map(|missing| missing.to),
            since_ms: missing.and_then(|missing| missing.since).map(|since| since.0),
            until_ms: missing.map(|missing| missing.until.0),
            receipt_no: self.receipt_no.as_ref().map(ReceiptNo::to_string),
        }
    }
}

impl Db {
    /// From here on the till is in a new epoch. Its entry is written in front of the next facts, in their transaction:
    /// a till that is only looked at stays as it is, and nothing is ever written in the old epoch.
    pub fn begin_epoch(&mut self, new: NewEpoch) {
        self.identity.epoch = new.epoch;
        self.epoch_is_staged = true;
        if let Some(witness) = &mut self.witness {
            witness.epoch_from = self.head.seq + 1;
            witness.receipt_no = new.receipt_no.clone().or(witness.receipt_no.take());
        }
        self.new_epoch = Some(new);
    }

    /// Why this opening of the file begins a new epoch, if it does.
    #[must_use]
    pub fn new_epoch(&self) -> Option<&NewEpoch> {
        self.new_epoch.as_ref()
    }
}

pub(crate) fn apply(conn: &Connection, epoch: &str, receipt_no: Option<&str>) -> Result<(), WriteError> {
    conn.prepare_cached("UPDATE till SET epoch = ?1")?.execute([epoch])?;
    if let Some(receipt_no) = receipt_no {
        setting::put(conn, RECEIPTS_FROM, receipt_no)?;
    }
    Ok(())
}
