//! Money: whole fen, read and printed digit by digit.

use std::fmt;

use thiserror::Error;

/// An amount of renminbi in whole fen. Signed, so that differences can be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Fen(pub i64);

/// Why a typed amount is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum AmountError {
    /// Nothing was typed.
    #[error("no amount was typed")]
    Empty,
    /// Something other than digits and one point, a sign included.
    #[error("an amount has only digits and one point")]
    NotANumber,
    /// More than two digits behind the point: a tenth of a fen does not exist.
    #[error("an amount has at most two digits behind the point")]
    TooFine,
    /// Above [`Fen::SALE_MAX`].
    #[error("the amount is above 999,999.99 yuan")]
    TooLarge,
    /// Zero.
    #[error("the amount is zero")]
    Zero,
}

impl Fen {
    /// Nothing.
    pub const ZERO: Fen = Fen(0);

    /// The largest amount one sale may have: 999,999.99 yuan. Eight digits are what a cashier can check at a glance.
    pub const SALE_MAX: Fen = Fen(99_999_999);

    /// Reads an amount in yuan as a cashier types it: `12`, `12.5`, `12.50`, `.5`.
    ///
    /// # Errors
    /// Says which rule was broken; nothing is rounded and nothing is dropped in silence.
    ///
    /// ```
    /// use guitai_domain::{AmountError, Fen};
    /// assert_eq!(Fen::from_yuan("12.5"), Ok(Fen(1250)));
    /// assert_eq!(Fen::from_yuan("1.234"), Err(AmountError::TooFine));
    /// assert_eq!(Fen::from_yuan("-1"), Err(AmountError::NotANumber));
    /// ```
    pub fn from_yuan(text: &str) -> Result<Fen, AmountError> {
        if text.is_empty() {
            return Err(AmountError::Empty);
        }
        let (yuan, fraction) = text.split_once('.').unwrap_or((text, ""));
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if !digits(yuan) || !digits(fraction) || (yuan.is_empty() && fraction.is_empty()) {
            return Err(AmountError::NotANumber);
        }
        if fraction.len() > 2 {
            return Err(AmountError::TooFine);
        }
        let mut fen = 0_i64;
        for digit in yuan.bytes().chain(fraction.bytes().chain(*b"00").take(2)) {
            fen = fen
                .checked_mul(10)
                .and_then(|fen| fen.checked_add(i64::from(digit - b'0')))
                .filter(|fen| *fen <= Fen::SALE_MAX.0)
                .ok_or(AmountError::TooLarge)?;
        }
        if fen == 0 {
            return Err(AmountError::Zero);
        }
        Ok(Fen(fen))
    }

    /// The sum, or `None` where it does not fit.
    #[must_use]
    pub fn checked_add(self, other: Fen) -> Option<Fen> {
        self.0.checked_add(other.0).map(Fen)
    }

    /// The difference, or `None` where it does not fit.
    #[must_use]
    pub fn checked_sub(self, other: Fen) -> Option<Fen> {
        self.0.checked_sub(other.0).map(Fen)
    }

    /// The amount in the formal Chinese words of cheques and receipts: `壹仟贰佰捌拾元整`.
    ///
    /// ```
    /// use guitai_domain::Fen;
    /// assert_eq!(Fen(128_000).in_words(), "壹仟贰佰捌拾元整");
    /// assert_eq!(Fen(10_005).in_words(), "壹佰元零伍分");
    /// ```
    #[must_use]
    pub fn in_words(self) -> String {
        const DIGITS: [char; 10] = ['零', '壹', '贰', '叁', '肆', '伍', '陆', '柒', '捌', '玖'];
        const UNITS: [&str; 8] = ["", "拾", "佰", "仟", "万", "拾", "佰", "仟"];
        let digit = |value: i64| DIGITS[usize::try_from(value.rem_euclid(10)).unwrap_or(0)];
        let total = self.0.unsigned_abs();
        let (yuan, jiao, fen) = (total / 100, (total / 10 % 10) as i64, (total % 10) as i64);
        let mut words = String::new();
        let places: Vec<i64> = yuan.to_string().bytes().map(|byte| i64::from(byte - b'0')).collect();
        let mut zero_pending = false;
        for (index, value) in places.iter().enumerate() {
            let place = places.len() - 1 - index;
            if *value == 0 {
                zero_pending = true;
                if place == 4 {
                    words.push('万');
                }
                continue;
            }
            if zero_pending && !words.is_empty() {
                words.push('零');
            }
            zero_pending = false;
            words.push(digit(*value));
            words.push_str(UNITS.get(place).copied().unwrap_or(""));
        }
        if yuan > 0 {
            words.push('元');
        }
        match (jiao, fen) {
            (0, 0) => words.push('整'),
            (0, fen) => {
                if yuan > 0 {
                    words.push('零');
                }
                words.push(digit(fen));
                words.push('分');
            }
            (jiao, 0) => {
                words.push(digit(jiao));
                words.push_str("角整");
            }
            (jiao, fen) => {
                words.push(digit(jiao));
                words.push('角');
                words.push(digit(fen));
                words.push('分');
            }
        }
        words
    }
}

