//! From bytes to text: segments of digits, of letters, of bytes and of Kanji, and what they are written in.

use encoding_rs::{Encoding, GB18030, SHIFT_JIS, UTF_8, WINDOWS_1252};

use super::version::Version;

/// A line of bits, read from the front.
struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Bits<'_> {
    fn left(&self) -> usize {
        self.bytes.len() * 8 - self.at
    }

    fn take(&mut self, count: usize) -> Option<u32> {
        if self.left() < count {
            return None;
        }
        let mut value = 0;
        for _ in 0..count {
            value = value << 1 | u32::from(self.bytes[self.at / 8] >> (7 - self.at % 8) & 1);
            self.at += 1;
        }
        Some(value)
    }
}

/// A text, and how many bytes after it were filled as the standard says: each is a witness that the text was read right.
#[derive(Debug, PartialEq, Eq)]
pub struct Text {
    pub text: String,
    pub witnesses: usize,
}

/// What was gathered of a text, and what the bytes to come are written in.
#[derive(Default)]
struct Draft {
    text: String,
    encoding: Option<&'static Encoding>,
    /// Bytes with no encoding named, kept together so that the guess sees all of them.
    unsure: Vec<u8>,
    separators: bool,
}

/// Reads the text of `bytes`, or nothing when they are no text of this version.
pub fn read(bytes: &[u8], version: Version) -> Option<Text> {
    let mut bits = Bits { bytes, at: 0 };
    let mut draft = Draft::default();
    while bits.left() >= 4 {
        match bits.take(4)? {
            0 => break,
            1 => digits(&mut bits, version, &mut draft)?,
            2 => letters(&mut bits, version, &mut draft)?,
            3 => _ = bits.take(16)?,
            4 => plain_bytes(&mut bits, version, &mut draft)?,
            5 => draft.separators = true,
            7 => change_encoding(&mut bits, &mut draft)?,
            8 => kanji(&mut bits, version, &mut draft)?,
            9 => {
                draft.separators = true;
                _ = bits.take(8)?;
            }
            13 => {
                let subset = bits.take(4)?;
                if subset != 1 {
                    return None;
                }
                hanzi(&mut bits, version, &mut draft)?;
            }
            _ => return None,
        }
    }
    draft.settle();
    let filler = &bytes[bits.at.div_ceil(8)..];
    let witnesses =
        filler.iter().zip([0xEC, 0x11].iter().cycle()).take_while(|(byte, pad)| byte == pad).count();
    Some(Text { text: draft.text, witnesses })
}

/// Bits of a count, for versions up to 9, up to 26, and beyond.
fn size_bits(version: Version, by_size: [usize; 3]) -> usize {
    match version.number() {
        1..=9 => by_size[0],
        10..=26 => by_size[1],
        _ => by_size[2],
    }
}

fn digits(bits: &mut Bits<'_>, version: Version, draft: &mut Draft) -> Option<()> {
    draft.settle();
    let mut left = bits.take(size_bits(version, [10, 12, 14]))?;
    while left > 0 {
        let taken = left.min(3);
        let (width, limit) = [(4, 10), (7, 100), (10, 1000)][taken as usize - 1];
        let value = bits.take(width)?;
        if value >= limit {
            return None;
        }
        draft.text.push_str(&format!("{value:0width$}", width = taken as usize));
        left -= taken;
    }
    Some(())
}

fn letters(bits: &mut Bits<'_>, version: Version, draft: &mut Draft) -> Option<()> {
    const LETTERS: &[u8; 45] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
    draft.settle();
    let mut left = bits.take(size_bits(version, [9, 11, 13]))?;
    let mut text = String::new();
    while left > 0 {
        let (width, pair) = if left > 1 { (11, true) } else { (6, false) };
        let value = bits.take(width)? as usize;
        if pair {
            text.push(char::from(*LETTERS.get(value / 45)?));
        }
        text.push(char::from(LETTERS[value % 45]));
        if !pair && value >= 45 {
            return None;
        }
        left -= if pair { 2 } else { 1 };
    }
    if draft.separators {
        // A lone percent sign separates fields; two of them are one percent sign.
        text = text.replace("%%", "\u{0}").replace('%', "\u{1d}").replace('\u{0}', "%");
    }
    draft.text.push_str(&text);
    Some(())
}

