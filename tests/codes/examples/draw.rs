//! Writes pictures to look at: `cargo run --release -p guitai-codes --example draw -- FOLDER CATEGORY|all SIZE SEED [COUNT]`, as PGM.

use std::path::Path;

use guitai_codes::{Category, Shot, Size};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [folder, category, size, seed, count @ ..] = words.as_slice() else {
        return Err("usage: draw FOLDER CATEGORY|all SIZE SEED [COUNT]".into());
    };
    let size = Size::ALL.into_iter().find(|one| one.name() == size).ok_or("sizes: 480p 720p 1080p")?;
    let seed: u64 = seed.parse()?;
    let count: u64 = count.first().map_or(Ok(1), |count| count.parse())?;
    std::fs::create_dir_all(folder)?;
    for wanted in Category::ALL.into_iter().filter(|one| category == "all" || one.name() == category) {
        for seed in seed..seed + count {
            let frame = Shot::draw(wanted, size, seed).take();
            let name = format!("{}-{}-{seed}.pgm", wanted.name(), size.name());
            let head = format!("P5\n{} {}\n255\n", frame.width, frame.height);
            std::fs::write(Path::new(folder).join(name), [head.into_bytes(), frame.pixels].concat())?;
        }
    }
    Ok(())
}
