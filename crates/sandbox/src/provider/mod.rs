//! The provider: orders, and what may be done with them. Both wire formats, [`v2`] and [`v3`], end here.
//!
//! Choices where the real provider's behaviour is not published, made so that a till cannot lose money by them:
//! - Reversing a number that was never charged is accepted, and the number is dead: a charge that arrives later is refused.
//! - Money of a refund moves when the refund is accepted; its status reads `PROCESSING` for the first second.
//! - The pause of one minute between two refunds of an order is not enforced.

pub(crate) mod auth;
mod fields;
mod order;
pub(crate) mod v2;
pub(crate) mod v3;
mod xml;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

pub use order::OrderState;
pub(crate) use order::{Charge, Order, Paid, Refund};

use crate::bank::{Account, Posting};
use crate::beijing;
use crate::wallet::{Behaviour, CodeProblem, PASSWORD_PROMPT_MS, PasswordAnswer, Refusal};
use crate::world::World;

/// No reverse earlier than this after the charge.
pub const REVERSE_EARLIEST_MS: i64 = 15_000;
/// No reverse later than this after the charge.
pub const REVERSE_LATEST_MS: i64 = 7 * 24 * 60 * 60 * 1000;
/// No refund later than this after the payment.
pub const REFUND_LATEST_MS: i64 = 365 * 24 * 60 * 60 * 1000;
/// Orders that are unpaid for this long are closed.
pub const UNPAID_LIFE_MS: i64 = 2 * 60 * 60 * 1000;
/// Old nonces are forgotten when there are more than this.
const NONCES_BEFORE_PRUNING: usize = 1_000;
/// Partial refunds of one order.
const REFUNDS_MAX: usize = 50;

/// What the provider remembers.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct Provider {
    pub(crate) orders: BTreeMap<String, Order>,
    /// Orders that time may still change; looked through at every request, so it holds no finished ones for long.
    open: BTreeSet<String>,
    pub(crate) refunds: BTreeMap<String, Refund>,
    /// Nonces of the last minutes, with the time they were used.
    pub(crate) nonces: BTreeMap<String, i64>,
    /// A number that never came is not marked dead by a reversal, but refused as unknown.
    #[serde(skip)]
    pub(crate) refuses_unknown: bool,
}

impl Provider {
    /// When the charge of this order came, or the reversal that was there before it.
    pub(crate) fn charged_ms(&self, number: &str) -> Option<i64> {
        self.orders.get(number).map(|order| order.charged_ms)
    }

    /// As if this order had never come.
    pub(crate) fn forget(&mut self, number: &str) {
        self.orders.remove(number);
        self.open.remove(number);
        self.refuses_unknown = true;
    }
}

/// A charge that was not refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Charged {
    Paid,
    AwaitsPassword,
}

/// Why a charge was refused. Each wire format has its own word for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum ChargeRefusal {
    CodeInvalid,
    CodeUsed,
    CodeExpired,
    NotEnough,
    CardNotSupported,
    Risk,
    PasswordNotEntered,
    BankError,
    SystemError,
    OrderPaid,
    OrderClosed,
    OrderReversed,
    OtherParameters,
}

/// Why a reverse was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ReverseRefusal {
    UserPaying,
    TooEarly,
    TooLate,
    Refunded,
    Unknown,
}

/// Why a refund was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RefundRefusal {
    NoSuchOrder,
    OrderNotPaid,
    OtherParameters,
    TotalDiffers,
    TooMuch,
    TooMany,
    TooLate,
    NotEnough,
}

/// How an order is named in a request.
#[derive(Clone, Debug)]
pub(crate) enum OrderName {
    OutTradeNo(String),
    TransactionId(String),
}

