//! The journal: facts in order, each chained to the one before by its hash.

use guitai_domain::Timestamp;
use ring::digest::{Context, SHA256};
use rusqlite::{Connection, OptionalExtension, Row};
use serde_json::value::RawValue;

use crate::{Damage, Db, Fact, Identity, NewEpoch, WriteError, derive};

/// The end of the journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChainHead {
    /// The last entry's number; 0 in an empty journal.
    pub seq: u64,
    /// The last entry's hash; zeros in an empty journal.
    pub hash: [u8; 32],
}

/// A fact as it stands in the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its number, from 1 without gaps.
    pub seq: u64,
    /// When it was written, by the till's clock.
    pub at: Timestamp,
    /// Who: `till`, `cashier`, `cli`.
    pub actor: String,
    /// What happened.
    pub fact: Fact,
    /// The hash that seals it.
    pub hash: [u8; 32],
}

/// An entry as it was sealed: the very texts its hash covers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// Its number.
    pub seq: u64,
    /// The till.
    pub till: String,
    /// Its epoch.
    pub epoch: String,
    /// When it was written, by the till's clock.
    pub at: Timestamp,
    /// Who.
    pub actor: String,
    /// What happened.
    pub kind: String,
    /// The fact's fields, as JSON text.
    pub body: String,
    /// The hash of the entry before.
    pub prev: [u8; 32],
    /// The hash that seals it.
    pub hash: [u8; 32],
}

/// One row, before its body is understood.
pub(crate) struct Raw {
    pub seq: u64,
    pub till: String,
    pub epoch: String,
    pub at_ms: i64,
    pub actor: String,
    pub kind: String,
    pub body: String,
    pub sale: Option<String>,
    pub prev: [u8; 32],
    pub hash: [u8; 32],
}

impl ChainHead {
    pub(crate) fn read(conn: &Connection) -> rusqlite::Result<ChainHead> {
        let last = conn
            .query_row("SELECT seq, hash FROM journal ORDER BY seq DESC LIMIT 1", [], |row| {
                Ok(ChainHead { seq: row.get(0)?, hash: row.get(1)? })
            })
            .optional()?;
        Ok(last.unwrap_or(ChainHead { seq: 0, hash: [0; 32] }))
    }
}

impl Db {
    /// Writes facts and everything derived from them: all of it, durably, or none.
    ///
    /// # Errors
    /// See [`WriteError`]. After one, the head is read again before the next write.
    pub fn write(&mut self, now: Timestamp, actor: &str, facts: &[Fact]) -> Result<Vec<Entry>, WriteError> {
        let result = self.try_write(now, actor, facts);
        if result.is_err() {
            // The commit may have arrived although its answer did not.
            let _ = self.reread_head();
        }
        result
    }

    fn try_write(&mut self, now: Timestamp, actor: &str, facts: &[Fact]) -> Result<Vec<Entry>, WriteError> {
        let begins = self.new_epoch.as_ref().filter(|_| self.epoch_is_staged).map(NewEpoch::fact);
        let mut author = Author { identity: &self.identity, now, actor: actor.to_owned(), head: self.head };
        let tx = self.conn.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        if let Some(begins) = &begins {
            author.write(&tx, begins)?;
        }
        let entries: Vec<Entry> =
            facts.iter().map(|fact| author.write(&tx, fact)).collect::<Result<_, _>>()?;
        let head = author.head;
        tx.commit()?;
        self.epoch_is_staged = false;
        self.head = head;
        self.note_receipts(facts);
        // The commit stands, whatever becomes of its witness.
        let _ = self.tell_witness(now);
        Ok(entries)
    }

    /// When the last entry was written, by the till's time.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn last_entry_at(&self) -> Result<Option<Timestamp>, Damage> {
        let sql = "SELECT at_ms FROM journal ORDER BY seq DESC LIMIT 1";
        Ok(self.conn.query_row(sql, [], |row| Ok(Timestamp(row.get(0)?))).optional()?)
    }

    /// A sale's entries in order.
    ///
    /// # Errors
    /// When the file cannot be read, or holds an entry no version of this program wrote.
    pub fn entries_of_sale(&self, sale: &str) -> Result<Vec<Entry>, Damage> {
        let mut statement = self.conn.prepare_cached(&select("WHERE sale = ?1 ORDER BY seq"))?;
        let rows = statement.query_map([sale], Raw::read)?;
        rows.map(|raw| raw?.understand()).collect()
    }

    /// Every entry of one of these kinds, in order. Reads the whole journal: for what is rare, and asked for rarely.
    ///
    /// # Errors
    /// When the file cannot be read, or holds an entry no version of this program wrote.
    pub fn entries_of_kinds(&self, kinds: &[&str]) -> Result<Vec<Entry>, Damage> {
        let places = vec!["?"; kinds.len()].join(", ");
        let mut statement =
            self.conn.prepare_cached(&select(&format!("WHERE kind IN ({places}) ORDER BY seq")))?;
        let rows = statement.query_map(rusqlite::params_from_iter(kinds), Raw::read)?;
        rows.map(|raw| raw?.understand()).collect()
    }

    /// A sale's entries in order, as they were sealed.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn sealed_of_sale(&self, sale: &str) -> Result<Vec<Sealed>, Damage> {
        let mut statement = self.conn.prepare_cached(&select("WHERE sale = ?1 ORDER BY seq"))?;
        let rows = statement.query_map([sale], Raw::read)?;
        Ok(rows.map(|raw| raw.map(Sealed::from)).collect::<Result<_, _>>()?)
    }

    /// Entries from `seq` on, at most `limit`.
    ///
    /// # Errors
    /// As [`Db::entries_of_sale`].
    pub fn entries_from(&self, seq: u64, limit: u32) -> Result<Vec<Entry>, Damage> {
        let mut statement = self.conn.prepare_cached(&select("WHERE seq >= ?1 ORDER BY seq LIMIT ?2"))?;
        let rows = statement.query_map((seq, limit), Raw::read)?;
        rows.map(|raw| raw?.understand()).collect()
    }

    pub(crate) fn each_entry(
        conn: &Connection,
        mut each: impl FnMut(&Entry) -> Result<(), WriteError>,
    ) -> Result<u64, WriteError> {
        let mut statement = conn.prepare(&select("ORDER BY seq"))?;
        let mut rows = statement.query([])?;
        let mut count = 0;
        while let Some(row) = rows.next()? {
            each(&Raw::read(row)?.understand()?)?;
            count += 1;
        }
        Ok(count)
    }
}

