//! The desk for what is in doubt (待确认): payments without a result, money that came late, and the provider's word against the
//! record. Nothing here blocks the counter.

use guitai_db::{Damage, Fact, PaymentRow, WriteError};
use guitai_domain::PaymentId;
use guitai_domain::payment::{Event, Reason, Refusal, State};

use super::payments::{OTHER_AMOUNT, Open, REFUNDED};
use super::{Counter, Manager, Now, Register};
use crate::timeline;
use crate::view::{CommandError, DeskAct, DeskActView, DeskRow, DeskView, Doing, MessageView};
use crate::words::{self, News};

/// The shortest reason a manager may give.
const REASON_CHARS_MIN: usize = 4;
const REASON_CHARS_MAX: usize = 200;

impl Register {
    /// Everything that waits for the provider or for a person, oldest first, each with what is being done and what can be done.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn desk(&self, now: Now) -> Result<DeskView, CommandError> {
        let now = self.clock.read(now);
        let rows = self.rows_on_desk().map_err(unreadable)?;
        let rows: Result<Vec<DeskRow>, Damage> = rows.iter().map(|row| self.desk_row(row, now)).collect();
        Ok(DeskView {
            rows: rows.map_err(unreadable)?,
            online: self.line.is_online(),
            has_pin: self.has_pin(),
        })
    }

    /// How many payments are on the desk, the one that was just sent from the counter not counted.
    #[must_use]
    pub fn in_doubt(&self) -> u32 {
        let rows = self.rows_on_desk().unwrap_or_default();
        let waits = rows.iter().filter(|row| match self.known_state(row) {
            State::Created | State::Sent | State::AwaitingPayer => !self.is_at_counter(&row.id),
            State::InDoubt { .. }
            | State::Reversing { .. }
            | State::Unresolved
            | State::PaidLate
            | State::Captured
            | State::Declined { .. }
            | State::NotSent
            | State::Reversed
            | State::SettledByManager { .. } => true,
        });
        u32::try_from(waits.count()).unwrap_or(u32::MAX)
    }

    fn rows_on_desk(&self) -> Result<Vec<PaymentRow>, Damage> {
        let mut rows = self.db.unfinished_payments()?;
        rows.retain(|row| !row.state.is_final());
        rows.extend(self.db.contradicted_payments()?.into_iter().filter(|row| row.state.is_final()));
        rows.sort_by(|one, other| one.created_at.cmp(&other.created_at).then_with(|| one.id.cmp(&other.id)));
        Ok(rows)
    }

    /// The register may know more than the disk where the disk failed.
    fn known_state(&self, row: &PaymentRow) -> State {
        self.open.get(&row.id).map_or(row.state, |open| open.state)
    }

    fn desk_row(&self, row: &PaymentRow, now: Now) -> Result<DeskRow, Damage> {
        let open = self.open.get(&row.id);
        let state = self.known_state(row);
        let sale = self.db.sale(row.sale.as_str())?;
        let entries = self.db.entries_of_sale(row.sale.as_str())?;
        let doing = doing(state, is_contradicted(row), open.is_some() && self.line.is_online());
        let age_ms = open.map_or(now.wall.ms_since(row.created_at), |open| open.age_ms(now));
        Ok(DeskRow {
            payment: row.id.to_string(),
            sale: row.sale.to_string(),
            amount: row.amount.to_string(),
            method: row.method.into(),
            last_digits: row.last_digits.clone(),
            time: self.shop_clock().date_time_text(sale.map_or(row.created_at, |sale| sale.opened_at)),
            elapsed_ms: whole_ms(age_ms),
            doing,
            message: match open {
                Some(open) => words::on_desk(doing, open.news(), row.contradicted.as_deref()),
                None => words::on_desk(
                    doing,
                    news(state, row.contradicted.as_deref()),
                    row.contradicted.as_deref(),
                ),
            },
            next_in_ms: open
                .filter(|open| open.next.is_some())
                .map(|open| whole_ms(self.next_in_ms(open, now))),
            window_left_ms: open.and_then(|open| match state {
                State::Created | State::Sent | State::AwaitingPayer | State::InDoubt { .. } => {
                    Some(whole_ms(open.window_left_ms(now)))
                }
                State::Reversing { .. } | State::PaidLate => Some(whole_ms(open.reversal_left_ms(now))),
                State::Unresolved
                | State::Captured
                | State::Declined { .. }
                | State::NotSent
                | State::Reversed
                | State::SettledByManager { .. } => None,
            }),
            acts: self.acts(row, state, open, now),
            timeline: entries.iter().map(|entry| timeline::view(entry, self.shop_clock())).collect(),
        })
    }

    /// What can be done about a payment, the sensible thing first. What cannot be done yet says why.
    fn acts(&self, row: &PaymentRow, state: State, open: Option<&Open>, now: Now) -> Vec<DeskActView> {
        let Some(open) = open else {
            return match (is_contradicted(row), state.is_final()) {
                (true, _) => vec![possible(DeskAct::Review)],
                // Nobody can be asked while the settings are locked.
                (false, _) => vec![refused(DeskAct::AskNow, words::nobody_to_ask())],
            };
        };
        if is_contradicted(row) {
            return vec![possible(DeskAct::Review), self.ask_act()];
        }
        let allowed = |act, event| match open.step(event, now) {
            Ok(_) => possible(act),
            Err(refusal) => refused(act, words::step_refused(refusal)),
        };
        let settle = [DeskAct::SettleUnpaid, DeskAct::SettlePaid]
            .map(|act| allowed(act, Event::Settled { paid: act == DeskAct::SettlePaid }));
        let take_up =
            (row.set_aside && matches!(self.counter, Counter::Idle)).then(|| possible(DeskAct::TakeUp));
        match state {
            State::Created | State::Sent => {
                vec![refused(DeskAct::AskNow, words::step_refused(Refusal::NotNow))]
            }
            State::AwaitingPayer | State::InDoubt { .. } => {
                let take_back = allowed(DeskAct::TakeBack, Event::ReverseAsked);
                [vec![self.ask_act(), take_back], take_up.into_iter().collect(), settle.into()].concat()
            }
            State::Reversing { .. } => {
                let again = allowed(DeskAct::TakeBack, Event::ReverseAsked);
                [vec![self.ask_act(), again], settle.into()].concat()
            }
            State::Unresolved => [settle.into(), vec![self.ask_act()]].concat(),
            State::PaidLate => match open.step(Event::ReturnAsked, now) {
                Ok(_) => vec![possible(DeskAct::Book), possible(DeskAct::GiveBack), self.ask_act()],
                Err(refusal) => vec![
                    possible(DeskAct::Book),
                    DeskActView {
                        act: DeskAct::Refunded,
                        enabled: true,
                        why: Some(words::step_refused(refusal)),
                    },
                    self.ask_act(),
                ],
            },
            State::Captured
            | State::Declined { .. }
            | State::NotSent
            | State::Reversed
            | State::SettledByManager { .. } => vec![],
        }
    }

    fn ask_act(&self) -> DeskActView {
        if self.line.is_online() {
            possible(DeskAct::AskNow)
        } else {
            refused(DeskAct::AskNow, words::cannot_ask())
        }
    }

    /// The cashier goes on without the payment on the counter; the till follows it by itself.
    pub(super) fn set_aside(&mut self, payment: &PaymentId, now: Now) -> Result<(), MessageView> {
        if let Some(open) = self.open.get(payment).filter(|open| !open.set_aside) {
            let fact = Fact::PaymentSetAside { payment: payment.to_string(), sale: open.sale.to_string() };
            self.write(now, &[fact]).map_err(|error| words::write(&error))?;
        }
        if let Some(open) = self.open.get_mut(payment) {
            open.set_aside = true;
        }
        self.just_aside = self.payment_state(payment).map(|(_, amount)| amount);
        self.finished_at = Some(now.steady_ms);
        self.counter = Counter::Idle;
        Ok(())
    }

    /// The cashier waits for it again.
    pub(super) fn take_up_again(&mut self, payment: &PaymentId, now: Now) -> Result<(), WriteError> {
        let Some(open) = self.open.get(payment).filter(|open| open.set_aside) else { return Ok(()) };
        let fact = Fact::PaymentTakenUp { payment: payment.to_string(), sale: open.sale.to_string() };
        self.write(now, &[fact])?;
        if let Some(open) = self.open.get_mut(payment) {
            open.set_aside = false;
        }
        Ok(())
    }

    /// Does what the cashier chose for a payment on the desk.
    ///
    /// # Errors
    /// Why it is not possible now, or not without a manager.
    pub fn act(&mut self, payment: &str, act: DeskAct, now: Now) -> Result<(), MessageView> {
        let now = self.take_time(now);
        let id = self.on_desk(payment)?;
        let event = match act {
            DeskAct::AskNow if !self.line.is_online() => return Err(words::cannot_ask()),
            DeskAct::AskNow => Event::QueryAsked,
            DeskAct::TakeBack => Event::ReverseAsked,
            DeskAct::Book => Event::Booked,
            DeskAct::GiveBack => Event::ReturnAsked,
            DeskAct::TakeUp => return self.take_to_counter(&id, now),
            DeskAct::Refunded | DeskAct::SettlePaid | DeskAct::SettleUnpaid | DeskAct::Review => {
                return Err(words::managers_only());
            }
        };
        self.ask_about(&id, event, now)
    }

    /// Does what only a manager may: settles a payment by hand, or says what became of a contradiction.
    ///
    /// # Errors
    /// Why it is not possible now; a reason is wanted.
    pub fn act_as_manager(
        &mut self,
        _: &Manager,
        payment: &str,
        act: DeskAct,
        reason: &str,
        now: Now,
    ) -> Result<(), MessageView> {
        let now = self.take_time(now);
        let reason = reason.trim();
        let length = reason.chars().count();
        if !(REASON_CHARS_MIN..=REASON_CHARS_MAX).contains(&length) || reason.chars().any(char::is_control) {
            return Err(words::reason_wanted());
        }
        let paid = match act {
            DeskAct::SettlePaid => true,
            DeskAct::SettleUnpaid | DeskAct::Refunded => false,
            DeskAct::Review => return self.review(payment, reason, now),
            DeskAct::AskNow | DeskAct::TakeBack | DeskAct::Book | DeskAct::GiveBack | DeskAct::TakeUp => {
                return self.act(payment, act, now);
            }
        };
        let id = self.on_desk(payment)?;
        let open = self.open.get(&id).cloned().ok_or_else(words::nobody_to_ask)?;
        if (act == DeskAct::Refunded) != (open.state == State::PaidLate) {
            return Err(words::step_refused(Refusal::NotNow));
        }
        let (state, next) = open.step(Event::Settled { paid }, now).map_err(words::step_refused)?;
        let settled = Fact::PaymentSettled {
            payment: id.to_string(),
            sale: open.sale.to_string(),
            paid,
            reason: reason.to_owned(),
        };
        self.move_payment(&id, state, "manager", None, vec![settled], now)
            .map_err(|error| words::write(&error))?;
        self.plan(&id, next);
        self.make_due_calls(now);
        Ok(())
    }

    fn review(&mut self, payment: &str, reason: &str, now: Now) -> Result<(), MessageView> {
        let rows = self.db.contradicted_payments().map_err(|damage| words::damage(&damage))?;
        let row = rows.into_iter().find(|row| row.id.as_str() == payment).ok_or_else(words::not_on_desk)?;
        let fact = Fact::PaymentReviewed {
            payment: row.id.to_string(),
            sale: row.sale.to_string(),
            reason: reason.to_owned(),
        };
        self.write(now, &[fact]).map_err(|error| words::write(&error))?;
        self.show();
        Ok(())
    }

    fn take_to_counter(&mut self, id: &PaymentId, now: Now) -> Result<(), MessageView> {
        let open = self.open.get(id).ok_or_else(words::nobody_to_ask)?;
        let waits = matches!(open.state, State::AwaitingPayer | State::InDoubt { .. });
        if !waits {
            return Err(words::step_refused(Refusal::NotNow));
        }
        let sale = open.sale.clone();
        if self.counter != Counter::Idle {
            return Err(words::counter_busy());
        }
        self.take_up_again(id, now).map_err(|error| words::write(&error))?;
        self.counter = Counter::Paying { sale, payment: id.clone(), confirming: false };
        self.before_keys.clear();
        self.show();
        Ok(())
    }

    fn on_desk(&self, payment: &str) -> Result<PaymentId, MessageView> {
        let rows = self.rows_on_desk().map_err(|damage| words::damage(&damage))?;
        rows.into_iter().map(|row| row.id).find(|id| id.as_str() == payment).ok_or_else(words::not_on_desk)
    }

    /// The cashier asks for the result, to take the payment back, or decides about late money.
    ///
    /// # Errors
    /// Why not now.
    pub fn ask_about(&mut self, payment: &PaymentId, event: Event, now: Now) -> Result<(), MessageView> {
        let open = self.open.get(payment).ok_or_else(words::not_on_desk)?;
        let (state, next) = open.step(event, now).map_err(words::step_refused)?;
        self.move_payment(payment, state, "cashier", None, Vec::new(), now)
            .map_err(|error| words::write(&error))?;
        self.plan(payment, next);
        self.make_due_calls(now);
        Ok(())
    }

    /// Until the next call about it leaves, in ms; 0 while one is on its way.
    pub(super) fn next_in_ms(&self, open: &Open, now: Now) -> i64 {
        let line = self.line.open_at().unwrap_or(now.steady_ms);
        open.wake_at().map_or(0, |at| (at.max(line) - now.steady_ms).max(0))
    }
}

