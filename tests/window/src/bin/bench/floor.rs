//! What a durable write and a trip over loopback take here at the least.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::thread;
use std::time::Instant;

use anyhow::Result;
use rusqlite::Connection;

/// About what a charge adds to the journal: two entries.
const ENTRY_BYTES: usize = 600;
/// About the size of a charge on the wire.
const REQUEST_BYTES: usize = 1_400;

/// A database with the till's promise of durability and nothing else.
pub struct Disk(Connection);

impl Disk {
    /// Makes one in `folder`.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn new(folder: &Path) -> Result<Disk> {
        let db = Connection::open(folder.join("floor.db"))?;
        db.pragma_update(None, "journal_mode", "WAL")?;
        db.pragma_update(None, "synchronous", "FULL")?;
        db.execute_batch("CREATE TABLE entry (seq INTEGER PRIMARY KEY, body TEXT) STRICT")?;
        Ok(Disk(db))
    }

    /// Two entries in one durable transaction.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn commit(&mut self) -> Result<i64> {
        let body = "x".repeat(ENTRY_BYTES);
        let start = Instant::now();
        let transaction = self.0.transaction()?;
        for _ in 0..2 {
            transaction.prepare_cached("INSERT INTO entry (body) VALUES (?1)")?.execute([&body])?;
        }
        transaction.commit()?;
        Ok(gone(start))
    }
}

/// A connection over loopback to somebody who sends everything back.
pub struct Loop(TcpStream);

impl Loop {
    /// Connects.
    ///
    /// # Errors
    /// When there is no loopback.
    pub fn new() -> Result<Loop> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let near = TcpStream::connect(listener.local_addr()?)?;
        let (mut far, _) = listener.accept()?;
        near.set_nodelay(true)?;
        far.set_nodelay(true)?;
        thread::spawn(move || {
            let mut request = [0; REQUEST_BYTES];
            while far.read_exact(&mut request).is_ok() && far.write_all(&request).is_ok() {}
        });
        Ok(Loop(near))
    }

    /// There and back.
    ///
    /// # Errors
    /// When the connection broke.
    pub fn round(&mut self) -> Result<i64> {
        let mut request = [7; REQUEST_BYTES];
        let start = Instant::now();
        self.0.write_all(&request)?;
        self.0.read_exact(&mut request)?;
        Ok(gone(start))
    }
}

/// Microseconds since `start`.
pub fn gone(start: Instant) -> i64 {
    i64::try_from(start.elapsed().as_micros()).unwrap_or(i64::MAX)
}
