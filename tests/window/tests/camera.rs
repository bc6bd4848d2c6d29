//! A phone held before a camera, at the real window: the camera is a folder of pictures that this test changes.

use std::fs;
use std::path::Path;

use anyhow::{Result, ensure};
use guitai_window_tests::{Options, Stage, keyboard};
use qrcode::{Color, QrCode};

const WIDTH: usize = 640;
const HEIGHT: usize = 360;

#[test]
fn a_phone_held_before_the_camera_pays_and_the_camera_closes() -> Result<()> {
    let folder = tempfile::tempdir()?;
    show(folder.path(), &counter())?;
    let stage = open(folder.path())?;

    keyboard::type_text("12.5", 120)?;
    keyboard::press(&["Return"])?;
    stage.until("armed")?;
    ensure!(!is_open(&stage)?, "no camera is opened before a person allows it");
    keyboard::press(&["F3"])?;
    stage.until_said("摄像头已开")?;
    stage.wait_for(|| Ok(stage.eval(WIDTH_SHOWN)? == WIDTH), "a live picture")?;
    show(folder.path(), &phone(&stage.wallet_code()?)?)?;
    stage.until("captured")?;

    ensure!(!is_open(&stage)?, "the camera is closed as soon as the code is read");
    ensure!(stage.count("SELECT amount_fen FROM sale WHERE state = 'completed'")? == 1_250);
    ensure!(stage.count("SELECT count(*) FROM payment")? == 1, "one phone, one charge");

    // The same phone is still there while the next sale is rung up.
    keyboard::press(&["Return", "7", "Return"])?;
    stage.until("armed")?;
    stage.until_said("摄像头已开")?;
    stage.photograph("window-camera")?;
    ensure!(stage.counter() == "armed", "a code that was charged is not charged again");
    ensure!(stage.count("SELECT count(*) FROM payment")? == 1);
    Ok(())
}

#[test]
fn a_camera_that_is_pulled_says_so_and_is_live_again_once_it_is_back() -> Result<()> {
    let folder = tempfile::tempdir()?;
    show(folder.path(), &counter())?;
    let stage = open(folder.path())?;
    keyboard::press(&["F3"])?;
    keyboard::type_text("3", 120)?;
    keyboard::press(&["Return"])?;
    stage.until_said("摄像头已开")?;

    fs::remove_file(folder.path().join("seen.pgm"))?;
    stage.until_said("用扫码枪")?;
    ensure!(!stage.text()?.contains("摄像头已开"), "a picture that is not live is not called so");
    stage.photograph("window-camera-gone")?;
    show(folder.path(), &counter())?;
    stage.until_said("摄像头已开")?;

    keyboard::scan(&stage.wallet_code()?, 5)?;
    stage.until("captured")?;
    Ok(())
}

const WIDTH_SHOWN: &str = "return document.querySelector('.camera canvas')?.width ?? 0";

fn open(folder: &Path) -> Result<Stage> {
    let played = format!("play:{}", folder.display());
    Stage::open(&Options { environment: vec![("GUITAI_CAMERA".to_owned(), played)], ..Options::default() })
}

fn is_open(stage: &Stage) -> Result<bool> {
    Ok(stage.eval("return document.querySelector('.camera') !== null")? == true)
}

/// Changes what the camera sees, in one step.
fn show(folder: &Path, grey: &[u8]) -> Result<()> {
    let draft = folder.with_extension("draft");
    fs::write(&draft, [format!("P5 {WIDTH} {HEIGHT} 255\n").as_bytes(), grey].concat())?;
    Ok(fs::rename(draft, folder.join("seen.pgm"))?)
}

fn counter() -> Vec<u8> {
    (0..WIDTH * HEIGHT).map(|at| 90 + (at % WIDTH / 8) as u8).collect()
}

fn phone(code: &str) -> Result<Vec<u8>> {
    let qr = QrCode::new(code)?;
    let (side, by) = (qr.width(), 9);
    let mut grey = counter();
    for y in 0..(side + 8) * by {
        for x in 0..(side + 8) * by {
            let (across, down) = ((x / by).wrapping_sub(4), (y / by).wrapping_sub(4));
            let dark = across < side && down < side && qr[(across, down)] == Color::Dark;
            grey[(y + 30) * WIDTH + x + 180] = if dark { 30 } else { 235 };
        }
    }
    Ok(grey)
}
