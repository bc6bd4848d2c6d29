//! A picture file, or what the clipboard holds, as a grey picture.

use std::fmt;
use std::io::Cursor;

use image::{GrayImage, ImageReader, Limits};

use crate::decode::Luma;

/// The longest side of a picture that is opened.
const SIDE_MAX: u32 = 12_000;
/// The most memory a picture may take while it is opened.
const BYTES_MAX: u64 = 400 << 20;

/// A grey picture of its own.
pub struct Picture(GrayImage);

/// Why a picture could not be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PictureError {
    /// It is no picture of a kind we read: PNG, JPEG, WebP or BMP.
    Unknown,
    /// It is a picture, but damaged.
    Damaged,
    /// It is larger than any code needs.
    TooLarge,
}

impl fmt::Display for PictureError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            PictureError::Unknown => "not a PNG, JPEG, WebP or BMP picture",
            PictureError::Damaged => "the picture is damaged",
            PictureError::TooLarge => "the picture is too large",
        })
    }
}

impl std::error::Error for PictureError {}

impl Picture {
    /// A look at it.
    #[must_use]
    pub fn luma(&self) -> Option<Luma<'_>> {
        let (width, height) = (self.0.width() as usize, self.0.height() as usize);
        Luma::new(width, height, width, self.0.as_raw())
    }
}

/// Opens the bytes of a picture file.
///
/// # Errors
///
/// When they are no picture of a kind we read, when it is damaged, and when it is too large.
pub fn luma_of(bytes: &[u8]) -> Result<Picture, PictureError> {
    let mut reader =
        ImageReader::new(Cursor::new(bytes)).with_guessed_format().map_err(|_| PictureError::Unknown)?;
    if reader.format().is_none() {
        return Err(PictureError::Unknown);
    }
    let mut limits = Limits::default();
    limits.max_image_width = Some(SIDE_MAX);
    limits.max_image_height = Some(SIDE_MAX);
    limits.max_alloc = Some(BYTES_MAX);
    reader.limits(limits);
    match reader.decode() {
        Ok(image) => Ok(Picture(image.into_luma8())),
        Err(image::ImageError::Limits(_)) => Err(PictureError::TooLarge),
        Err(image::ImageError::Unsupported(_)) => Err(PictureError::Unknown),
        Err(_) => Err(PictureError::Damaged),
    }
}
