//! The other side of the wire as a value: wallets, provider and bank, told the time and asked for answers.
//!
//! No clock, no socket, no sleep: [`World::handle`] says what to send back and how late; whoever owns the world does it.

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::answer::{Answer, Edit, Seal};
use crate::bank::{Account, Bank, Posting};
use crate::dice::Dice;
use crate::faults::{Fault, FaultQueue, Verb};
use crate::keys::Signer;
use crate::provider::{Order, OrderName, OrderState, Provider};
use crate::wallet::{Behaviour, Wallet};

/// What a wallet holds in a fresh world.
pub const FIRST_BALANCE_FEN: i64 = 1_000_000;
/// The trainee's wallet.
pub const TRAINEE: u32 = 0;
/// Signed answers remembered for [`Fault::Replay`].
const ANSWERS_KEPT: usize = 16;
/// How long a provider may take until every machine of its knows an order: for [`Fault::NotKnownYet`].
const KNOWN_EVERYWHERE_MS: i64 = 300_000;
const HUGE_BODY_BYTES: usize = 8 * 1024 * 1024;

/// What becomes of a request.
#[derive(Debug)]
pub enum Delivery {
    /// This answer, after this long.
    Reply {
        /// The answer.
        response: http::Response<Vec<u8>>,
        /// How late.
        delay_ms: u64,
    },
    /// The connection closes without an answer.
    NoReply,
    /// The connection stands and stays silent.
    HalfOpen,
    /// There is no connection.
    Unreachable,
}

/// How a request is to be processed.
#[derive(Clone, Copy)]
pub(crate) struct Call {
    pub(crate) now_ms: i64,
    pub(crate) client_cert: bool,
    /// The same request for the second time: its nonce was used by its first copy.
    pub(crate) again: bool,
    /// Answer as one would have before this request was processed.
    pub(crate) stale: bool,
}

/// Wallets, provider and bank.
#[derive(Clone, Serialize, Deserialize)]
pub struct World {
    pub(crate) dice: Dice,
    pub(crate) bank: Bank,
    pub(crate) wallets: Vec<Wallet>,
    pub(crate) provider: Provider,
    faults: FaultQueue,
    network_down: bool,
    answers: VecDeque<KeptAnswer>,
    /// How often each fault was met; of this process only.
    #[serde(skip)]
    faults_met: BTreeMap<&'static str, u64>,
    /// Answers given as they should be; of this process only.
    #[serde(skip)]
    true_answers: u64,
}

/// A signed answer, kept to be replayed.
#[derive(Clone, Serialize, Deserialize)]
struct KeptAnswer {
    path_kind: (Verb, bool),
    number: String,
    status: u16,
    headers: Vec<(String, String)>,
    body: String,
}

/// What provider and bank have written down.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Books {
    /// Every order the provider knows, by number.
    pub orders: Vec<BookedOrder>,
    /// Every account of the bank; they add up to zero.
    pub balances: BTreeMap<Account, i64>,
    /// Every movement of money, oldest first.
    pub postings: Vec<Posting>,
}

/// An order in the provider's books.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BookedOrder {
    /// The till's number.
    pub out_trade_no: String,
    /// The provider's number, once paid.
    pub transaction_id: Option<String>,
    /// The state.
    pub state: OrderState,
    /// What was asked for; `None` for a number that was reversed before any charge came.
    pub amount_fen: Option<i64>,
    /// What went back by refunds.
    pub refunded_fen: i64,
}

impl World {
    /// A fresh world with the trainee's wallet.
    pub fn new(seed: u64, now_ms: i64) -> World {
        let mut world = World {
            dice: Dice::new(seed),
            bank: Bank::default(),
            wallets: Vec::new(),
            provider: Provider::default(),
            faults: FaultQueue::default(),
            network_down: false,
            answers: VecDeque::new(),
            faults_met: BTreeMap::new(),
            true_answers: 0,
        };
        world.add_wallet(now_ms);
        world
    }

