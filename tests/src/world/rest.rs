//! When everything has come to rest: the till's records, the provider's books, the bank and every customer's purse.

use std::collections::{BTreeMap, BTreeSet};

use guitai_app::view::MethodView;
use guitai_db::SaleState;
use guitai_domain::Method;
use guitai_sandbox::{Account, FIRST_BALANCE_FEN, OrderState};

use super::draw::WALLETS;
use super::plan::yuan;
use super::watch::{Broken, Purchase, Watch, broken};
use crate::books::check_books;
use crate::desk::TestRegister;

/// Compares everything with everything.
pub(crate) fn check(desk: &mut TestRegister, watch: &Watch) -> Result<(), Broken> {
    check_books(desk).or_else(|why| broken("the books agree", why))?;
    check_purchases(desk, watch)?;
    check_reports(desk)
}

/// Each customer has paid what the screens and the records say, and no fen more.
fn check_purchases(desk: &TestRegister, watch: &Watch) -> Result<(), Broken> {
    let nothing = Purchase::default();
    let mut sold = 0;
    for sale in desk.sales() {
        let fen = sale.amount.0;
        let purchase = watch.purchases.get(&fen).unwrap_or(&nothing);
        let by_wallet = sale.state == SaleState::Completed && sale.method == Some(Method::WechatPay);
        let in_cash = sale.state == SaleState::Completed && sale.method == Some(Method::Cash);
        let amount = yuan(fen);
        match purchase.paid {
            Some(MethodView::Cash) if !in_cash => {
                return broken(
                    "records are what was shown",
                    format!("{amount} was paid in cash, not so in the records"),
                );
            }
            Some(MethodView::WechatPay) if !by_wallet => {
                return broken(
                    "records are what was shown",
                    format!("{amount} was shown as paid, not so in the records"),
                );
            }
            Some(_) | None => {}
        }
        let kept = kept(desk, purchase, fen)?;
        let owed = if by_wallet { fen } else { 0 };
        if kept != owed {
            return broken(
                "money for goods",
                format!("{amount}: the merchant keeps {}, owed is {}", yuan(kept), yuan(owed)),
            );
        }
        sold += owed;
    }
    for order in desk.world.books().orders {
        if order.amount_fen.is_some() && !watch.of_number.contains_key(&order.out_trade_no) {
            return broken("charged by this till", format!("nobody saw {} leave", order.out_trade_no));
        }
    }
    let purses: i64 = (0..WALLETS).map(|wallet| desk.world.balance(&Account::wallet(wallet))).sum();
    let outside = -desk.world.balance(&Account::outside());
    debug_assert!(outside >= i64::from(WALLETS) * FIRST_BALANCE_FEN, "every wallet was filled");
    if outside - purses != sold {
        return broken(
            "money for goods",
            format!("the purses are short of {}, sold was {}", yuan(outside - purses), yuan(sold)),
        );
    }
    Ok(())
}

/// What the merchant keeps of a purchase; nothing of a charge that was said to have come to nothing.
fn kept(desk: &TestRegister, purchase: &Purchase, fen: i64) -> Result<i64, Broken> {
    let mut kept = 0;
    for charge in &purchase.charges {
        let Some(order) = desk.world.booked(&charge.number) else { continue };
        if order.amount_fen.is_some_and(|amount| amount != fen) {
            return broken(
                "charged what is on the screen",
                format!("{} is over {:?}, shown was {fen}", charge.number, order.amount_fen),
            );
        }
        if order.state == OrderState::Success {
            if charge.dead {
                return broken(
                    "not charged means not charged",
                    format!("{} of {} keeps the money", charge.number, yuan(fen)),
                );
            }
            kept += fen - order.refunded_fen;
        }
    }
    Ok(kept)
}

/// The days' reports add up to what the bank has, and to the cash that was counted.
fn check_reports(desk: &TestRegister) -> Result<(), Broken> {
    let sales = desk.sales();
    // A till that is killed as it takes cash may have written it down and shown nothing of it: the drawer has the notes.
    let in_cash = sales.iter().filter(|sale| sale.method == Some(Method::Cash));
    let cash: i64 = in_cash.map(|sale| sale.amount.0).sum();
    let dates: BTreeSet<&str> = sales.iter().map(|sale| sale.business_date.as_str()).collect();
    let mut reported = BTreeMap::new();
    for date in dates {
        let report = desk.register().db().day_report(date);
        let report = report
            .or_else(|damage| broken("the reports add up", format!("{date} cannot be read: {damage}")))?;
        for part in report.by_method {
            *reported.entry(part.method.name()).or_default() += part.total.0;
        }
    }
    let banked = desk.world.balance(&Account::merchant());
    let wanted = [(Method::Cash.name(), cash), (Method::WechatPay.name(), banked)];
    if wanted.into_iter().all(|(method, fen)| reported.get(method).copied().unwrap_or(0) == fen) {
        Ok(())
    } else {
        broken("the reports add up", format!("reported {reported:?}, cash {cash}, at the bank {banked}"))
    }
}
