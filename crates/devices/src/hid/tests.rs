//! Descriptors and reports as scanners send them, and as they never should.

use std::time::Duration;

use proptest::prelude::*;

use super::{Assembler, Layout};
use crate::serial::Found;

const CODE: &str = "134567890123456789";

/// A Honeywell's, as a public decoder of report descriptors has it for its example: report 2 carries a count, three bytes of AIM
/// identifier, 56 of data, two of the maker's own and eight bits, of which the first says that the code goes on. Makers that
/// describe their reports in their manuals (Access-IS LSR118, appendix B) describe the same.
pub(super) fn honeywell() -> Vec<u8> {
    hex(concat!(
        "058C0902A1010912A1028502150026FF00750895010501093B81029503058C09FB09FC09FD8102953809FE8202020666FF95020900",
        "09008102058C25017501950809FF8102C00914A10285041500250175019508095F0960098509869186C006FFFF0901A10285F00150",
        "26FF007508953F0902820202953F0903920202C0C0"
    ))
}

/// The same without a count, with the bit that says "goes on" in a byte of its own, and no number in front of the reports.
fn without_count() -> Vec<u8> {
    hex("058C0902A101150026FF007508950109FB810209FC810209FD8102953809FE8202017501950125 0109FF810275078103C0")
}

fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u32> = text.chars().filter_map(|c| c.to_digit(16)).collect();
    digits.chunks(2).map(|pair| u8::try_from(pair[0] * 16 + pair[1]).expect("two digits")).collect()
}

/// A scanner: its descriptor, and how it writes one report.
#[derive(Debug, Clone, Copy)]
enum Scanner {
    Honeywell,
    WithoutCount,
}

const SCANNERS: [Scanner; 2] = [Scanner::Honeywell, Scanner::WithoutCount];
const DATA: usize = 56;

impl Scanner {
    fn assembler(self) -> Assembler {
        let descriptor = match self {
            Scanner::Honeywell => honeywell(),
            Scanner::WithoutCount => without_count(),
        };
        Assembler::new(Layout::read(&descriptor).expect("a scanner's"))
    }

    fn report(self, aim: &str, data: &[u8], goes_on: bool) -> Vec<u8> {
        let mut report = match self {
            Scanner::Honeywell => vec![2, u8::try_from(data.len()).expect("short")],
            Scanner::WithoutCount => vec![],
        };
        report.extend_from_slice(aim.as_bytes());
        report.extend_from_slice(data);
        report.resize(report.len() + DATA - data.len(), 0);
        match self {
            Scanner::Honeywell => report.extend_from_slice(&[b's', 0, u8::from(goes_on)]),
            Scanner::WithoutCount => report.push(u8::from(goes_on)),
        }
        report
    }

    fn reports(self, text: &str) -> Vec<Vec<u8>> {
        let pieces: Vec<&[u8]> = text.as_bytes().chunks(DATA).collect();
        let last = pieces.len() - 1;
        pieces.iter().enumerate().map(|(at, piece)| self.report("]Q1", piece, at < last)).collect()
    }
}

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

/// Codes in brackets, breaks as `!`.
fn written(found: impl IntoIterator<Item = Option<Found>>) -> String {
    let write = |found| match found {
        Found::Scan(text) => format!("[{}]", text.reveal()),
        Found::Broken { .. } => "!".to_owned(),
        Found::Learned => "?".to_owned(),
    };
    found.into_iter().flatten().map(write).collect()
}

#[test]
fn a_code_is_read_from_the_reports_of_each_kind_of_scanner() {
    for scanner in SCANNERS {
        let mut assembler = scanner.assembler();
        let long = "https://qr.alipay.cn/".to_owned() + &"x7".repeat(100);

        let codes = [CODE, &long, "6901234567892", "]C0123"]
            .map(|text| written(scanner.reports(text).iter().map(|report| assembler.report(report, ms(0)))));

        assert_eq!(
            codes,
            [format!("[{CODE}]"), format!("[{long}]"), "[6901234567892]".into(), "[123]".into()],
            "{scanner:?}"
        );
    }
}

#[test]
fn endings_that_a_scanner_adds_are_no_part_of_the_code() {
    for scanner in SCANNERS {
        for text in [
            "134567890123456789\r",
            "134567890123456789\r\n",
            "\u{2}134567890123456789\u{3}",
            "134567890123456789\t",
        ] {
            let report = scanner.report("]C1", text.as_bytes(), false);

            let heard = written([scanner.assembler().report(&report, ms(0))]);

            assert_eq!(heard, format!("[{CODE}]"), "{scanner:?}");
        }
    }
}

#[test]
fn a_code_of_which_a_report_is_missing_is_none() {
    for scanner in SCANNERS {
        let mut assembler = scanner.assembler();
        let reports = scanner.reports(&"12345678".repeat(20));

        let first = assembler.report(&reports[0], ms(0));
        let silence = assembler.quiet(ms(1000));
        let rest = assembler.report(&reports[2], ms(1500));
        let next = assembler.report(&scanner.report("]Q1", CODE.as_bytes(), false), ms(1600));

        assert_eq!(
            written([first, silence, rest, next]),
            format!("![{CODE}]"),
            "{scanner:?}: the rest of a code is none"
        );
    }
}

