//! Payments, derived.

use guitai_domain::payment::State;
use guitai_domain::{Fen, Method, PaymentId, SaleId, Timestamp};
use rusqlite::{Connection, OptionalExtension, Row};

use crate::journal::Entry;
use crate::sale::unreadable;
use crate::{Damage, Db, Fact, StateRecord, WriteError};

/// One attempt to collect a tender.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentRow {
    /// Its id.
    pub id: PaymentId,
    /// The sale it is for.
    pub sale: SaleId,
    /// How.
    pub method: Method,
    /// How much.
    pub amount: Fen,
    /// The last four digits of the code.
    pub last_digits: String,
    /// When it was made up.
    pub created_at: Timestamp,
    /// When its request left.
    pub sent_at: Option<Timestamp>,
    /// Where it stands.
    pub state: State,
    /// The provider's own number, once captured.
    pub provider_ref: Option<String>,
    /// Whether the cashier has gone on without it.
    pub set_aside: bool,
    /// Whether the provider has answered about it, proven or not.
    pub answered: bool,
    /// Whether its money came when nobody waited for it.
    pub late: bool,
    /// The provider's proven word against the record, until a manager has looked at it.
    pub contradicted: Option<String>,
}

const COLUMNS: &str =
    "id, sale, method, amount_fen, last_digits, created_at_ms, sent_at_ms, state, reason, asked,
    acknowledged, closed, provider_ref, settled_paid, set_aside, answered, late, contradicted";

/// The states without a result, as a list for SQL.
pub(crate) const OPEN_STATES: &str =
    "'created', 'sent', 'awaiting_payer', 'in_doubt', 'reversing', 'unresolved', 'paid_late'";

pub(crate) fn apply(conn: &Connection, entry: &Entry) -> Result<(), WriteError> {
    let changed = match &entry.fact {
        Fact::PaymentCreated { payment, sale, method, amount_fen, last_digits, device: _, code_mark: _ } => conn
            .prepare_cached(
                // Money is asked for an open sale only, and exactly what it is.
                "INSERT INTO payment (id, sale, method, amount_fen, last_digits, created_seq, created_at_ms, state)
                 SELECT ?1, id, ?3, amount_fen, ?5, ?6, ?7, 'created' FROM sale
                 WHERE id = ?2 AND state = 'open' AND amount_fen = ?4",
            )?
            .execute((payment, sale, method, amount_fen, last_digits, entry.seq, entry.at.0))?,
        Fact::PaymentMoved { payment, sale: _, state, by: _, provider_ref } => {
            let Some(known) = state.state() else {
                return Err(WriteError::Refused(format!("entry {} names no known state", entry.seq)));
            };
            // A state that is final stays: only what the provider has yet to close may still be marked closed.
            conn.prepare_cached(&format!(
                "UPDATE payment SET state = ?2, reason = ?3, asked = ?4, acknowledged = ?5, closed = ?6,
                        provider_ref = coalesce(?7, provider_ref),
                        sent_at_ms = coalesce(sent_at_ms, ?8), ended_at_ms = coalesce(ended_at_ms, ?9),
                        settled_paid = ?10, late = late OR ?2 = 'paid_late'
                 WHERE id = ?1 AND (state IN ({OPEN_STATES})
                                    OR (state = 'declined' AND ?2 = 'declined' AND reason = ?3)
                                    OR (state = 'settled_by_manager' AND state = ?2 AND settled_paid = ?10))",
            ))?
            .execute((
                payment,
                &state.name,
                &state.reason,
                state.asked,
                state.acknowledged,
                state.closed,
                provider_ref,
                (known == State::Sent).then_some(entry.at.0),
                known.is_final().then_some(entry.at.0),
                state.paid,
            ))?
        }
        Fact::PaymentSetAside { payment, .. } => conn
            .prepare_cached(&format!(
                "UPDATE payment SET set_aside = 1 WHERE id = ?1 AND set_aside = 0 AND state IN ({OPEN_STATES})"
            ))?
            .execute([payment])?,
        Fact::PaymentTakenUp { payment, .. } => conn
            .prepare_cached("UPDATE payment SET set_aside = 0 WHERE id = ?1 AND set_aside = 1")?
            .execute([payment])?,
        Fact::ProviderAnswered { payment, answer, .. } if answer.is_an_answer() => conn
            .prepare_cached("UPDATE payment SET answered = 1 WHERE id = ?1")?
            .execute([payment])?,
        Fact::PaymentContradicted { payment, word, .. } => conn
            .prepare_cached("UPDATE payment SET contradicted = ?2 WHERE id = ?1")?
            .execute((payment, word))?,
        // A manager who settles it has seen what was said of it so far.
        Fact::PaymentSettled { payment, .. } => conn
            .prepare_cached("UPDATE payment SET contradicted = NULL WHERE id = ?1")?
            .execute([payment])?,
        Fact::PaymentReviewed { payment, .. } => conn
            .prepare_cached("UPDATE payment SET contradicted = NULL WHERE id = ?1 AND contradicted IS NOT NULL")?
            .execute([payment])?,
        Fact::TillStarted { .. }
        | Fact::TillEpochStarted { .. }
        | Fact::SettingChanged { .. }
        | Fact::ProviderChanged { .. }
        | Fact::SaleOpened { .. }
        | Fact::SaleVoided { .. }
        | Fact::SaleCompleted { .. }
        | Fact::ProviderAnswered { .. }
        | Fact::ManagerPinSet {}
        | Fact::ManagerMissed {}
        | Fact::ManagerRecognised {}
        | Fact::ClockDoubted { .. }
        | Fact::ClockBelieved { .. }
        | Fact::ReceiptReprinted { .. } => return Ok(()),
    };
    if changed == 1 {
        Ok(())
    } else {
        Err(WriteError::Refused(format!("entry {} does not fit the payment's state", entry.seq)))
    }
}

