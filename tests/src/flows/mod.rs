//! Reference flows: a sale from the first key to the receipt, as a list of what is done at the desk.

mod doubt;
mod in_doubt;
mod plain;
mod refused;
mod trouble;

use guitai_app::view::{DeskAct, Key};
use guitai_sandbox::{Behaviour, Fault, PasswordAnswer, Verb};

use crate::desk::{TestRegister, keys_of};
use crate::wire::OtherSide;

/// Something done at the desk, or to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// An amount is typed, key by key.
    Type(&'static str),
    /// A key is pressed.
    Press(Key),
    /// The phone is scanned.
    Scan,
    /// The scanner reads the last code once more, if there was one.
    ScanAgain,
    /// The scanner reads something else.
    Read(&'static str),
    /// Time passes.
    Pass(i64),
    /// The customer types into the password prompt.
    Password(PasswordAnswer),
    /// From here on the customers do this.
    Customer(Behaviour),
    /// The next requests meet this fault.
    Fault(Fault, Verb, u32),
    /// The next charge sticks in the network for so long.
    LateCharge(i64),
    /// The network goes down or comes back.
    Network(bool),
    /// The till's wall clock is so far ahead of the true time.
    Clock(i64),
    /// Something is done on the desk about the first payment there for which it can be done.
    OnDesk(DeskAct),
    /// The till dies and is started again after so long.
    Restart(i64),
}

/// A flow: what is done at the desk, and how it ends when nothing comes between.
#[derive(Debug, Clone, Copy)]
pub struct Flow {
    /// Its name.
    pub name: &'static str,
    /// What is done at the desk.
    pub acts: &'static [Act],
    /// Receipts at its end.
    pub receipts: usize,
}

impl Flow {
    /// What its cashier does with late money.
    #[must_use]
    pub fn with_late_money(&self) -> DeskAct {
        let gives_back = self.acts.contains(&Act::OnDesk(DeskAct::GiveBack));
        if gives_back { DeskAct::GiveBack } else { DeskAct::Book }
    }
}

/// The flows that a till must live through however it dies.
pub fn flows() -> impl Iterator<Item = &'static Flow> {
    [plain::FLOWS, refused::FLOWS, doubt::FLOWS, in_doubt::FLOWS, trouble::FLOWS].into_iter().flatten()
}

const ENTER: Act = Act::Press(Key::Enter);
const ESCAPE: Act = Act::Press(Key::Escape);
const CLEAR: Act = Act::Press(Key::Clear);
const CASH: Act = Act::Press(Key::Cash);
const ASIDE: Act = Act::Press(Key::Digit3);

/// Does everything of a flow in order, until the till is off.
pub fn play<W: OtherSide>(desk: &mut TestRegister<W>, flow: &Flow) {
    for act in flow.acts {
        if !desk.is_on() {
            return;
        }
        act.play(desk);
    }
}

impl Act {
    /// Does it.
    pub fn play<W: OtherSide>(self, desk: &mut TestRegister<W>) {
        match self {
            Act::Type(amount) => keys_of(amount).into_iter().for_each(|key| desk.press(key)),
            Act::Press(key) => desk.press(key),
            Act::Scan => {
                desk.scan_phone();
            }
            Act::ScanAgain => {
                if let Some(code) = desk.codes.last().cloned() {
                    desk.scan(&code);
                }
            }
            Act::Read(text) => desk.scan(text),
            Act::Pass(ms) => desk.pass_ms(ms),
            Act::Password(answer) => desk.answer_password(answer),
            Act::Customer(behaviour) => desk.world.behave(behaviour),
            Act::Fault(fault, verb, times) => desk.world.meet(fault, verb, times),
            Act::LateCharge(ms) => desk.delay_next_charge(ms),
            Act::Network(up) => desk.world.connect(up),
            Act::Clock(ms) => desk.wall_off_ms = ms,
            Act::OnDesk(act) => desk.act_on_first(act),
            Act::Restart(ms) => desk.restart_after(ms),
        }
    }
}
