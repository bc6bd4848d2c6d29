//! The manager's word: when it counts, what it needs, and what the provider's later word does to it.

use guitai_app::NotedProvider;
use guitai_app::view::{CounterView, DeskAct, Doing, Key};
use guitai_db::{Fact, SaleState};
use guitai_domain::payment::{Closing, State};
use guitai_domain::{Method, SaleId};
use guitai_sandbox::{Behaviour, Fault, OrderState, Refusal, TRAINEE, Verb};
use guitai_tests::TestRegister;

use crate::support::{act, books_agree, is_completed, late, on_desk, row, screen, times_in, totals_agree};

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;
const REASON: &str = "商户平台上查到了";

/// A payment the provider says is unpaid or does not answer about, past its window: a manager may settle it.
fn ripe(faults: &[(Fault, Verb, u32)]) -> (TestRegister, SaleId) {
    let mut desk = with_faults(faults);
    let sale = desk.charge("18.50");
    desk.world.set_behaviour(TRAINEE, Behaviour::Pay);
    desk.pass_ms(60_000);
    assert!(matches!(desk.state_of(&sale), State::Reversing { .. }), "{:?}", desk.state_of(&sale));
    (desk, sale)
}

/// Paid, one answer told so without proof, and every other one was lost or refused.
const PAID_UNHEARD: &[(Fault, Verb, u32)] = &[
    (Fault::ErrorButCharged, Verb::Pay, 1),
    (Fault::Status { code: 500, retry_after_s: None }, Verb::Query, 100),
    (Fault::DropRequest, Verb::Reverse, 100),
];
/// The bank was in trouble, the order is there and unpaid, and no reversal arrives.
const UNPAID: &[(Fault, Verb, u32)] = &[(Fault::DropRequest, Verb::Reverse, 100)];

fn with_faults(faults: &[(Fault, Verb, u32)]) -> TestRegister {
    let mut desk = TestRegister::open();
    for (fault, verb, times) in faults {
        desk.inject(*fault, *verb, *times);
    }
    if faults == UNPAID {
        desk.world.set_behaviour(TRAINEE, Behaviour::Refuse(Refusal::BankError));
    }
    desk
}

fn settle(desk: &mut TestRegister, sale: &SaleId, how: DeskAct, reason: &str) -> Result<(), String> {
    let payment = desk.payments(sale).pop().expect("a payment").id.to_string();
    let now = desk.now();
    let manager = desk.register_mut().recognise(true, now).expect("a manager");
    let done = desk.register_mut().act_as_manager(&manager, &payment, how, reason, now);
    desk.settle();
    done.map_err(|message| message.code)
}

#[test]
fn nobody_but_a_manager_settles_anything() {
    let (mut desk, sale) = ripe(UNPAID);

    for managers in [DeskAct::SettlePaid, DeskAct::SettleUnpaid, DeskAct::Refunded, DeskAct::Review] {
        assert!(managers.is_managers());
        assert_eq!(act(&mut desk, &sale, managers).expect_err("no manager").code, "M-01", "{managers:?}");
    }

    assert!(matches!(desk.state_of(&sale), State::Reversing { .. }));
}

#[test]
fn a_manager_gives_a_reason_that_can_be_read_later() {
    let (mut desk, sale) = ripe(UNPAID);
    let long = "长".repeat(201);
    for reason in [
        "",
        "    ",
        "abc",
        " abc  ",
        "没收到",
        "看过\n平台了",
        "看过\u{7}平台了",
        "看过\u{0}平台",
        long.as_str(),
    ] {
        let refused = settle(&mut desk, &sale, DeskAct::SettleUnpaid, reason);
        assert_eq!(refused, Err("M-02".to_owned()), "{reason:?}");
    }
    assert!(!desk.state_of(&sale).is_final());

    for (typed, kept) in
        [(" 平台查无此单 ", "平台查无此单"), (&*"长".repeat(200), &*"长".repeat(200)), ("abcd", "abcd")]
    {
        let (mut desk, sale) = ripe(UNPAID);
        settle(&mut desk, &sale, DeskAct::SettleUnpaid, typed).expect("a reason");
        let facts = desk.facts(&sale);
        let said = facts
            .iter()
            .any(|fact| matches!(fact, Fact::PaymentSettled { reason, paid: false, .. } if reason == kept));
        assert!(said, "{facts:?}");
    }
}

