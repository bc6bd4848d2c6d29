//! At the end: what the till wrote down, what it reports, what the provider and the bank did. All the same, to the fen.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail, ensure};
use guitai_sandbox::{Account, BookedOrder, OrderState};
use serde_json::Value;

use crate::Shop;
use crate::provider::Switches;
use crate::till::records;

/// Counts the payments the till still talks to the provider about.
pub const UNFINISHED: &str = "SELECT count(*) FROM payment \
     WHERE state IN ('created', 'sent', 'awaiting_payer', 'in_doubt', 'reversing', 'unresolved') \
        OR (state IN ('declined', 'settled_by_manager') AND closed = 0)";

struct Payment {
    id: String,
    sale: String,
    state: String,
    amount_fen: i64,
}

/// Compares everything with everything.
///
/// # Errors
/// The first thing that does not agree.
pub fn compare(shop: &Shop, switches: Switches) -> Result<()> {
    let books = switches.books()?;
    let orders: BTreeMap<&str, &BookedOrder> =
        books.orders.iter().map(|order| (order.out_trade_no.as_str(), order)).collect();
    let payments = payments(shop)?;
    let mut known = 0;
    for payment in &payments {
        let order = orders.get(payment.id.as_str()).copied();
        known += usize::from(order.is_some());
        check_payment(payment, order)?;
    }
    ensure!(known == orders.len(), "the provider knows {} payments, the till {known} of them", orders.len());

    let sum_of = |state: &str| -> i64 {
        payments.iter().filter(|payment| payment.state == state).map(|payment| payment.amount_fen).sum()
    };
    // Paid after the cashier had gone on: the money is there, and a person decides what becomes of it.
    let (captured, late) = (sum_of("captured"), sum_of("paid_late"));
    let paid: i64 = books
        .orders
        .iter()
        .filter(|order| order.state == OrderState::Success)
        .filter_map(|order| order.amount_fen)
        .sum();
    let banked = books.balances.get(&Account::merchant()).copied().unwrap_or(0);
    ensure!(
        (captured + late, captured + late) == (paid, banked),
        "till {captured} and late {late}, provider {paid}, bank {banked}"
    );
    check_sales(shop, &payments)?;
    let reported = reported_by_wallet(shop)?;
    ensure!(reported == captured, "the reports say {reported}, the payments {captured}");
    println!(
        "books: {} payments, {} orders; till {captured} fen and {late} late, provider {paid}, bank {banked}, reports {reported}",
        payments.len(),
        orders.len()
    );
    Ok(())
}

fn payments(shop: &Shop) -> Result<Vec<Payment>> {
    let records = records(&shop.folder)?;
    let mut statement = records.prepare("SELECT id, sale, state, amount_fen FROM payment")?;
    let rows = statement.query_map([], |row| {
        Ok(Payment { id: row.get(0)?, sale: row.get(1)?, state: row.get(2)?, amount_fen: row.get(3)? })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn check_payment(payment: &Payment, order: Option<&BookedOrder>) -> Result<()> {
    let paid = order.is_some_and(|order| order.state == OrderState::Success);
    let payable =
        order.is_some_and(|order| matches!(order.state, OrderState::NotPay | OrderState::UserPaying));
    let agrees = match payment.state.as_str() {
        "captured" | "paid_late" => {
            paid && order.and_then(|order| order.amount_fen) == Some(payment.amount_fen)
        }
        "declined" | "reversed" => !paid && !payable,
        "not_sent" => order.is_none(),
        other => bail!("{} is {other} at the end", payment.id),
    };
    ensure!(agrees, "{} is {}, the provider has {order:?}", payment.id, payment.state);
    Ok(())
}

/// A sale paid by wallet has one captured payment, any other has none; and receipts have no gaps.
fn check_sales(shop: &Shop, payments: &[Payment]) -> Result<()> {
    let mut captures: BTreeMap<&str, usize> = BTreeMap::new();
    for payment in payments.iter().filter(|payment| payment.state == "captured") {
        *captures.entry(&payment.sale).or_default() += 1;
    }
    let records = records(&shop.folder)?;
    let mut statement = records.prepare("SELECT id, state, method, receipt_no FROM sale")?;
    let rows = statement.query_map([], |row| {
        Ok((row.get(0)?, row.get(1)?, row.get::<_, Option<String>>(2)?, row.get::<_, Option<String>>(3)?))
    })?;
    let mut receipts: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for row in rows {
        let (sale, state, method, receipt): (String, String, _, _) = row?;
        let by_wallet = state == "completed" && method.as_deref() != Some("cash");
        let captured = captures.get(sale.as_str()).copied().unwrap_or(0);
        ensure!(captured == usize::from(by_wallet), "{sale} is {state} with {captured} captures");
        if let Some(receipt) = receipt {
            let (day, count) = receipt.rsplit_once('-').context("a receipt's number")?;
            receipts.entry(day.to_owned()).or_default().push(count.parse()?);
        }
    }
    for (day, mut counts) in receipts {
        counts.sort_unstable();
        ensure!(counts.iter().copied().eq(1..=counts.len()), "the receipts of {day} have gaps");
    }
    Ok(())
}

/// What the day reports say was paid otherwise than in cash, in fen.
fn reported_by_wallet(shop: &Shop) -> Result<i64> {
    let days: Vec<String> = {
        let records = records(&shop.folder)?;
        let mut statement = records.prepare("SELECT DISTINCT business_date FROM sale")?;
        let days = statement.query_map([], |row| row.get(0))?;
        days.collect::<Result<_, _>>()?
    };
    let mut sum = 0;
    for day in days {
        let output = shop.till().ctl(&["report", &day])?;
        ensure!(output.status.success(), "report {day}: {}", String::from_utf8_lossy(&output.stderr));
        let report: Value = serde_json::from_slice(&output.stdout)?;
        for share in report["byMethod"].as_array().context("shares by method")? {
            if share["method"] != "cash" {
                sum += fen(share["total"].as_str().context("a total")?)?;
            }
        }
    }
    Ok(sum)
}

/// `12.50` as 1250.
fn fen(text: &str) -> Result<i64> {
    let (yuan, cents) = text.split_once('.').context("an amount")?;
    Ok(yuan.replace(',', "").parse::<i64>()? * 100 + cents.parse::<i64>()?)
}
