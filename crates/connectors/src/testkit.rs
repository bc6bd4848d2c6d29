//! What the tests of this room share: the published vectors, a shop with its settings, and a provider who signs.

use guitai_domain::payment::{Verb, Word};
use guitai_domain::{Fen, PaymentCode, PaymentId, Timestamp};
use zeroize::Zeroizing;

use crate::keys::PrivateKey;
use crate::v2::sign::SharedKey;
use crate::v2::xml;
use crate::v3::message_to_verify;
use crate::{Asked, Charge, Fresh, Heard, HttpReply, ProviderSettings, Reading};

pub(crate) const MCHID: &str = "1234567891";
pub(crate) const APPID: &str = "wxd678efh567hg6787";
pub(crate) const PUBLIC_KEY_ID: &str = "PUB_KEY_ID_0112345678912025000000000000000000";
pub(crate) const APIV2_KEY: &str = "192006250b4c09247ec02edce69f6a2d";
pub(crate) const APIV3_KEY: &str = "a7cde1ZJB1kG2e7VfTs3jQzaWizur8Gb";
/// Within the time of the published certificates.
pub(crate) const NOW: Timestamp = Timestamp(1_652_750_623_000);
pub(crate) const AMOUNT: Fen = Fen(101);

/// A file of the vectors folder.
pub(crate) fn vector(name: &str) -> String {
    let path = format!("{}/vectors/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The fields every settings file of ours begins with, for a provider on this computer.
fn head(kind: &str, hosts: &str) -> String {
    let (certificate, key) =
        (vector("java_merchant_certificate.pem"), vector("java_merchant_private_key.pem"));
    format!(
        "kind = \"{kind}\"\nmchid = \"{MCHID}\"\nappid = \"{APPID}\"\nstore_code = \"A1111\"\nhosts = {hosts}\n\
         merchant_certificate = '''\n{certificate}'''\nmerchant_private_key = '''\n{key}'''\n"
    )
}

pub(crate) const LOOPBACK: &str = "[\"http://127.0.0.1:9\"]";

/// Settings for v3 with a public key.
pub(crate) fn v3_toml(hosts: &str) -> String {
    let public_key = vector("java_wechat_pay_public_key.pem");
    let head = head("wechat_pay_v3", hosts);
    format!("{head}public_key_id = \"{PUBLIC_KEY_ID}\"\npublic_key = '''\n{public_key}'''\n")
}

/// Settings for v3 with a platform certificate.
pub(crate) fn v3_certificate_toml(hosts: &str) -> String {
    let certificate = vector("java_wechat_pay_certificate.pem");
    let head = head("wechat_pay_v3", hosts);
    format!("{head}apiv3_key = \"{APIV3_KEY}\"\nplatform_certificates = ['''\n{certificate}''']\n")
}

/// Settings for v2.
pub(crate) fn v2_toml(hosts: &str) -> String {
    format!("{}apiv2_key = \"{APIV2_KEY}\"\n", head("wechat_pay_v2", hosts))
}

pub(crate) fn settings(toml: &str) -> ProviderSettings {
    ProviderSettings::from_toml(toml).expect("right settings")
}

pub(crate) fn payment() -> PaymentId {
    PaymentId::parse("POS20260701000001").expect("an id")
}

pub(crate) fn other_payment() -> PaymentId {
    PaymentId::parse("POS20260701000002").expect("an id")
}

pub(crate) fn asked(payment: &PaymentId) -> Asked<'_> {
    Asked { payment, amount: AMOUNT }
}

pub(crate) fn code() -> PaymentCode {
    PaymentCode::recognise("130061098828009406").expect("a code")
}

pub(crate) fn charge<'a>(payment: &'a PaymentId, code: &'a PaymentCode) -> Charge<'a> {
    Charge { payment, amount: AMOUNT, code, description: "小张南山店-超市", till: "pos-01" }
}

pub(crate) fn fresh() -> Fresh {
    Fresh { now: NOW, nonce: "593BEC0C930BF1AFEB40B4A08C8FB242".to_owned() }
}

/// The provider's signing key.
pub(crate) fn provider_key() -> PrivateKey {
    PrivateKey::from_pem(&vector("java_wechat_pay_private_key.pem")).expect("a key")
}

/// A v3 answer as the provider signs it at `at`.
pub(crate) fn signed(status: u16, body: &str, at: Timestamp) -> HttpReply {
    signed_by(&provider_key(), PUBLIC_KEY_ID, status, body, at)
}

pub(crate) fn signed_by(key: &PrivateKey, serial: &str, status: u16, body: &str, at: Timestamp) -> HttpReply {
    let (timestamp, nonce) = ((at.0 / 1000).to_string(), "Nc8wPQ1xYz7vL2mK5tR9sB3dF6hJ0gUa");
    let signature = key.sign(&message_to_verify(&timestamp, nonce, body.as_bytes()));
    let headers = [
        ("Content-Type", "application/json; charset=utf-8"),
        ("Wechatpay-Timestamp", &timestamp),
        ("Wechatpay-Nonce", nonce),
        ("Wechatpay-Serial", serial),
        ("Wechatpay-Signature", &signature),
    ];
    plain(status, &headers, body)
}

/// An answer nobody signed.
pub(crate) fn plain(status: u16, headers: &[(&str, &str)], body: &str) -> HttpReply {
    let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    HttpReply { status, headers, body: body.as_bytes().to_vec() }
}

/// A v3 transaction as the provider tells it.
pub(crate) fn transaction(payment: &str, state: &str) -> serde_json::Value {
    serde_json::json!({
        "appid": APPID, "mchid": MCHID, "out_trade_no": payment,
        "transaction_id": "4200000000202607010000000001", "trade_type": "MICROPAY", "trade_state": state,
        "trade_state_desc": "说明", "bank_type": "AMERICANEXPRESS_CREDIT",
        "payer": { "openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o" },
        "amount": { "total": AMOUNT.0, "payer_total": 99, "currency": "CNY", "payer_currency": "CNY" },
    })
}

/// A v2 answer with both codes and the shop's ids, signed with `key`; `own` adds and overrides, empty removes.
pub(crate) fn v2_answer(key: &str, own: &[(&str, &str)]) -> HttpReply {
    let common = [
        ("return_code", "SUCCESS"),
        ("result_code", "SUCCESS"),
        ("appid", APPID),
        ("mch_id", MCHID),
        ("nonce_str", "5d2b6c2a8db53831f7eda20af46e531c"),
    ];
    let mut fields = xml::Fields::new();
    for (name, value) in common.iter().chain(own) {
        fields.insert((*name).to_owned(), Zeroizing::new((*value).to_owned()));
    }
    fields.retain(|_, value| !value.is_empty());
    let sign = SharedKey::new(key).sign(&fields);
    fields.insert("sign".to_owned(), Zeroizing::new(sign));
    HttpReply { status: 200, headers: vec![], body: xml::write(&fields).to_vec() }
}

/// The fields of a paid v2 order.
pub(crate) fn v2_paid<'a>(payment: &'a PaymentId, total: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("openid", "oUpF8uMEb4qRXf22hE3X68TekukE"),
        ("trade_type", "MICROPAY"),
        ("bank_type", "CCB_DEBIT"),
        ("fee_type", "CNY"),
        ("total_fee", total),
        ("transaction_id", "4200000000202607010000000001"),
        ("out_trade_no", payment.as_str()),
        ("time_end", "20260701093000"),
    ]
}

/// Reads `reply` with the settings' connector, about the usual payment.
pub(crate) fn read(settings: &ProviderSettings, verb: Verb, reply: &HttpReply) -> Reading {
    let payment = payment();
    settings.connector().read(verb, &asked(&payment), reply, NOW)
}

pub(crate) fn is_word(reading: &Reading) -> bool {
    matches!(reading.heard, Heard::Word(_))
}

pub(crate) fn is_paid(reading: &Reading) -> bool {
    reading.heard == Heard::Word(Word::Paid)
}
