//! Our reader of codes beside every library that could be used alone: the same pictures, the same process, one core.

mod bench;
mod clock;
mod empties;
mod libraries;
mod ours;
mod phones;
mod progress;
mod readers;
mod results;
mod sequences;
mod sets;
mod table;

use std::path::PathBuf;

use anyhow::{Context, Result, anyhow};
use clap::Parser;
use guitai_codes::{Category, Size};
use serde_json::{Map, Value};

/// Ours beside the libraries, on generated phone screens, photographs and empty frames. Ctrl-C stops and prints what there is.
#[derive(Parser)]
#[command(name = "cargo xtask bench codes")]
struct Options {
    /// Phone screens of each category and size (20 if nothing else is asked for).
    #[arg(long)]
    count: Option<u64>,
    /// The first seed.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// A folder of photographs: with expected.tsv, or laid out as BoofCV's. May be given more than once.
    #[arg(long = "set", value_name = "DIR")]
    sets: Vec<PathBuf>,
    /// Generated photographs of printed QR codes, of each kind.
    #[arg(long, value_name = "N")]
    photos: Option<u64>,
    /// Frames without a code.
    #[arg(long, value_name = "N")]
    empty: Option<u64>,
    /// Customers who come in with a phone, at thirty frames a second, for each size (10 if no number is given).
    #[arg(long, value_name = "N", num_args = 0..=1, default_missing_value = "10")]
    sequences: Option<u64>,
    /// Only these readers.
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
    /// Only these categories of phone screens.
    #[arg(long, value_delimiter = ',', value_parser = category)]
    category: Vec<Category>,
    /// Only these sizes: 480p, 720p, 1080p.
    #[arg(long, value_delimiter = ',', value_parser = size)]
    size: Vec<Size>,
    /// Name the pictures that another reader reads and the first one does not.
    #[arg(long)]
    lost: bool,
    /// Also write the figures here.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

fn category(name: &str) -> Result<Category> {
    Category::ALL.into_iter().find(|one| one.name() == name).ok_or_else(|| {
        let names: Vec<_> = Category::ALL.iter().map(|one| one.name()).collect();
        anyhow!("there are: {}", names.join(", "))
    })
}

fn size(name: &str) -> Result<Size> {
    Size::ALL.into_iter().find(|one| one.name() == name).context("there are: 480p, 720p, 1080p")
}

fn or_all<T: Copy>(wanted: &[T], all: &[T]) -> Vec<T> {
    if wanted.is_empty() { all.to_vec() } else { wanted.to_vec() }
}

fn main() -> Result<()> {
    let options = Options::parse();
    progress::listen()?;
    // A library that panics is counted, not shown.
    std::panic::set_hook(Box::new(|_| {}));
    let mut bench = bench::Bench::new(readers::all(), &options.only)?;

    let mut figures = Map::new();
    let others = [options.empty, options.photos, options.sequences];
    let nothing_else = options.sets.is_empty() && others.iter().all(Option::is_none);
    if let Some(count) = options.count.or(nothing_else.then_some(20)) {
        let order = phones::Order {
            count,
            seed: options.seed,
            categories: or_all(&options.category, &Category::ALL),
            sizes: or_all(&options.size, &Size::ALL),
            lost: options.lost,
        };
        figures.insert("phones".into(), phones::run(&mut bench, &order));
    }
    let sets = options.sets.iter().map(|folder| sets::run(&mut bench, folder)).collect::<Result<Vec<_>>>()?;
    if !sets.is_empty() {
        figures.insert("sets".into(), Value::Array(sets));
    }
    if let Some(count) = options.photos {
        figures.insert("photos".into(), sets::run_generated(&mut bench, count, options.seed));
    }
    if let Some(count) = options.empty {
        figures.insert("empty".into(), empties::run(&mut bench, count, options.seed));
    }
    if let Some(count) = options.sequences {
        let sizes = or_all(&options.size, &Size::ALL);
        figures.insert("sequences".into(), sequences::run(&mut bench, count, options.seed, &sizes));
    }
    if progress::stopped() {
        println!("\nStopped: the last table is of what was seen until then.");
    }
    if let Some(file) = &options.json {
        std::fs::write(file, serde_json::to_string_pretty(&figures)?)?;
    }
    Ok(())
}
