//! One trial: a statement, perhaps spoiled, as the answer to some call about some payment.

use guitai_connectors::HttpReply;
use guitai_domain::Fen;
use guitai_domain::payment::Verb;

use super::lies::{edit_v2, edit_v3, retarget, say_twice};
use super::oracle;
use super::pool::{FORMATS, Format, Pool, Statement};
use super::seal::{read_v2, seal_v2, set_header, write_v2};
use crate::chance::Chance;

const HEADERS: [&str; 4] =
    ["Wechatpay-Timestamp", "Wechatpay-Nonce", "Wechatpay-Serial", "Wechatpay-Signature"];
const STATUSES: [u16; 14] = [0, 100, 200, 201, 202, 204, 206, 302, 400, 401, 404, 429, 500, 503];
const NOISE: [&str; 8] = [" ", "\n", "\0", "\u{feff}", "{}", "<!-- -->", "x", "\r\n\r\n"];
const VERBS: [Verb; 3] = [Verb::Pay, Verb::Query, Verb::Reverse];

/// What a connector is asked to read, and as what.
pub(super) struct Trial {
    pub shop: usize,
    pub verb: Verb,
    pub payment: usize,
    pub asked: Fen,
    pub now_ms: i64,
    pub reply: HttpReply,
    /// The answer is the very one that was given to this very call.
    pub must_be_heard: bool,
    changes: Vec<&'static str>,
}

impl std::fmt::Debug for Trial {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let body = String::from_utf8_lossy(&self.reply.body);
        write!(
            f,
            "shop {} {:?} payment {} for {} at {} after {:?}: {} {:?} {body}",
            self.shop,
            self.verb,
            self.payment,
            self.asked.0,
            self.now_ms,
            self.changes,
            self.reply.status,
            self.reply.headers
        )
    }
}

impl Trial {
    /// A trial of this pool.
    pub fn new(pool: &Pool, chance: &mut Chance) -> Trial {
        let payment = pick(pool.payments.len(), chance);
        let statement = match chance.below(10) {
            0..=6 => &pool.statements[chance.one_of(&pool.about[payment])],
            _ => &pool.statements[pick(pool.statements.len(), chance)],
        };
        let true_amount = pool.payments[payment].amount;
        let delay_ms = delay_ms(chance);
        let mut trial = Trial {
            shop: if chance.permille(850) { statement.shop } else { pick(FORMATS.len(), chance) },
            verb: if chance.permille(750) { statement.verb } else { chance.one_of(&VERBS) },
            payment,
            // A lie may be about the very amount that is asked for by mistake; the provider alone would be to blame.
            asked: if statement.lie { true_amount } else { asked(true_amount, chance) },
            now_ms: statement.at_ms + delay_ms,
            reply: statement.reply.clone(),
            must_be_heard: false,
            changes: Vec::new(),
        };
        let count = chance.one_of(&[0, 0, 1, 1, 1, 1, 1, 2, 2, 3]);
        for _ in 0..count {
            trial.spoil(pool, statement, chance);
        }
        trial.must_be_heard = count == 0
            && (trial.shop, trial.payment, trial.asked) == (statement.shop, statement.payment, true_amount)
            && delay_ms.abs() < 299_000
            && oracle::must_be_heard(statement, trial.verb);
        trial
    }

    fn spoil(&mut self, pool: &Pool, statement: &Statement, chance: &mut Chance) {
        let other = &pool.statements[pick(pool.statements.len(), chance)];
        let name = match chance.below(19) {
            0 => self.body_bit(chance),
            1 => self.body_byte(chance),
            2 => self.cut(chance),
            3 => self.pad(chance),
            4 | 5 => self.retarget(pool, statement.format),
            6 => self.edit(statement.format, chance),
            7 => self.twice(chance),
            8 => self.wrap(statement.format),
            9 => self.header_bit(chance),
            10 => self.drop_header(chance),
            11 => self.double_header(other, chance),
            12 => self.mix(other, chance),
            13 => self.other_key(statement),
            14 => self.probe(),
            15 => self.set("Wechatpay-Timestamp", (self.now_ms / 1_000).to_string(), "new time"),
            16 => self.status(chance),
            17 => self.other_body(other),
            _ => self.signature_text(chance),
        };
        self.changes.push(name);
    }

