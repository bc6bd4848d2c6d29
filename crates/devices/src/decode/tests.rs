use proptest::prelude::*;
use qrcode::{Color, EcLevel, QrCode, Version};

use super::{Effort, Looker, Luma, Symbol, read};

/// A picture of a code, `module` pixels to a module, four modules of quiet zone around it.
fn drawn(code: &QrCode, module: usize) -> (usize, Vec<u8>) {
    let modules = code.width();
    let side = (modules + 8) * module;
    let mut pixels = vec![230; side * side];
    for (index, color) in code.to_colors().into_iter().enumerate() {
        let (left, top) = ((index % modules + 4) * module, (index / modules + 4) * module);
        for line in top..top + module {
            pixels[line * side + left..line * side + left + module].fill(if color == Color::Dark {
                30
            } else {
                230
            });
        }
    }
    (side, pixels)
}

fn texts(side: usize, pixels: &[u8], effort: Effort) -> Vec<String> {
    let picture = Luma::new(side, side, side, pixels).expect("the picture is whole");
    read(&picture, effort).iter().map(|found| found.text.reveal().to_owned()).collect()
}

#[test]
fn every_version_is_read() {
    for (number, level) in (1..=40).zip([EcLevel::L, EcLevel::M, EcLevel::Q, EcLevel::H].into_iter().cycle())
    {
        let code = QrCode::with_version("GUITAI 1", Version::Normal(number), level).expect("it fits");

        let (side, pixels) = drawn(&code, 3);

        assert_eq!(texts(side, &pixels, Effort::Frame), ["GUITAI 1"], "version {number} {level:?}");
    }
}

#[test]
fn a_payment_code_is_read_with_its_corners() {
    let code = QrCode::new("134567890123456789").expect("it fits");
    let (side, pixels) = drawn(&code, 4);
    let picture = Luma::new(side, side, side, &pixels).expect("the picture is whole");

    let found = Looker::new().look(&picture).expect("it is plain to see");

    assert_eq!(found.text.reveal(), "134567890123456789");
    assert_eq!(found.symbol, Symbol::Qr);
    let far = side as f32 - 16.0;
    for (corner, wanted) in found.corners.iter().zip([(16.0, 16.0), (far, 16.0), (far, far), (16.0, far)]) {
        assert!((corner.0 - wanted.0).hypot(corner.1 - wanted.1) < 3.0, "{corner:?} is not {wanted:?}");
    }
}

#[test]
fn a_code_in_a_mirror_is_read() {
    let (side, mut pixels) = drawn(&QrCode::new("281234567890123456").expect("it fits"), 4);
    for row in pixels.chunks_exact_mut(side) {
        row.reverse();
    }

    assert_eq!(texts(side, &pixels, Effort::Frame), ["281234567890123456"]);
}

#[test]
fn a_picture_with_too_few_pixels_is_none() {
    assert!(Luma::new(10, 10, 10, &[0; 99]).is_none());
    assert!(Luma::new(10, 10, 9, &[0; 100]).is_none());
    assert!(Luma::new(0, 10, 10, &[0; 100]).is_none());
    assert!(Luma::new(10, 10, 12, &[0; 118]).is_some(), "the last row needs no padding");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn no_picture_brings_it_down(width in 1usize..90, height in 1usize..90, seed in any::<u64>(), grain in 1usize..9) {
        let mut state = seed | 1;
        let mut noise = vec![0u8; width.div_ceil(grain) * height.div_ceil(grain)];
        for byte in &mut noise {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            *byte = if state >> 63 == 0 { (state >> 56) as u8 / 3 } else { 255 - (state >> 56) as u8 / 3 };
        }
        let pixels: Vec<u8> =
            (0..width * height).map(|at| noise[at / width / grain * width.div_ceil(grain) + at % width / grain]).collect();
        let picture = Luma::new(width, height, width, &pixels).expect("the picture is whole");

        prop_assert!(read(&picture, Effort::Frame).is_empty());
        prop_assert!(read(&picture, Effort::Still).is_empty());
    }
}

