//! Keys by their place on the keyboard, at exact times.
//!
//! The display server itself waits between the keys (XTEST's delay), so a busy machine may make a gap longer, never
//! shorter: a person's keys stay a person's. And a key is a place, as it is for a real keyboard or scanner; what it
//! types is the layout's business.

use anyhow::{Context, Result};
use x11rb::protocol::xproto::{
    AutoRepeatMode, ChangeKeyboardControlAux, ConnectionExt as _, KEY_PRESS_EVENT, KEY_RELEASE_EVENT,
};
use x11rb::protocol::xtest::ConnectionExt as _;
use x11rb::rust_connection::RustConnection;

/// Places that have a name.
pub mod place {
    #![expect(missing_docs, reason = "the names on the caps")]
    pub const ESCAPE: u8 = 9;
    pub const TAB: u8 = 23;
    pub const ENTER: u8 = 36;
    pub const CONTROL: u8 = 37;
    pub const SHIFT: u8 = 50;
    pub const CAPS_LOCK: u8 = 66;
    pub const F1: u8 = 67;
    pub const F10: u8 = 76;
    pub const NUM_LOCK: u8 = 77;
    pub const F12: u8 = 96;
    pub const PAD_ENTER: u8 = 104;
}

/// A key going down or up, so long after the beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stroke {
    /// When, in ms.
    pub at_ms: u64,
    /// Which key.
    pub place: u8,
    /// Down or up.
    pub down: bool,
}

/// Which keys are used for digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Digits {
    /// The upper row, as scanners are shipped.
    Row,
    /// The upper row with shift, as a scanner does that was set to a French keyboard.
    ShiftedRow,
    /// The number pad.
    Pad,
}

/// Presses `text`; `gap` tells how long after the last key each comes, `hold` how long it is held.
///
/// Answers with the strokes and the time of the last key going down.
///
/// # Panics
/// For a character that no key here stands for.
pub fn strokes(
    text: &str,
    digits: Digits,
    from_ms: u64,
    mut gap: impl FnMut() -> u64,
    mut hold: impl FnMut() -> u64,
) -> (Vec<Stroke>, u64) {
    let mut at_ms = from_ms;
    let mut strokes = Vec::new();
    for (index, letter) in text.chars().enumerate() {
        at_ms += if index == 0 { 0 } else { gap() };
        let (place, shifted) = place_of(letter, digits);
        let up_ms = at_ms + hold();
        if shifted {
            strokes.push(Stroke { at_ms, place: place::SHIFT, down: true });
        }
        strokes.push(Stroke { at_ms, place, down: true });
        strokes.push(Stroke { at_ms: up_ms, place, down: false });
        if shifted {
            strokes.push(Stroke { at_ms: up_ms, place: place::SHIFT, down: false });
        }
    }
    (strokes, at_ms)
}

/// The same places one after the other, at a person's pace.
#[must_use]
pub fn taps(places: &[u8]) -> Vec<Stroke> {
    let tap = |(index, place): (usize, &u8)| {
        let at_ms = 90 * index as u64;
        [
            Stroke { at_ms, place: *place, down: true },
            Stroke { at_ms: at_ms + 40, place: *place, down: false },
        ]
    };
    places.iter().enumerate().flat_map(tap).collect()
}

/// The place of a letter key.
///
/// # Panics
/// For a character that no key here stands for.
#[must_use]
pub fn letter(letter: char) -> u8 {
    place_of(letter, Digits::Row).0
}

fn place_of(letter: char, digits: Digits) -> (u8, bool) {
    const ROWS: [(u8, &str); 4] =
        [(10, "1234567890-"), (24, "qwertyuiop"), (38, "asdfghjkl"), (52, "zxcvbnm,./")];
    // The number pad's places are those of 7 8 9, 4 5 6, 1 2 3 and 0.
    const PAD: [u8; 10] = [90, 87, 88, 89, 83, 84, 85, 79, 80, 81];
    match (letter, digits) {
        ('\n', Digits::Pad) => return (place::PAD_ENTER, false),
        ('\n', _) => return (place::ENTER, false),
        ('\t', _) => return (place::TAB, false),
        ('.', Digits::Pad) => return (91, false),
        _ => {}
    }
    if let (Some(digit), Digits::Pad) = (letter.to_digit(10), digits) {
        return (PAD[digit as usize], false);
    }
    let plain = letter.to_ascii_lowercase();
    let found = ROWS.iter().find_map(|(first, row)| row.find(plain).map(|at| first + at as u8));
    let shifted = letter.is_ascii_uppercase() || (letter.is_ascii_digit() && digits == Digits::ShiftedRow);
    (found.unwrap_or_else(|| panic!("no key for {letter:?}")), shifted)
}

/// A keyboard on the display.
pub struct Keyboard(RustConnection);

impl Drop for Keyboard {
    fn drop(&mut self) {
        let _ = self.repeat(AutoRepeatMode::ON);
    }
}

impl Keyboard {
    /// On the display that the environment names.
    ///
    /// # Errors
    /// When there is none.
    pub fn open() -> Result<Keyboard> {
        let (display, _) = x11rb::connect(None).context("the display")?;
        let keyboard = Keyboard(display);
        // A display that stalls while a key is down would repeat it; no finger is that long on a key here.
        keyboard.repeat(AutoRepeatMode::OFF)?;
        Ok(keyboard)
    }

    fn repeat(&self, mode: AutoRepeatMode) -> Result<()> {
        let change = ChangeKeyboardControlAux::new().auto_repeat_mode(mode);
        self.0.change_keyboard_control(&change)?.check()?;
        Ok(())
    }

    /// Presses and releases, each at its time, and waits until all are done.
    ///
    /// # Errors
    /// When the display goes away.
    pub fn play(&self, mut strokes: Vec<Stroke>) -> Result<()> {
        strokes.sort_by_key(|stroke| stroke.at_ms);
        let mut now_ms = strokes.first().map_or(0, |stroke| stroke.at_ms);
        for Stroke { at_ms, place, down } in strokes {
            let kind = if down { KEY_PRESS_EVENT } else { KEY_RELEASE_EVENT };
            let delay_ms = u32::try_from(at_ms - now_ms)?;
            self.0.xtest_fake_input(kind, place, delay_ms, x11rb::NONE, 0, 0, 0)?;
            now_ms = at_ms;
        }
        // The server answers in order, after the last key.
        self.0.get_input_focus()?.reply()?;
        Ok(())
    }

    /// The keys' lights: caps lock, num lock.
    ///
    /// # Errors
    /// When the display goes away.
    pub fn locks(&self) -> Result<(bool, bool)> {
        let lights = self.0.get_keyboard_control()?.reply()?.led_mask;
        Ok((lights & 1 != 0, lights & 2 != 0))
    }

    /// Switches caps lock and num lock.
    ///
    /// # Errors
    /// When the display goes away.
    pub fn lock(&self, caps: bool, num: bool) -> Result<()> {
        let (caps_is, num_is) = self.locks()?;
        if caps != caps_is {
            self.play(taps(&[place::CAPS_LOCK]))?;
        }
        if num != num_is {
            self.play(taps(&[place::NUM_LOCK]))?;
        }
        Ok(())
    }
}
