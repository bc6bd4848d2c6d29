//! Sells at the real window for as long as asked: `soak --minutes N [--seed S]`, which `cargo xtask soak` starts under a virtual
//! display.
//!
//! Three at work: the [`cashier`] with keyboard and scanner, the [`weather`] that spoils lines and kills the till, and a look at the
//! [`memory`] every ten seconds. The other side is a process of its own, the [`provider`]. At the end everything comes to rest and
//! the [`books`] of till, provider and bank are compared.
//!
//! The seed gives the same choices again, not the same moments: this is real time, with real processes.
#![expect(clippy::disallowed_methods, reason = "a soak takes its time, and measures it")]

mod books;
mod cashier;
mod customers;
mod dice;
mod memory;
mod provider;
mod till;
mod weather;

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};
use guitai_window_tests::pause;

use cashier::Cashier;
use dice::Dice;
use memory::{Growth, Sample};
use provider::Provider;
use till::{Programs, Till, count};
use weather::Forecast;

const SAMPLE_EVERY_S: i64 = 10;

/// What everybody shares.
pub struct Shop {
    till: Mutex<Till>,
    /// Where everything is kept.
    pub folder: PathBuf,
    /// What was counted.
    pub tally: Tally,
    broken: Mutex<Vec<String>>,
    samples: Mutex<Vec<Sample>>,
    began: Instant,
    over: AtomicBool,
}

/// Counts, for the lines that are printed.
#[derive(Debug, Default)]
pub struct Tally {
    /// Customers served, however it went.
    pub customers: AtomicU64,
    /// Payment codes scanned.
    pub scans: AtomicU64,
    /// Faults set on the line.
    pub faults: AtomicU64,
    /// Times the provider could not be reached at all.
    pub cuts: AtomicU64,
    /// Customers let go because a key did not show on the counter.
    pub missed: AtomicU64,
    /// Second copies that were refused.
    pub refused: AtomicU64,
    /// Files checked after a kill.
    pub verified: AtomicU64,
}

impl Shop {
    fn till(&self) -> MutexGuard<'_, Till> {
        self.till.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now_s(&self) -> i64 {
        i64::try_from(self.began.elapsed().as_secs()).unwrap_or(i64::MAX)
    }

    fn is_over(&self) -> bool {
        self.over.load(Ordering::Relaxed)
    }

    /// Something is not as it must be. The run goes on and fails at its end.
    fn note_broken(&self, why: &str) {
        println!("BROKEN at {} s: {why}", self.now_s());
        self.broken.lock().unwrap_or_else(PoisonError::into_inner).push(why.to_owned());
    }

