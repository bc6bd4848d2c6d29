//! What happens to a till without anybody wanting it: faults on the line, a network that is gone, a machine that dies.

use std::sync::atomic::Ordering;

use guitai_sandbox::{Fault, Verb};
use guitai_window_tests::pause;

use crate::Shop;
use crate::dice::Dice;
use crate::provider::{Provider, Switches};

const FAULTS: [Fault; 24] = [
    Fault::Delay { ms: 2_500 },
    Fault::Delay { ms: 9_000 },
    Fault::DropRequest,
    Fault::DropAnswer,
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
    Fault::Status { code: 500, retry_after_s: None },
    Fault::Status { code: 503, retry_after_s: Some(2) },
    Fault::CaptivePortal,
    Fault::EmptyOk,
    Fault::HugeBody,
    Fault::SilentAnswer,
    Fault::ErrorButCharged,
];
const VERBS: [Verb; 5] = [Verb::Pay, Verb::Pay, Verb::Query, Verb::Reverse, Verb::Any];

/// When what may happen.
#[derive(Debug, Clone, Copy)]
pub struct Forecast {
    /// Between two kills, about.
    kill_every_s: u64,
    /// From here to there nobody kills the till, so that its memory can be watched.
    calm_s: (i64, i64),
}

impl Forecast {
    /// For a run of so many seconds: half of it, in the middle, is free of kills.
    pub fn of(run_s: i64) -> Forecast {
        let kill_every_s = u64::try_from(run_s / 25).unwrap_or(0).clamp(20, 150);
        Forecast { kill_every_s, calm_s: (run_s / 4, run_s * 3 / 4) }
    }

    fn is_calm(self, now_s: i64) -> bool {
        (self.calm_s.0..self.calm_s.1).contains(&now_s)
    }
}

/// Makes trouble until the run is over; then everything works again.
pub fn blow(shop: &Shop, provider: &mut Provider, mut dice: Dice, forecast: Forecast) {
    let switches = provider.switches();
    let mut next_kill_s = in_a_while(&mut dice, forecast);
    let mut next_change_s = 0;
    let mut gone_until_s = None;
    while !shop.is_over() {
        pause(200);
        let now_s = shop.now_s();
        if now_s >= next_kill_s {
            next_kill_s = now_s + in_a_while(&mut dice, forecast);
            if !forecast.is_calm(now_s) {
                shop.till().kill();
            }
        }
        if gone_until_s.is_some_and(|until| now_s >= until) {
            gone_until_s = None;
            come_back(shop, provider);
        }
        if now_s >= next_change_s {
            next_change_s = now_s + span(dice.between(4, 15));
            if dice.percent(8) {
                gone_until_s = Some(now_s + span(dice.between(2, 40)));
                go_away(shop, provider, &mut dice);
            } else {
                change(shop, switches, &mut dice);
            }
        }
    }
    come_back(shop, provider);
    switches.clear_faults();
}

fn in_a_while(dice: &mut Dice, forecast: Forecast) -> i64 {
    span(dice.between(forecast.kill_every_s / 2, forecast.kill_every_s * 2))
}

fn span(seconds: u64) -> i64 {
    i64::try_from(seconds).unwrap_or(i64::MAX)
}

/// The provider's server is gone, or the network in between.
fn go_away(shop: &Shop, provider: &mut Provider, dice: &mut Dice) {
    shop.tally.cuts.fetch_add(1, Ordering::Relaxed);
    if dice.percent(60) {
        provider.stop();
    } else {
        provider.switches().cut(true);
    }
}

fn come_back(shop: &Shop, provider: &mut Provider) {
    if let Err(error) = provider.go_on() {
        shop.note_broken(&format!("the sandbox: {error:#}"));
    }
    provider.switches().cut(false);
}

fn change(shop: &Shop, switches: Switches, dice: &mut Dice) {
    if dice.percent(60) {
        return switches.clear_faults();
    }
    for _ in 0..dice.between(1, 3) {
        shop.tally.faults.fetch_add(1, Ordering::Relaxed);
        switches.inject(dice.one_of(&FAULTS), dice.one_of(&VERBS), dice.between(1, 3));
    }
}
