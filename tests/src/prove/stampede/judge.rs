//! What must hold after a stampede, whatever came first.

use std::collections::{BTreeMap, BTreeSet};

use guitai_db::{PaymentRow, SaleRow, SaleState};
use guitai_domain::Method;
use guitai_domain::payment::State;
use guitai_sandbox::{BookedOrder, OrderState};

/// What everybody has written down.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    /// The till's sales with their payments; the first is the one the crowd raced for.
    pub(super) sales: Vec<(SaleRow, Vec<PaymentRow>)>,
    /// The provider's orders.
    pub(super) orders: Vec<BookedOrder>,
    /// How often each was charged.
    pub(super) charges: BTreeMap<String, u32>,
    /// What the bank holds for the shop.
    pub(super) banked_fen: i64,
}

impl Seen {
    /// How many receipts were written.
    pub(super) fn receipts(&self) -> usize {
        self.sales.iter().filter(|(sale, _)| sale.receipt_no.is_some()).count()
    }
}

/// At any moment: one payment at most of each sale has reached the provider, and it was charged once.
pub(super) fn one_at_most(seen: &Seen) -> Result<(), String> {
    for (sale, payments) in &seen.sales {
        let reached = reached(seen, payments).len();
        if reached > 1 {
            return Err(format!("{reached} payments of {} reached the provider", sale.id));
        }
    }
    match seen.charges.iter().find(|(_, often)| **often > 1) {
        Some((order, often)) => Err(format!("{order} was charged {often} times")),
        None => Ok(()),
    }
}

/// At rest, beside that: a sale has one receipt if it was paid and none otherwise, no order is unknown to the till, and till,
/// provider and bank have the same money. With `one_payment` the first sale was paid by one.
pub(super) fn judge(seen: &Seen, one_payment: bool) -> Result<(), String> {
    one_at_most(seen)?;
    let (mut captured_fen, mut known) = (0, 0);
    for (sale, payments) in &seen.sales {
        known += reached(seen, payments).len();
        captured_fen += judge_sale(sale, payments, seen)?;
    }
    if known != seen.orders.len() {
        return Err(format!("the provider knows {} payments, the till {known} of them", seen.orders.len()));
    }
    let receipts: BTreeSet<&String> =
        seen.sales.iter().filter_map(|(sale, _)| sale.receipt_no.as_ref()).collect();
    if receipts.len() != seen.receipts() {
        return Err("two sales have the same receipt".to_owned());
    }
    let paid_fen: i64 =
        seen.orders.iter().filter(|order| is_paid(order)).filter_map(|order| order.amount_fen).sum();
    if (captured_fen, captured_fen) != (paid_fen, seen.banked_fen) {
        return Err(format!("till {captured_fen}, provider {paid_fen}, bank {}", seen.banked_fen));
    }
    let (sale, _) = seen.sales.first().ok_or("there is no sale")?;
    if one_payment && (sale.state != SaleState::Completed || captured_fen != sale.amount.0) {
        return Err(format!("{} is {:?}, {captured_fen} fen were paid", sale.id, sale.state));
    }
    Ok(())
}

/// What was captured for it.
fn judge_sale(sale: &SaleRow, payments: &[PaymentRow], seen: &Seen) -> Result<i64, String> {
    let captured: Vec<&PaymentRow> =
        payments.iter().filter(|payment| payment.state == State::Captured).collect();
    let paid = reached(seen, payments).into_iter().filter(|order| is_paid(order)).count();
    let by_wallet = sale.state == SaleState::Completed && sale.method != Some(Method::Cash);
    if (captured.len(), paid) != (usize::from(by_wallet), usize::from(by_wallet)) {
        return Err(format!(
            "{} is {:?} by {:?}, captured {} times, paid {paid} times",
            sale.id,
            sale.state,
            sale.method,
            captured.len()
        ));
    }
    if sale.receipt_no.is_some() != (sale.state == SaleState::Completed) {
        return Err(format!("{} is {:?} with receipt {:?}", sale.id, sale.state, sale.receipt_no));
    }
    Ok(captured.iter().map(|payment| payment.amount.0).sum())
}

/// The provider's orders for these payments.
fn reached<'a>(seen: &'a Seen, payments: &[PaymentRow]) -> Vec<&'a BookedOrder> {
    let ours =
        |order: &&BookedOrder| payments.iter().any(|payment| payment.id.as_str() == order.out_trade_no);
    seen.orders.iter().filter(ours).collect()
}

fn is_paid(order: &BookedOrder) -> bool {
    order.state == OrderState::Success
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_charged_twice_and_one_the_till_knows_nothing_of_are_seen() {
        let order = BookedOrder {
            out_trade_no: "P1".to_owned(),
            transaction_id: None,
            state: OrderState::Success,
            amount_fen: Some(5),
            refunded_fen: 0,
        };
        let unknown =
            Seen { sales: Vec::new(), orders: vec![order], charges: BTreeMap::new(), banked_fen: 5 };
        let twice = Seen { charges: BTreeMap::from([("P1".to_owned(), 2)]), ..unknown.clone() };

        assert!(judge(&unknown, false).is_err_and(|why| why.contains("the till 0 of them")));
        assert!(one_at_most(&unknown).is_ok(), "that alone may still be on its way");
        assert!(one_at_most(&twice).is_err_and(|why| why.contains("charged 2 times")));
    }
}
