//! The provider's settings: the file a shop fills in, checked whole before anything is built from it.

mod error;
mod file;
mod hosts;
mod published;

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use guitai_domain::{Method, Timestamp};
use zeroize::Zeroizing;

pub use error::{SettingsError, SettingsFault};
pub(crate) use hosts::Hosts;

use crate::keys::{Certificate, PrivateKey, PublicKey};
use crate::v3::certificates::{self, CertificatesError};
use crate::v3::{AnswerKeys, Signer};
use crate::wechat::{HOSTS, Merchant};
use crate::{Connector, Fresh, HttpReply, HttpRequest, WechatPayV2, WechatPayV3, v2, v3};
use file::{SettingsFile, Text};

/// One shop's settings with one provider: complete, checked, secret. Prints the merchant's number masked and no more.
#[derive(Clone)]
pub struct ProviderSettings {
    file: SettingsFile,
    language: Language,
    merchant: Merchant,
    certificate_until: Timestamp,
    client_identity: Option<Zeroizing<String>>,
    hosts: Hosts,
}

/// Which provider's language the settings are for.
#[derive(Clone)]
enum Language {
    V3(WechatPayV3),
    V2(WechatPayV2),
}

impl ProviderSettings {
    /// Reads and checks a settings file (`docs/configuration.md` says every field).
    ///
    /// # Errors
    /// The first thing that a person must mend, in the order of the fields.
    pub fn from_toml(text: &str) -> Result<ProviderSettings, SettingsError> {
        ProviderSettings::from_file(SettingsFile::parse(text)?)
    }

    fn from_file(file: SettingsFile) -> Result<ProviderSettings, SettingsError> {
        let kind = file.kind.trim();
        if kind != v3::KIND && kind != v2::KIND {
            return Err(SettingsError::UnknownKind);
        }
        let hosts = Hosts::new(&file.hosts, HOSTS)?;
        let merchant = merchant(&file)?;
        let identity = identity(&file, &hosts)?;
        extra_ca(&file, &hosts)?;
        let certificate_until = identity.certificate.until;
        let (language, client_identity) = if kind == v3::KIND {
            (Language::V3(version_3(&file, &hosts, &merchant, identity)?), None)
        } else {
            (Language::V2(version_2(&file, &hosts, &merchant)?), Some(identity.pem))
        };
        Ok(ProviderSettings { file, language, merchant, certificate_until, client_identity, hosts })
    }

    /// The connector for these settings.
    #[must_use]
    pub fn connector(&self) -> Box<dyn Connector> {
        match &self.language {
            Language::V3(connector) => Box::new(connector.clone()),
            Language::V2(connector) => Box::new(connector.clone()),
        }
    }

    /// The kind, as the file names it.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match &self.language {
            Language::V3(_) => v3::KIND,
            Language::V2(_) => v2::KIND,
        }
    }

    /// The way to pay these settings are for.
    #[must_use]
    pub fn method(&self) -> Method {
        Method::WechatPay
    }

    /// The merchant's number, its middle hidden: `19******01`.
    #[must_use]
    pub fn merchant_masked(&self) -> String {
        masked(&self.merchant.mchid)
    }

    /// The app's id, its middle hidden.
    #[must_use]
    pub fn app_masked(&self) -> String {
        masked(&self.merchant.appid)
    }

    /// Until when the merchant's certificate counts; a screen warns before.
    #[must_use]
    pub fn certificate_until(&self) -> Timestamp {
        self.certificate_until
    }

    /// The hosts to speak to, the usual one first.
    #[must_use]
    pub fn hosts(&self) -> &[String] {
        &self.hosts.urls
    }

    /// Whether these settings speak to this computer only, so that no real money can move.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        self.hosts.loopback
    }

    /// Certificate and private key in one PEM, where calls need a client certificate.
    #[must_use]
    pub fn client_identity_pem(&self) -> Option<&Zeroizing<String>> {
        self.client_identity.as_ref()
    }

    /// An authority to trust beside the system's, for a sandbox on this computer.
    pub(crate) fn extra_ca_pem(&self) -> Option<&str> {
        given(&self.file.extra_ca)
    }

    /// The settings as a file, complete: to be sealed by the secret store and shown to nobody.
    #[must_use]
    pub fn to_toml(&self) -> Zeroizing<String> {
        self.file.to_toml()
    }

    /// Asks for the platform certificates; `None` where answers are not verified with any.
    #[must_use]
    pub fn certificates_request(&self, fresh: &Fresh) -> Option<HttpRequest> {
        match &self.language {
            Language::V3(connector) if !self.file.platform_certificates.is_empty() => {
                Some(certificates::request(connector, fresh))
            }
            Language::V3(_) | Language::V2(_) => None,
        }
    }

    /// These settings with the platform certificates of `reply`, in place of those they had.
    ///
    /// # Errors
    /// [`CertificatesError`] where the reply is refused, unreadable or not opened by the APIv3 key.
    pub fn with_certificates(&self, reply: &HttpReply) -> Result<ProviderSettings, CertificatesError> {
        let key = given(&self.file.apiv3_key).ok_or(CertificatesError::WrongKey)?;
        let platform_certificates = certificates::read(key.as_bytes(), reply)?;
        let file = SettingsFile {
            platform_certificates: platform_certificates.into_iter().map(Text::new).collect(),
            ..self.file.clone()
        };
        ProviderSettings::from_file(file).map_err(|_| CertificatesError::Unreadable)
    }
}

