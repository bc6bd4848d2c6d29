//! What cashier and manager do at the desk for what is in doubt.

use guitai_app::view::{DeskAct, DeskRow};
use guitai_sandbox::OrderState;

use super::life::Life;
use super::watch::{Broken, broken};

const REASON: &str = "看了商户平台";

impl Life<'_> {
    /// What is on the desk; nothing where the disk does not let it be read.
    pub(super) fn rows(&self) -> Vec<DeskRow> {
        self.desk.register().desk(self.desk.now()).map(|desk| desk.rows).unwrap_or_default()
    }

    /// The cashier does something about a row, if it is offered.
    pub(super) fn at_desk(&mut self, row: usize, act: DeskAct) -> Result<(), Broken> {
        let rows = self.rows();
        match rows.get(row.checked_rem(rows.len()).unwrap_or(0)) {
            Some(row) => self.does(row, act).map(|_| ()),
            None => Ok(()),
        }
    }

    /// A manager goes through the desk, with the provider's pages at hand.
    pub(super) fn manage(&mut self) -> Result<(), Broken> {
        for row in self.rows() {
            let order = self.desk.world.booked(&row.payment);
            let paid = order.is_some_and(|order| order.state == OrderState::Success);
            let act = match paid {
                _ if offers(&row, DeskAct::Review) => DeskAct::Review,
                _ if offers(&row, DeskAct::Refunded) => {
                    let now = self.desk.true_ms();
                    self.desk.world.refund_by_hand(&row.payment, now);
                    self.refunded.insert(row.payment.clone());
                    DeskAct::Refunded
                }
                true => DeskAct::SettlePaid,
                false => DeskAct::SettleUnpaid,
            };
            self.does(&row, act)?;
        }
        Ok(())
    }

    /// Everything that waits for a person is decided: now so, now so.
    pub(super) fn decide(&mut self) -> Result<(), Broken> {
        for (at, row) in self.rows().into_iter().enumerate() {
            let [first, second] = match at % 2 {
                0 => [DeskAct::Book, DeskAct::GiveBack],
                _ => [DeskAct::GiveBack, DeskAct::Book],
            };
            if !self.does(&row, first)? {
                self.does(&row, second)?;
            }
        }
        self.manage()
    }

    /// Somebody does `act` about a row, if it is offered; whether it was done.
    fn does(&mut self, row: &DeskRow, act: DeskAct) -> Result<bool, Broken> {
        // Nobody books what has been refunded by hand.
        if !offers(row, act) || act == DeskAct::Book && self.refunded.contains(&row.payment) {
            return Ok(false);
        }
        let now = self.desk.now();
        let register = self.desk.register_mut();
        let done = match act.is_managers() {
            false => register.act(&row.payment, act, now),
            true => match register.recognise(true, now) {
                Ok(manager) => register.act_as_manager(&manager, &row.payment, act, REASON, now),
                Err(message) => Err(message),
            },
        };
        self.desk.settle();
        match done {
            Ok(()) => {}
            // What was offered is done, unless the disk refuses.
            Err(message) if message.code.starts_with('D') || !self.desk.is_on() => {}
            Err(message) => {
                let what = format!("{act:?} of {}: {}", row.amount, message.code);
                return broken("what is offered can be done", what);
            }
        }
        self.look().map(|()| true)
    }
}

fn offers(row: &DeskRow, act: DeskAct) -> bool {
    row.acts.iter().any(|offered| offered.act == act && offered.enabled)
}
