//! Late money: the provider has it, and nobody waited for it any more. It is booked or given back, never both, never neither.

use std::collections::BTreeMap;

use guitai_app::view::{DeskAct, DeskActView, Doing, Key};
use guitai_db::SaleState;
use guitai_domain::SaleId;
use guitai_domain::payment::{Closing, State};
use guitai_sandbox::{Fault, MERCHANT, Verb};
use guitai_tests::TestRegister;

use crate::support::{act, books_agree, is_completed, late, on_desk, row, totals_agree};

const DAY_MS: i64 = 24 * 3_600_000;

fn late_figures(desk: &TestRegister) -> [u32; 3] {
    let late = desk.register().day_report(Some("2026-11-21"), desk.now().wall).expect("a report").late;
    [late.undecided_count, late.booked_count, late.returned_count]
}

/// Somebody does this on the provider's own pages, past the till.
fn on_the_providers_pages(desk: &mut TestRegister, path: &str, sale: &SaleId, more: &[(&str, &str)]) {
    let number = desk.payments(sale).pop().expect("a payment").id.to_string();
    let mut fields: BTreeMap<&str, &str> = BTreeMap::from([
        ("appid", MERCHANT.appid),
        ("mch_id", MERCHANT.mchid),
        ("nonce_str", "5K8264ILTKCH16CQ2502SI8ZNMTM67VS"),
        ("out_trade_no", &number),
        ("sign_type", "HMAC-SHA256"),
    ]);
    fields.extend(more.iter().copied());
    let mut text: String = fields.iter().map(|(name, value)| format!("{name}={value}&")).collect();
    text.push_str(&format!("key={}", MERCHANT.apiv2_key));
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, MERCHANT.apiv2_key.as_bytes());
    let sign = hex::encode_upper(ring::hmac::sign(&key, text.as_bytes()));
    fields.insert("sign", &sign);
    let body: String = fields.iter().map(|(name, value)| format!("<{name}>{value}</{name}>")).collect();
    let request =
        http::Request::post(path).body(format!("<xml>{body}</xml>").into_bytes()).expect("a request");
    let now_ms = desk.true_ms();
    match desk.world.handle(&request, now_ms, true) {
        guitai_sandbox::Delivery::Reply { response, .. } => {
            let answer = String::from_utf8_lossy(response.body()).into_owned();
            assert!(answer.contains("<result_code><![CDATA[SUCCESS]]>"), "{answer}");
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn late_money_is_booked_and_its_sale_is_among_the_days() {
    let mut desk = TestRegister::open();
    let sale = late(&mut desk, "18.50");
    assert_eq!(late_figures(&desk), [1, 0, 0]);
    assert!(!is_completed(&desk, &sale), "not before somebody says so");
    totals_agree(&desk);

    act(&mut desk, &sale, DeskAct::Book).expect("booked");

    assert_eq!(desk.state_of(&sale), State::Captured);
    assert!(is_completed(&desk, &sale));
    assert!(desk.sale(&sale).receipt_no.is_some());
    assert_eq!(late_figures(&desk), [0, 1, 0]);
    assert!(on_desk(&desk).is_empty());
    totals_agree(&desk);
    books_agree(&mut desk);
}

#[test]
fn late_money_is_given_back_and_its_sale_given_up_only_when_the_provider_has_said_so() {
    let mut desk = TestRegister::open();
    let sale = late(&mut desk, "18.50");
    desk.inject(Fault::DropAnswer, Verb::Reverse, 1);

    act(&mut desk, &sale, DeskAct::GiveBack).expect("given back");
    assert!(matches!(desk.state_of(&sale), State::Reversing { asked: true, .. }));
    assert_eq!(desk.sale(&sale).state, SaleState::Open, "not before the provider says so");
    assert_eq!(late_figures(&desk), [0, 0, 1]);
    desk.run_until_idle();

    assert_eq!(desk.state_of(&sale), State::Reversed);
    assert_eq!(desk.sale(&sale).state, SaleState::Voided);
    assert_eq!(late_figures(&desk), [0, 0, 1]);
    totals_agree(&desk);
    books_agree(&mut desk);
}

#[test]
fn whatever_is_decided_twice_counts_once() {
    use DeskAct::{Book, GiveBack};
    for (first, second, code, paid) in [
        (Book, Book, "W-08", true),
        (Book, GiveBack, "W-08", true),
        (GiveBack, GiveBack, "W-04", false),
        (GiveBack, Book, "W-04", false),
    ] {
        let mut desk = TestRegister::open();
        let sale = late(&mut desk, "18.50");

        act(&mut desk, &sale, first).expect("the first decision");
        let refused = act(&mut desk, &sale, second).expect_err("it is decided");
        assert_eq!(refused.code, code, "{first:?}, then {second:?}");
        desk.run_until_idle();
        let over = act(&mut desk, &sale, second).expect_err("it is over");

        assert_eq!(over.code, "W-08");
        assert_eq!(desk.state_of(&sale) == State::Captured, paid);
        assert_eq!(is_completed(&desk, &sale), paid);
        books_agree(&mut desk);
    }
}

#[test]
fn a_decision_made_while_an_answer_is_on_its_way_stands() {
    for (decision, end) in [(DeskAct::Book, State::Captured), (DeskAct::GiveBack, State::Reversed)] {
        let mut desk = TestRegister::open();
        let sale = late(&mut desk, "18.50");
        desk.inject(Fault::Delay { ms: 4_000 }, Verb::Query, 1);
        act(&mut desk, &sale, DeskAct::AskNow).expect("asked");
        desk.pass_ms(1_000);

        act(&mut desk, &sale, decision).expect("decided");
        desk.run_until_idle();

        assert_eq!(desk.state_of(&sale), end);
        books_agree(&mut desk);
    }
}

#[test]
fn a_restart_at_any_moment_of_a_decision_ends_with_the_same_books() {
    for (decision, end) in [(DeskAct::Book, State::Captured), (DeskAct::GiveBack, State::Reversed)] {
        for after in [None, Some(0), Some(60), Some(200), Some(400)] {
            let mut desk = TestRegister::open();
            let sale = late(&mut desk, "18.50");
            if let Some(after) = after {
                act(&mut desk, &sale, decision).expect("decided");
                desk.pass_ms(after);
            }

            desk.restart();
            if after.is_none() {
                assert_eq!(row(&desk, &sale).doing, Doing::PaidLate, "it still waits for a decision");
                act(&mut desk, &sale, decision).expect("decided after the restart");
            }
            desk.run_until_idle();

            assert_eq!(desk.state_of(&sale), end, "{decision:?}, restarted after {after:?} ms");
            books_agree(&mut desk);
        }
    }
}

#[test]
fn a_provider_in_trouble_is_asked_to_give_late_money_back_until_it_has() {
    let mut desk = TestRegister::open();
    let sale = late(&mut desk, "18.50");
    desk.inject(Fault::Status { code: 503, retry_after_s: None }, Verb::Reverse, 5);

    act(&mut desk, &sale, DeskAct::GiveBack).expect("asked for");
    desk.pass_ms(20_000);
    assert_eq!(row(&desk, &sale).doing, Doing::Reversing, "neither booked nor given back yet");
    assert_eq!(desk.sale(&sale).state, SaleState::Open);

    desk.run_until_idle();
    assert_eq!(desk.state_of(&sale), State::Reversed);
    books_agree(&mut desk);
}

#[test]
fn money_already_refunded_on_the_providers_pages_cannot_be_reversed_and_comes_back_to_a_person() {
    let mut desk = TestRegister::open();
    let sale = late(&mut desk, "18.50");
    let fields = [("out_refund_no", "R1"), ("total_fee", "1850"), ("refund_fee", "1850")];
    on_the_providers_pages(&mut desk, "/secapi/pay/refund", &sale, &fields);

    act(&mut desk, &sale, DeskAct::GiveBack).expect("asked for");
    desk.pass_ms(60_000);

    assert!(!desk.state_of(&sale).is_final(), "no reversal was proven: {:?}", desk.state_of(&sale));
    assert_eq!(on_desk(&desk), [sale.as_str()], "it stays in sight");
    assert!(desk.count_sent(Verb::Reverse) < 20, "and the provider is not stormed");
    let settle = row(&desk, &sale).acts.into_iter().find(|act| act.act == DeskAct::SettleUnpaid);
    assert!(settle.is_some_and(|act| act.enabled), "a manager who has looked may end it");
}

#[test]
fn late_money_that_went_back_by_itself_is_seen_when_the_provider_is_asked() {
    let mut desk = TestRegister::open();
    let sale = late(&mut desk, "18.50");
    on_the_providers_pages(&mut desk, "/secapi/pay/reverse", &sale, &[]);

    act(&mut desk, &sale, DeskAct::AskNow).expect("asked");
    desk.pass_ms(1_000);

    assert_eq!(desk.state_of(&sale), State::Reversed);
    assert_eq!(desk.sale(&sale).state, SaleState::Voided);
    assert_eq!(late_figures(&desk), [0, 0, 1]);
    totals_agree(&desk);
    books_agree(&mut desk);
}

#[test]
fn past_seven_days_only_a_manager_who_has_refunded_it_ends_late_money_that_is_not_booked() {
    let mut desk = TestRegister::open();
    let sale = late(&mut desk, "18.50");
    desk.restart_after(8 * DAY_MS);
    // The provider's clock vouches for the time that has passed.
    desk.charge("2");
    desk.pass_ms(1_000);
    desk.press(Key::Enter);

    let shown = row(&desk, &sale).acts;
    let offered: Vec<DeskAct> = shown.iter().map(|act| act.act).collect();
    assert_eq!(offered, [DeskAct::Book, DeskAct::Refunded, DeskAct::AskNow]);
    let why = |act: &DeskActView| act.why.as_ref().map(|why| why.code.clone());
    assert_eq!((shown[1].enabled, why(&shown[1])), (true, Some("W-06".to_owned())), "and says why");
    assert_eq!(act(&mut desk, &sale, DeskAct::GiveBack).expect_err("too late").code, "W-06");
    assert_eq!(act(&mut desk, &sale, DeskAct::Refunded).expect_err("no manager").code, "M-01");

    let fields = [("out_refund_no", "R1"), ("total_fee", "1850"), ("refund_fee", "1850")];
    on_the_providers_pages(&mut desk, "/secapi/pay/refund", &sale, &fields);
    let payment = desk.payments(&sale)[0].id.to_string();
    let now = desk.now();
    let manager = desk.register_mut().recognise(true, now).expect("a manager");
    let done = desk.register_mut().act_as_manager(&manager, &payment, DeskAct::Refunded, "已在平台退款", now);
    done.expect("settled");
    desk.run_until_idle();

    assert_eq!(desk.state_of(&sale), State::SettledByManager { paid: false, closing: Closing::Done });
    assert_eq!(desk.sale(&sale).state, SaleState::Voided);
    assert_eq!(late_figures(&desk), [0, 0, 1]);
    assert!(on_desk(&desk).is_empty());
    totals_agree(&desk);
    desk.restart();
    assert!(on_desk(&desk).is_empty(), "and it stays so");
}

#[test]
fn the_desk_counts_down_how_long_late_money_can_go_back() {
    let mut desk = TestRegister::open();
    let sale = late(&mut desk, "18.50");
    let left_ms = |desk: &TestRegister| i64::from(row(desk, &sale).window_left_ms.expect("there is a limit"));
    let first = left_ms(&desk);
    assert!((6 * DAY_MS..7 * DAY_MS).contains(&first), "{first}");

    desk.pass_ms(DAY_MS);
    assert_eq!(left_ms(&desk), first - DAY_MS);

    desk.pass_ms(7 * DAY_MS);
    assert_eq!(left_ms(&desk), 0);
}

#[test]
fn late_money_can_still_be_booked_after_any_time() {
    let mut desk = TestRegister::open();
    let sale = late(&mut desk, "18.50");
    desk.restart_after(30 * DAY_MS);

    act(&mut desk, &sale, DeskAct::Book).expect("booked");

    assert_eq!(desk.sale(&sale).business_date, "2026-12-21", "the day it was booked");
    totals_agree(&desk);
    books_agree(&mut desk);
}

#[test]
fn the_report_tells_late_money_of_each_kind_apart() {
    let mut desk = TestRegister::open();
    let sales: Vec<SaleId> = ["1", "2", "4"]
        .into_iter()
        .map(|amount| {
            desk.pass_ms(60_000);
            late(&mut desk, amount)
        })
        .collect();
    act(&mut desk, &sales[1], DeskAct::Book).expect("booked");
    act(&mut desk, &sales[2], DeskAct::GiveBack).expect("given back");
    desk.run_until_idle();

    let report = desk.register().day_report(None, desk.now().wall).expect("a report");
    assert_eq!((report.late.undecided_total.as_str(), report.late.undecided_count), ("1.00", 1));
    assert_eq!((report.late.booked_total.as_str(), report.late.booked_count), ("2.00", 1));
    assert_eq!((report.late.returned_total.as_str(), report.late.returned_count), ("4.00", 1));
    assert_eq!(report.net_total, "2.00", "only what was booked is a sale");
    assert_eq!(report.in_doubt_count, 0, "its result is known");
    totals_agree(&desk);
}
