//! How a payment moves: one pure function.

use thiserror::Error;

use super::{Hint, ProviderRules, Reason, Silence, State, Verb, Word};

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
    /// A manager settles it by hand.
    Settled,
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
    /// Not in this state.
    #[error("not possible in this state")]
    NotNow,
}

/// Moves a payment of age `age_ms`: the state after `event`, and what to do next.
///
/// # Errors
/// [`Refusal`] where a person asked for something that is not allowed now; the state stays.
pub fn step(
    state: State,
    event: Event,
    age_ms: i64,
    rules: &ProviderRules,
) -> Result<(State, Next), Refusal> {
    let case = Case { state, age_ms, rules };
    match state {
        State::Created => case.created(event),
        State::Sent => case.sent(event),
        State::AwaitingPayer | State::InDoubt { .. } => case.open(event),
        State::Reversing { asked, acknowledged, unknown } => {
            case.reversing(event, asked, acknowledged, unknown)
        }
        State::Unresolved => case.unresolved(event),
        State::Declined { reason, closed: false } => case.closing(event, reason),
        State::Captured
        | State::Declined { closed: true, .. }
        | State::NotSent
        | State::Reversed
        | State::SettledByManager => case.settled(event),
    }
}

/// Whether a proven word contradicts a final state: the till said one thing, the provider says another.
#[must_use]
pub fn contradicts(state: State, word: Word) -> bool {
    match state {
        State::Captured => {
            matches!(word, Word::Reversed | Word::Closed | Word::Declined(_) | Word::Failed(_))
        }
        State::Declined { .. } => matches!(word, Word::Paid | Word::ReverseTooLate),
        State::NotSent | State::Reversed => word == Word::Paid,
        State::SettledByManager => matches!(word, Word::Paid | Word::Reversed | Word::Closed),
        State::Created
        | State::Sent
        | State::AwaitingPayer
        | State::InDoubt { .. }
        | State::Reversing { .. }
        | State::Unresolved => false,
    }
}

/// One call of [`step`], with what every branch needs.
struct Case<'a> {
    state: State,
    age_ms: i64,
    rules: &'a ProviderRules,
}

type Step = Result<(State, Next), Refusal>;

