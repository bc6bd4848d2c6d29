//! Looking back: `history`, `show`, `reprint`, `report`. None of them calls the provider.

use guitai_app::Register;
use guitai_app::view::{DetailView, HistoryFilter, HistoryView, ReportView, SaleRow, SaleView};
use guitai_domain::ReceiptNo;
use serde::Serialize;

use crate::args::{History, Report, Sale};
use crate::exit::{Exit, Failure};
use crate::output::Output;
use crate::session::Session;
use crate::words;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ReprintView {
    sale: String,
    receipt_no: Option<String>,
    reprints: u32,
    slip: Vec<String>,
}

pub async fn history(session: &Session, history: History) -> Result<Exit, Failure> {
    let filter = HistoryFilter {
        from: history.from,
        to: history.to,
        method: history.method.map(Into::into),
        state: history.state.map(Into::into),
        amount: history.amount,
        last_digits: history.last,
        page: history.page,
    };
    let till = session.at_rest()?;
    let view =
        till.ask_proven(move |register, now| register.history(&filter, register.time(now).wall)).await??;
    session.out.result(&view, |out| history_text(&view, out))?;
    Ok(Exit::Done)
}

pub async fn show(session: &Session, sale: Sale) -> Result<Exit, Failure> {
    let till = session.at_rest()?;
    let view = till
        .ask(move |register, _| -> Result<SaleView, Failure> {
            let id = sale_id(register, sale.sale)?;
            Ok(register.sale_view(&id)?)
        })
        .await??;
    session.out.result(&view, |out| sale_text(&view, out))?;
    Ok(Exit::Done)
}

pub async fn reprint(session: &Session, sale: Sale) -> Result<Exit, Failure> {
    let till = session.at_rest()?;
    let view = till
        .ask(move |register, now| -> Result<SaleView, Failure> {
            let id = sale_id(register, sale.sale)?;
            register.note_reprint(&id, now)?;
            Ok(register.sale_view(&id)?)
        })
        .await??;
    let view = ReprintView {
        sale: view.row.sale,
        receipt_no: view.row.receipt_no,
        reprints: view.reprints,
        slip: view.slip,
    };
    session.out.done(&view, |_| view.slip.join("\n"));
    Ok(Exit::Done)
}

pub async fn report(session: &Session, report: Report) -> Result<Exit, Failure> {
    let till = session.at_rest()?;
    let day = report.date;
    if report.csv {
        let csv = till
            .ask_proven(move |register, now| register.report_csv(day.as_deref(), register.time(now).wall))
            .await??;
        session.out.document(&csv)?;
        return Ok(Exit::Done);
    }
    let view = till
        .ask_proven(move |register, now| register.day_report(day.as_deref(), register.time(now).wall))
        .await??;
    session.out.result(&view, |out| report_text(&view, out))?;
    Ok(Exit::Done)
}

/// A receipt's number or a sale's id, as the sale's id. What is neither is left for the register to refuse.
fn sale_id(register: &Register, text: String) -> Result<String, Failure> {
    let found = match ReceiptNo::parse(&text) {
        Some(receipt) => register.db().sale_by_receipt(receipt.as_str())?,
        None => None,
    };
    Ok(found.map_or(text, |sale| sale.id.to_string()))
}

fn history_text(view: &HistoryView, out: &Output) -> String {
    let mut lines: Vec<String> = view.rows.iter().map(|row| row_text(row, out)).collect();
    let (count, total) = (out.word("笔，已收", "sales, paid"), &view.total);
    lines.push(format!("{} .. {}  {} {count} ￥{total}", view.from, view.to, view.count));
    lines.join("\n")
}

fn row_text(row: &SaleRow, out: &Output) -> String {
    let number = row.receipt_no.as_deref().unwrap_or(&row.sale);
    let method = row.method.map_or("-", |method| words::method(method, out.language));
    let state = words::sale_state(row.state, out.language);
    let digits = row.last_digits.as_deref().map(|digits| format!("  ***{digits}")).unwrap_or_default();
    format!("{} {}  ￥{}  {method}  {state}  {number}{digits}", row.business_date, row.time, row.amount)
}

fn sale_text(view: &SaleView, out: &Output) -> String {
    let mut lines = vec![row_text(&view.row, out), String::new()];
    for entry in &view.timeline {
        let value = |detail: &DetailView| match &detail.said {
            Some(said) => out.say(said).to_owned(),
            None => detail.value.clone(),
        };
        let details: Vec<String> =
            entry.details.iter().map(|detail| format!("{}={}", detail.name, value(detail))).collect();
        let title = out.say(&entry.title);
        lines.push(format!(
            "#{}  {}  {title}  {}  [{}]",
            entry.seq,
            entry.time,
            details.join(" "),
            entry.hash
        ));
    }
    lines.push(String::new());
    lines.extend(view.slip.iter().cloned());
    lines.join("\n")
}

fn report_text(view: &ReportView, out: &Output) -> String {
    let mut lines = vec![
        format!("{}  {} {}", out.word("营业日", "Business day"), view.business_date, view.cutoff),
        format!("{}  {}  ￥{}", out.word("已收", "Paid"), view.sales_count, view.net_total),
        format!("{}  {}  ￥{}", out.word("撤销", "Reversed"), view.refunds_count, view.refunds_total),
        format!("{}  {}  ￥{}", out.word("未确认", "In doubt"), view.in_doubt_count, view.in_doubt_total),
    ];
    let late = &view.late;
    for (zh, en, count, total) in [
        ("迟到已入账", "Late, booked", late.booked_count, &late.booked_total),
        ("迟到已退回", "Late, given back", late.returned_count, &late.returned_total),
        ("迟到未处理", "Late, undecided", late.undecided_count, &late.undecided_total),
        ("店长认定已收", "Settled by hand", view.settled_count, &view.settled_total),
    ] {
        if count > 0 {
            lines.push(format!("{}  {count}  ￥{total}", out.word(zh, en)));
        }
    }
    lines.push(String::new());
    for share in &view.by_method {
        let method = words::method(share.method, out.language);
        lines.push(format!("{method}  {}  ￥{}", share.count, share.total));
    }
    lines.push(String::new());
    for hour in view.by_hour.iter().filter(|hour| hour.count > 0) {
        lines.push(format!("{:02}:00  {}  ￥{}", hour.hour, hour.count, hour.total));
    }
    lines.push(format!("{}  {}", out.word("账本链头", "Chain head"), view.chain_head));
    lines.join("\n")
}
