//! Stories of a small till against the whole world, by way of the true wire.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use x509_parser::prelude::FromDer;

use super::*;
use crate::keys::{MERCHANT, certificate_verifies, pem_contents, private_key, sign};
use crate::provider::auth;
use crate::provider::v2::{self, SignType};
use crate::wallet::{CODE_TAKEN_MS, PASSWORD_PROMPT_MS, PasswordAnswer, Refusal};
use crate::{REVERSE_EARLIEST_MS, REVERSE_LATEST_MS, UNPAID_LIFE_MS};

const START_MS: i64 = 1_790_000_000_000;

/// A world, a hand on its clock, and a till that signs what it sends.
struct Counter {
    world: World,
    now_ms: i64,
    nonce: u32,
}

/// An answer of the v3 interface.
#[derive(Debug, PartialEq)]
struct V3 {
    status: u16,
    body: Value,
}

impl V3 {
    fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or("")
    }

    fn state(&self) -> &str {
        self.body["trade_state"].as_str().unwrap_or("")
    }
}

impl Counter {
    fn open() -> Counter {
        Counter { world: World::new(42, START_MS), now_ms: START_MS, nonce: 0 }
    }

    fn wait(&mut self, ms: i64) {
        self.now_ms += ms;
    }

    fn code(&mut self) -> String {
        self.world.payment_code(TRAINEE, self.now_ms)
    }

    fn balance(&self, account: Account) -> i64 {
        self.world.bank.balance(&account)
    }

    fn signed(&mut self, method: &str, path: &str, body: &str) -> http::Request<Vec<u8>> {
        self.nonce += 1;
        let (timestamp, nonce) = ((self.now_ms / 1000).to_string(), format!("nonce{}", self.nonce));
        let message = auth::message(method, path, &timestamp, &nonce, body.as_bytes());
        let signature = STANDARD.encode(sign(&private_key(MERCHANT.private_key_pem), &message));
        let mut request = http::Request::builder()
            .method(method)
            .uri(path)
            .header("Accept", "application/json")
            .header("User-Agent", "counter")
            .header("Wechatpay-Serial", MERCHANT.public_key_id)
            .header(
                "Authorization",
                format!(
                    "WECHATPAY2-SHA256-RSA2048 mchid=\"{}\",nonce_str=\"{nonce}\",timestamp=\"{timestamp}\",\
                     serial_no=\"{}\",signature=\"{signature}\"",
                    MERCHANT.mchid, MERCHANT.serial_no
                ),
            );
        if !body.is_empty() {
            request = request.header("Content-Type", "application/json");
        }
        request.body(body.as_bytes().to_vec()).unwrap()
    }

    fn send(&mut self, request: &http::Request<Vec<u8>>) -> http::Response<Vec<u8>> {
        match self.world.handle(request, self.now_ms, false) {
            Delivery::Reply { response, .. } => response,
            other => panic!("no reply: {other:?}"),
        }
    }

    /// Sends, and checks the answer's signature: 2xx is always signed, everything else never.
    fn v3(&mut self, method: &str, path: &str, body: &str) -> V3 {
        let request = self.signed(method, path, body);
        let response = self.send(&request);
        let status = response.status().as_u16();
        assert_eq!(signature_holds(&response), (200..300).contains(&status), "who vouches for {status}");
        V3 { status, body: serde_json::from_slice(response.body()).unwrap_or(Value::Null) }
    }

    fn pay(&mut self, number: &str, code: &str, fen: i64) -> V3 {
        self.v3("POST", "/v3/pay/transactions/codepay", &charge(number, code, fen).to_string())
    }

    fn query(&mut self, number: &str) -> V3 {
        self.v3("GET", &format!("/v3/pay/transactions/out-trade-no/{number}?mchid={}", MERCHANT.mchid), "")
    }

    fn reverse(&mut self, number: &str) -> V3 {
        let body = json!({ "appid": MERCHANT.appid, "mchid": MERCHANT.mchid }).to_string();
        self.v3("POST", &format!("/v3/pay/transactions/out-trade-no/{number}/reverse"), &body)
    }

    fn refund(&mut self, number: &str, refund_number: &str, fen: i64, total: i64) -> V3 {
        let amount = json!({ "refund": fen, "total": total, "currency": "CNY" });
        let body = json!({ "out_trade_no": number, "out_refund_no": refund_number, "amount": amount });
        self.v3("POST", "/v3/refund/domestic/refunds", &body.to_string())
    }

    fn v2(
        &mut self,
        path: &str,
        fields: &[(&str, &str)],
        sign_type: SignType,
        cert: bool,
    ) -> BTreeMap<String, String> {
        let request = v2_request(path, fields, sign_type);
        let Delivery::Reply { response, .. } = self.world.handle(&request, self.now_ms, cert) else {
            panic!("no reply")
        };
        let answer = crate::provider::read_xml(response.body());
        if answer["return_code"] == "SUCCESS" {
            assert_eq!(
                answer["sign"],
                v2::sign(&answer, sign_type, MERCHANT.apiv2_key),
                "signed the way it was asked"
            );
        }
        answer
    }

    fn micropay(&mut self, number: &str, code: &str, fen: i64) -> BTreeMap<String, String> {
        let response = self.send(&micropay_request(number, code, fen));
        crate::provider::read_xml(response.body())
    }
}

