//! Living through a plan.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

use guitai_app::view::{CounterView, Key};
use guitai_connectors::Connector;
use guitai_domain::Fen;
use guitai_domain::payment::State;
use guitai_sandbox::World;
use guitai_test_disk::{Disk, Stop};

use super::draw::WALLETS;
use super::plan::{Act, Ending, Plan, Speech, seconds, yuan};
use super::quiet::quietly;
use super::rest;
use super::tally::Tally;
use super::watch::{Broken, Says, Watch, broken};
use crate::chance::Chance;
use crate::desk::{MORNING_MS, TestRegister, keys_of};
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
    disk: Disk,
    watch: Watch,
    /// The customer at the counter.
    wallet: u32,
    /// The act being done.
    at: &'a Cell<usize>,
    sales: u64,
    /// How the till will be stopped, if it is, and how long it is off then.
    end: (Ending, i64),
    power_cuts: u64,
    /// Payments a manager has refunded on the provider's pages.
    pub(super) refunded: BTreeSet<String>,
}

const HOUR_MS: i64 = 3_600_000;
/// Longer than any payment can take: a reversal works for seven days, and a word given by hand is listened for a while longer.
const LONGEST_MS: i64 = 9 * 24 * HOUR_MS;
/// A pause longer than this is slept through but for what has to be done.
const AWAKE_MS: i64 = 60_000;

/// How often a till is started on a disk in trouble; halfway somebody mends the disk.
const TRIES_TO_START: u32 = 6;

/// Requests of one act that a story tells.
const REQUESTS_TOLD: usize = 12;

