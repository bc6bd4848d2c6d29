//! The bank: a double-entry book. Every movement takes from one account exactly what it gives to another.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The name of an account.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Account(String);

impl Account {
    /// Everything that is not in the sandbox: where a wallet's first money comes from. May go below zero.
    pub fn outside() -> Account {
        Account("outside".into())
    }

    /// A wallet's balance.
    pub fn wallet(id: u32) -> Account {
        Account(format!("wallet/{id}"))
    }

    /// The merchant's settlement account.
    pub fn merchant() -> Account {
        Account("merchant".into())
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// One movement: `debit` loses what `credit` gains.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Posting {
    /// When, UTC milliseconds.
    pub at_ms: i64,
    /// The account that gave.
    pub debit: Account,
    /// The account that received.
    pub credit: Account,
    /// How much, above zero.
    pub amount_fen: i64,
    /// Why: `pay`, `reverse`, `refund` or `top-up`, and the number it belongs to.
    pub reason: String,
}

/// The account does not hold enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotEnough;

/// All postings and the balances they add up to.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct Bank {
    postings: Vec<Posting>,
    balances: BTreeMap<Account, i64>,
}

impl Bank {
    /// Moves money, or declines and moves nothing.
    pub fn transfer(&mut self, posting: Posting) -> Result<(), NotEnough> {
        assert!(posting.amount_fen > 0, "a posting moves a positive amount");
        assert!(posting.debit != posting.credit, "a posting has two sides");

        let giver_after = self.balance(&posting.debit).checked_sub(posting.amount_fen).ok_or(NotEnough)?;
        if giver_after < 0 && posting.debit != Account::outside() {
            return Err(NotEnough);
        }
        let receiver_after =
            self.balance(&posting.credit).checked_add(posting.amount_fen).ok_or(NotEnough)?;
        self.balances.insert(posting.debit.clone(), giver_after);
        self.balances.insert(posting.credit.clone(), receiver_after);
        self.postings.push(posting);

        assert_eq!(self.balances.values().map(|fen| i128::from(*fen)).sum::<i128>(), 0, "the book balances");
        Ok(())
    }

    /// What an account holds.
    pub fn balance(&self, account: &Account) -> i64 {
        self.balances.get(account).copied().unwrap_or(0)
    }

    /// Every account with its balance; they add up to zero.
    pub fn balances(&self) -> &BTreeMap<Account, i64> {
        &self.balances
    }

    /// Every movement, oldest first.
    pub fn postings(&self) -> &[Posting] {
        &self.postings
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_transfer_without_cover_moves_nothing() {
        let mut bank = Bank::default();
        bank.transfer(posting(Account::outside(), Account::wallet(0), 100)).unwrap();

        let declined = bank.transfer(posting(Account::wallet(0), Account::merchant(), 101));

        assert_eq!(declined, Err(NotEnough));
        assert_eq!(bank.balance(&Account::wallet(0)), 100, "the wallet keeps its money");
        assert_eq!(bank.postings().len(), 1, "a declined transfer leaves no posting");
    }

    proptest! {
        #[test]
        fn balances_are_the_sum_of_the_postings(moves in prop::collection::vec((0u8..4, 0u8..4, 1i64..500), 0..60)) {
            let accounts = [Account::outside(), Account::wallet(0), Account::wallet(1), Account::merchant()];
            let mut bank = Bank::default();
            for (from, to, amount) in moves {
                if from != to {
                    let _ = bank.transfer(posting(
                        accounts[usize::from(from)].clone(),
                        accounts[usize::from(to)].clone(),
                        amount,
                    ));
                }
            }

            for account in &accounts {
                let credited: i64 = bank.postings().iter().filter(|p| p.credit == *account).map(|p| p.amount_fen).sum();
                let debited: i64 = bank.postings().iter().filter(|p| p.debit == *account).map(|p| p.amount_fen).sum();
                prop_assert_eq!(bank.balance(account), credited - debited);
                prop_assert!(*account == Account::outside() || bank.balance(account) >= 0);
            }
        }
    }

    fn posting(debit: Account, credit: Account, amount_fen: i64) -> Posting {
        Posting { at_ms: 0, debit, credit, amount_fen, reason: "test".into() }
    }
}
