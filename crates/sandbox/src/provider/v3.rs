//! APIv3: JSON, RSA signatures both ways.

use serde_json::{Value, json};

use super::auth::Unsigned;
use super::fields::{FieldError, Fields, is_order_number, is_payment_code, is_refund_number};
use super::{
    Charge, ChargeRefusal, Charged, Order, OrderName, OrderState, Refund, RefundRefusal, ReverseRefusal,
};
use crate::answer::{Answer, encrypt};
use crate::beijing;
use crate::keys::{MERCHANT, Signer, platform_validity_ms};
use crate::world::{Call, World};

/// Larger requests are refused unread.
const BODY_MAX: usize = 64 * 1024;

/// A refusal as it goes over the wire.
struct Refused {
    status: u16,
    code: &'static str,
    message: &'static str,
    detail: Option<Value>,
    /// The number at the end of `Request-ID`.
    cause: u32,
}

type Outcome = Result<(u16, Value), Refused>;

fn refused(status: u16, code: &'static str, message: &'static str, cause: u32) -> Refused {
    Refused { status, code, message, detail: None, cause }
}

impl From<FieldError> for Refused {
    fn from(error: FieldError) -> Refused {
        let FieldError { field, value, issue, location } = error;
        Refused {
            detail: Some(json!({ "field": field, "value": value, "issue": issue, "location": location })),
            ..refused(400, "PARAM_ERROR", "参数错误", 268_435_461)
        }
    }
}

impl From<Unsigned> for Refused {
    fn from(error: Unsigned) -> Refused {
        let Unsigned { field, issue } = error;
        Refused {
            detail: Some(json!({ "field": field, "issue": issue, "location": "authorization" })),
            ..refused(401, "SIGN_ERROR", "错误的签名，验签失败", 268_443_699)
        }
    }
}

/// The key that the request asks its answer to be signed with.
pub(crate) fn signer_of(request: &http::Request<Vec<u8>>) -> Signer {
    let named = request.headers().get("wechatpay-serial").and_then(|value| value.to_str().ok());
    if named == Some(MERCHANT.public_key_id) { Signer::PublicKey } else { Signer::Platform }
}

impl World {
    /// Answers an APIv3 request.
    pub(crate) fn v3(&mut self, request: &http::Request<Vec<u8>>, call: Call) -> Answer {
        let signer = signer_of(request);
        match self.route(request, call) {
            Ok((status, body)) => Answer::V3 { status, body, signer, cause: 0 },
            Err(Refused { status, code, message, detail, cause }) => {
                let mut body = json!({ "code": code, "message": message });
                if let Some(detail) = detail {
                    body["detail"] = detail;
                }
                let body = if code.is_empty() { Value::Null } else { body };
                Answer::V3 { status, body, signer, cause }
            }
        }
    }

    fn route(&mut self, request: &http::Request<Vec<u8>>, call: Call) -> Outcome {
        let path = request.uri().path().to_owned();
        let segments: Vec<&str> = path.strip_prefix("/v3/").unwrap_or("").split('/').collect();
        let wanted = match segments.as_slice() {
            ["pay", "transactions", "codepay"]
            | ["pay", "transactions", "out-trade-no", _, "reverse"]
            | ["security", "echo"]
            | ["refund", "domestic", "refunds"] => "POST",
            ["certificates"]
            | ["pay", "transactions", "out-trade-no" | "id", _]
            | ["refund", "domestic", "refunds", _] => "GET",
            _ => return Err(refused(404, "", "", 0)),
        };
        if request.method().as_str() != wanted {
            return Err(refused(405, "", "", 0));
        }
        if request.body().len() > BODY_MAX {
            return Err(refused(400, "INVALID_REQUEST", "请求报文过大", 268_435_461));
        }
        if !call.again {
            self.authorise(request, call.now_ms)?;
        }
        check_headers(request)?;

        let body = request.body().as_slice();
        match segments.as_slice() {
            ["pay", "transactions", "codepay"] => self.codepay(body, call),
            ["pay", "transactions", "out-trade-no", number, "reverse"] => {
                self.reverse_v3(&percent_decoded(number)?, body, call)
            }
            ["pay", "transactions", "out-trade-no", number] => {
                check_query_mchid(request)?;
                self.query_v3(&OrderName::OutTradeNo(percent_decoded(number)?), call)
            }
            ["pay", "transactions", "id", id] => {
                check_query_mchid(request)?;
                self.query_v3(&OrderName::TransactionId(percent_decoded(id)?), call)
            }
            ["security", "echo"] => echo(body),
            ["certificates"] => Ok((200, self.certificates())),
            ["refund", "domestic", "refunds"] => self.refund_v3(body, call),
            ["refund", "domestic", "refunds", number] => {
                let number = percent_decoded(number)?;
                let refund = self.provider.refunds.get(&number);
                let refund =
                    refund.ok_or(refused(404, "RESOURCE_NOT_EXISTS", "退款单不存在", 268_512_771))?;
                Ok((200, self.refund_view(refund, call.now_ms)))
            }
            _ => unreachable!("routed above"),
        }
    }

