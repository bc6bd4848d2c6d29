//! Looks what is plugged in, opens what is a scanner, and takes it up again.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
use std::time::Duration;

use super::listen::{self, Outlet};
use super::settings::{Choice, LineSettings, Refusal};
use super::source::Stop;
use super::tell::Tell;
use crate::hid::{self, Wire};
use crate::serial::{self, Port, PortSeen, Rate, Rates, Verdict};
use crate::{Device, DeviceId, Event};

/// How often to look. Windows opens every HID device to look at it.
const EVERY: Duration = Duration::from_secs(if cfg!(windows) { 3 } else { 1 });
/// A device that was just plugged in is refused until the system has set its rights.
const LOOKS_BEFORE_TOLD: u32 = 3;

/// What the watcher is asked to do, and told.
#[derive(Debug)]
pub(super) enum Order {
    /// A person decided about a device.
    Set(Box<LineSettings>),
    /// A listener learned something.
    Learned(u64, Box<LineSettings>),
    /// A listener's device is gone.
    Ended(u64),
    Look,
    Stop,
}

/// Something that can be opened.
#[derive(Debug)]
enum Candidate {
    Serial { port: PortSeen, alone: bool },
    Hid(hid::Seen),
}

/// What a listener's thread does.
type Job = Box<dyn FnOnce(Outlet) + Send>;

#[derive(Debug)]
struct Open {
    number: u64,
    stop: Stop,
    thread: JoinHandle<()>,
}

#[derive(Debug)]
pub(super) struct Watcher {
    remembered: BTreeMap<DeviceId, LineSettings>,
    open: BTreeMap<DeviceId, Open>,
    /// Devices that are there and cannot be opened, with how often that was tried.
    refused: BTreeMap<DeviceId, u32>,
    listeners: u64,
    tell: Tell,
    orders: Sender<Order>,
}

impl Watcher {
    pub(super) fn new(remembered: Vec<LineSettings>, tell: Tell, orders: Sender<Order>) -> Watcher {
        let remembered = remembered.into_iter().map(|settings| (settings.device.clone(), settings)).collect();
        Watcher { remembered, open: BTreeMap::new(), refused: BTreeMap::new(), listeners: 0, tell, orders }
    }

    pub(super) fn run(mut self, inbox: &Receiver<Order>) {
        self.look();
        loop {
            match inbox.recv_timeout(EVERY) {
                Ok(Order::Set(settings)) => self.set(*settings),
                Ok(Order::Learned(number, settings)) => self.learned(number, *settings),
                Ok(Order::Ended(number)) => self.ended(number),
                Ok(Order::Look) | Err(RecvTimeoutError::Timeout) => self.look(),
                Ok(Order::Stop) | Err(RecvTimeoutError::Disconnected) => break,
            }
        }
        self.close_all();
    }

    fn set(&mut self, settings: LineSettings) {
        let device = settings.device.clone();
        self.remembered.insert(device.clone(), settings);
        let was_open = self.close(&device);
        self.refused.remove(&device);
        self.look_for(&device, was_open);
    }

    /// Takes a device up again with other settings; it is gone only if it is not.
    fn look_for(&mut self, device: &DeviceId, was_open: bool) {
        for candidate in self.candidates() {
            if candidate.device().id == *device {
                self.open(candidate, !was_open);
            }
        }
        if was_open && !self.open.contains_key(device) {
            self.tell.event(Event::Gone(device.clone()));
        }
    }

    fn learned(&mut self, number: u64, settings: LineSettings) {
        // What a listener learned before a person decided otherwise is dropped with it.
        if self.open.get(&settings.device).is_some_and(|open| open.number == number) {
            self.remembered.insert(settings.device.clone(), settings.clone());
            self.tell.event(Event::Learned(settings));
        }
    }

    fn ended(&mut self, number: u64) {
        let ended =
            self.open.iter().find(|(_, open)| open.number == number).map(|(device, _)| device.clone());
        if let Some(device) = ended {
            self.close(&device);
            self.tell.event(Event::Gone(device));
        }
    }

