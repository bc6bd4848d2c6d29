//! The world simulator as a machine: worlds from the seed on, on every core, until so many payments were made.

use std::fmt::Write;
use std::sync::Mutex;

use super::Order;
use super::cores::on_all_cores;
use crate::world::{Failure, Making, Plan, Tally, draw, live, shrink};

/// Lives until `order.count` payments were made. A world begun is lived to its end, so a count of 1 is the world of the seed.
///
/// # Errors
/// The first world that broke a rule, made short and told as a story.
pub fn run(order: Order) -> Result<String, String> {
    let all = Mutex::new(Tally::default());
    let most = if order.count == 1 { 1 } else { u64::MAX };
    let lived = |number| {
        let seed = order.seed.wrapping_add(number);
        let plan = draw(seed);
        let tally = live(&plan, Making::default(), &mut |_| {}).map_err(|failure| story(&plan, &failure))?;
        all.lock().expect("no world panics").add(&tally);
        Ok(tally.payments)
    };
    on_all_cores(order.count, most, |payments| *payments, lived)?;
    Ok(all.into_inner().expect("no world panics").to_string())
}

/// The failing plan, made short, step by step.
fn story(plan: &Plan, failure: &Failure) -> String {
    let seed = plan.seed;
    let (short, failure) = shrink(plan, Making::default(), failure);
    let mut story = format!(
        "{}: {}\n  again: prove world --seed {seed} --count 1\n  {} of {} acts are enough ({:?}):\n",
        failure.broken.rule,
        failure.broken.what,
        short.acts.len(),
        plan.acts.len(),
        short.speech,
    );
    let _ = live(&short, Making::default(), &mut |line| {
        let _ = writeln!(story, "  {line}");
    });
    story
}