fn micropay_request(number: &str, code: &str, fen: i64) -> http::Request<Vec<u8>> {
    let fen = fen.to_string();
    let fields = [
        ("out_trade_no", number),
        ("body", "柜台练习店-日用"),
        ("total_fee", &fen),
        ("spbill_create_ip", "127.0.0.1"),
        ("auth_code", code),
    ];
    v2_request("/pay/micropay", &fields, SignType::HmacSha256)
}

fn v2_request(path: &str, fields: &[(&str, &str)], sign_type: SignType) -> http::Request<Vec<u8>> {
    let mut texts: BTreeMap<String, String> =
        fields.iter().map(|(n, v)| (n.to_string(), v.to_string())).collect();
    texts.insert("appid".into(), MERCHANT.appid.into());
    texts.insert("mch_id".into(), MERCHANT.mchid.into());
    texts.insert("nonce_str".into(), "n".into());
    if sign_type == SignType::HmacSha256 {
        texts.insert("sign_type".into(), "HMAC-SHA256".into());
    }
    texts.insert("sign".into(), v2::sign(&texts, sign_type, MERCHANT.apiv2_key));
    let xml: String = texts.iter().map(|(name, value)| format!("<{name}>{value}</{name}>")).collect();
    http::Request::post(path).body(format!("<xml>{xml}</xml>").into_bytes()).unwrap()
}

fn charge(number: &str, code: &str, fen: i64) -> Value {
    json!({
        "appid": MERCHANT.appid,
        "mchid": MERCHANT.mchid,
        "description": "柜台练习店-日用",
        "out_trade_no": number,
        "payer": { "auth_code": code },
        "amount": { "total": fen, "currency": "CNY" },
        "scene_info": { "device_id": "till-1", "store_info": { "out_id": "A1" } },
    })
}

fn signature_holds(response: &http::Response<Vec<u8>>) -> bool {
    let header =
        |name: &str| response.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or("");
    let message =
        crate::answer::message(header("wechatpay-timestamp"), header("wechatpay-nonce"), response.body());
    let Ok(signature) = STANDARD.decode(header("wechatpay-signature")) else {
        return false;
    };
    match header("wechatpay-serial") {
        serial if serial == MERCHANT.public_key_id => {
            let der = pem_contents(MERCHANT.public_key_pem);
            let (_, key) = x509_parser::x509::SubjectPublicKeyInfo::from_der(&der).unwrap();
            UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &key.subject_public_key.data)
                .verify(&message, &signature)
                .is_ok()
        }
        serial if serial == MERCHANT.platform_serial => {
            certificate_verifies(MERCHANT.platform_certificate_pem, &message, &signature)
        }
        _ => false,
    }
}

#[test]
fn a_payment_moves_its_money_once() {
    let mut counter = Counter::open();
    let code = counter.code();

    let paid = counter.pay("SALE0001", &code, 1850);

    assert_eq!((paid.status, paid.state()), (200, "SUCCESS"));
    assert_eq!(paid.body["amount"]["total"], 1850);
    assert_eq!(counter.balance(Account::merchant()), 1850);
    assert_eq!(counter.balance(Account::wallet(TRAINEE)), FIRST_BALANCE_FEN - 1850);
    assert_eq!(counter.pay("SALE0001", &code, 1850).code(), "ORDER_PAID", "the same number");
    assert_eq!(counter.pay("SALE0002", &code, 1850).code(), "AUTH_CODE_INVALID", "the same code");
    assert_eq!(counter.query("SALE0002").code(), "ORDER_NOT_EXIST");
    assert_eq!(counter.balance(Account::merchant()), 1850, "the money moved once");
    let by_id = format!(
        "/v3/pay/transactions/id/{}?mchid={}",
        paid.body["transaction_id"].as_str().unwrap(),
        MERCHANT.mchid
    );
    assert_eq!(counter.v3("GET", &by_id, "").body["out_trade_no"], "SALE0001");
}

#[test]
fn a_large_amount_waits_for_the_password() {
    let mut counter = Counter::open();
    let code = counter.code();

    let first = counter.pay("SALE0001", &code, 100_000);
    assert_eq!((first.status, first.body), (202, json!({ "trade_state": "USERPAYING" })));
    assert_eq!(counter.pay("SALE0001", &code, 100_000).status, 202, "the same call again changes nothing");
    let page = counter.world.wallet_page(TRAINEE, counter.now_ms);
    let asking = page.asking.expect("the wallet asks");
    assert_eq!(
        (asking.amount_fen, asking.merchant.as_str(), asking.seconds_left),
        (100_000, MERCHANT.name, 45)
    );

    counter.wait(16_000);
    counter.world.answer_password(TRAINEE, PasswordAnswer::Wrong, counter.now_ms);
    assert_eq!(counter.query("SALE0001").state(), "USERPAYING", "a wrong password may be tried again");
    assert_eq!(counter.reverse("SALE0001").code(), "USERPAYING", "no reverse while the customer pays");
    assert_eq!(counter.balance(Account::merchant()), 0);

    counter.world.answer_password(TRAINEE, PasswordAnswer::Right, counter.now_ms);
    assert_eq!(counter.query("SALE0001").state(), "SUCCESS");
    assert_eq!(counter.balance(Account::merchant()), 100_000);
    assert_eq!(counter.world.wallet_page(TRAINEE, counter.now_ms).asking, None);
}

