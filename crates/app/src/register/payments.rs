//! Payments under way: calls go out when due, answers move the payment, and nothing is forgotten.
//!
//! At most one call is in flight for each payment. What moved is on disk before the next call leaves.

use guitai_connectors::{
    Asked, Charge, Disbelief, Heard, HttpReply, HttpRequest, Note, Reading, SettingsFault, WireError,
};
use guitai_db::{AnswerRecord, Damage, Fact, PaymentRow, SaleState, WriteError};
use guitai_domain::payment::{
    Event, Hint, Next, ProviderRules, Refusal, Silence, State, Verb, Word, contradicts, step,
};
use guitai_domain::{Fen, Method, PaymentCode, PaymentId, SaleId, Timestamp};

use super::{CallId, Counter, Effect, Now, Register};
use crate::words;

/// A payment the provider still has to be asked about.
#[derive(Debug, Clone)]
pub(crate) struct Open {
    pub sale: SaleId,
    pub method: Method,
    pub amount: Fen,
    pub state: State,
    /// The steady clock when the request left; a payment's age counts from here.
    sent_at: i64,
    rules: ProviderRules,
    /// The next call and the age at which it is due.
    pub next: Option<(Verb, i64)>,
    pub in_flight: Option<CallId>,
    /// The code's digest, to forget it where nothing left the till. None after a restart.
    digest: Option<[u8; 32]>,
}

impl Open {
    pub fn sent(
        sale: SaleId,
        method: Method,
        amount: Fen,
        state: State,
        rules: ProviderRules,
        digest: [u8; 32],
        now: Now,
    ) -> Open {
        let (sent_at, digest) = (now.steady_ms, Some(digest));
        Open { sale, method, amount, state, sent_at, rules, next: None, in_flight: None, digest }
    }

    fn found(row: &PaymentRow, rules: ProviderRules, now: Now) -> Open {
        // The wall clock is all there is across a restart; where it ran backwards the payment counts as just sent.
        let age = now.wall.ms_since(row.sent_at.unwrap_or(row.created_at));
        Open {
            sale: row.sale.clone(),
            method: row.method,
            amount: row.amount,
            state: row.state,
            sent_at: now.steady_ms - age,
            rules,
            next: None,
            in_flight: None,
            digest: None,
        }
    }

    pub fn age_ms(&self, now: Now) -> i64 {
        now.steady_ms - self.sent_at
    }

    pub fn step(&self, event: Event, now: Now) -> Result<(State, Next), Refusal> {
        step(self.state, event, self.age_ms(now), &self.rules)
    }

    pub fn wake_at(&self) -> Option<i64> {
        match (self.in_flight, self.next) {
            (None, Some((_, at))) => Some(self.sent_at.saturating_add(at)),
            _ => None,
        }
    }

    /// Until the next call is due, in ms; 0 while one is in flight.
    pub fn next_in_ms(&self, now: Now) -> i64 {
        self.wake_at().map_or(0, |at| (at - now.steady_ms).max(0))
    }

    pub fn reverse_in_ms(&self, now: Now) -> i64 {
        (self.rules.reverse_from_ms - self.age_ms(now)).max(0)
    }

    pub fn window_left_ms(&self, now: Now) -> i64 {
        (self.rules.window_ms - self.age_ms(now)).max(0)
    }
}

/// A call in flight.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    /// The payment and what was asked; none for a probe.
    about: Option<(PaymentId, Verb)>,
    asked_at: Timestamp,
    asked_steady: i64,
}

/// The wire gives up after 15 s; a call that never ends at all is given up here.
const OVERDUE_MS: i64 = 30_000;

/// While the provider cannot be reached it is tried this often.
const PROBE_MS: i64 = 5_000;

impl Call {
    pub fn overdue_at(&self) -> i64 {
        self.asked_steady + OVERDUE_MS
    }
}

