//! The business day: which day a fact belongs to, decided once and stored with the fact.

use std::fmt;

use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::Timestamp;

/// The day a sale belongs to. A sale across the cut-off belongs to the day it was *paid*.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BusinessDate(Date);

impl BusinessDate {
    /// Reads `2026-11-21`.
    #[must_use]
    pub fn parse(text: &str) -> Option<BusinessDate> {
        // jiff reads more forms than this one; only the plain form may name a day.
        let plain = text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
        plain.then(|| text.parse().ok()).flatten().map(BusinessDate)
    }

    /// `20261121`.
    #[must_use]
    pub fn compact(self) -> String {
        format!("{:04}{:02}{:02}", self.0.year(), self.0.month(), self.0.day())
    }

    /// The day before, or the same day at the very beginning of the calendar.
    #[must_use]
    pub fn yesterday(self) -> BusinessDate {
        BusinessDate(self.0.yesterday().unwrap_or(self.0))
    }
}

impl fmt::Display for BusinessDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.0.year(), self.0.month(), self.0.day())
    }
}

/// When one business day ends and the next begins, in minutes after midnight: 0 to 12 hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cutoff(u16);

impl Cutoff {
    /// Reads `04:00`; `None` unless between `00:00` and `12:00`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Cutoff> {
        let (hours, minutes) = text.split_once(':')?;
        let number = |part: &str| Some(part).filter(|part| part.len() == 2)?.parse::<u16>().ok();
        let (hours, minutes) = (number(hours)?, number(minutes)?);
        let total = hours * 60 + minutes;
        (minutes < 60 && total <= 720).then_some(Cutoff(total))
    }

    /// The hour of the clock in which the business day begins.
    #[must_use]
    pub fn hour(self) -> u32 {
        u32::from(self.0 / 60)
    }
}

impl fmt::Display for Cutoff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

/// The shop's zone and cut-off: how the shop reads a point in time.
#[derive(Debug, Clone)]
pub struct ShopClock {
    /// The shop's fixed zone, whatever the PC is set to.
    pub zone: TimeZone,
    /// The business day's cut-off.
    pub cutoff: Cutoff,
}

impl ShopClock {
    /// The business date of `at`.
    #[must_use]
    pub fn business_date(&self, at: Timestamp) -> BusinessDate {
        let shifted = at.plus_ms(-60_000 * i64::from(self.cutoff.0));
        BusinessDate(self.civil(shifted).date())
    }

    /// The hour of the clock at `at`, 0 to 23.
    #[must_use]
    pub fn hour(&self, at: Timestamp) -> u32 {
        u32::from(self.civil(at).hour().unsigned_abs())
    }

    /// `14:32:05`.
    #[must_use]
    pub fn time_text(&self, at: Timestamp) -> String {
        let civil = self.civil(at);
        format!("{:02}:{:02}:{:02}", civil.hour(), civil.minute(), civil.second())
    }

    /// `2026-11-21 14:32:05`.
    #[must_use]
    pub fn date_time_text(&self, at: Timestamp) -> String {
        format!("{} {}", BusinessDate(self.civil(at).date()), self.time_text(at))
    }

    fn civil(&self, at: Timestamp) -> jiff::civil::DateTime {
        let clamped =
            at.0.clamp(jiff::Timestamp::MIN.as_millisecond(), jiff::Timestamp::MAX.as_millisecond());
        let stamp = jiff::Timestamp::from_millisecond(clamped).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
        self.zone.to_datetime(stamp)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shanghai(cutoff: &str) -> ShopClock {
        let zone = TimeZone::fixed(jiff::tz::offset(8));
        ShopClock { zone, cutoff: Cutoff::parse(cutoff).expect("a cut-off") }
    }

    fn at(text: &str) -> Timestamp {
        Timestamp(text.parse::<jiff::Timestamp>().expect("a time").as_millisecond())
    }

    #[test]
    fn a_sale_before_the_cutoff_belongs_to_the_day_before() {
        let clock = shanghai("04:00");

        assert_eq!(clock.business_date(at("2026-11-21T03:59:59.999+08:00")).to_string(), "2026-11-20");
        assert_eq!(clock.business_date(at("2026-11-21T04:00:00+08:00")).to_string(), "2026-11-21");
        assert_eq!(clock.business_date(at("2026-11-20T20:30:00Z")).to_string(), "2026-11-21");
    }

    #[test]
    fn only_plain_cutoffs_and_dates_are_read() {
        for text in ["24:00", "4:00", "12:01", "04:60", "0400", ""] {
            assert_eq!(Cutoff::parse(text), None, "{text}");
        }
        for text in ["2026-13-01", "2026-02-30", "26-01-01", "20260101", "2026-01-01T00", ""] {
            assert_eq!(BusinessDate::parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_date_reads_back_and_time_never_runs_backwards(ms in 0_i64..4_102_444_800_000, later in 0_i64..100_000_000) {
            let clock = shanghai("04:00");

            let date = clock.business_date(Timestamp(ms));

            prop_assert_eq!(BusinessDate::parse(&date.to_string()), Some(date));
            prop_assert!(clock.business_date(Timestamp(ms + later)) >= date);
        }

        #[test]
        fn no_time_at_all_makes_it_panic(ms: i64) {
            let _ = shanghai("00:00").date_time_text(Timestamp(ms));
        }
    }
}
