//! What is scanned, when, and how often: only a payment code on a standing amount moves money, and it moves it once.

use guitai_app::view::Key;
use guitai_domain::payment::State;
use guitai_domain::{Fen, PaymentCode};
use guitai_sandbox::{Behaviour, Fault, TRAINEE, Verb};
use guitai_tests::TestRegister;

use crate::support::{books_agree, is_completed, screen};

#[test]
fn a_scanner_that_fires_twice_charges_once() {
    let mut desk = TestRegister::open();
    let sale = desk.arm("18.50");
    let code = desk.scan_phone();

    desk.scan(&code);
    assert_eq!(desk.notice(), "S-06", "a tick, no alarm");
    assert!(!desk.view().notice.expect("a notice").refusal);
    desk.pass_ms(500);
    desk.scan(&code);

    assert_eq!(desk.notice(), "S-05");
    assert_eq!(screen(&desk), "captured");
    assert!(is_completed(&desk, &sale));
    assert_eq!(desk.count_sent(Verb::Pay), 1);
    books_agree(&mut desk);
}

#[test]
fn no_money_is_asked_for_but_for_an_open_sale_at_its_amount() {
    let mut desk = TestRegister::open();
    let sale = desk.arm("18.50");
    let charge = |desk: &mut TestRegister, fen| {
        let code = desk.world.payment_code(TRAINEE, desk.true_ms());
        let (code, now) = (PaymentCode::recognise(&code).expect("a code"), desk.now());
        let charged = desk.register_mut().charge(&sale, Fen(fen), &code, "usb", now);
        desk.run_until_idle();
        charged.map(|_| ()).map_err(|refused| refused.code)
    };

    assert_eq!(charge(&mut desk, 1_851), Err("S-01".to_owned()), "another amount");
    assert_eq!(charge(&mut desk, 1_850), Ok(()));
    assert_eq!(charge(&mut desk, 1_850), Err("S-01".to_owned()), "it is paid");

    assert_eq!(desk.count_sent(Verb::Pay), 1);
    books_agree(&mut desk);
}

#[test]
fn enter_pressed_twice_is_one_sale() {
    let mut desk = TestRegister::open();
    desk.type_amount("18.50");
    desk.press(Key::Enter);
    desk.press(Key::Enter);
    desk.press(Key::Enter);

    assert_eq!(desk.sales().len(), 1);
    assert_eq!(screen(&desk), "armed");
    assert_eq!(desk.notice(), "G-01", "the second press does nothing and says so");
}

#[test]
fn a_code_is_not_taken_for_another_sale() {
    let mut desk = TestRegister::open();
    let first = desk.arm("18.50");
    let code = desk.scan_phone();
    desk.pass_ms(500);
    assert!(is_completed(&desk, &first));

    for (wait, scolds) in [(0, false), (30_000, false), (120_000, true), (400_000, true)] {
        desk.pass_ms(wait);
        let again = desk.arm("18.50");
        desk.scan(&code);

        assert_eq!(desk.notice(), "S-05", "after {wait} ms more");
        assert_eq!(desk.view().notice.expect("a notice").refusal, scolds, "after {wait} ms more");
        assert!(desk.payments(&again).is_empty());
        desk.press(Key::Escape);
    }
    assert_eq!(desk.count_sent(Verb::Pay), 1);
    books_agree(&mut desk);
}

#[test]
fn while_one_payment_is_open_no_other_code_is_charged() {
    let mut desk = TestRegister::open();
    desk.world.set_behaviour(TRAINEE, Behaviour::AskPassword);
    let sale = desk.charge("18.50");
    desk.pass_ms(500);

    for other in ["134567890123456789", "101112131415161718"] {
        desk.scan(other);
        assert_eq!(desk.notice(), "S-07");
    }
    assert_eq!(desk.payments(&sale).len(), 1);
    assert_eq!(desk.count_sent(Verb::Pay), 1);

    let mut desk = TestRegister::open();
    desk.inject(Fault::DropRequest, Verb::Pay, 1);
    let sale = desk.charge("18.50");
    for _ in 0..12 {
        desk.pass_ms(4_000);
        if desk.state_of(&sale).is_final() {
            break;
        }
        desk.scan("134567890123456789");
        assert_eq!(desk.notice(), "S-07", "in {:?}", desk.state_of(&sale));
    }
    assert_eq!(desk.count_sent(Verb::Pay), 1);
    books_agree(&mut desk);
}

#[test]
fn a_code_without_an_amount_charges_nothing_and_asks_for_the_amount() {
    let mut desk = TestRegister::open();
    desk.scan_phone();
    assert_eq!(desk.notice(), "S-01");
    desk.type_amount("18.50");
    desk.scan_phone();
    assert_eq!(desk.notice(), "S-01", "an amount that is still being typed does not stand");
    assert_eq!(screen(&desk), "entering");

    desk.press(Key::Clear);
    desk.type_amount("1500");
    desk.press(Key::Enter);
    desk.scan_phone();
    assert_eq!((desk.notice().as_str(), screen(&desk)), ("S-01", "confirming"));

    assert_eq!(desk.count_sent(Verb::Pay), 0);
    assert!(desk.sales().is_empty());
}

