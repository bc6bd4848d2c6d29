//! Error at the n-th write: at each storage call of every reference flow the disk is full, fails or is read-only, for that call or from
//! there to the end of the flow. Then it is well again.
//!
//! Nobody may lose money by it or believe in money that did not move; the till says that its disk is in trouble; and when the disk
//! is back it comes to rest by itself, its books agree, and it sells on. Nobody restarts it. Only a till that was just being started
//! is off, having said why; the next one to try starts it.

use guitai_app::view::{CounterView, Key, MethodView};
use guitai_sandbox::{Behaviour, OrderState, TRAINEE};
use guitai_test_disk::{Call, Disk, Trouble};

use super::Order;
use super::cores::{on_all_cores, points_on_all_cores};
use super::story::Story;
use crate::books::is_paid_for;
use crate::check_books;
use crate::desk::TestRegister;
use crate::flows::Act;

#[derive(Clone, Copy)]
struct Point {
    story: Story,
    what: Trouble,
    from: u64,
    /// What that call is when nothing is wrong.
    call: Call,
    how_many: u64,
}

/// What became of one point.
#[derive(Debug, Default, Clone, Copy)]
struct Lived {
    failed_calls: u64,
    /// How often the till could not be started.
    refused_starts: u64,
}

/// Tries `order.count` points, spread evenly from the seed's on; all of them where there are no more.
///
/// # Errors
/// The first point at which something was lost, believed wrongly, not told or not recovered from.
pub fn run(order: Order) -> Result<String, String> {
    let stories = Story::all();
    let points: Vec<Point> =
        on_all_cores(u64::MAX, stories.len() as u64, |_| 1, |number| points_of(&stories, number))?
            .into_iter()
            .flatten()
            .collect();
    let total = points.len() as u64;
    let tried = points_on_all_cores("disk", order, total, |at| points[at].name(), |at| points[at].try_it())?;
    let sum = |figure: fn(&Lived) -> u64| tried.iter().map(figure).sum::<u64>();
    Ok(format!(
        "{} of {total} points in {} flows: {} storage calls failed, {} starts refused; all told, nothing lost, all recovered",
        tried.len(),
        stories.len(),
        sum(|lived| lived.failed_calls),
        sum(|lived| lived.refused_starts),
    ))
}

fn points_of(stories: &[Story], number: u64) -> Result<Vec<Point>, String> {
    let story = stories[usize::try_from(number).expect("an index")];
    let log = story.undisturbed()?.log;
    let mut points = Vec::new();
    for what in [Trouble::Full, Trouble::Io, Trouble::ReadOnly] {
        for (from, call) in (1..).zip(log.iter().copied()).filter(|(_, call)| what.hits(*call)) {
            points.extend([1, u64::MAX].map(|how_many| Point { story, what, from, call, how_many }));
        }
    }
    Ok(points)
}

impl Point {
    fn name(&self) -> String {
        let how_long = if self.how_many == 1 { "once" } else { "lasting" };
        format!("{}, {:?} at call {} ({:?}), {how_long}", self.story.name(), self.what, self.from, self.call)
    }

    fn try_it(&self) -> Result<Lived, String> {
        let disk = self.story.disk();
        disk.trouble(self.what, self.from, self.how_many);
        let mut desk = self.story.desk(disk.clone());
        desk.seen.messages_wanted = true;
        let mut lived = Lived::default();
        told(&desk, &disk, 0, 0).map_err(|why| format!("while starting {why}"))?;
        for act in self.story.flow.acts {
            self.play(&mut desk, &disk, *act, &mut lived).map_err(|why| format!("{act:?}: {why}"))?;
        }
        lived.failed_calls = disk.troubles_met();
        disk.mend();
        (desk.wall_off_ms, lived.refused_starts) = (0, lived.refused_starts + start(&mut desk)?);
        desk.world.set_network_down(false);
        desk.come_to_rest(self.story.flow.with_late_money());
        check_books(&mut desk)?;
        sells_on(&mut desk)?;
        check_books(&mut desk)?;
        Ok(lived)
    }

    fn play(&self, desk: &mut TestRegister, disk: &Disk, act: Act, lived: &mut Lived) -> Result<(), String> {
        let (met, said) = (disk.failed_calls().len(), desk.seen.messages.len());
        if !desk.is_on() {
            desk.turn_on_after(1_000);
            lived.refused_starts += 1;
        }
        if desk.is_on() {
            act.play(desk);
        }
        told(desk, disk, met, said)?;
        if desk.is_on() { believes_rightly(desk) } else { Ok(()) }
    }
}