#[test]
fn a_password_prompt_ends_cancelled_or_by_itself() {
    for (number, answer) in [("SALE0001", Some(PasswordAnswer::Cancel)), ("SALE0002", None)] {
        let mut counter = Counter::open();
        counter.world.set_behaviour(TRAINEE, Behaviour::AskPassword);
        let code = counter.code();
        assert_eq!(counter.pay(number, &code, 100).status, 202);

        counter.wait(PASSWORD_PROMPT_MS - 1);
        assert_eq!(counter.query(number).state(), "USERPAYING");
        match answer {
            Some(answer) => counter.world.answer_password(TRAINEE, answer, counter.now_ms),
            None => counter.wait(1),
        }

        assert_eq!(counter.query(number).state(), "PAYERROR", "{number}");
        counter.world.answer_password(TRAINEE, PasswordAnswer::Right, counter.now_ms);
        assert_eq!(counter.query(number).state(), "PAYERROR", "too late for the right password");
        assert_eq!(counter.reverse(number).status, 200);
        assert_eq!(counter.query(number).state(), "REVOKED");
        assert_eq!(counter.balance(Account::merchant()), 0);
    }
}

#[test]
fn refusals_carry_their_words_in_both_formats() {
    use Refusal::*;
    for (refusal, status, v3_code, v2_code, state) in [
        (NotEnough, 403, "NOT_ENOUGH", "NOTENOUGH", "PAYERROR"),
        (Risk, 403, "TRADE_ERROR", "TRADE_ERROR", "PAYERROR"),
        (CardNotSupported, 403, "TRADE_ERROR", "NOTSUPORTCARD", "PAYERROR"),
        (CodeExpired, 403, "AUTH_CODE_EXPIRE", "AUTHCODEEXPIRE", ""),
        (CodeUsed, 400, "AUTH_CODE_INVALID", "AUTH_CODE_ERROR", ""),
        (CodeInvalid, 400, "AUTH_CODE_INVALID", "AUTH_CODE_INVALID", ""),
        (BankError, 500, "BANK_ERROR", "BANKERROR", "NOTPAY"),
        (SystemError, 500, "SYSTEM_ERROR", "SYSTEMERROR", "NOTPAY"),
    ] {
        let mut counter = Counter::open();
        counter.world.set_behaviour(TRAINEE, Behaviour::Refuse(refusal));

        let code = counter.code();
        let refused = counter.pay("SALE0001", &code, 100);
        assert_eq!((refused.status, refused.code()), (status, v3_code), "{refusal:?}");
        assert_eq!(counter.query("SALE0001").state(), state, "{refusal:?}");

        let code = counter.code();
        let refused = counter.micropay("SALE0002", &code, 100);
        assert_eq!((refused["return_code"].as_str(), refused["err_code"].as_str()), ("SUCCESS", v2_code));
        assert_eq!(counter.balance(Account::merchant()), 0, "{refusal:?} moves no money");
    }
}

#[test]
fn a_system_error_may_be_tried_again_with_the_same_parameters() {
    let mut counter = Counter::open();
    counter.world.set_behaviour(TRAINEE, Behaviour::Refuse(Refusal::SystemError));
    let code = counter.code();
    assert_eq!(counter.pay("SALE0001", &code, 100).status, 500);

    counter.world.set_behaviour(TRAINEE, Behaviour::Pay);

    assert_eq!(counter.pay("SALE0001", &code, 101).code(), "INVALID_REQUEST", "another amount");
    assert_eq!(counter.pay("SALE0001", &code, 100).state(), "SUCCESS");
}

#[test]
fn an_empty_wallet_declines() {
    let mut counter = Counter::open();
    counter.world.set_balance(TRAINEE, 99, START_MS);
    let code = counter.code();

    assert_eq!(counter.pay("SALE0001", &code, 100).code(), "NOT_ENOUGH");
    assert_eq!(counter.query("SALE0001").state(), "PAYERROR");
    assert_eq!(counter.balance(Account::wallet(TRAINEE)), 99);
}

#[test]
fn an_old_code_is_refused() {
    let mut counter = Counter::open();
    let code = counter.code();

    counter.wait(CODE_TAKEN_MS);

    assert_eq!(counter.pay("SALE0001", &code, 100).code(), "AUTH_CODE_EXPIRE");
    assert_eq!(
        counter.pay("SALE0002", "101234567890123456", 100).code(),
        "AUTH_CODE_INVALID",
        "nobody's code"
    );
    assert_eq!(
        counter.pay("SALE0003", "281234567890123456", 100).code(),
        "AUTH_CODE_INVALID",
        "an Alipay code"
    );
}

#[test]
fn a_reverse_gives_the_money_back_within_its_window() {
    let mut counter = Counter::open();
    let code = counter.code();
    counter.pay("SALE0001", &code, 100);

    counter.wait(REVERSE_EARLIEST_MS - 1);
    assert_eq!(counter.reverse("SALE0001").code(), "INVALID_REQUEST", "too early");
    counter.wait(1);
    assert_eq!(counter.reverse("SALE0001").status, 200);
    assert_eq!(counter.reverse("SALE0001").status, 200, "again is no harm");

    assert_eq!(counter.query("SALE0001").state(), "REVOKED");
    assert_eq!(counter.balance(Account::wallet(TRAINEE)), FIRST_BALANCE_FEN);
    assert_eq!(counter.pay("SALE0001", &code, 100).code(), "ORDER_REVERSED");

    let code = counter.code();
    counter.pay("SALE0002", &code, 100);
    counter.wait(REVERSE_LATEST_MS + 1);
    assert_eq!(counter.reverse("SALE0002").code(), "REVERSE_EXPIRE");
    assert_eq!(counter.balance(Account::merchant()), 100);
}

