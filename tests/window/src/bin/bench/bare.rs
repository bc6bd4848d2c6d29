//! The bare window: what this machine and its webview take without a till.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use guitai_window_tests::keyboard;

/// Its program.
///
/// # Errors
/// When it is not built.
pub fn program() -> Result<PathBuf> {
    let built = std::env::current_exe()?.with_file_name("guitai-bare-window");
    let path = std::env::var_os("GUITAI_BARE").map_or(built, PathBuf::from);
    if path.is_file() { Ok(path) } else { bail!("there is no bare window at {}", path.display()) }
}

/// A bare window that answers ticks and keys.
pub struct Bare {
    process: Child,
    ticks: ChildStdin,
    lines: BufReader<ChildStdout>,
}

impl Bare {
    /// Opens it, with its files in `folder`, and gives it the keyboard.
    ///
    /// # Errors
    /// When it does not come.
    pub fn open(folder: &Path) -> Result<Bare> {
        let mut process = Command::new(program()?)
            .env("GUITAI_DEMO_DIR", folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()?;
        let ticks = process.stdin.take().context("its input")?;
        let lines = BufReader::new(process.stdout.take().context("its output")?);
        let bare = Bare { process, ticks, lines };
        for _ in 0..2_000 {
            if folder.join("ready").exists() {
                keyboard::focus("Guitai bare window")?;
                return Ok(bare);
            }
            sleep(Duration::from_millis(10));
        }
        bail!("the bare window does not come")
    }

    /// An event from the program until its paint is on the glass.
    ///
    /// # Errors
    /// When the window is gone.
    pub fn tick(&mut self) -> Result<i64> {
        self.ticks.write_all(b"\n")?;
        self.ticks.flush()?;
        self.heard("tick")
    }

    /// A key from X until a command of the program runs.
    ///
    /// # Errors
    /// When the window is gone.
    pub fn key(&mut self) -> Result<i64> {
        keyboard::press(&["Return"])?;
        self.heard("key")
    }

    fn heard(&mut self, what: &str) -> Result<i64> {
        let mut line = String::new();
        self.lines.read_line(&mut line)?;
        let (name, us) =
            line.trim().split_once(' ').with_context(|| format!("the bare window said {line:?}"))?;
        if name == what { Ok(us.parse()?) } else { bail!("the bare window said {line:?}, not {what}") }
    }
}

impl Drop for Bare {
    fn drop(&mut self) {
        end(&mut self.process);
    }
}

/// Ends a program and what it has started, and waits for it.
pub fn end(process: &mut Child) {
    let group = format!("-{}", process.id());
    let _ = Command::new("kill").args(["-KILL", "--", &group]).status();
    let _ = process.wait();
}