#[test]
fn a_manager_waits_until_the_provider_has_had_its_say() {
    type Case = (&'static str, &'static [(Fault, Verb, u32)], i64, bool);
    const SILENT: &[(Fault, Verb, u32)] = &[
        (Fault::DropAnswer, Verb::Pay, 1),
        (Fault::DropAnswer, Verb::Query, 9_999),
        (Fault::DropAnswer, Verb::Reverse, 9_999),
    ];
    let cases: [Case; 6] = [
        ("within the window, unanswered", SILENT, 20_000, false),
        ("after the window, never answered", SILENT, HOUR_MS, false),
        ("after days, never answered", SILENT, 3 * DAY_MS, false),
        ("within the window, answered", UNPAID, 20_000, false),
        ("after the window, answered", UNPAID, 60_000, true),
        ("after the window, answered without proof", PAID_UNHEARD, 60_000, true),
    ];
    for (name, faults, after, allowed) in cases {
        for how in [DeskAct::SettlePaid, DeskAct::SettleUnpaid] {
            let mut desk = with_faults(faults);
            let sale = desk.charge("18.50");
            desk.pass_ms(after);
            let done = settle(&mut desk, &sale, how, REASON);
            assert_eq!(done.is_ok(), allowed, "{name}: {done:?}");
            if !allowed {
                assert_eq!(done, Err("W-07".to_owned()), "{name}");
                assert!(!desk.state_of(&sale).is_final(), "{name}");
                assert_eq!(times_in(&desk, &sale, "settled_by_manager"), 0);
            }
        }
    }
}

#[test]
fn settled_as_not_paid_the_counter_is_free_for_another_way_and_the_provider_closes_it() {
    let (mut desk, sale) = ripe(UNPAID);
    settle(&mut desk, &sale, DeskAct::SettleUnpaid, REASON).expect("settled");
    assert!(matches!(desk.counter(), CounterView::Declined { message, .. } if message.code == "W-19"));

    desk.press(Key::Cash);
    desk.press(Key::Enter);
    assert!(is_completed(&desk, &sale));
    assert_eq!(desk.sale(&sale).method, Some(Method::Cash));
    desk.world.clear_faults();
    desk.run_until_idle();

    assert_eq!(
        desk.payments(&sale)[0].state,
        State::SettledByManager { paid: false, closing: Closing::Done }
    );
    let orders = desk.world.books().orders;
    assert!(orders.iter().all(|order| order.state == OrderState::Revoked), "it can never be paid later");
    books_agree(&mut desk);
}

#[test]
fn settled_as_not_paid_although_it_was_the_money_goes_back() {
    let (mut desk, sale) = ripe(PAID_UNHEARD);
    settle(&mut desk, &sale, DeskAct::SettleUnpaid, REASON).expect("settled");
    desk.press(Key::Cash);
    desk.press(Key::Enter);
    desk.restart();
    desk.world.clear_faults();

    desk.run_until_idle();

    assert_eq!(desk.sale(&sale).method, Some(Method::Cash));
    assert_eq!(desk.world.books().orders[0].state, OrderState::Revoked, "nobody has paid twice");
    books_agree(&mut desk);
    totals_agree(&desk);
}

#[test]
fn settled_as_paid_the_sale_is_complete_and_the_report_says_by_whom() {
    let (mut desk, sale) = ripe(PAID_UNHEARD);
    settle(&mut desk, &sale, DeskAct::SettlePaid, REASON).expect("settled");

    assert_eq!(screen(&desk), "captured");
    assert!(is_completed(&desk, &sale));
    assert!(desk.sale(&sale).receipt_no.is_some());
    let report = desk.register().day_report(None, desk.now().wall).expect("a report");
    assert_eq!((report.settled_count, report.settled_total.as_str()), (1, "18.50"));
    assert_eq!((report.sales_count, report.net_total.as_str()), (1, "18.50"));
    assert_eq!(report.in_doubt_count, 0);
    totals_agree(&desk);

    // The provider's own word is still waited for, and agrees.
    desk.world.clear_faults();
    desk.restart_after(HOUR_MS);
    desk.run_until_idle();
    assert_eq!(desk.state_of(&sale), State::SettledByManager { paid: true, closing: Closing::Done });
    assert!(on_desk(&desk).is_empty(), "nothing to be said against it");
    assert_eq!(times_in(&desk, &sale, "captured"), 0, "a settled payment is not settled again");
    totals_agree(&desk);
}

