use std::collections::BTreeSet;

use super::*;
use crate::testkit::*;

const DOCUMENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/provider-clock.md");
/// What stands in the document where no page gives a time.
const OURS: &str = "柜台自定 the till's own";

fn connectors() -> Vec<Box<dyn crate::Connector>> {
    vec![settings(&v3_toml(LOOPBACK)).connector(), settings(&v2_toml(LOOPBACK)).connector()]
}

/// `5 s`, `7 days`: the largest unit that leaves nothing over.
fn in_words(ms: i64) -> String {
    let units = [(86_400_000, "天", "days"), (1_000, "秒", "s")];
    let (unit, zh, en) = units.into_iter().find(|(unit, ..)| ms % unit == 0).expect("whole seconds");
    format!("{} {zh} · {} {en}", ms / unit, ms / unit)
}

fn line(row: &Row) -> String {
    let sources: Vec<String> =
        row.timing.sources.iter().map(|source| format!("`{}` {}", source.page, source.dated)).collect();
    let sources = if sources.is_empty() { OURS.to_owned() } else { sources.join(", ") };
    format!("| {} {} | {} | {} |", row.zh, row.en, in_words(row.timing.ms), sources)
}

#[test]
fn every_connector_goes_by_its_providers_clock() {
    for connector in connectors() {
        let clock: Vec<&ProviderClock> =
            CLOCKS.iter().filter(|clock| clock.kinds.contains(&connector.kind())).collect();
        let [clock] = clock[..] else { panic!("{} has {} clocks", connector.kind(), clock.len()) };
        assert_eq!(*connector.rules(), clock.rules());
    }
    let known: BTreeSet<&str> = connectors().iter().map(|connector| connector.kind()).collect();
    let listed: BTreeSet<&str> = CLOCKS.iter().flat_map(|clock| clock.kinds).copied().collect();
    assert_eq!(listed, known, "and no clock is of a provider we do not have");
}

#[test]
fn the_times_are_the_ones_the_pages_give() {
    let rules = crate::wechat::CLOCK.rules();

    let expected = ProviderRules {
        poll_ms: 5_000,
        window_ms: 45_000,
        reverse_from_ms: 17_000,
        reverse_until_ms: 604_800_000,
        code_life_ms: 60_000,
        refund_until_ms: 31_536_000_000,
    };
    assert_eq!(rules, expected);
}

#[test]
fn the_times_of_a_clock_fit_together() {
    for clock in CLOCKS {
        let rules = clock.rules();
        assert!(0 < rules.poll_ms && rules.poll_ms < rules.window_ms, "it is asked within the window");
        assert!(
            rules.reverse_from_ms <= rules.window_ms,
            "what the customer did not do can be taken back at once"
        );
        assert!(rules.window_ms <= rules.code_life_ms, "nobody waits longer than a code lives");
        assert!(rules.window_ms < rules.reverse_until_ms, "there is time to take it back");
        assert!(rules.reverse_until_ms < rules.refund_until_ms, "a refund follows where a reversal ends");
    }
}

#[test]
fn every_time_has_a_page_and_a_day_but_the_one_the_till_adds() {
    for row in CLOCKS.iter().flat_map(ProviderClock::rows) {
        assert_eq!(row.timing.sources.is_empty(), row.en == "added by the till", "{}", row.en);
        for source in row.timing.sources {
            let day: jiff::civil::Date = source.dated.parse().expect("a day");
            assert!((2020..2030).contains(&day.year()), "{}", source.page);
            assert!(!source.page.is_empty());
        }
    }
}

#[test]
fn the_document_shows_the_same_clock() {
    let document = std::fs::read_to_string(DOCUMENT).expect("docs/provider-clock.md");
    let is_row = |line: &&str| line.starts_with("| ") && !line.starts_with("| 时间");

    let shown: Vec<&str> = document.lines().filter(is_row).collect();

    let ours: Vec<String> = CLOCKS.iter().flat_map(ProviderClock::rows).map(|row| line(&row)).collect();
    assert_eq!(shown, ours, "the table should read:\n{}", ours.join("\n"));
    for kind in CLOCKS.iter().flat_map(|clock| clock.kinds) {
        assert!(document.contains(&format!("`{kind}`")), "{kind} is not named");
    }
}
