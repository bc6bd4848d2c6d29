//! What devices tell the register: scans, and that they are there or gone.

use std::collections::BTreeMap;

use guitai_db::{Damage, Db, Fact};
use guitai_devices::lines::{Choice, LineSettings, Refusal};
use guitai_devices::{Device, DeviceId, Event, Kind};
use guitai_domain::{PaymentCode, Scan};

use super::{Now, Reading, Register};
use crate::view::{
    DeviceKind, DeviceRow, DevicesView, HealthLevel, MessageView, MethodView, ReadView, TestedView,
};
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
    Refused(Refusal),
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
            Event::Here(device) => self.stands(device, Standing::Here),
            Event::Refused { device, why } => self.stands(device, Standing::Refused(why)),
            Event::Learned(settings) => self.keep_line(&settings, now),
            Event::Gone(id) => {
                if let Some((_, standing)) = self.devices.known.get_mut(&id) {
                    *standing = Standing::Gone;
                }
                self.show();
            }
        }
    }

    fn stands(&mut self, device: Device, standing: Standing) {
        self.devices.known.insert(device.id.clone(), (device, standing));
        self.show();
    }

    /// What was learned of a scanner outlives the program. It is learned again where the disk does not take it.
    fn keep_line(&mut self, settings: &LineSettings, now: Now) {
        let now = self.take_time(now);
        if let Err(error) = self.write(now, &[line_fact(settings)]) {
            self.refuse(words::write(&error));
        }
    }

    /// What a person decided about a scanner on a line: kept, and answered with all that is known of it.
    ///
    /// # Errors
    /// When the disk refuses; nothing is decided then.
    pub fn choose_line(
        &mut self,
        device: &DeviceId,
        choice: Choice,
        now: Now,
    ) -> Result<LineSettings, MessageView> {
        let now = self.take_time(now);
        let lines = self.lines().map_err(|damage| words::damage(&damage))?;
        let known = lines.into_iter().find(|line| line.device == *device);
        let settings = LineSettings { choice, ..known.unwrap_or_else(|| LineSettings::new(device.clone())) };
        self.write(now, &[line_fact(&settings)]).map_err(|error| words::write(&error))?;
        if choice == Choice::Never {
            self.devices.known.remove(device);
        }
        self.show();
        Ok(settings)
    }

    /// What is remembered of the scanners on lines.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn lines(&self) -> Result<Vec<LineSettings>, Damage> {
        remembered(&self.db)
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

    /// What the test page's own keyboard read: looked at, never followed. Where the page is not open it is dropped.
    pub fn try_scan(&mut self, text: &str, device: &str, now: Now) {
        if self.tries(&Reading { text, undo: 0, device, read_at_ms: now.steady_ms }) {
            self.show();
        }
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

/// Where the settings keep what is remembered of a scanner on a line, before its id.
const LINE: &str = "line.";

/// What is remembered of the scanners on lines. What a newer program wrote and this one cannot read is learned again.
pub(crate) fn remembered(db: &Db) -> Result<Vec<LineSettings>, Damage> {
    let kept = db.settings_under(LINE)?;
    Ok(kept.iter().filter_map(|(_, value)| serde_json::from_str(value).ok()).collect())
}

fn line_fact(settings: &LineSettings) -> Fact {
    let value = serde_json::to_string(settings).expect("plain data");
    Fact::SettingChanged { name: format!("{LINE}{}", settings.device.0), value }
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
        Standing::Refused(why) => (HealthLevel::Bad, words::device_refused(&device.name, *why)),
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
