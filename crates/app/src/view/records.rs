//! What is looked up: history, a sale and its timeline, the day's report.

use serde::{Deserialize, Serialize};
use specta::Type;

use super::{MessageView, MethodView};

/// Where a sale stands, for lists and filters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub enum SaleStateView {
    /// The amount stands, nothing is paid yet.
    Open,
    /// Paid in full.
    Completed,
    /// Its payment is in doubt.
    InDoubt,
    /// Given up before any money moved.
    Voided,
}

/// Which sales the history shows. Empty fields do not filter.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct HistoryFilter {
    /// First business date, `2026-11-21`. Both empty: today.
    pub from: Option<String>,
    /// Last business date.
    pub to: Option<String>,
    /// Only this method.
    pub method: Option<MethodView>,
    /// Only this state.
    pub state: Option<SaleStateView>,
    /// Only this amount, as typed (`12.5`).
    pub amount: Option<String>,
    /// Only receipts or payment codes ending in these digits (four or fewer of a code are kept).
    pub last_digits: Option<String>,
    /// The page, from 0; 50 rows each.
    pub page: u32,
}

/// One page of the history, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct HistoryView {
    /// The filter as understood, with the dates filled in.
    pub from: String,
    /// Last business date shown.
    pub to: String,
    /// The rows.
    pub rows: Vec<SaleRow>,
    /// The page shown, from 0.
    pub page: u32,
    /// How many sales match in all.
    pub count: u32,
    /// What the completed ones among all matches add up to.
    pub total: String,
}

/// One sale in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct SaleRow {
    /// The sale's id.
    pub sale: String,
    /// The receipt's number, once completed.
    pub receipt_no: Option<String>,
    /// The business date.
    pub business_date: String,
    /// When it was opened, `14:32:05`.
    pub time: String,
    /// The amount.
    pub amount: String,
    /// How it was paid or last tried.
    pub method: Option<MethodView>,
    /// Where it stands.
    pub state: SaleStateView,
    /// The last four digits of the payment code, where there was one.
    pub last_digits: Option<String>,
}

/// One sale, whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct SaleView {
    /// As in the list.
    pub row: SaleRow,
    /// The provider's own number for the captured payment, to search for in the provider's records.
    pub provider_ref: Option<String>,
    /// Everything that happened, in order.
    pub timeline: Vec<TimelineView>,
    /// The receipt as printed, one string a line, 32 half-width columns; empty before completion.
    pub slip: Vec<String>,
    /// How often the receipt was printed again.
    pub reprints: u32,
}

/// One entry of a sale's timeline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct TimelineView {
    /// The journal's number for it.
    pub seq: u32,
    /// Date and time to the millisecond, `2026-11-21 14:32:05.123`.
    pub time: String,
    /// What happened, in words.
    pub title: MessageView,
    /// Particulars, such as the provider's answer: name and value.
    pub details: Vec<DetailView>,
    /// The first characters of the entry's hash.
    pub hash: String,
}

/// A particular of a timeline entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct DetailView {
    /// Its name, as in the journal.
    pub name: String,
    /// Its value, as in the journal.
    pub value: String,
    /// The value in words, where a person would not read it as it is.
    pub said: Option<MessageView>,
}

/// The report of one business day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct ReportView {
    /// The business date.
    pub business_date: String,
    /// The business day's cut-off, `04:00`, printed as the rule.
    pub cutoff: String,
    /// Completed sales.
    pub sales_count: u32,
    /// What they add up to.
    pub sales_total: String,
    /// Refunds and reversals of completed sales.
    pub refunds_count: u32,
    /// What they add up to.
    pub refunds_total: String,
    /// Sales less refunds (实收).
    pub net_total: String,
    /// Net over count (客单价).
    pub average: String,
    /// Payments in doubt.
    pub in_doubt_count: u32,
    /// What they add up to.
    pub in_doubt_total: String,
    /// Money that came when nobody waited for it, and what became of it.
    pub late: LateView,
    /// Payments a manager settled by hand as paid; their sales are among the day's.
    pub settled_count: u32,
    /// What they add up to.
    pub settled_total: String,
    /// By method; always cash first, and every method that occurred.
    pub by_method: Vec<MethodShare>,
    /// By hour, 24 rows from the cut-off on.
    pub by_hour: Vec<HourShare>,
    /// The head of the journal's hash chain when the report was made.
    pub chain_head: String,
}

/// Money that came when nobody waited for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct LateView {
    /// Booked: its sales are among the day's.
    pub booked_count: u32,
    /// What they add up to.
    pub booked_total: String,
    /// Given back, or on its way back.
    pub returned_count: u32,
    /// What they add up to.
    pub returned_total: String,
    /// Nobody has decided yet; not among the day's sales.
    pub undecided_count: u32,
    /// What they add up to.
    pub undecided_total: String,
}

/// A method's share of the day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct MethodShare {
    /// The method.
    pub method: MethodView,
    /// How many sales.
    pub count: u32,
    /// What they add up to.
    pub total: String,
    /// Share of the day's sales in thousandths.
    pub share_permille: u32,
}

/// An hour's share of the day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct HourShare {
    /// The hour of the clock, 0 to 23.
    pub hour: u32,
    /// How many sales.
    pub count: u32,
    /// What they add up to.
    pub total: String,
    /// Height of the bar: thousandths of the busiest hour.
    pub height_permille: u32,
}
