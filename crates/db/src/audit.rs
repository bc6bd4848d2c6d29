//! The audit: proves a file whole, or names the first thing that is not as it was written.
//!
//! Whole means: every page is in order, the tables and rules are the ones this program made, the chain of hashes runs
//! from the first entry to the last, and every derived row is what the journal makes of it. The derived tables are made
//! anew in memory, so an audit writes nothing and keeps nobody waiting.

use std::collections::{BTreeMap, BTreeSet};
use std::mem;
use std::sync::atomic::Ordering;
use std::sync::mpsc;
use std::thread;

use guitai_domain::Timestamp;
use rusqlite::Connection;

use crate::journal::{Entry, Raw, select};
use crate::replica::{Only, Replica};
use crate::walk::Walk;
use crate::{Audit, AuditError, Finding, Snapshot, Watch, setting};

impl Snapshot {
    /// Proves the whole file. Reads every page; the figures are in `docs/benchmarks.md`.
    ///
    /// # Errors
    /// See [`AuditError`].
    pub fn audit(&self, at: Timestamp, watch: &Watch) -> Result<Audit, AuditError> {
        let _interrupt = Interrupt::new(&self.conn, watch)?;
        let pages: String = self.conn.pragma_query_value(None, "integrity_check", |row| row.get(0))?;
        if pages != "ok" {
            return Err(AuditError::Wrong(Finding::Pages(pages)));
        }
        watch.go_on(PAGES)?;
        let replica = Replica::new()?;
        if let Some(name) = replica.first_foreign_object(&self.conn)? {
            return Err(AuditError::Wrong(Finding::Schema(name)));
        }
        let mut walk = Walk::from_start();
        let replica = self.walk_into(replica, &mut walk, watch)?;
        self.check_identity(&walk)?;
        watch.go_on(JOURNAL)?;
        if let Some((table, key)) = replica.first_difference(&self.conn)? {
            return Err(AuditError::Wrong(Finding::Row { table: table.to_owned(), key }));
        }
        watch.go_on(1_000)?;
        Ok(Audit { seq: walk.head.seq, head: walk.head, at })
    }

    /// Proves what was written after `before`, and every sale and setting it touched. What `before` proved is taken
    /// as it was then.
    ///
    /// # Errors
    /// See [`AuditError`].
    pub fn audit_since(&self, before: &Audit, at: Timestamp, watch: &Watch) -> Result<Audit, AuditError> {
        let _interrupt = Interrupt::new(&self.conn, watch)?;
        if before.seq > 0 && self.hash_of(before.seq)? != Some(before.head.hash) {
            return Err(AuditError::Wrong(Finding::Entry { seq: before.seq }));
        }
        let author = Raw::numbered(&self.conn, before.seq)?.map(|raw| (raw.till, raw.epoch));
        let mut walk = Walk::behind(before.head, author);
        let (mut sales, mut settings) = (BTreeSet::new(), BTreeMap::new());
        self.walk(&mut walk, watch, |entry| {
            sales.extend(entry.fact.sale().map(str::to_owned));
            settings.extend(setting::of(&entry.fact));
            Ok(())
        })?;
        if walk.head != before.head {
            self.check_identity(&walk)?;
        }
        self.check_sales(&sales, watch)?;
        for (name, value) in settings {
            if self.setting(&name)? != Some(value) {
                return Err(AuditError::Wrong(Finding::Row { table: "setting".to_owned(), key: name }));
            }
        }
        watch.go_on(1_000)?;
        Ok(Audit { seq: walk.head.seq, head: walk.head, at })
    }

    /// Walks along the chain on this thread and fills the replica on another: the two take about as long.
    fn walk_into(&self, replica: Replica, walk: &mut Walk, watch: &Watch) -> Result<Replica, AuditError> {
        thread::scope(|scope| {
            let (entries, inbox) = mpsc::sync_channel::<Vec<Entry>>(4);
            let filling = scope.spawn(move || -> Result<Replica, AuditError> {
                for entry in inbox.into_iter().flatten() {
                    replica.add(&entry)?;
                }
                Ok(replica)
            });
            let mut batch = Vec::with_capacity(BATCH);
            let walked = self.walk(walk, watch, |entry| {
                batch.push(entry);
                // Where the other side has given up, its own error says why.
                let full = batch.len() == BATCH;
                if full {
                    entries.send(mem::take(&mut batch)).map_err(|_| AuditError::Stopped)
                } else {
                    Ok(())
                }
            });
            let _ = entries.send(batch);
            drop(entries);
            let filled = filling.join().unwrap_or(Err(AuditError::Stopped));
            match (walked, filled) {
                (Ok(()), filled) => filled,
                (Err(AuditError::Stopped), Err(why)) | (Err(why), _) => Err(why),
            }
        })
    }