/// Who writes, and where the journal is to go on.
struct Author<'a> {
    identity: &'a Identity,
    now: Timestamp,
    actor: String,
    head: ChainHead,
}

impl Author<'_> {
    fn write(&mut self, conn: &Connection, fact: &Fact) -> Result<Entry, WriteError> {
        let (kind, body) = split(fact);
        let mut raw = Raw {
            seq: self.head.seq + 1,
            till: self.identity.till.to_string(),
            epoch: self.identity.epoch.to_string(),
            at_ms: self.now.0,
            actor: self.actor.clone(),
            kind,
            body,
            sale: fact.sale().map(str::to_owned),
            prev: self.head.hash,
            hash: [0; 32],
        };
        raw.hash = raw.seal();
        raw.insert(conn)?;
        let entry =
            Entry { seq: raw.seq, at: self.now, actor: raw.actor, fact: fact.clone(), hash: raw.hash };
        derive::apply(conn, &entry)?;
        self.head = ChainHead { seq: entry.seq, hash: entry.hash };
        Ok(entry)
    }
}

pub(crate) fn select(rest: &str) -> String {
    format!("SELECT seq, till, epoch, at_ms, actor, kind, body, sale, prev, hash FROM journal {rest}")
}

/// The kind and the canonical body of a fact.
fn split(fact: &Fact) -> (String, String) {
    #[derive(serde::Deserialize)]
    struct Tagged<'a> {
        kind: String,
        #[serde(borrow)]
        body: &'a RawValue,
    }
    // A fact has only texts and whole numbers: serialising it cannot fail.
    let text = serde_json::to_string(fact).unwrap_or_default();
    let tagged: Tagged<'_> = serde_json::from_str(&text).expect("a fact is a kind and a body");
    (tagged.kind, tagged.body.get().to_owned())
}

impl From<Raw> for Sealed {
    fn from(raw: Raw) -> Self {
        let Raw { seq, till, epoch, at_ms, actor, kind, body, sale: _, prev, hash } = raw;
        Sealed { seq, till, epoch, at: Timestamp(at_ms), actor, kind, body, prev, hash }
    }
}

impl Raw {
    pub fn read(row: &Row<'_>) -> rusqlite::Result<Raw> {
        Ok(Raw {
            seq: row.get(0)?,
            till: row.get(1)?,
            epoch: row.get(2)?,
            at_ms: row.get(3)?,
            actor: row.get(4)?,
            kind: row.get(5)?,
            body: row.get(6)?,
            sale: row.get(7)?,
            prev: row.get(8)?,
            hash: row.get(9)?,
        })
    }

    /// The last one, if it can be read.
    pub fn last(conn: &Connection) -> rusqlite::Result<Option<Raw>> {
        conn.query_row(&select("ORDER BY seq DESC LIMIT 1"), [], Raw::read).optional()
    }

    /// The one with this number, if there is one.
    pub fn numbered(conn: &Connection, seq: u64) -> rusqlite::Result<Option<Raw>> {
        conn.query_row(&select("WHERE seq = ?1"), [seq], Raw::read).optional()
    }

    pub fn insert(&self, conn: &Connection) -> rusqlite::Result<()> {
        conn.prepare_cached(
            "INSERT INTO journal (seq, till, epoch, at_ms, actor, kind, body, sale, prev, hash)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        )?
        .execute((
            self.seq,
            &self.till,
            &self.epoch,
            self.at_ms,
            &self.actor,
            &self.kind,
            &self.body,
            &self.sale,
            self.prev,
            self.hash,
        ))?;
        Ok(())
    }

    /// SHA-256 over a version tag, the hash before, and every field with its length in front, so that no two entries
    /// read alike. `docs/journal.md` gives the rule to anyone who wants to check without this program.
    pub fn seal(&self) -> [u8; 32] {
        let mut context = Context::new(&SHA256);
        context.update(b"guitai.journal.1");
        context.update(&self.prev);
        let (seq, at_ms) = (self.seq.to_string(), self.at_ms.to_string());
        for field in [&self.till, &self.epoch, &seq, &at_ms, &self.actor, &self.kind, &self.body] {
            context.update(&(field.len() as u64).to_be_bytes());
            context.update(field.as_bytes());
        }
        let mut hash = [0; 32];
        hash.copy_from_slice(context.finish().as_ref());
        hash
    }

    pub fn understand_ref(&self) -> Result<Fact, Damage> {
        let text =
            format!(r#"{{"kind":{},"body":{}}}"#, serde_json::Value::from(self.kind.as_str()), self.body);
        serde_json::from_str(&text)
            .map_err(|error| Damage::Corrupt(format!("journal entry {} cannot be read: {error}", self.seq)))
    }

    pub fn understand(self) -> Result<Entry, Damage> {
        let fact = self.understand_ref()?;
        Ok(Entry { seq: self.seq, at: Timestamp(self.at_ms), actor: self.actor, fact, hash: self.hash })
    }
}
