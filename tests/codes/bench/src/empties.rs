//! Pictures without a code: whatever is read in one of them is wrong.

use guitai_codes::{Frame, Size, empty};
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

/// Ways a camera may hang: turned by a quarter, by half, by three, and each of those in a mirror. A room takes longer to draw than to look at.
const VIEWS: u64 = 8;

/// Looks at `count` empty pictures of mixed sizes, eight of each room.
pub fn run(bench: &mut Bench, count: u64, seed: u64) -> Value {
    let names = bench.names();
    let mut times = vec![Vec::new(); names.len()];
    let mut wrong = vec![0usize; names.len()];
    let mut finds = Vec::new();
    let mut size = SIZES[0];
    let mut room = empty(size, seed);
    let mut progress = Progress::new("empty frames", count as usize);
    for number in 0..count {
        if stopped() {
            break;
        }
        let (seed, view) = (seed + number / VIEWS, number % VIEWS);
        if view == 0 {
            size = SIZES[(seed % SIZES.len() as u64) as usize];
            room = empty(size, seed);
        }
        let frame = seen_from(&room, view);
        let picture = Picture { width: frame.width, height: frame.height, pixels: &frame.pixels };
        for (reader, answer) in bench.ask(&picture, Wish::Frame).iter().enumerate() {
            times[reader].push(answer.ms);
            wrong[reader] += answer.codes.len();
            for code in &answer.codes {
                let name = names[reader];
                finds.push(format!(
                    "{} {seed}, view {view}: {name} reads {:?} {:?}",
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
        &format!(
            "{seen} frames without a code, eight of each room, 70 % 480p, 20 % 720p, 10 % 1080p, seeds from {seed}"
        ),
        &rows,
    );
    finds.iter().for_each(|find| println!("  {find}"));
    let wrong: Vec<Value> =
        names.iter().zip(&wrong).map(|(name, wrong)| json!({ "reader": name, "wrong": wrong })).collect();
    json!({ "frames": seen, "seed": seed, "wrong": wrong, "finds": finds })
}

/// A picture as a camera sees it that hangs another way.
fn seen_from(room: &Frame, view: u64) -> Frame {
    let (turned, mirrored, upset) = (view & 1 != 0, view & 2 != 0, view & 4 != 0);
    let (width, height) = if turned { (room.height, room.width) } else { (room.width, room.height) };
    let mut pixels = Vec::with_capacity(room.pixels.len());
    for y in 0..height {
        for x in 0..width {
            let x = if mirrored { width - 1 - x } else { x };
            let y = if upset { height - 1 - y } else { y };
            let (x, y) = if turned { (y, x) } else { (x, y) };
            pixels.push(room.pixels[y * room.width + x]);
        }
    }
    Frame { width, height, pixels, ..room.clone() }
}
