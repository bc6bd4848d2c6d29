//! Many scans at the real window, under every condition a keyboard knows: none may be lost, doubled or left anywhere,
//! and no number that a person types may be taken for one.
//!
//! A [`round`] is one scan and what a person types around it. Nineteen of twenty come while nothing is due, one after the other,
//! and what the page hands to the till is compared with what was sent. The twentieth is charged: an amount is typed, at
//! times with a scan in the middle of it, and what the till records is compared. Now and then the [`conditions`] change.

mod conditions;
mod round;
mod sale;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use crate::dice::Dice;
use crate::keys::Keyboard;
use crate::{InputMethod, Options, Stage};
use conditions::Conditions;

/// Scans without a charge, and one with it.
const SCANS_PER_SALE: u64 = 20;
const SALES_PER_CONDITIONS: u64 = 2;
const ANSWERED: &str = "SELECT count(*) FROM payment WHERE state = 'declined'";
/// A scan is long over when the next one comes.
const PAUSE_MS: u64 = 110;

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Order {
    /// How many scans.
    pub count: u64,
    /// Which choices.
    pub seed: u64,
    /// Whether a pinyin input method is switched on.
    pub input_method: bool,
}

/// What was done; everything that went wrong is an error instead.
#[derive(Debug, Default)]
pub struct Tally {
    /// Scans taken.
    pub scans: u64,
    /// Of these, charged.
    pub charged: u64,
    /// Scans with a person's key in the middle, which were refused with words and then repeated.
    pub refused: u64,
    /// Numbers typed by a person.
    pub typed: u64,
    /// How many scans met which condition.
    pub met: BTreeMap<&'static str, u64>,
}

impl Tally {
    fn meet(&mut self, condition: &'static str) {
        *self.met.entry(condition).or_default() += 1;
    }
}

/// What the till must have recorded of a scan.
#[derive(Debug, PartialEq, Eq)]
struct Recorded {
    amount_fen: i64,
    last_digits: String,
}

struct Run {
    stage: Stage,
    keyboard: Keyboard,
    dice: Dice,
    /// It composes letters in a field, and then nobody knows what was scanned: such a scan is refused with words.
    input_method: bool,
    conditions: Conditions,
    /// The text of every scan.
    sent: Vec<String>,
    charged: Vec<Recorded>,
    tally: Tally,
}

/// Scans as ordered.
///
/// # Errors
/// At the first scan that is lost, doubled or left somewhere, and the first typed number that is not taken as one.
pub fn run(order: Order) -> Result<Tally> {
    let method = order.input_method.then(InputMethod::start).transpose()?;
    let environment = if method.is_some() { InputMethod::environment() } else { Vec::new() };
    let stage = Stage::open(&Options { environment, ..Options::default() })?;
    listen(&stage)?;
    let mut run = Run {
        stage,
        keyboard: Keyboard::open()?,
        dice: Dice::new(order.seed),
        input_method: order.input_method,
        conditions: Conditions::default(),
        sent: Vec::new(),
        charged: Vec::new(),
        tally: Tally::default(),
    };
    let outcome = run.sell(order);
    // Whatever comes next on this display finds its keyboard as it was.
    Conditions::default().set(&run.keyboard)?;
    outcome?;
    Ok(run.tally)
}

/// Notes what the page hands to the till as scans, and the last keys for the error message of a scan that is lost.
fn listen(stage: &Stage) -> Result<()> {
    stage.eval(
        "window.lastKeys = []; window.handedOver = []; \
         addEventListener('keydown', (event) => { \
         lastKeys.push(event.code + (event.repeat ? '!' : '') + '@' + event.timeStamp.toFixed(0) + '/' + \
         (performance.now() - event.timeStamp).toFixed(0) + (event.keyCode === 229 ? '~' : '')); \
         lastKeys.splice(0, lastKeys.length - 600) }, true); \
         const send = window.fetch; window.fetch = (address, options) => { \
         if (String(address).endsWith('/scan')) handedOver.push(JSON.parse( \
         typeof options.body === 'string' ? options.body : new TextDecoder().decode(options.body)).text); \
         return send(address, options) }",
    )?;
    Ok(())
}

impl Run {
    fn sell(&mut self, order: Order) -> Result<()> {
        for sale in 0..order.count.div_ceil(SCANS_PER_SALE) {
            if sale % SALES_PER_CONDITIONS == 0 {
                self.conditions = Conditions::roll(&mut self.dice, order.input_method);
                self.conditions.set(&self.keyboard)?;
            }
            let told = format!("sale {sale}, seed {}, {:?}", order.seed, self.conditions);
            self.sale().with_context(|| self.heard()).context(told)?;
            if (sale + 1) % 10 == 0 {
                println!("{} scans, {} numbers typed", self.tally.scans, self.tally.typed);
            }
        }
        self.compare_records()?;
        self.search_files()
    }

    fn heard(&self) -> String {
        let keys = self.stage.eval("return lastKeys.join(' ')").unwrap_or_default();
        format!("the page heard {keys}\nit says:\n{}", self.stage.text().unwrap_or_default())
    }

    /// Every charge in its order with its amount, and no other.
    fn compare_records(&self) -> Result<()> {
        let records = self.stage.records()?;
        let mut query =
            records.prepare("SELECT amount_fen, last_digits FROM payment ORDER BY created_seq")?;
        let kept: Vec<Recorded> = query
            .query_map([], |row| Ok(Recorded { amount_fen: row.get(0)?, last_digits: row.get(1)? }))?
            .collect::<Result<_, _>>()?;
        ensure!(kept == self.charged, "sent {:?}, recorded {:?}", self.charged.last(), kept.last());
        Ok(())
    }

    fn search_files(&self) -> Result<()> {
        for file in files_below(self.stage.folder())?.iter().filter(|file| !is_the_other_side(file)) {
            let content = String::from_utf8_lossy(&fs::read(file)?).into_owned();
            for text in self.sent.iter().filter(|text| text.len() >= 18 && !text.contains('-')) {
                ensure!(!content.contains(&text[..12]), "a payment code lies in {}", file.display());
            }
        }
        Ok(())
    }
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
