//! Plans from a seed.

use std::collections::BTreeSet;

use guitai_app::view::{DeskAct, Key};
use guitai_sandbox::{Behaviour, Fault, Verb};

use super::menu::{
    BEHAVIOURS, CLOCKS, DAY_MS, DESK_ACTS, HOUR_MS, LASTING, OTHERS, PASSWORDS, TROUBLES, VERBS,
};
use super::plan::{Act, Ending, Plan, Speech};
use crate::chance::Chance;
use crate::trade::FAULTS;

/// Sales begun in one plan.
const SALES: u32 = 110;
/// One world in so many speaks v3, whose signatures cost a hundred times as much.
const V3_ONE_IN: u64 = 20;
/// Customers of a shop.
pub(crate) const WALLETS: u32 = 12;

/// How a world is: what happens how often, in a thousand sales.
struct Mood {
    refusal: u64,
    fault: u64,
    outage: u64,
    late: u64,
    death: u64,
    clock: u64,
    fiddling: u64,
    long_pause: u64,
    disk: u64,
}

/// The plan of this seed.
#[must_use]
pub fn draw(seed: u64) -> Plan {
    let mut chance = Chance::new(seed ^ 0x0057_0521_D000);
    let speech = if seed.is_multiple_of(V3_ONE_IN) { Speech::V3 } else { Speech::V2 };
    let sales = if speech == Speech::V3 { SALES / 4 } else { SALES };
    let mood = Mood::draw(&mut chance);
    let mut drawing = Drawing { chance, mood, acts: Vec::new(), amounts: BTreeSet::new() };
    for _ in 0..sales {
        drawing.sale();
    }
    Plan { seed, speech, acts: drawing.acts }
}

impl Mood {
    fn draw(chance: &mut Chance) -> Mood {
        let mut often = |several: &[u64]| chance.one_of(several);
        Mood {
            refusal: often(&[50, 200, 400]),
            fault: often(&[0, 100, 300, 700]),
            outage: often(&[0, 20, 100]),
            late: often(&[0, 50, 150]),
            death: often(&[0, 30, 120]),
            clock: often(&[0, 0, 20, 80]),
            fiddling: often(&[100, 300, 600]),
            long_pause: often(&[0, 10, 60]),
            disk: often(&[0, 0, 40, 150]),
        }
    }
}

struct Drawing {
    chance: Chance,
    mood: Mood,
    acts: Vec<Act>,
    amounts: BTreeSet<i64>,
}

impl Drawing {
    fn sale(&mut self) {
        self.trouble();
        let wallet = u32::try_from(self.chance.below(u64::from(WALLETS))).expect("few wallets");
        let behaviour = self.behaviour();
        self.acts.push(Act::Customer { wallet, behaviour });
        let ring = Act::Ring { fen: self.amount(), patience: self.chance.one_of(&[0, 1, 3, 9, 30]) };
        self.acts.push(ring);
        if self.chance.permille(60) {
            self.acts.push(Act::Cash { more_fen: self.chance.one_of(&[0, 0, 1, 5_000]) });
        } else {
            let scan = match self.chance.below(30) {
                0 => Act::ScanSlowly { digits: u32::try_from(self.chance.below(5)).expect("small") + 1 },
                _ => Act::Scan,
            };
            self.acts.push(scan);
            self.afterwards(behaviour);
        }
        if self.chance.permille(120) {
            self.at_desk();
        }
        if self.chance.permille(30) {
            self.acts.push(Act::Manager);
        }
        self.pause();
    }

