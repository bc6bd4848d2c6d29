//! A picture that a customer sent: read where the till waits for a code, by the same eyes as a camera's frames.
//!
//! The picture stays in memory. What stands in it passes the same guard as any scan.

use guitai_devices::ScanText;
use guitai_devices::decode::{Effort, Luma, read};
use guitai_devices::picture::{PictureError, luma_of};
use guitai_domain::{PaymentCode, Scan};
use zeroize::Zeroizing;

use crate::register::Reading;
use crate::till::{Till, aside};
use crate::view::{CommandError, MessageView};
use crate::words::{self, say};

/// The largest file that is opened: a screenshot of any phone is smaller.
pub const BYTES_MAX: usize = 24 << 20;

/// The most pixels that are looked at, where they come as such.
const PIXELS_MAX: usize = 48_000_000;

/// Where a picture came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PictureSource {
    /// A file.
    File,
    /// The clipboard.
    Clipboard,
}

/// A picture as it was handed over. Wiped when dropped: a code may stand in it.
pub enum Picture {
    /// A file's bytes.
    File(Zeroizing<Vec<u8>>),
    /// Pixels, four bytes each.
    Rgba {
        /// Pixels in a row.
        width: usize,
        /// Rows.
        height: usize,
        /// Red, green, blue, and how solid.
        bytes: Zeroizing<Vec<u8>>,
    },
}

impl PictureSource {
    /// As the journal has it.
    #[must_use]
    pub fn written(self) -> &'static str {
        match self {
            PictureSource::File => "picture:file",
            PictureSource::Clipboard => "picture:clipboard",
        }
    }
}

impl Till {
    /// Whether a picture would be read now.
    ///
    /// # Errors
    /// Why not.
    pub async fn takes_pictures(&self) -> Result<(), CommandError> {
        let taken = self.ask(|register, _| register.takes_pictures()).await?;
        taken.map_err(|message| CommandError { message })
    }

    /// Reads the picture and charges the payment code in it, where the till waits for one.
    ///
    /// # Errors
    /// Why there was nothing to charge: no amount stands, no picture, no code, several codes.
    pub async fn scan_picture(&self, source: PictureSource, picture: Picture) -> Result<(), CommandError> {
        let refused = |message| CommandError { message };
        // It is as old as the moment it was handed over, however long the reading takes.
        let read_at_ms = self.register().steady_ms();
        self.takes_pictures().await?;
        let text = aside(move || code_in(&picture)).await?.map_err(refused)?;
        self.ask(move |register, now| {
            register.takes_pictures()?;
            let reading = Reading { text: text.reveal(), undo: 0, device: source.written(), read_at_ms };
            register.take_reading(&reading, now);
            Ok(())
        })
        .await?
        .map_err(refused)
    }
}

/// The one payment code in a picture.
///
/// # Errors
/// Why there is none to be charged.
pub fn code_in(picture: &Picture) -> Result<ScanText, MessageView> {
    let found = match picture {
        Picture::File(bytes) if bytes.len() > BYTES_MAX => return Err(picture_too_large()),
        Picture::File(bytes) => {
            let picture = luma_of(bytes).map_err(|error| match error {
                PictureError::TooLarge => picture_too_large(),
                PictureError::Unknown | PictureError::Damaged => no_picture(),
            })?;
            read(&picture.luma().ok_or_else(no_picture)?, Effort::Still)
        }
        Picture::Rgba { width, height, .. } if width.saturating_mul(*height) > PIXELS_MAX => {
            return Err(picture_too_large());
        }
        Picture::Rgba { width, height, bytes } => {
            let grey = Zeroizing::new(grey(bytes));
            read(&Luma::new(*width, *height, *width, &grey).ok_or_else(no_picture)?, Effort::Still)
        }
    };
    one_code(found.into_iter().map(|found| found.text))
}

/// How bright each pixel is; where a picture is seen through, white paper shows.
fn grey(rgba: &[u8]) -> Vec<u8> {
    let brightness = |pixel: &[u8]| {
        let [red, green, blue, alpha] = [0, 1, 2, 3].map(|at| u32::from(pixel[at]));
        let bright = (red * 77 + green * 150 + blue * 29) >> 8;
        u8::try_from((bright * alpha + 255 * (255 - alpha)) / 255).unwrap_or(u8::MAX)
    };
    rgba.chunks_exact(4).map(brightness).collect()
}

