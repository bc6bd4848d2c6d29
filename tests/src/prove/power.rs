//! Power cut: in the middle of a random day the power fails at a random storage call, again and again.
//!
//! What was written and not synced arrives or not, sector by sector, torn and in any order; what that means is said in
//! `guitai_test_disk`. After each cut the till is started again, perhaps into the next cut. Then everything that it had let out must
//! be there: the entries it acknowledged, with the same hashes; and the file must be whole, its chain unbroken, its tables what the
//! journal makes of them. At the end of the day the books are compared with the provider's and the bank's.

use std::cell::RefCell;
use std::rc::Rc;

use guitai_app::view::DeskAct;
use guitai_connectors::Connector;
use guitai_db::ChainHead;
use guitai_sandbox::World;
use guitai_test_disk::Disk;

use super::Order;
use super::cores::{caught, on_all_cores};
use crate::desk::{MORNING_MS, TestRegister};
use crate::life::v2_connector;
use crate::{Chance, Trade, check_books, integrity, trading_day};

/// The sales of a day: some days are long enough for the log to be moved over in their middle.
const SALES: [u32; 8] = [4, 8, 8, 12, 12, 16, 30, 80];
/// From one cut to the next there are at most so many storage calls: mostly few, so that a start is cut as well, and now and then so
/// many that the till gets something done and its log grows until it is moved over.
const CALLS_MAX: [u64; 4] = [100, 150, 200, 4_000];

/// What one day came to.
#[derive(Debug, Default, Clone, Copy)]
struct Day {
    cuts: u64,
    /// Cuts that fell into the set-up or into a start.
    while_starting: u64,
    /// Cuts that fell into moving the log over into the database.
    while_moving_over: u64,
    sales: u64,
    entries: u64,
}

/// Lives days until the power has failed `order.count` times.
///
/// # Errors
/// The first thing that was lost or broken, and the day in which it was.
pub fn run(order: Order) -> Result<String, String> {
    let days = on_all_cores(
        order.count,
        u64::MAX,
        |day: &Day| day.cuts,
        |number| {
            let seed = order.seed.wrapping_add(number);
            caught(|| live(seed, false))
                .map_err(|why| format!("{why}\n  again: prove power --seed {seed} --count 1"))
        },
    )?;
    let sum = |figure: fn(&Day) -> u64| days.iter().map(figure).sum::<u64>();
    Ok(format!(
        "{} power cuts in {} days, {} of them while starting, {} while moving the log over; {} sales, {} entries, 0 lost, 0 files \
         damaged",
        sum(|day| day.cuts),
        days.len(),
        sum(|day| day.while_starting),
        sum(|day| day.while_moving_over),
        sum(|day| day.sales),
        sum(|day| day.entries),
    ))
}

/// One day. `normal` is a till that believes in `synchronous=FULL` and has `NORMAL`.
fn live(seed: u64, normal: bool) -> Result<Day, String> {
    let disk = Disk::new();
    if normal {
        disk.normally_synchronous();
    }
    let mut chance = Chance::new(seed);
    let power = Rc::new(RefCell::new(Power {
        disk: disk.clone(),
        chance: Chance::new(seed ^ 0x00DD_B017),
        acknowledged: Vec::new(),
        day: Day::default(),
        broken: None,
    }));
    power.borrow_mut().fails_later();
    let speak = Box::new(|_: Box<dyn Connector>| v2_connector());
    let world = World::new(seed, MORNING_MS);
    let mut desk = TestRegister::interposed(disk.clone(), world, MORNING_MS, seed, speak, Box::new(|| {}));
    if disk.is_frozen() {
        power.borrow_mut().fails(&mut desk);
    }
    let failing = Rc::clone(&power);
    desk.on_stop = Some(Box::new(move |desk| failing.borrow_mut().fails(desk)));

    let trade = Trade { sales: chance.one_of(&SALES), deaths_permille: 4, trouble_permille: 500 };
    trading_day(&mut desk, &mut chance, &trade);
    disk.freeze_at(u64::MAX);
    if let Some(why) = power.borrow().broken.clone() {
        return Err(why);
    }
    desk.come_to_rest(DeskAct::Book);
    integrity(&disk)?;
    check_books(&mut desk)?;
    let (sales, entries) = (desk.sales().len() as u64, desk.register().db().head().seq);
    let day = power.borrow().day;
    Ok(Day { sales, entries, ..day })
}

struct Power {
    disk: Disk,
    chance: Chance,
    /// The ends of the journal that were let out before a cut and not yet looked for after it.
    acknowledged: Vec<ChainHead>,
    day: Day,
    broken: Option<String>,
}

impl Power {
    fn fails_later(&mut self) {
        let most = self.chance.one_of(&CALLS_MAX);
        let calls = 1 + self.chance.below(most);
        self.disk.freeze_at(self.disk.calls() + calls);
    }

    /// The power has failed. It comes back, and the till is looked at.
    fn fails(&mut self, desk: &mut TestRegister) {
        let mut is_start = desk.seen.head.is_none();
        loop {
            self.acknowledged.extend(desk.seen.head);
            self.day.while_moving_over += u64::from(self.disk.unsynced("till.db") > 0);
            desk.cut_power(|bound| self.chance.below(bound));
            self.day.cuts += 1;
            self.day.while_starting += u64::from(is_start);
            self.fails_later();
            desk.turn_on_after(self.chance.between(0, 90_000));
            is_start = true;
            let looked = if self.disk.is_frozen() { Ok(()) } else { self.look(desk) };
            // The next cut may have fallen into the start, or into the looking.
            if !self.disk.is_frozen() {
                self.acknowledged.clear();
                if let Err(why) = looked {
                    self.broken.get_or_insert(format!("after {} cuts: {why}", self.day.cuts));
                }
                return;
            }
        }
    }

    fn look(&mut self, desk: &mut TestRegister) -> Result<(), String> {
        if let Some(message) = desk.refused() {
            return Err(format!("the till does not start: {} {}", message.code, message.en));
        }
        for head in &self.acknowledged {
            let entry =
                desk.register().db().entries_from(head.seq, 1).map_err(|damage| damage.to_string())?;
            match entry.first() {
                None => return Err(format!("entry {} was acknowledged and is lost", head.seq)),
                Some(entry) if entry.hash != head.hash => {
                    return Err(format!("entry {} is not what was acknowledged", head.seq));
                }
                Some(_) => {}
            }
        }
        integrity(&self.disk)?;
        let db = desk.register_mut().db_mut();
        match db.verify().map_err(|damage| damage.to_string())?.broken_at {
            Some(seq) => Err(format!("the journal breaks at entry {seq}")),
            None if db.tables_agree().map_err(|error| error.to_string())? => Ok(()),
            None => Err("the tables are not what the journal makes of them".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn some_days_with_power_cuts_lose_nothing() {
        let days: Vec<Day> =
            (0..12).map(|seed| live(seed, false).unwrap_or_else(|why| panic!("{seed}: {why}"))).collect();

        assert!(days.iter().map(|day| day.cuts).sum::<u64>() > 20, "{days:?}");
    }

    #[test]
    fn a_till_that_does_not_sync_each_entry_is_caught() {
        let caught =
            (0..10).filter(|seed| live(*seed, true).is_err_and(|why| why.contains("is lost"))).count();

        assert!(caught >= 5, "only {caught} of 10 days");
    }
}
