//! The reference flows as they go undisturbed: whoever changes one must mean it.

use std::collections::BTreeSet;

use guitai_db::SaleState;
use guitai_domain::payment::State;
use guitai_test_disk::Disk;
use guitai_tests::{TestRegister, check_books, flows, play};

#[test]
fn every_reference_flow_ends_with_its_receipts_and_the_right_books() {
    let (mut wrong, mut ends) = (Vec::new(), BTreeSet::new());
    for flow in flows() {
        let mut desk = TestRegister::with_disk(Disk::new(), 1);
        play(&mut desk, flow);
        let shown = format!("{:?}", desk.counter());
        desk.come_to_rest(flow.with_late_money());
        let books = check_books(&mut desk);
        let receipts = desk.sales().iter().filter(|sale| sale.state == SaleState::Completed).count();
        for payment in desk.sales().iter().flat_map(|sale| desk.payments(&sale.id)) {
            ends.insert(match payment.state {
                State::SettledByManager { paid, .. } => format!("settled, paid: {paid}"),
                other => other.name().to_owned(),
            });
        }
        if books.is_err() || receipts != flow.receipts {
            wrong.push(format!("{}: {receipts} receipts, {books:?}, shown {shown}", flow.name));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let all = ["captured", "declined", "not_sent", "reversed", "settled, paid: false", "settled, paid: true"];
    assert_eq!(ends.iter().map(String::as_str).collect::<Vec<_>>(), all, "every way a payment can end");
}

#[test]
fn the_reference_flows_are_forty_at_least_and_each_has_a_name_of_its_own() {
    let names: BTreeSet<&str> = flows().map(|flow| flow.name).collect();

    assert_eq!(names.len(), flows().count());
    assert!(names.len() >= 40, "{}", names.len());
}
