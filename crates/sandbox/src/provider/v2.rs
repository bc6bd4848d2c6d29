//! v2: flat XML, a shared-secret hash, always HTTP 200; reverse and refund need the client certificate.

use std::collections::BTreeMap;

use hmac::{Hmac, KeyInit, Mac};
use md5::{Digest, Md5};
use sha2::Sha256;

use super::fields::{is_order_number, is_payment_code, is_refund_number};
use super::{
    Charge, ChargeRefusal, Charged, Order, OrderName, OrderState, Refund, RefundRefusal, ReverseRefusal,
    fingerprint, xml,
};
use crate::answer::{Answer, Seal};
use crate::beijing;
use crate::dice::Dice;
use crate::keys::MERCHANT;
use crate::world::{Call, World};

type Texts = BTreeMap<String, String>;

/// How a v2 message is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SignType {
    Md5,
    HmacSha256,
}

/// A refusal of the business kind: `err_code`, text, and for a reverse whether to call again.
struct Refused {
    code: &'static str,
    message: &'static str,
    recall: Option<&'static str>,
}

fn refused(code: &'static str, message: &'static str) -> Refused {
    Refused { code, message, recall: None }
}

impl World {
    /// Answers a v2 request.
    pub(crate) fn v2(&mut self, request: &http::Request<Vec<u8>>, call: Call) -> Answer {
        let path = request.uri().path();
        let known = [
            "/pay/micropay",
            "/pay/orderquery",
            "/secapi/pay/reverse",
            "/secapi/pay/refund",
            "/pay/refundquery",
        ];
        if !known.contains(&path) {
            let nothing = http::Response::builder().status(404).body(Vec::new());
            return Answer::Foreign(nothing.expect("a bare 404 is well formed"));
        }
        if request.method() != http::Method::POST {
            return transport_failure("请使用post方法");
        }
        let Ok(mut fields) = xml::read(request.body()) else {
            return transport_failure("XML格式错误");
        };
        fields.retain(|_, value| !value.is_empty());
        if path.starts_with("/secapi/") && !call.client_cert {
            return transport_failure("证书验证失败，请使用商户API证书");
        }
        let sign_type = match fields.get("sign_type").map(String::as_str) {
            None | Some("MD5") => SignType::Md5,
            Some("HMAC-SHA256") => SignType::HmacSha256,
            Some(_) => return transport_failure("sign_type参数错误"),
        };
        if fields.get("sign").map(String::as_str) != Some(&sign(&fields, sign_type, MERCHANT.apiv2_key)) {
            return transport_failure("签名错误");
        }

        let outcome = check_common(&fields).and_then(|()| match path {
            "/pay/micropay" => self.micropay(&fields, call),
            "/pay/orderquery" => self.query_v2(&fields, call),
            "/secapi/pay/reverse" => self.reverse_v2(&fields, call),
            "/secapi/pay/refund" => self.refund_v2(&fields, call),
            _ => self.refund_query_v2(&fields, call),
        });
        let mut answer = texts([
            ("return_code", "SUCCESS"),
            ("return_msg", "OK"),
            ("appid", MERCHANT.appid),
            ("mch_id", MERCHANT.mchid),
        ]);
        match outcome {
            Ok(more) => {
                answer.insert("result_code".into(), "SUCCESS".into());
                answer.extend(more);
            }
            Err(Refused { code, message, recall }) => {
                answer.extend(texts([
                    ("result_code", "FAIL"),
                    ("err_code", code),
                    ("err_code_des", message),
                ]));
                answer.extend(recall.map(|recall| ("recall".to_owned(), recall.to_owned())));
            }
        }
        Answer::V2 { fields: answer, sign_type: Some(sign_type) }
    }

    fn micropay(&mut self, fields: &Texts, call: Call) -> Result<Texts, Refused> {
        let charge = read_charge(fields)?;
        let number = charge.out_trade_no.clone();
        let charged = self.charge(charge, call.now_ms)?;
        if charged == Charged::AwaitsPassword || call.stale {
            return Err(refused("USERPAYING", "需要用户输入支付密码"));
        }
        Ok(payment_view(&self.provider.orders[&number]))
    }

    fn query_v2(&self, fields: &Texts, call: Call) -> Result<Texts, Refused> {
        let order = self.order(&order_name(fields)?).ok_or(refused("ORDERNOTEXIST", "此交易订单号不存在"))?;
        let state = if call.stale { order.earlier_state() } else { order.state() };
        let mut view = texts([
            ("out_trade_no", order.out_trade_no.as_str()),
            ("trade_state", state.as_str()),
            ("trade_state_desc", state.description()),
        ]);
        if matches!(state, OrderState::Success | OrderState::Refund | OrderState::Revoked) {
            view.extend(payment_view(order));
        }
        Ok(view)
    }

