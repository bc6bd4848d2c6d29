//! Amounts as they are typed: what is wrong is refused aloud, never dropped in silence.

use guitai_app::view::{CounterView, Key, SettingChange};
use guitai_domain::Fen;
use guitai_tests::TestRegister;

use crate::support::screen;

fn typed(desk: &TestRegister) -> String {
    match desk.counter() {
        CounterView::Entering { text } => text,
        CounterView::Idle => String::new(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_amount_that_cannot_be_is_refused_with_its_reason() {
    let cases: [(&str, &[Key], &str, &str); 9] = [
        ("nothing", &[Key::Enter], "A-01", ""),
        ("a point only", &[Key::Point, Key::Enter], "A-02", "."),
        ("two points", &[Key::Digit1, Key::Point, Key::Point], "A-02", "1."),
        ("three places", &[Key::Digit1, Key::Point, Key::Digit2, Key::Digit3, Key::Digit4], "A-03", "1.23"),
        ("00 behind one place", &[Key::Digit1, Key::Point, Key::Digit2, Key::DoubleZero], "A-03", "1.2"),
        ("zero", &[Key::Digit0, Key::Enter], "A-05", "0"),
        (
            "zero with places",
            &[Key::Digit0, Key::Point, Key::Digit0, Key::Digit0, Key::Enter],
            "A-05",
            "0.00",
        ),
        ("two zeros", &[Key::Digit0, Key::Digit0], "A-06", "0"),
        ("too much", &[Key::Digit9; 7], "A-04", "999999"),
    ];
    for (what, keys, code, left) in cases {
        let mut desk = TestRegister::open();
        keys.iter().for_each(|key| desk.press(*key));

        assert_eq!(desk.notice(), code, "{what}");
        assert!(desk.view().notice.expect("a notice").refusal, "{what}: with the low tone");
        assert_eq!(typed(&desk), left, "{what}: what stood there still stands");
        assert!(desk.sales().is_empty(), "{what}");
    }
}

#[test]
fn amounts_are_read_to_the_fen() {
    let cases =
        [("1", 100), (".5", 50), ("0.01", 1), ("18.5", 1_850), ("999999.99", 99_999_999), ("12.05", 1_205)];
    for (text, fen) in cases {
        let mut desk = TestRegister::open();
        let sale = desk.arm(text);

        assert_eq!(desk.sale(&sale).amount, Fen(fen), "{text}");
    }
}

#[test]
fn each_refusal_has_a_number_of_its_own_so_that_the_same_one_twice_sounds_twice() {
    let mut desk = TestRegister::open();
    desk.press(Key::Enter);
    let first = desk.view().notice.expect("a notice").serial;
    desk.press(Key::Enter);

    assert_ne!(desk.view().notice.expect("a notice").serial, first);
    desk.press(Key::Digit1);
    assert_eq!(desk.notice(), "", "a key that works takes the message away");
}

#[test]
fn an_unusually_large_amount_wants_a_second_enter_and_shows_itself_in_words() {
    let mut desk = TestRegister::open();
    desk.type_amount("999.99");
    desk.press(Key::Enter);
    assert_eq!(screen(&desk), "armed", "below the limit");
    desk.press(Key::Escape);

    desk.type_amount("1280");
    desk.press(Key::Enter);
    let CounterView::Confirming { due, words } = desk.counter() else { panic!("{:?}", desk.counter()) };
    assert_eq!((due.as_str(), words.as_str()), ("1280.00", "壹仟贰佰捌拾元整"));
    assert_eq!(desk.sales().len(), 1, "nothing stands yet but the sale given up before");
    desk.press(Key::Escape);
    assert_eq!(typed(&desk), "1280", "back to what was typed");
    desk.press(Key::Enter);
    desk.press(Key::Enter);
    assert_eq!(screen(&desk), "armed");

    let now = desk.now();
    desk.register_mut().change_setting(&SettingChange::ConfirmAbove("50".to_owned()), now).expect("a limit");
    desk.press(Key::Escape);
    desk.type_amount("50");
    desk.press(Key::Enter);
    assert_eq!(screen(&desk), "confirming", "the shop's own limit");
}

#[test]
fn backspace_clear_and_escape_undo_typing() {
    let mut desk = TestRegister::open();
    desk.type_amount("18.5");
    desk.press(Key::Backspace);
    assert_eq!(typed(&desk), "18.");
    desk.press(Key::Clear);
    assert_eq!(screen(&desk), "idle");
    desk.type_amount("7");
    desk.press(Key::Escape);
    assert_eq!(screen(&desk), "idle");
    desk.press(Key::Backspace);
    assert_eq!(screen(&desk), "idle", "nothing to take away");
}

#[test]
fn a_sale_given_up_before_any_money_is_void() {
    let mut desk = TestRegister::open();
    let sale = desk.arm("18.50");
    desk.press(Key::Escape);

    assert_eq!(desk.sale(&sale).state, guitai_db::SaleState::Voided);
    assert_eq!(desk.sale(&sale).receipt_no, None);
    assert_eq!(screen(&desk), "idle");
}

#[test]
fn the_first_digit_after_a_finished_sale_begins_the_next_one() {
    let mut desk = TestRegister::open();
    desk.charge("18.50");
    desk.pass_ms(500);
    desk.type_amount("7");

    assert_eq!(typed(&desk), "7");
}
