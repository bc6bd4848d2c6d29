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
