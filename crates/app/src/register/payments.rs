//! Payments under way: calls go out when due, answers move the payment, and nothing is forgotten.
//!
//! At most one call is in flight for each payment. What moved is on disk before the next call leaves.

use std::collections::BTreeSet;

use guitai_connectors::{
    Asked, Charge, Disbelief, Heard, HttpReply, HttpRequest, Note, Reading, SettingsFault, WireError,
    clock_offset_ms,
};
use guitai_db::{AnswerRecord, Damage, Fact, PaymentRow, SaleState, WriteError};
use guitai_domain::payment::{
    Circumstances, Event, Hint, Next, ProviderRules, Refusal, Silence, State, Verb, Word, contradicts, step,
};
use guitai_domain::{Fen, Method, PaymentCode, PaymentId, SaleId, Timestamp};
use rand_chacha::rand_core::Rng;

use super::codes::Digest;
use super::desk::news;
use super::line::Ended;
use super::{CallId, Counter, Effect, Now, Register};
use crate::words::{self, News};

/// A payment the provider still has to be asked about.
#[derive(Debug, Clone)]
pub(crate) struct Open {
    pub sale: SaleId,
    pub method: Method,
    pub amount: Fen,
    pub state: State,
    /// The steady clock when the request left; a payment's age counts from here.
    sent_at: i64,
    /// Found in the journal at the start: when its request left, by the time written down with it. Its age is only as good
    /// as the clocks before and after.
    found: Option<Timestamp>,
    /// Whether its age can be relied on where it ends something.
    age_is_sure: bool,
    /// The steady clock when this program began to follow it.
    followed_from: i64,
    pub rules: ProviderRules,
    /// Whether the cashier has gone on without it.
    pub set_aside: bool,
    /// Whether the provider has answered about it.
    pub answered: bool,
    /// Whether the provider has proven to know it.
    known: bool,
    /// What has been written down of the provider's words for a person to see, reviewed or not.
    told: Told,
    /// The next call and the age at which it is due.
    pub next: Option<(Verb, i64)>,
    pub in_flight: Option<CallId>,
    /// The code's digest, to forget it where nothing left the till. None after a restart.
    digest: Option<Digest>,
}

impl Open {
    pub fn sent(
        sale: SaleId,
        method: Method,
        amount: Fen,
        state: State,
        rules: ProviderRules,
        digest: Digest,
        now: Now,
    ) -> Open {
        Open {
            sale,
            method,
            amount,
            state,
            sent_at: now.steady_ms,
            found: None,
            age_is_sure: true,
            followed_from: now.steady_ms,
            rules,
            set_aside: false,
            answered: false,
            known: false,
            told: Told::default(),
            next: None,
            in_flight: None,
            digest: Some(digest),
        }
    }

    fn found(row: &PaymentRow, rules: ProviderRules, now: Now) -> Open {
        let found = row.sent_at.unwrap_or(row.created_at);
        Open {
            sale: row.sale.clone(),
            method: row.method,
            amount: row.amount,
            state: row.state,
            sent_at: now.steady_ms - now.wall.ms_since(found),
            found: Some(found),
            age_is_sure: false,
            followed_from: now.steady_ms,
            rules,
            set_aside: row.set_aside,
            answered: row.answered,
            known: row.provider_ref.is_some() || row.state == State::AwaitingPayer,
            told: Told::default(),
            next: None,
            in_flight: None,
            digest: None,
        }
    }

    /// What a person should know of it beside what is being done.
    pub fn news(&self) -> Option<News> {
        let told = [REFUNDED, OTHER_AMOUNT].into_iter().filter(|word| self.told.news.contains(*word));
        told.map(Some).chain([None]).find_map(|told| news(self.state, told))
    }

    pub fn age_ms(&self, now: Now) -> i64 {
        now.steady_ms - self.sent_at
    }

