//! The witness: one line outside the till's folder that says how far the journal had come.
//!
//! It is written over after each durable commit and never synced itself, so it may be older than the file, but never
//! newer: a witness that knows more than the file means that the file was put back, lost its log, or is a copy.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

use guitai_domain::{Epoch, ReceiptNo, TillId, Timestamp};
use ring::digest;
use rusqlite::OptionalExtension;

use crate::epoch::RECEIPTS_FROM;
use crate::{ChainHead, Damage, Db, Fact, Missing};

/// How far a till's journal had come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Witness {
    /// The till.
    pub till: TillId,
    /// Its epoch then.
    pub epoch: Epoch,
    /// The first entry of that epoch.
    pub epoch_from: u64,
    /// The last entry, and its hash.
    pub head: ChainHead,
    /// When it was written.
    pub at: Timestamp,
    /// The last receipt that was given out.
    pub receipt_no: Option<ReceiptNo>,
}

/// What the witness says of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// The entry it knows is there, and is the same.
    Agrees,
    /// It speaks of another till: it says nothing of this one.
    OfAnother,
    /// It knows entries that the file does not have.
    Behind(Missing),
    /// It knows another entry under the same number.
    Forked(Missing),
}

/// The witness's file, open to be written over.
#[derive(Debug)]
pub(crate) struct WitnessFile {
    file: File,
    pub(crate) epoch_from: u64,
    pub(crate) receipt_no: Option<ReceiptNo>,
}

/// No receipt was given out.
const NONE: &str = "-";
const TAG: &str = "guitai.witness.1";
/// One sector: a power cut leaves the old line or the new one.
const LENGTH: usize = 256;

impl Witness {
    /// Reads the witness. None where there is none, or where it is not what was written.
    ///
    /// # Errors
    /// When the file is there and cannot be read.
    pub fn read(path: &Path) -> io::Result<Option<Witness>> {
        let mut bytes = Vec::new();
        match File::open(path) {
            Ok(file) => file.take(LENGTH as u64 + 1).read_to_end(&mut bytes)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        Ok(std::str::from_utf8(&bytes).ok().and_then(Witness::parse))
    }

    fn parse(line: &str) -> Option<Witness> {
        let (content, sum) = line.trim_end().rsplit_once(' ')?;
        if sum != checksum(content) {
            return None;
        }
        let mut fields = content.split(' ');
        if fields.next() != Some(TAG) {
            return None;
        }
        let witness = Witness {
            till: TillId::parse(fields.next()?).ok()?,
            epoch: Epoch::parse(fields.next()?).ok()?,
            epoch_from: fields.next()?.parse().ok()?,
            head: ChainHead {
                seq: fields.next()?.parse().ok()?,
                hash: hex::decode(fields.next()?).ok()?.try_into().ok()?,
            },
            at: Timestamp(fields.next()?.parse().ok()?),
            receipt_no: match fields.next()? {
                NONE => None,
                text => Some(ReceiptNo::parse(text)?),
            },
        };
        fields.next().is_none().then_some(witness)
    }

    fn line(&self) -> String {
        let Witness { till, epoch, epoch_from, head, at, receipt_no } = self;
        let receipt_no = receipt_no.as_ref().map_or(NONE, ReceiptNo::as_str);
        let (seq, hash, at) = (head.seq, hex::encode(head.hash), at.0);
        let content = format!("{TAG} {till} {epoch} {epoch_from} {seq} {hash} {at} {receipt_no}");
        let line = format!("{content} {}", checksum(&content));
        format!("{line:<width$}\n", width = LENGTH - 1)
    }
}

impl Db {
    /// Compares the file with what the witness knows.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn compare(&self, witness: &Witness) -> Result<Standing, Damage> {
        if witness.till != self.identity.till {
            return Ok(Standing::OfAnother);
        }
        let found = if witness.head.seq == 0 { Some([0; 32]) } else { self.hash_of(witness.head.seq)? };
        if found == Some(witness.head.hash) {
            return Ok(Standing::Agrees);
        }
        let from = if witness.epoch == self.identity.epoch {
            (self.head.seq + 1).min(witness.head.seq)
        } else {
            witness.epoch_from.min(self.head.seq + 1)
        };
        let missing = Missing {
            from,
            to: witness.head.seq,
            since: self.time_of(from.saturating_sub(1))?,
            until: witness.at,
        };
        Ok(if found.is_none() { Standing::Behind(missing) } else { Standing::Forked(missing) })
    }

