//! Keys that anybody can download: test keys of the official libraries and of our own sandbox.

use crate::keys::PublicKey;

/// SHA-256 of published RSA public keys (PKCS#1 DER).
const RSA: [&str; 7] = [
    "e8205d305ce5a406c7eb1338c5ad22f7093f9f788215f6cfe2fe0ed21f31004e", // go_test_private_key.pem
    "f0155a1168c47bf2fb767d387f63f8a4cdf330678cd223f857afb735ce71b063", // java_merchant_private_key.pem
    "9923a7a73a6fe713382c1b1db64c9570d887c9396d4f41bd5015db0f8dbcd214", // java_wechat_pay_private_key.pem
    "cd7703be627bb8a3c5fbbc0564bb79c25662f9bca221eedbf2cdd5250a8d02c7", // merchant_key.pem
    "ab2eeba6d8280309333514616cc64d9c66c22b50b7a7f98075ab051254c0ba4e", // platform_key.pem
    "9941a8dbe2836cd12d4ff034c1e2e663fb5eaf97709522bf34471cd85f22c0e6", // public_key_private.pem
    "09cd27eb765b19f2a142a131212cea33886af3eb0bbd3b21214c287bee6e307f", // forger_key.pem
];

/// Serial numbers of published certificates.
const SERIALS: [&str; 6] = [
    "5F1C72E2A8931B72A2E13AF8DEE92471EB397115",
    "440024045C4A427599D09BB4E3DE0279F2E813FD",
    "D7CE59D1F522D701",
    "F5765756002FDD77",
    "4755495441490A00000000000000000000000001",
    "4755495441490B00000000000000000000000002",
];

/// Published symmetric keys.
const SYMMETRIC: [&str; 2] = ["a7cde1ZJB1kG2e7VfTs3jQzaWizur8Gb", "192006250b4c09247ec02edce69f6a2d"];

/// Whether this RSA key is published.
pub(super) fn is_published(key: &PublicKey) -> bool {
    RSA.contains(&key.fingerprint().as_str())
}

/// Whether this certificate serial is published.
pub(super) fn is_published_serial(serial: &str) -> bool {
    SERIALS.contains(&serial)
}

/// Whether this APIv2 or APIv3 key is published.
pub(super) fn is_published_text(key: &str) -> bool {
    SYMMETRIC.contains(&key)
}
