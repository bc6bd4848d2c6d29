//! One running till.

use std::fs::{self, File};
use std::net::{TcpListener, TcpStream};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, ensure};
use rusqlite::{Connection, OpenFlags};
use tempfile::TempDir;

use crate::webdriver::Session;
use crate::{keyboard, pause};

/// How a till is started.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// A sandbox server instead of the one in the till's process.
    pub sandbox: Option<String>,
    /// The till is expected to say why it does not start, instead of becoming usable.
    pub refused: bool,
    /// More environment.
    pub environment: Vec<(String, String)>,
}

/// A till with a folder of its own, its window in front, WebDriver beside it.
pub struct Stage {
    page: Session,
    driver: Child,
    folder: PathBuf,
    _scratch: Option<TempDir>,
    _turn: File,
}

impl Stage {
    /// Starts a till in a fresh folder and waits until its window is usable.
    ///
    /// # Errors
    /// When there is no display, no driver or no till, or the window does not come.
    pub fn open(options: &Options) -> Result<Stage> {
        let scratch = tempfile::tempdir()?;
        let mut stage = Stage::open_in(scratch.path(), options)?;
        stage._scratch = Some(scratch);
        Ok(stage)
    }

    /// Starts a till on the folder `root`, which may have been used before.
    ///
    /// # Errors
    /// As [`Stage::open`].
    pub fn open_in(root: &Path, options: &Options) -> Result<Stage> {
        ensure!(std::env::var_os("DISPLAY").is_some(), "no DISPLAY: run these through `cargo xtask test`");
        let turn = wait_for_turn()?;
        let demo = root.join("demo");
        let _ = fs::remove_dir_all(&demo);
        fs::create_dir_all(&demo)?;
        let (driver, page) = start(root, &demo, options)?;
        let stage = Stage { page, driver, folder: root.to_owned(), _scratch: None, _turn: turn };
        if !options.refused {
            stage.wait_for(|| Ok(demo.join("ready").exists()), "the window to be usable")?;
            stage.take_keyboard()?;
        }
        Ok(stage)
    }

    /// Brings the keyboard to the till's window, and waits until the page hears a key that means nothing to it.
    ///
    /// # Errors
    /// When the window does not take it.
    pub fn take_keyboard(&self) -> Result<()> {
        self.eval("addEventListener('keydown', (event) => { if (event.key === 'Shift') window.heardShift = true }, true)")?;
        for _ in 0..100 {
            keyboard::focus("Guitai 柜台")?;
            keyboard::press(&["Shift_L"])?;
            pause(30);
            if self.eval("return window.heardShift === true")? == true {
                return Ok(());
            }
        }
        anyhow::bail!("the window does not take the keyboard")
    }

    /// The page, over WebDriver.
    #[must_use]
    pub fn page(&self) -> &Session {
        &self.page
    }

    /// Everything this till keeps, and its log.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The counter's state, as a word.
    #[must_use]
    pub fn counter(&self) -> String {
        fs::read_to_string(self.folder.join("demo/counter")).unwrap_or_default()
    }

    /// Waits until the counter is in `state`.
    ///
    /// # Errors
    /// When it is not within 20 s.
    pub fn until(&self, state: &str) -> Result<()> {
        self.wait_for(|| Ok(self.counter() == state), &format!("the counter to be {state}"))
    }

    /// The training wallet's payment code now, asked of the till itself.
    ///
    /// # Errors
    /// When the page cannot be asked.
    pub fn wallet_code(&self) -> Result<String> {
        Ok(fs::read_to_string(self.folder.join("demo/wallet-code"))?)
    }

    /// Whether `digits`, or any eight of them in a row, stand anywhere in the page, its fields, its address or its stores.
    ///
    /// # Errors
    /// When the page cannot be asked.
    pub fn page_shows(&self, digits: &str) -> Result<bool> {
        Ok(shows(&self.everything()?, digits))
    }

