//! What the framer must never do, and what it must always do.

use std::time::Duration;

use proptest::prelude::*;

use super::{Ending, Found, Framer, Habits};

const CODE: &str = "134567890123456789";
const OTHER: &str = "281234567890123456";

fn known(ending: Ending) -> Habits {
    Habits { ending: Some(ending), lengths: [13, 18].into(), ..Habits::default() }
}

/// Plays pieces that come so many milliseconds after one another, then a long silence. Codes in brackets, breaks as `!`.
fn heard(framer: &mut Framer, pieces: &[(u64, &str)]) -> String {
    let bytes: Vec<_> = pieces.iter().map(|(gap, text)| (*gap, text.as_bytes())).collect();
    heard_bytes(framer, &bytes)
}

fn heard_bytes(framer: &mut Framer, pieces: &[(u64, &[u8])]) -> String {
    play(framer, pieces)
        .iter()
        .filter_map(|found| match found {
            Found::Scan(text) => Some(format!("[{}]", text.reveal())),
            Found::Broken { .. } => Some("!".to_owned()),
            Found::Learned => None,
        })
        .collect()
}

fn play(framer: &mut Framer, pieces: &[(u64, &[u8])]) -> Vec<Found> {
    let mut now = Duration::from_secs(1);
    let mut all = Vec::new();
    for (gap, piece) in pieces {
        now += Duration::from_millis(*gap);
        while let Some(wake_at) = framer.wake_at().filter(|wake_at| *wake_at < now) {
            all.extend(framer.quiet(wake_at));
        }
        all.extend(framer.bytes(piece, now));
    }
    while let Some(wake_at) = framer.wake_at() {
        all.extend(framer.quiet(wake_at));
    }
    all
}

#[test]
fn a_new_scanner_is_understood_from_its_first_code() {
    for (bytes, ending) in [
        (format!("{CODE}\r"), Ending::Cr),
        (format!("{CODE}\n"), Ending::Lf),
        (format!("{CODE}\r\n"), Ending::CrLf),
        (format!("{CODE}\t"), Ending::Tab),
        (format!("\x02{CODE}\x03"), Ending::Etx),
        (format!("]Q1{CODE}\r"), Ending::Cr),
        (format!("]C0{CODE}\r\n"), Ending::CrLf),
        (format!("\0{CODE}\r\r"), Ending::Cr),
    ] {
        let mut framer = Framer::new(Habits::default());

        let heard = heard(&mut framer, &[(0, &bytes)]);

        assert_eq!(heard, format!("[{CODE}]"), "{bytes:?}");
        assert_eq!(framer.habits().ending, Some(ending), "{bytes:?}");
        assert!(framer.habits().lengths.contains(&18), "{bytes:?}");
    }
}

#[test]
fn a_code_without_the_ending_of_its_scanner_is_no_code() {
    for ending in [Ending::Cr, Ending::CrLf, Ending::Lf, Ending::Tab, Ending::Etx] {
        let mut framer = Framer::new(known(ending));

        let heard = heard(&mut framer, &[(0, CODE), (5000, CODE), (5000, CODE), (5000, CODE), (5000, CODE)]);

        assert_eq!(heard, "!!!!!", "{ending:?}: however often it comes");
    }
}

#[test]
fn what_is_broken_off_is_never_completed_by_its_rest() {
    let mut framer = Framer::new(known(Ending::Cr));

    let heard = heard(&mut framer, &[(0, "28"), (3000, "2512345678901234\r"), (3000, &format!("{OTHER}\r"))]);

    assert_eq!(
        heard,
        format!("!![{OTHER}]"),
        "sixteen digits that look like a code are the rest of eighteen"
    );
}

#[test]
fn a_whole_code_after_a_broken_one_is_read() {
    for half in [&CODE[..7], &CODE[..9], &CODE[..16], CODE] {
        for next in [CODE, OTHER] {
            let mut framer = Framer::new(known(Ending::CrLf));

            let heard = heard(&mut framer, &[(0, half), (3000, &format!("{next}\r\n"))]);

            assert_eq!(heard, format!("![{next}]"), "{} digits, then {next}", half.len());
        }
    }
}

