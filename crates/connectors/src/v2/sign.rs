//! The signature of APIv2: HMAC-SHA256 over the sorted fields, with the key both sides know (`m2/4011985891`).

use ring::hmac;
use zeroize::Zeroizing;

use super::xml::Fields;

/// The APIv2 key. Prints nothing.
pub(crate) struct SharedKey {
    text: Zeroizing<String>,
    hmac: hmac::Key,
}

impl SharedKey {
    pub(crate) fn new(key: &str) -> SharedKey {
        SharedKey {
            text: Zeroizing::new(key.to_owned()),
            hmac: hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes()),
        }
    }

    /// The `sign` of these fields: upper-case hex.
    pub(crate) fn sign(&self, fields: &Fields) -> String {
        hex::encode_upper(hmac::sign(&self.hmac, self.message(fields).as_bytes()))
    }

    /// Whether the fields carry their `sign`. MD5, which the provider also knows, is not taken.
    pub(crate) fn verifies(&self, fields: &Fields) -> bool {
        let tag = fields.get("sign").and_then(|sign| hex::decode(sign.as_bytes()).ok());
        tag.is_some_and(|tag| hmac::verify(&self.hmac, self.message(fields).as_bytes(), &tag).is_ok())
    }

    fn message(&self, fields: &Fields) -> Zeroizing<String> {
        let string_a = string_a(fields);
        Zeroizing::new([string_a.as_str(), "&key=", self.text.as_str()].concat())
    }
}

/// `k=v` of every non-empty field but `sign`, by name, joined by `&`; values as they are.
pub(crate) fn string_a(fields: &Fields) -> Zeroizing<String> {
    let signed = || fields.iter().filter(|(name, value)| *name != "sign" && !value.is_empty());
    let length = signed().map(|(name, value)| name.len() + value.len() + 2).sum();
    let mut text = Zeroizing::new(String::with_capacity(length));
    for (name, value) in signed() {
        let joint = if text.is_empty() { "" } else { "&" };
        for part in [joint, name, "=", value] {
            text.push_str(part);
        }
    }
    text
}
