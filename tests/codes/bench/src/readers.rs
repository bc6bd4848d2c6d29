//! Everything that reads codes, behind one door.

use std::panic::{AssertUnwindSafe, catch_unwind};

use guitai_devices::decode::{self, Found, Luma};
use rxing::{BarcodeFormat, DecodeHints, RXingResult};
use zxingcpp::ImageView;

/// A grey picture without gaps between rows.
pub struct Picture<'a> {
    /// Pixels in a row.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// Greys.
    pub pixels: &'a [u8],
}

/// Which kind of code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Symbol {
    /// A QR code.
    Qr,
    /// Code 128.
    Code128,
}

/// One code that was read.
#[derive(Debug, Clone)]
pub struct Code {
    /// Which kind.
    pub symbol: Symbol,
    /// What stands in it.
    pub text: String,
}

/// What is wanted of a reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// A frame of a camera: one payment code, soon.
    Frame,
    /// A photograph: every code in it.
    Still,
}

/// Something that reads codes.
pub trait Reader {
    /// Its name in tables and arguments.
    fn name(&self) -> &'static str;
    /// Reads what it can.
    fn read(&mut self, picture: &Picture, wish: Wish) -> Vec<Code>;
}

/// All of them; ours is the first.
pub fn all() -> Vec<Box<dyn Reader>> {
    vec![
        Box::new(Ours),
        Box::new(Rqrr),
        Box::new(Quircs::default()),
        Box::new(RxingPlain),
        Box::new(RxingHarder),
        Box::new(ZxingCpp),
        Box::new(Zbar::default()),
        Box::new(Zedbar),
    ]
}

/// Reads, and takes a panic for nothing read: `None`.
pub fn guarded(reader: &mut dyn Reader, picture: &Picture, wish: Wish) -> Option<Vec<Code>> {
    catch_unwind(AssertUnwindSafe(|| reader.read(picture, wish))).ok()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

struct Ours;

impl Reader for Ours {
    fn name(&self) -> &'static str {
        "ours"
    }

    fn read(&mut self, picture: &Picture, wish: Wish) -> Vec<Code> {
        let Some(luma) = Luma::new(picture.width, picture.height, picture.width, picture.pixels) else {
            return Vec::new();
        };
        let effort = match wish {
            Wish::Frame => decode::Effort::Frame,
            Wish::Still => decode::Effort::Still,
        };
        decode::read(&luma, effort).iter().map(our_code).collect()
    }
}

fn our_code(found: &Found) -> Code {
    let symbol = match found.symbol {
        decode::Symbol::Qr => Symbol::Qr,
        decode::Symbol::Code128 => Symbol::Code128,
    };
    Code { symbol, text: found.text.reveal().to_owned() }
}

/// Ours over the frames of a camera, where it remembers.
#[derive(Default)]
pub struct Live(decode::Looker);

impl Live {
    /// Looks at the next frame.
    pub fn look(&mut self, picture: &Picture) -> Option<Code> {
        let luma = Luma::new(picture.width, picture.height, picture.width, picture.pixels)?;
        self.0.look(&luma).as_ref().map(our_code)
    }
}

struct Rqrr;

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

#[derive(Default)]
struct Quircs(quircs::Quirc);

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

struct RxingPlain;

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

struct RxingHarder;

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

struct ZxingCpp;

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

#[derive(Default)]
struct Zbar(guitai_zbar::Scanner);

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

struct Zedbar;

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