    /// One more customer; answers the wallet's id.
    pub fn add_wallet(&mut self, now_ms: i64) -> u32 {
        let id = u32::try_from(self.wallets.len()).expect("few wallets");
        self.wallets.push(Wallet::new(id, &mut self.dice, now_ms));
        self.set_balance(id, FIRST_BALANCE_FEN, now_ms);
        id
    }

    /// Answers a request from the till.
    pub fn handle(&mut self, request: &http::Request<Vec<u8>>, now_ms: i64, client_cert: bool) -> Delivery {
        self.advance(now_ms);
        if self.network_down {
            return Delivery::Unreachable;
        }
        let call = Call { now_ms, client_cert, again: false, stale: false };
        let verb = Verb::of(request.uri().path());
        let Some(fault) = self.faults.take(verb) else {
            self.true_answers += 1;
            return prompt(self.sealed(request, call, Seal::Proper));
        };
        *self.faults_met.entry(fault.name()).or_default() += 1;
        match fault {
            Fault::Delay { ms } => {
                Delivery::Reply { response: self.sealed(request, call, Seal::Proper), delay_ms: ms }
            }
            Fault::DropRequest => Delivery::NoReply,
            Fault::DropAnswer => {
                self.answer(request, call);
                Delivery::NoReply
            }
            Fault::SilentAnswer => {
                self.answer(request, call);
                Delivery::HalfOpen
            }
            Fault::HalfOpen => Delivery::HalfOpen,
            Fault::Unreachable => Delivery::Unreachable,
            Fault::Duplicate => {
                self.answer(request, call);
                prompt(self.sealed(request, Call { again: true, ..call }, Seal::Proper))
            }
            Fault::StaleAnswer => prompt(self.sealed(request, Call { stale: true, ..call }, Seal::Proper)),
            Fault::Corrupt => prompt(self.sealed(request, call, Seal::FlippedAfterwards)),
            Fault::Forge => prompt(self.sealed(request, call, Seal::Forged)),
            Fault::SignatureProbe => prompt(self.sealed(request, call, Seal::Probe)),
            Fault::StaleTimestamp => prompt(self.sealed(request, call, Seal::TenMinutesOld)),
            Fault::WrongAmount => prompt(self.falsified(request, call, Edit::Amount)),
            Fault::WrongOrder => prompt(self.falsified(request, call, Edit::Order)),
            Fault::WrongMerchant => prompt(self.falsified(request, call, Edit::Merchant)),
            Fault::WrongCurrency => prompt(self.falsified(request, call, Edit::Currency)),
            Fault::WrongAppid => prompt(self.falsified(request, call, Edit::Appid)),
            Fault::Replay => prompt(self.replayed(request, call)),
            Fault::ErrorButCharged => prompt(self.error_but_charged(request, call)),
            Fault::Impostor => prompt(self.dreamt(request, call, Seal::Forged, World::dream_of_payment)),
            Fault::HollowReverse if verb == Verb::Reverse => {
                prompt(self.dreamt(request, call, Seal::Proper, |_, _, _| {}))
            }
            Fault::NotKnownYet
                if matches!(verb, Verb::Query | Verb::Reverse)
                    && self.may_not_be_known_yet(request, now_ms) =>
            {
                prompt(self.dreamt(request, call, Seal::Proper, World::dream_of_nothing))
            }
            Fault::HollowReverse | Fault::NotKnownYet => prompt(self.sealed(request, call, Seal::Proper)),
            Fault::Tells { state } => {
                prompt(self.telling(request, state).seal(Seal::Proper, &mut self.dice, now_ms))
            }
            Fault::Refuses { status, code } => {
                prompt(self.refusing(request, status, code).seal(Seal::Proper, &mut self.dice, now_ms))
            }
            Fault::Status { code, retry_after_s } => prompt(bare_status(code, retry_after_s)),
            Fault::CaptivePortal => prompt(foreign(
                200,
                "text/html",
                "<html><body>请登录无线网络 / Log in to Wi-Fi</body></html>",
            )),
            Fault::EmptyOk => prompt(foreign(200, "application/json", "")),
            Fault::HugeBody => prompt(foreign(200, "application/json", &" ".repeat(HUGE_BODY_BYTES))),
            Fault::Redirect => {
                let mut response = foreign(302, "text/html", "");
                response
                    .headers_mut()
                    .insert("location", http::HeaderValue::from_static("https://example.invalid/"));
                prompt(response)
            }
        }
    }

