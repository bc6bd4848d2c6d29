//! How a payment moves: one pure function.

use thiserror::Error;

use super::{Closing, Hint, ProviderRules, Reason, Silence, State, Verb, Word};

/// Something that happened to a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Event {
    /// The register is about to make this call; the new state is written before the first byte leaves.
    Calling(Verb),
    /// A proven answer to a call.
    Heard(Verb, Word),
    /// An answer that cannot be proven.
    Hinted(Verb, Hint),
    /// No usable answer.
    Unheard(Verb, Silence),
    /// The till was stopped and has started again; a call may have been under way.
    Restarted,
    /// The cashier asks for the result now.
    QueryAsked,
    /// The cashier asks to take the payment back.
    ReverseAsked,
    /// Money that came late is to stay.
    Booked,
    /// Money that came late is to go back.
    ReturnAsked,
    /// A manager settles it by hand.
    Settled {
        /// Whether the money is there, says the manager.
        paid: bool,
    },
}

/// What the register does next about a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Next {
    /// Nothing, or what was planned before.
    Nothing,
    /// Make this call when the payment has reached this age in ms; at once if it has.
    Call(Verb, i64),
}

/// Why an event is not allowed now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Refusal {
    /// Too early for a reversal; allowed in so many ms.
    #[error("a reversal is allowed in {0} ms")]
    TooEarly(i64),
    /// The provider's window for reversals is over: only a refund returns the money.
    #[error("too late for a reversal; only a refund returns the money")]
    TooLate,
    /// The provider has not had its say yet.
    #[error("the provider has not had its say yet")]
    ProviderFirst,
    /// Not in this state.
    #[error("not possible in this state")]
    NotNow,
}

/// What a step depends on beside the state and the event.
#[derive(Debug, Clone, Copy)]
pub struct Circumstances<'a> {
    /// How long ago the request was first sent.
    pub age_ms: i64,
    /// Whether the cashier still waits for it. Money that comes when nobody does is not kept quietly.
    pub attended: bool,
    /// Whether the provider has answered anything about it so far, proven or not.
    pub answered: bool,
    /// Whether the provider has proven to know it. From then on "unknown" is its own mistake.
    pub known: bool,
    /// The provider's timings.
    pub rules: &'a ProviderRules,
}

/// Moves a payment: the state after `event`, and what to do next.
///
/// # Errors
/// [`Refusal`] where a person asked for something that is not allowed now; the state stays.
pub fn step(state: State, event: Event, at: Circumstances<'_>) -> Result<(State, Next), Refusal> {
    let Circumstances { age_ms, attended, answered, known, rules } = at;
    let event = match event {
        Event::Hinted(verb, Hint::UnknownPayment) if known => Event::Unheard(verb, Silence::ServerTrouble),
        _ => event,
    };
    let case = Case { state, age_ms, attended, answered, rules };
    match state {
        State::Created => case.created(event),
        State::Sent => case.sent(event),
        State::AwaitingPayer | State::InDoubt { .. } => case.open(event),
        State::Reversing { asked, acknowledged } => case.reversing(event, asked, acknowledged),
        State::Unresolved => case.unresolved(event),
        State::PaidLate => case.paid_late(event),
        State::Declined { closing: Closing::Done, .. }
        | State::SettledByManager { closing: Closing::Done, .. } => case.settled(event),
        State::Declined { closing, .. } | State::SettledByManager { paid: false, closing } => {
            case.closing(event, closing)
        }
        State::SettledByManager { paid: true, .. } => case.listening(event),
        State::Captured | State::NotSent | State::Reversed => case.settled(event),
    }
}

