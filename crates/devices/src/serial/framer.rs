//! Bytes and time in; whole codes, breaks and habits out.
//!
//! A *run* is the bytes since the last ending. It becomes a scan when the ending comes that this scanner is known for. A run that
//! stops without it is *broken off*, and what comes next may be its *rest*: the rest of a payment code can look like a payment
//! code, so it is taken only when it cannot be one. There is no clock here: the caller says when bytes came, and calls
//! [`Framer::quiet`] at [`Framer::wake_at`] when none did.

use std::fmt;
use std::time::Duration;

use zeroize::Zeroizing;

use super::habits::{Ending, Habits, PrefixHunt, STX, all_digits};
use super::run::{Run, is_text};
use crate::ScanText;

/// Shorter texts are noise.
const BYTES_MIN: usize = 3;
/// Bytes that belong together come closer than this; a scanner sends a code in one burst, so only a computer that is late
/// comes near it.
const PAUSE: Duration = Duration::from_millis(1000);
/// After such a pause a code may also be two: it is taken only at a length this scanner is known for.
const HESITATION: Duration = Duration::from_millis(300);
/// Noise is over sooner.
const NOISE_OVER: Duration = Duration::from_millis(50);
/// A code that has all it can have is over after this.
const SILENCE: Duration = Duration::from_millis(100);
/// A code that was broken off is nobody's money after this; what comes then is not its rest.
const FORGOTTEN: Duration = Duration::from_secs(30);
/// An ending other than the one learned is believed when so many codes in a row have it.
const BELIEVED: u32 = 3;
/// Shorter texts say nothing about an ending.
const TELLING: usize = 8;

/// A code that begins with so much of what was broken off is the same one again.
const SAME: usize = 6;
/// No payment code is longer; what adds up to no more than this may be one, though none of its length was read yet.
const PAYMENT_MAX: usize = 24;

/// What the framer found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// A whole code.
    Scan(ScanText),
    /// Bytes came that are no whole code.
    Broken {
        /// They were no text at all: noise, or the wrong speed.
        noise: bool,
    },
    /// The habits changed; the scan that follows was read with the new ones.
    Learned,
}

/// Makes codes of the bytes of one scanner. Half a code never leaves it.
pub struct Framer {
    habits: Habits,
    run: Run,
    /// What was broken off, while what comes may be its rest.
    broken: Option<(Zeroizing<Vec<u8>>, Duration)>,
    /// The last ending was a carriage return, and nothing came since.
    after_cr: bool,
    /// When the last byte came.
    last: Duration,
    streak: Streak,
    prefixes: PrefixHunt,
    found: Vec<Found>,
}

impl fmt::Debug for Framer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Framer")
            .field("habits", &self.habits)
            .field("run", &self.run)
            .finish_non_exhaustive()
    }
}

/// Codes in a row with the same unknown ending and the same length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Streak {
    ending: Option<Ending>,
    length: usize,
    count: u32,
}

const NO_STREAK: Streak = Streak { ending: None, length: 0, count: 0 };

impl Framer {
    /// For a scanner with these habits; the default ones for a scanner nobody has seen.
    #[must_use]
    pub fn new(habits: Habits) -> Framer {
        Framer {
            habits,
            run: Run::new(),
            broken: None,
            after_cr: false,
            last: Duration::ZERO,
            streak: NO_STREAK,
            prefixes: PrefixHunt::default(),
            found: Vec::new(),
        }
    }

    /// What is known of the scanner.
    #[must_use]
    pub fn habits(&self) -> &Habits {
        &self.habits
    }

    /// Takes what came at `now`, counted from any fixed moment.
    ///
    /// Where [`Framer::quiet`] was not called in time, the computer was late and the bytes had been waiting: only who looked and
    /// found nothing knows of a silence.
    pub fn bytes(&mut self, bytes: &[u8], now: Duration) -> Vec<Found> {
        if !self.run.bytes.is_empty() && now.saturating_sub(self.last) >= HESITATION {
            self.run.hesitated = true;
        }
        for byte in bytes {
            self.byte(*byte, now);
        }
        if !bytes.is_empty() {
            self.last = now;
        }
        std::mem::take(&mut self.found)
    }

