//! The register: a state machine that owns the open database.
//!
//! It is handed inputs and the time, and hands back effects, which the driver carries out. It never sleeps, never
//! opens a socket and never asks the clock. An effect is only handed out after what it stands for is committed to the
//! journal; at start-up the register reads the journal and takes up whatever was open.

mod clock;
mod codes;
mod counter;
mod desk;
pub(crate) mod devices;
mod headless;
mod line;
mod manager;
mod payments;
mod present;
mod scans;
mod sell;

use std::collections::BTreeMap;

use guitai_connectors::{Connector, HttpReply, HttpRequest, WireError};
use guitai_db::{Damage, Db, Entry, Fact, WriteError};
use guitai_domain::{Fen, PaymentId, SaleId, Timestamp};
use rand_chacha::ChaCha12Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use crate::settings::Settings;
use crate::view::{CommandError, Key, MessageView, NoticeView, SettingChange};
use crate::words;
pub(crate) use clock::Doubt;
use clock::{Change, TillClock};
use codes::Codes;
use counter::{Counter, Rejected, character, extended};
use devices::Devices;
pub use headless::Progress;
use line::Line;
pub use manager::{Manager, NotedProvider};
use payments::{Call, Open};
pub use scans::Reading;
use scans::Sight;

/// The time, twice: by the wall clock for the record, and by a clock that only runs forward for everything timed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Now {
    /// What the wall clock says. It may jump.
    pub wall: Timestamp,
    /// Milliseconds by a clock that never jumps, from any start.
    pub steady_ms: i64,
}

/// A call to the provider, so that its answer finds back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct CallId(u64);

/// What the driver is to do.
#[derive(Debug)]
pub enum Effect {
    /// Send this request; hand the end of it back with [`Register::answered`].
    Call {
        /// To be handed back.
        call: CallId,
        /// What to send.
        request: HttpRequest,
        /// A charge is not begun after this, by the steady clock: its code is no longer good.
        not_after: Option<i64>,
    },
    /// See whether the provider can be reached, without asking it anything; hand the result back with
    /// [`Register::looked`] within [`LOOK_MS`].
    Look,
    /// Something on the screens has changed.
    Show,
}

/// A look for the provider takes no longer than this, in ms.
pub const LOOK_MS: u64 = 1_800;

/// The register. One owner, one thread.
pub struct Register {
    db: Db,
    connector: Option<Box<dyn Connector>>,
    settings: Settings,
    random: ChaCha12Rng,
    counter: Counter,
    /// The counter before each of the last digits, so that keys that prove to be a scan can be taken back.
    before_keys: Vec<Counter>,
    open: BTreeMap<PaymentId, Open>,
    calls: BTreeMap<CallId, Call>,
    next_call: u64,
    codes: Codes,
    last_sight: Option<Sight>,
    /// The last payment whose code came in a picture.
    by_picture: Option<PaymentId>,
    devices: Devices,
    line: Line,
    clock: TillClock,
    /// Both clocks as they were last told, believed or not.
    told: Now,
    time_asked_at: Option<i64>,
    /// Free bytes where the file lies, as last told.
    free_bytes: Option<u64>,
    /// Why the last backup was not made.
    backup_trouble: Option<MessageView>,
    /// Misses at the manager's PIN count from here, by the steady clock.
    missed_at: i64,
    /// The merchant is another than the one this till was left with.
    provider_alarm: Option<MessageView>,
    notice: Option<NoticeView>,
    notices: u32,
    /// Since when the customer's display shows the end of a sale, or that one was set aside.
    finished_at: Option<i64>,
    /// What was set aside just now: its customer still stands there.
    just_aside: Option<Fen>,
    actor: &'static str,
    effects: Vec<Effect>,
}

/// The customer display goes back to the shop's name this long after a sale.
const DISPLAY_REST_MS: i64 = 8_000;

impl Register {
    /// Takes up the till where its journal ends. `seed` feeds ids and nonces; `actor` is who the entries are by.
    ///
    /// # Errors
    /// When the file cannot be read or written.
    pub fn open(
        db: Db,
        connector: Option<Box<dyn Connector>>,
        seed: [u8; 32],
        actor: &'static str,
        now: Now,
    ) -> Result<Register, WriteError> {
        let mut register = Register { connector, ..Register::at_rest(db, seed, actor, now)? };
        let (clock, change) = start_clock(&register.db, now)?;
        register.clock = clock;
        let now = register.clock.read(now);
        register.write(now, &[Fact::TillStarted { version: env!("CARGO_PKG_VERSION").to_owned() }])?;
        register.note_clock(change, now);
        if register.connector.is_some() {
            register.line.begin(now.steady_ms);
        }
        register.take_up_payments(now)?;
        register.take_up_counter()?;
        Ok(register)
    }

