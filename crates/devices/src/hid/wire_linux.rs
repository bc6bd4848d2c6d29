//! HID scanners of Linux, by hidraw. Their descriptors can be read without opening anything.

use std::fs;
use std::io;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::time::Duration;

use rustix::fs::{Mode, OFlags};

use super::{Layout, Seen};
use crate::lines::source::{Got, Ready, Source, Stop, wait};
use crate::{Device, DeviceId, Kind};

/// An open scanner.
#[derive(Debug)]
pub(crate) struct Wire(OwnedFd);

impl Wire {
    pub(crate) fn open(path: &str) -> io::Result<Wire> {
        let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC;
        Ok(Wire(rustix::fs::open(path, flags, Mode::empty())?))
    }
}

impl Source for Wire {
    fn read(&mut self, buffer: &mut [u8], stop: &Stop, patience: Option<Duration>) -> io::Result<Got> {
        match wait(&self.0, stop, patience)? {
            Ready::Stop => return Ok(Got::Stop),
            Ready::Nothing => return Ok(Got::Nothing),
            Ready::Read => {}
        }
        match rustix::io::read(&self.0, buffer) {
            Ok(0) => Err(io::ErrorKind::BrokenPipe.into()),
            Ok(count) => Ok(Got::Bytes(count)),
            Err(rustix::io::Errno::AGAIN | rustix::io::Errno::INTR) => Ok(Got::Nothing),
            Err(error) => Err(error.into()),
        }
    }
}

/// The HID scanners that are plugged in.
pub(crate) fn scanners() -> Vec<Seen> {
    scanners_under(Path::new("/sys/class/hidraw"))
}

fn scanners_under(class: &Path) -> Vec<Seen> {
    let Ok(entries) = fs::read_dir(class) else { return Vec::new() };
    let mut seen: Vec<Seen> = entries
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let node = entry.file_name().into_string().ok()?;
            let device = entry.path().join("device");
            let layout = Layout::read(&fs::read(device.join("report_descriptor")).ok()?)?;
            let told = fs::read_to_string(device.join("uevent")).ok()?;
            Some(Seen { device: device_of(&told)?, path: format!("/dev/{node}"), layout })
        })
        .collect();
    seen.sort_by(|a, b| a.path.cmp(&b.path));
    seen
}

/// The kernel tells `HID_ID=0003:00000C2E:00000B81`, `HID_NAME`, `HID_PHYS` and `HID_UNIQ`.
fn device_of(told: &str) -> Option<Device> {
    let tell = |key: &str| {
        let line = told.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('='));
        line.map(str::trim).filter(|value| !value.is_empty())
    };
    let mut numbers = tell("HID_ID")?.split(':').skip(1).map(|number| u32::from_str_radix(number, 16));
    let (vendor, product) = (numbers.next()?.ok()?, numbers.next()?.ok()?);
    // With its interface: one scanner may have two that send codes.
    let (own, place) = (tell("HID_UNIQ"), tell("HID_PHYS").unwrap_or("?"));
    let own = own.map_or_else(|| place.to_owned(), |own| format!("{own}:{}", interface_of(place)));
    Some(Device {
        id: DeviceId(format!("hid:{vendor:04x}:{product:04x}:{own}")),
        kind: Kind::Hid,
        name: tell("HID_NAME").unwrap_or("HID POS").to_owned(),
    })
}

/// The last part of `usb-0000:00:14.0-1/input0`.
fn interface_of(place: &str) -> &str {
    place.rsplit('/').next().unwrap_or(place)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scanners_are_told_from_keyboards_by_their_descriptors() {
        let class = tempfile::tempdir().expect("a folder");
        let keyboard = [0x05, 0x01, 0x09, 0x06, 0xA1, 0x01, 0x75, 0x08, 0x95, 0x08, 0x81, 0x02, 0xC0];
        for (node, descriptor, told) in [
            ("hidraw0", &keyboard[..], "HID_ID=0003:0000046D:0000C31C\nHID_NAME=Keyboard\n"),
            (
                "hidraw1",
                &super::super::tests::honeywell()[..],
                "HID_ID=0003:00000C2E:00000B81\nHID_NAME=Xenon 1900\nHID_PHYS=usb-1/input0\nHID_UNIQ=\n",
            ),
            (
                "hidraw2",
                &super::super::tests::honeywell()[..],
                "HID_ID=0003:00000C2E:00000B81\nHID_NAME=Xenon 1900\nHID_PHYS=usb-2/input0\nHID_UNIQ=14079B0F4F\n",
            ),
        ] {
            let device = class.path().join(node).join("device");
            fs::create_dir_all(&device).expect("a folder");
            fs::write(device.join("report_descriptor"), descriptor).expect("a descriptor");
            fs::write(device.join("uevent"), told).expect("an event");
        }

        let seen = scanners_under(class.path());

        let named: Vec<_> = seen.iter().map(|seen| (seen.path.as_str(), seen.device.id.0.as_str())).collect();
        assert_eq!(
            named,
            [
                ("/dev/hidraw1", "hid:0c2e:0b81:usb-1/input0"),
                ("/dev/hidraw2", "hid:0c2e:0b81:14079B0F4F:input0")
            ]
        );
        assert_eq!(seen[0].device.name, "Xenon 1900");
    }
}
