//! Key events through X, as a keyboard or a scanner in keyboard mode sends them.

use std::process::{Command, Stdio};

use anyhow::{Result, ensure};

const PATIENCE_S: &str = "30";

/// Gives the keyboard to the window whose title has `name` in it.
///
/// # Errors
/// When there is no such window.
pub fn focus(name: &str) -> Result<()> {
    xdotool(&["search", "--sync", "--onlyvisible", "--name", name, "windowfocus", "--sync"])
}

/// Types `text` with `gap_ms` between the keys.
///
/// # Errors
/// When there is no display.
pub fn type_text(text: &str, gap_ms: u32) -> Result<()> {
    xdotool(&["type", "--delay", &gap_ms.to_string(), text])
}

/// Presses the named keys one after the other.
///
/// # Errors
/// When there is no display.
pub fn press(names: &[&str]) -> Result<()> {
    xdotool(&[&["key", "--delay", "60"], names].concat())
}

/// A scan: the digits and Enter, at a scanner's pace, in one go.
///
/// # Errors
/// When there is no display.
pub fn scan(text: &str, gap_ms: u32) -> Result<()> {
    let gap = gap_ms.to_string();
    xdotool(&["type", "--args", "1", "--delay", &gap, text, "key", "Return"])
}

/// Moves the pointer to a place in the focused window and clicks.
///
/// # Errors
/// When there is no display.
pub fn click(x: i64, y: i64) -> Result<()> {
    xdotool(&["mousemove", &x.to_string(), &y.to_string(), "click", "1"])
}

fn xdotool(arguments: &[&str]) -> Result<()> {
    // A search waits for its window for ever, and that may never come.
    let output = Command::new("timeout")
        .args([PATIENCE_S, "xdotool"])
        .args(arguments)
        .env("LANG", "C.UTF-8")
        .stdin(Stdio::null())
        .output()?;
    ensure!(
        output.status.success(),
        "xdotool {:?}: {}",
        arguments[0],
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(())
}
