//! Everything that reads codes, behind one door.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::libraries::{Quircs, Rqrr, RxingHarder, RxingPlain, Zbar, Zedbar, ZxingCpp};
use crate::ours::Ours;

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
