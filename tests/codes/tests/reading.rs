//! The product's reader on pictures that any camera at a counter gives.

use guitai_codes::{Category, Frame, Sequence, Shot, Size, empty};
use guitai_devices::decode::{Effort, Looker, Luma, read};

fn luma(frame: &Frame) -> Luma<'_> {
    Luma::new(frame.width, frame.height, frame.width, &frame.pixels).expect("as many pixels as it says")
}

fn texts(frame: &Frame, effort: Effort) -> Vec<String> {
    read(&luma(frame), effort).iter().map(|found| found.text.reveal().to_owned()).collect()
}

#[test]
fn a_phone_that_is_held_well_is_read_at_every_size() {
    for size in Size::ALL {
        for seed in 0..12 {
            let frame = Shot::draw(Category::Nominal, size, seed).take();

            let read = texts(&frame, Effort::Frame);

            assert_eq!(read.first(), frame.text.as_ref(), "{} {seed}", size.name());
        }
    }
}

#[test]
fn a_picture_in_a_mirror_is_read_as_well() {
    for seed in 0..6 {
        let frame = Shot::draw(Category::Mirrored, Size::P720, seed).take();

        assert_eq!(texts(&frame, Effort::Frame).first(), frame.text.as_ref(), "seed {seed}");
    }
}

#[test]
fn nothing_is_read_where_there_is_nothing() {
    for seed in 0..25 {
        let frame = empty(Size::P480, seed);

        assert_eq!(texts(&frame, Effort::Frame), Vec::<String>::new(), "seed {seed}");
    }
}

#[test]
fn whatever_is_wrong_with_a_picture_nothing_else_is_read_than_what_stands_there() {
    for category in Category::ALL {
        for seed in 0..3 {
            let frame = Shot::draw(category, Size::P480, seed).take();

            let mut read = texts(&frame, Effort::Frame);
            read.retain(|text| Some(text) != frame.text.as_ref());

            assert_eq!(read, Vec::<String>::new(), "{} {seed}", category.name());
        }
    }
}

#[test]
fn a_customer_who_comes_in_with_a_phone_is_read_before_she_holds_it_still() {
    for seed in 0..3 {
        let sequence = Sequence::draw(Size::P480, seed);
        let mut looker = Looker::new();

        let read = (0..60).find_map(|number| looker.look(&luma(&sequence.frame(number))));

        assert_eq!(
            read.map(|found| found.text.reveal().to_owned()).as_deref(),
            Some(sequence.code()),
            "{seed}"
        );
    }
}

#[test]
fn a_bar_code_that_the_frame_cuts_off_is_not_read_as_a_shorter_one() {
    let frame = Shot::draw(Category::Close, Size::P480, 31_400_002).take();

    for effort in [Effort::Frame, Effort::Still] {
        let mut read = texts(&frame, effort);
        read.retain(|text| Some(text) != frame.text.as_ref());
        assert_eq!(read, Vec::<String>::new(), "{effort:?}");
    }
}
