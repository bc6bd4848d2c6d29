//! The line to the provider: a cut is noticed, nobody shows a code in vain, and its return is no storm.

use std::collections::BTreeMap;

use guitai_app::view::Key;
use guitai_db::{Fact, SaleState};
use guitai_domain::SaleId;
use guitai_domain::payment::State;
use guitai_sandbox::{Fault, Verb};
use guitai_tests::TestRegister;

use crate::support::{books_agree, is_completed, on_desk, screen, totals_agree};

const MINUTE_MS: i64 = 60_000;

/// So many payments in doubt, all paid, all set aside within a few seconds.
fn open_payments(count: usize) -> (TestRegister, Vec<SaleId>) {
    let mut desk = TestRegister::open();
    let sales = (0..count)
        .map(|_| {
            let now = desk.true_ms();
            let wallet = desk.world.add_wallet(now);
            let code = desk.world.payment_code(wallet, now);
            desk.inject(Fault::DropAnswer, Verb::Pay, 1);
            let sale = desk.arm("5");
            desk.scan(&code);
            desk.pass_ms(200);
            desk.press(Key::Digit3);
            sale
        })
        .collect();
    assert_eq!(on_desk(&desk).len(), count);
    (desk, sales)
}

/// When requests of any kind left since `from`.
fn left_since(desk: &TestRegister, from: i64) -> Vec<i64> {
    desk.sent.iter().map(|sent| sent.at_ms).filter(|at| *at >= from).collect()
}

fn shortest_gap(at: &[i64]) -> i64 {
    at.windows(2).map(|pair| pair[1] - pair[0]).min().unwrap_or(i64::MAX)
}

/// For each payment, no question left before the one before it had ended.
fn one_call_at_a_time(desk: &TestRegister) {
    let mut free_at: BTreeMap<String, i64> = BTreeMap::new();
    for sale in desk.sales() {
        for fact in desk.facts(&sale.id) {
            let Fact::ProviderAnswered { payment, answer, .. } = fact else { continue };
            let free = free_at.insert(payment.clone(), answer.asked_at_ms + answer.took_ms);
            assert!(
                free.is_none_or(|free| free <= answer.asked_at_ms),
                "{payment} was asked about twice at once"
            );
        }
    }
}

#[test]
fn a_line_that_is_cut_while_nothing_is_sold_is_noticed_within_five_seconds_and_comes_back_by_itself() {
    // At every moment between two looks, after a start and after a sale.
    for after in (0..7_000).step_by(250) {
        for sold in [false, true] {
            let mut desk = TestRegister::open();
            if sold {
                desk.charge("3");
                desk.pass_ms(500);
                desk.press(Key::Enter);
            }
            desk.pass_ms(after);
            assert!(desk.view().online && desk.display().takes_codes);

            desk.world.set_network_down(true);
            desk.pass_ms(5_000);
            assert!(!desk.view().online, "cut {after} ms after the last call");
            let banner = desk.view().no_codes.expect("a banner");
            assert_eq!(banner.code, "O-03");
            assert!(!banner.zh.contains("未收款"), "nobody has tried to pay: {}", banner.zh);
            assert!(!desk.display().takes_codes, "no customer is asked for a code");

            desk.pass_ms(after * 3);
            desk.world.set_network_down(false);
            desk.pass_ms(5_200);
            assert!(desk.view().online, "mended after {} ms", after * 3);
            assert!(desk.view().no_codes.is_none() && desk.display().takes_codes);
        }
    }
}

#[test]
fn a_line_that_breaks_under_a_call_that_hangs_is_noticed_within_five_seconds_as_well() {
    for after in (0..14_000).step_by(500) {
        let mut desk = TestRegister::open();
        desk.inject(Fault::HalfOpen, Verb::Pay, 1);
        let sale = desk.charge("18.50");
        desk.pass_ms(after);
        assert!(desk.view().online, "a call that hangs alone says nothing about the line");

        desk.world.set_network_down(true);
        desk.pass_ms(5_000);
        assert!(!desk.view().online && !desk.display().takes_codes, "cut {after} ms after the charge left");

        desk.pass_ms(15_000);
        assert!(!desk.view().online, "the end of the call does not mend the line");
        desk.world.set_network_down(false);
        desk.pass_ms(5_200);
        assert!(desk.view().online && desk.display().takes_codes, "cut {after} ms after the charge left");
        desk.run_until_idle();
        assert_eq!(desk.count_sent(Verb::Pay), 1);
        assert!(desk.state_of(&sale).is_final());
        books_agree(&mut desk);
    }
}

#[test]
fn a_till_that_starts_without_a_line_notices_it_as_well() {
    let mut desk = TestRegister::open();
    desk.world.set_network_down(true);
    desk.restart();

    desk.pass_ms(5_000);
    assert!(!desk.view().online);

    desk.restart();
    desk.pass_ms(5_000);
    assert!(!desk.view().online);
}

