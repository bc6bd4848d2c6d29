//! The person at the machine's screen: installs the till, opens it in training, and sells.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use crate::device::Device;
use crate::machine::Machine;
use crate::{pause, until};

const START_WITHIN: Duration = Duration::from_secs(180);
/// An emulated computer is slow.
const STEP_WITHIN: Duration = Duration::from_secs(20);
const SCANS_MAX: u32 = 3;
const AMOUNT: &str = "12.5";
const AMOUNT_FEN: &str = "1250";
/// How the person's programs are reached from the machine's shell.
const AT_SCREEN: &str = "runuser -u cashier -- env DISPLAY=:0 XAUTHORITY=/tmp/xauthority LANG=C.UTF-8";

/// The machine with a till that sells.
pub struct Shop {
    pub machine: Machine,
    /// A code works once.
    used: BTreeSet<String>,
}

impl Shop {
    /// Installs `package`, logs the person in and waits for the till's counter.
    pub fn open(mut machine: Machine, package: &Path) -> Result<Shop> {
        let bytes = std::fs::metadata(package)?.len();
        machine.run(&format!(
            "head -c {bytes} /dev/vdb > /tmp/guitai.deb && dpkg -i /tmp/guitai.deb && rm /tmp/guitai.deb"
        ))?;
        machine.run("ip address add 10.0.2.15/24 dev $(ls /sys/class/net | grep -v lo) && ip link set $(ls /sys/class/net | grep -v lo) up")?;
        machine.run("systemctl start --no-block getty@tty1.service")?;
        let mut shop = Shop { machine, used: BTreeSet::new() };
        let opened = shop.come_up();
        if opened.is_err() {
            shop.photograph("start-failed");
            shop.keep_logs()?;
        }
        opened.context("the till did not start")?;
        shop.photograph("started");
        Ok(shop)
    }

    fn come_up(&mut self) -> Result<()> {
        until("the till's window", START_WITHIN, || Ok(self.demo("ready")? == "ready"))?;
        until("the window to take keys", STEP_WITHIN, || {
            let focus = format!("{AT_SCREEN} xdotool search --onlyvisible --name Guitai windowfocus --sync");
            Ok(self.machine.try_run(&focus)?.1)
        })?;
        self.wait_for_counter("idle")
    }

    /// Rings up an amount, has `device` read the customer's code, and waits until that is paid. Answers how long it took from the scan on.
    pub fn sell(&mut self, device: &mut dyn Device) -> Result<String> {
        let before = self.paid()?;
        self.arm()?;
        let mut scans = 0;
        let took = loop {
            scans += 1;
            let code = self.fresh_code()?;
            let begun = Instant::now();
            device.scan(self, &code)?;
            let paid = self.wait_for_counter("captured");
            device.put_away(self)?;
            match paid {
                Ok(()) => break begun.elapsed(),
                // An emulated keyboard loses keys when the machine is held up: a cashier who is asked to scans again.
                Err(_) if scans < SCANS_MAX && self.demo("counter")? == "armed" => {}
                Err(error) => return Err(error),
            }
        };
        self.photograph(&format!("{}-captured", device.name()));
        let paid = self.paid()?;
        ensure!(
            paid == before + 1,
            "the screen says that it is paid; the books have {before} sales of this amount, then {paid}"
        );
        let again = if scans > 1 { format!(", {scans} scans") } else { String::new() };
        Ok(format!("paid, {}.{} s{again}", took.as_secs(), took.subsec_millis() / 100))
    }

    /// Rings up an amount, until a code is awaited.
    pub fn arm(&mut self) -> Result<()> {
        self.clear_counter()?;
        self.keys(&format!("type --delay 150 {AMOUNT}"))?;
        self.wait_for_counter("entering")?;
        self.keys("key Return")?;
        self.wait_for_counter("armed")
    }

    /// Ends what is on the counter, whatever came before.
    fn clear_counter(&mut self) -> Result<()> {
        until("the counter to be free", STEP_WITHIN, || {
            let key = match self.demo("counter")?.as_str() {
                "idle" => return Ok(true),
                "captured" => "Return",
                _ => "Escape",
            };
            self.keys(&format!("key {key}"))?;
            pause(1000);
            Ok(false)
        })?;
        Ok(())
    }

    /// Completed sales of this amount in the till's own books.
    fn paid(&mut self) -> Result<u32> {
        let ask =
            format!("SELECT count(*) FROM sale WHERE state = 'completed' AND amount_fen = {AMOUNT_FEN}");
        let file = "/home/cashier/.local/share/guitai/training/till.db";
        let count = self.machine.run(&format!("runuser -u cashier -- sqlite3 -readonly {file} \"{ask}\""))?;
        count.parse().with_context(|| format!("sales: {count}"))
    }

    /// What the wallet shows, once it is a code that was not scanned yet.
    fn fresh_code(&mut self) -> Result<String> {
        let mut code = String::new();
        until("a fresh code in the wallet", Duration::from_secs(70), || {
            code = self.demo("wallet-code")?;
            Ok(!code.is_empty() && !self.used.contains(&code))
        })?;
        ensure!(code.bytes().all(|byte| byte.is_ascii_digit()), "the wallet's code is not one");
        self.used.insert(code.clone());
        Ok(code)
    }

    fn wait_for_counter(&mut self, state: &str) -> Result<()> {
        let mut last = String::new();
        let found = until(&format!("the counter to be {state}"), STEP_WITHIN, || {
            last = self.demo("counter")?;
            Ok(last == state)
        });
        found.with_context(|| format!("the counter is {last}"))?;
        Ok(())
    }

    /// The person's own keyboard.
    pub fn keys(&mut self, what: &str) -> Result<()> {
        self.machine.run(&format!("{AT_SCREEN} xdotool {what}"))?;
        Ok(())
    }

    /// Waits until the till says `level` of the device whose id begins so.
    pub fn wait_for_device(&mut self, id: &str, level: &str) -> Result<Duration> {
        let mut last = String::new();
        let begins = format!("{level} {id}");
        let waited = until(&format!("the till to say {begins}"), STEP_WITHIN, || {
            last = self.demo("devices")?;
            Ok(last.lines().any(|line| line.starts_with(&begins)))
        });
        waited.with_context(|| format!("the till says {last:?}"))
    }

    /// One of the files that say what a person would see.
    fn demo(&mut self, name: &str) -> Result<String> {
        Ok(self.machine.try_run(&format!("cat /tmp/demo/{name} 2>/dev/null"))?.0)
    }

    /// Keeps a picture of the screen; the bench goes on without it.
    pub fn photograph(&mut self, name: &str) {
        pause(500);
        if let Err(error) = self.machine.photograph(name) {
            println!("no picture of the screen: {error:#}");
        }
    }

    /// Ends the till as a person who goes home, and keeps what it said.
    pub fn close(mut self) -> Result<()> {
        self.keep_logs()
    }

    fn keep_logs(&mut self) -> Result<()> {
        let said = self
            .machine
            .run("tail -n 60 /tmp/till.log /tmp/session.log; journalctl -b -k --no-pager; journalctl -b --no-pager | tail -n 300")?;
        self.machine.note("machine.log", &said)
    }
}
