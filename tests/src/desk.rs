//! A till at its desk: the register, its file, the time, and the line.

use std::collections::{BTreeMap, VecDeque};
use std::path::PathBuf;

use guitai_app::view::{CounterView, DisplayView, Key, MessageView, TillView};
use guitai_app::{CallId, Effect, LOOK_MS, Now, Reading, Register};
use guitai_connectors::{Connector, HttpReply, WireError};
use guitai_db::{Fact, PaymentRow, SaleRow, WriteError};
use guitai_domain::payment::State;
use guitai_domain::{SaleId, Timestamp};
use guitai_sandbox::{Delivery, Fault, PasswordAnswer, Verb, World, order_number};
use guitai_test_disk::Disk;
use rusqlite::Connection;

use crate::chance::Chance;
use crate::folder::Folder;
use crate::seen::Seen;
use crate::wire::{Line, OtherSide, PATIENCE_MS, TRIP_MS, end_of, outgoing};

/// Ten in the morning of 2026-11-21 in Shanghai.
pub(crate) const MORNING_MS: i64 = 1_795_226_400_000;
/// Longer than any payment can take: a reversal works for seven days.
const SETTLED_AFTER_MS: i64 = 9 * 24 * 3_600_000;

/// A call that has not ended by then never will, and another may leave.
const GIVEN_UP_MS: i64 = 30_000;

/// A request that left the till.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// When, by the true time.
    pub at_ms: i64,
    /// What it asked for.
    pub verb: Verb,
    /// The number of the payment it is about.
    pub number: Option<String>,
}

/// An answer on its way to the till, or a charge on its way to the provider.
pub(crate) enum OnItsWay {
    Answer(CallId, Result<HttpReply, WireError>),
    Looked(bool),
    Charge(http::Request<Vec<u8>>),
}

/// What is done where its disk has stopped the till.
pub type OnStop<W> = Box<dyn FnMut(&mut TestRegister<W>)>;

pub(crate) type Interpose = Box<dyn Fn(Box<dyn Connector>) -> Box<dyn Connector>>;

/// A real register on a real file, on this computer or on a [`Disk`], with time and the line in the test's hands.
pub struct TestRegister<W: OtherSide = World> {
    /// Provider, wallet and bank.
    pub world: W,
    /// Every request that left, in order.
    pub sent: Vec<Sent>,
    /// Every payment code that was ever shown to this till.
    pub codes: Vec<String>,
    /// How far the till's wall clock is ahead of the true time.
    pub wall_off_ms: i64,
    /// How often the till dies at a place where it can, in a thousand.
    pub deaths_permille: u64,
    /// The till dies at the so-manieth place from here where it can, and is started again after so many ms.
    pub dies_at: Option<(u32, i64)>,
    /// How many times it has died.
    pub deaths: u32,
    /// Whether the next start finds the provider's settings locked.
    pub locked: bool,
    /// How many times it was started.
    pub starts: u32,
    /// How often it asked to be shown anew.
    pub shows: u64,
    /// Payments about which a call left while a charge or a reversal was under way. A question that hangs changes nothing, and at
    /// the end of the customer's time nothing waits for it.
    pub crossed: Vec<String>,
    /// What the till has let out.
    pub seen: Seen,
    /// What is done where its disk has stopped the till.
    pub on_stop: Option<OnStop<W>>,
    pub(crate) register: Option<Register>,
    /// Why the till did not start, where it did not.
    pub(crate) refused: Option<MessageView>,
    pub(crate) folder: Folder,
    /// The true time, UTC ms. It runs forward only.
    pub(crate) true_ms: i64,
    /// The true time when the till's steady clock read zero.
    pub(crate) steady_from: i64,
    pub(crate) on_its_way: BTreeMap<(i64, u64), OnItsWay>,
    /// The payments the calls under way are about, when they left, and what they ask.
    pub(crate) under_way: BTreeMap<CallId, (String, i64, Verb)>,
    count: u64,
    line: VecDeque<Line>,
    pub(crate) chance: Chance,
    pub(crate) interpose: Option<Interpose>,
    between: Option<Box<dyn Fn()>>,
    rests: bool,
    looks_waiting: bool,
}

impl TestRegister {
    /// A new till, a new world, ten in the morning.
    #[must_use]
    pub fn open() -> TestRegister {
        TestRegister::with_seed(1)
    }

