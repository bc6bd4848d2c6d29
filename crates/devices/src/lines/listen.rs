//! A thread for each open scanner, asleep until bytes come.

use std::io;
use std::sync::mpsc::Sender;
use std::time::Duration;

use zeroize::{Zeroize, Zeroizing};

use super::clock::Clock;
use super::settings::LineSettings;
use super::source::{Got, Source, Stop};
use super::tell::Tell;
use super::watch::Order;
use crate::hid::{Assembler, Layout};
use crate::serial::{Found, Framer, Port, Rates};
use crate::{Event, Scan};

/// Enough for what a line brings while a computer is busy, and for the longest report.
const BUFFER: usize = 4096;

/// One listener's way to the rest.
#[derive(Debug, Clone)]
pub(super) struct Outlet {
    pub(super) settings: LineSettings,
    /// Which listener this is: what an old one still says is not taken for a new one's.
    pub(super) number: u64,
    pub(super) tell: Tell,
    pub(super) orders: Sender<Order>,
    pub(super) stop: Stop,
}

impl Outlet {
    fn found(&self, found: Found) {
        let device = self.settings.device.clone();
        match found {
            Found::Scan(text) => self.tell.event(Event::Scan(Scan { device, text })),
            Found::Broken { .. } => self.tell.event(Event::Broken(device)),
            Found::Learned => {}
        }
    }

    /// The watcher may be gone already, and then nobody wants to know.
    fn order(&self, order: Order) {
        let _ = self.orders.send(order);
    }
}

/// Listens to a serial port until it is gone or to be left. Of a port that is not known for a scanner's nothing is told before a
/// code has come: a scale sends texts as well.
pub(super) fn serial(mut port: Port, known: bool, mut outlet: Outlet) {
    let clock = Clock::new();
    let mut known = known;
    let mut framer = Framer::new(outlet.settings.habits.clone());
    let mut rates = Rates::new(outlet.settings.rate);
    let mut buffer = Zeroizing::new([0; BUFFER]);
    loop {
        let patience = framer.wake_at().map(|wake_at| wake_at.saturating_sub(clock.now()));
        let got = port.read(&mut buffer[..], &outlet.stop, patience);
        let now = clock.now();
        let found = match got {
            Ok(Got::Bytes(count)) => framer.bytes(&buffer[..count], now),
            Ok(Got::Nothing) => framer.quiet(now),
            Ok(Got::Stop) => break,
            Err(_) => {
                framer.hang_up().into_iter().filter(|_| known).for_each(|found| outlet.found(found));
                outlet.order(Order::Ended(outlet.number));
                break;
            }
        };
        buffer.zeroize();
        for found in found {
            if !known && shows_scanner(&found) {
                known = true;
                port.claim();
            }
            if !known && matches!(found, Found::Scan(_)) {
                continue;
            }
            let faster = rates.note(&found, now);
            if known {
                outlet.found(found);
            }
            if let Some(bits) = faster {
                change_speed(&mut port, &mut framer, bits);
            }
        }
        if known {
            note_learned(&mut outlet, &framer, &rates);
        }
    }
}

/// Twelve digits and more are a code of goods or of money; no other device says such a thing by itself.
fn shows_scanner(found: &Found) -> bool {
    const DIGITS_MIN: usize = 12;
    match found {
        Found::Scan(text) => {
            text.reveal().len() >= DIGITS_MIN && text.reveal().bytes().all(|byte| byte.is_ascii_digit())
        }
        Found::Broken { .. } | Found::Learned => false,
    }
}

fn change_speed(port: &mut Port, framer: &mut Framer, bits: u32) {
    // What has come so far came at the wrong speed: nothing of it is worth telling twice.
    drop(framer.hang_up());
    // A port that cannot do this speed stays at the one before, and the next is tried after the next noise.
    let _ = port.set_speed(bits);
}

fn note_learned(outlet: &mut Outlet, framer: &Framer, rates: &Rates) {
    let settings = &mut outlet.settings;
    if settings.rate != rates.rate() || settings.habits != *framer.habits() {
        settings.rate = rates.rate();
        settings.habits = framer.habits().clone();
        outlet.order(Order::Learned(outlet.number, Box::new(outlet.settings.clone())));
    }
}

/// Listens to a HID scanner until it is gone or to be left.
pub(super) fn hid(mut wire: impl Source, layout: Layout, outlet: Outlet) {
    let clock = Clock::new();
    let mut assembler = Assembler::new(layout);
    let mut buffer = Zeroizing::new([0; BUFFER]);
    loop {
        let patience = assembler.wake_at().map(|wake_at: Duration| wake_at.saturating_sub(clock.now()));
        let got: io::Result<Got> = wire.read(&mut buffer[..], &outlet.stop, patience);
        let now = clock.now();
        let found = match got {
            Ok(Got::Bytes(count)) => assembler.report(&buffer[..count], now),
            Ok(Got::Nothing) => assembler.quiet(now),
            Ok(Got::Stop) => break,
            Err(_) => {
                assembler.hang_up().into_iter().for_each(|found| outlet.found(found));
                outlet.order(Order::Ended(outlet.number));
                break;
            }
        };
        buffer.zeroize();
        found.into_iter().for_each(|found| outlet.found(found));
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::fd::OwnedFd;
    use std::sync::mpsc::channel;

    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

    use super::*;
    use crate::DeviceId;

    /// A terminal, and the port at its other end.
    fn terminal() -> (OwnedFd, Port) {
        let terminal =
            openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).expect("a terminal");
        grantpt(&terminal).expect("granted");
        unlockpt(&terminal).expect("unlocked");
        let name = ptsname(&terminal, Vec::new()).expect("a name");
        let port = Port::open(name.to_str().expect("a path"), 9600, false).expect("a port");
        (terminal, port)
    }

    #[test]
    fn of_a_port_that_may_be_a_scales_nothing_is_told_before_a_code_has_come() {
        let (terminal, port) = terminal();
        let ((told, events), (orders, _inbox)) = (channel(), channel());
        let settings = LineSettings::new(DeviceId("serial:0403:6001:A50285BI".into()));
        let stop = Stop::new().expect("a stop");
        let tell = Tell::new(move |event| _ = told.send(event));
        let outlet = Outlet { settings, number: 1, tell, orders, stop: stop.clone() };
        let listener = std::thread::spawn(move || serial(port, false, outlet));
        let sent = "ST,GS,  0.512kg\r\n\u{7}\u{7}?\r\n00000512\r\n134567890123456789\r\n00000512\r\n";
        rustix::io::write(&terminal, sent.as_bytes()).expect("written");

        let first = events.recv_timeout(Duration::from_secs(20));
        let second = events.recv_timeout(Duration::from_secs(20));
        stop.stop();
        listener.join().expect("the listener ends");

        let texts = [first, second].map(|event| match event {
            Ok(Event::Scan(scan)) => scan.text.reveal().to_owned(),
            other => format!("{other:?}"),
        });
        assert_eq!(texts, ["134567890123456789", "00000512"], "and then all that it says");
    }
}