impl PaymentRow {
    fn read(row: &Row<'_>) -> rusqlite::Result<PaymentRow> {
        let (id, sale, method): (String, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let record = StateRecord {
            name: row.get(7)?,
            reason: row.get(8)?,
            asked: row.get(9)?,
            acknowledged: row.get(10)?,
            closed: row.get(11)?,
            paid: row.get(13)?,
        };
        let unknown =
            |column, what: &str| unreadable(column, std::io::Error::other(format!("unknown {what}")));
        Ok(PaymentRow {
            id: PaymentId::parse(&id).map_err(|error| unreadable(0, error))?,
            sale: SaleId::parse(&sale).map_err(|error| unreadable(1, error))?,
            method: Method::from_name(&method).ok_or_else(|| unknown(2, "method"))?,
            amount: Fen(row.get(3)?),
            last_digits: row.get(4)?,
            created_at: Timestamp(row.get(5)?),
            sent_at: row.get::<_, Option<i64>>(6)?.map(Timestamp),
            state: record.state().ok_or_else(|| unknown(7, "payment state"))?,
            provider_ref: row.get(12)?,
            set_aside: row.get(14)?,
            answered: row.get(15)?,
            late: row.get(16)?,
            contradicted: row.get(17)?,
        })
    }
}

impl Db {
    /// A sale's payments, in the order they were tried.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn payments_of_sale(&self, sale: &str) -> Result<Vec<PaymentRow>, Damage> {
        let sql = format!("SELECT {COLUMNS} FROM payment WHERE sale = ?1 ORDER BY created_seq");
        Ok(self.conn.prepare_cached(&sql)?.query_map([sale], PaymentRow::read)?.collect::<Result<_, _>>()?)
    }

    /// Payments that are still on the till's mind, oldest first: see [`State::is_unfinished`].
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn unfinished_payments(&self) -> Result<Vec<PaymentRow>, Damage> {
        self.payments_where(&format!(
            "state IN ({OPEN_STATES}) OR (state IN ('declined', 'settled_by_manager') AND closed = 0)"
        ))
    }

    /// Payments the provider's proven word contradicts, and no manager has looked at yet, oldest first.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn contradicted_payments(&self) -> Result<Vec<PaymentRow>, Damage> {
        self.payments_where("contradicted IS NOT NULL")
    }

    fn payments_where(&self, condition: &str) -> Result<Vec<PaymentRow>, Damage> {
        let sql = format!("SELECT {COLUMNS} FROM payment WHERE {condition} ORDER BY created_seq");
        Ok(self.conn.prepare_cached(&sql)?.query_map([], PaymentRow::read)?.collect::<Result<_, _>>()?)
    }

    /// What stands for each payment code that was charged since, or is dated later than now, with the time of the charge: see
    /// [`Db::code_key`]. One whose request never left is not among them.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn codes_charged_since(&self, since: Timestamp) -> Result<Vec<(String, Timestamp)>, Damage> {
        // Ten minutes of a busy till are some hundred entries; more than these have no say in it.
        const LAST_ENTRIES: u64 = 20_000;
        let sql = "SELECT json_extract(journal.body, '$.code_mark'), journal.at_ms FROM journal
                   JOIN payment ON payment.id = json_extract(journal.body, '$.payment')
                   WHERE journal.seq > ?1 AND journal.kind = 'payment.created' AND journal.at_ms >= ?2
                     AND payment.state <> 'not_sent' AND json_extract(journal.body, '$.code_mark') IS NOT NULL";
        let after = self.head.seq.saturating_sub(LAST_ENTRIES);
        let mut statement = self.conn.prepare(sql)?;
        let rows = statement.query_map((after, since.0), |row| Ok((row.get(0)?, Timestamp(row.get(1)?))))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// A payment by its id.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn payment(&self, id: &str) -> Result<Option<PaymentRow>, Damage> {
        let sql = format!("SELECT {COLUMNS} FROM payment WHERE id = ?1");
        Ok(self.conn.prepare_cached(&sql)?.query_row([id], PaymentRow::read).optional()?)
    }
}