/// The one payment code among all that stands in a picture. Its two symbols say the same, and count once.
fn one_code(found: impl Iterator<Item = ScanText>) -> Result<ScanText, MessageView> {
    let mut texts: Vec<ScanText> = Vec::new();
    for text in found {
        if !texts.contains(&text) {
            texts.push(text);
        }
    }
    let (codes, others): (Vec<ScanText>, Vec<ScanText>) =
        texts.into_iter().partition(|text| PaymentCode::recognise(text.reveal()).is_some());
    match <[ScanText; 1]>::try_from(codes) {
        Ok([code]) => Ok(code),
        Err(codes) if !codes.is_empty() => Err(picture_many_codes()),
        Err(_) => Err(match others.first() {
            Some(other) => words::not_a_payment_code(&Scan::recognise(other.reveal()), other.reveal()),
            None => picture_without_code(),
        }),
    }
}

/// There is no picture in the clipboard.
#[must_use]
pub fn nothing_pasted() -> CommandError {
    CommandError { message: clipboard_without_picture() }
}

/// What was dropped cannot be read.
#[must_use]
pub fn unreadable() -> CommandError {
    CommandError { message: no_picture() }
}

/// Several files were dropped.
#[must_use]
pub fn one_at_a_time() -> CommandError {
    CommandError { message: picture_many_codes() }
}

fn picture_without_code() -> MessageView {
    say(
        "S-13",
        "图片里没有找到付款码。请顾客重新截图，付款码要完整、清楚。未收款",
        "No payment code was found in the picture. Ask for another screenshot, whole and sharp. Nothing was charged",
    )
}

fn picture_many_codes() -> MessageView {
    say(
        "S-14",
        "图片里有几个不同的付款码，不知道该收哪一个。请只留一个再试。未收款",
        "Several different payment codes are in the picture. Cut it down to one. Nothing was charged",
    )
}

fn no_picture() -> MessageView {
    say(
        "S-15",
        "这不是可读的图片。请用 PNG、JPEG、WebP 或 BMP 图片。未收款",
        "This is no readable picture. Use PNG, JPEG, WebP or BMP. Nothing was charged",
    )
}

fn picture_too_large() -> MessageView {
    say(
        "S-16",
        "图片太大。请直接用手机截图，不要用拼图或原始照片。未收款",
        "The picture is too large. Use the phone's own screenshot. Nothing was charged",
    )
}

fn clipboard_without_picture() -> MessageView {
    say(
        "S-17",
        "剪贴板里没有图片。请先复制顾客发来的截图，再按 Ctrl+V。未收款",
        "There is no picture in the clipboard. Copy the customer's screenshot first, then press Ctrl+V. Nothing was charged",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_charged_when_one_payment_code_stands_in_it() {
        const CODE: &str = "134567890123456789";
        const OTHER: &str = "284567890123456789";
        let cases: [(&[&str], Result<&str, &str>); 7] = [
            (&[CODE], Ok(CODE)),
            (&[CODE, CODE], Ok(CODE)),
            (&["https://example.com", CODE, "6901234567892"], Ok(CODE)),
            (&[CODE, OTHER], Err("S-14")),
            (&[], Err("S-13")),
            (&["6901234567892"], Err("S-03")),
            (&["https://example.com"], Err("S-04")),
        ];

        for (texts, expected) in cases {
            let found = texts.iter().map(|text| ScanText::new((*text).to_owned()));
            let taken = one_code(found);
            let taken = taken.as_ref().map(ScanText::reveal).map_err(|why| why.code.as_str());
            assert_eq!(taken, expected, "{texts:?}");
        }
    }

    #[test]
    fn what_is_no_picture_is_named() {
        let code = |picture: Picture| code_in(&picture).expect_err("no code").code;
        let file = |bytes: &[u8]| Picture::File(Zeroizing::new(bytes.to_vec()));
        let pixels = |width, height, bytes| Picture::Rgba { width, height, bytes: Zeroizing::new(bytes) };

        assert_eq!(code(file(b"")), "S-15");
        assert_eq!(code(file(b"%PDF-1.7")), "S-15");
        assert_eq!(code(file(&vec![0; BYTES_MAX + 1])), "S-16");
        assert_eq!(code(pixels(100, 100, vec![0; 4])), "S-15");
        assert_eq!(code(pixels(usize::MAX, 2, Vec::new())), "S-16");
        assert_eq!(code(pixels(64, 64, vec![255; 64 * 64 * 4])), "S-13");
    }

    #[test]
    fn what_is_seen_through_is_white_paper() {
        assert_eq!(grey(&[0, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255, 255]), [255, 0, 255]);
    }
}