    fn codepay(&mut self, body: &[u8], call: Call) -> Outcome {
        let charge = read_charge(body)?;
        let number = charge.out_trade_no.clone();
        let charged = self.charge(charge, call.now_ms)?;
        if charged == Charged::AwaitsPassword || call.stale {
            return Ok((202, json!({ "trade_state": "USERPAYING" })));
        }
        let order = &self.provider.orders[&number];
        Ok((200, order_view(order, order.state())))
    }

    fn query_v3(&self, name: &OrderName, call: Call) -> Outcome {
        let order = self.order(name).ok_or(refused(404, "ORDER_NOT_EXIST", "订单不存在", 268_512_771))?;
        let state = if call.stale { order.earlier_state() } else { order.state() };
        Ok((200, order_view(order, state)))
    }

    fn reverse_v3(&mut self, number: &str, body: &[u8], call: Call) -> Outcome {
        let fields = Fields::parse(body, &["appid", "mchid"])?;
        check_merchant(&fields)?;
        if !is_order_number(number) {
            let error = FieldError::body("out_trade_no", &json!(number), "not an order number");
            return Err(FieldError { location: "url", ..error }.into());
        }
        self.reverse(number, call.now_ms)?;
        if call.stale {
            return Err(ReverseRefusal::UserPaying.into());
        }
        Ok((200, json!({ "appid": MERCHANT.appid, "mchid": MERCHANT.mchid, "out_trade_no": number })))
    }

    fn refund_v3(&mut self, body: &[u8], call: Call) -> Outcome {
        let fields = Fields::parse(
            body,
            &[
                "transaction_id",
                "out_trade_no",
                "out_refund_no",
                "reason",
                "notify_url",
                "funds_account",
                "amount",
                "goods_detail",
            ],
        )?;
        let name = match (
            fields.optional_text("/transaction_id", 1, 32)?,
            fields.optional_text("/out_trade_no", 6, 32)?,
        ) {
            (Some(id), _) => OrderName::TransactionId(id),
            (None, Some(number)) => OrderName::OutTradeNo(number),
            (None, None) => {
                return Err(
                    FieldError::body("/out_trade_no", &Value::Null, "required field is missing").into()
                );
            }
        };
        let number = fields.text("/out_refund_no", 1, 64)?;
        if !is_refund_number(&number) {
            return Err(FieldError::body("/out_refund_no", &json!(number), "not a refund number").into());
        }
        fields.optional_text("/reason", 1, 80)?;
        fields.optional_text("/notify_url", 1, 256)?;
        if fields.text("/amount/currency", 1, 16)? != "CNY" {
            return Err(FieldError::body("/amount/currency", &Value::Null, "only CNY").into());
        }
        let refund_fen = fields.whole("/amount/refund", 1)?;
        let total_fen = fields.whole("/amount/total", 1)?;
        let refund = self.refund(&name, &number, refund_fen, total_fen, call.now_ms)?;
        Ok((200, self.refund_view(&refund, call.now_ms)))
    }