impl Case<'_> {
    fn created(&self, event: Event) -> Step {
        match event {
            Event::Calling(Verb::Pay) => Ok((State::Sent, Next::Nothing)),
            // Sent is written before the first byte leaves, so a payment found here never left.
            Event::Restarted => Ok((State::NotSent, Next::Nothing)),
            Event::QueryAsked | Event::ReverseAsked | Event::Settled => Err(Refusal::NotNow),
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
            Event::QueryAsked | Event::ReverseAsked | Event::Settled => Err(Refusal::NotNow),
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
            | State::Captured
            | State::Declined { .. }
            | State::NotSent
            | State::Reversed
            | State::SettledByManager => None,
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
            Event::Settled => Err(Refusal::NotNow),
            Event::Calling(_) => self.stay(),
        }
    }

    fn heard_while_open(&self, word: Word, refusal: Option<Reason>) -> Step {
        Ok(match word {
            Word::Paid => (State::Captured, Next::Nothing),
            Word::AwaitingPayer => match self.poll_or_reverse(Verb::Reverse) {
                (reversing @ State::Reversing { .. }, next) => (reversing, next),
                (_, next) => (State::AwaitingPayer, next),
            },
            Word::Unpaid => match refusal {
                Some(reason) => self.declined(reason),
                None => self.still_unpaid(),
            },
            Word::Declined(reason) => (State::Declined { reason, closed: true }, Next::Nothing),
            // The refusal said why; the query only says that it failed.
            Word::Failed(reason) => self.declined(refusal.unwrap_or(reason)),
            Word::Closed => (
                State::Declined { reason: refusal.unwrap_or(Reason::PayerCancelled), closed: true },
                Next::Nothing,
            ),
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
            Event::Heard(_, Word::Paid) if !asked => (State::Captured, Next::Nothing),
            // The money is there although it was to go back: until the provider refuses, it goes back.
            Event::Heard(_, Word::Paid) => self.unless_over(known, Next::Call(Verb::Reverse, gap)),
            Event::Heard(_, Word::Reversed | Word::Closed) => (State::Reversed, Next::Nothing),
            Event::Heard(_, Word::Declined(reason)) => {
                (State::Declined { reason, closed: true }, Next::Nothing)
            }
            Event::Heard(_, Word::ReverseAccepted) => (state(true, true, false), self.query_now()),
            Event::Heard(_, Word::ReverseTooLate) => (State::Unresolved, self.query_now()),
            Event::Heard(_, Word::AwaitingPayer | Word::Unpaid | Word::Failed(_)) => {
                self.unless_over(known, self.reverse_next(asked))
            }
            // A proven acknowledgement and an unknown number agree: there is nothing left that could be paid.
            Event::Hinted(Verb::Query, Hint::UnknownPayment) if acknowledged => {
                (State::Reversed, Next::Nothing)
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
            Event::Settled => return Err(Refusal::NotNow),
            Event::Calling(Verb::Pay | Verb::Query) => (self.state, Next::Nothing),
        })
    }

    fn unresolved(&self, event: Event) -> Step {
        let later = Next::Call(Verb::Query, self.age_ms.saturating_add(UNRESOLVED_GAP_MS));
        Ok(match event {
            Event::Heard(_, Word::Paid) => (State::Captured, Next::Nothing),
            Event::Heard(_, Word::Reversed | Word::Closed) => (State::Reversed, Next::Nothing),
            Event::Heard(_, Word::Declined(reason)) => {
                (State::Declined { reason, closed: true }, Next::Nothing)
            }
            Event::Settled => (State::SettledByManager, Next::Nothing),
            Event::Restarted | Event::QueryAsked => (self.state, self.query_now()),
            Event::ReverseAsked => return Err(Refusal::NotNow),
            Event::Calling(_) => (self.state, Next::Nothing),
            Event::Heard(..) | Event::Hinted(..) | Event::Unheard(..) => (self.state, later),
        })
    }

    /// Declined, and the customer was told so; the provider is still asked to close the payment, so that it can
    /// never be paid later. If it turns out to be paid, the money goes back. Silence never ends this. The provider's
    /// proven word does, or a query after the window that finds no such payment; the reversal came before it.
    fn closing(&self, event: Event, reason: Reason) -> Step {
        let closed = (State::Declined { reason, closed: true }, Next::Nothing);
        let gap = self.age_ms.saturating_add(self.rules.gap_ms(self.age_ms));
        let too_late = self.age_ms >= self.rules.reverse_until_ms;
        let again = match too_late {
            false => Next::Call(Verb::Reverse, gap.max(self.rules.reverse_from_ms)),
            true => Next::Call(Verb::Query, self.age_ms.saturating_add(UNRESOLVED_GAP_MS)),
        };
        Ok(match event {
            Event::Heard(Verb::Query, Word::Reversed | Word::Closed | Word::Declined(_)) => closed,
            Event::Heard(_, Word::ReverseAccepted) => (self.state, self.query_now()),
            Event::Heard(_, Word::ReverseTooLate) => {
                (self.state, Next::Call(Verb::Query, self.age_ms.saturating_add(UNRESOLVED_GAP_MS)))
            }
            Event::Hinted(Verb::Query, Hint::UnknownPayment) if self.age_ms >= self.rules.window_ms => closed,
            Event::Hinted(Verb::Reverse, Hint::UnknownPayment) => {
                (self.state, Next::Call(Verb::Query, gap.max(self.rules.window_ms)))
            }
            Event::Restarted => {
                let at = self.age_ms.max(self.rules.reverse_from_ms);
                (self.state, Next::Call(if too_late { Verb::Query } else { Verb::Reverse }, at))
            }
            Event::QueryAsked => (self.state, self.query_now()),
            Event::ReverseAsked | Event::Settled => return Err(Refusal::NotNow),
            Event::Calling(_) => (self.state, Next::Nothing),
            Event::Heard(..) | Event::Hinted(..) | Event::Unheard(..) => (self.state, again),
        })
    }

    fn settled(&self, event: Event) -> Step {
        match event {
            Event::QueryAsked | Event::ReverseAsked | Event::Settled => Err(Refusal::NotNow),
            Event::Calling(_)
            | Event::Heard(..)
            | Event::Hinted(..)
            | Event::Unheard(..)
            | Event::Restarted => self.stay(),
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
            (State::Unresolved, Next::Call(Verb::Query, self.age_ms.saturating_add(UNRESOLVED_GAP_MS)))
        }
    }

    fn declined(&self, reason: Reason) -> (State, Next) {
        let at = self.age_ms.max(self.rules.reverse_from_ms);
        (State::Declined { reason, closed: false }, Next::Call(Verb::Reverse, at))
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

/// An unresolved payment is still asked about, once an hour.
const UNRESOLVED_GAP_MS: i64 = 3_600_000;

fn doubt(refusal: Option<Reason>) -> State {
    State::InDoubt { refusal }
}

#[cfg(test)]
mod tests;
