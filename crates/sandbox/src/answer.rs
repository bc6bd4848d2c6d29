//! Answers of the provider, and how they are sealed: signed, or made to look so by a fault.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use serde_json::{Value, json};

use crate::dice::Dice;
use crate::keys::{Signer, forge};
use crate::provider::v2::{self, SignType};

/// An answer before it is sealed.
pub(crate) enum Answer {
    /// JSON; signed in the headers when the status is 2xx.
    V3 { status: u16, body: Value, signer: Signer, cause: u32 },
    /// XML; signed in its own `sign` field when a sign type is known.
    V2 { fields: BTreeMap<String, String>, sign_type: Option<SignType> },
    /// Somebody else's words, sent as they are.
    Foreign(http::Response<Vec<u8>>),
}

/// What a fault changes in an answer before it is signed.
#[derive(Clone, Copy)]
pub(crate) enum Edit {
    Amount,
    Order,
    Merchant,
    Currency,
    Appid,
}

/// How an answer is signed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Seal {
    Proper,
    Forged,
    Probe,
    TenMinutesOld,
    FlippedAfterwards,
}

impl Answer {
    /// Falsifies one field, where the answer has it.
    pub(crate) fn edit(&mut self, edit: Edit) {
        match self {
            Answer::V3 { body, .. } => edit_v3(body, edit),
            Answer::V2 { fields, .. } => edit_v2(fields, edit),
            Answer::Foreign(_) => {}
        }
    }

    /// Signs and writes the answer.
    pub(crate) fn seal(self, seal: Seal, dice: &mut Dice, now_ms: i64) -> http::Response<Vec<u8>> {
        let mut response = match self {
            Answer::V3 { status, body, signer, cause } => {
                dated(seal_v3(status, &body, signer, cause, seal, dice, now_ms), now_ms)
            }
            Answer::V2 { fields, sign_type } => dated(v2::seal(fields, sign_type, seal, dice), now_ms),
            Answer::Foreign(response) => response,
        };
        if seal == Seal::FlippedAfterwards {
            let body = response.body_mut();
            if let Some(at) = body.iter().rposition(u8::is_ascii_alphanumeric) {
                body[at] ^= 1;
            }
        }
        response
    }
}

/// The answer with the time it was given, as every HTTP server adds it (RFC 9110, 6.6.1).
fn dated(mut response: http::Response<Vec<u8>>, now_ms: i64) -> http::Response<Vec<u8>> {
    let printer = jiff::fmt::rfc2822::DateTimePrinter::new();
    let date = jiff::Timestamp::from_millisecond(now_ms)
        .and_then(|now| printer.timestamp_to_rfc9110_string(&now))
        .ok()
        .and_then(|text| http::HeaderValue::from_str(&text).ok());
    if let Some(date) = date {
        response.headers_mut().insert(http::header::DATE, date);
    }
    response
}

/// The message of an answer's signature: time, nonce, body.
pub(crate) fn message(timestamp: &str, nonce: &str, body: &[u8]) -> Vec<u8> {
    let mut message = format!("{timestamp}\n{nonce}\n").into_bytes();
    message.extend_from_slice(body);
    message.push(b'\n');
    message
}

/// `AEAD_AES_256_GCM` as the provider packs it: ciphertext and tag, base64.
pub(crate) fn encrypt(key: &str, nonce: &str, associated_data: &str, plaintext: &str) -> String {
    let key = UnboundKey::new(&AES_256_GCM, key.as_bytes()).expect("an APIv3 key has 32 bytes");
    let nonce = Nonce::try_assume_unique_for_key(nonce.as_bytes()).expect("a nonce has 12 bytes");
    let mut sealed = plaintext.as_bytes().to_vec();
    LessSafeKey::new(key)
        .seal_in_place_append_tag(nonce, Aad::from(associated_data.as_bytes()), &mut sealed)
        .expect("a short text can be sealed");
    STANDARD.encode(sealed)
}