impl fmt::Debug for ProviderSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ProviderSettings({}, {}, ***)", self.kind(), self.merchant_masked())
    }
}

/// The merchant's certificate and key, found to belong together.
struct Identity {
    certificate: Certificate,
    key: PrivateKey,
    pem: Zeroizing<String>,
}

fn merchant(file: &SettingsFile) -> Result<Merchant, SettingsError> {
    let mchid = needed(&file.mchid, "mchid")?;
    if !(8..=10).contains(&mchid.len()) || !mchid.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(SettingsError::MerchantIdMalformed);
    }
    let appid = needed(&file.appid, "appid")?;
    let store_code = given(&file.store_code);
    for (field, text) in [("appid", Some(appid)), ("store_code", store_code)] {
        let fits = |text: &str| text.len() <= 32 && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if !text.is_none_or(fits) {
            return Err(SettingsError::Malformed(field));
        }
    }
    Ok(Merchant {
        mchid: mchid.to_owned(),
        appid: appid.to_owned(),
        store_code: store_code.map(str::to_owned),
    })
}

fn identity(file: &SettingsFile, hosts: &Hosts) -> Result<Identity, SettingsError> {
    let certificate_pem = needed(&file.merchant_certificate, "merchant_certificate")?;
    let key_pem = needed(&file.merchant_private_key, "merchant_private_key")?;
    let certificate = own_certificate(certificate_pem, "merchant_certificate", hosts)?;
    let key = PrivateKey::from_pem(key_pem).ok_or(SettingsError::PrivateKeyUnreadable)?;
    if key.public() != certificate.key {
        return Err(SettingsError::PrivateKeyOfAnother);
    }
    let pem = Zeroizing::new([certificate_pem, "\n", key_pem, "\n"].concat());
    Ok(Identity { certificate, key, pem })
}

/// A certificate that is not a published one, unless no real money can move.
fn own_certificate(pem: &str, field: &'static str, hosts: &Hosts) -> Result<Certificate, SettingsError> {
    let certificate = Certificate::from_pem(pem).ok_or(SettingsError::CertificateUnreadable(field))?;
    let published =
        published::is_published_serial(&certificate.serial) || published::is_published(&certificate.key);
    if published && !hosts.loopback {
        return Err(SettingsError::PublishedKey(field));
    }
    Ok(certificate)
}

