//! AES-256-GCM as WeChat Pay seals texts: the key's 32 characters, a text as nonce, base64 with the tag at its end.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};

/// Opens a sealed text; `None` for a wrong key, nonce, associated data or ciphertext.
pub(crate) fn open(key: &[u8], nonce: &str, associated_data: &str, ciphertext: &str) -> Option<Vec<u8>> {
    let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key).ok()?);
    let nonce = Nonce::try_assume_unique_for_key(nonce.as_bytes()).ok()?;
    let mut bytes = STANDARD.decode(ciphertext).ok()?;
    let length = key.open_in_place(nonce, Aad::from(associated_data.as_bytes()), &mut bytes).ok()?.len();
    bytes.truncate(length);
    Some(bytes)
}