#[test]
fn a_charge_that_arrives_after_its_reverse_never_succeeds() {
    let mut counter = Counter::open();
    let code = counter.code();

    assert_eq!(counter.reverse("SALE0001").status, 200, "a number nobody has seen");
    assert_eq!(counter.query("SALE0001").state(), "REVOKED");
    assert_eq!(counter.pay("SALE0001", &code, 100).code(), "ORDER_REVERSED");

    assert_eq!(counter.balance(Account::merchant()), 0);
}

#[test]
fn unpaid_orders_are_closed_at_the_end() {
    let mut counter = Counter::open();
    counter.world.set_behaviour(TRAINEE, Behaviour::Refuse(Refusal::BankError));
    let code = counter.code();
    counter.pay("SALE0001", &code, 100);

    counter.wait(UNPAID_LIFE_MS);

    assert_eq!(counter.query("SALE0001").state(), "CLOSED");
    assert_eq!(counter.pay("SALE0001", &code, 100).code(), "ORDER_CLOSED");
    assert_eq!(counter.reverse("SALE0001").status, 200, "there is nothing left to reverse");
}

#[test]
fn refunds_never_exceed_the_payment() {
    let mut counter = Counter::open();
    let code = counter.code();
    counter.pay("SALE0001", &code, 100);

    assert_eq!(counter.refund("SALE0001", "R1", 60, 100).body["status"], "PROCESSING");
    assert_eq!(counter.refund("SALE0001", "R1", 60, 100).status, 200, "the same refund again");
    assert_eq!(
        counter.refund("SALE0001", "R1", 61, 100).code(),
        "INVALID_REQUEST",
        "the same number for another"
    );
    assert_eq!(counter.refund("SALE0001", "R2", 41, 100).code(), "INVALID_REQUEST", "too much");
    assert_eq!(counter.refund("SALE0001", "R2", 40, 99).code(), "INVALID_REQUEST", "another total");
    assert_eq!(counter.refund("SALE0001", "R2", 40, 100).status, 200);
    assert_eq!(counter.refund("SALE0009", "R3", 1, 1).code(), "RESOURCE_NOT_EXISTS");

    assert_eq!(counter.balance(Account::merchant()), 0);
    assert_eq!(counter.query("SALE0001").state(), "REFUND");
    counter.wait(REVERSE_EARLIEST_MS);
    assert_eq!(counter.reverse("SALE0001").code(), "TRADE_ERROR", "refunded money is not given back twice");
    let refund = counter.v3("GET", "/v3/refund/domestic/refunds/R1", "");
    assert_eq!((&refund.body["status"], &refund.body["amount"]["refund"]), (&json!("SUCCESS"), &json!(60)));
}

#[test]
fn the_v2_format_tells_the_same_story() {
    for sign_type in [SignType::Md5, SignType::HmacSha256] {
        let mut counter = Counter::open();
        let code = counter.code();
        let paid = counter.v2(
            "/pay/micropay",
            &[
                ("out_trade_no", "SALE0001"),
                ("body", "柜台练习店-日用"),
                ("total_fee", "100"),
                ("spbill_create_ip", "127.0.0.1"),
                ("auth_code", &code),
            ],
            sign_type,
            false,
        );
        assert_eq!((paid["result_code"].as_str(), paid["trade_type"].as_str()), ("SUCCESS", "MICROPAY"));
        let order = [("out_trade_no", "SALE0001")];
        assert_eq!(counter.v2("/pay/orderquery", &order, sign_type, false)["trade_state"], "SUCCESS");
        assert_eq!(counter.query("SALE0001").state(), "SUCCESS", "both formats see one order");

        counter.wait(REVERSE_EARLIEST_MS);
        let bare = counter.v2("/secapi/pay/reverse", &order, sign_type, false);
        assert_eq!(bare["return_code"], "FAIL", "a reverse needs the client certificate");
        assert_eq!(counter.v2("/secapi/pay/reverse", &order, sign_type, true)["recall"], "N");
        assert_eq!(counter.v2("/pay/orderquery", &order, sign_type, false)["trade_state"], "REVOKED");
        assert_eq!(counter.balance(Account::wallet(TRAINEE)), FIRST_BALANCE_FEN);
    }
}

#[test]
fn v2_refunds_and_finds_them() {
    let mut counter = Counter::open();
    let code = counter.code();
    counter.micropay("SALE0001", &code, 100);
    let order = [("out_trade_no", "SALE0001")];
    let missing = counter.v2("/pay/refundquery", &order, SignType::Md5, false);
    assert_eq!(missing["err_code"], "REFUNDNOTEXIST");

    let fields = [order[0], ("out_refund_no", "R1"), ("total_fee", "100"), ("refund_fee", "30")];
    assert_eq!(counter.v2("/secapi/pay/refund", &fields, SignType::Md5, false)["return_code"], "FAIL");
    assert_eq!(counter.v2("/secapi/pay/refund", &fields, SignType::Md5, true)["refund_fee"], "30");

    counter.wait(1_000);
    let found = counter.v2("/pay/refundquery", &order, SignType::Md5, false);
    assert_eq!((found["refund_count"].as_str(), found["refund_status_0"].as_str()), ("1", "SUCCESS"));
    assert_eq!(counter.balance(Account::merchant()), 70);
}

