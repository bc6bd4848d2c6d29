//! How a command ends: the number a script sees, and the words a person reads.

use std::process::ExitCode;

use guitai_app::folder::StartError;
use guitai_app::till::TillError;
use guitai_app::view::{CommandError, MessageView};
use guitai_db::{Damage, OpenError, WriteError};
use guitai_domain::payment::State;

use crate::words;

/// The exit codes. A number never changes its meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    Done = 0,
    Unexpected = 1,
    Usage = 2,
    NotCharged = 3,
    InDoubt = 4,
    Reversed = 5,
    InUse = 6,
    Database = 7,
    Settings = 8,
    Difference = 9,
    Offline = 10,
    NotManager = 11,
}

impl Exit {
    const ALL: [Exit; 12] = [
        Exit::Done,
        Exit::Unexpected,
        Exit::Usage,
        Exit::NotCharged,
        Exit::InDoubt,
        Exit::Reversed,
        Exit::InUse,
        Exit::Database,
        Exit::Settings,
        Exit::Difference,
        Exit::Offline,
        Exit::NotManager,
    ];

    fn meaning(self) -> &'static str {
        match self {
            Exit::Done => "done; the money moved  完成，已收款",
            Exit::Unexpected => "unexpected error  意外错误",
            Exit::Usage => "bad usage or input, nothing was done  命令或输入有误，未执行",
            Exit::NotCharged => "declined, not charged  被拒绝，未扣款",
            Exit::InDoubt => {
                "result not known: do NOT charge again, run resolve  结果未确认，不要再次收款，请运行 resolve"
            }
            Exit::Reversed => "taken back, not charged  已撤销，未收款",
            Exit::InUse => "another Guitai uses this folder  另一个柜台程序正在使用",
            Exit::Database => {
                "data refused: no room, read-only, damaged, newer, another till's, training mixed with real  \
                 数据不能使用"
            }
            Exit::Settings => "payment settings wrong, locked or missing  支付设置有误、未解锁或缺失",
            Exit::Difference => {
                "verify, health or restore found something wrong or missing  核对或恢复发现问题"
            }
            Exit::Offline => "provider not reached, nothing left the till  连不上平台，请求没有发出",
            Exit::NotManager => {
                "the manager's PIN is missing, wrong, or must wait  缺少店长密码、密码不对或须等待"
            }
        }
    }

    /// How a payment in `state` ends a command.
    pub fn of_state(state: State) -> Exit {
        match state {
            State::Captured | State::SettledByManager { paid: true, .. } => Exit::Done,
            State::Declined { .. } | State::SettledByManager { paid: false, .. } => Exit::NotCharged,
            State::NotSent => Exit::Offline,
            State::Reversed => Exit::Reversed,
            State::Created
            | State::Sent
            | State::AwaitingPayer
            | State::InDoubt { .. }
            | State::Reversing { .. }
            | State::Unresolved
            | State::PaidLate => Exit::InDoubt,
        }
    }

    /// How a message of the app ends a command. The letter of its code names the part of the till.
    pub fn of_code(code: &str) -> Exit {
        match code {
            "D-20" => Exit::InUse,
            "D-21" | "D-22" | "D-25" | "D-26" | "D-32" | "D-33" | "K-91" | "K-92" | "K-93" | "G-02"
            | "G-03" => Exit::Usage,
            "D-24" => Exit::Unexpected,
            "W-20" => Exit::InDoubt,
            "M-02" | "M-06" => Exit::Usage,
            _ => match code.split('-').next() {
                // What is not possible now, for this payment or at this time: nothing was done.
                Some("A" | "S" | "T" | "W") => Exit::Usage,
                Some("M") => Exit::NotManager,
                Some("D") => Exit::Database,
                Some("O") => Exit::Offline,
                Some("K") => Exit::Settings,
                _ => Exit::Unexpected,
            },
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit as u8)
    }
}

/// The table at the end of `--help`.
pub fn help() -> String {
    let lines = Exit::ALL.map(|exit| format!("  {:>2}  {}", exit as u8, exit.meaning()));
    format!("Exit codes  退出码:\n{}", lines.join("\n"))
}

/// Why a command brings no result.
#[derive(Debug)]
pub struct Failure {
    pub exit: Exit,
    pub message: MessageView,
}

impl Failure {
    /// The same after a request may have left: whatever went wrong then, nobody knows that nothing was charged.
    pub fn after_the_act(self) -> Failure {
        Failure { exit: Exit::InDoubt, message: words::followed_no_further(&self.message) }
    }

    /// A mistake in the command.
    pub fn usage(message: MessageView) -> Failure {
        Failure { exit: Exit::Usage, message }
    }
}

impl From<MessageView> for Failure {
    fn from(message: MessageView) -> Self {
        Failure { exit: Exit::of_code(&message.code), message }
    }
}

impl From<CommandError> for Failure {
    fn from(error: CommandError) -> Self {
        error.message.into()
    }
}

impl From<TillError> for Failure {
    fn from(error: TillError) -> Self {
        error.message().into()
    }
}

impl From<StartError> for Failure {
    fn from(error: StartError) -> Self {
        error.message().into()
    }
}

impl From<Damage> for Failure {
    fn from(damage: Damage) -> Self {
        StartError::Database(OpenError::Damaged(damage)).into()
    }
}

impl From<WriteError> for Failure {
    fn from(error: WriteError) -> Self {
        TillError::Write(error).into()
    }
}

/// What goes wrong around the till: the terminal, a pipe, the runtime.
impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Failure { exit: Exit::Unexpected, message: words::unexpected(&error) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_count_up_and_each_is_in_the_help_and_in_the_manual() {
        let manual = include_str!("../../../docs/guitaictl.md");

        for (number, exit) in Exit::ALL.into_iter().enumerate() {
            assert_eq!(exit as usize, number);
            assert!(help().contains(&format!("  {number:>2}  {}", exit.meaning())));
            assert!(manual.contains(&format!("| {number} |")), "exit code {number} is in docs/guitaictl.md");
        }
    }

    #[test]
    fn a_message_ends_the_command_by_its_part_of_the_till() {
        let cases = [
            ("A-03", Exit::Usage),
            ("S-03", Exit::Usage),
            ("D-01", Exit::Database),
            ("D-12", Exit::Database),
            ("D-20", Exit::InUse),
            ("D-22", Exit::Usage),
            ("D-32", Exit::Usage),
            ("D-34", Exit::Database),
            ("K-07", Exit::Settings),
            ("K-92", Exit::Usage),
            ("K-96", Exit::Settings),
            ("O-01", Exit::Offline),
            ("O-05", Exit::Offline),
            ("W-07", Exit::Usage),
            ("W-20", Exit::InDoubt),
            ("M-02", Exit::Usage),
            ("M-03", Exit::NotManager),
            ("T-02", Exit::Usage),
            ("G-99", Exit::Unexpected),
        ];

        for (code, exit) in cases {
            assert_eq!(Exit::of_code(code), exit, "{code}");
        }
    }
}
