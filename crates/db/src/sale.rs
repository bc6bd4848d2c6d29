//! Sales, derived.

use guitai_domain::{Fen, Method, ReceiptNo, SaleId, Timestamp};
use rusqlite::{Connection, OptionalExtension, Row};

use crate::epoch::RECEIPTS_FROM;
use crate::journal::Entry;
use crate::{Damage, Db, Fact, WriteError};

/// Where a sale stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SaleState {
    /// The amount stands, nothing is paid for certain.
    Open,
    /// Paid in full.
    Completed,
    /// Given up before any money moved.
    Voided,
}

/// A sale.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SaleRow {
    /// Its id.
    pub id: SaleId,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// The business date it belongs to, `2026-11-21`.
    pub business_date: String,
    /// What is due.
    pub amount: Fen,
    /// Where it stands.
    pub state: SaleState,
    /// How it was paid.
    pub method: Option<Method>,
    /// The receipt's number.
    pub receipt_no: Option<String>,
    /// When it was paid.
    pub completed_at: Option<Timestamp>,
    /// Cash given.
    pub given: Option<Fen>,
    /// Cash given back.
    pub change: Option<Fen>,
    /// Copies printed after the first.
    pub reprints: u32,
}

pub(crate) const COLUMNS: &str = "id, opened_at_ms, business_date, amount_fen, state, method, receipt_no,
    completed_at_ms, given_fen, change_fen, reprints";

/// A sale does not end while a payment for it is open: its money may still come. It ends as paid by a provider only
/// with that provider's money, and in cash or given up only without.
const NOTHING_OPEN: &str = "NOT EXISTS (SELECT 1 FROM payment p WHERE p.sale = sale.id
    AND p.state IN ('created', 'sent', 'awaiting_payer', 'in_doubt', 'reversing', 'unresolved', 'paid_late'))";
const HAS_MONEY: &str = "EXISTS (SELECT 1 FROM payment p WHERE p.sale = sale.id
    AND (p.state = 'captured' OR (p.state = 'settled_by_manager' AND p.settled_paid = 1)))";

pub(crate) fn apply(conn: &Connection, entry: &Entry) -> Result<(), WriteError> {
    let changed = match &entry.fact {
        Fact::SaleOpened { sale, amount_fen, business_date } => conn
            .prepare_cached(
                "INSERT INTO sale (id, opened_seq, opened_at_ms, business_date, amount_fen, state)
                 VALUES (?1, ?2, ?3, ?4, ?5, 'open')",
            )?
            .execute((sale, entry.seq, entry.at.0, business_date, amount_fen))?,
        Fact::SaleVoided { sale } => conn
            .prepare_cached(&format!(
                "UPDATE sale SET state = 'voided'
                 WHERE id = ?1 AND state = 'open' AND {NOTHING_OPEN} AND NOT {HAS_MONEY}"
            ))?
            .execute([sale])?,
        Fact::SaleCompleted { sale, method, receipt_no, business_date, hour, given_fen, change_fen } => conn
            .prepare_cached(&format!(
                "UPDATE sale SET state = 'completed', method = ?2, receipt_no = ?3, business_date = ?4, hour = ?5,
                        given_fen = ?6, change_fen = ?7, completed_at_ms = ?8, completed_seq = ?9
                 WHERE id = ?1 AND state = 'open' AND {NOTHING_OPEN} AND {HAS_MONEY} = (?2 <> 'cash')"
            ))?
            .execute((
                sale,
                method,
                receipt_no,
                business_date,
                hour,
                given_fen,
                change_fen,
                entry.at.0,
                entry.seq,
            ))?,
        Fact::ReceiptReprinted { sale, copy } => conn
            .prepare_cached("UPDATE sale SET reprints = ?2 WHERE id = ?1 AND reprints = ?2 - 1")?
            .execute((sale, copy))?,
        Fact::TillStarted { .. }
        | Fact::TillEpochStarted { .. }
        | Fact::SettingChanged { .. }
        | Fact::ProviderChanged { .. }
        | Fact::PaymentCreated { .. }
        | Fact::PaymentMoved { .. }
        | Fact::ProviderAnswered { .. }
        | Fact::PaymentContradicted { .. }
        | Fact::PaymentSetAside { .. }
        | Fact::PaymentTakenUp { .. }
        | Fact::PaymentSettled { .. }
        | Fact::PaymentReviewed { .. }
        | Fact::ManagerPinSet {}
        | Fact::ManagerMissed {}
        | Fact::ManagerRecognised {}
        | Fact::ClockDoubted { .. }
        | Fact::ClockBelieved { .. } => return Ok(()),
    };
    if changed == 1 {
        Ok(())
    } else {
        Err(WriteError::Refused(format!("entry {} does not fit the sale's state", entry.seq)))
    }
}

