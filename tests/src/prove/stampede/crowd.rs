//! Who is in the crowd.

use guitai_app::view::Key;
use guitai_app::{Now, Register};
use guitai_domain::{Fen, PaymentCode, SaleId};

use crate::chance::Chance;

/// How many race in a round.
pub(super) const SIZE: usize = 1_000;

/// What the crowd is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mood {
    /// The same code and different ones, Enter upon Enter, and windows.
    Codes,
    /// Charges past the counter, as a program without a window makes them, and windows.
    Charges,
    /// The same as codes, with everything else a hand can reach: Esc, cash, digits, clearing.
    Everything,
}

impl Mood {
    /// How many moods there are.
    pub(super) const KINDS: u8 = 3;

    pub(super) fn of(seed: u64) -> Mood {
        match seed % u64::from(Mood::KINDS) {
            0 => Mood::Codes,
            1 => Mood::Charges,
            _ => Mood::Everything,
        }
    }

    /// Whether the sale that stood must end paid by one payment; where Esc and cash are in the crowd it may end otherwise.
    pub(super) fn wants_one_payment(self) -> bool {
        match self {
            Mood::Codes | Mood::Charges => true,
            Mood::Everything => false,
        }
    }
}

/// One of the crowd.
#[derive(Clone)]
pub(super) enum Input {
    Press(Key),
    Scan(String),
    Charge(PaymentCode),
    Till,
    Display,
    Sales,
}

const HANDS: [Key; 15] = [
    Key::Escape,
    Key::Escape,
    Key::Cash,
    Key::Cash,
    Key::Enter,
    Key::Enter,
    Key::Enter,
    Key::Digit1,
    Key::Digit2,
    Key::Digit3,
    Key::Digit5,
    Key::DoubleZero,
    Key::Point,
    Key::Backspace,
    Key::Clear,
];

/// The next of a crowd of this mood, with one of these codes. Half of all scans are of the first.
pub(super) fn one(mood: Mood, codes: &[String], chance: &mut Chance) -> Input {
    let mut code = || if chance.permille(500) { codes[0].clone() } else { one_of(codes, chance) };
    let code = code();
    match (chance.below(10), mood) {
        (0, _) => Input::Till,
        (1, _) => Input::Display,
        (2, _) => Input::Sales,
        (_, Mood::Charges) => Input::Charge(PaymentCode::recognise(&code).expect("a wallet's code")),
        (3..=6, Mood::Codes | Mood::Everything) => Input::Scan(code),
        (_, Mood::Codes) => Input::Press(Key::Enter),
        (_, Mood::Everything) => Input::Press(chance.one_of(&HANDS)),
    }
}

fn one_of(codes: &[String], chance: &mut Chance) -> String {
    codes[usize::try_from(chance.below(codes.len() as u64)).expect("a place in a list")].clone()
}

impl Input {
    /// Goes in.
    pub(super) fn enter(self, register: &mut Register, sale: &SaleId, amount: Fen, now: Now) {
        match self {
            Input::Press(key) => register.press(key, now),
            Input::Scan(code) => {
                let _ = register.scan(&code, 0, "usb", now);
            }
            // All but one are refused, which is the point.
            Input::Charge(code) => {
                let _ = register.charge(sale, amount, &code, "usb", now);
            }
            Input::Till => drop(register.till_view(now)),
            Input::Display => drop(register.display_view(now)),
            Input::Sales => drop(register.db().open_sales()),
        }
    }
}
