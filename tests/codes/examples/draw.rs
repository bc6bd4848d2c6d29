//! Writes pictures to look at, as PGM:
//! `cargo run --release -p guitai-codes --example draw -- FOLDER CATEGORY|all|empty|sequence|photos SIZE SEED [COUNT]`.

use std::error::Error;
use std::path::Path;

use guitai_codes::photo::{Kind, photo};
use guitai_codes::{Category, Frame, Sequence, Shot, Size, empty};

fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [folder, what, size, seed, count @ ..] = words.as_slice() else {
        return Err("usage: draw FOLDER CATEGORY|all|empty|sequence|photos SIZE SEED [COUNT]".into());
    };
    let size = Size::ALL.into_iter().find(|one| one.name() == size).ok_or("sizes: 480p 720p 1080p")?;
    let seed: u64 = seed.parse()?;
    let count: u64 = count.first().map_or(Ok(1), |count| count.parse())?;
    std::fs::create_dir_all(folder)?;
    let write = |name: String, frame: Frame| {
        let head = format!("P5\n{} {}\n255\n", frame.width, frame.height);
        std::fs::write(Path::new(folder).join(name), [head.into_bytes(), frame.pixels].concat())
    };
    match what.as_str() {
        "empty" => {
            for seed in seed..seed + count {
                write(format!("empty-{}-{seed}.pgm", size.name()), empty(size, seed))?;
            }
        }
        "sequence" => {
            let sequence = Sequence::draw(size, seed);
            for number in 0..u32::try_from(count)? {
                let name = format!("sequence-{}-{seed}-{number:03}.pgm", size.name());
                write(name, sequence.frame(number))?;
            }
        }
        "photos" => {
            for kind in Kind::ALL {
                for seed in seed..seed + count {
                    let one = photo(kind, seed);
                    let head = format!("P5\n{} {}\n255\n", one.width, one.height);
                    let name = format!("photo-{}-{seed}.pgm", kind.name());
                    std::fs::write(Path::new(folder).join(name), [head.into_bytes(), one.pixels].concat())?;
                }
            }
        }
        _ => {
            for wanted in Category::ALL.into_iter().filter(|one| what == "all" || one.name() == what) {
                for seed in seed..seed + count {
                    let name = format!("{}-{}-{seed}.pgm", wanted.name(), size.name());
                    write(name, Shot::draw(wanted, size, seed).take())?;
                }
            }
        }
    }
    Ok(())
}
