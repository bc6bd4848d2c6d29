use serde_json::Value;

use crate::testkit::*;
use crate::{Charge, HttpRequest, HttpVerb};

fn header<'a>(request: &'a HttpRequest, name: &str) -> Option<&'a str> {
    request.headers.iter().find(|(key, _)| *key == name).map(|(_, value)| value.as_str())
}

fn body(request: &HttpRequest) -> Value {
    serde_json::from_slice(&request.body).expect("JSON")
}

#[test]
fn a_charge_is_never_sent_twice_and_names_the_key_for_the_answer() {
    let (payment, code) = (payment(), code());

    let request = settings(&v3_toml(LOOPBACK)).connector().pay(&charge(&payment, &code), &fresh());

    assert!(!request.repeatable);
    assert!(!request.client_certificate);
    assert_eq!(header(&request, "Wechatpay-Serial"), Some(PUBLIC_KEY_ID));
    assert_eq!(header(&request, "Accept"), Some("application/json"));
    assert_eq!(header(&request, "Content-Type"), Some("application/json"));
}

#[test]
fn a_charge_has_no_field_the_providers_sample_lacks() {
    let sample: Value = serde_json::from_str(&vector("samples/v3_codepay_request.json")).expect("JSON");
    let (payment, code) = (payment(), code());

    let ours = body(&settings(&v3_toml(LOOPBACK)).connector().pay(&charge(&payment, &code), &fresh()));

    assert_same_shape(&ours, &sample, "");
}

#[test]
fn a_description_loses_its_emoji_and_the_till_fits_the_field() {
    let (payment, code) = (payment(), code());
    let long = "店".repeat(80);
    let charge = Charge {
        description: &format!("🧋{long}"),
        till: "till/1 of the long counter by the window",
        ..charge(&payment, &code)
    };

    let ours = body(&settings(&v3_toml(LOOPBACK)).connector().pay(&charge, &fresh()));

    assert_eq!(ours["description"].as_str().map(str::len), Some(126), "42 characters of three bytes");
    assert_eq!(ours["scene_info"]["device_id"], "till1ofthelongcounterbythewindow");
}

#[test]
fn a_shop_without_a_store_code_sends_no_empty_field() {
    let (payment, code) = (payment(), code());
    let toml = v3_toml(LOOPBACK).replace("store_code = \"A1111\"\n", "");

    let ours = body(&settings(&toml).connector().pay(&charge(&payment, &code), &fresh()));

    assert_eq!(ours["scene_info"], serde_json::json!({ "device_id": "pos-01" }));
}

#[test]
fn a_query_is_a_get_with_the_merchant_in_it() {
    let payment = payment();

    let request = settings(&v3_toml(LOOPBACK)).connector().query(&asked(&payment), &fresh());

    assert_eq!(request.verb, HttpVerb::Get);
    assert_eq!(request.path, "/v3/pay/transactions/out-trade-no/POS20260701000001?mchid=1234567891");
    assert!(request.body.is_empty());
    assert_eq!(header(&request, "Content-Type"), None);
    assert!(request.repeatable);
}

#[test]
fn a_reversal_says_who_asks_as_the_sample_does() {
    let sample: Value = serde_json::from_str(&vector("samples/v3_reverse_request.json")).expect("JSON");
    let payment = payment();

    let request = settings(&v3_toml(LOOPBACK)).connector().reverse(&asked(&payment), &fresh());

    assert_eq!(request.verb, HttpVerb::Post);
    assert_eq!(request.path, "/v3/pay/transactions/out-trade-no/POS20260701000001/reverse");
    assert_eq!(body(&request), serde_json::json!({ "appid": APPID, "mchid": MCHID }));
    assert_same_shape(&body(&request), &sample, "");
    assert!(!request.client_certificate, "v3 signs; it needs no client certificate");
}

#[test]
fn with_platform_certificates_only_the_test_names_a_key() {
    let (payment, code) = (payment(), code());
    let connector = settings(&v3_certificate_toml(LOOPBACK)).connector();

    let pay = connector.pay(&charge(&payment, &code), &fresh());
    let test = connector.test(&fresh());

    assert_eq!(header(&pay, "Wechatpay-Serial"), None);
    assert_eq!(header(&test, "Wechatpay-Serial"), Some("440024045C4A427599D09BB4E3DE0279F2E813FD"));
    assert_eq!(test.path, "/v3/security/echo");
}

#[test]
fn the_same_arguments_make_the_same_bytes() {
    let (payment, code) = (payment(), code());
    let connector = settings(&v3_toml(LOOPBACK)).connector();

    let (one, two) = (
        connector.pay(&charge(&payment, &code), &fresh()),
        connector.pay(&charge(&payment, &code), &fresh()),
    );

    assert_eq!(one.body, two.body);
    assert_eq!(one.headers, two.headers);
}

/// Every field of `ours` is one of `sample`'s, of the same type.
fn assert_same_shape(ours: &Value, sample: &Value, at: &str) {
    match ours {
        Value::Object(fields) => {
            for (name, value) in fields {
                let known = sample.get(name).unwrap_or_else(|| panic!("{at}/{name} is not in the sample"));
                assert_same_shape(value, known, &format!("{at}/{name}"));
            }
        }
        Value::String(_) => assert!(sample.is_string(), "{at}"),
        Value::Number(_) => assert!(sample.is_i64(), "{at}"),
        Value::Null | Value::Bool(_) | Value::Array(_) => panic!("{at}: a charge has none"),
    }
}
