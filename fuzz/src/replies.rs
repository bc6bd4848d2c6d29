//! The provider's replies. An input is a text: `verb status signed seconds`, headers, an empty line, the body.
//!
//! Where the first line says `signed`, the body is signed with the provider's key, so that the readers behind the signature
//! are reached as well. What is not signed must never come out as a word.

use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use guitai_connectors::{Asked, Connector, Heard, HttpReply, ProviderSettings, Reading};
use guitai_domain::payment::{Verb, Word};
use guitai_domain::{Fen, PaymentId, Timestamp};
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use ring::{digest, hmac};
use serde_json::Value;

use crate::shop;

/// 2027-01-15, when the sandbox's certificates count.
const NOW: Timestamp = Timestamp(1_800_000_000_000);
const PAYMENT: &str = "POS20260701000001";
const AMOUNT: Fen = Fen(101);
const NONCE: &str = "Nc8wPQ1xYz7vL2mK5tR9sB3dF6hJ0gUa";

static V3: LazyLock<(ProviderSettings, Box<dyn Connector>)> = LazyLock::new(|| shop("wechat_pay_v3"));
static V2: LazyLock<(ProviderSettings, Box<dyn Connector>)> = LazyLock::new(|| shop("wechat_pay_v2"));
static PROVIDER: LazyLock<RsaKeyPair> = LazyLock::new(|| {
    let base64: String = shop::PROVIDER_KEY.lines().filter(|line| !line.starts_with("-----")).collect();
    RsaKeyPair::from_pkcs8(&STANDARD.decode(base64).expect("PEM")).expect("a key")
});

fn shop(kind: &str) -> (ProviderSettings, Box<dyn Connector>) {
    let settings = ProviderSettings::from_toml(&shop::toml(kind)).expect("right settings");
    let connector = settings.connector();
    (settings, connector)
}

struct Input {
    verb: Verb,
    signed: bool,
    seconds: i64,
    reply: HttpReply,
}

/// v3's replies: JSON, signed in the headers.
pub fn v3_replies(data: &[u8]) {
    let mut input = Input::read(data);
    if input.signed {
        let timestamp = (NOW.0 / 1_000).saturating_sub(input.seconds).to_string();
        let signature = sign_v3(&timestamp, &input.reply.body);
        let headers = [
            ("Wechatpay-Timestamp", timestamp.as_str()),
            ("Wechatpay-Nonce", NONCE),
            ("Wechatpay-Serial", shop::PUBLIC_KEY_ID),
            ("Wechatpay-Signature", &signature),
        ];
        input.reply.headers.extend(headers.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }
    let reading = read(&*V3.1, &input);
    if let Heard::Word(word) = reading.heard {
        // The connector reads past what it does not need, bad UTF-8 and all; what it needs must be there.
        let body = String::from_utf8_lossy(&input.reply.body);
        let Ok(body) = serde_json::from_str::<Value>(&body) else { return };
        let is = |pointer: &str, value: &str| body.pointer(pointer).and_then(Value::as_str) == Some(value);
        let names_us = is("/mchid", shop::MCHID) && is("/out_trade_no", PAYMENT);
        assert!(names_us || word == Word::AwaitingPayer, "a word about somebody else");
        let in_full =
            is("/appid", shop::APPID) && body.pointer("/amount/total") == Some(&Value::from(AMOUNT.0));
        assert!(word != Word::Paid || in_full, "paid, but not this");
    }
    let _ = V3.0.with_certificates(&input.reply);
}

/// v2's replies: XML, signed in a field. A signed body is given as lines `name=value`.
pub fn v2_replies(data: &[u8]) {
    let mut input = Input::read(data);
    let text = String::from_utf8_lossy(&input.reply.body).into_owned();
    let fields: Vec<(&str, &str)> = text.lines().filter_map(|line| line.split_once('=')).collect();
    if input.signed {
        input.reply.body = signed_v2(&fields);
    }
    let reading = read(&*V2.1, &input);
    if let Heard::Word(word) = reading.heard {
        let is = |name: &str, value: &str| fields.contains(&(name, value));
        assert!(is("mch_id", shop::MCHID) && is("appid", shop::APPID), "a word of somebody else");
        let in_full = is("out_trade_no", PAYMENT) && is("total_fee", &AMOUNT.0.to_string());
        assert!(word != Word::Paid || in_full, "paid, but not this");
    }
}

fn read(connector: &dyn Connector, input: &Input) -> Reading {
    let payment = PaymentId::parse(PAYMENT).expect("an id");
    let asked = Asked { payment: &payment, amount: AMOUNT };
    let reading = connector.read(input.verb, &asked, &input.reply, NOW);
    assert!(input.signed || !matches!(reading.heard, Heard::Word(_)), "nobody signed this");
    let note = &reading.note;
    for text in [&note.provider_code, &note.provider_ref, &note.request_id].into_iter().flatten() {
        let clean = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
        assert!((1..=64).contains(&text.len()) && clean, "{text:?} would go into the journal");
    }
    let shown = note.shown.as_deref().expect("every answer is shown");
    assert!(shown.len() <= 2_048 && serde_json::from_str::<Value>(shown).is_ok(), "{shown}");
    let _ = connector.read_test(&input.reply, NOW);
    reading
}

impl Input {
    fn read(data: &[u8]) -> Input {
        let end = data.windows(2).position(|two| two == b"\n\n");
        let (head, body) = end.map_or((data, &b""[..]), |end| (&data[..end], &data[end + 2..]));
        let head = String::from_utf8_lossy(head);
        let mut lines = head.lines();
        let mut first = lines.next().unwrap_or("").split_whitespace();
        let verb = match first.next() {
            Some("reverse") => Verb::Reverse,
            Some("query") => Verb::Query,
            Some(_) | None => Verb::Pay,
        };
        let status = first.next().and_then(|text| text.parse().ok()).unwrap_or(200);
        let signed = first.next() == Some("signed");
        let seconds = first.next().and_then(|text| text.parse().ok()).unwrap_or(0);
        let headers = lines.filter_map(|line| line.split_once(": "));
        let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        Input { verb, signed, seconds, reply: HttpReply { status, headers, body: body.to_vec() } }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "chance only blinds the computation; the signature is the same"
)]
fn sign_v3(timestamp: &str, body: &[u8]) -> String {
    let message = [timestamp.as_bytes(), b"\n", NONCE.as_bytes(), b"\n", body, b"\n"].concat();
    let mut signature = vec![0; PROVIDER.public().modulus_len()];
    PROVIDER.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), &message, &mut signature).expect("it signs");
    STANDARD.encode(signature)
}

fn signed_v2(fields: &[(&str, &str)]) -> Vec<u8> {
    let mut fields: Vec<(&str, &str)> =
        fields.iter().copied().filter(|(name, value)| *name != "sign" && !value.is_empty()).collect();
    fields.sort_unstable();
    let mut text: String = fields.iter().map(|(name, value)| format!("{name}={value}&")).collect();
    text.push_str(&format!("key={}", shop::APIV2_KEY));
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, shop::APIV2_KEY.as_bytes()), text.as_bytes());
    let sign: String = tag.as_ref().iter().map(|byte| format!("{byte:02X}")).collect();
    assert_eq!(tag.as_ref().len(), digest::SHA256_OUTPUT_LEN);
    let element = |(name, value): &(&str, &str)| format!("<{name}><![CDATA[{value}]]></{name}>");
    let body: String = fields.iter().chain(&[("sign", sign.as_str())]).map(element).collect();
    format!("<xml>{body}</xml>").into_bytes()
}
