//! Opening the file: settings that money depends on are set, then read back.

use std::fmt;
use std::path::{Path, PathBuf};

use guitai_domain::{Epoch, TillId};
use ring::digest;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, OptionalExtension};

use crate::epoch::NewEpoch;
use crate::journal::{ChainHead, Raw};
use crate::schema::{APPLICATION_ID, VERSION, migrations};
use crate::witness::WitnessFile;
use crate::{Damage, OpenError};

/// Training records and real ones live in files of their own and never mix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// No real money.
    Training,
    /// Real money.
    Real,
}

impl Mode {
    /// `training` or `real`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Mode::Training => "training",
            Mode::Real => "real",
        }
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Whose file it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The till.
    pub till: TillId,
    /// The stretch of its life on this disk.
    pub epoch: Epoch,
    /// Training or real.
    pub mode: Mode,
}

/// The open file. One owner, one thread.
#[derive(Debug)]
pub struct Db {
    pub(crate) conn: Connection,
    pub(crate) identity: Identity,
    pub(crate) head: ChainHead,
    /// Why this opening begins a new epoch, and whether that is in the journal yet.
    pub(crate) new_epoch: Option<NewEpoch>,
    pub(crate) epoch_is_staged: bool,
    pub(crate) witness: Option<WitnessFile>,
    code_key: CodeKey,
    path: PathBuf,
}

/// Made from the device's secret; prints as nothing.
#[derive(Clone, Copy)]
struct CodeKey([u8; 32]);

impl fmt::Debug for CodeKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl Db {
    /// Makes a new file for `identity`. `device_secret` is kept beside the file and marks the machine it belongs to.
    ///
    /// # Errors
    /// When the file cannot be made, or already has a till in it.
    pub fn create(path: &Path, identity: &Identity, device_secret: &[u8]) -> Result<Db, OpenError> {
        let mut conn = connect(path, true)?;
        if table_exists(&conn, "till")? {
            return Err(OpenError::OtherTill { till: till_in(&conn)?.unwrap_or_default() });
        }
        let tables: u32 = conn.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
        if tables > 0 {
            return Err(OpenError::NotGuitai);
        }
        prepare(&mut conn)?;
        conn.execute(
            "INSERT INTO till (only_row, till, epoch, mode, device) VALUES (1, ?1, ?2, ?3, ?4)",
            (
                identity.till.to_string(),
                identity.epoch.to_string(),
                identity.mode.name(),
                device_digest(device_secret),
            ),
        )?;
        Db::finish(conn, path, identity.clone(), device_secret)
    }

    /// Opens an existing file for business.
    ///
    /// # Errors
    /// See [`OpenError`]; nothing is changed in a file that is refused.
    pub fn open(path: &Path, mode: Mode, device_secret: &[u8]) -> Result<Db, OpenError> {
        let mut conn = connect(path, false)?;
        check_ours(&conn)?;
        let identity = identity_in(&conn)?;
        if identity.mode != mode {
            return Err(OpenError::OtherMode { found: identity.mode, wanted: mode });
        }
        let device: String = conn.query_row("SELECT device FROM till", [], |row| row.get(0))?;
        if device != device_digest(device_secret) {
            return Err(OpenError::OtherTill { till: identity.till.to_string() });
        }
        check_last_author(&conn, &identity)?;
        prepare(&mut conn)?;
        make_durable(&conn)?;
        Db::finish(conn, path, identity, device_secret)
    }

    /// Opens an existing file and makes it belong to this machine, whosever it was. Only for somebody who asked for it.
    ///
    /// # Errors
    /// As [`Db::open`], but for the machine.
    pub fn adopt(path: &Path, mode: Mode, device_secret: &[u8]) -> Result<Db, OpenError> {
        let conn = connect(path, false)?;
        check_ours(&conn)?;
        let identity = identity_in(&conn)?;
        if identity.mode != mode {
            return Err(OpenError::OtherMode { found: identity.mode, wanted: mode });
        }
        check_last_author(&conn, &identity)?;
        conn.execute("UPDATE till SET device = ?1", [device_digest(device_secret)])?;
        drop(conn);
        Db::open(path, mode, device_secret)
    }

