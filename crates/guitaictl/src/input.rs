//! What must not be an argument: payment codes and PINs. Arguments show in process lists.

use std::io::{self, BufRead, Read};

use zeroize::Zeroizing;

/// Longer than any code or PIN: what is beyond is neither.
const LONGEST_LINE: u64 = 256;

/// The first line of standard input, without what scanners and shells put at its end.
pub fn first_line_of_stdin() -> io::Result<Zeroizing<String>> {
    let mut line = Zeroizing::new(Vec::with_capacity(LONGEST_LINE as usize));
    io::stdin().lock().take(LONGEST_LINE).read_until(b'\n', &mut line)?;
    Ok(Zeroizing::new(std::str::from_utf8(&line).unwrap_or("?").trim().to_owned()))
}

/// The manager's PIN: `GUITAI_PIN`, or the first line of standard input.
pub fn managers_pin() -> io::Result<Zeroizing<String>> {
    match std::env::var("GUITAI_PIN").map(Zeroizing::new) {
        Ok(pin) if !pin.is_empty() => Ok(pin),
        Ok(_) | Err(_) => first_line_of_stdin(),
    }
}