impl SaleRow {
    pub(crate) fn read(row: &Row<'_>) -> rusqlite::Result<SaleRow> {
        let id: String = row.get(0)?;
        let state: String = row.get(4)?;
        let method: Option<String> = row.get(5)?;
        Ok(SaleRow {
            id: SaleId::parse(&id).map_err(|error| unreadable(0, error))?,
            opened_at: Timestamp(row.get(1)?),
            business_date: row.get(2)?,
            amount: Fen(row.get(3)?),
            state: match state.as_str() {
                "open" => SaleState::Open,
                "completed" => SaleState::Completed,
                "voided" => SaleState::Voided,
                other => {
                    return Err(unreadable(4, std::io::Error::other(format!("unknown sale state {other}"))));
                }
            },
            method: method.as_deref().and_then(Method::from_name),
            receipt_no: row.get(6)?,
            completed_at: row.get::<_, Option<i64>>(7)?.map(Timestamp),
            given: row.get::<_, Option<i64>>(8)?.map(Fen),
            change: row.get::<_, Option<i64>>(9)?.map(Fen),
            reprints: row.get(10)?,
        })
    }
}

pub(crate) fn unreadable(
    column: usize,
    error: impl std::error::Error + Send + Sync + 'static,
) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Text, Box::new(error))
}

impl Db {
    /// A sale by its id.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn sale(&self, id: &str) -> Result<Option<SaleRow>, Damage> {
        self.one_sale("id = ?1", id)
    }

    /// A sale by its receipt's number.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn sale_by_receipt(&self, receipt_no: &str) -> Result<Option<SaleRow>, Damage> {
        self.one_sale("receipt_no = ?1", receipt_no)
    }

    /// The sale completed last, on whatever day.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn last_completed_sale(&self) -> Result<Option<SaleRow>, Damage> {
        let sql = format!(
            "SELECT {COLUMNS} FROM sale WHERE completed_seq IS NOT NULL ORDER BY completed_seq DESC LIMIT 1"
        );
        Ok(self.conn.prepare_cached(&sql)?.query_row([], SaleRow::read).optional()?)
    }

    /// Sales whose amount stands, oldest first: what a restart must take up.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn open_sales(&self) -> Result<Vec<SaleRow>, Damage> {
        let sql = format!("SELECT {COLUMNS} FROM sale WHERE state = 'open' ORDER BY opened_seq");
        Ok(self.conn.prepare_cached(&sql)?.query_map([], SaleRow::read)?.collect::<Result<_, _>>()?)
    }

    /// The count of the last receipt of a business date: how many there are, unless an epoch before this one knew of more.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn receipts_on(&self, business_date: &str) -> Result<u32, Damage> {
        // Counts have four digits or more: the longer number is the higher, and of two as long the one that sorts behind.
        let mut statement = self.conn.prepare_cached(
            "SELECT receipt_no FROM sale WHERE business_date = ?1 AND receipt_no IS NOT NULL
             ORDER BY length(receipt_no) DESC, receipt_no DESC LIMIT 1",
        )?;
        let last: Option<String> = statement.query_row([business_date], |row| row.get(0)).optional()?;
        let known = self.setting(RECEIPTS_FROM)?;
        let day = business_date.replace('-', "");
        let count = |number: Option<String>| {
            let number = ReceiptNo::parse(&number?)?;
            number.as_str().starts_with(&day).then(|| number.count())
        };
        Ok(count(last).max(count(known)).unwrap_or(0))
    }

    fn one_sale(&self, condition: &str, value: &str) -> Result<Option<SaleRow>, Damage> {
        let sql = format!("SELECT {COLUMNS} FROM sale WHERE {condition}");
        Ok(self.conn.prepare_cached(&sql)?.query_row([value], SaleRow::read).optional()?)
    }
}
