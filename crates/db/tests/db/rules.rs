//! The rules that hold even where the program above is wrong: one open payment, money once, the end is the end.

use guitai_db::{Damage, Fact, SaleState, WriteError};
use guitai_domain::payment::{Closing, Reason, State};
use guitai_domain::{Fen, Method};

use crate::shop::{MORNING, Shop, completed, paid_in_cash, reopen};

const OPEN: [State; 6] = [
    State::Sent,
    State::AwaitingPayer,
    State::InDoubt { refusal: None },
    State::Reversing { asked: true, acknowledged: false },
    State::Unresolved,
    State::PaidLate,
];

const FINAL: [State; 6] = [
    State::Captured,
    State::NotSent,
    State::Reversed,
    State::SettledByManager { paid: true, closing: Closing::Asked },
    State::SettledByManager { paid: false, closing: Closing::Done },
    State::Declined { reason: Reason::NotEnough, closing: Closing::Done },
];

fn is_refused<T: std::fmt::Debug>(result: Result<T, WriteError>) -> bool {
    matches!(result, Err(WriteError::Refused(_)))
}

#[test]
fn a_sale_has_one_open_payment_at_most() {
    for state in OPEN {
        let mut shop = Shop::new();
        let sale = shop.open_sale(Fen(700));
        let payment = shop.send_payment(&sale, Fen(700)).expect("the first");
        if state != State::Sent {
            shop.move_payment(&payment, &sale, state).expect("moved");
        }

        assert!(is_refused(shop.send_payment(&sale, Fen(700))), "a second one while {state:?}");
        assert_eq!(shop.db.payments_of_sale(sale.as_str()).expect("readable").len(), 1);
    }
}

#[test]
fn a_new_code_may_be_tried_once_the_last_payment_is_final() {
    let mut shop = Shop::new();
    let sale = shop.open_sale(Fen(700));
    let first = shop.send_payment(&sale, Fen(700)).expect("the first");
    let declined = State::Declined { reason: Reason::NotEnough, closing: Closing::Asked };
    shop.move_payment(&first, &sale, declined).expect("declined");

    shop.send_payment(&sale, Fen(700)).expect("the second");

    assert_eq!(shop.db.unfinished_payments().expect("readable").len(), 2, "the first is still to be closed");
}

#[test]
fn a_sale_is_paid_once() {
    let mut shop = Shop::new();
    let sale = shop.open_sale(Fen(700));
    let first = shop.send_payment(&sale, Fen(700)).expect("the first");
    shop.move_payment(&first, &sale, State::Captured).expect("captured");
    let second = shop.send_payment(&sale, Fen(700)).expect("nothing open keeps it from being tried");

    assert!(is_refused(shop.move_payment(&second, &sale, State::Captured)), "money once per sale");
    assert_eq!(shop.db.verify().expect("readable").broken_at, None);
}

#[test]
fn a_final_payment_never_moves_again() {
    for end in FINAL {
        for next in OPEN.into_iter().chain(FINAL).chain([State::Created]) {
            if next == end {
                continue;
            }
            let mut shop = Shop::new();
            let sale = shop.open_sale(Fen(700));
            let payment = shop.send_payment(&sale, Fen(700)).expect("a payment");
            shop.move_payment(&payment, &sale, end).expect("the end");

            assert!(is_refused(shop.move_payment(&payment, &sale, next)), "{end:?} to {next:?}");
        }
    }
}

#[test]
fn a_declined_payment_may_still_be_marked_closed_for_the_same_reason_only() {
    let mut shop = Shop::new();
    let sale = shop.open_sale(Fen(700));
    let payment = shop.send_payment(&sale, Fen(700)).expect("a payment");
    let declined = |reason, closing| State::Declined { reason, closing };
    shop.move_payment(&payment, &sale, declined(Reason::NotEnough, Closing::Asked)).expect("declined");

    assert!(is_refused(shop.move_payment(&payment, &sale, declined(Reason::CodeExpired, Closing::Done))));
    shop.move_payment(&payment, &sale, declined(Reason::NotEnough, Closing::Done)).expect("closed");

    assert_eq!(shop.db.unfinished_payments().expect("readable"), []);
}

