//! The thread that looks: frames in, scans and the live picture out.

use std::time::Duration;

use super::light::Hint;
use super::light::{Sameness, count, hint};
use super::motion::Motion;
use super::once::Once;
use super::preview::{self, Corners, Preview};
use super::slot::{Next, Note, Slot};
use super::source::{Frame, Unpacked, Why};
use crate::{DeviceId, Event, Scan, ScanText};

/// What finds codes in frames.
pub trait Eye: Send {
    /// Looks at a frame: brightness, row after row without padding.
    fn look(&mut self, grey: &[u8], size: (usize, usize)) -> Option<Seen>;
}

/// A code that was found in a frame.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    /// What stands in it.
    pub text: ScanText,
    /// Where it is.
    pub corners: Corners,
}

/// What there is to show.
#[derive(Debug, Clone, PartialEq)]
pub enum Sight {
    /// What the camera sees.
    Live(Preview),
    /// No live picture, and why: the last one is not to be shown as if it were.
    Nothing(Why),
}

/// A camera that sends nothing for so long is not live.
const SILENCE: Duration = Duration::from_secs(1);
/// A camera may take so long to warm up before its silence is remarked on.
const WARM_UP: u32 = 4;
/// Between two pictures while something moves: 15 a second look fluent in a picture that small.
const PICTURE_EVERY: Duration = Duration::from_millis(60);
/// And while nothing moves.
const PICTURE_EVERY_STILL: Duration = Duration::from_millis(480);
/// Of frames in which nothing moves, one in so many is looked at: but for the noise they are all the same.
const LOOK_EVERY_STILL: u32 = 8;

/// Looks until the slot is closed.
pub fn watch(slot: &Slot, eye: &mut dyn Eye, tell: &dyn Fn(Event), show: &dyn Fn(Sight)) {
    let mut watcher = Watcher { eye, tell, show, state: State::default() };
    loop {
        match slot.next(SILENCE) {
            Next::Closed => return,
            Next::Silence => watcher.silence(),
            Next::Note(note) => watcher.note(note),
            Next::Frame(frame) => {
                watcher.frame(&frame);
                slot.give_back(frame);
            }
        }
    }
}

struct Watcher<'a> {
    eye: &'a mut dyn Eye,
    tell: &'a dyn Fn(Event),
    show: &'a dyn Fn(Sight),
    state: State,
}

#[derive(Default)]
struct State {
    /// The camera that is open.
    device: Option<DeviceId>,
    /// What was said of the missing picture.
    said: Option<Why>,
    silences: u32,
    once: Once,
    motion: Motion,
    sameness: Sameness,
    unpacked: Unpacked,
    shown: Option<Duration>,
    still_frames: u32,
}

impl Watcher<'_> {
    fn note(&mut self, note: Note) {
        match note {
            Note::Here(device) => {
                // What the last camera saw says nothing about this one; but a code told stays told.
                let once = std::mem::take(&mut self.state.once);
                self.state = State { device: Some(device.id.clone()), once, ..State::default() };
                (self.tell)(Event::Here(device));
            }
            Note::Gone(id, why) => {
                self.state.device = None;
                (self.tell)(Event::Gone(id));
                self.nothing(why);
            }
            Note::None(why) => self.nothing(why),
        }
    }

    fn silence(&mut self) {
        self.state.silences += 1;
        let due = self.state.device.is_some() || self.state.silences >= WARM_UP;
        if due && self.state.said.is_none() {
            self.nothing(Why::Silent);
        }
    }

    fn nothing(&mut self, why: Why) {
        if self.state.said != Some(why) {
            self.state.said = Some(why);
            (self.show)(Sight::Nothing(why));
        }
    }

    fn frame(&mut self, frame: &Frame) {
        self.state.silences = 0;
        let Some(device) = self.state.device.clone() else { return };
        let still = self.state.motion.is_still();
        self.state.still_frames = if still { self.state.still_frames.wrapping_add(1) } else { 0 };
        // To unpack a JPEG costs most of all that is done with it: of a scene that rests, every other one will do.
        if frame.is_packed() && still && self.state.still_frames % 2 == 1 {
            return;
        }
        let mut unpacked = std::mem::take(&mut self.state.unpacked);
        if let Some((grey, size)) = frame.grey(&mut unpacked) {
            self.picture(&device, grey, size, frame.at);
        }
        self.state.unpacked = unpacked;
    }

    fn picture(&mut self, device: &DeviceId, grey: &[u8], size: (usize, usize), now: Duration) {
        let moved = self.state.motion.note(grey, size, now);
        let still = self.state.motion.is_still();
        let look = moved || !still || self.state.still_frames.is_multiple_of(LOOK_EVERY_STILL);
        let found = if look { self.eye.look(grey, size) } else { None };
        let new = found.as_ref().is_some_and(|found| self.state.once.seen(&found.text, now));
        if let Some(found) = found.as_ref().filter(|_| new) {
            (self.tell)(Event::Scan(Scan { device: device.clone(), text: found.text.clone() }));
        }
        if new || self.is_due(now) {
            self.show(grey, size, now, found.map(|found| found.corners));
        }
    }

    fn is_due(&self, now: Duration) -> bool {
        let every = if self.state.motion.is_still() { PICTURE_EVERY_STILL } else { PICTURE_EVERY };
        self.state.shown.is_none_or(|shown| now.saturating_sub(shown) >= every)
    }

    fn show(&mut self, grey: &[u8], size: (usize, usize), now: Duration, corners: Option<Corners>) {
        self.state.shown = Some(now);
        self.state.said = None;
        let (histogram, print) = count(grey, size.0);
        let same = self.state.sameness.note(print, now).then_some(Hint::Same);
        let preview = preview::of(grey, size, corners, hint(&histogram).or(same), Vec::new());
        (self.show)(Sight::Live(preview));
    }
}

#[cfg(test)]
#[path = "watch_tests.rs"]
mod tests;