#[test]
fn a_rest_is_none_though_no_code_of_its_length_was_read_before() {
    let mut framer = Framer::new(known(Ending::Cr));

    let heard =
        heard(&mut framer, &[(0, "281234"), (3000, "251234567890123456\r"), (3000, &format!("{CODE}\r"))]);

    assert_eq!(heard, format!("!![{CODE}]"), "six and eighteen may be one code of twenty-four");
}

#[test]
fn where_goods_of_thirteen_digits_are_read_five_digits_may_be_the_front_of_a_code() {
    let mut framer = Framer::new(known(Ending::Cr));

    let heard = heard(&mut framer, &[(0, "13456"), (3000, "7890123456789\r"), (3000, &format!("{CODE}\r"))]);

    assert_eq!(heard, format!("!![{CODE}]"));
}

#[test]
fn a_pause_shorter_than_a_second_is_the_computers() {
    let mut framer = Framer::new(known(Ending::Cr));

    let heard = heard(&mut framer, &[(0, "1345678"), (900, "90123456"), (900, "789"), (900, "\r")]);

    assert_eq!(heard, format!("[{CODE}]"));
}

#[test]
fn a_silence_that_nobody_saw_is_none() {
    for (ending, end) in [(Ending::Cr, "\r"), (Ending::Silence, "")] {
        let mut framer = Framer::new(known(ending));

        // The computer stood still for a minute: both halves had long been there.
        let mut found = framer.bytes(&CODE.as_bytes()[..13], Duration::from_secs(1));
        found.extend(framer.bytes(format!("{}{end}", &CODE[13..]).as_bytes(), Duration::from_secs(61)));
        found.extend(framer.quiet(Duration::from_secs(62)));

        assert_eq!(scans(&found), [CODE], "{ending:?}: thirteen digits are a code of goods");
    }
}

#[test]
fn a_scanner_that_ends_codes_with_nothing_is_believed_at_its_third_code() {
    let mut framer = Framer::new(Habits::default());

    let heard =
        heard(&mut framer, &[(0, CODE), (4000, OTHER), (4000, CODE), (4000, OTHER), (4000, &CODE[..16])]);

    assert_eq!(heard, format!("!![{CODE}][{OTHER}]!"), "and sixteen digits are no code there");
    assert_eq!(framer.habits().ending, Some(Ending::Silence));
}

#[test]
fn codes_cut_off_anywhere_teach_nothing() {
    let mut framer = Framer::new(Habits::default());

    let heard =
        heard(&mut framer, &[(0, &CODE[..9]), (4000, &CODE[..16]), (4000, &CODE[..12]), (4000, &CODE[..16])]);

    assert_eq!((heard.as_str(), framer.habits()), ("!!!!", &Habits::default()));
}

#[test]
fn without_endings_a_code_that_may_go_on_is_waited_for() {
    let mut framer = Framer::new(known(Ending::Silence));

    let heard =
        heard(&mut framer, &[(0, &CODE[..13]), (300, &CODE[13..]), (3000, "6901234567892"), (3000, OTHER)]);

    assert_eq!(heard, format!("[{CODE}][6901234567892][{OTHER}]"));
}

#[test]
fn a_scanner_that_was_given_another_ending_is_believed_at_its_third_code() {
    for (before, bytes, after) in [
        (Ending::Cr, "\t", Ending::Tab),
        (Ending::Tab, "\r", Ending::Cr),
        (Ending::Etx, "\n", Ending::Lf),
        (Ending::Silence, "\r", Ending::Cr),
    ] {
        let mut framer = Framer::new(known(before));
        let code = format!("{CODE}{bytes}");

        let heard = heard(&mut framer, &[(0, &code), (3000, &code), (3000, &code), (3000, &code)]);

        assert_eq!(heard, format!("!![{CODE}][{CODE}]"), "{before:?}");
        assert_eq!(framer.habits().ending, Some(after), "{before:?}");
    }
}

