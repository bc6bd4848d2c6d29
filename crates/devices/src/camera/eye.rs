//! The till's own reader of codes, as a camera's eye.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::watch::{Eye, Seen};
use crate::decode::{Looker, Luma};

impl Eye for Looker {
    /// A reader that stumbles over a frame must not take the camera with it: the next frame gets a new one.
    fn look(&mut self, grey: &[u8], (width, height): (usize, usize)) -> Option<Seen> {
        let frame = Luma::new(width, height, width, grey)?;
        let looked = catch_unwind(AssertUnwindSafe(|| Looker::look(self, &frame)));
        let found = looked.unwrap_or_else(|_| {
            *self = Looker::new();
            None
        });
        found.map(|found| Seen { text: found.text, corners: found.corners })
    }
}

#[cfg(test)]
mod tests {
    use qrcode::{Color, QrCode};

    use super::*;

    const SIZE: (usize, usize) = (640, 360);

    /// A code whose first module begins at (200, 60).
    fn frame(text: &str, by: usize) -> (Vec<u8>, usize) {
        let code = QrCode::new(text).expect("a code");
        let mut grey = vec![210; SIZE.0 * SIZE.1];
        for y in 0..code.width() * by {
            for x in 0..code.width() * by {
                if code[(x / by, y / by)] == Color::Dark {
                    grey[(60 + y) * SIZE.0 + 200 + x] = 30;
                }
            }
        }
        (grey, code.width() * by)
    }

    #[test]
    fn a_code_in_a_frame_is_seen_where_it_is() {
        let (grey, side) = frame("134567890123456789", 8);

        let seen = Eye::look(&mut Looker::new(), &grey, SIZE).expect("a code");

        assert_eq!(seen.text.reveal(), "134567890123456789");
        let (left, right) = (200.0, 200.0 + side as f32);
        let (top, bottom) = (60.0, 60.0 + side as f32);
        let near = |(x, y): (f32, f32)| {
            let across = (x - left).abs().min((x - right).abs());
            let down = (y - top).abs().min((y - bottom).abs());
            across < 16.0 && down < 16.0
        };
        assert!(seen.corners.into_iter().all(near), "{:?}", seen.corners);
    }

    #[test]
    fn a_frame_that_is_none_is_not_looked_at() {
        assert_eq!(Eye::look(&mut Looker::new(), &[], (0, 0)), None);
        assert_eq!(Eye::look(&mut Looker::new(), &[1, 2, 3], (640, 360)), None);
    }
}