/// Yuan with two digits behind the point, no separators: `128.50`, `-0.05`.
impl fmt::Display for Fen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let total = self.0.unsigned_abs();
        write!(f, "{sign}{}.{:02}", total / 100, total % 100)
    }
}

/// Adds many amounts, or `None` where the sum does not fit.
#[must_use]
pub fn sum(amounts: impl IntoIterator<Item = Fen>) -> Option<Fen> {
    amounts.into_iter().try_fold(Fen::ZERO, Fen::checked_add)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_amount_is_read_as_typed_or_refused_with_the_rule_it_breaks() {
        let cases = [
            ("12.5", Ok(1250)),
            ("12.50", Ok(1250)),
            ("12.", Ok(1200)),
            (".5", Ok(50)),
            ("0.01", Ok(1)),
            ("007", Ok(700)),
            ("999999.99", Ok(99_999_999)),
            ("", Err(AmountError::Empty)),
            (".", Err(AmountError::NotANumber)),
            ("-1", Err(AmountError::NotANumber)),
            ("1,5", Err(AmountError::NotANumber)),
            ("1.2.3", Err(AmountError::NotANumber)),
            ("１２", Err(AmountError::NotANumber)),
            ("1e3", Err(AmountError::NotANumber)),
            ("1.234", Err(AmountError::TooFine)),
            ("1000000", Err(AmountError::TooLarge)),
            ("99999999", Err(AmountError::TooLarge)),
            ("99999999999999999999999999", Err(AmountError::TooLarge)),
            ("0", Err(AmountError::Zero)),
            ("0.00", Err(AmountError::Zero)),
        ];

        for (text, expected) in cases {
            assert_eq!(Fen::from_yuan(text), expected.map(Fen), "typed: {text}");
        }
    }

    #[test]
    fn amounts_in_words_follow_the_rules_of_cheques() {
        let cases = [
            (1, "壹分"),
            (50, "伍角整"),
            (1250, "壹拾贰元伍角整"),
            (10_005, "壹佰元零伍分"),
            (100_100, "壹仟零壹元整"),
            (1_001_050, "壹万零壹拾元伍角整"),
            (2_000_000, "贰万元整"),
            (10_000_000, "壹拾万元整"),
            (10_010_000, "壹拾万零壹佰元整"),
            (99_999_999, "玖拾玖万玖仟玖佰玖拾玖元玖角玖分"),
        ];

        for (fen, words) in cases {
            assert_eq!(Fen(fen).in_words(), words, "{fen} fen");
        }
    }

    proptest! {
        #[test]
        fn what_is_printed_can_be_read_again(fen in 1..=Fen::SALE_MAX.0) {
            prop_assert_eq!(Fen::from_yuan(&Fen(fen).to_string()), Ok(Fen(fen)));
        }

        #[test]
        fn no_text_makes_an_amount_outside_the_limits(text in "\\PC{0,24}") {
            if let Ok(amount) = Fen::from_yuan(&text) {
                prop_assert!(amount > Fen::ZERO && amount <= Fen::SALE_MAX);
            }
        }
    }
}
