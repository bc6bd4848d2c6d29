//! A customer's wallet: payment codes that change every minute, a balance at the bank, and a will of its own.
//!
//! The wallet decides *how* it answers a charge; the money itself is the bank's.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::beijing;
use crate::dice::Dice;

/// How long a code is shown before the next one takes its place.
pub const CODE_SHOWN_MS: i64 = 60_000;
/// How long after its birth a code is still taken: a customer may have shown it in its last second.
pub const CODE_TAKEN_MS: i64 = 70_000;
/// How long the wallet waits for the password before it gives up by itself.
pub const PASSWORD_PROMPT_MS: i64 = 45_000;
/// Amounts from here on ask for the password, unless the wallet says otherwise.
pub const PASSWORD_LIMIT_FEN: i64 = 100_000;
/// Payments a day without a password; the next one asks.
const FREE_PAYMENTS_A_DAY: u32 = 10;
/// Old codes remembered, so that a late scan is told why it was refused.
const RETIRED_KEPT: usize = 64;

/// What the customer does with the next payments.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Behaviour {
    /// Pays; the usual password rules hold.
    #[default]
    Pay,
    /// Is asked for the password every time.
    AskPassword,
    /// Does not pay.
    Refuse(Refusal),
}

/// Why a wallet does not pay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// The balance is too low, whatever it is.
    NotEnough,
    /// The code is treated as too old.
    CodeExpired,
    /// The code is treated as used already.
    CodeUsed,
    /// The code is treated as unknown.
    CodeInvalid,
    /// Risk control says no.
    Risk,
    /// The card behind the wallet is of the wrong kind.
    CardNotSupported,
    /// The bank gives no definite answer; the order stays unpaid.
    BankError,
    /// The provider gives no definite answer; the order stays unpaid.
    SystemError,
}

/// What the customer does with the password prompt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PasswordAnswer {
    /// The right password: the payment goes on.
    Right,
    /// A wrong password: the prompt stays.
    Wrong,
    /// Cancelled: the payment fails.
    Cancel,
}

/// Why a code was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CodeProblem {
    Used,
    Expired,
}

/// A payment code: whoever shows it, pays. Prints as `***`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PaymentCode {
    digits: String,
    born_ms: i64,
    used: bool,
}

impl fmt::Debug for PaymentCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl PaymentCode {
    /// 18 digits beginning with 10 to 15; the rest says nothing about wallet or time.
    fn roll(dice: &mut Dice, now_ms: i64) -> PaymentCode {
        let prefix = 10 + dice.below(6);
        PaymentCode { digits: format!("{prefix}{}", dice.digits(16)), born_ms: now_ms, used: false }
    }
}

/// One customer's wallet.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Wallet {
    pub(crate) id: u32,
    pub(crate) openid: String,
    pub(crate) password_limit_fen: i64,
    pub(crate) behaviour: Behaviour,
    code: PaymentCode,
    retired: Vec<PaymentCode>,
    free_payments: (i64, u32),
}

impl Wallet {
    pub(crate) fn new(id: u32, dice: &mut Dice, now_ms: i64) -> Wallet {
        Wallet {
            id,
            openid: format!("oSB{}", dice.letters(25)),
            password_limit_fen: PASSWORD_LIMIT_FEN,
            behaviour: Behaviour::Pay,
            code: PaymentCode::roll(dice, now_ms),
            retired: Vec::new(),
            free_payments: (0, 0),
        }
    }

    /// The code the wallet shows now. A clock set back makes a new one, too.
    pub(crate) fn show_code(&mut self, dice: &mut Dice, now_ms: i64) -> &str {
        if !(self.code.born_ms..self.code.born_ms + CODE_SHOWN_MS).contains(&now_ms) {
            self.renew(dice, now_ms);
        }
        &self.code.digits
    }

    /// How long the shown code stays on the screen.
    pub(crate) fn shown_for_ms(&self, now_ms: i64) -> i64 {
        (self.code.born_ms + CODE_SHOWN_MS - now_ms).clamp(0, CODE_SHOWN_MS)
    }

