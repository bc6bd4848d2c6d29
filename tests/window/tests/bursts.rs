//! Many scans at the real window: none lost, none doubled, none left anywhere.
//!
//! The gate sends 250; `GUITAI_SCANS=1000 GUITAI_SEED=77` sends the thousand that the figures in the documents come from.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use guitai_window_tests::{Options, Stage, keyboard, pause};

/// Gaps between a scanner's keys, in ms; fast ones are the most common.
const GAPS: [u32; 12] = [2, 3, 2, 5, 4, 8, 2, 12, 5, 20, 3, 30];

/// Where the focus is when the scan comes: keys that lead there, and whether a text field has it then.
const PLACES: [&[&str]; 5] = [
    // The counter.
    &[],
    // History, in the field for the amount.
    &["F10", "a"],
    // History, in the field for the last digits.
    &["F10", "n"],
    // Settings, wherever its focus is.
    &["F12", "3"],
    // The menu, over the counter.
    &["F12"],
];

const ANSWERED: &str = "SELECT count(*) FROM payment WHERE state = 'declined'";

#[test]
fn scans_are_each_taken_once_and_leave_no_trace() -> Result<()> {
    let scans: usize = std::env::var("GUITAI_SCANS").ok().and_then(|text| text.parse().ok()).unwrap_or(250);
    let mut dice =
        Dice(std::env::var("GUITAI_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(20_261_122));
    println!("{scans} scans, seed {}", dice.0);
    let stage = Stage::open(&Options::default())?;
    keyboard::press(&["1", "Return"])?;
    stage.until("armed")?;
    stage.eval(
        "window.lastKeys = []; addEventListener('keydown', (event) => { lastKeys.push(event.code + (event.repeat ? '!' : '') + \
         '@' + event.timeStamp.toFixed(0) + (event.keyCode === 229 ? '~' : '')); lastKeys.splice(0, lastKeys.length - 30) }, true)",
    )?;
    let mut codes = Vec::new();

    for scan in 0..scans {
        let code = dice.payment_code();
        let place = PLACES[dice.below(PLACES.len())];
        // Most scans come at the counter; walking elsewhere takes longer than scanning.
        if !place.is_empty() && scan % 4 == 0 {
            keyboard::press(place)?;
            // No hand is at the scanner sooner after a key.
            pause(200);
        }
        keyboard::scan(&code, GAPS[dice.below(GAPS.len())])?;
        let taken = i64::try_from(scan + 1)?;
        stage
            .wait_for(
                // Recorded first, then on the screen: only both together mean that the till takes the next scan.
                || Ok(stage.count(ANSWERED)? >= taken && stage.counter() == "declined"),
                &format!("scan {scan} to be taken and answered"),
            )
            .with_context(|| {
                let keys = stage.eval("return lastKeys.join(' ')").unwrap_or_default();
                let heard = stage.text().unwrap_or_default();
                format!("sent {code} at {place:?}; the page heard {keys}\nit says:\n{heard}")
            })?;
        ensure!(stage.count("SELECT count(*) FROM payment")? == taken, "scan {scan} was taken twice");
        if scan % 25 == 0 {
            ensure!(!stage.page_shows(&code)?, "scan {scan} left a trace in the page");
        }
        codes.push(code);
    }

    let kept: Vec<String> = stage
        .records()?
        .prepare("SELECT last_digits FROM payment ORDER BY created_seq")?
        .query_map([], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    let sent: Vec<&str> = codes.iter().map(|code| &code[14..]).collect();
    ensure!(kept == sent, "every scan in its order, and no other");
    ensure!(!stage.page_shows(&codes[codes.len() - 1])?, "the last scan left a trace in the page");
    let files = files_below(stage.folder())?;
    for file in files.iter().filter(|file| !is_the_other_side(file)) {
        let content = String::from_utf8_lossy(&fs::read(file)?).into_owned();
        for code in &codes {
            ensure!(!content.contains(&code[..12]), "a payment code lies in {}", file.display());
        }
    }
    println!("{scans} scans: 0 lost, 0 doubled, 0 found in {} files or in the page", files.len());
    Ok(())
}

/// The sandbox stands for the provider, and a provider knows codes.
fn is_the_other_side(file: &Path) -> bool {
    file.file_name().is_some_and(|name| name == "sandbox.json" || name == "wallet-code")
}

fn files_below(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() { files.extend(files_below(&path)?) } else { files.push(path) }
    }
    Ok(files)
}

/// Numbers that a seed decides (xorshift64*).
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }

    fn payment_code(&mut self) -> String {
        format!("1{}{:016}", self.next() % 6, self.next() % 10_000_000_000_000_000)
    }
}
