//! What the desk shows: payments in doubt, money that came late, contradictions.

use serde::{Deserialize, Serialize};
use specta::Type;

use super::{MessageView, MethodView, TimelineView};

/// What the till is doing about a payment in doubt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub enum Doing {
    /// Asking the provider for the result.
    Querying,
    /// Waiting for the customer's password.
    AwaitingPayer,
    /// Asking the provider to take the payment back.
    Reversing,
    /// Nothing yet: the provider cannot be reached.
    WaitingForLine,
    /// The provider's window is over without a word; a manager must settle it.
    Unresolved,
    /// The money came when nobody waited for it; somebody must book it or give it back.
    PaidLate,
    /// The provider's word differs from the record; a manager must look at it.
    Contradicted,
}

/// The desk (待确认).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct DeskView {
    /// What is on it, oldest first.
    pub rows: Vec<DeskRow>,
    /// Whether the provider can be reached.
    pub online: bool,
    /// Whether a manager's PIN is set; without one nothing is settled by hand.
    pub has_pin: bool,
}

/// One payment on the desk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct DeskRow {
    /// The payment's id; the provider knows it by this.
    pub payment: String,
    /// The sale's id, to open it.
    pub sale: String,
    /// How much.
    pub amount: String,
    /// How.
    pub method: MethodView,
    /// The last digits of the code.
    pub last_digits: String,
    /// When the sale was opened, date and time in the shop's zone.
    pub time: String,
    /// How long ago the request left, in ms.
    pub elapsed_ms: u32,
    /// What is being done.
    pub doing: Doing,
    /// The same in words, and what it means for the money.
    pub message: MessageView,
    /// Until the next call about it leaves, in ms; 0 while one is on its way, none where none is planned.
    pub next_in_ms: Option<u32>,
    /// Until what is being done ends by itself: the customer's time, or the provider's time for reversals.
    pub window_left_ms: Option<u32>,
    /// What can be done, the sensible thing first.
    pub acts: Vec<DeskActView>,
    /// The sale's entries, oldest first.
    pub timeline: Vec<TimelineView>,
}

/// Something that can be done about a payment on the desk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub enum DeskAct {
    /// Ask the provider for the result now.
    AskNow,
    /// Take it back (撤销).
    TakeBack,
    /// Put it on the counter again.
    TakeUp,
    /// Late money: book the sale (入账).
    Book,
    /// Late money: give it back (退回).
    GiveBack,
    /// Late money past the window for reversals: a manager has refunded it on the provider's own pages (已退款).
    Refunded,
    /// A manager says that the money is there.
    SettlePaid,
    /// A manager says that there is no money.
    SettleUnpaid,
    /// A manager has looked at a contradiction and says what became of it.
    Review,
}

/// An act, and whether it is possible now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct DeskActView {
    /// What.
    pub act: DeskAct,
    /// Whether it is possible now.
    pub enabled: bool,
    /// Why not, or why this and not another.
    pub why: Option<MessageView>,
}

impl DeskAct {
    /// Whether only a manager may, with a reason.
    #[must_use]
    pub fn is_managers(self) -> bool {
        match self {
            DeskAct::Refunded | DeskAct::SettlePaid | DeskAct::SettleUnpaid | DeskAct::Review => true,
            DeskAct::AskNow | DeskAct::TakeBack | DeskAct::TakeUp | DeskAct::Book | DeskAct::GiveBack => {
                false
            }
        }
    }
}
