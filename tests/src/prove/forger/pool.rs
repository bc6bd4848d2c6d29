//! What the provider said on one day: payments in the sandbox, every answer it gave, and its books at that moment.

use std::collections::BTreeMap;

use guitai_connectors::{Asked, Charge, Connector, Fresh, HttpReply, HttpRequest, ProviderSettings};
use guitai_domain::payment::Verb;
use guitai_domain::{Epoch, Fen, PaymentCode, PaymentId, TillId, Timestamp};
use guitai_sandbox::{Behaviour, OrderState, PasswordAnswer, Refusal, Sandbox, World};

use super::lies::{lies, signed_by_nobody};
use super::seal::{Fields, read_v2};
use crate::chance::Chance;
use crate::wire::{end_of, outgoing};

/// A day of January 2027: the sandbox's certificates are valid by then.
const MORNING_MS: i64 = 1_800_000_000_000;
const PAYMENTS: u64 = 36;
const STEPS: u64 = 300;

/// A payment the till asked for.
#[derive(Debug)]
pub(super) struct Payment {
    pub id: PaymentId,
    pub amount: Fen,
}

/// Which of WeChat Pay's formats.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    V3,
    V2,
}

/// An answer the provider gave, or could have signed.
#[derive(Debug, Clone)]
pub(super) struct Statement {
    pub format: Format,
    pub reply: HttpReply,
    /// The connector it was given to.
    pub shop: usize,
    /// When it was signed.
    pub at_ms: i64,
    /// The provider's books at that time.
    pub books: usize,
    /// What was asked, and about which payment.
    pub verb: Verb,
    pub payment: usize,
    /// Whether it is signed by the provider's key at all.
    pub signed: bool,
    /// Whether something in it is made up. It counts as signed; the oracle finds out what is wrong with it.
    pub lie: bool,
    /// Whether it says two things at once: nothing may be concluded from it.
    pub ambiguous: bool,
    /// Somebody else's signature under the same words.
    pub forged: String,
}

/// Each order's state and amount at one moment.
type Books = BTreeMap<String, (OrderState, Option<i64>)>;

/// Everything that was said.
#[derive(Default)]
pub(super) struct Pool {
    pub payments: Vec<Payment>,
    pub statements: Vec<Statement>,
    pub books: Vec<Books>,
    /// The statements about each payment.
    pub about: Vec<Vec<usize>>,
    v3: BTreeMap<(String, String, Vec<u8>), usize>,
    v2: BTreeMap<Fields, usize>,
}

/// The connectors on trial: v3 with the public key, with certificates, with both; v2.
pub(super) fn shops() -> Vec<Box<dyn Connector>> {
    let kit = Sandbox::merchant();
    let head = |kind: &str| {
        format!(
            "kind = \"{kind}\"\nmchid = \"{}\"\nappid = \"{}\"\nhosts = [\"http://127.0.0.1:9\"]\n\
             merchant_certificate = '''\n{}'''\nmerchant_private_key = '''\n{}'''\n",
            kit.mchid, kit.appid, kit.certificate_pem, kit.private_key_pem
        )
    };
    let public =
        format!("public_key_id = \"{}\"\npublic_key = '''\n{}'''\n", kit.public_key_id, kit.public_key_pem);
    let certificate = format!(
        "apiv3_key = \"{}\"\nplatform_certificates = ['''\n{}''']\n",
        kit.apiv3_key, kit.platform_certificate_pem
    );
    let v3 = head("wechat_pay_v3");
    let v2 = format!("{}apiv2_key = \"{}\"\n", head("wechat_pay_v2"), kit.apiv2_key);
    let settings =
        [format!("{v3}{public}"), format!("{v3}{certificate}"), format!("{v3}{public}{certificate}"), v2];
    let connector =
        |toml: &String| ProviderSettings::from_toml(toml).expect("the sandbox's settings").connector();
    settings.iter().map(connector).collect()
}

/// The format each of [`shops`] speaks.
pub(super) const FORMATS: [Format; 4] = [Format::V3, Format::V3, Format::V3, Format::V2];

const BEHAVIOURS: [Behaviour; 8] = [
    Behaviour::Pay,
    Behaviour::Pay,
    Behaviour::Pay,
    Behaviour::AskPassword,
    Behaviour::AskPassword,
    Behaviour::Refuse(Refusal::NotEnough),
    Behaviour::Refuse(Refusal::CodeExpired),
    Behaviour::Refuse(Refusal::SystemError),
];

impl Pool {
    /// The day of this number.
    pub fn new(number: u64) -> Pool {
        let mut day = Day {
            world: World::new(number, MORNING_MS),
            now_ms: MORNING_MS,
            chance: Chance::new(!number),
            shops: shops(),
            calls: 0,
            pool: Pool::default(),
        };
        day.live();
        let mut pool = day.pool;
        let made_up = lies(&pool, &mut day.chance);
        pool.statements.extend(made_up);
        pool.index();
        pool
    }

    /// What the provider signed under this time, nonce and body.
    pub fn signed_v3(&self, timestamp: &str, nonce: &str, body: &[u8]) -> Option<&Statement> {
        let key = (timestamp.to_owned(), nonce.to_owned(), body.to_vec());
        self.v3.get(&key).map(|at| &self.statements[*at])
    }