    fn look(&mut self) {
        let candidates = self.candidates();
        let there = |device: &DeviceId| candidates.iter().any(|candidate| candidate.device().id == *device);
        let (refused, vanished): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.refused).into_iter().partition(|(device, _)| there(device));
        self.refused = refused.into_iter().collect();
        for (device, _) in vanished.into_iter().filter(|(_, tried)| *tried >= LOOKS_BEFORE_TOLD) {
            self.tell.event(Event::Gone(device));
        }
        // Some drivers of Windows never say that a port is gone: what is not listed any more is.
        let vanished = self.open.keys().filter(|device| cfg!(windows) && !there(device)).cloned();
        for device in vanished.collect::<Vec<_>>() {
            self.close(&device);
            self.tell.event(Event::Gone(device));
        }
        for candidate in candidates {
            if !self.open.contains_key(&candidate.device().id) {
                self.open(candidate, true);
            }
        }
    }

    /// What is plugged in and to be listened to.
    fn candidates(&self) -> Vec<Candidate> {
        let mut ports = serial::ports();
        let named = self.remembered.values().filter(|settings| settings.choice == Choice::Always);
        let named: Vec<&str> = named.filter_map(|settings| path_in(&settings.device)).collect();
        // Two who read one port get half of each code: whatever names it, a port is opened once.
        let real: Vec<_> = named.iter().filter_map(|path| real_path(path)).collect();
        for port in &mut ports {
            if real.contains(&port.path) && self.choice(&port.device) != Choice::Never {
                port.verdict = Verdict::Scanner;
            }
        }
        for (path, real) in named.iter().filter_map(|path| Some((path, real_path(path)?))) {
            if !ports.iter().any(|port| port.path == real) {
                ports.push(named_port(path, real));
            }
        }
        let serial = ports.into_iter().filter_map(|port| self.wants_port(port));
        let wanted = |seen: &hid::Seen| self.choice(&seen.device.id) != Choice::Never;
        let hid = hid::scanners().into_iter().filter(wanted).map(Candidate::Hid);
        serial.chain(hid).collect()
    }

    /// Whether to listen to a port, and whether to keep others off it: where nothing shows that it is a scanner, another program
    /// may be using what is behind it.
    fn wants_port(&self, port: PortSeen) -> Option<Candidate> {
        let has_read =
            matches!(self.remembered.get(&port.device), Some(settings) if settings.rate != Rate::Unknown);
        let alone = match (self.choice(&port.device), port.verdict) {
            (Choice::Never, _) | (Choice::ByItself, Verdict::Other) => return None,
            (Choice::Always, _) | (Choice::ByItself, Verdict::Scanner) => true,
            (Choice::ByItself, Verdict::Perhaps) => has_read,
        };
        Some(Candidate::Serial { port, alone })
    }

    fn choice(&self, device: &DeviceId) -> Choice {
        self.remembered.get(device).map_or(Choice::ByItself, |settings| settings.choice)
    }

    fn open(&mut self, candidate: Candidate, tell: bool) {
        let device = candidate.device();
        let settings = self.remembered.get(&device.id).cloned();
        let settings = settings.unwrap_or_else(|| LineSettings::new(device.id.clone()));
        let ready = candidate.open(&settings).and_then(|job| Ok((job, Stop::new()?)));
        match ready {
            Ok((job, stop)) => {
                self.refused.remove(&device.id);
                if tell {
                    self.tell.event(Event::Here(device));
                }
                self.begin(job, settings, stop);
            }
            Err(error) => self.refuse(device, &error),
        }
    }

    fn begin(&mut self, job: Job, settings: LineSettings, stop: Stop) {
        self.listeners += 1;
        let (number, device) = (self.listeners, settings.device.clone());
        let (tell, orders) = (self.tell.clone(), self.orders.clone());
        let outlet = Outlet { settings, number, tell, orders, stop: stop.clone() };
        let thread = std::thread::Builder::new().name("scanner".into()).spawn(move || job(outlet));
        match thread {
            Ok(thread) => _ = self.open.insert(device, Open { number, stop, thread }),
            // The computer has no room for a thread; the next look tries again.
            Err(_) => self.tell.event(Event::Gone(device)),
        }
    }

    fn refuse(&mut self, device: Device, error: &io::Error) {
        let why = match error.kind() {
            // It went while we looked.
            io::ErrorKind::NotFound => return,
            io::ErrorKind::PermissionDenied if cfg!(windows) => Refusal::Busy,
            io::ErrorKind::PermissionDenied => Refusal::Permission,
            io::ErrorKind::ResourceBusy => Refusal::Busy,
            _ => Refusal::Other,
        };
        let tried = self.refused.entry(device.id.clone()).or_default();
        *tried = tried.saturating_add(1);
        if *tried == LOOKS_BEFORE_TOLD {
            self.tell.event(Event::Refused { device, why });
        }
    }

    /// Whether it was open.
    fn close(&mut self, device: &DeviceId) -> bool {
        let Some(open) = self.open.remove(device) else { return false };
        open.stop.stop();
        // A listener that panicked has nothing open any more.
        let _ = open.thread.join();
        true
    }

    fn close_all(&mut self) {
        self.open.values().for_each(|open| open.stop.stop());
        for open in std::mem::take(&mut self.open).into_values() {
            let _ = open.thread.join();
        }
    }
}

impl Candidate {
    fn device(&self) -> Device {
        match self {
            Candidate::Serial { port, .. } => port.to_device(),
            Candidate::Hid(seen) => seen.device.clone(),
        }
    }

    fn open(self, settings: &LineSettings) -> io::Result<Job> {
        match self {
            Candidate::Serial { port, alone } => {
                let port = Port::open(&port.path, Rates::new(settings.rate).current(), alone)?;
                Ok(Box::new(move |outlet| listen::serial(port, alone, outlet)))
            }
            Candidate::Hid(hid::Seen { path, layout, .. }) => {
                let wire = Wire::open(&path)?;
                Ok(Box::new(move |outlet| listen::hid(wire, layout, outlet)))
            }
        }
    }
}

/// `serial:/dev/ttyS0` and `serial:COM1` name a port; `serial:0403:6001:A50285BI` names a device.
fn path_in(device: &DeviceId) -> Option<&str> {
    let begins = if cfg!(windows) { "COM" } else { "/" };
    device.0.strip_prefix("serial:").filter(|path| path.starts_with(begins))
}

/// The port that a path leads to, if there is one. Some drivers of Windows do not list their ports: there it is tried.
fn real_path(path: &str) -> Option<String> {
    if cfg!(windows) {
        return Some(path.to_owned());
    }
    Path::new(path).canonicalize().ok()?.into_os_string().into_string().ok()
}

/// A port that a person named and the system does not list.
fn named_port(name: &str, path: String) -> PortSeen {
    PortSeen {
        device: DeviceId(format!("serial:{name}")),
        path,
        name: name.to_owned(),
        verdict: Verdict::Other,
    }
}