fn version_3(
    file: &SettingsFile,
    hosts: &Hosts,
    merchant: &Merchant,
    identity: Identity,
) -> Result<WechatPayV3, SettingsError> {
    let apiv3_key = symmetric_key(&file.apiv3_key, "apiv3_key", SettingsError::Apiv3KeyMalformed, hosts)?;
    let mut answer_keys = AnswerKeys::default();
    if let Some((id, key)) = public_key(file, hosts)? {
        answer_keys.add_public_key(id, key);
    }
    for pem in &file.platform_certificates {
        answer_keys.add_certificate(own_certificate(pem, "platform_certificates", hosts)?);
    }
    if answer_keys.any_serial().is_none() {
        return Err(SettingsError::Missing("public_key"));
    }
    if answer_keys.public_key_id().is_none() && apiv3_key.is_none() {
        return Err(SettingsError::Missing("apiv3_key"));
    }
    let signer =
        Signer { mchid: merchant.mchid.clone(), serial: identity.certificate.serial, key: identity.key };
    Ok(WechatPayV3 {
        merchant: merchant.clone(),
        signer: Arc::new(signer),
        answer_keys: Arc::new(answer_keys),
    })
}

fn public_key<'a>(
    file: &'a SettingsFile,
    hosts: &Hosts,
) -> Result<Option<(&'a str, PublicKey)>, SettingsError> {
    let (id, pem) = match (given(&file.public_key_id), given(&file.public_key)) {
        (None, None) => return Ok(None),
        (None, Some(_)) => return Err(SettingsError::Missing("public_key_id")),
        (Some(_), None) => return Err(SettingsError::Missing("public_key")),
        (Some(id), Some(pem)) => (id, pem),
    };
    let digits = id.strip_prefix("PUB_KEY_ID_").ok_or(SettingsError::PublicKeyIdMalformed)?;
    if !(1..=64).contains(&digits.len()) || !digits.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Err(SettingsError::PublicKeyIdMalformed);
    }
    let key = PublicKey::from_pem(pem).ok_or(SettingsError::PublicKeyUnreadable)?;
    if published::is_published(&key) && !hosts.loopback {
        return Err(SettingsError::PublishedKey("public_key"));
    }
    Ok(Some((id, key)))
}

fn version_2(file: &SettingsFile, hosts: &Hosts, merchant: &Merchant) -> Result<WechatPayV2, SettingsError> {
    let key = symmetric_key(&file.apiv2_key, "apiv2_key", SettingsError::Apiv2KeyMalformed, hosts)?
        .ok_or(SettingsError::Missing("apiv2_key"))?;
    // The field is asked for by the charge and checked by nobody; a till behind a router has no address worth telling.
    let device_ip = given(&file.device_ip).unwrap_or("127.0.0.1");
    if device_ip.parse::<IpAddr>().is_err() {
        return Err(SettingsError::Malformed("device_ip"));
    }
    Ok(WechatPayV2::new(merchant.clone(), key, device_ip.to_owned()))
}

fn symmetric_key<'a>(
    text: &'a Option<Text>,
    field: &'static str,
    malformed: SettingsError,
    hosts: &Hosts,
) -> Result<Option<&'a str>, SettingsError> {
    let Some(key) = given(text) else { return Ok(None) };
    if key.len() != 32 || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(malformed);
    }
    if published::is_published_text(key) && !hosts.loopback {
        return Err(SettingsError::PublishedKey(field));
    }
    Ok(Some(key))
}

fn extra_ca(file: &SettingsFile, hosts: &Hosts) -> Result<(), SettingsError> {
    let Some(pem) = given(&file.extra_ca) else { return Ok(()) };
    if !hosts.loopback {
        return Err(SettingsError::CaNotAllowed);
    }
    Certificate::from_pem(pem).map(|_| ()).ok_or(SettingsError::CertificateUnreadable("extra_ca"))
}

fn given(text: &Option<Text>) -> Option<&str> {
    text.as_ref().map(|text| text.trim()).filter(|text| !text.is_empty())
}

fn needed<'a>(text: &'a Option<Text>, field: &'static str) -> Result<&'a str, SettingsError> {
    given(text).ok_or(SettingsError::Missing(field))
}

fn masked(text: &str) -> String {
    let (head, tail) = (text.get(..2).unwrap_or(""), text.get(text.len().saturating_sub(2)..).unwrap_or(""));
    format!("{head}{}{tail}", "*".repeat(text.len().saturating_sub(4)))
}

#[cfg(test)]
mod tests;