    fn reverse_v2(&mut self, fields: &Texts, call: Call) -> Result<Texts, Refused> {
        let number = match order_name(fields)? {
            OrderName::OutTradeNo(number) if is_order_number(&number) => number,
            OrderName::OutTradeNo(_) => return Err(refused("PARAM_ERROR", "out_trade_no格式错误")),
            name @ OrderName::TransactionId(_) => {
                let order =
                    self.order(&name).ok_or(refused("INVALID_TRANSACTIONID", "无效transaction_id"))?;
                order.out_trade_no.clone()
            }
        };
        self.reverse(&number, call.now_ms)?;
        if call.stale {
            return Err(ReverseRefusal::UserPaying.into());
        }
        Ok(texts([("recall", "N")]))
    }

    fn refund_v2(&mut self, fields: &Texts, call: Call) -> Result<Texts, Refused> {
        let name = order_name(fields)?;
        let number = required(fields, "out_refund_no", 64)?;
        if !is_refund_number(number) {
            return Err(refused("PARAM_ERROR", "out_refund_no格式错误"));
        }
        let refund_fen = whole(fields, "refund_fee")?;
        let total_fen = whole(fields, "total_fee")?;
        let refund = self.refund(&name, number, refund_fen, total_fen, call.now_ms)?;
        let mut view = self.refund_order_view(&refund);
        view.extend(texts([
            ("out_refund_no", refund.out_refund_no.as_str()),
            ("refund_id", &refund.refund_id),
            ("refund_fee", &refund.refund_fen.to_string()),
            ("cash_refund_fee", &refund.refund_fen.to_string()),
        ]));
        Ok(view)
    }

    fn refund_query_v2(&self, fields: &Texts, call: Call) -> Result<Texts, Refused> {
        let matches = |refund: &&Refund| {
            if let Some(id) = fields.get("refund_id") {
                refund.refund_id == *id
            } else if let Some(number) = fields.get("out_refund_no") {
                refund.out_refund_no == *number
            } else if let Some(id) = fields.get("transaction_id") {
                let order = self.order(&OrderName::TransactionId(id.clone()));
                order.is_some_and(|order| order.out_trade_no == refund.out_trade_no)
            } else {
                fields.get("out_trade_no") == Some(&refund.out_trade_no)
            }
        };
        let found: Vec<&Refund> = self.provider.refunds.values().filter(matches).take(10).collect();
        let first = found.first().ok_or(refused("REFUNDNOTEXIST", "退款订单查询失败"))?;
        let mut view = self.refund_order_view(first);
        view.insert("refund_count".into(), found.len().to_string());
        for (at, refund) in found.iter().enumerate() {
            let done = refund.done(call.now_ms);
            view.insert(format!("out_refund_no_{at}"), refund.out_refund_no.clone());
            view.insert(format!("refund_id_{at}"), refund.refund_id.clone());
            view.insert(format!("refund_channel_{at}"), "ORIGINAL".into());
            view.insert(format!("refund_fee_{at}"), refund.refund_fen.to_string());
            view.insert(format!("refund_status_{at}"), if done { "SUCCESS" } else { "PROCESSING" }.into());
            view.insert(format!("refund_recv_accout_{at}"), "支付用户的零钱".into());
            if done {
                view.insert(
                    format!("refund_success_time_{at}"),
                    beijing::rfc3339(refund.done_ms())[..19].replace('T', " "),
                );
            }
        }
        Ok(view)
    }

    fn refund_order_view(&self, refund: &Refund) -> Texts {
        let order = &self.provider.orders[&refund.out_trade_no];
        let total = order.total_fen().unwrap_or(0).to_string();
        texts([
            ("transaction_id", order.paid.as_ref().map_or("", |paid| paid.transaction_id.as_str())),
            ("out_trade_no", &order.out_trade_no),
            ("total_fee", &total),
            ("cash_fee", &total),
            ("fee_type", "CNY"),
        ])
    }
}

/// Signs and writes an answer. A forged or probing seal carries a hash made with another key.
pub(crate) fn seal(
    mut fields: Texts,
    sign_type: Option<SignType>,
    seal: Seal,
    dice: &mut Dice,
) -> http::Response<Vec<u8>> {
    if let Some(sign_type) = sign_type {
        fields.insert("nonce_str".into(), dice.letters(32));
        let key = match seal {
            Seal::Proper | Seal::TenMinutesOld | Seal::FlippedAfterwards => MERCHANT.apiv2_key,
            Seal::Forged | Seal::Probe => "SomebodyElsesKeyOfThirtyTwoBytes",
        };
        let sign = sign(&fields, sign_type, key);
        fields.insert("sign".into(), sign);
    }
    http::Response::builder()
        .status(200)
        .header("Content-Type", "text/xml; charset=utf-8")
        .body(xml::write(&fields))
        .expect("status and headers are well formed")
}

