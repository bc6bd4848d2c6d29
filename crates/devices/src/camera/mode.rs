//! Which of a camera's modes reads codes best.

use std::cmp::Reverse;

use super::pixels::Layout;

/// A size, a rate and a layout a camera offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mode {
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
    /// Frames in 1000 seconds: 29,970 for 29.97 a second.
    pub rate_milli: u32,
    /// How the pixels come.
    pub layout: Layout,
}

/// What is read beyond this costs time and finds no more.
const WIDTH_MAX: u32 = 1920;
const HEIGHT_MAX: u32 = 1200;
/// Fewer frames a second keep a customer waiting: 25 counts as 30, as half the world's lamps want it.
const RATE_FLUENT: u32 = 24_000;
const RATE_BEARABLE: u32 = 9_000;

/// Sorts `modes`, best first: fluent before slow, then the most pixels up to 1080p, then what needs no decoding, then the rate
/// nearest to 30.
pub fn best_first(modes: &mut [Mode]) {
    modes.sort_by_key(|mode| Reverse(worth(mode)));
}

/// How much a mode is worth; more is better.
pub fn worth(mode: &Mode) -> impl Ord + Copy + use<> {
    let fits = mode.width <= WIDTH_MAX && mode.height <= HEIGHT_MAX;
    let area = u64::from(mode.width) * u64::from(mode.height);
    let plain = mode.layout != Layout::Mjpeg;
    (
        fits,
        mode.rate_milli >= RATE_BEARABLE,
        mode.rate_milli >= RATE_FLUENT,
        // Of sizes that are all too large, the least.
        if fits { area } else { u64::MAX - area },
        plain,
        Reverse(mode.rate_milli.abs_diff(30_000)),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(width: u32, height: u32, rate: u32, layout: Layout) -> Mode {
        Mode { width, height, rate_milli: rate * 1000, layout }
    }

    fn check(what: &str, mut modes: Vec<Mode>, best: Mode) {
        best_first(&mut modes);
        assert_eq!(modes[0], best, "{what}");
    }

    #[test]
    fn the_mode_that_reads_best_comes_first() {
        use Layout::{Mjpeg, Yuyv};
        check(
            "an ordinary webcam: plain pixels are slow at full size",
            vec![
                mode(640, 480, 30, Yuyv),
                mode(1920, 1080, 5, Yuyv),
                mode(1280, 720, 10, Yuyv),
                mode(1280, 720, 30, Mjpeg),
                mode(1920, 1080, 30, Mjpeg),
                mode(320, 180, 60, Mjpeg),
            ],
            mode(1920, 1080, 30, Mjpeg),
        );
        check(
            "a fast bus: the same without a JPEG between",
            vec![mode(1920, 1080, 30, Mjpeg), mode(1920, 1080, 30, Yuyv), mode(1920, 1080, 60, Yuyv)],
            mode(1920, 1080, 30, Yuyv),
        );
        check(
            "more than 1080p is of no use",
            vec![mode(3840, 2160, 30, Mjpeg), mode(1280, 720, 30, Mjpeg), mode(2592, 1944, 30, Yuyv)],
            mode(1280, 720, 30, Mjpeg),
        );
        check("but is better than nothing", vec![mode(3840, 2160, 30, Mjpeg)], mode(3840, 2160, 30, Mjpeg));
        check(
            "an old camera: the largest that is fluent",
            vec![mode(640, 480, 30, Yuyv), mode(1280, 1024, 8, Yuyv), mode(800, 600, 15, Yuyv)],
            mode(640, 480, 30, Yuyv),
        );
    }
}