#[test]
fn a_contradiction_is_told_counted_and_stays_over_a_restart_until_a_manager_says_what_became_of_it() {
    // The money went back, its answers were lost, and a manager took it for paid.
    let mut desk = TestRegister::open();
    let sale = late(&mut desk, "18.50");
    desk.inject(Fault::DropAnswer, Verb::Any, 30);
    act(&mut desk, &sale, DeskAct::GiveBack).expect("asked for");
    desk.pass_ms(60_000);
    settle(&mut desk, &sale, DeskAct::SettlePaid, REASON).expect("settled");
    assert!(is_completed(&desk, &sale));
    desk.world.clear_faults();
    desk.pass_ms(2 * HOUR_MS);

    assert_eq!(desk.state_of(&sale), State::SettledByManager { paid: true, closing: Closing::Done });
    let shown = row(&desk, &sale);
    assert_eq!((shown.doing, shown.message.code.as_str()), (Doing::Contradicted, "W-26"));
    assert_eq!(desk.view().in_doubt, 1);
    assert!(is_completed(&desk, &sale), "what a person has settled is not undone by itself");
    desk.restart();
    assert_eq!(row(&desk, &sale).doing, Doing::Contradicted);
    assert_eq!(act(&mut desk, &sale, DeskAct::Review).expect_err("no manager").code, "M-01");
    assert_eq!(settle(&mut desk, &sale, DeskAct::Review, "x"), Err("M-02".to_owned()));

    settle(&mut desk, &sale, DeskAct::Review, "已向顾客收现金").expect("reviewed");

    assert!(on_desk(&desk).is_empty() && desk.view().in_doubt == 0);
    assert_eq!(settle(&mut desk, &sale, DeskAct::Review, REASON), Err("W-08".to_owned()), "once");
    desk.restart();
    assert!(on_desk(&desk).is_empty(), "and for good");
    assert_eq!(desk.sale(&sale).state, SaleState::Completed);
}

#[test]
fn what_was_reviewed_is_not_brought_up_again_however_often_the_provider_repeats_it() {
    let mut desk = TestRegister::open();
    desk.world.set_behaviour(TRAINEE, Behaviour::Refuse(Refusal::BankError));
    desk.inject(Fault::DropRequest, Verb::Reverse, 100);
    let sale = desk.charge("18.50");
    desk.pass_ms(60_000);
    settle(&mut desk, &sale, DeskAct::SettlePaid, REASON).expect("settled");
    desk.pass_ms(HOUR_MS + 10_000);
    assert_eq!(row(&desk, &sale).doing, Doing::Contradicted, "the provider says that it is unpaid");
    desk.restart();
    desk.pass_ms(10_000);
    settle(&mut desk, &sale, DeskAct::Review, "已向顾客收现金").expect("reviewed");

    for _ in 0..3 {
        desk.restart();
        desk.pass_ms(2 * HOUR_MS);
        assert!(on_desk(&desk).is_empty());
    }

    let told =
        desk.facts(&sale).iter().filter(|fact| matches!(fact, Fact::PaymentContradicted { .. })).count();
    assert_eq!(told, 1);
}

#[test]
fn an_answer_on_its_way_when_a_manager_settles_changes_nothing_and_is_on_record() {
    for how in [DeskAct::SettlePaid, DeskAct::SettleUnpaid] {
        let (mut desk, sale) = ripe(PAID_UNHEARD);
        desk.world.clear_faults();
        desk.inject(Fault::Delay { ms: 9_000 }, Verb::Query, 1);
        act(&mut desk, &sale, DeskAct::AskNow).expect("asked");
        // Behind a provider in trouble it leaves within five seconds.
        desk.pass_ms(6_000);

        settle(&mut desk, &sale, how, REASON).expect("settled");
        desk.run_until_idle();

        assert!(matches!(desk.state_of(&sale), State::SettledByManager { .. }), "{how:?}");
        assert_eq!(times_in(&desk, &sale, "captured") + times_in(&desk, &sale, "paid_late"), 0);
        assert!(
            desk.facts(&sale)
                .iter()
                .any(|fact| matches!(fact, Fact::ProviderAnswered { answer, .. } if answer.heard == "paid"))
        );
        if how == DeskAct::SettleUnpaid {
            assert_eq!(desk.world.books().orders[0].state, OrderState::Revoked, "its money went back");
            assert_eq!(row(&desk, &sale).doing, Doing::Contradicted, "and a manager hears of it");
        } else {
            totals_agree(&desk);
        }
    }
}

#[test]
fn a_settlement_cut_short_by_a_restart_is_whole_or_absent() {
    for how in [DeskAct::SettlePaid, DeskAct::SettleUnpaid] {
        let (mut desk, sale) = ripe(UNPAID);
        settle(&mut desk, &sale, how, REASON).expect("settled");

        desk.restart();

        let settled = times_in(&desk, &sale, "settled_by_manager");
        assert_eq!(settled, 1);
        assert_eq!(is_completed(&desk, &sale), how == DeskAct::SettlePaid);
        if how == DeskAct::SettleUnpaid {
            desk.world.clear_faults();
            desk.run_until_idle();
            assert!(!desk.state_of(&sale).is_unfinished());
        }
    }
}

