//! A till in a temporary folder, and a sandbox server for it.

use std::ffi::OsStr;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use guitai_app::folder::Folder;
use guitai_db::{Fact, Mode};
use guitai_domain::Timestamp;
use guitai_sandbox::{Running, Sandbox, ServeOptions, serve};
use serde_json::Value;
use tempfile::TempDir;
use tokio::runtime::Runtime;

pub const PASSPHRASE: &str = "correct horse battery";

/// One data folder and the way the program is called on it.
pub struct Shop {
    dir: TempDir,
    mode: Vec<String>,
}

/// How a run of the program ended.
#[derive(Debug)]
pub struct Run {
    pub exit: i32,
    pub out: String,
    pub err: String,
}

impl Shop {
    /// An empty folder; the program runs for real money.
    pub fn real() -> Shop {
        Shop { dir: TempDir::new().expect("a folder"), mode: Vec::new() }
    }

    /// A training till with the sandbox in its own process.
    pub fn training() -> Shop {
        let shop = Shop { mode: vec!["--training".to_owned()], ..Shop::real() };
        assert_eq!(shop.run(&["init"]).exit, 0);
        shop
    }

    /// A training till with a sandbox server.
    pub fn beside(server: &Server) -> Shop {
        let shop = Shop { mode: vec!["--sandbox".to_owned(), server.url()], ..Shop::real() };
        assert_eq!(shop.run(&["init"]).exit, 0);
        shop
    }

    pub fn root(&self) -> &Path {
        self.dir.path()
    }

    /// Where the till's own files are.
    pub fn folder(&self) -> PathBuf {
        self.root().join(if self.mode.is_empty() { "real" } else { "training" })
    }

    pub fn database(&self) -> rusqlite::Connection {
        rusqlite::Connection::open(self.folder().join("till.db")).expect("the database")
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        self.command_of(env!("CARGO_BIN_EXE_guitaictl"), &[], arguments)
    }

    /// As [`Shop::command`], by another program with arguments of its own in front.
    pub fn command_of(&self, program: impl AsRef<OsStr>, before: &[&str], arguments: &[&str]) -> Command {
        let mut command = Command::new(program);
        command.args(before);
        for name in ["GUITAI_DATA", "GUITAI_PASSPHRASE", "GUITAI_PIN", "LANG", "LC_ALL", "LC_MESSAGES"] {
            command.env_remove(name);
        }
        // No system store of secrets: what the tests seal, a passphrase opens.
        command.env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent");
        command.arg("--data").arg(self.root()).args(&self.mode).args(arguments);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Run {
        Run::of(self.command(arguments).output().expect("the program runs"))
    }

    pub fn run_with_input(&self, arguments: &[&str], input: &[u8]) -> Run {
        feed(self.command(arguments), input)
    }

    pub fn run_with_passphrase(&self, arguments: &[&str], passphrase: &str, input: &[u8]) -> Run {
        let mut command = self.command(arguments);
        command.env("GUITAI_PASSPHRASE", passphrase);
        feed(command, input)
    }

    pub fn run_with_pin(&self, arguments: &[&str], pin: &str) -> Run {
        let mut command = self.command(arguments);
        command.env("GUITAI_PIN", pin);
        Run::of(command.output().expect("the program runs"))
    }

    pub fn run_with_pin_and_input(&self, arguments: &[&str], pin: &str, input: &[u8]) -> Run {
        let mut command = self.command(arguments);
        command.env("GUITAI_PIN", pin);
        feed(command, input)
    }

    /// Writes facts past the program, as the window might have left them.
    pub fn write(&self, facts: &[Fact]) {
        self.write_after(0, facts);
    }

    /// The same, this long after the last entry.
    pub fn write_after(&self, ms: i64, facts: &[Fact]) {
        self.write_in(if self.mode.is_empty() { Mode::Real } else { Mode::Training }, ms, facts);
    }

    pub fn write_in(&self, mode: Mode, ms: i64, facts: &[Fact]) {
        let folder = Folder::new(self.root(), mode);
        let lock = folder.lock().expect("nobody else is here");
        let mut db = folder.open(&lock).expect("the database");
        let at = db.last_entry_at().expect("readable").expect("entries");
        db.write(Timestamp(at.0 + ms), "test", facts).expect("written");
    }

    /// The result of a command that must succeed.
    pub fn json(&self, arguments: &[&str]) -> Value {
        let run = self.run(&[&["--json"], arguments].concat());
        assert_eq!(run.exit, 0, "{run:?}");
        run.json()
    }

    pub fn sales(&self) -> u64 {
        self.json(&["history"])["count"].as_u64().expect("a count")
    }
}

fn feed(mut command: Command, input: &[u8]) -> Run {
    let mut child = command.stdin(Stdio::piped()).spawn().expect("the program runs");
    // A program that refuses before it reads closes the pipe.
    let _ = child.stdin.take().expect("a pipe").write_all(input);
    Run::of(child.wait_with_output().expect("the program ends"))
}

impl Run {
    pub fn of(output: Output) -> Run {
        Run {
            exit: output.status.code().unwrap_or_else(|| panic!("killed: {output:?}")),
            out: String::from_utf8(output.stdout).expect("text"),
            err: String::from_utf8(output.stderr).expect("text"),
        }
    }

    /// The one object on standard output.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// Must be a refusal with this exit and code, in words of both languages.
    #[track_caller]
    pub fn refused(&self, exit: i32, code: &str) {
        assert_eq!(self.exit, exit, "{self:?}");
        let error = &self.json()["error"];
        assert_eq!(error["code"], code, "{self:?}");
        for language in ["zh", "en"] {
            assert!(error[language].as_str().is_some_and(|text| !text.is_empty()), "{language}: {self:?}");
        }
        assert!(self.err.contains(code), "a person reads it too: {self:?}");
    }
}

/// A sandbox on a port of its own.
pub struct Server {
    pub sandbox: Sandbox,
    running: Option<Running>,
    url: String,
    _runtime: Runtime,
}

impl Server {
    pub fn start() -> Server {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("a runtime");
        let sandbox = Sandbox::open(None, 7).expect("a sandbox");
        let running = runtime.block_on(serve(sandbox.clone(), ServeOptions::default())).expect("a port");
        let url = format!("http://127.0.0.1:{}", running.http_addr.port());
        Server { sandbox, running: Some(running), url, _runtime: runtime }
    }

    pub fn url(&self) -> String {
        self.url.clone()
    }

    /// Nobody listens on its port from here on.
    pub fn stop(&mut self) {
        self.running = None;
    }

    /// A line as a scanner would type it.
    pub fn scan(&self) -> Vec<u8> {
        format!("{}\r\n", self.sandbox.wallet().code).into_bytes()
    }
}
