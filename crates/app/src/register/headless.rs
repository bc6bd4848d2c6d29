//! Selling without a screen: whole acts, for scripts and integrators. The counter is not part of it.

use guitai_db::{Damage, Fact, PaymentRow, SaleState};
use guitai_domain::payment::State;
use guitai_domain::{Fen, Method, PaymentId, SaleId, Scan};
use rand_chacha::rand_core::Rng;

use super::{Doubt, Now, Register};
use crate::timeline::state_words;
use crate::view::{Doing, MessageView};
use crate::words;

/// Where a payment stands, for whoever follows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// The sale it is for.
    pub sale: SaleId,
    /// The payment.
    pub payment: PaymentId,
    /// How.
    pub method: Method,
    /// How much.
    pub amount: Fen,
    /// Where it stands.
    pub state: State,
    /// The provider's own number, once it has the money.
    pub provider_ref: Option<String>,
    /// The receipt's number, once the sale is paid.
    pub receipt_no: Option<String>,
    /// The state in words.
    pub message: MessageView,
}

impl Register {
    /// Sells for cash in one act: all of it is on disk, or nothing. Without `given` the customer gave exactly `amount`.
    ///
    /// # Errors
    /// What is wrong with the amounts, or with the disk.
    pub fn sell_for_cash(
        &mut self,
        amount: &str,
        given: Option<&str>,
        now: Now,
    ) -> Result<SaleId, MessageView> {
        let now = self.take_time(now);
        if self.clock.doubt() == Some(Doubt::NoTime) {
            return Err(words::no_time());
        }
        let amount = Fen::from_yuan(amount).map_err(words::amount)?;
        let given = given.map_or(Ok(amount), Fen::from_yuan).map_err(words::amount)?;
        let change = given.checked_sub(amount).filter(|change| *change >= Fen::ZERO);
        let change = change.ok_or_else(words::not_enough_cash)?;
        let identity = self.db.identity();
        let (till, epoch) = (identity.till, identity.epoch);
        let sale = SaleId::new(till, epoch, self.db.head().seq + 1, self.random.next_u64());
        let opened = Fact::opened(&sale, amount, self.settings.clock.business_date(now.wall));
        let completed = self
            .completion(&sale, Method::Cash, Some((given, change)), now)
            .map_err(|damage| words::damage(&damage))?;
        self.write(now, &[opened, completed]).map_err(|error| words::write(&error))?;
        Ok(sale)
    }

    /// Opens a sale and charges the scanned code for it.
    ///
    /// # Errors
    /// Why nothing was charged. Nothing has left the till then; what is wrong with amount or code leaves no trace.
    pub fn sell_by_code(
        &mut self,
        amount: &str,
        scanned: &str,
        device: &str,
        now: Now,
    ) -> Result<Progress, MessageView> {
        let now = self.take_time(now);
        let amount = Fen::from_yuan(amount).map_err(words::amount)?;
        let code = match Scan::recognise(scanned) {
            Scan::Payment(code) => code,
            other @ (Scan::Goods | Scan::Incomplete | Scan::Unknown | Scan::Receipt(_)) => {
                return Err(words::not_a_payment_code(&other, scanned));
            }
        };
        self.can_charge(&code, now.steady_ms, now)?;
        let sale = self.open_sale(amount, now).map_err(|error| words::write(&error))?;
        match self.charge(&sale, amount, &code, device, now) {
            Ok(payment) => self.progress(&sale, &payment),
            Err(message) => {
                // The refusal is what the caller must hear, whether or not the disk takes this one.
                let _ = self.void_sale(&sale, now);
                Err(message)
            }
        }
    }

    /// Where a payment stands.
    ///
    /// # Errors
    /// When there is no such payment, or the file cannot be read.
    pub fn progress(&self, sale: &SaleId, payment: &PaymentId) -> Result<Progress, MessageView> {
        let unreadable = |damage: Damage| words::damage(&damage);
        let payments = self.db.payments_of_sale(sale.as_str()).map_err(unreadable)?;
        let row = payments.into_iter().find(|row| row.id == *payment).ok_or_else(words::scan_no_receipt)?;
        let sale = self.db.sale(sale.as_str()).map_err(unreadable)?;
        Ok(progress_of(row, sale.and_then(|sale| sale.receipt_no)))
    }

    /// Gives up the sale of a payment that ended without money, where nobody is at the counter to try another way.
    /// A sale that is not open stays as it is.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn give_up_unpaid(&mut self, progress: &Progress, now: Now) -> Result<(), MessageView> {
        let now = self.take_time(now);
        match progress.state {
            State::Declined { .. }
            | State::NotSent
            | State::Reversed
            | State::SettledByManager { paid: false, .. } => {}
            State::Created
            | State::Sent
            | State::AwaitingPayer
            | State::InDoubt { .. }
            | State::Reversing { .. }
            | State::Unresolved
            | State::PaidLate
            | State::Captured
            | State::SettledByManager { paid: true, .. } => return Ok(()),
        }
        let sale = self.db.sale(progress.sale.as_str()).map_err(|damage| words::damage(&damage))?;
        if sale.is_some_and(|sale| sale.state == SaleState::Open) {
            self.void_sale(&progress.sale, now).map_err(|error| words::write(&error))?;
        }
        Ok(())
    }

    /// Gives up a sale that nobody pays, such as one whose amount was entered before the power failed.
    ///
    /// # Errors
    /// When there is no such sale, it is over, a payment for it has no result yet, or the disk refuses.
    pub fn give_up_sale(&mut self, sale: &str, now: Now) -> Result<SaleId, MessageView> {
        let now = self.take_time(now);
        let unreadable = |damage: Damage| words::damage(&damage);
        let row = self.db.sale(sale).map_err(unreadable)?.ok_or_else(words::scan_no_receipt)?;
        match row.state {
            SaleState::Open => {}
            SaleState::Completed | SaleState::Voided => return Err(words::sale_over()),
        }
        let payments = self.db.payments_of_sale(sale).map_err(unreadable)?;
        if payments.iter().any(|payment| !payment.state.is_final()) {
            return Err(words::on_desk(Doing::Querying, None, None));
        }
        self.void_sale(&row.id, now).map_err(|error| words::write(&error))?;
        Ok(row.id)
    }
}

fn progress_of(row: PaymentRow, receipt_no: Option<String>) -> Progress {
    let message = match row.state {
        State::Declined { reason, .. } => words::declined(reason),
        State::NotSent => words::not_sent(),
        State::Created
        | State::Sent
        | State::AwaitingPayer
        | State::InDoubt { .. }
        | State::Reversing { .. }
        | State::Unresolved
        | State::Captured
        | State::PaidLate
        | State::Reversed
        | State::SettledByManager { .. } => state_words(row.state.name()),
    };
    Progress {
        sale: row.sale,
        payment: row.id,
        method: row.method,
        amount: row.amount,
        state: row.state,
        provider_ref: row.provider_ref,
        receipt_no,
        message,
    }
}