    /// The till's time was set, or vouched for: the age of what was found at the start follows from it.
    pub fn count_again(&mut self, now: Now, is_sure: bool) {
        let Some(found) = self.found else { return };
        let due_at = self.wake_at();
        self.sent_at = now.steady_ms - now.wall.ms_since(found);
        self.age_is_sure |= is_sure;
        if let (Some(due_at), Some((_, at))) = (due_at, self.next.as_mut()) {
            // What was planned stays planned for the same moment.
            *at = due_at - self.sent_at;
        }
    }

    /// Its age where something ends by it. A clock that ran ahead while the till was off must end neither the provider's window,
    /// which the provider says is over, nor the customer's: that begins anew with this program, by the clock that only runs forward.
    fn age_that_counts_ms(&self, now: Now) -> i64 {
        let counted = self.age_ms(now);
        let followed = now.steady_ms - self.followed_from;
        match self.age_is_sure {
            true => counted,
            false if followed < self.rules.window_ms => counted.min(followed),
            false => counted.min(self.rules.reverse_until_ms - 1),
        }
    }

    pub fn step(&self, event: Event, now: Now) -> Result<(State, Next), Refusal> {
        let counted = self.age_ms(now);
        let settles = matches!(event, Event::Settled { .. });
        let age_ms = if settles { counted } else { self.age_that_counts_ms(now) };
        let circumstances = Circumstances {
            age_ms,
            attended: !self.set_aside,
            answered: self.answered,
            known: self.known,
            rules: &self.rules,
        };
        let (state, next) = step(self.state, event, circumstances)?;
        Ok(match next {
            // The next call is due by the age as it is counted, or it would be due at once, again and again.
            Next::Call(verb, at) => (state, Next::Call(verb, at.saturating_add(counted - age_ms))),
            Next::Nothing => (state, next),
        })
    }

    pub fn wake_at(&self) -> Option<i64> {
        match (self.in_flight, self.next) {
            (None, Some((_, at))) => Some(self.sent_at.saturating_add(at)),
            _ => None,
        }
    }

    /// When a question about a payment that is still open is not waited for any more: a poll's time after the window, since then it
    /// is to be taken back.
    fn last_query_ends_at(&self) -> Option<i64> {
        match self.state {
            State::Sent
            | State::AwaitingPayer
            | State::InDoubt { .. }
            | State::Reversing { asked: false, .. } => {
                let from = if self.age_is_sure { self.sent_at } else { self.sent_at.max(self.followed_from) };
                Some(from.saturating_add(self.rules.window_ms + self.rules.poll_ms))
            }
            State::Created
            | State::Reversing { asked: true, .. }
            | State::Unresolved
            | State::PaidLate
            | State::Captured
            | State::Declined { .. }
            | State::NotSent
            | State::Reversed
            | State::SettledByManager { .. } => None,
        }
    }

    /// When the customer's time is over for a payment that nobody can be asked about meanwhile.
    /// With a stranger in the provider's place that is so for any payment; without a line at all only for one whose customer is
    /// being asked: what became of the others is asked first when the line is back.
    pub fn time_over_at(&self, stranger: bool) -> Option<i64> {
        let counts = match self.state {
            State::AwaitingPayer => true,
            State::InDoubt { .. } => stranger,
            State::Created
            | State::Sent
            | State::Reversing { .. }
            | State::Unresolved
            | State::PaidLate
            | State::Captured
            | State::Declined { .. }
            | State::NotSent
            | State::Reversed
            | State::SettledByManager { .. } => false,
        };
        let planned = self.wake_at().filter(|_| counts)?;
        Some(planned.max(self.sent_at.saturating_add(self.rules.window_ms)))
    }

    pub fn reverse_in_ms(&self, now: Now) -> i64 {
        (self.rules.reverse_from_ms - self.age_that_counts_ms(now)).max(0)
    }

    pub fn reversal_left_ms(&self, now: Now) -> i64 {
        (self.rules.reverse_until_ms - self.age_ms(now)).max(0)
    }

    pub fn window_left_ms(&self, now: Now) -> i64 {
        (self.rules.window_ms - self.age_that_counts_ms(now)).max(0)
    }
}

