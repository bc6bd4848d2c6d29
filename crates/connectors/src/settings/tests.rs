use proptest::prelude::*;

use super::*;
use crate::testkit::*;

const REAL: &str = "[\"https://api.mch.weixin.qq.com\"]";

fn error(toml: &str) -> SettingsError {
    ProviderSettings::from_toml(toml).map(|_| ()).expect_err("something is wrong")
}

/// `toml` without the field `name`, whose value may run over several lines.
fn without(toml: &str, name: &str) -> String {
    let table: toml::Table = toml.parse().expect("TOML");
    let rest: toml::Table = table.into_iter().filter(|(key, _)| key != name).collect();
    rest.to_string()
}

fn with(toml: &str, name: &str, value: &str) -> String {
    let mut table: toml::Table = toml.parse().expect("TOML");
    table.insert(name.to_owned(), toml::Value::String(value.to_owned()));
    table.to_string()
}

#[test]
fn right_settings_are_taken_and_name_their_shop_masked() {
    let cases = [
        (v3_toml(LOOPBACK), "wechat_pay_v3", false),
        (v3_certificate_toml(LOOPBACK), "wechat_pay_v3", false),
        (v2_toml(LOOPBACK), "wechat_pay_v2", true),
    ];

    for (toml, kind, client_identity) in cases {
        let settings = settings(&toml);
        assert_eq!(settings.kind(), kind);
        assert_eq!(settings.connector().kind(), kind);
        assert_eq!(settings.merchant_masked(), "12******91");
        assert_eq!(settings.app_masked(), "wx**************87");
        assert_eq!(settings.client_identity_pem().is_some(), client_identity);
        assert_eq!(settings.hosts(), ["http://127.0.0.1:9"]);
        assert_eq!(settings.certificate_until(), Timestamp(1_746_755_830_000), "9 May 2025");
    }
}

#[test]
fn settings_written_for_the_secret_store_read_back_whole() {
    for toml in [v3_toml(LOOPBACK), v3_certificate_toml(LOOPBACK), v2_toml(LOOPBACK)] {
        let once = settings(&toml).to_toml();
        let twice = settings(&once).to_toml();

        assert_eq!(once, twice);
        assert!(settings(&once).file == settings(&toml).file, "nothing is lost");
    }
}

#[test]
fn a_missing_field_is_named() {
    let cases = [
        (v3_toml(LOOPBACK), "mchid"),
        (v3_toml(LOOPBACK), "appid"),
        (v3_toml(LOOPBACK), "merchant_certificate"),
        (v3_toml(LOOPBACK), "merchant_private_key"),
        (v3_toml(LOOPBACK), "public_key"),
        (v3_toml(LOOPBACK), "public_key_id"),
        (v3_certificate_toml(LOOPBACK), "apiv3_key"),
        (v2_toml(LOOPBACK), "apiv2_key"),
    ];

    for (toml, field) in cases {
        assert_eq!(error(&without(&toml, field)), SettingsError::Missing(field));
        assert_eq!(error(&with(&toml, field, "  ")), SettingsError::Missing(field), "blank is missing");
    }
    let bare = without(&v3_certificate_toml(LOOPBACK), "platform_certificates");
    assert_eq!(error(&bare), SettingsError::Missing("public_key"), "the way of new merchants");
}

