//! The sandbox's merchant, whose keys are public and worthless.

/// The merchant's number.
pub const MCHID: &str = "1900000109";
/// The merchant's app.
pub const APPID: &str = "wx6755697461695362";
/// v2's key.
pub const APIV2_KEY: &str = "GuitaiSandboxApiV2KeyForTraining";
/// v3's key for sealed texts.
pub const APIV3_KEY: &str = "GuitaiSandboxApiV3KeyForTraining";
/// The name of the provider's key.
pub const PUBLIC_KEY_ID: &str = "PUB_KEY_ID_0119000001092026000000000000000000";

const MERCHANT_CERTIFICATE: &str = include_str!("../../crates/sandbox/keys/merchant_certificate.pem");
const MERCHANT_KEY: &str = include_str!("../../crates/sandbox/keys/merchant_key.pem");
const PUBLIC_KEY: &str = include_str!("../../crates/sandbox/keys/public_key.pem");
const PLATFORM_CERTIFICATE: &str = include_str!("../../crates/sandbox/keys/platform_certificate.pem");
/// What the provider signs with.
pub const PROVIDER_KEY: &str = include_str!("../../crates/sandbox/keys/public_key_private.pem");

/// A settings file with `@merchant_key@` and the like replaced by the keys, so that a seed need not hold them.
pub fn with_keys(text: &str) -> String {
    text.replace("@merchant_certificate@", MERCHANT_CERTIFICATE)
        .replace("@merchant_key@", MERCHANT_KEY)
        .replace("@public_key@", PUBLIC_KEY)
        .replace("@platform_certificate@", PLATFORM_CERTIFICATE)
}

/// Right settings of this kind.
pub fn toml(kind: &str) -> String {
    let head = format!(
        "kind = \"{kind}\"\nmchid = \"{MCHID}\"\nappid = \"{APPID}\"\nhosts = [\"http://127.0.0.1:9\"]\n\
         merchant_certificate = '''\n@merchant_certificate@'''\nmerchant_private_key = '''\n@merchant_key@'''\n"
    );
    let keys = if kind == "wechat_pay_v3" {
        format!(
            "public_key_id = \"{PUBLIC_KEY_ID}\"\npublic_key = '''\n@public_key@'''\napiv3_key = \"{APIV3_KEY}\"\n\
             platform_certificates = ['''\n@platform_certificate@''']\n"
        )
    } else {
        format!("apiv2_key = \"{APIV2_KEY}\"\n")
    };
    with_keys(&(head + &keys))
}
