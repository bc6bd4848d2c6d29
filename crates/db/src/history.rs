//! Looking sales up.

use guitai_domain::{Fen, Method};
use rusqlite::named_params;

use crate::sale::COLUMNS;
use crate::{Damage, Db, SaleRow};

/// Which sales to look for. `None` does not filter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HistoryQuery {
    /// First business date, `2026-11-21`.
    pub from: Option<String>,
    /// Last business date.
    pub to: Option<String>,
    /// Paid, or last tried, this way.
    pub method: Option<Method>,
    /// Where it stands.
    pub state: Option<HistoryState>,
    /// Exactly this amount.
    pub amount: Option<Fen>,
    /// The receipt's number or a payment code ends in these digits.
    pub last_digits: Option<String>,
    /// The page, from 0.
    pub page: u32,
    /// Rows a page.
    pub page_size: u32,
}

/// Where a sale stands, as a person asks for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HistoryState {
    /// Open, with no payment in doubt.
    Open,
    /// Open, with a payment whose result is not known.
    InDoubt,
    /// Paid.
    Completed,
    /// Given up.
    Voided,
}

const IN_DOUBT: &str = "EXISTS (SELECT 1 FROM payment p WHERE p.sale = sale.id
    AND p.state IN ('created', 'sent', 'awaiting_payer', 'in_doubt', 'reversing', 'unresolved'))";

/// `[from, to]` and every other filter; an absent one is NULL and lets all pass.
fn condition(state: Option<HistoryState>) -> String {
    let state = match state {
        None => "1".to_owned(),
        Some(HistoryState::Open) => format!("state = 'open' AND NOT {IN_DOUBT}"),
        Some(HistoryState::InDoubt) => format!("state = 'open' AND {IN_DOUBT}"),
        Some(HistoryState::Completed) => "state = 'completed'".to_owned(),
        Some(HistoryState::Voided) => "state = 'voided'".to_owned(),
    };
    format!(
        "business_date >= coalesce(:from, '') AND business_date <= coalesce(:to, '9999-12-31')
         AND (:amount IS NULL OR amount_fen = :amount)
         AND (:method IS NULL OR method = :method
              OR (method IS NULL AND EXISTS (SELECT 1 FROM payment p WHERE p.sale = sale.id AND p.method = :method)))
         AND (:digits IS NULL OR receipt_no LIKE '%' || :digits
              OR EXISTS (SELECT 1 FROM payment p WHERE p.sale = sale.id AND p.last_digits LIKE '%' || :digits))
         AND ({state})"
    )
}

impl Db {
    /// One page of sales, newest first.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn history(&self, query: &HistoryQuery) -> Result<Vec<SaleRow>, Damage> {
        let sql = format!(
            "SELECT {COLUMNS} FROM sale WHERE {} ORDER BY business_date DESC, opened_seq DESC
             LIMIT :size OFFSET :skip",
            condition(query.state)
        );
        let mut statement = self.conn.prepare_cached(&sql)?;
        let rows = statement.query_map(
            named_params! {
                ":from": query.from, ":to": query.to, ":amount": query.amount.map(|fen| fen.0),
                ":method": query.method.map(Method::name), ":digits": query.last_digits,
                ":size": query.page_size, ":skip": u64::from(query.page) * u64::from(query.page_size),
            },
            SaleRow::read,
        )?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// How many sales match in all, and what the completed ones add up to.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn history_total(&self, query: &HistoryQuery) -> Result<(u32, Fen), Damage> {
        let sql = format!(
            "SELECT count(*), coalesce(sum(CASE state WHEN 'completed' THEN amount_fen END), 0) FROM sale WHERE {}",
            condition(query.state)
        );
        let mut statement = self.conn.prepare_cached(&sql)?;
        Ok(statement.query_row(
            named_params! {
                ":from": query.from, ":to": query.to, ":amount": query.amount.map(|fen| fen.0),
                ":method": query.method.map(Method::name), ":digits": query.last_digits,
            },
            |row| Ok((row.get(0)?, Fen(row.get(1)?))),
        )?)
    }

    /// Every sale of a range of business dates in the order it was opened, for exports.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn sales_between(&self, from: &str, to: &str) -> Result<Vec<SaleRow>, Damage> {
        let sql = format!(
            "SELECT {COLUMNS} FROM sale WHERE business_date >= ?1 AND business_date <= ?2
             ORDER BY business_date, opened_seq"
        );
        Ok(self.conn.prepare_cached(&sql)?.query_map([from, to], SaleRow::read)?.collect::<Result<_, _>>()?)
    }
}
