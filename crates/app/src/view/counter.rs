//! What the cashier and the customer see: the counter's state.

use serde::{Deserialize, Serialize};
use specta::Type;

use super::{CameraUse, DevicesView, Doing, Language, MessageView, MethodView};

/// A key of the cashier's keyboard or keypad, as the window passes it on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub enum Key {
    /// `0`
    Digit0,
    /// `1`
    Digit1,
    /// `2`
    Digit2,
    /// `3`
    Digit3,
    /// `4`
    Digit4,
    /// `5`
    Digit5,
    /// `6`
    Digit6,
    /// `7`
    Digit7,
    /// `8`
    Digit8,
    /// `9`
    Digit9,
    /// `00` on the keypad.
    DoubleZero,
    /// The decimal point.
    Point,
    /// Takes the last digit back.
    Backspace,
    /// Clears the amount (清空).
    Clear,
    /// Confirms; also `+` on the number pad.
    Enter,
    /// One step back.
    Escape,
    /// Cash (F7).
    Cash,
}

/// Everything the cashier's screen shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct TillView {
    /// The shop's name.
    pub shop_name: String,
    /// This till's name within the shop, such as `1号台`.
    pub till_name: String,
    /// Whether this is training: orange frame and hatch on every screen.
    pub training: bool,
    /// The language the till is set to.
    pub language: Language,
    /// The shop's time zone (IANA name), for the clock on the bar.
    pub zone: String,
    /// Whether the provider could be reached the last time it was tried.
    pub online: bool,
    /// Whether a provider is set up at all (training always is).
    pub provider_ready: bool,
    /// How many payments are on the desk (待确认): without a result, with money that came late, or contradicted.
    pub in_doubt: u32,
    /// What is wrong with the till itself and stays on every screen until it is mended: clock, disk, a moved file.
    pub alarms: Vec<MessageView>,
    /// Why no payment code can be charged now, where none can.
    pub no_codes: Option<MessageView>,
    /// What the counter is doing.
    pub counter: CounterView,
    /// The last thing said about a key or scan that was not taken; `serial` rises with each one.
    pub notice: Option<NoticeView>,
    /// The devices that read codes.
    pub devices: DevicesView,
    /// Whether a camera looks for the code.
    pub camera: CameraUse,
}

/// A passing word about a key or a scan that was not taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct NoticeView {
    /// Rises with each notice, so that the same words twice are heard twice.
    pub serial: u32,
    /// Whether it is a refusal (low tone, red outline) or only a tick.
    pub refusal: bool,
    /// The words.
    pub message: MessageView,
}

/// What the counter is doing: the state strip and the keys follow from it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
#[serde(tag = "state", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum CounterView {
    /// A: nothing entered.
    Idle,
    /// B: an amount is being entered.
    Entering {
        /// What was typed, such as `12.5`.
        text: String,
    },
    /// B2: the amount is unusually large; a second Enter arms it.
    Confirming {
        /// The amount due.
        due: String,
        /// The amount in Chinese words (壹仟贰佰捌拾元整).
        words: String,
    },
    /// C: the amount stands, a payment code is awaited.
    Armed {
        /// The amount due.
        due: String,
    },
    /// Cash is being counted (F7).
    Cash {
        /// The amount due.
        due: String,
        /// What was typed as given by the customer; empty means exactly the amount due.
        given: String,
        /// The change, once enough was given.
        change: Option<String>,
    },
    /// D: the request is on its way.
    Charging {
        /// The amount due.
        due: String,
        /// How it is being paid.
        method: MethodView,
        /// How long ago the request left, in ms.
        elapsed_ms: u32,
    },
    /// E: the customer must type a password.
    AwaitingPayer {
        /// The amount due.
        due: String,
        /// How it is being paid.
        method: MethodView,
        /// Until the till takes the payment back by itself, in ms.
        remaining_ms: u32,
        /// Until the cashier may ask to reverse, in ms; 0 means now.
        reverse_in_ms: u32,
    },
    /// F: paid.
    Captured {
        /// The amount paid.
        due: String,
        /// How it was paid.
        method: MethodView,
        /// The sale's id, to open it.
        sale: String,
        /// The receipt's number.
        receipt_no: String,
        /// Cash given by the customer, for cash only.
        given: Option<String>,
        /// Change due, for cash only.
        change: Option<String>,
    },
    /// X: not charged, by the provider's word or because nothing left the till.
    Declined {
        /// The amount due.
        due: String,
        /// How it was to be paid.
        method: MethodView,
        /// Why, what it means for the money, what to do.
        message: MessageView,
    },
    /// G: the result is not known.
    InDoubt {
        /// The amount due.
        due: String,
        /// How it was to be paid.
        method: MethodView,
        /// How long since the request left, in ms.
        elapsed_ms: u32,
        /// What the till is doing about it.
        doing: Doing,
        /// What is known, and what it means for the money.
        message: MessageView,
        /// Until the till next asks the provider, in ms; 0 while it is asking.
        next_in_ms: u32,
        /// Until the till takes the payment back by itself, in ms. None once reversing.
        window_left_ms: Option<u32>,
        /// Until the cashier may ask to reverse, or to do so again, in ms; 0 means now. None where that is over.
        reverse_in_ms: Option<u32>,
        /// The cashier asked to take it back, and Enter will say that it is meant.
        confirming: bool,
    },
    /// H: reversed; the customer has not paid or has the money back.
    Reversed {
        /// The amount that was due.
        due: String,
        /// How it was to be paid.
        method: MethodView,
    },
}

/// What the customer's display shows. No names, no history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct DisplayView {
    /// The shop's name.
    pub shop_name: String,
    /// Whether this is training.
    pub training: bool,
    /// The language the till is set to.
    pub language: Language,
    /// Which of the screens to show.
    pub state: DisplayState,
    /// Whether payment codes can be charged; where not, the customer is told before showing one.
    pub takes_codes: bool,
    /// Whether the provider can be reached.
    pub online: bool,
    /// The amount, where there is one.
    pub amount: Option<String>,
    /// Change due, after cash.
    pub change: Option<String>,
}

/// The customer display's screens, one for each counter state that concerns the customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub enum DisplayState {
    /// Shop name.
    Idle,
    /// The amount grows.
    Entering,
    /// Please show your payment code.
    Armed,
    /// Cash is being paid.
    Cash,
    /// Being charged, please wait.
    Charging,
    /// Please type your password on the phone.
    AwaitingPayer,
    /// Paid, thank you.
    Captured,
    /// Not charged, please pay another way.
    Declined,
    /// Being confirmed, please do not pay again.
    InDoubt,
    /// Reversed, not charged.
    Reversed,
}
