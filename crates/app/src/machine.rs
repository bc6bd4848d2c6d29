//! What a computer is known by: its system's own id and the addresses of its built-in network adapters.
//!
//! A disk that was cloned, or a folder that was copied with everything in it, is on another computer than the last time. Only
//! keyed digests are kept, so that nobody can tell the computer from the file. Whatever comes and goes (a USB adapter, a random
//! Wi-Fi address, a virtual network) is not looked at; where nothing is known, nothing is said.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use ring::hmac;
use serde::{Deserialize, Serialize};

/// No computer has more adapters than are kept.
const ADAPTERS_MAX: usize = 16;

/// A computer's marks, as keyed digests.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Marks {
    /// The system's own id.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    id: Option<String>,
    /// The adapters' addresses.
    #[serde(default)]
    adapters: BTreeSet<String>,
}

impl Marks {
    /// The marks of this computer under `key`.
    pub fn here(key: &[u8]) -> Marks {
        Marks::under(Path::new("/"), key)
    }

    /// The marks of the computer whose files are under `root`.
    fn under(root: &Path, key: &[u8]) -> Marks {
        let key = hmac::Key::new(hmac::HMAC_SHA256, key);
        let digest = |kind: &str, value: &str| {
            let text = format!("guitai.machine.1 {kind} {value}");
            hex::encode(hmac::sign(&key, text.as_bytes()))
        };
        Marks {
            id: system_id(root).map(|id| digest("id", &id)),
            adapters: addresses(root).iter().map(|address| digest("adapter", address)).collect(),
        }
    }

    /// Whether these are the marks of another computer than `known`. Adapters decide where both have some: one in common is
    /// enough, and none in common is another computer even under the same system's id, which a cloned disk keeps.
    pub fn is_another(&self, known: &Marks) -> bool {
        if !self.adapters.is_empty() && !known.adapters.is_empty() {
            return self.adapters.is_disjoint(&known.adapters);
        }
        matches!((&self.id, &known.id), (Some(one), Some(other)) if one != other)
    }

    /// These marks with what was known besides: an adapter that is off today is not forgotten.
    pub fn and(mut self, known: &Marks) -> Marks {
        let room = ADAPTERS_MAX.saturating_sub(self.adapters.len());
        let older: Vec<&String> = known.adapters.difference(&self.adapters).take(room).collect();
        self.adapters.extend(older.into_iter().cloned().collect::<Vec<_>>());
        self.id = self.id.or_else(|| known.id.clone());
        self
    }
}

