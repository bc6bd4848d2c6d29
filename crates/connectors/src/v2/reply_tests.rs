use proptest::prelude::*;

use super::*;
use crate::ProviderSettings;
use crate::testkit::*;

fn shop() -> ProviderSettings {
    settings(&v2_toml(LOOPBACK))
}

fn answer(own: &[(&str, &str)]) -> HttpReply {
    v2_answer(APIV2_KEY, own)
}

/// A paid order, some fields changed; an empty value takes the field away.
fn paid_but(own: &[(&str, &str)]) -> HttpReply {
    let payment = payment();
    let mut fields = v2_paid(&payment, "101");
    fields.extend_from_slice(own);
    answer(&fields)
}

fn refused(code: &str) -> HttpReply {
    answer(&[("result_code", "FAIL"), ("err_code", code), ("err_code_des", "支付成功")])
}

fn xml_reply(body: &str) -> HttpReply {
    plain(200, &[], body)
}

#[test]
fn a_charge_is_paid_when_both_codes_and_every_id_agree() {
    let reading = read(&shop(), Verb::Pay, &paid_but(&[]));

    assert_eq!(reading.heard, Heard::Word(Word::Paid));
    assert_eq!(reading.note.provider_ref.as_deref(), Some("4200000000202607010000000001"));
    assert!(!format!("{reading:?}").contains("oUpF8u"), "the payer's id is not kept");
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
        let reading = read(&shop(), Verb::Query, &paid_but(&[("trade_state", state)]));
        assert_eq!(reading.heard, expected, "{state}");
        assert_eq!(reading.note.provider_code.as_deref(), Some(state));
        let unlucky = paid_but(&[("trade_state", state), ("result_code", "FAIL")]);
        assert_eq!(read(&shop(), Verb::Query, &unlucky).heard, expected, "the state decides, not the code");
    }
}

#[test]
fn paid_is_believed_only_when_everything_agrees_and_nothing_is_missing() {
    let cases = [
        (("mch_id", "1234567890"), Disbelief::OtherMerchant),
        (("mch_id", ""), Disbelief::OtherMerchant),
        (("appid", "wx0"), Disbelief::OtherMerchant),
        (("appid", ""), Disbelief::OtherMerchant),
        (("out_trade_no", "POS20260701000002"), Disbelief::OtherPayment),
        (("out_trade_no", ""), Disbelief::OtherPayment),
        (("total_fee", "100"), Disbelief::OtherAmount),
        (("total_fee", "101.0"), Disbelief::OtherAmount),
        (("total_fee", ""), Disbelief::OtherAmount),
        (("fee_type", "HKD"), Disbelief::OtherCurrency),
    ];

    for (change, expected) in cases {
        for (verb, state) in [(Verb::Pay, ""), (Verb::Query, "SUCCESS")] {
            let reading = read(&shop(), verb, &paid_but(&[("trade_state", state), change]));
            assert_eq!(reading.heard, Heard::Silence(Silence::NotBelieved), "{change:?}");
            assert_eq!(reading.note.disbelief, Some(expected), "{change:?}");
            assert_eq!(reading.note.provider_ref, None);
        }
    }
    assert!(is_paid(&read(&shop(), Verb::Pay, &paid_but(&[("fee_type", "")]))), "no currency is renminbi");
}

#[test]
fn a_charge_of_another_kind_of_order_is_left_to_the_query() {
    for kind in ["NATIVE", ""] {
        let reading = read(&shop(), Verb::Pay, &paid_but(&[("trade_type", kind)]));
        assert_eq!(reading.heard, Heard::Silence(Silence::ServerTrouble));
    }
}

fn named(code: &str) -> HttpReply {
    let payment = payment();
    answer(&[("result_code", "FAIL"), ("err_code", code), ("out_trade_no", payment.as_str())])
}

