//! Cameras of Linux (V4L2).
//!
//! Who a camera is comes from `/sys`: the library's own names take a maker's text for valid UTF-8, and the kernel cuts it off
//! after 31 bytes, in the middle of a Chinese character if need be.

use std::fs;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::Duration;

use linuxvideo::format::{FrameIntervals, FrameSizes, PixFormat, PixelFormat};
use linuxvideo::stream::ReadStream;
use linuxvideo::{BufType, CapabilityFlags, Device as Node, Fract};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;

use super::mode::{Mode, best_first};
use super::pixels::Layout;
use super::source::{Frame, Source, Why};
use super::v4l2_names::{DEVICES, SYSTEM, named};
use crate::Device;

/// The cameras that are plugged in, by the number of their node.
pub fn list() -> Vec<(Device, PathBuf)> {
    let listed = fs::read_dir(SYSTEM).into_iter().flatten().flatten();
    let mut nodes: Vec<String> = listed.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    nodes.retain(|node| node.starts_with("video") && captures(&Path::new(DEVICES).join(node)));
    named(Path::new(SYSTEM), nodes)
        .into_iter()
        .map(|(device, node)| (device, Path::new(DEVICES).join(node)))
        .collect()
}

/// One camera has several nodes; only one of them gives pictures. One that may not be opened may be a camera.
fn captures(path: &Path) -> bool {
    let asked = guarded(|| {
        let node = Node::open(path)?;
        Ok(node.capabilities()?.device_capabilities().contains(CapabilityFlags::VIDEO_CAPTURE))
    });
    match asked {
        Ok(captures) => captures,
        Err(why) => matches!(why, Why::NotAllowed | Why::InUse),
    }
}

/// What the camera at `path` can do; it is not started for it.
pub fn modes_of(path: &PathBuf) -> Result<Vec<Mode>, Why> {
    guarded(|| Ok(modes(&Node::open(path)?).0))
}

/// Opens the camera at `path` in the best mode it takes.
pub fn open(path: &PathBuf) -> Result<Box<dyn Source>, Why> {
    let (mut modes, fourccs) = guarded(|| Ok(modes(&Node::open(path)?)))?;
    best_first(&mut modes);
    let mut why = Why::NoMode;
    for mode in modes {
        let fourccs = fourccs.iter().filter(|fourcc| layout_of(**fourcc) == Some(mode.layout));
        for fourcc in fourccs {
            match guarded(|| start(path, mode, *fourcc)) {
                Ok(Some(stream)) => return Ok(Box::new(stream)),
                Ok(None) => {}
                Err(refused @ (Why::InUse | Why::NotAllowed | Why::Lost | Why::NoCamera)) => {
                    return Err(refused);
                }
                Err(refused @ (Why::NoMode | Why::Silent)) => why = refused,
            }
        }
    }
    Err(why)
}

/// Runs what may fail as drivers do; and the library asserts that drivers keep to the rules.
fn guarded<T>(ask: impl FnOnce() -> io::Result<T>) -> Result<T, Why> {
    match catch_unwind(AssertUnwindSafe(ask)) {
        Ok(answer) => answer.map_err(|error| why(&error)),
        Err(_) => Err(Why::NoMode),
    }
}

fn why(error: &io::Error) -> Why {
    match error.raw_os_error().map(Errno::from_raw_os_error) {
        Some(Errno::BUSY) => Why::InUse,
        Some(Errno::ACCESS | Errno::PERM) => Why::NotAllowed,
        Some(Errno::NOENT | Errno::NXIO) => Why::NoCamera,
        Some(Errno::NODEV | Errno::IO) => Why::Lost,
        Some(_) | None => Why::NoMode,
    }
}

const LAYOUTS: [(&[u8; 4], Layout); 13] = [
    (b"GREY", Layout::Grey),
    (b"YUYV", Layout::Yuyv),
    (b"YVYU", Layout::Yuyv),
    (b"UYVY", Layout::Uyvy),
    (b"VYUY", Layout::Uyvy),
    (b"NV12", Layout::Planar),
    (b"NV21", Layout::Planar),
    (b"NV16", Layout::Planar),
    (b"YU12", Layout::Planar),
    (b"YV12", Layout::Planar),
    (b"422P", Layout::Planar),
    (b"MJPG", Layout::Mjpeg),
    (b"JPEG", Layout::Mjpeg),
];

fn layout_of(fourcc: PixelFormat) -> Option<Layout> {
    LAYOUTS.iter().find(|(name, _)| **name == fourcc.as_fourcc()).map(|(_, layout)| *layout)
}

