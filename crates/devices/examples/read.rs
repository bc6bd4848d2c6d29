//! Reads the codes in picture files and prints one line of JSON for each file.
//!
//! `cargo run --release -p guitai-devices --example read -- [--frame] FILE...`

use std::time::Instant;

use guitai_devices::decode::{Effort, Symbol, read};
use guitai_devices::picture::luma_of;

fn main() {
    let mut effort = Effort::Still;
    for argument in std::env::args().skip(1) {
        if argument == "--frame" {
            effort = Effort::Frame;
            continue;
        }
        println!("{}", line(&argument, effort));
    }
}

#[expect(clippy::disallowed_methods, reason = "an example that tells how long it took")]
fn line(path: &str, effort: Effort) -> serde_json::Value {
    let picture = match std::fs::read(path)
        .map_err(|error| error.to_string())
        .and_then(|bytes| luma_of(&bytes).map_err(|error| error.to_string()))
    {
        Ok(picture) => picture,
        Err(error) => return serde_json::json!({ "file": path, "error": error }),
    };
    let begun = Instant::now();
    let found = picture.luma().map(|luma| read(&luma, effort)).unwrap_or_default();
    let us = begun.elapsed().as_micros();
    let codes: Vec<serde_json::Value> = found
        .iter()
        .map(|code| {
            let symbol = match code.symbol {
                Symbol::Qr => "qr",
                Symbol::Code128 => "code128",
            };
            serde_json::json!({ "text": code.text.reveal(), "symbol": symbol, "corners": code.corners })
        })
        .collect();
    serde_json::json!({ "file": path, "codes": codes, "us": us as u64 })
}
