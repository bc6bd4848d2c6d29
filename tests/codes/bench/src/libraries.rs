//! Every library that could be used alone, each set to what reads most.

use rxing::{BarcodeFormat, DecodeHints, RXingResult};
use zxingcpp::ImageView;

use crate::readers::{Code, Picture, Reader, Symbol, Wish};

/// rqrr, a port of quirc.
pub struct Rqrr;

impl Reader for Rqrr {
    fn name(&self) -> &'static str {
        "rqrr"
    }

    fn read(&mut self, picture: &Picture, _: Wish) -> Vec<Code> {
        let mut prepared =
            rqrr::PreparedImage::prepare_from_greyscale(picture.width, picture.height, |x, y| {
                picture.pixels[y * picture.width + x]
            });
        let grids = prepared.detect_grids();
        let read = grids.iter().filter_map(|grid| grid.decode().ok());
        read.map(|(_, text)| Code { symbol: Symbol::Qr, text }).collect()
    }
}

/// quircs, another one.
#[derive(Default)]
pub struct Quircs(quircs::Quirc);

impl Reader for Quircs {
    fn name(&self) -> &'static str {
        "quircs"
    }

    fn read(&mut self, picture: &Picture, _: Wish) -> Vec<Code> {
        let codes = self.0.identify(picture.width, picture.height, picture.pixels);
        let read = codes.filter_map(|code| code.ok()?.decode().ok());
        read.map(|data| Code { symbol: Symbol::Qr, text: text(&data.payload) }).collect()
    }
}

/// rxing, a port of ZXing, as it is.
pub struct RxingPlain;

impl Reader for RxingPlain {
    fn name(&self) -> &'static str {
        "rxing"
    }

    fn read(&mut self, picture: &Picture, wish: Wish) -> Vec<Code> {
        let mut hints = rxing_hints(false);
        let (width, height) = (picture.width as u32, picture.height as u32);
        let results = match wish {
            Wish::Frame => rxing::helpers::detect_in_luma_slice_with_hints(
                picture.pixels,
                width,
                height,
                None,
                &mut hints,
            )
            .map(|result| vec![result]),
            Wish::Still => rxing::helpers::detect_multiple_in_luma_with_hints(
                picture.pixels.to_vec(),
                width,
                height,
                &mut hints,
            ),
        };
        results.unwrap_or_default().iter().filter_map(rxing_code).collect()
    }
}

/// rxing, trying harder, over several sizes.
pub struct RxingHarder;

impl Reader for RxingHarder {
    fn name(&self) -> &'static str {
        "rxing-harder"
    }

    fn read(&mut self, picture: &Picture, wish: Wish) -> Vec<Code> {
        let (width, height) = (picture.width as u32, picture.height as u32);
        let one = |hints: &mut DecodeHints| {
            rxing::helpers::detect_in_luma_filtered_with_hints(
                picture.pixels.to_vec(),
                width,
                height,
                None,
                hints,
            )
        };
        let first = one(&mut rxing_hints(true)).map(|result| vec![result]).unwrap_or_default();
        let many = match wish {
            Wish::Frame => Vec::new(),
            Wish::Still => rxing::helpers::detect_multiple_in_luma_with_hints(
                picture.pixels.to_vec(),
                width,
                height,
                &mut rxing_hints(true),
            )
            .unwrap_or_default(),
        };
        // Two ways of looking: the one that saw more counts.
        let better = if many.len() >= first.len() { many } else { first };
        better.iter().filter_map(rxing_code).collect()
    }
}

fn rxing_hints(harder: bool) -> DecodeHints {
    DecodeHints {
        TryHarder: Some(harder),
        PossibleFormats: Some([BarcodeFormat::QR_CODE, BarcodeFormat::CODE_128].into()),
        ..DecodeHints::default()
    }
}

fn rxing_code(result: &RXingResult) -> Option<Code> {
    let symbol = match result.getBarcodeFormat() {
        BarcodeFormat::QR_CODE => Symbol::Qr,
        BarcodeFormat::CODE_128 => Symbol::Code128,
        _ => return None,
    };
    Some(Code { symbol, text: result.getText().to_owned() })
}

/// zxing-cpp, trying everything it has.
pub struct ZxingCpp;

impl Reader for ZxingCpp {
    fn name(&self) -> &'static str {
        "zxing-cpp"
    }

    fn read(&mut self, picture: &Picture, _: Wish) -> Vec<Code> {
        let reader = zxingcpp::read()
            .formats([zxingcpp::BarcodeFormat::QRCode, zxingcpp::BarcodeFormat::Code128])
            .try_harder(true)
            .try_rotate(true)
            .try_invert(true)
            .try_downscale(true)
            .text_mode(zxingcpp::TextMode::Plain);
        let view =
            ImageView::from_slice(picture.pixels, picture.width, picture.height, zxingcpp::ImageFormat::Lum);
        let codes = view.and_then(|view| reader.from(&view)).unwrap_or_default();
        codes
            .iter()
            .map(|code| {
                let linear = code.format() == zxingcpp::BarcodeFormat::Code128;
                Code { symbol: if linear { Symbol::Code128 } else { Symbol::Qr }, text: code.text() }
            })
            .collect()
    }
}

/// ZBar, the C library.
#[derive(Default)]
pub struct Zbar(guitai_zbar::Scanner);

impl Reader for Zbar {
    fn name(&self) -> &'static str {
        "zbar"
    }

    fn read(&mut self, picture: &Picture, _: Wish) -> Vec<Code> {
        let found = self.0.scan(picture.width, picture.height, picture.pixels);
        let symbol = |symbol| match symbol {
            guitai_zbar::Symbol::Qr => Symbol::Qr,
            guitai_zbar::Symbol::Code128 => Symbol::Code128,
        };
        found.into_iter().map(|(kind, data)| Code { symbol: symbol(kind), text: text(&data) }).collect()
    }
}

/// zedbar, a port of ZBar, with all its retries.
pub struct Zedbar;

impl Reader for Zedbar {
    fn name(&self) -> &'static str {
        "zedbar"
    }

    fn read(&mut self, picture: &Picture, _: Wish) -> Vec<Code> {
        let config = zedbar::DecoderConfig::new()
            .enable(zedbar::config::QrCode)
            .enable(zedbar::config::Code128)
            .retry_undecoded_regions(true)
            .retry_downscaled(true)
            .retry_smoothed(true);
        let Ok(mut image) =
            zedbar::Image::from_gray(picture.pixels, picture.width as u32, picture.height as u32)
        else {
            return Vec::new();
        };
        let found = zedbar::Scanner::with_config(config).scan(&mut image);
        found
            .symbols()
            .iter()
            .filter_map(|symbol| {
                let kind = match symbol.symbol_type() {
                    zedbar::SymbolType::QrCode => Symbol::Qr,
                    zedbar::SymbolType::Code128 => Symbol::Code128,
                    _ => return None,
                };
                Some(Code { symbol: kind, text: text(symbol.data()) })
            })
            .collect()
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