#[test]
fn without_a_line_no_code_is_charged_and_cash_goes_on() {
    let mut desk = TestRegister::open();
    desk.world.set_network_down(true);
    desk.pass_ms(5_000);
    let sale = desk.arm("18.50");
    let sent = desk.sent.len();

    desk.scan_phone();

    assert_eq!(desk.notice(), "O-01");
    assert_eq!(screen(&desk), "armed", "the sale still stands");
    assert!(desk.payments(&sale).is_empty(), "nothing was begun");
    assert_eq!(desk.sent.len(), sent, "and nothing left the till");
    desk.press(Key::Cash);
    desk.press(Key::Enter);
    assert!(is_completed(&desk, &sale));
    desk.press(Key::Enter);

    // The customer's code was not used up by that: it pays as soon as the line is back.
    let next = desk.arm("2");
    let code = desk.scan_phone();
    desk.world.set_network_down(false);
    desk.pass_ms(5_200);
    desk.scan(&code);
    desk.pass_ms(500);
    assert!(is_completed(&desk, &next));
    books_agree(&mut desk);
}

#[test]
fn a_cut_found_out_by_the_charge_itself_charges_nothing_and_takes_the_same_code_again() {
    let mut desk = TestRegister::open();
    let sale = desk.arm("18.50");
    desk.world.set_network_down(true);

    let code = desk.scan_phone();
    desk.pass_ms(500);
    assert_eq!(desk.state_of(&sale), State::NotSent, "no byte left the till");
    assert!(!desk.view().online);
    desk.world.set_network_down(false);
    desk.pass_ms(5_200);
    desk.scan(&code);
    desk.pass_ms(500);

    assert!(is_completed(&desk, &sale));
    assert_eq!(desk.payments(&sale).len(), 2, "under a new number");
    books_agree(&mut desk);
}

#[test]
fn twenty_open_payments_and_no_line_make_one_call_in_five_seconds_and_its_return_is_no_storm() {
    let (mut desk, sales) = open_payments(20);
    desk.world.set_network_down(true);
    desk.pass_ms(5_000);
    let down_at = desk.true_ms();

    desk.pass_ms(10 * MINUTE_MS);
    let at = left_since(&desk, down_at);
    assert!(shortest_gap(&at) >= 5_000, "{} ms between two calls", shortest_gap(&at));
    assert!(at.len() >= 110, "but it goes on looking for the provider: {} calls", at.len());

    desk.world.set_network_down(false);
    let back_at = desk.true_ms();
    desk.pass_ms(MINUTE_MS);

    let at = left_since(&desk, back_at);
    assert!(shortest_gap(&at) >= 100, "{} ms between two calls", shortest_gap(&at));
    for sale in &sales {
        assert_eq!(desk.state_of(sale), State::PaidLate, "found within a minute");
    }
    totals_agree(&desk);
    one_call_at_a_time(&desk);
}

#[test]
fn two_tills_do_not_come_back_in_step() {
    let return_of = |seed| {
        let mut desk = TestRegister::with_seed(seed);
        for _ in 0..6 {
            let now = desk.true_ms();
            let wallet = desk.world.add_wallet(now);
            let code = desk.world.payment_code(wallet, now);
            desk.inject(Fault::DropAnswer, Verb::Pay, 1);
            desk.arm("5");
            desk.scan(&code);
            desk.pass_ms(200);
            desk.press(Key::Digit3);
        }
        desk.world.set_network_down(true);
        desk.pass_ms(2 * MINUTE_MS);
        desk.world.set_network_down(false);
        let back_at = desk.true_ms();
        desk.pass_ms(20_000);
        let at = left_since(&desk, back_at);
        at.windows(2).map(|pair| pair[1] - pair[0]).collect::<Vec<_>>()
    };

    assert_ne!(return_of(1), return_of(2));
}

#[test]
fn a_provider_in_trouble_is_called_once_in_five_seconds_and_a_customer_at_the_counter_does_not_wait_for_that()
{
    for fault in [
        Fault::Status { code: 500, retry_after_s: None },
        Fault::Status { code: 503, retry_after_s: None },
        Fault::DropAnswer,
        Fault::Forge,
    ] {
        let (mut desk, sales) = open_payments(20);
        desk.inject(fault, Verb::Query, u32::MAX);
        desk.pass_ms(20_000);
        let from = desk.true_ms();

        desk.pass_ms(2 * MINUTE_MS);
        assert!(
            shortest_gap(&left_since(&desk, from)) >= 4_800,
            "{fault:?}: {}",
            shortest_gap(&left_since(&desk, from))
        );
        let charged_at = desk.true_ms();
        let next = desk.charge("7");
        assert_eq!(left_since(&desk, charged_at), [charged_at], "{fault:?}: a charge leaves at once");
        desk.pass_ms(300);
        assert!(is_completed(&desk, &next), "{fault:?}");

        desk.world.clear_faults();
        desk.run_until_idle();
        let back = |sale: &SaleId| desk.state_of(sale) == State::Reversed;
        assert!(sales.iter().all(back), "{fault:?}: nothing definite within the window");
        totals_agree(&desk);
        one_call_at_a_time(&desk);
    }
}