    fn walk(
        &self,
        walk: &mut Walk,
        watch: &Watch,
        mut each: impl FnMut(Entry) -> Result<(), AuditError>,
    ) -> Result<(), AuditError> {
        let last = self.head().seq.max(1);
        let mut statement = self.conn.prepare(&select("WHERE seq > ?1 ORDER BY seq"))?;
        let mut rows = statement.query([walk.head.seq])?;
        while let Some(row) = rows.next()? {
            // What cannot even be read is not what was written.
            let entry = Raw::read(row).ok().and_then(|raw| walk.step(&raw));
            let Some(entry) = entry else {
                return Err(AuditError::Wrong(Finding::Entry { seq: walk.head.seq + 1 }));
            };
            each(entry)?;
            if walk.head.seq.is_multiple_of(1_000) {
                watch.go_on(PAGES + (JOURNAL - PAGES) * walk.head.seq.min(last) / last)?;
            }
        }
        Ok(())
    }

    /// SQLite leaves the CHECK rules of a table out where it may not write, so this table's are looked at here; every other
    /// table is compared with the journal.
    fn check_identity(&self, walk: &Walk) -> Result<(), AuditError> {
        let (rows, device): (u32, String) =
            self.conn.query_row("SELECT count(*), max(device) FROM till", [], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })?;
        let is_digest = device.len() == 64 && device.bytes().all(|byte| byte.is_ascii_hexdigit());
        if rows != 1 || !is_digest {
            return Err(AuditError::Wrong(Finding::Identity(format!("{rows} rows"))));
        }
        let identity = self.identity();
        let written = (identity.till.to_string(), identity.epoch.to_string());
        match walk.author() {
            Some(author) if *author != written => {
                Err(AuditError::Wrong(Finding::Identity(format!("{} {}", author.0, author.1))))
            }
            Some(_) | None => Ok(()),
        }
    }

    /// Makes each sale anew from its own entries and compares its rows.
    fn check_sales(&self, sales: &BTreeSet<String>, watch: &Watch) -> Result<(), AuditError> {
        let replica = Replica::new()?;
        for sale in sales {
            watch.go_on(JOURNAL)?;
            for entry in self.sealed_entries_of_sale(sale)? {
                replica.add(&entry)?;
            }
            for only in [
                Only { table: "sale", column: "id", value: sale },
                Only { table: "payment", column: "sale", value: sale },
            ] {
                if let Some((table, key)) = replica.first_difference_in(&self.conn, &only)? {
                    return Err(AuditError::Wrong(Finding::Row { table: table.to_owned(), key }));
                }
            }
        }
        Ok(())
    }

    fn sealed_entries_of_sale(&self, sale: &str) -> Result<Vec<Entry>, AuditError> {
        let mut statement = self.conn.prepare_cached(&select("WHERE sale = ?1 ORDER BY seq"))?;
        let mut rows = statement.query([sale])?;
        let mut entries = Vec::new();
        while let Some(row) = rows.next()? {
            let raw = Raw::read(row)?;
            if raw.seal() != raw.hash {
                return Err(AuditError::Wrong(Finding::Entry { seq: raw.seq }));
            }
            entries.push(raw.understand()?);
        }
        Ok(entries)
    }
}

/// How far the audit is when the pages, and when the journal is done, in a thousand.
const PAGES: u64 = 200;
const JOURNAL: u64 = 850;
/// Entries handed over at a time.
const BATCH: usize = 512;

/// Lets a watch stop SQLite in the middle of a statement.
struct Interrupt<'a>(&'a Connection);

impl<'a> Interrupt<'a> {
    fn new(conn: &'a Connection, watch: &Watch) -> Result<Interrupt<'a>, AuditError> {
        let stopped = watch.stopped.clone();
        conn.progress_handler(10_000, Some(move || stopped.load(Ordering::Relaxed)))?;
        Ok(Interrupt(conn))
    }
}

impl Drop for Interrupt<'_> {
    fn drop(&mut self) {
        let _ = self.0.progress_handler(0, None::<fn() -> bool>);
    }
}
