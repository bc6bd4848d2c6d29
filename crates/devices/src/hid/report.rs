//! Reports in, whole codes out.

use std::fmt;
use std::time::Duration;

use zeroize::{Zeroize, Zeroizing};

use super::descriptor::{Field, Layout, Report};
use crate::ScanText;
use crate::serial::Found;

/// The reports of one code come within this.
const PAUSE: Duration = Duration::from_millis(1000);
/// Longer texts are noise.
const BYTES_MAX: usize = 8192;

/// Makes codes of the reports of one scanner. A code of which a report is missing never leaves it.
pub struct Assembler {
    layout: Layout,
    /// The code so far, while more of it is announced.
    code: Zeroizing<Vec<u8>>,
    symbology: [u8; 3],
    state: State,
    last: Duration,
}

impl fmt::Debug for Assembler {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Assembler").field("state", &self.state).finish_non_exhaustive()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// The next report begins a code.
    Between,
    /// The next report goes on with one.
    Inside,
    /// Something of the code is missing: reports are dropped up to its last.
    Spoiled,
}

/// One report's share of a code.
struct Piece<'a> {
    data: &'a [u8],
    symbology: [u8; 3],
    continued: bool,
}

impl Assembler {
    /// For a scanner whose reports are laid out so.
    #[must_use]
    pub fn new(layout: Layout) -> Assembler {
        let code = Zeroizing::new(Vec::with_capacity(BYTES_MAX));
        Assembler { layout, code, symbology: [0; 3], state: State::Between, last: Duration::ZERO }
    }

    /// Takes a report, as the system hands it out: with its number in front where reports are numbered. As for bytes, a silence is
    /// one only where [`Assembler::quiet`] was called.
    pub fn report(&mut self, report: &[u8], now: Duration) -> Option<Found> {
        let (number, body) = match report.split_first() {
            Some((number, body)) if self.layout.numbered => (*number, body),
            Some(_) | None => (0, report),
        };
        // Other reports tell of triggers and settings.
        let form = self.layout.reports.get(&number)?;
        self.last = now;
        match read(form, body) {
            Some(piece) => self.piece(&piece),
            None => Some(self.spoil(false)),
        }
    }

    /// When to call [`Assembler::quiet`], if nothing comes before.
    #[must_use]
    pub fn wake_at(&self) -> Option<Duration> {
        (self.state == State::Inside).then(|| self.last.saturating_add(PAUSE))
    }

    /// Nothing has come until `now`: what was announced is missing, and what comes is its end.
    pub fn quiet(&mut self, now: Duration) -> Option<Found> {
        self.wake_at().filter(|wake_at| now >= *wake_at).map(|_| self.spoil(true))
    }

    /// The scanner is gone; what comes then begins anew.
    pub fn hang_up(&mut self) -> Option<Found> {
        let half = self.state == State::Inside;
        self.code.zeroize();
        self.state = State::Between;
        half.then_some(Found::Broken { noise: false })
    }

    fn piece(&mut self, piece: &Piece) -> Option<Found> {
        match self.state {
            State::Between => self.symbology = piece.symbology,
            State::Inside if self.symbology == piece.symbology => {}
            State::Inside => return Some(self.spoil(piece.continued)),
            State::Spoiled => {
                if !piece.continued {
                    self.state = State::Between;
                }
                return None;
            }
        }
        if self.code.len() + piece.data.len() > BYTES_MAX {
            return Some(self.spoil(piece.continued));
        }
        self.code.extend_from_slice(piece.data);
        if piece.continued {
            self.state = State::Inside;
            return None;
        }
        self.state = State::Between;
        let found = text_of(&self.code);
        let nothing = self.code.is_empty();
        self.code.zeroize();
        // Some scanners send an empty report when the trigger is let go.
        if nothing { None } else { Some(found) }
    }

    fn spoil(&mut self, more_to_come: bool) -> Found {
        self.code.zeroize();
        self.state = if more_to_come { State::Spoiled } else { State::Between };
        Found::Broken { noise: false }
    }
}

/// The share of a code in a report; `None` where the report contradicts itself.
fn read<'a>(form: &Report, body: &'a [u8]) -> Option<Piece<'a>> {
    let all = bytes(form.data?, body)?;
    let continued = match form.continued {
        Some(field) => number(field, body)? != 0,
        None => false,
    };
    let data = match form.count {
        Some(field) => all.get(..number(field, body)?)?,
        None => {
            let end = all.iter().position(|byte| *byte == 0).unwrap_or(all.len());
            let (data, padding) = all.split_at(end);
            // Where nothing says whether a code goes on, a full report may be half of one.
            let may_go_on = form.continued.is_none() && padding.is_empty();
            if may_go_on || padding.iter().any(|byte| *byte != 0) {
                return None;
            }
            data
        }
    };
    let byte = |field: Option<Field>| field.and_then(|field| bytes(field, body)).map_or(0, |bytes| bytes[0]);
    Some(Piece { data, symbology: form.symbology.map(byte), continued })
}

fn bytes(field: Field, body: &[u8]) -> Option<&[u8]> {
    body.get(field.at / 8..(field.at + field.bits) / 8)
}

/// A number of any width, lowest bit first.
fn number(field: Field, body: &[u8]) -> Option<usize> {
    (field.at..field.at + field.bits.min(16)).rev().try_fold(0, |number, at| {
        let bit = body.get(at / 8)? >> (at % 8) & 1;
        Some(number << 1 | usize::from(bit))
    })
}

/// The text without what the scanner was told to send around it.
fn text_of(code: &[u8]) -> Found {
    let around = |c: char| matches!(c, '\r' | '\n' | '\t' | '\0' | '\u{2}' | '\u{3}');
    let text = std::str::from_utf8(code).ok().map(|text| text.trim_matches(around));
    match text {
        Some(text) if !text.is_empty() && text.chars().all(|c| !c.is_control() || c == '\u{1D}') => {
            Found::Scan(ScanText::new(crate::serial::without_aim(text).to_owned()))
        }
        Some(_) | None => Found::Broken { noise: true },
    }
}
