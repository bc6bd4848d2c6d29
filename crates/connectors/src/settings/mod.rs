//! The provider's settings: the file a shop fills in, checked whole before anything is built from it.

mod check;
mod error;
mod file;
mod hosts;
mod published;

use std::fmt;

use guitai_domain::{Method, Timestamp};
use zeroize::Zeroizing;

pub use error::{SettingsError, SettingsFault};
pub(crate) use hosts::Hosts;

use crate::v3::certificates::{self, CertificatesError};
use crate::wechat::{HOSTS, Merchant};
use crate::{Connector, Fresh, HttpReply, HttpRequest, WechatPayV2, WechatPayV3, v2, v3};
use check::{extra_ca, given, identity, merchant, version_2, version_3};
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

    /// What tells this merchant and app from any other, in hex, without naming them.
    #[must_use]
    pub fn merchant_mark(&self) -> String {
        let text =
            format!("guitai.merchant.1\n{}\n{}\n{}", self.kind(), self.merchant.mchid, self.merchant.appid);
        hex::encode(&ring::digest::digest(&ring::digest::SHA256, text.as_bytes()).as_ref()[..16])
    }

    /// Whether payments made with these settings can be asked about with the others.
    #[must_use]
    pub fn is_same_merchant(&self, other: &ProviderSettings) -> bool {
        self.kind() == other.kind()
            && self.merchant.mchid == other.merchant.mchid
            && self.merchant.appid == other.merchant.appid
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

fn masked(text: &str) -> String {
    let (head, tail) = (text.get(..2).unwrap_or(""), text.get(text.len().saturating_sub(2)..).unwrap_or(""));
    format!("{head}{}{tail}", "*".repeat(text.len().saturating_sub(4)))
}

#[cfg(test)]
mod tests;