/// Whether a proven word contradicts a final state: the till said one thing, the provider says another.
#[must_use]
pub fn contradicts(state: State, word: Word) -> bool {
    let money_is_there = matches!(word, Word::Paid | Word::ReverseTooLate | Word::Refunded);
    let no_money = match word {
        Word::Unpaid
        | Word::Reversed
        | Word::Refunded
        | Word::Closed
        | Word::Declined(_)
        | Word::Failed(_) => true,
        Word::Paid | Word::AwaitingPayer | Word::ReverseAccepted | Word::ReverseTooLate => false,
    };
    match state {
        State::Captured | State::SettledByManager { paid: true, .. } => no_money,
        State::Declined { .. } | State::SettledByManager { paid: false, .. } => money_is_there,
        State::NotSent | State::Reversed => matches!(word, Word::Paid | Word::Refunded),
        // Nothing has been settled; but that somebody gave the money back elsewhere is for a person to see.
        State::Created
        | State::Sent
        | State::AwaitingPayer
        | State::InDoubt { .. }
        | State::Reversing { .. }
        | State::Unresolved
        | State::PaidLate => word == Word::Refunded,
    }
}

/// One call of [`step`], with what every branch needs.
struct Case<'a> {
    state: State,
    age_ms: i64,
    attended: bool,
    answered: bool,
    rules: &'a ProviderRules,
}

type Step = Result<(State, Next), Refusal>;

