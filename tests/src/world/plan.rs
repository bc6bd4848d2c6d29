//! A plan: everything that will happen to a till, as plain data. The same plan gives the same life.

use std::fmt;

use guitai_app::view::{DeskAct, Key};
use guitai_sandbox::{Behaviour, Fault, PasswordAnswer, Verb};
use guitai_test_disk::Trouble;

/// Which of the provider's languages the till speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Speech {
    /// A shared key on both sides: fast.
    V2,
    /// RSA on both sides.
    V3,
}

/// One thing that happens. Cashier and customer do what people do, so an act means something wherever it stands: acts can be
/// left out of a plan, and the rest is still a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// The next customer comes: this wallet, which takes payments so.
    Customer {
        /// The wallet.
        wallet: u32,
        /// How it takes payments.
        behaviour: Behaviour,
    },
    /// The cashier gets the counter free, waiting this often for what is in doubt before setting it aside, and rings up an amount.
    Ring {
        /// The amount. No two sales of a plan have the same, so that a screen tells which sale it shows.
        fen: i64,
        /// How often the cashier waits five seconds.
        patience: u8,
    },
    /// The customer shows the phone and the scanner reads it.
    Scan,
    /// The scanner reads the last code again.
    ScanAgain,
    /// The scanner reads the phone, but its first digits came so slowly that they were taken for keys.
    ScanSlowly {
        /// How many.
        digits: u32,
    },
    /// The scanner reads something else: goods, half a code, a receipt.
    ScanOther(Other),
    /// The cashier takes the amount on the screen in cash, if the screen lets it.
    Cash {
        /// How much more the customer gives.
        more_fen: i64,
    },
    /// A key.
    Press(Key),
    /// Time passes.
    Wait {
        /// How much.
        ms: i64,
    },
    /// Time passes until the screen has an answer, or the cashier has waited so long.
    Await {
        /// How long.
        ms: i64,
    },
    /// The customer answers the password prompt.
    Password(PasswordAnswer),
    /// The next requests of this verb meet this fault.
    Fault {
        /// What happens to them.
        fault: Fault,
        /// To which.
        verb: Verb,
        /// How often.
        times: u32,
    },
    /// The next charge sticks in the network for so long.
    LateCharge {
        /// How long.
        ms: i64,
    },
    /// The end of the next charge reaches the till only after so long.
    LateEnd {
        /// How long.
        ms: i64,
    },
    /// The computer sleeps.
    Sleep {
        /// How long.
        ms: i64,
        /// Whether its steady clock goes on.
        counted: bool,
    },
    /// The line is well again: faults that wait are forgotten.
    Clear,
    /// The network goes down, or comes back.
    Network {
        /// Whether it is there.
        up: bool,
    },
    /// The program is killed and started again.
    Restart {
        /// After so long.
        off_ms: i64,
    },
    /// The program is killed and started again, and the provider's settings are locked.
    StartLocked,
    /// Somebody unlocks the provider's settings.
    Unlock,
    /// The program will be killed, at the so-manieth place from here where something leaves or arrives.
    DieAt {
        /// How many places it lives on.
        places: u32,
        /// How long it is off then.
        off_ms: i64,
    },
    /// The program will be stopped at a call to the disk, the so-manieth from here.
    Stop {
        /// How.
        how: Ending,
        /// Which call.
        calls: u64,
        /// How long the till is off then.
        off_ms: i64,
    },
    /// The disk will be in trouble.
    DiskTrouble {
        /// What kind.
        what: Trouble,
        /// From the so-manieth call on from here.
        calls: u64,
        /// For so many calls, or until it is mended.
        how_many: u64,
    },
    /// Somebody mends the disk.
    DiskMended,
    /// The cashier does this about a payment on the desk, if the desk lets it.
    Desk {
        /// Which row, counted round.
        row: usize,
        /// What.
        act: DeskAct,
    },
    /// A manager comes, looks at the provider's pages and settles by hand what the desk lets be settled.
    Manager,
    /// A manager says that the computer's clock is right.
    ConfirmClock,
    /// Somebody or something sets the till's wall clock.
    Clock {
        /// How far it is ahead of the true time from here on.
        ahead_ms: i64,
    },
}

/// What a scanner can read that is no payment code of today.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Other {
    /// The bar code of a bottle.
    Goods,
    /// A payment code, half of it.
    HalfACode,
    /// Another shop's receipt.
    Receipt,
    /// An address.
    Link,
    /// A code that is well made and was never given out.
    MadeUp,
}