impl World {
    /// Takes money by payment code.
    pub(crate) fn charge(&mut self, charge: Charge, now_ms: i64) -> Result<Charged, ChargeRefusal> {
        if let Some(order) = self.provider.orders.get(&charge.out_trade_no) {
            let same = order.charge.as_ref().is_some_and(|first| first.fingerprint == charge.fingerprint);
            match order.state() {
                OrderState::Success | OrderState::Refund => return Err(ChargeRefusal::OrderPaid),
                OrderState::Revoked => return Err(ChargeRefusal::OrderReversed),
                OrderState::Closed => return Err(ChargeRefusal::OrderClosed),
                OrderState::NotPay | OrderState::UserPaying | OrderState::PayError if !same => {
                    return Err(ChargeRefusal::OtherParameters);
                }
                OrderState::UserPaying => return Ok(Charged::AwaitsPassword),
                OrderState::PayError => return Err(order.failure.unwrap_or(ChargeRefusal::Risk)),
                OrderState::NotPay => {}
            }
        }

        let wallet_id = self.wallet_by_code(&charge.auth_code, now_ms)?;
        let behaviour = self.wallets[wallet_id as usize].behaviour;
        let (number, code, total_fen) =
            (charge.out_trade_no.clone(), charge.auth_code.clone(), charge.total_fen);
        match behaviour {
            Behaviour::Refuse(Refusal::CodeInvalid) => return Err(ChargeRefusal::CodeInvalid),
            Behaviour::Refuse(Refusal::CodeUsed) => return Err(ChargeRefusal::CodeUsed),
            Behaviour::Refuse(Refusal::CodeExpired) => return Err(ChargeRefusal::CodeExpired),
            Behaviour::Pay | Behaviour::AskPassword | Behaviour::Refuse(_) => {}
        }
        self.provider.open.insert(number.clone());
        let order = self.provider.orders.entry(number.clone());
        order.or_insert_with(|| Order::new(charge, wallet_id, now_ms)).charged_ms = now_ms;
        match behaviour {
            // The order stays unpaid and the code unused: the same call may be made again.
            Behaviour::Refuse(Refusal::BankError) => return Err(ChargeRefusal::BankError),
            Behaviour::Refuse(Refusal::SystemError) => return Err(ChargeRefusal::SystemError),
            Behaviour::Pay | Behaviour::AskPassword | Behaviour::Refuse(_) => {}
        }

        let wallet = &mut self.wallets[wallet_id as usize];
        wallet.use_up(&code, &mut self.dice, now_ms);
        match behaviour {
            Behaviour::Refuse(Refusal::NotEnough) => self.fail(&number, ChargeRefusal::NotEnough, now_ms),
            Behaviour::Refuse(Refusal::Risk) => self.fail(&number, ChargeRefusal::Risk, now_ms),
            Behaviour::Refuse(Refusal::CardNotSupported) => {
                self.fail(&number, ChargeRefusal::CardNotSupported, now_ms)
            }
            Behaviour::Refuse(
                Refusal::CodeInvalid
                | Refusal::CodeUsed
                | Refusal::CodeExpired
                | Refusal::BankError
                | Refusal::SystemError,
            ) => unreachable!("refused above"),
            Behaviour::Pay | Behaviour::AskPassword => {
                if self.wallets[wallet_id as usize].asks_password(total_fen, now_ms) {
                    self.order_mut(&number).become_state(OrderState::UserPaying, now_ms);
                    Ok(Charged::AwaitsPassword)
                } else {
                    self.collect(&number, now_ms)
                }
            }
        }
    }

    /// The customer's answer to the oldest password prompt of a wallet. Nothing happens when none is open.
    pub fn answer_password(&mut self, wallet_id: u32, answer: PasswordAnswer, now_ms: i64) {
        self.advance(now_ms);
        let Some(number) = self.prompt(wallet_id).map(|order| order.out_trade_no.clone()) else {
            return;
        };
        // Refusals are written into the order; the customer's phone is not told more.
        match answer {
            PasswordAnswer::Right => {
                let _ = self.collect(&number, now_ms);
            }
            PasswordAnswer::Wrong => {}
            PasswordAnswer::Cancel => {
                let _ = self.fail(&number, ChargeRefusal::PasswordNotEntered, now_ms);
            }
        }
    }

    /// The order whose password prompt a wallet shows.
    pub(crate) fn prompt(&self, wallet_id: u32) -> Option<&Order> {
        let open = self.provider.open.iter().map(|number| &self.provider.orders[number]);
        open.filter(|order| order.wallet == Some(wallet_id) && order.state() == OrderState::UserPaying)
            .min_by_key(|order| order.state_since_ms())
    }

