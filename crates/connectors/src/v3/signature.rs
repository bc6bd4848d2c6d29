//! The two signatures of APIv3: ours over requests, theirs over answers.

use std::collections::BTreeMap;
use std::fmt;

use guitai_domain::Timestamp;
use zeroize::Zeroizing;

use crate::keys::{Certificate, PrivateKey, PublicKey, serial};
use crate::{Disbelief, Fresh, HttpReply, HttpVerb};

/// Answers signed this far from our clock, or further, are refused (wechatpay-go `wechat_pay_validator`).
const CLOCK_SLACK_S: i64 = 300;

/// Signs requests in the shop's name.
pub(crate) struct Signer {
    pub(crate) mchid: String,
    pub(crate) serial: String,
    pub(crate) key: PrivateKey,
}

impl Signer {
    /// The `Authorization` header of a request.
    pub(crate) fn authorization(&self, verb: HttpVerb, path: &str, body: &[u8], fresh: &Fresh) -> String {
        let timestamp = fresh.now.0.div_euclid(1000);
        let signature = self.key.sign(&message_to_sign(verb, path, body, timestamp, &fresh.nonce));
        let (mchid, nonce, serial) = (&self.mchid, &fresh.nonce, &self.serial);
        format!(
            "WECHATPAY2-SHA256-RSA2048 mchid=\"{mchid}\",nonce_str=\"{nonce}\",timestamp=\"{timestamp}\",\
             serial_no=\"{serial}\",signature=\"{signature}\""
        )
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Signer(***)")
    }
}

/// Five lines, each ended by LF, the last one too (`m3/4012365336`). Wiped: the body may carry a payment code.
pub(crate) fn message_to_sign(
    verb: HttpVerb,
    path: &str,
    body: &[u8],
    timestamp: i64,
    nonce: &str,
) -> Zeroizing<Vec<u8>> {
    let head = format!("{}\n{path}\n{timestamp}\n{nonce}\n", verb.name());
    lines(&head, body)
}

/// The keys answers may be signed with.
#[derive(Debug, Clone)]
pub(crate) enum AnswerKey {
    /// WeChat Pay's public key: it does not expire.
    PublicKey(PublicKey),
    /// A platform certificate of an older merchant.
    Certificate(Certificate),
}

/// The known keys by what `Wechatpay-Serial` calls them.
#[derive(Debug, Clone, Default)]
pub(crate) struct AnswerKeys {
    by_serial: BTreeMap<String, AnswerKey>,
    public_key_id: Option<String>,
}

impl AnswerKeys {
    pub(crate) fn add_public_key(&mut self, id: &str, key: PublicKey) {
        self.public_key_id = Some(id.to_owned());
        self.by_serial.insert(id.to_owned(), AnswerKey::PublicKey(key));
    }

    pub(crate) fn add_certificate(&mut self, certificate: Certificate) {
        self.by_serial.insert(certificate.serial.clone(), AnswerKey::Certificate(certificate));
    }

    /// The key we ask answers to be signed with: the public key where there is one (`m3/4012153196`).
    pub(crate) fn public_key_id(&self) -> Option<&str> {
        self.public_key_id.as_deref()
    }

    /// Any key's name: the connection test wants one named.
    pub(crate) fn any_serial(&self) -> Option<&str> {
        self.public_key_id().or_else(|| self.by_serial.keys().next().map(String::as_str))
    }

    /// Whether the answer is the provider's, and of this hour.
    ///
    /// The provider sends some messages with a wrong signature on purpose (`WECHATPAY/SIGNTEST/…`): they fail here
    /// like any other.
    pub(crate) fn verify(&self, reply: &HttpReply, now: Timestamp) -> Result<(), Disbelief> {
        let header = |name| reply.header(name).ok_or(Disbelief::BadSignature);
        let timestamp = header("Wechatpay-Timestamp")?;
        let nonce = header("Wechatpay-Nonce")?;
        let signature = header("Wechatpay-Signature")?;
        let key = self.key(header("Wechatpay-Serial")?, now).ok_or(Disbelief::UnknownKey)?;
        let seconds: i64 = timestamp.parse().map_err(|_| Disbelief::BadSignature)?;

        if now.0.div_euclid(1000).saturating_sub(seconds).saturating_abs() >= CLOCK_SLACK_S {
            return Err(Disbelief::StaleTimestamp);
        }
        if !key.verifies(&message_to_verify(timestamp, nonce, &reply.body), signature) {
            return Err(Disbelief::BadSignature);
        }
        Ok(())
    }

    fn key(&self, name: &str, now: Timestamp) -> Option<&PublicKey> {
        match self.by_serial.get(name).or_else(|| self.by_serial.get(&serial(name)))? {
            AnswerKey::PublicKey(key) => Some(key),
            AnswerKey::Certificate(certificate) => certificate.is_valid_at(now).then_some(&certificate.key),
        }
    }
}

/// Three lines, each ended by LF.
pub(crate) fn message_to_verify(timestamp: &str, nonce: &str, body: &[u8]) -> Zeroizing<Vec<u8>> {
    lines(&format!("{timestamp}\n{nonce}\n"), body)
}

fn lines(head: &str, body: &[u8]) -> Zeroizing<Vec<u8>> {
    let mut message = Zeroizing::new(Vec::with_capacity(head.len() + body.len() + 1));
    message.extend_from_slice(head.as_bytes());
    message.extend_from_slice(body);
    message.push(b'\n');
    message
}

#[cfg(test)]
#[path = "signature_tests.rs"]
mod tests;
