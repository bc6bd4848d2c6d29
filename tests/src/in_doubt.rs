//! The desk for what is in doubt, as the cashier and the manager use it.

use guitai_app::view::{DeskAct, Doing, MessageView};

use crate::desk::TestRegister;
use crate::wire::OtherSide;

impl<W: OtherSide> TestRegister<W> {
    /// The payments that wait for somebody to say what is to be done with late money.
    #[must_use]
    pub fn late_money(&self) -> Vec<String> {
        let rows = self.register().desk(self.now()).map_or_else(|_| Vec::new(), |desk| desk.rows);
        rows.into_iter().filter(|row| row.doing == Doing::PaidLate).map(|row| row.payment).collect()
    }

    /// The cashier chooses something for a payment on the desk. What the till asks for is not carried out yet.
    ///
    /// # Errors
    /// Why it is not possible.
    pub fn act(&mut self, payment: &str, act: DeskAct) -> Result<(), MessageView> {
        let now = self.now();
        self.register_mut().act(payment, act, now)
    }

    /// The first payment on the desk for which this is possible; a manager does what only a manager may. Nothing where the till
    /// refuses or has none.
    pub fn act_on_first(&mut self, act: DeskAct) {
        if !self.is_on() {
            return;
        }
        let now = self.now();
        let rows = self.register().desk(now).map_or_else(|_| Vec::new(), |desk| desk.rows);
        let can = |row: &&guitai_app::view::DeskRow| row.acts.iter().any(|can| can.act == act && can.enabled);
        if let Some(payment) = rows.iter().find(can).map(|row| row.payment.clone()) {
            let register = self.register_mut();
            let done = match act {
                DeskAct::SettlePaid | DeskAct::SettleUnpaid | DeskAct::Refunded | DeskAct::Review => {
                    register.recognise(true, now).and_then(|manager| {
                        register.act_as_manager(&manager, &payment, act, "seen on the phone", now)
                    })
                }
                DeskAct::AskNow | DeskAct::TakeBack | DeskAct::Book | DeskAct::GiveBack | DeskAct::TakeUp => {
                    register.act(&payment, act, now)
                }
            };
            self.seen.messages.extend(done.err().map(|message| message.code));
        }
        self.settle();
    }

    /// Lets everything come to rest. With late money, which only a person can decide about, this is done.
    pub fn come_to_rest(&mut self, with_late_money: DeskAct) {
        self.run_until_idle();
        while self.is_on() && !self.late_money().is_empty() {
            self.act_on_first(with_late_money);
            self.run_until_idle();
        }
    }
}
