//! Builds APIv2 requests (`m2/4011937125`, `m2/4011937320`, `m2/4011937361`), always signed with HMAC-SHA256.

use serde_json::json;
use zeroize::Zeroizing;

use super::{WechatPayV2, xml};
use crate::{Asked, Charge, Fresh, HttpRequest, HttpVerb, clean};

/// An order number no till makes: ours begin with `P`.
pub(super) const NO_SUCH_PAYMENT: &str = "GUITAITEST000000000000";

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
        self.signed("/pay/micropay", &fields, fresh)
    }

    pub(super) fn build_query(&self, out_trade_no: &str, fresh: &Fresh) -> HttpRequest {
        self.signed("/pay/orderquery", &[("out_trade_no", out_trade_no)], fresh).repeatable()
    }

    pub(super) fn build_reverse(&self, asked: &Asked<'_>, fresh: &Fresh) -> HttpRequest {
        let fields = [("out_trade_no", asked.payment.as_str())];
        let request = self.signed("/secapi/pay/reverse", &fields, fresh);
        HttpRequest { client_certificate: true, ..request }
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
        }
    }
}

#[cfg(test)]
#[path = "request_tests.rs"]
mod tests;
