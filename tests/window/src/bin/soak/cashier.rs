//! A robot at the counter. It knows what a cashier knows, which is the word for what the counter shows, and has a keyboard and a
//! scanner.

use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Result, bail, ensure};
use guitai_sandbox::PasswordAnswer;
use guitai_window_tests::{keyboard, pause};

use crate::Shop;
use crate::books::UNFINISHED;
use crate::dice::Dice;
use crate::provider::Switches;
use crate::till::{count, counter, is_ready, records};

const WINDOW: &str = "Guitai 柜台";
const READY_WITHIN: Duration = Duration::from_secs(180);
/// Until a key shows on the counter.
const SEEN_WITHIN: Duration = Duration::from_secs(10);
const MISSES_MAX: u32 = 8;
/// No payment keeps a cashier from the next customer for longer: it can be set aside.
const FREE_WITHIN: Duration = Duration::from_secs(300);
/// Provider and till come to an agreement about everything in this time. The till goes on asking about a payment that the provider
/// does not know for minutes.
const REST_WITHIN: Duration = Duration::from_secs(1_800);

/// Whoever stands at the counter.
pub struct Cashier<'a> {
    pub(crate) shop: &'a Shop,
    pub(crate) switches: Switches,
    pub(crate) dice: Dice,
    /// Customers let go in a row because keys did not show.
    misses: u32,
}

impl Cashier<'_> {
    /// Comes to work.
    pub fn new(shop: &Shop, switches: Switches, dice: Dice) -> Cashier<'_> {
        Cashier { shop, switches, dice, misses: 0 }
    }

    /// Serves one customer after the other until the run is over.
    pub fn work(mut self) {
        while !self.shop.is_over() {
            match self.serve() {
                Ok(()) => add(&self.shop.tally.customers),
                // Nobody sells at a till that was killed under the hands: it is opened again with the next customer.
                Err(_) if !self.is_open() => {}
                Err(error) => self.start_over(&format!("{error:#}")),
            }
        }
    }

    /// Opens the till once more with everything in order, waits until nothing is unfinished, and ends it.
    pub fn close_up(&mut self) -> Result<()> {
        self.shop.till().kill();
        self.open_till()?;
        self.free_counter()?;
        let began = Instant::now();
        while count(&self.shop.folder, UNFINISHED)? > 0 {
            ensure!(began.elapsed() < REST_WITHIN, "payments stay unfinished though the provider answers");
            pause(500);
        }
        self.shop.till().kill();
        self.verify()
    }

    fn serve(&mut self) -> Result<()> {
        if !self.is_open() {
            self.open_till()?;
        }
        self.free_counter()?;
        pause(self.dice.between(100, 1_200));
        self.serve_one()
    }

    /// Brings the counter to where an amount can be typed, whatever stands there.
    fn free_counter(&mut self) -> Result<()> {
        let began = Instant::now();
        let mut same = 0;
        let mut before = String::new();
        while began.elapsed() < FREE_WITHIN {
            let state = counter(&self.shop.folder);
            if state == "idle" {
                return Ok(());
            }
            ensure!(self.is_open(), "the till is gone");
            same = if state == before { same + 1 } else { 0 };
            if same % 12 == 11 {
                // A screen may lie over the counter, or the keyboard be elsewhere.
                keyboard::focus(WINDOW)?;
                keyboard::press(&["Escape", "Escape"])?;
            }
            self.one_step(&state)?;
            pause(200);
            before = state;
        }
        bail!("the counter never becomes free: it is {:?}", counter(&self.shop.folder))
    }

    fn one_step(&mut self, state: &str) -> Result<()> {
        match state {
            "captured" => keyboard::press(&["Return"]),
            "charging" => Ok(()),
            "declined" if self.dice.percent(30) => keyboard::press(&["F7", "Return"]),
            "awaitingPayer" => {
                use PasswordAnswer::{Cancel, Right, Wrong};
                if self.dice.percent(30) {
                    self.switches.answer_password(self.dice.one_of(&[Right, Right, Right, Wrong, Cancel]));
                }
                if self.dice.percent(3) { keyboard::press(&["Escape"]) } else { Ok(()) }
            }
            "inDoubt" => match self.dice.below(30) {
                0 => keyboard::press(&["1"]),
                1 => keyboard::press(&["2", "Return"]),
                2..=4 => keyboard::press(&["3"]),
                _ => Ok(()),
            },
            // Amounts half typed, sales given up, and whatever else there is: a step back, and now and then ahead.
            _ if self.dice.percent(80) => keyboard::press(&["Escape"]),
            _ => keyboard::press(&["Return"]),
        }
    }

    /// Whether one of these words comes to stand on the counter. What was typed may have gone elsewhere, and a payment of an
    /// earlier customer may come up again: then this customer is let go. Not one after the other, though.
    pub fn sees(&mut self, words: &[&str]) -> Result<bool> {
        let began = Instant::now();
        while !words.contains(&counter(&self.shop.folder).as_str()) {
            if began.elapsed() > SEEN_WITHIN {
                ensure!(self.is_open(), "the till is gone");
                self.misses += 1;
                ensure!(
                    self.misses < MISSES_MAX,
                    "keys do not show on the counter, which should be {words:?}"
                );
                add(&self.shop.tally.missed);
                keyboard::focus(WINDOW)?;
                keyboard::press(&["Escape", "Escape", "Escape"])?;
                return Ok(false);
            }
            pause(20);
        }
        self.misses = 0;
        Ok(true)
    }

    fn is_open(&self) -> bool {
        self.shop.till().process().is_some()
    }

    /// Checks the file the last life left behind, starts the till, and takes the keyboard.
    fn open_till(&mut self) -> Result<()> {
        self.verify()?;
        self.shop.till().start()?;
        let began = Instant::now();
        while !is_ready(&self.shop.folder) {
            ensure!(self.is_open(), "killed while it started");
            if began.elapsed() > READY_WITHIN {
                bail!("the window does not become usable");
            }
            pause(20);
        }
        keyboard::focus(WINDOW)?;
        if self.dice.percent(50) {
            // The customer's display.
            keyboard::press(&["F12", "6"])?;
            pause(1_000);
            keyboard::focus(WINDOW)?;
        }
        Ok(())
    }

    fn verify(&mut self) -> Result<()> {
        // A till killed in its very first moments has nothing yet.
        if records(&self.shop.folder).is_err() {
            return Ok(());
        }
        let output = self.shop.till().ctl(&["verify"])?;
        add(&self.shop.tally.verified);
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stdout).into_owned();
            self.shop.note_broken(&format!(
                "verify after a kill: {said}{}",
                String::from_utf8_lossy(&output.stderr)
            ));
        }
        Ok(())
    }

    /// A cashier who cannot get on is a fault; a picture is taken, and the till started anew.
    fn start_over(&mut self, why: &str) {
        let picture = self.shop.folder.join(format!("stuck-{}.png", self.shop.now_s()));
        let _ = Command::new("scrot").arg("--overwrite").arg(&picture).status();
        self.shop.note_broken(&format!("{why} (see {})", picture.display()));
        self.shop.till().kill();
    }
}

/// One more.
pub fn add(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}
