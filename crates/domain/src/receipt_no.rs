//! The receipt's number, for people: gap-free within a till's business day.

use std::fmt;

use crate::{BusinessDate, TillId};

/// `20261121-7K3QZX-0042`: the business date, the till, and a count from 1 without gaps.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReceiptNo(String);

impl ReceiptNo {
    /// The number of the `count`-th receipt of this till on that day.
    #[must_use]
    pub fn new(date: BusinessDate, till: TillId, count: u32) -> ReceiptNo {
        ReceiptNo(format!("{}-{till}-{count:04}", date.compact()))
    }

    /// Reads a number from a receipt's bar code.
    #[must_use]
    pub fn parse(text: &str) -> Option<ReceiptNo> {
        let mut parts = text.split('-');
        let (date, till, count) = (parts.next()?, parts.next()?, parts.next()?);
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        let fits = parts.next().is_none()
            && date.len() == 8
            && digits(date)
            && TillId::parse(till).is_ok()
            && (4..=9).contains(&count.len())
            && digits(count);
        fits.then(|| ReceiptNo(text.to_owned()))
    }

    /// The how-manieth receipt of its day it is.
    #[must_use]
    pub fn count(&self) -> u32 {
        self.0.rsplit('-').next().and_then(|count| count.parse().ok()).unwrap_or(0)
    }

    /// The number so many further on, on the same day.
    #[must_use]
    pub fn further(&self, by: u32) -> ReceiptNo {
        let (day, _) = self.0.rsplit_once('-').unwrap_or((&self.0, ""));
        ReceiptNo(format!("{day}-{:04}", self.count().saturating_add(by)))
    }

    /// The number as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ReceiptNo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
