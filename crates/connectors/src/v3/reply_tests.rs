use guitai_domain::PaymentId;
use guitai_domain::payment::{Circumstances, Event, State, step};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::ProviderSettings;
use crate::keys::PrivateKey;
use crate::testkit::*;

fn shop() -> ProviderSettings {
    settings(&v3_toml(LOOPBACK))
}

fn told(state: &str) -> HttpReply {
    signed(200, &transaction(payment().as_str(), state).to_string(), NOW)
}

/// A transaction with one field set, or taken away where `value` is null.
fn changed(pointer: &str, value: Value) -> Value {
    let mut body = transaction(payment().as_str(), "SUCCESS");
    let (parent, name) = pointer.rsplit_once('/').expect("a pointer");
    let fields = body.pointer_mut(parent).and_then(Value::as_object_mut).expect("an object");
    if value.is_null() {
        fields.remove(name);
    } else {
        fields.insert(name.to_owned(), value);
    }
    body
}

#[test]
fn every_proven_state_has_its_word() {
    let cases = [
        ("SUCCESS", Heard::Word(Word::Paid)),
        ("REFUND", Heard::Word(Word::Refunded)),
        ("NOTPAY", Heard::Word(Word::Unpaid)),
        ("USERPAYING", Heard::Word(Word::AwaitingPayer)),
        ("ACCEPT", Heard::Word(Word::AwaitingPayer)),
        ("CLOSED", Heard::Word(Word::Closed)),
        ("REVOKED", Heard::Word(Word::Reversed)),
        ("PAYERROR", Heard::Word(Word::Failed(Reason::PayerCancelled))),
        ("SOMETHING_NEW", Heard::Silence(Silence::NotBelieved)),
    ];

    for (state, expected) in cases {
        for verb in [Verb::Pay, Verb::Query] {
            let reading = read(&shop(), verb, &told(state));
            assert_eq!(reading.heard, expected, "{state} to {}", verb.name());
            assert_eq!(reading.note.provider_code.as_deref(), Some(state));
        }
    }
}

#[test]
fn a_state_is_no_acknowledgement_of_a_reversal() {
    for (state, expected) in [("SUCCESS", Word::Paid), ("NOTPAY", Word::Unpaid), ("REVOKED", Word::Reversed)]
    {
        assert_eq!(read(&shop(), Verb::Reverse, &told(state)).heard, Heard::Word(expected), "{state}");
    }
}

#[test]
fn a_paid_answer_leaves_a_reference_and_nothing_of_the_payer() {
    let mut reply = told("SUCCESS");
    reply.headers.push(("Request-ID".into(), "08F78BB3-268449538".into()));
    reply.headers.push(("Date".into(), "Tue, 17 May 2022 01:23:48 GMT".into()));

    let reading = read(&shop(), Verb::Pay, &reply);

    assert_eq!(reading.note.provider_ref.as_deref(), Some("4200000000202607010000000001"));
    assert_eq!(reading.note.request_id.as_deref(), Some("08F78BB3-268449538"));
    assert_eq!(reading.note.clock_offset_ms, Some(5_000));
    assert!(!format!("{reading:?}").contains("oUpF8u"), "the payer's id is not kept");
}

#[test]
fn paid_is_believed_only_when_everything_agrees_and_nothing_is_missing() {
    let cases = [
        (changed("/mchid", json!("1234567890")), Disbelief::OtherMerchant),
        (changed("/mchid", Value::Null), Disbelief::OtherMerchant),
        (changed("/appid", json!("wx0")), Disbelief::OtherMerchant),
        (changed("/appid", Value::Null), Disbelief::OtherMerchant),
        (changed("/out_trade_no", json!(other_payment().as_str())), Disbelief::OtherPayment),
        (changed("/out_trade_no", Value::Null), Disbelief::OtherPayment),
        (changed("/amount/total", json!(100)), Disbelief::OtherAmount),
        (changed("/amount/total", Value::Null), Disbelief::OtherAmount),
        (changed("/amount", Value::Null), Disbelief::OtherAmount),
        (changed("/amount/total", json!("101")), Disbelief::NotAProvider),
        (changed("/amount/total", json!(101.0)), Disbelief::NotAProvider),
        (changed("/amount/currency", json!("HKD")), Disbelief::OtherCurrency),
        (changed("/trade_state", Value::Null), Disbelief::UnknownState),
    ];

    for (body, expected) in cases {
        for verb in [Verb::Pay, Verb::Query] {
            let reading = read(&shop(), verb, &signed(200, &body.to_string(), NOW));
            assert_eq!(reading.heard, Heard::Silence(Silence::NotBelieved), "{body}");
            assert_eq!(reading.note.disbelief, Some(expected), "{body}");
            assert_eq!(reading.note.provider_ref, None, "of another payment perhaps");
        }
    }
}

