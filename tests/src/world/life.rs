//! Living through a plan.

use std::cell::Cell;
use std::collections::BTreeSet;

use guitai_app::view::Key;
use guitai_connectors::Connector;
use guitai_sandbox::World;
use guitai_test_disk::{Disk, Stop};

use super::draw::WALLETS;
use super::plan::{Act, Ending, Plan, Speech, seconds};
use super::quiet::quietly;
use super::rest;
use super::tally::Tally;
use super::watch::{Broken, Says, Watch};
use crate::desk::{MORNING_MS, TestRegister};
use crate::folder::Folder;
use crate::life::v2_connector;

/// A connector put into another.
pub type Put = fn(Box<dyn Connector>) -> Box<dyn Connector>;

/// How a till is put together, so that a test can put a bad one together.
#[derive(Clone, Copy, Default)]
pub struct Making {
    /// What the connector is put into.
    pub connector: Option<Put>,
    /// What is done to its disk.
    pub disk: Option<fn(&Disk)>,
}

/// A life that broke a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The rule and how.
    pub broken: Broken,
    /// The act during which it broke; as many as the plan has where it broke at rest.
    pub at: usize,
}

/// Lives through a plan, telling each step to `tell`. A panic of the till is a rule broken like any other.
///
/// # Errors
/// The first rule that was broken.
pub fn live(plan: &Plan, making: Making, tell: &mut dyn FnMut(String)) -> Result<Tally, Failure> {
    let at = Cell::new(0);
    let lived = quietly(|| {
        let mut life = Life::begin(plan, making, &at);
        life.all(plan, tell)?;
        Ok(life.tally())
    });
    let at = at.get();
    match lived {
        Ok(Ok(tally)) => Ok(tally),
        Ok(Err(broken)) => Err(Failure { broken, at }),
        Err(panic) => Err(Failure { broken: Broken { rule: "the till never panics", what: panic }, at }),
    }
}

pub(super) struct Life<'a> {
    pub(super) desk: TestRegister,
    pub(super) disk: Disk,
    pub(super) watch: Watch,
    /// The customer at the counter.
    pub(super) wallet: u32,
    /// The act being done.
    at: &'a Cell<usize>,
    pub(super) sales: u64,
    /// How the till will be stopped, if it is, and how long it is off then.
    pub(super) end: (Ending, i64),
    pub(super) power_cuts: u64,
    /// Payments a manager has refunded on the provider's pages.
    pub(super) refunded: BTreeSet<String>,
}

/// What a customer's wallet is filled up to now and then.
pub(super) const FULL_FEN: i64 = 30_000_000;

