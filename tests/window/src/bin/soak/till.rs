//! The till's process: started, looked at, killed.

use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use anyhow::{Context, Result};
use rusqlite::{Connection, OpenFlags};

/// The programs, copied so that a build going on beside does not change them under way.
#[derive(Debug, Clone)]
pub struct Programs {
    /// The till with its window.
    pub till: PathBuf,
    /// The till without one.
    pub ctl: PathBuf,
    /// The other side.
    pub sandbox: PathBuf,
}

impl Programs {
    /// Copies the till and its neighbours into `folder`.
    pub fn copied(till: &Path, folder: &Path) -> Result<Programs> {
        fs::create_dir_all(folder)?;
        let copy = |name: &str| -> Result<PathBuf> {
            let (from, to) = (till.with_file_name(name), folder.join(name));
            fs::copy(&from, &to).with_context(|| format!("{} is not built", from.display()))?;
            Ok(to)
        };
        Ok(Programs { till: copy("guitai")?, ctl: copy("guitaictl")?, sandbox: copy("guitai-sandbox")? })
    }
}

/// One till, in one folder, through all its lives.
pub struct Till {
    programs: Programs,
    folder: PathBuf,
    sandbox: String,
    process: Option<Child>,
    /// How often it was started.
    pub lives: u32,
    /// How often it was killed.
    pub kills: u32,
    /// How often it ended by itself, which it never should.
    pub crashes: u32,
}

impl Till {
    /// A till that is not running yet.
    pub fn new(programs: Programs, folder: PathBuf, sandbox: String) -> Till {
        Till { programs, folder, sandbox, process: None, lives: 0, kills: 0, crashes: 0 }
    }

    /// Starts it. Whether its window is usable, [`is_ready`] tells.
    pub fn start(&mut self) -> Result<()> {
        let demo = self.folder.join("demo");
        let _ = fs::remove_dir_all(&demo);
        fs::create_dir_all(&demo)?;
        let log = File::options().create(true).append(true).open(self.folder.join("till.log"))?;
        let mut command = Command::new(&self.programs.till);
        command
            .arg("--training")
            .env("GUITAI_DATA", self.folder.join("data"))
            .env("GUITAI_DEMO_DIR", demo)
            .env("GUITAI_SANDBOX", &self.sandbox)
            .env("XDG_DATA_HOME", self.folder.join("share"))
            .env("XDG_CACHE_HOME", self.folder.join("cache"))
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            // Its children are known by the group.
            .process_group(0);
        self.process = Some(command.spawn().context("guitai")?);
        self.lives += 1;
        Ok(())
    }

    /// Its process, while it runs.
    pub fn process(&mut self) -> Option<u32> {
        let process = self.process.as_mut()?;
        if let Ok(Some(_)) = process.try_wait() {
            self.crashes += 1;
            self.bury();
            return None;
        }
        self.process.as_ref().map(Child::id)
    }

    /// Kills it, whatever it is doing.
    pub fn kill(&mut self) {
        if self.process().is_some() {
            self.kills += 1;
            self.bury();
        }
    }

    fn bury(&mut self) {
        if let Some(mut process) = self.process.take() {
            let _ = process.kill();
            let group = format!("-{}", process.id());
            let _ = Command::new("kill").args(["-KILL", "--", &group]).stderr(Stdio::null()).status();
            let _ = process.wait();
        }
    }

    /// `guitaictl` on this till's folder.
    pub fn ctl(&self, words: &[&str]) -> Result<Output> {
        let mut command = Command::new(&self.programs.ctl);
        command.args(["--training", "--json", "--data"]).arg(self.folder.join("data")).args(words);
        command.args(["--sandbox", &self.sandbox]).stdin(Stdio::null());
        command.output().context("guitaictl")
    }
}

impl Drop for Till {
    fn drop(&mut self) {
        self.bury();
    }
}

/// Whether the window of the till in `folder` can be used.
pub fn is_ready(folder: &Path) -> bool {
    folder.join("demo/ready").exists()
}

/// The state of its counter, as a word.
pub fn counter(folder: &Path) -> String {
    fs::read_to_string(folder.join("demo/counter")).unwrap_or_default()
}

/// Its records, read-only.
pub fn records(folder: &Path) -> Result<Connection> {
    let path = folder.join("data/training/till.db");
    Ok(Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?)
}

/// A whole number from its records.
pub fn count(folder: &Path, sql: &str) -> Result<i64> {
    Ok(records(folder)?.query_row(sql, [], |row| row.get(0))?)
}