/// That whatever failed was said. Two things SQLite itself keeps silent about, because nothing is lost by them while the power stays:
/// that the folder could not be synced with its log, and that an empty log could not be deleted.
fn told(desk: &TestRegister, disk: &Disk, met: usize, said: usize) -> Result<(), String> {
    let failed = &disk.failed_calls()[met..];
    let messages = &desk.seen.messages[said..];
    let silent = failed.iter().all(|call| matches!(call, Call::SyncNames | Call::Delete));
    // A second scan at once is not told a second time what stands on the screen already.
    let stands = || desk.view().notice.is_some_and(|notice| notice.message.code.starts_with("D-"));
    if silent || messages.iter().any(|code| code.starts_with("D-")) || (desk.is_on() && stands()) {
        return Ok(());
    }
    Err(format!("{failed:?} failed, and the till said {messages:?}"))
}

/// That a payment shown as paid is one the provider has the money of.
fn believes_rightly(desk: &TestRegister) -> Result<(), String> {
    let CounterView::Captured { sale, method: MethodView::WechatPay, .. } = desk.counter() else {
        return Ok(());
    };
    let payments = desk.register().db().payments_of_sale(&sale).map_err(|damage| damage.to_string())?;
    let paid =
        payments.iter().find(|payment| is_paid_for(payment.state)).map(|payment| payment.id.to_string());
    let has_money = desk
        .world
        .books()
        .orders
        .iter()
        .any(|order| Some(&order.out_trade_no) == paid.as_ref() && order.state == OrderState::Success);
    if has_money {
        Ok(())
    } else {
        Err(format!("{sale} is shown as paid, and the provider has no money for it"))
    }
}

/// Starts a till that is off, on a disk that is well: 1 where it was off.
fn start(desk: &mut TestRegister) -> Result<u64, String> {
    if desk.is_on() {
        return Ok(0);
    }
    desk.turn_on_after(1_000);
    match desk.refused() {
        None => Ok(1),
        Some(message) => {
            Err(format!("the disk is well, and the till does not start: {} {}", message.code, message.en))
        }
    }
}

/// That the next customer can pay.
fn sells_on(desk: &mut TestRegister) -> Result<(), String> {
    desk.clear_line();
    desk.world.clear_faults();
    desk.world.set_behaviour(TRAINEE, Behaviour::Pay);
    desk.pass_ms(61_000);
    for _ in 0..6 {
        match desk.counter() {
            CounterView::Idle => break,
            CounterView::Entering { .. } | CounterView::Confirming { .. } => desk.press(Key::Clear),
            CounterView::Captured { .. } => desk.press(Key::Enter),
            CounterView::Armed { .. }
            | CounterView::Cash { .. }
            | CounterView::Declined { .. }
            | CounterView::Reversed { .. } => desk.press(Key::Escape),
            CounterView::Charging { .. }
            | CounterView::AwaitingPayer { .. }
            | CounterView::InDoubt { .. } => {
                return Err(format!("nothing is under way, and the counter shows {:?}", desk.counter()));
            }
        }
    }
    desk.charge("1");
    desk.pass_ms(5_000);
    match desk.counter() {
        CounterView::Captured { .. } => Ok(()),
        other => Err(format!("the next customer does not pay: {other:?}, {}", desk.notice())),
    }
}

#[cfg(test)]
mod tests {
    use guitai_sandbox::World;

    use super::*;
    use crate::desk::MORNING_MS;

    #[test]
    fn some_points_of_a_flow_are_told_and_recovered_from() {
        let stories = Story::all();
        let at = stories.iter().position(|story| story.flow.name == "declined_then_cash").expect("a flow");
        let points = points_of(&stories, at as u64).expect("it goes undisturbed");

        assert!(points.len() > 200, "{}", points.len());
        for point in points.iter().step_by(7) {
            let lived = point.try_it().unwrap_or_else(|why| panic!("{}: {why}", point.name()));
            assert!(lived.failed_calls > 0, "{}: nothing failed", point.name());
        }
    }

    #[test]
    fn a_till_that_keeps_silent_about_its_disk_is_caught() {
        let disk = Disk::new();
        let mut desk = TestRegister::with_disk(disk.clone(), 1);
        disk.trouble(Trouble::Full, 0, u64::MAX);
        // Nobody notes what it says.
        desk.type_amount("5");
        desk.press(Key::Enter);
        assert_eq!(told(&desk, &disk, 0, 0), Ok(()), "it stands on the screen");

        desk.press(Key::Escape);
        assert!(told(&desk, &disk, 0, 0).is_err(), "nobody noted what it said, and it stands there no more");
    }

    #[test]
    fn a_till_that_shows_money_which_nobody_has_is_caught() {
        let mut desk = TestRegister::with_disk(Disk::new(), 1);
        desk.charge("18.50");
        desk.pass_ms(1_000);
        assert_eq!(believes_rightly(&desk), Ok(()));

        desk.world = World::new(2, MORNING_MS);
        assert!(believes_rightly(&desk).is_err());
    }

    #[test]
    fn a_till_that_does_not_sell_on_is_caught() {
        let mut desk = TestRegister::with_disk(Disk::new(), 1);
        assert_eq!(sells_on(&mut desk), Ok(()));

        desk.world.set_network_down(true);
        assert!(sells_on(&mut desk).is_err(), "no code is taken");
    }
}
