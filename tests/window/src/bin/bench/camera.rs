//! What the live view costs while nothing is shown to the camera: processor time of the till and of its page.

#![expect(clippy::float_arithmetic, reason = "noise, and figures for people")]

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result};
use guitai_codes::Size;
use guitai_codes::dice::Dice;
use guitai_window_tests::{Options, Stage, keyboard, pause};

const SECONDS: u64 = 20;
/// Of a cheap webcam indoors, in levels of grey.
const NOISE: f32 = 3.0;

pub fn run() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let film = folder.path().join("counter.y4m");
    write_film(&film)?;
    println!(
        "a played 720p film, 30 frames a second, an empty counter with a sensor's noise; {SECONDS} s each"
    );
    println!("{:<34} {:>7} {:>7} {:>7}", "% of one core", "till", "page", "all");
    let environment = vec![("GUITAI_CAMERA".to_owned(), format!("play:{}", film.display()))];
    let stage = Stage::open(&Options { environment, ..Options::default() })?;
    keyboard::type_text("12.5", 120)?;
    keyboard::press(&["Return"])?;
    stage.until("armed")?;
    measure("awaiting a code, camera off")?;
    keyboard::press(&["F3"])?;
    stage.until_said("摄像头已开")?;
    measure("the same, live view on")
}

/// Thirty frames that differ in their noise alone, as a sensor's do.
fn write_film(path: &Path) -> Result<()> {
    let counter = guitai_codes::empty(Size::P720, 1).pixels;
    let mut dice = Dice::new(1, "sensor");
    let mut film = fs::File::create(path)?;
    // Its frames are read from the page cache: a disk would be no part of a camera.
    writeln!(film, "YUV4MPEG2 W1280 H720 F30:1 Cmono")?;
    for _ in 0..30 {
        film.write_all(b"FRAME\n")?;
        let noisy =
            counter.iter().map(|grey| (f32::from(*grey) + NOISE * dice.noise()).clamp(0.0, 255.0) as u8);
        film.write_all(&noisy.collect::<Vec<u8>>())?;
    }
    Ok(())
}

fn measure(what: &str) -> Result<()> {
    pause(3_000);
    let (before, at) = (spent()?, Instant::now());
    pause(SECONDS * 1_000);
    let after = spent()?;
    let seconds = at.elapsed().as_secs_f64();
    let share = |name: &str| {
        let of = |times: &BTreeMap<String, u64>| times.get(name).copied().unwrap_or(0);
        // Ticks are hundredths of a second.
        (of(&after).saturating_sub(of(&before))) as f64 / seconds
    };
    let (till, page) = (share("guitai"), share("WebKitWebProces"));
    println!("{what:<34} {till:>7.1} {page:>7.1} {:>7.1}", till + page);
    Ok(())
}

/// Ticks that the processes on this display have taken, by their names.
fn spent() -> Result<BTreeMap<String, u64>> {
    let display = std::env::var("DISPLAY").unwrap_or_default();
    let mut spent = BTreeMap::new();
    for entry in fs::read_dir("/proc")?.flatten() {
        let process = entry.path();
        let ours = fs::read(process.join("environ")).is_ok_and(|environment| {
            environment.split(|byte| *byte == 0).any(|word| word == format!("DISPLAY={display}").as_bytes())
        });
        let Ok(stat) = fs::read_to_string(process.join("stat")) else { continue };
        if let (true, Some((name, ticks))) = (ours, name_and_ticks(&stat)) {
            *spent.entry(name).or_default() += ticks;
        }
    }
    spent.contains_key("guitai").then_some(spent).context("no till runs on this display")
}

fn name_and_ticks(stat: &str) -> Option<(String, u64)> {
    let (head, rest) = stat.rsplit_once(") ")?;
    let name = head.split_once('(')?.1.to_owned();
    let mut fields = rest.split_ascii_whitespace().skip(11);
    let (user, system): (u64, u64) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
    Some((name, user + system))
}
