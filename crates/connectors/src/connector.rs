//! The verbs every provider has, in our words.

use guitai_domain::payment::{Hint, ProviderRules, Silence, Verb, Word};
use guitai_domain::{Fen, Method, PaymentCode, PaymentId, Timestamp};

use crate::{HttpReply, HttpRequest, SettingsFault};

/// What a charge says.
#[derive(Debug, Clone, Copy)]
pub struct Charge<'a> {
    /// Our id; the provider knows the payment by it.
    pub payment: &'a PaymentId,
    /// How much.
    pub amount: Fen,
    /// The code on the customer's phone.
    pub code: &'a PaymentCode,
    /// What the customer sees in the bill: "shop - goods".
    pub description: &'a str,
    /// The till, as the provider's device id.
    pub till: &'a str,
}

/// What a payment is recognised by: what was asked for, and what every answer must agree with.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// Our id.
    pub payment: &'a PaymentId,
    /// How much was asked for.
    pub amount: Fen,
}

/// What must be new in every request.
#[derive(Debug, Clone)]
pub struct Fresh {
    /// The time.
    pub now: Timestamp,
    /// 32 random characters of `0-9A-Za-z`.
    pub nonce: String,
}

/// What an answer amounts to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard {
    /// Proven: signature, id, amount, currency and merchant agree.
    ///
    /// Two words may come from an answer that names no payment, because the provider's own format has no place for one:
    /// that the customer is typing the password, and v2's that a reversal was accepted. Nothing ends with either.
    Word(Word),
    /// Believable, not proven.
    Hint(Hint),
    /// Nothing that tells where the payment stands.
    Silence(Silence),
}

/// An answer, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// What it amounts to.
    pub heard: Heard,
    /// What support will ask for.
    pub note: Note,
}

/// What is worth keeping of an answer. Holds nothing personal and nothing secret.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Note {
    /// The HTTP status.
    pub status: u16,
    /// The provider's state or error code, `[A-Z0-9_]{1,64}`.
    pub provider_code: Option<String>,
    /// The provider's name for this call; its support asks for it.
    pub request_id: Option<String>,
    /// The provider's name for the payment. Only from a proven answer.
    pub provider_ref: Option<String>,
    /// Why the answer was not believed.
    pub disbelief: Option<Disbelief>,
    /// How far the provider's clock is ahead of ours.
    pub clock_offset_ms: Option<i64>,
    /// What the evidence file of the sale shows of the answer: compact JSON without anything secret or personal, at most
    /// 2 KB. Believed or not, an answer that came has one.
    pub shown: Option<String>,
}

/// Why an answer was not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Disbelief {
    /// No signature, or one that does not fit.
    BadSignature,
    /// Signed with a key the settings do not know, or one that has expired.
    UnknownKey,
    /// Signed five minutes or more away from our clock: replayed, or our clock is wrong.
    StaleTimestamp,
    /// About another payment, or none.
    OtherPayment,
    /// With another amount, or none.
    OtherAmount,
    /// From or for another merchant or app.
    OtherMerchant,
    /// In another currency.
    OtherCurrency,
    /// Sends us elsewhere. Providers do not.
    Redirect,
    /// Not the provider's language: a web page, or something unreadable.
    NotAProvider,
    /// Signed and ours, with a state we do not know.
    UnknownState,
}

impl Disbelief {
    /// The name in the journal and in logs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Disbelief::BadSignature => "bad_signature",
            Disbelief::UnknownKey => "unknown_key",
            Disbelief::StaleTimestamp => "stale_timestamp",
            Disbelief::OtherPayment => "other_payment",
            Disbelief::OtherAmount => "other_amount",
            Disbelief::OtherMerchant => "other_merchant",
            Disbelief::OtherCurrency => "other_currency",
            Disbelief::Redirect => "redirect",
            Disbelief::NotAProvider => "not_a_provider",
            Disbelief::UnknownState => "unknown_state",
        }
    }
}

/// What reading came to, before the note is added: an answer, or the reason not to believe it.
pub(crate) type Verdict = Result<Heard, Disbelief>;

impl Note {
    /// A reading with this note.
    pub(crate) fn reading(mut self, verdict: Verdict) -> Reading {
        let heard = verdict.unwrap_or_else(|disbelief| {
            self.disbelief = Some(disbelief);
            self.provider_ref = None;
            Heard::Silence(Silence::NotBelieved)
        });
        Reading { heard, note: self }
    }
}

/// One provider's language: each verb a pure pair of building a request and reading its reply.
pub trait Connector: Send + Sync {
    /// The name in the settings file.
    fn kind(&self) -> &'static str;

    /// The way to pay it serves.
    fn method(&self) -> Method;

    /// The provider's timings.
    fn rules(&self) -> &'static ProviderRules;

    /// The provider's own hosts, the usual one first.
    fn hosts(&self) -> &'static [&'static str];

    /// Asks for the money.
    fn pay(&self, charge: &Charge<'_>, fresh: &Fresh) -> HttpRequest;

    /// Asks for the result.
    fn query(&self, asked: &Asked<'_>, fresh: &Fresh) -> HttpRequest;

    /// Asks to take the payment back.
    fn reverse(&self, asked: &Asked<'_>, fresh: &Fresh) -> HttpRequest;

    /// Reads the reply to `verb`.
    fn read(&self, verb: Verb, asked: &Asked<'_>, reply: &HttpReply, now: Timestamp) -> Reading;

    /// Tries the settings without moving money.
    fn test(&self, fresh: &Fresh) -> HttpRequest;

    /// Reads the reply to [`test`](Connector::test).
    ///
    /// # Errors
    /// What is wrong with the settings, as far as the reply tells.
    fn read_test(&self, reply: &HttpReply, now: Timestamp) -> Result<(), SettingsFault>;
}
