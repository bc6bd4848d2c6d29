//! What the evidence file of a sale shows of a request and of its answer.
//!
//! A list of what is shown, never of what is hidden: a field is here because it proves something, and its value must look
//! like what its name says; one that is there and looks otherwise shows as `***`. So no key, no payer and no payment code
//! comes through, whatever an answer holds. v2 is told with v3's names, so that both read alike.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use guitai_domain::{PaymentCode, PaymentId};

use crate::v2::xml;
use crate::wechat::Merchant;
use crate::{Charge, HttpReply, HttpVerb, clean};

/// What stands for a value that may not be shown.
const HIDDEN: &str = "***";

/// A request as it is shown.
#[derive(Default, Serialize)]
pub(crate) struct ShownRequest<'a> {
    method: &'static str,
    path: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    appid: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mchid: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    out_trade_no: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    total: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    currency: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    device_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    auth_code: Option<String>,
}

impl<'a> ShownRequest<'a> {
    /// A call that is about no payment.
    pub(crate) fn plain(verb: HttpVerb, path: &'a str) -> ShownRequest<'a> {
        ShownRequest { method: verb.name(), path, ..ShownRequest::default() }
    }

    /// A call about a payment.
    pub(crate) fn about(self, merchant: &'a Merchant, payment: &'a PaymentId) -> ShownRequest<'a> {
        ShownRequest {
            appid: Some(&merchant.appid),
            mchid: Some(&merchant.mchid),
            out_trade_no: Some(payment.as_str()),
            ..self
        }
    }

    /// The charge: how much, at which till, and the last digits of the code.
    pub(crate) fn charging(self, charge: &Charge<'_>) -> ShownRequest<'a> {
        ShownRequest {
            total: Some(charge.amount.0),
            currency: Some("CNY"),
            device_id: Some(clean::device(charge.till)),
            auth_code: Some(format!("{HIDDEN}{}", charge.code.last_digits())),
            ..self
        }
    }

    /// Compact JSON.
    pub(crate) fn text(&self) -> String {
        serde_json::to_string(self).expect("texts and whole numbers")
    }
}

/// An answer as it is shown: what the provider knows its own words by, and what they were.
#[derive(Serialize)]
struct ShownAnswer {
    status: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    timestamp: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    nonce: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    serial: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    signature: Option<String>,
    bytes: usize,
    /// Of the body as it came: whoever has the body can show that this is it.
    sha256: String,
    #[serde(flatten)]
    told: Told,
}

/// The fields of an answer's body that prove something.
#[derive(Default, Serialize)]
pub(crate) struct Told {
    #[serde(skip_serializing_if = "Option::is_none")]
    return_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    result_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    appid: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mchid: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    out_trade_no: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    transaction_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    trade_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    trade_state: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bank_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    success_time: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    total: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    payer_total: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    currency: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    recall: Option<String>,
    /// v2 keeps these two in the body.
    #[serde(skip)]
    nonce: Option<String>,
    #[serde(skip)]
    signature: Option<String>,
}

/// An answer, as compact JSON of at most 2 KB: no field of it is longer than its shape allows.
pub(crate) fn answer(reply: &HttpReply, mut told: Told) -> String {
    let header = |name: &str, shape: Shape| reply.header(name).map(|value| shape.show(value));
    let shown = ShownAnswer {
        status: reply.status,
        request_id: header("Request-ID", Shape::Request),
        timestamp: header("Wechatpay-Timestamp", Shape::Seconds),
        nonce: header("Wechatpay-Nonce", Shape::Nonce).or_else(|| told.nonce.take()),
        serial: header("Wechatpay-Serial", Shape::Serial),
        signature: header("Wechatpay-Signature", Shape::Signature).or_else(|| told.signature.take()),
        bytes: reply.body.len(),
        sha256: hex::encode(ring::digest::digest(&ring::digest::SHA256, &reply.body)),
        told,
    };
    serde_json::to_string(&shown).expect("texts and whole numbers")
}

/// What v3's JSON says; nothing where it is none.
pub(crate) fn told_v3(body: &[u8]) -> Told {
    let Ok(body) = serde_json::from_slice::<V3>(body) else { return Told::default() };
    let amount = body.amount.and_then(|amount| serde_json::from_value::<V3Amount>(amount).ok());
    let amount = amount.unwrap_or_default();
    Told {
        code: Shape::Code.of(body.code),
        appid: Shape::App.of(body.appid),
        mchid: Shape::Merchant.of(body.mchid),
        out_trade_no: Shape::Order.of(body.out_trade_no),
        transaction_id: Shape::Transaction.of(body.transaction_id),
        trade_type: Shape::Code.of(body.trade_type),
        trade_state: Shape::Code.of(body.trade_state),
        bank_type: Shape::Code.of(body.bank_type),
        success_time: Shape::Time.of(body.success_time),
        total: amount.total.map(|fen| shown_amount(&fen.to_string())),
        payer_total: amount.payer_total.map(|fen| shown_amount(&fen.to_string())),
        currency: Shape::Currency.of(amount.currency),
        ..Told::default()
    }
}

/// What v2's fields say; nothing where there are none.
pub(crate) fn told_v2(body: &[u8]) -> Told {
    let Some(fields) = xml::read(body) else { return Told::default() };
    let show = |name: &str, shape: Shape| fields.get(name).map(|value| shape.show(value));
    Told {
        return_code: show("return_code", Shape::Code),
        result_code: show("result_code", Shape::Code),
        code: show("err_code", Shape::Code),
        appid: show("appid", Shape::App),
        mchid: show("mch_id", Shape::Merchant),
        out_trade_no: show("out_trade_no", Shape::Order),
        transaction_id: show("transaction_id", Shape::Transaction),
        trade_type: show("trade_type", Shape::Code),
        trade_state: show("trade_state", Shape::Code),
        bank_type: show("bank_type", Shape::Code),
        success_time: show("time_end", Shape::Time),
        total: fields.get("total_fee").map(|fen| shown_amount(fen)),
        payer_total: fields.get("cash_fee").map(|fen| shown_amount(fen)),
        currency: show("fee_type", Shape::Currency),
        recall: show("recall", Shape::Code),
        nonce: show("nonce_str", Shape::Nonce),
        signature: show("sign", Shape::Signature),
    }
}

fn shown_amount(fen: &str) -> Value {
    let shown = Shape::Amount.show(fen);
    shown.parse::<i64>().map_or(Value::String(shown), Value::from)
}

/// What is taken of v3's JSON before it is looked at.
#[derive(Deserialize)]
struct V3 {
    code: Option<Value>,
    appid: Option<Value>,
    mchid: Option<Value>,
    out_trade_no: Option<Value>,
    transaction_id: Option<Value>,
    trade_type: Option<Value>,
    trade_state: Option<Value>,
    bank_type: Option<Value>,
    success_time: Option<Value>,
    amount: Option<Value>,
}

#[derive(Default, Deserialize)]
struct V3Amount {
    total: Option<Value>,
    payer_total: Option<Value>,
    currency: Option<Value>,
}

/// What a value must look like to be shown.
#[derive(Clone, Copy)]
enum Shape {
    Code,
    App,
    Merchant,
    Order,
    Transaction,
    Time,
    Amount,
    Currency,
    Seconds,
    Nonce,
    Serial,
    Signature,
    Request,
}

impl Shape {
    fn of(self, value: Option<Value>) -> Option<String> {
        value.map(|value| match value {
            Value::String(text) => self.show(&text),
            Value::Number(number) => self.show(&number.to_string()),
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => HIDDEN.to_owned(),
        })
    }

