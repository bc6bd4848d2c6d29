//! When the disk refuses: nothing leaves that is not written, and what could not be written is asked again.
//!
//! The disk refuses because another program holds the file. SQLite waits five real seconds for it each time.

use guitai_app::view::{CounterView, Key};
use guitai_domain::payment::State;
use guitai_sandbox::Verb;
use guitai_tests::TestRegister;

use crate::support::{books_agree, is_completed, screen};

#[test]
fn a_charge_that_cannot_be_written_down_is_not_sent() {
    let mut desk = TestRegister::open();
    let sale = desk.arm("18.50");
    let held = desk.hold_the_file();
    desk.scan_phone();

    assert_eq!(desk.notice(), "D-03");
    assert!(desk.view().notice.expect("a notice").message.en.contains("nothing was charged"));
    assert_eq!(desk.count_sent(Verb::Pay), 0);
    assert_eq!(screen(&desk), "armed");
    drop(held);

    desk.scan_phone();
    desk.pass_ms(500);
    assert!(is_completed(&desk, &sale), "the same code, now that the disk writes");
    books_agree(&mut desk);
}

#[test]
fn an_answer_that_cannot_be_written_down_is_asked_again_and_ends_captured() {
    let mut desk = TestRegister::open();
    let sale = desk.charge("18.50");
    let held = desk.hold_the_file();
    desk.pass_ms(500);

    assert_eq!(desk.notice(), "D-03");
    assert!(desk.view().notice.expect("a notice").message.en.contains("do not charge again"));
    assert!(!matches!(desk.counter(), CounterView::Captured { .. }), "what is not on disk is not told");
    assert!(!desk.state_of(&sale).is_final());
    drop(held);
    desk.pass_ms(10_000);

    assert_eq!(desk.state_of(&sale), State::Captured);
    assert_eq!(desk.count_sent(Verb::Pay), 1);
    books_agree(&mut desk);
}

#[test]
fn cash_that_cannot_be_written_down_is_not_taken() {
    let mut desk = TestRegister::open();
    let sale = desk.arm("18.50");
    desk.press(Key::Cash);
    let held = desk.hold_the_file();
    desk.press(Key::Enter);

    assert_eq!((desk.notice().as_str(), screen(&desk)), ("D-03", "cash"));
    drop(held);
    desk.press(Key::Enter);
    assert!(is_completed(&desk, &sale));
    books_agree(&mut desk);
}

#[test]
fn a_reversal_that_cannot_be_written_down_does_not_leave() {
    let mut desk = TestRegister::open();
    desk.inject(guitai_sandbox::Fault::DropRequest, Verb::Pay, 1);
    let sale = desk.charge("18.50");
    // The last query before the end of the window has been answered; next comes the reversal.
    desk.pass_ms(45_100);
    let held = desk.hold_the_file();
    desk.pass_ms(50);
    let reversals = desk.count_sent(Verb::Reverse);
    assert_eq!(reversals, 0);
    drop(held);

    desk.run_until_idle();
    assert_eq!(desk.state_of(&sale), State::Reversed);
    books_agree(&mut desk);
}

#[test]
fn a_silence_that_cannot_be_written_down_is_still_no_decline() {
    let mut desk = TestRegister::open();
    // The charge sticks in the network until after the till has asked twice.
    desk.delay_next_charge(36_000);
    let sale = desk.charge("18.50");
    let held = desk.hold_the_file();
    desk.pass_ms(15_100);
    assert_eq!(desk.notice(), "D-03");
    assert_eq!(
        screen(&desk),
        "in doubt",
        "the cashier is not left looking at a charge that goes on for ever"
    );
    drop(held);

    desk.pass_ms(15_000);
    assert_ne!(screen(&desk), "declined", "the charge may still be on its way");
    desk.run_until_idle();

    assert_eq!(desk.state_of(&sale), State::Captured);
    books_agree(&mut desk);
}