#[test]
fn a_light_code_on_dark_ground_is_read_with_time_enough() {
    let (side, mut pixels) = drawn(&QrCode::new("101234567890123456").expect("it fits"), 4);
    for pixel in &mut pixels {
        *pixel = 255 - *pixel;
    }

    assert_eq!(texts(side, &pixels, Effort::Still), ["101234567890123456"]);
}

#[test]
fn a_code_that_reaches_to_the_edge_is_read() {
    let (side, pixels) = drawn(&QrCode::new("301234567890123456").expect("it fits"), 4);
    let inner = side - 32;
    let picture = Luma::new(inner, inner, side, &pixels[16 * side + 16..]).expect("the picture is whole");

    let found = read(&picture, Effort::Still);

    assert_eq!(found.first().map(|found| found.text.reveal()), Some("301234567890123456"));
}

/// A picture of eighteen digits as a bar code, `module` pixels to a module.
fn bars(digits: &str, module: usize) -> (usize, usize, Vec<u8>) {
    use super::code128::{STOP, WIDTHS};
    let mut symbols = vec![105];
    symbols.extend(
        (0..digits.len() / 2).map(|pair| digits[pair * 2..pair * 2 + 2].parse::<usize>().expect("digits")),
    );
    symbols.push(
        symbols[1..].iter().enumerate().fold(105, |sum, (index, symbol)| sum + (index + 1) * symbol) % 103,
    );
    let mut row = vec![220u8; 12 * module];
    let widths = symbols.iter().flat_map(|&symbol| WIDTHS[symbol]).chain(STOP);
    for (index, width) in widths.enumerate() {
        row.extend(std::iter::repeat_n(if index % 2 == 0 { 40 } else { 220 }, usize::from(width) * module));
    }
    row.extend(std::iter::repeat_n(220, 12 * module));
    let (width, height) = (row.len(), 120 * module);
    let pixels = (0..height)
        .flat_map(|y| if (30 * module..70 * module).contains(&y) { row.clone() } else { vec![220; width] })
        .collect();
    (width, height, pixels)
}

#[test]
fn a_bar_code_is_read_from_either_side() {
    let (width, height, pixels) = bars("281234567890123456", 3);
    let turned: Vec<u8> = pixels.iter().rev().copied().collect();
    for pixels in [&pixels, &turned] {
        let picture = Luma::new(width, height, width, pixels).expect("the picture is whole");

        let found = read(&picture, Effort::Frame);

        assert_eq!(found.len(), 1);
        assert_eq!(found[0].text.reveal(), "281234567890123456");
        assert_eq!(found[0].symbol, Symbol::Code128);
    }
}

#[test]
fn a_bar_code_whose_check_does_not_agree_is_not_read() {
    let (width, height, mut pixels) = bars("281234567890123456", 3);
    let other = bars("281234567890123457", 3).2;
    // The last pair is another one, the check symbol stays.
    let pair = (12 + 11 * 9) * 3..(12 + 11 * 10) * 3;
    for (row, from) in pixels.chunks_exact_mut(width).zip(other.chunks_exact(width)) {
        row[pair.clone()].copy_from_slice(&from[pair.clone()]);
    }
    let picture = Luma::new(width, height, width, &pixels).expect("the picture is whole");

    assert!(read(&picture, Effort::Frame).is_empty());
}

#[test]
fn a_code_without_one_of_its_finders_is_read() {
    for corner in [(0, 0), (1, 0), (0, 1)] {
        let (side, mut pixels) = drawn(&QrCode::new("131234567890123456").expect("it fits"), 5);
        let far = side - 20 - 40;
        let (left, top) = (if corner.0 == 1 { far } else { 15 }, if corner.1 == 1 { far } else { 15 });
        for line in top..top + 45 {
            pixels[line * side + left..line * side + left + 45].fill(230);
        }

        assert_eq!(texts(side, &pixels, Effort::Frame), ["131234567890123456"], "without {corner:?}");
    }
}

#[test]
fn a_code_partly_outside_the_picture_is_read() {
    let code = QrCode::with_version("131234567890123456", Version::Normal(2), EcLevel::H).expect("it fits");
    let (side, pixels) = drawn(&code, 6);
    // The last finder is gone, and with it nearly half of the code.
    let picture = Luma::new(side, side - 4 * 6 - 10 * 6, side, &pixels).expect("the picture is whole");

    let found = read(&picture, Effort::Frame);

    assert_eq!(found.first().map(|found| found.text.reveal()), Some("131234567890123456"));
}

