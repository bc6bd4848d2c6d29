//! Every published vector, by name: tested here, or said why not.

use guitai_domain::payment::{Verb, Word};
use guitai_domain::{PaymentCode, Timestamp};
use md5::{Digest, Md5};
use serde_json::Value;
use zeroize::Zeroizing;

use crate::keys::{Certificate, PrivateKey, PublicKey};
use crate::settings::ProviderSettings;
use crate::testkit::*;
use crate::v2::{sign, xml};
use crate::v3::certificates::{self, CertificatesError};
use crate::v3::{AnswerKeys, Signer, aead, message_to_sign, message_to_verify};
use crate::{Charge, Connector, Disbelief, Fresh, Heard, HttpReply, HttpVerb};

enum Use {
    Tested(fn(&Value)),
    NotOurs(&'static str),
}

const OAEP: Use =
    Use::NotOurs("only the abnormal-refund call encrypts fields, and the till does not make it");

const BOOK: [(&str, Use); 18] = [
    ("go_sign_source", Use::Tested(go_sign_source)),
    ("go_credential_layout", Use::Tested(go_credential_layout)),
    ("go_notify", Use::Tested(go_notify)),
    ("go_aes", Use::Tested(go_aes)),
    ("go_oaep", OAEP),
    ("go_certificates_download", Use::Tested(go_certificates_download)),
    ("java_sign_message", Use::Tested(java_sign_message)),
    ("java_aead", Use::Tested(java_aead)),
    ("java_oaep", OAEP),
    ("java_certificates_download", Use::Tested(java_certificates_download)),
    ("java_credential_layout", Use::Tested(java_credential_layout)),
    ("v2_sign_doc_example", Use::Tested(v2_sign_doc_example)),
    ("derived_by_us/query_by_transaction_id", Use::Tested(query_by_transaction_id)),
    ("derived_by_us/codepay_post", Use::Tested(codepay_post)),
    ("derived_by_us/codepay_202_userpaying", Use::Tested(codepay_202_userpaying)),
    ("derived_by_us/notify_transaction_success", Use::Tested(notify_transaction_success)),
    ("derived_by_us/aes_gcm_empty_aad", Use::Tested(aes_gcm_empty_aad)),
    ("derived_by_us/v2_micropay", Use::Tested(v2_micropay)),
];

#[test]
fn every_published_vector_holds_or_is_not_ours_for_a_reason() {
    let vectors: Value = serde_json::from_str(&vector("vectors.json")).expect("JSON");
    let top = vectors.as_object().expect("an object");
    let derived = top["derived_by_us"].as_object().expect("an object");
    let mut names: Vec<String> = top.keys().filter(|name| *name != "derived_by_us").cloned().collect();
    names.extend(derived.keys().filter(|name| *name != "_note").map(|name| format!("derived_by_us/{name}")));

    for name in &names {
        let (_, usage) =
            BOOK.iter().find(|(known, _)| known == name).unwrap_or_else(|| panic!("{name} is new"));
        match usage {
            Use::Tested(test) => test(vectors.pointer(&format!("/{name}")).expect("just listed")),
            Use::NotOurs(reason) => assert!(!reason.is_empty()),
        }
    }

    assert_eq!(names.len(), BOOK.len(), "the book lists a vector that is not there");
}

fn go_sign_source(v: &Value) {
    let key = private_key(v, "private_key_file");
    let public = PublicKey::from_pem(&vector(text(v, "public_key_file"))).expect("a key");

    assert_eq!(key.sign(text(v, "message").as_bytes()), text(v, "signature_base64"));
    assert!(public.verifies(text(v, "message").as_bytes(), text(v, "signature_base64")));
    assert!(!public.verifies(text(v, "must_fail_message").as_bytes(), text(v, "signature_base64")));
}

fn go_credential_layout(v: &Value) {
    for case in v["cases"].as_array().expect("cases") {
        let body = text(case, "body").as_bytes();
        let message = message_to_sign(
            HttpVerb::Get,
            text(case, "url"),
            body,
            number(v, "timestamp"),
            text(v, "nonce_str"),
        );
        assert_eq!(*message, text(case, "message").as_bytes());
    }
}

fn go_notify(v: &Value) {
    let mut keys = AnswerKeys::default();
    keys.add_certificate(Certificate::from_pem(&vector(text(v, "certificate_file"))).expect("readable"));
    let reply = reply(v);
    let sealed = &serde_json::from_slice::<Value>(&reply.body).expect("JSON")["resource"];

    assert_eq!(*layout(&reply), text(v, "message_to_verify").as_bytes());
    assert_eq!(keys.verify(&reply, seconds(v, "clock_for_test")), Ok(()));
    assert_eq!(unseal(text(v, "apiv3_key"), sealed), None, "a key of 16 bytes is refused");
}

fn go_aes(v: &Value) {
    let opened = aead::open(
        text(v, "key").as_bytes(),
        text(v, "nonce"),
        text(v, "associated_data"),
        text(v, "ciphertext_base64"),
    );
    assert_eq!(opened, None, "a key of 16 bytes is refused");
}

fn go_certificates_download(v: &Value) {
    let reply = plain(200, &[], text(v, "response_body"));

    let read = certificates::read(text(v, "apiv3_key").as_bytes(), &reply);

    assert_eq!(read, Err(CertificatesError::WrongKey), "a key of 16 bytes is refused");
}

fn java_sign_message(v: &Value) {
    let certificate = Certificate::from_pem(&vector(text(v, "certificate_file"))).expect("readable");
    let other = PublicKey::from_pem(&vector(text(v, "must_fail_with_public_key_file"))).expect("a key");
    let (message, signature) = (text(v, "message").as_bytes(), text(v, "signature_base64"));

    assert_eq!(private_key(v, "private_key_file").sign(message), signature);
    assert_eq!(certificate.serial, text(v, "certificate_serial_hex"));
    assert!(certificate.key.verifies(message, signature));
    assert!(!other.verifies(message, signature));
}

fn java_aead(v: &Value) {
    let open = |nonce: &str, associated: &str| {
        aead::open(text(v, "key").as_bytes(), nonce, associated, text(v, "ciphertext_base64"))
    };
    let (nonce, associated) = (text(v, "nonce"), text(v, "associated_data"));

    assert_eq!(open(nonce, associated).as_deref(), Some(text(v, "plaintext").as_bytes()));
    assert_eq!(open(text(&v["must_fail"], "nonce"), associated), None);
    assert_eq!(open(nonce, text(&v["must_fail"], "associated_data")), None);
}

fn java_certificates_download(v: &Value) {
    let reply = plain(200, &[], &vector(text(v, "response_file")));

    let pems = certificates::read(text(v, "apiv3_key").as_bytes(), &reply).expect("opens");

    let certificate = Certificate::from_pem(&pems[0]).expect("readable");
    assert_eq!(pems.len(), 1);
    assert_eq!(certificate.serial, text(v, "decrypted_serial_hex"));
    assert_eq!(certificate_sha256(&pems[0]), text(v, "decrypted_sha256_fingerprint_hex"));
}

fn java_credential_layout(v: &Value) {
    let path = text(v, "request_uri").strip_prefix("https://api.mch.weixin.qq.com").expect("the usual host");

    let message = message_to_sign(HttpVerb::Get, path, b"", number(v, "timestamp"), text(v, "nonce_str"));

    assert_eq!(*message, text(v, "message").as_bytes());
}

fn v2_sign_doc_example(v: &Value) {
    v2_signature(v, "hmac_sha256", "md5");
}

fn v2_micropay(v: &Value) {
    v2_signature(v, "hmac_sha256", "md5_if_sign_type_were_md5");
}

fn query_by_transaction_id(v: &Value) {
    let message = text(v, "message");
    let path = message.lines().nth(1).expect("a path");
    let (timestamp, nonce) =
        (message.lines().nth(2).expect("a time"), message.lines().nth(3).expect("a nonce"));
    let fresh =
        Fresh { now: Timestamp(timestamp.parse::<i64>().expect("seconds") * 1000), nonce: nonce.to_owned() };
    let signer = Signer {
        mchid: MCHID.to_owned(),
        serial: "5F1C72E2A8931B72A2E13AF8DEE92471EB397115".to_owned(),
        key: private_key(v, "private_key_file"),
    };

    assert_eq!(signer.key.sign(message.as_bytes()), text(v, "signature_base64"));
    assert_eq!(signer.authorization(HttpVerb::Get, path, b"", &fresh), text(v, "authorization"));
}

/// The whole charge, as our connector builds it from settings: the very body and the very header.
fn codepay_post(v: &Value) {
    let payment = payment();
    let code = PaymentCode::recognise("130061098828009406").expect("a code");
    let charge = Charge {
        payment: &payment,
        amount: AMOUNT,
        code: &code,
        description: "小张南山店-超市",
        till: "pos-01",
    };

    let request = shop().pay(&charge, &fresh());

    let authorization = request.headers.iter().find(|(name, _)| *name == "Authorization");
    assert_eq!(*request.body, text(v, "body").as_bytes());
    assert_eq!(authorization.map(|(_, value)| value.as_str()), Some(text(v, "authorization")));
    let message = message_to_sign(request.verb, &request.path, &request.body, NOW.0 / 1000, &fresh().nonce);
    assert_eq!(*message, text(v, "message").as_bytes());
    assert_eq!(private_key(v, "private_key_file").sign(&message), text(v, "signature_base64"));
}

fn codepay_202_userpaying(v: &Value) {
    let payment = payment();
    let reply = HttpReply { status: u16::try_from(number(v, "http_status")).expect("a status"), ..reply(v) };
    let read = |now: &Value| {
        let now = Timestamp(now.as_i64().expect("seconds") * 1000);
        shop().read(Verb::Pay, &asked(&payment), &reply, now)
    };

    assert_eq!(*layout(&reply), text(v, "message_to_verify").as_bytes());
    let signature = private_key(v, "signing_private_key_file").sign(text(v, "message_to_verify").as_bytes());
    assert_eq!(Some(signature.as_str()), reply.header("Wechatpay-Signature"));
    for now in v["clock_ok"].as_array().expect("times") {
        assert_eq!(read(now).heard, Heard::Word(Word::AwaitingPayer), "{now}");
    }
    for now in v["clock_reject"].as_array().expect("times") {
        assert_eq!(read(now).note.disbelief, Some(Disbelief::StaleTimestamp), "{now}");
    }
}

fn notify_transaction_success(v: &Value) {
    let mut keys = AnswerKeys::default();
    let public = PublicKey::from_pem(&vector(text(v, "public_key_file"))).expect("a key");
    keys.add_public_key(PUBLIC_KEY_ID, public);
    let reply = reply(v);
    let now =
        Timestamp(reply.header("Wechatpay-Timestamp").expect("a time").parse::<i64>().expect("s") * 1000);
    let sealed = &serde_json::from_slice::<Value>(&reply.body).expect("JSON")["resource"];
    let mut probe = reply.clone();
    probe.headers.retain(|(name, _)| name != "Wechatpay-Signature");
    probe.headers.push(("Wechatpay-Signature".into(), text(v, "probe_signature_must_fail").into()));

    assert_eq!(*layout(&reply), text(v, "message_to_verify").as_bytes());
    assert_eq!(keys.verify(&reply, now), Ok(()));
    assert_eq!(keys.verify(&probe, now), Err(Disbelief::BadSignature));
    assert_eq!(unseal(text(v, "apiv3_key"), sealed).as_deref(), Some(text(v, "plaintext").as_bytes()));
}

fn aes_gcm_empty_aad(v: &Value) {
    let opened = aead::open(text(v, "key").as_bytes(), text(v, "nonce"), "", text(v, "ciphertext_base64"));

    assert_eq!(opened.as_deref(), Some(text(v, "plaintext").as_bytes()));
}

fn shop() -> Box<dyn Connector> {
    ProviderSettings::from_toml(&v3_toml(LOOPBACK)).expect("right settings").connector()
}

fn v2_signature(v: &Value, hmac: &str, md5: &str) {
    let params = v["params"].as_object().expect("params");
    let value = |value: &Value| Zeroizing::new(value.as_str().expect("a text").to_owned());
    let mut fields: xml::Fields = params.iter().map(|(name, v)| (name.clone(), value(v))).collect();
    let key = sign::SharedKey::new(text(v, "key"));
    let string_a = sign::string_a(&fields);

    assert_eq!(*string_a, text(v, "string_a"));
    assert_eq!(key.sign(&fields), text(v, hmac));
    let md5_text = string_a.replace("sign_type=HMAC-SHA256", "sign_type=MD5");
    let md5_sign = hex::encode_upper(Md5::digest(format!("{md5_text}&key={}", text(v, "key"))));
    assert_eq!(md5_sign, text(v, md5), "the page's other method fixes the text that is signed");
    fields.insert("sign".to_owned(), Zeroizing::new(text(v, hmac).to_owned()));
    assert!(key.verifies(&fields));
    fields.insert("sign".to_owned(), Zeroizing::new(md5_sign));
    assert!(!key.verifies(&fields), "MD5 is not taken");
}

fn certificate_sha256(pem: &str) -> String {
    use base64::Engine;
    let base64: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
    let der = base64::engine::general_purpose::STANDARD.decode(base64).expect("base64");
    hex::encode(ring::digest::digest(&ring::digest::SHA256, &der))
}

fn unseal(key: &str, sealed: &Value) -> Option<Vec<u8>> {
    let associated = sealed["associated_data"].as_str().unwrap_or("");
    aead::open(key.as_bytes(), text(sealed, "nonce"), associated, text(sealed, "ciphertext"))
}

fn layout(reply: &HttpReply) -> Zeroizing<Vec<u8>> {
    let header = |name| reply.header(name).expect("a header");
    message_to_verify(header("Wechatpay-Timestamp"), header("Wechatpay-Nonce"), &reply.body)
}

fn reply(v: &Value) -> HttpReply {
    let headers = v["headers"].as_object().expect("headers");
    let headers: Vec<(&str, &str)> =
        headers.iter().map(|(name, value)| (name.as_str(), value.as_str().expect("a text"))).collect();
    plain(200, &headers, text(v, "body"))
}

fn private_key(v: &Value, name: &str) -> PrivateKey {
    PrivateKey::from_pem(&vector(text(v, name))).expect("a key")
}

fn seconds(v: &Value, name: &str) -> Timestamp {
    Timestamp(number(v, name) * 1000)
}

fn text<'a>(v: &'a Value, name: &str) -> &'a str {
    v[name].as_str().unwrap_or_else(|| panic!("{name} is a text"))
}

fn number(v: &Value, name: &str) -> i64 {
    v[name].as_i64().unwrap_or_else(|| panic!("{name} is a number"))
}