    /// A register that looks things up and takes cash, and leaves alone whatever is open: it has no connector, writes
    /// nothing by itself and never calls a provider.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn at_rest(db: Db, seed: [u8; 32], actor: &'static str, now: Now) -> Result<Register, Damage> {
        let random = ChaCha12Rng::from_seed(seed);
        let settings = Settings::load(&db)?;
        let (clock, _) = start_clock(&db, now)?;
        let codes = Codes::found(&db, clock.read(now))?;
        Ok(Register {
            db,
            connector: None,
            settings,
            random,
            counter: Counter::Idle,
            before_keys: Vec::new(),
            open: BTreeMap::new(),
            calls: BTreeMap::new(),
            next_call: 1,
            codes,
            last_sight: None,
            by_picture: None,
            devices: Devices::default(),
            line: Line::new(now.steady_ms),
            clock,
            told: now,
            time_asked_at: None,
            free_bytes: None,
            backup_trouble: None,
            missed_at: now.steady_ms,
            provider_alarm: None,
            notice: None,
            notices: 0,
            finished_at: None,
            just_aside: None,
            actor,
            effects: Vec::new(),
        })
    }

    /// What is to be done, in order. Empty until the next input.
    #[must_use]
    pub fn take_effects(&mut self) -> Vec<Effect> {
        std::mem::take(&mut self.effects)
    }

    /// Whether something is to be done at once.
    #[must_use]
    pub fn has_effects(&self) -> bool {
        !self.effects.is_empty()
    }

    /// Whether it has something to do about a payment, or for the customer's display. Else it only watches the line.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        let asks = self.open.values().any(|open| open.wake_at().is_some());
        asks || !self.calls.is_empty() || self.finished_at.is_some() || self.has_effects()
    }

    /// When the register next wants [`Register::wake`], by the steady clock.
    #[must_use]
    pub fn wake_at(&self) -> Option<i64> {
        // What is due waits for the line; what is not due does not need it yet.
        let open_at = self.line.open_at();
        let payments = self.open.values().filter_map(Open::wake_at);
        let payments = payments.filter_map(|at| open_at.map(|open_at| at.max(open_at)));
        let stranger = self.line.is_answered_by_a_stranger();
        let over = self.open.values().filter(|_| open_at.is_none());
        let over = over.filter_map(|open| open.time_over_at(stranger));
        let overdue = self.calls.values().map(|call| self.overdue_at(call));
        let rest = self.finished_at.map(|at| at + DISPLAY_REST_MS);
        let reversal = self.reversal_at_the_counter().map(|(_, at)| at);
        payments.chain(reversal).chain(over).chain(overdue).chain(self.line.wake_at()).chain(rest).min()
    }

    /// The till's time: what the computer's clock says, as long as it can be believed.
    #[must_use]
    pub fn time(&self, now: Now) -> Now {
        self.clock.read(now)
    }

    /// Takes in both clocks. Everything that comes from outside begins with this.
    fn take_time(&mut self, now: Now) -> Now {
        self.told = now;
        let (told, change) = self.clock.tell(now);
        self.note_clock(change, told);
        told
    }

    fn note_clock(&mut self, change: Option<Change>, now: Now) {
        let fact = match change {
            None => return,
            Some(Change::Doubted { ahead_ms }) => Fact::ClockDoubted { ahead_ms },
            Some(Change::Believed { by, moved_ms }) => Fact::ClockBelieved { by: by.to_owned(), moved_ms },
        };
        // The banner says it in any case; no payment depends on this entry.
        if let Err(error) = self.write(now, &[fact]) {
            self.refuse(words::write(&error));
        }
        self.show();
    }

    /// The provider's clock was heard beside an answer.
    fn hear_clock(&mut self, offset_ms: Option<i64>, proven: bool) {
        let Some(offset_ms) = offset_ms else { return };
        let before = self.clock.is_vouched();
        let change = self.clock.hear(offset_ms, proven, self.told);
        let now = self.clock.read(self.told);
        if change.is_some() || before != self.clock.is_vouched() {
            self.open.values_mut().for_each(|open| open.count_again(now, self.clock.is_vouched()));
        }
        self.note_clock(change, now);
    }

    /// Time has passed.
    pub fn wake(&mut self, now: Now) {
        let now = self.take_time(now);
        if self.finished_at.is_some_and(|at| now.steady_ms >= at + DISPLAY_REST_MS) {
            self.finished_at = None;
            self.just_aside = None;
            self.show();
        }
        self.give_up_overdue_calls(now);
        self.end_customers_time(now);
        self.make_due_calls(now);
        self.attend_line(now);
    }

    /// Whether a [look](Effect::Look) reached the provider.
    pub fn looked(&mut self, reached: bool, now: Now) {
        let now = self.take_time(now);
        if self.line.looked(reached, now.steady_ms) {
            self.show();
        }
    }

    /// How much room is left where the file lies.
    pub fn note_free_bytes(&mut self, free: u64) {
        let before = self.disk_alarm();
        self.free_bytes = Some(free);
        if before != self.disk_alarm() {
            self.show();
        }
    }

    /// A backup was made, or why not.
    pub(crate) fn note_backup(&mut self, trouble: Option<MessageView>) {
        if self.backup_trouble != trouble {
            self.backup_trouble = trouble;
            self.show();
        }
    }

    /// A call has ended.
    pub fn answered(&mut self, call: CallId, result: Result<HttpReply, WireError>, now: Now) {
        let now = self.take_time(now);
        self.call_ended(call, result, now);
        self.make_due_calls(now);
    }

    /// The cashier pressed a key.
    pub fn press(&mut self, key: Key, now: Now) {
        self.notice = None;
        let now = self.take_time(now);
        let before = self.counter.clone();
        let typed = character(key).is_some();
        // A disk that did not take the clock's entry is said before a key that does nothing here.
        if let Err(message) = self.press_key(key, now)
            && self.notice.is_none()
        {
            self.refuse(message);
        }
        if typed {
            self.before_keys.push(before);
            let excess = self.before_keys.len().saturating_sub(64);
            self.before_keys.drain(..excess);
        } else {
            self.before_keys.clear();
        }
        self.show();
    }

    fn press_key(&mut self, key: Key, now: Now) -> Result<(), MessageView> {
        match self.counter.clone() {
            Counter::Idle => self.press_while_entering("", key, now),
            Counter::Entering { text } => self.press_while_entering(&text, key, now),
            Counter::Confirming { text, amount } => match key {
                Key::Enter => self.arm(amount, now).map(|_| ()),
                Key::Cash => self.arm(amount, now).and_then(|sale| self.count_cash(sale, amount)),
                Key::Escape | Key::Backspace => {
                    self.counter = Counter::Entering { text };
                    Ok(())
                }
                Key::Clear => {
                    self.counter = Counter::Idle;
                    Ok(())
                }
                _ => Err(words::key_not_now()),
            },
            Counter::Armed { sale, amount } => match key {
                Key::Escape => self.void(&sale, now),
                Key::Cash => self.count_cash(sale, amount),
                _ => Err(words::key_not_now()),
            },
            Counter::Cash { sale, amount, given } => {
                self.press_while_counting(sale, amount, &given, key, now)
            }
            Counter::Paying { sale, payment, confirming } => {
                self.press_while_paying(&sale, &payment, confirming, key, now)
            }
            Counter::Finished { .. } => {
                self.counter = Counter::Idle;
                self.finished_at = None;
                match key {
                    Key::Enter | Key::Escape | Key::Backspace | Key::Clear => Ok(()),
                    _ => self.press_while_entering("", key, now),
                }
            }
        }
    }

    fn press_while_entering(&mut self, text: &str, key: Key, now: Now) -> Result<(), MessageView> {
        match key {
            Key::Enter | Key::Cash => {
                let amount = Fen::from_yuan(text).map_err(words::amount)?;
                if amount >= self.settings.confirm_above {
                    self.counter = Counter::Confirming { text: text.to_owned(), amount };
                    return Ok(());
                }
                let sale = self.arm(amount, now)?;
                if key == Key::Cash { self.count_cash(sale, amount) } else { Ok(()) }
            }
            Key::Backspace => {
                let shorter: String = text.chars().take(text.chars().count().saturating_sub(1)).collect();
                self.counter = entering(shorter);
                Ok(())
            }
            Key::Clear | Key::Escape => {
                self.counter = Counter::Idle;
                Ok(())
            }
            _ => {
                self.counter = entering(typed(text, key)?);
                Ok(())
            }
        }
    }

    fn press_while_counting(
        &mut self,
        sale: SaleId,
        amount: Fen,
        given: &str,
        key: Key,
        now: Now,
    ) -> Result<(), MessageView> {
        let given = match key {
            Key::Enter => return self.take_cash(&sale, amount, given, now),
            Key::Escape if given.is_empty() => {
                self.counter = Counter::Armed { sale, amount };
                return Ok(());
            }
            Key::Escape | Key::Clear => String::new(),
            Key::Backspace => given.chars().take(given.chars().count().saturating_sub(1)).collect(),
            Key::Cash => return Err(words::key_not_now()),
            _ => typed(given, key)?,
        };
        self.counter = Counter::Cash { sale, amount, given };
        Ok(())
    }

    /// Changes a setting.
    ///
    /// # Errors
    /// What is wrong with the value, or with the disk.
    pub fn change_setting(&mut self, change: &SettingChange, now: Now) -> Result<(), CommandError> {
        let now = self.take_time(now);
        let fact = crate::settings::change(change).map_err(|message| CommandError { message })?;
        self.write(now, &[fact]).map_err(|error| CommandError { message: words::write(&error) })?;
        self.settings =
            Settings::load(&self.db).map_err(|damage| CommandError { message: words::damage(&damage) })?;
        self.show();
        Ok(())
    }

    /// Notes that a sale's receipt was printed again.
    ///
    /// # Errors
    /// When there is no such receipt, or the disk refuses.
    pub fn note_reprint(&mut self, sale: &str, now: Now) -> Result<(), CommandError> {
        let now = self.take_time(now);
        let unreadable = |damage: Damage| CommandError { message: words::damage(&damage) };
        let row = self.db.sale(sale).map_err(unreadable)?.filter(|row| row.receipt_no.is_some());
        let row = row.ok_or_else(|| CommandError { message: words::scan_no_receipt() })?;
        let fact = Fact::ReceiptReprinted { sale: sale.to_owned(), copy: row.reprints + 1 };
        self.write(now, &[fact]).map_err(|error| CommandError { message: words::write(&error) })?;
        Ok(())
    }

    /// Talks to the provider through another connector from here on. Payments that waited for one are taken up.
    pub fn use_connector(&mut self, connector: Option<Box<dyn Connector>>, now: Now) {
        let now = self.take_time(now);
        self.connector = connector;
        if self.connector.is_some() {
            self.line.begin(now.steady_ms);
        }
        if self.open.is_empty()
            && let Err(error) = self.take_up_payments(now)
        {
            self.refuse(words::write(&error));
        }
        self.show();
    }

    /// Takes no codes from here on, until it is given a connector again. Gives the one it had.
    pub fn take_connector(&mut self, now: Now) -> Option<Box<dyn Connector>> {
        self.take_time(now);
        let taken = self.connector.take();
        self.show();
        taken
    }

    /// The connector, to test its settings.
    #[must_use]
    pub fn connector(&self) -> Option<&dyn Connector> {
        self.connector.as_deref()
    }

    /// The open file, for reading.
    #[must_use]
    pub fn db(&self) -> &Db {
        &self.db
    }

    /// The open file, for upkeep: rebuild, checks.
    pub fn db_mut(&mut self) -> &mut Db {
        &mut self.db
    }

    /// Gives the file back.
    #[must_use]
    pub fn into_db(self) -> Db {
        self.db
    }

    /// Something new for a request: the time and a nonce.
    pub fn fresh(&mut self, now: Now) -> guitai_connectors::Fresh {
        const LETTERS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
        let nonce = (0..32).map(|_| char::from(LETTERS[(self.random.next_u64() % 62) as usize])).collect();
        guitai_connectors::Fresh { now: now.wall, nonce }
    }

    fn write(&mut self, now: Now, facts: &[Fact]) -> Result<Vec<Entry>, WriteError> {
        self.db.write(now.wall, self.actor, facts)
    }

    fn show(&mut self) {
        if !matches!(self.effects.last(), Some(Effect::Show)) {
            self.effects.push(Effect::Show);
        }
    }

    fn refuse(&mut self, message: MessageView) {
        self.say(message, true);
    }

    fn say(&mut self, message: MessageView, refusal: bool) {
        self.notices = self.notices.wrapping_add(1);
        self.notice = Some(NoticeView { serial: self.notices, refusal, message });
        self.show();
    }
}

fn start_clock(db: &Db, now: Now) -> Result<(TillClock, Option<Change>), Damage> {
    let has_sold = db.last_completed_sale()?.is_some();
    Ok(TillClock::start(now, db.last_entry_at()?, has_sold))
}

fn entering(text: String) -> Counter {
    if text.is_empty() { Counter::Idle } else { Counter::Entering { text } }
}

fn typed(text: &str, key: Key) -> Result<String, MessageView> {
    let added = character(key).ok_or_else(words::key_not_now)?;
    extended(text, added).map_err(|rejected| match rejected {
        Rejected::LeadingZero => words::leading_zero(),
        Rejected::Shape(error) => words::amount(error),
    })
}