#[test]
fn each_wrong_field_has_its_own_error() {
    let (v3, v2) = (v3_toml(LOOPBACK), v2_toml(LOOPBACK));
    let (go_key, go_certificate) = (vector("go_test_private_key.pem"), vector("go_test_certificate.pem"));
    let ca = vector("tls/ca.pem");
    let cases = [
        (with(&v3, "kind", "wechat"), SettingsError::UnknownKind),
        (without(&v3, "kind"), SettingsError::UnknownKind),
        (with(&v3, "mchid", "1234567"), SettingsError::MerchantIdMalformed),
        (with(&v3, "mchid", "12345678901"), SettingsError::MerchantIdMalformed),
        (with(&v3, "mchid", "12345678a"), SettingsError::MerchantIdMalformed),
        (with(&v3, "appid", "wx-1"), SettingsError::Malformed("appid")),
        (with(&v3, "store_code", "店"), SettingsError::Malformed("store_code")),
        (with(&v2, "device_ip", "till"), SettingsError::Malformed("device_ip")),
        (
            with(&v3, "merchant_certificate", &go_key),
            SettingsError::CertificateUnreadable("merchant_certificate"),
        ),
        (with(&v3, "merchant_private_key", &go_certificate), SettingsError::PrivateKeyUnreadable),
        (with(&v3, "merchant_private_key", &go_key), SettingsError::PrivateKeyOfAnother),
        (with(&v3, "apiv3_key", "short"), SettingsError::Apiv3KeyMalformed),
        (with(&v3, "apiv3_key", &"x".repeat(33)), SettingsError::Apiv3KeyMalformed),
        (with(&v2, "apiv2_key", &"密".repeat(32)), SettingsError::Apiv2KeyMalformed),
        (with(&v3, "public_key", &go_certificate), SettingsError::PublicKeyUnreadable),
        (with(&v3, "public_key_id", "0112345678912025"), SettingsError::PublicKeyIdMalformed),
        (with(&v3, "public_key_id", "PUB_KEY_ID_"), SettingsError::PublicKeyIdMalformed),
        (with(&v3, "extra_ca", "nonsense"), SettingsError::CertificateUnreadable("extra_ca")),
        (with(&v3_toml(REAL), "extra_ca", &ca), SettingsError::PublishedKey("merchant_certificate")),
        (v3_toml("[\"https://evil.example\"]"), SettingsError::HostNotAllowed),
        (
            v3_toml("[\"http://127.0.0.1:1\", \"http://127.0.0.1:2\", \"http://127.0.0.1:3\"]"),
            SettingsError::HostNotAllowed,
        ),
    ];

    for (toml, expected) in cases {
        assert_eq!(error(&toml), expected);
    }
}

#[test]
fn every_error_has_a_code_of_its_own_and_a_text() {
    let errors = [
        SettingsError::NotToml { line: 1 },
        SettingsError::UnknownKind,
        SettingsError::Missing("mchid"),
        SettingsError::MerchantIdMalformed,
        SettingsError::Malformed("appid"),
        SettingsError::CertificateUnreadable("extra_ca"),
        SettingsError::PrivateKeyUnreadable,
        SettingsError::PrivateKeyOfAnother,
        SettingsError::Apiv3KeyMalformed,
        SettingsError::Apiv2KeyMalformed,
        SettingsError::PublicKeyUnreadable,
        SettingsError::PublicKeyIdMalformed,
        SettingsError::PublishedKey("public_key"),
        SettingsError::HostNotAllowed,
        SettingsError::CaNotAllowed,
        SettingsError::TlsUnusable,
    ];
    let handbook =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/configuration.md"));
    let handbook = handbook.expect("the handbook");

    let codes: std::collections::BTreeSet<_> = errors.iter().map(SettingsError::code).collect();

    assert_eq!(codes.len(), errors.len());
    for code in codes.into_iter().chain(["K-21", "K-22", "K-23", "K-24", "K-25", "K-26", "K-27", "K-28"]) {
        assert!(handbook.contains(&format!("| {code} |")), "{code} is not in docs/configuration.md");
    }
}

#[test]
fn published_keys_are_refused_unless_no_money_can_move() {
    let own_identity = |toml: &str| {
        let toml = with(toml, "merchant_certificate", &vector("tls/merchant.pem"));
        with(&toml, "merchant_private_key", &vector("tls/merchant_key.pem"))
    };
    let cases = [
        (v3_toml(REAL), "merchant_certificate"),
        (v2_toml(REAL), "merchant_certificate"),
        (own_identity(&v3_toml(REAL)), "public_key"),
        (own_identity(&v3_certificate_toml(REAL)), "apiv3_key"),
        (
            own_identity(&with(&v3_certificate_toml(REAL), "apiv3_key", &"x".repeat(32))),
            "platform_certificates",
        ),
        (own_identity(&v2_toml(REAL)), "apiv2_key"),
    ];

    for (toml, field) in cases {
        assert_eq!(error(&toml), SettingsError::PublishedKey(field));
    }
    assert!(
        ProviderSettings::from_toml(&own_identity(&with(&v2_toml(REAL), "apiv2_key", &"x".repeat(32))))
            .is_ok()
    );
}

