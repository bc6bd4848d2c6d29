//! Looks at a payment after each thing that happens: whether it moved on proof, whether what is said was heard, whether the reversal left.

use guitai_app::view::{CounterView, DeskAct};
use guitai_db::{AnswerRecord, Fact};
use guitai_domain::SaleId;
use guitai_domain::payment::State;
use guitai_sandbox::{OrderState, Verb};

use super::plan::Plan;
use crate::books::check_books;
use crate::desk::TestRegister;
use crate::wire::TRIP_MS;

/// The end of the customer's time, and one poll (`docs/provider-clock.md`), with a trip over the line.
const REVERSED_BY_MS: i64 = 45_000 + 5_000 + TRIP_MS;
/// What nobody stands at the counter for leaves one at a time, while the provider is in trouble.
const TURN_MS: i64 = 5_000;

pub(super) struct Judge<'a> {
    sale: SaleId,
    plan: &'a Plan,
    /// From when the customer's time counts.
    from_ms: i64,
    /// When the counter or the desk last looked otherwise.
    last: String,
    looked_at_window: bool,
    pub reversed_in_time: bool,
    pub sentences: u64,
}

impl<'a> Judge<'a> {
    pub fn new(sale: &SaleId, from_ms: i64, plan: &'a Plan) -> Judge<'a> {
        Judge {
            sale: sale.clone(),
            plan,
            from_ms,
            last: String::new(),
            looked_at_window: false,
            reversed_in_time: false,
            sentences: 0,
        }
    }

    /// A program that starts gives the customer the whole time again: it cannot know how long it was off.
    pub fn restarted(&mut self, at_ms: i64) {
        if !self.looked_at_window {
            self.from_ms = at_ms;
        }
    }

    pub fn look(&mut self, desk: &TestRegister) -> Result<(), String> {
        let state = desk.state_of(&self.sale);
        self.window(desk, state)?;
        let shown = format!("{state:?} {:?}", desk.counter());
        let said = strip(&shown);
        if said == self.last {
            return Ok(());
        }
        self.last = said;
        let facts = desk.facts(&self.sale);
        let heard = Heard::of(&facts);
        proven(state, &heard, self.plan.outlives_the_window())
            .map_err(|why| format!("{state:?} without proof: {why}"))?;
        self.sentence(desk, state, &heard)
    }

    /// At the end of the customer's time a reversal has left, or there is nothing to take back.
    fn window(&mut self, desk: &TestRegister, state: State) -> Result<(), String> {
        let aside = desk.payments(&self.sale).pop().is_some_and(|row| row.set_aside);
        let turn_ms = if aside { TURN_MS } else { 0 };
        let by = self.from_ms + REVERSED_BY_MS + turn_ms;
        if self.looked_at_window || desk.true_ms() < by {
            return Ok(());
        }
        self.looked_at_window = true;
        self.reversed_in_time = desk.sent.iter().any(|sent| sent.verb == Verb::Reverse && sent.at_ms <= by);
        let due = match state {
            State::AwaitingPayer | State::InDoubt { .. } | State::Reversing { .. } => true,
            State::Sent => return Err("still waiting for the charge's answer".into()),
            State::Created
            | State::Unresolved
            | State::PaidLate
            | State::Captured
            | State::Declined { .. }
            | State::NotSent
            | State::Reversed
            | State::SettledByManager { .. } => false,
        };
        if due && !self.reversed_in_time && !self.plan.cuts_the_line() {
            let left: Vec<_> = desk.sent.iter().map(|sent| (sent.verb, sent.at_ms - self.from_ms)).collect();
            return Err(format!("{state:?}, and no reversal has left: {left:?}"));
        }
        Ok(())
    }

    /// The table of what is said, and what must have been heard for it.
    fn sentence(&mut self, desk: &TestRegister, state: State, heard: &Heard) -> Result<(), String> {
        let claims = |claim: &str, true_: bool| match true_ {
            true => Ok(()),
            false => Err(format!("says {claim:?}, which was not heard: {heard:?}")),
        };
        let asked = desk.sent.iter().any(|sent| sent.verb == Verb::Reverse);
        let said = |code: &str| match code {
            "W-10" => claims("the code has expired", heard.pay("code_expired")),
            "W-11" => claims("the code is not valid", heard.pay("code_invalid")),
            "W-12" => claims("not enough money", heard.pay("not_enough")),
            "W-13" => claims("the card cannot pay here", heard.pay("card_not_supported")),
            "W-14" => claims("the payment failed", heard.any("failed:")),
            "W-15" => {
                claims("refused by the provider", heard.pay("refused_by_provider") || heard.any("failed:"))
            }
            "W-17" => claims("too many requests", heard.pay("busy")),
            "W-18" => claims("the provider knows of no such payment", heard.any("unknown_unproven")),
            "W-30" => claims("closed by the provider", heard.any("reversed") || heard.any("closed")),
            "W-22" => claims("the provider was asked to take it back", asked),
            "W-25" => claims("the provider has the money", heard.any("paid")),
            "W-31" => claims("another amount", heard.other_amount),
            "W-28" => claims("refunded", heard.any("refunded")),
            "W-29" => claims("the settings are not taken", heard.pay("settings")),
            "W-16" => Err("nothing said that the settings alone were wrong".into()),
            _ => Ok(()),
        };
        match desk.counter() {
            CounterView::Captured { .. } => {
                let order = desk.world.booked(&self.number(desk)).map(|order| order.state);
                let there = matches!(order, Some(OrderState::Success | OrderState::Refund));
                claims("paid", heard.any("paid") && there)?;
            }
            CounterView::Reversed { .. } => {
                claims("taken back", heard.any("reversed") || heard.any("closed"))?;
            }
            CounterView::Declined { message, .. } => said(&message.code)?,
            CounterView::InDoubt { message, .. } => said(&message.code)?,
            CounterView::Idle
            | CounterView::Entering { .. }
            | CounterView::Confirming { .. }
            | CounterView::Armed { .. }
            | CounterView::Cash { .. }
            | CounterView::Charging { .. }
            | CounterView::AwaitingPayer { .. } => {}
        }
        for row in desk.register().desk(desk.now()).map_err(|error| error.message.en)?.rows {
            said(&row.message.code)?;
            self.sentences += 1;
        }
        if state != State::Created {
            self.sentences += 1;
        }
        Ok(())
    }

    /// Somebody at the desk can give it a result now.
    pub fn a_person_can_end_it(&self, desk: &TestRegister) -> Result<(), String> {
        let state = desk.state_of(&self.sale);
        let rows = desk.register().desk(desk.now()).map_err(|error| error.message.en)?.rows;
        let acts = rows.into_iter().flat_map(|row| row.acts).filter(|act| act.enabled).map(|act| act.act);
        let ends = |act: DeskAct| {
            matches!(
                act,
                DeskAct::Book
                    | DeskAct::GiveBack
                    | DeskAct::SettlePaid
                    | DeskAct::SettleUnpaid
                    | DeskAct::Refunded
            )
        };
        match state {
            State::PaidLate | State::Unresolved if acts.clone().any(ends) => Ok(()),
            _ => Err(format!(
                "{state:?} after a quarter of an hour of true answers; acts: {:?}",
                acts.collect::<Vec<_>>()
            )),
        }
    }

    /// The same money everywhere, but where the provider swore that it had given it back.
    pub fn money(&self, desk: &mut TestRegister) -> Result<(), String> {
        let state = desk.state_of(&self.sale);
        let told = desk.payments(&self.sale).pop().is_some_and(|row| row.contradicted.is_some());
        let open = matches!(state, State::Unresolved);
        if open || told || self.plan.lies_about_the_end() {
            return Ok(());
        }
        check_books(desk).map_err(|why| format!("{state:?}: {why}"))
    }

    fn number(&self, desk: &TestRegister) -> String {
        desk.payments(&self.sale).pop().map(|row| row.id.to_string()).unwrap_or_default()
    }
}

/// Without what changes with every millisecond.
fn strip(shown: &str) -> String {
    shown.chars().filter(|c| !c.is_ascii_digit()).collect()
}

/// What the answers amounted to.
#[derive(Debug, Default)]
struct Heard {
    /// Verb and meaning, as in the journal.
    words: Vec<(String, String)>,
    other_amount: bool,
}

impl Heard {
    fn of(facts: &[Fact]) -> Heard {
        let mut heard = Heard::default();
        for fact in facts {
            if let Fact::ProviderAnswered { answer, .. } = fact {
                heard.take(answer);
            }
        }
        heard
    }

