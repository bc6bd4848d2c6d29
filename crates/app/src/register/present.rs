//! From the register's state to what the screens show.

use guitai_db::SaleRow;
use guitai_domain::payment::{Reason, State};
use guitai_domain::{Fen, Method, PaymentId};

use super::desk::{doing, news};
use super::payments::Open;
use super::sell::{DiskAlarm, NoCodes};
use super::{Counter, DISPLAY_REST_MS, Now, Register};
use crate::folder::new_epoch_words;
use crate::view::{
    CameraUse, CounterView, DisplayState, DisplayView, MessageView, MethodView, SettingsView, TillView,
};
use crate::words;

impl Register {
    /// What the cashier's screen shows.
    #[must_use]
    pub fn till_view(&self, now: Now) -> TillView {
        let now = self.clock.read(now);
        TillView {
            shop_name: self.settings.shop_name.clone(),
            till_name: self.settings.till_name.clone(),
            training: self.db.identity().mode == guitai_db::Mode::Training,
            language: self.settings.language,
            zone: self.settings.zone.clone(),
            online: self.line.is_online(),
            provider_ready: self.connector.is_some(),
            in_doubt: self.in_doubt(),
            alarms: self.alarms(),
            no_codes: self.no_codes().map(NoCodes::banner),
            counter: self.counter_view(now),
            notice: self.notice.clone(),
            devices: self.devices_view(),
            camera: self.camera_use(),
        }
    }

    /// What the customer's display shows.
    #[must_use]
    pub fn display_view(&self, now: Now) -> DisplayView {
        let now = self.clock.read(now);
        let (state, amount, change) = display_of(self.counter_view(now));
        let fresh = self.finished_at.is_some_and(|at| now.steady_ms < at + DISPLAY_REST_MS);
        let rested = state == DisplayState::Captured && !fresh;
        let (state, amount) = match (state, self.just_aside.filter(|_| fresh)) {
            (DisplayState::Idle, Some(aside)) => (DisplayState::InDoubt, Some(aside.to_string())),
            _ => (state, amount),
        };
        DisplayView {
            shop_name: self.settings.shop_name.clone(),
            training: self.db.identity().mode == guitai_db::Mode::Training,
            language: self.settings.language,
            state: if rested { DisplayState::Idle } else { state },
            takes_codes: self.no_codes().is_none(),
            online: self.line.is_online(),
            amount: amount.filter(|_| !rested),
            change: change.filter(|_| !rested),
        }
    }

