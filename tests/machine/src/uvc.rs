//! A camera as its computer sees it: USB Device Class Definition for Video Devices 1.0, with a bulk endpoint.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::usbip::Played;

const VENDOR: u16 = 0x1209;
const PRODUCT: u16 = 0x0001;
/// Between two frames, as the camera promises and keeps.
const FRAME_EVERY: Duration = Duration::from_millis(100);

/// What stands in front of the camera, as YUYV: pictures that take turns.
pub type View = Arc<Mutex<Vec<Vec<u8>>>>;

/// The camera.
pub struct Uvc {
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
    /// A camera that looks at `view` and counts its frames.
    pub fn new(view: View, frames: Arc<AtomicUsize>) -> Uvc {
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