    /// Nothing has come until `now`.
    pub fn quiet(&mut self, now: Duration) -> Vec<Found> {
        self.end_silence(now);
        std::mem::take(&mut self.found)
    }

    /// When to call [`Framer::quiet`], if nothing comes before.
    #[must_use]
    pub fn wake_at(&self) -> Option<Duration> {
        (!self.run.bytes.is_empty()).then(|| self.last.saturating_add(self.patience()))
    }

    /// The scanner is gone, or its speed was changed: what is half here stays half, and what comes then begins anew.
    pub fn hang_up(&mut self) -> Vec<Found> {
        if !self.run.bytes.is_empty() {
            self.found.push(Found::Broken { noise: self.run.is_noise() });
        }
        self.run.wipe();
        self.broken = None;
        self.after_cr = false;
        self.streak = NO_STREAK;
        std::mem::take(&mut self.found)
    }

    fn byte(&mut self, byte: u8, now: Duration) {
        let after_cr = std::mem::take(&mut self.after_cr);
        if after_cr && byte == b'\n' {
            self.learn_line_feed();
            return;
        }
        if byte == STX && self.habits.ending == Some(Ending::Etx) {
            return self.begin(now);
        }
        if self.run.bytes.is_empty() && (byte == STX || byte == 0 || Ending::of(byte).is_some()) {
            // A frame's beginning, a break on the wire, or one ending after another.
            return;
        }
        match Ending::of(byte) {
            Some(Ending::Lf) if self.run.foreign == Some(Ending::Cr) => {
                self.run.drop_last();
                self.finish(Ending::CrLf, now);
            }
            Some(ending) if self.habits.ending.is_none_or(|known| known.covers(ending)) => {
                self.finish(ending, now)
            }
            ending => self.run.push(byte, ending),
        }
    }

    /// STX stands in front of each code: what follows is no rest of anything.
    fn begin(&mut self, now: Duration) {
        if !self.run.bytes.is_empty() {
            self.break_off(now);
        }
        self.broken = None;
    }

    /// How long the run may be silent before that means something.
    fn patience(&self) -> Duration {
        if self.run.is_noise() {
            return NOISE_OVER;
        }
        let longest = self.habits.lengths.last().copied() == self.digits_in(&self.run.bytes);
        let over = self.run.foreign.is_some() || (self.habits.ending == Some(Ending::Silence) && longest);
        if over { SILENCE } else { PAUSE }
    }

    fn end_silence(&mut self, now: Duration) {
        if self.wake_at().is_none_or(|wake_at| now < wake_at) {
            return;
        }
        let ended = self.run.foreign.or((!self.run.is_noise()).then_some(Ending::Silence));
        match ended {
            Some(Ending::Silence) if self.is_whole_without_ending() => self.finish(Ending::Silence, now),
            Some(ending) if self.is_believed(ending) => {
                if self.run.foreign.is_some() {
                    self.run.drop_last();
                }
                self.finish(ending, now);
            }
            Some(_) | None => self.break_off(now),
        }
    }

    fn is_whole_without_ending(&self) -> bool {
        let known = |digits| self.habits.lengths.contains(&digits);
        self.habits.ending == Some(Ending::Silence) && self.digits_in(&self.run.bytes).is_none_or(known)
    }

    /// How many digits stand in `bytes`, if nothing else does but what this scanner puts in front.
    fn digits_in(&self, bytes: &[u8]) -> Option<usize> {
        let text = std::str::from_utf8(bytes).ok()?;
        let digits = self.habits.strip(text);
        all_digits(digits).then_some(digits.len())
    }

