//! Ids, made before anything is sent and never used twice.
//!
//! An id carries the till, the till's epoch, the number of the journal entry that made it and six random
//! characters. The journal's numbers never repeat within an epoch, a restored or cloned disk begins a new epoch,
//! and the random part still tells two tills apart that do not know of each other's copy.
//! All ids fit every provider: 16 to 32 characters of `0-9A-Z` (WeChat Pay `out_trade_no`: 6 to 32).

use std::fmt;

use thiserror::Error;

/// Why a text is not an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("not a valid {kind} id")]
pub struct IdError {
    kind: &'static str,
}

macro_rules! short_id {
    ($(#[$doc:meta])* $name:ident, $length:literal, $kind:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; $length]);

        impl $name {
            /// Makes one from random bits.
            #[must_use]
            pub fn from_random(bits: u64) -> Self {
                Self(letters(bits))
            }

            /// Reads one back.
            ///
            /// # Errors
            /// When the length or a character is wrong.
            pub fn parse(text: &str) -> Result<Self, IdError> {
                let bytes: [u8; $length] =
                    text.as_bytes().try_into().map_err(|_| IdError { kind: $kind })?;
                if bytes.iter().all(|byte| ALPHABET.contains(byte)) {
                    Ok(Self(bytes))
                } else {
                    Err(IdError { kind: $kind })
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.iter().try_for_each(|byte| write!(f, "{}", char::from(*byte)))
            }
        }
    };
}

short_id!(
    /// A till, for its whole life: six characters.
    TillId, 6, "till"
);
short_id!(
    /// A stretch of one till's life on one disk: five characters. A restore or a clone begins a new one.
    Epoch, 5, "epoch"
);

macro_rules! long_id {
    ($(#[$doc:meta])* $name:ident, $letter:literal, $kind:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// Makes one for the journal entry `seq` of this till and epoch.
            #[must_use]
            pub fn new(till: TillId, epoch: Epoch, seq: u64, random: u64) -> Self {
                let tail = letters::<6>(random).map(char::from);
                Self(format!("{}{till}{epoch}{seq:09}{}", $letter, String::from_iter(tail)))
            }

            /// Reads one back.
            ///
            /// # Errors
            /// When the first letter, the length or a character is wrong.
            pub fn parse(text: &str) -> Result<Self, IdError> {
                let fits = (16..=32).contains(&text.len())
                    && text.starts_with($letter)
                    && text.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase());
                if fits { Ok(Self(text.to_owned())) } else { Err(IdError { kind: $kind }) }
            }

            /// The id as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

long_id!(
    /// One attempt to collect a tender; the provider knows the payment by it.
    PaymentId, 'P', "payment"
);
long_id!(
    /// One sale.
    SaleId, 'S', "sale"
);

/// Digits and capitals without `I`, `L`, `O`, `U`: nothing that is misread over the phone.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

fn letters<const N: usize>(mut bits: u64) -> [u8; N] {
    std::array::from_fn(|_| {
        let letter = ALPHABET[(bits & 31) as usize];
        bits >>= 5;
        letter
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_payment_id_fits_every_provider_and_reads_back(till: u64, epoch: u64, seq in 0_u64..1_000_000_000, random: u64) {
            let id = PaymentId::new(TillId::from_random(till), Epoch::from_random(epoch), seq, random);

            prop_assert!((16..=32).contains(&id.as_str().len()));
            prop_assert_eq!(PaymentId::parse(id.as_str()), Ok(id.clone()));
            prop_assert!(SaleId::parse(id.as_str()).is_err(), "a payment id is not a sale id");
        }
    }

    #[test]
    fn ids_of_one_epoch_never_repeat_even_with_the_same_random_part() {
        let (till, epoch) = (TillId::from_random(7), Epoch::from_random(9));

        let ids: BTreeSet<_> = (0..10_000).map(|seq| PaymentId::new(till, epoch, seq, 3)).collect();

        assert_eq!(ids.len(), 10_000);
    }
}
