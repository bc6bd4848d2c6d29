//! Starting other programs, and the places in the repository they need.

use std::{
    env,
    ffi::OsStr,
    io::{BufRead, BufReader, IsTerminal},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

use anyhow::{Context, Result, bail};

const STRAGGLERS: Duration = Duration::from_secs(2);

/// The repository's top folder.
pub fn root() -> PathBuf {
    let here =
        env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from);
    here.parent().map_or(here.clone(), Path::to_path_buf)
}

/// Where cargo puts what it builds.
pub fn target() -> PathBuf {
    root().join(env::var_os("CARGO_TARGET_DIR").unwrap_or("target".into()))
}

/// The till's program file in `profile` (`debug` or `release`).
pub fn till(profile: &str) -> PathBuf {
    target().join(profile).join(format!("guitai{}", env::consts::EXE_SUFFIX))
}

/// A program to be run from the repository's top.
///
/// What cargo told this program about itself is taken away: some build scripts watch those variables, and would build again
/// each time cargo is called first from here and then by hand.
pub fn program(name: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(name);
    command.current_dir(root());
    for (key, _) in env::vars_os() {
        let cargos_own = ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_"];
        if key.to_str().is_some_and(|key| cargos_own.iter().any(|start| key.starts_with(start))) {
            command.env_remove(key);
        }
    }
    command
}

pub fn cargo() -> Command {
    program(env::var_os("CARGO").unwrap_or("cargo".into()))
}

/// npm, in `ui`.
pub fn npm() -> Command {
    let mut npm = program(if cfg!(windows) { "npm.cmd" } else { "npm" });
    npm.current_dir(root().join("ui"));
    npm
}

/// Runs to the end; its output is shown as it comes.
pub fn run(command: &mut Command) -> Result<()> {
    let line = describe(command);
    let status = command.status().with_context(|| format!("could not start: {line}"))?;
    if !status.success() {
        bail!("{line}: {status}");
    }
    Ok(())
}

/// Like `run`, and also hands back everything it printed, whether it succeeded or not.
pub fn run_and_read(command: &mut Command) -> Result<(bool, String)> {
    let (reader, writer) = std::io::pipe()?;
    if std::io::stdout().is_terminal() {
        command.env("CARGO_TERM_COLOR", "always");
    }
    let mut child = command
        .stdin(Stdio::null())
        .stdout(writer.try_clone()?)
        .stderr(writer)
        .spawn()
        .with_context(|| format!("could not start: {}", describe(command)))?;
    // The command still holds the pipe's writing end; reading would never end.
    command.stdout(Stdio::null()).stderr(Stdio::null());

    let (sender, lines) = mpsc::channel();
    thread::spawn(move || {
        let mut reader = BufReader::new(reader);
        let mut line = Vec::new();
        while reader.read_until(b'\n', &mut line).is_ok_and(|length| length > 0) {
            let text = String::from_utf8_lossy(&line).into_owned();
            print!("{text}");
            if sender.send(text).is_err() {
                return;
            }
            line.clear();
        }
    });
    let ended_well = child.wait()?.success();
    // A program left behind by a test may hold the pipe open for ever: what is not here soon after the end is not waited for.
    let mut printed = String::new();
    while let Ok(line) = lines.recv_timeout(STRAGGLERS) {
        printed.push_str(&line);
    }
    Ok((ended_well, printed))
}

/// What a program prints, or nothing when it is missing or fails.
pub fn ask(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// The command as one would type it.
pub fn describe(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let words: Vec<_> = words.map(|word| word.to_string_lossy()).collect();
    let name =
        Path::new(&*words[0]).file_name().map_or(words[0].to_string(), |name| name.to_string_lossy().into());
    let line = [&[name.into()], &words[1..]].concat().join(" ");
    match command.get_current_dir() {
        Some(dir) if dir != root() => match dir.strip_prefix(root()) {
            Ok(inside) => format!("cd {} && {line}", inside.display()),
            Err(_) => line,
        },
        _ => line,
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_program_left_behind_does_not_hold_us_up() {
        let mut command = Command::new("sh");
        command.args(["-c", "sleep 20 & echo one; echo two >&2; exit 1"]);

        let (ended_well, printed) = run_and_read(&mut command).unwrap();

        assert!(!ended_well, "the program's own end is what counts");
        assert_eq!(printed, "one\ntwo\n", "both outputs are read, in order");
    }
}
