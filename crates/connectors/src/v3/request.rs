//! Builds APIv3 requests. Each body is written once; the bytes signed are the bytes sent.

use guitai_domain::PaymentId;
use serde::Serialize;
use zeroize::Zeroizing;

use super::WechatPayV3;
use crate::shown::ShownRequest;
use crate::{Asked, Charge, Fresh, HttpRequest, HttpVerb, clean};

/// What the connection test says and wants to hear again.
pub(super) const ECHO: &str = "guitai";

/// Larger than any body, so that writing never moves a payment code to a second place in memory.
const BODY_BYTES_MAX: usize = 4096;

impl WechatPayV3 {
    pub(super) fn build_pay(&self, charge: &Charge<'_>, fresh: &Fresh) -> HttpRequest {
        let description = clean::description(charge.description);
        let device_id = clean::device(charge.till);
        let body = json(&PayBody {
            appid: &self.merchant.appid,
            mchid: &self.merchant.mchid,
            description: &description,
            out_trade_no: charge.payment.as_str(),
            payer: Payer { auth_code: charge.code.reveal() },
            amount: Amount { total: charge.amount.0, currency: "CNY" },
            scene_info: SceneInfo {
                device_id: &device_id,
                store_info: self.merchant.store_code.as_deref().map(|out_id| StoreInfo { out_id }),
            },
        });
        let path = "/v3/pay/transactions/codepay";
        let shown = self.shown(HttpVerb::Post, path, charge.payment).charging(charge).text();
        HttpRequest { shown, ..self.signed(HttpVerb::Post, path.to_owned(), body, fresh) }
    }

    pub(super) fn build_query(&self, asked: &Asked<'_>, fresh: &Fresh) -> HttpRequest {
        let path =
            format!("/v3/pay/transactions/out-trade-no/{}?mchid={}", asked.payment, self.merchant.mchid);
        let shown = self.shown(HttpVerb::Get, &path, asked.payment).text();
        let request = self.signed(HttpVerb::Get, path, Zeroizing::default(), fresh);
        HttpRequest { shown, repeatable: true, ..request }
    }

    pub(super) fn build_reverse(&self, asked: &Asked<'_>, fresh: &Fresh) -> HttpRequest {
        let path = format!("/v3/pay/transactions/out-trade-no/{}/reverse", asked.payment);
        let body = json(&ReverseBody { appid: &self.merchant.appid, mchid: &self.merchant.mchid });
        let shown = self.shown(HttpVerb::Post, &path, asked.payment).text();
        HttpRequest { shown, ..self.signed(HttpVerb::Post, path, body, fresh) }
    }

    pub(super) fn build_echo(&self, fresh: &Fresh) -> HttpRequest {
        let body = json(&EchoBody { echo_message: ECHO });
        let mut request = self.signed(HttpVerb::Post, "/v3/security/echo".to_owned(), body, fresh);
        // The echo wants a key named even where answers are signed with a certificate (m3/4014551946).
        if let (None, Some(serial)) = (self.answer_keys.public_key_id(), self.answer_keys.any_serial()) {
            request.headers.push(("Wechatpay-Serial", serial.to_owned()));
        }
        request.repeatable()
    }

    fn shown<'a>(&'a self, verb: HttpVerb, path: &'a str, payment: &'a PaymentId) -> ShownRequest<'a> {
        ShownRequest::plain(verb, path).about(&self.merchant, payment)
    }

    /// A request with its `Authorization` and what every call carries.
    pub(super) fn signed(
        &self,
        verb: HttpVerb,
        path: String,
        body: Zeroizing<Vec<u8>>,
        fresh: &Fresh,
    ) -> HttpRequest {
        let authorization = self.signer.authorization(verb, &path, &body, fresh);
        let mut headers = vec![("Accept", "application/json".to_owned()), ("Authorization", authorization)];
        if verb == HttpVerb::Post {
            headers.push(("Content-Type", "application/json".to_owned()));
        }
        if let Some(id) = self.answer_keys.public_key_id() {
            headers.push(("Wechatpay-Serial", id.to_owned()));
        }
        let shown = ShownRequest::plain(verb, &path).text();
        HttpRequest { verb, path, headers, body, client_certificate: false, repeatable: false, shown }
    }
}

fn json(body: &impl Serialize) -> Zeroizing<Vec<u8>> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(BODY_BYTES_MAX));
    serde_json::to_writer(&mut *bytes, body).expect("these bodies hold only texts and whole numbers");
    bytes
}

#[derive(Serialize)]
struct PayBody<'a> {
    appid: &'a str,
    mchid: &'a str,
    description: &'a str,
    out_trade_no: &'a str,
    payer: Payer<'a>,
    amount: Amount,
    scene_info: SceneInfo<'a>,
}

#[derive(Serialize)]
struct Payer<'a> {
    auth_code: &'a str,
}

#[derive(Serialize)]
struct Amount {
    total: i64,
    currency: &'static str,
}

#[derive(Serialize)]
struct SceneInfo<'a> {
    device_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    store_info: Option<StoreInfo<'a>>,
}

#[derive(Serialize)]
struct StoreInfo<'a> {
    out_id: &'a str,
}

#[derive(Serialize)]
struct ReverseBody<'a> {
    appid: &'a str,
    mchid: &'a str,
}

#[derive(Serialize)]
struct EchoBody<'a> {
    echo_message: &'a str,
}

#[cfg(test)]
#[path = "request_tests.rs"]
mod tests;
