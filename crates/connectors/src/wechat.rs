//! What both versions of WeChat Pay share: the shop's ids, the timings, the words.
//!
//! Codes are spelled differently by the generations (`SYSTEMERROR`, `SYSTEM_ERROR`); they are compared without `_`.
//! Texts are never looked at: one code has many, and they change (`m3/4012081709`).

use guitai_domain::payment::{ProviderRules, Reason, Word};

/// The usual host and the one in another city (`m3/4012791877`, `m3/4012075113`).
pub(crate) const HOSTS: &[&str] = &["https://api.mch.weixin.qq.com", "https://api2.mch.weixin.qq.com"];

/// The timings of payment codes, the same for v2 and v3.
pub(crate) const RULES: ProviderRules = ProviderRules {
    // Guide m2/4011936672 [2026.06.09]: query every 5 s.
    poll_ms: 5_000,
    // API page m2/4011937125 [2026.06.10]: give up after 45 s; WeChat ends the password prompt at about that time.
    window_ms: 45_000,
    // Both pages: no reversal earlier than 15 s after the charge.
    reverse_from_ms: 15_000,
    // m2/4011937361 [2024.08.06]: a reversal works for 7 days.
    reverse_until_ms: 7 * 24 * 60 * 60 * 1_000,
    // Product page m2/4011936523 [2025.10.15]: a code refreshes every minute and works once.
    code_life_ms: 60_000,
    // A refund works for 365 days after the payment (m3/4012556512).
    refund_until_ms: 365 * 24 * 60 * 60 * 1_000,
};

/// The shop, as WeChat Pay knows it.
#[derive(Debug, Clone)]
pub(crate) struct Merchant {
    pub(crate) mchid: String,
    pub(crate) appid: String,
    /// The shop's own code for this store.
    pub(crate) store_code: Option<String>,
}

/// What a proven `trade_state` means (`m3/4013070356`); `None` for one that is not in the book.
pub(crate) fn word(trade_state: &str) -> Option<Word> {
    match trade_state {
        "SUCCESS" => Some(Word::Paid),
        // It was paid before anything was refunded.
        "REFUND" => Some(Word::Paid),
        "NOTPAY" => Some(Word::Unpaid),
        "USERPAYING" | "ACCEPT" => Some(Word::AwaitingPayer),
        "CLOSED" => Some(Word::Closed),
        "REVOKED" => Some(Word::Reversed),
        // Cancelled or refused by the bank; which of them cannot be told.
        "PAYERROR" => Some(Word::Failed(Reason::PayerCancelled)),
        _ => None,
    }
}

/// What an error code means (`m2/4011937125`, `m2/4011937361`, and the list of APIv3 codes), before anybody asks whether it is proven.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// Refused, and the money cannot have moved.
    Refused(Reason),
    /// Refused, so it says; but such an answer has been seen although the money moved (community 00000ec3eb83e07bff92975046fc00).
    Doubtful,
    /// The trade failed: the account, risk control, or no password. To be taken back to close it.
    TradeFailed,
    /// The number was used before, perhaps by this very payment.
    NumberUsed,
    /// The customer is in the middle of paying.
    PayerIsPaying,
    /// No such payment is known.
    UnknownPayment,
    /// Too late for a reversal.
    ReverseTooLate,
    /// Too many requests; this one was not processed.
    TooFrequent,
    /// The provider or the bank is in trouble.
    Trouble,
    /// Not in the book: an unknown code is an unknown result.
    NotInTheBook,
}

/// Looks a code up.
pub(crate) fn meaning(code: &str) -> Meaning {
    match code.replace('_', "").as_str() {
        "AUTHCODEEXPIRE" => Meaning::Refused(Reason::CodeExpired),
        "AUTHCODEINVALID" | "AUTHCODEERROR" => Meaning::Refused(Reason::CodeInvalid),
        "NOTENOUGH" => Meaning::Refused(Reason::NotEnough),
        // The first spelling is theirs.
        "NOTSUPORTCARD" | "NOTSUPPORTCARD" => Meaning::Refused(Reason::CardNotSupported),
        "ORDERCLOSED"
        | "ORDERREVERSED"
        | "BUYERMISMATCH"
        | "RULELIMIT"
        | "ACCOUNTERROR"
        | "USERACCOUNTABNORMAL" => Meaning::Refused(Reason::RefusedByProvider),
        "SIGNERROR" | "NOAUTH" | "APPIDNOTEXIST" | "MCHIDNOTEXIST" | "MCHNOTEXISTS"
        | "APPIDMCHIDNOTMATCH" | "CERTERROR" | "LACKPARAMS" | "XMLFORMATERROR" | "REQUIREPOSTMETHOD"
        | "NOTUTF8" => Meaning::Refused(Reason::Settings),
        "PARAMERROR" | "INVALIDREQUEST" | "INVALIDTRANSACTIONID" => Meaning::Doubtful,
        "TRADEERROR" => Meaning::TradeFailed,
        "ORDERPAID" | "OUTTRADENOUSED" => Meaning::NumberUsed,
        "USERPAYING" => Meaning::PayerIsPaying,
        "ORDERNOTEXIST" | "RESOURCENOTEXISTS" => Meaning::UnknownPayment,
        "REVERSEEXPIRE" => Meaning::ReverseTooLate,
        "FREQUENCYLIMITED" | "FREQUENCYLIMIT" | "RATELIMITEXCEEDED" => Meaning::TooFrequent,
        "SYSTEMERROR" | "BANKERROR" | "SERVICEUNAVAILABLE" => Meaning::Trouble,
        _ => Meaning::NotInTheBook,
    }
}
