//! Trials on every core, each from a number of its own, so that any of them can be had again alone.

use std::collections::BTreeMap;
use std::num::NonZero;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;

use super::Order;

/// Runs `trial(0)`, `trial(1)`, … until they weigh `enough` together, or there are `most` of them; a trial begun is finished.
/// What they found is returned in their order.
///
/// # Errors
/// The failure with the lowest number among those found, which is what the trial said, or its panic.
pub(crate) fn on_all_cores<T: Send>(
    enough: u64,
    most: u64,
    weigh: impl Fn(&T) -> u64 + Sync,
    trial: impl Fn(u64) -> Result<T, String> + Sync,
) -> Result<Vec<T>, String> {
    let (next, weight, failed) = (AtomicU64::new(0), AtomicU64::new(0), AtomicBool::new(false));
    let (done, failure) = (Mutex::new(BTreeMap::new()), Mutex::new(None::<(u64, String)>));
    let work = || {
        while weight.load(Ordering::SeqCst) < enough && !failed.load(Ordering::SeqCst) {
            let number = next.fetch_add(1, Ordering::SeqCst);
            if number >= most {
                return;
            }
            match caught(|| trial(number)) {
                Ok(figures) => {
                    weight.fetch_add(weigh(&figures), Ordering::SeqCst);
                    done.lock().expect("a map").insert(number, figures);
                }
                Err(why) => {
                    failed.store(true, Ordering::SeqCst);
                    let mut failure = failure.lock().expect("a failure");
                    if failure.as_ref().is_none_or(|(other, _)| number < *other) {
                        *failure = Some((number, why));
                    }
                }
            }
        }
    };
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    thread::scope(|scope| (0..cores).for_each(|_| drop(scope.spawn(work))));
    match failure.into_inner().expect("a failure") {
        Some((_, why)) => Err(why),
        None => Ok(done.into_inner().expect("a map").into_values().collect()),
    }
}

/// As [`on_all_cores`] with every trial the same weight, for `count` of `total` numbered points, spread evenly from the seed's on.
/// `name` says which point a number is.
///
/// # Errors
/// As [`on_all_cores`], with the point's name and how to try it again.
pub(crate) fn points_on_all_cores<T: Send>(
    machine: &str,
    order: Order,
    total: u64,
    name: impl Fn(usize) -> String + Sync,
    trial: impl Fn(usize) -> Result<T, String> + Sync,
) -> Result<Vec<T>, String> {
    let count = order.count.min(total);
    let every = total.checked_div(count).ok_or("no points are no trial")?;
    on_all_cores(
        u64::MAX,
        count,
        |_| 1,
        |number| {
            let point = usize::try_from(order.seed.wrapping_add(number * every) % total).expect("an index");
            caught(|| trial(point)).map_err(|why| {
                format!("{}: {why}\n  again: prove {machine} --seed {point} --count 1", name(point))
            })
        },
    )
}

/// Does it; a panic is a failure like any other.
///
/// # Errors
/// What it says, or the panic's words.
pub(crate) fn caught<T>(work: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| Err(words(&*panic)))
}

fn words(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str).or(panic.downcast_ref::<&str>().copied());
    format!("panic: {}", text.unwrap_or("without words"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trials_are_run_until_they_weigh_enough() {
        let done = on_all_cores(10, u64::MAX, |weight| *weight, |number| Ok(number % 3)).expect("none fails");
        assert!(done.iter().sum::<u64>() >= 10);

        assert_eq!(on_all_cores(u64::MAX, 7, |()| 1, |_| Ok(())).expect("none fails").len(), 7);
    }

    #[test]
    fn one_point_is_the_seeds_and_all_points_are_each_tried_once() {
        let try_them = |order| points_on_all_cores("kill", order, 5, |at| format!("point {at}"), Ok);
        assert_eq!(try_them(Order { count: 1, seed: 8 }), Ok(vec![3]));

        let mut all = try_them(Order { count: 99, seed: 3 }).expect("none fails");
        all.sort_unstable();
        assert_eq!(all, [0, 1, 2, 3, 4]);

        let order = Order { count: 5, seed: 0 };
        let failed =
            points_on_all_cores::<()>("kill", order, 1, |at| format!("point {at}"), |_| panic!("so"));
        assert_eq!(failed, Err("point 0: panic: so\n  again: prove kill --seed 0 --count 1".to_owned()));
    }

    #[test]
    fn a_failure_and_a_panic_are_told() {
        let failed =
            on_all_cores(9, 9, |()| 1, |number| if number == 4 { Err("four".into()) } else { Ok(()) });
        assert_eq!(failed, Err("four".to_owned()));

        let panicked: Result<Vec<()>, String> =
            on_all_cores(1, 1, |()| 1, |number| panic!("number {number}"));
        assert_eq!(panicked, Err("panic: number 0".to_owned()));
    }
}
