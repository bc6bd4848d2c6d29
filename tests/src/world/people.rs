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
        let Some(row) = rows.get(row.checked_rem(rows.len()).unwrap_or(0)) else { return Ok(()) };
        if row.acts.iter().any(|offered| offered.act == act && offered.enabled) {
            let now = self.desk.now();
            let done = self.desk.register_mut().act(&row.payment, act, now);
            self.desk.settle();
            self.offered(row, act, done.map_err(|message| message.code))?;
        }
        self.look()
    }

    /// A manager goes through the desk, with the provider's pages at hand.
    pub(super) fn manage(&mut self) -> Result<(), Broken> {
        for row in self.rows() {
            let offered = |act| row.acts.iter().any(|offered| offered.act == act && offered.enabled);
            let order = self.desk.world.booked(&row.payment);
            let paid = order.is_some_and(|order| order.state == OrderState::Success);
            let act = match paid {
                _ if offered(DeskAct::Review) => DeskAct::Review,
                true if offered(DeskAct::Refunded) => {
                    let now = self.desk.true_ms();
                    self.desk.world.refund_by_hand(&row.payment, now);
                    DeskAct::Refunded
                }
                true if offered(DeskAct::SettlePaid) => DeskAct::SettlePaid,
                false if offered(DeskAct::SettleUnpaid) => DeskAct::SettleUnpaid,
                true | false => continue,
            };
            self.as_manager(&row, act)?;
        }
        Ok(())
    }

    /// Everything that waits for a person is decided.
    pub(super) fn decide(&mut self) -> Result<(), Broken> {
        for (at, row) in self.rows().into_iter().enumerate() {
            let keep = row.payment.len().wrapping_add(at).is_multiple_of(2);
            for act in
                if keep { [DeskAct::Book, DeskAct::GiveBack] } else { [DeskAct::GiveBack, DeskAct::Book] }
            {
                let row = self.rows().into_iter().find(|other| other.payment == row.payment);
                if let Some(row) =
                    row.filter(|row| row.acts.iter().any(|offered| offered.act == act && offered.enabled))
                {
                    let now = self.desk.now();
                    let done = self.desk.register_mut().act(&row.payment, act, now);
                    self.desk.settle();
                    self.offered(&row, act, done.map_err(|message| message.code))?;
                    self.look()?;
                    break;
                }
            }
        }
        self.manage()
    }

    fn as_manager(&mut self, row: &DeskRow, act: DeskAct) -> Result<(), Broken> {
        let now = self.desk.now();
        let Ok(manager) = self.desk.register_mut().recognise(true, now) else { return Ok(()) };
        let done = self.desk.register_mut().act_as_manager(&manager, &row.payment, act, REASON, now);
        self.desk.settle();
        self.offered(row, act, done.map_err(|message| message.code))?;
        self.look()
    }

    /// What was offered is done, unless the disk refuses.
    fn offered(&self, row: &DeskRow, act: DeskAct, done: Result<(), String>) -> Result<(), Broken> {
        match done {
            Ok(()) => Ok(()),
            Err(code) if code.starts_with('D') || !self.desk.is_on() => Ok(()),
            Err(code) => broken("what is offered can be done", format!("{act:?} of {}: {code}", row.amount)),
        }
    }
}
