//! What is done with bytes from outside: each target feeds one parser, and says what must hold of whatever comes out.
//!
//! A target takes any bytes and must return: a panic, a hang or a broken promise is a find. `run.sh` runs them all.

mod books;
mod database;
mod journal;
mod replies;
mod scans;
mod settings;
mod shop;

pub use database::database;
pub use journal::journal;
pub use replies::{v2_replies, v3_replies};
pub use scans::scans;
pub use settings::settings;

#[cfg(test)]
mod tests {
    use std::path::Path;

    type Target = (&'static str, fn(&[u8]));

    const TARGETS: [Target; 6] = [
        ("v3_replies", super::v3_replies),
        ("v2_replies", super::v2_replies),
        ("settings", super::settings),
        ("scans", super::scans),
        ("database", super::database),
        ("journal", super::journal),
    ];

    #[test]
    fn every_seed_is_taken() {
        for (name, target) in TARGETS {
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds").join(name);
            let seeds: Vec<_> =
                std::fs::read_dir(&folder).expect("seeds").map(|seed| seed.expect("a seed")).collect();
            assert!(!seeds.is_empty(), "{name} has no seeds");
            for seed in seeds {
                target(&std::fs::read(seed.path()).expect("a seed"));
            }
            target(b"");
        }
    }
}
