//! What the screens show. Plain data, worked out here so that no screen has to work anything out.
//!
//! Amounts are already written as text (`"128.50"`), times in the shop's zone (`"14:32:05"`). The word *view*
//! marks every type that exists only to be shown. Field names cross to TypeScript in camel case.

mod camera;
mod desk;
mod devices;

use serde::{Deserialize, Serialize};
use specta::Type;

pub use camera::CameraUse;
pub use desk::{DeskAct, DeskActView, DeskRow, DeskView, Doing};
pub use devices::{DeviceKind, DeviceRow, DevicesView, PortChoice, PortView, ReadView, TestedView};

/// The languages Guitai speaks. Chinese is the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
pub enum Language {
    /// Simplified Chinese.
    #[serde(rename = "zh-CN")]
    Chinese,
    /// English.
    #[serde(rename = "en")]
    English,
}

/// Something said to the person who can act: what happened, what it means for the money, what to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct MessageView {
    /// The short code a person can read over the phone, such as `W-12`.
    pub code: String,
    /// The Chinese words.
    pub zh: String,
    /// The English words.
    pub en: String,
}

/// How a customer pays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub enum MethodView {
    /// Notes and coins.
    Cash,
    /// WeChat Pay (微信支付).
    WechatPay,
    /// Alipay (支付宝).
    Alipay,
    /// UnionPay (云闪付).
    UnionPay,
}

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
        /// Until the till next asks the provider, in ms; 0 while it is asking.
        next_in_ms: u32,
        /// Until the till takes the payment back by itself, in ms. None once reversing.
        window_left_ms: Option<u32>,
        /// Until the cashier may ask to reverse, in ms; 0 means now. None once reversing.
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

/// The settings page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct SettingsView {
    /// The language.
    pub language: Language,
    /// The shop's name, 1 to 32 characters.
    pub shop_name: String,
    /// The till's name, 1 to 16 characters.
    pub till_name: String,
    /// From this amount on a second Enter is asked.
    pub confirm_above: String,
    /// Largest median gap between keys, in ms, that counts as a scanner (default 35).
    pub scanner_gap_ms: u32,
    /// Whether a camera may look for payment codes (default: no).
    pub camera_on: bool,
    /// Which camera: `auto` for the one that reads best, or a camera's id.
    pub camera: String,
    /// The shop's zone.
    pub zone: String,
    /// The business day's cut-off, `04:00`.
    pub cutoff: String,
    /// The provider settings that are stored, secrets left out.
    pub provider: Option<ProviderView>,
    /// Whether this is training.
    pub training: bool,
    /// The till's id.
    pub till_id: String,
    /// The program's version.
    pub version: String,
    /// Where the till keeps its data.
    pub data_folder: String,
}

/// One change of a setting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(tag = "setting", content = "value", rename_all = "camelCase")]
pub enum SettingChange {
    /// The language.
    Language(Language),
    /// The shop's name.
    ShopName(String),
    /// The till's name.
    TillName(String),
    /// From this amount on a second Enter is asked, as typed.
    ConfirmAbove(String),
    /// Largest median gap in ms that counts as a scanner, 5 to 60.
    ScannerGapMs(u32),
    /// Whether a camera may look for payment codes.
    CameraOn(bool),
    /// Which camera: `auto`, or a camera's id.
    Camera(String),
}

/// Stored provider settings, secrets left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct ProviderView {
    /// `wechat-pay-v3` or `wechat-pay-v2`.
    pub kind: String,
    /// The merchant's number, masked in the middle.
    pub merchant: String,
    /// The app id, masked in the middle.
    pub app: String,
    /// Where the secrets are kept: the system's own store, or a sealed file.
    pub secrets_in: String,
}

/// The result of "test my settings".
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct ProviderTestView {
    /// Whether everything worked.
    pub passed: bool,
    /// What was found, and what to do.
    pub message: MessageView,
    /// How long the provider took, in ms.
    pub took_ms: u32,
}

/// The health page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct HealthView {
    /// One row for each thing that is watched.
    pub checks: Vec<HealthCheck>,
}

/// One thing that is watched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct HealthCheck {
    /// What it is: `network`, `provider`, `clock`, `database`, `disk`, `journal`, `witness`, `backup`, `inDoubt`,
    /// `version`.
    pub name: String,
    /// How it stands.
    pub level: HealthLevel,
    /// What was found, and what to do if it is not well.
    pub message: MessageView,
}

