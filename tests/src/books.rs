//! The books: what the till wrote down, and what provider and bank did.

use std::collections::BTreeMap;

use guitai_db::{PaymentRow, SaleState};
use guitai_domain::Method;
use guitai_domain::payment::State;
use guitai_sandbox::{Account, BookedOrder, OrderState, World};
use guitai_test_disk::Disk;
use rusqlite::Connection;

use crate::desk::TestRegister;

/// Compares the till's journal with the provider's orders and the bank's accounts.
///
/// # Errors
/// The first thing that does not agree, in words. Call it when everything has come to rest.
pub fn check_books(desk: &mut TestRegister<World>) -> Result<(), String> {
    let books = desk.world.books();
    let orders: BTreeMap<&str, &BookedOrder> =
        books.orders.iter().map(|order| (order.out_trade_no.as_str(), order)).collect();
    let (mut captured_fen, mut known) = (0_i64, 0_usize);
    for sale in desk.sales() {
        let payments = desk.payments(&sale.id);
        for payment in &payments {
            let order = orders.get(payment.id.as_str()).copied();
            known += usize::from(order.is_some());
            check_payment(payment, order)?;
        }
        let captured: Vec<&PaymentRow> =
            payments.iter().filter(|payment| is_paid_for(payment.state)).collect();
        if captured.len() > 1 {
            return Err(format!("{} was paid {} times", sale.id, captured.len()));
        }
        captured_fen += captured.iter().map(|payment| payment.amount.0).sum::<i64>();
        let by_wallet = sale.state == SaleState::Completed && sale.method == Some(Method::WechatPay);
        if by_wallet != (captured.len() == 1) {
            return Err(format!("{} is {:?} with {} captures", sale.id, sale.state, captured.len()));
        }
        if captured.iter().any(|payment| payment.amount != sale.amount) {
            return Err(format!("{} was paid with another amount", sale.id));
        }
    }
    if known != orders.len() {
        return Err(format!("the provider knows {} payments, the till only {known} of them", orders.len()));
    }
    let paid: i64 = books
        .orders
        .iter()
        .filter(|order| order.state == OrderState::Success)
        .filter_map(|order| order.amount_fen)
        .sum();
    let banked = books.balances.get(&Account::merchant()).copied().unwrap_or(0);
    if (captured_fen, captured_fen) != (paid, banked) {
        return Err(format!("till {captured_fen}, provider {paid}, bank {banked}"));
    }
    check_receipts(desk)?;
    check_journal(desk)
}

/// Whether the till takes the sale for paid by this payment.
pub(crate) fn is_paid_for(state: State) -> bool {
    match state {
        State::Captured | State::SettledByManager { paid: true, .. } => true,
        State::Created
        | State::Sent
        | State::AwaitingPayer
        | State::InDoubt { .. }
        | State::Reversing { .. }
        | State::Unresolved
        | State::PaidLate
        | State::Declined { .. }
        | State::NotSent
        | State::Reversed
        | State::SettledByManager { paid: false, .. } => false,
    }
}

fn check_payment(payment: &PaymentRow, order: Option<&BookedOrder>) -> Result<(), String> {
    let wrong = |why: &str| {
        let order = order.map(|order| (order.state, order.amount_fen));
        Err(format!("{} is {:?}, {why}: the provider has {order:?}", payment.id, payment.state))
    };
    if payment.state.is_unfinished() {
        return wrong("which is no end");
    }
    let is_paid = order.is_some_and(|order| order.state == OrderState::Success);
    match payment.state {
        State::Captured | State::SettledByManager { paid: true, .. } if !is_paid => wrong("but not paid"),
        State::Captured if order.and_then(|order| order.amount_fen) != Some(payment.amount.0) => {
            wrong("with another amount")
        }
        State::Captured if payment.provider_ref != order.and_then(|order| order.transaction_id.clone()) => {
            wrong("with another number")
        }
        State::NotSent if order.is_some() => wrong("but it arrived"),
        State::Declined { .. }
        | State::Reversed
        | State::NotSent
        | State::SettledByManager { paid: false, .. }
            if is_paid =>
        {
            wrong("but paid")
        }
        // What was refused or taken back must not be payable later either.
        State::Declined { .. } | State::Reversed
            if order
                .is_some_and(|order| matches!(order.state, OrderState::NotPay | OrderState::UserPaying)) =>
        {
            wrong("but could still be paid")
        }
        _ => Ok(()),
    }
}

/// What SQLite itself finds in the till's file on this disk.
///
/// # Errors
/// What is wrong with it.
pub fn integrity(disk: &Disk) -> Result<(), String> {
    let conn = Connection::open(disk.path("till.db")).map_err(|error| error.to_string())?;
    let found: String = conn
        .pragma_query_value(None, "integrity_check", |row| row.get(0))
        .map_err(|error| error.to_string())?;
    if found == "ok" { Ok(()) } else { Err(format!("integrity_check: {found}")) }
}

/// The counts of the receipts written on each business day, in the order of the file.
#[must_use]
pub fn receipts_by_day(desk: &TestRegister<World>) -> BTreeMap<String, Vec<u32>> {
    let mut days: BTreeMap<String, Vec<u32>> = BTreeMap::new();
    for sale in desk.sales() {
        if let Some(receipt) = &sale.receipt_no {
            let count = receipt.rsplit('-').next().and_then(|count| count.parse().ok());
            days.entry(sale.business_date.clone()).or_default().push(count.expect("a count"));
        }
    }
    days
}

fn check_receipts(desk: &TestRegister<World>) -> Result<(), String> {
    for (day, mut counts) in receipts_by_day(desk) {
        counts.sort_unstable();
        let wanted: Vec<u32> = (1..).take(counts.len()).collect();
        if counts != wanted {
            return Err(format!("the receipts of {day} have gaps: {counts:?}"));
        }
    }
    Ok(())
}

fn check_journal(desk: &mut TestRegister<World>) -> Result<(), String> {
    let db = desk.register_mut().db_mut();
    let verified = db.verify().map_err(|damage| damage.to_string())?;
    if let Some(seq) = verified.broken_at {
        return Err(format!("the journal breaks at entry {seq}"));
    }
    match db.tables_agree() {
        Ok(true) => Ok(()),
        Ok(false) => Err("the tables are not what the journal makes of them".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}