#[test]
fn no_currency_is_renminbi() {
    let body = changed("/amount/currency", Value::Null).to_string();

    assert!(is_paid(&read(&shop(), Verb::Query, &signed(200, &body, NOW))));
}

#[test]
fn an_unpaid_order_may_come_without_amount_and_app() {
    let body = json!({ "mchid": MCHID, "out_trade_no": payment().as_str(), "trade_state": "NOTPAY" });

    let reading = read(&shop(), Verb::Query, &signed(200, &body.to_string(), NOW));

    assert_eq!(reading.heard, Heard::Word(Word::Unpaid));
}

#[test]
fn the_password_prompt_is_202_with_nothing_but_the_state() {
    let bare = "{\"trade_state\":\"USERPAYING\"}";
    let cases = [
        (Verb::Pay, 202, bare, Heard::Word(Word::AwaitingPayer)),
        (Verb::Pay, 200, bare, Heard::Silence(Silence::NotBelieved)),
        (Verb::Query, 202, bare, Heard::Silence(Silence::NotBelieved)),
        (Verb::Reverse, 202, bare, Heard::Hint(Hint::Busy(5_000))),
        (Verb::Pay, 202, "{\"trade_state\":\"SUCCESS\"}", Heard::Silence(Silence::NotBelieved)),
        (
            Verb::Pay,
            202,
            "{\"trade_state\":\"USERPAYING\",\"out_trade_no\":\"POTHER0000000000\"}",
            Heard::Silence(Silence::NotBelieved),
        ),
    ];

    for (verb, status, body, expected) in cases {
        assert_eq!(read(&shop(), verb, &signed(status, body, NOW)).heard, expected, "{status} {body}");
        let unsigned = read(&shop(), verb, &plain(status, &[], body));
        assert_eq!(unsigned.note.disbelief, Some(Disbelief::BadSignature), "not even the prompt is believed");
    }
}

#[test]
fn a_reversal_is_accepted_when_the_ids_agree() {
    let body = |payment: &PaymentId, mchid: &str| {
        json!({ "appid": APPID, "mchid": mchid, "out_trade_no": payment.as_str() }).to_string()
    };
    let cases = [
        (body(&payment(), MCHID), Heard::Word(Word::ReverseAccepted)),
        (body(&other_payment(), MCHID), Heard::Silence(Silence::NotBelieved)),
        (body(&payment(), "1234567890"), Heard::Silence(Silence::NotBelieved)),
        (String::new(), Heard::Silence(Silence::NotBelieved)),
    ];

    for (body, expected) in cases {
        assert_eq!(read(&shop(), Verb::Reverse, &signed(200, &body, NOW)).heard, expected, "{body}");
    }
}

