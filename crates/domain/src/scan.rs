//! What a scanned text is, before anybody acts on it.

use crate::{PaymentCode, ReceiptNo};

/// A scan, told apart. Only [`Scan::Payment`] may ever move money.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scan {
    /// A customer's payment code.
    Payment(PaymentCode),
    /// A receipt of this shop.
    Receipt(ReceiptNo),
    /// A goods bar code: EAN-8, UPC-A, EAN-13 or ITF-14 with a right check digit.
    Goods,
    /// Digits only, but neither of the above: perhaps half a payment code.
    Incomplete,
    /// Something else, such as a web address.
    Unknown,
}

impl Scan {
    /// Tells what `text` is. The text itself is kept only where it is needed.
    #[must_use]
    pub fn recognise(text: &str) -> Scan {
        if let Some(code) = PaymentCode::recognise(text) {
            return Scan::Payment(code);
        }
        if let Some(receipt) = ReceiptNo::parse(text) {
            return Scan::Receipt(receipt);
        }
        if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
            let goods = matches!(text.len(), 8 | 12 | 13 | 14) && has_gs1_check_digit(text);
            return if goods { Scan::Goods } else { Scan::Incomplete };
        }
        Scan::Unknown
    }
}

/// GS1 General Specifications, 7.9: digits weighted 3 and 1 from the right, the check digit fills to ten.
fn has_gs1_check_digit(digits: &str) -> bool {
    let sum: u32 = digits
        .bytes()
        .rev()
        .enumerate()
        .map(|(place, byte)| u32::from(byte - b'0') * if place % 2 == 1 { 3 } else { 1 })
        .sum();
    sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scans_are_told_apart() {
        assert!(matches!(Scan::recognise("134567890123456789"), Scan::Payment(_)));
        assert_eq!(Scan::recognise("6901234567892"), Scan::Goods, "an EAN-13");
        assert_eq!(Scan::recognise("6901234567893"), Scan::Incomplete, "an EAN-13 with a wrong check digit");
        assert_eq!(Scan::recognise("13456789012345"), Scan::Incomplete, "a code cut in the middle");
        assert_eq!(Scan::recognise("https://example.com"), Scan::Unknown);
        assert_eq!(Scan::recognise(""), Scan::Unknown);
        assert!(matches!(Scan::recognise("20261121-7K3QZX-0001"), Scan::Receipt(_)));
    }
}
