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
        State::Reversing { asked, acknowledged, unknown } => {
            case.reversing(event, asked, acknowledged, unknown)
        }
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
    match state {
        State::Captured => {
            matches!(word, Word::Unpaid | Word::Reversed | Word::Closed | Word::Declined(_) | Word::Failed(_))
        }
        State::Declined { .. } => matches!(word, Word::Paid | Word::ReverseTooLate),
        State::NotSent | State::Reversed => word == Word::Paid,
        State::SettledByManager { paid: false, .. } => matches!(word, Word::Paid | Word::ReverseTooLate),
        State::SettledByManager { paid: true, .. } => {
            matches!(word, Word::Unpaid | Word::Reversed | Word::Closed | Word::Declined(_) | Word::Failed(_))
        }
        State::Created
        | State::Sent
        | State::AwaitingPayer
        | State::InDoubt { .. }
        | State::Reversing { .. }
        | State::Unresolved
        | State::PaidLate => false,
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
        match event {
            Event::Heard(_, word) => self.heard_while_open(word, None),
            Event::Hinted(Verb::Pay, Hint::Refused(reason)) => Ok((doubt(Some(reason)), self.query_now())),
            Event::Hinted(Verb::Pay, Hint::UnknownPayment) => {
                Ok((doubt(Some(Reason::Settings)), self.query_now()))
            }
            Event::Hinted(Verb::Pay, Hint::Busy(ms)) => Ok((
                doubt(Some(Reason::TooFrequent)),
                Next::Call(Verb::Query, self.age_ms.saturating_add(ms)),
            )),
            // What other questions are answered says nothing about a charge that is still on its way.
            Event::Hinted(Verb::Query | Verb::Reverse, _) => Ok((doubt(None), self.query_later())),
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
            Event::Hinted(Verb::Query, Hint::UnknownPayment) => match refusal {
                Some(reason) => Ok(self.declined(reason)),
                None => Ok(self.poll_or_reverse(Verb::Reverse)),
            },
            // Wrong settings refuse every call alike: the refusal of the payment and this one agree.
            Event::Hinted(Verb::Query, Hint::Refused(Reason::Settings))
                if refusal == Some(Reason::Settings) =>
            {
                Ok(self.declined(Reason::Settings))
            }
            // However busy the provider is, the customer's time ends with the window.
            Event::Hinted(_, Hint::Busy(ms)) => {
                let (state, _) = self.poll_or_reverse(Verb::Query);
                Ok((state, Next::Call(Verb::Query, self.age_ms.saturating_add(ms.max(self.rules.poll_ms)))))
            }
            Event::Hinted(..) | Event::Unheard(..) => Ok(self.poll_or_reverse(Verb::Query)),
            Event::Restarted | Event::QueryAsked => Ok((self.state, self.query_now())),
            Event::ReverseAsked => self.start_reversing(),
            Event::Settled { paid } => self.settle_by_hand(paid),
            Event::Booked | Event::ReturnAsked => Err(Refusal::NotNow),
            Event::Calling(_) => self.stay(),
        }
    }

    fn heard_while_open(&self, word: Word, refusal: Option<Reason>) -> Step {
        Ok(match word {
            Word::Paid => (self.paid(), Next::Nothing),
            Word::AwaitingPayer => match self.poll_or_reverse(Verb::Reverse) {
                (reversing @ State::Reversing { .. }, next) => (reversing, next),
                (_, next) => (State::AwaitingPayer, next),
            },
            Word::Unpaid => match refusal {
                Some(reason) => self.declined(reason),
                None => self.still_unpaid(),
            },
            Word::Declined(reason) => (State::Declined { reason, closing: Closing::Done }, Next::Nothing),
            // The refusal said why; the query only says that it failed.
            Word::Failed(reason) => self.declined(refusal.unwrap_or(reason)),
            Word::Closed => {
                let reason = refusal.unwrap_or(Reason::PayerCancelled);
                (State::Declined { reason, closing: Closing::Done }, Next::Nothing)
            }
            Word::Reversed => (State::Reversed, Next::Nothing),
            Word::ReverseAccepted | Word::ReverseTooLate => self.poll_or_reverse(Verb::Query),
        })
    }

    /// A proven "not paid yet" right after sending: the charge may still be on its way.
    fn still_unpaid(&self) -> (State, Next) {
        match (self.state, self.poll_or_reverse(Verb::Reverse)) {
            (State::Sent, (State::Sent, next)) => (doubt(None), next),
            (_, step) => step,
        }
    }

    fn reversing(&self, event: Event, asked: bool, acknowledged: bool, unknown: bool) -> Step {
        let state = |asked, acknowledged, unknown| State::Reversing { asked, acknowledged, unknown };
        let gap = self.age_ms.saturating_add(self.rules.gap_ms(self.age_ms));
        let query_later = Next::Call(Verb::Query, gap);
        let known = state(asked, acknowledged, false);
        Ok(match event {
            Event::Calling(Verb::Reverse) => (state(true, acknowledged, unknown), Next::Nothing),
            Event::Heard(_, Word::Paid) if !asked => (self.paid(), Next::Nothing),
            // The money is there although it was to go back: until the provider refuses, it goes back.
            Event::Heard(_, Word::Paid) => self.unless_over(known, Next::Call(Verb::Reverse, gap)),
            Event::Heard(_, Word::Reversed | Word::Closed) => (State::Reversed, Next::Nothing),
            Event::Heard(_, Word::Declined(reason)) => {
                (State::Declined { reason, closing: Closing::Done }, Next::Nothing)
            }
            Event::Heard(_, Word::ReverseAccepted) => (state(true, true, false), self.query_now()),
            Event::Heard(_, Word::ReverseTooLate) => (State::Unresolved, self.query_now()),
            Event::Heard(_, Word::AwaitingPayer | Word::Unpaid | Word::Failed(_)) => {
                self.unless_over(known, self.reverse_next(asked))
            }
            // A proven acknowledgement and an unknown number agree: there is nothing that could be paid, unless the charge is
            // still on its way or this answer is an old one. The customer may go; the till goes on asking until that is over.
            Event::Hinted(Verb::Query, Hint::UnknownPayment) if acknowledged => {
                self.declined(Reason::NeverArrived)
            }
            Event::Hinted(Verb::Query, Hint::UnknownPayment) => {
                self.unless_over(state(asked, acknowledged, true), self.reverse_next(asked))
            }
            // Neither query nor reversal knows of it, after the whole window: it never arrived.
            Event::Hinted(Verb::Reverse, Hint::UnknownPayment)
                if unknown && !acknowledged && self.age_ms >= self.rules.window_ms =>
            {
                self.declined(Reason::NeverArrived)
            }
            Event::Hinted(_, Hint::Busy(ms)) => {
                let wait = ms.max(self.rules.poll_ms);
                (self.state, Next::Call(Verb::Query, self.age_ms.saturating_add(wait)))
            }
            Event::Hinted(..) | Event::Unheard(..) => self.unless_over(self.state, query_later),
            Event::Restarted | Event::QueryAsked => (self.state, self.query_now()),
            Event::ReverseAsked => (self.state, Next::Nothing),
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
            Event::Heard(..) | Event::Hinted(..) | Event::Unheard(..) => {
                (self.state, self.query_in_an_hour())
            }
        })
    }

    /// The money is there and nobody waited for it. Only a person ends this, or the provider's word that it went back.
    fn paid_late(&self, event: Event) -> Step {
        match event {
            Event::Booked => Ok((State::Captured, Next::Nothing)),
            Event::ReturnAsked if self.age_ms >= self.rules.reverse_until_ms => Err(Refusal::TooLate),
            // From here on the money must not stay.
            Event::ReturnAsked => Ok((
                State::Reversing { asked: true, acknowledged: false, unknown: false },
                Next::Call(Verb::Reverse, self.age_ms.max(self.rules.reverse_from_ms)),
            )),
            Event::Heard(_, Word::Reversed | Word::Closed) => Ok((State::Reversed, Next::Nothing)),
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
        Ok((state, if paid { self.query_in_an_hour() } else { self.close_with_provider() }))
    }

    /// Not paid, and the customer was told so; the provider is still asked to close the payment, so that it can
    /// never be paid later. If it turns out to be paid, the money goes back. Silence never ends this. The provider's
    /// proven word does, or two answers that agree and are so far apart that what they say cannot be old.
    fn closing(&self, event: Event, closing: Closing) -> Step {
        let gap = self.age_ms.saturating_add(self.rules.gap_ms(self.age_ms));
        let too_late = self.age_ms >= self.rules.reverse_until_ms;
        let again = match too_late {
            false => Next::Call(Verb::Reverse, gap.max(self.rules.reverse_from_ms)),
            true => self.query_in_an_hour(),
        };
        let asked = self.with(Closing::Asked);
        let vouched = (self.with(Closing::Vouched), self.query_when_unknown_counts());
        Ok(match event {
            Event::Heard(Verb::Query, Word::Reversed | Word::Closed | Word::Declined(_)) => {
                (self.with(Closing::Done), Next::Nothing)
            }
            // Proven, but about the reversal only: what became of the payment a query tells.
            Event::Heard(_, Word::ReverseAccepted) => (self.with(Closing::Acknowledged), self.query_now()),
            Event::Heard(_, Word::ReverseTooLate) => (asked, self.query_in_an_hour()),
            Event::Heard(_, Word::Paid) => (asked, again),
            Event::Hinted(Verb::Reverse, Hint::UnknownPayment) => vouched,
            Event::Hinted(Verb::Query, Hint::UnknownPayment) => match closing {
                Closing::Vouched | Closing::Done => (self.with(Closing::Done), Next::Nothing),
                Closing::Acknowledged => vouched,
                // No reversal is possible any more: the same question, an hour later, must do.
                Closing::Asked if too_late => (self.with(Closing::Vouched), again),
                Closing::Asked => (asked, again),
            },
            Event::Restarted => (asked, self.close_with_provider()),
            // Out of turn: this answer would not be far enough from the first.
            Event::QueryAsked if closing == Closing::Vouched => {
                (self.with(Closing::Acknowledged), self.query_now())
            }
            Event::QueryAsked => (self.state, self.query_now()),
            Event::ReverseAsked | Event::Booked | Event::ReturnAsked | Event::Settled { .. } => {
                return Err(Refusal::NotNow);
            }
            Event::Calling(_) => (self.state, Next::Nothing),
            Event::Heard(..) | Event::Hinted(..) | Event::Unheard(..) => (self.state, again),
        })
    }

    /// Paid, says a manager: the provider's word is still listened for, to be shown against it.
    fn listening(&self, event: Event) -> Step {
        let done = (self.with(Closing::Done), Next::Nothing);
        Ok(match event {
            Event::Heard(_, Word::Paid | Word::Reversed | Word::Closed | Word::Declined(_)) => done,
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
                (self.state, self.query_in_an_hour())
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
        // Asking first keeps a payment that just came through; only then is it taken back.
        Ok((State::Reversing { asked: false, acknowledged: false, unknown: false }, self.query_now()))
    }

    /// Keeps asking within the window; at its end takes the payment back, starting with `first`.
    fn poll_or_reverse(&self, first: Verb) -> (State, Next) {
        let next_poll = self.age_ms.saturating_add(self.rules.poll_ms);
        if self.age_ms < self.rules.window_ms {
            let state = if self.state == State::Sent { doubt(None) } else { self.state };
            return (state, Next::Call(Verb::Query, next_poll.min(self.rules.window_ms)));
        }
        let reversing = State::Reversing { asked: false, acknowledged: false, unknown: false };
        match first {
            Verb::Reverse => {
                (reversing, Next::Call(Verb::Reverse, self.age_ms.max(self.rules.reverse_from_ms)))
            }
            Verb::Pay | Verb::Query => (
                reversing,
                Next::Call(Verb::Query, self.age_ms.saturating_add(self.rules.gap_ms(self.age_ms))),
            ),
        }
    }

    fn reverse_next(&self, asked: bool) -> Next {
        let gap = if asked { self.rules.gap_ms(self.age_ms) } else { 0 };
        Next::Call(Verb::Reverse, self.age_ms.saturating_add(gap).max(self.rules.reverse_from_ms))
    }

    /// `state` and `next`, unless the provider's window for reversals is over.
    fn unless_over(&self, state: State, next: Next) -> (State, Next) {
        if self.age_ms < self.rules.reverse_until_ms {
            (state, next)
        } else {
            (State::Unresolved, self.query_in_an_hour())
        }
    }

    fn declined(&self, reason: Reason) -> (State, Next) {
        (State::Declined { reason, closing: Closing::Asked }, self.close_with_provider())
    }

    fn close_with_provider(&self) -> Next {
        let too_late = self.age_ms >= self.rules.reverse_until_ms;
        let verb = if too_late { Verb::Query } else { Verb::Reverse };
        Next::Call(verb, self.age_ms.max(self.rules.reverse_from_ms))
    }

    fn query_in_an_hour(&self) -> Next {
        Next::Call(Verb::Query, self.age_ms.saturating_add(LATER_GAP_MS))
    }

    fn query_when_unknown_counts(&self) -> Next {
        Next::Call(Verb::Query, self.age_ms.saturating_add(UNKNOWN_COUNTS_MS))
    }

    fn query_later(&self) -> Next {
        Next::Call(Verb::Query, self.age_ms.saturating_add(self.rules.poll_ms))
    }

    fn query_now(&self) -> Next {
        Next::Call(Verb::Query, self.age_ms)
    }

    fn stay(&self) -> Step {
        Ok((self.state, Next::Nothing))
    }
}

/// What nobody waits for is still asked about, once an hour.
const LATER_GAP_MS: i64 = 3_600_000;

/// A charge can still arrive after its code has expired on the phone, and a provider's replica can lag behind: that a number
/// is unknown counts only this long after an answer that agrees, whatever the age of the payment.
const UNKNOWN_COUNTS_MS: i64 = 600_000;

fn doubt(refusal: Option<Reason>) -> State {
    State::InDoubt { refusal }
}

#[cfg(test)]
mod tests;
