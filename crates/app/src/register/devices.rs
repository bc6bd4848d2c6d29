//! What devices tell the register: scans, and that they are there or gone.

use std::collections::BTreeMap;

use guitai_devices::{Device, DeviceId, Event, Kind};
use guitai_domain::{PaymentCode, Scan};

use super::{Now, Reading, Register};
use crate::view::{DeviceKind, DeviceRow, DevicesView, HealthLevel, MethodView, ReadView, TestedView};
use crate::words;

/// The devices as far as they have told of themselves.
#[derive(Default)]
pub(super) struct Devices {
    known: BTreeMap<DeviceId, (Device, Standing)>,
    test: Option<Test>,
    read: Option<ReadView>,
    scans: u32,
}

/// Whether a device can be scanned with.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Standing {
    Here,
    Gone,
}

/// The test page is open.
#[derive(Default)]
struct Test {
    last: Option<TestedView>,
}

impl Register {
    /// A device told something at `heard_at_ms` by the steady clock.
    pub fn device_told(&mut self, event: Event, heard_at_ms: i64, now: Now) {
        match event {
            Event::Scan(scan) => self.device_read(&scan.device, scan.text.reveal(), heard_at_ms, now),
            Event::Broken(device) => self.device_read(&device, "", heard_at_ms, now),
            Event::Here(device) => {
                self.devices.known.insert(device.id.clone(), (device, Standing::Here));
                self.show();
            }
            Event::Gone(id) => {
                if let Some((_, standing)) = self.devices.known.get_mut(&id) {
                    *standing = Standing::Gone;
                }
                self.show();
            }
        }
    }

    fn device_read(&mut self, device: &DeviceId, text: &str, read_at_ms: i64, now: Now) {
        let written = self.devices.written(device);
        let testing = self.is_testing();
        let sale = self.take_reading(&Reading { text, undo: 0, device: &written, read_at_ms }, now);
        if !testing {
            self.devices.scans = self.devices.scans.wrapping_add(1);
            self.devices.read =
                Some(ReadView { serial: self.devices.scans, sale: sale.map(|sale| sale.to_string()) });
        }
    }

    /// Opens or closes the page on which scanners are tried. While it is open no scan charges anything.
    pub fn test_scanners(&mut self, open: bool) {
        self.devices.test = open.then(Test::default);
        self.show();
    }

    /// Whether scans go to the test page.
    #[must_use]
    pub fn is_testing(&self) -> bool {
        self.devices.test.is_some()
    }

    /// Shows the test page what was read, in place of following it. Answers whether it is open.
    pub(super) fn tries(&mut self, reading: &Reading<'_>) -> bool {
        let Some(test) = &mut self.devices.test else { return false };
        let serial = test.last.as_ref().map_or(0, |last| last.serial).wrapping_add(1);
        test.last = Some(tested(reading, serial));
        true
    }

    /// The devices as the screens show them.
    #[must_use]
    pub fn devices_view(&self) -> DevicesView {
        DevicesView {
            testing: self.is_testing(),
            rows: self.devices.known.values().map(|(device, standing)| row(device, standing)).collect(),
            tested: self.devices.test.as_ref().and_then(|test| test.last.clone()),
            read: self.devices.read.clone(),
        }
    }
}

impl Devices {
    /// A device as the journal has it.
    fn written(&self, id: &DeviceId) -> String {
        match self.known.get(id) {
            Some((device, _)) => written(device.kind, &device.name),
            None => id.0.split(':').next().unwrap_or_default().to_owned(),
        }
    }
}

/// The longest name of a device that is written down.
const NAME_CHARACTERS_MAX: usize = 40;

/// A device's kind and name in one word, as the journal has it. A name is what a device says of itself: it is cut, and
/// what cannot be printed is dropped.
pub(crate) fn written(kind: Kind, name: &str) -> String {
    let name: String = name.chars().filter(|letter| !letter.is_control()).take(NAME_CHARACTERS_MAX).collect();
    format!("{}:{}", kind_name(kind), name.trim())
}

fn kind_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Serial => "serial",
        Kind::Hid => "hid",
        Kind::Camera => "camera",
        Kind::Picture => "picture",
    }
}

fn row(device: &Device, standing: &Standing) -> DeviceRow {
    let (level, message) = match standing {
        Standing::Here => (HealthLevel::Good, words::device_here(kind_of(device.kind), &device.name)),
        Standing::Gone => (HealthLevel::Warning, words::device_gone(kind_of(device.kind), &device.name)),
    };
    DeviceRow {
        id: device.id.0.clone(),
        kind: kind_of(device.kind),
        name: device.name.clone(),
        level,
        message,
    }
}

fn kind_of(kind: Kind) -> DeviceKind {
    match kind {
        Kind::Serial => DeviceKind::Serial,
        Kind::Hid => DeviceKind::Hid,
        Kind::Camera => DeviceKind::Camera,
        Kind::Picture => DeviceKind::Picture,
    }
}

fn tested(reading: &Reading<'_>, serial: u32) -> TestedView {
    let scan = Scan::recognise(reading.text);
    let what = words::tested(&scan, reading.text.is_empty());
    TestedView {
        serial,
        device: words::device(reading.device),
        characters: u32::try_from(reading.text.chars().count()).unwrap_or(u32::MAX),
        good: matches!(scan, Scan::Payment(_) | Scan::Receipt(_) | Scan::Goods),
        method: method_of(&scan),
        what,
    }
}

fn method_of(scan: &Scan) -> Option<MethodView> {
    match scan {
        Scan::Payment(code) => Some(PaymentCode::method(code).into()),
        Scan::Receipt(_) | Scan::Goods | Scan::Incomplete | Scan::Unknown => None,
    }
}
