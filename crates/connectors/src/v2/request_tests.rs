use crate::testkit::*;
use crate::v2::sign::SharedKey;
use crate::v2::xml::{self, Fields};
use crate::{HttpRequest, HttpVerb};

fn fields(request: &HttpRequest) -> Fields {
    xml::read(&request.body).expect("our own XML")
}

fn get(request: &HttpRequest, name: &str) -> Option<String> {
    fields(request).get(name).map(|value| value.to_string())
}

#[test]
fn a_charge_carries_what_the_page_requires_and_a_right_signature() {
    let (payment, code) = (payment(), code());

    let request = settings(&v2_toml(LOOPBACK)).connector().pay(&charge(&payment, &code), &fresh());

    let expected = [
        ("appid", APPID),
        ("mch_id", MCHID),
        ("device_info", "pos-01"),
        ("nonce_str", "593BEC0C930BF1AFEB40B4A08C8FB242"),
        ("sign_type", "HMAC-SHA256"),
        ("body", "小张南山店-超市"),
        ("out_trade_no", "POS20260701000001"),
        ("total_fee", "101"),
        ("fee_type", "CNY"),
        ("spbill_create_ip", "127.0.0.1"),
        ("auth_code", "130061098828009406"),
        ("scene_info", "{\"store_info\":{\"id\":\"A1111\"}}"),
    ];
    for (name, value) in expected {
        assert_eq!(get(&request, name).as_deref(), Some(value), "{name}");
    }
    assert_eq!(fields(&request).len(), expected.len() + 1, "and the signature");
    assert!(SharedKey::new(APIV2_KEY).verifies(&fields(&request)));
    assert_eq!((request.verb, request.path.as_str()), (HttpVerb::Post, "/pay/micropay"));
    assert!(!request.repeatable && !request.client_certificate);
}

#[test]
fn only_a_reversal_shows_the_client_certificate() {
    let payment = payment();
    let connector = settings(&v2_toml(LOOPBACK)).connector();

    let query = connector.query(&asked(&payment), &fresh());
    let reverse = connector.reverse(&asked(&payment), &fresh());

    assert_eq!(
        (query.path.as_str(), query.client_certificate, query.repeatable),
        ("/pay/orderquery", false, true)
    );
    assert_eq!(
        (reverse.path.as_str(), reverse.client_certificate, reverse.repeatable),
        ("/secapi/pay/reverse", true, false)
    );
    for request in [&query, &reverse] {
        assert_eq!(get(request, "out_trade_no").as_deref(), Some("POS20260701000001"));
        assert!(SharedKey::new(APIV2_KEY).verifies(&fields(request)));
    }
}

#[test]
fn an_address_and_no_store_code_are_settings_too() {
    let (payment, code) = (payment(), code());
    let toml = v2_toml(LOOPBACK).replace("store_code = \"A1111\"", "device_ip = \"192.168.1.20\"");

    let request = settings(&toml).connector().pay(&charge(&payment, &code), &fresh());

    assert_eq!(get(&request, "spbill_create_ip").as_deref(), Some("192.168.1.20"));
    assert_eq!(get(&request, "scene_info"), None);
}

#[test]
fn the_settings_test_asks_for_a_payment_no_till_makes() {
    let request = settings(&v2_toml(LOOPBACK)).connector().test(&fresh());

    let number = get(&request, "out_trade_no").expect("a number");
    assert!(guitai_domain::PaymentId::parse(&number).is_err());
    assert!((6..=32).contains(&number.len()), "and the provider still takes it for a number");
}
