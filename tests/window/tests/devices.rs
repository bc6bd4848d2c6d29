//! Other devices than a keyboard at the real window: a scanner on a serial line, a picture a customer sent.

use std::io::Write;
use std::os::fd::OwnedFd;

use anyhow::{Context, Result, ensure};
use base64::Engine as _;
use guitai_window_tests::{Options, Stage, drop_file, keyboard};
use qrcode::{Color, QrCode};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

/// A pseudo-terminal: the scanner's end, and what the system calls the other.
fn line() -> Result<(OwnedFd, String)> {
    let scanner = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY)?;
    grantpt(&scanner)?;
    unlockpt(&scanner)?;
    let path = ptsname(&scanner, Vec::new())?.into_string()?;
    Ok((scanner, path))
}

/// What the settings page does about a port.
fn listen_to(stage: &Stage, path: &str) -> Result<()> {
    stage.page().execute_async(&format!(
        "const done = arguments[arguments.length - 1]; \
         window.__TAURI_INTERNALS__.invoke('choose_port', {{ id: 'serial:{path}', choice: 'always' }}) \
         .then(() => done(true), (why) => done(JSON.stringify(why)))"
    ))?;
    Ok(())
}

fn arm(stage: &Stage, amount: &str) -> Result<()> {
    keyboard::type_text(amount, 120)?;
    stage.until("entering")?;
    keyboard::press(&["Return"])?;
    stage.until("armed")
}

fn open_scanner_page(stage: &Stage) -> Result<()> {
    keyboard::press(&["F12", "3"])?;
    stage.until_said("收银台名")?;
    keyboard::press(&["Next", "Next", "Next"])
}

#[test]
fn a_scanner_on_a_serial_line_pays_and_stands_on_the_timeline() -> Result<()> {
    let (scanner, path) = line()?;
    let mut scanner = std::fs::File::from(scanner);
    let stage = Stage::open(&Options::default())?;
    listen_to(&stage, &path)?;
    open_scanner_page(&stage)?;
    stage.until_said("已就绪（H-10）")?;
    keyboard::press(&["Escape", "F12", "4"])?;
    stage.until_said("系统体检")?;
    stage.until_said("已就绪（H-10）")?;
    stage.photograph("window-devices")?;
    keyboard::press(&["Escape"])?;

    arm(&stage, "12.5")?;
    let code = stage.wallet_code()?;
    write!(scanner, "{code}\r")?;
    stage.until("captured")?;

    let device = format!("%\"device\":\"serial:{path}%");
    let written = stage.records()?.query_row(
        "SELECT count(*) FROM journal WHERE kind = 'payment.created' AND body LIKE ?1",
        [device],
        |row| row.get::<_, i64>(0),
    )?;
    ensure!(written == 1, "the device is written with the payment");
    ensure!(!stage.page_shows(&code)?, "nothing of the code is in the page");
    Ok(())
}

#[test]
fn while_scanners_are_tried_nothing_is_charged() -> Result<()> {
    let (scanner, path) = line()?;
    let mut scanner = std::fs::File::from(scanner);
    let stage = Stage::open(&Options::default())?;
    listen_to(&stage, &path)?;
    arm(&stage, "12.5")?;
    open_scanner_page(&stage)?;
    stage.until_said("在这里扫码不会收款")?;

    let code = stage.wallet_code()?;
    write!(scanner, "{code}\r")?;
    stage.until_said("读得完整")?;
    stage.until_said("串口扫码枪")?;
    stage.photograph("window-scanner-tried")?;
    keyboard::scan(&code, 5)?;
    stage.until_said("扫码枪（键盘）")?;

    ensure!(!stage.page_shows(&code)?, "no digit is shown");
    ensure!(stage.count("SELECT count(*) FROM payment")? == 0);
    keyboard::press(&["Escape"])?;
    write!(scanner, "{code}\r")?;
    stage.until("captured")?;
    Ok(())
}

#[test]
fn a_screenshot_in_the_clipboard_is_charged_once() -> Result<()> {
    let stage = Stage::open(&Options::default())?;
    let mut clipboard = arboard::Clipboard::new().context("the clipboard")?;

    keyboard::press(&["ctrl+v"])?;
    stage.until_said("S-12")?;
    arm(&stage, "12.5")?;
    clipboard.set_text("no picture")?;
    keyboard::press(&["ctrl+v"])?;
    stage.until_said("S-17")?;
    let shot = Screenshot::of(&stage.wallet_code()?)?;
    clipboard.set_image(arboard::ImageData {
        width: shot.side,
        height: shot.side,
        bytes: shot.rgba().into(),
    })?;
    keyboard::press(&["ctrl+v"])?;
    stage.until("captured")?;

    keyboard::press(&["Return"])?;
    arm(&stage, "20")?;
    // The picture that was pasted is still there, and its code is used.
    keyboard::press(&["ctrl+v"])?;
    stage.until_said("S-05")?;

    ensure!(stage.count("SELECT count(*) FROM payment")? == 1);
    ensure!(!stage.page_shows(&stage.wallet_code()?)?, "nothing of the code is in the page");
    Ok(())
}

