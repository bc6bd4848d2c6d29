//! The provider's settings at rest: sealed in a file, the key to it in the system's own store.
//!
//! The system's store holds 32 bytes and not the settings themselves, because Windows gives an entry 2,560 bytes and a
//! merchant key alone is 1,700. Without such a store (a Linux box with no desktop) the key is made from a passphrase
//! instead; the settings page says which.

use std::fs;
use std::io;
use std::path::PathBuf;

use argon2::{Algorithm, Argon2, Params, Version};
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use serde::{Deserialize, Serialize};
use thiserror::Error;
use zeroize::Zeroizing;

use crate::folder::{Folder, random_bytes, write_private};

/// Where the key to the sealed file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyPlace {
    /// Windows Credential Manager or the Secret Service.
    SystemStore,
    /// Nowhere: it is made from a passphrase at each start.
    Passphrase,
}

/// Why sealed settings cannot be stored or read.
#[derive(Debug, Error)]
pub enum SecretsError {
    /// No system store here, and no passphrase was given.
    #[error("this computer has no key store; a passphrase of 8 characters or more is needed")]
    PassphraseNeeded,
    /// The passphrase or the stored key does not open the file.
    #[error("the sealed settings cannot be opened with this passphrase or key")]
    DoesNotOpen,
    /// The file cannot be read or written.
    #[error("the sealed settings cannot be read or written: {0}")]
    Disk(#[from] io::Error),
}

/// One till's sealed settings.
pub struct Secrets {
    file: PathBuf,
    account: String,
}

#[derive(Serialize, Deserialize)]
struct Sealed {
    version: u32,
    key_in: KeyPlace,
    salt: String,
    nonce: String,
    content: String,
}

type Key = Zeroizing<[u8; 32]>;

impl Secrets {
    /// The sealed settings of the till in `folder`.
    #[must_use]
    pub fn of(folder: &Folder, till: &str) -> Secrets {
        Secrets { file: folder.sealed_settings(), account: till.to_owned() }
    }

    /// Where the key is, if anything is stored.
    #[must_use]
    pub fn key_place(&self) -> Option<KeyPlace> {
        self.read().ok().flatten().map(|sealed| sealed.key_in)
    }

    /// Seals `content`. The system's store is used where there is one, else `passphrase`.
    ///
    /// # Errors
    /// When there is neither, or the disk refuses.
    pub fn store(&self, content: &str, passphrase: Option<&str>) -> Result<KeyPlace, SecretsError> {
        let salt = random::<16>()?;
        // A key that opens what is sealed now is used again: were it replaced first and the file not written, the old
        // settings would be lost.
        let kept = self
            .key_place()
            .filter(|place| *place == KeyPlace::SystemStore)
            .and_then(|_| self.key_from_system_store());
        let key: Key = match kept {
            Some(key) => key,
            None => Zeroizing::new(random()?),
        };
        let (key, key_in) = match self.keep_in_system_store(&key) {
            true => (key, KeyPlace::SystemStore),
            false => {
                let passphrase = passphrase.filter(|text| text.chars().count() >= 8);
                (derive(passphrase.ok_or(SecretsError::PassphraseNeeded)?, &salt)?, KeyPlace::Passphrase)
            }
        };
        let nonce = random::<NONCE_LEN>()?;
        let mut sealed = content.as_bytes().to_vec();
        aead(&key)?
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(&self.account),
                &mut sealed,
            )
            .map_err(|_| SecretsError::DoesNotOpen)?;
        let file = Sealed {
            version: 1,
            key_in,
            salt: hex::encode(salt),
            nonce: hex::encode(nonce),
            content: hex::encode(sealed),
        };
        write_private(&self.file, serde_json::to_string(&file).map_err(io::Error::other)?.as_bytes())?;
        Ok(key_in)
    }

