//! RSA keys and certificates from PEM: signing with ours, verifying with theirs.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use guitai_domain::Timestamp;
use ring::rand::SystemRandom;
use ring::signature::{KeyPair, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaKeyPair, UnparsedPublicKey};
use x509_parser::prelude::{FromDer, SubjectPublicKeyInfo, X509Certificate};
use x509_parser::public_key::PublicKey as ParsedKey;
use zeroize::Zeroizing;

/// The shop's private key. Prints nothing.
pub(crate) struct PrivateKey(RsaKeyPair);

impl PrivateKey {
    /// Reads PKCS#8 (`PRIVATE KEY`) or PKCS#1 (`RSA PRIVATE KEY`), RSA of at least 2048 bits.
    pub(crate) fn from_pem(pem: &str) -> Option<PrivateKey> {
        let pkcs8 = der(pem, "PRIVATE KEY").and_then(|der| RsaKeyPair::from_pkcs8(&der).ok());
        let pkcs1 = || der(pem, "RSA PRIVATE KEY").and_then(|der| RsaKeyPair::from_der(&der).ok());
        pkcs8.or_else(pkcs1).map(PrivateKey)
    }

    /// The signature of `message`, base64.
    ///
    /// PKCS#1 v1.5 is deterministic: the same message gives the same text.
    pub(crate) fn sign(&self, message: &[u8]) -> String {
        #[expect(clippy::disallowed_methods, reason = "it blinds the computation; the signature is the same")]
        let blinding = SystemRandom::new();
        let mut signature = vec![0; self.0.public().modulus_len()];
        self.0
            .sign(&RSA_PKCS1_SHA256, &blinding, message, &mut signature)
            .expect("a key that was accepted signs, and the buffer has its length");
        STANDARD.encode(signature)
    }

    /// The public half.
    pub(crate) fn public(&self) -> PublicKey {
        PublicKey(self.0.public_key().as_ref().to_vec())
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PrivateKey(***)")
    }
}

/// An RSA public key, as PKCS#1 DER.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PublicKey(Vec<u8>);

impl PublicKey {
    /// Reads SubjectPublicKeyInfo (`PUBLIC KEY`), RSA of at least 2048 bits.
    pub(crate) fn from_pem(pem: &str) -> Option<PublicKey> {
        let der = der(pem, "PUBLIC KEY")?;
        let (rest, info) = SubjectPublicKeyInfo::from_der(&der).ok()?;
        rest.is_empty().then(|| PublicKey::from_info(&info)).flatten()
    }

    fn from_info(info: &SubjectPublicKeyInfo<'_>) -> Option<PublicKey> {
        match info.parsed().ok()? {
            ParsedKey::RSA(key) if key.key_size() >= 2048 => {
                Some(PublicKey(info.subject_public_key.data.to_vec()))
            }
            _ => None,
        }
    }

    /// Whether `signature` (base64) is this key's over `message`.
    pub(crate) fn verifies(&self, message: &[u8], signature: &str) -> bool {
        let key = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &self.0);
        STANDARD.decode(signature).is_ok_and(|signature| key.verify(message, &signature).is_ok())
    }

    /// SHA-256 of the key, hex: how published keys are recognised.
    pub(crate) fn fingerprint(&self) -> String {
        hex::encode(ring::digest::digest(&ring::digest::SHA256, &self.0))
    }
}

/// What a certificate says that matters here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Certificate {
    /// The serial number, upper-case hex without leading zeros.
    pub(crate) serial: String,
    /// Whose signatures it stands for.
    pub(crate) key: PublicKey,
    /// From when it counts.
    pub(crate) from: Timestamp,
    /// Until when it counts.
    pub(crate) until: Timestamp,
}

impl Certificate {
    /// Reads the first certificate of a PEM text.
    pub(crate) fn from_pem(pem: &str) -> Option<Certificate> {
        let der = der(pem, "CERTIFICATE")?;
        let (_, certificate) = X509Certificate::from_der(&der).ok()?;
        let seconds = |time: x509_parser::time::ASN1Time| Timestamp(time.timestamp().saturating_mul(1000));
        Some(Certificate {
            serial: serial(&hex::encode(certificate.raw_serial())),
            key: PublicKey::from_info(certificate.public_key())?,
            from: seconds(certificate.validity().not_before),
            until: seconds(certificate.validity().not_after),
        })
    }

    /// Whether it counts at `now`.
    pub(crate) fn is_valid_at(&self, now: Timestamp) -> bool {
        (self.from..=self.until).contains(&now)
    }
}

/// A serial number in the one spelling we compare: upper case, no leading zeros.
pub(crate) fn serial(text: &str) -> String {
    text.trim_start_matches('0').to_ascii_uppercase()
}

/// The DER inside the first PEM block with `label`.
fn der(pem: &str, label: &str) -> Option<Zeroizing<Vec<u8>>> {
    let (_, after) = pem.split_once(&format!("-----BEGIN {label}-----"))?;
    let (base64, _) = after.split_once(&format!("-----END {label}-----"))?;
    let mut compact = Zeroizing::new(String::with_capacity(base64.len()));
    compact.extend(base64.chars().filter(|c| !c.is_whitespace()));
    STANDARD.decode(compact.as_bytes()).ok().map(Zeroizing::new)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testkit::vector;

    #[test]
    fn a_certificate_tells_its_serial_key_and_time() {
        let certificate = Certificate::from_pem(&vector("java_merchant_certificate.pem")).expect("readable");
        let key = PrivateKey::from_pem(&vector("java_merchant_private_key.pem")).expect("readable");

        assert_eq!(certificate.serial, "5F1C72E2A8931B72A2E13AF8DEE92471EB397115");
        assert_eq!(certificate.key, key.public());
        assert!(certificate.is_valid_at(certificate.until));
        assert!(!certificate.is_valid_at(certificate.until.plus_ms(1000)));
    }

    #[test]
    fn a_serial_whose_der_begins_with_a_zero_byte_has_no_leading_zeros() {
        let certificate = Certificate::from_pem(&vector("go_test_certificate.pem")).expect("readable");

        assert_eq!(certificate.serial, "D7CE59D1F522D701");
    }

    #[test]
    fn unreadable_keys_are_none() {
        let private = vector("java_merchant_private_key.pem");
        let cut = &private[..private.len() / 2];

        for text in ["", "nonsense", cut, &vector("java_wechat_pay_public_key.pem")] {
            assert!(PrivateKey::from_pem(text).is_none());
        }
        for text in ["", "nonsense", &private] {
            assert!(PublicKey::from_pem(text).is_none());
            assert!(Certificate::from_pem(text).is_none());
        }
    }

    #[test]
    fn windows_line_ends_in_a_key_file_do_no_harm() {
        let private = vector("java_merchant_private_key.pem").replace('\n', "\r\n");

        assert!(PrivateKey::from_pem(&private).is_some());
    }
}