#[test]
fn refusals_are_hints_and_the_query_decides() {
    let decides = Heard::Silence(Silence::ServerTrouble);
    let refused = |reason| Heard::Hint(Hint::Refused(reason));
    let cases = [
        (400, "PARAM_ERROR", refused(Reason::RefusedByProvider)),
        (400, "INVALID_REQUEST", refused(Reason::RefusedByProvider)),
        (400, "AUTH_CODE_INVALID", refused(Reason::CodeInvalid)),
        (400, "AUTH_CODE_ERROR", refused(Reason::CodeInvalid)),
        (400, "ORDER_PAID", decides),
        (400, "ORDERPAID", decides),
        (400, "ORDER_CLOSED", refused(Reason::RefusedByProvider)),
        (400, "ORDER_REVERSED", refused(Reason::RefusedByProvider)),
        (400, "APPID_MCHID_NOT_MATCH", refused(Reason::Settings)),
        (400, "MCH_NOT_EXISTS", refused(Reason::Settings)),
        (401, "SIGN_ERROR", refused(Reason::Settings)),
        (401, "ANYTHING", refused(Reason::Settings)),
        (403, "AUTH_CODE_EXPIRE", refused(Reason::CodeExpired)),
        (403, "AUTHCODEEXPIRE", refused(Reason::CodeExpired)),
        (403, "NOT_ENOUGH", refused(Reason::NotEnough)),
        (403, "NOTENOUGH", refused(Reason::NotEnough)),
        (403, "NOTSUPORTCARD", refused(Reason::CardNotSupported)),
        (403, "OUT_TRADE_NO_USED", decides),
        (403, "TRADE_ERROR", refused(Reason::RefusedByProvider)),
        (403, "RULE_LIMIT", refused(Reason::RefusedByProvider)),
        (403, "NO_AUTH", refused(Reason::Settings)),
        (403, "ACCOUNT_ERROR", refused(Reason::RefusedByProvider)),
        (403, "USER_ACCOUNT_ABNORMAL", refused(Reason::RefusedByProvider)),
        (404, "ORDER_NOT_EXIST", Heard::Hint(Hint::UnknownPayment)),
        (404, "ORDERNOTEXIST", Heard::Hint(Hint::UnknownPayment)),
        (404, "RESOURCE_NOT_EXISTS", Heard::Hint(Hint::UnknownPayment)),
        (429, "FREQUENCY_LIMITED", Heard::Hint(Hint::Busy(5_000))),
        (403, "RATELIMIT_EXCEEDED", Heard::Hint(Hint::Busy(5_000))),
        (400, "SYSTEM_ERROR", decides),
        (400, "SOMETHING_NEW", decides),
        (500, "SYSTEM_ERROR", decides),
        (500, "BANK_ERROR", decides),
        (502, "SERVICE_UNAVAILABLE", decides),
        (503, "SERVICE_UNAVAILABLE", decides),
    ];

    for (status, code, expected) in cases {
        for verb in [Verb::Pay, Verb::Query, Verb::Reverse] {
            let body = json!({ "code": code, "message": "支付成功" }).to_string();
            let reading = read(&shop(), verb, &plain(status, &[], &body));
            assert_eq!(reading.heard, expected, "{status} {code} to {}", verb.name());
            assert_eq!(reading.note.provider_code.as_deref(), Some(code));
        }
    }
}

/// A payment just sent, after a refusal of the charge and then one of the query.
fn state_after(pay: &str, query: HttpReply) -> State {
    let event = |verb, reading: Reading| match reading.heard {
        Heard::Word(word) => Event::Heard(verb, word),
        Heard::Hint(hint) => Event::Hinted(verb, hint),
        Heard::Silence(silence) => Event::Unheard(verb, silence),
    };
    let pay = plain(400, &[], &json!({ "code": pay }).to_string());
    let pay = event(Verb::Pay, read(&shop(), Verb::Pay, &pay));
    let query = event(Verb::Query, read(&shop(), Verb::Query, &query));
    let at = |age_ms| Circumstances { age_ms, attended: true, answered: true, known: false, rules: &RULES };
    let (sent, _) = step(State::Sent, pay, at(1_000)).expect("an answer is always allowed");
    step(sent, query, at(2_000)).expect("an answer is always allowed").0
}

