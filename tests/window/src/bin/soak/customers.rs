//! What customers want: to pay, mostly.

use anyhow::{Result, ensure};
use guitai_sandbox::{Behaviour, Refusal, WalletChange};
use guitai_window_tests::{keyboard, pause};

use crate::cashier::{Cashier, add};

/// Between the keys of a person and of a scanner, in ms.
const PERSON_MS: u32 = 110;
const SCANNER_MS: u32 = 5;

const REFUSALS: [Refusal; 8] = [
    Refusal::NotEnough,
    Refusal::CodeExpired,
    Refusal::CodeUsed,
    Refusal::CodeInvalid,
    Refusal::Risk,
    Refusal::CardNotSupported,
    Refusal::BankError,
    Refusal::SystemError,
];

impl Cashier<'_> {
    /// The next customer, or what else happens at a counter.
    pub fn serve_one(&mut self) -> Result<()> {
        match self.dice.below(100) {
            0..=69 => self.sell(),
            70..=79 => self.sell_for_cash(),
            80..=84 => self.change_mind(),
            85..=91 => self.look_around(),
            92..=94 => keyboard::scan("6901234567892", SCANNER_MS),
            95..=97 => keyboard::type_text(self.dice.one_of(&["..", "00", "1.234", "12.5.", "7"]), PERSON_MS),
            _ => self.start_second_copy(),
        }
    }

    fn sell(&mut self) -> Result<()> {
        let behaviour = match self.dice.below(100) {
            0..=84 => Behaviour::Pay,
            85..=91 => Behaviour::AskPassword,
            _ => Behaviour::Refuse(self.dice.one_of(&REFUSALS)),
        };
        let change = WalletChange {
            behaviour: Some(behaviour),
            balance_fen: self.dice.percent(10).then_some(30_000_000),
            ..WalletChange::default()
        };
        self.switches.set_wallet(&change);
        if !self.enter_amount()? {
            return Ok(());
        }
        if self.dice.percent(10) {
            keyboard::press(&["Return"])?;
        }
        // A customer whose phone has no network shows a code all the same.
        let code =
            self.switches.code().unwrap_or_else(|| format!("13{:016}", self.dice.below(10_000_000_000)));
        self.scan(&code)?;
        match self.dice.below(20) {
            0 => self.scan(&code),
            1 => {
                let other = format!("10{:016}", self.dice.below(10_000_000_000));
                self.scan(&other)
            }
            2 => keyboard::press(&["Return", "Return"]),
            3 => keyboard::press(&["Escape"]),
            4 => keyboard::press(&["F7", "Return"]),
            _ => Ok(()),
        }
    }

    fn scan(&mut self, code: &str) -> Result<()> {
        add(&self.shop.tally.scans);
        keyboard::scan(code, SCANNER_MS)
    }

    fn sell_for_cash(&mut self) -> Result<()> {
        if !self.enter_amount()? {
            return Ok(());
        }
        keyboard::press(&["F7"])?;
        if !self.sees(&["cash"])? {
            return Ok(());
        }
        if self.dice.percent(50) {
            keyboard::type_text("1000", PERSON_MS)?;
        }
        keyboard::press(&["Return"])?;
        self.sees(&["captured"]).map(|_| ())
    }

    fn change_mind(&mut self) -> Result<()> {
        if !self.enter_amount()? {
            return Ok(());
        }
        keyboard::press(&["Escape"])
    }

    /// An amount, confirmed: from here on it is on disk.
    fn enter_amount(&mut self) -> Result<bool> {
        let yuan = if self.dice.percent(3) { self.dice.between(1_000, 1_500) } else { self.dice.below(900) };
        keyboard::type_text(&format!("{yuan}.{:02}", self.dice.between(1, 99)), PERSON_MS)?;
        if !self.sees(&["entering"])? {
            return Ok(false);
        }
        keyboard::press(&["Return"])?;
        if yuan >= 1_000 {
            if !self.sees(&["confirming"])? {
                return Ok(false);
            }
            keyboard::press(&["Return"])?;
        }
        self.sees(&["armed"])
    }

    /// The other screens, and back.
    fn look_around(&mut self) -> Result<()> {
        let mut keys = ["Down", "Down", "Up", "Next", "Prior", "Return", "Return"];
        match self.dice.below(8) {
            0..=2 => {
                // At the desk Enter is the one sensible act, and what cannot be taken back wants a Y.
                keys = ["Down", "Return", "Return", "t", "g", "b", "y"];
                keyboard::press(&["F9"])?;
            }
            3 => keyboard::press(&["F10"])?,
            4 => keyboard::press(&["F12", "2"])?,
            5 => keyboard::press(&["F12", "4"])?,
            6 => keyboard::press(&["F1"])?,
            _ => keyboard::press(&["F6"])?,
        }
        for _ in 0..self.dice.below(4) {
            pause(self.dice.between(50, 600));
            keyboard::press(&[self.dice.one_of(&keys)])?;
        }
        pause(self.dice.between(200, 1_500));
        keyboard::press(&["Escape", "Escape", "Escape"])
    }

    /// Somebody opens the program a second time on the same folder.
    fn start_second_copy(&mut self) -> Result<()> {
        let output = {
            let mut till = self.shop.till();
            ensure!(till.process().is_some(), "the till is gone");
            till.ctl(&["cash", "1"])?
        };
        let said =
            String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        if output.status.success() || !said.contains("D-20") {
            self.shop.note_broken(&format!("a second copy was not refused: {said}"));
        }
        add(&self.shop.tally.refused);
        Ok(())
    }
}
