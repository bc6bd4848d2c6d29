//! What can be wrong with settings: one variant per thing a person can mend.

use thiserror::Error;

use crate::Disbelief;

/// Why a settings file is not taken. Shows field names, never a field's content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum SettingsError {
    /// The file itself.
    #[error("line {line} of the settings file cannot be read; check quotes, brackets and the field's name")]
    NotToml {
        /// Counted from 1.
        line: usize,
    },
    /// `kind`.
    #[error("the field kind must be wechat_pay_v3 or wechat_pay_v2")]
    UnknownKind,
    /// A field that this kind needs.
    #[error("the field {0} is missing or empty")]
    Missing(&'static str),
    /// `mchid`.
    #[error("mchid must be the merchant number: 8 to 10 digits")]
    MerchantIdMalformed,
    /// `appid`, `store_code` or `device_ip`.
    #[error("the field {0} is not in its form")]
    Malformed(&'static str),
    /// `merchant_certificate`, one of `platform_certificates` or `extra_ca`.
    #[error("the field {0} is not a readable PEM certificate with an RSA key")]
    CertificateUnreadable(&'static str),
    /// `merchant_private_key`.
    #[error("merchant_private_key is not a readable PEM private key (RSA, 2048 bits or more)")]
    PrivateKeyUnreadable,
    /// Key and certificate of two different downloads.
    #[error("merchant_private_key does not belong to merchant_certificate")]
    PrivateKeyOfAnother,
    /// `apiv3_key`.
    #[error("apiv3_key must be exactly 32 letters and digits")]
    Apiv3KeyMalformed,
    /// `apiv2_key`.
    #[error("apiv2_key must be exactly 32 letters and digits")]
    Apiv2KeyMalformed,
    /// `public_key`.
    #[error("public_key is not a readable PEM public key (RSA, 2048 bits or more)")]
    PublicKeyUnreadable,
    /// `public_key_id`.
    #[error("public_key_id must be PUB_KEY_ID_ and the digits behind it")]
    PublicKeyIdMalformed,
    /// Keys anybody can download sign for nobody.
    #[error("the field {0} is a published test key; it must not be used with real money")]
    PublishedKey(&'static str),
    /// `hosts`.
    #[error("hosts may name WeChat Pay's own hosts (https) or this computer itself, one or two of them")]
    HostNotAllowed,
    /// `extra_ca` is for a sandbox on this computer.
    #[error("extra_ca is allowed only when every host is this computer itself")]
    CaNotAllowed,
    /// The TLS library takes neither the client certificate nor the system's list of authorities.
    #[error("a secure connection cannot be set up with this certificate on this computer")]
    TlsUnusable,
}

impl SettingsError {
    /// The code a screen and the handbook know it by.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            SettingsError::NotToml { .. } => "K-01",
            SettingsError::UnknownKind => "K-02",
            SettingsError::Missing(_) => "K-03",
            SettingsError::MerchantIdMalformed => "K-04",
            SettingsError::Malformed(_) => "K-05",
            SettingsError::CertificateUnreadable(_) => "K-06",
            SettingsError::PrivateKeyUnreadable => "K-07",
            SettingsError::PrivateKeyOfAnother => "K-08",
            SettingsError::Apiv3KeyMalformed => "K-09",
            SettingsError::Apiv2KeyMalformed => "K-10",
            SettingsError::PublicKeyUnreadable => "K-11",
            SettingsError::PublicKeyIdMalformed => "K-12",
            SettingsError::PublishedKey(_) => "K-13",
            SettingsError::HostNotAllowed => "K-14",
            SettingsError::CaNotAllowed => "K-15",
            SettingsError::TlsUnusable => "K-16",
        }
    }

    /// The field of the settings file it is about, where it is one.
    #[must_use]
    pub fn field(&self) -> Option<&'static str> {
        match self {
            SettingsError::Missing(field)
            | SettingsError::Malformed(field)
            | SettingsError::CertificateUnreadable(field)
            | SettingsError::PublishedKey(field) => Some(field),
            SettingsError::UnknownKind => Some("kind"),
            SettingsError::MerchantIdMalformed => Some("mchid"),
            SettingsError::PrivateKeyUnreadable | SettingsError::PrivateKeyOfAnother => {
                Some("merchant_private_key")
            }
            SettingsError::Apiv3KeyMalformed => Some("apiv3_key"),
            SettingsError::Apiv2KeyMalformed => Some("apiv2_key"),
            SettingsError::PublicKeyUnreadable => Some("public_key"),
            SettingsError::PublicKeyIdMalformed => Some("public_key_id"),
            SettingsError::HostNotAllowed => Some("hosts"),
            SettingsError::CaNotAllowed => Some("extra_ca"),
            SettingsError::NotToml { .. } | SettingsError::TlsUnusable => None,
        }
    }
}

/// What the provider's answer to the settings test says is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SettingsFault {
    /// It does not take our signature.
    #[error(
        "the provider refuses the signature: merchant number, key and certificate do not belong together"
    )]
    KeyRefused,
    /// Its clock and ours are five minutes apart or more, and signatures die of that.
    #[error("this computer's clock is wrong by about {} minutes", offset_ms.saturating_abs() / 60_000)]
    ClockWrong {
        /// How far the provider's clock is ahead.
        offset_ms: i64,
    },
    /// The answer was signed at another time than this computer's clock tells, while its sender's clock agrees: an old answer.
    #[error("the answer was signed long ago: something in the network keeps old answers; is there a proxy?")]
    OldAnswer,
    /// We cannot verify its answer with the key in the settings.
    #[error("the answer is not signed with the key in the settings: check the answer key and its id")]
    AnswerKeyWrong,
    /// Something else answered: a portal, a proxy.
    #[error("the answer is not the provider's; is there a login page or a proxy in the network?")]
    NotAProvider,
    /// Another merchant or app answered for.
    #[error("the answer is for another merchant or app")]
    OtherMerchant,
    /// It has trouble of its own, or too many calls.
    #[error("the provider is in trouble; try again later")]
    ProviderTrouble,
    /// It understood, and refuses.
    #[error("the provider refuses this merchant the call")]
    Refused {
        /// The provider's code for it.
        provider_code: Option<String>,
    },
}

impl SettingsFault {
    /// The code a screen and the handbook know it by.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            SettingsFault::KeyRefused => "K-21",
            SettingsFault::ClockWrong { .. } => "K-22",
            SettingsFault::AnswerKeyWrong => "K-23",
            SettingsFault::NotAProvider => "K-24",
            SettingsFault::OtherMerchant => "K-25",
            SettingsFault::ProviderTrouble => "K-26",
            SettingsFault::Refused { .. } => "K-27",
            SettingsFault::OldAnswer => "K-28",
        }
    }
}

impl From<Disbelief> for SettingsFault {
    fn from(disbelief: Disbelief) -> SettingsFault {
        match disbelief {
            Disbelief::BadSignature | Disbelief::UnknownKey => SettingsFault::AnswerKeyWrong,
            Disbelief::StaleTimestamp => SettingsFault::OldAnswer,
            Disbelief::OtherMerchant => SettingsFault::OtherMerchant,
            Disbelief::OtherPayment
            | Disbelief::OtherAmount
            | Disbelief::OtherCurrency
            | Disbelief::Redirect
            | Disbelief::NotAProvider
            | Disbelief::UnknownState => SettingsFault::NotAProvider,
        }
    }
}
