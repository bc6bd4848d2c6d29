//! Both threads together, with frames from a script.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::*;
use crate::Kind;

/// More than any machine needs.
const PATIENCE: Duration = Duration::from_secs(20);

/// What a scripted camera does next.
enum Act {
    Frame,
    Fail(Why),
}

struct Scripted(Receiver<Act>);

impl Source for Scripted {
    fn mode(&self) -> Mode {
        Mode { width: 64, height: 36, rate_milli: 30_000, layout: Layout::Grey }
    }

    fn next(&mut self, patience: Duration, frame: &mut Frame) -> Result<bool, Why> {
        match self.0.recv_timeout(patience) {
            Ok(Act::Frame) => Ok(frame.put(Layout::Grey, (64, 36), 0, &[99; 64 * 36])),
            Ok(Act::Fail(why)) => Err(why),
            Err(_) => Ok(false),
        }
    }
}

struct Blind;

impl Eye for Blind {
    fn look(&mut self, _grey: &[u8], _size: (usize, usize)) -> Option<Seen> {
        None
    }
}

struct Bench {
    camera: Option<Camera>,
    /// One sender for each time the camera is opened.
    plugs: Arc<Mutex<Vec<Result<Scripted, Why>>>>,
    events: Receiver<Event>,
    sights: Receiver<Sight>,
}

impl Bench {
    fn start(plugs: Vec<Result<Scripted, Why>>) -> Bench {
        let plugs = Arc::new(Mutex::new(plugs.into_iter().rev().collect::<Vec<_>>()));
        let (tell, events) = channel();
        let (show, sights) = channel();
        let left = Arc::clone(&plugs);
        let open = move || {
            let next = left.lock().expect("the script").pop().unwrap_or(Err(Why::NoCamera));
            next.map(|source| (device(), Box::new(source) as Box<dyn Source>))
        };
        let camera = Camera::of(
            open,
            Blind,
            move |event| tell.send(event).unwrap_or_default(),
            move |sight| show.send(sight).unwrap_or_default(),
        );
        Bench { camera: Some(camera), plugs, events, sights }
    }

    fn event(&self) -> Event {
        self.events.recv_timeout(PATIENCE).expect("an event")
    }

    /// The next sight that is no picture.
    fn word(&self) -> Why {
        loop {
            if let Sight::Nothing(why) = self.sights.recv_timeout(PATIENCE).expect("something to show") {
                return why;
            }
        }
    }
}

fn device() -> Device {
    Device { id: DeviceId("camera:script".to_owned()), kind: Kind::Camera, name: "Script".to_owned() }
}

fn script() -> (Sender<Act>, Scripted) {
    let (act, acts) = channel();
    (act, Scripted(acts))
}

#[test]
fn a_camera_that_was_pulled_is_taken_up_again() {
    let ((first, one), (second, two)) = (script(), script());
    let bench = Bench::start(vec![Ok(one), Err(Why::NoCamera), Ok(two)]);

    first.send(Act::Frame).expect("plugged in");
    assert_eq!(bench.event(), Event::Here(device()));
    first.send(Act::Fail(Why::Lost)).expect("plugged in");
    assert_eq!(bench.event(), Event::Gone(device().id));
    assert_eq!((bench.word(), bench.word()), (Why::Lost, Why::NoCamera));
    second.send(Act::Frame).expect("plugged in again");

    assert_eq!(bench.event(), Event::Here(device()));
    assert!(bench.plugs.lock().expect("the script").is_empty());
}

#[test]
fn a_camera_that_another_program_uses_says_so_and_opens_once_it_is_free() {
    let (act, free) = script();
    let bench = Bench::start(vec![Err(Why::InUse), Ok(free)]);

    assert_eq!(bench.word(), Why::InUse);
    act.send(Act::Frame).expect("free");
    assert_eq!(bench.event(), Event::Here(device()));
}

#[test]
fn a_camera_that_sends_nothing_is_not_shown_as_live() {
    let (act, mute) = script();
    let bench = Bench::start(vec![Ok(mute)]);
    act.send(Act::Frame).expect("plugged in");
    assert_eq!(bench.event(), Event::Here(device()));

    assert_eq!(bench.word(), Why::Silent);
}

#[test]
fn closing_ends_both_threads_and_lets_the_camera_go() {
    let (act, source) = script();
    let mut bench = Bench::start(vec![Ok(source)]);
    act.send(Act::Frame).expect("plugged in");
    assert_eq!(bench.event(), Event::Here(device()));

    drop(bench.camera.take());

    assert!(act.send(Act::Frame).is_err(), "the camera is closed");
    assert!(bench.events.try_recv().is_err());
    while bench.sights.try_recv().is_ok() {}
    assert!(bench.sights.recv_timeout(Duration::ZERO).is_err(), "nobody shows anything any more");
}
