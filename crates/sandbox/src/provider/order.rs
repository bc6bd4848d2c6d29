//! One order at the provider, and the only ways its state may change.

use serde::{Deserialize, Serialize};

/// The provider's `trade_state`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum OrderState {
    /// Known, not paid, nobody is asked for anything.
    NotPay,
    /// The customer is asked for the password.
    UserPaying,
    /// Paid.
    Success,
    /// The payment failed: cancelled, timed out, or refused by wallet or bank.
    PayError,
    /// Paid, and at least partly given back by a refund.
    Refund,
    /// Reversed; whatever was paid has gone back.
    Revoked,
    /// Never paid, and closed by the provider at the end.
    Closed,
}

impl OrderState {
    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            OrderState::NotPay => "NOTPAY",
            OrderState::UserPaying => "USERPAYING",
            OrderState::Success => "SUCCESS",
            OrderState::PayError => "PAYERROR",
            OrderState::Refund => "REFUND",
            OrderState::Revoked => "REVOKED",
            OrderState::Closed => "CLOSED",
        }
    }

    /// The text beside the word.
    pub(crate) fn description(self) -> &'static str {
        match self {
            OrderState::NotPay => "订单未支付",
            OrderState::UserPaying => "需要用户输入支付密码",
            OrderState::Success => "支付成功",
            OrderState::PayError => "支付失败，请撤销订单后重新下单",
            OrderState::Refund => "订单发生过退款",
            OrderState::Revoked => "订单已撤销",
            OrderState::Closed => "订单已关闭",
        }
    }

    /// The arrows of the provider's state diagram. A state never goes back.
    pub(crate) fn may_become(self, next: OrderState) -> bool {
        use OrderState::*;
        match self {
            NotPay => matches!(next, UserPaying | Success | PayError | Revoked | Closed),
            UserPaying => matches!(next, Success | PayError),
            Success => matches!(next, Refund | Revoked),
            PayError => matches!(next, Revoked | Closed),
            Refund => next == Refund,
            Revoked | Closed => false,
        }
    }
}

/// One order.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Order {
    pub(crate) out_trade_no: String,
    /// `None`: the number was reversed before any charge came, and is dead.
    pub(crate) charge: Option<Charge>,
    pub(crate) wallet: Option<u32>,
    pub(crate) charged_ms: i64,
    /// The provider's own number and the time, once paid.
    pub(crate) paid: Option<Paid>,
    /// Why it failed, when the wallet or the bank said so.
    pub(crate) failure: Option<super::ChargeRefusal>,
    pub(crate) refunded_fen: i64,
    history: Vec<(OrderState, i64)>,
}

/// What the till asked for.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Charge {
    pub(crate) out_trade_no: String,
    /// Not kept once the code has been looked up.
    #[serde(skip)]
    pub(crate) auth_code: String,
    pub(crate) total_fen: i64,
    pub(crate) description: String,
    pub(crate) attach: Option<String>,
    pub(crate) device: Option<String>,
    /// Hash over every parameter: the same number must come with the same ones.
    pub(crate) fingerprint: String,
}

/// The payment of a paid order.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Paid {
    pub(crate) transaction_id: String,
    pub(crate) at_ms: i64,
    pub(crate) openid: String,
}

impl Order {
    pub(crate) fn new(charge: Charge, wallet: u32, now_ms: i64) -> Order {
        Order {
            out_trade_no: charge.out_trade_no.clone(),
            charge: Some(Charge { auth_code: String::new(), ..charge }),
            wallet: Some(wallet),
            charged_ms: now_ms,
            paid: None,
            failure: None,
            refunded_fen: 0,
            history: vec![(OrderState::NotPay, now_ms)],
        }
    }

    /// A number that was reversed before any charge arrived. A charge that comes later must not succeed.
    pub(crate) fn dead_number(out_trade_no: &str, now_ms: i64) -> Order {
        Order {
            out_trade_no: out_trade_no.to_owned(),
            charge: None,
            wallet: None,
            charged_ms: now_ms,
            paid: None,
            failure: None,
            refunded_fen: 0,
            history: vec![(OrderState::Revoked, now_ms)],
        }
    }

    pub(crate) fn state(&self) -> OrderState {
        self.history.last().expect("an order is born with a state").0
    }

    /// Since when the order is in its state.
    pub(crate) fn state_since_ms(&self) -> i64 {
        self.history.last().expect("an order is born with a state").1
    }

    /// The state before the present one, for answers that overtook each other on the way.
    pub(crate) fn earlier_state(&self) -> OrderState {
        self.history.iter().rev().nth(1).map_or(OrderState::NotPay, |(state, _)| *state)
    }

    pub(crate) fn total_fen(&self) -> Option<i64> {
        self.charge.as_ref().map(|charge| charge.total_fen)
    }

    pub(crate) fn become_state(&mut self, next: OrderState, now_ms: i64) {
        let state = self.state();
        assert!(state.may_become(next), "an order never goes from {} to {}", state.as_str(), next.as_str());
        if next != state {
            self.history.push((next, now_ms));
        }
    }
}

/// A refund of a paid order.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Refund {
    pub(crate) out_refund_no: String,
    pub(crate) refund_id: String,
    pub(crate) out_trade_no: String,
    pub(crate) refund_fen: i64,
    pub(crate) created_ms: i64,
}

impl Refund {
    /// How long a refund is shown as being worked on. The money itself moves when the refund is accepted.
    const PROCESSING_MS: i64 = 1_000;

    pub(crate) fn done(&self, now_ms: i64) -> bool {
        now_ms >= self.created_ms + Refund::PROCESSING_MS
    }

    pub(crate) fn done_ms(&self) -> i64 {
        self.created_ms + Refund::PROCESSING_MS
    }
}