#[test]
fn a_line_feed_learned_alone_is_learned_again_with_its_carriage_return() {
    let mut framer = Framer::new(known(Ending::Lf));

    let heard = heard(&mut framer, &[(0, CODE), (5, "\r"), (5, "\n"), (3000, &format!("{OTHER}\r\n"))]);

    assert_eq!(heard, format!("[{CODE}][{OTHER}]"));
    assert_eq!(framer.habits().ending, Some(Ending::CrLf));
}

#[test]
fn another_ending_in_the_middle_of_a_code_gives_no_half() {
    let mut framer = Framer::new(known(Ending::Cr));

    let heard =
        heard(&mut framer, &[(0, "28\t2512345678901234\r"), (9, "28\n"), (500, "2512345678901234\r")]);

    assert_eq!(heard, "!!!");
}

#[test]
fn a_letter_before_the_digits_of_every_code_is_taken_off() {
    let mut framer = Framer::new(Habits::default());

    let heard = heard(
        &mut framer,
        &[(
            0,
            "j134567890123456701\rj134567890123456702\rj134567890123456703\rj20261121-7K3QZX-0042\rjoker\r",
        )],
    );

    assert_eq!(
        heard, "[j134567890123456701][j134567890123456702][134567890123456703][20261121-7K3QZX-0042][joker]",
        "from the third on"
    );
}

#[test]
fn a_letter_is_part_of_the_code_where_other_codes_have_none() {
    let mut framer = Framer::new(Habits::default());

    let heard = heard(&mut framer, &[(0, "6901234567892\rR20261121\rR20261122\rR20261123\rR20261124\r")]);

    assert_eq!(heard, "[6901234567892][R20261121][R20261122][R20261123][R20261124]");
}

#[test]
fn noise_is_told_and_the_code_after_it_is_read() {
    let mut framer = Framer::new(known(Ending::Cr));

    let heard = heard_bytes(
        &mut framer,
        &[
            (0, b"\x81\xfe\x07k\x90"),
            (200, format!("{CODE}\r").as_bytes()),
            (10, b"\xff\xff\r"),
            (10, format!("{OTHER}\r").as_bytes()),
            (10, format!("\x01{OTHER}\r").as_bytes()),
        ],
    );

    assert_eq!(heard, format!("![{CODE}]![{OTHER}]!"), "what has noise in it is no code");
}

#[test]
fn noise_of_any_length_costs_no_code_that_comes_after_a_pause() {
    let mut framer = Framer::new(Habits { lengths: (16..=24).collect(), ..known(Ending::Cr) });

    for length in 1_u8..8 {
        let noise: Vec<u8> = (0..length).map(|at| 0x9f_u8.wrapping_add(at * 37)).collect();

        let heard = heard_bytes(&mut framer, &[(2000, &noise), (60, format!("{CODE}\r").as_bytes())]);

        assert_eq!(heard, format!("![{CODE}]"), "{noise:?}");
    }
}

#[test]
fn noise_at_the_end_of_half_a_code_makes_no_code_of_the_rest() {
    let mut framer = Framer::new(Habits { lengths: [16, 18].into(), ..known(Ending::Cr) });

    let heard = heard_bytes(&mut framer, &[(0, b"28\xff"), (2000, b"2512345678901234\r")]);

    assert_eq!(heard, "!!");
}

#[test]
fn a_scanner_that_was_pulled_begins_anew() {
    let mut framer = Framer::new(known(Ending::Cr));
    let before = framer.bytes(b"28", Duration::from_secs(1));
    let pulled = framer.hang_up();

    let heard = heard(&mut framer, &[(100, &format!("{OTHER}\r"))]);

    assert_eq!((before, pulled), (vec![], vec![Found::Broken { noise: false }]));
    assert_eq!(heard, format!("[{OTHER}]"));
    assert_eq!(framer.hang_up(), [], "nothing was half here");
}

