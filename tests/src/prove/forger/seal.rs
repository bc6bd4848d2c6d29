//! The provider's signatures and the reading of v2's fields, written for the forger alone.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use guitai_connectors::HttpReply;
use guitai_sandbox::Sandbox;
use ring::hmac;
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};

/// The fields of a v2 message.
pub(super) type Fields = BTreeMap<String, String>;

/// Whose key signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Key {
    /// The provider's, named `PUB_KEY_ID_...`.
    Provider,
    /// The provider's older one, in a certificate.
    Platform,
    /// Nobody's.
    Forger,
}

static PUBLIC_KEY: LazyLock<RsaKeyPair> =
    LazyLock::new(|| pair(include_str!("../../../../crates/sandbox/keys/public_key_private.pem")));
static PLATFORM: LazyLock<RsaKeyPair> =
    LazyLock::new(|| pair(include_str!("../../../../crates/sandbox/keys/platform_key.pem")));
static FORGER: LazyLock<RsaKeyPair> =
    LazyLock::new(|| pair(include_str!("../../../../crates/sandbox/keys/forger_key.pem")));

fn pair(pem: &str) -> RsaKeyPair {
    let base64: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
    RsaKeyPair::from_pkcs8(&STANDARD.decode(base64).expect("PEM")).expect("an RSA key")
}

/// The v3 signature of an answer, base64.
#[expect(
    clippy::disallowed_methods,
    reason = "chance only blinds the computation; the signature is the same"
)]
pub(super) fn sign_v3(key: Key, timestamp: &str, nonce: &str, body: &[u8]) -> String {
    let pair: &RsaKeyPair = match key {
        Key::Provider => &PUBLIC_KEY,
        Key::Platform => &PLATFORM,
        Key::Forger => &FORGER,
    };
    let message = [timestamp.as_bytes(), b"\n", nonce.as_bytes(), b"\n", body, b"\n"].concat();
    let mut signature = vec![0; pair.public().modulus_len()];
    pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), &message, &mut signature).expect("a key that signs");
    STANDARD.encode(signature)
}

/// The key a v3 answer says it is signed with.
pub(super) fn named_key(reply: &HttpReply) -> Key {
    if reply.header("Wechatpay-Serial") == Some(Sandbox::merchant().platform_serial) {
        Key::Platform
    } else {
        Key::Provider
    }
}

/// Signs a v3 answer anew, with its own time and nonce.
pub(super) fn reseal_v3(reply: &mut HttpReply, key: Key) {
    let timestamp = reply.header("Wechatpay-Timestamp").unwrap_or("").to_owned();
    let nonce = reply.header("Wechatpay-Nonce").unwrap_or("").to_owned();
    let signature = sign_v3(key, &timestamp, &nonce, &reply.body);
    set_header(reply, "Wechatpay-Signature", signature);
}

/// Signs v2 fields and writes them.
pub(super) fn seal_v2(mut fields: Fields, key: &str) -> Vec<u8> {
    fields.remove("sign");
    let texts = fields.iter().filter(|(_, value)| !value.is_empty());
    let mut message: String = texts.map(|(name, value)| format!("{name}={value}&")).collect();
    message.push_str("key=");
    message.push_str(key);
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes()), message.as_bytes());
    let hex: String = tag.as_ref().iter().map(|byte| format!("{byte:02X}")).collect();
    fields.insert("sign".to_owned(), hex);
    write_v2(&fields).into_bytes()
}

/// v2's XML.
pub(super) fn write_v2(fields: &Fields) -> String {
    let text = |value: &str| value.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let inner: String =
        fields.iter().map(|(name, value)| format!("<{name}>{}</{name}>", text(value))).collect();
    format!("<xml>{inner}</xml>")
}

/// Reads flat XML leniently; a name twice is nothing one could rely on. Empty values say nothing.
pub(super) fn read_v2(body: &[u8]) -> Option<Fields> {
    let mut rest = std::str::from_utf8(body).ok()?;
    let (mut fields, mut open, mut value) = (Fields::new(), Vec::<String>::new(), String::new());
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix("<!--") {
            rest = after.split_once("-->")?.1;
        } else if let Some(after) = rest.strip_prefix("<![CDATA[") {
            let (text, after) = after.split_once("]]>")?;
            value.push_str(text);
            rest = after;
        } else if let Some(after) = rest.strip_prefix("<?") {
            rest = after.split_once("?>")?.1;
        } else if let Some(after) = rest.strip_prefix("</") {
            let (name, after) = after.split_once('>')?;
            let opened = open.pop().filter(|opened| opened == name.trim_end())?;
            if !open.is_empty() && fields.insert(opened, std::mem::take(&mut value)).is_some() {
                return None;
            }
            rest = after;
        } else if let Some(after) = rest.strip_prefix('<') {
            let (name, after) = after.split_once('>')?;
            if !name.trim_end().ends_with('/') {
                open.push(name.trim_end().to_owned());
            }
            if open.len() > 2 {
                return None;
            }
            value.clear();
            rest = after;
        } else {
            let end = rest.find('<').unwrap_or(rest.len());
            value.push_str(&unescape(&rest[..end])?);
            rest = &rest[end..];
        }
    }
    fields.retain(|_, value| !value.is_empty());
    open.is_empty().then_some(fields)
}

fn unescape(text: &str) -> Option<String> {
    let mut parts = text.split('&');
    let mut plain = parts.next()?.to_owned();
    for part in parts {
        let (name, after) = part.split_once(';')?;
        plain.push(match name {
            "amp" => '&',
            "lt" => '<',
            "gt" => '>',
            "quot" => '"',
            "apos" => '\'',
            _ => {
                let digits = name.strip_prefix('#')?;
                let number = match digits.strip_prefix('x') {
                    Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                    None => digits.parse().ok()?,
                };
                char::from_u32(number)?
            }
        });
        plain.push_str(after);
    }
    Some(plain)
}

/// Sets a header where it is, or adds it.
pub(super) fn set_header(reply: &mut HttpReply, name: &str, value: String) {
    match reply.headers.iter_mut().find(|(key, _)| key.eq_ignore_ascii_case(name)) {
        Some((_, kept)) => *kept = value,
        None => reply.headers.push((name.to_owned(), value)),
    }
}
