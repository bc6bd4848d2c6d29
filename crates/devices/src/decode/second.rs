//! A second, unrelated reader, for what the first one missed: zxing-cpp.

use zxingcpp::{BarcodeFormat, ImageFormat, ImageView, PointI, TextMode};

use super::{Effort, Found, Luma, Symbol};
use crate::ScanText;

/// Memory for looking with the library.
#[derive(Debug, Default)]
pub(super) struct Second {
    /// Rows without gaps between them, as the library wants them.
    rows: Vec<u8>,
}

impl Second {
    /// What the library finds in `picture`; of a camera's bar codes only those that may be payment codes, for their check
    /// character alone is weak.
    pub fn read(&mut self, picture: &Luma<'_>, effort: Effort) -> Vec<Found> {
        self.rows.clear();
        for y in 0..picture.height() {
            self.rows.extend_from_slice(picture.row(y));
        }
        let view = ImageView::from_slice(&self.rows, picture.width(), picture.height(), ImageFormat::Lum);
        // Turned and light bar codes the first reader has seen already; a camera has no time for them twice.
        let still = effort == Effort::Still;
        let reader = zxingcpp::read()
            .formats([BarcodeFormat::QRCode, BarcodeFormat::Code128])
            .try_harder(true)
            .try_rotate(still)
            .try_invert(still)
            .try_downscale(true)
            .text_mode(TextMode::Plain);
        let codes = view.and_then(|view| reader.from(&view)).unwrap_or_default();
        codes
            .iter()
            .filter(|code| code.is_valid())
            .map(|code| {
                let at = code.position();
                let symbol = match code.format() {
                    BarcodeFormat::Code128 => Symbol::Code128,
                    _ => Symbol::Qr,
                };
                let corners = [at.top_left, at.top_right, at.bottom_right, at.bottom_left].map(place);
                Found { text: ScanText::new(code.text()), symbol, corners }
            })
            .filter(|found| effort == Effort::Still || found.symbol == Symbol::Qr || found.may_be_payment())
            .collect()
    }
}

fn place(point: PointI) -> (f32, f32) {
    (point.x as f32, point.y as f32)
}