    fn show(self, text: &str) -> String {
        // A field can be made to carry anything; a payment code shows nowhere, whatever it is called.
        let mut numbers = text.split(|character: char| !character.is_ascii_digit());
        let fits = self.fits(text) && !numbers.any(|number| PaymentCode::recognise(number).is_some());
        if fits { text.to_owned() } else { HIDDEN.to_owned() }
    }

    fn fits(self, text: &str) -> bool {
        let of = |longest: usize, fits: fn(u8) -> bool| {
            (1..=longest).contains(&text.len()) && text.bytes().all(fits)
        };
        let digits = |longest| of(longest, |byte| byte.is_ascii_digit());
        match self {
            Shape::Code => of(40, |byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_'),
            Shape::App => {
                text.starts_with("wx") && of(20, |byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
            }
            Shape::Merchant => digits(12),
            Shape::Order => PaymentId::parse(text).is_ok(),
            Shape::Transaction => digits(32),
            Shape::Time => of(32, |byte| byte.is_ascii_digit() || b"TZ:.+-".contains(&byte)),
            Shape::Amount => digits(12),
            Shape::Currency => of(3, |byte| byte.is_ascii_uppercase()),
            Shape::Seconds => digits(12),
            Shape::Nonce => of(32, |byte| byte.is_ascii_alphanumeric()),
            Shape::Serial => {
                of(64, |byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
            }
            // From v2's 64 hex digits to a key of 4096 bits; a key or an id of somebody is shorter.
            Shape::Signature => {
                text.len() >= 64 && of(720, |byte| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte))
            }
            Shape::Request => of(80, |byte| byte.is_ascii_alphanumeric() || byte == b'-'),
        }
    }
}

#[cfg(test)]
#[path = "shown_tests.rs"]
mod tests;