#[test]
fn what_a_manager_settled_may_be_marked_closed_and_never_turned_round() {
    for paid in [true, false] {
        let mut shop = Shop::new();
        let sale = shop.open_sale(Fen(700));
        let payment = shop.send_payment(&sale, Fen(700)).expect("a payment");
        let settled = |paid, closing| State::SettledByManager { paid, closing };
        shop.move_payment(&payment, &sale, settled(paid, Closing::Asked)).expect("settled");
        assert_eq!(shop.db.unfinished_payments().expect("readable").len(), 1, "the provider is still asked");

        assert!(is_refused(shop.move_payment(&payment, &sale, settled(!paid, Closing::Done))));
        shop.move_payment(&payment, &sale, settled(paid, Closing::Done)).expect("closed");

        assert_eq!(shop.db.unfinished_payments().expect("readable"), []);
        let voided = shop.write(&[Fact::SaleVoided { sale: sale.to_string() }]);
        assert_eq!(is_refused(voided), paid, "a sale with money is not given up");
    }
}

#[test]
fn money_that_came_late_keeps_its_sale_open_until_somebody_decides() {
    let mut shop = Shop::new();
    let sale = shop.open_sale(Fen(700));
    let payment = shop.send_payment(&sale, Fen(700)).expect("a payment");
    let (of_payment, of_sale) = (payment.to_string(), sale.to_string());
    shop.write(&[Fact::PaymentSetAside { payment: of_payment.clone(), sale: of_sale.clone() }])
        .expect("aside");
    shop.move_payment(&payment, &sale, State::PaidLate).expect("late");

    assert!(is_refused(shop.write(&[Fact::SaleVoided { sale: of_sale.clone() }])));
    assert!(is_refused(shop.write(&[paid_in_cash(&sale, Fen(700), 1)])), "not in cash on top");
    let row = shop.db.payment(&of_payment).expect("readable").expect("a payment");
    assert!(row.set_aside && row.late);

    shop.move_payment(&payment, &sale, State::Captured).expect("booked");
    shop.write(&[completed(&sale, Method::WechatPay, None, 1)]).expect("completed");
    let report = shop.db.day_report(crate::shop::TODAY).expect("a report");
    assert_eq!((report.late.booked, report.late.undecided.0), ((1, Fen(700)), 0));
}

#[test]
fn a_contradiction_stands_until_a_manager_has_looked_at_it() {
    let mut shop = Shop::new();
    let sale = shop.open_sale(Fen(700));
    let payment = shop.send_payment(&sale, Fen(700)).expect("a payment");
    let (payment_text, sale_text) = (payment.to_string(), sale.to_string());
    let declined = State::Declined { reason: Reason::NotEnough, closing: Closing::Asked };
    shop.move_payment(&payment, &sale, declined).expect("declined");
    let reviewed = Fact::PaymentReviewed {
        payment: payment_text.clone(),
        sale: sale_text.clone(),
        reason: "refunded by hand".to_owned(),
    };
    assert!(is_refused(shop.write(std::slice::from_ref(&reviewed))), "nothing to look at");

    shop.write(&[Fact::PaymentContradicted {
        payment: payment_text,
        sale: sale_text,
        state: "declined".to_owned(),
        word: "paid".to_owned(),
    }])
    .expect("heard");
    assert_eq!(shop.db.contradicted_payments().expect("readable").len(), 1);

    shop.write(&[reviewed]).expect("looked at");
    assert_eq!(shop.db.contradicted_payments().expect("readable"), []);
    assert!(shop.db.tables_agree().expect("readable"));
}

#[test]
fn misses_at_the_managers_pin_are_counted_until_it_is_right() {
    let mut shop = Shop::new();
    assert_eq!(shop.db.manager_misses().expect("readable"), None, "no PIN was ever set");

    shop.write(&[Fact::ManagerPinSet {}, Fact::ManagerMissed {}, Fact::ManagerMissed {}]).expect("written");
    assert_eq!(shop.db.manager_misses().expect("readable"), Some(2));

    shop.write(&[Fact::ManagerRecognised {}]).expect("written");
    assert_eq!(shop.db.manager_misses().expect("readable"), Some(0));
}

#[test]
fn money_is_asked_for_an_open_sale_only_and_exactly_what_it_is() {
    let mut shop = Shop::new();
    let sale = shop.open_sale(Fen(700));
    assert!(is_refused(shop.send_payment(&sale, Fen(701))), "another amount");
    let first = shop.send_payment(&sale, Fen(700)).expect("a payment");
    shop.move_payment(&first, &sale, State::Captured).expect("captured");
    shop.write(&[completed(&sale, Method::WechatPay, None, 1)]).expect("completed");

    assert!(is_refused(shop.send_payment(&sale, Fen(700))), "paid already");

    let void = shop.open_sale(Fen(700));
    shop.write(&[Fact::SaleVoided { sale: void.to_string() }]).expect("given up");
    assert!(is_refused(shop.send_payment(&void, Fen(700))), "given up");
}

