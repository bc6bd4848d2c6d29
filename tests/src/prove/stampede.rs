//! A thousand presses, scans and windows race for one sale, through the very handle the window uses. Whatever comes first, one
//! payment reaches the provider and one receipt is written.
//!
//! A trial is one round: a new till on its own thread, a sale that stands, a thousand inputs let loose at once by several threads,
//! and a [`judge`] over what till, provider and bank have written down at the end. The seed gives the inputs; which of them comes
//! first, the machine decides each time anew.

mod crowd;
mod judge;
mod line;
mod round;

use crate::chance::Chance;

use super::Order;
use crowd::Mood;
use round::{Round, Rule};

/// What a round found.
#[derive(Debug, Default, Clone, Copy)]
struct Found {
    inputs: u64,
    sales: u64,
    payments: u64,
    receipts: u64,
}

/// Runs `order.count` rounds.
pub(super) fn run(order: Order) -> Result<String, String> {
    let mut sum = Found::default();
    for round in 0..order.count {
        let seed = order.seed + round;
        let found = one_round(seed, Rule::Kept)
            .map_err(|why| format!("{why} (again: stampede --seed {seed} --count 1)"))?;
        sum.inputs += found.inputs;
        sum.sales += found.sales;
        sum.payments += found.payments;
        sum.receipts += found.receipts;
    }
    let Found { inputs, sales, payments, receipts } = sum;
    Ok(format!(
        "{} rounds, {inputs} inputs, {sales} sales, {payments} payments at the provider, {receipts} receipts, 0 sales with two payments",
        order.count
    ))
}

fn one_round(seed: u64, rule: Rule) -> Result<Found, String> {
    let mut chance = Chance::new(seed);
    let mood = Mood::of(seed);
    let mut round = Round::open(&mut chance, rule)?;
    let crowd = round.crowd(mood, &mut chance);
    round.let_loose(crowd, is_held(seed))?;
    judge::one_at_most(&round.look()?)?;
    let rested = round.come_to_rest();
    let seen = round.look()?;
    judge::judge(&seen, mood.wants_one_payment())?;
    rested?;
    round.prove_file()?;
    Ok(Found {
        inputs: round.inputs,
        sales: seen.sales.len() as u64,
        payments: seen.orders.len() as u64,
        receipts: seen.receipts() as u64,
    })
}

/// Whether no answer comes before the whole crowd is through: in every other round of a mood.
fn is_held(seed: u64) -> bool {
    (seed / u64::from(Mood::KINDS)).is_multiple_of(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stampede_ends_in_one_payment_and_one_receipt() {
        for seed in 0..2 * u64::from(Mood::KINDS) {
            let found = one_round(seed, Rule::Kept).unwrap_or_else(|why| panic!("seed {seed}: {why}"));

            assert_eq!(found.inputs, crowd::SIZE as u64);
        }
    }

    #[test]
    fn a_till_without_the_rule_of_one_open_payment_is_caught() {
        let seed = (0..).find(|seed| Mood::of(*seed) == Mood::Charges && is_held(*seed));

        let verdict = one_round(seed.expect("a seed"), Rule::Dropped);

        let why = verdict.expect_err("several payments went out for one sale");
        assert!(why.contains("reached the provider"), "{why}");
    }
}
