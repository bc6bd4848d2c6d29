//! Scanners on real pseudo-terminals: found, named, pulled, taken up again, forbidden.
#![cfg(unix)]

use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use guitai_devices::lines::{Choice, LineSettings, Lines, Refusal};
use guitai_devices::serial::{Ending, Habits, Rate};
use guitai_devices::{DeviceId, Event};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use tempfile::TempDir;

const CODE: &str = "134567890123456789";

/// A place where a scanner can be plugged in, always under the same name.
struct Socket {
    folder: TempDir,
    scanner: Option<OwnedFd>,
}

impl Socket {
    fn new() -> Socket {
        Socket { folder: tempfile::tempdir().expect("a folder"), scanner: None }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("scanner")
    }

    fn device(&self) -> DeviceId {
        DeviceId(format!("serial:{}", self.path().display()))
    }

    fn settings(&self) -> LineSettings {
        LineSettings { choice: Choice::Always, ..LineSettings::new(self.device()) }
    }

    fn plug_in(&mut self) {
        let scanner =
            openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).expect("a terminal");
        grantpt(&scanner).expect("granted");
        unlockpt(&scanner).expect("unlocked");
        let name = ptsname(&scanner, Vec::new()).expect("a name");
        std::os::unix::fs::symlink(Path::new(name.to_str().expect("a path")), self.path()).expect("a link");
        self.scanner = Some(scanner);
    }

    fn pull_out(&mut self) {
        std::fs::remove_file(self.path()).expect("a link");
        self.scanner = None;
    }

    fn send(&self, text: &str) {
        let scanner = self.scanner.as_ref().expect("plugged in");
        let written = rustix::io::write(scanner, text.as_bytes()).expect("written");
        assert_eq!(written, text.len());
    }
}

/// The lines with what they tell.
struct Till {
    lines: Lines,
    events: Receiver<Event>,
}

impl Till {
    fn start(remembered: Vec<LineSettings>) -> Till {
        let (tell, events) = channel();
        let lines = Lines::start(remembered, move |event| _ = tell.send(event));
        Till { lines, events }
    }

    /// The next event, in words. Looking at once spares the test the second until the next look.
    fn next(&self) -> String {
        self.lines.look();
        let event = self.events.recv_timeout(Duration::from_secs(20)).expect("an event");
        match event {
            Event::Scan(scan) => format!("scan {}", scan.text.reveal()),
            Event::Broken(_) => "broken".into(),
            Event::Here(_) => "here".into(),
            Event::Gone(_) => "gone".into(),
            Event::Refused { why, .. } => format!("refused {why:?}"),
            Event::Learned(settings) => format!("learned {:?}", settings.habits.ending),
        }
    }
}

#[test]
fn a_scanner_is_heard_from_the_moment_it_is_plugged_in_and_taken_up_again() {
    let mut socket = Socket::new();
    let till = Till::start(vec![socket.settings()]);

    let mut told = Vec::new();
    for _ in 0..3 {
        socket.plug_in();
        told.push(till.next());
        socket.send(&format!("{CODE}\r"));
        told.push(till.next());
        if told.len() == 2 {
            told.push(till.next());
        }
        socket.pull_out();
        told.push(till.next());
    }

    let scan = format!("scan {CODE}");
    let once = ["here", &scan, "gone"];
    assert_eq!(told, [&["here", &scan, "learned Some(Cr)", "gone"][..], &once, &once].concat());
}

#[test]
fn half_a_code_dies_with_its_scanner() {
    let mut socket = Socket::new();
    socket.plug_in();
    let habits =
        Habits { ending: Some(Ending::Cr), lengths: [16, 18].into(), bare: true, ..Habits::default() };
    let till = Till::start(vec![LineSettings { habits, rate: Rate::Found(9600), ..socket.settings() }]);
    let here = till.next();
    socket.send(&format!("{CODE}\r28"));
    let whole = till.next();

    socket.pull_out();
    // The half is told as broken, if it was read before the scanner was gone.
    let pulled = [till.next()].into_iter().find(|told| told != "broken").unwrap_or_else(|| till.next());
    socket.plug_in();
    let again = till.next();
    socket.send("2512345678901234\r");

    assert_eq!([here, whole, pulled, again], ["here", &format!("scan {CODE}"), "gone", "here"]);
    assert_eq!(till.next(), "scan 2512345678901234", "nothing of the half one is left");
}

#[test]
fn a_port_that_a_person_forbids_is_let_go_and_taken_up_when_allowed_again() {
    let mut socket = Socket::new();
    socket.plug_in();
    let till = Till::start(vec![socket.settings()]);
    let here = till.next();

    till.lines.set(LineSettings { choice: Choice::Never, ..socket.settings() });
    let forbidden = till.next();
    till.lines.set(socket.settings());
    let allowed = till.next();
    socket.send(&format!("{CODE}\n"));

    assert_eq!([here, forbidden, allowed], ["here", "gone", "here"]);
    assert_eq!(till.next(), format!("scan {CODE}"));
}

#[test]
fn a_port_with_two_names_is_opened_once() {
    let mut socket = Socket::new();
    socket.plug_in();
    let other = socket.folder.path().join("the-same");
    std::os::unix::fs::symlink(socket.path(), &other).expect("a link");
    let device = DeviceId(format!("serial:{}", other.display()));
    let alias = LineSettings { choice: Choice::Always, ..LineSettings::new(device) };
    let till = Till::start(vec![socket.settings(), alias]);
    let here = till.next();

    for tail in 10..20 {
        socket.send(&format!("1345678901234567{tail}\r"));
    }

    let scans: Vec<_> =
        std::iter::repeat_with(|| till.next()).filter(|told| !told.starts_with("learned")).take(10).collect();
    assert_eq!(here, "here");
    assert_eq!(scans, (10..20).map(|tail| format!("scan 1345678901234567{tail}")).collect::<Vec<_>>());
}

#[test]
fn what_was_learned_holds_after_a_restart() {
    let mut socket = Socket::new();
    socket.plug_in();
    let first = Till::start(vec![socket.settings()]);
    first.next();
    socket.send(&format!("{CODE}\t"));
    first.next();
    let learned = first.events.recv_timeout(Duration::from_secs(20)).expect("an event");
    let Event::Learned(learned) = learned else { panic!("something was learned, not {learned:?}") };
    drop(first);

    let second = Till::start(vec![learned.clone()]);
    let here = second.next();
    socket.send(&format!("{CODE}\r"));

    assert_eq!(learned.habits.ending, Some(Ending::Tab));
    assert_eq!([here, second.next()], ["here", "broken"], "not the ending this scanner is known for");
}

#[test]
fn what_is_no_serial_port_is_refused_and_gone_when_it_is_gone() {
    let socket = Socket::new();
    std::fs::write(socket.path(), "no port").expect("a file");
    let till = Till::start(vec![socket.settings()]);
    for _ in 0..5 {
        till.lines.look();
    }

    let refused = till.next();
    std::fs::remove_file(socket.path()).expect("a file");

    assert_eq!(refused, format!("refused {:?}", Refusal::Other));
    assert_eq!(till.next(), "gone");
}

#[test]
fn nothing_is_told_after_the_end() {
    let mut socket = Socket::new();
    socket.plug_in();
    let Till { lines, events } = Till::start(vec![socket.settings()]);
    let here = events.recv_timeout(Duration::from_secs(20)).expect("an event");

    drop(lines);
    socket.send(&format!("{CODE}\r"));

    assert!(matches!(here, Event::Here(_)));
    assert_eq!(events.recv(), Err(std::sync::mpsc::RecvError), "the way out is closed");
}
