//! Selling: a sale is opened, charged, paid in cash, voided.

use guitai_db::{Fact, SaleState, WriteError};
use guitai_domain::payment::{Circumstances, Event, Next, ProviderRules, State, Verb};
use guitai_domain::{Fen, Method, PaymentCode, PaymentId, ReceiptNo, SaleId};
use rand_chacha::rand_core::Rng;

use super::codes::Digest;
use super::payments::Open;
use super::scans::READ_MS_MAX;
use super::{Counter, Doubt, Now, Reading, Register};
use crate::view::{Key, MessageView};
use crate::words;

/// With less room than this no code is charged: what is taken must still be written down, and the cash after it.
const TOO_FULL_BYTES: u64 = 500_000_000;
/// With less than this the manager is told.
const FILLING_BYTES: u64 = 2_000_000_000;

/// The disk is short of room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DiskAlarm {
    /// Somebody should free some.
    Filling,
    /// Codes are not charged any more.
    TooFull,
}

/// Why no payment code can be charged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoCodes {
    /// No provider is set up.
    NoProvider,
    /// The provider is out of reach.
    Offline,
    /// What is charged could not be written down.
    DiskTooFull,
}

impl NoCodes {
    /// What stands on the screen for as long as it lasts.
    pub fn banner(self) -> MessageView {
        match self {
            NoCodes::NoProvider => words::no_provider_yet(),
            NoCodes::Offline => words::line_is_down(),
            NoCodes::DiskTooFull => words::disk_too_full(),
        }
    }

    /// The answer to a scan.
    pub fn refusal(self) -> MessageView {
        match self {
            NoCodes::NoProvider => words::no_provider(),
            NoCodes::Offline => words::offline(),
            NoCodes::DiskTooFull => words::disk_too_full(),
        }
    }
}

