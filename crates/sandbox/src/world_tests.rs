//! Stories of a small till against the whole world, by way of the true wire.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use serde_json::{Value, json};
use std::collections::BTreeMap;

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
        Counter {
            world: World::new(42, START_MS),
            now_ms: START_MS,
            nonce: 0,
        }
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
        assert_eq!(
            signature_holds(&response),
            (200..300).contains(&status),
            "who vouches for {status}"
        );
        V3 {
            status,
            body: serde_json::from_slice(response.body()).unwrap_or(Value::Null),
        }
    }

    fn pay(&mut self, number: &str, code: &str, fen: i64) -> V3 {
        self.v3(
            "POST",
            "/v3/pay/transactions/codepay",
            &charge(number, code, fen).to_string(),
        )
    }

    fn query(&mut self, number: &str) -> V3 {
        self.v3(
            "GET",
            &format!(
                "/v3/pay/transactions/out-trade-no/{number}?mchid={}",
                MERCHANT.mchid
            ),
            "",
        )
    }

    fn reverse(&mut self, number: &str) -> V3 {
        let body = json!({ "appid": MERCHANT.appid, "mchid": MERCHANT.mchid }).to_string();
        self.v3(
            "POST",
            &format!("/v3/pay/transactions/out-trade-no/{number}/reverse"),
            &body,
        )
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
        let mut texts: BTreeMap<String, String> = fields
            .iter()
            .map(|(n, v)| (n.to_string(), v.to_string()))
            .collect();
        texts.insert("appid".into(), MERCHANT.appid.into());
        texts.insert("mch_id".into(), MERCHANT.mchid.into());
        texts.insert("nonce_str".into(), "n".into());
        if sign_type == SignType::HmacSha256 {
            texts.insert("sign_type".into(), "HMAC-SHA256".into());
        }
        texts.insert("sign".into(), v2::sign(&texts, sign_type, MERCHANT.apiv2_key));
        let xml: String = texts
            .iter()
            .map(|(name, value)| format!("<{name}>{value}</{name}>"))
            .collect();
        let request = http::Request::post(path)
            .body(format!("<xml>{xml}</xml>").into_bytes())
            .unwrap();
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
    let header = |name: &str| {
        response
            .headers()
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or("")
    };
    let message = crate::answer::message(
        header("wechatpay-timestamp"),
        header("wechatpay-nonce"),
        response.body(),
    );
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

use x509_parser::prelude::FromDer;

#[test]
fn a_payment_moves_its_money_once() {
    let mut counter = Counter::open();
    let code = counter.code();

    let paid = counter.pay("SALE0001", &code, 1850);

    assert_eq!((paid.status, paid.state()), (200, "SUCCESS"));
    assert_eq!(paid.body["amount"]["total"], 1850);
    assert_eq!(counter.balance(Account::merchant()), 1850);
    assert_eq!(
        counter.balance(Account::wallet(TRAINEE)),
        FIRST_BALANCE_FEN - 1850
    );
    assert_eq!(
        counter.pay("SALE0001", &code, 1850).code(),
        "ORDER_PAID",
        "the same number"
    );
    assert_eq!(
        counter.pay("SALE0002", &code, 1850).code(),
        "AUTH_CODE_INVALID",
        "the same code"
    );
    assert_eq!(counter.query("SALE0002").code(), "ORDER_NOT_EXIST");
    assert_eq!(counter.balance(Account::merchant()), 1850, "the money moved once");
    let by_id = format!(
        "/v3/pay/transactions/id/{}?mchid={}",
        paid.body["transaction_id"].as_str().unwrap(),
        MERCHANT.mchid
    );
    assert_eq!(counter.v3("GET", &by_id, "").body["out_trade_no"], "SALE0001");
}
