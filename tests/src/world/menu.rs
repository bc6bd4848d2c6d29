//! What plans are drawn from.

use guitai_app::view::DeskAct;
use guitai_sandbox::{Behaviour, Fault, PasswordAnswer, Refusal, Verb};
use guitai_test_disk::Trouble;

use super::plan::Other;

pub(super) const HOUR_MS: i64 = 3_600_000;
pub(super) const DAY_MS: i64 = 24 * HOUR_MS;

pub(super) const CLOCKS: [i64; 12] = [
    0,
    0,
    0,
    -HOUR_MS,
    HOUR_MS,
    50_000,
    -DAY_MS,
    400_000,
    30 * DAY_MS,
    3 * 365 * DAY_MS,
    -40 * 365 * DAY_MS,
    1_000 * 365 * DAY_MS,
];

pub(super) const PASSWORDS: [PasswordAnswer; 5] = [
    PasswordAnswer::Right,
    PasswordAnswer::Right,
    PasswordAnswer::Right,
    PasswordAnswer::Wrong,
    PasswordAnswer::Cancel,
];

pub(super) const DESK_ACTS: [DeskAct; 7] = [
    DeskAct::AskNow,
    DeskAct::TakeBack,
    DeskAct::TakeUp,
    DeskAct::Book,
    DeskAct::Book,
    DeskAct::GiveBack,
    DeskAct::GiveBack,
];

/// Trouble of the provider that stays for a while.
pub(super) const LASTING: [Fault; 6] = [
    Fault::Status { code: 500, retry_after_s: None },
    Fault::Status { code: 503, retry_after_s: None },
    Fault::Status { code: 429, retry_after_s: Some(7) },
    Fault::CaptivePortal,
    Fault::HalfOpen,
    Fault::DropAnswer,
];

pub(super) const OTHERS: [Other; 5] =
    [Other::Goods, Other::HalfACode, Other::Receipt, Other::Link, Other::MadeUp];

pub(super) const TROUBLES: [Trouble; 3] = [Trouble::Full, Trouble::Io, Trouble::ReadOnly];

pub(super) const VERBS: [Verb; 6] =
    [Verb::Pay, Verb::Pay, Verb::Query, Verb::Reverse, Verb::Reverse, Verb::Any];

pub(super) const BEHAVIOURS: [Behaviour; 11] = [
    Behaviour::AskPassword,
    Behaviour::AskPassword,
    Behaviour::AskPassword,
    Behaviour::Refuse(Refusal::NotEnough),
    Behaviour::Refuse(Refusal::CodeExpired),
    Behaviour::Refuse(Refusal::CodeUsed),
    Behaviour::Refuse(Refusal::CodeInvalid),
    Behaviour::Refuse(Refusal::Risk),
    Behaviour::Refuse(Refusal::CardNotSupported),
    Behaviour::Refuse(Refusal::BankError),
    Behaviour::Refuse(Refusal::SystemError),
];
