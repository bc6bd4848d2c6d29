//! Who calls: the v3 `Authorization` header.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::keys::{MERCHANT, merchant_signed};
use crate::world::World;

/// How far the caller's clock may be off.
pub(crate) const CLOCK_TOLERANCE_MS: i64 = 5 * 60 * 1000;
const SCHEME: &str = "WECHATPAY2-SHA256-RSA2048 ";

/// What is wrong with the header: the field, and a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unsigned {
    pub(crate) field: &'static str,
    pub(crate) issue: &'static str,
}

/// The five lines that are signed.
pub(crate) fn message(
    method: &str,
    path_and_query: &str,
    timestamp: &str,
    nonce: &str,
    body: &[u8],
) -> Vec<u8> {
    let mut message = format!("{method}\n{path_and_query}\n{timestamp}\n{nonce}\n").into_bytes();
    message.extend_from_slice(body);
    message.push(b'\n');
    message
}

impl World {
    /// Lets the merchant in, once per nonce.
    pub(crate) fn authorise(
        &mut self,
        request: &http::Request<Vec<u8>>,
        now_ms: i64,
    ) -> Result<(), Unsigned> {
        let header = request.headers().get("authorization").and_then(|value| value.to_str().ok());
        let header = header.ok_or(Unsigned { field: "authorization", issue: "missing" })?;
        let fields = parse(header).ok_or(Unsigned { field: "authorization", issue: "malformed" })?;
        let field =
            |name: &'static str| fields.get(name).copied().ok_or(Unsigned { field: name, issue: "missing" });

        if field("mchid")? != MERCHANT.mchid {
            return Err(Unsigned { field: "mchid", issue: "unknown merchant" });
        }
        let timestamp = field("timestamp")?;
        let sent_ms = timestamp.parse::<i64>().ok().and_then(|seconds| seconds.checked_mul(1000));
        let sent_ms = sent_ms.ok_or(Unsigned { field: "timestamp", issue: "not a number of seconds" })?;
        if now_ms.abs_diff(sent_ms) >= CLOCK_TOLERANCE_MS.unsigned_abs() {
            return Err(Unsigned { field: "timestamp", issue: "more than five minutes off" });
        }
        let nonce = field("nonce_str")?;
        if nonce.is_empty() || nonce.len() > 128 {
            return Err(Unsigned { field: "nonce_str", issue: "length" });
        }
        if self.provider.nonces.contains_key(nonce) {
            return Err(Unsigned { field: "nonce_str", issue: "used before" });
        }
        if field("serial_no")? != MERCHANT.serial_no {
            return Err(Unsigned { field: "serial_no", issue: "unknown certificate" });
        }
        let signature = STANDARD.decode(field("signature")?);
        let signature = signature.map_err(|_| Unsigned { field: "signature", issue: "not base64" })?;
        let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
        let message = message(request.method().as_str(), path, timestamp, nonce, request.body());
        if !merchant_signed(&message, &signature) {
            return Err(Unsigned { field: "signature", issue: "sign not match" });
        }
        self.provider.nonces.insert(nonce.to_owned(), now_ms);
        Ok(())
    }
}

/// `name="value"` pairs after the scheme, in any order.
fn parse(header: &str) -> Option<BTreeMap<&str, &str>> {
    header
        .strip_prefix(SCHEME)?
        .split(',')
        .map(|pair| {
            let (name, value) = pair.trim().split_once('=')?;
            Some((name, value.strip_prefix('"')?.strip_suffix('"')?))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::{certificate_verifies, private_key, sign};

    const VECTORS: &str = include_str!("../../vectors/vectors.json");
    const JAVA_MERCHANT: &str = include_str!("../../vectors/java_merchant_certificate.pem");

    #[test]
    fn the_five_lines_match_the_official_layouts() {
        let vectors: serde_json::Value = serde_json::from_str(VECTORS).unwrap();
        for name in ["go_credential_layout", "java_credential_layout"] {
            let layout = &vectors[name];
            let one = vec![layout.clone()];
            for case in layout["cases"].as_array().unwrap_or(&one) {
                let uri = case.get("url").or(case.get("request_uri")).unwrap().as_str().unwrap();
                let uri: http::Uri = uri.parse().unwrap();
                let built = message(
                    case["method"].as_str().unwrap(),
                    uri.path_and_query().unwrap().as_str(),
                    &layout["timestamp"].to_string(),
                    layout["nonce_str"].as_str().unwrap(),
                    case["body"].as_str().unwrap_or("").as_bytes(),
                );
                assert_eq!(String::from_utf8(built).unwrap(), case["message"].as_str().unwrap(), "{name}");
            }
        }
    }

    #[test]
    fn official_signatures_are_reproduced_and_verified() {
        let vectors: serde_json::Value = serde_json::from_str(VECTORS).unwrap();
        let key = private_key(include_str!("../../vectors/java_merchant_private_key.pem"));
        for vector in [&vectors["java_sign_message"], &vectors["codepay_post"]] {
            let message = vector["message"].as_str().unwrap().as_bytes();
            let signature = STANDARD.decode(vector["signature_base64"].as_str().unwrap()).unwrap();

            assert_eq!(sign(&key, message), signature, "PKCS#1 v1.5 has one signature per message");
            assert!(certificate_verifies(JAVA_MERCHANT, message, &signature));
            assert!(!certificate_verifies(JAVA_MERCHANT, b"another message", &signature));
            assert!(!merchant_signed(message, &signature), "another merchant's key");
        }
    }

    #[test]
    fn the_header_is_read_in_any_order() {
        let vectors: serde_json::Value = serde_json::from_str(VECTORS).unwrap();
        let fields = parse(vectors["codepay_post"]["authorization"].as_str().unwrap()).unwrap();
        assert_eq!(fields["mchid"], "1234567891");
        assert_eq!(fields["nonce_str"], "593BEC0C930BF1AFEB40B4A08C8FB242");

        assert_eq!(parse(r#"WECHATPAY2-SHA256-RSA2048 b="2", a="1=""#).unwrap()["a"], "1=");
        assert_eq!(parse(r#"WECHATPAY2-SM2-WITH-SM3 a="1""#), None, "another scheme");
        assert_eq!(parse("WECHATPAY2-SHA256-RSA2048 a=1"), None, "values are quoted");
    }
}
