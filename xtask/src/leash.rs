//! A program that ends when we end, however we end.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
};

use anyhow::{Context, Result, bail};

/// A running program, with its children in a process group of their own.
///
/// A small shell stands between: it holds the reading end of a pipe, and when the other end closes (because this value is dropped,
/// or because we were killed) it ends the whole group. Ctrl-C does not reach the group, so nothing dies in the wrong order.
pub struct Leashed {
    shell: Child,
}

/// The group is asked to end, and after five seconds no longer asked.
const WATCH: &str = r#"
exec 3<&0
trap : TERM
"$@" 3<&- </dev/null &
program=$!
{
    trap : TERM
    read -r _ <&3
    kill 0
    for _ in 1 2 3 4 5 6 7 8 9 10; do kill -0 "$program" || exit; sleep 0.5; done
    kill -KILL 0
} >/dev/null 2>&1 &
watcher=$!
exec 3<&-
wait "$program"; status=$?
wait "$program"
kill -KILL "$watcher"
exit "$status"
"#;

impl Leashed {
    /// Starts `command`. Its standard output and error go where `command` says; use `first_line` to read one line of a piped output.
    pub fn start(command: &Command, stdout: Stdio, stderr: Stdio) -> Result<Self> {
        let mut shell = Command::new("sh");
        shell.arg("-c").arg(WATCH).arg("leash").arg(command.get_program()).args(command.get_args());
        for (key, value) in command.get_envs() {
            match value {
                Some(value) => shell.env(key, value),
                None => shell.env_remove(key),
            };
        }
        if let Some(dir) = command.get_current_dir() {
            shell.current_dir(dir);
        }
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut shell, 0);
        let shell = shell.stdin(Stdio::piped()).stdout(stdout).stderr(stderr).spawn();
        Ok(Self {
            shell: shell.with_context(|| format!("could not start {}", command.get_program().display()))?,
        })
    }

    /// The first line of a piped standard output. The pipe stays open, so that the program may go on writing.
    pub fn first_line(&mut self) -> Result<String> {
        let Some(stdout) = self.shell.stdout.as_mut() else { bail!("its output is not piped") };
        let mut line = String::new();
        BufReader::with_capacity(1, stdout).read_line(&mut line)?;
        if line.trim().is_empty() {
            bail!("it ended before it was ready");
        }
        Ok(line.trim().to_owned())
    }

    /// How it ended, if it has.
    pub fn ended(&mut self) -> Result<Option<std::process::ExitStatus>> {
        Ok(self.shell.try_wait()?)
    }
}

impl Drop for Leashed {
    fn drop(&mut self) {
        drop(self.shell.stdin.take());
        let _ = self.shell.wait();
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn shell_line(line: &str) -> Leashed {
        Leashed::start(Command::new("sh").args(["-c", line]), Stdio::piped(), Stdio::null()).unwrap()
    }

    #[test]
    fn letting_go_ends_the_program_and_its_children() {
        let mut leashed = shell_line("(sleep 60; echo left behind) & echo started; wait");
        assert_eq!(leashed.first_line().unwrap(), "started");
        let output = leashed.shell.stdout.take().unwrap();

        drop(leashed);

        let said_later = std::io::read_to_string(output).unwrap();
        assert_eq!(said_later, "", "the output closes only when the last child is gone");
    }

    #[test]
    fn a_program_that_ends_by_itself_is_seen() {
        let mut leashed = shell_line("exit 7");

        let status = loop {
            if let Some(status) = leashed.ended().unwrap() {
                break status;
            }
        };

        assert_eq!(status.code(), Some(7), "the caller tells the reason");
    }

    #[test]
    fn a_program_that_ends_without_a_word_was_never_ready() {
        assert!(shell_line("exit 0").first_line().is_err());
    }
}