impl<'a> Life<'a> {
    fn begin(plan: &Plan, making: Making, at: &'a Cell<usize>) -> Life<'a> {
        let mut world = World::new(plan.seed, MORNING_MS);
        for wallet in 0..WALLETS {
            if wallet > 0 {
                world.add_wallet(MORNING_MS);
            }
            world.set_balance(wallet, FULL_FEN, MORNING_MS);
        }
        let speech = plan.speech;
        let interpose = move |inner: Box<dyn Connector>| {
            let spoken = match speech {
                Speech::V3 => inner,
                Speech::V2 => v2_connector(),
            };
            match making.connector {
                Some(put) => put(spoken),
                None => spoken,
            }
        };
        let disk = Disk::new();
        if let Some(spoil) = making.disk {
            spoil(&disk);
        }
        let mut desk = TestRegister::unopened(Folder::Disk(disk.clone()), world, MORNING_MS, plan.seed);
        desk.interpose = Some(Box::new(interpose));
        desk.start();
        let end = (Ending::Before, 0);
        Life {
            desk,
            disk,
            watch: Watch::new(),
            wallet: 0,
            at,
            sales: 0,
            end,
            power_cuts: 0,
            refunded: BTreeSet::new(),
        }
    }

    fn all(&mut self, plan: &Plan, tell: &mut dyn FnMut(String)) -> Result<(), Broken> {
        self.look()?;
        for (at, act) in plan.acts.iter().enumerate() {
            self.at.set(at);
            let before = (self.desk.sent.len(), self.desk.deaths);
            let begun = self.desk.true_ms();
            let done = self.act(*act);
            tell(self.line(begun, act, before));
            done?;
        }
        self.at.set(plan.acts.len());
        let (begun, sent) = (self.desk.true_ms(), self.desk.sent.len());
        let rested = self.come_to_rest();
        tell(self.requests(format!("{:>14}  all is well again", seconds(begun - MORNING_MS)), sent));
        rested?;
        rest::check(&mut self.desk, &self.watch)
    }

    fn act(&mut self, act: Act) -> Result<(), Broken> {
        match act {
            Act::Customer { wallet, behaviour } => {
                self.wallet = wallet;
                self.desk.world.set_behaviour(wallet, behaviour);
                Ok(())
            }
            Act::Ring { fen, patience } => self.ring(fen, patience),
            Act::Scan => {
                let now = self.desk.true_ms();
                let code = self.desk.world.payment_code(self.wallet, now);
                self.desk.codes.push(code.clone());
                self.scan(&code)
            }
            Act::ScanAgain => match self.desk.codes.last().cloned() {
                Some(code) => self.scan(&code),
                None => Ok(()),
            },
            Act::ScanSlowly { digits } => self.scan_slowly(digits),
            Act::ScanOther(other) => self.scan(other.text()),
            Act::Cash { more_fen } => self.take_cash(more_fen),
            Act::StartLocked => {
                self.desk.deaths += 1;
                self.desk.locked = true;
                self.desk.restart();
                self.look()
            }
            Act::Unlock => {
                self.desk.unlock();
                self.look()
            }
            // Digits mean something else where nothing is in doubt: there they are the next sale's.
            Act::Press(Key::Digit1 | Key::Digit2 | Key::Digit3) if self.watch.says != Says::Open => Ok(()),
            Act::Press(key) => self.press(key),
            Act::Wait { ms } => self.wait(ms, false),
            Act::Await { ms } => self.wait(ms, true),
            Act::Password(answer) => {
                let now = self.desk.true_ms();
                self.desk.world.answer_password(self.wallet, answer, now);
                Ok(())
            }
            Act::Fault { fault, verb, times } => {
                self.desk.inject(fault, verb, times);
                Ok(())
            }
            Act::LateCharge { ms } => {
                self.desk.delay_next_charge(ms);
                Ok(())
            }
            Act::LateEnd { ms } => {
                self.desk.delay_next_end(ms);
                Ok(())
            }
            Act::Sleep { ms, counted } => {
                self.desk.sleep(ms, counted);
                self.watch.slept(&self.desk);
                Ok(())
            }
            Act::Clear => {
                self.desk.world.clear_faults();
                Ok(())
            }
            Act::Network { up } => {
                self.desk.world.set_network_down(!up);
                Ok(())
            }
            Act::Restart { off_ms } => {
                self.desk.deaths += 1;
                self.desk.restart_after(off_ms);
                self.look()
            }
            Act::DieAt { places, off_ms } => {
                self.desk.dies_at = Some((places, off_ms));
                Ok(())
            }
            Act::Stop { how, calls, off_ms } => {
                let at = self.disk.calls() + calls + 1;
                self.end = (how, off_ms);
                self.disk.stop(match how {
                    Ending::Before | Ending::PowerCut(_) => Stop::Before(at),
                    Ending::Within => Stop::Within(at),
                    Ending::After => Stop::After(at),
                });
                Ok(())
            }
            Act::DiskTrouble { what, calls, how_many } => {
                self.disk.trouble(what, self.disk.calls() + calls + 1, how_many);
                Ok(())
            }
            Act::DiskMended => {
                self.disk.mend();
                Ok(())
            }
            Act::Desk { row, act } => self.at_desk(row, act),
            Act::Manager => self.manage(),
            Act::ConfirmClock => {
                let now = self.desk.now();
                if let Ok(manager) = self.desk.register_mut().recognise(true, now) {
                    // A clock that cannot be right is refused, in words for the manager.
                    let _ = self.desk.register_mut().confirm_clock(&manager, now);
                }
                self.desk.settle();
                self.look()
            }
            Act::Clock { ahead_ms } => {
                self.desk.wall_off_ms = ahead_ms;
                Ok(())
            }
        }
    }

    pub(super) fn look(&mut self) -> Result<(), Broken> {
        if !self.desk.is_on() {
            self.start_again()?;
        }
        self.watch.look(&self.desk)
    }
}
