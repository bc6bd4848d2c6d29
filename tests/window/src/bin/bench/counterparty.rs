//! Provider and customer: a sandbox server in this process.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::thread::sleep;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use guitai_sandbox::{Fault, LogEntry, Running, Sandbox, ServeOptions, Verb, WalletChange, serve};
use tokio::runtime::Runtime;

/// How long provider and network take, so that the till has long shown that it is waiting when the answer comes.
const ANSWER_AFTER_MS: u64 = 300;

/// The server, on a port that stays while customers come and go.
pub struct Counterparty {
    runtime: Runtime,
    sandbox: Sandbox,
    server: Option<Running>,
    port: u16,
}

impl Counterparty {
    /// Starts it on a free port.
    ///
    /// # Errors
    /// When there is no port.
    pub fn start() -> Result<Counterparty> {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        let sandbox = customer(0)?;
        let server = runtime.block_on(serve(sandbox.clone(), ServeOptions::default()))?;
        let port = server.http_addr.port();
        Ok(Counterparty { runtime, sandbox, server: Some(server), port })
    }

    /// Where it is.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// A new customer with a new provider behind the same port: after ten payments a day a wallet asks for its password.
    /// Connections are closed, so the next payment opens one.
    ///
    /// # Errors
    /// When the port is gone.
    pub fn renew(&mut self, seed: u64) -> Result<()> {
        drop(self.server.take());
        self.sandbox = customer(seed)?;
        let options = ServeOptions { port: self.port, ..ServeOptions::default() };
        for _ in 0..100 {
            if let Ok(server) = self.runtime.block_on(serve(self.sandbox.clone(), options.clone())) {
                self.server = Some(server);
                return Ok(());
            }
            sleep(Duration::from_millis(10));
        }
        bail!("the port is not free again")
    }

    /// The code that the customer shows.
    pub fn code(&self) -> String {
        self.sandbox.wallet().code
    }

    /// First byte of the last charge, and last byte of its answer: microseconds since 1970.
    ///
    /// # Errors
    /// When the server does not say, or there was none.
    pub fn last_charge(&self) -> Result<(i64, i64)> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        write!(stream, "GET /admin/log HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        let (_, body) = answer.split_once("\r\n\r\n").context("an answer")?;
        let log: Vec<LogEntry> = serde_json::from_str(body)?;
        let charge = log.into_iter().rfind(|entry| entry.verb == Verb::Pay).context("a charge")?;
        Ok((charge.received_us, charge.written_us.context("an answered charge")?))
    }
}

fn customer(seed: u64) -> Result<Sandbox> {
    let sandbox = Sandbox::open(None, seed)?;
    sandbox.set_wallet(WalletChange { balance_fen: Some(100_000_000), ..WalletChange::default() });
    sandbox.inject(Fault::Delay { ms: ANSWER_AFTER_MS }, Verb::Pay, u32::MAX);
    Ok(sandbox)
}