#[test]
fn a_standing_connection_that_stays_silent_holds_one_call_not_twenty() {
    let (mut desk, _) = open_payments(20);
    desk.inject(Fault::HalfOpen, Verb::Any, u32::MAX);
    let from = desk.true_ms();

    desk.pass_ms(5 * MINUTE_MS);

    let at = left_since(&desk, from);
    // Before the first of them is given up on, nobody knows that the line is silent.
    let later: Vec<i64> = at.iter().copied().filter(|at| *at > from + 15_000).collect();
    assert!(shortest_gap(&later) >= 5_000, "{} ms", shortest_gap(&later));
    one_call_at_a_time(&desk);
}

#[test]
fn what_is_found_after_a_long_time_off_is_asked_about_in_good_time() {
    // The provider knows nothing of it, or is in trouble: neither is an answer to how old it really is.
    for fault in [None, Some(Fault::Status { code: 500, retry_after_s: None }), Some(Fault::DropAnswer)] {
        for off_days in [6, 8, 30, 300] {
            let mut desk = TestRegister::open();
            desk.inject(Fault::DropRequest, Verb::Pay, 1);
            let sale = desk.charge("5");
            desk.pass_ms(1_000);
            desk.inject(Fault::DropRequest, Verb::Reverse, u32::MAX);
            if let Some(fault) = fault {
                desk.inject(fault, Verb::Query, u32::MAX);
            }
            desk.restart_after(off_days * 24 * 60 * MINUTE_MS);
            let from = desk.true_ms();

            desk.pass_ms(120 * MINUTE_MS);

            let calls = left_since(&desk, from).len();
            // As dense as for a payment just made, at most: a clock may be wrong about how old it is.
            assert!(calls < 120, "{fault:?}, off for {off_days} days: {calls} calls in two hours");
            let ends = fault.is_none() && off_days < 7;
            assert_eq!(desk.state_of(&sale).is_final(), ends, "an answer, and the provider's window");
        }
    }
}

#[test]
fn a_line_that_comes_and_goes_makes_no_storm_and_loses_nothing() {
    for period in [1_000, 3_000, 7_000, 11_000] {
        let (mut desk, sales) = open_payments(8);
        let from = desk.true_ms();
        for turn in 0..(5 * MINUTE_MS / period) {
            desk.world.set_network_down(turn % 2 == 0);
            desk.pass_ms(period);
        }
        let at = left_since(&desk, from);
        assert!(shortest_gap(&at) >= 100, "period {period}: {} ms", shortest_gap(&at));
        desk.world.set_network_down(false);
        desk.run_until_idle();

        assert!(sales.iter().all(|sale| desk.state_of(sale) == State::PaidLate), "period {period}");
        assert!(sales.iter().all(|sale| desk.sale(sale).state == SaleState::Open));
        totals_agree(&desk);
        one_call_at_a_time(&desk);
    }
}

#[test]
fn somebody_elses_page_in_the_providers_place_is_no_network() {
    for fault in [Fault::CaptivePortal, Fault::Redirect, Fault::EmptyOk] {
        let mut desk = TestRegister::open();
        desk.inject(fault, Verb::Any, 40);

        let sale = desk.charge("18.50");
        desk.pass_ms(1_000);

        assert_eq!(
            desk.state_of(&sale),
            State::InDoubt { refusal: None },
            "{fault:?} proves nothing about the charge"
        );
        assert!(!desk.view().online && !desk.display().takes_codes, "{fault:?}");
        let from = desk.true_ms();
        desk.pass_ms(MINUTE_MS);
        let calls = left_since(&desk, from).len();
        assert!(calls <= 14, "{fault:?}: what is due is what is tried, once in five seconds: {calls}");
        assert!(desk.count_sent(Verb::Reverse) > 0, "{fault:?}: no page in between may keep it from leaving");
        desk.world.clear_faults();
        desk.run_until_idle();
        assert_eq!(desk.state_of(&sale), State::Reversed, "{fault:?}: it never arrived");
        books_agree(&mut desk);
    }
}

#[test]
fn a_broken_line_is_on_the_screen_whatever_the_counter_shows() {
    let mut desk = TestRegister::open();
    desk.world.set_network_down(true);
    desk.pass_ms(5_000);
    for keys in [&[][..], &[Key::Digit5], &[Key::Enter], &[Key::Cash], &[Key::Enter]] {
        keys.iter().for_each(|key| desk.press(*key));
        let view = desk.view();
        assert!(!view.online && view.no_codes.is_some(), "{:?}", view.counter);
        assert!(!desk.display().takes_codes);
    }
}

#[test]
fn a_till_nobody_touches_calls_nobody() {
    let mut desk = TestRegister::open();
    desk.charge("3");
    desk.pass_ms(500);
    let sent = desk.sent.len();

    desk.pass_ms(60 * MINUTE_MS);

    assert_eq!(desk.sent.len(), sent, "it looks at the line without asking anything");
}
