//! What every other test and measurement relies on: the same seed is the same picture, and the picture is what it says it is.

use guitai_codes::{Category, Shot, Size, empty};

#[test]
fn the_same_seed_is_the_same_picture_and_another_seed_is_another() {
    for category in Category::ALL {
        let take = |seed| Shot::draw(category, Size::P480, seed).take();
        let (first, again, other) = (take(7), take(7), take(8));

        assert!(first.pixels == again.pixels && first.text == again.text, "{}", category.name());
        assert!(first.pixels != other.pixels && first.text != other.text, "{}", category.name());
    }
}

#[test]
fn every_size_has_as_many_pixels_as_it_says() {
    for size in Size::ALL {
        let frame = empty(size, 3);

        assert_eq!((frame.width, frame.height), size.pixels());
        assert_eq!(frame.pixels.len(), frame.width * frame.height);
        assert_eq!(frame.text, None, "nothing is in an empty picture");
    }
}

#[test]
fn a_corner_of_the_qr_code_is_where_it_is_said_to_be() {
    for seed in 0..8 {
        let frame = Shot::draw(Category::Nominal, Size::P720, seed).take();
        // Half a module into the code is the ring of the first finder pattern, one and a half the white within it.
        let at = |modules: f32| {
            let (from, to) = (frame.qr[0], frame.qr[2]);
            let whole = (to.0 - from.0).hypot(to.1 - from.1) / std::f32::consts::SQRT_2;
            let part = modules * frame.module / whole;
            let (x, y) = (from.0 + (to.0 - from.0) * part, from.1 + (to.1 - from.1) * part);
            frame.pixels[y as usize * frame.width + x as usize]
        };

        assert!(at(0.5) < at(1.5) && at(3.5) < at(1.5), "seed {seed}: dark ring, light ring, dark middle");
    }
}