    pub(crate) fn finish(
        conn: Connection,
        path: &Path,
        identity: Identity,
        device_secret: &[u8],
    ) -> Result<Db, OpenError> {
        let head = ChainHead::read(&conn)?;
        Ok(Db {
            conn,
            identity,
            head,
            new_epoch: None,
            epoch_is_staged: false,
            witness: None,
            code_key: CodeKey(secret_digest(b"guitai.codes.1", device_secret)),
            path: path.to_owned(),
        })
    }

    /// The key for what stands for payment codes in the journal. It is this device's: a copy of the file alone is no help in
    /// guessing a code.
    #[must_use]
    pub fn code_key(&self) -> &[u8; 32] {
        &self.code_key.0
    }

    /// Whose file this is.
    #[must_use]
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// The end of the journal.
    #[must_use]
    pub fn head(&self) -> ChainHead {
        self.head
    }

    /// Where the file is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Reads the end of the journal again: after a failed write it is not known whether it arrived.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn reread_head(&mut self) -> Result<(), Damage> {
        self.head = ChainHead::read(&self.conn)?;
        self.epoch_is_staged &=
            identity_in(&self.conn).map_or(true, |found| found.epoch != self.identity.epoch);
        Ok(())
    }

    /// SQLite's own look at the file.
    ///
    /// # Errors
    /// What it found.
    pub fn quick_check(&self) -> Result<(), Damage> {
        check_pages(&self.conn, "quick_check")
    }

    /// Closes the file with everything in it and nothing left in its log, so that it can be renamed.
    ///
    /// # Errors
    /// When the disk does not take it: what is missing is then in the log.
    pub fn close(self) -> Result<(), OpenError> {
        // Closing alone tries the same, and says nothing where it fails.
        make_durable(&self.conn)?;
        self.conn.close().map_err(|(_, error)| error)?;
        Ok(())
    }
}

pub(crate) fn check_pages(conn: &Connection, pragma: &str) -> Result<(), Damage> {
    let found: String = conn.pragma_query_value(None, pragma, |row| row.get(0))?;
    if found == "ok" { Ok(()) } else { Err(Damage::Corrupt(found)) }
}

fn connect(path: &Path, create: bool) -> Result<Connection, OpenError> {
    // 3.7.0 to 3.51.2 can corrupt the log when two connections checkpoint at once (sqlite.org/changes.html).
    if rusqlite::version_number() < 3_051_003 {
        return Err(OpenError::OldSqlite(rusqlite::version()));
    }
    let mut flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    if create {
        flags |= OpenFlags::SQLITE_OPEN_CREATE;
    }
    let conn = Connection::open_with_flags(path, flags)?;
    conn.busy_timeout(std::time::Duration::from_millis(5_000))?;
    if conn.is_readonly("main")? {
        return Err(OpenError::Damaged(Damage::ReadOnly));
    }
    Ok(conn)
}

pub(crate) fn check_ours(conn: &Connection) -> Result<(), OpenError> {
    let id: i32 = conn.pragma_query_value(None, "application_id", |row| row.get(0))?;
    if id != APPLICATION_ID || !table_exists(conn, "till")? {
        return Err(OpenError::NotGuitai);
    }
    let version: i64 = conn.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if version > VERSION { Err(OpenError::Newer) } else { Ok(()) }
}

