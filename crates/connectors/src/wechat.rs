//! What both versions of WeChat Pay share: the shop's ids, the timings, the words.
//!
//! Codes are spelled differently by the generations (`SYSTEMERROR`, `SYSTEM_ERROR`); they are compared without `_`.
//! Texts are never looked at: one code has many, and they change (`m3/4012081709`).

use guitai_domain::payment::{ProviderRules, Reason, Word};

use crate::clock::{ProviderClock, Source, Timing};

/// The usual host and the one in another city (`m3/4012791877`, `m3/4012075113`).
pub(crate) const HOSTS: &[&str] = &["https://api.mch.weixin.qq.com", "https://api2.mch.weixin.qq.com"];

/// The times of payment codes, the same for v2 and v3.
pub(crate) const CLOCK: ProviderClock = ProviderClock {
    kinds: &["wechat_pay_v3", "wechat_pay_v2"],
    poll: Timing { ms: 5_000, sources: &[GUIDE] },
    // WeChat ends the password prompt at about that time.
    window: Timing { ms: 45_000, sources: &[CHARGE_PAGE] },
    reverse_from: Timing { ms: 15_000, sources: &[CHARGE_PAGE, GUIDE] },
    reverse_margin: Timing { ms: 2_000, sources: &[] },
    reverse_until: Timing {
        ms: 7 * DAY_MS,
        sources: &[Source { page: "m2/4011937361", dated: "2024-08-06" }],
    },
    code_life: Timing {
        ms: 60_000,
        sources: &[CHARGE_PAGE, Source { page: "wechatpay-skills", dated: "2026-04-28" }],
    },
    refund_until: Timing {
        ms: 365 * DAY_MS,
        sources: &[
            Source { page: "m3/4013071036", dated: "2025-01-09" },
            Source { page: "m2/4011937624", dated: "2025-03-21" },
        ],
    },
};

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;
const GUIDE: Source = Source { page: "m2/4011936672", dated: "2026-06-09" };
const CHARGE_PAGE: Source = Source { page: "m2/4011937125", dated: "2026-06-10" };

/// The clock as the step function wants it.
pub(crate) const RULES: ProviderRules = CLOCK.rules();

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
        // Paid, and refunded since, in part or whole: how much, this answer does not say.
        "REFUND" => Some(Word::Refunded),
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