    fn body_bit(&mut self, chance: &mut Chance) -> &'static str {
        if !self.reply.body.is_empty() {
            let at = pick(self.reply.body.len(), chance);
            self.reply.body[at] ^= 1 << chance.below(8);
        }
        "bit"
    }

    fn body_byte(&mut self, chance: &mut Chance) -> &'static str {
        if !self.reply.body.is_empty() {
            let at = pick(self.reply.body.len(), chance);
            let byte = chance.one_of(b"\0 0123456789AZaz\"{}[]<>&;,:/\\\x7f\xff");
            match chance.below(3) {
                0 => self.reply.body[at] = byte,
                1 => self.reply.body.insert(at, byte),
                _ => {
                    self.reply.body.remove(at);
                }
            }
        }
        "byte"
    }

    fn cut(&mut self, chance: &mut Chance) -> &'static str {
        let at = pick(self.reply.body.len() + 1, chance);
        if chance.permille(800) {
            self.reply.body.truncate(at);
        } else {
            self.reply.body.drain(..at);
        }
        "cut"
    }

    fn pad(&mut self, chance: &mut Chance) -> &'static str {
        let noise = chance.one_of(&NOISE).repeat(pick(3, chance) + 1);
        let at = if chance.permille(500) { 0 } else { self.reply.body.len() };
        self.reply.body.splice(at..at, noise.bytes());
        "pad"
    }

    fn retarget(&mut self, pool: &Pool, format: Format) -> &'static str {
        let payment = &pool.payments[self.payment];
        retarget(&mut self.reply.body, format, payment.id.as_str(), self.asked.0);
        "retarget"
    }

    fn edit(&mut self, format: Format, chance: &mut Chance) -> &'static str {
        match format {
            Format::V3 => {
                edit_v3(&mut self.reply.body, chance);
            }
            Format::V2 => {
                if let Some(mut fields) = read_v2(&self.reply.body) {
                    edit_v2(&mut fields, chance);
                    self.reply.body = write_v2(&fields).into_bytes();
                }
            }
        }
        "edit"
    }

    fn twice(&mut self, chance: &mut Chance) -> &'static str {
        say_twice(&mut self.reply.body, chance);
        "twice"
    }

    fn wrap(&mut self, format: Format) -> &'static str {
        let (before, after) = match format {
            Format::V3 => ("{\"trade_state\":", "}"),
            Format::V2 => ("<xml>", "</xml>"),
        };
        self.reply.body = [before.as_bytes(), &self.reply.body, after.as_bytes()].concat();
        "wrap"
    }

    fn header_bit(&mut self, chance: &mut Chance) -> &'static str {
        if !self.reply.headers.is_empty() {
            let at = pick(self.reply.headers.len(), chance);
            let value = &mut self.reply.headers[at].1;
            let mut bytes = std::mem::take(value).into_bytes();
            if !bytes.is_empty() {
                let at = pick(bytes.len(), chance);
                bytes[at] ^= 1 << chance.below(7);
            }
            *value = String::from_utf8_lossy(&bytes).into_owned();
        }
        "header bit"
    }

    fn drop_header(&mut self, chance: &mut Chance) -> &'static str {
        let name = chance.one_of(&HEADERS);
        self.reply.headers.retain(|(key, _)| !key.eq_ignore_ascii_case(name));
        "header gone"
    }

    fn double_header(&mut self, other: &Statement, chance: &mut Chance) -> &'static str {
        let name = chance.one_of(&HEADERS);
        if let Some(value) = other.reply.header(name) {
            let header = (name.to_owned(), value.to_owned());
            let at = if chance.permille(500) { 0 } else { self.reply.headers.len() };
            self.reply.headers.insert(at, header);
        }
        "header twice"
    }

    fn mix(&mut self, other: &Statement, chance: &mut Chance) -> &'static str {
        for name in HEADERS {
            if chance.permille(500)
                && let Some(value) = other.reply.header(name)
            {
                set_header(&mut self.reply, name, value.to_owned());
            }
        }
        "headers mixed"
    }

    fn other_key(&mut self, statement: &Statement) -> &'static str {
        match statement.format {
            Format::V3 => {
                set_header(&mut self.reply, "Wechatpay-Signature", statement.forged.clone());
            }
            Format::V2 => {
                if let Some(fields) = read_v2(&self.reply.body) {
                    self.reply.body = seal_v2(fields, "SomebodyElsesKeyOfThirtyTwoBytes");
                }
            }
        }
        "other key"
    }

    fn probe(&mut self) -> &'static str {
        let signature = self.reply.header("Wechatpay-Signature").unwrap_or("").to_owned();
        self.set("Wechatpay-Signature", format!("WECHATPAY/SIGNTEST/{signature}"), "probe")
    }

    fn status(&mut self, chance: &mut Chance) -> &'static str {
        self.reply.status = chance.one_of(&STATUSES);
        "status"
    }

    fn other_body(&mut self, other: &Statement) -> &'static str {
        self.reply.body.clone_from(&other.reply.body);
        "other body"
    }

    fn signature_text(&mut self, chance: &mut Chance) -> &'static str {
        let old = self.reply.header("Wechatpay-Signature").unwrap_or("").to_owned();
        let new = match chance.below(5) {
            0 => String::new(),
            1 => format!("{old}="),
            2 => format!(" {old}"),
            3 => old.to_ascii_lowercase(),
            _ => old.chars().rev().collect(),
        };
        self.set("Wechatpay-Signature", new, "signature text")
    }

    fn set(&mut self, name: &str, value: String, change: &'static str) -> &'static str {
        set_header(&mut self.reply, name, value);
        change
    }
}

fn pick(length: usize, chance: &mut Chance) -> usize {
    usize::try_from(chance.below(length as u64)).expect("a place in a list")
}

/// How long after its signing the answer is read: soon, at the edges of the five minutes, any time.
fn delay_ms(chance: &mut Chance) -> i64 {
    match chance.below(10) {
        0..=5 => chance.between(0, 20_000),
        6 | 7 => chance.one_of(&[-1, 1]) * chance.between(298_000, 302_000),
        _ => chance.between(-900_000, 3_600_000),
    }
}

fn asked(amount: Fen, chance: &mut Chance) -> Fen {
    match chance.below(20) {
        0 => Fen(amount.0 + 1),
        1 => Fen(chance.one_of(&[1, 101, 1_850, 99_900, amount.0 * 100])),
        _ => amount,
    }
}
