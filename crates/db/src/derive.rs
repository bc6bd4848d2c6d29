//! From the journal to the tables: each fact goes to the one table it changes.

use rusqlite::Connection;

use crate::journal::Entry;
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
        Fact::SettingChanged { name, value } => setting::put(conn, name, value),
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
    /// Empties the derived tables and fills them again from the journal, in one transaction.
    ///
    /// # Errors
    /// When the journal cannot be read or the file not be written; the tables are then as before.
    pub fn rebuild(&mut self) -> Result<u64, WriteError> {
        let tx = self.conn.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        let count = refill(&tx)?;
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

pub(crate) fn refill(conn: &Connection) -> Result<u64, WriteError> {
    for (table, _) in TABLES.iter().rev() {
        conn.execute(&format!("DELETE FROM {table}"), [])?;
    }
    Db::each_entry(conn, |entry| apply(conn, entry))
}
