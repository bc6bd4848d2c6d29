//! A random day at the desk.

use guitai_app::view::{CounterView, DeskAct, Doing, Key};
use guitai_sandbox::{Behaviour, Fault, PasswordAnswer, Refusal, TRAINEE, Verb, Word};

use crate::chance::Chance;
use crate::desk::TestRegister;

/// How a day is to be.
#[derive(Debug, Clone, Copy)]
pub struct Trade {
    /// How many sales are begun.
    pub sales: u32,
    /// How often the till dies where it can, in a thousand.
    pub deaths_permille: u64,
    /// How often a sale meets trouble, in a thousand.
    pub trouble_permille: u64,
}

/// What may go wrong with a request.
pub(crate) const FAULTS: [Fault; 40] = [
    Fault::Delay { ms: 4_000 },
    Fault::Delay { ms: 14_000 },
    Fault::Delay { ms: 40_000 },
    Fault::DropRequest,
    Fault::DropAnswer,
    Fault::Duplicate,
    Fault::StaleAnswer,
    Fault::Corrupt,
    Fault::Forge,
    Fault::SignatureProbe,
    Fault::WrongAmount,
    Fault::WrongOrder,
    Fault::WrongMerchant,
    Fault::WrongCurrency,
    Fault::WrongAppid,
    Fault::StaleTimestamp,
    Fault::Replay,
    Fault::Status { code: 429, retry_after_s: Some(7) },
    Fault::Status { code: 500, retry_after_s: None },
    Fault::Status { code: 502, retry_after_s: None },
    Fault::Status { code: 503, retry_after_s: None },
    Fault::CaptivePortal,
    Fault::EmptyOk,
    Fault::Redirect,
    Fault::HalfOpen,
    Fault::SilentAnswer,
    Fault::Unreachable,
    Fault::ErrorButCharged,
    Fault::Impostor,
    Fault::HollowReverse,
    Fault::NotKnownYet,
    Fault::Tells { state: Word::NOTPAY },
    Fault::Tells { state: Word::USERPAYING },
    Fault::Tells { state: Word::SETTLING },
    Fault::Refuses { status: 400, code: Word::TRADE_ERROR },
    Fault::Refuses { status: 400, code: Word::INVALID_REQUEST },
    Fault::Refuses { status: 401, code: Word::SIGN_ERROR },
    Fault::Refuses { status: 403, code: Word::NO_AUTH },
    Fault::Refuses { status: 403, code: Word::RULE_LIMIT },
    Fault::Refuses { status: 409, code: Word::SOMETHING_NEW },
];

const BEHAVIOURS: [Behaviour; 12] = [
    Behaviour::Pay,
    Behaviour::Pay,
    Behaviour::Pay,
    Behaviour::AskPassword,
    Behaviour::Refuse(Refusal::NotEnough),
    Behaviour::Refuse(Refusal::CodeExpired),
    Behaviour::Refuse(Refusal::CodeUsed),
    Behaviour::Refuse(Refusal::CodeInvalid),
    Behaviour::Refuse(Refusal::Risk),
    Behaviour::Refuse(Refusal::CardNotSupported),
    Behaviour::Refuse(Refusal::BankError),
    Behaviour::Refuse(Refusal::SystemError),
];

const VERBS: [Verb; 5] = [Verb::Pay, Verb::Pay, Verb::Query, Verb::Reverse, Verb::Any];

/// Lives through a day; at its end the line is back, nobody dies any more, and everything has come to rest.
pub fn trading_day(desk: &mut TestRegister, chance: &mut Chance, trade: &Trade) {
    desk.deaths_permille = trade.deaths_permille;
    for sale in 0..trade.sales {
        if sale % 7 == 0 {
            let now = desk.true_ms();
            desk.world.set_balance(TRAINEE, 30_000_000, now);
        }
        if chance.permille(trade.trouble_permille) {
            make_trouble(desk, chance);
        } else {
            desk.world.set_behaviour(TRAINEE, Behaviour::Pay);
        }
        sell(desk, chance);
        if chance.permille(300) {
            desk.world.set_network_down(false);
        }
        if chance.permille(200) {
            decide_about_late_money(desk, chance);
        }
        if chance.permille(200) {
            desk.world.clear_faults();
        }
        desk.pass_ms(chance.between(0, 60_000));
    }
    desk.deaths_permille = 0;
    desk.world.clear_faults();
    desk.world.set_network_down(false);
    desk.wall_off_ms = 0;
    desk.run_until_idle();
    decide_about_late_money(desk, chance);
    desk.run_until_idle();
    // Whatever a wrong clock had settled the till on asking no more about is asked about once more at a new start.
    desk.restart();
    desk.run_until_idle();
}

