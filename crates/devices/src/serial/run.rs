//! The bytes since the last ending.

use std::fmt;

use zeroize::{Zeroize, Zeroizing};

use super::habits::Ending;

/// Longer texts are noise.
const BYTES_MAX: usize = 4096;

/// The bytes since the last ending.
pub(super) struct Run {
    pub bytes: Zeroizing<Vec<u8>>,
    /// Something stands in it that no code has.
    pub noise: bool,
    /// It came with a long pause in it.
    pub hesitated: bool,
    /// It ends with an ending this scanner is not known for; all else in it is clean.
    pub foreign: Option<Ending>,
}

impl fmt::Debug for Run {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Run({} bytes)", self.bytes.len())
    }
}

impl Run {
    /// Nothing yet.
    pub(super) fn new() -> Run {
        // Never grows, so that no copy of a code is left where it grew from.
        let bytes = Zeroizing::new(Vec::with_capacity(BYTES_MAX));
        Run { bytes, noise: false, hesitated: false, foreign: None }
    }

    pub(super) fn push(&mut self, byte: u8, ending: Option<Ending>) {
        let room = self.bytes.len() < BYTES_MAX;
        // A foreign ending is clean as long as nothing follows it.
        self.noise |= !room || self.foreign.is_some() || (ending.is_none() && !belongs(byte));
        self.foreign = if self.noise { None } else { ending };
        if room {
            self.bytes.push(byte);
        }
    }

    /// Whether it cannot become a code, whatever follows.
    pub(super) fn is_noise(&self) -> bool {
        self.noise || std::str::from_utf8(&self.bytes).is_err_and(|error| error.error_len().is_some())
    }

    pub(super) fn drop_last(&mut self) {
        self.bytes.pop();
        self.foreign = None;
    }

    pub(super) fn wipe(&mut self) {
        self.bytes.zeroize();
        self.noise = false;
        self.hesitated = false;
        self.foreign = None;
    }
}

/// GS separates the fields of a GS1 code; bytes above 0x7F are judged as UTF-8 when the code is whole.
fn belongs(byte: u8) -> bool {
    const GS: u8 = 0x1D;
    matches!(byte, b' '..=b'~' | GS | 0x80..=0xFF)
}

pub(super) fn is_text(text: &str) -> bool {
    text.chars().all(|c| !c.is_control() || c == '\u{1D}')
}
