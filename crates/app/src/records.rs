//! Looking back: history, one sale, the day's report.

use guitai_db::{Damage, Entry, HistoryQuery, HistoryState, SaleRow as DbSale, SaleState, StateRecord};
use guitai_domain::payment::State;
use guitai_domain::{BusinessDate, Fen, Method, Timestamp, money};

use crate::register::Register;
use crate::slip::Slip;
use crate::timeline;
use crate::view::{
    CommandError, HistoryFilter, HistoryView, HourShare, LateView, MethodShare, ReportView, SaleRow,
    SaleStateView, SaleView,
};
use crate::words::{self, say};

/// Rows a page.
const PAGE: u32 = 50;

impl Register {
    /// Sales that match, newest first. Without dates: today.
    ///
    /// # Errors
    /// What is wrong with the filter, or with the disk.
    pub fn history(&self, filter: &HistoryFilter, wall: Timestamp) -> Result<HistoryView, CommandError> {
        let today = self.shop_clock().business_date(wall);
        let from = date(filter.from.as_deref())?.unwrap_or(today);
        let to = date(filter.to.as_deref())?.unwrap_or(today.max(from));
        let amount = match filter.amount.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
            Some(text) => {
                Some(Fen::from_yuan(text).map_err(|error| CommandError { message: words::amount(error) })?)
            }
            None => None,
        };
        let digits = filter.last_digits.as_deref().map(str::trim).filter(|text| !text.is_empty());
        if digits.is_some_and(|digits| digits.len() > 9 || !digits.bytes().all(|byte| byte.is_ascii_digit()))
        {
            return Err(CommandError {
                message: say(
                    "G-02",
                    "尾号只能是数字，最多 9 位",
                    "Last digits are digits only, at most nine",
                ),
            });
        }
        let query = HistoryQuery {
            from: Some(from.to_string()),
            to: Some(to.to_string()),
            method: filter.method.map(Method::from),
            state: filter.state.map(HistoryState::from),
            amount,
            last_digits: digits.map(str::to_owned),
            page: filter.page,
            page_size: PAGE,
        };
        let (count, total) = self.db().history_total(&query).map_err(unreadable)?;
        let sales = self.db().history(&query).map_err(unreadable)?;
        let rows: Result<Vec<SaleRow>, Damage> = sales.iter().map(|sale| self.row(sale)).collect();
        Ok(HistoryView {
            from: from.to_string(),
            to: to.to_string(),
            rows: rows.map_err(unreadable)?,
            page: filter.page,
            count,
            total: total.to_string(),
        })
    }

    /// One sale with its whole timeline and its receipt.
    ///
    /// # Errors
    /// When there is no such sale, or the file cannot be read.
    pub fn sale_view(&self, id: &str) -> Result<SaleView, CommandError> {
        let sale = self.db().sale(id).map_err(unreadable)?;
        let sale = sale.ok_or_else(|| CommandError { message: words::scan_no_receipt() })?;
        let payments = self.db().payments_of_sale(id).map_err(unreadable)?;
        let captured = payments.iter().find(|payment| payment.state == State::Captured);
        let entries: Vec<Entry> = self.db().entries_of_sale(id).map_err(unreadable)?;
        let (shop_name, till_name) = self.names();
        let slip = Slip {
            shop_name,
            till_name,
            language: self.settings_view().language,
            mode: self.db().identity().mode,
            clock: self.shop_clock(),
            sale: &sale,
            payment: captured,
        };
        Ok(SaleView {
            row: self.row(&sale).map_err(unreadable)?,
            provider_ref: captured.and_then(|payment| payment.provider_ref.clone()),
            timeline: entries.iter().map(|entry| timeline::view(entry, self.shop_clock())).collect(),
            slip: slip.lines(),
            reprints: sale.reprints,
        })
    }

    /// The sale completed last, if any: what F6 prints again.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn last_receipt(&self) -> Result<Option<String>, CommandError> {
        Ok(self.db().last_completed_sale().map_err(unreadable)?.map(|sale| sale.id.to_string()))
    }

    fn row(&self, sale: &DbSale) -> Result<SaleRow, Damage> {
        let last = self.db().payments_of_sale(sale.id.as_str())?.pop();
        let state = match sale.state {
            SaleState::Completed => SaleStateView::Completed,
            SaleState::Voided => SaleStateView::Voided,
            SaleState::Open if last.as_ref().is_some_and(|payment| !payment.state.is_final()) => {
                SaleStateView::InDoubt
            }
            SaleState::Open => SaleStateView::Open,
        };
        Ok(SaleRow {
            sale: sale.id.to_string(),
            receipt_no: sale.receipt_no.clone(),
            business_date: sale.business_date.clone(),
            time: self.shop_clock().time_text(sale.opened_at),
            amount: sale.amount.to_string(),
            method: sale.method.or(last.as_ref().map(|payment| payment.method)).map(Into::into),
            state,
            last_digits: last.map(|payment| payment.last_digits),
        })
    }

    /// The report of a business day; today's where none is named.
    ///
    /// # Errors
    /// When the date is none, or the file cannot be read.
    pub fn day_report(&self, day: Option<&str>, wall: Timestamp) -> Result<ReportView, CommandError> {
        let day = date(day)?.unwrap_or_else(|| self.shop_clock().business_date(wall)).to_string();
        let report = self.db().day_report(&day).map_err(unreadable)?;
        let sales_count: u32 = report.by_method.iter().map(|part| part.count).sum();
        let too_large = || unreadable(Damage::Corrupt("the day's total does not fit".to_owned()));
        let sales = money::sum(report.by_method.iter().map(|part| part.total)).ok_or_else(too_large)?;
        let busiest = report.by_hour.iter().map(|part| part.total.0).max().unwrap_or(0);
        let first_hour = self.shop_clock().cutoff.hour();
        let by_hour = (0..24).map(|offset| (first_hour + offset) % 24).map(|hour| {
            let part = report.by_hour.iter().find(|part| part.hour == hour);
            HourShare {
                hour,
                count: part.map_or(0, |part| part.count),
                total: part.map_or(Fen::ZERO, |part| part.total).to_string(),
                height_permille: permille(part.map_or(0, |part| part.total.0), busiest),
            }
        });
        let mut methods = report.by_method.clone();
        if !methods.iter().any(|part| part.method == Method::Cash) {
            methods.insert(0, guitai_db::MethodTotal { method: Method::Cash, count: 0, total: Fen::ZERO });
        }
        Ok(ReportView {
            business_date: day,
            cutoff: self.shop_clock().cutoff.to_string(),
            sales_count,
            sales_total: sales.to_string(),
            refunds_count: report.reversed.0,
            refunds_total: report.reversed.1.to_string(),
            net_total: sales.to_string(),
            average: average(sales, sales_count).to_string(),
            in_doubt_count: report.in_doubt.0,
            in_doubt_total: report.in_doubt.1.to_string(),
            late: LateView {
                booked_count: report.late.booked.0,
                booked_total: report.late.booked.1.to_string(),
                returned_count: report.late.returned.0,
                returned_total: report.late.returned.1.to_string(),
                undecided_count: report.late.undecided.0,
                undecided_total: report.late.undecided.1.to_string(),
            },
            settled_count: report.settled_by_hand.0,
            settled_total: report.settled_by_hand.1.to_string(),
            by_method: methods
                .iter()
                .map(|part| MethodShare {
                    method: part.method.into(),
                    count: part.count,
                    total: part.total.to_string(),
                    share_permille: permille(part.total.0, sales.0),
                })
                .collect(),
            by_hour: by_hour.collect(),
            chain_head: hex::encode(self.db().head().hash),
        })
    }

    /// The report and the day's sales as CSV: UTF-8 with a byte order mark, so that a spreadsheet opens it right.
    ///
    /// # Errors
    /// As [`Register::day_report`].
    pub fn report_csv(&self, day: Option<&str>, wall: Timestamp) -> Result<String, CommandError> {
        let report = self.day_report(day, wall)?;
        let sales =
            self.db().sales_between(&report.business_date, &report.business_date).map_err(unreadable)?;
        let mut csv = Csv::default();
        csv.line(&["营业日 business_date", &report.business_date]);
        csv.line(&["笔数 sales_count", &report.sales_count.to_string()]);
        csv.line(&["实收 net_total", &report.net_total]);
        csv.line(&["撤销笔数 reversed_count", &report.refunds_count.to_string()]);
        csv.line(&["撤销金额 reversed_total", &report.refunds_total]);
        csv.line(&["未确认笔数 in_doubt_count", &report.in_doubt_count.to_string()]);
        csv.line(&["未确认金额 in_doubt_total", &report.in_doubt_total]);
        for (name, count, total) in [
            ("迟到已入账 late_booked", report.late.booked_count, &report.late.booked_total),
            ("迟到已退回 late_returned", report.late.returned_count, &report.late.returned_total),
            ("迟到未处理 late_undecided", report.late.undecided_count, &report.late.undecided_total),
            ("店长认定 settled_by_hand", report.settled_count, &report.settled_total),
        ] {
            csv.line(&[name, &count.to_string(), total]);
        }
        csv.line(&["账本链头 chain_head", &report.chain_head]);
        csv.line(&[]);
        csv.line(&["方式 method", "笔数 count", "金额 total"]);
        for part in &report.by_method {
            csv.line(&[Method::from(part.method).name(), &part.count.to_string(), &part.total]);
        }
        csv.line(&[]);
        csv.line(&["小时 hour", "笔数 count", "金额 total"]);
        for part in &report.by_hour {
            csv.line(&[&format!("{:02}:00", part.hour), &part.count.to_string(), &part.total]);
        }
        csv.line(&[]);
        csv.line(&[
            "小票 receipt_no",
            "时间 time",
            "金额 amount",
            "方式 method",
            "状态 state",
            "商户单号 payment",
            "支付单号 provider_ref",
        ]);
        for sale in &sales {
            let payments = self.db().payments_of_sale(sale.id.as_str()).map_err(unreadable)?;
            let last = payments.last();
            csv.line(&[
                sale.receipt_no.as_deref().unwrap_or(""),
                &self.shop_clock().date_time_text(sale.completed_at.unwrap_or(sale.opened_at)),
                &sale.amount.to_string(),
                sale.method.or(last.map(|payment| payment.method)).map_or("", Method::name),
                sale_state_name(sale),
                last.map_or("", |payment| payment.id.as_str()),
                last.and_then(|payment| payment.provider_ref.as_deref()).unwrap_or(""),
            ]);
        }
        Ok(csv.text)
    }
}