/// While the time is doubted the provider is asked for its own so often.
const ASK_TIME_MS: i64 = 60_000;

/// A call in flight.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    /// The payment and what was asked; none for a probe.
    about: Option<(PaymentId, Verb)>,
    asked_at: Timestamp,
    asked_steady: i64,
    /// What was asked, without secrets.
    shown: String,
}

/// The wire gives up after 15 s; a call that never ends at all is given up here.
const OVERDUE_MS: i64 = 30_000;

impl Register {
    /// Reads from the journal's tables what was open when the till stopped.
    pub(super) fn take_up_payments(&mut self, now: Now) -> Result<(), WriteError> {
        let Some(rules) = self.connector.as_ref().map(|connector| *connector.rules()) else { return Ok(()) };
        for row in self.db.unfinished_payments()? {
            let mut open = Open::found(&row, rules, now);
            open.told = self.told(&row)?;
            let (state, next) = open.step(Event::Restarted, now).unwrap_or((row.state, Next::Nothing));
            self.open.insert(row.id.clone(), open);
            // One that cannot be written is still asked about later; it must not keep the others from being asked.
            match self.move_payment(&row.id, state, "restart", None, Vec::new(), now) {
                Ok(()) => self.plan(&row.id, next),
                Err(error) => self.put_off(&row.id, &error, now),
            }
        }
        self.make_due_calls(now);
        Ok(())
    }

    /// What was ever written down: what a manager has reviewed is not brought up again.
    fn told(&self, row: &PaymentRow) -> Result<Told, Damage> {
        let mut told = Told::default();
        for entry in self.db.entries_of_sale(row.sale.as_str())? {
            match entry.fact {
                Fact::PaymentContradicted { payment, word, state, .. } if payment == row.id.as_str() => {
                    told.note(&word, State::OPEN_NAMES.contains(&state.as_str()));
                }
                _ => {}
            }
        }
        Ok(told)
    }

    /// The counter shows the sale that was last on it.
    pub(super) fn take_up_counter(&mut self) -> Result<(), WriteError> {
        for sale in self.db.open_sales()?.into_iter().rev() {
            match self.db.payments_of_sale(sale.id.as_str())?.pop() {
                // The cashier has gone on without it.
                Some(payment) if payment.set_aside => continue,
                Some(payment) => {
                    self.counter = Counter::Paying { sale: sale.id, payment: payment.id, confirming: false };
                }
                None => self.counter = Counter::Armed { sale: sale.id, amount: sale.amount },
            }
            return Ok(());
        }
        Ok(())
    }

    /// A payment's state and amount, open or not.
    pub(super) fn payment_state(&self, payment: &PaymentId) -> Option<(State, Fen)> {
        if let Some(open) = self.open.get(payment) {
            return Some((open.state, open.amount));
        }
        self.db.payment(payment.as_str()).ok()?.map(|row| (row.state, row.amount))
    }

    pub(super) fn send_charge(
        &mut self,
        payment: &PaymentId,
        amount: Fen,
        code: &PaymentCode,
        rules: &ProviderRules,
        read_at_ms: i64,
        now: Now,
    ) {
        let fresh = self.fresh(now);
        let till = self.db.identity().till.to_string();
        let description = format!("{} {}", self.settings.shop_name, self.settings.till_name);
        let Some(connector) = &self.connector else { return };
        let charge = Charge { payment, amount, code, description: &description, till: &till };
        let request = connector.pay(&charge, &fresh);
        let not_after = Some(read_at_ms + rules.code_life_ms);
        self.send(Some((payment.clone(), Verb::Pay)), request, not_after, now);
    }

    /// Makes the calls that are due, the longest due first, as far as the line takes them.
    pub(super) fn make_due_calls(&mut self, now: Now) {
        self.reverse_at_the_counter(now);
        while self.line.open_at().is_some_and(|at| at <= now.steady_ms) {
            let Some((payment, verb)) = self.first_due(now) else { return };
            self.make_call(&payment, verb, now);
        }
    }

