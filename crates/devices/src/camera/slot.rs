//! Between the camera's thread and the one that looks: the newest frame wins, and neither waits for the other.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::source::{Frame, Why};
use crate::{Device, DeviceId};

/// What the camera's thread has to say beside frames. Nothing of it is ever dropped.
#[derive(Debug, PartialEq, Eq)]
pub enum Note {
    /// The camera is open and has sent a first frame.
    Here(Device),
    /// The camera is gone.
    Gone(DeviceId, Why),
    /// There is none to open.
    None(Why),
}

/// What there is to do for the one that looks.
pub enum Next {
    /// Something was noted.
    Note(Note),
    /// A frame; it is to be given back.
    Frame(Frame),
    /// Nothing came for as long as was waited.
    Silence,
    /// The camera is to be closed.
    Closed,
}

/// One frame at most waits here.
#[derive(Default)]
pub struct Slot {
    inside: Mutex<Inside>,
    changed: Condvar,
}

#[derive(Default)]
struct Inside {
    notes: VecDeque<Note>,
    fresh: Option<Frame>,
    spare: Vec<Frame>,
    closed: bool,
}

impl Slot {
    /// A frame to be filled; its memory was used before, as a rule.
    pub fn blank(&self) -> Frame {
        self.inside().spare.pop().unwrap_or_default()
    }

    /// Puts a filled frame in the place of one that nobody has fetched.
    pub fn put(&self, frame: Frame) {
        let mut inside = self.inside();
        if let Some(missed) = inside.fresh.replace(frame) {
            inside.spare.push(missed);
        }
        self.changed.notify_all();
    }

    /// Notes something. Frames of before are out of date by it.
    pub fn note(&self, note: Note) {
        let mut inside = self.inside();
        if let Some(old) = inside.fresh.take() {
            inside.spare.push(old);
        }
        inside.notes.push_back(note);
        self.changed.notify_all();
    }

    /// Waits for what comes next, `patience` at most.
    pub fn next(&self, patience: Duration) -> Next {
        let nothing =
            |inside: &mut Inside| !inside.closed && inside.notes.is_empty() && inside.fresh.is_none();
        let waited = self.changed.wait_timeout_while(self.inside(), patience, nothing);
        let (mut inside, _) = waited.unwrap_or_else(PoisonError::into_inner);
        if inside.closed {
            return Next::Closed;
        }
        match (inside.notes.pop_front(), inside.fresh.take()) {
            (None, None) => Next::Silence,
            (None, Some(frame)) => Next::Frame(frame),
            (Some(note), fresh) => {
                inside.fresh = fresh;
                Next::Note(note)
            }
        }
    }

    /// Gives a frame's memory back.
    pub fn give_back(&self, frame: Frame) {
        self.inside().spare.push(frame);
    }

    /// Ends both threads.
    pub fn close(&self) {
        self.inside().closed = true;
        self.changed.notify_all();
    }

    /// Whether it is over.
    pub fn is_closed(&self) -> bool {
        self.inside().closed
    }

    /// Waits for `time`, or until it is over.
    pub fn pause(&self, time: Duration) {
        let _ = self.changed.wait_timeout_while(self.inside(), time, |inside| !inside.closed);
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::camera::pixels::Layout;
    use crate::camera::source::Unpacked;

    fn frame(slot: &Slot, grey: u8) {
        let mut frame = slot.blank();
        assert!(frame.put(Layout::Grey, (1, 1), 1, &[grey]));
        slot.put(frame);
    }

    fn fetched(slot: &Slot) -> Option<u8> {
        match slot.next(Duration::ZERO) {
            Next::Frame(frame) => {
                let grey = frame.grey(&mut Unpacked::default()).expect("a whole frame").0[0];
                slot.give_back(frame);
                Some(grey)
            }
            Next::Note(_) | Next::Silence | Next::Closed => None,
        }
    }

    #[test]
    fn the_newest_frame_wins_and_is_fetched_once() {
        let slot = Slot::default();
        frame(&slot, 1);
        frame(&slot, 2);

        assert_eq!(fetched(&slot), Some(2));
        assert_eq!(fetched(&slot), None, "an old frame is never shown again as live");
    }

    #[test]
    fn three_frames_of_memory_are_enough_for_ever() {
        let slot = Slot::default();

        for round in 0..100 {
            frame(&slot, round);
            if round % 3 == 0 {
                assert_eq!(fetched(&slot), Some(round));
            }
            let inside = slot.inside();
            assert!(inside.spare.len() + usize::from(inside.fresh.is_some()) <= 3);
        }
    }

    #[test]
    fn a_note_comes_before_frames_and_outdates_those_before_it() {
        let slot = Slot::default();
        frame(&slot, 1);
        slot.note(Note::None(Why::InUse));
        frame(&slot, 2);

        assert!(matches!(slot.next(Duration::ZERO), Next::Note(Note::None(Why::InUse))));
        assert_eq!(fetched(&slot), Some(2));
    }

    #[test]
    fn closing_is_heard_before_all_else() {
        let slot = Slot::default();
        frame(&slot, 1);
        slot.close();

        assert!(matches!(slot.next(Duration::MAX), Next::Closed));
        assert!(slot.is_closed());
    }
}
