//! Customers who come in with a phone, thirty frames a second: how long after the first frame that anyone could read there is an
//! answer.
//!
//! The libraries look at each frame for as long as they like. Ours has one core, and while it looks at one frame the next ones
//! arrive; of those it takes the newest. Its time is processor time, so a busy machine shows no slower till.

use guitai_codes::sequence::FRAME_MS;
use guitai_codes::{Frame, Sequence, Size};
use serde_json::{Value, json};

use crate::bench::Bench;
use crate::clock::{busy_ms, percentile};
use crate::ours::Live;
use crate::progress::{Progress, stopped};
use crate::readers::{Picture, Wish};
use crate::table;

/// Two and a half seconds: who has not been read by then holds the phone differently.
const FRAMES: u32 = 75;

#[derive(Default)]
struct Tally {
    customers: usize,
    /// No library read any frame.
    unreadable: usize,
    /// A library did, ours did not.
    missed: Vec<u64>,
    wrong: usize,
    /// From the first readable frame to our answer.
    waits: Vec<f64>,
    /// Ours read a frame before any library could.
    earlier: usize,
}

/// Measures, prints, and gives the figures.
pub fn run(bench: &mut Bench, count: u64, seed: u64, sizes: &[Size]) -> Value {
    let mut tallies: Vec<(Size, Tally)> = sizes.iter().map(|size| (*size, Tally::default())).collect();
    let mut progress = Progress::new("sequences", count as usize * sizes.len());
    'all: for number in seed..seed + count {
        for (size, tally) in &mut tallies {
            if stopped() {
                break 'all;
            }
            one_customer(bench, *size, number, tally);
            progress.step();
        }
    }
    print(&tallies, seed);
    Value::Array(tallies.iter().map(|(size, tally)| figures(*size, tally, seed)).collect())
}

fn one_customer(bench: &mut Bench, size: Size, seed: u64, tally: &mut Tally) {
    let sequence = Sequence::draw(size, seed);
    let mut ours = Live::default();
    // What the libraries could read first, and when ours answered, on which frame.
    let mut readable = None;
    let mut answered: Option<(f64, u32)> = None;
    let mut free_at = 0.0;
    for number in 0..FRAMES {
        let frame = sequence.frame(number);
        let picture = picture(&frame);
        let arrives = f64::from(number) * FRAME_MS;
        // The newest frame that has arrived when the worker is free: this one, unless the next comes before that.
        if answered.is_none() && free_at < arrives + FRAME_MS {
            let begins = f64::max(free_at, arrives);
            let before = busy_ms();
            let code = ours.look(&picture);
            free_at = begins + busy_ms() - before;
            match code {
                Some(code) if code.text == sequence.code() => answered = Some((free_at, number)),
                Some(_) => tally.wrong += 1,
                None => {}
            }
        }
        if readable.is_none() {
            let answers = bench.ask(&picture, Wish::Frame);
            let libraries = bench.names().into_iter().zip(&answers).filter(|(name, _)| *name != "ours");
            let mut texts = libraries.flat_map(|(_, answer)| &answer.codes).map(|code| &code.text);
            readable = texts.any(|text| text == sequence.code()).then_some(number);
        }
        if readable.is_some() && answered.is_some() {
            break;
        }
    }
    tally.customers += 1;
    match (readable, answered) {
        (None, None) => tally.unreadable += 1,
        (Some(_), None) => tally.missed.push(seed),
        (first, Some((answer, frame))) => {
            let first = first.unwrap_or(frame);
            tally.earlier += usize::from(frame < first);
            tally.waits.push(answer - f64::from(first.min(frame)) * FRAME_MS);
        }
    }
}

fn picture(frame: &Frame) -> Picture<'_> {
    Picture { width: frame.width, height: frame.height, pixels: &frame.pixels }
}

fn print(tallies: &[(Size, Tally)], seed: u64) {
    let head = [
        "",
        "customers",
        "ms, median",
        "p95",
        "largest",
        "before any library",
        "missed",
        "unreadable",
        "wrong",
    ];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    for (size, tally) in tallies {
        let of = |share| format!("{:.1}", percentile(&tally.waits, share));
        rows.push(vec![
            size.name().to_owned(),
            tally.customers.to_string(),
            of(0.5),
            of(0.95),
            of(1.0),
            tally.earlier.to_string(),
            tally.missed.len().to_string(),
            tally.unreadable.to_string(),
            tally.wrong.to_string(),
        ]);
    }
    table::print(&format!("From the first frame anyone could read to our answer, seeds from {seed}"), &rows);
    for (size, tally) in tallies.iter().filter(|(_, tally)| !tally.missed.is_empty()) {
        println!("  missed at {}: seeds {:?}", size.name(), tally.missed);
    }
}

fn figures(size: Size, tally: &Tally, seed: u64) -> Value {
    json!({
        "size": size.name(), "seed": seed, "customers": tally.customers, "unreadable": tally.unreadable,
        "missed": tally.missed, "wrong": tally.wrong, "earlier": tally.earlier,
        "p50_ms": percentile(&tally.waits, 0.5), "p95_ms": percentile(&tally.waits, 0.95),
        "largest_ms": percentile(&tally.waits, 1.0),
    })
}