    /// The same, with everything random coming from `seed`.
    #[must_use]
    pub fn with_seed(seed: u64) -> TestRegister {
        TestRegister::new(Folder::temporary(), World::new(seed, MORNING_MS), MORNING_MS, seed)
    }

    /// The same on a disk in memory.
    #[must_use]
    pub fn with_disk(disk: Disk, seed: u64) -> TestRegister {
        TestRegister::at(disk, World::new(seed, MORNING_MS), MORNING_MS, seed)
    }

    /// The same on a disk in memory of its own.
    #[must_use]
    pub fn in_memory(seed: u64) -> TestRegister {
        TestRegister::with_disk(Disk::new(), seed)
    }

    /// The next requests of this verb meet this fault.
    pub fn inject(&mut self, fault: Fault, verb: Verb, times: u32) {
        self.world.inject(fault, verb, times);
    }
}

impl<W: OtherSide> TestRegister<W> {
    /// The till in `folder`, new if there is none, at this true time. On a disk that does not let it start
    /// [it is off](TestRegister::is_on).
    #[must_use]
    pub fn at(folder: impl Into<Folder>, world: W, true_ms: i64, seed: u64) -> TestRegister<W> {
        TestRegister::new(folder.into(), world, true_ms, seed)
    }

    /// The same with the connector inside another, and `between` called around everything that leaves or comes.
    #[must_use]
    pub fn interposed(
        folder: impl Into<Folder>,
        world: W,
        true_ms: i64,
        seed: u64,
        interpose: Interpose,
        between: Box<dyn Fn()>,
    ) -> TestRegister<W> {
        let mut desk = TestRegister::unopened(folder.into(), world, true_ms, seed);
        (desk.interpose, desk.between) = (Some(interpose), Some(between));
        desk.start();
        desk
    }

    fn new(folder: Folder, world: W, true_ms: i64, seed: u64) -> TestRegister<W> {
        let mut desk = TestRegister::unopened(folder, world, true_ms, seed);
        desk.start();
        desk
    }

    pub(crate) fn unopened(folder: Folder, world: W, true_ms: i64, seed: u64) -> TestRegister<W> {
        TestRegister {
            world,
            sent: Vec::new(),
            codes: Vec::new(),
            wall_off_ms: 0,
            deaths_permille: 0,
            dies_at: None,
            deaths: 0,
            locked: false,
            starts: 0,
            shows: 0,
            crossed: Vec::new(),
            seen: Seen::default(),
            on_stop: None,
            register: None,
            refused: None,
            folder,
            true_ms,
            steady_from: true_ms,
            on_its_way: BTreeMap::new(),
            under_way: BTreeMap::new(),
            count: 0,
            line: VecDeque::new(),
            chance: Chance::new(seed ^ 0x5EED),
            interpose: None,
            between: None,
            rests: false,
            looks_waiting: false,
        }
    }

