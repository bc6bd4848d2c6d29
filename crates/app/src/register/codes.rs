//! The payment codes that were charged here, by keyed digest. The journal keeps the digest of each, so that neither a restart nor a
//! second command forgets one within its ten minutes.

use std::collections::BTreeMap;

use guitai_db::{Damage, Db};
use guitai_domain::Timestamp;
use ring::hmac;

use super::Now;

/// What stands for a scanned text. Nobody makes it without this device's key.
pub(super) type Digest = [u8; 16];

/// A code is not taken again for this long after it was last seen.
const MEMORY_MS: i64 = 600_000;

/// What is seen again within this time was held there all the while: a phone in front of a camera, a finger on a trigger.
pub(super) const AGAIN_MS: i64 = 60_000;

/// What the till knows of a code that a device has read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Known {
    /// Never charged here.
    New,
    /// Charged here, and seen within the last minute.
    Again,
    /// Charged here, and not seen for a while.
    Used,
}

/// See the module.
pub(super) struct Codes {
    key: hmac::Key,
    /// When each charged code was last seen, by the steady clock.
    charged: BTreeMap<Digest, i64>,
}

impl Codes {
    pub fn new(key: &[u8; 32]) -> Codes {
        Codes { key: hmac::Key::new(hmac::HMAC_SHA256, key), charged: BTreeMap::new() }
    }

    /// What was charged before the program started, as far as it still counts. A charge that seems to lie ahead was made just now
    /// by a clock that was set back since.
    pub fn found(db: &Db, now: Now) -> Result<Codes, Damage> {
        let mut codes = Codes::new(db.code_key());
        for (mark, at) in db.codes_charged_since(Timestamp(now.wall.0.saturating_sub(MEMORY_MS)))? {
            let mut digest = Digest::default();
            if hex::decode_to_slice(mark, &mut digest).is_ok() {
                codes.note_charged(digest, now.steady_ms - now.wall.ms_since(at).max(0));
            }
        }
        Ok(codes)
    }

    pub fn digest(&self, text: &str) -> Digest {
        let mut digest = [0; 16];
        digest.copy_from_slice(&hmac::sign(&self.key, text.as_bytes()).as_ref()[..16]);
        digest
    }

    /// A device has read the code.
    pub fn see(&mut self, digest: &Digest, now_ms: i64) -> Known {
        self.drop_forgotten(now_ms);
        match self.charged.get_mut(digest) {
            None => Known::New,
            Some(seen_at) => {
                let before = std::mem::replace(seen_at, now_ms.max(*seen_at));
                if now_ms - before < AGAIN_MS { Known::Again } else { Known::Used }
            }
        }
    }

    pub fn was_charged(&mut self, digest: &Digest, now_ms: i64) -> bool {
        self.drop_forgotten(now_ms);
        self.charged.contains_key(digest)
    }

    pub fn note_charged(&mut self, digest: Digest, now_ms: i64) {
        self.charged.insert(digest, now_ms);
    }

    /// Nothing left the till: the code is as good as before.
    pub fn take_back(&mut self, digest: &Digest) {
        self.charged.remove(digest);
    }

    fn drop_forgotten(&mut self, now_ms: i64) {
        self.charged.retain(|_, seen_at| now_ms - *seen_at < MEMORY_MS);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_held_before_a_camera_is_known_for_as_long_as_it_is_seen() {
        let mut codes = Codes::new(&[7; 32]);
        let digest = codes.digest("134567890123456789");
        assert_eq!(codes.see(&digest, 0), Known::New);
        codes.note_charged(digest, 0);

        for at in (1..40).map(|step| step * 30_000) {
            assert_eq!(codes.see(&digest, at), Known::Again, "after {at} ms");
        }

        assert_eq!(codes.see(&digest, 39 * 30_000 + AGAIN_MS), Known::Used, "it had gone");
        assert_eq!(codes.see(&digest, 39 * 30_000 + AGAIN_MS + MEMORY_MS), Known::New, "forgotten");
    }

    #[test]
    fn a_code_whose_request_never_left_may_be_charged() {
        let mut codes = Codes::new(&[7; 32]);
        let digest = codes.digest("134567890123456789");
        codes.note_charged(digest, 0);

        codes.take_back(&digest);

        assert!(!codes.was_charged(&digest, 1));
        assert_eq!(codes.see(&digest, 1), Known::New);
    }
}