    fn reverse_at_the_counter(&mut self, now: Now) {
        if let Some((payment, _)) = self.reversal_at_the_counter().filter(|(_, at)| *at <= now.steady_ms) {
            self.make_call(&payment, Verb::Reverse, now);
        }
    }

    /// The first reversal of the payment on the counter, and when it leaves. As with a charge, a customer stands there for it: no
    /// line that is spared for a provider in trouble holds it back.
    pub(super) fn reversal_at_the_counter(&self) -> Option<(PaymentId, i64)> {
        let Counter::Paying { payment, .. } = &self.counter else { return None };
        let is_there = self.line.is_online() || self.line.is_answered_by_a_stranger();
        let open = self.open.get(payment).filter(|_| is_there)?;
        match (open.state, open.next) {
            (State::Reversing { asked: false, .. }, Some((Verb::Reverse, _))) => {
                Some((payment.clone(), open.wake_at()?))
            }
            _ => None,
        }
    }

    /// The call that has been due longest.
    fn first_due(&self, now: Now) -> Option<(PaymentId, Verb)> {
        let due = self.open.iter().filter_map(|(id, open)| Some((open.wake_at()?, id, open.next?.0)));
        let first = due.filter(|(at, ..)| *at <= now.steady_ms).min();
        first.map(|(_, id, verb)| (id.clone(), verb))
    }

    /// While the provider is out of reach no answer ends the customer's time. It ends all the same.
    pub(super) fn end_customers_time(&mut self, now: Now) {
        if self.line.is_online() {
            return;
        }
        let stranger = self.line.is_answered_by_a_stranger();
        let silence = if stranger { Silence::NotBelieved } else { Silence::NotConnected };
        let is_over = |open: &Open| open.time_over_at(stranger).is_some_and(|at| at <= now.steady_ms);
        let over = self.open.iter().filter(|(_, open)| is_over(open));
        for payment in over.map(|(id, _)| id.clone()).collect::<Vec<_>>() {
            let Some(open) = self.open.get(&payment) else { continue };
            let unheard = Event::Unheard(Verb::Query, silence);
            let (state, next) = open.step(unheard, now).unwrap_or((open.state, Next::Nothing));
            match self.move_payment(&payment, state, "till", None, Vec::new(), now) {
                Ok(()) => self.plan(&payment, next),
                Err(error) => self.put_off(&payment, &error, now),
            }
        }
    }

    fn make_call(&mut self, payment: &PaymentId, verb: Verb, now: Now) {
        let Some(open) = self.open.get(payment) else { return };
        let amount = open.amount;
        let (state, _) = open.step(Event::Calling(verb), now).unwrap_or((open.state, Next::Nothing));
        if let Err(error) = self.move_payment(payment, state, "till", None, Vec::new(), now) {
            // Nothing leaves that is not on disk: try again in a while.
            return self.put_off(payment, &error, now);
        }
        let fresh = self.fresh(now);
        let Some(connector) = &self.connector else { return };
        let asked = Asked { payment, amount };
        let request = match verb {
            Verb::Query => connector.query(&asked, &fresh),
            Verb::Reverse => connector.reverse(&asked, &fresh),
            // The step function never asks for money a second time.
            Verb::Pay => return,
        };
        self.send(Some((payment.clone(), verb)), request, None, now);
    }

    fn send(
        &mut self,
        about: Option<(PaymentId, Verb)>,
        request: HttpRequest,
        not_after: Option<i64>,
        now: Now,
    ) {
        let call = CallId(self.next_call);
        self.next_call += 1;
        if let Some(open) = about.as_ref().and_then(|(payment, _)| self.open.get_mut(payment)) {
            open.in_flight = Some(call);
            open.next = None;
        }
        let shown = request.shown.clone();
        self.calls.insert(call, Call { about, asked_at: now.wall, asked_steady: now.steady_ms, shown });
        let chance = self.random.next_u64();
        self.line.call_left(now.steady_ms, chance);
        self.effects.push(Effect::Call { call, request, not_after });
        self.show();
    }

