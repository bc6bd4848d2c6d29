//! The devices of a till that runs: started with what is remembered of them, heard by the register.

use guitai_devices::lines::{Choice, LineSettings, Lines};
use guitai_devices::serial::{Verdict, ports};
use guitai_devices::{DeviceId, Event, hid};

use crate::driver::WeakHandle;
use crate::register::{Now, Register};
use crate::till::{Till, aside};
use crate::view::{CommandError, HealthLevel, PortChoice, PortView};
use crate::words;

/// What hears all devices. The time is taken as they speak: what waits for the register grows old meanwhile.
#[derive(Clone)]
pub struct Ear(WeakHandle);

impl Ear {
    pub(crate) fn new(register: WeakHandle) -> Ear {
        Ear(register)
    }

    /// Passes on what a device tells. It does not keep the register going.
    pub fn hear(&self, event: Event) {
        let at_ms = self.0.steady_ms();
        self.0.tell(move |register, now| register.device_told(event, at_ms, now));
    }
}

/// The devices that are found by themselves. They are silent once it is dropped.
pub(crate) struct Devices {
    lines: Lines,
}

impl Devices {
    pub fn start(remembered: Vec<LineSettings>, ear: Ear) -> Devices {
        Devices { lines: Lines::start(remembered, move |event| ear.hear(event)) }
    }
}

impl Till {
    /// Where a device's news goes.
    #[must_use]
    pub fn ear(&self) -> Ear {
        Ear::new(self.register().downgrade())
    }

    /// The serial ports of this computer, and the scanners that are remembered: for a person to choose from.
    ///
    /// # Errors
    /// When the file cannot be read, or the register has stopped.
    pub async fn ports(&self) -> Result<Vec<PortView>, CommandError> {
        let (remembered, rows) =
            self.ask(|register, _| (register.lines(), register.devices_view().rows)).await?;
        let remembered = remembered.map_err(|damage| CommandError { message: words::damage(&damage) })?;
        aside(move || {
            let mut views = port_views(&there(), &remembered);
            // A port that was named is there when it is listened to, whether or not the system lists it.
            for view in &mut views {
                view.here |= rows.iter().any(|row| row.id == view.id && row.level == HealthLevel::Good);
            }
            views
        })
        .await
    }

    /// Takes over what a person decided about a scanner on a line: written down first, then done.
    ///
    /// # Errors
    /// When the disk refuses, or the register has stopped.
    pub async fn choose_port(&self, id: &str, choice: PortChoice) -> Result<Vec<PortView>, CommandError> {
        let device = DeviceId(id.to_owned());
        let choose =
            move |register: &mut Register, now: Now| register.choose_line(&device, choice_of(choice), now);
        let settings = self.ask(choose).await?.map_err(|message| CommandError { message })?;
        if let Some(devices) = self.devices() {
            devices.lines.set(settings);
        }
        self.ports().await
    }
}

/// Something a scanner may be, or be on.
struct There {
    device: DeviceId,
    name: String,
    path: Option<String>,
    likely: bool,
}

fn there() -> Vec<There> {
    let ports = ports().into_iter().map(|port| There {
        device: port.device,
        name: port.name,
        path: Some(port.path),
        likely: match port.verdict {
            Verdict::Scanner | Verdict::Perhaps => true,
            Verdict::Other => false,
        },
    });
    let hid = hid::present().into_iter().map(|device| There {
        device: device.id,
        name: device.name,
        path: None,
        likely: true,
    });
    ports.chain(hid).collect()
}

fn port_views(there: &[There], remembered: &[LineSettings]) -> Vec<PortView> {
    let choice = |id: &DeviceId| {
        remembered.iter().find(|line| line.device == *id).map_or(Choice::ByItself, |line| line.choice)
    };
    let mut views: Vec<PortView> = there
        .iter()
        .map(|port| PortView {
            id: port.device.0.clone(),
            path: port.path.clone(),
            name: port.name.clone(),
            choice: view_of(choice(&port.device)),
            likely: port.likely,
            here: true,
        })
        .collect();
    // What a person decided about can be decided otherwise, plugged in or not.
    for line in remembered.iter().filter(|line| line.choice != Choice::ByItself) {
        if !views.iter().any(|view| view.id == line.device.0) {
            views.push(PortView {
                id: line.device.0.clone(),
                path: None,
                name: line.device.0.clone(),
                choice: view_of(line.choice),
                likely: line.choice == Choice::Always,
                here: false,
            });
        }
    }
    views
}

fn choice_of(choice: PortChoice) -> Choice {
    match choice {
        PortChoice::ByItself => Choice::ByItself,
        PortChoice::Always => Choice::Always,
        PortChoice::Never => Choice::Never,
    }
}

fn view_of(choice: Choice) -> PortChoice {
    match choice {
        Choice::ByItself => PortChoice::ByItself,
        Choice::Always => PortChoice::Always,
        Choice::Never => PortChoice::Never,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(id: &str, choice: Choice) -> LineSettings {
        LineSettings { choice, ..LineSettings::new(DeviceId(id.to_owned())) }
    }

    #[test]
    fn ports_are_shown_with_what_was_decided_and_so_is_what_is_not_plugged_in() {
        let port = |id: &str, likely| There {
            device: DeviceId(id.to_owned()),
            path: Some("/dev/ttyACM0".to_owned()),
            name: "A port".to_owned(),
            likely,
        };
        let there = [port("serial:a", true), port("serial:b", false)];
        let remembered = [
            line("serial:b", Choice::Always),
            line("serial:gone", Choice::Never),
            line("serial:learned", Choice::ByItself),
        ];

        let views = port_views(&there, &remembered);

        let told: Vec<_> = views.iter().map(|view| (view.id.as_str(), view.choice, view.here)).collect();
        assert_eq!(
            told,
            [
                ("serial:a", PortChoice::ByItself, true),
                ("serial:b", PortChoice::Always, true),
                ("serial:gone", PortChoice::Never, false),
            ],
        );
    }
}