/// The connection recipe: each setting is set and read back. A till does not sell on a file it cannot trust.
fn prepare(conn: &mut Connection) -> Result<(), OpenError> {
    const RECIPE: [(&str, &str, &str); 8] = [
        ("journal_mode", "WAL", "wal"),
        ("synchronous", "FULL", "2"),
        ("foreign_keys", "ON", "1"),
        ("trusted_schema", "OFF", "0"),
        ("cell_size_check", "ON", "1"),
        ("mmap_size", "0", "0"),
        ("busy_timeout", "5000", "5000"),
        ("wal_autocheckpoint", "1000", "1000"),
    ];
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    for (name, value, wanted) in RECIPE {
        set(conn, name, value)?;
        let found: Option<String> = conn
            .pragma_query_value(None, name, |row| row.get::<_, rusqlite::types::Value>(0).map(text_of))
            .optional()?;
        // A build without memory mapping answers nothing at all to mmap_size.
        let found = found.unwrap_or_else(|| "0".to_owned());
        if found != wanted {
            return Err(OpenError::Setting { name, found, wanted });
        }
    }
    conn.pragma_update(None, "application_id", APPLICATION_ID)?;
    migrations().to_latest(conn).map_err(|error| match error {
        rusqlite_migration::Error::RusqliteError { err, .. } => OpenError::from(err),
        rusqlite_migration::Error::MigrationDefinition(_) => OpenError::Newer,
        other => OpenError::Damaged(Damage::Corrupt(other.to_string())),
    })
}

/// Moves what the log holds into the database, and begins a new log.
///
/// A program that died after a failed sync leaves a log that can be read but of which nobody knows what reached the disk: a later
/// sync does not write again what an earlier one lost. Nothing may be written behind such a hole, for the next power cut would
/// take it as well.
fn make_durable(conn: &Connection) -> Result<(), OpenError> {
    let busy: bool = conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
    if busy { Err(OpenError::Damaged(Damage::Busy)) } else { Ok(()) }
}

/// Runs the statement to its very end: the journal mode is written there, after its answer, and only there can it fail.
fn set(conn: &Connection, name: &str, value: &str) -> rusqlite::Result<()> {
    let mut statement = conn.prepare(&format!("PRAGMA {name} = {value}"))?;
    let mut rows = statement.query([])?;
    while rows.next()?.is_some() {}
    Ok(())
}

fn text_of(value: rusqlite::types::Value) -> String {
    match value {
        rusqlite::types::Value::Integer(number) => number.to_string(),
        rusqlite::types::Value::Text(text) => text,
        other => format!("{other:?}"),
    }
}

fn table_exists(conn: &Connection, name: &str) -> rusqlite::Result<bool> {
    conn.table_exists(None, name)
}

fn till_in(conn: &Connection) -> rusqlite::Result<Option<String>> {
    conn.query_row("SELECT till FROM till", [], |row| row.get(0)).optional()
}

pub(crate) fn identity_in(conn: &Connection) -> Result<Identity, OpenError> {
    let (till, epoch, mode): (String, String, String) =
        conn.query_row("SELECT till, epoch, mode FROM till", [], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })?;
    let unreadable = |what: &str| OpenError::Damaged(Damage::Corrupt(format!("unreadable {what}")));
    Ok(Identity {
        till: TillId::parse(&till).map_err(|_| unreadable("till id"))?,
        epoch: Epoch::parse(&epoch).map_err(|_| unreadable("epoch"))?,
        mode: [Mode::Training, Mode::Real]
            .into_iter()
            .find(|known| known.name() == mode)
            .ok_or_else(|| unreadable("mode"))?,
    })
}

/// The last entry was written by whoever the table `till` names. Where its hash is right and the table says otherwise, the
/// table is wrong, and entries written in its name would break the chain.
fn check_last_author(conn: &Connection, identity: &Identity) -> Result<(), OpenError> {
    let written = Raw::last(conn)?.filter(|last| last.seal() == last.hash);
    let named = (identity.till.to_string(), identity.epoch.to_string());
    if written.is_some_and(|last| (last.till, last.epoch) != named) {
        let text = "the table till names another till or epoch than the last entry";
        return Err(OpenError::Damaged(Damage::Corrupt(text.to_owned())));
    }
    Ok(())
}

pub(crate) fn device_digest(secret: &[u8]) -> String {
    hex::encode(secret_digest(b"guitai.device.1", secret))
}

fn secret_digest(label: &[u8], secret: &[u8]) -> [u8; 32] {
    let mut digest = [0; 32];
    digest.copy_from_slice(digest::digest(&digest::SHA256, &[label, secret].concat()).as_ref());
    digest
}

#[cfg(test)]
mod tests;