/// What a customer's wallet is filled up to now and then.
const FULL_FEN: i64 = 30_000_000;

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

    fn press(&mut self, key: Key) -> Result<(), Broken> {
        self.desk.press(key);
        self.look()
    }

    fn take_cash(&mut self, more_fen: i64) -> Result<(), Broken> {
        self.press(Key::Cash)?;
        let CounterView::Cash { due, .. } = self.desk.counter() else { return Ok(()) };
        if let (1.., Ok(due)) = (more_fen, Fen::from_yuan(&due)) {
            for key in keys_of(&yuan(due.0 + more_fen)) {
                self.press(key)?;
            }
        }
        self.press(Key::Enter)
    }

    fn scan_slowly(&mut self, digits: u32) -> Result<(), Broken> {
        let now = self.desk.true_ms();
        let code = self.desk.world.payment_code(self.wallet, now);
        self.desk.codes.push(code.clone());
        let starts = self.desk.starts;
        for key in keys_of(&code).into_iter().take(digits as usize) {
            self.press(key)?;
        }
        // A till that was started in between has heard nothing of those keys.
        let undo = if self.desk.starts == starts { digits } else { 0 };
        self.desk.scan_with_undo(&code, undo);
        self.look()
    }

    fn scan(&mut self, code: &str) -> Result<(), Broken> {
        self.desk.scan(code);
        self.look()
    }

    pub(super) fn look(&mut self) -> Result<(), Broken> {
        if !self.desk.is_on() {
            self.start_again()?;
        }
        self.watch.look(&self.desk)
    }

    /// The disk has stopped the till: it was killed, or its power cut.
    fn stop(&mut self) {
        self.desk.deaths += 1;
        match self.end.0 {
            Ending::Before | Ending::Within | Ending::After => self.desk.kill(),
            Ending::PowerCut(salt) => {
                self.power_cuts += 1;
                let mut chance = Chance::new(salt);
                self.desk.cut_power(|bound| chance.below(bound));
            }
        }
    }

    /// Starts a till that was stopped, or that did not start for its disk's sake.
    fn start_again(&mut self) -> Result<(), Broken> {
        let mut off_ms = self.end.1;
        for tries in 0..TRIES_TO_START {
            if self.disk.is_frozen() {
                self.stop();
            }
            self.desk.turn_on_after(off_ms);
            if self.desk.is_on() {
                return Ok(());
            }
            match self.desk.refused() {
                Some(message) if message.code.starts_with('D') => {}
                _ if self.disk.is_frozen() => {}
                other => {
                    return broken(
                        "a disk in trouble is named",
                        format!("the till does not start: {other:?}"),
                    );
                }
            }
            off_ms = 30_000;
            if tries == TRIES_TO_START / 2 {
                self.disk.mend();
            }
        }
        broken("a till starts again", format!("on a disk that is well: {:?}", self.desk.refused()))
    }

    fn wait(&mut self, ms: i64, for_an_answer: bool) -> Result<(), Broken> {
        let until = self.desk.true_ms() + ms;
        let drowsy = self.desk.true_ms() + AWAKE_MS;
        while self.desk.one_event(until) {
            // Nobody needs to see the till look whether the line is up, every three seconds of a night.
            self.desk.rest(self.desk.true_ms() > drowsy);
            self.look()?;
            if for_an_answer && self.watch.says != Says::Open {
                break;
            }
        }
        self.desk.rest(false);
        self.look()
    }

    fn ring(&mut self, fen: i64, patience: u8) -> Result<(), Broken> {
        self.get_free(patience)?;
        self.sales += 1;
        let now = self.desk.true_ms();
        if self.sales.is_multiple_of(16) {
            for wallet in 0..WALLETS {
                self.desk.world.set_balance(wallet, FULL_FEN, now);
            }
        }
        for key in keys_of(&yuan(fen)) {
            self.press(key)?;
        }
        self.press(Key::Enter)?;
        if matches!(self.desk.counter(), CounterView::Confirming { .. }) {
            self.press(Key::Enter)
        } else {
            Ok(())
        }
    }

    /// Brings the counter to where an amount can be typed, the way a cashier would.
    fn get_free(&mut self, patience: u8) -> Result<(), Broken> {
        let mut waited = 0;
        for tries in 0..200 {
            // Somebody sees to a disk that keeps the queue waiting.
            if tries > 30 && self.desk.notice().starts_with('D') {
                self.disk.mend();
            }
            match self.desk.counter() {
                CounterView::Idle => return Ok(()),
                CounterView::Entering { .. } | CounterView::Confirming { .. } => self.press(Key::Clear)?,
                CounterView::Cash { .. } => {
                    self.press(Key::Clear)?;
                    self.press(Key::Escape)?;
                }
                CounterView::Armed { .. } | CounterView::Declined { .. } | CounterView::Reversed { .. } => {
                    self.press(Key::Escape)?;
                }
                CounterView::Captured { .. } => self.press(Key::Enter)?,
                CounterView::Charging { .. } => self.wait(1_000, true)?,
                CounterView::AwaitingPayer { .. } | CounterView::InDoubt { .. } if waited < patience => {
                    waited += 1;
                    self.wait(5_000, true)?;
                }
                CounterView::InDoubt { confirming: true, .. } => self.press(Key::Escape)?,
                CounterView::AwaitingPayer { .. } | CounterView::InDoubt { .. } => self.press(Key::Digit3)?,
            }
        }
        broken("the queue goes on", format!("the counter never becomes free: {:?}", self.desk.counter()))
    }

    /// The line is well, the clock is right, nobody dies any more: everything gets its answer.
    fn come_to_rest(&mut self) -> Result<(), Broken> {
        self.desk.dies_at = None;
        self.disk.stop(Stop::Before(u64::MAX));
        self.disk.mend();
        self.desk.unlock();
        self.desk.world.clear_faults();
        self.desk.world.set_network_down(false);
        self.desk.wall_off_ms = 0;
        self.until_idle()?;
        self.desk.restart();
        self.look()?;
        self.until_idle()
    }

    /// Lets time pass until nothing is asked any more and nothing waits for a person.
    fn until_idle(&mut self) -> Result<(), Broken> {
        let give_up = self.desk.true_ms() + LONGEST_MS;
        loop {
            let until = self.desk.true_ms() + HOUR_MS;
            self.desk.rest(true);
            while self.desk.register().is_busy() && self.desk.one_event(until) {
                self.look()?;
            }
            self.desk.rest(false);
            self.look()?;
            let rows = self.rows();
            if rows.is_empty() && !self.desk.register().is_busy() {
                return Ok(());
            }
            if self.desk.true_ms() > give_up {
                return broken(
                    "everything comes to rest",
                    format!("{:?}, desk: {rows:?}", self.desk.counter()),
                );
            }
            self.decide()?;
        }
    }

    fn tally(&self) -> Tally {
        let mut ends = BTreeMap::new();
        let mut payments = 0;
        for sale in self.desk.sales() {
            for payment in self.desk.payments(&sale.id) {
                payments += 1;
                *ends.entry(State::name(payment.state)).or_default() += 1;
            }
        }
        Tally {
            sales: self.sales,
            payments,
            calls: self.desk.sent.len() as u64,
            deaths: u64::from(self.desk.deaths),
            power_cuts: self.power_cuts,
            disk_troubles: self.disk.troubles_met(),
            ends,
            faults: self.desk.world.faults_met().clone(),
            early_words: self.watch.early_words,
            lived_ms: self.desk.true_ms() - MORNING_MS,
            worlds: 1,
        }
    }

    fn line(&self, begun: i64, act: &Act, (sent, deaths): (usize, u32)) -> String {
        let since = seconds(begun - MORNING_MS);
        let mut line = self.requests(format!("{since:>14}  {act}"), sent);
        if self.desk.deaths > deaths {
            line.push_str("\n                  † the till died");
        }
        line.push_str(&format!("\n                  screen: {}", self.watch.screen()));
        line
    }

    /// `line` with the requests that left since.
    fn requests(&self, mut line: String, sent: usize) -> String {
        let requests = &self.desk.sent[sent..];
        for request in requests.iter().take(REQUESTS_TOLD) {
            let (at, number) = (seconds(request.at_ms - MORNING_MS), request.number.as_deref().unwrap_or(""));
            line.push_str(&format!("\n{at:>14}    → {:?} {number}", request.verb));
        }
        if requests.len() > REQUESTS_TOLD {
            line.push_str(&format!(
                "\n                  and {} requests more",
                requests.len() - REQUESTS_TOLD
            ));
        }
        line
    }
}