    fn trouble(&mut self) {
        if self.chance.permille(self.mood.fault) {
            for _ in 0..=self.chance.below(4) {
                let times = u32::try_from(self.chance.below(4)).expect("small") + 1;
                let (fault, verb) = (self.chance.one_of(&FAULTS), self.chance.one_of(&VERBS));
                self.acts.push(Act::Fault { fault, verb, times });
            }
        } else if self.chance.permille(self.mood.fault / 6) {
            self.deafness();
        } else if self.chance.permille(300) {
            self.acts.push(Act::Clear);
        }
        if self.chance.permille(self.mood.outage / 4) {
            let fault = self.chance.one_of(&LASTING);
            let times = u32::try_from(self.chance.between(5, 300)).expect("small");
            self.acts.push(Act::Fault { fault, verb: Verb::Any, times });
        }
        if self.chance.permille(self.mood.outage) {
            self.acts.push(Act::Network { up: false });
        } else if self.chance.permille(400) {
            self.acts.push(Act::Network { up: true });
        }
        if self.chance.permille(self.mood.late / 3) {
            self.acts.push(Act::LateEnd { ms: self.chance.between(10_000, 120_000) });
        }
        if self.chance.permille(self.mood.late) {
            self.acts.push(Act::LateCharge { ms: self.chance.between(200, 70_000) });
        }
        if self.chance.permille(self.mood.clock) {
            let ahead_ms = self.chance.one_of(&CLOCKS);
            self.acts.push(Act::Clock { ahead_ms });
            if ahead_ms == 0 && self.chance.permille(300) {
                self.acts.push(Act::ConfirmClock);
            }
        }
        if self.chance.permille(self.mood.death / 6) {
            self.acts.push(Act::StartLocked);
        } else if self.chance.permille(500) {
            self.acts.push(Act::Unlock);
        }
        if self.chance.permille(self.mood.disk) {
            self.disk();
        } else if self.chance.permille(300) {
            self.acts.push(Act::DiskMended);
        }
        if self.chance.permille(self.mood.death) {
            let places = u32::try_from(self.chance.below(12)).expect("small");
            let off_ms = self.off_ms();
            self.acts.push(Act::DieAt { places, off_ms });
        }
    }

    /// The till hears nothing of a payment for as long as it waits for the customer, and then takes back what may well be paid.
    fn deafness(&mut self) {
        let deaf = self.chance.one_of(&[Fault::DropAnswer, Fault::SilentAnswer, Fault::Forge]);
        let asked = u32::try_from(self.chance.between(6, 12)).expect("small");
        let reversal = self.reversal_fault();
        self.acts.extend([
            Act::Clear,
            Act::Fault { fault: deaf, verb: Verb::Pay, times: 1 },
            Act::Fault { fault: deaf, verb: Verb::Query, times: asked },
            reversal,
        ]);
    }

    fn reversal_fault(&mut self) -> Act {
        let fault = self.chance.one_of(&[
            Fault::HollowReverse,
            Fault::HollowReverse,
            Fault::NotKnownYet,
            Fault::DropAnswer,
            Fault::DropRequest,
            Fault::StaleAnswer,
        ]);
        let times = u32::try_from(self.chance.below(3)).expect("small") + 1;
        Act::Fault { fault, verb: Verb::Reverse, times }
    }

    /// The cashier turns to what was set aside.
    fn at_desk(&mut self) {
        let row = usize::try_from(self.chance.below(4)).expect("small");
        let act = self.chance.one_of(&DESK_ACTS);
        if act == DeskAct::GiveBack && self.chance.permille(400) {
            let fault = self.reversal_fault();
            self.acts.push(fault);
        }
        self.acts.push(Act::Desk { row, act });
        if self.chance.permille(300) {
            self.acts.push(Act::Wait { ms: self.chance.between(0, 30_000) });
        }
    }

    fn disk(&mut self) {
        let (calls, off_ms) = (self.chance.below(60), self.off_ms());
        let act = match self.chance.below(10) {
            0 => Act::Stop { how: Ending::Before, calls, off_ms },
            1 => Act::Stop { how: Ending::Within, calls, off_ms },
            2 => Act::Stop { how: Ending::After, calls, off_ms },
            3..=5 => Act::Stop { how: Ending::PowerCut(self.chance.below(u64::MAX)), calls, off_ms },
            6 | 7 => Act::DiskTrouble {
                what: self.chance.one_of(&TROUBLES),
                calls,
                how_many: self.chance.below(9) + 1,
            },
            8 => Act::DiskTrouble { what: self.chance.one_of(&TROUBLES), calls, how_many: u64::MAX },
            _ => Act::DiskMended,
        };
        self.acts.push(act);
    }