#[test]
fn an_error_seen_although_the_money_moved_never_ends_in_a_decline_without_the_querys_word() {
    let refused_query = || plain(401, &[], "{\"code\":\"SIGN_ERROR\"}");

    for code in ["PARAM_ERROR", "INVALID_REQUEST", "ORDER_PAID", "OUT_TRADE_NO_USED", "SOMETHING_NEW"] {
        assert_eq!(state_after(code, told("SUCCESS")), State::Captured, "{code}");
        assert!(!state_after(code, refused_query()).is_final(), "{code}: the query was not answered");
    }
    for code in ["ORDER_PAID", "OUT_TRADE_NO_USED", "SOMETHING_NEW"] {
        assert!(!state_after(code, told("NOTPAY")).is_final(), "{code}: it did not say it was refused");
    }
    for code in ["MCH_NOT_EXISTS", "NO_AUTH", "SIGN_ERROR"] {
        let answers =
            [refused_query(), plain(401, &[], ""), plain(403, &[], "{\"code\":\"NO_AUTH\"}"), told("NOTPAY")];
        for answer in answers {
            let state = state_after(code, answer);
            assert!(
                !state.is_final(),
                "{code}: twice nothing about the order is nothing about the order, {state:?}"
            );
        }
    }
}

#[test]
fn a_reversal_refused_while_the_customer_pays_is_asked_again() {
    let reply = plain(400, &[], "{\"code\":\"USERPAYING\"}");

    assert_eq!(read(&shop(), Verb::Reverse, &reply).heard, Heard::Hint(Hint::Busy(5_000)));
    assert_eq!(read(&shop(), Verb::Pay, &reply).heard, Heard::Silence(Silence::ServerTrouble));
}

#[test]
fn retry_after_is_honoured_within_reason() {
    let cases = [("7", 7_000), ("0", 1_000), ("86400", 60_000), ("Wed, 21 Oct 2026 07:28:00 GMT", 5_000)];

    for (header, expected) in cases {
        let reply = plain(429, &[("retry-after", header)], "");
        assert_eq!(read(&shop(), Verb::Query, &reply).heard, Heard::Hint(Hint::Busy(expected)), "{header}");
    }
}

#[test]
fn what_is_not_the_providers_language_is_not_believed() {
    let page = "<html><body>Welcome to the hotel</body></html>";
    let cases = [
        (plain(200, &[("Content-Type", "text/html")], page), Disbelief::NotAProvider),
        (plain(404, &[], page), Disbelief::NotAProvider),
        (plain(401, &[], page), Disbelief::NotAProvider),
        (plain(200, &[], ""), Disbelief::NotAProvider),
        (plain(200, &[], "{\"trade_state\":\"SUCCESS\"}"), Disbelief::BadSignature),
        (plain(302, &[("Location", "https://portal.example")], ""), Disbelief::Redirect),
        (plain(307, &[], page), Disbelief::Redirect),
        (signed(200, "[]", NOW), Disbelief::NotAProvider),
        (signed(200, "{\"trade_state\":", NOW), Disbelief::NotAProvider),
    ];

    for (reply, expected) in cases {
        let reading = read(&shop(), Verb::Query, &reply);
        assert_eq!(reading.heard, Heard::Silence(Silence::NotBelieved), "{reply:?}");
        assert_eq!(reading.note.disbelief, Some(expected), "{reply:?}");
    }
    assert_eq!(
        read(&shop(), Verb::Query, &plain(502, &[], page)).heard,
        Heard::Silence(Silence::ServerTrouble)
    );
}

#[test]
fn an_empty_refusal_says_nothing_about_the_payment() {
    for (status, expected) in [
        (404, Heard::Silence(Silence::ServerTrouble)),
        (405, Heard::Silence(Silence::ServerTrouble)),
        (401, Heard::Hint(Hint::Refused(Reason::Settings))),
    ] {
        assert_eq!(read(&shop(), Verb::Query, &plain(status, &[], "")).heard, expected, "{status}");
    }
}

#[test]
fn a_code_that_is_no_code_does_not_reach_our_log() {
    let body = json!({ "code": "DROP TABLE\n伪造 x1" }).to_string();

    let reading = read(&shop(), Verb::Query, &plain(400, &[], &body));

    assert_eq!(reading.note.provider_code.as_deref(), Some("DROPTABLE1"));
}

