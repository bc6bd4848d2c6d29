//! Draws payment screens of phones as a webcam sees them.
//!
//! Everything comes from a seed: a wallet's page with one payment code as QR code and as bar code, a hand, a shop behind it, then
//! the way of the light in its real order: perspective, lens, exposure, sensor, compression. So a decoder can be measured on as
//! many pictures as there is time for, and a picture that was lost is named by three words: category, size, seed.
#![expect(clippy::float_arithmetic, reason = "this draws pictures; no money is near")]

pub mod canvas;
pub mod category;
pub mod code128;
pub mod dice;
pub mod jpeg;
pub mod optics;
pub mod photo;
pub mod place;
pub mod print;
pub mod room;
pub mod scene;
pub mod screen;
pub mod sequence;
pub mod shot;

pub use category::{Category, Size};
pub use scene::{Frame, empty};
pub use sequence::Sequence;
pub use shot::Shot;
