//! What the cashier does at the counter, and the customer with the phone.

use guitai_app::view::{CounterView, Key};
use guitai_domain::Fen;

use super::draw::WALLETS;
use super::life::{FULL_FEN, Life};
use super::plan::yuan;
use super::watch::{Broken, Says, broken};
use crate::desk::keys_of;

/// A pause longer than this is slept through but for what has to be done.
const AWAKE_MS: i64 = 60_000;

impl Life<'_> {
    pub(super) fn press(&mut self, key: Key) -> Result<(), Broken> {
        self.desk.press(key);
        self.look()
    }

    pub(super) fn take_cash(&mut self, more_fen: i64) -> Result<(), Broken> {
        self.press(Key::Cash)?;
        let CounterView::Cash { due, .. } = self.desk.counter() else { return Ok(()) };
        if let (1.., Ok(due)) = (more_fen, Fen::from_yuan(&due)) {
            for key in keys_of(&yuan(due.0 + more_fen)) {
                self.press(key)?;
            }
        }
        self.press(Key::Enter)
    }

    pub(super) fn scan_slowly(&mut self, digits: u32) -> Result<(), Broken> {
        let now = self.desk.true_ms();
        let code = self.desk.world.payment_code(self.wallet, now);
        self.desk.codes.push(code.clone());
        let starts = self.desk.starts;
        for key in keys_of(&code).into_iter().take(digits as usize) {
            self.press(key)?;
        }
        // A till that was started in between has heard nothing of those keys.
        let undo = if self.desk.starts == starts { digits } else { 0 };
        self.desk.scan_with_undo(&code, undo);
        self.look()
    }

    pub(super) fn scan(&mut self, code: &str) -> Result<(), Broken> {
        self.desk.scan(code);
        self.look()
    }

    pub(super) fn wait(&mut self, ms: i64, for_an_answer: bool) -> Result<(), Broken> {
        let until = self.desk.true_ms() + ms;
        let drowsy = self.desk.true_ms() + AWAKE_MS;
        while self.desk.one_event(until) {
            // Nobody needs to see the till look whether the line is up, every three seconds of a night.
            self.desk.rest(self.desk.true_ms() > drowsy);
            self.look()?;
            if for_an_answer && self.watch.says != Says::Open {
                break;
            }
        }
        self.desk.rest(false);
        self.look()
    }

    pub(super) fn ring(&mut self, fen: i64, patience: u8) -> Result<(), Broken> {
        self.get_free(patience)?;
        self.sales += 1;
        let now = self.desk.true_ms();
        if self.sales.is_multiple_of(16) {
            for wallet in 0..WALLETS {
                self.desk.world.set_balance(wallet, FULL_FEN, now);
            }
        }
        for key in keys_of(&yuan(fen)) {
            self.press(key)?;
        }
        self.press(Key::Enter)?;
        if matches!(self.desk.counter(), CounterView::Confirming { .. }) {
            self.press(Key::Enter)
        } else {
            Ok(())
        }
    }

    /// Brings the counter to where an amount can be typed, the way a cashier would.
    pub(super) fn get_free(&mut self, patience: u8) -> Result<(), Broken> {
        let mut waited = 0;
        for tries in 0..200 {
            // Somebody sees to a disk that keeps the queue waiting.
            if tries > 30 && self.desk.notice().starts_with('D') {
                self.disk.mend();
            }
            match self.desk.counter() {
                CounterView::Idle => return Ok(()),
                CounterView::Entering { .. } | CounterView::Confirming { .. } => self.press(Key::Clear)?,
                CounterView::Cash { .. } => {
                    self.press(Key::Clear)?;
                    self.press(Key::Escape)?;
                }
                CounterView::Armed { .. } | CounterView::Declined { .. } | CounterView::Reversed { .. } => {
                    self.press(Key::Escape)?;
                }
                CounterView::Captured { .. } => self.press(Key::Enter)?,
                CounterView::Charging { .. } => self.wait(1_000, true)?,
                CounterView::AwaitingPayer { .. } | CounterView::InDoubt { .. } if waited < patience => {
                    waited += 1;
                    self.wait(5_000, true)?;
                }
                CounterView::InDoubt { confirming: true, .. } => self.press(Key::Escape)?,
                CounterView::AwaitingPayer { .. } | CounterView::InDoubt { .. } => self.press(Key::Digit3)?,
            }
        }
        broken("the queue goes on", format!("the counter never becomes free: {:?}", self.desk.counter()))
    }
}
