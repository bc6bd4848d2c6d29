use super::*;
use crate::testkit::*;

fn keys() -> AnswerKeys {
    let mut keys = AnswerKeys::default();
    keys.add_public_key(PUBLIC_KEY_ID, provider_key().public());
    keys
}

#[test]
fn an_answer_counts_within_five_minutes_of_our_clock_and_not_at_five() {
    let reply = signed(200, "{}", NOW);
    let cases = [
        (0, Ok(())),
        (299_999, Ok(())),
        (-299_000, Ok(())),
        (300_000, Err(Disbelief::StaleTimestamp)),
        (-300_000, Err(Disbelief::StaleTimestamp)),
        (i64::MAX / 2, Err(Disbelief::StaleTimestamp)),
    ];

    for (late_ms, expected) in cases {
        assert_eq!(keys().verify(&reply, NOW.plus_ms(late_ms)), expected, "{late_ms} ms later");
    }
}

#[test]
fn a_missing_header_is_a_bad_signature() {
    for name in ["Wechatpay-Timestamp", "Wechatpay-Nonce", "Wechatpay-Serial", "Wechatpay-Signature"] {
        let mut reply = signed(200, "{}", NOW);
        reply.headers.retain(|(header, _)| header != name);

        assert_eq!(keys().verify(&reply, NOW), Err(Disbelief::BadSignature), "{name}");
    }
}

#[test]
fn the_key_is_the_one_the_answer_names() {
    let elsewhere = signed_by(&provider_key(), "PUB_KEY_ID_9", 200, "{}", NOW);

    assert_eq!(keys().verify(&elsewhere, NOW), Err(Disbelief::UnknownKey));
}

#[test]
fn a_certificate_and_a_public_key_count_side_by_side_while_a_shop_changes_over() {
    let certificate = Certificate::from_pem(&vector("java_wechat_pay_certificate.pem")).expect("readable");
    let serial = certificate.serial.clone();
    let mut both = keys();
    both.add_certificate(certificate);

    for name in [PUBLIC_KEY_ID, serial.as_str(), serial.to_lowercase().as_str()] {
        assert_eq!(both.verify(&signed_by(&provider_key(), name, 200, "{}", NOW), NOW), Ok(()), "{name}");
    }
}

#[test]
fn an_expired_certificate_counts_no_more() {
    let certificate = Certificate::from_pem(&vector("java_wechat_pay_certificate.pem")).expect("readable");
    let (serial, later) = (certificate.serial.clone(), certificate.until.plus_ms(1_000));
    let mut keys = AnswerKeys::default();
    keys.add_certificate(certificate);

    let reply = signed_by(&provider_key(), &serial, 200, "{}", later);

    assert_eq!(keys.verify(&reply, later), Err(Disbelief::UnknownKey));
}

#[test]
fn the_providers_own_probes_fail_like_any_wrong_signature() {
    let mut reply = signed(200, "{}", NOW);
    let (_, signature) =
        reply.headers.iter_mut().find(|(name, _)| name == "Wechatpay-Signature").expect("signed");
    *signature = format!("WECHATPAY/SIGNTEST/{signature}");

    assert_eq!(keys().verify(&reply, NOW), Err(Disbelief::BadSignature));
}