#[test]
fn a_text_that_never_ends_takes_no_more_room() {
    let mut framer = Framer::new(known(Ending::Cr));
    let endless = "7".repeat(100_000);

    let heard = heard(&mut framer, &[(0, &endless), (0, "\r"), (0, &format!("{CODE}\r"))]);

    assert_eq!(heard, format!("![{CODE}]"));
}

#[test]
fn nothing_that_was_scanned_is_printed() {
    let mut framer = Framer::new(known(Ending::Cr));

    let mut found = framer.bytes(format!("{CODE}\r{CODE}").as_bytes(), Duration::ZERO);
    found.extend(framer.quiet(Duration::from_secs(5)));
    found.extend(framer.bytes(&CODE.as_bytes()[..16], Duration::from_secs(6)));

    let printed = format!("{framer:?} {found:?}");
    assert!(!printed.contains("345678") && !printed.contains("51, 52, 53"), "{printed}");
}

/// Codes as they are met at a till, with an ending.
fn codes() -> impl Strategy<Value = Vec<String>> {
    let code = prop_oneof![
        4 => "1[0-6][0-9]{16}",
        3 => "2[5-9][0-9]{14,22}",
        1 => "62[0-9]{17}",
        1 => "69[0-9]{11}",
        1 => "R2026[0-9]{4}-[0-9]{4}",
        1 => "https://[a-z]{3,9}\\.cn/[A-Za-z0-9]{1,20}",
        1 => "商品[0-9]{4}",
    ];
    prop::collection::vec(code, 1..12)
}

fn ending() -> impl Strategy<Value = (Ending, &'static str)> {
    prop::sample::select(vec![
        (Ending::Cr, "\r"),
        (Ending::Lf, "\n"),
        (Ending::CrLf, "\r\n"),
        (Ending::Tab, "\t"),
        (Ending::Etx, "\x03"),
    ])
}

/// Cuts `bytes` at arbitrary places; pieces come up to 0.9 s after one another.
fn cut(bytes: &[u8], cuts: &[(prop::sample::Index, u64)]) -> Vec<(u64, Vec<u8>)> {
    let mut at: Vec<(usize, u64)> =
        cuts.iter().map(|(index, gap)| (index.index(bytes.len() + 1), *gap)).collect();
    at.sort_unstable();
    at.dedup_by_key(|(index, _)| *index);
    let mut pieces = Vec::new();
    let (mut from, mut gap) = (0, 0);
    for (to, next_gap) in at {
        pieces.push((gap, bytes[from..to].to_vec()));
        (from, gap) = (to, next_gap);
    }
    pieces.push((gap, bytes[from..].to_vec()));
    pieces
}

fn scans(found: &[Found]) -> Vec<&str> {
    found
        .iter()
        .filter_map(|found| match found {
            Found::Scan(text) => Some(text.reveal()),
            Found::Broken { .. } | Found::Learned => None,
        })
        .collect()
}

fn as_pieces(pieces: &[(u64, Vec<u8>)]) -> Vec<(u64, &[u8])> {
    pieces.iter().map(|(gap, piece)| (*gap, piece.as_slice())).collect()
}

fn is_broken(found: &[Found]) -> bool {
    found.iter().any(|found| matches!(found, Found::Broken { .. }))
}