    fn take(&mut self, answer: &AnswerRecord) {
        self.words.push((answer.verb.clone(), answer.heard.clone()));
        self.other_amount |= answer.disbelief.as_deref() == Some("other_amount");
    }

    fn any(&self, meaning: &str) -> bool {
        self.words
            .iter()
            .any(|(_, heard)| heard == meaning || (meaning.ends_with(':') && heard.starts_with(meaning)))
    }

    /// What the charge itself was answered.
    fn pay(&self, meaning: &str) -> bool {
        self.words.iter().any(|(verb, heard)| verb == "pay" && heard.contains(meaning))
    }
}

/// A result rests on a proven answer, or on the two that the decisions 0004 and 0012 name.
fn proven(state: State, heard: &Heard, window_may_be_over: bool) -> Result<(), &'static str> {
    let closed = heard.any("reversed") || heard.any("closed");
    let signed = closed || heard.any("declined:") || heard.any("failed:") || heard.any("unpaid");
    let unknown = heard.any("unknown_unproven");
    let rests = match state {
        State::Captured | State::PaidLate => heard.any("paid"),
        State::Reversed => closed,
        State::Declined { reason, .. } => {
            let asked_back = heard.words.iter().any(|(verb, _)| verb == "reverse");
            signed || (unknown && (reason.names_payer() || asked_back))
        }
        State::NotSent => heard.pay("not_connected"),
        State::Unresolved => heard.any("refunded") || heard.any("reverse_too_late") || window_may_be_over,
        State::Created
        | State::Sent
        | State::AwaitingPayer
        | State::InDoubt { .. }
        | State::Reversing { .. }
        | State::SettledByManager { .. } => true,
    };
    if rests { Ok(()) } else { Err("no answer that says so") }
}
