//! Short words for what these tests look for.

use guitai_app::view::{CounterView, DeskAct, DeskRow, Key, MessageView};
use guitai_db::{Fact, SaleState};
use guitai_domain::payment::{Reason, State};
use guitai_domain::{Method, SaleId};
use guitai_sandbox::{Account, Fault, Verb};
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

/// A sale whose money is found after the cashier has gone on without it.
pub fn late(desk: &mut TestRegister, amount: &str) -> SaleId {
    desk.inject(Fault::DropAnswer, Verb::Pay, 1);
    desk.inject(Fault::DropAnswer, Verb::Query, 4);
    let sale = desk.charge(amount);
    desk.pass_ms(2_000);
    desk.press(Key::Digit3);
    desk.pass_ms(40_000);
    assert_eq!(desk.state_of(&sale), State::PaidLate);
    sale
}

/// What the desk says of a sale's payment.
pub fn row(desk: &TestRegister, sale: &SaleId) -> DeskRow {
    let mut rows = desk.register().desk(desk.now()).expect("readable").rows;
    rows.retain(|row| row.sale == sale.as_str());
    assert_eq!(rows.len(), 1, "once on the desk");
    rows.pop().expect("a row")
}

/// The sales on the desk, in its order.
pub fn on_desk(desk: &TestRegister) -> Vec<String> {
    desk.register().desk(desk.now()).expect("readable").rows.into_iter().map(|row| row.sale).collect()
}

/// An act on the desk as `+`, or the code of the reason why not.
pub fn acts(row: &DeskRow) -> Vec<(DeskAct, String)> {
    let code = |why: &Option<MessageView>| why.as_ref().map_or(String::new(), |why| why.code.clone());
    row.acts.iter().map(|act| (act.act, if act.enabled { "+".to_owned() } else { code(&act.why) })).collect()
}

/// All reports together say what the bank says: what came in by wallet and what nobody has decided about is what is there.
pub fn totals_agree(desk: &TestRegister) {
    let days: std::collections::BTreeSet<String> =
        desk.sales().into_iter().map(|sale| sale.business_date).collect();
    let fen: i64 = days
        .iter()
        .map(|day| {
            let report = desk.register().db().day_report(day).expect("readable");
            let wallet = report.by_method.iter().filter(|part| part.method != Method::Cash);
            wallet.map(|part| part.total.0).sum::<i64>() + report.late.undecided.1.0
        })
        .sum();
    let bank = desk.world.books().balances.get(&Account::merchant()).copied().unwrap_or(0);
    assert_eq!(fen, bank, "the reports and the bank");
}