    fn certificates(&mut self) -> Value {
        let nonce = self.dice.letters(12);
        let (from_ms, until_ms) = platform_validity_ms();
        json!({ "data": [{
            "serial_no": MERCHANT.platform_serial,
            "effective_time": beijing::rfc3339(from_ms),
            "expire_time": beijing::rfc3339(until_ms),
            "encrypt_certificate": {
                "algorithm": "AEAD_AES_256_GCM",
                "nonce": nonce,
                "associated_data": "certificate",
                "ciphertext":
                    encrypt(MERCHANT.apiv3_key, &nonce, "certificate", MERCHANT.platform_certificate_pem),
            },
        }] })
    }

    fn refund_view(&self, refund: &Refund, now_ms: i64) -> Value {
        let order = &self.provider.orders[&refund.out_trade_no];
        let total_fen = order.total_fen();
        let mut view = json!({
            "refund_id": refund.refund_id,
            "out_refund_no": refund.out_refund_no,
            "transaction_id": order.paid.as_ref().map_or("", |paid| paid.transaction_id.as_str()),
            "out_trade_no": refund.out_trade_no,
            "channel": "ORIGINAL",
            "user_received_account": "支付用户零钱",
            "create_time": beijing::rfc3339(refund.created_ms),
            "status": if refund.done(now_ms) { "SUCCESS" } else { "PROCESSING" },
            "funds_account": "AVAILABLE",
            "amount": {
                "total": total_fen,
                "refund": refund.refund_fen,
                "payer_total": total_fen,
                "payer_refund": refund.refund_fen,
                "settlement_total": total_fen,
                "settlement_refund": refund.refund_fen,
                "discount_refund": 0,
                "currency": "CNY",
            },
            "promotion_detail": [],
        });
        if refund.done(now_ms) {
            view["success_time"] = json!(beijing::rfc3339(refund.done_ms()));
        }
        view
    }
}

/// An order in one of its states. Only a paid order shows who paid, when, and the provider's own number.
fn order_view(order: &Order, state: OrderState) -> Value {
    let mut view = json!({
        "appid": MERCHANT.appid,
        "mchid": MERCHANT.mchid,
        "out_trade_no": order.out_trade_no,
        "trade_state": state.as_str(),
        "trade_state_desc": state.description(),
        "promotion_detail": [],
    });
    let Some(charge) = &order.charge else { return view };
    view["trade_type"] = json!("MICROPAY");
    view["amount"] = json!({ "total": charge.total_fen, "currency": "CNY", "payer_currency": "CNY" });
    if let Some(device) = &charge.device {
        view["scene_info"] = json!({ "device_id": device });
    }
    let shows_payment = matches!(state, OrderState::Success | OrderState::Refund | OrderState::Revoked);
    if let (true, Some(paid)) = (shows_payment, &order.paid) {
        view["transaction_id"] = json!(paid.transaction_id);
        view["bank_type"] = json!("OTHERS");
        view["success_time"] = json!(beijing::rfc3339(paid.at_ms));
        view["payer"] = json!({ "openid": paid.openid });
        view["amount"]["payer_total"] = json!(charge.total_fen);
        view["attach"] = json!(charge.attach.as_deref().unwrap_or(""));
    }
    view
}