#[test]
fn only_the_merchant_is_let_in() {
    let mut counter = Counter::open();
    let path = format!("/v3/pay/transactions/out-trade-no/SALE0001?mchid={}", MERCHANT.mchid);
    let genuine = counter.signed("GET", &path, "");
    let header = genuine.headers()["authorization"].to_str().unwrap().to_owned();
    let with = |header: &str| {
        let mut request = genuine.clone();
        request.headers_mut().insert("authorization", header.parse().unwrap());
        request
    };
    let other_path = {
        let mut request = genuine.clone();
        *request.uri_mut() = path.replace("SALE0001", "SALE0002").parse().unwrap();
        request
    };
    let old = {
        counter.now_ms -= 300_000;
        let request = counter.signed("GET", &path, "");
        counter.now_ms += 300_000;
        request
    };
    for (why, request, field) in [
        ("another path was signed", &other_path, "signature"),
        ("five minutes are too old", &old, "timestamp"),
        ("another merchant", &with(&header.replace(MERCHANT.mchid, "1900000000")), "mchid"),
        ("another certificate", &with(&header.replace(MERCHANT.serial_no, "00")), "serial_no"),
        ("another scheme", &with(&header.replace("RSA2048", "SM2")), "authorization"),
    ] {
        let response = counter.send(request);
        let body: Value = serde_json::from_slice(response.body()).unwrap();
        assert_eq!((response.status().as_u16(), &body["code"]), (401, &json!("SIGN_ERROR")), "{why}");
        assert_eq!(body["detail"]["field"], field, "{why}");
    }

    assert_eq!(counter.send(&genuine).status().as_u16(), 404, "known to the provider, and no such order");
    assert_eq!(counter.send(&genuine).status().as_u16(), 401, "a nonce is good once");
}

#[test]
fn fields_are_checked_as_documented() {
    let mut counter = Counter::open();
    let code = counter.code();
    for (pointer, value, why) in [
        ("/out_trade_no", json!("SHORT"), "6 characters at least"),
        ("/out_trade_no", json!("SALE 0001"), "a space"),
        ("/description", json!(""), "empty"),
        ("/description", json!("收".repeat(128)), "127 characters at most"),
        ("/description", json!("😀"), "a character of four bytes"),
        ("/amount/total", json!(0), "nothing to pay"),
        ("/amount/total", json!("100"), "text for a number"),
        ("/amount/total", json!(1.5), "a fraction of a fen"),
        ("/amount/currency", json!("USD"), "another currency"),
        ("/scene_info/store_info", json!({}), "neither id nor out_id"),
        ("/scene_info/device_id", json!(null), "null"),
        ("/mchid", json!(1900000109), "a number for text"),
    ] {
        let mut body = charge("SALE0001", &code, 100);
        *body.pointer_mut(pointer).unwrap() = value;
        let refused = counter.v3("POST", "/v3/pay/transactions/codepay", &body.to_string());
        assert_eq!((refused.status, refused.code()), (400, "PARAM_ERROR"), "{why}");
        assert_eq!(refused.body["detail"]["field"], pointer, "{why}");
    }
    let mut body = charge("SALE0001", &code, 100);
    body["notify_url"] = json!("https://example.invalid");
    assert_eq!(counter.v3("POST", "/v3/pay/transactions/codepay", &body.to_string()).code(), "PARAM_ERROR");
    assert_eq!(
        counter.v3("GET", "/v3/pay/transactions/out-trade-no/SALE0001", "").code(),
        "PARAM_ERROR",
        "no mchid"
    );
    assert_eq!(counter.v3("GET", "/v3/pay/transactions/codepay", "").status, 405);
    assert_eq!(counter.v3("GET", "/v3/elsewhere", "").status, 404);
    assert_eq!(counter.pay("SALE0001", &code, 100).state(), "SUCCESS", "nothing above touched order or code");
}

#[test]
fn the_platform_certificate_can_be_fetched_and_opened() {
    let mut counter = Counter::open();
    let answer = counter.v3("GET", "/v3/certificates", "");
    let sealed = &answer.body["data"][0]["encrypt_certificate"];

    let again = crate::answer::encrypt(
        MERCHANT.apiv3_key,
        sealed["nonce"].as_str().unwrap(),
        sealed["associated_data"].as_str().unwrap(),
        MERCHANT.platform_certificate_pem,
    );

    assert_eq!(sealed["ciphertext"], again, "AES-GCM of the certificate under the APIv3 key");
    assert_eq!(answer.body["data"][0]["serial_no"], MERCHANT.platform_serial);
}