#[test]
fn a_refusal_of_a_charge_is_a_hint_unless_it_names_the_payment() {
    let decides = Heard::Silence(Silence::ServerTrouble);
    let declined = |reason| Heard::Word(Word::Declined(reason));
    let doubtful = Heard::Hint(Hint::Refused(Reason::RefusedByProvider));
    let cases = [
        ("SYSTEMERROR", decides),
        ("BANKERROR", decides),
        ("USERPAYING", Heard::Word(Word::AwaitingPayer)),
        ("ORDERPAID", decides),
        ("OUT_TRADE_NO_USED", decides),
        ("AUTHCODEEXPIRE", declined(Reason::CodeExpired)),
        ("AUTH_CODE_ERROR", declined(Reason::CodeInvalid)),
        ("AUTH_CODE_INVALID", declined(Reason::CodeInvalid)),
        ("NOTENOUGH", declined(Reason::NotEnough)),
        ("NOTSUPORTCARD", declined(Reason::CardNotSupported)),
        ("ORDERCLOSED", declined(Reason::RefusedByProvider)),
        ("ORDERREVERSED", declined(Reason::RefusedByProvider)),
        ("BUYER_MISMATCH", declined(Reason::RefusedByProvider)),
        ("NOAUTH", declined(Reason::Settings)),
        ("LACK_PARAMS", declined(Reason::Settings)),
        ("XML_FORMAT_ERROR", declined(Reason::Settings)),
        ("REQUIRE_POST_METHOD", declined(Reason::Settings)),
        ("NOT_UTF8", declined(Reason::Settings)),
        ("SIGNERROR", declined(Reason::Settings)),
        ("APPID_NOT_EXIST", declined(Reason::Settings)),
        ("MCHID_NOT_EXIST", declined(Reason::Settings)),
        ("APPID_MCHID_NOT_MATCH", declined(Reason::Settings)),
        ("TRADE_ERROR", Heard::Word(Word::Failed(Reason::RefusedByProvider))),
        ("INVALID_REQUEST", doubtful),
        ("PARAM_ERROR", doubtful),
        ("SOMETHING_NEW", decides),
        ("", decides),
    ];

    for (code, expected) in cases {
        assert_eq!(read(&shop(), Verb::Pay, &named(code)).heard, expected, "{code}");
        let nameless = match expected {
            Heard::Word(Word::Declined(reason) | Word::Failed(reason)) => Heard::Hint(Hint::Refused(reason)),
            other => other,
        };
        assert_eq!(read(&shop(), Verb::Pay, &refused(code)).heard, nameless, "{code} of any payment");
    }
}

#[test]
fn a_state_is_heard_whatever_was_asked_and_no_reversal_is_read_into_it() {
    for (state, expected) in [("REVOKED", Word::Reversed), ("NOTPAY", Word::Unpaid), ("SUCCESS", Word::Paid)]
    {
        let reply = paid_but(&[("trade_state", state)]);
        assert_eq!(read(&shop(), Verb::Pay, &reply).heard, Heard::Word(expected), "{state}: not just paid");
        assert_eq!(read(&shop(), Verb::Reverse, &reply).heard, Heard::Hint(Hint::Busy(5_000)), "{state}");
    }
}

#[test]
fn a_refused_query_says_nothing_final_about_the_payment() {
    let decides = Heard::Silence(Silence::ServerTrouble);
    let cases = [
        ("ORDERNOTEXIST", Heard::Hint(Hint::UnknownPayment)),
        ("SYSTEMERROR", decides),
        ("NOAUTH", Heard::Hint(Hint::Refused(Reason::Settings))),
        ("PARAM_ERROR", decides),
        ("SOMETHING_NEW", decides),
    ];

    for (code, expected) in cases {
        assert_eq!(read(&shop(), Verb::Query, &refused(code)).heard, expected, "{code}");
    }
    assert_eq!(
        read(&shop(), Verb::Query, &answer(&[])).note.disbelief,
        Some(Disbelief::UnknownState),
        "success without a state"
    );
}