impl Case<'_> {
    fn created(&self, event: Event) -> Step {
        match event {
            Event::Calling(Verb::Pay) => Ok((State::Sent, Next::Nothing)),
            // Sent is written before the first byte leaves, so a payment found here never left.
            Event::Restarted => Ok((State::NotSent, Next::Nothing)),
            Event::QueryAsked
            | Event::ReverseAsked
            | Event::Booked
            | Event::ReturnAsked
            | Event::Settled { .. } => Err(Refusal::NotNow),
            Event::Calling(_) | Event::Heard(..) | Event::Hinted(..) | Event::Unheard(..) => self.stay(),
        }
    }

    fn sent(&self, event: Event) -> Step {
        let query_in =
            |ms: i64| Next::Call(Verb::Query, self.age_ms.saturating_add(ms).min(self.rules.window_ms));
        match event {
            Event::Heard(_, word) => self.heard_while_open(word, None),
            Event::Hinted(Verb::Pay, Hint::Refused(reason)) => Ok((doubt(Some(reason)), self.query_now())),
            Event::Hinted(Verb::Pay, Hint::UnknownPayment) => Ok((doubt(None), self.query_now())),
            Event::Hinted(Verb::Pay, Hint::Busy(ms)) => Ok((doubt(Some(Reason::TooFrequent)), query_in(ms))),
            // What other questions are answered says nothing about a charge that is still on its way.
            Event::Hinted(Verb::Query | Verb::Reverse, _) => Ok((doubt(None), query_in(self.rules.poll_ms))),
            Event::Unheard(Verb::Pay, Silence::NotConnected) => Ok((State::NotSent, Next::Nothing)),
            Event::Unheard(_, _) => {
                Ok((doubt(None), Next::Call(Verb::Query, self.age_ms.max(self.rules.poll_ms))))
            }
            Event::Restarted => Ok((doubt(None), self.query_now())),
            Event::QueryAsked
            | Event::ReverseAsked
            | Event::Booked
            | Event::ReturnAsked
            | Event::Settled { .. } => Err(Refusal::NotNow),
            Event::Calling(_) => self.stay(),
        }
    }

    fn open(&self, event: Event) -> Step {
        let refusal = match self.state {
            State::InDoubt { refusal } => refusal,
            State::AwaitingPayer
            | State::Created
            | State::Sent
            | State::Reversing { .. }
            | State::Unresolved
            | State::PaidLate
            | State::Captured
            | State::Declined { .. }
            | State::NotSent
            | State::Reversed
            | State::SettledByManager { .. } => None,
        };
        match event {
            Event::Heard(_, word) => self.heard_while_open(word, refusal),
            // Neither answer is proven. For what names the customer's side this is all a provider ever says.
            Event::Hinted(Verb::Query, Hint::UnknownPayment) => match refusal.filter(|why| why.names_payer())
            {
                Some(reason) => Ok(self.declined(reason)),
                None => Ok(self.poll_or_reverse(self.rules.poll_ms)),
            },
            Event::Hinted(_, Hint::Busy(ms)) => Ok(self.poll_or_reverse(ms.max(self.rules.poll_ms))),
            // Nothing left the till: when the line is back the provider is asked before anything is taken back.
            Event::Unheard(_, Silence::NotConnected) if self.age_ms >= self.rules.window_ms => {
                Ok((TO_BE_REVERSED, self.query_in(self.gap_ms())))
            }
            Event::Hinted(..) | Event::Unheard(..) => Ok(self.poll_or_reverse(self.rules.poll_ms)),
            Event::Restarted | Event::QueryAsked => Ok((self.state, self.query_now())),
            Event::ReverseAsked => self.start_reversing(),
            Event::Settled { paid } => self.settle_by_hand(paid),
            Event::Booked | Event::ReturnAsked => Err(Refusal::NotNow),
            Event::Calling(_) => self.stay(),
        }
    }

    fn heard_while_open(&self, word: Word, refusal: Option<Reason>) -> Step {
        let refusal = refusal.filter(|why| why.is_about_the_payment());
        Ok(match word {
            Word::Paid => (self.paid(), Next::Nothing),
            Word::AwaitingPayer => match self.poll_or_reverse(self.rules.poll_ms) {
                (reversing @ State::Reversing { .. }, next) => (reversing, next),
                (_, next) => (State::AwaitingPayer, next),
            },
            Word::Unpaid => match refusal {
                Some(reason) => self.declined(reason),
                None => self.poll_or_reverse(self.rules.poll_ms),
            },
            Word::Declined(reason) => (State::Declined { reason, closing: Closing::Done }, Next::Nothing),
            // The refusal said why; the query only says that it failed.
            Word::Failed(reason) => self.declined(refusal.unwrap_or(reason)),
            Word::Closed | Word::Reversed => self.closed_unasked(refusal),
            Word::Refunded => (State::Unresolved, self.query_later()),
            Word::ReverseAccepted | Word::ReverseTooLate => self.poll_or_reverse(self.rules.poll_ms),
        })
    }

    /// No path out of here needs one particular answer: a question follows each reversal, and a reversal each question, until the
    /// provider has said a final word, or its window is over.
    fn reversing(&self, event: Event, asked: bool, acknowledged: bool) -> Step {
        let window_is_over = self.age_ms >= self.rules.window_ms;
        Ok(match event {
            Event::Calling(Verb::Reverse) => (State::Reversing { asked: true, acknowledged }, Next::Nothing),
            Event::Heard(_, Word::Paid) if !asked => (self.paid(), Next::Nothing),
            Event::Heard(_, Word::Reversed | Word::Closed) if asked => (State::Reversed, Next::Nothing),
            Event::Heard(_, Word::Reversed | Word::Closed) => self.closed_unasked(None),
            Event::Heard(_, Word::Declined(reason)) => {
                (State::Declined { reason, closing: Closing::Done }, Next::Nothing)
            }
            Event::Heard(_, Word::Refunded) => (State::Unresolved, self.query_later()),
            Event::Heard(_, Word::ReverseAccepted) => {
                (State::Reversing { asked: true, acknowledged: true }, self.query_now())
            }
            Event::Heard(_, Word::ReverseTooLate) => (State::Unresolved, self.query_now()),
            // The charge has had its time and a reversal has left, so there is nothing that could be paid, unless the charge
            // is still on its way or this answer is an old one. The customer may go; the till asks on until that is over.
            Event::Hinted(Verb::Query, Hint::UnknownPayment) if asked && (acknowledged || window_is_over) => {
                self.declined(Reason::NeverArrived)
            }
            // Money that is there goes back; what is unpaid is closed.
            Event::Heard(verb, Word::Paid | Word::AwaitingPayer | Word::Unpaid | Word::Failed(_)) => {
                self.unless_over(self.other_call(verb, asked, self.rules.poll_ms))
            }
            Event::Hinted(verb, Hint::UnknownPayment | Hint::Refused(_)) => {
                self.unless_over(self.other_call(verb, asked, self.gap_ms()))
            }
            Event::Hinted(verb, Hint::Busy(ms)) => {
                self.unless_over(self.other_call(verb, asked, ms.max(self.rules.poll_ms)))
            }
            // Nothing left the till.
            Event::Unheard(_, Silence::NotConnected) => self.unless_over(self.query_in(self.gap_ms())),
            Event::Unheard(verb, Silence::NoAnswer | Silence::NotBelieved | Silence::ServerTrouble) => {
                self.unless_over(self.other_call(verb, asked, self.gap_ms()))
            }
            Event::Restarted | Event::QueryAsked => (self.state, self.query_now()),
            Event::ReverseAsked => (self.state, self.reverse_in(0)),
            Event::Settled { paid } => return self.settle_by_hand(paid),
            Event::Booked | Event::ReturnAsked => return Err(Refusal::NotNow),
            Event::Calling(Verb::Pay | Verb::Query) => (self.state, Next::Nothing),
        })
    }

    /// Nobody waits any more, and a reversal may have been asked for: money that shows up is for a person to judge.
    fn unresolved(&self, event: Event) -> Step {
        Ok(match event {
            Event::Heard(_, Word::Paid) => (State::PaidLate, Next::Nothing),
            Event::Heard(_, Word::Reversed | Word::Closed) => (State::Reversed, Next::Nothing),
            Event::Heard(_, Word::Declined(reason)) => {
                (State::Declined { reason, closing: Closing::Done }, Next::Nothing)
            }
            Event::Settled { paid } => return self.settle_by_hand(paid),
            Event::Restarted | Event::QueryAsked => (self.state, self.query_now()),
            Event::ReverseAsked => return Err(Refusal::TooLate),
            Event::Booked | Event::ReturnAsked => return Err(Refusal::NotNow),
            Event::Calling(_) => (self.state, Next::Nothing),
            Event::Heard(..) | Event::Hinted(..) | Event::Unheard(..) => (self.state, self.query_later()),
        })
    }

    /// The money is there and nobody waited for it. Only a person ends this, or the provider's word that it went back.
    fn paid_late(&self, event: Event) -> Step {
        match event {
            Event::Booked => Ok((State::Captured, Next::Nothing)),
            Event::ReturnAsked if self.age_ms >= self.rules.reverse_until_ms => Err(Refusal::TooLate),
            // From here on the money must not stay.
            Event::ReturnAsked => {
                Ok((State::Reversing { asked: true, acknowledged: false }, self.reverse_in(0)))
            }
            Event::Heard(_, Word::Reversed | Word::Closed) => Ok((State::Reversed, Next::Nothing)),
            // Somebody gave it back, or a part of it, elsewhere: it is not to be booked as if it were whole.
            Event::Heard(_, Word::Refunded) => Ok((State::Unresolved, self.query_later())),
            Event::QueryAsked => Ok((self.state, self.query_now())),
            // Returned by hand, where only a refund on the provider's own pages can.
            Event::Settled { paid: false } if self.age_ms >= self.rules.reverse_until_ms => {
                Ok((State::SettledByManager { paid: false, closing: Closing::Done }, Next::Nothing))
            }
            Event::Settled { .. } | Event::ReverseAsked => Err(Refusal::NotNow),
            Event::Calling(_)
            | Event::Heard(..)
            | Event::Hinted(..)
            | Event::Unheard(..)
            | Event::Restarted => self.stay(),
        }
    }

    /// A manager's word counts when the provider has had its say and it led nowhere, or when its window is over.
    fn settle_by_hand(&self, paid: bool) -> Step {
        let said = self.answered && self.age_ms >= self.rules.window_ms;
        let over = self.state == State::Unresolved || self.age_ms >= self.rules.reverse_until_ms;
        if !said && !over {
            return Err(Refusal::ProviderFirst);
        }
        let state = State::SettledByManager { paid, closing: Closing::Asked };
        Ok((state, if paid { self.query_in(LATER_GAP_MS) } else { self.close_with_provider() }))
    }

    /// Not paid, and the customer was told so; the provider is still asked to close the payment, so that it can
    /// never be paid later. If it turns out to be paid, the money goes back. Silence never ends this, and no particular answer is
    /// needed: the provider's proven word does, or two answers that the number is unknown, after a reversal and so far apart
    /// that what they say cannot be old.
    fn closing(&self, event: Event, closing: Closing) -> Step {
        let asked = self.with(Closing::Asked);
        let too_late = self.age_ms >= self.rules.reverse_until_ms;
        let after = |verb, wait_ms| match verb {
            _ if too_late => self.query_later(),
            Verb::Reverse => self.query_in(wait_ms),
            Verb::Pay | Verb::Query => self.reverse_in(wait_ms),
        };
        Ok(match event {
            Event::Heard(Verb::Query, Word::Reversed | Word::Closed | Word::Declined(_)) => {
                (self.with(Closing::Done), Next::Nothing)
            }
            // Paid once and given back elsewhere, in part or whole: the contradiction is on the desk, for a person.
            Event::Heard(_, Word::Refunded) => (self.with(Closing::Done), Next::Nothing),
            // Proven, but about the reversal only: what became of the payment a query tells.
            Event::Heard(_, Word::ReverseAccepted) => (asked, self.query_now()),
            Event::Heard(_, Word::ReverseTooLate) => (asked, self.query_later()),
            Event::Heard(Verb::Query, Word::Paid | Word::AwaitingPayer | Word::Unpaid | Word::Failed(_))
                if !too_late =>
            {
                (asked, self.reverse_in(self.rules.poll_ms))
            }
            Event::Hinted(Verb::Query, Hint::UnknownPayment) => match closing {
                Closing::Vouched | Closing::Done => (self.with(Closing::Done), Next::Nothing),
                Closing::Asked => (self.with(Closing::Vouched), self.query_in(UNKNOWN_COUNTS_MS)),
            },
            Event::Restarted => (asked, self.close_with_provider()),
            // Out of turn: this answer would not be far enough from the first.
            Event::QueryAsked => (asked, self.query_now()),
            Event::ReverseAsked | Event::Booked | Event::ReturnAsked | Event::Settled { .. } => {
                return Err(Refusal::NotNow);
            }
            Event::Calling(_) => (self.state, Next::Nothing),
            Event::Heard(verb, _) => (asked, after(verb, self.rules.poll_ms)),
            // What agrees must be the very next answer.
            Event::Hinted(verb, Hint::Busy(ms)) => (asked, after(verb, ms.max(self.rules.poll_ms))),
            Event::Hinted(verb, _) | Event::Unheard(verb, _) => (asked, after(verb, self.gap_ms())),
        })
    }

    /// Paid, says a manager: the provider's word is still listened for, to be shown against it.
    fn listening(&self, event: Event) -> Step {
        let done = (self.with(Closing::Done), Next::Nothing);
        Ok(match event {
            Event::Heard(
                _,
                Word::Paid | Word::Refunded | Word::Reversed | Word::Closed | Word::Declined(_),
            ) => done,
            // Nothing that is unpaid by then is paid later.
            Event::Heard(_, Word::Unpaid | Word::Failed(_)) if self.age_ms >= self.rules.reverse_until_ms => {
                done
            }
            Event::Restarted | Event::QueryAsked => (self.state, self.query_now()),
            Event::ReverseAsked | Event::Booked | Event::ReturnAsked | Event::Settled { .. } => {
                return Err(Refusal::NotNow);
            }
            Event::Calling(_) => (self.state, Next::Nothing),
            Event::Heard(..) | Event::Hinted(..) | Event::Unheard(..)
                if self.age_ms >= self.rules.refund_until_ms =>
            {
                done
            }
            Event::Heard(..) | Event::Hinted(..) | Event::Unheard(..) => {
                (self.state, self.query_in(LATER_GAP_MS))
            }
        })
    }

    fn settled(&self, event: Event) -> Step {
        match event {
            Event::QueryAsked
            | Event::ReverseAsked
            | Event::Booked
            | Event::ReturnAsked
            | Event::Settled { .. } => Err(Refusal::NotNow),
            Event::Calling(_)
            | Event::Heard(..)
            | Event::Hinted(..)
            | Event::Unheard(..)
            | Event::Restarted => self.stay(),
        }
    }

    /// The money moved: for the customer at the counter, or for nobody.
    fn paid(&self) -> State {
        if self.attended { State::Captured } else { State::PaidLate }
    }

    /// The state, as far closed as this.
    fn with(&self, closing: Closing) -> State {
        match self.state {
            State::Declined { reason, .. } => State::Declined { reason, closing },
            State::SettledByManager { paid, .. } => State::SettledByManager { paid, closing },
            State::Created
            | State::Sent
            | State::AwaitingPayer
            | State::InDoubt { .. }
            | State::Reversing { .. }
            | State::Unresolved
            | State::PaidLate
            | State::Captured
            | State::NotSent
            | State::Reversed => self.state,
        }
    }

    fn start_reversing(&self) -> Step {
        let wait = self.rules.reverse_from_ms - self.age_ms;
        if wait > 0 {
            return Err(Refusal::TooEarly(wait));
        }
        // Asking first keeps a payment that just came through; whatever the answer, it is taken back if it is not that.
        Ok((TO_BE_REVERSED, self.query_now()))
    }

    /// Asks again after `wait_ms`, within the window; at its end the payment is taken back, whatever the questions brought.
    fn poll_or_reverse(&self, wait_ms: i64) -> (State, Next) {
        if self.age_ms < self.rules.window_ms {
            let state = if self.state == State::Sent { doubt(None) } else { self.state };
            let at = self.age_ms.saturating_add(wait_ms);
            return (state, Next::Call(Verb::Query, at.min(self.rules.window_ms)));
        }
        (TO_BE_REVERSED, self.reverse_in(0))
    }

    /// After one question the other: what a reversal came to a query tells, and whatever a query says that is not final, the
    /// payment must go back. The first reversal does not wait.
    fn other_call(&self, answered: Verb, asked: bool, wait_ms: i64) -> Next {
        match answered {
            Verb::Reverse => self.query_in(wait_ms),
            Verb::Pay | Verb::Query if asked => self.reverse_in(wait_ms),
            Verb::Pay | Verb::Query => self.reverse_in(0),
        }
    }

    /// The present state and `next`, unless the provider's window for reversals is over.
    fn unless_over(&self, next: Next) -> (State, Next) {
        if self.age_ms < self.rules.reverse_until_ms {
            (self.state, next)
        } else {
            (State::Unresolved, self.query_later())
        }
    }

    fn declined(&self, reason: Reason) -> (State, Next) {
        (State::Declined { reason, closing: Closing::Asked }, self.close_with_provider())
    }

    /// Proven to be closed or taken back although this till asked for neither: not paid, and asked about once more, later.
    fn closed_unasked(&self, refusal: Option<Reason>) -> (State, Next) {
        let reason = refusal.unwrap_or(Reason::ClosedByProvider);
        (State::Declined { reason, closing: Closing::Vouched }, self.query_in(UNKNOWN_COUNTS_MS))
    }

    fn close_with_provider(&self) -> Next {
        if self.age_ms >= self.rules.reverse_until_ms { self.query_now() } else { self.reverse_in(0) }
    }

    fn gap_ms(&self) -> i64 {
        self.rules.gap_ms(self.age_ms)
    }

    /// A query of what only a person or the provider's late word can end.
    fn query_later(&self) -> Next {
        self.query_in(if self.age_ms < self.rules.reverse_until_ms { self.gap_ms() } else { LATER_GAP_MS })
    }

    fn query_in(&self, wait_ms: i64) -> Next {
        Next::Call(Verb::Query, self.age_ms.saturating_add(wait_ms))
    }

    fn query_now(&self) -> Next {
        self.query_in(0)
    }

    fn reverse_in(&self, wait_ms: i64) -> Next {
        Next::Call(Verb::Reverse, self.age_ms.saturating_add(wait_ms).max(self.rules.reverse_from_ms))
    }

    fn stay(&self) -> Step {
        Ok((self.state, Next::Nothing))
    }
}

/// What only the provider's bill would tell any more is still asked about, once an hour.
const LATER_GAP_MS: i64 = 3_600_000;

/// To be taken back; nothing has been asked for yet.
const TO_BE_REVERSED: State = State::Reversing { asked: false, acknowledged: false };

/// A charge can still arrive after its code has expired on the phone, and a provider's replica can lag behind: that a number
/// is unknown counts only this long after an answer that agrees, whatever the age of the payment.
const UNKNOWN_COUNTS_MS: i64 = 600_000;

fn doubt(refusal: Option<Reason>) -> State {
    State::InDoubt { refusal }
}

#[cfg(test)]
mod tests;