#[test]
fn a_camera_reads_two_pixels_to_a_module_in_one_look() {
    // In half the size they are gone.
    let (side, pixels) = drawn(&QrCode::new("281234567890123456").expect("it fits"), 2);
    let (width, height) = (640, 480);
    let mut frame = vec![230u8; width * height];
    for (line, row) in pixels.chunks_exact(side).enumerate() {
        frame[(200 + line) * width + 300..][..side].copy_from_slice(row);
    }
    let picture = Luma::new(width, height, width, &frame).expect("the picture is whole");

    let found = Looker::new().look(&picture);

    assert_eq!(found.map(|found| found.text.reveal().to_owned()).as_deref(), Some("281234567890123456"));
}

/// A picture of 1920 by 1080 with a code in it whose modules are `module` pixels wide, each pixel the mean of what lies in it.
fn far_away(code: &QrCode, module: f32) -> Vec<u8> {
    let (modules, colors) = (code.width(), code.to_colors());
    let dark = |x: f32, y: f32| {
        let (x, y) = ((x / module).floor(), (y / module).floor());
        let inside = x >= 0.0 && y >= 0.0 && x < modules as f32 && y < modules as f32;
        inside && colors[y as usize * modules + x as usize] == Color::Dark
    };
    let mut pixels = vec![200; 1920 * 1080];
    for y in 0..80 {
        for x in 0..80 {
            let parts =
                (0..16).map(|part| (x as f32 + (part % 4) as f32 / 4.0, y as f32 + (part / 4) as f32 / 4.0));
            let share = parts.filter(|&(x, y)| dark(x - 8.3, y - 8.6)).count();
            pixels[(500 + y) * 1920 + 900 + x] = 200 - (share * 10) as u8;
        }
    }
    pixels
}

#[test]
fn a_small_code_in_a_large_picture_is_read_in_one_look() {
    let code = QrCode::new("134567890123456789").expect("it fits");
    let pixels = far_away(&code, 2.6);
    let picture = Luma::new(1920, 1080, 1920, &pixels).expect("the picture is whole");

    let found = Looker::new().look(&picture).expect("there is a code");

    assert_eq!(found.text.reveal(), "134567890123456789");
    let (end_x, end_y) = (908.3 + 21.0 * 2.6, 508.6 + 21.0 * 2.6);
    for (corner, wanted) in
        found.corners.iter().zip([(908.3, 508.6), (end_x, 508.6), (end_x, end_y), (908.3, end_y)])
    {
        assert!((corner.0 - wanted.0).hypot(corner.1 - wanted.1) < 3.0, "{corner:?} is not {wanted:?}");
    }
}

#[test]
fn frames_may_change_their_size() {
    let blank = vec![200; 1920 * 1080];
    let mut looker = Looker::new();

    for (width, height) in [(1920, 1080), (40, 30), (1280, 720), (640, 480), (1, 1)].repeat(6) {
        let frame = Luma::new(width, height, width, &blank).expect("the picture is whole");

        assert!(looker.look(&frame).is_none());
    }
}

#[test]
fn a_phone_is_seen_before_a_poster_with_a_code_of_its_own() {
    let (width, height) = (640, 480);
    for (poster_at, phone_at) in [((10, 10), (420, 300)), ((360, 180), (10, 10))] {
        let mut frame = vec![230u8; width * height];
        let poster = drawn(&QrCode::new("https://shop.example/menu").expect("it fits"), 7);
        let phone = drawn(&QrCode::new("134567890123456789").expect("it fits"), 4);
        for ((left, top), (side, pixels)) in [(poster_at, poster), (phone_at, phone)] {
            for (line, row) in pixels.chunks_exact(side).enumerate() {
                frame[(top + line) * width + left..][..side].copy_from_slice(row);
            }
        }
        let picture = Luma::new(width, height, width, &frame).expect("the picture is whole");

        let found = Looker::new().look(&picture).expect("there are two codes");

        assert_eq!(found.text.reveal(), "134567890123456789", "the poster at {poster_at:?}");
    }
}