fn plain_bytes(bits: &mut Bits<'_>, version: Version, draft: &mut Draft) -> Option<()> {
    let count = bits.take(size_bits(version, [8, 16, 16]))?;
    if bits.left() < count as usize * 8 {
        return None;
    }
    let bytes: Vec<u8> = (0..count).filter_map(|_| bits.take(8)).map(|byte| byte as u8).collect();
    match draft.encoding {
        Some(encoding) => draft.text.push_str(&encoding.decode_without_bom_handling(&bytes).0),
        None => draft.unsure.extend_from_slice(&bytes),
    }
    Some(())
}

fn change_encoding(bits: &mut Bits<'_>, draft: &mut Draft) -> Option<()> {
    draft.settle();
    let first = bits.take(8)?;
    let number = match first {
        0..=0x7F => first,
        0x80..=0xBF => (first & 0x3F) << 8 | bits.take(8)?,
        _ => (first & 0x1F) << 16 | bits.take(16)?,
    };
    draft.encoding = match number {
        1 | 3 | 27 | 170 => Some(WINDOWS_1252),
        4..=18 => Encoding::for_label(format!("iso-8859-{}", number - 2).as_bytes()),
        20 => Some(SHIFT_JIS),
        21..=24 => Encoding::for_label(
            format!("windows-{}", [1250, 1251, 1252, 1256][number as usize - 21]).as_bytes(),
        ),
        25 => Encoding::for_label(b"utf-16be"),
        26 => Some(UTF_8),
        28 => Encoding::for_label(b"big5"),
        29 | 32 => Some(GB18030),
        30 => Encoding::for_label(b"euc-kr"),
        _ => None,
    };
    Some(())
}

fn hanzi(bits: &mut Bits<'_>, version: Version, draft: &mut Draft) -> Option<()> {
    draft.settle();
    let count = bits.take(size_bits(version, [8, 10, 12]))?;
    let mut bytes = Vec::new();
    for _ in 0..count {
        let value = bits.take(13)?;
        let pair = ((value / 0x60) << 8) | (value % 0x60);
        let pair = pair + if pair < 0xA00 { 0xA1A1 } else { 0xA6A1 };
        bytes.extend_from_slice(&[(pair >> 8) as u8, pair as u8]);
    }
    draft.text.push_str(&GB18030.decode_without_bom_handling(&bytes).0);
    Some(())
}

fn kanji(bits: &mut Bits<'_>, version: Version, draft: &mut Draft) -> Option<()> {
    draft.settle();
    let count = bits.take(size_bits(version, [8, 10, 12]))?;
    let mut bytes = Vec::new();
    for _ in 0..count {
        let value = bits.take(13)?;
        let pair = ((value / 0xC0) << 8) | (value % 0xC0);
        let pair = pair + if pair < 0x1F00 { 0x8140 } else { 0xC140 };
        bytes.extend_from_slice(&[(pair >> 8) as u8, pair as u8]);
    }
    draft.text.push_str(&SHIFT_JIS.decode_without_bom_handling(&bytes).0);
    Some(())
}

impl Draft {
    /// Turns the bytes with no encoding named into text.
    fn settle(&mut self) {
        if !self.unsure.is_empty() {
            self.text.push_str(&guessed(&self.unsure));
            self.unsure.clear();
        }
    }
}

/// Bytes whose encoding nobody named: UTF-8 when they can be, else what reads without a mistake, Japanese and Chinese first.
fn guessed(bytes: &[u8]) -> String {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return text.to_owned();
    }
    let sound =
        |encoding: &'static Encoding| encoding.decode_without_bom_handling_and_without_replacement(bytes);
    let high = bytes.iter().filter(|&&byte| byte >= 0x80).count();
    let latin = bytes.iter().all(|&byte| !(0x80..0xA0).contains(&byte));
    // A lone letter with an accent between plain ones is a western text; pairs of high bytes are not.
    let pairs = bytes.windows(2).filter(|pair| pair[0] >= 0x80 && pair[1] >= 0x40).count();
    if latin && pairs * 2 < high {
        return WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned();
    }
    let japanese = sound(SHIFT_JIS);
    let chinese = sound(GB18030);
    match (japanese, chinese) {
        (Some(text), None) => text.into_owned(),
        (Some(text), Some(_)) if bytes.iter().any(|&byte| (0x81..=0x9F).contains(&byte)) || kana(&text) => {
            text.into_owned()
        }
        (_, Some(text)) => text.into_owned(),
        (None, None) => WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned(),
    }
}

/// Whether a text has three Japanese half-width letters in a row: as Chinese they would be rare signs.
fn kana(text: &str) -> bool {
    let half = |letter: char| ('\u{ff61}'..='\u{ff9f}').contains(&letter);
    let letters: Vec<char> = text.chars().collect();
    letters.windows(3).any(|three| three.iter().all(|&letter| half(letter)))
}