/// What is being done about a payment in this state.
pub(super) fn doing(state: State, contradicted: bool, reachable: bool) -> Doing {
    match state {
        _ if contradicted => Doing::Contradicted,
        State::PaidLate => Doing::PaidLate,
        State::Unresolved => Doing::Unresolved,
        _ if !reachable => Doing::WaitingForLine,
        State::Reversing { asked: true, .. } => Doing::Reversing,
        State::AwaitingPayer => Doing::AwaitingPayer,
        State::Created
        | State::Sent
        | State::InDoubt { .. }
        // The provider has not been asked for it yet.
        | State::Reversing { asked: false, .. }
        | State::Captured
        | State::Declined { .. }
        | State::NotSent
        | State::Reversed
        | State::SettledByManager { .. } => Doing::Querying,
    }
}

/// What a person should know of an open payment beside what is being done: `told` is what the provider said against the record.
/// Where a person has to decide, the decision is what is said.
pub(super) fn news(state: State, told: Option<&str>) -> Option<News> {
    match state {
        State::InDoubt { .. } | State::AwaitingPayer | State::Reversing { .. }
            if told == Some(OTHER_AMOUNT) =>
        {
            Some(News::OtherAmount)
        }
        State::Unresolved if told == Some(REFUNDED) => Some(News::Refunded),
        State::InDoubt { refusal: Some(Reason::Settings) } => Some(News::SettingsRefused),
        State::Created
        | State::Sent
        | State::AwaitingPayer
        | State::InDoubt { .. }
        | State::Reversing { .. }
        | State::Unresolved
        | State::PaidLate
        | State::Captured
        | State::Declined { .. }
        | State::NotSent
        | State::Reversed
        | State::SettledByManager { .. } => None,
    }
}

/// Whether the provider's word stands against a result that was settled. What it says against an open payment is only news.
fn is_contradicted(row: &PaymentRow) -> bool {
    row.contradicted.is_some() && row.state.is_final()
}

fn possible(act: DeskAct) -> DeskActView {
    DeskActView { act, enabled: true, why: None }
}

fn refused(act: DeskAct, why: MessageView) -> DeskActView {
    DeskActView { act, enabled: false, why: Some(why) }
}

fn unreadable(damage: Damage) -> CommandError {
    CommandError { message: words::damage(&damage) }
}

fn whole_ms(ms: i64) -> u32 {
    u32::try_from(ms.max(0)).unwrap_or(u32::MAX)
}