    fn behaviour(&mut self) -> Behaviour {
        if self.chance.permille(self.mood.refusal) { self.chance.one_of(&BEHAVIOURS) } else { Behaviour::Pay }
    }

    /// An amount no other sale of the plan has.
    fn amount(&mut self) -> i64 {
        loop {
            let most = if self.chance.permille(30) { 250_000 } else { 60_000 };
            let fen = self.chance.between(1, most);
            if self.amounts.insert(fen) {
                return fen;
            }
        }
    }

    fn afterwards(&mut self, behaviour: Behaviour) {
        if behaviour == Behaviour::AskPassword || self.chance.permille(100) {
            self.acts.push(Act::Wait { ms: self.chance.between(500, 50_000) });
            self.acts.push(Act::Password(self.chance.one_of(&PASSWORDS)));
        }
        if !self.chance.permille(self.mood.fiddling) {
            self.acts.push(Act::Await { ms: self.chance.between(2_000, 70_000) });
            return;
        }
        for _ in 0..self.chance.below(9) {
            let act = self.fiddle();
            self.acts.push(act);
        }
    }

    /// What people do while they wait.
    fn fiddle(&mut self) -> Act {
        match self.chance.below(16) {
            14 => Act::ScanSlowly { digits: u32::try_from(self.chance.below(5)).expect("small") + 1 },
            15 => Act::ScanOther(self.chance.one_of(&OTHERS)),
            12 => Act::Desk {
                row: usize::try_from(self.chance.below(4)).expect("small"),
                act: self.chance.one_of(&DESK_ACTS),
            },
            13 if self.chance.permille(300) => Act::Manager,
            0..=3 => Act::Wait { ms: self.chance.between(0, 20_000) },
            4 => Act::Await { ms: self.chance.between(0, 60_000) },
            5 => Act::Password(self.chance.one_of(&PASSWORDS)),
            6 => Act::Press(self.chance.one_of(&[Key::Enter, Key::Escape, Key::Digit1, Key::Digit2])),
            7 => Act::Press(self.chance.one_of(&[Key::Digit3, Key::Cash, Key::Backspace, Key::Clear])),
            8 => Act::Scan,
            9 => Act::ScanAgain,
            10 => Act::Cash { more_fen: 0 },
            _ if self.chance.permille(self.mood.long_pause * 2) => {
                Act::Sleep { ms: self.chance.between(0, 5 * HOUR_MS), counted: self.chance.permille(500) }
            }
            _ if self.chance.permille(self.mood.death * 3) => Act::Restart { off_ms: self.off_ms() },
            _ => Act::Press(Key::Enter),
        }
    }

    fn off_ms(&mut self) -> i64 {
        match self.chance.below(6) {
            0..=2 => 0,
            3 | 4 => self.chance.between(0, 90_000),
            _ => self.chance.between(0, 4 * HOUR_MS),
        }
    }

    fn pause(&mut self) {
        let ms = if self.chance.permille(self.mood.long_pause) {
            match self.chance.below(10) {
                0..=5 => self.chance.between(60_000, HOUR_MS),
                6..=8 => self.chance.between(HOUR_MS, 16 * HOUR_MS),
                _ => {
                    // Now and then the line stays down for longer than the provider remembers how to reverse.
                    if !self.chance.permille(100) {
                        self.acts.push(Act::Network { up: true });
                    }
                    self.chance.between(DAY_MS, 8 * DAY_MS)
                }
            }
        } else {
            self.chance.between(0, 40_000)
        };
        if self.chance.permille(self.mood.long_pause) {
            self.acts.push(Act::Sleep { ms, counted: self.chance.permille(500) });
        } else {
            self.acts.push(Act::Wait { ms });
        }
    }
}
