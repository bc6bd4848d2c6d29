//! Builds APIv2 requests (`m2/4011937125`, `m2/4011937320`, `m2/4011937361`), always signed with HMAC-SHA256.

use guitai_domain::PaymentId;
use serde_json::json;
use zeroize::Zeroizing;

use super::{WechatPayV2, xml};
use crate::shown::ShownRequest;
use crate::{Asked, Charge, Fresh, HttpRequest, HttpVerb, clean};

/// An order number no till makes: ours begin with `P`.
const NO_SUCH_PAYMENT: &str = "GUITAITEST000000000000";

const QUERY_PATH: &str = "/pay/orderquery";

impl WechatPayV2 {
    pub(super) fn build_pay(&self, charge: &Charge<'_>, fresh: &Fresh) -> HttpRequest {
        let (device, body) = (clean::device(charge.till), clean::description(charge.description));
        let total = charge.amount.0.to_string();
        let scene =
            self.merchant.store_code.as_ref().map(|id| json!({ "store_info": { "id": id } }).to_string());
        let fields = [
            ("device_info", device.as_str()),
            ("body", &body),
            ("out_trade_no", charge.payment.as_str()),
            ("total_fee", &total),
            ("fee_type", "CNY"),
            ("spbill_create_ip", &self.device_ip),
            ("auth_code", charge.code.reveal()),
            ("scene_info", scene.as_deref().unwrap_or("")),
        ];
        let path = "/pay/micropay";
        let shown = self.shown(path, charge.payment).charging(charge).text();
        HttpRequest { shown, ..self.signed(path, &fields, fresh) }
    }

    pub(super) fn build_query(&self, asked: &Asked<'_>, fresh: &Fresh) -> HttpRequest {
        let shown = self.shown(QUERY_PATH, asked.payment).text();
        HttpRequest { shown, ..self.ask(asked.payment.as_str(), fresh) }
    }

    pub(super) fn build_test(&self, fresh: &Fresh) -> HttpRequest {
        self.ask(NO_SUCH_PAYMENT, fresh)
    }

    fn ask(&self, out_trade_no: &str, fresh: &Fresh) -> HttpRequest {
        self.signed(QUERY_PATH, &[("out_trade_no", out_trade_no)], fresh).repeatable()
    }

    pub(super) fn build_reverse(&self, asked: &Asked<'_>, fresh: &Fresh) -> HttpRequest {
        let path = "/secapi/pay/reverse";
        let shown = self.shown(path, asked.payment).text();
        let request = self.signed(path, &[("out_trade_no", asked.payment.as_str())], fresh);
        HttpRequest { client_certificate: true, shown, ..request }
    }

    fn shown<'a>(&'a self, path: &'a str, payment: &'a PaymentId) -> ShownRequest<'a> {
        ShownRequest::plain(HttpVerb::Post, path).about(&self.merchant, payment)
    }

    fn signed(&self, path: &str, own: &[(&str, &str)], fresh: &Fresh) -> HttpRequest {
        let common = [
            ("appid", self.merchant.appid.as_str()),
            ("mch_id", &self.merchant.mchid),
            ("nonce_str", &fresh.nonce),
            ("sign_type", "HMAC-SHA256"),
        ];
        let given = own.iter().chain(&common).filter(|(_, value)| !value.is_empty());
        let mut fields: xml::Fields =
            given.map(|(name, value)| ((*name).to_owned(), Zeroizing::new((*value).to_owned()))).collect();
        let sign = self.key.sign(&fields);
        fields.insert("sign".to_owned(), Zeroizing::new(sign));
        HttpRequest {
            verb: HttpVerb::Post,
            path: path.to_owned(),
            headers: vec![("Content-Type", "text/xml; charset=utf-8".to_owned())],
            body: xml::write(&fields),
            client_certificate: false,
            repeatable: false,
            shown: ShownRequest::plain(HttpVerb::Post, path).text(),
        }
    }
}

#[cfg(test)]
#[path = "request_tests.rs"]
mod tests;
