//! The thread that fetches: opens the camera of one's choice, and takes it up again after it was gone.

use std::cmp::Reverse;
use std::time::{Duration, Instant};

use super::Choice;
use super::mode::worth;
use super::played;
use super::slot::{Note, Slot};
use super::source::{Source, Why};
use crate::{Device, DeviceId, Kind};

/// A camera that is open, and who it is.
pub type Opened = (Device, Box<dyn Source>);

/// Between two tries to open a camera.
const RETRY: Duration = Duration::from_secs(1);
/// How long one frame is waited for before it is asked whether to go on.
const PATIENCE: Duration = Duration::from_millis(100);
/// A camera that has sent nothing for so long is closed and opened anew.
const HUNG: Duration = Duration::from_secs(6);

/// Fetches frames until the slot is closed.
#[expect(clippy::disallowed_methods, reason = "a device's own thread: frames come in real time")]
pub fn capture(slot: &Slot, mut open: impl FnMut() -> Result<Opened, Why>) {
    let start = Instant::now();
    let clock = move || start.elapsed();
    while !slot.is_closed() {
        match open() {
            Ok((device, mut source)) => {
                let (here, why) = run(slot, &device, &mut *source, &clock);
                // Closed before it is spoken of: whoever hears that it is gone may open it.
                drop(source);
                slot.note(if here { Note::Gone(device.id, why) } else { Note::None(why) });
            }
            Err(why) => slot.note(Note::None(why)),
        }
        slot.pause(RETRY);
    }
}

/// Answers whether it was there, and why it no longer is.
fn run(slot: &Slot, device: &Device, source: &mut dyn Source, clock: &dyn Fn() -> Duration) -> (bool, Why) {
    let (mut here, mut last) = (false, clock());
    while !slot.is_closed() {
        let mut frame = slot.blank();
        match source.next(PATIENCE, &mut frame) {
            Ok(true) => {
                frame.at = clock();
                last = frame.at;
                if !std::mem::replace(&mut here, true) {
                    slot.note(Note::Here(device.clone()));
                }
                slot.put(frame);
                continue;
            }
            Ok(false) => slot.give_back(frame),
            Err(why) => return (here, why),
        }
        if clock().saturating_sub(last) >= HUNG {
            return (here, Why::Silent);
        }
    }
    (here, Why::Lost)
}

/// Opens the camera of one's choice.
pub fn open(choice: &Choice) -> Result<Opened, Why> {
    match choice {
        Choice::Played(path) => {
            let id = DeviceId("camera:played".to_owned());
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            Ok((Device { id, kind: Kind::Camera, name }, played::open(path)?))
        }
        Choice::Only(id) => {
            let (device, place) =
                list().into_iter().find(|(device, _)| device.id == *id).ok_or(Why::NoCamera)?;
            Ok((device, open_place(&place)?))
        }
        Choice::Best => best(list()),
    }
}

/// The one with the best mode of those that can be opened; where none can, the reason that can be mended.
fn best(found: Vec<(Device, Place)>) -> Result<Opened, Why> {
    let mut why = Why::NoCamera;
    let mut able = Vec::new();
    for (device, place) in found {
        match modes_of(&place) {
            Ok(modes) => able.extend(modes.iter().map(worth).max().map(|worth| (worth, device, place))),
            Err(refused) => why = refused,
        }
    }
    // The first of equals stays the first: so the choice is the same on every start.
    able.sort_by_key(|(worth, _, _)| Reverse(*worth));
    for (_, device, place) in able {
        match open_place(&place) {
            Ok(source) => return Ok((device, source)),
            Err(refused) => why = refused,
        }
    }
    Err(why)
}

#[cfg(target_os = "linux")]
mod system {
    pub use super::super::v4l2::{list, modes_of, open as open_place};
    pub type Place = std::path::PathBuf;
}

#[cfg(windows)]
mod system {
    pub use super::super::media_foundation::{list, modes_of, open as open_place};
    pub type Place = String;
}

#[cfg(not(any(target_os = "linux", windows)))]
mod system {
    use super::super::mode::Mode;
    use super::{Device, Source, Why};
    pub type Place = ();

    pub fn list() -> Vec<(Device, Place)> {
        Vec::new()
    }

    pub fn modes_of(_place: &Place) -> Result<Vec<Mode>, Why> {
        Ok(Vec::new())
    }

    pub fn open_place(_place: &Place) -> Result<Box<dyn Source>, Why> {
        Err(Why::NoCamera)
    }
}

pub use system::list;
use system::{Place, modes_of, open_place};