/// A traffic light with words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub enum HealthLevel {
    /// Well.
    Good,
    /// Wants a look.
    Warning,
    /// Wants mending.
    Bad,
}

/// The trainee's wallet: the phone of a customer who does not exist.
#[derive(Clone, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct WalletView {
    /// The payment code as a QR code, SVG.
    pub qr_svg: String,
    /// The payment code as a Code 128 bar code, SVG.
    pub code128_svg: String,
    /// The digits, in groups of four, shown when the trainee taps the code.
    pub digits: String,
    /// Until the code is renewed, in s.
    pub seconds_left: u32,
    /// The balance.
    pub balance: String,
    /// A password is asked from this amount on.
    pub password_from: String,
    /// How the wallet takes the next payments.
    pub behaviour: WalletBehaviour,
    /// What the provider and the line do to the next payments.
    pub trouble: TrainingTrouble,
    /// The payment that waits for the password.
    pub asking: Option<WalletAsking>,
    /// The last payments, newest first, at most 5.
    pub last_payments: Vec<WalletPayment>,
    /// The address of the wallet page for a phone, while it is switched on.
    pub phone_url: Option<String>,
    /// That address as a QR code, SVG.
    pub phone_qr_svg: Option<String>,
}

/// A payment that waits for the trainee's password.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct WalletAsking {
    /// The amount.
    pub amount: String,
    /// Who asks.
    pub merchant: String,
    /// Until the phone gives up, in s.
    pub seconds_left: u32,
}

/// A payment in the wallet's list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct WalletPayment {
    /// The amount.
    pub amount: String,
    /// `paid`, `returned`, `refused`, `waiting`.
    pub state: String,
}

/// How the trainee's wallet takes the next payments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub enum WalletBehaviour {
    /// Pays, with a password above the limit.
    Pays,
    /// Always asks for the password.
    AsksPassword,
    /// Refused: balance too low.
    NotEnough,
    /// Refused: the code is expired.
    CodeExpired,
    /// Refused: not a valid code, or used already.
    CodeInvalid,
    /// Refused: this card cannot pay here.
    CardNotSupported,
    /// Refused: the provider's risk control.
    Risk,
}

/// What the provider and the line do to the next payments, in training.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub enum TrainingTrouble {
    /// Nothing: all is well.
    None,
    /// The network is down.
    NoNetwork,
    /// The request arrives, the money moves, the answer is lost.
    AnswerLost,
    /// The request never arrives, and no answer comes.
    RequestLost,
    /// The provider answers after 8 seconds.
    Slow,
    /// The answer is signed by somebody else.
    Forged,
    /// The answer is properly signed but names another amount.
    WrongAmount,
    /// The provider answers with a server error.
    ServerError,
    /// A captive portal answers with a web page.
    CaptivePortal,
}

/// A change to the trainee's wallet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(tag = "change", content = "value", rename_all = "camelCase")]
pub enum WalletChange {
    /// A new balance, as typed.
    Balance(String),
    /// A password is asked from this amount on, as typed.
    PasswordFrom(String),
    /// How it takes the next payments.
    Behaviour(WalletBehaviour),
    /// What the provider and the line do.
    Trouble(TrainingTrouble),
    /// The trainee's answer to the password question.
    Password(PasswordAnswer),
    /// Switches the page for a phone on or off.
    Phone(bool),
}

/// The trainee's answer to the password question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub enum PasswordAnswer {
    /// The right password.
    Right,
    /// A wrong one.
    Wrong,
    /// The customer cancels.
    Cancel,
}

/// Why the till did not start, and what can be done about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct StartTroubleView {
    /// What is the matter.
    pub message: MessageView,
    /// What could be restored.
    pub offer: Option<OfferView>,
    /// Why nothing can be restored although the data is damaged.
    pub no_offer: Option<MessageView>,
}

/// What could be restored where a till's data is damaged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct OfferView {
    /// What there is.
    pub found: MessageView,
    /// What is missing from it, as far as is known.
    pub lacks: MessageView,
}

/// What a command answers when it cannot be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct CommandError {
    /// What happened, what it means for the money, what to do.
    pub message: MessageView,
}
