//! Times as the provider writes them: Beijing wall time.

use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;
const OFFSET_MS: i64 = 8 * 60 * 60 * 1000;

/// `2018-06-08T10:34:56+08:00`, as v3 writes it.
pub(crate) fn rfc3339(at_ms: i64) -> String {
    written(at_ms, "%Y-%m-%dT%H:%M:%S+08:00")
}

/// `20180608103456`, as v2 writes it.
pub(crate) fn compact(at_ms: i64) -> String {
    written(at_ms, "%Y%m%d%H%M%S")
}

/// The number of the Beijing day, for counts that start anew each day.
pub(crate) fn day(at_ms: i64) -> i64 {
    (at_ms + OFFSET_MS).div_euclid(DAY_MS)
}

fn written(at_ms: i64, format: &str) -> String {
    Timestamp::from_millisecond(at_ms)
        .unwrap_or(Timestamp::UNIX_EPOCH)
        .to_zoned(TimeZone::fixed(Offset::constant(8)))
        .strftime(format)
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_in_beijing() {
        assert_eq!(rfc3339(1_528_425_296_000), "2018-06-08T10:34:56+08:00");
        assert_eq!(compact(1_528_425_296_000), "20180608103456");
        assert_eq!(day(1_528_425_296_000), day(1_528_425_296_000 + 13 * 3_600_000), "the same Beijing day");
        assert_ne!(day(1_528_425_296_000), day(1_528_425_296_000 + 14 * 3_600_000), "past Beijing midnight");
    }
}