#[test]
fn a_reversal_is_done_when_it_need_not_be_called_again() {
    let busy = Heard::Hint(Hint::Busy(5_000));
    let fail = |code: &'static str| vec![("result_code", "FAIL"), ("err_code", code)];
    let recall = |code: &'static str| vec![("result_code", "FAIL"), ("err_code", code), ("recall", "Y")];
    let decides = Heard::Silence(Silence::ServerTrouble);
    let cases = [
        (vec![("recall", "N")], Heard::Word(Word::ReverseAccepted)),
        (vec![("recall", "Y")], busy),
        (vec![], busy),
        (fail("USERPAYING"), busy),
        (recall("SYSTEMERROR"), busy),
        (fail("SYSTEMERROR"), decides),
        (fail("REVERSE_EXPIRE"), Heard::Hint(Hint::Refused(Reason::RefusedByProvider))),
        (recall("REVERSE_EXPIRE"), Heard::Hint(Hint::Refused(Reason::RefusedByProvider))),
        (fail("ORDERNOTEXIST"), Heard::Hint(Hint::UnknownPayment)),
        (fail("TRADE_ERROR"), Heard::Hint(Hint::Refused(Reason::RefusedByProvider))),
        (fail("INVALID_REQUEST"), Heard::Hint(Hint::Refused(Reason::RefusedByProvider))),
        (fail("INVALID_TRANSACTIONID"), Heard::Hint(Hint::Refused(Reason::RefusedByProvider))),
        (fail("SIGNERROR"), Heard::Hint(Hint::Refused(Reason::Settings))),
        (fail("SOMETHING_NEW"), decides),
    ];

    for (fields, expected) in cases {
        assert_eq!(read(&shop(), Verb::Reverse, &answer(&fields)).heard, expected, "{fields:?}");
    }
    let too_late = read(&shop(), Verb::Reverse, &named("REVERSE_EXPIRE"));
    assert_eq!(too_late.heard, Heard::Word(Word::ReverseTooLate), "said of this payment");
}

#[test]
fn an_unsigned_refusal_is_a_hint_whatever_its_text() {
    let settings = Heard::Hint(Hint::Refused(Reason::Settings));
    let cases = [
        ("<xml><return_code>FAIL</return_code><return_msg>签名错误</return_msg></xml>", settings),
        ("<xml><return_code>FAIL</return_code><return_msg>支付成功</return_msg></xml>", settings),
        (
            "<xml><return_code>FAIL</return_code><err_code>SYSTEMERROR</err_code></xml>",
            Heard::Silence(Silence::ServerTrouble),
        ),
    ];

    for (body, expected) in cases {
        for verb in [Verb::Pay, Verb::Query, Verb::Reverse] {
            assert_eq!(read(&shop(), verb, &xml_reply(body)).heard, expected, "{body}");
        }
    }
}

#[test]
fn what_is_not_the_providers_language_is_not_believed() {
    let body = String::from_utf8(paid_but(&[]).body).expect("UTF-8");
    let cases = [
        (xml_reply("<html>portal</html>"), Disbelief::NotAProvider),
        (xml_reply(""), Disbelief::NotAProvider),
        (xml_reply("<xml><a>1</a></xml>"), Disbelief::NotAProvider),
        (xml_reply(&vector("php_invalid_xxe.xml")), Disbelief::NotAProvider),
        // Signed with MD5 and another key: not a signature we take.
        (xml_reply(&vector("php_v2_paysuccess.xml")), Disbelief::BadSignature),
        (xml_reply(&body.replace("<sign>", "<sign>0")), Disbelief::BadSignature),
        (plain(404, &[], &body), Disbelief::NotAProvider),
        (plain(302, &[], &body), Disbelief::Redirect),
    ];

    for (reply, expected) in cases {
        let reading = read(&shop(), Verb::Pay, &reply);
        assert_eq!(reading.heard, Heard::Silence(Silence::NotBelieved), "{reply:?}");
        assert_eq!(reading.note.disbelief, Some(expected), "{reply:?}");
    }
    for (status, expected) in [(500, TROUBLE), (502, TROUBLE), (429, Heard::Hint(Hint::Busy(5_000)))] {
        assert_eq!(read(&shop(), Verb::Pay, &plain(status, &[], &body)).heard, expected, "{status}");
    }
}

