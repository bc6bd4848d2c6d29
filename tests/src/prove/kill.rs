//! Kill anywhere: the till is killed at every storage call of every reference flow, and started again.
//!
//! A *point* is one flow and one place in it: before a storage call, in the middle of one that writes, and right after the last one
//! before a request left, so that the request never left. Between those nothing can be told apart: the disk is the same, and so is
//! the world outside. The seed is the number of the first point; with `--count 1` it is the only one.

use guitai_test_disk::{Call, Disk, Stop};

use super::Order;
use super::cores::{on_all_cores, points_on_all_cores};
use super::story::{Story, Undisturbed};
use crate::desk::TestRegister;
use crate::flows::play;
use crate::{check_books, integrity};

struct Point {
    story: Story,
    stop: Stop,
}

/// Tries `order.count` points, spread evenly from the seed's on; all of them where there are no more.
///
/// # Errors
/// The first point after which the books are not right.
pub fn run(order: Order) -> Result<String, String> {
    let stories = Story::all();
    let points: Vec<Point> =
        on_all_cores(u64::MAX, stories.len() as u64, |_| 1, |number| points_of(&stories, number))?
            .into_iter()
            .flatten()
            .collect();
    let total = points.len() as u64;
    let name = |at: usize| format!("{}, {:?}", points[at].story.name(), points[at].stop);
    let tried =
        points_on_all_cores("kill", order, total, name, |at| points[at].try_it(at, TestRegister::kill))?;
    Ok(format!(
        "{} of {total} points in {} flows, 0 broken; {} of them left a payment open",
        tried.len(),
        stories.len(),
        tried.iter().filter(|open| **open).count(),
    ))
}

/// Every point of a story, from living through it once undisturbed.
fn points_of(stories: &[Story], number: u64) -> Result<Vec<Point>, String> {
    let story = stories[usize::try_from(number).expect("an index")];
    let Undisturbed { log, left_at } = story.undisturbed()?;
    let numbered = || log.iter().zip(1..);
    let before = numbered().map(|(_, at)| Stop::Before(at));
    let within = numbered().filter(|(call, _)| **call == Call::Write).map(|(_, at)| Stop::Within(at));
    let after = left_at.into_iter().map(Stop::After);
    Ok(before.chain(within).chain(after).map(|stop| Point { story, stop }).collect())
}

impl Point {
    /// Whether the kill left a payment open. `kill` is how the till dies.
    fn try_it(&self, number: usize, kill: fn(&mut TestRegister)) -> Result<bool, String> {
        self.on(&self.story.disk(), number, kill)
    }

    fn on(&self, disk: &Disk, number: usize, kill: fn(&mut TestRegister)) -> Result<bool, String> {
        disk.stop(self.stop);
        let mut desk = self.story.desk(disk.clone());
        play(&mut desk, self.story.flow);
        if !disk.is_frozen() {
            return Err("the point was never reached: the flow went another way".to_owned());
        }
        kill(&mut desk);
        desk.wall_off_ms = 0;
        // Started again at once, or after the customer has gone.
        desk.turn_on_after(if number.is_multiple_of(2) { 0 } else { 70_000 });
        if let Some(message) = desk.refused() {
            return Err(format!("the till does not start: {} {}", message.code, message.en));
        }
        integrity(disk)?;
        let left_open =
            !desk.register().db().unfinished_payments().map_err(|damage| damage.to_string())?.is_empty();
        desk.world.set_network_down(false);
        desk.come_to_rest(self.story.flow.with_late_money());
        check_books(&mut desk)?;
        self.story.check_receipts(&desk)?;
        Ok(left_open)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The points of one flow.
    fn points(name: &str) -> Vec<Point> {
        let stories = Story::all();
        let at = stories.iter().position(|story| story.flow.name == name).expect("a flow");
        points_of(&stories, at as u64).expect("it goes undisturbed")
    }

    #[test]
    fn a_flow_is_cut_before_and_inside_its_writes_and_before_its_requests_leave() {
        let points = points("lost_answer");
        let count = |is: fn(&Stop) -> bool| points.iter().filter(|point| is(&point.stop)).count();

        assert!(count(|stop| matches!(stop, Stop::Before(_))) > 50);
        assert!(count(|stop| matches!(stop, Stop::Within(_))) > 25);
        assert_eq!(count(|stop| matches!(stop, Stop::After(_))), 3, "a charge and two queries");
        for (number, point) in (0..).zip(&points).step_by(7) {
            point.try_it(number, TestRegister::kill).unwrap_or_else(|why| panic!("{:?}: {why}", point.stop));
        }
    }

    #[test]
    fn a_till_that_acts_before_it_has_written_is_caught() {
        // What it wrote last is gone when it starts again, as if it had meant to write it later.
        let points = points("lost_answer");
        let caught = (0..).zip(&points).filter(|(number, point)| {
            let disk = point.story.disk();
            disk.normally_synchronous();
            point.on(&disk, *number, |desk| desk.cut_power(|_| 0)).is_err()
        });

        assert!(caught.count() > 10);
    }
}
