//! What is made up in an answer: one field says something else, or is gone, or stands there twice.

use serde_json::{Value, json};

use super::pool::{Format, Pool, Statement};
use super::seal::{Fields, Key, named_key, read_v2, reseal_v3, seal_v2, write_v2};
use crate::chance::Chance;
use guitai_sandbox::Sandbox;

/// The fields whose truth a word depends on: v3's pointer and v2's name.
const FIELDS: [(&str, &str); 5] = [
    ("/amount/total", "total_fee"),
    ("/amount/currency", "fee_type"),
    ("/out_trade_no", "out_trade_no"),
    ("/mchid", "mch_id"),
    ("/appid", "appid"),
];

/// Lies in the provider's own hand: it signs what is not so.
pub(super) fn lies(pool: &Pool, chance: &mut Chance) -> Vec<Statement> {
    let mut lies = Vec::new();
    for statement in pool.statements.iter().filter(|statement| statement.signed) {
        for _ in 0..2 {
            let mut lie = Statement { lie: true, ..statement.clone() };
            lie.ambiguous = chance.permille(120);
            let changed = match lie.format {
                Format::V3 => lie_v3(&mut lie, chance),
                Format::V2 => lie_v2(&mut lie, chance),
            };
            lies.extend(changed.then_some(lie));
        }
    }
    lies
}

fn lie_v3(lie: &mut Statement, chance: &mut Chance) -> bool {
    let body = &mut lie.reply.body;
    let changed = if lie.ambiguous { say_twice(body, chance) } else { edit_v3(body, chance) };
    if changed {
        let key = named_key(&lie.reply);
        reseal_v3(&mut lie.reply, key);
    }
    changed
}

fn lie_v2(lie: &mut Statement, chance: &mut Chance) -> bool {
    let Some(mut fields) = read_v2(&lie.reply.body) else { return false };
    if !lie.ambiguous && !edit_v2(&mut fields, chance) {
        return false;
    }
    lie.reply.body = seal_v2(fields, Sandbox::merchant().apiv2_key);
    !lie.ambiguous || say_twice(&mut lie.reply.body, chance)
}

/// Changes one field of a v3 body that is there, or takes it away.
pub(super) fn edit_v3(body: &mut Vec<u8>, chance: &mut Chance) -> bool {
    let Ok(mut value) = serde_json::from_slice::<Value>(body) else { return false };
    let (pointer, _) = chance.one_of(&FIELDS);
    let (parent, name) = pointer.rsplit_once('/').expect("a pointer");
    let Some(old) = value.pointer(pointer).cloned() else { return false };
    let Some(fields) = value.pointer_mut(parent).and_then(Value::as_object_mut) else { return false };
    let other = match (&old, chance.below(4)) {
        (_, 0) => None,
        (Value::Number(fen), _) => Some(other_amount(fen.as_i64().unwrap_or(0), chance)),
        (old, _) => Some(json!(other_text(old.as_str().unwrap_or(""), chance))),
    };
    match other {
        Some(other) => fields.insert(name.to_owned(), other),
        None => fields.remove(name),
    };
    *body = value.to_string().into_bytes();
    true
}

/// Changes one field of a v2 answer that is there, or takes it away.
pub(super) fn edit_v2(fields: &mut Fields, chance: &mut Chance) -> bool {
    let (_, name) = chance.one_of(&FIELDS);
    let Some(old) = fields.get(name).cloned() else { return false };
    let other = match (name, chance.below(4)) {
        (_, 0) => None,
        ("total_fee", _) => match other_amount(old.parse().unwrap_or(0), chance) {
            Value::String(text) => Some(text),
            other => Some(other.to_string()),
        },
        (_, _) => Some(other_text(&old, chance)),
    };
    match other {
        Some(other) => fields.insert(name.to_owned(), other),
        None => fields.remove(name),
    };
    true
}

fn other_amount(fen: i64, chance: &mut Chance) -> Value {
    match chance.below(10) {
        0 => json!(fen.wrapping_add(1)),
        1 => json!(fen.wrapping_sub(1)),
        2 => json!(fen.wrapping_mul(100)),
        3 => json!(fen.wrapping_neg()),
        4 => json!(0),
        5 => json!(i64::MAX),
        6 => json!(format!("{fen}.0")),
        7 => json!(format!("{fen}1")),
        8 => json!([fen]),
        _ => json!(u64::MAX - 1),
    }
}

/// Near misses. None of them is another payment's number: what the provider itself says of that one is taken as it is.
fn other_text(old: &str, chance: &mut Chance) -> String {
    match chance.below(9) {
        0 => old.to_ascii_lowercase() + "a",
        1 => format!("{old} "),
        2 => format!("{old}0"),
        3 => old.chars().skip(1).collect(),
        4 => old.chars().rev().chain(['X']).collect(),
        5 => "HKD".to_owned(),
        6 => "1900009999".to_owned(),
        7 => "wx0000000000000000".to_owned(),
        _ => format!("{old}\u{200b}"),
    }
}

/// Puts a field that is there once more, with another value; whether one was.
pub(super) fn say_twice(body: &mut Vec<u8>, chance: &mut Chance) -> bool {
    let v3 = [
        ("\"out_trade_no\":", "\"P0\","),
        ("\"mchid\":", "\"1\","),
        ("\"amount\":", "{\"total\":1},"),
        ("\"trade_state\":", "\"NOTPAY\","),
    ];
    let v2 = [
        ("<out_trade_no>", "P0</out_trade_no>"),
        ("<mch_id>", "1</mch_id>"),
        ("<total_fee>", "1</total_fee>"),
        ("<sign>", "0</sign>"),
    ];
    let (name, value) = chance.one_of(if body.starts_with(b"{") { &v3 } else { &v2 });
    let Some(at) = body.windows(name.len()).position(|window| window == name.as_bytes()) else {
        return false;
    };
    body.splice(at..at, name.bytes().chain(value.bytes()));
    true
}

/// Makes the answer say that exactly this was paid. Nobody signs that here.
pub(super) fn retarget(body: &mut Vec<u8>, format: Format, payment: &str, fen: i64) {
    let kit = Sandbox::merchant();
    match format {
        Format::V3 => {
            let said = json!({
                "appid": kit.appid, "mchid": kit.mchid, "out_trade_no": payment, "trade_state": "SUCCESS",
                "trade_type": "MICROPAY", "amount": { "total": fen, "currency": "CNY" },
            });
            *body = said.to_string().into_bytes();
        }
        Format::V2 => {
            let mut fields = read_v2(body).unwrap_or_default();
            let fen = fen.to_string();
            let said = [
                ("return_code", "SUCCESS"),
                ("result_code", "SUCCESS"),
                ("appid", kit.appid),
                ("mch_id", kit.mchid),
                ("out_trade_no", payment),
                ("total_fee", &fen),
                ("trade_type", "MICROPAY"),
                ("trade_state", "SUCCESS"),
            ];
            fields.extend(said.map(|(name, value)| (name.to_owned(), value.to_owned())));
            *body = write_v2(&fields).into_bytes();
        }
    }
}

/// The signature of somebody else under the same words.
pub(super) fn signed_by_nobody(statement: &Statement) -> String {
    let header = |name| statement.reply.header(name).unwrap_or("");
    super::seal::sign_v3(
        Key::Forger,
        header("Wechatpay-Timestamp"),
        header("Wechatpay-Nonce"),
        &statement.reply.body,
    )
}