    /// Counts codes in a row that end otherwise than known, and believes the last of enough.
    ///
    /// That a scanner with an ending lost it is never believed: only a person can say so.
    fn is_believed(&mut self, ending: Ending) -> bool {
        let length = self.run.bytes.len();
        let lost =
            ending == Ending::Silence && self.habits.ending.is_some_and(|known| known != Ending::Silence);
        if lost || length < TELLING {
            self.streak = NO_STREAK;
            return false;
        }
        let goes_on = (self.streak.ending, self.streak.length) == (Some(ending), length);
        let count = if goes_on { self.streak.count + 1 } else { 1 };
        self.streak = Streak { ending: Some(ending), length, count };
        if count < BELIEVED {
            return false;
        }
        // So many whole codes of one length are no rests.
        self.broken = None;
        true
    }

    /// The run is no whole code, and what comes next may be the rest of it.
    fn break_off(&mut self, now: Duration) {
        self.found.push(Found::Broken { noise: self.run.is_noise() });
        self.broken = Some((self.run.bytes.clone(), now));
        self.run.wipe();
    }

    /// The run has its ending.
    fn finish(&mut self, ending: Ending, now: Duration) {
        self.after_cr = ending == Ending::Cr;
        let text = std::str::from_utf8(&self.run.bytes).ok().filter(|text| !self.run.noise && is_text(text));
        let text = text.map(|text| Zeroizing::new(text.to_owned()));
        let doubtful = self.may_be_rest(now) || self.may_be_two();
        self.run.wipe();
        self.broken = None;
        match text {
            Some(text) if !doubtful && text.len() >= BYTES_MIN => self.accept(ending, &text),
            Some(_) => self.reject(Some(ending)),
            None => self.reject(None),
        }
    }

    fn accept(&mut self, ending: Ending, text: &str) {
        self.streak = NO_STREAK;
        // CR LF is known from the first scan on; its CR comes first on every later one.
        let known = self.habits.ending.filter(|known| known.covers(ending)).unwrap_or(ending);
        let mut learned = self.habits.note(known, text);
        if let Some(prefix) = self.prefixes.note(&self.habits, text) {
            learned |= self.habits.prefixes.insert(prefix);
        }
        if learned {
            self.found.push(Found::Learned);
        }
        self.found.push(Found::Scan(ScanText::new(self.habits.strip(text).to_owned())));
    }

    /// Even a code that may not be used shows how this scanner ends codes.
    fn reject(&mut self, ending: Option<Ending>) {
        if self.habits.ending.is_none() && ending.is_some() {
            self.habits.ending = ending;
            self.found.push(Found::Learned);
        }
        self.found.push(Found::Broken { noise: ending.is_none() });
    }

    fn learn_line_feed(&mut self) {
        if self.habits.ending == Some(Ending::Cr) {
            self.habits.ending = Some(Ending::CrLf);
            self.found.push(Found::Learned);
        }
    }

    /// Whether the run may be half a code and another one.
    fn may_be_two(&self) -> bool {
        let unknown = |digits| !self.habits.lengths.contains(&digits);
        self.run.hesitated && self.digits_in(&self.run.bytes).is_some_and(unknown)
    }

    /// Whether the run may be the rest of what was broken off.
    fn may_be_rest(&self, now: Duration) -> bool {
        let Some((broken, since)) = &self.broken else { return false };
        let forgotten = now.saturating_sub(*since) >= FORGOTTEN;
        // A code that noise fell into is still mostly digits; what is not is noise alone.
        let digits = broken.iter().filter(|byte| byte.is_ascii_digit()).count();
        let clean = std::str::from_utf8(broken).is_ok_and(is_text);
        if forgotten || (!clean && 2 * digits < broken.len()) {
            return false;
        }
        // The same code once more, from its beginning.
        if broken.len() >= SAME && self.run.bytes.starts_with(broken) {
            return false;
        }
        // Noise may have fallen between the digits, or taken the place of some.
        let before = self.digits_in(broken).map_or(digits..=broken.len(), |digits| digits..=digits);
        let known = &self.habits.lengths;
        let completes = |rest: usize| {
            let (least, most) = (before.start() + rest, before.end() + rest);
            least <= PAYMENT_MAX || known.range(least..=most).next().is_some()
        };
        let stands_alone = |digits| known.contains(&digits) && !completes(digits);
        !self.digits_in(&self.run.bytes).is_some_and(stands_alone)
    }
}
