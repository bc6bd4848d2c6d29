//! Any device, any moment: what is read charges at most once, and only when it may.

use std::collections::BTreeSet;

use guitai_app::Reading;
use guitai_app::view::{CounterView, DeskAct, Key};
use guitai_domain::PaymentCode;
use guitai_domain::payment::State;
use guitai_sandbox::{Behaviour, Fault, PasswordAnswer, TRAINEE, Verb};
use guitai_tests::TestRegister;
use proptest::prelude::*;

use crate::support::{act as act_on, books_agree, is_completed, screen};

const MINUTE_MS: i64 = 60_000;
const DEVICES: [&str; 5] =
    ["keyboard", "serial:Zebra DS2208", "hid:Honeywell 1900", "camera:C270", "picture:clipboard"];

#[test]
fn a_camera_that_still_sees_the_last_phone_neither_charges_nor_scolds() {
    let mut desk = TestRegister::open();
    let first = desk.arm("18.50");
    let code = desk.scan_phone();
    desk.pass_ms(500);
    assert!(is_completed(&desk, &first));

    // The phone stays there: through the finished sale, the next amount, the next sale, and its cash.
    let mut said = BTreeSet::new();
    let mut look = |desk: &mut TestRegister| {
        desk.pass_ms(40);
        desk.scan_late(&code, "camera:C270", 0);
        let notice = desk.view().notice.expect("a notice");
        assert!(!notice.refusal, "{}: {}", screen(desk), notice.message.code);
        assert_eq!(notice.message.code, "S-05");
        said.insert(notice.serial);
    };
    (0..100).for_each(|_| look(&mut desk));
    desk.type_amount("3");
    (0..100).for_each(|_| look(&mut desk));
    desk.press(Key::Enter);
    (0..100).for_each(|_| look(&mut desk));
    desk.press(Key::Cash);
    (0..100).for_each(|_| look(&mut desk));

    assert_eq!(said.len(), 4, "said once, and once more after each key that took the words away");
    assert_eq!(desk.count_sent(Verb::Pay), 1);
    assert_eq!(screen(&desk), "cash");
    books_agree(&mut desk);
}

#[test]
fn a_code_that_was_read_more_than_a_minute_ago_is_refused() {
    for (age_ms, notice) in [(0, ""), (59_999, ""), (60_000, "S-10"), (600_000, "S-10")] {
        let mut desk = TestRegister::open();
        desk.pass_ms(600_000);
        let sale = desk.arm("18.50");
        let code = desk.world.payment_code(TRAINEE, desk.true_ms());

        desk.scan_late(&code, "serial:Zebra DS2208", age_ms);

        assert_eq!(desk.notice(), notice, "{age_ms} ms old");
        assert_eq!(desk.count_sent(Verb::Pay), usize::from(notice.is_empty()), "{age_ms} ms old");
        assert_eq!(desk.payments(&sale).len(), usize::from(notice.is_empty()), "nothing is written either");
    }
}

#[test]
fn what_is_held_there_is_spoken_of_once_and_what_is_shown_again_once_more() {
    let mut desk = TestRegister::open();
    desk.arm("18.50");
    let serial = |desk: &TestRegister| desk.view().notice.expect("a notice").serial;

    desk.scan_late("6901234567892", "camera:C270", 0);
    let first = serial(&desk);
    desk.pass_ms(500);
    desk.scan_late("6901234567892", "camera:C270", 0);
    assert_eq!(serial(&desk), first, "it is still there");
    desk.pass_ms(2_000);
    desk.scan_late("6901234567892", "camera:C270", 0);
    assert_ne!(serial(&desk), first, "it came back");
}

#[test]
fn the_device_is_written_with_the_payment() {
    for device in DEVICES {
        let mut desk = TestRegister::open();
        let sale = desk.arm("18.50");
        let code = desk.world.payment_code(TRAINEE, desk.true_ms());

        desk.scan_late(&code, device, 0);

        let written = desk.facts(&sale).into_iter().find_map(|fact| match fact {
            guitai_db::Fact::PaymentCreated { device, .. } => Some(device),
            _ => None,
        });
        assert_eq!(written.as_deref(), Some(device));
    }
}

