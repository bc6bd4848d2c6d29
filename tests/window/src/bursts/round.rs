//! One scan, and what a person types around it.

use super::Run;
use crate::dice::Dice;
use crate::keys::{Digits, Stroke, letter, place, strokes, taps};

/// Gaps between a scanner's keys, in ms; fast ones are the most common. A busy display plays them some ms slower, so that the
/// slowest here ends up at the 35 ms that are promised, and at times beyond.
const GAPS_MS: [u64; 16] = [2, 2, 3, 3, 4, 5, 5, 6, 8, 8, 10, 12, 16, 20, 24, 28];
/// No hand is at the scanner sooner after walking somewhere.
const WALK_MS: u64 = 200;

/// What a person does at the same time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Company {
    Nobody,
    TypesBefore,
    TypesAfter,
    /// A key goes down in the middle of the scan.
    TypesDuring,
}

impl Company {
    pub fn roll(dice: &mut Dice) -> Company {
        match dice.between(1, 100) {
            1..=10 => Company::TypesBefore,
            11..=20 => Company::TypesAfter,
            _ => Company::Nobody,
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Company::Nobody => "nobody typing",
            Company::TypesBefore => "typing before",
            Company::TypesAfter => "typing after",
            Company::TypesDuring => "typing during",
        }
    }
}

/// A customer's code. Of WeChat Pay, which alone is set up in training.
pub(super) fn payment_code(dice: &mut Dice) -> String {
    format!("1{}{}", dice.between(0, 5), dice.digits(16))
}

/// What else a scanner reads in a shop. A receipt's number has `letters`.
pub(super) fn any_code(dice: &mut Dice, letters: bool) -> String {
    match dice.between(1, 10) {
        1 => goods_code(&format!("69{}", dice.digits(5))),
        2..=3 => goods_code(&format!("69{}", dice.digits(10))),
        4 if letters => format!("202611{:02}-7K3QZX-{:04}", dice.between(1, 30), dice.between(1, 9999)),
        5 => format!("2{}{}", dice.between(5, 9), dice.digits(16)),
        _ => payment_code(dice),
    }
}

/// With its check digit (GS1 General Specifications, 7.9).
pub(super) fn goods_code(digits: &str) -> String {
    let weighted = digits.bytes().rev().zip([3, 1].into_iter().cycle());
    let sum: u32 = weighted.map(|(byte, weight)| u32::from(byte - b'0') * weight).sum();
    format!("{digits}{}", (10 - sum % 10) % 10)
}

impl Run {
    /// A scanner's keys and a person's, the first of them at `from_ms`; and when the last one went down.
    pub(super) fn round(&mut self, text: &str, company: Company, from_ms: u64) -> (Vec<Stroke>, u64) {
        self.tally.meet(company.name());
        let gap_ms = *self.dice.one_of(&GAPS_MS);
        let digits = self.scanner_digits();
        let (ending, line_feed) = self.ending();
        let start_ms = from_ms + if company == Company::TypesBefore { 650 } else { 0 };
        let mut dice = self.dice.clone();
        let gap = || dice.between(gap_ms - gap_ms / 4, gap_ms + gap_ms / 4).min(32);
        let (mut all, mut end_ms) =
            strokes(&format!("{text}{ending}"), digits, start_ms, gap, || (gap_ms / 2).clamp(1, 12));
        self.dice = dice;
        if line_feed {
            end_ms += gap_ms;
            all.extend(control_j(end_ms));
        }
        // One keyboard can't press a key twice at once; two can, so the person's keys are never the scanner's.
        let hand = if digits == Digits::Pad { Digits::Row } else { Digits::Pad };
        let typed = self.person(company, hand, start_ms, end_ms);
        end_ms = typed.iter().map(|stroke| stroke.at_ms).fold(end_ms, u64::max);
        all.extend(typed);
        (all, end_ms)
    }

    fn scanner_digits(&mut self) -> Digits {
        let french = self.conditions.layout == "fr";
        let (digits, name) = match self.dice.between(1, 10) {
            1..=2 => (Digits::Pad, "digits of the number pad"),
            3..=5 if french => (Digits::ShiftedRow, "digits with shift"),
            _ => (Digits::Row, "digits of the upper row"),
        };
        self.tally.meet(name);
        self.tally.meet(self.conditions.layout);
        if self.conditions.caps {
            self.tally.meet("caps lock");
        }
        if !self.conditions.num {
            self.tally.meet("no num lock");
        }
        digits
    }

    /// What comes after the digits, and whether a line feed follows.
    fn ending(&mut self) -> (&'static str, bool) {
        let (ending, name) = match self.dice.between(1, 20) {
            1..=2 => (("\t", false), "ended by Tab"),
            3 => (("", true), "ended by LF"),
            4 => (("\n", true), "ended by CR LF"),
            _ => (("\n", false), "ended by Enter"),
        };
        self.tally.meet(name);
        ending
    }

    fn person(&mut self, company: Company, hand: Digits, start_ms: u64, end_ms: u64) -> Vec<Stroke> {
        let dice = &mut self.dice;
        let (count, from_ms) = match company {
            Company::Nobody => return Vec::new(),
            Company::TypesBefore => (dice.between(1, 2), 0),
            Company::TypesAfter => (dice.between(1, 3), end_ms + dice.between(120, 400)),
            Company::TypesDuring => (1, dice.between(start_ms + 1, end_ms.max(start_ms + 2) - 1)),
        };
        // 1, 2 and 3 are answers while a payment is open.
        let text: String = (0..count).map(|_| *dice.one_of(&['4', '5', '6', '7', '8', '9', '0'])).collect();
        let hold_ms = dice.between(50, 100);
        let (mut typed, last_ms) = strokes(&text, hand, from_ms, || dice.between(60, 220), || hold_ms);
        if company == Company::TypesBefore {
            let later_ms = start_ms - last_ms - dice.between(60, 400);
            typed.iter_mut().for_each(|stroke| stroke.at_ms += later_ms);
        }
        typed
    }

    /// Most scans come at the counter; walking elsewhere takes longer than scanning.
    ///
    /// Answers with the time then, and whether a digit that is typed there is no command.
    pub(super) fn walk(&mut self, from_ms: u64, all: &mut Vec<Stroke>) -> (u64, bool) {
        let (name, places): (&'static str, &[u8]) = match self.dice.between(1, 33) {
            1 => ("history, a field for digits", &[place::F10, letter('a')]),
            2 => ("history, a field for text", &[place::F10, letter('n')]),
            3 => ("settings, a button", &[place::F12, letter('3'), place::TAB, place::TAB]),
            4 => ("the menu", &[place::F12]),
            5 => ("the help", &[place::F1]),
            _ => ("the counter", &[]),
        };
        self.tally.meet(name);
        if places.is_empty() {
            return (from_ms, true);
        }
        let steps = taps(places);
        let last_ms = steps.last().map_or(0, |stroke| stroke.at_ms);
        all.extend(steps.into_iter().map(|stroke| Stroke { at_ms: stroke.at_ms + from_ms, ..stroke }));
        (from_ms + last_ms + WALK_MS, places[0] == place::F10)
    }
}

/// Ctrl+J, as a scanner presses a line feed.
fn control_j(at_ms: u64) -> [Stroke; 4] {
    let j = letter('j');
    [(place::CONTROL, true), (j, true), (j, false), (place::CONTROL, false)].map(|(place, down)| Stroke {
        at_ms,
        place,
        down,
    })
}
