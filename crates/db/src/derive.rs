//! From the journal to the tables: each fact goes to the one table it changes.

use rusqlite::Connection;

use crate::journal::Entry;
use crate::open::check_pages;
use crate::replica::Replica;
use crate::{Db, Fact, WriteError, epoch, manager, payment, sale, setting};

/// Brings the tables up to date with one entry, inside the transaction that wrote it.
pub(crate) fn apply(conn: &Connection, entry: &Entry) -> Result<(), WriteError> {
    match &entry.fact {
        Fact::TillStarted { .. }
        | Fact::PaymentSettled { .. }
        | Fact::ClockDoubted { .. }
        | Fact::ClockBelieved { .. } => Ok(()),
        Fact::ManagerPinSet {} | Fact::ManagerMissed {} | Fact::ManagerRecognised {} => {
            manager::apply(conn, &entry.fact)
        }
        Fact::TillEpochStarted { epoch: new, receipt_no, .. } => {
            epoch::apply(conn, new, receipt_no.as_deref())
        }
        Fact::SettingChanged { .. } | Fact::ProviderChanged { .. } => setting::apply(conn, &entry.fact),
        Fact::SaleOpened { .. }
        | Fact::SaleVoided { .. }
        | Fact::SaleCompleted { .. }
        | Fact::ReceiptReprinted { .. } => sale::apply(conn, entry),
        Fact::PaymentCreated { .. }
        | Fact::PaymentMoved { .. }
        | Fact::PaymentSetAside { .. }
        | Fact::PaymentTakenUp { .. }
        | Fact::PaymentContradicted { .. }
        | Fact::PaymentReviewed { .. }
        | Fact::ProviderAnswered { .. } => payment::apply(conn, entry),
    }
}

/// The derived tables and what their rows are told apart by.
pub(crate) const TABLES: [(&str, &str); 4] =
    [("setting", "name"), ("sale", "id"), ("payment", "id"), ("manager", "only_row")];

impl Db {
    /// Drops the derived tables and makes them anew from the journal, in one transaction. Emptied tables would not do: in a
    /// tree whose keys are out of order a row can be read and not be found to be deleted.
    ///
    /// # Errors
    /// When the journal cannot be read, the file not be written, or is not sound afterwards: a damaged tree may share pages
    /// with the journal, and what is made anew must not cost an entry. The file is then as before.
    pub fn rebuild(&mut self) -> Result<u64, WriteError> {
        let ours = Replica::reference()?;
        let tx = self.conn.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        let count = refill(&tx, &ours)?;
        check_pages(&tx, "integrity_check")?;
        tx.commit()?;
        Ok(count)
    }

    /// Whether the derived tables are what the journal makes of them. Changes nothing.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn tables_agree(&self) -> Result<bool, WriteError> {
        let replica = Replica::new()?;
        Db::each_entry(&self.conn, |entry| replica.add(entry))?;
        Ok(replica.first_difference(&self.conn)?.is_none())
    }
}

/// Makes the derived tables anew, as they stand in `like`, and fills them from the journal.
pub(crate) fn refill(conn: &Connection, like: &Connection) -> Result<u64, WriteError> {
    let statements = statements(like)?;
    for (table, _) in TABLES.iter().rev() {
        conn.execute(&format!("DROP TABLE {table}"), [])?;
    }
    for statement in statements {
        conn.execute(&statement, [])?;
    }
    Db::each_entry(conn, |entry| apply(conn, entry))
}

/// What makes the derived tables and their indexes, each table before whatever refers to it.
fn statements(conn: &Connection) -> Result<Vec<String>, WriteError> {
    let of_table = "SELECT sql FROM sqlite_schema WHERE tbl_name = ?1 AND sql IS NOT NULL ORDER BY type = 'table' DESC, name";
    let mut statement = conn.prepare(of_table)?;
    let mut all = Vec::new();
    for (table, _) in TABLES {
        for sql in statement.query_map([table], |row| row.get(0))? {
            all.push(sql?);
        }
    }
    Ok(all)
}