    /// What was sealed, or `None` where nothing was.
    ///
    /// # Errors
    /// When a passphrase is needed, or the key does not open the file.
    pub fn load(&self, passphrase: Option<&str>) -> Result<Option<Zeroizing<String>>, SecretsError> {
        let Some(sealed) = self.read()? else { return Ok(None) };
        let bytes = |text: &str| hex::decode(text).map_err(|_| SecretsError::DoesNotOpen);
        let key = match sealed.key_in {
            KeyPlace::SystemStore => self.key_from_system_store().ok_or(SecretsError::DoesNotOpen)?,
            KeyPlace::Passphrase => {
                derive(passphrase.ok_or(SecretsError::PassphraseNeeded)?, &bytes(&sealed.salt)?)?
            }
        };
        let nonce: [u8; NONCE_LEN] =
            bytes(&sealed.nonce)?.try_into().map_err(|_| SecretsError::DoesNotOpen)?;
        let mut content = Zeroizing::new(bytes(&sealed.content)?);
        let opened = aead(&key)?
            .open_in_place(Nonce::assume_unique_for_key(nonce), Aad::from(&self.account), &mut content)
            .map_err(|_| SecretsError::DoesNotOpen)?;
        let text = std::str::from_utf8(opened).map_err(|_| SecretsError::DoesNotOpen)?;
        Ok(Some(Zeroizing::new(text.to_owned())))
    }

    fn read(&self) -> Result<Option<Sealed>, SecretsError> {
        match fs::read_to_string(&self.file) {
            Ok(text) => Ok(Some(serde_json::from_str(&text).map_err(|_| SecretsError::DoesNotOpen)?)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    fn keep_in_system_store(&self, key: &Key) -> bool {
        let entry = keyring::Entry::new("guitai", &self.account);
        entry.is_ok_and(|entry| entry.set_secret(key.as_slice()).is_ok())
    }

    fn key_from_system_store(&self) -> Option<Key> {
        let secret = Zeroizing::new(keyring::Entry::new("guitai", &self.account).ok()?.get_secret().ok()?);
        Some(Zeroizing::new(secret.as_slice().try_into().ok()?))
    }
}

fn random<const N: usize>() -> Result<[u8; N], SecretsError> {
    random_bytes().map_err(|error| SecretsError::Disk(io::Error::other(error.to_string())))
}

/// Argon2id with OWASP's first choice of cost (46 MiB, one pass).
fn derive(passphrase: &str, salt: &[u8]) -> Result<Key, SecretsError> {
    let params = Params::new(47_104, 1, 1, Some(32)).map_err(|_| SecretsError::DoesNotOpen)?;
    let mut key = Zeroizing::new([0; 32]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(passphrase.as_bytes(), salt, key.as_mut_slice())
        .map_err(|_| SecretsError::DoesNotOpen)?;
    Ok(key)
}

fn aead(key: &Key) -> Result<LessSafeKey, SecretsError> {
    Ok(LessSafeKey::new(
        UnboundKey::new(&AES_256_GCM, key.as_slice()).map_err(|_| SecretsError::DoesNotOpen)?,
    ))
}

#[cfg(test)]
mod tests {
    use guitai_db::Mode;

    use super::*;

    #[test]
    fn what_is_sealed_with_a_passphrase_opens_with_that_one_only_and_never_lies_open() {
        let dir = tempfile::tempdir().expect("a folder");
        let folder = Folder::new(dir.path(), Mode::Real);
        let _lock = folder.lock().expect("a lock");
        let secrets = Secrets::of(&folder, "ABC123");

        // On a machine with a system store the passphrase is not needed and not used.
        let place = secrets.store("apiv3_key = 'very-secret'", Some("correct horse")).expect("stored");

        let on_disk = fs::read(folder.sealed_settings()).expect("the file");
        assert!(!String::from_utf8_lossy(&on_disk).contains("very-secret"));
        let opened = secrets.load(Some("correct horse")).expect("opens").expect("something");
        assert_eq!(opened.as_str(), "apiv3_key = 'very-secret'");
        if place == KeyPlace::Passphrase {
            assert!(matches!(secrets.load(Some("wrong horse")), Err(SecretsError::DoesNotOpen)));
            assert!(matches!(secrets.load(None), Err(SecretsError::PassphraseNeeded)));
        }
    }
}
