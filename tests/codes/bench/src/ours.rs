//! The product's own reader.

use guitai_devices::decode::{self, Found, Luma};

use crate::readers::{Code, Picture, Reader, Symbol, Wish};

/// Ours, shown one picture.
pub struct Ours;

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

/// Ours over the frames of a camera, as the till uses it.
#[derive(Default)]
pub struct Live(decode::Looker);

impl Live {
    /// Looks at the next frame.
    pub fn look(&mut self, picture: &Picture) -> Option<Code> {
        let luma = Luma::new(picture.width, picture.height, picture.width, picture.pixels)?;
        self.0.look(&luma).as_ref().map(our_code)
    }
}
