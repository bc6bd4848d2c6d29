//! The serial ports of this computer.

use serde::{Deserialize, Serialize};

use super::judge::{UsbFacts, Verdict, judge};
use crate::{Device, DeviceId, Kind};

/// A serial port that is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PortSeen {
    /// The same over unplugging, where the device says enough.
    pub device: DeviceId,
    /// How the system names it: `COM3`, `/dev/ttyACM0`.
    pub path: String,
    /// What its maker calls it.
    pub name: String,
    /// What it probably is.
    pub verdict: Verdict,
}

impl PortSeen {
    pub(crate) fn to_device(&self) -> Device {
        Device { id: self.device.clone(), kind: Kind::Serial, name: self.name.clone() }
    }
}

/// The ports of this computer, for a person to choose from.
#[must_use]
pub fn ports() -> Vec<PortSeen> {
    named_apart(system::list())
}

/// What the system lists: a path, and what is told of it if it is on USB.
struct Listed {
    path: String,
    usb: Option<UsbFacts>,
}

/// Names the ports. Two devices that say the same of themselves are told apart by their places.
fn named_apart(mut listed: Vec<Listed>) -> Vec<PortSeen> {
    listed.sort_by(|a, b| a.path.cmp(&b.path));
    let mut seen: Vec<PortSeen> = Vec::new();
    for port in listed {
        let Listed { path, usb } = port;
        let (mut device, name, verdict) = match &usb {
            Some(usb) => (usb_id(usb, &path), usb_name(usb, &path), judge(usb)),
            None => (DeviceId(format!("serial:{path}")), path.clone(), Verdict::Other),
        };
        if seen.iter().any(|seen| seen.device == device) {
            device.0 =
                format!("{}:{}", device.0, usb.and_then(|usb| usb.place).unwrap_or_else(|| path.clone()));
        }
        seen.push(PortSeen { device, path, name, verdict });
    }
    seen
}

fn usb_id(usb: &UsbFacts, path: &str) -> DeviceId {
    let own = usb.serial.as_deref().filter(|serial| is_telling(serial));
    let own = own.or(usb.place.as_deref()).unwrap_or(path);
    DeviceId(format!("serial:{:04x}:{:04x}:{own}", usb.vendor, usb.product))
}

/// Chips nobody gave a number have one of these.
fn is_telling(serial: &str) -> bool {
    let counted = ["0001", "123456", "1234567890"];
    let same = serial.bytes().all(|byte| Some(&byte) == serial.as_bytes().first());
    serial.len() >= 4 && !same && !counted.contains(&serial)
}

fn usb_name(usb: &UsbFacts, path: &str) -> String {
    let name = match (usb.maker.trim(), usb.name.trim()) {
        ("", "") => path,
        ("", name) | (name, "") => name,
        (maker, name) if name.starts_with(maker) => name,
        (maker, name) => return format!("{maker} {name}"),
    };
    name.to_owned()
}

#[cfg(not(windows))]
mod system {
    use std::fs;
    use std::path::{Path, PathBuf};

    use super::{Listed, UsbFacts};

    pub(super) fn list() -> Vec<Listed> {
        list_under(Path::new("/sys/class/tty"))
    }

    /// Ports with a device behind them; a port of the mainboard only where a chip answered.
    pub(super) fn list_under(class: &Path) -> Vec<Listed> {
        let Ok(entries) = fs::read_dir(class) else { return Vec::new() };
        entries
            .filter_map(|entry| {
                let entry = entry.ok()?;
                let node = entry.file_name().into_string().ok()?;
                // Terminals have no device; following the link of each of them would be most of the work.
                let device = fs::canonicalize(entry.path().join("device")).ok()?;
                let usb = usb_device(&device).map(|usb| facts(&usb, &device));
                let is_port =
                    usb.is_some() || word(&entry.path().join("type")).is_some_and(|kind| kind != "0");
                is_port.then(|| Listed { path: format!("/dev/{node}"), usb })
            })
            .collect()
    }

    /// The USB device that the port belongs to.
    fn usb_device(port: &Path) -> Option<PathBuf> {
        port.ancestors().find(|path| path.join("idVendor").is_file()).map(Path::to_owned)
    }

    fn facts(usb: &Path, port: &Path) -> UsbFacts {
        let number = |name: &str| {
            word(&usb.join(name)).and_then(|hex| u16::from_str_radix(&hex, 16).ok()).unwrap_or(0)
        };
        // The interface, `1-1.2:1.0`, says where it is plugged in and which port of the device it is.
        let place = port.ancestors().find(|path| path.parent() == Some(usb)).and_then(Path::file_name);
        UsbFacts {
            vendor: number("idVendor"),
            product: number("idProduct"),
            serial: word(&usb.join("serial")),
            maker: word(&usb.join("manufacturer")).unwrap_or_default(),
            name: word(&usb.join("product")).unwrap_or_default(),
            place: place.map(|place| format!("usb-{}", place.to_string_lossy())),
            interfaces: interfaces(usb),
        }
    }