#[test]
fn the_settings_test_tells_what_to_mend() {
    let refused_text = "<xml><return_code>FAIL</return_code><return_msg>签名错误</return_msg></xml>";
    let date = [("Date", "Tue, 17 May 2022 00:00:00 GMT")];
    let cases = [
        (refused("ORDERNOTEXIST"), Ok(())),
        (refused("SYSTEMERROR"), Err(SettingsFault::ProviderTrouble)),
        (refused("NOAUTH"), Err(SettingsFault::Refused { provider_code: Some("NOAUTH".into()) })),
        (v2_answer("0000000000000000000000000000000A", &[]), Err(SettingsFault::AnswerKeyWrong)),
        (answer(&[("mch_id", "10000100")]), Err(SettingsFault::OtherMerchant)),
        (xml_reply(refused_text), Err(SettingsFault::KeyRefused)),
        (plain(200, &date, refused_text), Err(SettingsFault::ClockWrong { offset_ms: -5_023_000 })),
        (xml_reply("<html>"), Err(SettingsFault::NotAProvider)),
        (plain(404, &[], ""), Err(SettingsFault::NotAProvider)),
        (plain(503, &[], ""), Err(SettingsFault::ProviderTrouble)),
    ];

    for (reply, expected) in cases {
        assert_eq!(shop().connector().read_test(&reply, NOW), expected, "{reply:?}");
    }
}

proptest! {
    #[test]
    fn no_change_to_a_signed_answer_is_taken_for_the_providers_word(
        at in any::<prop::sample::Index>(),
        bit in 0_u8..8,
        cut in any::<bool>(),
        state in prop::sample::select(vec!["SUCCESS", "NOTPAY", "CLOSED", "REVOKED", "PAYERROR"]),
        verb in prop::sample::select(vec![Verb::Pay, Verb::Query, Verb::Reverse]),
    ) {
        let honest = paid_but(&[("trade_state", state), ("recall", "N")]);
        let mut forged = honest.clone();
        let at = at.index(forged.body.len());
        if cut { forged.body.truncate(at) } else { forged.body[at] ^= 1 << bit }

        if is_word(&read(&shop(), verb, &forged)) {
            // Another spelling of the very same fields: hexadecimal has two cases.
            let plain = |reply: &HttpReply| {
                let mut fields = xml::read(&reply.body).expect("it was read");
                let sign = fields.remove("sign").expect("it was signed").to_ascii_uppercase();
                (fields, sign)
            };
            prop_assert_eq!(plain(&forged), plain(&honest));
        }
    }

    #[test]
    fn an_answer_with_another_key_or_about_something_else_is_not_believed(
        key in "[0-9a-f]{32}",
        fen in 1_i64..1_000_000,
    ) {
        prop_assume!(key != APIV2_KEY && fen != AMOUNT.0);
        let (payment, fen) = (payment(), fen.to_string());

        let other_key = v2_answer(&key, &v2_paid(&payment, "101"));
        let other_amount = v2_answer(APIV2_KEY, &v2_paid(&payment, &fen));

        prop_assert!(!is_word(&read(&shop(), Verb::Pay, &other_key)));
        prop_assert!(!is_word(&read(&shop(), Verb::Pay, &other_amount)));
    }

    #[test]
    fn no_bytes_at_all_make_reading_fail(
        status in 100_u16..600,
        body in prop::collection::vec(any::<u8>(), 0..300),
    ) {
        let reply = HttpReply { status, headers: vec![], body };

        prop_assert!(!is_word(&read(&shop(), Verb::Pay, &reply)));
    }
}
