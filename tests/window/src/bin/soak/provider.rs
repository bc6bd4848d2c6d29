//! Provider, wallet and bank: the sandbox as a process of its own, on a port that stays.

use std::fs::File;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use guitai_sandbox::{Books, Fault, PasswordAnswer, Verb, WalletChange, WalletPage};
use guitai_window_tests::pause;
use serde_json::{Value, json};

/// The sandbox's switches, wherever it is.
#[derive(Debug, Clone, Copy)]
pub struct Switches(u16);

/// The process.
pub struct Provider {
    program: PathBuf,
    folder: PathBuf,
    seed: u64,
    port: u16,
    process: Option<Child>,
}

impl Provider {
    /// Starts it on a free port; what it knows stays in `folder`.
    pub fn start(program: PathBuf, folder: PathBuf, seed: u64) -> Result<Provider> {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let mut provider = Provider { program, folder, seed, port, process: None };
        provider.go_on()?;
        Ok(provider)
    }

    /// Where it is.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Its switches.
    pub fn switches(&self) -> Switches {
        Switches(self.port)
    }

    /// Starts it again with what it knew.
    pub fn go_on(&mut self) -> Result<()> {
        if self.process.is_some() {
            return Ok(());
        }
        let log = File::options().create(true).append(true).open(self.folder.join("sandbox.log"))?;
        let mut command = Command::new(&self.program);
        command
            .args(["serve", "--json", "--port", &self.port.to_string(), "--seed", &self.seed.to_string()])
            .arg("--state")
            .arg(self.folder.join("world.json"))
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log);
        self.process = Some(command.spawn().context("guitai-sandbox")?);
        for _ in 0..400 {
            if TcpStream::connect(("127.0.0.1", self.port)).is_ok() {
                return Ok(());
            }
            pause(25);
        }
        anyhow::bail!("the sandbox does not come up; its log is in {}", self.folder.display())
    }

    /// Gone, without a word to whoever is connected.
    pub fn stop(&mut self) {
        if let Some(mut process) = self.process.take() {
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Switches {
    /// The code on the customer's phone; none while the sandbox is away.
    pub fn code(self) -> Option<String> {
        let page: WalletPage = serde_json::from_value(self.call("GET", "/admin/wallet", "").ok()?).ok()?;
        Some(page.code)
    }

    /// Changes the customer's wallet, if it can be reached.
    pub fn set_wallet(self, change: &WalletChange) {
        let _ = self.post("/admin/wallet", &json!(change));
    }

    /// What the customer types, if asked and if reachable.
    pub fn answer_password(self, answer: PasswordAnswer) {
        let _ = self.post("/admin/password", &json!({ "answer": answer }));
    }

    /// A fault for the next `times` requests of this verb.
    pub fn inject(self, fault: Fault, verb: Verb, times: u64) {
        let _ = self.post("/admin/fault", &json!({ "fault": fault, "verb": verb, "times": times }));
    }

    /// Forgets all waiting faults.
    pub fn clear_faults(self) {
        let _ = self.post("/admin/clear", &json!({}));
    }

    /// Cuts the network inside the sandbox, or mends it.
    pub fn cut(self, down: bool) {
        let _ = self.post("/admin/network", &json!({ "down": down }));
    }

    /// What provider and bank have written down.
    pub fn books(self) -> Result<Books> {
        Ok(serde_json::from_value(self.call("GET", "/admin/books", "")?)?)
    }

    fn post(self, path: &str, body: &Value) -> Result<Value> {
        self.call("POST", path, &body.to_string())
    }

    fn call(self, method: &str, path: &str, body: &str) -> Result<Value> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.0))?;
        stream.set_read_timeout(Some(Duration::from_secs(20)))?;
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        )?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        let (head, body) = answer.split_once("\r\n\r\n").context("an answer")?;
        ensure!(head.starts_with("HTTP/1.1 200"), "{path}: {}", head.lines().next().unwrap_or_default());
        Ok(serde_json::from_str(body)?)
    }
}
