//! What frames come from, and the frame itself.

use std::time::Duration;

use super::jpeg;
use super::mode::Mode;
use super::pixels::{Layout, to_grey};

/// Why there is no live picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// No camera is plugged in, or the chosen one is not.
    NoCamera,
    /// Another program uses it.
    InUse,
    /// This user may not open it.
    NotAllowed,
    /// It sends nothing that can be read here.
    NoMode,
    /// It was there, and was pulled out or failed.
    Lost,
    /// It is open and has sent nothing for a second.
    Silent,
}

/// Where frames come from: a camera, or a file that is played as one.
pub trait Source {
    /// The mode it runs in.
    fn mode(&self) -> Mode;

    /// Waits for the next frame, `patience` at most, and puts it into `frame`; `false` when none came.
    ///
    /// # Errors
    ///
    /// Why there will be no more.
    fn next(&mut self, patience: Duration, frame: &mut Frame) -> Result<bool, Why>;
}

/// A frame as it came, its memory used again and again.
#[derive(Default)]
pub struct Frame {
    /// When it came, since the camera was opened.
    pub at: Duration,
    size: (usize, usize),
    packed: bool,
    bytes: Vec<u8>,
}

impl Frame {
    /// Takes over what a camera sent: grey at once, or the JPEG for later. `false` for less than a whole frame.
    pub fn put(&mut self, layout: Layout, size: (usize, usize), stride: usize, bytes: &[u8]) -> bool {
        self.size = size;
        self.packed = layout == Layout::Mjpeg;
        if !self.packed {
            return to_grey(layout, size, stride, bytes, &mut self.bytes);
        }
        self.bytes.clear();
        self.bytes.extend_from_slice(bytes);
        !bytes.is_empty()
    }

    /// Whether it still is a JPEG, dear to look at.
    #[must_use]
    pub fn is_packed(&self) -> bool {
        self.packed
    }

    /// The grey picture and its size; none for a broken JPEG.
    pub fn grey<'a>(&'a self, unpacked: &'a mut Unpacked) -> Option<(&'a [u8], (usize, usize))> {
        if !self.packed {
            return Some((&self.bytes, self.size));
        }
        let size = jpeg::to_grey(&self.bytes, &mut unpacked.grey, &mut unpacked.spare)?;
        Some((&unpacked.grey, size))
    }
}

/// Memory for JPEGs, used again and again.
#[derive(Default)]
pub struct Unpacked {
    grey: Vec<u8>,
    spare: Vec<u8>,
}
