//! Cash: always possible, exact to the fen.

use guitai_app::view::{CounterView, Key};
use guitai_db::SaleState;
use guitai_domain::{Fen, Method};
use guitai_sandbox::{Fault, Verb};
use guitai_tests::TestRegister;

use crate::support::{books_agree, is_completed, screen};

#[test]
fn exact_cash_is_one_key_and_enter() {
    let mut desk = TestRegister::open();
    desk.type_amount("18.50");
    desk.press(Key::Cash);
    desk.press(Key::Enter);

    let sale = desk.last_sale();
    assert_eq!((sale.state, sale.method), (SaleState::Completed, Some(Method::Cash)));
    assert_eq!((sale.given, sale.change), (Some(Fen(1_850)), Some(Fen(0))));
    assert_eq!(screen(&desk), "captured");
    books_agree(&mut desk);
}

#[test]
fn change_is_worked_out_while_the_cash_is_counted() {
    let mut desk = TestRegister::open();
    desk.arm("18.50");
    desk.press(Key::Cash);
    desk.type_amount("1");
    assert!(matches!(desk.counter(), CounterView::Cash { change: None, .. }), "one yuan is not enough");
    desk.type_amount("00");
    let CounterView::Cash { change, .. } = desk.counter() else { panic!("{:?}", desk.counter()) };
    assert_eq!(change.as_deref(), Some("81.50"));
    desk.press(Key::Enter);

    let sale = desk.last_sale();
    assert_eq!((sale.given, sale.change), (Some(Fen(10_000)), Some(Fen(8_150))));
    let CounterView::Captured { given, change, .. } = desk.counter() else { panic!("{:?}", desk.counter()) };
    assert_eq!((given.as_deref(), change.as_deref()), (Some("100.00"), Some("81.50")));
}

#[test]
fn less_than_the_amount_due_is_not_taken() {
    let mut desk = TestRegister::open();
    let sale = desk.arm("18.50");
    desk.press(Key::Cash);
    desk.type_amount("18.49");
    desk.press(Key::Enter);

    assert_eq!(desk.notice(), "A-07");
    assert_eq!(desk.sale(&sale).state, SaleState::Open);
    desk.press(Key::Clear);
    desk.type_amount("18.50");
    desk.press(Key::Enter);
    assert!(is_completed(&desk, &sale));
}

#[test]
fn escape_leads_from_cash_back_to_the_standing_amount() {
    let mut desk = TestRegister::open();
    let sale = desk.arm("18.50");
    desk.press(Key::Cash);
    desk.type_amount("2");
    desk.press(Key::Escape);
    assert_eq!(screen(&desk), "cash", "first what was typed");
    desk.press(Key::Escape);
    assert_eq!(screen(&desk), "armed");
    desk.scan_phone();
    desk.pass_ms(500);
    assert!(is_completed(&desk, &sale));
    books_agree(&mut desk);
}

#[test]
fn a_code_scanned_while_cash_is_counted_charges_nothing() {
    let mut desk = TestRegister::open();
    desk.arm("18.50");
    desk.press(Key::Cash);
    desk.scan_phone();

    assert_eq!(screen(&desk), "cash");
    assert_eq!(desk.count_sent(Verb::Pay), 0);
    assert_eq!(desk.notice(), "S-11");
}

#[test]
fn cash_is_not_taken_while_a_payment_for_the_sale_is_in_doubt() {
    let mut desk = TestRegister::open();
    desk.inject(Fault::DropAnswer, Verb::Pay, 1);
    desk.inject(Fault::DropAnswer, Verb::Query, 2);
    let sale = desk.charge("18.50");
    desk.pass_ms(2_000);

    desk.press(Key::Cash);
    assert_eq!(desk.notice(), "S-07");
    let (amount, now) = (desk.sale(&sale).amount, desk.now());
    let refused = desk.register_mut().pay_cash(&sale, amount, amount, now);
    assert!(refused.is_err(), "not by any other door either: the customer may have paid");
    assert!(desk.register_mut().void_sale(&sale, now).is_err(), "nor can the sale be given up");

    books_agree(&mut desk);
    assert!(is_completed(&desk, &sale));
    assert_eq!(desk.sale(&sale).method, Some(Method::WechatPay));
}

#[test]
fn after_a_payment_was_taken_back_cash_may_be_taken() {
    let mut desk = TestRegister::open();
    desk.inject(Fault::DropRequest, Verb::Pay, 1);
    let sale = desk.charge("18.50");
    desk.pass_ms(60_000);
    assert_eq!(screen(&desk), "reversed");

    desk.press(Key::Cash);
    desk.type_amount("20");
    desk.press(Key::Enter);

    assert_eq!(desk.sale(&sale).method, Some(Method::Cash));
    books_agree(&mut desk);
}