#[test]
fn what_is_not_a_payment_code_is_named_and_charges_nothing() {
    let cases = [
        ("6901234567892", "S-03", "a goods bar code"),
        ("13456789012345", "S-02", "a code cut in the middle"),
        ("1345678901234567890", "S-02", "a code with a digit too many"),
        ("", "S-02", "a scan that broke off"),
        ("https://example.com/pay", "S-04", "a web address"),
        ("20261121-7K3QZX-0001", "S-08", "somebody else's receipt"),
        ("283456789012345678", "K-90", "a wallet that is not set up here"),
        ("6212345678901234567", "K-90", "another one"),
    ];
    for (text, code, what) in cases {
        let mut desk = TestRegister::open();
        let sale = desk.arm("18.50");

        desk.scan(text);

        assert_eq!(desk.notice(), code, "{what}");
        assert_eq!(screen(&desk), "armed", "{what}");
        assert!(desk.payments(&sale).is_empty(), "{what}");
        assert_eq!(desk.count_sent(Verb::Pay), 0, "{what}");
    }
}

#[test]
fn keys_that_prove_to_be_a_scan_are_taken_back() {
    let mut desk = TestRegister::open();
    desk.type_amount("18");

    // The scanner types 13…; three characters came through before it was known for what it is.
    desk.type_amount("134");
    let code = desk.world.payment_code(guitai_sandbox::TRAINEE, desk.true_ms());
    desk.scan_with_undo(&code, 3);

    assert_eq!(desk.notice(), "S-01");
    let guitai_app::view::CounterView::Entering { text } = desk.counter() else {
        panic!("{:?}", desk.counter())
    };
    assert_eq!(text, "18", "what the cashier typed is as it was");
}

#[test]
fn keys_taken_back_from_a_finished_sale_show_it_again_and_start_none() {
    let mut desk = TestRegister::open();
    desk.charge("18.50");
    desk.pass_ms(500);
    desk.type_amount("1");
    assert_eq!(screen(&desk), "entering");

    desk.scan_with_undo("13456789012345", 1);

    assert_eq!((screen(&desk), desk.notice().as_str()), ("captured", "S-02"));
}

#[test]
fn no_more_is_taken_back_than_was_typed_and_a_command_is_never_taken_back() {
    let mut desk = TestRegister::open();
    desk.type_amount("18");
    desk.press(Key::Enter);
    desk.type_amount("5");

    desk.scan_with_undo("13456789012345", 9);

    assert_eq!(screen(&desk), "armed", "the sale that stands stays");
    assert_eq!(desk.sales().len(), 1);
}

#[test]
fn a_receipt_that_is_scanned_opens_its_sale() {
    let mut desk = TestRegister::open();
    let sale = desk.charge("18.50");
    desk.pass_ms(500);
    let receipt = desk.sale(&sale).receipt_no.expect("a receipt");
    desk.press(Key::Enter);

    let opened = desk.scan_with_undo(&receipt, 0);

    assert_eq!(opened, Some(sale));
    assert_eq!(desk.notice(), "");
}

#[test]
fn a_code_from_before_a_restart_is_not_sent_again() {
    let mut desk = TestRegister::open();
    let first = desk.arm("18.50");
    let code = desk.scan_phone();
    desk.pass_ms(500);
    assert_eq!(desk.state_of(&first), State::Captured);
    desk.restart();

    let second = desk.arm("18.50");
    let sent = desk.count_sent(Verb::Pay);
    desk.scan(&code);
    desk.pass_ms(3_000);

    assert_eq!(desk.count_sent(Verb::Pay), sent, "the journal remembers what stands for it");
    assert_eq!(screen(&desk), "armed");
    assert!(!is_completed(&desk, &second));
    let written = desk.facts(&first).iter().map(|fact| format!("{fact:?}")).collect::<String>();
    assert!(!written.contains(&code[..14]), "and not the code");
    books_agree(&mut desk);
}

#[test]
fn a_code_whose_request_never_left_is_good_after_a_restart_too() {
    let mut desk = TestRegister::open();
    desk.arm("18.50");
    desk.inject(Fault::Unreachable, Verb::Pay, 1);
    let code = desk.scan_phone();
    desk.pass_ms(1_000);
    assert_eq!(screen(&desk), "declined");
    desk.world.clear_faults();
    desk.restart();
    desk.pass_ms(6_000);

    let second = desk.arm("18.50");
    desk.scan(&code);
    desk.pass_ms(3_000);

    assert!(is_completed(&desk, &second));
    books_agree(&mut desk);
}
