//! Cameras of Windows (Media Foundation).
//!
//! The library starts Windows' part on the thread that asks first and ends it with the last camera. So whoever asks holds the
//! lock, and a list is asked for only while no camera is open; meanwhile the one from before serves.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use nokhwa_bindings_windows::wmf::{
    MediaFoundationDevice, de_initialize_mf, query_media_foundation_descriptors,
};
use nokhwa_core::types::{CameraFormat, CameraIndex, FrameFormat, Resolution};

use super::mode::{Mode, best_first};
use super::pixels::Layout;
use super::source::{Frame, Source, Why};
use crate::{Device, DeviceId, Kind};

/// Held while a camera is open.
static IN_USE: Mutex<()> = Mutex::new(());
static LISTED: Mutex<Vec<(Device, String)>> = Mutex::new(Vec::new());

fn listed() -> MutexGuard<'static, Vec<(Device, String)>> {
    LISTED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The cameras that are plugged in, and the link each is opened by.
pub fn list() -> Vec<(Device, String)> {
    if let Ok(_alone) = IN_USE.try_lock() {
        *listed() = ask();
    }
    listed().clone()
}

fn ask() -> Vec<(Device, String)> {
    let found = query_media_foundation_descriptors().unwrap_or_default();
    let named = |camera: &nokhwa_core::types::CameraInfo| {
        let id = DeviceId(format!("camera:{}", plain(&camera.misc())));
        (Device { id, kind: Kind::Camera, name: camera.human_name() }, camera.misc())
    };
    let list = found.iter().map(named).collect();
    // Else the next thread that asks would find Windows' part started, but not for itself.
    let _ = de_initialize_mf();
    list
}

/// `\\?\usb#vid_046d&pid_0825&mi_00#7&2a3…#{…}\global` without what every camera's link has.
fn plain(link: &str) -> String {
    let link = link.trim_start_matches(r"\\?\").split("#{").next().unwrap_or_default();
    link.chars()
        .map(|each| if each.is_ascii_alphanumeric() { each.to_ascii_lowercase() } else { '-' })
        .collect()
}

/// What the camera behind `link` can do; it is not started for it.
pub fn modes_of(link: &String) -> Result<Vec<Mode>, Why> {
    let _alone = IN_USE.try_lock().map_err(|_| Why::InUse)?;
    Ok(ask_modes(link)?.1)
}

/// Opens the camera behind `link` in the best mode it takes.
pub fn open(link: &String) -> Result<Box<dyn Source>, Why> {
    // Another thread has not closed its camera yet: it is tried again in a moment.
    let alone = IN_USE.try_lock().map_err(|_| Why::InUse)?;
    let (mut device, modes) = ask_modes(link)?;
    for mode in modes {
        if device.set_format(format_of(mode)).is_ok() && device.start_stream().is_ok() {
            return Ok(Box::new(Camera { device, mode, seen: false, _alone: alone }));
        }
    }
    Err(Why::NoMode)
}

/// Best first.
fn ask_modes(link: &str) -> Result<(MediaFoundationDevice, Vec<Mode>), Why> {
    let mut device =
        MediaFoundationDevice::new(CameraIndex::String(link.to_owned())).map_err(|_| Why::InUse)?;
    let formats = device.compatible_format_list().map_err(|_| Why::NoMode)?;
    let mut modes: Vec<Mode> = formats.iter().filter_map(mode_of).collect();
    best_first(&mut modes);
    modes.dedup();
    Ok((device, modes))
}

fn mode_of(format: &CameraFormat) -> Option<Mode> {
    let layout = match format.format() {
        FrameFormat::MJPEG => Layout::Mjpeg,
        FrameFormat::YUYV => Layout::Yuyv,
        FrameFormat::NV12 => Layout::Planar,
        FrameFormat::GRAY => Layout::Grey,
        FrameFormat::RAWRGB | FrameFormat::RAWBGR => return None,
    };
    let rate_milli = format.frame_rate().checked_mul(1000)?;
    Some(Mode { width: format.width(), height: format.height(), rate_milli, layout })
}

fn format_of(mode: Mode) -> CameraFormat {
    let format = match mode.layout {
        Layout::Mjpeg => FrameFormat::MJPEG,
        Layout::Yuyv | Layout::Uyvy => FrameFormat::YUYV,
        Layout::Planar => FrameFormat::NV12,
        Layout::Grey => FrameFormat::GRAY,
    };
    CameraFormat::new(Resolution::new(mode.width, mode.height), format, mode.rate_milli / 1000)
}

struct Camera {
    device: MediaFoundationDevice,
    mode: Mode,
    seen: bool,
    /// Let go of last: fields are dropped in this order.
    _alone: MutexGuard<'static, ()>,
}

impl Source for Camera {
    fn mode(&self) -> Mode {
        self.mode
    }

    /// Windows waits as long as the camera takes; the one who looks notices the silence.
    fn next(&mut self, _patience: Duration, frame: &mut Frame) -> Result<bool, Why> {
        // A camera in use, or forbidden by the privacy settings, opens and then gives nothing.
        let refused = if self.seen { Why::Lost } else { Why::InUse };
        let (bytes, _) = self.device.raw_bytes().map_err(|_| refused)?;
        self.seen = true;
        let size = (self.mode.width as usize, self.mode.height as usize);
        Ok(frame.put(self.mode.layout, size, 0, &bytes))
    }
}
