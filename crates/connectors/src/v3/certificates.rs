//! Fetching platform certificates, for merchants who have no public key (`m3/4012551764`).
//!
//! A new certificate appears days before the old one expires; several count at once. The caller keeps them in the
//! settings, as `platform_certificates`.

use serde::Deserialize;
use thiserror::Error;
use zeroize::Zeroizing;

use super::{WechatPayV3, aead};
use crate::keys::Certificate;
use crate::{Fresh, HttpReply, HttpRequest, HttpVerb};

/// Why the certificates could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum CertificatesError {
    /// The provider refused; newer merchants have no certificates and use the public key.
    #[error("the provider sends no platform certificates; newer merchants use the public key")]
    Refused,
    /// Not the answer of the provider's certificate page.
    #[error("the answer is not a list of certificates")]
    Unreadable,
    /// The APIv3 key does not open it.
    #[error("the APIv3 key does not open the certificates")]
    WrongKey,
}

/// Asks for the platform certificates.
pub(crate) fn request(connector: &WechatPayV3, fresh: &Fresh) -> HttpRequest {
    connector.signed(HttpVerb::Get, "/v3/certificates".to_owned(), Zeroizing::default(), fresh).repeatable()
}

/// Opens the answer: PEM certificates, each readable.
///
/// The very first answer cannot be verified by a certificate; that it opens with the APIv3 key is the proof, for only
/// the provider and the shop have it (AES-GCM).
pub(crate) fn read(apiv3_key: &[u8], reply: &HttpReply) -> Result<Vec<String>, CertificatesError> {
    if reply.status != 200 {
        return Err(CertificatesError::Refused);
    }
    let list: List = serde_json::from_slice(&reply.body).map_err(|_| CertificatesError::Unreadable)?;
    list.data.iter().map(|entry| certificate(apiv3_key, &entry.encrypt_certificate)).collect()
}

fn certificate(apiv3_key: &[u8], sealed: &Sealed) -> Result<String, CertificatesError> {
    if sealed.algorithm != "AEAD_AES_256_GCM" {
        return Err(CertificatesError::Unreadable);
    }
    // Empty associated data counts like absent.
    let associated_data = sealed.associated_data.as_deref().unwrap_or("");
    let plain = aead::open(apiv3_key, &sealed.nonce, associated_data, &sealed.ciphertext)
        .ok_or(CertificatesError::WrongKey)?;
    let pem = String::from_utf8(plain).map_err(|_| CertificatesError::Unreadable)?;
    Certificate::from_pem(&pem).ok_or(CertificatesError::Unreadable)?;
    Ok(pem)
}

#[derive(Deserialize)]
struct List {
    data: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    encrypt_certificate: Sealed,
}

#[derive(Deserialize)]
struct Sealed {
    algorithm: String,
    nonce: String,
    associated_data: Option<String>,
    ciphertext: String,
}

#[cfg(test)]
#[path = "certificates_tests.rs"]
mod tests;
