//! Random days. At the end of each, the till, the provider and the bank must have the same books.
//!
//! `GUITAI_DAYS` raises how many days are lived; the seed of a day that failed is the last one printed.

use guitai_tests::{Chance, TestRegister, Trade, check_books, trading_day};

/// Days each of these tests lives in the gate.
const DAYS: u64 = 100;

#[test]
fn after_any_day_of_trouble_till_provider_and_bank_agree() {
    live(1_000, Trade { sales: 20, deaths_permille: 0, trouble_permille: 700 });
}

#[test]
fn after_any_day_on_which_the_till_dies_at_any_moment_the_books_agree() {
    live(2_000, Trade { sales: 20, deaths_permille: 30, trouble_permille: 500 });
}

#[test]
fn after_any_day_on_which_everything_goes_wrong_at_once_the_books_agree() {
    live(3_000, Trade { sales: 20, deaths_permille: 100, trouble_permille: 1_000 });
}

fn live(first_seed: u64, trade: Trade) {
    let days = std::env::var("GUITAI_DAYS").ok().and_then(|days| days.parse().ok()).unwrap_or(DAYS);
    let (mut sales, mut payments, mut deaths) = (0, 0, 0);
    for seed in (first_seed..).take(usize::try_from(days).expect("few days")) {
        println!("seed {seed}");
        let mut desk = TestRegister::with_seed(seed);

        trading_day(&mut desk, &mut Chance::new(seed), &trade);

        check_books(&mut desk).unwrap_or_else(|why| panic!("seed {seed}: {why}"));
        sales += desk.sales().len();
        payments += desk.sales().iter().map(|sale| desk.payments(&sale.id).len()).sum::<usize>();
        deaths += desk.deaths;
    }
    println!("{days} days, {sales} sales, {payments} payments, {deaths} deaths");
    assert!(payments > 5 * usize::try_from(days).expect("few days"), "the days were not empty");
}