    fn broken(&self) -> Vec<String> {
        self.broken.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn samples(&self) -> Vec<Sample> {
        self.samples.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn main() -> Result<()> {
    let (minutes, seed) = read(&std::env::args().skip(1).collect::<Vec<_>>())?;
    let folder =
        PathBuf::from(std::env::var_os("GUITAI_SOAK_DIR").context("start it by `cargo xtask soak`")?);
    let _ = fs::remove_dir_all(&folder);
    let programs = Programs::copied(&guitai_window_tests::till()?, &folder.join("programs"))?;
    println!("soak: {minutes} minutes, seed {seed}; everything is kept in {}", folder.display());

    let mut provider = Provider::start(programs.sandbox.clone(), folder.clone(), seed)?;
    let switches = provider.switches();
    let shop = Shop {
        till: Mutex::new(Till::new(programs, folder.clone(), provider.url())),
        folder,
        tally: Tally::default(),
        broken: Mutex::default(),
        samples: Mutex::default(),
        began: Instant::now(),
        over: AtomicBool::new(false),
    };
    let forecast = Forecast::of(minutes * 60);
    thread::scope(|scope| {
        scope.spawn(|| weather::blow(&shop, &mut provider, Dice::new(seed, 1), forecast));
        scope.spawn(|| watch_memory(&shop));
        let cashier = Cashier::new(&shop, switches, Dice::new(seed, 2));
        scope.spawn(move || cashier.work());
        for minute in 1..=minutes {
            while shop.now_s() < minute * 60 {
                pause(100);
            }
            print_minute(&shop, minute);
        }
        shop.over.store(true, Ordering::Relaxed);
    });
    let mut cashier = Cashier::new(&shop, switches, Dice::new(seed, 3));
    if let Err(error) = cashier.close_up().and_then(|()| books::compare(&shop, switches)) {
        shop.note_broken(&format!("{error:#}"));
    }
    summarise(&shop, minutes, seed)
}

fn read(arguments: &[String]) -> Result<(i64, u64)> {
    let usage = "soak --minutes N [--seed S]";
    let (mut minutes, mut seed) = (None, 1);
    for option in arguments.chunks(2) {
        match option {
            [name, value] if name == "--minutes" => minutes = Some(value.parse().context(usage)?),
            [name, value] if name == "--seed" => seed = value.parse().context(usage)?,
            _ => bail!(usage),
        }
    }
    let minutes = minutes.context(usage)?;
    ensure!(minutes > 0, usage);
    Ok((minutes, seed))
}

fn watch_memory(shop: &Shop) {
    let mut next_s = 0;
    while !shop.is_over() {
        pause(100);
        let now_s = shop.now_s();
        if now_s < next_s {
            continue;
        }
        next_s = now_s + SAMPLE_EVERY_S;
        let (process, life) = {
            let mut till = shop.till();
            (till.process(), till.lives)
        };
        if let Some(process) = process {
            let sample = memory::look(now_s, life, process);
            shop.samples.lock().unwrap_or_else(PoisonError::into_inner).push(sample);
        }
    }
}

fn print_minute(shop: &Shop, minute: i64) {
    let counted = |sql| count(&shop.folder, sql).map_or_else(|_| "?".to_owned(), |number| number.to_string());
    let sales = counted("SELECT count(*) FROM sale WHERE state = 'completed'");
    let doubt = counted(books::UNFINISHED);
    let entries = counted("SELECT count(*) FROM journal");
    let [till, web, network] = shop.samples().last().map_or([0; 3], |sample| sample.kb);
    let (lives, kills) = {
        let till = shop.till();
        (till.lives, till.kills)
    };
    println!(
        "{minute:>4} min: {sales} sales, {doubt} unfinished, {entries} entries, {lives} lives, {kills} kills, {} cuts, {} faults, \
         {} broken; till {till} kB, web {web} kB, network {network} kB",
        shop.tally.cuts.load(Ordering::Relaxed),
        shop.tally.faults.load(Ordering::Relaxed),
        shop.broken().len(),
    );
}

fn summarise(shop: &Shop, minutes: i64, seed: u64) -> Result<()> {
    let samples = shop.samples();
    let rows = samples.iter().map(|Sample { at_s, life, kb: [till, web, network] }| {
        format!("{at_s},{life},{till},{web},{network}\n")
    });
    let table = "second,life,till_kb,web_kb,network_kb\n".to_owned() + &rows.collect::<String>();
    fs::write(shop.folder.join("memory.csv"), table)?;

    let (kills, crashes) = {
        let till = shop.till();
        (till.kills, till.crashes)
    };
    let tally = &shop.tally;
    let counted = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
    println!("\nsoak of {minutes} minutes, seed {seed}");
    println!("  {} customers, {} payment codes scanned", counted(&tally.customers), counted(&tally.scans));
    println!("  {} sales paid", count(&shop.folder, "SELECT count(*) FROM sale WHERE state = 'completed'")?);
    println!("  {} journal entries", count(&shop.folder, "SELECT count(*) FROM journal")?);
    println!(
        "  {kills} kills, {crashes} crashes; {} times the file was checked after one",
        counted(&tally.verified)
    );
    println!("  {} faults, {} times no provider", counted(&tally.faults), counted(&tally.cuts));
    println!(
        "  {} second copies refused; {} customers let go, a key not having shown",
        counted(&tally.refused),
        counted(&tally.missed)
    );
    let stretch = memory::longest(&samples);
    let mut grew = Vec::new();
    for (kind, name) in memory::KINDS.iter().enumerate() {
        match Growth::of(&stretch, kind) {
            Some(growth) => {
                println!(
                    "  memory of {name}: {growth}: {}",
                    if growth.is_kept() { "kept" } else { "MISSED" }
                );
                grew.extend((!growth.is_kept()).then_some(*name));
            }
            None => println!("  memory of {name}: not watched for long enough"),
        }
    }
    let broken = shop.broken();
    println!(
        "  {} broken{}",
        broken.len(),
        broken.iter().map(|why| format!("\n    {why}")).collect::<String>()
    );
    ensure!(broken.is_empty() && crashes == 0, "the till did not hold");
    ensure!(grew.is_empty(), "memory grew: {}", grew.join(", "));
    Ok(())
}
