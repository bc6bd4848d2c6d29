use guitai_domain::payment::Verb;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::testkit::*;
use crate::{Connector, HttpReply, HttpRequest};

const OPENID: &str = "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o";
/// The code of [`code`], and another customer's.
const CODES: [&str; 2] = ["130061098828009406", "288888888888888888"];
const SECRETS: [&str; 8] =
    [OPENID, CODES[0], CODES[1], APIV2_KEY, APIV3_KEY, "13800138000", "张三", "BEGIN PRIVATE KEY"];

fn v3() -> Box<dyn Connector> {
    settings(&v3_toml(LOOPBACK)).connector()
}

fn v2() -> Box<dyn Connector> {
    settings(&v2_toml(LOOPBACK)).connector()
}

fn shown(connector: &dyn Connector, verb: Verb, reply: &HttpReply) -> Value {
    let payment = payment();
    let text = connector.read(verb, &asked(&payment), reply, NOW).note.shown.expect("an answer is shown");
    assert!(text.len() <= 2048, "{} bytes", text.len());
    keeps_secrets(&text);
    serde_json::from_str(&text).expect("JSON")
}

fn keeps_secrets(text: &str) {
    for secret in SECRETS {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
}

fn sha256(reply: &HttpReply) -> String {
    hex::encode(ring::digest::digest(&ring::digest::SHA256, &reply.body))
}

/// A paid v3 answer as rich as they come.
fn rich_v3() -> Value {
    let mut body = transaction(payment().as_str(), "SUCCESS");
    body["success_time"] = json!("2026-07-01T09:30:00+08:00");
    body["attach"] = json!(format!("张三 13800138000 {}", CODES[0]));
    body["payer"] = json!({ "openid": OPENID, "sub_openid": OPENID });
    body["promotion_detail"] = json!([{ "coupon_id": CODES[1], "name": "张三的券", "amount": 2 }]);
    body["scene_info"] = json!({ "device_id": "13800138000" });
    body["auth_code"] = json!(CODES[0]);
    body["key"] = json!(APIV3_KEY);
    body
}

#[test]
fn a_charge_shows_what_was_asked_and_four_digits_of_the_code() {
    let (payment, code) = (payment(), code());
    let charge = crate::Charge { description: "张三 13800138000", ..charge(&payment, &code) };
    let cases = [(v3(), "/v3/pay/transactions/codepay"), (v2(), "/pay/micropay")];

    for (connector, path) in cases {
        let request = connector.pay(&charge, &fresh());
        keeps_secrets(&request.shown);
        for (_, value) in request.headers.iter().filter(|(name, _)| *name == "Authorization") {
            assert!(!request.shown.contains(&value[value.len() - 40..]), "our signature stays ours");
        }
        let expected = json!({
            "method": "POST", "path": path, "appid": APPID, "mchid": MCHID, "out_trade_no": payment.as_str(),
            "total": 101, "currency": "CNY", "device_id": "pos-01", "auth_code": "***9406",
        });
        assert_eq!(serde_json::from_str::<Value>(&request.shown).expect("JSON"), expected);
    }
}

#[test]
fn queries_and_reversals_show_whom_they_are_about() {
    let payment = payment();
    let asked = asked(&payment);
    let shown = |request: HttpRequest| {
        keeps_secrets(&request.shown);
        let shown: Value = serde_json::from_str(&request.shown).expect("JSON");
        assert_eq!(shown["path"], json!(request.path));
        assert_eq!(shown["method"], json!(request.verb.name()));
        shown
    };

    for connector in [v3(), v2()] {
        for request in [connector.query(&asked, &fresh()), connector.reverse(&asked, &fresh())] {
            let shown = shown(request);
            assert_eq!(shown["out_trade_no"], json!(payment.as_str()));
            assert_eq!((&shown["mchid"], &shown["appid"]), (&json!(MCHID), &json!(APPID)));
        }
        assert_eq!(shown(connector.test(&fresh())).get("out_trade_no"), None, "about no payment");
    }
}

#[test]
fn a_paid_v3_answer_shows_what_proves_it_and_nothing_of_the_payer() {
    let mut reply = signed(200, &rich_v3().to_string(), NOW);
    reply.headers.push(("Request-ID".into(), "08F78BB3-268449538".into()));
    reply.headers.push(("Set-Cookie".into(), OPENID.into()));
    let signature = reply.header("Wechatpay-Signature").expect("signed").to_owned();

    let expected = json!({
        "status": 200, "request_id": "08F78BB3-268449538", "timestamp": "1652750623",
        "nonce": "Nc8wPQ1xYz7vL2mK5tR9sB3dF6hJ0gUa", "serial": PUBLIC_KEY_ID, "signature": signature,
        "bytes": reply.body.len(), "sha256": sha256(&reply),
        "appid": APPID, "mchid": MCHID, "out_trade_no": payment().as_str(),
        "transaction_id": "4200000000202607010000000001", "trade_type": "MICROPAY", "trade_state": "SUCCESS",
        "bank_type": "AMERICANEXPRESS_CREDIT", "success_time": "2026-07-01T09:30:00+08:00",
        "total": 101, "payer_total": 99, "currency": "CNY",
    });
    for verb in [Verb::Pay, Verb::Query] {
        assert_eq!(shown(&*v3(), verb, &reply), expected);
    }
}

#[test]
fn a_paid_v2_answer_is_told_with_the_same_names() {
    let payment = payment();
    let mut fields = v2_paid(&payment, "101");
    let more = [
        ("trade_state", "SUCCESS"),
        ("cash_fee", "99"),
        ("attach", "张三 13800138000"),
        ("openid", OPENID),
        ("sub_openid", OPENID),
        ("coupon_id_0", CODES[1]),
        ("device_info", "13800138000"),
        ("nonce_str", "5d2b6c2a8db53831f7eda20af46e531c"),
        ("auth_code", CODES[0]),
        ("key", APIV2_KEY),
    ];
    fields.extend_from_slice(&more);
    let reply = v2_answer(APIV2_KEY, &fields);

    let shown = shown(&*v2(), Verb::Query, &reply);

    let expected = json!({
        "status": 200, "nonce": "5d2b6c2a8db53831f7eda20af46e531c", "signature": shown["signature"],
        "bytes": reply.body.len(), "sha256": sha256(&reply),
        "return_code": "SUCCESS", "result_code": "SUCCESS", "appid": APPID, "mchid": MCHID,
        "out_trade_no": payment.as_str(), "transaction_id": "4200000000202607010000000001",
        "trade_type": "MICROPAY", "trade_state": "SUCCESS", "bank_type": "CCB_DEBIT",
        "success_time": "20260701093000", "total": 101, "payer_total": 99, "currency": "CNY",
    });
    assert_eq!(shown, expected);
    let sign = shown["signature"].as_str().expect("a signature");
    assert!(sign.len() == 64 && String::from_utf8_lossy(&reply.body).contains(sign), "its own signature");
}

#[test]
fn refusals_show_their_code_and_never_their_text() {
    let detail =
        json!({ "field": "/payer/auth_code", "value": CODES[0], "issue": CODES[0], "location": "body" });
    let v3_body =
        json!({ "code": "PARAM_ERROR", "message": format!("付款码 {} 无效", CODES[0]), "detail": detail });
    let v2_reply = v2_answer(
        APIV2_KEY,
        &[("result_code", "FAIL"), ("err_code", "AUTHCODEEXPIRE"), ("err_code_des", CODES[0])],
    );
    let unsigned = plain(
        200,
        &[],
        &format!("<xml><return_code>FAIL</return_code><return_msg>{OPENID}</return_msg></xml>"),
    );

    let refusal = shown(&*v3(), Verb::Pay, &plain(400, &[], &v3_body.to_string()));
    assert_eq!((&refusal["status"], &refusal["code"]), (&json!(400), &json!("PARAM_ERROR")));
    let refusal = shown(&*v2(), Verb::Pay, &v2_reply);
    assert_eq!((&refusal["result_code"], &refusal["code"]), (&json!("FAIL"), &json!("AUTHCODEEXPIRE")));
    assert_eq!(shown(&*v2(), Verb::Pay, &unsigned)["return_code"], "FAIL");
}

#[test]
fn what_is_no_answer_of_a_provider_shows_as_its_length_and_digest() {
    let page = format!("<html><body>{OPENID} {}</body></html>", CODES[0]);
    let cases = [
        plain(200, &[("Content-Type", "text/html")], &page),
        plain(302, &[("Location", OPENID)], &page),
        plain(404, &[], ""),
        plain(502, &[], &page),
        plain(200, &[], "{\"out_trade_no\":\"A\",\"out_trade_no\":\"B\"}"),
        plain(200, &[], "<xml><a><b>nested</b></a></xml>"),
    ];

    for reply in cases {
        for connector in [v3(), v2()] {
            let expected =
                json!({ "status": reply.status, "bytes": reply.body.len(), "sha256": sha256(&reply) });
            assert_eq!(shown(&*connector, Verb::Query, &reply), expected);
        }
    }
}

/// Every field that is shown, with something in it that may not be.
#[test]
fn a_field_that_does_not_look_like_its_name_is_hidden() {
    let v3_fields = [
        "code",
        "appid",
        "mchid",
        "out_trade_no",
        "transaction_id",
        "trade_type",
        "trade_state",
        "bank_type",
        "success_time",
    ];
    let v2_fields = [
        "err_code",
        "appid",
        "mch_id",
        "out_trade_no",
        "transaction_id",
        "trade_type",
        "trade_state",
        "bank_type",
        "time_end",
        "total_fee",
        "cash_fee",
        "fee_type",
        "recall",
        "nonce_str",
        "sign",
    ];
    let headers =
        ["Request-ID", "Wechatpay-Timestamp", "Wechatpay-Nonce", "Wechatpay-Serial", "Wechatpay-Signature"];

    for secret in SECRETS.into_iter().filter(|secret| *secret != "13800138000") {
        for name in v3_fields {
            let reply = signed(200, &json!({ name: secret, "amount": { "total": 1 } }).to_string(), NOW);
            assert_eq!(shown(&*v3(), Verb::Query, &reply)[name], "***", "{name}");
        }
        for name in ["total", "payer_total", "currency"] {
            let reply = signed(200, &json!({ "amount": { name: secret } }).to_string(), NOW);
            assert_eq!(shown(&*v3(), Verb::Query, &reply)[name], "***", "{name}");
        }
        for name in v2_fields.into_iter().filter(|name| may_be(name, secret)) {
            let body = format!("<xml><{name}>{secret}</{name}></xml>");
            shown(&*v2(), Verb::Query, &plain(200, &[], &body));
        }
        for name in headers.into_iter().filter(|name| may_be(name, secret)) {
            shown(&*v3(), Verb::Query, &plain(500, &[(name, secret)], ""));
        }
    }
    for value in
        [json!(null), json!(true), json!([CODES[0]]), json!({ "a": OPENID }), json!(130061098828009406_i64)]
    {
        let reply = signed(200, &json!({ "amount": { "total": value }, "mchid": value }).to_string(), NOW);
        shown(&*v3(), Verb::Query, &reply);
    }
}

/// Whether the field is to hide it: a nonce and a request id look like a v2 key and cannot be told from one.
fn may_be(name: &str, secret: &str) -> bool {
    let free = ["nonce_str", "Wechatpay-Nonce", "Request-ID"].contains(&name);
    !(free && [APIV2_KEY, APIV3_KEY].contains(&secret))
}

#[test]
fn the_longest_answer_that_is_shown_is_short() {
    let long = |length: usize, letter: &str| letter.repeat(length);
    let mut body = rich_v3();
    for name in ["code", "trade_type", "trade_state", "bank_type"] {
        body[name] = json!(long(40, "A"));
    }
    body["out_trade_no"] = json!(long(32, "P"));
    body["transaction_id"] = json!(long(32, "4"));
    body["amount"] =
        json!({ "total": 999_999_999_999_i64, "payer_total": 999_999_999_999_i64, "currency": "CNY" });
    let mut reply = signed(200, &body.to_string(), NOW);
    reply.headers.retain(|(name, _)| !name.starts_with("Wechatpay"));
    for (name, length) in [("Nonce", 32), ("Serial", 64), ("Signature", 720)] {
        reply.headers.push((format!("Wechatpay-{name}"), long(length, "A")));
    }
    reply.headers.push(("Request-ID".into(), long(80, "A")));
    let signature_length = shown(&*v3(), Verb::Query, &reply)["signature"].as_str().map(str::len);
    assert_eq!(signature_length, Some(720), "nothing of it was hidden");
}

proptest! {
    #[test]
    fn whatever_an_answer_holds_what_is_shown_is_short_and_keeps_the_code(
        noise in ".{0,200}", status in 0_u16..600, tail in "[0-9]{16}",
    ) {
        let code = format!("13{tail}");
        let body = json!({ "mchid": noise, "code": code, "amount": { "total": noise }, "trade_state": code });
        let replies = [plain(status, &[("Request-ID", &code)], &body.to_string()), plain(status, &[], &noise)];
        for reply in replies {
            for connector in [v3(), v2()] {
                let payment = payment();
                let note = connector.read(Verb::Query, &asked(&payment), &reply, NOW).note;
                let text = note.shown.expect("shown");
                prop_assert!(text.len() <= 2048 && !text.contains(&code));
            }
        }
    }
}