/// Somebody looks at the desk and books late money or gives it back.
pub(crate) fn decide_about_late_money(desk: &mut TestRegister, chance: &mut Chance) {
    for payment in desk.late_money() {
        let act = chance.one_of(&[DeskAct::Book, DeskAct::GiveBack]);
        let decided = desk.act(&payment, act);
        assert!(decided.is_ok() || !desk.is_on(), "late money is decided about: {decided:?}");
        desk.settle();
    }
}

fn make_trouble(desk: &mut TestRegister, chance: &mut Chance) {
    desk.world.set_behaviour(TRAINEE, chance.one_of(&BEHAVIOURS));
    for _ in 0..chance.below(4) {
        let times = u32::try_from(chance.below(4)).expect("small") + 1;
        desk.inject(chance.one_of(&FAULTS), chance.one_of(&VERBS), times);
    }
    if chance.permille(120) {
        desk.world.set_network_down(true);
    }
    if chance.permille(120) {
        desk.delay_next_charge(chance.between(1_000, 70_000));
    }
    if chance.permille(60) {
        desk.wall_off_ms = chance.one_of(&[0, -3_600_000, 3_600_000, 60_000, -86_400_000, 400_000]);
    } else {
        desk.wall_off_ms = 0;
    }
}

/// One sale, or what becomes of it.
fn sell(desk: &mut TestRegister, chance: &mut Chance) {
    let yuan = chance.between(0, 900);
    let amount = format!("{yuan}.{:02}", chance.between(1, 99));
    get_ready(desk, chance);
    desk.type_amount(&amount);
    desk.press(Key::Enter);
    if chance.permille(60) {
        desk.press(Key::Cash);
        desk.press(Key::Enter);
        return;
    }
    desk.scan_phone();
    for _ in 0..chance.below(12) {
        match chance.below(10) {
            0..=3 => desk.pass_ms(chance.between(0, 20_000)),
            4 => desk.answer_password(chance.one_of(&[
                PasswordAnswer::Right,
                PasswordAnswer::Right,
                PasswordAnswer::Wrong,
                PasswordAnswer::Cancel,
            ])),
            5 => desk.press(chance.one_of(&[Key::Enter, Key::Escape, Key::Digit1, Key::Digit2, Key::Enter])),
            6 => desk.press(chance.one_of(&[Key::Digit3, Key::Cash, Key::Backspace, Key::Clear])),
            7 => {
                desk.scan_phone();
            }
            8 => {
                // The scanner fires twice.
                let code = desk.scan_phone();
                desk.scan(&code);
            }
            _ if chance.permille(150) => desk.restart_after(chance.between(0, 30_000)),
            _ => {}
        }
    }
}

/// Brings the counter to where an amount can be typed, the way a cashier would.
fn get_ready(desk: &mut TestRegister, chance: &mut Chance) {
    for tries in 0..400 {
        if tries == 100 {
            // A till that keeps dying under a clock set back takes every payment for one just sent. Somebody sets the clock.
            desk.wall_off_ms = 0;
        }
        match desk.counter() {
            CounterView::Idle => return,
            CounterView::Entering { .. } | CounterView::Confirming { .. } => desk.press(Key::Clear),
            CounterView::Armed { .. } | CounterView::Declined { .. } | CounterView::Reversed { .. } => {
                desk.press(if chance.permille(700) { Key::Escape } else { Key::Cash });
            }
            CounterView::Cash { .. } => {
                desk.press(Key::Clear);
                desk.press(Key::Enter);
            }
            CounterView::Captured { .. } => desk.press(Key::Enter),
            CounterView::Charging { .. } => desk.pass_ms(1_000),
            CounterView::AwaitingPayer { .. } => {
                if chance.permille(300) {
                    desk.answer_password(PasswordAnswer::Right);
                }
                desk.pass_ms(5_000);
            }
            CounterView::InDoubt { doing: Doing::PaidLate, .. } => desk.press(Key::Enter),
            CounterView::InDoubt { .. } => {
                if chance.permille(500) {
                    desk.press(Key::Digit3);
                } else {
                    desk.pass_ms(5_000);
                }
            }
        }
    }
    panic!("the counter never becomes free: {:?}", desk.counter());
}
