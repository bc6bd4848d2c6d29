//! A provider that keeps to one kind of answer, for each call its own, or answers a mixture, whatever is so; then it answers truly.
//!
//! A trial is one payment: a till, a customer, a cashier who presses what she likes, and three kinds of answers held for as long as
//! the [`plan`] says. A [`judge`] looks after each thing that happens. What must hold:
//! - A reversal leaves by the end of the customer's time and one poll, if the payment has no result by then.
//! - Nothing has a result without the answer it rests on, and no sentence says more than was heard.
//! - Fifteen minutes after the answers are true, every payment has a result, or a person can give it one.
//! - In the end the till, the provider and the bank have the same money.

mod judge;
mod plan;

use guitai_connectors::Connector;
use guitai_domain::SaleId;
use guitai_domain::payment::State;
use guitai_sandbox::{TRAINEE, Verb, World};
use guitai_test_disk::Disk;

use super::Order;
use super::cores::{caught, on_all_cores};
use crate::desk::{MORNING_MS, TestRegister};
use crate::folder::Folder;
use crate::life::v2_connector;
use judge::Judge;
use plan::{Plan, Press};

/// How long the provider has, once it answers truly.
const TRUTH_MS: i64 = 15 * 60_000;

/// What a trial found.
#[derive(Default, Clone, Copy)]
struct Found {
    reversals: u64,
    results: u64,
    persons: u64,
    sentences: u64,
    calls: u64,
}

/// Runs `order.count` worlds.
pub(super) fn run(order: Order) -> Result<String, String> {
    let trial = |number: u64| {
        let seed = order.seed.wrapping_add(number);
        let plan = Plan::draw(seed);
        caught(|| one(&plan)).map_err(|why| format!("{why} (again: held --seed {seed} --count 1; {plan:?})"))
    };
    let found = on_all_cores(order.count, order.count, |_| 1, trial)?;
    let sum = |of: fn(&Found) -> u64| found.iter().map(of).sum::<u64>();
    Ok(format!(
        "{} worlds, {} calls, {} first reversals in time, {} results by an answer, {} left to a person, {} sentences true, 0 results \
         without proof",
        found.len(),
        sum(|found| found.calls),
        sum(|found| found.reversals),
        sum(|found| found.results),
        sum(|found| found.persons),
        sum(|found| found.sentences),
    ))
}

fn one(plan: &Plan) -> Result<Found, String> {
    let mut desk = open(plan);
    plan.hold(&mut desk.world);
    let sale = desk.charge("18.50");
    let mut judge = Judge::new(&sale, desk.true_ms(), plan);
    let truth_at = desk.true_ms() + plan.held_ms;
    for (after_ms, press) in &plan.presses {
        let until = desk.true_ms() + after_ms;
        live(&mut desk, until.min(truth_at), &mut judge)?;
        do_press(&mut desk, *press);
        if *press == Press::Restart {
            judge.restarted(desk.true_ms());
        }
        judge.look(&desk)?;
    }
    live(&mut desk, truth_at, &mut judge)?;

    desk.world.clear_faults();
    live(&mut desk, truth_at + TRUTH_MS, &mut judge)?;
    let by_itself = desk.state_of(&sale).is_final();
    if !by_itself {
        judge.a_person_can_end_it(&desk)?;
    }
    // What is closed in the background takes its ten minutes more. What waits for a manager is asked about for ever.
    if desk.state_of(&sale) != State::Unresolved {
        desk.run_until_idle();
        judge.look(&desk)?;
    }
    let by_person = end_by_hand(&mut desk, &sale);
    judge.money(&mut desk)?;
    Ok(Found {
        reversals: u64::from(judge.reversed_in_time),
        results: u64::from(by_itself),
        persons: u64::from(by_person),
        sentences: judge.sentences,
        calls: u64::try_from(desk.sent.len()).unwrap_or(u64::MAX),
    })
}

fn open(plan: &Plan) -> TestRegister {
    let mut world = World::new(plan.seed, MORNING_MS);
    world.set_behaviour(TRAINEE, plan.customer);
    let v2 = plan.v2;
    let disk = Folder::Disk(Disk::new());
    let mut desk = TestRegister::unopened(disk, world, MORNING_MS, plan.seed);
    let interpose = move |inner: Box<dyn Connector>| if v2 { v2_connector() } else { inner };
    desk.interpose = Some(Box::new(interpose));
    desk.start();
    desk
}

fn live(desk: &mut TestRegister, until: i64, judge: &mut Judge) -> Result<(), String> {
    // Days pass: nobody looks every three seconds whether the line is up.
    desk.rest(until - desk.true_ms() > TRUTH_MS);
    while desk.true_ms() < until {
        desk.one_event(until);
        judge.look(desk)?;
    }
    desk.rest(false);
    Ok(())
}

fn do_press(desk: &mut TestRegister, press: Press) {
    match press {
        Press::Key(key) => desk.press(key),
        Press::Restart => desk.restart(),
        Press::Password(answer) => desk.answer_password(answer),
    }
}

/// Books money that came late, so that the books can be compared. Whether a person had to.
fn end_by_hand(desk: &mut TestRegister, sale: &SaleId) -> bool {
    if desk.state_of(sale) != State::PaidLate {
        return false;
    }
    let payment = desk.payments(sale).pop().expect("a payment").id;
    let now = desk.now();
    let booked = desk.register_mut().act(payment.as_str(), guitai_app::view::DeskAct::Book, now);
    booked.is_ok()
}

/// The calls a provider can hold an answer for.
const VERBS: [Verb; 3] = [Verb::Pay, Verb::Query, Verb::Reverse];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_hundred_worlds_end_as_they_should() {
        let said = run(Order { count: 300, seed: 20_261_201 });

        assert!(said.is_ok(), "{said:?}");
    }
}