/// All modes that can be read here, and the formats behind them.
fn modes(node: &Node) -> (Vec<Mode>, Vec<PixelFormat>) {
    let current = match node.format(BufType::VIDEO_CAPTURE) {
        Ok(linuxvideo::format::Format::VideoCapture(format)) => Some(format),
        Ok(_) | Err(_) => None,
    };
    let size_now = current.as_ref().map(|format| (format.width(), format.height()));
    let listed = node.formats(BufType::VIDEO_CAPTURE).filter_map(|format| Some(format.ok()?.pixel_format()));
    let fourccs: Vec<PixelFormat> = listed
        .chain(current.as_ref().map(PixFormat::pixel_format))
        .filter(|fourcc| layout_of(*fourcc).is_some())
        .collect();
    let mut modes = Vec::new();
    for fourcc in &fourccs {
        let Some(layout) = layout_of(*fourcc) else { continue };
        for (width, height) in sizes(node, *fourcc, size_now) {
            for rate_milli in rates(node, *fourcc, width, height) {
                let mode = Mode { width, height, rate_milli, layout };
                if !modes.contains(&mode) {
                    modes.push(mode);
                }
            }
        }
    }
    (modes, fourccs)
}

/// Asked of a driver that takes any size in a range.
const USUAL_SIZES: [(u32, u32); 4] = [(1920, 1080), (1280, 720), (800, 600), (640, 480)];

fn sizes(node: &Node, fourcc: PixelFormat, now: Option<(u32, u32)>) -> Vec<(u32, u32)> {
    match node.frame_sizes(fourcc) {
        Ok(FrameSizes::Discrete(sizes)) => sizes.iter().map(|size| (size.width(), size.height())).collect(),
        Ok(FrameSizes::Stepwise(range) | FrameSizes::Continuous(range)) => USUAL_SIZES
            .into_iter()
            .filter(|(width, height)| {
                (range.min_width()..=range.max_width()).contains(width)
                    && (range.min_height()..=range.max_height()).contains(height)
            })
            .chain(now)
            .collect(),
        Err(_) => now.into_iter().collect(),
    }
}

/// A driver that does not say its rates is taken to be fluent: most that do not have just the one.
const RATE_UNSAID: u32 = 30_000;

fn rates(node: &Node, fourcc: PixelFormat, width: u32, height: u32) -> Vec<u32> {
    let rate = |interval: &Fract| {
        u64::from(interval.denominator())
            .checked_mul(1000)?
            .checked_div(u64::from(interval.numerator()))?
            .try_into()
            .ok()
    };
    let rates: Vec<u32> = match node.frame_intervals(fourcc, width, height) {
        Ok(FrameIntervals::Discrete(list)) => list.iter().filter_map(|each| rate(each.fract())).collect(),
        Ok(FrameIntervals::Stepwise(range) | FrameIntervals::Continuous(range)) => {
            let most = rate(range.min()).unwrap_or(RATE_UNSAID);
            let least = rate(range.max()).unwrap_or(0);
            vec![RATE_UNSAID.clamp(least.min(most), most)]
        }
        Err(_) => vec![RATE_UNSAID],
    };
    if rates.is_empty() { vec![RATE_UNSAID] } else { rates }
}

/// None when the driver made something of the mode that cannot be read.
fn start(path: &Path, mode: Mode, fourcc: PixelFormat) -> io::Result<Option<Camera>> {
    let camera = Node::open(path)?.video_capture(PixFormat::new(mode.width, mode.height, fourcc))?;
    let format = camera.format();
    let Some(layout) = layout_of(format.pixel_format()) else { return Ok(None) };
    let (width, height, stride) = (format.width(), format.height(), format.bytes_per_line());
    if width == 0 || height == 0 {
        return Ok(None);
    }
    // A driver that cannot set its rate runs at the one it has.
    let _ = camera.set_frame_interval(Fract::new(1000, mode.rate_milli.max(1)));
    let stream = camera.into_stream()?;
    Ok(Some(Camera { stream, mode: Mode { width, height, layout, ..mode }, stride }))
}

struct Camera {
    stream: ReadStream,
    mode: Mode,
    stride: u32,
}

impl Source for Camera {
    fn mode(&self) -> Mode {
        self.mode
    }

    fn next(&mut self, patience: Duration, frame: &mut Frame) -> Result<bool, Why> {
        let timeout = Timespec::try_from(patience).ok();
        match poll(&mut [PollFd::new(&self.stream, PollFlags::IN)], timeout.as_ref()) {
            Ok(0) | Err(Errno::INTR) => return Ok(false),
            Ok(_) => {}
            Err(_) => return Err(Why::Lost),
        }
        let (layout, stride) = (self.mode.layout, self.stride as usize);
        let size = (self.mode.width as usize, self.mode.height as usize);
        let put = |view: linuxvideo::stream::ReadBufferView<'_>| {
            Ok(!view.is_error() && frame.put(layout, size, stride, &view))
        };
        match self.stream.dequeue(put) {
            Ok(whole) => Ok(whole),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(false),
            Err(_) => Err(Why::Lost),
        }
    }
}
