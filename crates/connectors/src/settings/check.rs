//! The checks, field by field, and what is built from the fields that pass.

use std::net::IpAddr;
use std::sync::Arc;

use zeroize::Zeroizing;

use super::file::{SettingsFile, Text};
use super::{Hosts, SettingsError, published};
use crate::keys::{Certificate, PrivateKey, PublicKey};
use crate::v3::{AnswerKeys, Signer};
use crate::wechat::Merchant;
use crate::{WechatPayV2, WechatPayV3};

/// The merchant's certificate and key, found to belong together.
pub(super) struct Identity {
    pub(super) certificate: Certificate,
    key: PrivateKey,
    pub(super) pem: Zeroizing<String>,
}

pub(super) fn merchant(file: &SettingsFile) -> Result<Merchant, SettingsError> {
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

pub(super) fn identity(file: &SettingsFile, hosts: &Hosts) -> Result<Identity, SettingsError> {
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

pub(super) fn version_3(
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

pub(super) fn version_2(
    file: &SettingsFile,
    hosts: &Hosts,
    merchant: &Merchant,
) -> Result<WechatPayV2, SettingsError> {
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

pub(super) fn extra_ca(file: &SettingsFile, hosts: &Hosts) -> Result<(), SettingsError> {
    let Some(pem) = given(&file.extra_ca) else { return Ok(()) };
    if !hosts.loopback {
        return Err(SettingsError::CaNotAllowed);
    }
    Certificate::from_pem(pem).map(|_| ()).ok_or(SettingsError::CertificateUnreadable("extra_ca"))
}

pub(super) fn given(text: &Option<Text>) -> Option<&str> {
    text.as_ref().map(|text| text.trim()).filter(|text| !text.is_empty())
}

fn needed<'a>(text: &'a Option<Text>, field: &'static str) -> Result<&'a str, SettingsError> {
    given(text).ok_or(SettingsError::Missing(field))
}