    /// Finds an order.
    pub(crate) fn order(&self, name: &OrderName) -> Option<&Order> {
        match name {
            OrderName::OutTradeNo(number) => self.provider.orders.get(number),
            OrderName::TransactionId(id) => self
                .provider
                .orders
                .values()
                .find(|order| order.paid.as_ref().is_some_and(|paid| paid.transaction_id == *id)),
        }
    }

    /// Closes an unpaid order for ever, or gives a paid one back in full.
    pub(crate) fn reverse(&mut self, number: &str, now_ms: i64) -> Result<(), ReverseRefusal> {
        let Some(order) = self.provider.orders.get(number) else {
            if self.provider.refuses_unknown {
                return Err(ReverseRefusal::Unknown);
            }
            self.provider.orders.insert(number.to_owned(), Order::dead_number(number, now_ms));
            return Ok(());
        };
        match order.state() {
            OrderState::Revoked | OrderState::Closed => return Ok(()),
            OrderState::UserPaying => return Err(ReverseRefusal::UserPaying),
            OrderState::Refund => return Err(ReverseRefusal::Refunded),
            OrderState::NotPay | OrderState::PayError | OrderState::Success => {}
        }
        let age_ms = now_ms - order.charged_ms;
        if age_ms < REVERSE_EARLIEST_MS {
            return Err(ReverseRefusal::TooEarly);
        }
        if age_ms > REVERSE_LATEST_MS {
            return Err(ReverseRefusal::TooLate);
        }
        if order.state() == OrderState::Success {
            let back = Posting {
                at_ms: now_ms,
                debit: Account::merchant(),
                credit: Account::wallet(order.wallet.expect("a paid order has a payer")),
                amount_fen: order.total_fen().expect("a paid order has an amount"),
                reason: format!("reverse {number}"),
            };
            self.bank.transfer(back).expect("the merchant still holds what an unrefunded order brought");
        }
        self.order_mut(number).become_state(OrderState::Revoked, now_ms);
        Ok(())
    }

    /// Gives a paid order back, in full or in part. The same `out_refund_no` refunds once.
    pub(crate) fn refund(
        &mut self,
        name: &OrderName,
        out_refund_no: &str,
        refund_fen: i64,
        total_fen: i64,
        now_ms: i64,
    ) -> Result<Refund, RefundRefusal> {
        let order = self.order(name).ok_or(RefundRefusal::NoSuchOrder)?;
        let number = order.out_trade_no.clone();
        if order.total_fen().is_some_and(|total| total != total_fen) {
            return Err(RefundRefusal::TotalDiffers);
        }
        if let Some(first) = self.provider.refunds.get(out_refund_no) {
            let same = first.out_trade_no == number && first.refund_fen == refund_fen;
            return if same { Ok(first.clone()) } else { Err(RefundRefusal::OtherParameters) };
        }
        let paid = match (order.state(), &order.paid) {
            (OrderState::Success | OrderState::Refund, Some(paid)) => paid,
            (_, _) => return Err(RefundRefusal::OrderNotPaid),
        };
        if refund_fen > total_fen - order.refunded_fen {
            return Err(RefundRefusal::TooMuch);
        }
        if now_ms - paid.at_ms > REFUND_LATEST_MS {
            return Err(RefundRefusal::TooLate);
        }
        if self.provider.refunds.values().filter(|refund| refund.out_trade_no == number).count()
            >= REFUNDS_MAX
        {
            return Err(RefundRefusal::TooMany);
        }
        let back = Posting {
            at_ms: now_ms,
            debit: Account::merchant(),
            credit: Account::wallet(order.wallet.expect("a paid order has a payer")),
            amount_fen: refund_fen,
            reason: format!("refund {out_refund_no}"),
        };
        self.bank.transfer(back).map_err(|_| RefundRefusal::NotEnough)?;

        let refund = Refund {
            out_refund_no: out_refund_no.to_owned(),
            refund_id: format!("50000{}", self.dice.digits(23)),
            out_trade_no: number.clone(),
            refund_fen,
            created_ms: now_ms,
        };
        self.provider.refunds.insert(out_refund_no.to_owned(), refund.clone());
        let order = self.order_mut(&number);
        order.refunded_fen += refund_fen;
        order.become_state(OrderState::Refund, now_ms);
        Ok(refund)
    }

