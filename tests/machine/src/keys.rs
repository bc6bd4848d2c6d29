//! A code as key strokes of the machine's hardware.

use anyhow::{Result, ensure};

/// How long a key is down, and from its end to the next one, in milliseconds of the machine: faster, and it loses keys.
pub const HELD_MS: u32 = 12;

/// A payment code's digits, and Enter.
pub const COUNT: usize = 19;

/// The names of the keys, with the Enter a scanner ends with.
pub fn of(code: &str) -> Result<Vec<String>> {
    ensure!(code.bytes().all(|byte| byte.is_ascii_digit()), "a payment code has digits only");
    Ok(code.chars().map(String::from).chain(["ret".to_owned()]).collect())
}
