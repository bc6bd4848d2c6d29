//! The counter: where the cashier is, and what each key does there.

use guitai_domain::{Fen, PaymentId, SaleId};

use crate::view::Key;

/// Where the cashier is. What the screen shows follows from this and from the payment's state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Counter {
    /// Nothing entered.
    Idle,
    /// An amount is being typed.
    Entering { text: String },
    /// An unusually large amount wants a second Enter.
    Confirming { text: String, amount: Fen },
    /// The amount stands; a payment code is awaited.
    Armed { sale: SaleId, amount: Fen },
    /// Cash is being counted.
    Cash { sale: SaleId, amount: Fen, given: String },
    /// A payment was made for the sale; its state says the rest. `confirming`: the cashier asked to take it back, and
    /// Enter will say that this is meant. A scanner's first digit must not do it.
    Paying { sale: SaleId, payment: PaymentId, confirming: bool },
    /// The sale is paid; the next key begins the next one.
    Finished { sale: SaleId },
}

/// What a key adds to a typed amount.
pub(crate) fn character(key: Key) -> Option<&'static str> {
    match key {
        Key::Digit0 => Some("0"),
        Key::Digit1 => Some("1"),
        Key::Digit2 => Some("2"),
        Key::Digit3 => Some("3"),
        Key::Digit4 => Some("4"),
        Key::Digit5 => Some("5"),
        Key::Digit6 => Some("6"),
        Key::Digit7 => Some("7"),
        Key::Digit8 => Some("8"),
        Key::Digit9 => Some("9"),
        Key::DoubleZero => Some("00"),
        Key::Point => Some("."),
        Key::Backspace | Key::Clear | Key::Enter | Key::Escape | Key::Cash => None,
    }
}

/// Why a character is not added to a typed amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rejected {
    /// A second point, or a third digit behind it.
    Shape(guitai_domain::AmountError),
    /// A second zero in front.
    LeadingZero,
}

/// `text` with `added` behind it, or the rule that this would break. Bad input is refused, never dropped in silence:
/// a screen that says so halves the slips by a factor of ten (Thimbleby and Cairns).
pub(crate) fn extended(text: &str, added: &str) -> Result<String, Rejected> {
    use guitai_domain::AmountError;

    let longer = format!("{text}{added}");
    let (yuan, fraction) = longer.split_once('.').unwrap_or((&longer, ""));
    if fraction.contains('.') {
        return Err(Rejected::Shape(AmountError::NotANumber));
    }
    if fraction.len() > 2 {
        return Err(Rejected::Shape(AmountError::TooFine));
    }
    if yuan.len() > 1 && yuan.starts_with('0') {
        return Err(Rejected::LeadingZero);
    }
    match Fen::from_yuan(&longer) {
        Err(AmountError::TooLarge) => Err(Rejected::Shape(AmountError::TooLarge)),
        Ok(_)
        | Err(AmountError::Empty | AmountError::NotANumber | AmountError::TooFine | AmountError::Zero) => {
            Ok(longer)
        }
    }
}

#[cfg(test)]
mod tests {
    use guitai_domain::AmountError;

    use super::*;

    #[test]
    fn typing_takes_what_can_still_become_an_amount() {
        let cases = [
            ("", "1", Ok("1")),
            ("", ".", Ok(".")),
            ("", "0", Ok("0")),
            ("0", ".", Ok("0.")),
            ("12.5", "0", Ok("12.50")),
            ("12", "00", Ok("1200")),
            ("0", "0", Err(Rejected::LeadingZero)),
            ("0", "5", Err(Rejected::LeadingZero)),
            ("", "00", Err(Rejected::LeadingZero)),
            ("1.5", ".", Err(Rejected::Shape(AmountError::NotANumber))),
            ("1.23", "4", Err(Rejected::Shape(AmountError::TooFine))),
            ("999999", "9", Err(Rejected::Shape(AmountError::TooLarge))),
        ];

        for (text, added, expected) in cases {
            assert_eq!(extended(text, added), expected.map(str::to_owned), "{text} + {added}");
        }
    }
}
