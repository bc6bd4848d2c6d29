//! What every other test and measurement relies on: the same seed is the same picture, and the picture is what it says it is.

use guitai_codes::photo::{Kind, photo};
use guitai_codes::{Category, Sequence, Shot, Size, empty};

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

#[test]
fn any_picture_of_a_sequence_can_be_taken_by_itself() {
    let in_order: Vec<_> = {
        let sequence = Sequence::draw(Size::P480, 5);
        [0, 20, 40].map(|number| sequence.frame(number).pixels).into()
    };
    let alone = Sequence::draw(Size::P480, 5).frame(40);

    assert!(alone.pixels == in_order[2], "it does not matter what was taken before");
    assert!(in_order[0] != in_order[1], "the phone moves");
    assert_eq!(alone.text.as_deref(), Some(Sequence::draw(Size::P480, 5).code()));
}

#[test]
fn a_photograph_holds_as_many_texts_as_codes_were_printed() {
    for kind in Kind::ALL {
        let (first, again) = (photo(kind, 2), photo(kind, 2));

        assert!(first.pixels == again.pixels && first.texts == again.texts, "{}", kind.name());
        assert!(first.texts.iter().all(|text| !text.is_empty()), "{}", kind.name());
        assert_eq!(first.texts.len() > 1, kind == Kind::Lots, "{}", kind.name());
    }
}