    /// When a call is given up: what hangs at the end of the customer's time must not keep the reversal from leaving.
    pub(super) fn overdue_at(&self, call: &Call) -> i64 {
        let overdue = call.asked_steady + OVERDUE_MS;
        match &call.about {
            Some((payment, Verb::Query)) => {
                // One that leaves later has its whole time: the line was down, or the till off.
                let ends = self.open.get(payment).and_then(Open::last_query_ends_at);
                ends.filter(|at| *at > call.asked_steady).map_or(overdue, |at| overdue.min(at))
            }
            Some((_, Verb::Pay | Verb::Reverse)) | None => overdue,
        }
    }

    pub(super) fn give_up_overdue_calls(&mut self, now: Now) {
        let overdue = self.calls.iter().filter(|(_, call)| self.overdue_at(call) <= now.steady_ms);
        let overdue: Vec<CallId> = overdue.map(|(id, _)| *id).collect();
        for call in overdue {
            self.call_ended(call, Err(WireError::NoAnswer), now);
        }
    }

    pub(super) fn call_ended(&mut self, id: CallId, result: Result<HttpReply, WireError>, now: Now) {
        let Some(call) = self.calls.remove(&id) else { return };
        match call.about.clone() {
            Some((payment, verb)) => self.payment_answered(&payment, verb, &call, result, now),
            None => self.note_connection(&result, now),
        }
        self.show();
    }

    fn payment_answered(
        &mut self,
        payment: &PaymentId,
        verb: Verb,
        call: &Call,
        result: Result<HttpReply, WireError>,
        now: Now,
    ) {
        let Some(open) = self.open.get_mut(payment) else { return };
        open.in_flight = None;
        let amount = open.amount;
        let reading = match (&self.connector, result) {
            (Some(connector), Ok(reply)) => {
                connector.read(verb, &Asked { payment, amount }, &reply, now.wall)
            }
            (_, Err(error)) => Reading { heard: Heard::Silence(error.into()), note: Note::default() },
            (None, Ok(_)) => Reading { heard: Heard::Silence(Silence::NotBelieved), note: Note::default() },
        };
        if self.line.call_ended(end_of(&reading), now.steady_ms) {
            self.ask_before_reversing();
        }
        self.hear_clock(reading.note.clock_offset_ms, matches!(reading.heard, Heard::Word(_)));
        let now = self.clock.read(self.told);
        let Some(open) = self.open.get_mut(payment) else { return };
        let event = match reading.heard {
            Heard::Word(word) => Event::Heard(verb, word),
            Heard::Hint(hint) => Event::Hinted(verb, hint),
            Heard::Silence(silence) => Event::Unheard(verb, silence),
        };
        open.answered |= is_an_answer(reading.heard);
        open.known |= is_known(reading.heard);
        let open = open.clone();
        let (state, next) = open.step(event, now).unwrap_or((open.state, Next::Nothing));
        let mut facts = vec![answer_fact(payment, &open.sale, verb, call, &reading, now)];
        let was_open = !open.state.is_final();
        let against = against(&open, &reading);
        if let Some(word) = against {
            facts.push(Fact::PaymentContradicted {
                payment: payment.to_string(),
                sale: open.sale.to_string(),
                state: open.state.name().to_owned(),
                word: word.to_owned(),
            });
        }
        match self.move_payment(payment, state, "answer", reading.note.provider_ref, facts, now) {
            Ok(()) => self.plan(payment, next),
            Err(error) => return self.put_off(payment, &error, now),
        }
        if let Some(word) = against {
            if let Some(open) = self.open.get_mut(payment) {
                open.told.note(word, was_open);
            }
            self.refuse(words::contradicted());
        }
    }