fn looks_like_payment(text: &str) -> bool {
    (16..=24).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

proptest! {
    #[test]
    fn however_the_bytes_are_cut_exactly_the_codes_come(
        codes in codes(),
        (_, ending) in ending(),
        cuts in prop::collection::vec((any::<prop::sample::Index>(), 0_u64..300), 0..40),
    ) {
        let bytes: String = codes.iter().map(|code| format!("{code}{ending}")).collect();

        let found = play(&mut Framer::new(Habits::default()), &as_pieces(&cut(bytes.as_bytes(), &cuts)));

        prop_assert_eq!(scans(&found), codes);
        prop_assert!(!is_broken(&found));
    }

    #[test]
    fn codes_of_known_lengths_come_though_the_computer_is_late(
        codes in prop::collection::vec("(1[0-6][0-9]{16})|(2[5-9][0-9]{16})|(69[0-9]{11})", 1..12),
        (ending, end) in ending(),
        cuts in prop::collection::vec((any::<prop::sample::Index>(), 0_u64..999), 0..40),
    ) {
        let bytes: String = codes.iter().map(|code| format!("{code}{end}")).collect();

        let found = play(&mut Framer::new(known(ending)), &as_pieces(&cut(bytes.as_bytes(), &cuts)));

        prop_assert_eq!(scans(&found), codes);
        prop_assert!(!is_broken(&found));
    }

    #[test]
    fn with_a_silence_after_each_exactly_the_codes_come_from_a_scanner_without_endings(
        codes in prop::collection::vec("1[0-6][0-9]{16}", 1..8),
        cut_at in 0_usize..18,
        gap in 0_u64..90,
    ) {
        let pieces: Vec<_> =
            codes.iter().flat_map(|code| [(2000, &code.as_bytes()[..cut_at]), (gap, &code.as_bytes()[cut_at..])]).collect();

        let found = play(&mut Framer::new(known(Ending::Silence)), &pieces);

        prop_assert_eq!(scans(&found), codes);
    }

    #[test]
    fn a_code_that_was_cut_off_is_never_a_scan_whatever_follows(
        code in "(1[0-6][0-9]{16})|(2[5-9][0-9]{16})",
        cut_at in 1_usize..18,
        gap in 0_u64..60_000,
        ending in prop::option::of(ending()),
        next in "(1[0-6][0-9]{16})|(2[5-9][0-9]{16})",
    ) {
        let habits = ending.map_or_else(Habits::default, |(ending, _)| known(ending));
        let end = ending.map_or("\r", |(_, end)| end);
        let next_with_end = format!("{next}{end}");

        let found = play(&mut Framer::new(habits), &[(0, &code.as_bytes()[..cut_at]), (gap, next_with_end.as_bytes())]);

        for scan in scans(&found) {
            // What comes that close together is one text, and as such too long.
            prop_assert!(scan == next || (gap < 300 && scan == format!("{}{next}", &code[..cut_at])), "{}", scan);
        }
    }

    #[test]
    fn the_rest_of_a_code_is_never_a_scan(
        code in "(1[0-6][0-9]{16})|(2[5-9][0-9]{16})",
        cut_at in 1_usize..18,
        gap in 1_000_u64..29_000,
        (ending, end) in ending(),
        learned in any::<bool>(),
    ) {
        let habits = if learned { known(ending) } else { Habits::default() };
        let rest = format!("{}{end}", &code[cut_at..]);

        let found = play(&mut Framer::new(habits), &[(0, &code.as_bytes()[..cut_at]), (gap, rest.as_bytes())]);

        prop_assert_eq!(scans(&found), Vec::<&str>::new());
    }

    #[test]
    fn noise_never_gives_a_payment_code(
        pieces in prop::collection::vec((0_u64..3000, prop::collection::vec(any::<u8>(), 0..60)), 0..30),
        ending in prop::option::of(ending()),
    ) {
        let habits = ending.map_or_else(Habits::default, |(ending, _)| known(ending));

        let found = play(&mut Framer::new(habits), &as_pieces(&pieces));

        prop_assert!(!scans(&found).into_iter().any(looks_like_payment));
    }

    #[test]
    fn noise_inside_a_code_never_gives_a_payment_code(
        code in "(1[0-6][0-9]{16})|(2[5-9][0-9]{22})",
        at in any::<prop::sample::Index>(),
        noise in prop::collection::vec(prop_oneof![0_u8..=8, 0x0b_u8..=0x0c, 0x0e_u8..=0x1c, 0x7f_u8..=0xff], 1..5),
        (ending, end) in ending(),
    ) {
        prop_assume!(!noise.contains(&3) && !noise.contains(&2));
        let mut bytes = format!("{code}{end}").into_bytes();
        let at = 1 + at.index(code.len() - 1);
        bytes.splice(at..at, noise);

        let found = play(&mut Framer::new(known(ending)), &[(0, &bytes)]);

        prop_assert!(!scans(&found).into_iter().any(looks_like_payment));
    }
}
