//! How a till is stopped and starts again, and how everything comes to rest.

use guitai_test_disk::Stop;

use super::life::Life;
use super::plan::Ending;
use super::watch::{Broken, broken};
use crate::chance::Chance;

/// How often a till is started on a disk in trouble; halfway somebody mends the disk.
const TRIES_TO_START: u32 = 6;

const HOUR_MS: i64 = 3_600_000;
/// Longer than any payment can take: a reversal works for seven days, and a word given by hand is listened for a while longer.
const LONGEST_MS: i64 = 9 * 24 * HOUR_MS;

impl Life<'_> {
    /// The disk has stopped the till: it was killed, or its power cut.
    pub(super) fn stop(&mut self) {
        self.desk.deaths += 1;
        match self.end.0 {
            Ending::Before | Ending::Within | Ending::After => self.desk.kill(),
            Ending::PowerCut(salt) => {
                self.power_cuts += 1;
                let mut chance = Chance::new(salt);
                self.desk.cut_power(|bound| chance.below(bound));
            }
        }
    }

    /// Starts a till that was stopped, or that did not start for its disk's sake.
    pub(super) fn start_again(&mut self) -> Result<(), Broken> {
        let mut off_ms = self.end.1;
        for tries in 0..TRIES_TO_START {
            if self.disk.is_frozen() {
                self.stop();
            }
            self.desk.turn_on_after(off_ms);
            if self.desk.is_on() {
                return Ok(());
            }
            match self.desk.refused() {
                Some(message) if message.code.starts_with('D') => {}
                _ if self.disk.is_frozen() => {}
                other => {
                    return broken(
                        "a disk in trouble is named",
                        format!("the till does not start: {other:?}"),
                    );
                }
            }
            off_ms = 30_000;
            if tries == TRIES_TO_START / 2 {
                self.disk.mend();
            }
        }
        broken("a till starts again", format!("on a disk that is well: {:?}", self.desk.refused()))
    }

    /// The line is well, the clock is right, nobody dies any more: everything gets its answer.
    pub(super) fn come_to_rest(&mut self) -> Result<(), Broken> {
        self.desk.dies_at = None;
        self.disk.stop(Stop::Before(u64::MAX));
        self.disk.mend();
        self.desk.unlock();
        self.desk.world.clear_faults();
        self.desk.world.set_network_down(false);
        self.desk.wall_off_ms = 0;
        self.until_idle()?;
        self.desk.restart();
        self.look()?;
        self.until_idle()
    }

    /// Lets time pass until nothing is asked any more and nothing waits for a person.
    pub(super) fn until_idle(&mut self) -> Result<(), Broken> {
        let give_up = self.desk.true_ms() + LONGEST_MS;
        loop {
            let until = self.desk.true_ms() + HOUR_MS;
            self.desk.rest(true);
            while self.desk.register().is_busy() && self.desk.one_event(until) {
                self.look()?;
            }
            self.desk.rest(false);
            self.look()?;
            let rows = self.rows();
            if rows.is_empty() && !self.desk.register().is_busy() {
                return Ok(());
            }
            if self.desk.true_ms() > give_up {
                return broken(
                    "everything comes to rest",
                    format!("{:?}, desk: {rows:?}", self.desk.counter()),
                );
            }
            self.decide()?;
        }
    }
}
