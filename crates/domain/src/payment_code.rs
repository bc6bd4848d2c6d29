//! The payment code (付款码) on the customer's phone: a bearer secret that lives a minute.

use std::fmt;

use zeroize::Zeroizing;

use crate::Method;

/// A payment code. Wiped from memory when dropped; prints as `***` everywhere.
#[derive(Clone, PartialEq, Eq)]
pub struct PaymentCode {
    digits: Zeroizing<String>,
    method: Method,
}

/// How a code is told to belong to a provider.
struct Route {
    method: Method,
    prefixes: std::ops::RangeInclusive<u8>,
    lengths: std::ops::RangeInclusive<usize>,
}

/// Which codes belong to whom.
///
/// WeChat Pay: 18 digits, prefix 10 to 15 (m2/4011937125 \[2026.06.10\]), 16 by an official FAQ
/// (m2/4016429686 \[2026.05.19\]). Alipay: 16 to 24 digits, prefix 25 to 30 (alipay.trade.pay). UnionPay: 19 digits,
/// prefix 62.
const ROUTES: [Route; 3] = [
    Route { method: Method::WechatPay, prefixes: 10..=16, lengths: 18..=18 },
    Route { method: Method::Alipay, prefixes: 25..=30, lengths: 16..=24 },
    Route { method: Method::UnionPay, prefixes: 62..=62, lengths: 19..=19 },
];

impl PaymentCode {
    /// Reads a scanned text as a payment code: digits only, whole length, known prefix. Anything else is `None`.
    #[must_use]
    pub fn recognise(text: &str) -> Option<PaymentCode> {
        let digits = Some(text).filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()))?;
        let prefix: u8 = digits.get(..2)?.parse().ok()?;
        let route = ROUTES
            .iter()
            .find(|route| route.prefixes.contains(&prefix) && route.lengths.contains(&digits.len()))?;
        Some(PaymentCode { digits: Zeroizing::new(digits.to_owned()), method: route.method })
    }

    /// The provider it belongs to.
    #[must_use]
    pub fn method(&self) -> Method {
        self.method
    }

    /// The digits, for the one request that carries them.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.digits
    }

    /// The last four digits: all that may be shown or kept.
    #[must_use]
    pub fn last_digits(&self) -> String {
        self.digits[self.digits.len() - 4..].to_owned()
    }
}

impl fmt::Debug for PaymentCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PaymentCode({}, ***)", self.method.name())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn codes_are_routed_by_prefix_and_length() {
        let cases = [
            ("134567890123456789", Some(Method::WechatPay)),
            ("100000000000000000", Some(Method::WechatPay)),
            ("160000000000000000", Some(Method::WechatPay)),
            ("170000000000000000", None),
            ("13456789012345678", None),
            ("1345678901234567890", None),
            ("2512345678901234", Some(Method::Alipay)),
            ("301234567890123456789012", Some(Method::Alipay)),
            ("3012345678901234567890123", None),
            ("289999999999999999", Some(Method::Alipay)),
            ("6212345678901234567", Some(Method::UnionPay)),
            ("621234567890123456", None),
            ("6901234567892", None),
            ("13456789012345678a", None),
            ("１３４５６７８９０１２３４５６７８９", None),
            ("", None),
        ];

        for (text, method) in cases {
            assert_eq!(PaymentCode::recognise(text).map(|code| code.method()), method, "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_code_never_prints_its_digits(tail in "[0-9]{16}") {
            let code = PaymentCode::recognise(&format!("13{tail}")).expect("a WeChat Pay code");

            let printed = format!("{code:?}");
            prop_assert!(!printed.contains(&tail[..6]));
        }

        #[test]
        fn no_text_is_taken_for_a_code_unless_it_is_digits_of_a_known_length(text in "\\PC{0,30}") {
            if let Some(code) = PaymentCode::recognise(&text) {
                prop_assert!(code.reveal().bytes().all(|byte| byte.is_ascii_digit()));
                prop_assert!((16..=24).contains(&code.reveal().len()));
            }
        }
    }
}
