//! Scanners that the machine's own kernel plays, plugged into itself.

use anyhow::Result;

use crate::device::{Device, shown};
use crate::shop::Shop;

/// A scanner that says that it is one: a serial port of USB's own kind.
pub struct Acm;

const ACM: &str = "serial:0c2e:";

impl Device for Acm {
    fn name(&self) -> &'static str {
        "serial-acm"
    }
    fn way(&self) -> &'static str {
        "CDC-ACM 0c2e:0b6a (gadget)"
    }
    fn plug(&mut self, shop: &mut Shop) -> Result<()> {
        shop.machine.run("gadget acm acm 0x0c2e 0x0b6a 'Bench scanner'")?;
        self.replug(shop)
    }
    fn seen(&mut self, shop: &mut Shop) -> Result<String> {
        shop.wait_for_device(ACM, "good").map(shown)
    }
    fn scan(&mut self, shop: &mut Shop, code: &str) -> Result<()> {
        shop.machine.run(&format!("printf '{code}\\r' > /dev/ttyGS0"))?;
        Ok(())
    }
    fn unplug(&mut self, shop: &mut Shop) -> Result<()> {
        shop.machine.run("gadget acm out")?;
        Ok(())
    }
    fn missed(&mut self, shop: &mut Shop) -> Result<String> {
        shop.wait_for_device(ACM, "warning").map(shown)
    }
    fn replug(&mut self, shop: &mut Shop) -> Result<()> {
        shop.machine.run("gadget acm in")?;
        shop.machine.run("stty -F /dev/ttyGS0 raw -echo")?;
        Ok(())
    }
    fn seen_again(&mut self, shop: &mut Shop) -> Result<()> {
        shop.wait_for_device(ACM, "good").map(|_| ())
    }
}

/// A scanner with reports of its own, which only root may read unless our rule says otherwise.
pub struct Hid;

const HID: &str = "hid:05e0:";
/// Bytes of a code in a report.
const HID_DATA: usize = 59;
/// A POS scanner (page 8C, usage 2) with one report of 64 bytes: how many bytes of data, three of symbology, the data, whether more follows.
const DESCRIPTOR: &[u8] = &[
    0x05,
    0x8C,
    0x09,
    0x02,
    0xA1,
    0x01,
    0x09,
    0x12,
    0xA1,
    0x02,
    0x15,
    0x00,
    0x26,
    0xFF,
    0x00,
    0x75,
    0x08, // scanned data, bytes
    0x05,
    0x01,
    0x09,
    0x3B,
    0x95,
    0x01,
    0x81,
    0x02, // how many
    0x05,
    0x8C,
    0x09,
    0xFB,
    0x09,
    0xFC,
    0x09,
    0xFD,
    0x95,
    0x03,
    0x81,
    0x02, // symbology
    0x09,
    0xFE,
    0x95,
    HID_DATA as u8,
    0x82,
    0x02,
    0x01, // data
    0x09,
    0xFF,
    0x25,
    0x01,
    0x75,
    0x01,
    0x95,
    0x01,
    0x81,
    0x02,
    0x95,
    0x07,
    0x81,
    0x03, // more follows
    0xC0,
    0xC0,
];

/// Bytes as the shell's `printf` takes them.
fn octal(bytes: impl IntoIterator<Item = u8>) -> String {
    bytes.into_iter().map(|byte| format!("\\\\0{byte:03o}")).collect()
}

impl Device for Hid {
    fn name(&self) -> &'static str {
        "hid-pos"
    }
    fn way(&self) -> &'static str {
        "HID POS 05e0:1300 (gadget)"
    }
    fn plug(&mut self, shop: &mut Shop) -> Result<()> {
        let descriptor = octal(DESCRIPTOR.iter().copied());
        shop.machine.run(&format!("gadget hid hid 0x05e0 0x1300 'Bench scanner' {descriptor}"))?;
        self.replug(shop)
    }
    fn seen(&mut self, shop: &mut Shop) -> Result<String> {
        shop.wait_for_device(HID, "good").map(shown)
    }
    fn scan(&mut self, shop: &mut Shop, code: &str) -> Result<()> {
        let mut report = vec![u8::try_from(code.len())?];
        report.extend_from_slice(b"]Q0");
        report.extend_from_slice(code.as_bytes());
        report.resize(64, 0);
        shop.machine.run(&format!("printf %b {} > /dev/hidg0", octal(report)))?;
        Ok(())
    }
    fn unplug(&mut self, shop: &mut Shop) -> Result<()> {
        shop.machine.run("gadget hid out")?;
        Ok(())
    }
    fn missed(&mut self, shop: &mut Shop) -> Result<String> {
        shop.wait_for_device(HID, "warning").map(shown)
    }
    fn replug(&mut self, shop: &mut Shop) -> Result<()> {
        shop.machine.run("gadget hid in")?;
        Ok(())
    }
    fn seen_again(&mut self, shop: &mut Shop) -> Result<()> {
        shop.wait_for_device(HID, "good").map(|_| ())
    }
}