    /// Lets time pass: prompts end, unpaid orders are closed.
    pub fn advance(&mut self, now_ms: i64) {
        self.advance_provider(now_ms);
    }

    /// The code a wallet shows now.
    pub fn payment_code(&mut self, wallet: u32, now_ms: i64) -> String {
        self.wallets[wallet as usize].show_code(&mut self.dice, now_ms).to_owned()
    }

    /// Tops a wallet up, or takes money out, until it holds this much.
    pub fn set_balance(&mut self, wallet: u32, balance_fen: i64, now_ms: i64) {
        let (inside, outside) = (Account::wallet(wallet), Account::outside());
        let change = balance_fen.max(0) - self.bank.balance(&inside);
        if change == 0 {
            return;
        }
        let (debit, credit) = if change > 0 { (outside, inside) } else { (inside, outside) };
        let posting =
            Posting { at_ms: now_ms, debit, credit, amount_fen: change.abs(), reason: "top-up".into() };
        self.bank.transfer(posting).expect("a wallet holds what is taken out of it");
    }

    /// What a wallet does with the next payments.
    pub fn set_behaviour(&mut self, wallet: u32, behaviour: Behaviour) {
        self.wallets[wallet as usize].behaviour = behaviour;
    }

    /// From which amount on a wallet asks for the password.
    pub fn set_password_limit(&mut self, wallet: u32, limit_fen: i64) {
        self.wallets[wallet as usize].password_limit_fen = limit_fen;
    }

    /// A fault for the next `times` requests of this verb; faults wait in line.
    pub fn inject(&mut self, fault: Fault, verb: Verb, times: u32) {
        self.faults.push(fault, verb, times);
    }

    /// Forgets all waiting faults.
    pub fn clear_faults(&mut self) {
        self.faults.clear();
    }

    /// Cuts or mends the network.
    pub fn set_network_down(&mut self, down: bool) {
        self.network_down = down;
    }

    /// Whether the network is cut.
    pub fn network_is_down(&self) -> bool {
        self.network_down
    }