    /// Keeps the witness in `path` from here on. Written at once, unless a new epoch waits for its entry: until that
    /// is on disk, the old witness must go on speaking.
    ///
    /// # Errors
    /// When it cannot be written. The till works without.
    pub fn keep_witness(&mut self, path: &Path) -> Result<(), Damage> {
        let disk = |error: io::Error| Damage::Disk(format!("{}: {error}", path.display()));
        let mut options = OpenOptions::new();
        options.create(true).truncate(false).write(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(path).map_err(disk)?;
        file.set_len(LENGTH as u64).map_err(disk)?;
        let epoch_from = self.first_of_epoch()?;
        let at = self.time_of(self.head.seq)?.unwrap_or(Timestamp(0));
        let receipt_no = self.last_receipt()?;
        self.witness = Some(WitnessFile { file, epoch_from, receipt_no });
        if self.epoch_is_staged { Ok(()) } else { self.tell_witness(at).map_err(disk) }
    }

    /// After a durable commit. A witness that cannot be written stays behind, which is no harm; the next one catches up.
    pub(crate) fn tell_witness(&mut self, at: Timestamp) -> io::Result<()> {
        let (till, epoch, head) = (self.identity.till, self.identity.epoch, self.head);
        let Some(WitnessFile { file, epoch_from, receipt_no }) = &mut self.witness else { return Ok(()) };
        let receipt_no = receipt_no.clone();
        let line = Witness { till, epoch, epoch_from: *epoch_from, head, at, receipt_no }.line();
        file.seek(SeekFrom::Start(0))?;
        file.write_all(line.as_bytes())
    }

    pub(crate) fn note_receipts(&mut self, facts: &[Fact]) {
        let last = facts.iter().rev().find_map(|fact| match fact {
            Fact::SaleCompleted { receipt_no, .. } => ReceiptNo::parse(receipt_no),
            _ => None,
        });
        if let Some(witness) = &mut self.witness {
            witness.receipt_no = last.or(witness.receipt_no.take());
        }
    }

    /// The last receipt that was given out, as far as this file knows.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn last_receipt(&self) -> Result<Option<ReceiptNo>, Damage> {
        let last = self.last_completed_sale()?.and_then(|sale| sale.receipt_no);
        let last = last.as_deref().and_then(ReceiptNo::parse);
        // A new epoch knows of receipts that this file does not have.
        let known = self.setting(RECEIPTS_FROM)?.as_deref().and_then(ReceiptNo::parse);
        Ok(last.max(known))
    }

    pub(crate) fn hash_of(&self, seq: u64) -> Result<Option<[u8; 32]>, Damage> {
        let mut statement = self.conn.prepare_cached("SELECT hash FROM journal WHERE seq = ?1")?;
        Ok(statement.query_row([seq], |row| row.get(0)).optional()?)
    }

    fn time_of(&self, seq: u64) -> Result<Option<Timestamp>, Damage> {
        let mut statement = self.conn.prepare_cached("SELECT at_ms FROM journal WHERE seq = ?1")?;
        Ok(statement.query_row([seq], |row| row.get(0).map(Timestamp)).optional()?)
    }

    /// The first entry of the epoch, by halving: an epoch is a stretch of entries, and the last one.
    fn first_of_epoch(&self) -> Result<u64, Damage> {
        let epoch = self.identity.epoch.to_string();
        let mut statement = self.conn.prepare_cached("SELECT epoch FROM journal WHERE seq = ?1")?;
        let (mut low, mut high) = (1, self.head.seq + 1);
        while low < high {
            let middle = low + (high - low) / 2;
            let found: Option<String> = statement.query_row([middle], |row| row.get(0)).optional()?;
            if found.as_ref() == Some(&epoch) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        Ok(low)
    }
}

fn checksum(content: &str) -> String {
    hex::encode(&digest::digest(&digest::SHA256, content.as_bytes()).as_ref()[..16])
}