    /// Lets time pass at the provider: prompts end, unpaid orders are closed, old nonces are forgotten.
    pub(crate) fn advance_provider(&mut self, now_ms: i64) {
        let Provider { orders, open, nonces, .. } = &mut self.provider;
        open.retain(|number| {
            let order = orders.get_mut(number).expect("an open order is an order");
            let since_ms = order.state_since_ms();
            match order.state() {
                OrderState::UserPaying if now_ms - since_ms >= PASSWORD_PROMPT_MS => {
                    order.failure = Some(ChargeRefusal::PasswordNotEntered);
                    order.become_state(OrderState::PayError, since_ms + PASSWORD_PROMPT_MS);
                    true
                }
                OrderState::NotPay | OrderState::PayError if now_ms - since_ms >= UNPAID_LIFE_MS => {
                    order.become_state(OrderState::Closed, now_ms);
                    false
                }
                OrderState::NotPay | OrderState::UserPaying | OrderState::PayError => true,
                OrderState::Success | OrderState::Refund | OrderState::Revoked | OrderState::Closed => false,
            }
        });
        if nonces.len() > NONCES_BEFORE_PRUNING {
            nonces.retain(|_, used_ms| now_ms - *used_ms <= 2 * auth::CLOCK_TOLERANCE_MS);
        }
    }

    fn wallet_by_code(&self, code: &str, now_ms: i64) -> Result<u32, ChargeRefusal> {
        for wallet in &self.wallets {
            match wallet.recognises(code, now_ms) {
                Some(Ok(())) => return Ok(wallet.id),
                Some(Err(CodeProblem::Used)) => return Err(ChargeRefusal::CodeUsed),
                Some(Err(CodeProblem::Expired)) => return Err(ChargeRefusal::CodeExpired),
                None => {}
            }
        }
        Err(ChargeRefusal::CodeInvalid)
    }

    /// Moves the money of an order, or fails the order when the wallet has not enough.
    fn collect(&mut self, number: &str, now_ms: i64) -> Result<Charged, ChargeRefusal> {
        let order = &self.provider.orders[number];
        let wallet_id = order.wallet.expect("a charged order has a payer");
        let posting = Posting {
            at_ms: now_ms,
            debit: Account::wallet(wallet_id),
            credit: Account::merchant(),
            amount_fen: order.total_fen().expect("a charged order has an amount"),
            reason: format!("pay {number}"),
        };
        if self.bank.transfer(posting).is_err() {
            return self.fail(number, ChargeRefusal::NotEnough, now_ms);
        }
        let transaction_id =
            format!("42000{}{}{}", self.dice.digits(5), &beijing::compact(now_ms)[..8], self.dice.digits(10));
        let openid = self.wallets[wallet_id as usize].openid.clone();
        let order = self.order_mut(number);
        order.paid = Some(Paid { transaction_id, at_ms: now_ms, openid });
        order.become_state(OrderState::Success, now_ms);
        Ok(Charged::Paid)
    }

    /// Collects the money of an order that waits for it.
    pub(crate) fn pay_if_open(&mut self, number: &str, now_ms: i64) {
        let open = self.provider.orders.get(number).map(Order::state);
        if matches!(open, Some(OrderState::NotPay | OrderState::UserPaying)) {
            // A wallet without enough fails the order, which is an answer too.
            let _ = self.collect(number, now_ms);
        }
    }

    fn fail(&mut self, number: &str, why: ChargeRefusal, now_ms: i64) -> Result<Charged, ChargeRefusal> {
        let order = self.order_mut(number);
        order.failure = Some(why);
        order.become_state(OrderState::PayError, now_ms);
        Err(why)
    }

    fn order_mut(&mut self, number: &str) -> &mut Order {
        self.provider.orders.get_mut(number).expect("the order was just looked up")
    }
}

/// A hash that stands for all parameters of a charge, the payment code among them, without keeping them.
fn fingerprint(parameters: &str) -> String {
    hex::encode(ring::digest::digest(&ring::digest::SHA256, parameters.as_bytes()))
}

/// The order number inside a v2 body.
pub(crate) fn v2_order_number(body: &[u8]) -> Option<String> {
    xml::read(body).ok()?.remove("out_trade_no")
}

/// The fields of a v2 answer.
#[cfg(test)]
pub(crate) fn read_xml(body: &[u8]) -> BTreeMap<String, String> {
    xml::read(body).expect("an answer is flat XML")
}
