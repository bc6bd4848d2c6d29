//! Grey out of what a camera sends: the brightness is already in it, so nothing is turned into colours first.

/// How a camera lays its pixels out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// Brightness alone.
    Grey,
    /// Two pixels in four bytes, brightness first (also called YUY2).
    Yuyv,
    /// Two pixels in four bytes, brightness second.
    Uyvy,
    /// All brightness, then the colours: NV12, NV21, I420 and their like.
    Planar,
    /// Every frame a JPEG of its own.
    Mjpeg,
}

impl Layout {
    /// The bytes of one row without padding; none for a JPEG, which has no rows.
    fn row(self, width: usize) -> Option<usize> {
        match self {
            Layout::Grey | Layout::Planar => Some(width),
            Layout::Yuyv | Layout::Uyvy => width.checked_mul(2),
            Layout::Mjpeg => None,
        }
    }
}

/// Writes the brightness of a frame to `grey`, row after row without padding.
///
/// `stride` is the distance from row to row; one that is too small for the width (drivers do say 0) is taken to be just
/// the width. Nothing is written and `false` answered when there are fewer bytes than that takes.
pub fn to_grey(
    layout: Layout,
    (width, height): (usize, usize),
    stride: usize,
    bytes: &[u8],
    grey: &mut Vec<u8>,
) -> bool {
    let Some(row) = layout.row(width).filter(|row| *row > 0 && height > 0) else { return false };
    let stride = stride.max(row);
    // The last row may come without its padding.
    let needed = stride.checked_mul(height - 1).and_then(|before| before.checked_add(row));
    let (Some(needed), Some(pixels)) = (needed, width.checked_mul(height)) else { return false };
    if bytes.len() < needed {
        return false;
    }
    grey.resize(pixels, 0);
    for (into, from) in grey.chunks_exact_mut(width).zip(bytes.chunks(stride)) {
        match layout {
            Layout::Grey | Layout::Planar => into.copy_from_slice(&from[..row]),
            Layout::Yuyv => every_other(into, &from[..row], 0),
            Layout::Uyvy => every_other(into, &from[..row], 1),
            Layout::Mjpeg => return false,
        }
    }
    true
}

fn every_other(into: &mut [u8], from: &[u8], first: usize) {
    for (into, pair) in into.iter_mut().zip(from.chunks_exact(2)) {
        *into = pair[first];
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn each_layout_gives_the_same_grey() {
        let cases: [(Layout, &[u8]); 4] = [
            (Layout::Grey, &[1, 2, 3, 4]),
            (Layout::Yuyv, &[1, 99, 2, 99, 3, 99, 4, 99]),
            (Layout::Uyvy, &[99, 1, 99, 2, 99, 3, 99, 4]),
            (Layout::Planar, &[1, 2, 3, 4, 99, 99]),
        ];

        for (layout, bytes) in cases {
            let mut grey = Vec::new();
            assert!(to_grey(layout, (2, 2), 0, bytes, &mut grey));
            assert_eq!(grey, [1, 2, 3, 4], "{layout:?}");
        }
    }

    #[test]
    fn padding_between_rows_is_left_out_and_need_not_follow_the_last() {
        let mut grey = Vec::new();

        assert!(to_grey(Layout::Grey, (2, 2), 3, &[1, 2, 0, 3, 4], &mut grey));

        assert_eq!(grey, [1, 2, 3, 4]);
    }

    proptest! {
        #[test]
        fn whatever_a_driver_claims_it_gives_a_whole_frame_or_none(
            layout in prop::sample::select(vec![Layout::Grey, Layout::Yuyv, Layout::Uyvy, Layout::Planar, Layout::Mjpeg]),
            width in prop_oneof![0usize..30, Just(usize::MAX), Just(usize::MAX / 2)],
            height in prop_oneof![0usize..30, Just(usize::MAX)],
            stride in prop_oneof![0usize..70, Just(usize::MAX)],
            bytes in prop::collection::vec(any::<u8>(), 0..1200),
        ) {
            let mut grey = Vec::new();

            let whole = to_grey(layout, (width, height), stride, &bytes, &mut grey);

            prop_assert_eq!(grey.len(), if whole { width * height } else { 0 });
        }

        #[test]
        fn a_frame_survives_odd_sizes_and_any_padding(
            width in 1usize..40, height in 1usize..40, padding in 0usize..9, seed in any::<u8>(),
        ) {
            let pixel = |x: usize, y: usize| (x * 7 + y * 13) as u8 ^ seed;
            let stride = width * 2 + padding;
            let mut bytes = vec![0; stride * height];
            for (y, row) in bytes.chunks_exact_mut(stride).enumerate() {
                for x in 0..width {
                    row[2 * x] = pixel(x, y);
                }
            }
            let mut grey = Vec::new();

            prop_assert!(to_grey(Layout::Yuyv, (width, height), stride, &bytes, &mut grey));

            for (at, grey) in grey.iter().enumerate() {
                prop_assert_eq!(*grey, pixel(at % width, at / width));
            }
        }
    }
}
