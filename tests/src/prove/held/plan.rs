//! What is held, for how long, and what the cashier and the customer do meanwhile.

use guitai_app::view::Key;
use guitai_sandbox::{Behaviour, Fault, PasswordAnswer, Refusal, Verb, Word, World};

use super::VERBS;
use crate::chance::Chance;

/// One world.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    pub seed: u64,
    /// The older protocol, whose refusals are signed.
    pub v2: bool,
    /// For pay, query and reverse.
    pub held: [Held; 3],
    pub held_ms: i64,
    pub customer: Behaviour,
    /// Each so long after the one before.
    pub presses: Vec<(i64, Press)>,
}

/// The kind of answer a call gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Held {
    /// True ones.
    True,
    /// This, for ever.
    One(Fault),
    /// These, one after another, again and again.
    Mixture(Vec<Fault>),
}

/// What somebody does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Press {
    Key(Key),
    Restart,
    Password(PasswordAnswer),
}

const MINUTE_MS: i64 = 60_000;

impl Plan {
    pub fn draw(seed: u64) -> Plan {
        let mut chance = Chance::new(seed ^ 0x4E1D);
        let kinds = kinds();
        let v2 = !chance.permille(60);
        let mixed = chance.permille(300);
        let held = VERBS.map(|verb| match verb {
            _ if chance.permille(80) => Held::True,
            // A charge is sent once.
            Verb::Query | Verb::Reverse if mixed => {
                Held::Mixture((0..1 + chance.below(6)).map(|_| chance.one_of(&kinds)).collect())
            }
            _ => Held::One(chance.one_of(&kinds)),
        });
        let held_ms = match chance.below(1_000) {
            0..700 => chance.between(61_000, 3 * MINUTE_MS),
            700..950 => chance.between(3 * MINUTE_MS, 20 * MINUTE_MS),
            950..997 => chance.between(20 * MINUTE_MS, 8 * 60 * MINUTE_MS),
            _ => chance.between(6 * 24 * 60 * MINUTE_MS, 8 * 24 * 60 * MINUTE_MS),
        };
        let presses =
            (0..chance.below(6)).map(|_| (chance.between(200, 25_000), press(&mut chance))).collect();
        Plan { seed, v2, held, held_ms, customer: chance.one_of(&CUSTOMERS), presses }
    }

    /// Puts what is held between the till and the truth.
    pub fn hold(&self, world: &mut World) {
        for (verb, held) in VERBS.into_iter().zip(&self.held) {
            match held {
                Held::True => {}
                Held::One(fault) => world.inject(*fault, verb, u32::MAX),
                Held::Mixture(faults) => {
                    let times = if self.held_ms > 60 * MINUTE_MS { 2_000 } else { 100 };
                    for _ in 0..times {
                        faults.iter().for_each(|fault| world.inject(*fault, verb, 1));
                    }
                }
            }
        }
    }

    /// Whether the provider's seven days for reversals may end in it.
    pub fn outlives_the_window(&self) -> bool {
        self.held_ms >= 6 * 24 * 60 * MINUTE_MS
    }

    /// Whether the till may be right to think that there is no network.
    pub fn cuts_the_line(&self) -> bool {
        self.faults().any(|fault| fault == Fault::Unreachable)
    }

    /// Whether the provider says, properly signed, what is not so about where the money went, or denies for more than ten minutes that
    /// it knows the order (decision 0012). No till can know better.
    pub fn lies_about_the_end(&self) -> bool {
        let long = self.held_ms > 10 * MINUTE_MS;
        self.faults().any(|fault| match fault {
            Fault::Tells { state } => matches!(state.as_str(), "REVOKED" | "CLOSED" | "REFUND"),
            Fault::Refuses { code, .. } => {
                let code = code.as_str();
                long && (code.replace('_', "").ends_with("NOTEXIST") || code == "RESOURCE_NOT_EXISTS")
            }
            _ => false,
        })
    }

    fn faults(&self) -> impl Iterator<Item = Fault> {
        self.held.iter().flat_map(|held| match held {
            Held::True => Vec::new(),
            Held::One(fault) => vec![*fault],
            Held::Mixture(faults) => faults.clone(),
        })
    }
}

const CUSTOMERS: [Behaviour; 7] = [
    Behaviour::Pay,
    Behaviour::Pay,
    Behaviour::Pay,
    Behaviour::AskPassword,
    Behaviour::Refuse(Refusal::NotEnough),
    Behaviour::Refuse(Refusal::CodeExpired),
    Behaviour::Refuse(Refusal::BankError),
];

fn press(chance: &mut Chance) -> Press {
    match chance.below(10) {
        0 => Press::Restart,
        1 => Press::Password(chance.one_of(&[PasswordAnswer::Right, PasswordAnswer::Cancel])),
        _ => Press::Key(chance.one_of(&[
            Key::Digit1,
            Key::Digit2,
            Key::Digit2,
            Key::Digit3,
            Key::Enter,
            Key::Escape,
        ])),
    }
}

/// Every kind of answer: states and codes, listed and unlisted, statuses, silence, garbage, forgery, and a true provider's own lag.
fn kinds() -> Vec<Fault> {
    let mut kinds: Vec<Fault> = Word::STATES.iter().map(|state| Fault::Tells { state: *state }).collect();
    for (at, code) in Word::CODES.iter().enumerate() {
        kinds.push(Fault::Refuses { status: [400, 403, 404, 401, 409][at % 5], code: *code });
        kinds.push(Fault::Refuses { status: [500, 404, 400][at % 3], code: *code });
    }
    for code in [200, 204, 400, 401, 403, 404, 405, 409, 418, 500, 502, 503, 504] {
        kinds.push(Fault::Status { code, retry_after_s: None });
    }
    kinds.extend([7, 60, 3_600].map(|seconds| Fault::Status { code: 429, retry_after_s: Some(seconds) }));
    kinds.extend([
        Fault::DropRequest,
        Fault::DropAnswer,
        Fault::HalfOpen,
        Fault::SilentAnswer,
        Fault::Unreachable,
        Fault::Delay { ms: 14_000 },
        Fault::Delay { ms: 20_000 },
        Fault::Corrupt,
        Fault::Forge,
        Fault::SignatureProbe,
        Fault::WrongAmount,
        Fault::WrongOrder,
        Fault::WrongMerchant,
        Fault::WrongCurrency,
        Fault::WrongAppid,
        Fault::StaleTimestamp,
        Fault::StaleAnswer,
        Fault::CaptivePortal,
        Fault::EmptyOk,
        Fault::Redirect,
        Fault::ErrorButCharged,
        Fault::Impostor,
        Fault::HollowReverse,
        Fault::NotKnownYet,
        Fault::Duplicate,
    ]);
    kinds
}