#[test]
fn answers_are_signed_by_the_key_the_till_names() {
    let mut counter = Counter::open();
    let mut request = counter.signed("POST", "/v3/security/echo", r#"{"echo_message":"hello"}"#);
    request.headers_mut().remove("wechatpay-serial");

    let response = counter.send(&request);

    assert_eq!(
        response.headers()["wechatpay-serial"],
        MERCHANT.platform_serial,
        "no key named: the certificate"
    );
    assert!(signature_holds(&response));
    assert_eq!(response.body(), br#"{"echo_message":"hello"}"#);
}

#[test]
fn tampered_answers_show() {
    for fault in [Fault::Corrupt, Fault::Forge, Fault::SignatureProbe] {
        let mut counter = Counter::open();
        let code = counter.code();
        counter.pay("SALE0001", &code, 100);
        counter.world.inject(fault, Verb::Query, 1);
        let path = format!("/v3/pay/transactions/out-trade-no/SALE0001?mchid={}", MERCHANT.mchid);
        let request = counter.signed("GET", &path, "");

        let response = counter.send(&request);

        assert!(!signature_holds(&response), "{fault:?}");
        assert!(
            response.headers().contains_key("wechatpay-signature"),
            "{fault:?} still claims to be signed"
        );
        assert_eq!(counter.query("SALE0001").state(), "SUCCESS", "the fault was for one request");
    }
}

#[test]
fn properly_signed_lies_are_signed_properly() {
    for (fault, pointer, truth) in [
        (Fault::WrongAmount, "/amount/total", json!(100)),
        (Fault::WrongOrder, "/out_trade_no", json!("SALE0001")),
        (Fault::WrongMerchant, "/mchid", json!(MERCHANT.mchid)),
        (Fault::WrongCurrency, "/amount/currency", json!("CNY")),
        (Fault::WrongAppid, "/appid", json!(MERCHANT.appid)),
    ] {
        let mut counter = Counter::open();
        let code = counter.code();
        counter.world.inject(fault, Verb::Pay, 1);

        let lie = counter.pay("SALE0001", &code, 100);

        assert_ne!(lie.body.pointer(pointer), Some(&truth), "{fault:?}");
        assert_eq!(counter.query("SALE0001").body.pointer(pointer), Some(&truth), "the books are true");
    }
}

#[test]
fn a_replayed_answer_belongs_to_another_order() {
    let mut counter = Counter::open();
    for number in ["SALE0001", "SALE0002"] {
        let code = counter.code();
        counter.world.inject(Fault::Replay, Verb::Pay, u32::from(number == "SALE0002"));
        let answer = counter.pay(number, &code, 100);
        assert_eq!(answer.body["out_trade_no"], "SALE0001", "asked about {number}");
    }
    assert_eq!(counter.balance(Account::merchant()), 200, "the second charge was processed all the same");
}

#[test]
fn stale_answers_come_from_before() {
    let mut counter = Counter::open();
    let code = counter.code();
    counter.world.inject(Fault::StaleAnswer, Verb::Any, 2);

    assert_eq!(counter.pay("SALE0001", &code, 100).state(), "USERPAYING");
    let stale = counter.query("SALE0001");
    assert_eq!((stale.state(), stale.body.get("transaction_id")), ("NOTPAY", None));
    assert_eq!(counter.query("SALE0001").state(), "SUCCESS");
}

#[test]
fn the_second_copy_of_a_request_is_processed_like_the_first() {
    let mut counter = Counter::open();
    let code = counter.code();
    counter.world.inject(Fault::Duplicate, Verb::Any, 2);

    assert_eq!(
        counter.pay("SALE0001", &code, 100).code(),
        "ORDER_PAID",
        "the second answer is the one delivered"
    );
    assert_eq!(counter.query("SALE0001").state(), "SUCCESS", "its nonce was used by its own first copy only");
    assert_eq!(counter.balance(Account::merchant()), 100);
}

#[test]
fn an_old_timestamp_is_signed_all_the_same() {
    let mut counter = Counter::open();
    counter.world.inject(Fault::StaleTimestamp, Verb::Echo, 1);
    let request = counter.signed("POST", "/v3/security/echo", r#"{"echo_message":"hello"}"#);

    let response = counter.send(&request);

    let timestamp: i64 = response.headers()["wechatpay-timestamp"].to_str().unwrap().parse().unwrap();
    assert_eq!(timestamp, counter.now_ms / 1000 - 600);
    assert!(signature_holds(&response));
}

#[test]
fn the_order_is_charged_or_not_whatever_the_wire_does() {
    for (fault, charged) in [
        (Fault::DropRequest, false),
        (Fault::HalfOpen, false),
        (Fault::Unreachable, false),
        (Fault::Status { code: 503, retry_after_s: None }, false),
        (Fault::Status { code: 429, retry_after_s: Some(5) }, false),
        (Fault::CaptivePortal, false),
        (Fault::EmptyOk, false),
        (Fault::HugeBody, false),
        (Fault::Redirect, false),
        (Fault::DropAnswer, true),
        (Fault::SilentAnswer, true),
        (Fault::Delay { ms: 10 }, true),
        (Fault::Duplicate, true),
        (Fault::ErrorButCharged, true),
        (Fault::Corrupt, true),
    ] {
        let mut counter = Counter::open();
        let code = counter.code();
        counter.world.inject(fault, Verb::Pay, 1);
        let request = counter.signed(
            "POST",
            "/v3/pay/transactions/codepay",
            &charge("SALE0001", &code, 100).to_string(),
        );

        let delivery = counter.world.handle(&request, counter.now_ms, false);

        let state = counter.query("SALE0001").state().to_owned();
        assert_eq!(state, if charged { "SUCCESS" } else { "" }, "{fault:?}");
        assert_eq!(counter.balance(Account::merchant()), if charged { 100 } else { 0 }, "{fault:?}");
        if let (Fault::ErrorButCharged, Delivery::Reply { response, .. }) = (fault, &delivery) {
            assert_eq!(response.status().as_u16(), 400);
            assert!(!response.headers().contains_key("wechatpay-signature"), "errors carry no signature");
        }
        if let (Fault::Status { code: 429, .. }, Delivery::Reply { response, .. }) = (fault, &delivery) {
            assert_eq!(response.headers()["retry-after"], "5");
        }
    }
}

#[test]
fn an_impostor_says_paid_and_the_provider_knows_of_nothing() {
    let mut counter = Counter::open();
    counter.world.set_behaviour(TRAINEE, Behaviour::Refuse(Refusal::NotEnough));
    let body = charge("SALE0001", &counter.code(), 100).to_string();
    counter.world.inject(Fault::Impostor, Verb::Pay, 1);
    let request = counter.signed("POST", "/v3/pay/transactions/codepay", &body);

    let delivery = counter.world.handle(&request, counter.now_ms, false);

    let Delivery::Reply { response, .. } = delivery else { panic!("an answer") };
    let said: Value = serde_json::from_slice(response.body()).unwrap();
    assert_eq!((&said["trade_state"], &said["out_trade_no"]), (&json!("SUCCESS"), &json!("SALE0001")));
    assert_eq!(counter.world.booked("SALE0001"), None, "the request never arrived");
}

#[test]
fn a_hollow_reversal_is_acknowledged_and_leaves_the_money() {
    let mut counter = Counter::open();
    let code = counter.code();
    counter.pay("SALE0001", &code, 100);
    counter.wait(REVERSE_EARLIEST_MS);
    counter.world.inject(Fault::HollowReverse, Verb::Reverse, 1);

    let acknowledged = counter.reverse("SALE0001");

    assert_eq!(acknowledged.status, 200);
    assert_eq!(counter.query("SALE0001").state(), "SUCCESS");
    counter.reverse("SALE0001");
    assert_eq!(counter.query("SALE0001").state(), "REVOKED", "the next one is real");
}

#[test]
fn an_order_can_be_known_a_moment_late() {
    let mut counter = Counter::open();
    let code = counter.code();
    counter.pay("SALE0001", &code, 100);
    counter.wait(REVERSE_EARLIEST_MS);
    counter.world.inject(Fault::NotKnownYet, Verb::Any, 2);

    let (asked, reversed) = (counter.query("SALE0001"), counter.reverse("SALE0001"));

    assert_eq!((asked.status, reversed.status), (404, 404), "as if it had never come");
    assert_eq!(counter.query("SALE0001").state(), "SUCCESS", "and it is paid all the while");

    counter.wait(300_000);
    counter.world.inject(Fault::NotKnownYet, Verb::Any, 2);
    assert_eq!(counter.query("SALE0001").state(), "SUCCESS", "not for hours");
    assert_eq!(counter.reverse("SALE0001").status, 200);
    assert_eq!(counter.query("SALE0001").state(), "REVOKED");
}

#[test]
fn nothing_is_reached_while_the_network_is_down() {
    let mut counter = Counter::open();
    let request = counter.signed("POST", "/v3/security/echo", r#"{"echo_message":"hello"}"#);

    counter.world.set_network_down(true);
    assert!(matches!(counter.world.handle(&request, counter.now_ms, false), Delivery::Unreachable));

    counter.world.set_network_down(false);
    assert_eq!(counter.send(&request).status().as_u16(), 200);
}

#[test]
fn a_saved_world_goes_on_where_it_stopped() {
    let mut counter = Counter::open();
    let code = counter.code();
    counter.pay("SALE0001", &code, 100_000);

    let saved = serde_json::to_vec(&counter.world).unwrap();
    counter.world = serde_json::from_slice(&saved).unwrap();

    assert_eq!(counter.query("SALE0001").state(), "USERPAYING");
    counter.world.answer_password(TRAINEE, PasswordAnswer::Right, counter.now_ms);
    assert_eq!(counter.query("SALE0001").state(), "SUCCESS");
    assert_eq!(counter.pay("SALE0002", &code, 100).code(), "AUTH_CODE_INVALID", "a used code stays used");
    assert!(
        !String::from_utf8(saved).unwrap().contains(&format!("\"auth_code\":\"{code}\"")),
        "no code in an order"
    );
}

/// What customers, tills and time do to the world.
#[derive(Clone, Debug)]
enum Event {
    Pay { number: u8, wallet: u32, fen: i64, format: bool, old_code: bool },
    Query(u8),
    Reverse(u8),
    Refund { number: u8, refund: u8, fen: i64 },
    Password(u32, PasswordAnswer),
    Behave(u32, Behaviour),
    Wait(i64),
    Break(Fault),
    Save,
}

fn event() -> impl Strategy<Value = Event> {
    let behaviours = prop_oneof![
        4 => Just(Behaviour::Pay),
        2 => Just(Behaviour::AskPassword),
        1 => Just(Behaviour::Refuse(Refusal::NotEnough)),
        1 => Just(Behaviour::Refuse(Refusal::SystemError)),
    ];
    let answers = prop_oneof![
        3 => Just(PasswordAnswer::Right),
        1 => Just(PasswordAnswer::Wrong),
        1 => Just(PasswordAnswer::Cancel),
    ];
    let faults = prop_oneof![
        Just(Fault::Duplicate),
        Just(Fault::DropAnswer),
        Just(Fault::DropRequest),
        Just(Fault::Replay),
        Just(Fault::StaleAnswer),
        Just(Fault::WrongAmount),
        Just(Fault::ErrorButCharged),
    ];
    prop_oneof![
        8 => (0u8..6, 0u32..2, 1i64..300_000, any::<bool>(), prop::bool::weighted(0.2))
            .prop_map(|(number, wallet, fen, format, old_code)| Event::Pay { number, wallet, fen, format, old_code }),
        3 => (0u8..6).prop_map(Event::Query),
        4 => (0u8..6).prop_map(Event::Reverse),
        3 => (0u8..6, 0u8..4, 1i64..200_000).prop_map(|(number, refund, fen)| Event::Refund { number, refund, fen }),
        4 => (0u32..2, answers).prop_map(|(wallet, answer)| Event::Password(wallet, answer)),
        2 => (0u32..2, behaviours).prop_map(|(wallet, behaviour)| Event::Behave(wallet, behaviour)),
        4 => prop_oneof![Just(1_000i64), Just(16_000), Just(46_000), Just(UNPAID_LIFE_MS)].prop_map(Event::Wait),
        2 => faults.prop_map(Event::Break),
        1 => Just(Event::Save),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// Whatever happens: money is neither made nor lost, orders and bank agree, states go forward, a code pays once.
    #[test]
    fn books_always_agree(events in prop::collection::vec(event(), 1..50)) {
        let mut counter = Counter::open();
        counter.world.add_wallet(START_MS);
        let all_money: i64 = 2 * FIRST_BALANCE_FEN;
        let mut last_codes = [String::new(), String::new()];
        let mut states: BTreeMap<String, OrderState> = BTreeMap::new();
        let mut paid_codes: BTreeMap<String, String> = BTreeMap::new();

        for event in events {
            let mut tried = None;
            match event {
                Event::Pay { number, wallet, fen, format, old_code } => {
                    let fresh = counter.world.payment_code(wallet, counter.now_ms);
                    let last = std::mem::replace(&mut last_codes[wallet as usize], fresh.clone());
                    let code = if old_code && !last.is_empty() { last } else { fresh };
                    let number = format!("SALE000{number}");
                    tried = Some((number.clone(), code.clone()));
                    let request = if format {
                        counter.signed("POST", "/v3/pay/transactions/codepay", &charge(&number, &code, fen).to_string())
                    } else {
                        micropay_request(&number, &code, fen)
                    };
                    counter.world.handle(&request, counter.now_ms, false);
                }
                Event::Query(number) => {
                    let path = format!("/v3/pay/transactions/out-trade-no/SALE000{number}?mchid={}", MERCHANT.mchid);
                    let request = counter.signed("GET", &path, "");
                    counter.world.handle(&request, counter.now_ms, false);
                }
                Event::Reverse(number) => {
                    let body = json!({ "appid": MERCHANT.appid, "mchid": MERCHANT.mchid }).to_string();
                    let path = format!("/v3/pay/transactions/out-trade-no/SALE000{number}/reverse");
                    let request = counter.signed("POST", &path, &body);
                    counter.world.handle(&request, counter.now_ms, false);
                }
                Event::Refund { number, refund, fen } => {
                    let number = format!("SALE000{number}");
                    let order = counter.world.provider.orders.get(&number);
                    let total = order.and_then(|order| order.total_fen()).unwrap_or(1);
                    let amount = json!({ "refund": fen, "total": total, "currency": "CNY" });
                    let body = json!({ "out_trade_no": number, "out_refund_no": format!("R{refund}"), "amount": amount });
                    let request = counter.signed("POST", "/v3/refund/domestic/refunds", &body.to_string());
                    counter.world.handle(&request, counter.now_ms, false);
                }
                Event::Password(wallet, answer) => counter.world.answer_password(wallet, answer, counter.now_ms),
                Event::Behave(wallet, behaviour) => counter.world.set_behaviour(wallet, behaviour),
                Event::Wait(ms) => counter.wait(ms),
                Event::Break(fault) => counter.world.inject(fault, Verb::Any, 1),
                Event::Save => {
                    let saved = serde_json::to_vec(&counter.world).unwrap();
                    counter.world = serde_json::from_slice(&saved).unwrap();
                }
            }

            let books = counter.world.books();
            prop_assert_eq!(books.balances.values().sum::<i64>(), 0, "every movement has two sides");
            let inside: i64 = books.balances.iter().filter(|(name, _)| **name != Account::outside()).map(|(_, fen)| fen).sum();
            prop_assert_eq!(inside, all_money, "no money is made or lost");
            let kept: i64 = books.orders.iter().map(|order| match order.state {
                OrderState::Success | OrderState::Refund => order.amount_fen.unwrap() - order.refunded_fen,
                OrderState::NotPay | OrderState::UserPaying | OrderState::PayError | OrderState::Revoked | OrderState::Closed => 0,
            }).sum();
            prop_assert_eq!(books.balances.get(&Account::merchant()).copied().unwrap_or(0), kept, "provider and bank agree");
            for order in &books.orders {
                let before = states.insert(order.out_trade_no.clone(), order.state);
                // One event may pass through several states: the way need only lead forward.
                prop_assert!(before.is_none_or(|before| leads_to(before, order.state)), "{before:?} to {:?}", order.state);
                let took = before.is_none_or(|before| before != order.state)
                    && matches!(order.state, OrderState::Success | OrderState::UserPaying);
                if let (true, Some((number, code))) = (took, &tried) && number == &order.out_trade_no {
                    let first = paid_codes.insert(code.clone(), number.clone());
                    prop_assert!(first.is_none_or(|first| first == *number), "a code pays for one order");
                }
            }
        }
    }
}

fn leads_to(from: OrderState, to: OrderState) -> bool {
    use OrderState::*;
    let all = [NotPay, UserPaying, Success, PayError, Refund, Revoked, Closed];
    from == to || all.into_iter().any(|next| next != from && from.may_become(next) && leads_to(next, to))
}
