//! The derived tables made anew in memory, to be compared with those in the file.

use std::collections::BTreeSet;

use rusqlite::Connection;
use rusqlite::types::ValueRef;

use crate::derive::{TABLES, apply};
use crate::journal::Entry;
use crate::schema::migrations;
use crate::{Damage, WriteError};

/// What the journal makes of the derived tables.
pub(crate) struct Replica {
    conn: Connection,
    schema: BTreeSet<Object>,
}

/// A table, index or trigger: its kind, name and text.
type Object = (String, String, Option<String>);

/// A row that differs: its table, and what it is told apart by.
pub(crate) type Difference = (&'static str, String);

/// Where only these rows of a table are compared.
pub(crate) struct Only<'a> {
    pub table: &'static str,
    pub column: &'static str,
    pub value: &'a str,
}

impl Replica {
    pub fn new() -> Result<Replica, Damage> {
        let conn = Replica::reference()?;
        let schema = objects(&conn)?;
        // Only what the rules themselves look up is kept; the other indexes are for reading.
        for (kind, name, sql) in &schema {
            let is_rule = sql.as_ref().is_none_or(|sql| sql.starts_with("CREATE UNIQUE"));
            if kind == "index" && !is_rule && name != "payment_of_sale" {
                conn.execute(&format!("DROP INDEX {name}"), [])?;
            }
        }
        conn.execute_batch(
            "PRAGMA foreign_keys = OFF; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; BEGIN",
        )?;
        Ok(Replica { conn, schema })
    }

    /// An empty file in memory, as this program makes one.
    pub fn reference() -> Result<Connection, Damage> {
        let mut conn = Connection::open_in_memory()?;
        migrations().to_latest(&mut conn).map_err(|error| Damage::Disk(error.to_string()))?;
        Ok(conn)
    }

    pub fn add(&self, entry: &Entry) -> Result<(), WriteError> {
        apply(&self.conn, entry)
    }

    /// The first table, index or trigger of `conn` that is not the one this program makes, or is missing there.
    pub fn first_foreign_object(&self, conn: &Connection) -> Result<Option<String>, Damage> {
        let found = objects(conn)?;
        let first = self.schema.symmetric_difference(&found).next();
        Ok(first.map(|(kind, name, _)| format!("{kind} {name}")))
    }

    /// The first row of any derived table that is not the same in `conn`.
    pub fn first_difference(&self, conn: &Connection) -> Result<Option<Difference>, Damage> {
        for (table, key) in TABLES {
            let sql = format!("SELECT * FROM {table} ORDER BY {key}");
            if let Some(key) = self.compare(conn, &sql, &[])? {
                return Ok(Some((table, key)));
            }
        }
        Ok(None)
    }

    /// The same, where only some rows are looked at.
    pub fn first_difference_in(
        &self,
        conn: &Connection,
        only: &Only<'_>,
    ) -> Result<Option<Difference>, Damage> {
        let Only { table, column, value } = only;
        // A primary key orders every table: the first column.
        let sql = format!("SELECT * FROM {table} WHERE {column} = ?1 ORDER BY 1");
        Ok(self.compare(conn, &sql, &[value])?.map(|key| (*table, key)))
    }

    /// Runs a query on both sides, row by row; answers the first column of the first row that differs.
    fn compare(&self, conn: &Connection, sql: &str, values: &[&str]) -> Result<Option<String>, Damage> {
        let (mut own, mut other) = (self.conn.prepare_cached(sql)?, conn.prepare_cached(sql)?);
        let columns = own.column_count();
        if other.column_count() != columns {
            return Ok(Some("columns".to_owned()));
        }
        let values = rusqlite::params_from_iter(values);
        let (mut own, mut other) = (own.query(values.clone())?, other.query(values)?);
        loop {
            match (own.next()?, other.next()?) {
                (None, None) => return Ok(None),
                (Some(row), None) | (None, Some(row)) => return Ok(Some(key_of(row)?)),
                (Some(one), Some(two)) => {
                    for column in 0..columns {
                        if one.get_ref(column)? != two.get_ref(column)? {
                            // Where one side has a row that the other lacks, it is the one that comes first.
                            return Ok(Some(key_of(one)?.min(key_of(two)?)));
                        }
                    }
                }
            }
        }
    }
}

fn key_of(row: &rusqlite::Row<'_>) -> rusqlite::Result<String> {
    Ok(match row.get_ref(0)? {
        ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned(),
        ValueRef::Integer(number) => number.to_string(),
        other => format!("{other:?}"),
    })
}

fn objects(conn: &Connection) -> rusqlite::Result<BTreeSet<Object>> {
    let mut statement =
        conn.prepare("SELECT type, name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_stat%'")?;
    statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?.collect()
}
