//! Settings that are not secret. Each change is a journal entry; this table holds the last word.

use rusqlite::{Connection, OptionalExtension};

use crate::{Damage, Db, Fact, WriteError};

/// Which merchant was written down last: its mark, a blank, its masked number.
const PROVIDER: &str = "provider.merchant";

/// The row that a fact puts in the table: its name and value.
pub(crate) fn of(fact: &Fact) -> Option<(String, String)> {
    match fact {
        Fact::SettingChanged { name, value } => Some((name.clone(), value.clone())),
        Fact::ProviderChanged { merchant, mark, .. } => {
            Some((PROVIDER.to_owned(), format!("{mark} {merchant}")))
        }
        _ => None,
    }
}

pub(crate) fn apply(conn: &Connection, fact: &Fact) -> Result<(), WriteError> {
    of(fact).map_or(Ok(()), |(name, value)| put(conn, &name, &value))
}

pub(crate) fn put(conn: &Connection, name: &str, value: &str) -> Result<(), WriteError> {
    conn.prepare_cached(
        "INSERT INTO setting (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
    )?
    .execute((name, value))?;
    Ok(())
}

impl Db {
    /// A setting's value, if it was ever set.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn setting(&self, name: &str) -> Result<Option<String>, Damage> {
        let mut statement = self.conn.prepare_cached("SELECT value FROM setting WHERE name = ?1")?;
        Ok(statement.query_row([name], |row| row.get(0)).optional()?)
    }

    /// The merchant that was written down last: its mark and its masked number.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn merchant_in_use(&self) -> Result<Option<(String, String)>, Damage> {
        let kept = self.setting(PROVIDER)?;
        Ok(kept.and_then(|text| text.split_once(' ').map(|(mark, name)| (mark.to_owned(), name.to_owned()))))
    }

    /// The settings whose names begin with `prefix`, in order, without the prefix.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn settings_under(&self, prefix: &str) -> Result<Vec<(String, String)>, Damage> {
        let mut statement = self.conn.prepare_cached("SELECT name, value FROM setting ORDER BY name")?;
        let rows = statement.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get(1)?)))?;
        let all: Vec<(String, String)> = rows.collect::<Result<_, _>>()?;
        let under =
            all.into_iter().filter_map(|(name, value)| Some((name.strip_prefix(prefix)?.to_owned(), value)));
        Ok(under.collect())
    }
}