#[test]
fn the_reports_of_two_codes_are_not_joined() {
    for scanner in SCANNERS {
        let mut assembler = scanner.assembler();
        let half = scanner.report("]Q1", &[b'7'; DATA], true);
        let other = scanner.report("]C1", b"2512345678901234", false);

        let heard = written([assembler.report(&half, ms(0)), assembler.report(&other, ms(10))]);

        assert_eq!(heard, "!", "{scanner:?}");
    }
}

#[test]
fn a_scanner_that_was_pulled_inside_a_code_begins_anew() {
    for scanner in SCANNERS {
        let mut assembler = scanner.assembler();

        let half = assembler.report(&scanner.report("]Q1", &[b'7'; DATA], true), ms(0));
        let pulled = assembler.hang_up();
        let next = assembler.report(&scanner.report("]Q1", CODE.as_bytes(), false), ms(10));

        assert_eq!(written([half, pulled, next]), format!("![{CODE}]"), "{scanner:?}");
    }
}

#[test]
fn a_report_that_contradicts_itself_is_no_code() {
    let mut counted = Scanner::Honeywell.report("]Q1", CODE.as_bytes(), false);
    counted[1] = 57;
    let mut padded = Scanner::WithoutCount.report("]Q1", CODE.as_bytes(), false);
    padded[40] = b'7';
    let short = Scanner::Honeywell.report("]Q1", CODE.as_bytes(), false)[..20].to_vec();
    let noise = Scanner::Honeywell.report("]Q1", b"1345\x07678901234567", false);

    for (scanner, report) in [
        (Scanner::Honeywell, counted),
        (Scanner::WithoutCount, padded),
        (Scanner::Honeywell, short),
        (Scanner::Honeywell, noise),
    ] {
        assert_eq!(written([scanner.assembler().report(&report, ms(0))]), "!", "{scanner:?}");
    }
}

#[test]
fn reports_about_other_things_are_none_of_ours() {
    let mut assembler = Scanner::Honeywell.assembler();

    let heard = [
        assembler.report(&[4, 1], ms(0)),
        assembler.report(&[], ms(0)),
        assembler.report(&Scanner::Honeywell.report("]Q1", b"", false), ms(0)),
    ];

    assert_eq!(heard, [None, None, None]);
}

#[test]
fn what_is_no_scanner_has_no_layout() {
    let keyboard =
        "05010906A101050719E029E71500250175019508810295017508810195067508150025650507190029658100C0";
    let scale = "058D0920A101150026FF007508950409408102C0";
    let no_data = "058C0902A1018502150025017508950109FF8102C0";
    let elsewhere = "05010906A101058C7508953809FE8102C0";

    for descriptor in [keyboard, scale, no_data, elsewhere, "", "FE"] {
        assert_eq!(Layout::read(&hex(descriptor)), None, "{descriptor}");
    }
}

#[test]
fn nothing_that_was_scanned_is_printed() {
    let mut assembler = Scanner::Honeywell.assembler();
    let found = assembler.report(&Scanner::Honeywell.report("]Q1", CODE.as_bytes(), true), ms(0));

    let printed = format!("{assembler:?} {found:?}");

    assert!(!printed.contains("345678") && !printed.contains("51, 52, 53"), "{printed}");
}

proptest! {
    #[test]
    fn exactly_the_codes_come(codes in prop::collection::vec("[!-~]{1,200}", 1..6), which in 0_usize..2) {
        let scanner = SCANNERS[which];
        let mut assembler = scanner.assembler();

        let reports = codes.iter().flat_map(|code| scanner.reports(&format!("x{code}")));
        let heard = written(reports.map(|report| assembler.report(&report, ms(0))));

        prop_assert_eq!(heard, codes.iter().map(|code| format!("[x{code}]")).collect::<String>());
    }

    #[test]
    fn a_code_that_lost_a_report_gives_nothing(code in "[0-9]{113,168}", lost in 0_usize..3, late in any::<bool>(), which in 0_usize..2) {
        let scanner = SCANNERS[which];
        let mut assembler = scanner.assembler();
        // The first two reports alike: only what follows can tell.
        let mut reports = scanner.reports(&code);
        prop_assume!(lost < reports.len());
        reports.remove(lost);

        let gap = if late { 1500 } else { 5 };
        let mut heard = String::new();
        for (at, report) in (1..).zip(&reports) {
            let now = ms(at * gap);
            heard += &written([assembler.quiet(now), assembler.report(report, now)]);
        }
        heard += &written([assembler.quiet(ms(60_000))]);

        // Where the reports that are left come without a pause they are one text, far too long for a payment code.
        let texts = heard.split(['[', ']', '!']);
        let looks_like_payment = |text: &str| (16..=24).contains(&text.len());
        prop_assert!(!texts.into_iter().any(looks_like_payment), "{}", heard);
    }

    #[test]
    fn any_descriptor_and_any_reports_are_survived(
        descriptor in prop::collection::vec(any::<u8>(), 0..80),
        cut in 0_usize..140,
        reports in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..80), 0..8),
    ) {
        let mut mixed = honeywell();
        mixed.truncate(cut);
        mixed.extend_from_slice(&descriptor);
        mixed.extend_from_slice(&without_count());

        for bytes in [descriptor, mixed] {
            let Some(layout) = Layout::read(&bytes) else { continue };
            let mut assembler = Assembler::new(layout);
            for report in &reports {
                let _ = assembler.report(report, ms(0));
            }
        }
    }
}