    /// How often each fault was met, by its name.
    pub fn faults_met(&self) -> &BTreeMap<&'static str, u64> {
        &self.faults_met
    }

    /// How many answers were given as they should be.
    pub fn true_answers(&self) -> u64 {
        self.true_answers
    }

    /// One order in the provider's books.
    pub fn booked(&self, out_trade_no: &str) -> Option<BookedOrder> {
        self.provider.orders.get(out_trade_no).map(booked)
    }

    /// The merchant gives a paid order back on the provider's own pages; nothing happens to one that is not paid.
    pub fn refund_by_hand(&mut self, out_trade_no: &str, now_ms: i64) {
        let Some(total_fen) = self.provider.orders.get(out_trade_no).and_then(Order::total_fen) else {
            return;
        };
        let name = OrderName::OutTradeNo(out_trade_no.to_owned());
        // What is not paid, or too old, is refused, and the merchant's page says so.
        let _ = self.refund(&name, &format!("R{out_trade_no}"), total_fen, total_fen, now_ms);
    }

    /// What an account holds.
    pub fn balance(&self, account: &Account) -> i64 {
        self.bank.balance(account)
    }

    /// What provider and bank have written down.
    pub fn books(&self) -> Books {
        Books {
            orders: self.provider.orders.values().map(booked).collect(),
            balances: self.bank.balances().clone(),
            postings: self.bank.postings().to_vec(),
        }
    }

    /// The payers' ids, so that a test can look for leaks.
    pub fn openids(&self) -> Vec<String> {
        self.wallets.iter().map(|wallet| wallet.openid.clone()).collect()
    }

    fn answer(&mut self, request: &http::Request<Vec<u8>>, call: Call) -> Answer {
        if is_v3(request) { self.v3(request, call) } else { self.v2(request, call) }
    }

    fn sealed(
        &mut self,
        request: &http::Request<Vec<u8>>,
        call: Call,
        seal: Seal,
    ) -> http::Response<Vec<u8>> {
        let response = self.answer(request, call).seal(seal, &mut self.dice, call.now_ms);
        if seal == Seal::Proper && response.status() == http::StatusCode::OK {
            self.keep(request, &response);
        }
        response
    }

    fn falsified(
        &mut self,
        request: &http::Request<Vec<u8>>,
        call: Call,
        edit: Edit,
    ) -> http::Response<Vec<u8>> {
        let mut answer = self.answer(request, call);
        answer.edit(edit);
        answer.seal(Seal::Proper, &mut self.dice, call.now_ms)
    }

    /// The last answer of this kind about another order; without one, this answer about an order that never was.
    fn replayed(&mut self, request: &http::Request<Vec<u8>>, call: Call) -> http::Response<Vec<u8>> {
        let (kind, number) = (path_kind(request), order_number(request));
        let mut kept = self.answers.iter().rev();
        let kept = kept.find(|kept| kept.path_kind == kind && Some(&kept.number) != number.as_ref()).cloned();
        let Some(kept) = kept else {
            return self.falsified(request, call, Edit::Order);
        };
        self.answer(request, call);
        let mut response = http::Response::builder().status(kept.status);
        for (name, value) in &kept.headers {
            response = response.header(name, value);
        }
        response.body(kept.body.into_bytes()).expect("kept from a well-formed answer")
    }

    fn error_but_charged(&mut self, request: &http::Request<Vec<u8>>, call: Call) -> http::Response<Vec<u8>> {
        let mut answer = self.answer(request, call);
        match &mut answer {
            Answer::V3 { status: 200, signer, .. } => {
                let detail = serde_json::json!({ "location": Value::Null, "value": 22 });
                let message =
                    "输入源“/body/bank_type”映射到字段“银行类型”字符串规则校验失败，字节数 22，大于最大值 16";
                let body = serde_json::json!({ "code": "PARAM_ERROR", "detail": detail, "message": message });
                let signer: Signer = *signer;
                answer = Answer::V3 { status: 400, body, signer, cause: 268_435_461 };
            }
            Answer::V2 { fields, .. } if fields.get("result_code").is_some_and(|code| code == "SUCCESS") => {
                let common = ["return_code", "return_msg", "appid", "mch_id"];
                fields.retain(|name, _| common.contains(&name.as_str()));
                fields.insert("result_code".into(), "FAIL".into());
                fields.insert("err_code".into(), "PARAM_ERROR".into());
                fields.insert("err_code_des".into(), "参数错误".into());
            }
            Answer::V3 { .. } | Answer::V2 { .. } | Answer::Foreign(_) => {}
        }
        answer.seal(Seal::Proper, &mut self.dice, call.now_ms)
    }

    /// The answer of a world like this one, in which something else is so. This one stays as it is.
    fn dreamt(
        &mut self,
        request: &http::Request<Vec<u8>>,
        call: Call,
        seal: Seal,
        differ: impl FnOnce(&mut World, &str, i64),
    ) -> http::Response<Vec<u8>> {
        let mut dream = self.clone();
        let number = order_number(request).unwrap_or_default();
        differ(&mut dream, &number, call.now_ms);
        dream.answer(request, call).seal(seal, &mut self.dice, call.now_ms)
    }

    /// Every customer pays everything, and this order is paid if it still can be.
    fn dream_of_payment(&mut self, number: &str, now_ms: i64) {
        for wallet in &mut self.wallets {
            (wallet.behaviour, wallet.password_limit_fen) = (Behaviour::Pay, i64::MAX);
        }
        self.pay_if_open(number, now_ms);
    }

    /// No provider's machines are that far behind each other.
    fn may_not_be_known_yet(&self, request: &http::Request<Vec<u8>>, now_ms: i64) -> bool {
        let charged_ms = order_number(request).and_then(|number| self.provider.charged_ms(&number));
        charged_ms.is_some_and(|charged_ms| now_ms - charged_ms < KNOWN_EVERYWHERE_MS)
    }

    fn dream_of_nothing(&mut self, number: &str, _now_ms: i64) {
        self.provider.forget(number);
    }

    fn keep(&mut self, request: &http::Request<Vec<u8>>, response: &http::Response<Vec<u8>>) {
        let Some(number) = order_number(request) else {
            return;
        };
        let Ok(body) = String::from_utf8(response.body().clone()) else {
            return;
        };
        let headers = response.headers().iter();
        self.answers.push_back(KeptAnswer {
            path_kind: path_kind(request),
            number,
            status: response.status().as_u16(),
            headers: headers
                .map(|(name, value)| (name.to_string(), value.to_str().unwrap_or("").to_owned()))
                .collect(),
            body,
        });
        if self.answers.len() > ANSWERS_KEPT {
            self.answers.pop_front();
        }
    }
}

