//! Pictures without a code: whatever is read in one of them is wrong.

use guitai_codes::{Size, empty};
use serde_json::{Value, json};

use crate::bench::Bench;
use crate::clock::percentile;
use crate::progress::{Progress, stopped};
use crate::readers::{Picture, Wish};
use crate::table;

/// How many of the small, cheap ones there are to one of the larger ones.
const SIZES: [Size; 10] = [
    Size::P480,
    Size::P480,
    Size::P480,
    Size::P480,
    Size::P480,
    Size::P480,
    Size::P480,
    Size::P720,
    Size::P720,
    Size::P1080,
];

/// Looks at `count` empty pictures of mixed sizes.
pub fn run(bench: &mut Bench, count: u64, seed: u64) -> Value {
    let names = bench.names();
    let mut times = vec![Vec::new(); names.len()];
    let mut wrong = vec![0usize; names.len()];
    let mut finds = Vec::new();
    let mut progress = Progress::new("empty frames", count as usize);
    for number in seed..seed + count {
        if stopped() {
            break;
        }
        let size = SIZES[(number % SIZES.len() as u64) as usize];
        let frame = empty(size, number);
        let picture = Picture { width: frame.width, height: frame.height, pixels: &frame.pixels };
        for (reader, answer) in bench.ask(&picture, Wish::Frame).iter().enumerate() {
            times[reader].push(answer.ms);
            wrong[reader] += answer.codes.len();
            for code in &answer.codes {
                let name = names[reader];
                finds.push(format!(
                    "{} {number}: {name} reads {:?} {:?}",
                    size.name(),
                    code.symbol,
                    code.text
                ));
            }
        }
        progress.step();
    }
    let seen = times.first().map_or(0, Vec::len);
    let mut rows = vec![vec![String::new(), "wrong payloads".into(), "ms, median".into(), "p95".into()]];
    for (reader, name) in names.iter().enumerate() {
        let of = |share| format!("{:.1}", percentile(&times[reader], share));
        rows.push(vec![(*name).to_owned(), wrong[reader].to_string(), of(0.5), of(0.95)]);
    }
    table::print(
        &format!("{seen} frames without a code, 70 % 480p, 20 % 720p, 10 % 1080p, seeds from {seed}"),
        &rows,
    );
    finds.iter().for_each(|find| println!("  {find}"));
    let wrong: Vec<Value> =
        names.iter().zip(&wrong).map(|(name, wrong)| json!({ "reader": name, "wrong": wrong })).collect();
    json!({ "frames": seen, "seed": seed, "wrong": wrong, "finds": finds })
}
