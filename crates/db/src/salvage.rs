//! Salvage: entries are read out of a damaged file, whatever else of it is broken.
//!
//! No index and no page header is trusted, and SQLite is not asked: every place in the database and in its log is looked at
//! that reads like an entry of this till. Each entry is sealed by its hash and names the one before, so whatever continues
//! the chain from a proven entry is the original; nothing else can be taken for one. What a log holds of a transaction that
//! was never finished continues the chain as well: such an entry is taken, too. Nothing had been done on its account yet, and
//! the till asks about it like about any other.

mod image;
mod record;

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::path::Path;

use guitai_domain::{Epoch, TillId, Timestamp};

use crate::journal::Raw;
use crate::open::identity_in;
use crate::walk::Walk;
use crate::{ChainHead, Damage, Db, OpenError, WriteError, derive};
use image::{Images, Place};

/// Every place in a damaged file that reads like an entry, by the start of the hash it continues.
pub struct Finds {
    images: Images,
    places: BTreeMap<u64, Vec<Place>>,
}

/// Entries that continue a proven one, in order.
#[derive(Default)]
pub struct Salvage {
    pub(crate) raws: Vec<Raw>,
}

impl fmt::Debug for Salvage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Salvage").field("count", &self.count()).field("last", &self.last()).finish()
    }
}

impl Finds {
    /// Looks through the database `path` and the log beside it for whatever reads like an entry of this till.
    ///
    /// # Errors
    /// When a file is there and cannot be read at all.
    pub fn in_file(path: &Path, till: TillId) -> io::Result<Finds> {
        let mut finds = Finds { images: Images::open(path)?, places: BTreeMap::new() };
        let places = &mut finds.places;
        finds.images.each(till.to_string().as_bytes(), |start, place| {
            places.entry(start).or_default().push(place);
        })?;
        Ok(finds)
    }

    /// What continues the entry `after`. Where the chain parts, the way to the entry with the hash `towards` is taken, else
    /// the longest.
    ///
    /// # Errors
    /// When a file cannot be read any more.
    pub fn after(&mut self, after: ChainHead, towards: Option<[u8; 32]>) -> io::Result<Salvage> {
        Ok(Salvage { raws: self.longest(after, towards)? })
    }
}

impl Salvage {
    /// How many entries.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.raws.len() as u64
    }

    /// The last of them, and when it was written.
    #[must_use]
    pub fn last(&self) -> Option<(ChainHead, Timestamp)> {
        let last = self.raws.last()?;
        Some((ChainHead { seq: last.seq, hash: last.hash }, Timestamp(last.at_ms)))
    }

    /// Whether the entry with this hash is among them.
    #[must_use]
    pub fn contains(&self, hash: &[u8; 32]) -> bool {
        self.raws.iter().any(|raw| raw.hash == *hash)
    }

    /// The epochs of the first and the last.
    #[must_use]
    pub fn epochs(&self) -> Option<(Epoch, Epoch)> {
        let epoch = |raw: &Raw| Epoch::parse(&raw.epoch).ok();
        Some((epoch(self.raws.first()?)?, epoch(self.raws.last()?)?))
    }
}

impl Db {
    /// Writes salvaged entries as they are, each with its own number, time and hash, and everything derived from them: all
    /// of them, or none.
    ///
    /// # Errors
    /// When they do not continue this journal, or the disk refuses.
    pub fn append(&mut self, salvage: &Salvage) -> Result<(), WriteError> {
        let author = Raw::last(&self.conn)?.map(|last| (last.till, last.epoch));
        let mut walk = Walk::behind(self.head, author);
        let tx = self.conn.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        for raw in &salvage.raws {
            let Some(entry) = walk.step(raw) else {
                return Err(WriteError::Refused(format!("entry {} does not continue the journal", raw.seq)));
            };
            raw.insert(&tx)?;
            derive::apply(&tx, &entry)?;
        }
        tx.commit()?;
        self.head = walk.head;
        self.identity = identity_in(&self.conn).map_err(|error| match error {
            OpenError::Damaged(damage) => damage,
            other => Damage::Corrupt(other.to_string()),
        })?;
        Ok(())
    }
}

impl Finds {
    fn longest(&mut self, mut head: ChainHead, towards: Option<[u8; 32]>) -> io::Result<Vec<Raw>> {
        let mut way = Vec::new();
        loop {
            let mut next = self.following(head)?;
            let Some(only) = next.pop() else { return Ok(way) };
            if next.is_empty() {
                head = ChainHead { seq: only.seq, hash: only.hash };
                way.push(only);
                continue;
            }
            // Two entries continue this one: the way that leads to the known entry counts, else the longer.
            next.push(only);
            let mut ways = Vec::new();
            for first in next {
                let head = ChainHead { seq: first.seq, hash: first.hash };
                let mut rest = self.longest(head, towards)?;
                rest.insert(0, first);
                ways.push(rest);
            }
            let leads = |way: &Vec<Raw>| towards.is_some_and(|hash| way.iter().any(|raw| raw.hash == hash));
            way.extend(ways.into_iter().max_by_key(|way| (leads(way), way.len())).unwrap_or_default());
            return Ok(way);
        }
    }

    /// Every entry that continues `head`, each once.
    fn following(&mut self, head: ChainHead) -> io::Result<Vec<Raw>> {
        let mut following: Vec<Raw> = Vec::new();
        for place in self.places.get(&image::start_of(&head.hash)).into_iter().flatten() {
            for mut raw in self.images.read(*place)? {
                raw.seq = head.seq + 1;
                let continues = raw.prev == head.hash && raw.seal() == raw.hash;
                if !continues || following.iter().any(|other| other.hash == raw.hash) {
                    continue;
                }
                // The column `sale` is an index and not sealed: what the sealed body says is what counts.
                if let Ok(fact) = raw.understand_ref() {
                    raw.sale = fact.sale().map(str::to_owned);
                    following.push(raw);
                }
            }
        }
        Ok(following)
    }
}