fn read_charge(body: &[u8]) -> Result<Charge, Refused> {
    let fields = Fields::parse(
        body,
        &[
            "appid",
            "mchid",
            "description",
            "out_trade_no",
            "attach",
            "goods_tag",
            "support_fapiao",
            "payer",
            "amount",
            "scene_info",
            "detail",
            "settle_info",
        ],
    )?;
    check_merchant(&fields)?;
    let out_trade_no = fields.text("/out_trade_no", 6, 32)?;
    if !is_order_number(&out_trade_no) {
        return Err(FieldError::body("/out_trade_no", &json!(out_trade_no), "not an order number").into());
    }
    let description = fields.text("/description", 1, 127)?;
    let attach = fields.optional_text("/attach", 1, 128)?;
    fields.optional_text("/goods_tag", 1, 32)?;
    let total_fen = fields.whole("/amount/total", 1)?;
    if fields.optional_text("/amount/currency", 1, 16)?.is_some_and(|currency| currency != "CNY") {
        return Err(FieldError::body("/amount/currency", &Value::Null, "only CNY").into());
    }
    let device = fields.optional_text("/scene_info/device_id", 1, 32)?;
    fields.optional_text("/scene_info/device_ip", 1, 45)?;
    let store = fields.optional_text("/scene_info/store_info/id", 1, 32)?;
    let own_store = fields.optional_text("/scene_info/store_info/out_id", 1, 256)?;
    if fields.has("/scene_info/store_info") && store.is_none() && own_store.is_none() {
        let error =
            FieldError::body("/scene_info/store_info", &Value::Null, "either id or out_id is required");
        return Err(error.into());
    }
    let auth_code = fields.text("/payer/auth_code", 1, 32)?;
    if !is_payment_code(&auth_code) {
        return Err(ChargeRefusal::CodeInvalid.into());
    }
    let fingerprint = super::fingerprint(&fields.canonical());
    Ok(Charge { out_trade_no, auth_code, total_fen, description, attach, device, fingerprint })
}

fn check_merchant(fields: &Fields) -> Result<(), Refused> {
    if fields.text("/mchid", 1, 32)? != MERCHANT.mchid {
        return Err(refused(400, "MCH_NOT_EXISTS", "商户号不存在", 268_445_527));
    }
    if fields.text("/appid", 1, 32)? != MERCHANT.appid {
        return Err(refused(400, "APPID_MCHID_NOT_MATCH", "AppID和mch_id不匹配", 268_445_527));
    }
    Ok(())
}

fn check_headers(request: &http::Request<Vec<u8>>) -> Result<(), Refused> {
    let header = |name| request.headers().get(name).and_then(|value: &http::HeaderValue| value.to_str().ok());
    let accept = header("accept").unwrap_or("");
    if !accept.contains("application/json") && !accept.contains("*/*") {
        return Err(refused(400, "INVALID_REQUEST", "Http头Accept应为application/json", 268_435_461));
    }
    if header("user-agent").is_none_or(str::is_empty) {
        return Err(refused(400, "INVALID_REQUEST", "Http头缺少User-Agent", 268_435_461));
    }
    let json = header("content-type").is_some_and(|kind| kind.starts_with("application/json"));
    if !request.body().is_empty() && !json {
        return Err(refused(400, "INVALID_REQUEST", "Http头Content-Type应为application/json", 268_435_461));
    }
    Ok(())
}

fn check_query_mchid(request: &http::Request<Vec<u8>>) -> Result<(), Refused> {
    let query = request.uri().query().unwrap_or("");
    match query.split('&').find_map(|pair| pair.strip_prefix("mchid=")) {
        Some(MERCHANT_ID) => Ok(()),
        Some(_) => Err(refused(400, "MCH_NOT_EXISTS", "商户号不存在", 268_445_527)),
        None => {
            let error = FieldError::body("mchid", &Value::Null, "required field is missing");
            Err(FieldError { location: "query", ..error }.into())
        }
    }
}
const MERCHANT_ID: &str = MERCHANT.mchid;

fn echo(body: &[u8]) -> Outcome {
    let fields = Fields::parse(body, &["echo_message", "notify_url"])?;
    Ok((200, json!({ "echo_message": fields.text("/echo_message", 1, 1024)? })))
}

fn percent_decoded(segment: &str) -> Result<String, Refused> {
    let wrong = || -> Refused {
        FieldError {
            location: "url",
            ..FieldError::body("path", &json!(segment), "not percent-encoded UTF-8")
        }
        .into()
    };
    let mut bytes = Vec::with_capacity(segment.len());
    let mut rest = segment.as_bytes();
    while let [first, tail @ ..] = rest {
        if *first != b'%' {
            bytes.push(*first);
            rest = tail;
            continue;
        }
        let digits = tail.get(..2).and_then(|two| hex::decode(two).ok()).ok_or_else(wrong)?;
        bytes.extend(digits);
        rest = &tail[2..];
    }
    String::from_utf8(bytes).map_err(|_| wrong())
}