impl Other {
    /// What the scanner sends.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Other::Goods => "6901028075763",
            Other::HalfACode => "134512998",
            Other::Receipt => "20260101-ABCDEF-0001",
            Other::Link => "https://u.wechat.com/EAPs8dW1",
            Other::MadeUp => "134000000000000001",
        }
    }
}

/// How a program is stopped at a call to its disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// Killed before the call.
    Before,
    /// Killed with the call half done.
    Within,
    /// Killed after the call.
    After,
    /// The power fails; what was not synced arrives or not, as this number has it.
    PowerCut(u64),
}

/// A life of a till.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The seed it was drawn from; ids, nonces and signatures come from it as well.
    pub seed: u64,
    /// The provider's language.
    pub speech: Speech,
    /// What happens, in order.
    pub acts: Vec<Act>,
}

impl fmt::Display for Act {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Act::Customer { wallet, behaviour } => {
                write!(f, "a customer comes with wallet {wallet}: {behaviour:?}")
            }
            Act::Ring { fen, patience } => {
                write!(
                    f,
                    "the cashier gets the counter free (patience {patience}) and rings up {}",
                    yuan(fen)
                )
            }
            Act::Scan => f.write_str("the phone is scanned"),
            Act::ScanAgain => f.write_str("the scanner reads the last code again"),
            Act::ScanSlowly { digits } => {
                write!(f, "the phone is scanned, and the first {digits} digits arrive as keys")
            }
            Act::ScanOther(other) => write!(f, "the scanner reads something else: {other:?}"),
            Act::Cash { more_fen } => {
                write!(f, "the cashier takes cash, {} more than is due", yuan(more_fen))
            }
            Act::StartLocked => f.write_str("the till is killed and finds its settings locked"),
            Act::Unlock => f.write_str("the settings are unlocked"),
            Act::Press(key) => write!(f, "the cashier presses {key:?}"),
            Act::Wait { ms } => write!(f, "{} pass", seconds(ms)),
            Act::Await { ms } => write!(f, "the cashier waits for an answer, at most {}", seconds(ms)),
            Act::Password(answer) => write!(f, "the customer answers the password prompt: {answer:?}"),
            Act::Fault { fault, verb, times } => {
                write!(f, "the next {times} requests of kind {verb:?} will meet {fault:?}")
            }
            Act::LateCharge { ms } => write!(f, "the next charge will be under way for {}", seconds(ms)),
            Act::LateEnd { ms } => write!(f, "the end of the next charge will take {}", seconds(ms)),
            Act::Sleep { ms, counted: true } => write!(f, "the computer sleeps for {}", seconds(ms)),
            Act::Sleep { ms, counted: false } => {
                write!(f, "the computer sleeps for {}, and its steady clock with it", seconds(ms))
            }
            Act::Clear => f.write_str("the line is well again"),
            Act::Network { up: true } => f.write_str("the network comes back"),
            Act::Network { up: false } => f.write_str("the network goes down"),
            Act::Restart { off_ms } => write!(f, "the till is killed and started after {}", seconds(off_ms)),
            Act::DieAt { places, off_ms } => {
                write!(f, "the till will be killed {places} places on, and started after {}", seconds(off_ms))
            }
            Act::Stop { how, calls, off_ms } => {
                write!(f, "at the disk's call {calls} from here: {how:?}; started after {}", seconds(off_ms))
            }
            Act::DiskTrouble { what, calls, how_many: u64::MAX } => {
                write!(f, "from its call {calls} from here on the disk will be in trouble: {what:?}")
            }
            Act::DiskTrouble { what, calls, how_many } => {
                write!(f, "{how_many} calls to the disk from the {calls}. from here will fail: {what:?}")
            }
            Act::DiskMended => f.write_str("the disk is mended"),
            Act::Desk { row, act } => write!(f, "the cashier opens the desk, row {row}: {act:?}"),
            Act::Manager => f.write_str("a manager settles what is on the desk"),
            Act::ConfirmClock => f.write_str("a manager says that the computer's clock is right"),
            Act::Clock { ahead_ms } => write!(f, "the till's clock is set {} ahead", seconds(ahead_ms)),
        }
    }
}

/// `12.34`, as the screens write amounts.
pub(crate) fn yuan(fen: i64) -> String {
    format!("{}.{:02}", fen / 100, fen % 100)
}

/// `1.5 s`.
pub(crate) fn seconds(ms: i64) -> String {
    let sign = if ms < 0 { "-" } else { "" };
    match ms.unsigned_abs() % 1_000 {
        0 => format!("{sign}{} s", ms.unsigned_abs() / 1_000),
        rest => format!("{sign}{}.{rest:03} s", ms.unsigned_abs() / 1_000),
    }
}