impl Register {
    /// Reads from the journal's tables what was open when the till stopped.
    pub(super) fn take_up_payments(&mut self, now: Now) -> Result<(), WriteError> {
        let Some(rules) = self.connector.as_ref().map(|connector| *connector.rules()) else { return Ok(()) };
        for row in self.db.unfinished_payments()? {
            let open = Open::found(&row, rules, now);
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

    /// The counter shows the sale that was last on it.
    pub(super) fn take_up_counter(&mut self) -> Result<(), WriteError> {
        let Some(sale) = self.db.open_sales()?.pop() else { return Ok(()) };
        let last = self.db.payments_of_sale(&sale.id.to_string())?.pop();
        self.counter = match last {
            Some(payment) => Counter::Paying { sale: sale.id, payment: payment.id },
            None => Counter::Armed { sale: sale.id, amount: sale.amount },
        };
        Ok(())
    }

    /// A payment's state and amount, open or not.
    pub(super) fn payment_state(&self, payment: &PaymentId) -> Option<(State, Fen)> {
        if let Some(open) = self.open.get(payment) {
            return Some((open.state, open.amount));
        }
        let Counter::Paying { sale, .. } = &self.counter else { return None };
        let rows = self.db.payments_of_sale(sale.as_str()).ok()?;
        rows.into_iter().find(|row| row.id == *payment).map(|row| (row.state, row.amount))
    }

    pub(super) fn send_charge(&mut self, payment: &PaymentId, amount: Fen, code: &PaymentCode, now: Now) {
        let fresh = self.fresh(now);
        let till = self.db.identity().till.to_string();
        let description = format!("{} {}", self.settings.shop_name, self.settings.till_name);
        let Some(connector) = &self.connector else { return };
        let charge = Charge { payment, amount, code, description: &description, till: &till };
        let request = connector.pay(&charge, &fresh);
        self.send(Some((payment.clone(), Verb::Pay)), request, now);
    }

    pub(super) fn make_due_calls(&mut self, now: Now) {
        let due: Vec<(PaymentId, Verb)> = self
            .open
            .iter()
            .filter(|(_, open)| open.wake_at().is_some_and(|at| at <= now.steady_ms))
            .filter_map(|(id, open)| open.next.map(|(verb, _)| (id.clone(), verb)))
            .collect();
        for (payment, verb) in due {
            self.make_call(&payment, verb, now);
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
        self.send(Some((payment.clone(), verb)), request, now);
    }

    fn send(&mut self, about: Option<(PaymentId, Verb)>, request: HttpRequest, now: Now) {
        let call = CallId(self.next_call);
        self.next_call += 1;
        if let Some(open) = about.as_ref().and_then(|(payment, _)| self.open.get_mut(payment)) {
            open.in_flight = Some(call);
            open.next = None;
        }
        self.calls.insert(call, Call { about, asked_at: now.wall, asked_steady: now.steady_ms });
        self.effects.push(Effect::Call { call, request });
        self.show();
    }

    pub(super) fn give_up_overdue_calls(&mut self, now: Now) {
        let overdue: Vec<CallId> = self
            .calls
            .iter()
            .filter(|(_, call)| call.overdue_at() <= now.steady_ms)
            .map(|(id, _)| *id)
            .collect();
        for call in overdue {
            self.call_ended(call, Err(WireError::NoAnswer), now);
        }
    }

    pub(super) fn call_ended(&mut self, id: CallId, result: Result<HttpReply, WireError>, now: Now) {
        let Some(call) = self.calls.remove(&id) else { return };
        self.note_connection(&result, now);
        match (call.about.clone(), &result, &self.connector) {
            (Some((payment, verb)), _, _) => self.payment_answered(&payment, verb, &call, result, now),
            (None, Ok(reply), Some(connector))
                if connector.read_test(reply, now.wall) == Err(SettingsFault::NotAProvider) =>
            {
                self.lose_connection(now);
            }
            (None, _, _) => {}
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
        let open = open.clone();
        let reading = match (&self.connector, result) {
            (Some(connector), Ok(reply)) => {
                connector.read(verb, &Asked { payment, amount: open.amount }, &reply, now.wall)
            }
            (_, Err(error)) => Reading { heard: Heard::Silence(error.into()), note: Note::default() },
            (None, Ok(_)) => Reading { heard: Heard::Silence(Silence::NotBelieved), note: Note::default() },
        };
        self.clock_offset_ms = reading.note.clock_offset_ms.or(self.clock_offset_ms);
        if let Some(Disbelief::NotAProvider | Disbelief::Redirect) = reading.note.disbelief {
            self.lose_connection(now);
        }
        let event = match reading.heard {
            Heard::Word(word) => Event::Heard(verb, word),
            Heard::Hint(hint) => Event::Hinted(verb, hint),
            Heard::Silence(silence) => Event::Unheard(verb, silence),
        };
        let (state, next) = open.step(event, now).unwrap_or((open.state, Next::Nothing));
        let mut facts = vec![answer_fact(payment, &open.sale, verb, call, &reading, now)];
        if let Heard::Word(word) = reading.heard
            && contradicts(open.state, word)
        {
            facts.push(Fact::PaymentContradicted {
                payment: payment.to_string(),
                sale: open.sale.to_string(),
                state: open.state.name().to_owned(),
                word: word_name(word).to_owned(),
            });
            self.refuse(words::contradicted());
        }
        match self.move_payment(payment, state, "answer", reading.note.provider_ref, facts, now) {
            Ok(()) => self.plan(payment, next),
            Err(error) => self.put_off(payment, &error, now),
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
        let at_counter =
            self.counter == (Counter::Paying { sale: open.sale.clone(), payment: payment.clone() });
        if moved {
            facts.push(Fact::moved(payment, &open.sale, state, by, provider_ref));
        }
        let sale_is_open = ends && self.sale_is_open(&open.sale)?;
        let paid = state == State::Captured || state == State::SettledByManager;
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
            self.used_codes.remove(&digest);
        }
        if !state.wants_calls() {
            self.open.remove(payment);
        }
        if ends {
            self.payment_ended(&open, paid, at_counter, now);
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

    fn sale_is_open(&self, sale: &SaleId) -> Result<bool, Damage> {
        Ok(self.db.sale(sale.as_str())?.is_some_and(|row| row.state == SaleState::Open))
    }

    /// What the end of a call says about the line.
    pub(crate) fn note_connection(&mut self, result: &Result<HttpReply, WireError>, now: Now) {
        match result {
            Err(WireError::NotConnected) => self.lose_connection(now),
            Ok(_) => {
                self.online = true;
                self.next_probe_at = None;
            }
            // Silence says nothing about the line.
            Err(WireError::NoAnswer | WireError::TooLarge) => {
                if !self.online {
                    self.next_probe_at = Some(now.steady_ms + PROBE_MS);
                }
            }
        }
    }

    /// The provider is out of reach: no connection, or somebody else's page in its place.
    fn lose_connection(&mut self, now: Now) {
        self.online = false;
        self.next_probe_at = Some(now.steady_ms + PROBE_MS);
    }

    pub(super) fn probe_if_due(&mut self, now: Now) {
        if self.next_probe_at.is_none_or(|at| at > now.steady_ms) {
            return;
        }
        self.next_probe_at = None;
        let fresh = self.fresh(now);
        if let Some(connector) = &self.connector {
            let request = connector.test(&fresh);
            self.send(None, request, now);
        }
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
        Word::ReverseAccepted => "reverse_accepted",
        Word::ReverseTooLate => "reverse_too_late",
    }
}