/// The hash over all fields that are not empty, but for `sign` itself.
pub(crate) fn sign(fields: &Texts, sign_type: SignType, key: &str) -> String {
    let mut text = String::new();
    for (name, value) in fields {
        if name != "sign" && !value.is_empty() {
            text.push_str(&format!("{name}={value}&"));
        }
    }
    text.push_str(&format!("key={key}"));
    match sign_type {
        SignType::Md5 => hex::encode_upper(Md5::digest(text.as_bytes())),
        SignType::HmacSha256 => {
            let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).expect("HMAC takes any key");
            mac.update(text.as_bytes());
            hex::encode_upper(mac.finalize().into_bytes())
        }
    }
}

fn payment_view(order: &Order) -> Texts {
    let (Some(charge), Some(paid)) = (&order.charge, &order.paid) else {
        return Texts::new();
    };
    let total = charge.total_fen.to_string();
    let mut view = texts([
        ("openid", paid.openid.as_str()),
        ("is_subscribe", "N"),
        ("trade_type", "MICROPAY"),
        ("bank_type", "OTHERS"),
        ("fee_type", "CNY"),
        ("total_fee", &total),
        ("cash_fee_type", "CNY"),
        ("cash_fee", &total),
        ("transaction_id", &paid.transaction_id),
        ("out_trade_no", &order.out_trade_no),
        ("time_end", &beijing::compact(paid.at_ms)),
    ]);
    for (name, value) in [("attach", &charge.attach), ("device_info", &charge.device)] {
        view.extend(value.as_ref().map(|value| (name.to_owned(), value.clone())));
    }
    view
}

fn read_charge(fields: &Texts) -> Result<Charge, Refused> {
    let out_trade_no = required(fields, "out_trade_no", 32)?.to_owned();
    if !is_order_number(&out_trade_no) {
        return Err(refused("PARAM_ERROR", "out_trade_no格式错误"));
    }
    let description = required(fields, "body", 127)?.to_owned();
    let total_fen = whole(fields, "total_fee")?;
    required(fields, "spbill_create_ip", 64)?;
    if fields.get("fee_type").is_some_and(|currency| currency != "CNY") {
        return Err(refused("PARAM_ERROR", "fee_type只支持CNY"));
    }
    for (name, max) in
        [("attach", 127), ("device_info", 32), ("goods_tag", 32), ("detail", 6000), ("scene_info", 256)]
    {
        if fields.get(name).is_some_and(|value| value.chars().count() > max) {
            return Err(refused("PARAM_ERROR", "参数长度错误"));
        }
    }
    let auth_code = required(fields, "auth_code", 128)?.to_owned();
    if !is_payment_code(&auth_code) {
        return Err(ChargeRefusal::CodeInvalid.into());
    }
    let mut parameters = fields.clone();
    for name in ["nonce_str", "sign", "sign_type"] {
        parameters.remove(name);
    }
    let (attach, device) = (fields.get("attach").cloned(), fields.get("device_info").cloned());
    let fingerprint = fingerprint(&format!("{parameters:?}"));
    Ok(Charge { out_trade_no, auth_code, total_fen, description, attach, device, fingerprint })
}

fn check_common(fields: &Texts) -> Result<(), Refused> {
    if required(fields, "mch_id", 32)? != MERCHANT.mchid {
        return Err(refused("MCHID_NOT_EXIST", "MCHID不存在"));
    }
    if required(fields, "appid", 32)? != MERCHANT.appid {
        return Err(refused("APPID_MCHID_NOT_MATCH", "appid和mch_id不匹配"));
    }
    required(fields, "nonce_str", 32)?;
    if fields.values().any(|value| value.chars().any(|c| c.len_utf8() > 3)) {
        return Err(refused("NOT_UTF8", "编码格式错误"));
    }
    Ok(())
}

fn order_name(fields: &Texts) -> Result<OrderName, Refused> {
    if let Some(id) = fields.get("transaction_id") {
        return Ok(OrderName::TransactionId(id.clone()));
    }
    Ok(OrderName::OutTradeNo(required(fields, "out_trade_no", 32)?.to_owned()))
}

fn required<'a>(fields: &'a Texts, name: &'static str, max: usize) -> Result<&'a str, Refused> {
    let value = fields.get(name).ok_or(refused("LACK_PARAMS", "缺少参数"))?;
    if value.chars().count() > max {
        return Err(refused("PARAM_ERROR", "参数长度错误"));
    }
    Ok(value)
}

fn whole(fields: &Texts, name: &'static str) -> Result<i64, Refused> {
    let text = required(fields, name, 18)?;
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let fen = text.parse().ok().filter(|fen| digits && *fen > 0);
    fen.ok_or(refused("PARAM_ERROR", "金额格式错误"))
}