fn miss(desk: &mut TestRegister) -> String {
    let now = desk.now();
    desk.register_mut().recognise(false, now).expect_err("wrong").code
}

fn wait_s(desk: &TestRegister) -> i64 {
    desk.register().pin_wait_ms(desk.now()) / 1_000
}

#[test]
fn wrong_pins_wait_longer_each_time_and_neither_a_restart_nor_a_clock_shortens_it() {
    for (off, jump) in
        [(0, 0), (10_000, 0), (DAY_MS, 0), (0, DAY_MS), (0, -DAY_MS), (5_000, 10 * 365 * DAY_MS)]
    {
        let mut desk = TestRegister::open();
        let now = desk.now();
        desk.register_mut().note_pin_set(now).expect("set");
        for _ in 0..2 {
            assert_eq!(miss(&mut desk), "M-03");
            assert_eq!(wait_s(&desk), 0, "two slips are forgiven");
        }
        for wait in [30, 60, 120, 240, 480, 960, 1_800, 1_800] {
            assert_eq!(miss(&mut desk), "M-03");
            assert_eq!(wait_s(&desk), wait);
            desk.pass_ms(wait * 1_000 - 2_000);
            desk.wall_off_ms = jump;
            assert_eq!(miss(&mut desk), "M-04", "it does not even count");
            let now = desk.now();
            let early = desk.register_mut().recognise(true, now).expect_err("the right one waits as well");
            assert_eq!(early.code, "M-04");
            desk.restart_after(off);
            assert_eq!(wait_s(&desk), wait, "a restart begins the wait anew (off {off}, jump {jump})");
            desk.pass_ms(wait * 1_000);
            assert_eq!(wait_s(&desk), 0);
        }
        let now = desk.now();
        desk.register_mut().recognise(true, now).expect("the right one, in time");
        assert_eq!(miss(&mut desk), "M-03");
        assert_eq!(wait_s(&desk), 0, "it counts anew");
    }
}

#[test]
fn a_new_pin_forgives_the_misses_at_the_old_one_and_every_step_is_on_record() {
    let mut desk = TestRegister::open();
    let now = desk.now();
    assert!(!desk.register().has_pin());
    desk.register_mut().note_pin_set(now).expect("set");
    (0..3).for_each(|_| drop(miss(&mut desk)));
    assert_eq!(wait_s(&desk), 30);

    let now = desk.now();
    desk.register_mut().note_pin_set(now).expect("set anew");

    assert_eq!(wait_s(&desk), 0);
    let entries = desk.register().db().entries_from(1, 100).expect("readable");
    let kinds =
        entries.iter().filter(|entry| matches!(entry.fact, Fact::ManagerPinSet {} | Fact::ManagerMissed {}));
    assert_eq!(kinds.count(), 5);
}

#[test]
fn a_merchant_that_was_changed_past_the_till_is_written_down_once_and_stands_on_every_screen() {
    let merchant = |mark: &str| NotedProvider {
        kind: "wechat_pay_v3".to_owned(),
        merchant: format!("19******{mark}"),
        mark: mark.to_owned(),
    };
    let note = |desk: &mut TestRegister, mark: &str, by: &str| {
        let now = desk.now();
        desk.register_mut().note_provider(&merchant(mark), by, now).expect("written");
        desk.view().alarms.into_iter().map(|alarm| alarm.code).collect::<Vec<_>>()
    };
    let mut desk = TestRegister::open();

    assert!(note(&mut desk, "01", "set_up").is_empty());
    assert!(note(&mut desk, "01", "found").is_empty(), "as it was left");
    assert!(note(&mut desk, "02", "manager").is_empty(), "a manager said so");
    assert_eq!(note(&mut desk, "03", "found"), ["M-11"]);

    let entries = desk.register().db().entries_of_kinds(&["provider.changed"]).expect("readable");
    let told = entries.into_iter().map(|entry| match entry.fact {
        Fact::ProviderChanged { before, by, .. } => (before, by),
        other => panic!("{other:?}"),
    });
    let before = |mark: &str| Some(format!("19******{mark}"));
    let by = |name: &str| name.to_owned();
    let expected = [(None, by("set_up")), (before("01"), by("manager")), (before("02"), by("found"))];
    assert_eq!(told.collect::<Vec<_>>(), expected);
    let verdict = desk.register().db().tables_agree().expect("readable");
    assert!(verdict, "the merchant in use is derived like everything else");
}
