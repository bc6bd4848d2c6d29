//! What a scanner does around each code, learned from its scans.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

/// What stands after each code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ending {
    /// Carriage return.
    Cr,
    /// Carriage return and line feed.
    CrLf,
    /// Line feed.
    Lf,
    /// Tab.
    Tab,
    /// ETX, mostly with STX in front.
    Etx,
    /// Nothing: the code is over when nothing more comes.
    Silence,
}

impl Ending {
    /// The ending that begins with `byte`.
    pub(super) fn of(byte: u8) -> Option<Ending> {
        match byte {
            b'\r' => Some(Ending::Cr),
            b'\n' => Some(Ending::Lf),
            b'\t' => Some(Ending::Tab),
            ETX => Some(Ending::Etx),
            _ => None,
        }
    }

    /// Whether `self`, once learned, is what a code ended by `seen` has. The line feed of CR LF may come later, or not at all.
    pub(super) fn covers(self, seen: Ending) -> bool {
        match self {
            Ending::Cr | Ending::CrLf => matches!(seen, Ending::Cr | Ending::CrLf),
            Ending::Lf | Ending::Tab | Ending::Etx | Ending::Silence => self == seen,
        }
    }
}

pub(super) const STX: u8 = 0x02;
pub(super) const ETX: u8 = 0x03;

/// What was learned of one scanner.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Habits {
    /// What stands after each code; `None` until the first scan.
    pub ending: Option<Ending>,
    /// How long the codes of digits were that it read. After a break they tell a whole code from the rest of one, and on a
    /// scanner that ends codes with nothing they are the only sign that a code is whole.
    pub lengths: BTreeSet<usize>,
    /// What it puts in front of the digits, such as the letter by which some makers name the symbology.
    pub prefixes: BTreeSet<String>,
    /// It has sent digits with nothing in front: letters before digits are then part of the code.
    pub bare: bool,
}

impl Habits {
    /// Without the prefixes of this scanner, and without the AIM identifier (`]Q1`) that any scanner may be told to send.
    pub(super) fn strip<'a>(&self, text: &'a str) -> &'a str {
        let text = without_aim(text);
        let rest = self.prefixes.iter().find_map(|prefix| text.strip_prefix(prefix.as_str()));
        rest.filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit())).unwrap_or(text)
    }

    /// Notes a whole code. Whether something is new.
    pub(super) fn note(&mut self, ending: Ending, text: &str) -> bool {
        let before = (self.ending, self.lengths.len(), self.prefixes.len(), self.bare);
        self.ending = Some(ending);
        if all_digits(without_aim(text)) {
            self.bare = true;
            self.prefixes.clear();
        }
        let rest = self.strip(text);
        if all_digits(rest) {
            self.lengths.insert(rest.len());
        }
        before != (self.ending, self.lengths.len(), self.prefixes.len(), self.bare)
    }
}

/// ISO/IEC 15424: `]`, a letter for the symbology, a modifier.
pub(crate) fn without_aim(text: &str) -> &str {
    match text.as_bytes() {
        [b']', letter, modifier, _, ..]
            if letter.is_ascii_alphabetic() && modifier.is_ascii_alphanumeric() =>
        {
            &text[3..]
        }
        _ => text,
    }
}

pub(super) fn all_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Letters in front of digits that come again and again are no part of the codes.
#[derive(Debug, Default)]
pub(super) struct PrefixHunt {
    prefix: String,
    /// The last two digits of each text: enough to see that they differ, too little to be of use.
    ends: BTreeSet<String>,
}

impl PrefixHunt {
    const TEXTS: usize = 3;
    const LETTERS_MAX: usize = 3;
    const DIGITS_MIN: usize = 8;

    /// The prefix, once enough different texts had it.
    pub(super) fn note(&mut self, habits: &Habits, text: &str) -> Option<String> {
        let text = without_aim(text);
        let digits = text.trim_start_matches(|c: char| c.is_ascii_alphabetic());
        let prefix = &text[..text.len() - digits.len()];
        let fits = (1..=Self::LETTERS_MAX).contains(&prefix.len())
            && digits.len() >= Self::DIGITS_MIN
            && all_digits(digits);
        if habits.bare || !fits || habits.prefixes.contains(prefix) {
            return None;
        }
        if self.prefix != prefix {
            *self = PrefixHunt { prefix: prefix.to_owned(), ends: BTreeSet::new() };
        }
        self.ends.insert(digits[digits.len() - 2..].to_owned());
        (self.ends.len() >= Self::TEXTS).then(|| prefix.to_owned())
    }
}