fn transport_failure(why: &str) -> Answer {
    Answer::V2 { fields: texts([("return_code", "FAIL"), ("return_msg", why)]), sign_type: None }
}

fn texts<const N: usize>(pairs: [(&str, &str); N]) -> Texts {
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

impl From<ChargeRefusal> for Refused {
    fn from(why: ChargeRefusal) -> Refused {
        match why {
            ChargeRefusal::CodeInvalid => refused("AUTH_CODE_INVALID", "请扫描微信支付被扫条码/二维码"),
            ChargeRefusal::CodeUsed => refused("AUTH_CODE_ERROR", "付款码已使用，请用户刷新后重新扫码"),
            ChargeRefusal::CodeExpired => refused("AUTHCODEEXPIRE", "二维码已过期，请用户在微信上刷新后再试"),
            ChargeRefusal::NotEnough => refused("NOTENOUGH", "用户余额不足，请换卡支付"),
            ChargeRefusal::CardNotSupported => refused("NOTSUPORTCARD", "用户使用卡种不支持当前支付形式"),
            ChargeRefusal::Risk => refused("TRADE_ERROR", "交易存在风险，已被拦截"),
            ChargeRefusal::PasswordNotEntered => refused("TRADE_ERROR", "用户未输入支付密码"),
            ChargeRefusal::BankError => refused("BANKERROR", "银行端超时"),
            ChargeRefusal::SystemError => refused("SYSTEMERROR", "系统超时"),
            ChargeRefusal::OrderPaid => refused("ORDERPAID", "订单号已支付"),
            ChargeRefusal::OrderClosed => refused("ORDERCLOSED", "订单已关闭"),
            ChargeRefusal::OrderReversed => refused("ORDERREVERSED", "订单已撤销"),
            ChargeRefusal::OtherParameters => refused("OUT_TRADE_NO_USED", "商户订单号重复"),
        }
    }
}

impl From<ReverseRefusal> for Refused {
    fn from(why: ReverseRefusal) -> Refused {
        let (again, done) = (Some("Y"), Some("N"));
        match why {
            ReverseRefusal::UserPaying => {
                Refused { recall: again, ..refused("USERPAYING", "用户支付中，请稍后重试") }
            }
            ReverseRefusal::TooEarly => {
                Refused { recall: again, ..refused("INVALID_REQUEST", "下单15秒后才能撤销") }
            }
            ReverseRefusal::TooLate => {
                Refused { recall: done, ..refused("REVERSE_EXPIRE", "订单无法撤销") }
            }
            ReverseRefusal::Unknown => {
                Refused { recall: done, ..refused("ORDERNOTEXIST", "此交易订单号不存在") }
            }
            ReverseRefusal::Refunded => {
                Refused { recall: done, ..refused("TRADE_ERROR", "订单已发生退款") }
            }
        }
    }
}

impl From<RefundRefusal> for Refused {
    fn from(why: RefundRefusal) -> Refused {
        match why {
            RefundRefusal::NoSuchOrder => refused("ORDERNOTEXIST", "订单号不存在"),
            RefundRefusal::OrderNotPaid => refused("INVALID_REQUEST", "订单未支付"),
            RefundRefusal::OtherParameters => refused("INVALID_REQUEST", "退款参数与首次请求不一致"),
            RefundRefusal::TotalDiffers => refused("INVALID_REQUEST", "订单金额或退款金额与之前请求不一致"),
            RefundRefusal::TooMuch => refused("INVALID_REQUEST", "累计退款金额大于支付金额"),
            RefundRefusal::TooMany => refused("INVALID_REQUEST", "部分退款次数超过限制"),
            RefundRefusal::TooLate => refused("TRADE_OVERDUE", "订单已经超过退款期限"),
            RefundRefusal::NotEnough => refused("NOTENOUGH", "余额不足"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_hashes_match_the_published_examples() {
        let vectors: serde_json::Value =
            serde_json::from_str(include_str!("../../vectors/vectors.json")).unwrap();
        let check = |vector: &serde_json::Value, sign_type: SignType, expected: &str| {
            let fields: Texts = serde_json::from_value(vector["params"].clone()).unwrap();
            assert_eq!(sign(&fields, sign_type, vector["key"].as_str().unwrap()), expected);
        };
        let official = &vectors["v2_sign_doc_example"];
        check(official, SignType::Md5, official["md5"].as_str().unwrap());
        check(official, SignType::HmacSha256, official["hmac_sha256"].as_str().unwrap());
        let charge = &vectors["v2_micropay"];
        check(charge, SignType::HmacSha256, charge["hmac_sha256"].as_str().unwrap());
    }
}
