//! The forger: answers that were never given, or given to somebody else, or long ago, put before the connectors.
//!
//! A *statement* is something the provider truly signed. Most are true; some are lies about amount, currency, number, merchant
//! or app, signed all the same. A trial takes a statement, spoils it in up to three ways or leaves it, and hands it to a
//! connector as the answer to some call about some payment. Whatever comes out as a word must be true of that payment in the
//! sandbox at the time of signing: the oracle looks that up in the sandbox's books and shares no code with the connectors. And
//! an answer that was left alone must be believed, or the machine would pass with a till that believes nothing.

mod forge;
mod lies;
mod oracle;
mod pool;
mod seal;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};

use guitai_connectors::{Asked, Connector, Heard};
use guitai_domain::Timestamp;

use self::forge::Trial;
use self::oracle::Judgement;
use self::pool::Pool;
use super::Order;
use super::cores::on_all_cores;
use crate::chance::Chance;

/// Trials whose seeds agree in everything above these bits share a pool of statements.
const POOL_BITS: u32 = 17;
/// Trials a core does at a time.
const BATCH: u64 = 1_000;

/// Puts another connector in the place of one of the three.
type Wrap<'a> = &'a (dyn Fn(Box<dyn Connector>) -> Box<dyn Connector> + Sync);

/// What came of the trials.
#[derive(Default)]
struct Figures {
    true_words: AtomicU64,
    nameless: AtomicU64,
    unheard: AtomicU64,
}

/// Runs the machine.
pub(super) fn run(order: Order) -> Result<String, String> {
    try_all(order, &pools(order), &|connector| connector)
}

type Pools = BTreeMap<u64, Pool>;

/// The seeds of an order's trials, first and last.
fn seeds(order: Order) -> (u64, u64) {
    (order.seed, order.seed.saturating_add(order.count.saturating_sub(1)))
}

fn pools(order: Order) -> Pools {
    let (first, last) = seeds(order);
    (first >> POOL_BITS..=last >> POOL_BITS).map(|number| (number, Pool::new(number))).collect()
}

/// Trial `k` depends on `seed + k` alone, so that a single one is had again with that seed and a count of one.
fn try_all(order: Order, pools: &Pools, wrap: Wrap<'_>) -> Result<String, String> {
    let (first, last) = seeds(order);
    let shops: Vec<Box<dyn Connector>> = pool::shops().into_iter().map(wrap).collect();
    let figures = Figures::default();
    let batch = |number: u64| {
        let from = first + number * BATCH;
        (from..=last.min(from + (BATCH - 1))).try_for_each(|seed| {
            try_one(seed, &pools[&(seed >> POOL_BITS)], &shops, &figures)
                .map_err(|why| format!("{why} (--seed {seed} --count 1)"))
        })
    };
    on_all_cores(u64::MAX, order.count.div_ceil(BATCH), |()| 1, batch)?;
    Ok(figures.text(order.count))
}

fn try_one(seed: u64, pool: &Pool, shops: &[Box<dyn Connector>], figures: &Figures) -> Result<(), String> {
    let trial = Trial::new(pool, &mut Chance::new(seed));
    let payment = &pool.payments[trial.payment];
    let asked = Asked { payment: &payment.id, amount: trial.asked };
    let read = || shops[trial.shop].read(trial.verb, &asked, &trial.reply, Timestamp(trial.now_ms));
    let reading =
        catch_unwind(AssertUnwindSafe(read)).map_err(|_| format!("the connector fell over {trial:?}"))?;
    let Heard::Word(word) = reading.heard else {
        figures.unheard.fetch_add(1, Ordering::Relaxed);
        return match trial.must_be_heard {
            true => Err(format!("a true answer was not believed: {reading:?} to {trial:?}")),
            false => Ok(()),
        };
    };
    match oracle::judge(pool, &trial, word) {
        Judgement::True => figures.true_words.fetch_add(1, Ordering::Relaxed),
        Judgement::Nameless => figures.nameless.fetch_add(1, Ordering::Relaxed),
        Judgement::Believed(why) => return Err(format!("believed {word:?}, but {why}: {trial:?}")),
    };
    Ok(())
}

impl Figures {
    fn text(&self, count: u64) -> String {
        let read = |figure: &AtomicU64| figure.load(Ordering::Relaxed);
        format!(
            "{count} answers, 0 believed that were not true; {} true words believed, {} that name no payment and end \
             nothing, {} no word at all",
            read(&self.true_words),
            read(&self.nameless),
            read(&self.unheard)
        )
    }
}
