//! What may be believed: found in the sandbox's books and in what was truly signed, not in the connectors' code.

use guitai_connectors::HttpReply;
use guitai_domain::payment::{Verb, Word};
use guitai_sandbox::{OrderState, Sandbox};
use serde_json::Value;

use super::forge::Trial;
use super::pool::{FORMATS, Format, Pool, Statement};
use super::seal::read_v2;

/// Five minutes: an answer signed so long ago, or ahead, counts no more.
const FRESH_MS: i64 = 300_000;

/// What the oracle makes of a word.
pub(super) enum Judgement {
    /// True of this payment at the time of signing.
    True,
    /// Truly signed, of a kind that names no payment, and nothing ends with it.
    Nameless,
    /// Believed, and should not have been.
    Believed(&'static str),
}

/// What a signed answer claims.
#[derive(Default)]
struct Claims {
    merchant: Option<String>,
    app: Option<String>,
    payment: Option<String>,
    amount: Option<i64>,
    currency: Option<String>,
    /// v3's and v2's `trade_state`.
    state: Option<String>,
    /// v2's `err_code`.
    error: Option<String>,
}

/// Judges `word`, which a connector took from the trial's answer.
pub(super) fn judge(pool: &Pool, trial: &Trial, word: Word) -> Judgement {
    let Some(statement) = signed(pool, trial) else {
        return Judgement::Believed("the provider never signed this");
    };
    if statement.ambiguous {
        return Judgement::Believed("it says two things at once");
    }
    let claims = match statement.format {
        Format::V3 => claims_v3(&statement.reply),
        Format::V2 => claims_v2(&statement.reply),
    };
    let kit = Sandbox::merchant();
    let payment = &pool.payments[trial.payment];
    if names_nobody(&claims, statement.format, word) {
        return if claims.payment.is_none() {
            Judgement::Nameless
        } else {
            Judgement::Believed("it names one")
        };
    }
    if claims.merchant.as_deref() != Some(kit.mchid) {
        return Judgement::Believed("it is about another merchant");
    }
    if claims.payment.as_deref() != Some(payment.id.as_str()) {
        return Judgement::Believed("it is about another payment");
    }
    let paid = word == Word::Paid;
    if claims.app.as_deref().map_or(paid, |app| app != kit.appid) {
        return Judgement::Believed("it is about another app");
    }
    if claims.amount.map_or(paid, |amount| amount != trial.asked.0) {
        return Judgement::Believed("it is about another amount");
    }
    if claims.currency.as_deref().is_some_and(|currency| currency != "CNY") {
        return Judgement::Believed("it is about another currency");
    }
    // The books, too, must say so.
    let Some((state, amount)) = pool.books[statement.books].get(payment.id.as_str()) else {
        return Judgement::Believed("the provider does not know this payment");
    };
    if paid && *amount != Some(trial.asked.0) {
        return Judgement::Believed("the books have another amount");
    }
    if fits(word, *state, &claims) { Judgement::True } else { Judgement::Believed("the books say otherwise") }
}

/// Whether the order's state makes the word true.
fn fits(word: Word, state: OrderState, claims: &Claims) -> bool {
    match word {
        Word::Paid => state == OrderState::Success,
        Word::Refunded => state == OrderState::Refund,
        Word::AwaitingPayer => state == OrderState::UserPaying,
        Word::Unpaid => state == OrderState::NotPay,
        Word::Failed(_) => state == OrderState::PayError,
        Word::Closed => state == OrderState::Closed,
        Word::Reversed => state == OrderState::Revoked,
        Word::ReverseAccepted => {
            claims.state.is_none() && matches!(state, OrderState::Revoked | OrderState::Closed)
        }
        // No answer of the sandbox that names its payment says either.
        Word::Declined(_) | Word::ReverseTooLate => false,
    }
}

/// The answers that have no place for a number: v3's bare 202, v2's "typing the password" and "taken back".
fn names_nobody(claims: &Claims, format: Format, word: Word) -> bool {
    let bare = claims.payment.is_none() && claims.amount.is_none();
    match (format, word) {
        (Format::V3, Word::AwaitingPayer) => {
            bare && claims.merchant.is_none() && claims.state.as_deref() == Some("USERPAYING")
        }
        (Format::V2, Word::AwaitingPayer) => bare && claims.error.as_deref() == Some("USERPAYING"),
        (Format::V2, Word::ReverseAccepted) => bare && claims.error.is_none() && claims.state.is_none(),
        (Format::V3, _) | (Format::V2, _) => false,
    }
}

/// The statement the answer carries, if the provider signed it, in time.
fn signed<'a>(pool: &'a Pool, trial: &Trial) -> Option<&'a Statement> {
    let reply = &trial.reply;
    match FORMATS[trial.shop] {
        Format::V2 => pool.signed_v2(&reply.body),
        // Whichever of several headers a reader takes: it must belong to something that was signed.
        Format::V3 => all(reply, "Wechatpay-Timestamp").find_map(|timestamp| {
            all(reply, "Wechatpay-Nonce").find_map(|nonce| {
                let statement = pool.signed_v3(timestamp, nonce, &reply.body)?;
                let signature = statement.reply.header("Wechatpay-Signature");
                let seconds: i64 = timestamp.parse().ok()?;
                let apart = trial.now_ms - seconds * 1_000;
                let fresh = -FRESH_MS < apart && apart < FRESH_MS;
                let same = all(reply, "Wechatpay-Signature").any(|value| Some(value) == signature);
                (fresh && same).then_some(statement)
            })
        }),
    }
}

fn all<'a>(reply: &'a HttpReply, name: &'a str) -> impl Iterator<Item = &'a str> {
    let named = reply.headers.iter().filter(move |(key, _)| key.eq_ignore_ascii_case(name));
    named.map(|(_, value)| value.as_str())
}

fn claims_v3(reply: &HttpReply) -> Claims {
    let Ok(body) = serde_json::from_slice::<Value>(&reply.body) else { return Claims::default() };
    let text = |pointer: &str| {
        body.pointer(pointer).filter(|value| !value.is_null()).map(|value| match value.as_str() {
            Some(text) => text.to_owned(),
            None => value.to_string(),
        })
    };
    Claims {
        merchant: text("/mchid"),
        app: text("/appid"),
        payment: text("/out_trade_no"),
        // What is there and is no whole number agrees with no amount.
        amount: text("/amount/total").map(|total| total.parse().unwrap_or(-1)),
        currency: text("/amount/currency"),
        state: text("/trade_state"),
        error: None,
    }
}

fn claims_v2(reply: &HttpReply) -> Claims {
    let fields = read_v2(&reply.body).unwrap_or_default();
    let text = |name: &str| fields.get(name).cloned();
    Claims {
        merchant: text("mch_id"),
        app: text("appid"),
        payment: text("out_trade_no"),
        amount: text("total_fee").map(|total| total.parse().unwrap_or(-1)),
        currency: text("fee_type"),
        state: text("trade_state"),
        error: text("err_code"),
    }
}

/// Whether a statement that is left alone must be heard as a word when it answers the call it was made for.
pub(super) fn must_be_heard(statement: &Statement, verb: Verb) -> bool {
    if !statement.signed || statement.lie || verb != statement.verb {
        return false;
    }
    match statement.format {
        Format::V3 => true,
        Format::V2 => {
            let fields = read_v2(&statement.reply.body).unwrap_or_default();
            let is = |name: &str, value: &str| fields.get(name).is_some_and(|text| text == value);
            is("result_code", "SUCCESS") || (verb == Verb::Pay && is("err_code", "USERPAYING"))
        }
    }
}
