//! What the display really shows: its memory, read from outside.
//!
//! A page's own marks say when it handed a frame over, not when that frame arrived.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, sleep};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, ensure};

/// Tells the program that runs on the display where the display keeps its memory.
pub const FOLDER: &str = "GUITAI_GLASS";
/// How often it is looked at.
const PACE: Duration = Duration::from_micros(400);
/// The file is an XWD picture: where its header says how long it is, how long a line is, how many colours follow it.
const HEADER: [usize; 3] = [0, 48, 76];
const COLOUR_BYTES: usize = 12;
const PIXEL_BYTES: usize = 4;

/// Which pixels are looked at: `width` of them from `x`, in each line of `lines`.
pub struct Place {
    /// From the left.
    pub x: usize,
    /// How many in a line.
    pub width: usize,
    /// First line, one past the last, and the step.
    pub lines: (usize, usize, usize),
}

type Changes = Arc<Mutex<Vec<i64>>>;

/// Notes when a place on the display changes.
pub struct Glass(Changes);

impl Glass {
    /// Watches `place` from here on, for as long as it is kept.
    ///
    /// # Errors
    /// When this is no display whose memory can be read.
    pub fn watch(place: &Place) -> Result<Glass> {
        let folder = std::env::var_os(FOLDER).context("a display whose memory can be read")?;
        let memory = File::open(Path::new(&folder).join("Xvfb_screen0"))?;
        let mut header = [0; 80];
        memory.read_exact_at(&mut header, 0)?;
        let [size, line, colours] = HEADER.map(|at| number(&header, at));
        let picture = size + colours * COLOUR_BYTES;
        let (from, to, step) = place.lines;
        let at: Vec<u64> =
            (from..to).step_by(step).map(|y| (picture + y * line + place.x * PIXEL_BYTES) as u64).collect();
        let width = place.width * PIXEL_BYTES;
        let changes = Changes::default();
        let weak = Arc::downgrade(&changes);
        thread::spawn(move || {
            let (mut seen, mut now) = (vec![0; width * at.len()], vec![0; width * at.len()]);
            while let Some(changes) = weak.upgrade() {
                for (piece, at) in now.chunks_mut(width).zip(&at) {
                    if memory.read_exact_at(piece, *at).is_err() {
                        return;
                    }
                }
                if now != seen {
                    changes.lock().unwrap_or_else(PoisonError::into_inner).push(now_us());
                    seen.clone_from(&now);
                }
                drop(changes);
                sleep(PACE);
            }
        });
        Ok(Glass(changes))
    }

    /// When the place changed for the last time, in microseconds since 1970; forgets all changes.
    ///
    /// # Errors
    /// When it did not change since `since`.
    pub fn last_change(&self, since: i64) -> Result<i64> {
        let changes = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        changes.last().copied().filter(|at| *at >= since).context("nothing has changed on the display")
    }
}

fn number(header: &[u8], at: usize) -> usize {
    header[at..at + 4].iter().fold(0, |number, byte| (number << 8) | usize::from(*byte))
}

/// Runs this program again on a display of its own, whose memory can be read.
///
/// # Errors
/// When there is no such display, or the program fails on it.
pub fn on_own_display(name: &str) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let mut display = Command::new("Xvfb")
        .args(["-displayfd", "1", "-screen", "0", "1366x768x24", "-nolisten", "tcp", "-noreset", "-fbdir"])
        .arg(folder.path())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .context("Xvfb (Debian package xvfb)")?;
    let mut number = String::new();
    let output = display.stdout.take().context("its output")?;
    BufReader::new(output).read_line(&mut number)?;
    let ended = Command::new(std::env::current_exe()?)
        .arg(name)
        .env("DISPLAY", format!(":{}", number.trim()))
        .env(FOLDER, folder.path())
        .status();
    let _ = display.kill();
    let _ = display.wait();
    ensure!(ended?.success(), "{name} did not end well");
    Ok(())
}

/// Microseconds since 1970.
pub fn now_us() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
}
