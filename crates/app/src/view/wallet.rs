//! Training: the trainee's wallet, and what can be made to go wrong.

use serde::{Deserialize, Serialize};
use specta::Type;

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