#[test]
fn a_payment_needs_its_sale_and_an_amount_above_zero() {
    let mut shop = Shop::new();
    let stranger = shop.sale_id();
    assert!(shop.send_payment(&stranger, Fen(1)).is_err(), "no such sale");

    let sale = shop.open_sale(Fen(1));
    assert!(is_refused(shop.send_payment(&sale, Fen(0))));
    let zero = shop.sale_id();
    let fact =
        Fact::SaleOpened { sale: zero.to_string(), amount_fen: 0, business_date: "2026-11-21".to_owned() };
    assert!(is_refused(shop.write(&[fact])), "a sale of nothing");
}

#[test]
fn a_sale_ends_once() {
    let mut shop = Shop::new();
    let sale = shop.open_sale(Fen(700));
    shop.write(&[paid_in_cash(&sale, Fen(700), 1)]).expect("cash");

    assert!(is_refused(shop.write(&[paid_in_cash(&sale, Fen(700), 2)])), "not twice");
    assert!(is_refused(shop.write(&[Fact::SaleVoided { sale: sale.to_string() }])), "not given up either");
    let other = shop.open_sale(Fen(700));
    assert!(is_refused(shop.write(&[paid_in_cash(&other, Fen(700), 1)])), "a receipt number is used once");
}

#[test]
fn a_sale_neither_ends_in_cash_nor_is_given_up_while_a_payment_for_it_is_open() {
    for state in OPEN {
        let mut shop = Shop::new();
        let sale = shop.open_sale(Fen(700));
        let payment = shop.send_payment(&sale, Fen(700)).expect("a payment");
        if state != State::Sent {
            shop.move_payment(&payment, &sale, state).expect("moved");
        }

        assert!(is_refused(shop.write(&[paid_in_cash(&sale, Fen(700), 1)])), "cash while {state:?}");
        assert!(is_refused(shop.write(&[Fact::SaleVoided { sale: sale.to_string() }])), "void in {state:?}");

        let row = shop.db.sale(sale.as_str()).expect("readable").expect("the sale");
        assert_eq!(row.state, SaleState::Open, "its money may still come");
    }
}

#[test]
fn a_sale_whose_money_came_is_never_given_up_or_paid_in_cash() {
    let mut shop = Shop::new();
    let sale = shop.open_sale(Fen(700));
    let payment = shop.send_payment(&sale, Fen(700)).expect("a payment");
    shop.move_payment(&payment, &sale, State::Captured).expect("captured");

    assert!(is_refused(shop.write(&[Fact::SaleVoided { sale: sale.to_string() }])));
    assert!(is_refused(shop.write(&[paid_in_cash(&sale, Fen(700), 1)])));
    shop.write(&[completed(&sale, Method::WechatPay, None, 1)]).expect("it ends as paid");
}

#[test]
fn of_two_writers_the_second_is_told_that_the_file_is_busy_and_nothing_of_it_is_written() {
    let mut shop = Shop::new();
    shop.open_sale(Fen(1));
    let head = shop.db.head();
    let other = shop.back_door();
    other.execute_batch("BEGIN IMMEDIATE").expect("the other writer");

    let refused = shop.write(&[Fact::TillStarted { version: "1".to_owned() }]);

    assert!(matches!(refused, Err(WriteError::Damaged(Damage::Busy))), "{refused:?}");
    assert_eq!(shop.db.head(), head);
    other.execute_batch("ROLLBACK").expect("the other writer goes");
    shop.write(&[Fact::TillStarted { version: "1".to_owned() }]).expect("the file is free");
    assert_eq!(shop.db.verify().expect("readable").broken_at, None);
}

#[test]
fn two_copies_of_the_program_on_one_file_cannot_both_add_the_same_entry() {
    let mut shop = Shop::new();
    shop.open_sale(Fen(1));
    let mut second = reopen(&shop.path());
    shop.open_sale(Fen(2));

    let clash = second.write(MORNING, "till", &[Fact::TillStarted { version: "1".to_owned() }]);

    assert!(is_refused(clash), "its idea of the journal's end is old");
    second
        .write(MORNING, "till", &[Fact::TillStarted { version: "1".to_owned() }])
        .expect("it has read the end again");
    assert_eq!(second.verify().expect("readable").broken_at, None);
}