    /// The settings page, but for what the register does not know: provider, version, folder.
    #[must_use]
    pub fn settings_view(&self) -> SettingsView {
        SettingsView {
            language: self.settings.language,
            shop_name: self.settings.shop_name.clone(),
            till_name: self.settings.till_name.clone(),
            confirm_above: self.settings.confirm_above.to_string(),
            scanner_gap_ms: self.settings.scanner_gap_ms,
            camera_on: self.settings.camera_on,
            camera: self.settings.camera.clone(),
            zone: self.settings.zone.clone(),
            cutoff: self.settings.clock.cutoff.to_string(),
            provider: None,
            training: self.db.identity().mode == guitai_db::Mode::Training,
            till_id: self.db.identity().till.to_string(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            data_folder: String::new(),
        }
    }

    /// Whether the camera may look, and is to: only while a code can be paid with, or scanners are tried.
    #[must_use]
    pub fn camera_use(&self) -> CameraUse {
        let awaits = self.is_testing()
            || match self.counter {
                Counter::Armed { .. } => self.no_codes().is_none(),
                Counter::Idle
                | Counter::Entering { .. }
                | Counter::Confirming { .. }
                | Counter::Cash { .. }
                | Counter::Paying { .. }
                | Counter::Finished { .. } => false,
            };
        match (self.settings.camera_on, awaits) {
            (false, _) => CameraUse::Off,
            (true, false) => CameraUse::Resting,
            (true, true) => CameraUse::Looking,
        }
    }

    /// Which camera the shop has chosen: `auto`, or an id.
    #[must_use]
    pub fn camera_chosen(&self) -> &str {
        &self.settings.camera
    }

    /// How the shop reads the clock.
    #[must_use]
    pub fn shop_clock(&self) -> &guitai_domain::ShopClock {
        &self.settings.clock
    }

    /// The shop's and the till's names, for the receipt.
    #[must_use]
    pub fn names(&self) -> (&str, &str) {
        (&self.settings.shop_name, &self.settings.till_name)
    }

    /// Whether the provider could be reached the last time it was tried.
    #[must_use]
    pub fn online(&self) -> bool {
        self.line.is_online()
    }

    /// How far the provider's clock is ahead of the till's time, as last heard, in ms.
    #[must_use]
    pub fn clock_offset_ms(&self) -> Option<i64> {
        self.clock.offset_ms()
    }

    /// Free bytes where the file lies, as last told.
    pub(crate) fn free_bytes(&self) -> Option<u64> {
        self.free_bytes
    }

    /// Why the last backup was not made.
    pub(crate) fn backup_trouble(&self) -> Option<MessageView> {
        self.backup_trouble.clone()
    }

    /// What is wrong with the till itself: on every screen until it is mended.
    #[must_use]
    pub fn alarms(&self) -> Vec<MessageView> {
        let clock = match self.clock.doubt() {
            Some(super::Doubt::NoTime) => Some(words::no_time()),
            Some(super::Doubt::OwnCount) => Some(words::clock_doubted(self.clock.ahead_ms())),
            None => self.clock.apart_ms().map(words::clock_apart),
        };
        let disk = self.disk_alarm().map(|alarm| match alarm {
            DiskAlarm::Filling => words::disk_filling(),
            DiskAlarm::TooFull => words::disk_too_full(),
        });
        let history = self.db.new_epoch().map(|new| new_epoch_words(new, self.shop_clock()));
        let troubles = [self.provider_alarm.clone(), clock, disk, history, self.backup_trouble.clone()];
        troubles.into_iter().flatten().collect()
    }

    /// Where a payment stands now, open or not, and how it may be told to a person.
    #[must_use]
    pub fn open_payment_state(&self, payment: &PaymentId) -> Option<State> {
        self.open.get(payment).map(|open| open.state)
    }

    fn counter_view(&self, now: Now) -> CounterView {
        match &self.counter {
            Counter::Idle => CounterView::Idle,
            Counter::Entering { text } => CounterView::Entering { text: text.clone() },
            Counter::Confirming { amount, .. } => {
                CounterView::Confirming { due: amount.to_string(), words: amount.in_words() }
            }
            Counter::Armed { amount, .. } => CounterView::Armed { due: amount.to_string() },
            Counter::Cash { amount, given, .. } => CounterView::Cash {
                due: amount.to_string(),
                given: given.clone(),
                change: change_of(*amount, given),
            },
            Counter::Paying { payment, confirming, .. } => {
                let view = match self.open.get(payment) {
                    Some(open) => self.open_view(open, *confirming, now),
                    None => self.kept_view(payment, now),
                };
                if self.by_picture.as_ref() == Some(payment) { said_of_a_picture(view) } else { view }
            }
            Counter::Finished { sale } => match self.db.sale(sale.as_str()) {
                Ok(Some(row)) => captured_view(&row),
                Ok(None) | Err(_) => CounterView::Idle,
            },
        }
    }

    /// A payment the till asks nobody about, but which still stands on the counter: it has ended, or the settings to ask
    /// with are locked.
    fn kept_view(&self, payment: &PaymentId, now: Now) -> CounterView {
        let Ok(Some(row)) = self.db.payment(payment.as_str()) else { return CounterView::Idle };
        if row.state.is_final() {
            return state_view(row.state, row.amount, row.method).unwrap_or(CounterView::Idle);
        }
        CounterView::InDoubt {
            due: row.amount.to_string(),
            method: row.method.into(),
            elapsed_ms: whole_ms(now.wall.ms_since(row.sent_at.unwrap_or(row.created_at))),
            doing: doing(row.state, false, true),
            message: words::on_desk(
                doing(row.state, false, true),
                news(row.state, row.contradicted.as_deref()),
                None,
            ),
            next_in_ms: 0,
            window_left_ms: None,
            reverse_in_ms: None,
            confirming: false,
        }
    }

    fn open_view(&self, open: &Open, confirming: bool, now: Now) -> CounterView {
        let (due, method) = (open.amount.to_string(), open.method.into());
        let elapsed_ms = whole_ms(open.age_ms(now));
        let doubt = |window_left_ms, reverse_in_ms| CounterView::InDoubt {
            due: open.amount.to_string(),
            method: open.method.into(),
            elapsed_ms,
            doing: doing(open.state, false, self.line.is_online()),
            message: words::on_desk(doing(open.state, false, self.line.is_online()), open.news(), None),
            next_in_ms: whole_ms(self.next_in_ms(open, now)),
            window_left_ms,
            reverse_in_ms,
            // What the till has begun by itself need not be confirmed any more.
            confirming: confirming && matches!(open.state, State::InDoubt { .. }),
        };
        match open.state {
            State::Created | State::Sent => CounterView::Charging { due, method, elapsed_ms },
            State::AwaitingPayer => CounterView::AwaitingPayer {
                due,
                method,
                remaining_ms: whole_ms(open.window_left_ms(now)),
                reverse_in_ms: whole_ms(open.reverse_in_ms(now)),
            },
            // A refusal is being confirmed with a second question: that takes as long as one answer.
            State::InDoubt { refusal: Some(_) } if open.age_ms(now) < 5_000 && self.line.is_well() => {
                CounterView::Charging { due, method, elapsed_ms }
            }
            State::InDoubt { .. } => {
                doubt(Some(whole_ms(open.window_left_ms(now))), Some(whole_ms(open.reverse_in_ms(now))))
            }
            State::Reversing { .. } => doubt(None, Some(whole_ms(open.reverse_in_ms(now)))),
            State::Unresolved | State::PaidLate => doubt(None, None),
            State::Captured
            | State::Declined { .. }
            | State::NotSent
            | State::Reversed
            | State::SettledByManager { .. } => {
                state_view(open.state, open.amount, open.method).unwrap_or(CounterView::Idle)
            }
        }
    }
}

/// A code that is over is a new screenshot's business, where it came in one: nobody holds a phone here.
fn said_of_a_picture(view: CounterView) -> CounterView {
    let over = [words::declined(Reason::CodeExpired), words::declined(Reason::CodeInvalid)];
    match view {
        CounterView::Declined { due, method, message } if over.contains(&message) => {
            CounterView::Declined { due, method, message: words::picture_code_over() }
        }
        other => other,
    }
}

/// The view of a final state that is not a paid one.
fn state_view(state: State, amount: Fen, method: Method) -> Option<CounterView> {
    let (due, method) = (amount.to_string(), method.into());
    match state {
        State::Declined { reason, .. } => {
            Some(CounterView::Declined { due, method, message: words::declined(reason) })
        }
        State::NotSent => Some(CounterView::Declined { due, method, message: words::not_sent() }),
        State::Reversed => Some(CounterView::Reversed { due, method }),
        State::SettledByManager { paid: false, .. } => {
            Some(CounterView::Declined { due, method, message: words::settled_unpaid() })
        }
        State::Created
        | State::Sent
        | State::AwaitingPayer
        | State::InDoubt { .. }
        | State::Reversing { .. }
        | State::Unresolved
        | State::PaidLate
        | State::Captured
        | State::SettledByManager { paid: true, .. } => None,
    }
}

fn captured_view(row: &SaleRow) -> CounterView {
    CounterView::Captured {
        due: row.amount.to_string(),
        method: row.method.unwrap_or(Method::Cash).into(),
        sale: row.id.to_string(),
        receipt_no: row.receipt_no.clone().unwrap_or_default(),
        given: row.given.map(|fen| fen.to_string()),
        change: row.change.map(|fen| fen.to_string()),
    }
}

fn change_of(amount: Fen, given: &str) -> Option<String> {
    if given.is_empty() {
        return Some(Fen::ZERO.to_string());
    }
    let change = Fen::from_yuan(given).ok()?.checked_sub(amount)?;
    (change >= Fen::ZERO).then(|| change.to_string())
}

fn display_of(counter: CounterView) -> (DisplayState, Option<String>, Option<String>) {
    match counter {
        CounterView::Idle => (DisplayState::Idle, None, None),
        CounterView::Entering { text } => (DisplayState::Entering, Some(text), None),
        CounterView::Confirming { due, .. } => (DisplayState::Entering, Some(due), None),
        CounterView::Armed { due } => (DisplayState::Armed, Some(due), None),
        CounterView::Cash { due, change, .. } => (DisplayState::Cash, Some(due), change),
        CounterView::Charging { due, .. } => (DisplayState::Charging, Some(due), None),
        CounterView::AwaitingPayer { due, .. } => (DisplayState::AwaitingPayer, Some(due), None),
        CounterView::Captured { due, change, .. } => (DisplayState::Captured, Some(due), change),
        CounterView::Declined { due, .. } => (DisplayState::Declined, Some(due), None),
        CounterView::InDoubt { due, .. } => (DisplayState::InDoubt, Some(due), None),
        CounterView::Reversed { due, .. } => (DisplayState::Reversed, Some(due), None),
    }
}

fn whole_ms(ms: i64) -> u32 {
    u32::try_from(ms.max(0)).unwrap_or(u32::MAX)
}

impl From<Method> for MethodView {
    fn from(method: Method) -> Self {
        match method {
            Method::Cash => MethodView::Cash,
            Method::WechatPay => MethodView::WechatPay,
            Method::Alipay => MethodView::Alipay,
            Method::UnionPay => MethodView::UnionPay,
        }
    }
}

impl From<MethodView> for Method {
    fn from(method: MethodView) -> Self {
        match method {
            MethodView::Cash => Method::Cash,
            MethodView::WechatPay => Method::WechatPay,
            MethodView::Alipay => Method::Alipay,
            MethodView::UnionPay => Method::UnionPay,
        }
    }
}
