//! A provider on a socket, which outlives the till and can be out of reach for a while.

use anyhow::{Context, Result};
use guitai_sandbox::{Behaviour, Running, Sandbox, ServeOptions, WalletChange, serve};
use guitai_window_tests::{Options, Stage, keyboard};
use tokio::runtime::Runtime;

pub struct Provider {
    pub sandbox: Sandbox,
    running: Option<Running>,
    port: u16,
    runtime: Runtime,
}

impl Provider {
    pub fn start() -> Result<Provider> {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        let sandbox = Sandbox::open(None, 7)?;
        let running = runtime.block_on(serve(sandbox.clone(), ServeOptions::default()))?;
        let port = running.http_addr.port();
        Ok(Provider { sandbox, running: Some(running), port, runtime })
    }

    pub fn options(&self) -> Options {
        Options { sandbox: Some(format!("http://127.0.0.1:{}", self.port)), ..Options::default() }
    }

    pub fn next_payment(&self, behaviour: Behaviour) {
        self.sandbox.set_wallet(WalletChange { behaviour: Some(behaviour), ..WalletChange::default() });
    }

    /// Nobody listens any more, as far as a till can tell.
    pub fn vanish(&mut self) -> Result<()> {
        self.running.take().context("it is there")?.shutdown();
        Ok(())
    }

    /// It is back, at the same address.
    #[allow(dead_code, reason = "each test file is a program of its own, and not each needs it")]
    pub fn come_back(&mut self) -> Result<()> {
        let options = ServeOptions { port: self.port, ..ServeOptions::default() };
        self.running = Some(self.runtime.block_on(serve(self.sandbox.clone(), options))?);
        Ok(())
    }
}

/// Types the amount and scans the trainee's code.
pub fn charge(stage: &Stage, provider: &Provider, amount: &str) -> Result<()> {
    keyboard::type_text(amount, 60)?;
    keyboard::press(&["Return"])?;
    stage.until("armed")?;
    keyboard::scan(&provider.sandbox.wallet().code, 5)
}
