//! A webcam on the counter: a UVC camera with bulk transfers, and the customer's phone in front of it.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Result;
use guitai_codes::scene::Scene;
use guitai_codes::{Category, Shot, Size, empty};

use crate::device::{Device, shown};
use crate::shop::Shop;
use crate::usbip::{BUS_ID, Played, Plug};
use crate::{pause, until};

const VENDOR: u16 = 0x1209;
const PRODUCT: u16 = 0x0001;
const SIZE: Size = Size::P480;
/// Between two frames, as the camera promises and keeps.
const FRAME_EVERY: Duration = Duration::from_millis(100);
/// Pictures of one code, each with a noise of its own.
const PICTURES: u64 = 4;

const CAMERA: &str = "camera:1209:0001";

/// What stands in front of the camera, as YUYV.
type View = Arc<Mutex<Vec<Vec<u8>>>>;

/// The camera's row of the table.
#[derive(Default)]
pub struct Webcam {
    view: View,
    /// Frames that were fetched.
    frames: Arc<AtomicUsize>,
    plug: Option<Plug>,
}

impl Webcam {
    fn show(&self, pictures: Vec<Vec<u8>>) {
        *self.view.lock().unwrap_or_else(PoisonError::into_inner) = pictures;
    }

    fn show_nothing(&self) {
        self.show(vec![yuyv(&empty(SIZE, 1).pixels)]);
    }

    /// Waits for pictures to be fetched: a camera that rests is still called there.
    fn is_watched(&self) -> Result<()> {
        let before = self.frames.load(Ordering::Relaxed);
        until("pictures to be fetched", Duration::from_secs(30), || {
            Ok(self.frames.load(Ordering::Relaxed) > before + 3)
        })?;
        Ok(())
    }

    fn attach(&self, shop: &mut Shop) -> Result<()> {
        let port = self.plug.as_ref().map_or(0, |plug| plug.port);
        shop.machine
            .run(&format!("modprobe vhci-hcd && usbip --tcp-port {port} attach -r 10.0.2.2 -b {BUS_ID}"))?;
        Ok(())
    }
}

impl Device for Webcam {
    fn name(&self) -> &'static str {
        "camera"
    }
    fn way(&self) -> &'static str {
        "UVC 1209:0001 (USB/IP)"
    }
    fn plug(&mut self, shop: &mut Shop) -> Result<()> {
        self.show_nothing();
        let (view, frames) = (Arc::clone(&self.view), Arc::clone(&self.frames));
        self.plug = Some(Plug::offer(move || Uvc::new(Arc::clone(&view), Arc::clone(&frames)))?);
        self.attach(shop)?;
        // A person switches the camera on, once. It looks only while a code is awaited.
        shop.keys("key F3")?;
        shop.arm()
    }
    fn seen(&mut self, shop: &mut Shop) -> Result<String> {
        shop.wait_for_device(CAMERA, "good").map(shown)
    }
    fn scan(&mut self, _shop: &mut Shop, code: &str) -> Result<()> {
        let shot = Shot::draw(Category::Nominal, SIZE, 7);
        let scene = Scene::showing(&shot, code);
        self.show((0..PICTURES).map(|number| yuyv(&scene.take(&shot, number).pixels)).collect());
        Ok(())
    }
    fn put_away(&mut self, _shop: &mut Shop) -> Result<()> {
        self.show_nothing();
        pause(1000);
        Ok(())
    }
    fn unplug(&mut self, shop: &mut Shop) -> Result<()> {
        shop.arm()?;
        shop.wait_for_device(CAMERA, "good")?;
        self.is_watched()?;
        if let Some(plug) = &self.plug {
            plug.cut();
        }
        Ok(())
    }
    fn missed(&mut self, shop: &mut Shop) -> Result<String> {
        shop.wait_for_device(CAMERA, "warning").map(shown)
    }
    fn replug(&mut self, shop: &mut Shop) -> Result<()> {
        self.attach(shop)
    }
    fn seen_again(&mut self, shop: &mut Shop) -> Result<()> {
        shop.wait_for_device(CAMERA, "good").map(|_| ())
    }
}

/// Greys with colours that are none.
fn yuyv(greys: &[u8]) -> Vec<u8> {
    greys.iter().flat_map(|grey| [*grey, 128]).collect()
}

/// The camera as its computer sees it: USB Device Class Definition for Video Devices 1.0.
struct Uvc {
    view: View,
    /// What was agreed on for the stream.
    agreed: Vec<u8>,
    frames: Arc<AtomicUsize>,
    last: Instant,
    /// What is left of the frame that is sent.
    rest: Vec<u8>,
}

const WIDTH: u16 = 640;
const HEIGHT: u16 = 480;
const FRAME_BYTES: u32 = WIDTH as u32 * HEIGHT as u32 * 2;
/// A frame is one payload: a header of two bytes, and the pixels.
const PAYLOAD: u32 = FRAME_BYTES + 2;
/// In units of 100 ns.
const INTERVAL: u32 = 1_000_000;
const BULK_IN: u8 = 0x81;

impl Uvc {
    fn new(view: View, frames: Arc<AtomicUsize>) -> Uvc {
        Uvc { view, agreed: agreement(), frames, last: Instant::now(), rest: Vec::new() }
    }

    /// Waits until the next frame is due, and takes it.
    fn expose(&mut self) {
        let due = FRAME_EVERY.saturating_sub(self.last.elapsed());
        std::thread::sleep(due);
        self.last = Instant::now();
        let number = self.frames.fetch_add(1, Ordering::Relaxed);
        let view = self.view.lock().unwrap_or_else(PoisonError::into_inner);
        // The header's flags: its end, the frame's end, and a bit that changes from frame to frame.
        let flags = 0x82 | (number & 1) as u8;
        self.rest = vec![2, flags];
        if let Some(picture) = view.get(number % view.len().max(1)) {
            self.rest.extend_from_slice(picture);
        }
        // Taken from its end.
        self.rest.reverse();
    }
}