#[test]
fn a_screenshot_in_a_file_is_charged() -> Result<()> {
    let stage = Stage::open(&Options::default())?;
    arm(&stage, "20")?;
    choose(&stage, b"no picture")?;
    stage.until_said("S-15")?;

    let code = stage.wallet_code()?;
    choose(&stage, &Screenshot::of(&code)?.bmp())?;
    stage.until("captured")?;

    ensure!(
        stage.count("SELECT count(*) FROM journal WHERE body LIKE '%\"device\":\"picture:file\"%'")? == 1
    );
    Ok(())
}

#[test]
fn a_screenshot_dropped_on_the_window_is_charged() -> Result<()> {
    let stage = Stage::open(&Options::default())?;
    let folder = tempfile::tempdir()?;
    let [poem, shot] = ["poem.txt", "shot.bmp"].map(|name| folder.path().join(name));
    std::fs::write(&poem, "no picture")?;
    std::fs::write(&shot, Screenshot::of(&stage.wallet_code()?)?.bmp())?;

    arm(&stage, "20")?;
    drop_file("Guitai 柜台", &poem)?;
    stage.until_said("S-15")?;
    drop_file("Guitai 柜台", &shot)?;
    stage.until("captured")?;

    ensure!(
        stage.count("SELECT count(*) FROM journal WHERE body LIKE '%\"device\":\"picture:file\"%'")? == 1
    );
    Ok(())
}

/// Puts a file into the page's chooser, as if a person had chosen it.
fn choose(stage: &Stage, file: &[u8]) -> Result<()> {
    let data = base64::engine::general_purpose::STANDARD.encode(file);
    stage.eval(&format!(
        "const bytes = Uint8Array.from(atob('{data}'), (letter) => letter.charCodeAt(0)); \
         const chosen = new DataTransfer(); chosen.items.add(new File([bytes], 'code.bmp')); \
         const input = document.querySelector('input[type=file]'); \
         input.files = chosen.files; input.dispatchEvent(new Event('change', {{ bubbles: true }}))"
    ))?;
    Ok(())
}

/// A code as a phone shows it: eight pixels a module, on white.
struct Screenshot {
    side: usize,
    dark: Vec<bool>,
}

impl Screenshot {
    fn of(text: &str) -> Result<Screenshot> {
        const MODULE: usize = 8;
        const QUIET: usize = 4;
        let code = QrCode::new(text)?;
        let (width, colours) = (code.width(), code.to_colors());
        let side = (width + 2 * QUIET) * MODULE;
        let module = |at: usize| (at / MODULE).checked_sub(QUIET).filter(|at| *at < width);
        let is_dark = |pixel: usize| match (module(pixel / side), module(pixel % side)) {
            (Some(row), Some(column)) => colours[row * width + column] == Color::Dark,
            (None, _) | (_, None) => false,
        };
        Ok(Screenshot { side, dark: (0..side * side).map(is_dark).collect() })
    }

    fn rgba(&self) -> Vec<u8> {
        self.dark.iter().flat_map(|dark| if *dark { [0, 0, 0, 255] } else { [255; 4] }).collect()
    }

    /// A bitmap file of 24 bits a pixel, its rows from the bottom up.
    fn bmp(&self) -> Vec<u8> {
        let row = (self.side * 3).next_multiple_of(4);
        let size = |bytes: usize| u32::try_from(bytes).expect("small").to_le_bytes();
        let mut file = [b"BM".as_slice(), &size(54 + row * self.side), &[0; 4], &size(54)].concat();
        file.extend([size(40), size(self.side), size(self.side), [1, 0, 24, 0], [0; 4]].concat());
        file.extend([0; 20]);
        for line in self.dark.chunks(self.side).rev() {
            let pixels = line.iter().flat_map(|dark| if *dark { [0; 3] } else { [255; 3] });
            let mut bytes: Vec<u8> = pixels.collect();
            bytes.resize(row, 0);
            file.extend(bytes);
        }
        file
    }
}
