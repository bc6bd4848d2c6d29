//! The manager's PIN: kept as a slow hash that is worth nothing without this till's own secret.
//!
//! Six digits alone fall in hours to whoever has the file. The PIN is therefore keyed with the till's device secret before
//! it is hashed; the journal counts the misses (`register/manager.rs`).

use std::fs;
use std::io;
use std::path::PathBuf;

use argon2::{Algorithm, Argon2, Params, Version};
use ring::{digest, hmac};
use serde::{Deserialize, Serialize};
use thiserror::Error;
use zeroize::Zeroizing;

use crate::folder::{Folder, random_bytes, write_private};

/// Why a PIN cannot be set or checked.
#[derive(Debug, Error)]
pub(crate) enum PinError {
    /// Too short, too long, not digits, or one that is tried first.
    #[error("a manager's PIN is 6 to 12 digits, not all the same and not in a row")]
    Malformed,
    /// The file is not there, or belongs to another till.
    #[error("the file with the manager's PIN is lost or damaged")]
    Lost,
    /// The disk.
    #[error("the file with the manager's PIN cannot be read or written: {0}")]
    Disk(#[from] io::Error),
}

/// One till's PIN file.
#[derive(Debug, Clone)]
pub(crate) struct PinFile {
    path: PathBuf,
    device: PathBuf,
}

#[derive(Serialize, Deserialize)]
struct Kept {
    version: u32,
    /// A digest of the device secret the PIN was keyed with.
    device: String,
    salt: String,
    hash: String,
}

impl PinFile {
    pub fn of(folder: &Folder) -> PinFile {
        PinFile { path: folder.path().join("manager.pin"), device: folder.path().join("device.key") }
    }

    /// Keeps a new PIN in place of the old. Takes its time: not for the register's thread.
    pub fn set(&self, pin: &str) -> Result<(), PinError> {
        if !is_well_formed(pin) {
            return Err(PinError::Malformed);
        }
        let device = self.device_secret()?;
        let salt = random_bytes::<16>().map_err(|error| io::Error::other(error.to_string()))?;
        let kept = Kept {
            version: 1,
            device: mark(&device),
            salt: hex::encode(salt),
            hash: hex::encode(slow_hash(pin, &device, &salt)?.as_slice()),
        };
        let text = serde_json::to_string(&kept).map_err(io::Error::other)?;
        Ok(write_private(&self.path, text.as_bytes())?)
    }

    /// Whether this is the PIN. Takes its time as well.
    pub fn check(&self, pin: &str) -> Result<bool, PinError> {
        let text = match fs::read_to_string(&self.path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(PinError::Lost),
            Err(error) => return Err(error.into()),
        };
        let kept: Kept = serde_json::from_str(&text).map_err(|_| PinError::Lost)?;
        let device = self.device_secret()?;
        if kept.version != 1 || kept.device != mark(&device) {
            return Err(PinError::Lost);
        }
        let bytes = |text: &str| hex::decode(text).map_err(|_| PinError::Lost);
        let hash = slow_hash(pin, &device, &bytes(&kept.salt)?)?;
        // What a stopwatch could tell here is about a keyed, slow hash: nothing of the PIN.
        Ok(hash.as_slice() == bytes(&kept.hash)?)
    }

    fn device_secret(&self) -> Result<Zeroizing<Vec<u8>>, PinError> {
        let text = Zeroizing::new(fs::read_to_string(&self.device)?);
        Ok(Zeroizing::new(hex::decode(text.trim()).map_err(|_| PinError::Lost)?))
    }
}

fn mark(device: &[u8]) -> String {
    hex::encode(digest::digest(&digest::SHA256, &[b"guitai.pin.1".as_slice(), device].concat()))
}

/// Argon2id with OWASP's first choice of cost, over the PIN keyed with the device's secret.
fn slow_hash(pin: &str, device: &[u8], salt: &[u8]) -> Result<Zeroizing<[u8; 32]>, PinError> {
    let keyed = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, device), pin.as_bytes());
    let params = Params::new(47_104, 1, 1, Some(32)).map_err(|_| PinError::Lost)?;
    let mut hash = Zeroizing::new([0; 32]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(keyed.as_ref(), salt, hash.as_mut_slice())
        .map_err(|_| PinError::Lost)?;
    Ok(hash)
}

fn is_well_formed(pin: &str) -> bool {
    let digits = pin.as_bytes();
    let steps = |by: i16| digits.windows(2).all(|pair| i16::from(pair[1]) - i16::from(pair[0]) == by);
    (6..=12).contains(&digits.len())
        && digits.iter().all(u8::is_ascii_digit)
        && ![-1, 0, 1].into_iter().any(steps)
}

#[cfg(test)]
mod tests {
    use guitai_db::Mode;

    use super::*;

    #[test]
    fn what_everybody_tries_first_is_no_pin() {
        let cases = [
            ("135790", true),
            ("280614", true),
            ("12345", false),
            ("123456", false),
            ("987654", false),
            ("000000", false),
            ("1234567890123", false),
            ("12345a", false),
            ("１３５７９０", false),
            ("", false),
        ];

        for (pin, fits) in cases {
            assert_eq!(is_well_formed(pin), fits, "{pin}");
        }
    }

    #[test]
    fn only_the_right_pin_opens_and_only_on_this_till() {
        let dir = tempfile::tempdir().expect("a folder");
        let folder = Folder::new(dir.path(), Mode::Real);
        let lock = folder.lock().expect("a lock");
        drop(folder.create(&lock).expect("a till"));
        let file = PinFile::of(&folder);
        assert!(matches!(file.check("280614"), Err(PinError::Lost)), "none was set");

        file.set("280614").expect("set");

        assert!(file.check("280614").expect("checked"));
        assert!(!file.check("280615").expect("checked"));
        let kept = fs::read_to_string(&file.path).expect("the file");
        assert!(!kept.contains("280614"));
        fs::write(&file.device, hex::encode([7; 32])).expect("another till's secret");
        assert!(matches!(file.check("280614"), Err(PinError::Lost)));
    }
}
