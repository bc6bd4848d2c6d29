//! Short words for what these tests look for.

use guitai_app::view::{CounterView, DeskAct, MessageView};
use guitai_db::{Fact, SaleState};
use guitai_domain::SaleId;
use guitai_domain::payment::{Reason, State};
use guitai_tests::{TestRegister, check_books};

/// What the counter shows, without the figures.
pub fn screen(desk: &TestRegister) -> &'static str {
    match desk.counter() {
        CounterView::Idle => "idle",
        CounterView::Entering { .. } => "entering",
        CounterView::Confirming { .. } => "confirming",
        CounterView::Armed { .. } => "armed",
        CounterView::Cash { .. } => "cash",
        CounterView::Charging { .. } => "charging",
        CounterView::AwaitingPayer { .. } => "awaiting payer",
        CounterView::Captured { .. } => "captured",
        CounterView::Declined { .. } => "declined",
        CounterView::InDoubt { .. } => "in doubt",
        CounterView::Reversed { .. } => "reversed",
    }
}

/// Declined for `reason`, whether or not the provider has closed the payment.
pub fn declined_for(state: State) -> Option<Reason> {
    match state {
        State::Declined { reason, .. } => Some(reason),
        _ => None,
    }
}

/// Lets everything come to rest and compares all books.
pub fn books_agree(desk: &mut TestRegister) {
    desk.run_until_idle();
    check_books(desk).unwrap_or_else(|why| panic!("{why}"));
}

/// How often a sale's payments were written into a state of this name.
pub fn times_in(desk: &TestRegister, sale: &SaleId, name: &str) -> usize {
    let facts = desk.facts(sale);
    facts.iter().filter(|fact| matches!(fact, Fact::PaymentMoved { state, .. } if state.name == name)).count()
}

/// Why the answers of a sale were not believed, in order.
pub fn disbeliefs(desk: &TestRegister, sale: &SaleId) -> Vec<String> {
    let facts = desk.facts(sale);
    facts
        .into_iter()
        .filter_map(|fact| match fact {
            Fact::ProviderAnswered { answer, .. } => answer.disbelief,
            _ => None,
        })
        .collect()
}

pub fn is_completed(desk: &TestRegister, sale: &SaleId) -> bool {
    desk.sale(sale).state == SaleState::Completed
}

/// Does something on the desk about the last payment of a sale.
pub fn act(desk: &mut TestRegister, sale: &SaleId, act: DeskAct) -> Result<(), MessageView> {
    let payment = desk.payments(sale).pop().expect("a payment").id;
    let now = desk.now();
    let done = desk.register_mut().act(payment.as_str(), act, now);
    desk.settle();
    done
}
