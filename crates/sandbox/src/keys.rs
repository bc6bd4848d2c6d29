//! The sandbox's own keys: public, worthless, for training only (see `keys/README.md`).

use std::sync::LazyLock;

use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaKeyPair, UnparsedPublicKey};
use x509_parser::pem::parse_x509_pem;

/// Everything a till needs to talk to the sandbox's provider as its merchant.
#[derive(Clone, Copy, Debug)]
pub struct MerchantKit {
    /// Merchant id.
    pub mchid: &'static str,
    /// Application id bound to the merchant.
    pub appid: &'static str,
    /// The shop's name as the wallet shows it.
    pub name: &'static str,
    /// Serial number of the merchant certificate, upper-case hex.
    pub serial_no: &'static str,
    /// Merchant private key, PKCS#8 PEM.
    pub private_key_pem: &'static str,
    /// Merchant certificate, PEM.
    pub certificate_pem: &'static str,
    /// 32 characters; opens `/v3/certificates`.
    pub apiv3_key: &'static str,
    /// 32 characters; signs v2 messages.
    pub apiv2_key: &'static str,
    /// Name of the provider's public key, `PUB_KEY_ID_...`.
    pub public_key_id: &'static str,
    /// The provider's public key, SubjectPublicKeyInfo PEM.
    pub public_key_pem: &'static str,
    /// The provider's platform certificate, PEM.
    pub platform_certificate_pem: &'static str,
    /// Serial number of the platform certificate, upper-case hex.
    pub platform_serial: &'static str,
    /// The CA that issued the https server's certificate.
    pub ca_pem: &'static str,
}

/// The one merchant the sandbox knows.
pub const MERCHANT: MerchantKit = MerchantKit {
    mchid: "1900000109",
    appid: "wx6755697461695362",
    name: "柜台练习店",
    serial_no: "4755495441490A00000000000000000000000001",
    private_key_pem: include_str!("../keys/merchant_key.pem"),
    certificate_pem: include_str!("../keys/merchant_certificate.pem"),
    apiv3_key: "GuitaiSandboxApiV3KeyForTraining",
    apiv2_key: "GuitaiSandboxApiV2KeyForTraining",
    public_key_id: "PUB_KEY_ID_0119000001092026000000000000000000",
    public_key_pem: include_str!("../keys/public_key.pem"),
    platform_certificate_pem: include_str!("../keys/platform_certificate.pem"),
    platform_serial: "4755495441490B00000000000000000000000002",
    ca_pem: include_str!("../keys/ca_certificate.pem"),
};

/// Certificate of the https server, signed by [`MerchantKit::ca_pem`].
pub(crate) const SERVER_CERTIFICATE_PEM: &str = include_str!("../keys/server_certificate.pem");
/// Key of the https server.
pub(crate) const SERVER_KEY_PEM: &str = include_str!("../keys/server_key.pem");

/// Who signs a v3 answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Signer {
    /// The key pair named `PUB_KEY_ID_...`.
    PublicKey,
    /// The key of the platform certificate.
    Platform,
}

impl Signer {
    /// What the answer's `Wechatpay-Serial` says.
    pub(crate) fn serial(self) -> &'static str {
        match self {
            Signer::PublicKey => MERCHANT.public_key_id,
            Signer::Platform => MERCHANT.platform_serial,
        }
    }

    /// Signs with RSA PKCS#1 v1.5 and SHA-256.
    pub(crate) fn sign(self, message: &[u8]) -> Vec<u8> {
        match self {
            Signer::PublicKey => sign(&PUBLIC_KEY_PAIR, message),
            Signer::Platform => sign(&PLATFORM_KEY, message),
        }
    }
}

/// Signs with a key that belongs to nobody.
pub(crate) fn forge(message: &[u8]) -> Vec<u8> {
    sign(&FORGER_KEY, message)
}

/// Whether the merchant's key made this signature.
pub(crate) fn merchant_signed(message: &[u8], signature: &[u8]) -> bool {
    certificate_verifies(MERCHANT.certificate_pem, message, signature)
}

/// Checks an RSA-SHA256 signature with the key inside a PEM certificate.
pub(crate) fn certificate_verifies(certificate_pem: &str, message: &[u8], signature: &[u8]) -> bool {
    let der = pem_contents(certificate_pem);
    let Ok((_, certificate)) = x509_parser::parse_x509_certificate(&der) else {
        return false;
    };
    let key = &certificate.public_key().subject_public_key.data;
    UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key).verify(message, signature).is_ok()
}

/// Validity of the platform certificate in UTC milliseconds: from, until.
pub(crate) fn platform_validity_ms() -> (i64, i64) {
    let der = pem_contents(MERCHANT.platform_certificate_pem);
    let (_, certificate) =
        x509_parser::parse_x509_certificate(&der).expect("the platform certificate is part of this crate");
    let validity = certificate.validity();
    (validity.not_before.timestamp() * 1000, validity.not_after.timestamp() * 1000)
}

/// The bytes inside the first PEM block.
pub(crate) fn pem_contents(pem: &str) -> Vec<u8> {
    parse_x509_pem(pem.as_bytes()).expect("the sandbox's PEM files are part of this crate").1.contents
}

/// Reads a PKCS#8 PEM private key.
pub(crate) fn private_key(pem: &str) -> RsaKeyPair {
    RsaKeyPair::from_pkcs8(&pem_contents(pem)).expect("the sandbox's keys are RSA in PKCS#8")
}

/// Signs with RSA PKCS#1 v1.5 and SHA-256.
#[expect(
    clippy::disallowed_methods,
    reason = "chance only blinds the computation; the signature does not depend on it"
)]
pub(crate) fn sign(key: &RsaKeyPair, message: &[u8]) -> Vec<u8> {
    let mut signature = vec![0; key.public().modulus_len()];
    key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature)
        .expect("a 2048-bit key signs any message");
    signature
}

static PUBLIC_KEY_PAIR: LazyLock<RsaKeyPair> =
    LazyLock::new(|| private_key(include_str!("../keys/public_key_private.pem")));
static PLATFORM_KEY: LazyLock<RsaKeyPair> =
    LazyLock::new(|| private_key(include_str!("../keys/platform_key.pem")));
static FORGER_KEY: LazyLock<RsaKeyPair> =
    LazyLock::new(|| private_key(include_str!("../keys/forger_key.pem")));