impl Played for Uvc {
    fn ids(&self) -> (u16, u16) {
        (VENDOR, PRODUCT)
    }

    fn control(&mut self, setup: [u8; 8]) -> Option<Vec<u8>> {
        let [kind, request, low, high, ..] = setup;
        match (kind, request) {
            // GET_DESCRIPTOR, GET_CONFIGURATION, GET_STATUS
            (0x80, 0x06) => descriptor(high, low),
            (0x80, 0x08) => Some(vec![1]),
            (0x80..=0x82, 0x00) => Some(vec![0, 0]),
            // SET_CONFIGURATION, SET_INTERFACE, CLEAR_FEATURE: a stream that stops begins with a new frame.
            (0x00, 0x09) | (0x01, 0x0B) | (0x02, 0x01) => {
                self.rest.clear();
                Some(Vec::new())
            }
            // What the stream is to be like: the one thing this camera can do, whatever is asked.
            (0x21, 0x01) if matches!(high, 1 | 2) => Some(Vec::new()),
            (0xA1, 0x81..=0x84 | 0x87) if matches!(high, 1 | 2) => Some(self.agreed.clone()),
            (0xA1, 0x85) if matches!(high, 1 | 2) => Some((self.agreed.len() as u16).to_le_bytes().to_vec()),
            (0xA1, 0x86) if matches!(high, 1 | 2) => Some(vec![3]),
            _ => None,
        }
    }

    fn bulk(&mut self, room: usize) -> Vec<u8> {
        if self.rest.is_empty() {
            self.expose();
        }
        let at = self.rest.len().saturating_sub(room);
        self.rest.drain(at..).rev().collect()
    }
}

/// Format 1, frame 1, and how much comes.
fn agreement() -> Vec<u8> {
    let mut bytes = vec![0, 0, 1, 1];
    bytes.extend(INTERVAL.to_le_bytes());
    bytes.extend([0; 10]);
    bytes.extend(FRAME_BYTES.to_le_bytes());
    bytes.extend(PAYLOAD.to_le_bytes());
    bytes
}

fn descriptor(kind: u8, index: u8) -> Option<Vec<u8>> {
    match (kind, index) {
        (1, _) => Some(device_descriptor()),
        (2, _) => Some(configuration()),
        (3, 0) => Some(vec![4, 3, 0x09, 0x04]),
        (3, 1) => Some(text("Bench")),
        (3, 2) => Some(text("Bench camera")),
        _ => None,
    }
}

fn device_descriptor() -> Vec<u8> {
    let mut bytes = vec![18, 1, 0x00, 0x02, 0xEF, 2, 1, 64];
    bytes.extend(VENDOR.to_le_bytes());
    bytes.extend(PRODUCT.to_le_bytes());
    bytes.extend([0x00, 0x01, 1, 2, 0, 1]);
    bytes
}

fn text(text: &str) -> Vec<u8> {
    let letters: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    [&[letters.len() as u8 + 2, 3], letters.as_slice()].concat()
}

/// Two interfaces: one that says what there is (a camera, a way out), one that streams.
fn configuration() -> Vec<u8> {
    let control = [
        &[18, 0x24, 0x02, 1, 0x01, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0][..], // the camera
        &[9, 0x24, 0x03, 2, 0x01, 0x01, 0, 1, 0],                                 // the way out of it
    ]
    .concat();
    let control_length = (13 + control.len() as u16).to_le_bytes();
    let mut stream = Vec::new();
    // YUY2, by its GUID.
    stream.extend([27, 0x24, 0x04, 1, 1]);
    stream.extend(*b"YUY2\x00\x00\x10\x00\x80\x00\x00\xAA\x00\x38\x9B\x71");
    stream.extend([16, 1, 0, 0, 0, 0]);
    stream.extend([30, 0x24, 0x05, 1, 0]);
    stream.extend([WIDTH.to_le_bytes(), HEIGHT.to_le_bytes()].concat());
    for number in [FRAME_BYTES * 80, FRAME_BYTES * 80, FRAME_BYTES, INTERVAL] {
        stream.extend(number.to_le_bytes());
    }
    stream.push(1);
    stream.extend(INTERVAL.to_le_bytes());
    stream.extend([6, 0x24, 0x0D, 1, 1, 4]);
    let stream_length = (14 + stream.len() as u16).to_le_bytes();

    let mut rest = vec![8, 11, 0, 2, 0x0E, 3, 0, 2];
    rest.extend([9, 4, 0, 0, 0, 0x0E, 1, 0, 2]);
    rest.extend([
        13,
        0x24,
        0x01,
        0x00,
        0x01,
        control_length[0],
        control_length[1],
        0x80,
        0x8D,
        0x5B,
        0,
        1,
        1,
    ]);
    rest.extend(control);
    rest.extend([9, 4, 1, 0, 1, 0x0E, 2, 0, 0]);
    rest.extend([14, 0x24, 0x01, 1, stream_length[0], stream_length[1], BULK_IN, 0, 2, 0, 0, 0, 1, 0]);
    rest.extend(stream);
    rest.extend([7, 5, BULK_IN, 2, 0x00, 0x02, 0]);
    let length = (9 + rest.len() as u16).to_le_bytes();
    [&[9, 2, length[0], length[1], 2, 1, 0, 0x80, 250], rest.as_slice()].concat()
}