#[cfg(not(windows))]
fn system_id(root: &Path) -> Option<String> {
    ["etc/machine-id", "var/lib/dbus/machine-id"]
        .iter()
        .filter_map(|path| fs::read_to_string(root.join(path)).ok())
        .map(|id| id.trim().to_owned())
        .find(|id| id.len() >= 16 && id.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// Windows' own id, and the one it makes from the hardware: a cloned disk keeps the first only.
#[cfg(windows)]
fn system_id(_root: &Path) -> Option<String> {
    let value = |path: &str, name: &str| -> Option<String> {
        let machine = winreg::RegKey::predef(winreg::enums::HKEY_LOCAL_MACHINE);
        machine.open_subkey(path).ok()?.get_value(name).ok()
    };
    let system = value(r"SOFTWARE\Microsoft\Cryptography", "MachineGuid");
    let hardware = value(r"SYSTEM\CurrentControlSet\Control\SystemInformation", "ComputerHardwareId");
    match (system, hardware) {
        (None, None) => None,
        (system, hardware) => {
            Some(format!("{} {}", system.unwrap_or_default(), hardware.unwrap_or_default()))
        }
    }
}

/// The permanent addresses of the adapters that are built in: they have a device that does not hang on a USB port.
fn addresses(root: &Path) -> BTreeSet<String> {
    let Ok(adapters) = fs::read_dir(root.join("sys/class/net")) else { return BTreeSet::new() };
    adapters.filter_map(|adapter| address(&adapter.ok()?.path())).collect()
}

fn address(adapter: &Path) -> Option<String> {
    let device = fs::canonicalize(adapter.join("device")).ok()?;
    let is_built_in = device.iter().all(|part| !part.to_string_lossy().starts_with("usb"));
    // A virtual machine's adapters are its hardware; a virtual network has no device at all.
    let read = |name: &str| fs::read_to_string(adapter.join(name)).ok().map(|text| text.trim().to_owned());
    let is_permanent = read("addr_assign_type").as_deref() == Some("0");
    let address = read("phy80211/macaddress").or_else(|| read("address").filter(|_| is_permanent))?;
    let is_address = address.len() == 17 && address.bytes().any(|byte| !matches!(byte, b'0' | b':'));
    (is_built_in && is_address).then_some(address)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::os::unix::fs::symlink;

    use tempfile::TempDir;

    use super::*;

    const KEY: &[u8] = b"device";

    /// A computer's files.
    struct Computer(TempDir);

    impl Computer {
        fn new(id: &str) -> Computer {
            let dir = tempfile::tempdir().expect("a folder");
            fs::create_dir_all(dir.path().join("etc")).expect("a folder");
            fs::create_dir_all(dir.path().join("sys/class/net")).expect("a folder");
            fs::write(dir.path().join("etc/machine-id"), format!("{id}\n")).expect("an id");
            Computer(dir)
        }

        fn with(self, name: &str, bus: &str, address: &str, assigned: &str) -> Computer {
            let (root, device) = (self.0.path(), self.0.path().join("sys/devices").join(bus).join(name));
            let adapter = root.join("sys/class/net").join(name);
            fs::create_dir_all(&device).expect("a device");
            fs::create_dir_all(&adapter).expect("an adapter");
            symlink(&device, adapter.join("device")).expect("a link");
            fs::write(adapter.join("address"), format!("{address}\n")).expect("an address");
            fs::write(adapter.join("addr_assign_type"), format!("{assigned}\n")).expect("a kind");
            self
        }

        fn marks(&self) -> Marks {
            Marks::under(self.0.path(), KEY)
        }
    }

    const ONE: &str = "0123456789abcdef0123456789abcdef";
    const TWO: &str = "fedcba9876543210fedcba9876543210";
    const PCI: &str = "pci0000:00/0000:00:1f.6";
    const USB: &str = "pci0000:00/0000:00:14.0/usb1/1-2";

    #[test]
    fn another_computer_is_told_and_a_changed_one_is_not() {
        let home = || Computer::new(ONE).with("eth0", PCI, "00:11:22:33:44:55", "0");
        let with_wifi = || home().with("wlan0", "pci0000:00/0000:00:14.3", "00:11:22:33:44:66", "0");
        let cases: [(&str, Computer, Computer, bool); 9] = [
            ("the same", home(), home(), false),
            (
                "a disk cloned into other hardware",
                home(),
                Computer::new(ONE).with("eth0", PCI, "66:11:22:33:44:55", "0"),
                true,
            ),
            (
                "a folder copied to another computer",
                home(),
                Computer::new(TWO).with("eth0", PCI, "66:11:22:33:44:55", "0"),
                true,
            ),
            (
                "the system installed anew",
                home(),
                Computer::new(TWO).with("eth0", PCI, "00:11:22:33:44:55", "0"),
                false,
            ),
            ("one of two adapters off", with_wifi(), home(), false),
            ("a USB adapter gone", home().with("usb0", USB, "77:11:22:33:44:55", "0"), home(), false),
            (
                "only a USB adapter, and another one",
                Computer::new(ONE).with("usb0", USB, "77:11:22:33:44:55", "0"),
                Computer::new(ONE).with("usb0", USB, "78:11:22:33:44:55", "0"),
                false,
            ),
            (
                "a random address",
                Computer::new(ONE).with("wlan0", PCI, "0a:11:22:33:44:55", "1"),
                Computer::new(ONE).with("wlan0", PCI, "0a:99:22:33:44:55", "1"),
                false,
            ),
            ("no adapter, another id", Computer::new(ONE), Computer::new(TWO), true),
        ];
        for (what, before, after, another) in cases {
            assert_eq!(after.marks().is_another(&before.marks()), another, "{what}");
        }
    }

    #[test]
    fn a_computer_without_marks_is_no_other() {
        let nothing = Marks::under(Path::new("/nonexistent"), KEY);
        let home = Computer::new(ONE).with("eth0", PCI, "00:11:22:33:44:55", "0").marks();

        assert_eq!(nothing, Marks::default());
        assert!(!nothing.is_another(&home) && !home.is_another(&nothing));
    }

    #[test]
    fn an_adapter_that_was_off_is_remembered() {
        let wired = Computer::new(ONE).with("eth0", PCI, "00:11:22:33:44:55", "0").marks();
        let wireless = Computer::new(ONE).with("wlan0", PCI, "00:11:22:33:44:66", "0").marks();
        let both = wireless.clone().and(&wired);

        assert!(wireless.is_another(&wired), "alone each would be another");
        assert!(!wired.is_another(&both) && !wireless.is_another(&both));
        assert!(wired.clone().and(&wired) == wired);
    }

    #[test]
    fn nothing_that_names_the_computer_is_kept() {
        let marks = Computer::new(ONE).with("eth0", PCI, "00:11:22:33:44:55", "0").marks();
        let text = serde_json::to_string(&marks).expect("text");

        assert!(!text.contains(ONE) && !text.contains("00:11:22") && text.len() > 100, "{text}");
        let other_key = Marks::under(Computer::new(ONE).0.path(), b"another");
        assert_ne!(other_key.id, marks.id, "nor can it be compared from till to till");
    }
}