fn seal_v3(
    status: u16,
    body: &Value,
    signer: Signer,
    cause: u32,
    seal: Seal,
    dice: &mut Dice,
    now_ms: i64,
) -> http::Response<Vec<u8>> {
    let bytes = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
    let mut response = http::Response::builder()
        .status(status)
        .header("Content-Type", "application/json; charset=utf-8")
        .header("Request-ID", format!("08{}-{cause}", dice.letters(30)));
    if (200..300).contains(&status) {
        let age_s = if seal == Seal::TenMinutesOld { 600 } else { 0 };
        let timestamp = (now_ms.div_euclid(1000) - age_s).to_string();
        let nonce = dice.letters(32);
        let message = message(&timestamp, &nonce, &bytes);
        let signature = match seal {
            Seal::Proper | Seal::TenMinutesOld | Seal::FlippedAfterwards => {
                STANDARD.encode(signer.sign(&message))
            }
            Seal::Forged => STANDARD.encode(forge(&message)),
            Seal::Probe => format!("WECHATPAY/SIGNTEST/{}", STANDARD.encode(signer.sign(&message))),
        };
        response = response
            .header("Wechatpay-Timestamp", timestamp)
            .header("Wechatpay-Nonce", nonce)
            .header("Wechatpay-Serial", signer.serial())
            .header("Wechatpay-Signature-Type", "WECHATPAY2-SHA256-RSA2048")
            .header("Wechatpay-Signature", signature);
    }
    response.body(bytes).expect("status and headers are well formed")
}

fn edit_v3(body: &mut Value, edit: Edit) {
    let (pointer, value) = match edit {
        Edit::Amount => {
            ("/amount/total", body.pointer("/amount/total").and_then(Value::as_i64).map(|fen| json!(fen + 1)))
        }
        Edit::Order => ("/out_trade_no", Some(json!("SOMEBODYELSESORDER"))),
        Edit::Merchant => ("/mchid", Some(json!("1900009999"))),
        Edit::Currency => ("/amount/currency", Some(json!("HKD"))),
        Edit::Appid => ("/appid", Some(json!("wx0000000000000000"))),
    };
    if let (Some(field), Some(value)) = (body.pointer_mut(pointer), value) {
        *field = value;
    }
}

fn edit_v2(fields: &mut BTreeMap<String, String>, edit: Edit) {
    let (name, value) = match edit {
        Edit::Amount => {
            let total = fields.get("total_fee").and_then(|fen| fen.parse::<i64>().ok()).unwrap_or(0);
            ("total_fee", (total + 1).to_string())
        }
        Edit::Order => ("out_trade_no", "SOMEBODYELSESORDER".to_owned()),
        Edit::Merchant => ("mch_id", "1900009999".to_owned()),
        Edit::Currency => ("fee_type", "HKD".to_owned()),
        Edit::Appid => ("appid", "wx0000000000000000".to_owned()),
    };
    if let Some(field) = fields.get_mut(name) {
        *field = value;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::{private_key, sign};

    const VECTORS: &str = include_str!("../vectors/vectors.json");

    #[test]
    fn the_answers_signature_matches_the_vector() {
        let vectors: Value = serde_json::from_str(VECTORS).unwrap();
        let vector = &vectors["codepay_202_userpaying"];
        let headers = &vector["headers"];
        let built = message(
            headers["Wechatpay-Timestamp"].as_str().unwrap(),
            headers["Wechatpay-Nonce"].as_str().unwrap(),
            vector["body"].as_str().unwrap().as_bytes(),
        );

        assert_eq!(built, vector["message_to_verify"].as_str().unwrap().as_bytes());
        let key = private_key(include_str!("../vectors/java_wechat_pay_private_key.pem"));
        assert_eq!(STANDARD.encode(sign(&key, &built)), headers["Wechatpay-Signature"].as_str().unwrap());
    }

    #[test]
    fn encryption_matches_the_vectors() {
        let vectors: Value = serde_json::from_str(VECTORS).unwrap();
        for name in ["java_aead", "aes_gcm_empty_aad"] {
            let vector = &vectors[name];
            let text = |field: &str| vector[field].as_str().unwrap();
            let sealed = encrypt(text("key"), text("nonce"), text("associated_data"), text("plaintext"));
            assert_eq!(sealed, text("ciphertext_base64"), "{name}");
        }
    }
}
