use super::*;
use crate::testkit::*;

#[test]
fn certificates_are_asked_for_only_by_a_shop_that_uses_them() {
    let request = settings(&v3_certificate_toml(LOOPBACK)).certificates_request(&fresh()).expect("uses them");

    assert_eq!(request.path, "/v3/certificates");
    assert!(settings(&v3_toml(LOOPBACK)).certificates_request(&fresh()).is_none());
    assert!(settings(&v2_toml(LOOPBACK)).certificates_request(&fresh()).is_none());
}

#[test]
fn new_certificates_take_the_place_of_the_old() {
    let reply = plain(200, &[], &vector("java_certificates_response.json"));

    let renewed = settings(&v3_certificate_toml(LOOPBACK)).with_certificates(&reply).expect("opens");

    let again = settings(&renewed.to_toml());
    let request = again.connector().test(&fresh());
    let serial = request.headers.iter().find(|(name, _)| *name == "Wechatpay-Serial");
    assert_eq!(serial.map(|(_, value)| value.as_str()), Some("5DEA10EF55877E3CF6C33255C2E7DEFFF7E427EC"));
}

#[test]
fn a_wrong_answer_changes_nothing() {
    let body = vector("java_certificates_response.json");
    let cases = [
        (plain(404, &[], "{\"code\":\"RESOURCE_NOT_EXISTS\"}"), CertificatesError::Refused),
        (plain(200, &[], "<html>"), CertificatesError::Unreadable),
        (plain(200, &[], &body.replace("AEAD_AES_256_GCM", "SM4")), CertificatesError::Unreadable),
        (plain(200, &[], &body.replace("\"certificate\"", "\"other\"")), CertificatesError::WrongKey),
    ];
    let settings = settings(&v3_certificate_toml(LOOPBACK));

    for (reply, expected) in cases {
        assert_eq!(settings.with_certificates(&reply).map(|_| ()), Err(expected));
    }
}