    /// The answer could not be recorded, so it counts as not heard: the provider is asked again.
    fn put_off(&mut self, payment: &PaymentId, error: &WriteError, now: Now) {
        if let Some(open) = self.open.get_mut(payment) {
            // The call is over. On disk the payment is still on its way, and a restart takes that for doubt as well.
            if open.state == State::Sent {
                open.state = State::InDoubt { refusal: None };
            }
            open.next = Some((Verb::Query, open.age_ms(now) + open.rules.poll_ms));
        }
        let message = match error {
            WriteError::Damaged(damage) => words::answer_not_recorded(damage),
            WriteError::Refused(_) => words::write(error),
        };
        self.refuse(message);
    }

    /// Writes `facts`, the payment's new state and all that follows from it, in one transaction; then believes it.
    pub(super) fn move_payment(
        &mut self,
        payment: &PaymentId,
        state: State,
        by: &str,
        provider_ref: Option<String>,
        mut facts: Vec<Fact>,
        now: Now,
    ) -> Result<(), WriteError> {
        let Some(open) = self.open.get(payment).cloned() else { return Ok(()) };
        let moved = state != open.state;
        let ends = moved && state.is_final() && !open.state.is_final();
        let at_counter = self.is_at_counter(payment);
        if moved {
            facts.push(Fact::moved(payment, &open.sale, state, by, provider_ref));
        }
        let sale_is_open = ends && self.sale_is_open(&open.sale)?;
        let paid = matches!(state, State::Captured | State::SettledByManager { paid: true, .. });
        if sale_is_open && paid {
            facts.push(self.completion(&open.sale, open.method, None, now)?);
        } else if sale_is_open && !at_counter && by != "restart" {
            // Nobody stands at the counter for it any more.
            facts.push(Fact::SaleVoided { sale: open.sale.to_string() });
        }
        if !facts.is_empty() {
            self.write(now, &facts)?;
        }
        if let Some(kept) = self.open.get_mut(payment) {
            kept.state = state;
        }
        if state == State::NotSent
            && let Some(digest) = open.digest
        {
            self.codes.take_back(&digest);
        }
        if !state.is_unfinished() {
            self.open.remove(payment);
        }
        if ends {
            self.payment_ended(&open, paid, at_counter, now);
        }
        if moved && state == State::PaidLate {
            self.say(words::paid_late(&open.amount.to_string()), true);
        }
        if moved {
            self.show();
        }
        Ok(())
    }

    fn payment_ended(&mut self, open: &Open, paid: bool, at_counter: bool, now: Now) {
        let amount = open.amount.to_string();
        match (at_counter, paid) {
            (true, true) => self.finish(open.sale.clone(), now),
            // The counter goes on showing the payment, with its reason.
            (true, false) => {}
            (false, true) => self.say(words::parked_paid(&amount), false),
            (false, false) => self.say(words::parked_not_paid(&amount), false),
        }
    }

    /// Whether the payment stands on the counter.
    pub(super) fn is_at_counter(&self, id: &PaymentId) -> bool {
        matches!(&self.counter, Counter::Paying { payment, .. } if payment == id)
    }

    fn sale_is_open(&self, sale: &SaleId) -> Result<bool, Damage> {
        Ok(self.db.sale(sale.as_str())?.is_some_and(|row| row.state == SaleState::Open))
    }

    /// What the end of a call that was about no payment says about the line: a test of the settings, or a probe.
    pub(crate) fn note_connection(&mut self, result: &Result<HttpReply, WireError>, now: Now) {
        let ended = match (result, &self.connector) {
            (Err(WireError::NotConnected), _) => Ended::OutOfReach,
            (Err(WireError::NoAnswer | WireError::TooLarge), _) => Ended::Useless,
            (Ok(reply), Some(connector)) => match connector.read_test(reply, now.wall) {
                Err(SettingsFault::NotAProvider) => Ended::Stranger,
                Err(SettingsFault::ProviderTrouble) => Ended::Useless,
                verdict @ (Ok(()) | Err(_)) => {
                    self.hear_clock(clock_offset_ms(reply, now.wall), verdict.is_ok());
                    Ended::Answered
                }
            },
            (Ok(_), None) => Ended::Answered,
        };
        if self.line.call_ended(ended, now.steady_ms) {
            self.ask_before_reversing();
            self.show();
        }
    }

