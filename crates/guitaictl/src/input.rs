//! What must not be an argument: payment codes and PINs. Arguments show in process lists.

use std::fs::File;
use std::io::{self, BufRead, Read};
use std::path::Path;

use guitai_app::picture::BYTES_MAX;
use zeroize::Zeroizing;

/// Longer than any code or PIN: what is beyond is neither.
const LONGEST_LINE: u64 = 256;

/// The first line of standard input, without what scanners and shells put at its end.
pub fn first_line_of_stdin() -> io::Result<Zeroizing<String>> {
    let mut line = Zeroizing::new(Vec::with_capacity(LONGEST_LINE as usize));
    io::stdin().lock().take(LONGEST_LINE).read_until(b'\n', &mut line)?;
    Ok(Zeroizing::new(std::str::from_utf8(&line).unwrap_or("?").trim().to_owned()))
}

/// A picture's bytes; of one that is too large, one more than is taken.
pub fn picture_bytes(file: &Path) -> io::Result<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(Vec::new());
    File::open(file)?.take(BYTES_MAX as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The manager's PIN: `GUITAI_PIN`, or the first line of standard input.
pub fn managers_pin() -> io::Result<Zeroizing<String>> {
    match std::env::var("GUITAI_PIN").map(Zeroizing::new) {
        Ok(pin) if !pin.is_empty() => Ok(pin),
        Ok(_) | Err(_) => first_line_of_stdin(),
    }
}
