//! One sale in training mode, rung up by real key strokes on a virtual display and photographed step by step.
//!
//! The till helps through the folder named in `GUITAI_DEMO_DIR`, where it keeps three files: `ready` appears when the window can be
//! used, `wallet-code` holds the training wallet's payment code, `counter` holds one word, the state of the counter.

use std::{
    env,
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};

use crate::{display::VirtualDisplay, leash::Leashed, shell};

const AMOUNT: &str = "12.5";
const WINDOW_NAME: &str = "Guitai";
const READY_WITHIN: Duration = Duration::from_secs(60);
const STEP_WITHIN: Duration = Duration::from_secs(15);
const RESULT_WITHIN: Duration = Duration::from_secs(30);
/// A person's pace and a scanner's, in milliseconds between keys.
const PERSON_MS: &str = "120";
const SCANNER_MS: &str = "5";
/// The state is known a little before the picture of it is drawn.
const UNTIL_DRAWN: Duration = Duration::from_millis(400);

/// Starts `till`, sells, and ends it. Succeeds only if the payment was captured.
pub fn ring_up(mut till: Command) -> Result<()> {
    let pictures = shell::target().join("screenshots");
    fs::create_dir_all(&pictures)?;
    let scratch = Scratch::create()?;
    let log = pictures.join("till.log");

    let display = VirtualDisplay::start()?;
    till.env("GUITAI_DEMO_DIR", scratch.0.join("demo"));
    if env::var_os("GUITAI_DATA").is_none() {
        till.env("GUITAI_DATA", scratch.0.join("data"));
    }
    let out = File::create(&log)?;
    let running = Leashed::start(display.host(&mut till), out.try_clone()?.into(), out.into())?;
    let mut stage =
        Stage { display: &display, till: running, demo: scratch.0.join("demo"), pictures: &pictures };

    stage.sell().with_context(|| {
        let said = fs::read_to_string(&log).unwrap_or_default();
        let lines: Vec<&str> = said.lines().collect();
        let last = lines[lines.len().saturating_sub(10)..].join("\n  | ");
        format!(
            "the sale was not rung up; the till's last words (all of them: {}):\n  | {last}\n",
            log.display()
        )
    })?;
    println!("\nCaptured. The pictures are in {}", pictures.display());
    Ok(())
}

struct Stage<'a> {
    display: &'a VirtualDisplay,
    till: Leashed,
    demo: PathBuf,
    pictures: &'a Path,
}

impl Stage<'_> {
    fn sell(&mut self) -> Result<()> {
        self.wait("the window to be usable", READY_WITHIN, |stage| stage.demo.join("ready").exists())?;
        self.wait("the window to show", STEP_WITHIN, |stage| {
            stage
                .xdotool(&["search", "--onlyvisible", "--name", WINDOW_NAME, "windowfocus", "--sync"])
                .is_ok()
        })?;
        self.wait_for_counter(&["idle"], STEP_WITHIN)?;
        self.photograph("1-idle")?;

        self.xdotool(&["type", "--delay", PERSON_MS, AMOUNT])?;
        self.wait_for_counter(&["entering"], STEP_WITHIN)?;
        self.photograph("2-amount")?;

        self.xdotool(&["key", "Return"])?;
        self.wait_for_counter(&["armed"], STEP_WITHIN)?;
        self.photograph("3-armed")?;

        let code = self.wallet_code()?;
        self.xdotool(&["type", "--delay", SCANNER_MS, &code])?;
        self.xdotool(&["key", "Return"])?;
        self.wait_for_counter(&["captured"], RESULT_WITHIN)?;
        self.photograph("4-captured")
    }

    /// Read at the last moment: the code changes every minute.
    fn wallet_code(&self) -> Result<String> {
        let code =
            fs::read_to_string(self.demo.join("wallet-code")).context("the training wallet shows no code")?;
        let code = code.trim();
        ensure!(
            code.len() >= 16 && code.bytes().all(|byte| byte.is_ascii_digit()),
            "the training wallet's code is not a payment code"
        );
        Ok(code.to_owned())
    }

    fn wait_for_counter(&mut self, states: &[&str], limit: Duration) -> Result<()> {
        let wish = format!("the counter to be {}", states.join(" or "));
        self.wait(&wish, limit, |stage| states.contains(&stage.counter().as_str()))
    }

    fn counter(&self) -> String {
        fs::read_to_string(self.demo.join("counter")).unwrap_or_default().trim().to_owned()
    }

    fn wait(&mut self, wish: &str, limit: Duration, come_true: impl Fn(&Self) -> bool) -> Result<()> {
        let began = Instant::now();
        while !come_true(self) {
            if let Some(status) = self.till.ended()? {
                bail!("waited for {wish}, but the till ended: {status}");
            }
            if began.elapsed() > limit {
                let _ = self.photograph("failed");
                bail!(
                    "waited {} s for {wish}; the counter is {:?}, the screen is in {}",
                    limit.as_secs(),
                    self.counter(),
                    self.pictures.join("failed.png").display()
                );
            }
            sleep(Duration::from_millis(20));
        }
        Ok(())
    }

    fn xdotool(&self, words: &[&str]) -> Result<()> {
        let mut xdotool = shell::program("xdotool");
        xdotool.args(words).stdout(Stdio::null()).stderr(Stdio::null());
        let status = self.display.host(&mut xdotool).status().context("could not start xdotool")?;
        // The words may be a payment code, which no message repeats.
        ensure!(status.success(), "xdotool {}: {status}", words[0]);
        Ok(())
    }

    fn photograph(&self, name: &str) -> Result<()> {
        sleep(UNTIL_DRAWN);
        let file = self.pictures.join(format!("{name}.png"));
        let mut scrot = shell::program("scrot");
        shell::run(self.display.host(scrot.arg("--overwrite").arg(&file)))?;
        println!("  {}", file.display());
        Ok(())
    }
}

/// A folder that goes when the demonstration is over.
struct Scratch(PathBuf);

impl Scratch {
    fn create() -> Result<Self> {
        let dir = env::temp_dir().join(format!("guitai-demo-{}", std::process::id()));
        fs::create_dir_all(dir.join("demo"))?;
        fs::create_dir_all(dir.join("data"))?;
        Ok(Self(dir))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