    /// The line is back, or down. What became of a payment while it was down is asked before the payment is taken back: the customer
    /// may have paid.
    fn ask_before_reversing(&mut self) {
        for open in self.open.values_mut() {
            if let (State::Reversing { asked: false, .. }, Some((verb, _))) = (open.state, open.next.as_mut())
            {
                *verb = Verb::Query;
            }
        }
    }

    /// The line's own business: a probe while it is down, a look while it is idle, a question for the time.
    pub(super) fn attend_line(&mut self, now: Now) {
        if self.line.take_probe(now.steady_ms) {
            self.probe(now);
        }
        if self.line.take_look(now.steady_ms) && self.connector.is_some() {
            // A question may hang on a broken line; the look does not.
            self.effects.push(Effect::Look);
            if self.line.is_well() && self.calls.is_empty() && self.wants_time(now) {
                // Somebody must say what the time is: a whole question brings the provider's.
                self.time_asked_at = Some(now.steady_ms);
                self.line.probe_now(now.steady_ms);
            }
        }
    }
}

impl Register {
    /// Tries whether the provider is there. Where something answers in its place, what is due about a payment is as good a question
    /// as any other, and must not wait for a better one: no answer that is held for ever may keep a reversal from leaving.
    fn probe(&mut self, now: Now) {
        if self.line.is_answered_by_a_stranger()
            && let Some((payment, verb)) = self.first_due(now)
        {
            let calls = self.next_call;
            self.make_call(&payment, verb, now);
            if self.next_call != calls {
                return;
            }
        }
        let fresh = self.fresh(now);
        if let Some(connector) = &self.connector {
            let request = connector.test(&fresh);
            self.send(None, request, None, now);
        }
    }

    /// Whether the provider is to be asked for nothing but the time: once after each start, so that a clock that went wrong
    /// while the till was off is noticed before the first customer; and again as long as the time is doubted.
    fn wants_time(&self, now: Now) -> bool {
        match self.time_asked_at {
            _ if self.clock.is_vouched() => false,
            None => true,
            Some(at) => {
                let doubted = self.clock.doubt().is_some() || self.clock.apart_ms().is_some();
                doubted && now.steady_ms - at >= ASK_TIME_MS
            }
        }
    }
}

/// What of an answer is against the record, or for a person to see, by its name in the journal; none where that was written down
/// before.
fn against(open: &Open, reading: &Reading) -> Option<&'static str> {
    let word = match reading.heard {
        Heard::Word(word) if contradicts(open.state, word) => word_name(word),
        // Proven to be about this payment, and not what was asked for.
        Heard::Silence(Silence::NotBelieved) if reading.note.disbelief == Some(Disbelief::OtherAmount) => {
            OTHER_AMOUNT
        }
        Heard::Word(_) | Heard::Hint(_) | Heard::Silence(_) => return None,
    };
    let again = if open.state.is_final() { open.told.against_result } else { open.told.news.contains(word) };
    (!again).then_some(word)
}

/// What a person has been told of the provider's words about a payment.
#[derive(Debug, Clone, Default)]
struct Told {
    /// While it had no result, each word once.
    news: BTreeSet<String>,
    /// Against the result that stands: once, however the provider's words for it change with time.
    against_result: bool,
}

impl Told {
    fn note(&mut self, word: &str, while_open: bool) {
        if while_open {
            self.news.insert(word.to_owned());
        } else {
            self.against_result = true;
        }
    }
}

/// The provider speaks of another amount than was asked for.
pub(super) const OTHER_AMOUNT: &str = "other_amount";
/// Paid, and given back since on the provider's own pages.
pub(super) const REFUNDED: &str = "refunded";

