//! Plugs every kind of scanner into a computer in a computer, sells with it, pulls it out, plugs it in again and sells again.
//!
//! The computer is a virtual machine with Debian's own kernel; the till comes from its package and runs for an ordinary
//! person. Nothing in it knows that it is tried.
#![expect(
    clippy::disallowed_methods,
    reason = "the bench waits for a machine and measures how long that took"
)]

mod camera;
mod device;
mod gadget;
mod keys;
mod machine;
mod row;
mod shop;
mod usbip;
mod uvc;

use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Result, bail, ensure};

use device::Device;
use machine::Machine;
use row::Row;
use shop::Shop;

/// After ten payments a day the training wallet asks for its password, which takes a person.
const SALES_MAX: usize = 10;

fn main() -> Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [image, package, log, rest @ ..] = words.as_slice() else {
        bail!("guitai-machine IMAGE PACKAGE LOG [--replugs N] [DEVICE ...]")
    };
    let (replugs, only) = match rest {
        [word, times, only @ ..] if word == "--replugs" => (times.parse()?, only),
        only => (1, only),
    };
    let mut devices = chosen(only)?;
    let sales = devices.len() * (1 + replugs);
    ensure!(sales <= SALES_MAX, "{sales} sales are more than the wallet pays; name fewer devices");
    let _ = std::fs::remove_dir_all(log);
    std::fs::create_dir_all(log)?;
    let begun = Instant::now();
    let machine = Machine::start(Path::new(image), Path::new(package), Path::new(log))?;
    println!("The machine runs ({} s).", begun.elapsed().as_secs());
    let mut shop = Shop::open(machine, Path::new(package))?;
    println!("The till is installed, started, and waits for a sale ({} s).", begun.elapsed().as_secs());

    let mut rows = Vec::new();
    for device in &mut devices {
        let row = Row::of(&mut **device, &mut shop, replugs);
        println!("{row}");
        rows.push(row);
    }
    shop.close()?;
    println!("\n{}", row::table(&rows));
    println!("{} s in all.", begun.elapsed().as_secs());
    ensure!(rows.iter().all(Row::is_good), "not every device did its part");
    Ok(())
}

/// The devices that are named, or all of them.
fn chosen(names: &[String]) -> Result<Vec<Box<dyn Device>>> {
    let mut devices = device::all();
    for name in names {
        ensure!(devices.iter().any(|device| device.name() == name), "there is no device {name}");
    }
    devices.retain(|device| names.is_empty() || names.iter().any(|name| name == device.name()));
    Ok(devices)
}

/// Waits for `wish` to come true.
fn until(wish: &str, limit: Duration, mut come_true: impl FnMut() -> Result<bool>) -> Result<Duration> {
    let begun = Instant::now();
    while !come_true()? {
        ensure!(begun.elapsed() < limit, "waited {} s for {wish}", limit.as_secs());
        sleep(Duration::from_millis(100));
    }
    Ok(begun.elapsed())
}

fn pause(milliseconds: u64) {
    sleep(Duration::from_millis(milliseconds));
}