    /// Where the file is.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        self.folder().join("till.db")
    }

    /// Where everything of the till is.
    #[must_use]
    pub fn folder(&self) -> PathBuf {
        self.folder.path()
    }

    /// The true time.
    #[must_use]
    pub fn true_ms(&self) -> i64 {
        self.true_ms
    }

    /// The time as the till has it.
    #[must_use]
    pub fn now(&self) -> Now {
        Now { wall: Timestamp(self.true_ms + self.wall_off_ms), steady_ms: self.true_ms - self.steady_from }
    }

    /// The register.
    #[must_use]
    pub fn register(&self) -> &Register {
        self.register.as_ref().expect("the till is on")
    }

    /// The register, to put something in.
    pub fn register_mut(&mut self) -> &mut Register {
        self.register.as_mut().expect("the till is on")
    }

    pub(crate) fn take_due(&mut self) -> Option<((i64, u64), OnItsWay)> {
        let due = self.on_its_way.first_key_value().is_some_and(|((at, _), _)| *at <= self.true_ms);
        if due { self.on_its_way.pop_first() } else { None }
    }

    // Cashier and customer.

    /// Presses a key.
    pub fn press(&mut self, key: Key) {
        if !self.is_on() {
            return;
        }
        let now = self.now();
        self.register_mut().press(key, now);
        self.settle();
    }

    /// Types an amount.
    pub fn type_amount(&mut self, amount: &str) {
        for key in keys_of(amount) {
            self.press(key);
        }
    }

    /// Types an amount and Enter: the sale stands.
    pub fn arm(&mut self, amount: &str) -> SaleId {
        self.type_amount(amount);
        self.press(Key::Enter);
        if matches!(self.counter(), CounterView::Confirming { .. }) {
            self.press(Key::Enter);
        }
        self.last_sale().id
    }

    /// A scanner reads `text`.
    pub fn scan(&mut self, text: &str) {
        self.scan_with_undo(text, 0);
    }

    /// A scanner reads `text`, of which `undo` characters had been taken for keys.
    pub fn scan_with_undo(&mut self, text: &str, undo: u32) -> Option<SaleId> {
        if !self.is_on() {
            return None;
        }
        let now = self.now();
        let opened = self.register_mut().scan(text, undo, "usb", now);
        self.settle();
        opened
    }

    /// `device` read `text` so long ago, and it reaches the register only now.
    pub fn scan_late(&mut self, text: &str, device: &str, age_ms: i64) -> Option<SaleId> {
        if !self.is_on() {
            return None;
        }
        let now = self.now();
        let reading = Reading { text, undo: 0, device, read_at_ms: now.steady_ms - age_ms };
        let opened = self.register_mut().take_reading(&reading, now);
        self.settle();
        opened
    }

    /// The customer shows the phone and the scanner reads it.
    pub fn scan_phone(&mut self) -> String {
        let code = self.world.payment_code(self.true_ms);
        self.codes.push(code.clone());
        self.scan(&code);
        code
    }

    /// A sale of `amount`, its code scanned; the answer is not there yet.
    pub fn charge(&mut self, amount: &str) -> SaleId {
        let sale = self.arm(amount);
        self.scan_phone();
        sale
    }

    /// What the customer types into the password prompt.
    pub fn answer_password(&mut self, answer: PasswordAnswer) {
        self.world.answer_password(answer, self.true_ms);
    }

    /// The next charge sticks in the network for so long.
    pub fn delay_next_charge(&mut self, ms: i64) {
        self.line.push_back(Line::LateCharge { ms });
    }

    /// No charge sticks any more.
    pub fn clear_line(&mut self) {
        self.line.clear();
    }

    /// The end of the next charge reaches the till only after so long.
    pub fn delay_next_end(&mut self, ms: i64) {
        self.line.push_back(Line::LateEnd { ms });
    }

    // Time.

    /// The computer sleeps, and the till with it. A steady clock may go on counting meanwhile, or stand still.
    pub fn sleep(&mut self, ms: i64, counted: bool) {
        self.true_ms += ms;
        if !counted {
            self.steady_from += ms;
        }
    }

    /// Lets time pass, with everything that is due in it.
    pub fn pass_ms(&mut self, ms: i64) {
        let until = self.true_ms + ms;
        while let Some(next) = self.next_event().filter(|next| *next <= until) {
            self.true_ms = self.true_ms.max(next);
            self.step();
        }
        // A till that died on the way may have been off for longer than that.
        self.true_ms = self.true_ms.max(until);
        self.settle();
    }

    /// Lets time pass until nothing is to be done any more but to watch the line.
    pub fn run_until_idle(&mut self) {
        let give_up = self.true_ms + SETTLED_AFTER_MS;
        // Days pass here: nobody looks every three seconds whether the line is still up.
        self.rest(true);
        self.settle();
        while self.is_on() && self.register().is_busy() {
            let next = self.next_event().expect("a busy till has something to do");
            assert!(next < give_up, "the till never comes to rest: {:?}", self.counter());
            self.true_ms = self.true_ms.max(next);
            self.step();
        }
        self.rest(false);
    }

    /// Whether the till waits for an answer.
    pub(crate) fn is_waiting(&self) -> bool {
        self.on_its_way.values().any(|what| matches!(what, OnItsWay::Answer(..)))
    }

    pub(crate) fn is_resting(&self) -> bool {
        self.rests
    }

    /// Whether the till's looks at the line wait: a till that looks every three seconds takes long to live through a night.
    pub(crate) fn rest(&mut self, rests: bool) {
        self.rests = rests;
        if !rests && std::mem::take(&mut self.looks_waiting) {
            self.look();
        }
    }

    /// Lets time pass to the first thing that is due by `until` and does it, or to `until`, and then there was none.
    pub fn one_event(&mut self, until: i64) -> bool {
        match self.next_event().filter(|next| *next <= until) {
            Some(next) => {
                self.true_ms = self.true_ms.max(next);
                self.step();
                true
            }
            None => {
                self.true_ms = self.true_ms.max(until);
                false
            }
        }
    }

    /// When something is next due, by the true time.
    #[must_use]
    pub fn next_event(&self) -> Option<i64> {
        let arrival = self.on_its_way.keys().next().map(|(at, _)| *at);
        let register = self.register.as_ref().filter(|_| self.is_on());
        let wake = register.and_then(Register::wake_at).map(|at| at + self.steady_from);
        arrival.into_iter().chain(wake).min()
    }

    /// Whatever is due now: one arrival, or a wake.
    fn step(&mut self) {
        if let Some(((at, _), what)) = self.take_due() {
            match what {
                OnItsWay::Answer(..) | OnItsWay::Looked(_) if !self.is_on() => {}
                OnItsWay::Answer(call, result) => {
                    self.under_way.remove(&call);
                    self.pause();
                    if self.dies() {
                        return;
                    }
                    let now = self.now();
                    self.register_mut().answered(call, result, now);
                }
                OnItsWay::Looked(reached) => {
                    let now = self.now();
                    self.register_mut().looked(reached, now);
                }
                OnItsWay::Charge(charge) => {
                    let _ = self.world.handle(&charge, at);
                }
            }
        } else {
            self.pause();
            let now = self.now();
            self.register_mut().wake(now);
        }
        self.settle();
    }

    /// Carries out what the register asks for. Time does not move.
    pub fn settle(&mut self) {
        self.carry_out();
        if self.disk().is_some_and(Disk::is_frozen) {
            // What is done then ends in settling as well, and is not done inside itself.
            if let Some(mut on_stop) = self.on_stop.take() {
                on_stop(self);
                self.on_stop = Some(on_stop);
            }
        }
    }

    fn carry_out(&mut self) {
        while self.is_on() {
            self.pause();
            let effects = self.register_mut().take_effects();
            self.note_seen();
            if effects.is_empty() {
                return;
            }
            for effect in effects {
                match effect {
                    Effect::Show => self.shows += 1,
                    Effect::Look => self.look(),
                    Effect::Call { call, request, not_after } => {
                        self.pause();
                        if self.dies() {
                            return;
                        }
                        let now = self.now();
                        if not_after.is_some_and(|last| now.steady_ms > last) {
                            self.register_mut().answered(call, Err(WireError::NotConnected), now);
                            continue;
                        }
                        self.carry(call, &outgoing(&request));
                        self.pause();
                        if self.dies() {
                            return;
                        }
                    }
                }
            }
        }
    }

    fn carry(&mut self, call: CallId, request: &http::Request<Vec<u8>>) {
        let verb = Verb::of(request.uri().path());
        self.seen.left_at.extend(self.folder.disk().map(Disk::calls));
        let number = order_number(request);
        // The provider's own orders begin otherwise: a probe asks about none.
        if let Some(number) = number.as_ref().filter(|number| number.starts_with('P')) {
            let given_up = self.true_ms - GIVEN_UP_MS;
            let waits_for = |(other, since, asked): &(String, i64, Verb)| {
                other == number && *since > given_up && *asked != Verb::Query
            };
            if self.under_way.values().any(waits_for) {
                self.crossed.push(number.clone());
            }
            self.under_way.insert(call, (number.clone(), self.true_ms, verb));
        }
        self.sent.push(Sent { at_ms: self.true_ms, verb, number });
        // Over a cut line nothing leaves, neither in time nor late.
        let leaves = verb == Verb::Pay && self.world.is_reachable();
        let late = if leaves { self.line.pop_front() } else { None };
        if let Some(Line::LateEnd { ms }) = late {
            let (delay, result) = end_of(self.world.handle(request, self.true_ms));
            return self.on_the_way(delay.max(ms), OnItsWay::Answer(call, result));
        }
        if let Some(Line::LateCharge { ms }) = late {
            self.on_the_way(ms, OnItsWay::Charge(request.clone()));
            let ends = if ms < PATIENCE_MS { ms + TRIP_MS } else { PATIENCE_MS };
            return self.on_the_way(ends, OnItsWay::Answer(call, Err(WireError::NoAnswer)));
        }
        let delivery: Delivery = self.world.handle(request, self.true_ms);
        let (delay, result) = end_of(delivery);
        self.on_the_way(delay, OnItsWay::Answer(call, result));
    }

    fn look(&mut self) {
        if self.rests {
            self.looks_waiting = true;
            return;
        }
        let reached = self.world.is_reachable();
        let takes = if reached { TRIP_MS } else { i64::try_from(LOOK_MS).expect("a short time") };
        self.on_the_way(takes, OnItsWay::Looked(reached));
    }

    fn on_the_way(&mut self, delay: i64, what: OnItsWay) {
        self.count += 1;
        self.on_its_way.insert((self.true_ms + delay, self.count), what);
    }

    fn pause(&self) {
        if let Some(between) = &self.between {
            between();
        }
    }

    /// Perhaps the till dies here; it is then started again, after a while or at once.
    fn dies(&mut self) -> bool {
        match self.dies_at {
            Some((0, off)) => {
                self.dies_at = None;
                self.deaths += 1;
                self.restart_after(off);
                return true;
            }
            Some((places, off)) => self.dies_at = Some((places - 1, off)),
            None => {}
        }
        if self.deaths_permille == 0 || !self.chance.permille(self.deaths_permille) {
            return false;
        }
        self.deaths += 1;
        let off = if self.chance.permille(500) { 0 } else { self.chance.between(0, 90_000) };
        // Starting may be cut short as well, so this is counted on to end only because deaths are rare.
        self.restart_after(off);
        true
    }

    // What can be seen.

    /// The cashier's screen.
    #[must_use]
    pub fn view(&self) -> TillView {
        self.register().till_view(self.now())
    }

    /// The middle of the cashier's screen.
    #[must_use]
    pub fn counter(&self) -> CounterView {
        self.view().counter
    }

    /// The customer's display.
    #[must_use]
    pub fn display(&self) -> DisplayView {
        self.register().display_view(self.now())
    }

    /// The code of the message on the screen, empty where there is none.
    #[must_use]
    pub fn notice(&self) -> String {
        self.view().notice.map(|notice| notice.message.code).unwrap_or_default()
    }

    /// Every sale, oldest first.
    #[must_use]
    pub fn sales(&self) -> Vec<SaleRow> {
        let mut sales = self.register().db().sales_between("0000-01-01", "9999-12-31").expect("readable");
        // An id carries its place in the journal.
        sales.sort_by(|one, other| one.id.cmp(&other.id));
        sales
    }

    /// The sale begun last.
    #[must_use]
    pub fn last_sale(&self) -> SaleRow {
        self.sales().pop().expect("a sale")
    }

    /// A sale.
    #[must_use]
    pub fn sale(&self, id: &SaleId) -> SaleRow {
        self.register().db().sale(id.as_str()).expect("readable").expect("the sale")
    }

    /// A sale's payments in order.
    #[must_use]
    pub fn payments(&self, sale: &SaleId) -> Vec<PaymentRow> {
        self.register().db().payments_of_sale(sale.as_str()).expect("readable")
    }

    /// Where the last payment of a sale stands.
    #[must_use]
    pub fn state_of(&self, sale: &SaleId) -> State {
        self.payments(sale).pop().expect("a payment").state
    }

    /// How many requests of this verb have left.
    #[must_use]
    pub fn count_sent(&self, verb: Verb) -> usize {
        self.sent.iter().filter(|sent| sent.verb == verb).count()
    }

    /// Every fact of a sale in order.
    #[must_use]
    pub fn facts(&self, sale: &SaleId) -> Vec<Fact> {
        let entries = self.register().db().entries_of_sale(sale.as_str()).expect("readable");
        entries.into_iter().map(|entry| entry.fact).collect()
    }

    /// Another program takes the file for itself until the answer is dropped. The till waits five seconds for it, really.
    #[must_use]
    pub fn hold_the_file(&self) -> Connection {
        let conn = Connection::open(self.path()).expect("the file");
        conn.execute_batch("BEGIN EXCLUSIVE").expect("the lock");
        conn
    }

    /// Writes facts past the register, as an older program might have left them.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn write(&mut self, facts: &[Fact]) -> Result<(), WriteError> {
        let now = self.now();
        self.register_mut().db_mut().write(now.wall, "test", facts).map(|_| ())
    }
}

/// The keys that type `amount`.
#[must_use]
pub fn keys_of(amount: &str) -> Vec<Key> {
    let key = |letter| match letter {
        '0' => Key::Digit0,
        '1' => Key::Digit1,
        '2' => Key::Digit2,
        '3' => Key::Digit3,
        '4' => Key::Digit4,
        '5' => Key::Digit5,
        '6' => Key::Digit6,
        '7' => Key::Digit7,
        '8' => Key::Digit8,
        '9' => Key::Digit9,
        '.' => Key::Point,
        other => panic!("no key for {other}"),
    };
    amount.chars().map(key).collect()
}