    /// Whether this wallet ever showed the code (as far as it remembers), and what is wrong with it.
    pub(crate) fn recognises(&self, digits: &str, now_ms: i64) -> Option<Result<(), CodeProblem>> {
        let code = std::iter::once(&self.code).chain(&self.retired).find(|code| code.digits == digits)?;
        Some(if code.used {
            Err(CodeProblem::Used)
        } else if (code.born_ms..code.born_ms + CODE_TAKEN_MS).contains(&now_ms) {
            Ok(())
        } else {
            Err(CodeProblem::Expired)
        })
    }

    /// Takes the code out of use for ever and shows a new one.
    pub(crate) fn use_up(&mut self, digits: &str, dice: &mut Dice, now_ms: i64) {
        if self.code.digits == digits {
            self.renew(dice, now_ms);
        }
        let code = self.retired.iter_mut().find(|code| code.digits == digits);
        code.expect("only a recognised code is used up").used = true;
    }

    /// Whether this amount asks for the password; counts the payments that do not.
    pub(crate) fn asks_password(&mut self, amount_fen: i64, now_ms: i64) -> bool {
        let today = beijing::day(now_ms);
        if self.free_payments.0 != today {
            self.free_payments = (today, 0);
        }
        let asks = self.behaviour == Behaviour::AskPassword
            || amount_fen >= self.password_limit_fen
            || self.free_payments.1 >= FREE_PAYMENTS_A_DAY;
        if !asks {
            self.free_payments.1 += 1;
        }
        asks
    }

    fn renew(&mut self, dice: &mut Dice, now_ms: i64) {
        let old = std::mem::replace(&mut self.code, PaymentCode::roll(dice, now_ms));
        self.retired.push(old);
        if self.retired.len() > RETIRED_KEPT {
            self.retired.remove(0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_look_like_the_providers() {
        let (mut wallet, mut dice) = wallet();

        for minute in 0..50 {
            let code = wallet.show_code(&mut dice, minute * CODE_SHOWN_MS).to_owned();
            assert_eq!(code.len(), 18);
            assert!(code.bytes().all(|byte| byte.is_ascii_digit()));
            assert!((10..=15).contains(&code[..2].parse::<u32>().unwrap()), "prefix of a payment code");
        }
    }

    #[test]
    fn a_code_changes_every_minute_and_the_old_one_is_taken_a_little_longer() {
        let (mut wallet, mut dice) = wallet();
        let first = wallet.show_code(&mut dice, 0).to_owned();

        assert_eq!(wallet.show_code(&mut dice, CODE_SHOWN_MS - 1), first, "the minute is not over");
        assert_ne!(wallet.show_code(&mut dice, CODE_SHOWN_MS), first, "a minute has passed");
        assert_eq!(wallet.recognises(&first, CODE_TAKEN_MS - 1), Some(Ok(())), "shown in its last second");
        assert_eq!(wallet.recognises(&first, CODE_TAKEN_MS), Some(Err(CodeProblem::Expired)));
    }

    #[test]
    fn a_used_code_is_dead_and_replaced_at_once() {
        let (mut wallet, mut dice) = wallet();
        let first = wallet.show_code(&mut dice, 0).to_owned();

        wallet.use_up(&first, &mut dice, 1);

        assert_ne!(wallet.show_code(&mut dice, 1), first);
        assert_eq!(wallet.recognises(&first, 2), Some(Err(CodeProblem::Used)));
        assert_eq!(wallet.recognises("101234567890123456", 2), None, "somebody else's code");
    }

    #[test]
    fn the_eleventh_payment_of_a_day_asks_for_the_password() {
        let (mut wallet, _) = wallet();

        let asked: Vec<bool> = (0..11).map(|_| wallet.asks_password(100, 0)).collect();

        assert_eq!(asked, [[false; 10].as_slice(), &[true]].concat());
        assert!(!wallet.asks_password(100, 24 * 3_600_000), "a new day starts a new count");
        assert!(wallet.asks_password(PASSWORD_LIMIT_FEN, 24 * 3_600_000), "a large amount always asks");
    }

    #[test]
    fn a_code_never_shows_in_debug_output() {
        let (mut wallet, mut dice) = wallet();
        let code = wallet.show_code(&mut dice, 0).to_owned();

        assert!(!format!("{wallet:?}").contains(&code));
    }

    fn wallet() -> (Wallet, Dice) {
        let mut dice = Dice::new(7);
        (Wallet::new(0, &mut dice, 0), dice)
    }
}