fn booked(order: &Order) -> BookedOrder {
    BookedOrder {
        out_trade_no: order.out_trade_no.clone(),
        transaction_id: order.paid.as_ref().map(|paid| paid.transaction_id.clone()),
        state: order.state(),
        amount_fen: order.total_fen(),
        refunded_fen: order.refunded_fen,
    }
}

/// The order number a request is about, read from path or body.
pub fn order_number(request: &http::Request<Vec<u8>>) -> Option<String> {
    if let Some(rest) = request.uri().path().split("/out-trade-no/").nth(1) {
        return rest.split('/').next().map(str::to_owned);
    }
    if !is_v3(request) {
        return crate::provider::v2_order_number(request.body());
    }
    let body: Value = serde_json::from_slice(request.body()).ok()?;
    body.get("out_trade_no")?.as_str().map(str::to_owned)
}

pub(crate) fn is_v3(request: &http::Request<Vec<u8>>) -> bool {
    request.uri().path().starts_with("/v3/")
}

fn path_kind(request: &http::Request<Vec<u8>>) -> (Verb, bool) {
    (Verb::of(request.uri().path()), is_v3(request))
}

fn prompt(response: http::Response<Vec<u8>>) -> Delivery {
    Delivery::Reply { response, delay_ms: 0 }
}

fn foreign(status: u16, content_type: &str, body: &str) -> http::Response<Vec<u8>> {
    http::Response::builder()
        .status(status)
        .header("Content-Type", content_type)
        .body(body.as_bytes().to_vec())
        .expect("status and headers are well formed")
}

/// An answer from the machinery in front of the provider. A status that is none becomes 500.
fn bare_status(code: u16, retry_after_s: Option<u32>) -> http::Response<Vec<u8>> {
    let (code, body) = match code {
        429 => (429, r#"{"code":"FREQUENCY_LIMITED","message":"频率超限"}"#),
        500 => (500, r#"{"code":"SYSTEM_ERROR","message":"系统错误"}"#),
        503 => (503, r#"{"code":"SERVICE_UNAVAILABLE","message":"服务不可用"}"#),
        400..=599 => (code, "<html><body>nginx</body></html>"),
        _ => (500, ""),
    };
    let mut response =
        foreign(code, if body.starts_with('{') { "application/json" } else { "text/html" }, body);
    if let Some(seconds) = retry_after_s {
        response.headers_mut().insert("retry-after", seconds.into());
    }
    response
}

#[cfg(test)]
#[path = "world_tests.rs"]
mod tests;