impl Register {
    /// Opens a sale of `amount`: from here on it is on disk.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn open_sale(&mut self, amount: Fen, now: Now) -> Result<SaleId, WriteError> {
        let identity = self.db.identity();
        let (till, epoch) = (identity.till, identity.epoch);
        let sale = SaleId::new(till, epoch, self.db.head().seq + 1, self.random.next_u64());
        let date = self.settings.clock.business_date(now.wall);
        self.write(now, &[Fact::opened(&sale, amount, date)])?;
        Ok(sale)
    }

    /// Charges `code` for an open sale. The request is among the effects once the payment is on disk.
    ///
    /// # Errors
    /// Why nothing was charged; nothing has left the till then.
    pub fn charge(
        &mut self,
        sale: &SaleId,
        amount: Fen,
        code: &PaymentCode,
        device: &str,
        now: Now,
    ) -> Result<PaymentId, MessageView> {
        let reading = Reading { text: "", undo: 0, device, read_at_ms: now.steady_ms };
        self.charge_reading(sale, amount, code, &reading, now)
    }

    /// The same for a code that was read a while ago.
    pub(super) fn charge_reading(
        &mut self,
        sale: &SaleId,
        amount: Fen,
        code: &PaymentCode,
        reading: &Reading<'_>,
        now: Now,
    ) -> Result<PaymentId, MessageView> {
        let (rules, digest) = self.can_charge(code, reading.read_at_ms, now)?;
        self.stands_for(sale, amount)?;
        let identity = self.db.identity();
        let (till, epoch) = (identity.till, identity.epoch);
        let payment = PaymentId::new(till, epoch, self.db.head().seq + 1, self.random.next_u64());
        let at = Circumstances { age_ms: 0, attended: true, answered: false, known: false, rules: &rules };
        let sent = guitai_domain::payment::step(State::Created, Event::Calling(Verb::Pay), at);
        let (state, _) = sent.map_err(words::step_refused)?;
        let facts = [
            Fact::created(
                &payment,
                sale,
                code.method(),
                amount,
                code.last_digits(),
                reading.device,
                hex::encode(digest),
            ),
            Fact::moved(&payment, sale, state, "cashier", None),
        ];
        self.write(now, &facts).map_err(|error| words::write(&error))?;
        self.codes.note_charged(digest, now.steady_ms);
        if reading.device.starts_with("picture:") {
            self.by_picture = Some(payment.clone());
        }
        let open = Open::sent(sale.clone(), code.method(), amount, state, rules, digest, now);
        self.open.insert(payment.clone(), open);
        self.send_charge(&payment, amount, code, &rules, reading.read_at_ms, now);
        Ok(payment)
    }

    /// No money is asked for but for a sale that stands open at this amount.
    fn stands_for(&self, sale: &SaleId, amount: Fen) -> Result<(), MessageView> {
        let row = self.db.sale(sale.as_str()).map_err(|damage| words::damage(&damage))?;
        match row.is_some_and(|row| row.state == SaleState::Open && row.amount == amount) {
            true => Ok(()),
            false => Err(words::scan_without_amount()),
        }
    }

    /// Whether `code` could be charged at this moment: the provider's rules and the code's digest, or why not.
    pub(super) fn can_charge(
        &mut self,
        code: &PaymentCode,
        read_at_ms: i64,
        now: Now,
    ) -> Result<(ProviderRules, Digest), MessageView> {
        if self.clock.doubt() == Some(Doubt::NoTime) {
            return Err(words::no_time());
        }
        let connector = self.connector.as_ref().filter(|connector| connector.method() == code.method());
        let Some(rules) = connector.map(|connector| *connector.rules()) else {
            return Err(words::method_not_set_up(method_zh(code.method())));
        };
        if let Some(why) = self.no_codes() {
            return Err(why.refusal());
        }
        let digest = self.codes.digest(code.reveal());
        if self.codes.was_charged(&digest, now.steady_ms) {
            return Err(words::scan_used());
        }
        if now.steady_ms - read_at_ms >= READ_MS_MAX {
            return Err(words::scan_too_old());
        }
        Ok((rules, digest))
    }

    /// Why no payment code can be charged at this moment, whatever its wallet.
    pub(super) fn no_codes(&self) -> Option<NoCodes> {
        if self.connector.is_none() {
            return Some(NoCodes::NoProvider);
        }
        if !self.line.is_online() {
            return Some(NoCodes::Offline);
        }
        match self.disk_alarm() {
            Some(DiskAlarm::TooFull) => Some(NoCodes::DiskTooFull),
            Some(DiskAlarm::Filling) | None => None,
        }
    }

    /// How the disk stands, where it is short.
    pub(super) fn disk_alarm(&self) -> Option<DiskAlarm> {
        match self.free_bytes? {
            ..TOO_FULL_BYTES => Some(DiskAlarm::TooFull),
            TOO_FULL_BYTES..FILLING_BYTES => Some(DiskAlarm::Filling),
            FILLING_BYTES.. => None,
        }
    }

    /// Completes a sale in cash.
    ///
    /// # Errors
    /// When less than the amount was given, or the disk refuses.
    pub fn pay_cash(&mut self, sale: &SaleId, amount: Fen, given: Fen, now: Now) -> Result<(), MessageView> {
        let change = given.checked_sub(amount).filter(|change| *change >= Fen::ZERO);
        let change = change.ok_or_else(words::not_enough_cash)?;
        let fact = self
            .completion(sale, Method::Cash, Some((given, change)), now)
            .map_err(|damage| words::damage(&damage))?;
        self.write(now, &[fact]).map_err(|error| words::write(&error))?;
        Ok(())
    }

    /// Gives a sale up before any money moved.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn void_sale(&mut self, sale: &SaleId, now: Now) -> Result<(), WriteError> {
        self.write(now, &[Fact::SaleVoided { sale: sale.to_string() }])?;
        Ok(())
    }

    /// The entry that completes a sale: the day and hour of payment, and the next receipt number of that day.
    pub(super) fn completion(
        &self,
        sale: &SaleId,
        method: Method,
        cash: Option<(Fen, Fen)>,
        now: Now,
    ) -> Result<Fact, guitai_db::Damage> {
        let date = self.settings.clock.business_date(now.wall);
        let count = self.db.receipts_on(&date.to_string())? + 1;
        Ok(Fact::SaleCompleted {
            sale: sale.to_string(),
            method: method.name().to_owned(),
            receipt_no: ReceiptNo::new(date, self.db.identity().till, count).to_string(),
            business_date: date.to_string(),
            hour: self.settings.clock.hour(now.wall),
            given_fen: cash.map(|(given, _)| given.0),
            change_fen: cash.map(|(_, change)| change.0),
        })
    }

    pub(super) fn arm(&mut self, amount: Fen, now: Now) -> Result<SaleId, MessageView> {
        if self.clock.doubt() == Some(Doubt::NoTime) {
            return Err(words::no_time());
        }
        let sale = self.open_sale(amount, now).map_err(|error| words::write(&error))?;
        self.counter = Counter::Armed { sale: sale.clone(), amount };
        Ok(sale)
    }

    pub(super) fn void(&mut self, sale: &SaleId, now: Now) -> Result<(), MessageView> {
        self.void_sale(sale, now).map_err(|error| words::write(&error))?;
        self.counter = Counter::Idle;
        Ok(())
    }

    pub(super) fn count_cash(&mut self, sale: SaleId, amount: Fen) -> Result<(), MessageView> {
        self.counter = Counter::Cash { sale, amount, given: String::new() };
        Ok(())
    }

    pub(super) fn take_cash(
        &mut self,
        sale: &SaleId,
        amount: Fen,
        given: &str,
        now: Now,
    ) -> Result<(), MessageView> {
        let given = if given.is_empty() { amount } else { Fen::from_yuan(given).map_err(words::amount)? };
        self.pay_cash(sale, amount, given, now)?;
        self.finish(sale.clone(), now);
        Ok(())
    }

    pub(super) fn finish(&mut self, sale: SaleId, now: Now) {
        self.counter = Counter::Finished { sale };
        self.before_keys.clear();
        self.finished_at = Some(now.steady_ms);
        self.just_aside = None;
        self.show();
    }

    pub(super) fn press_while_paying(
        &mut self,
        sale: &SaleId,
        payment: &PaymentId,
        confirming: bool,
        key: Key,
        now: Now,
    ) -> Result<(), MessageView> {
        let Some((state, amount)) = self.payment_state(payment) else {
            self.counter = Counter::Idle;
            return Ok(());
        };
        if !state.is_final() && !self.open.contains_key(payment) {
            // Nobody can be asked about it until the settings are unlocked; the queue must not wait for that.
            return match key {
                Key::Digit3 => self.set_aside(payment, now),
                _ => Err(words::nobody_to_ask()),
            };
        }
        match state {
            State::Created | State::Sent => Err(words::key_not_now()),
            State::AwaitingPayer => match key {
                Key::Escape => self.ask_about(payment, Event::ReverseAsked, now),
                Key::Digit3 => self.set_aside(payment, now),
                _ => Err(words::key_not_now()),
            },
            State::InDoubt { .. } if confirming => {
                self.counter =
                    Counter::Paying { sale: sale.clone(), payment: payment.clone(), confirming: false };
                match key {
                    Key::Enter => self.ask_about(payment, Event::ReverseAsked, now),
                    Key::Escape => Ok(()),
                    _ => Err(words::key_not_now()),
                }
            }
            State::InDoubt { .. } | State::Reversing { .. } | State::Unresolved => match key {
                Key::Digit1 if !self.line.is_online() => Err(words::cannot_ask()),
                Key::Digit1 => self.ask_about(payment, Event::QueryAsked, now),
                Key::Digit2 => self.take_back(sale, payment, now),
                Key::Digit3 => self.set_aside(payment, now),
                _ => Err(words::scan_while_open()),
            },
            State::PaidLate => match key {
                Key::Enter => self.ask_about(payment, Event::Booked, now),
                Key::Digit3 => self.set_aside(payment, now),
                _ => Err(words::key_not_now()),
            },
            State::Declined { .. }
            | State::NotSent
            | State::Reversed
            | State::SettledByManager { paid: false, .. } => match key {
                Key::Enter | Key::Escape => {
                    self.counter = Counter::Armed { sale: sale.clone(), amount };
                    Ok(())
                }
                Key::Cash => self.count_cash(sale.clone(), amount),
                _ => Err(words::key_not_now()),
            },
            State::Captured | State::SettledByManager { paid: true, .. } => {
                self.counter = Counter::Idle;
                Ok(())
            }
        }
    }

    /// Key 2 asks whether taking back is meant; only Enter says so. A scanner sends a 2 as well. What is being taken back
    /// already needs no second word: the provider is asked for it again, now.
    fn take_back(&mut self, sale: &SaleId, payment: &PaymentId, now: Now) -> Result<(), MessageView> {
        let open = self.open.get(payment).ok_or_else(words::not_on_desk)?;
        open.step(Event::ReverseAsked, now).map_err(words::step_refused)?;
        if matches!(open.state, State::InDoubt { .. }) {
            self.counter = Counter::Paying { sale: sale.clone(), payment: payment.clone(), confirming: true };
            return Ok(());
        }
        if !self.line.is_online() {
            return Err(words::cannot_ask());
        }
        self.ask_about(payment, Event::ReverseAsked, now)
    }

    pub(super) fn plan(&mut self, payment: &PaymentId, next: Next) {
        if let (Some(open), Next::Call(verb, at)) = (self.open.get_mut(payment), next) {
            open.next = Some((verb, at));
        }
    }
}

fn method_zh(method: Method) -> &'static str {
    match method {
        Method::Cash => "现金",
        Method::WechatPay => "微信支付",
        Method::Alipay => "支付宝",
        Method::UnionPay => "云闪付",
    }
}