#[derive(Debug, Clone)]
enum Act {
    /// The phone as it is now.
    Phone {
        device: usize,
        age_ms: i64,
    },
    /// A code that was shown before.
    Earlier {
        device: usize,
        back: usize,
        age_ms: i64,
    },
    /// The first digits of the phone's code.
    Half {
        device: usize,
        digits: usize,
    },
    Other(&'static str),
    Press(Key),
    Amount(&'static str),
    Wait(i64),
    Wallet(Behaviour),
    Password(PasswordAnswer),
    Fault(Fault, Verb),
}

fn act() -> impl Strategy<Value = Act> {
    let age = prop_oneof![6 => Just(0_i64), 2 => 0..MINUTE_MS, 2 => MINUTE_MS..5 * MINUTE_MS];
    let device = 0..DEVICES.len();
    prop_oneof![
        6 => (device.clone(), age.clone()).prop_map(|(device, age_ms)| Act::Phone { device, age_ms }),
        4 => (device.clone(), 0..3_usize, age)
            .prop_map(|(device, back, age_ms)| Act::Earlier { device, back, age_ms }),
        2 => (device, 1..18_usize).prop_map(|(device, digits)| Act::Half { device, digits }),
        1 => prop::sample::select(vec!["", "6901234567892", "https://example.com/pay", "20261121-7K3QZX-0001"])
            .prop_map(Act::Other),
        6 => prop::sample::select(vec!["1", "18.50", "2000"]).prop_map(Act::Amount),
        10 => prop::sample::select(vec![Key::Enter, Key::Enter, Key::Escape, Key::Cash, Key::Digit1, Key::Digit2, Key::Digit3])
            .prop_map(Act::Press),
        6 => prop::sample::select(vec![40, 400, 2_000, 16_000, 61_000]).prop_map(Act::Wait),
        1 => prop::sample::select(vec![
            Behaviour::Pay,
            Behaviour::AskPassword,
            Behaviour::Refuse(guitai_sandbox::Refusal::NotEnough),
        ])
        .prop_map(Act::Wallet),
        1 => prop::sample::select(vec![PasswordAnswer::Right, PasswordAnswer::Cancel]).prop_map(Act::Password),
        1 => (
            prop::sample::select(vec![Fault::DropRequest, Fault::DropAnswer]),
            prop::sample::select(vec![Verb::Pay, Verb::Query, Verb::Reverse]),
        )
            .prop_map(|(fault, verb)| Act::Fault(fault, verb)),
    ]
}

/// The desk, and what was charged at it as an onlooker sees it.
struct Onlooker {
    desk: TestRegister,
    shown: Vec<String>,
    charged: BTreeSet<String>,
}

impl Onlooker {
    fn live(&mut self, act: &Act) {
        let sent = self.desk.count_sent(Verb::Pay);
        match act {
            Act::Phone { device, age_ms } => {
                let code = self.desk.world.payment_code(TRAINEE, self.desk.true_ms());
                self.shown.push(code.clone());
                return self.read(&code, DEVICES[*device], *age_ms);
            }
            Act::Earlier { device, back, age_ms } => {
                let Some(code) = self.shown.iter().rev().nth(*back).cloned() else { return };
                return self.read(&code, DEVICES[*device], *age_ms);
            }
            Act::Half { device, digits } => {
                let code = self.desk.world.payment_code(TRAINEE, self.desk.true_ms());
                return self.read(&code[..*digits], DEVICES[*device], 0);
            }
            Act::Other(text) => return self.read(text, "keyboard", 0),
            Act::Press(key) => self.desk.press(*key),
            Act::Amount(amount) => self.desk.type_amount(amount),
            Act::Wait(ms) => self.desk.pass_ms(*ms),
            Act::Wallet(behaviour) => self.desk.world.set_behaviour(TRAINEE, *behaviour),
            Act::Password(answer) => self.desk.answer_password(*answer),
            Act::Fault(fault, verb) => self.desk.inject(*fault, *verb, 1),
        }
        assert_eq!(self.desk.count_sent(Verb::Pay), sent, "only a scan asks for money: {act:?}");
    }

    fn read(&mut self, text: &str, device: &str, age_ms: i64) {
        let (before, sent) = (screen(&self.desk), self.desk.count_sent(Verb::Pay));
        let whole = PaymentCode::recognise(text).is_some();
        let good = whole && age_ms < MINUTE_MS && !self.charged.contains(text);

        self.desk.scan_late(text, device, age_ms);

        let charged = self.desk.count_sent(Verb::Pay) - sent;
        if before == "armed" {
            assert_eq!(charged == 1, good, "{device}, {age_ms} ms old, {} digits", text.len());
        }
        if charged > 0 {
            assert!(good, "{device} charged in {before}: {age_ms} ms old, {} digits", text.len());
            assert!(["armed", "declined", "reversed"].contains(&before), "charged in {before}");
            assert_eq!(charged, 1);
            self.charged.insert(text.to_owned());
        } else if self.charged.contains(text) && age_ms == 0 {
            assert!(self.desk.view().notice.is_some(), "the cashier hears why");
        }
        assert!(self.at_most_one_is_open(), "one charge in flight for a sale");
    }

    fn at_most_one_is_open(&self) -> bool {
        self.desk.sales().iter().all(|sale| {
            let payments = self.desk.payments(&sale.id);
            payments.iter().filter(|payment| !payment.state.is_final()).count() <= 1
        })
    }
}

/// Money that came when nobody waited for it is booked: then the books can be compared.
fn book_what_came_late(desk: &mut TestRegister) {
    for sale in desk.sales() {
        let late = desk.payments(&sale.id).into_iter().any(|payment| payment.state == State::PaidLate);
        if late {
            act_on(desk, &sale.id, DeskAct::Book).expect("late money is booked");
        }
    }
    desk.run_until_idle();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn however_devices_and_keys_mix_nothing_half_old_or_repeated_is_charged_and_no_sale_twice(
        acts in prop::collection::vec(act(), 1..40), seed in 1..1_000_u64,
    ) {
        let desk = TestRegister::in_memory(seed);
        let mut onlooker = Onlooker { desk, shown: Vec::new(), charged: BTreeSet::new() };

        acts.iter().for_each(|act| onlooker.live(act));

        let mut desk = onlooker.desk;
        desk.run_until_idle();
        book_what_came_late(&mut desk);
        prop_assert_eq!(guitai_tests::check_books(&mut desk), Ok(()));
    }
}

#[test]
fn a_code_in_a_picture_that_is_over_asks_for_a_new_screenshot() {
    let said = |device: &str| {
        let mut desk = TestRegister::open();
        desk.world.set_behaviour(TRAINEE, Behaviour::Refuse(guitai_sandbox::Refusal::CodeExpired));
        desk.arm("18.50");
        let code = desk.world.payment_code(TRAINEE, desk.true_ms());
        desk.scan_late(&code, device, 0);
        desk.pass_ms(3_000);
        let CounterView::Declined { message, .. } = desk.counter() else { panic!("{:?}", desk.counter()) };
        message.code
    };

    assert_eq!(said("keyboard"), "W-10");
    assert_eq!(said("picture:clipboard"), "W-27");
}

#[test]
fn a_code_that_goes_off_while_the_computer_sleeps_is_not_sent() {
    for (slept_ms, state) in [(25_000, State::Captured), (31_000, State::NotSent)] {
        let mut desk = TestRegister::open();
        let sale = desk.arm("5");
        let code = desk.world.payment_code(TRAINEE, desk.true_ms());
        let now = desk.now();
        let reading = Reading { text: &code, undo: 0, device: "usb", read_at_ms: now.steady_ms - 30_000 };
        desk.register_mut().take_reading(&reading, now);

        // It falls asleep between writing and sending.
        desk.sleep(slept_ms, true);
        desk.settle();
        desk.pass_ms(1_000);

        assert_eq!(desk.state_of(&sale), state, "{slept_ms} ms");
        assert_eq!(desk.count_sent(Verb::Pay) > 0, state == State::Captured);
        books_agree(&mut desk);
    }
}

#[test]
fn a_picture_is_taken_only_where_the_till_waits_for_a_code() {
    let taken = |desk: &TestRegister| desk.register().takes_pictures().map_err(|why| why.code);
    let mut desk = TestRegister::open();
    assert_eq!(taken(&desk), Err("S-12".to_owned()));
    desk.type_amount("18.50");
    assert_eq!(taken(&desk), Err("S-12".to_owned()));
    desk.press(Key::Enter);
    assert_eq!(taken(&desk), Ok(()));
    desk.press(Key::Cash);
    assert_eq!(taken(&desk), Err("S-11".to_owned()));
    desk.press(Key::Escape);
    desk.scan_phone();
    assert_eq!(taken(&desk), Err("S-07".to_owned()));
    desk.pass_ms(500);
    assert_eq!((screen(&desk), taken(&desk)), ("captured", Err("S-12".to_owned())));
}