/// What a reading says about the line it came over.
fn end_of(reading: &Reading) -> Ended {
    match reading.heard {
        Heard::Word(_) | Heard::Hint(Hint::Refused(_) | Hint::UnknownPayment) => Ended::Answered,
        // A provider that asks for patience is there, and gets it.
        Heard::Hint(Hint::Busy(_)) => Ended::Useless,
        Heard::Silence(Silence::NotConnected) => Ended::OutOfReach,
        Heard::Silence(Silence::NotBelieved) => match reading.note.disbelief {
            Some(Disbelief::NotAProvider | Disbelief::Redirect) => Ended::Stranger,
            Some(_) | None => Ended::Useless,
        },
        Heard::Silence(Silence::NoAnswer | Silence::ServerTrouble) => Ended::Useless,
    }
}

/// Whether the provider has said something about the payment.
fn is_an_answer(heard: Heard) -> bool {
    match heard {
        Heard::Word(_) | Heard::Hint(Hint::Refused(_) | Hint::UnknownPayment) => true,
        Heard::Hint(Hint::Busy(_)) | Heard::Silence(_) => false,
    }
}

/// Whether the provider has proven that it knows the payment. Of a reversal alone it has not: some take any number.
fn is_known(heard: Heard) -> bool {
    match heard {
        Heard::Word(Word::Paid | Word::Refunded | Word::AwaitingPayer | Word::Unpaid | Word::Failed(_)) => {
            true
        }
        Heard::Word(
            Word::Declined(_) | Word::Closed | Word::Reversed | Word::ReverseAccepted | Word::ReverseTooLate,
        )
        | Heard::Hint(_)
        | Heard::Silence(_) => false,
    }
}

fn answer_fact(
    payment: &PaymentId,
    sale: &SaleId,
    verb: Verb,
    call: &Call,
    reading: &Reading,
    now: Now,
) -> Fact {
    Fact::ProviderAnswered {
        payment: payment.to_string(),
        sale: sale.to_string(),
        answer: AnswerRecord {
            verb: verb.name().to_owned(),
            asked_at_ms: call.asked_at.0,
            took_ms: (now.steady_ms - call.asked_steady).max(0),
            heard: heard_name(reading.heard),
            status: reading.note.status,
            provider_code: reading.note.provider_code.clone(),
            request_id: reading.note.request_id.clone(),
            disbelief: reading.note.disbelief.map(|disbelief| disbelief.name().to_owned()),
            request: Some(call.shown.clone()).filter(|shown| !shown.is_empty()),
            reply: reading.note.shown.clone(),
        },
    }
}

fn heard_name(heard: Heard) -> String {
    match heard {
        Heard::Word(Word::Declined(reason)) => format!("declined:{}", reason.name()),
        Heard::Word(Word::Failed(reason)) => format!("failed:{}", reason.name()),
        Heard::Word(word) => word_name(word).to_owned(),
        Heard::Hint(Hint::Refused(reason)) => format!("refused_unproven:{}", reason.name()),
        Heard::Hint(Hint::UnknownPayment) => "unknown_unproven".to_owned(),
        Heard::Hint(Hint::Busy(_)) => "busy".to_owned(),
        Heard::Silence(Silence::NotConnected) => "not_connected".to_owned(),
        Heard::Silence(Silence::NoAnswer) => "no_answer".to_owned(),
        Heard::Silence(Silence::NotBelieved) => "not_believed".to_owned(),
        Heard::Silence(Silence::ServerTrouble) => "server_trouble".to_owned(),
    }
}

fn word_name(word: Word) -> &'static str {
    match word {
        Word::Paid => "paid",
        Word::AwaitingPayer => "awaiting_payer",
        Word::Unpaid => "unpaid",
        Word::Declined(_) => "declined",
        Word::Failed(_) => "failed",
        Word::Closed => "closed",
        Word::Reversed => "reversed",
        Word::Refunded => REFUNDED,
        Word::ReverseAccepted => "reverse_accepted",
        Word::ReverseTooLate => "reverse_too_late",
    }
}
