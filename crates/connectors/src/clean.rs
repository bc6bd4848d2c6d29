//! Makes texts fit for the other side: ours for the provider, theirs for our notes.

use guitai_domain::Timestamp;

use crate::HttpReply;

/// Longest description in bytes. The pages say 127 without saying of what; bytes fit either reading.
const DESCRIPTION_BYTES_MAX: usize = 127;

/// A description the provider takes: no control and no supplementary-plane character (m2/4011986581), short enough, not empty.
pub(crate) fn description(text: &str) -> String {
    let mut clean = String::new();
    for character in text.chars().filter(|c| !c.is_control() && u32::from(*c) <= 0xFFFD) {
        if clean.len() + character.len_utf8() > DESCRIPTION_BYTES_MAX {
            break;
        }
        clean.push(character);
    }
    let clean = clean.trim();
    if clean.is_empty() { "购物".to_owned() } else { clean.to_owned() }
}

/// A till's name the provider takes as a device id: 1 to 32 letters, digits, `-` and `_`.
pub(crate) fn device(till: &str) -> String {
    let clean = word(till, 32, |c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
    if clean.is_empty() { "till".to_owned() } else { clean }
}

/// A provider's code: `[A-Z0-9_]{1,64}`, anything else dropped, so that a reply cannot write into our log.
pub(crate) fn code(text: &str) -> Option<String> {
    let clean = word(text, 64, |c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
    Some(clean).filter(|clean| !clean.is_empty())
}

/// A provider's reference or request id: `[A-Za-z0-9_-]{1,64}`.
pub(crate) fn reference(text: &str) -> Option<String> {
    let clean = word(text, 64, |c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
    Some(clean).filter(|clean| !clean.is_empty())
}

/// How far the provider's clock is ahead of ours, by the `Date` header.
#[must_use]
pub fn clock_offset_ms(reply: &HttpReply, now: Timestamp) -> Option<i64> {
    let date = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(reply.header("Date")?).ok()?;
    date.as_millisecond().checked_sub(now.0)
}

fn word(text: &str, length_max: usize, fits: impl Fn(char) -> bool) -> String {
    text.chars().filter(|c| fits(*c)).take(length_max).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_description_loses_what_the_provider_refuses() {
        let cases = [
            ("小张南山店-超市", "小张南山店-超市"),
            ("奶茶🧋店\n-\u{7}饮料", "奶茶店-饮料"),
            ("🎉🎉", "购物"),
            ("  ", "购物"),
        ];

        for (text, expected) in cases {
            assert_eq!(description(text), expected);
        }
    }

    #[test]
    fn the_date_header_tells_how_far_the_clocks_are_apart() {
        let reply =
            |date: &str| HttpReply { status: 200, headers: vec![("date".into(), date.into())], body: vec![] };
        let now = Timestamp(784_887_151_000);

        assert_eq!(clock_offset_ms(&reply("Tue, 15 Nov 1994 08:12:31 GMT"), now), Some(0));
        assert_eq!(clock_offset_ms(&reply("Tue, 15 Nov 1994 08:18:31 GMT"), now), Some(360_000));
        assert_eq!(clock_offset_ms(&reply("yesterday"), now), None);
    }

    proptest! {
        #[test]
        fn whatever_is_typed_the_description_fits(text in any::<String>()) {
            let clean = description(&text);

            prop_assert!((1..=127).contains(&clean.len()));
            prop_assert!(clean.chars().all(|c| c.len_utf8() <= 3 && !c.is_control()));
        }

        #[test]
        fn whatever_a_reply_says_a_code_is_harmless(text in any::<String>()) {
            if let Some(clean) = code(&text) {
                prop_assert!((1..=64).contains(&clean.len()));
                prop_assert!(clean.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_'));
            }
        }
    }
}