    /// What the provider signed with these fields, its `sign` among them.
    pub fn signed_v2(&self, body: &[u8]) -> Option<&Statement> {
        self.v2.get(&comparable(body)?).map(|at| &self.statements[*at])
    }

    fn index(&mut self) {
        self.about.resize_with(self.payments.len(), Vec::new);
        for (at, statement) in self.statements.iter_mut().enumerate() {
            self.about[statement.payment].push(at);
            if !statement.signed {
                continue;
            }
            match statement.format {
                Format::V3 => {
                    statement.forged = signed_by_nobody(statement);
                    let header = |name| statement.reply.header(name).unwrap_or("").to_owned();
                    let body = statement.reply.body.clone();
                    self.v3.insert((header("Wechatpay-Timestamp"), header("Wechatpay-Nonce"), body), at);
                }
                Format::V2 => {
                    if let Some(fields) = comparable(&statement.reply.body) {
                        self.v2.insert(fields, at);
                    }
                }
            }
        }
    }
}

/// A hash has two spellings; they are the same hash.
fn comparable(body: &[u8]) -> Option<Fields> {
    let mut fields = read_v2(body)?;
    fields.get_mut("sign")?.make_ascii_uppercase();
    Some(fields)
}

/// The day while it is being lived.
struct Day {
    world: World,
    now_ms: i64,
    chance: Chance,
    shops: Vec<Box<dyn Connector>>,
    calls: u64,
    pool: Pool,
}

impl Day {
    fn live(&mut self) {
        for number in 0..PAYMENTS {
            self.pass();
            self.charge(number);
        }
        for _ in 0..STEPS {
            self.pass();
            let payment = self.chance.below(PAYMENTS);
            match self.chance.below(10) {
                0..=5 => self.ask(Verb::Query, payment),
                6..=8 => self.ask(Verb::Reverse, payment),
                _ => {
                    let wallet = u32::try_from(payment + 1).expect("few");
                    let answer = self.chance.one_of(&[PasswordAnswer::Right, PasswordAnswer::Cancel]);
                    self.world.answer_password(wallet, answer, self.now_ms);
                }
            }
        }
    }

    fn pass(&mut self) {
        self.now_ms += self.chance.between(100, 12_000);
    }

    fn charge(&mut self, number: u64) {
        let wallet = self.world.add_wallet(self.now_ms);
        self.world.set_behaviour(wallet, self.chance.one_of(&BEHAVIOURS));
        let code = self.world.payment_code(wallet, self.now_ms);
        let code = PaymentCode::recognise(&code).expect("the wallet shows payment codes");
        // Few amounts, so that only the number tells many of the payments apart.
        let amount = self.chance.one_of(&[Fen(101), Fen(101), Fen(1_850), Fen(99_900)]);
        let id = PaymentId::new(TillId::from_random(7), Epoch::from_random(9), number + 1, number * 977);
        let payment = Payment { id, amount };
        let charge =
            Charge {
                payment: &payment.id, amount, code: &code, description: "练习店 商品", till: "forger"
            };
        let (shop, fresh) = self.call();
        let request = self.shops[shop].pay(&charge, &fresh);
        self.pool.payments.push(payment);
        self.record(shop, &request, Verb::Pay, number);
    }

    fn ask(&mut self, verb: Verb, number: u64) {
        let (shop, fresh) = self.call();
        let payment = &self.pool.payments[usize::try_from(number).expect("few")];
        let asked = Asked { payment: &payment.id, amount: payment.amount };
        let request = match verb {
            Verb::Pay | Verb::Query => self.shops[shop].query(&asked, &fresh),
            Verb::Reverse => self.shops[shop].reverse(&asked, &fresh),
        };
        self.record(shop, &request, verb, number);
    }

    fn call(&mut self) -> (usize, Fresh) {
        self.calls += 1;
        let shop = usize::try_from(self.chance.below(FORMATS.len() as u64)).expect("few");
        (shop, Fresh { now: Timestamp(self.now_ms), nonce: format!("{:032}", self.calls) })
    }

    fn record(&mut self, shop: usize, request: &HttpRequest, verb: Verb, number: u64) {
        let delivery = self.world.handle(&outgoing(request), self.now_ms, request.client_certificate);
        let (_, Ok(reply)) = end_of(delivery) else { return };
        let orders = self.world.books().orders.into_iter();
        self.pool
            .books
            .push(orders.map(|order| (order.out_trade_no, (order.state, order.amount_fen))).collect());
        let format = FORMATS[shop];
        let signed = match format {
            Format::V3 => reply.header("Wechatpay-Signature").is_some(),
            Format::V2 => read_v2(&reply.body).is_some_and(|fields| fields.contains_key("sign")),
        };
        self.pool.statements.push(Statement {
            format,
            reply,
            at_ms: self.now_ms,
            books: self.pool.books.len() - 1,
            verb,
            payment: usize::try_from(number).expect("few"),
            signed,
            lie: false,
            ambiguous: false,
            forged: String::new(),
            shop,
        });
    }
}
