//! What a business day adds up to.

use guitai_domain::{Fen, Method};

use crate::{Damage, Db};

/// A business day in figures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayReport {
    /// By method, only those that occurred, cash first.
    pub by_method: Vec<MethodTotal>,
    /// By hour of the clock, only those that occurred.
    pub by_hour: Vec<HourTotal>,
    /// Payments taken back that day.
    pub reversed: (u32, Fen),
    /// Payments whose result is not known.
    pub in_doubt: (u32, Fen),
    /// Money that came late, and what became of it.
    pub late: LateMoney,
    /// Payments a manager settled by hand as paid. Their sales are among the day's.
    pub settled_by_hand: (u32, Fen),
}

/// Money that came when nobody waited for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LateMoney {
    /// Nobody has decided about it yet. Not among the day's sales.
    pub undecided: (u32, Fen),
    /// Booked: its sales are among the day's.
    pub booked: (u32, Fen),
    /// Given back, or on its way back.
    pub returned: (u32, Fen),
}

/// A method's part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MethodTotal {
    /// The method.
    pub method: Method,
    /// How many sales.
    pub count: u32,
    /// What they add up to.
    pub total: Fen,
}

/// An hour's part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HourTotal {
    /// The hour of the clock.
    pub hour: u32,
    /// How many sales.
    pub count: u32,
    /// What they add up to.
    pub total: Fen,
}

impl Db {
    /// Adds up one business day.
    ///
    /// # Errors
    /// When the file cannot be read. SQLite's integer sum fails rather than overflow.
    pub fn day_report(&self, business_date: &str) -> Result<DayReport, Damage> {
        let mut by_method: Vec<MethodTotal> = self
            .groups(
                "SELECT method, count(*), sum(amount_fen) FROM sale
                 WHERE business_date = ?1 AND state = 'completed' GROUP BY method",
                business_date,
                |row| {
                    let name: String = row.get(0)?;
                    Ok(Method::from_name(&name).map(|method| {
                        Ok(MethodTotal { method, count: row.get(1)?, total: Fen(row.get(2)?) })
                    }))
                },
            )?
            .into_iter()
            .flatten()
            .collect::<Result<_, rusqlite::Error>>()?;
        by_method.sort_by_key(|part| part.method);
        let by_hour = self.groups(
            "SELECT hour, count(*), sum(amount_fen) FROM sale
             WHERE business_date = ?1 AND state = 'completed' GROUP BY hour ORDER BY hour",
            business_date,
            |row| Ok(HourTotal { hour: row.get(0)?, count: row.get(1)?, total: Fen(row.get(2)?) }),
        )?;
        let payments = |condition: &str| -> Result<(u32, Fen), Damage> {
            let sql = format!(
                "SELECT count(*), coalesce(sum(p.amount_fen), 0) FROM payment p JOIN sale s ON s.id = p.sale
                 WHERE s.business_date = ?1 AND ({condition})"
            );
            let mut statement = self.conn.prepare_cached(&sql)?;
            Ok(statement.query_row([business_date], |row| Ok((row.get(0)?, Fen(row.get(1)?))))?)
        };
        Ok(DayReport {
            by_method,
            by_hour,
            reversed: payments("p.state = 'reversed'")?,
            in_doubt: payments(
                "p.state IN ('created', 'sent', 'awaiting_payer', 'in_doubt', 'unresolved')
                 OR (p.state = 'reversing' AND NOT p.late)",
            )?,
            late: LateMoney {
                undecided: payments("p.state = 'paid_late'")?,
                booked: payments("p.late AND p.state = 'captured'")?,
                returned: payments(
                    "p.late AND (p.state IN ('reversing', 'reversed')
                                 OR (p.state = 'settled_by_manager' AND p.settled_paid = 0))",
                )?,
            },
            settled_by_hand: payments("p.state = 'settled_by_manager' AND p.settled_paid = 1")?,
        })
    }

    fn groups<T>(
        &self,
        sql: &str,
        business_date: &str,
        read: impl FnMut(&rusqlite::Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, Damage> {
        let mut statement = self.conn.prepare_cached(sql)?;
        Ok(statement.query_map([business_date], read)?.collect::<Result<_, _>>()?)
    }
}
