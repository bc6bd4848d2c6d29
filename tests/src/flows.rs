//! Reference flows: a sale from the first key to the receipt, as a list of what is done at the desk.

use guitai_app::view::Key;
use guitai_sandbox::{Behaviour, Fault, PasswordAnswer, Refusal, TRAINEE, Verb, World};

use crate::desk::{TestRegister, keys_of};
use crate::wire::OtherSide;

/// Something done at the desk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// An amount is typed, key by key.
    Type(&'static str),
    /// A key is pressed.
    Press(Key),
    /// The phone is scanned.
    Scan,
    /// Time passes.
    Pass(i64),
    /// The customer types into the password prompt.
    Password(PasswordAnswer),
}

/// A flow: what the other side does, and what is done at the desk.
#[derive(Debug, Clone, Copy)]
pub struct Flow {
    /// Its name.
    pub name: &'static str,
    behaviour: Behaviour,
    faults: &'static [(Fault, Verb, u32)],
    /// What is done at the desk.
    pub acts: &'static [Act],
}

impl Flow {
    /// Makes the other side behave so.
    pub fn prepare(&self, world: &mut World) {
        world.set_behaviour(TRAINEE, self.behaviour);
        for (fault, verb, times) in self.faults {
            world.inject(*fault, *verb, *times);
        }
    }
}

const ENTER: Act = Act::Press(Key::Enter);

/// The flows that a till must live through however it dies.
pub const FLOWS: [Flow; 8] = [
    Flow {
        name: "captured",
        behaviour: Behaviour::Pay,
        faults: &[],
        acts: &[Act::Type("18.50"), ENTER, Act::Scan, Act::Pass(1_000), ENTER, Act::Pass(10_000)],
    },
    Flow {
        name: "declined",
        behaviour: Behaviour::Refuse(Refusal::NotEnough),
        faults: &[],
        acts: &[Act::Type("18.50"), ENTER, Act::Scan, Act::Pass(20_000), ENTER, Act::Press(Key::Escape)],
    },
    Flow {
        name: "declined_then_cash",
        behaviour: Behaviour::Refuse(Refusal::CodeExpired),
        faults: &[],
        acts: &[
            Act::Type("18.50"),
            ENTER,
            Act::Scan,
            Act::Pass(1_000),
            Act::Press(Key::Cash),
            Act::Type("20"),
            ENTER,
            Act::Pass(60_000),
        ],
    },
    Flow {
        name: "password",
        behaviour: Behaviour::AskPassword,
        faults: &[],
        acts: &[
            Act::Type("1200"),
            ENTER,
            ENTER,
            Act::Scan,
            Act::Pass(7_000),
            Act::Password(PasswordAnswer::Right),
            Act::Pass(6_000),
            ENTER,
        ],
    },
    Flow {
        name: "lost_answer",
        behaviour: Behaviour::Pay,
        faults: &[(Fault::DropAnswer, Verb::Pay, 1), (Fault::DropAnswer, Verb::Query, 1)],
        acts: &[Act::Type("7"), ENTER, Act::Scan, Act::Pass(12_000), ENTER],
    },
    Flow {
        name: "reversed",
        behaviour: Behaviour::Pay,
        faults: &[(Fault::DropRequest, Verb::Pay, 1), (Fault::DropAnswer, Verb::Reverse, 1)],
        acts: &[Act::Type("7.77"), ENTER, Act::Scan, Act::Pass(90_000), ENTER, Act::Press(Key::Escape)],
    },
    Flow {
        name: "paid_but_taken_back",
        // Nothing is heard of the payment until it is being taken back.
        behaviour: Behaviour::Pay,
        faults: &[
            (Fault::DropAnswer, Verb::Pay, 1),
            (Fault::StaleAnswer, Verb::Query, 20),
            (Fault::DropAnswer, Verb::Reverse, 1),
        ],
        acts: &[Act::Type("7.77"), ENTER, Act::Scan, Act::Pass(240_000), ENTER],
    },
    Flow {
        name: "cash",
        behaviour: Behaviour::Pay,
        faults: &[],
        acts: &[
            Act::Type("18.50"),
            ENTER,
            Act::Press(Key::Cash),
            Act::Type("20"),
            ENTER,
            Act::Pass(9_000),
            ENTER,
        ],
    },
];

/// Does everything of a flow in order.
pub fn play<W: OtherSide>(desk: &mut TestRegister<W>, flow: &Flow) {
    for act in flow.acts {
        match act {
            Act::Type(amount) => keys_of(amount).into_iter().for_each(|key| desk.press(key)),
            Act::Press(key) => desk.press(*key),
            Act::Scan => {
                desk.scan_phone();
            }
            Act::Pass(ms) => desk.pass_ms(*ms),
            Act::Password(answer) => desk.answer_password(*answer),
        }
    }
}