#[test]
fn the_published_samples_are_read() {
    let answers = ["samples/v3_codepay_response.json", "samples/v3_query_response.json"];
    for name in answers {
        let answer: Answer = serde_json::from_str(&vector(name)).expect("a transaction");
        assert_eq!(answer.trade_state.as_deref(), Some("SUCCESS"), "{name}");
        assert!(answer.amount.and_then(|amount| amount.total).is_some(), "{name}");
    }
    let answer: Answer = serde_json::from_str(&vector("samples/v3_reverse_response.json")).expect("ids");
    assert_eq!(answer.out_trade_no.as_deref(), Some("1217752501201407033233368018"));
}

#[test]
fn the_settings_test_tells_what_to_mend() {
    let old_date = [("Date", "Tue, 17 May 2022 00:00:00 GMT")];
    let mut kept_by_a_proxy = signed(200, "{\"echo_message\":\"guitai\"}", NOW.plus_ms(-400_000));
    kept_by_a_proxy.headers.push(("Date".into(), "Tue, 17 May 2022 01:23:43 GMT".into()));
    let cases = [
        (signed(200, "{\"echo_message\":\"guitai\"}", NOW), Ok(())),
        (signed(200, "{\"echo_message\":\"other\"}", NOW), Err(SettingsFault::NotAProvider)),
        (
            signed(200, "{\"echo_message\":\"guitai\"}", NOW.plus_ms(400_000)),
            Err(SettingsFault::ClockWrong { offset_ms: 400_000 }),
        ),
        (kept_by_a_proxy, Err(SettingsFault::OldAnswer)),
        (
            signed_by(&provider_key(), "PUB_KEY_ID_9", 200, "{\"echo_message\":\"guitai\"}", NOW),
            Err(SettingsFault::AnswerKeyWrong),
        ),
        (plain(200, &[], "{}"), Err(SettingsFault::AnswerKeyWrong)),
        (plain(200, &[], "<html>"), Err(SettingsFault::NotAProvider)),
        (plain(302, &[], ""), Err(SettingsFault::NotAProvider)),
        (plain(401, &[], "{\"code\":\"SIGN_ERROR\"}"), Err(SettingsFault::KeyRefused)),
        (plain(401, &old_date, ""), Err(SettingsFault::ClockWrong { offset_ms: -5_023_000 })),
        (
            plain(403, &[], "{\"code\":\"NO_AUTH\"}"),
            Err(SettingsFault::Refused { provider_code: Some("NO_AUTH".into()) }),
        ),
        (plain(404, &[], "<html>"), Err(SettingsFault::NotAProvider)),
        (plain(429, &[], ""), Err(SettingsFault::ProviderTrouble)),
        (plain(503, &[], ""), Err(SettingsFault::ProviderTrouble)),
    ];

    for (reply, expected) in cases {
        assert_eq!(shop().connector().read_test(&reply, NOW), expected, "{reply:?}");
    }
}

/// What a forger without the provider's key, or the provider about something else, may send.
#[derive(Debug, Clone)]
enum Forgery {
    FlipBit(prop::sample::Index, u8),
    Cut(prop::sample::Index),
    Append(u8),
    FlipSignature(prop::sample::Index),
    DropHeader(prop::sample::Index),
    OtherNonce,
    OtherKey,
    OtherSerial,
    MinutesAway(i64),
    OtherPayment,
    OtherAmount(i64),
    OtherMerchant,
    OtherApp,
    OtherCurrency,
    Unsigned,
}

