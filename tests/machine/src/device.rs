//! The devices: how each is plugged in, made to read a code, and pulled out.

use std::io::Write;
use std::os::unix::net::UnixStream;
use std::time::Duration;

use anyhow::Result;

use crate::camera::Webcam;
use crate::gadget::{Acm, Hid};
use crate::keys;
use crate::shop::Shop;
use crate::until;

/// A device of the bench.
pub trait Device {
    /// Its name in the table and in file names.
    fn name(&self) -> &'static str;
    /// By what it is connected.
    fn way(&self) -> &'static str;
    /// Plugs it in for the first time.
    fn plug(&mut self, shop: &mut Shop) -> Result<()>;
    /// Waits until the till has found it, and says how that was.
    fn seen(&mut self, shop: &mut Shop) -> Result<String>;
    /// Reads `code` off the customer's phone.
    fn scan(&mut self, shop: &mut Shop, code: &str) -> Result<()>;
    /// Takes the phone away.
    fn put_away(&mut self, _shop: &mut Shop) -> Result<()> {
        Ok(())
    }
    /// Pulls it out.
    fn unplug(&mut self, shop: &mut Shop) -> Result<()>;
    /// Waits until the till has noticed, and says how that was.
    fn missed(&mut self, shop: &mut Shop) -> Result<String>;
    /// Plugs it in again.
    fn replug(&mut self, shop: &mut Shop) -> Result<()>;
    /// Waits until the till has it back.
    fn seen_again(&mut self, shop: &mut Shop) -> Result<()>;
}

/// All of them.
pub fn all() -> Vec<Box<dyn Device>> {
    vec![Box::new(Keyboard), Box::<Ftdi>::default(), Box::new(Acm), Box::new(Hid), Box::<Webcam>::default()]
}

pub fn shown(waited: Duration) -> String {
    format!("shown, {}.{} s", waited.as_secs(), waited.subsec_millis() / 100)
}

/// A scanner that is a keyboard to the system. The till cannot tell it from one before it types, so it shows none.
struct Keyboard;

impl Keyboard {
    fn is_there(shop: &mut Shop, there: bool) -> Result<()> {
        until("the system to notice the keyboard", Duration::from_secs(30), || {
            let known = shop.machine.try_run("grep -q 'QEMU USB Keyboard' /proc/bus/input/devices")?.1;
            Ok(known == there)
        })?;
        if there {
            // The screen's program takes it up a moment later.
            crate::pause(2000);
        }
        Ok(())
    }
}

impl Device for Keyboard {
    fn name(&self) -> &'static str {
        "keyboard"
    }
    fn way(&self) -> &'static str {
        "USB keyboard (QEMU)"
    }
    fn plug(&mut self, shop: &mut Shop) -> Result<()> {
        shop.machine.order("device_add usb-kbd,id=wedge,port=1")
    }
    fn seen(&mut self, shop: &mut Shop) -> Result<String> {
        Keyboard::is_there(shop, true)?;
        Ok("a keyboard".to_owned())
    }
    fn scan(&mut self, shop: &mut Shop, code: &str) -> Result<()> {
        shop.machine.run("timeout 20 cat /dev/input/by-id/usb-QEMU*-event-kbd > /tmp/keys &")?;
        for key in keys::of(code)? {
            shop.machine.order(&format!("sendkey {key} {}", keys::HELD_MS))?;
        }
        Ok(())
    }
    fn put_away(&mut self, shop: &mut Shop) -> Result<()> {
        // Type 1 is a key, value 1 is its way down.
        let count = shop.machine.run("od -An -v -tu2 -w24 /tmp/keys | awk '$9 == 1 && $11 == 1' | wc -l")?;
        if count != keys::COUNT.to_string() {
            println!("  of {} keys {count} reached the system", keys::COUNT);
        }
        Ok(())
    }
    fn unplug(&mut self, shop: &mut Shop) -> Result<()> {
        shop.machine.order("device_del wedge")
    }
    fn missed(&mut self, shop: &mut Shop) -> Result<String> {
        Keyboard::is_there(shop, false)?;
        Ok("a keyboard".to_owned())
    }
    fn replug(&mut self, shop: &mut Shop) -> Result<()> {
        self.plug(shop)
    }
    fn seen_again(&mut self, shop: &mut Shop) -> Result<()> {
        Keyboard::is_there(shop, true)
    }
}

/// A scanner behind a chip that turns USB into a serial line: it says nothing of itself, so the till shows it from its first code on.
#[derive(Default)]
struct Ftdi {
    /// Kept until the phone is taken away: what is under way in it would be lost.
    line: Option<UnixStream>,
}

const FTDI: &str = "serial:0403:6001";

impl Device for Ftdi {
    fn name(&self) -> &'static str {
        "serial-ftdi"
    }
    fn way(&self) -> &'static str {
        "FTDI 0403:6001 (QEMU)"
    }
    fn plug(&mut self, shop: &mut Shop) -> Result<()> {
        let add = "device_add usb-serial,id=line,chardev=ftdi,always-plugged=on,port=2";
        // A chip that was pulled out holds its line a moment longer.
        until("the line to be free", Duration::from_secs(30), || match shop.machine.order(add) {
            Err(error) if error.to_string().contains("in use") => Ok(false),
            told => told.map(|()| true),
        })?;
        Ok(())
    }
    fn seen(&mut self, shop: &mut Shop) -> Result<String> {
        until("the port", Duration::from_secs(30), || Ok(shop.machine.try_run("test -c /dev/ttyUSB0")?.1))?;
        opened_by_till(shop, "/dev/ttyUSB0")?;
        Ok("listened to".to_owned())
    }
    fn scan(&mut self, shop: &mut Shop, code: &str) -> Result<()> {
        let mut line = shop.machine.ftdi()?;
        line.write_all(format!("{code}\r").as_bytes())?;
        self.line = Some(line);
        Ok(())
    }
    fn put_away(&mut self, _shop: &mut Shop) -> Result<()> {
        self.line = None;
        Ok(())
    }
    fn unplug(&mut self, shop: &mut Shop) -> Result<()> {
        shop.machine.order("device_del line")
    }
    fn missed(&mut self, shop: &mut Shop) -> Result<String> {
        shop.wait_for_device(FTDI, "warning").map(shown)
    }
    fn replug(&mut self, shop: &mut Shop) -> Result<()> {
        self.plug(shop)
    }
    fn seen_again(&mut self, shop: &mut Shop) -> Result<()> {
        shop.wait_for_device(FTDI, "good").map(|_| ())
    }
}

/// The till's program holds `path` open.
fn opened_by_till(shop: &mut Shop, path: &str) -> Result<()> {
    let ask = format!("ls -l /proc/$(pgrep -x guitai | head -n 1)/fd | grep -q '{path}$'");
    until("the till to listen", Duration::from_secs(30), || Ok(shop.machine.try_run(&ask)?.1))?;
    Ok(())
}