#[test]
fn an_extra_authority_is_for_this_computer_only() {
    let toml = with(&v2_toml(REAL), "merchant_certificate", &vector("tls/merchant.pem"));
    let toml = with(&toml, "merchant_private_key", &vector("tls/merchant_key.pem"));
    let toml = with(&toml, "extra_ca", &vector("tls/ca.pem"));

    assert_eq!(error(&toml), SettingsError::CaNotAllowed);
}

#[test]
fn a_line_that_cannot_be_read_is_named_by_number_and_not_quoted() {
    let cases = [
        ("kind = \"wechat_pay_v2\"\napiv2_key = \"topsecret\n", 2),
        ("kind = \"wechat_pay_v2\"\napiv2_key = 12345678\n", 2),
        ("kind = \"wechat_pay_v2\"\n\napiv2key = \"topsecret\"\n", 3),
        ("-----BEGIN PRIVATE KEY-----\n", 1),
    ];

    for (toml, line) in cases {
        let error = error(toml);
        assert_eq!(error, SettingsError::NotToml { line }, "{toml}");
        assert!(!error.to_string().contains("topsecret"));
    }
}

/// Long enough that no ordinary word is one by accident.
fn secrets_of(toml: &str) -> Vec<String> {
    let table: toml::Table = toml.parse().expect("TOML");
    let fields = ["merchant_private_key", "apiv3_key", "apiv2_key", "mchid", "appid"];
    let texts = fields.iter().filter_map(|name| table.get(*name)?.as_str());
    texts
        .flat_map(str::lines)
        .filter(|line| line.len() >= 8 && !line.starts_with('-'))
        .map(str::to_owned)
        .collect()
}

fn assert_silent(printed: &str, toml: &str) {
    for secret in secrets_of(toml) {
        assert!(!printed.contains(&secret), "a secret was printed");
    }
}

#[test]
fn nothing_that_prints_shows_a_secret() {
    let (payment, code) = (payment(), code());
    for toml in [v3_toml(LOOPBACK), v3_certificate_toml(LOOPBACK), v2_toml(LOOPBACK)] {
        let settings = settings(&toml);
        let connector = settings.connector();
        let requests = [
            connector.pay(&charge(&payment, &code), &fresh()),
            connector.reverse(&asked(&payment), &fresh()),
            connector.test(&fresh()),
        ];

        assert_silent(&format!("{settings:?} {requests:?} {:?}", charge(&payment, &code)), &toml);
        assert!(!format!("{requests:?} {:?}", charge(&payment, &code)).contains(code.reveal()));
        match &settings.language {
            Language::V3(connector) => assert!(!format!("{connector:?}").contains("PRIVATE")),
            Language::V2(connector) => assert_silent(&format!("{connector:?}"), &toml),
        }
    }
}

proptest! {
    #[test]
    fn however_a_file_is_broken_its_error_shows_no_secret(at in any::<prop::sample::Index>(), byte in 0_u8..128, v2: bool) {
        let whole = if v2 { v2_toml(LOOPBACK) } else { v3_certificate_toml(LOOPBACK) };
        let mut broken = whole.clone().into_bytes();
        let at = at.index(broken.len());
        broken[at] = byte;
        let Ok(broken) = String::from_utf8(broken) else { return Ok(()) };

        match ProviderSettings::from_toml(&broken) {
            Ok(settings) => assert_silent(&format!("{settings:?}"), &whole),
            Err(error) => assert_silent(&format!("{error} {error:?}"), &whole),
        }
    }

    #[test]
    fn no_text_makes_settings_fail_otherwise(text in any::<String>()) {
        let _ = ProviderSettings::from_toml(&text);
    }
}