pub(crate) fn sale_state_name(sale: &DbSale) -> &'static str {
    match sale.state {
        SaleState::Open => "open",
        SaleState::Completed => "completed",
        SaleState::Voided => "voided",
    }
}

fn date(text: Option<&str>) -> Result<Option<BusinessDate>, CommandError> {
    let Some(text) = text.map(str::trim).filter(|text| !text.is_empty()) else { return Ok(None) };
    match BusinessDate::parse(text) {
        Some(date) => Ok(Some(date)),
        None => Err(CommandError {
            message: say("G-03", "日期格式应为 2026-11-21", "A date is written as 2026-11-21"),
        }),
    }
}

fn unreadable(damage: Damage) -> CommandError {
    CommandError { message: words::damage(&damage) }
}

fn permille(part: i64, whole: i64) -> u32 {
    let share = part.checked_mul(1_000).and_then(|share| share.checked_div(whole)).unwrap_or(0);
    u32::try_from(share).unwrap_or(0)
}

/// Rounded down to the fen: an average is for looking at, not for adding up.
fn average(total: Fen, count: u32) -> Fen {
    Fen(total.0.checked_div(i64::from(count)).unwrap_or(0))
}

impl From<SaleStateView> for HistoryState {
    fn from(state: SaleStateView) -> Self {
        match state {
            SaleStateView::Open => HistoryState::Open,
            SaleStateView::Completed => HistoryState::Completed,
            SaleStateView::InDoubt => HistoryState::InDoubt,
            SaleStateView::Voided => HistoryState::Voided,
        }
    }
}

/// Lines of comma-separated values.
struct Csv {
    text: String,
}

impl Default for Csv {
    fn default() -> Self {
        Csv { text: "\u{feff}".to_owned() }
    }
}

impl Csv {
    fn line(&mut self, cells: &[&str]) {
        let cells: Vec<String> = cells.iter().map(|cell| quoted(cell)).collect();
        self.text.push_str(&cells.join(","));
        self.text.push_str("\r\n");
    }
}

/// A cell that no spreadsheet takes for a formula, quoted where it must be.
fn quoted(cell: &str) -> String {
    let formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let safe = if formula { format!("'{cell}") } else { cell.to_owned() };
    if safe.contains([',', '"', '\n', '\r']) { format!("\"{}\"", safe.replace('"', "\"\"")) } else { safe }
}

/// A payment's state for exports and the command line.
#[must_use]
pub fn state_name(state: State) -> String {
    StateRecord::from(state).name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_never_a_formula() {
        let cases =
            [("12.50", "12.50"), ("=1+1", "'=1+1"), ("a,b", "\"a,b\""), ("say \"hi\"", "\"say \"\"hi\"\"\"")];

        for (cell, expected) in cases {
            assert_eq!(quoted(cell), expected);
        }
    }
}