    /// The first of `codes` that the page shows, as [`Stage::page_shows`].
    ///
    /// # Errors
    /// When the page cannot be asked.
    pub fn page_shows_one_of<'a>(
        &self,
        codes: impl IntoIterator<Item = &'a String>,
    ) -> Result<Option<&'a String>> {
        let everything = self.everything()?;
        Ok(codes.into_iter().find(|code| shows(&everything, code)))
    }

    fn everything(&self) -> Result<String> {
        let everything = "return [document.documentElement.outerHTML, location.href, document.title, \
             JSON.stringify(localStorage), JSON.stringify(sessionStorage), \
             ...[...document.querySelectorAll('input, textarea')].map((field) => field.value)].join(' ')";
        Ok(self.eval(everything)?.to_string())
    }

    /// The till's records, read-only.
    ///
    /// # Errors
    /// When there are none yet.
    pub fn records(&self) -> Result<Connection> {
        let path = self.folder.join("data/training/till.db");
        Ok(Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?)
    }

    /// A whole number from the records.
    ///
    /// # Errors
    /// When the query does not give one.
    pub fn count(&self, sql: &str) -> Result<i64> {
        Ok(self.records()?.query_row(sql, [], |row| row.get(0))?)
    }

    /// Runs a script in the page and gives its value.
    ///
    /// # Errors
    /// When the script throws.
    pub fn eval(&self, script: &str) -> Result<serde_json::Value> {
        self.page.execute(script)
    }

    /// Everything the page says, for looking for words.
    ///
    /// # Errors
    /// When the page cannot be read.
    pub fn text(&self) -> Result<String> {
        Ok(self.eval("return document.body.innerText")?.as_str().unwrap_or_default().to_owned())
    }

    /// Waits until the page says `words`.
    ///
    /// # Errors
    /// When it does not within 20 s; says what is there instead.
    pub fn until_said(&self, words: &str) -> Result<()> {
        for _ in 0..400 {
            if self.text()?.contains(words) {
                return Ok(());
            }
            pause(50);
        }
        anyhow::bail!("the page does not say “{words}”; it says:\n{}", self.text()?)
    }

    /// Waits until `done`.
    ///
    /// # Errors
    /// When it is not within 20 s, or `done` fails.
    pub fn wait_for(&self, done: impl Fn() -> Result<bool>, wish: &str) -> Result<()> {
        for _ in 0..2_000 {
            if done()? {
                return Ok(());
            }
            pause(10);
        }
        let log = fs::read_to_string(self.folder.join("till.log")).unwrap_or_default();
        anyhow::bail!("waited 20 s for {wish}; the counter is {:?}; the till said:\n{log}", self.counter())
    }

    /// A picture of the page, for people.
    ///
    /// # Errors
    /// When it cannot be taken or written.
    pub fn photograph(&self, name: &str) -> Result<()> {
        let folder = target().join("screenshots");
        fs::create_dir_all(&folder)?;
        // Two frames first: a picture taken at once can show the one before. And of the whole screen: the driver's
        // own pictures take more than a minute each under a virtual display.
        let frames =
            "const done = arguments[0]; requestAnimationFrame(() => requestAnimationFrame(() => done(true)))";
        self.page.execute_async(frames)?;
        let taken =
            Command::new("scrot").arg("--overwrite").arg(folder.join(format!("{name}.png"))).status()?;
        ensure!(taken.success(), "scrot takes no picture");
        Ok(())
    }

    /// Kills the till without a word, as a power cut would.
    pub fn kill(self) {
        drop(self);
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        end_group(&self.driver);
        let _ = self.driver.wait();
    }
}

fn shows(everything: &str, digits: &str) -> bool {
    digits.as_bytes().windows(8).any(|part| everything.contains(&*String::from_utf8_lossy(part)))
}

fn end_group(driver: &Child) {
    let group = format!("-{}", driver.id());
    let _ = Command::new("kill").args(["-KILL", "--", &group]).status();
}

/// Starts the driver, which starts the till. A driver that does not get hold of the window is given up and another tried.
fn start(root: &Path, demo: &Path, options: &Options) -> Result<(Child, Session)> {
    let mut tries = 0;
    loop {
        tries += 1;
        let port = free_port()?;
        let log = File::create(root.join("till.log"))?;
        let mut command = Command::new("WebKitWebDriver");
        command
            .arg(format!("--port={port}"))
            .env("TAURI_WEBVIEW_AUTOMATION", "true")
            .env("GUITAI_DATA", root.join("data"))
            .env("GUITAI_DEMO_DIR", demo)
            .env("LANG", "C.UTF-8")
            .envs(options.sandbox.iter().map(|url| ("GUITAI_SANDBOX", url.clone())))
            .envs(options.environment.clone())
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            // A group of its own: killing the driver alone would leave the till behind.
            .process_group(0);
        let mut driver = command.spawn().context("WebKitWebDriver (Debian package webkit2gtk-driver)")?;
        match session(port) {
            Ok(page) => return Ok((driver, page)),
            Err(error) => {
                end_group(&driver);
                let _ = driver.wait();
                ensure!(tries < 3, "no session with the till's window: {error:#}");
                eprintln!("the driver did not get hold of the window, trying again: {error:#}");
            }
        }
    }
}

fn session(port: u16) -> Result<Session> {
    for _ in 0..200 {
        if TcpStream::connect(("127.0.0.1", port)).is_ok() {
            break;
        }
        pause(25);
    }
    Session::start(port, &till()?.to_string_lossy(), &["--training"])
}

/// The till's program: `GUITAI_TILL`, or the one built beside these tests.
///
/// # Errors
/// When it is not built.
pub fn till() -> Result<PathBuf> {
    let till = match std::env::var_os("GUITAI_TILL") {
        Some(path) => PathBuf::from(path),
        None => std::env::current_exe()?
            .ancestors()
            .map(|folder| folder.join("guitai"))
            .find(|path| path.is_file())
            .context("the till is not built: cargo build -p guitai")?,
    };
    ensure!(till.is_file(), "there is no till at {}", till.display());
    Ok(till)
}

/// Cargo's target folder.
fn target() -> PathBuf {
    let built = std::env::current_exe().unwrap_or_default();
    let found = built.ancestors().find(|folder| folder.file_name().is_some_and(|name| name == "target"));
    found.map_or_else(|| PathBuf::from("target"), Path::to_owned)
}

/// One stage at a time has a display's keyboard, whatever runs the tests.
fn wait_for_turn() -> Result<File> {
    let display = std::env::var("DISPLAY").unwrap_or_default().replace([':', '/'], "-");
    let file = File::create(std::env::temp_dir().join(format!("guitai-window-tests{display}.lock")))?;
    file.lock()?;
    Ok(file)
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}
