//! A walk along the chain of hashes: every entry must be what was written, and continue the one before.

use guitai_domain::Timestamp;
use rusqlite::Connection;

use crate::journal::{Raw, select};
use crate::{ChainHead, Damage, Db, Entry, Fact};

/// What a walk along the whole chain found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// Entries whose hash is right, from the first on.
    pub entries: u64,
    /// The head as recomputed.
    pub head: ChainHead,
    /// The first entry that is not what was written, or is missing.
    pub broken_at: Option<u64>,
}

/// A walk along the chain: each entry must continue the one before, by the same till, in the same epoch or with the
/// entry that begins another.
pub(crate) struct Walk {
    pub head: ChainHead,
    author: Option<(String, String)>,
}

impl Walk {
    pub fn from_start() -> Walk {
        Walk { head: ChainHead { seq: 0, hash: [0; 32] }, author: None }
    }

    /// On from an entry that is proven already, by whoever wrote it.
    pub fn behind(head: ChainHead, author: Option<(String, String)>) -> Walk {
        Walk { head, author }
    }

    /// The next entry, if it is what was written. The `sale` column is only an index: it must say what the sealed body says.
    pub fn step(&mut self, raw: &Raw) -> Option<Entry> {
        if raw.seq != self.head.seq + 1 || raw.prev != self.head.hash || raw.seal() != raw.hash {
            return None;
        }
        let fact = raw.understand_ref().ok().filter(|fact| fact.sale() == raw.sale.as_deref())?;
        let goes_on = match &self.author {
            None => true,
            Some((till, epoch)) if *till == raw.till && *epoch == raw.epoch => true,
            Some((till, _)) => {
                let begins = match &fact {
                    Fact::TillEpochStarted { epoch, .. } => *epoch == raw.epoch,
                    _ => false,
                };
                *till == raw.till && begins
            }
        };
        if !goes_on {
            return None;
        }
        self.head = ChainHead { seq: raw.seq, hash: raw.hash };
        self.author = Some((raw.till.clone(), raw.epoch.clone()));
        Some(Entry { seq: raw.seq, at: Timestamp(raw.at_ms), actor: raw.actor.clone(), fact, hash: raw.hash })
    }

    /// Who wrote the last entry: till and epoch.
    pub fn author(&self) -> Option<&(String, String)> {
        self.author.as_ref()
    }
}

impl Db {
    /// Walks the whole chain and recomputes every hash.
    ///
    /// # Errors
    /// When the file cannot be read. A wrong entry is not an error: it is the answer.
    pub fn verify(&self) -> Result<Verified, Damage> {
        verify_chain(&self.conn)
    }
}

pub(crate) fn verify_chain(conn: &Connection) -> Result<Verified, Damage> {
    let mut walk = Walk::from_start();
    let mut statement = conn.prepare(&select("ORDER BY seq"))?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        if walk.step(&Raw::read(row)?).is_none() {
            let head = walk.head;
            return Ok(Verified { entries: head.seq, head, broken_at: Some(head.seq + 1) });
        }
    }
    let head = walk.head;
    Ok(Verified { entries: head.seq, head, broken_at: None })
}