fn forgery() -> impl Strategy<Value = Forgery> {
    let index = any::<prop::sample::Index>;
    prop_oneof![
        (index(), 0_u8..8).prop_map(|(at, bit)| Forgery::FlipBit(at, bit)),
        index().prop_map(Forgery::Cut),
        any::<u8>().prop_map(Forgery::Append),
        index().prop_map(Forgery::FlipSignature),
        index().prop_map(Forgery::DropHeader),
        Just(Forgery::OtherNonce),
        Just(Forgery::OtherKey),
        Just(Forgery::OtherSerial),
        prop_oneof![-10_000_i64..=-5, 5_i64..10_000].prop_map(Forgery::MinutesAway),
        Just(Forgery::OtherPayment),
        (1_i64..1_000_000)
            .prop_filter("the amount itself", |fen| *fen != AMOUNT.0)
            .prop_map(Forgery::OtherAmount),
        Just(Forgery::OtherMerchant),
        Just(Forgery::OtherApp),
        Just(Forgery::OtherCurrency),
        Just(Forgery::Unsigned),
    ]
}

fn forged(state: &str, forgery: &Forgery) -> HttpReply {
    let body = transaction(payment().as_str(), state);
    let with = |pointer: &str, value: Value| {
        let mut body = body.clone();
        *body.pointer_mut(pointer).expect("there") = value;
        signed(200, &body.to_string(), NOW)
    };
    let mut reply = signed(200, &body.to_string(), NOW);
    match forgery {
        Forgery::FlipBit(at, bit) => {
            let at = at.index(reply.body.len());
            reply.body[at] ^= 1 << bit;
        }
        Forgery::Cut(at) => reply.body.truncate(at.index(reply.body.len())),
        Forgery::Append(byte) => reply.body.push(*byte),
        Forgery::FlipSignature(at) => {
            let (_, signature) =
                reply.headers.iter_mut().find(|(name, _)| name == "Wechatpay-Signature").expect("signed");
            let at = at.index(signature.len());
            let other = if signature.as_bytes()[at] == b'A' { "B" } else { "A" };
            signature.replace_range(at..=at, other);
        }
        Forgery::DropHeader(at) => {
            // The first is the content type, which proves nothing.
            let at = 1 + at.index(reply.headers.len() - 1);
            reply.headers.remove(at);
        }
        Forgery::OtherNonce => reply.headers[2].1.push('x'),
        Forgery::OtherKey => {
            let key = PrivateKey::from_pem(&vector("java_merchant_private_key.pem")).expect("a key");
            reply = signed_by(&key, PUBLIC_KEY_ID, 200, &body.to_string(), NOW);
        }
        Forgery::OtherSerial => reply.headers[3].1.push('0'),
        Forgery::MinutesAway(minutes) => {
            reply = signed(200, &body.to_string(), NOW.plus_ms(minutes * 60_000));
        }
        Forgery::OtherPayment => reply = with("/out_trade_no", json!(other_payment().as_str())),
        Forgery::OtherAmount(fen) => reply = with("/amount/total", json!(fen)),
        Forgery::OtherMerchant => reply = with("/mchid", json!("1234567890")),
        Forgery::OtherApp => reply = with("/appid", json!("wxsomebodyelse")),
        Forgery::OtherCurrency => reply = with("/amount/currency", json!("USD")),
        Forgery::Unsigned => reply.headers.clear(),
    }
    reply
}

proptest! {
    #[test]
    fn no_forgery_is_taken_for_the_providers_word(
        state in prop::sample::select(vec!["SUCCESS", "REFUND", "NOTPAY", "USERPAYING", "CLOSED", "REVOKED", "PAYERROR"]),
        verb in prop::sample::select(vec![Verb::Pay, Verb::Query, Verb::Reverse]),
        forgery in forgery(),
    ) {
        let reading = read(&shop(), verb, &forged(state, &forgery));

        prop_assert!(!is_word(&reading), "{forgery:?} was believed: {reading:?}");
        prop_assert_eq!(reading.note.provider_ref, None);
    }

    #[test]
    fn no_bytes_at_all_make_reading_fail(
        status in 100_u16..600,
        body in prop::collection::vec(any::<u8>(), 0..300),
        verb in prop::sample::select(vec![Verb::Pay, Verb::Query, Verb::Reverse]),
    ) {
        let reply = HttpReply { status, headers: vec![], body };

        prop_assert!(!is_word(&read(&shop(), verb, &reply)));
    }
}