    fn interfaces(usb: &Path) -> Vec<(u8, u8)> {
        let Ok(entries) = fs::read_dir(usb) else { return Vec::new() };
        let byte = |path: &Path| u8::from_str_radix(&word(path)?, 16).ok();
        entries
            .filter_map(|entry| {
                let path = entry.ok()?.path();
                Some((byte(&path.join("bInterfaceClass"))?, byte(&path.join("bInterfaceSubClass"))?))
            })
            .collect()
    }

    fn word(path: &Path) -> Option<String> {
        let text = fs::read_to_string(path).ok()?;
        Some(text.trim().to_owned()).filter(|word| !word.is_empty())
    }
}

#[cfg(windows)]
mod system {
    use serialport::SerialPortType;

    use super::{Listed, UsbFacts};

    pub(super) fn list() -> Vec<Listed> {
        let ports = serialport::available_ports().unwrap_or_default();
        ports
            .into_iter()
            .map(|port| {
                let usb = match port.port_type {
                    SerialPortType::UsbPort(usb) => Some(UsbFacts {
                        vendor: usb.vid,
                        product: usb.pid,
                        serial: usb.serial_number,
                        maker: usb.manufacturer.unwrap_or_default(),
                        name: usb.product.unwrap_or_default(),
                        // Windows gives a device the same number at the same place.
                        place: Some(port.port_name.clone()),
                        interfaces: Vec::new(),
                    }),
                    SerialPortType::PciPort | SerialPortType::BluetoothPort | SerialPortType::Unknown => None,
                };
                Listed { path: port.port_name, usb }
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(path: &str, serial: Option<&str>, place: &str) -> Listed {
        let usb = UsbFacts {
            vendor: 0x0403,
            product: 0x6001,
            serial: serial.map(str::to_owned),
            name: "FT232R USB UART".into(),
            maker: "FTDI".into(),
            place: Some(place.into()),
            ..UsbFacts::default()
        };
        Listed { path: path.into(), usb: Some(usb) }
    }

    #[test]
    fn a_device_keeps_its_name_wherever_the_system_puts_it() {
        let before = named_apart(vec![listed("/dev/ttyUSB0", Some("A50285BI"), "usb-1-1:1.0")]);
        let after = named_apart(vec![listed("/dev/ttyUSB7", Some("A50285BI"), "usb-2-4:1.0")]);

        assert_eq!(before[0].device, DeviceId("serial:0403:6001:A50285BI".into()));
        assert_eq!(before[0].device, after[0].device);
    }

    #[test]
    fn devices_that_say_the_same_are_told_apart_by_their_places() {
        for serial in [None, Some("0001"), Some("00000000"), Some("A50285BI")] {
            let seen = named_apart(vec![
                listed("/dev/ttyUSB0", serial, "usb-1-1:1.0"),
                listed("/dev/ttyUSB1", serial, "usb-1-2:1.0"),
            ]);

            assert_ne!(seen[0].device, seen[1].device, "{serial:?}");
        }
    }

    #[cfg(not(windows))]
    #[test]
    fn what_the_kernel_tells_is_read() {
        let folder = tempfile::tempdir().expect("a folder");
        let usb = folder.path().join("devices/usb1/1-1");
        let port = usb.join("1-1:1.0/ttyUSB0");
        let class = folder.path().join("class/tty");
        std::fs::create_dir_all(&port).expect("a folder");
        std::fs::create_dir_all(class.join("ttyUSB0")).expect("a folder");
        std::fs::create_dir_all(class.join("tty0")).expect("a terminal");
        let board = folder.path().join("devices/serial8250");
        std::fs::create_dir_all(&board).expect("a folder");
        for (node, kind) in [("ttyS0", "4\n"), ("ttyS1", "0\n")] {
            std::fs::create_dir_all(class.join(node)).expect("a folder");
            std::fs::write(class.join(node).join("type"), kind).expect("a file");
            std::os::unix::fs::symlink(&board, class.join(node).join("device")).expect("a link");
        }
        std::os::unix::fs::symlink(&port, class.join("ttyUSB0/device")).expect("a link");
        for (file, text) in [
            ("idVendor", "0c2e\n"),
            ("idProduct", "0b6a\n"),
            ("product", "Xenon 1900\n"),
            ("manufacturer", "Honeywell\n"),
            ("1-1:1.0/bInterfaceClass", "02\n"),
            ("1-1:1.0/bInterfaceSubClass", "02\n"),
        ] {
            std::fs::write(usb.join(file), text).expect("a file");
        }

        let seen = named_apart(system::list_under(&class));

        let told: Vec<_> =
            seen.iter().map(|seen| (seen.path.as_str(), seen.device.0.as_str(), seen.verdict)).collect();
        assert_eq!(
            told,
            [
                ("/dev/ttyS0", "serial:/dev/ttyS0", Verdict::Other),
                ("/dev/ttyUSB0", "serial:0c2e:0b6a:usb-1-1:1.0", Verdict::Scanner),
            ]
        );
        assert_eq!(seen[1].name, "Honeywell Xenon 1900");
    }
}
