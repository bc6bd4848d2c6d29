//! A plan that fails, made as short as it can be.

use guitai_sandbox::Behaviour;

use super::life::{Failure, Making, live};
use super::plan::{Act, Plan};

/// Lives tried before the shortest plan so far is good enough.
const TRIES_MAX: u32 = 4_000;

/// The shortest plan found that breaks the same rule, and how it does.
#[must_use]
pub fn shrink(plan: &Plan, making: Making, failure: &Failure) -> (Plan, Failure) {
    let mut shrinking = Shrinking { plan: plan.clone(), failure: failure.clone(), making, tries: 0 };
    shrinking.cut_off();
    loop {
        let before = shrinking.plan.acts.clone();
        shrinking.leave_out();
        shrinking.simplify();
        if shrinking.plan.acts == before || shrinking.tries >= TRIES_MAX {
            return (shrinking.plan, shrinking.failure);
        }
    }
}

struct Shrinking {
    plan: Plan,
    failure: Failure,
    making: Making,
    tries: u32,
}

impl Shrinking {
    /// Takes these acts instead, if they break the same rule.
    fn try_acts(&mut self, acts: Vec<Act>) -> bool {
        if self.tries >= TRIES_MAX {
            return false;
        }
        self.tries += 1;
        let plan = Plan { acts, ..self.plan.clone() };
        match live(&plan, self.making, &mut |_| {}) {
            Err(failure) if failure.broken.rule == self.failure.broken.rule => {
                (self.plan, self.failure) = (plan, failure);
                true
            }
            Ok(_) | Err(_) => false,
        }
    }

    /// What came after the failure does not matter.
    fn cut_off(&mut self) {
        let acts = self.plan.acts.iter().take(self.failure.at + 1).copied().collect();
        self.try_acts(acts);
    }

    /// Leaves out ever smaller pieces, from the end to the beginning.
    fn leave_out(&mut self) {
        let mut size = self.plan.acts.len().div_ceil(2);
        loop {
            let mut end = self.plan.acts.len();
            while end > 0 {
                let start = end.saturating_sub(size);
                let mut acts = self.plan.acts.clone();
                acts.drain(start..end);
                self.try_acts(acts);
                end = start;
            }
            if size <= 1 {
                return;
            }
            size = size.div_ceil(2);
        }
    }

    /// Makes each act that is left as plain as it can be.
    fn simplify(&mut self) {
        for at in 0..self.plan.acts.len() {
            for plainer in plainer(self.plan.acts[at]) {
                let mut acts = self.plan.acts.clone();
                acts[at] = plainer;
                if plainer != self.plan.acts[at] && self.try_acts(acts) {
                    break;
                }
            }
        }
    }
}

/// Plainer acts of the same kind, the plainest first.
fn plainer(act: Act) -> Vec<Act> {
    match act {
        Act::Customer { wallet, behaviour } => vec![
            Act::Customer { wallet: 0, behaviour: Behaviour::Pay },
            Act::Customer { wallet, behaviour: Behaviour::Pay },
            Act::Customer { wallet: 0, behaviour },
        ],
        Act::Ring { fen, patience: 1.. } => vec![Act::Ring { fen, patience: 0 }],
        Act::Wait { ms } => rounder(ms).into_iter().map(|ms| Act::Wait { ms }).collect(),
        Act::Await { ms } => rounder(ms).into_iter().map(|ms| Act::Await { ms }).collect(),
        Act::Fault { fault, verb, times: 2.. } => vec![Act::Fault { fault, verb, times: 1 }],
        Act::LateCharge { ms } => rounder(ms).into_iter().map(|ms| Act::LateCharge { ms }).collect(),
        Act::LateEnd { ms } => rounder(ms).into_iter().map(|ms| Act::LateEnd { ms }).collect(),
        Act::Sleep { ms, counted } => rounder(ms).into_iter().map(|ms| Act::Sleep { ms, counted }).collect(),
        Act::Restart { off_ms } => {
            rounder(off_ms).into_iter().map(|off_ms| Act::Restart { off_ms }).collect()
        }
        Act::DieAt { places, off_ms } => {
            let sooner = (0..places).map(|places| Act::DieAt { places, off_ms });
            sooner.chain([Act::DieAt { places, off_ms: 0 }]).collect()
        }
        Act::Stop { how, calls, off_ms: 1.. } => vec![Act::Stop { how, calls, off_ms: 0 }],
        Act::DiskTrouble { what, calls, how_many: 2.. } => {
            vec![Act::DiskTrouble { what, calls, how_many: 1 }]
        }
        Act::ScanSlowly { digits: 2.. } => vec![Act::Scan, Act::ScanSlowly { digits: 1 }],
        Act::Cash { more_fen: 1.. } => vec![Act::Cash { more_fen: 0 }],
        Act::Desk { row: 1.., act } => vec![Act::Desk { row: 0, act }],
        Act::Desk { .. }
        | Act::Manager
        | Act::ConfirmClock
        | Act::Stop { .. }
        | Act::DiskTrouble { .. }
        | Act::DiskMended
        | Act::Ring { patience: 0, .. }
        | Act::Fault { .. }
        | Act::Scan
        | Act::ScanAgain
        | Act::ScanSlowly { .. }
        | Act::ScanOther(_)
        | Act::StartLocked
        | Act::Unlock
        | Act::Cash { .. }
        | Act::Press(_)
        | Act::Password(_)
        | Act::Clear
        | Act::Network { .. }
        | Act::Clock { .. } => Vec::new(),
    }
}

/// Shorter and rounder times.
fn rounder(ms: i64) -> Vec<i64> {
    let mut times = vec![0];
    for unit in [86_400_000, 3_600_000, 60_000, 10_000, 1_000, 100] {
        times.extend([ms / unit * unit / 2, ms / unit * unit]);
    }
    times.retain(|time| *time < ms);
    times.dedup();
    times
}