impl From<ChargeRefusal> for Refused {
    fn from(why: ChargeRefusal) -> Refused {
        match why {
            ChargeRefusal::CodeInvalid => {
                refused(400, "AUTH_CODE_INVALID", "付款码无效，请扫描微信付款码", 1)
            }
            ChargeRefusal::CodeUsed => {
                refused(400, "AUTH_CODE_INVALID", "付款码已使用，请用户刷新后重新扫码", 2)
            }
            ChargeRefusal::CodeExpired => {
                refused(403, "AUTH_CODE_EXPIRE", "付款码已过期，请用户刷新后重新扫码", 3)
            }
            ChargeRefusal::NotEnough => refused(403, "NOT_ENOUGH", "用户账户余额不足", 4),
            ChargeRefusal::CardNotSupported => refused(403, "TRADE_ERROR", "不支持的卡类型，请换卡支付", 5),
            ChargeRefusal::Risk => refused(403, "TRADE_ERROR", "交易存在风险，已被拦截", 6),
            ChargeRefusal::PasswordNotEntered => refused(403, "TRADE_ERROR", "用户未输入支付密码", 7),
            ChargeRefusal::BankError => refused(500, "BANK_ERROR", "银行系统异常", 8),
            ChargeRefusal::SystemError => refused(500, "SYSTEM_ERROR", "系统异常，请用相同参数重新调用", 9),
            ChargeRefusal::OrderPaid => refused(400, "ORDER_PAID", "该订单已支付", 268_449_538),
            ChargeRefusal::OrderClosed => refused(400, "ORDER_CLOSED", "该订单已关闭", 268_447_914),
            ChargeRefusal::OrderReversed => refused(400, "ORDER_REVERSED", "该订单已撤销", 268_447_914),
            ChargeRefusal::OtherParameters => {
                refused(400, "INVALID_REQUEST", "请求重入时，参数与首次请求不一致", 268_498_688)
            }
        }
    }
}

impl From<ReverseRefusal> for Refused {
    fn from(why: ReverseRefusal) -> Refused {
        match why {
            ReverseRefusal::UserPaying => refused(400, "USERPAYING", "用户支付中，请稍后重试", 11),
            ReverseRefusal::TooEarly => refused(400, "INVALID_REQUEST", "下单15秒后才能撤销", 12),
            ReverseRefusal::TooLate => refused(400, "REVERSE_EXPIRE", "订单已超过7天，无法撤销", 13),
            ReverseRefusal::Unknown => refused(404, "ORDER_NOT_EXIST", "订单不存在", 268_512_771),
            ReverseRefusal::Refunded => refused(403, "TRADE_ERROR", "订单已发生退款，无法撤销", 14),
        }
    }
}

impl From<RefundRefusal> for Refused {
    fn from(why: RefundRefusal) -> Refused {
        match why {
            RefundRefusal::NoSuchOrder | RefundRefusal::OrderNotPaid => {
                refused(404, "RESOURCE_NOT_EXISTS", "订单不存在或未支付", 268_512_771)
            }
            RefundRefusal::OtherParameters => {
                refused(400, "INVALID_REQUEST", "请求重入时，参数与首次请求不一致", 268_498_688)
            }
            RefundRefusal::TotalDiffers => refused(400, "INVALID_REQUEST", "订单金额与原订单不一致", 21),
            RefundRefusal::TooMuch => refused(400, "INVALID_REQUEST", "申请退款金额超过可退金额", 22),
            RefundRefusal::TooMany => refused(400, "INVALID_REQUEST", "部分退款次数超过限制", 23),
            RefundRefusal::TooLate => refused(400, "TRADE_OVERDUE", "订单已超过可退款期限", 24),
            RefundRefusal::NotEnough => refused(403, "NOT_ENOUGH", "商户余额不足", 25),
        }
    }
}
