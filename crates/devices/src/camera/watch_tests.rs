//! A camera's morning, frame by frame; the time is moved by hand.

use std::cell::RefCell;

use super::*;
use crate::camera::pixels::Layout;
use crate::{Device, Kind};

const SIZE: (usize, usize) = (160, 90);
const FRAME: Duration = Duration::from_millis(33);

/// What the till hears and shows, in order.
#[derive(Default)]
struct Till {
    heard: RefCell<Vec<String>>,
    shown: RefCell<Vec<Sight>>,
}

impl Till {
    /// Shows `story` to a camera that is plugged in, and says what came of it.
    fn see(story: &[(Scene, usize)]) -> Till {
        let till = Till::default();
        let tell = |event: Event| till.heard.borrow_mut().push(heard(event));
        let show = |sight| till.shown.borrow_mut().push(sight);
        let mut watcher = Watcher { eye: &mut TestEye, tell: &tell, show: &show, state: State::default() };
        watcher.note(Note::Here(device()));
        let mut now = Duration::ZERO;
        for (scene, frames) in story {
            for _ in 0..*frames {
                scene.play(&mut watcher, now);
                now += FRAME;
            }
        }
        till
    }

    fn scans(&self) -> usize {
        self.heard.borrow().iter().filter(|heard| heard.starts_with("scan")).count()
    }

    fn pictures(&self) -> usize {
        self.shown.borrow().iter().filter(|sight| matches!(sight, Sight::Live(_))).count()
    }
}

enum Scene {
    /// An empty counter.
    Empty,
    /// A phone with this code.
    Phone(&'static str),
    Silence,
    Pulled,
    Plugged,
}

impl Scene {
    fn play(&self, watcher: &mut Watcher<'_>, now: Duration) {
        let grey = match self {
            Scene::Empty => vec![120; SIZE.0 * SIZE.1],
            Scene::Phone(text) => phone(text),
            Scene::Silence => return watcher.silence(),
            Scene::Pulled => return watcher.note(Note::Gone(device().id, Why::Lost)),
            Scene::Plugged => return watcher.note(Note::Here(device())),
        };
        let mut frame = Frame::default();
        frame.at = now;
        assert!(frame.put(Layout::Grey, SIZE, 0, &grey));
        watcher.frame(&frame);
    }
}

fn device() -> Device {
    Device { id: DeviceId("camera:test".to_owned()), kind: Kind::Camera, name: "Test".to_owned() }
}

fn heard(event: Event) -> String {
    match event {
        Event::Scan(scan) => format!("scan {}", scan.text.reveal()),
        Event::Broken(id) => format!("broken {}", id.0),
        Event::Here(device) => format!("here {}", device.id.0),
        Event::Gone(id) => format!("gone {}", id.0),
        Event::Refused { .. } | Event::Learned(_) => "what no camera says".to_owned(),
    }
}

/// A phone is a bright field; which one, its brightness says.
fn phone(text: &str) -> Vec<u8> {
    let mut grey = vec![120; SIZE.0 * SIZE.1];
    let bright = if text == CODE { 200 } else { 230 };
    for row in grey.chunks_exact_mut(SIZE.0).skip(TOP).take(SIDE) {
        row[LEFT..LEFT + SIDE].fill(bright);
    }
    grey
}

const LEFT: usize = 40;
const TOP: usize = 15;
const SIDE: usize = 50;

/// Knows the two phones.
struct TestEye;

impl Eye for TestEye {
    fn look(&mut self, grey: &[u8], size: (usize, usize)) -> Option<Seen> {
        assert_eq!((size, grey.len()), (SIZE, SIZE.0 * SIZE.1));
        let text = match grey[(TOP + 1) * SIZE.0 + LEFT + 1] {
            200 => CODE,
            230 => OTHER,
            _ => return None,
        };
        let (left, top, right, bottom) = (40.0, 15.0, 90.0, 65.0);
        let corners = [(left, top), (right, top), (right, bottom), (left, bottom)];
        Some(Seen { text: ScanText::new(text.to_owned()), corners })
    }
}

const CODE: &str = "134567890123456789";
const OTHER: &str = "284567890123456789";

#[test]
fn a_phone_held_up_for_long_is_one_scan_with_its_corners_shown() {
    let till = Till::see(&[(Scene::Empty, 10), (Scene::Phone(CODE), 300)]);

    assert_eq!(*till.heard.borrow(), ["here camera:test".to_owned(), format!("scan {CODE}")]);
    let shown = till.shown.borrow();
    let framed = shown.iter().find_map(|sight| match sight {
        Sight::Live(preview) => preview.corners,
        Sight::Nothing(_) => None,
    });
    let mirrored = [(120.0, 15.0), (70.0, 15.0), (70.0, 65.0), (120.0, 65.0)];
    assert_eq!(framed, Some(mirrored), "the code is framed where it is on the screen");
}

#[test]
fn the_next_phone_is_another_scan_and_so_is_the_same_after_a_while() {
    let away = (3.2 / 0.033) as usize;

    let till = Till::see(&[
        (Scene::Phone(CODE), 30),
        (Scene::Phone(OTHER), 30),
        (Scene::Empty, away),
        (Scene::Phone(OTHER), 30),
    ]);

    assert_eq!(till.scans(), 3);
}

#[test]
fn a_camera_that_is_pulled_and_plugged_in_again_tells_so_and_scans_on() {
    let till = Till::see(&[
        (Scene::Phone(CODE), 10),
        (Scene::Pulled, 1),
        (Scene::Plugged, 1),
        (Scene::Phone(CODE), 10),
        (Scene::Phone(OTHER), 10),
    ]);

    let expected = ["here", "scan", "gone", "here", "scan"];
    let heard = till.heard.borrow();
    assert_eq!(
        heard.iter().map(|heard| heard.split(' ').next().unwrap_or_default()).collect::<Vec<_>>(),
        expected
    );
    assert!(till.shown.borrow().contains(&Sight::Nothing(Why::Lost)));
}

#[test]
fn silence_is_said_once_and_the_next_frame_ends_it() {
    let till = Till::see(&[(Scene::Empty, 1), (Scene::Silence, 5), (Scene::Empty, 5)]);

    let shown = till.shown.borrow();
    let silent = shown.iter().filter(|sight| **sight == Sight::Nothing(Why::Silent)).count();
    assert_eq!(silent, 1);
    assert!(matches!(shown.last(), Some(Sight::Live(_))), "a picture is live again");
}

#[test]
fn a_resting_scene_is_shown_twice_a_second_and_a_phone_in_it_is_found_on_its_first_frame() {
    let rest = Till::see(&[(Scene::Empty, 30), (Scene::Empty, 90)]);
    assert!(rest.pictures() < 30, "{} pictures in four seconds", rest.pictures());

    let till = Till::see(&[(Scene::Empty, 121), (Scene::Phone(CODE), 1)]);
    assert_eq!(till.scans(), 1);
}

#[test]
fn the_same_picture_for_seconds_is_remarked_on() {
    let till = Till::see(&[(Scene::Empty, 150)]);

    let shown = till.shown.borrow();
    let last = shown.last();
    assert!(matches!(last, Some(Sight::Live(Preview { hint: Some(Hint::Same), .. }))), "{last:?}");
}

#[test]
fn a_frame_without_a_camera_shows_nothing() {
    let till = Till::see(&[(Scene::Pulled, 1), (Scene::Phone(CODE), 3)]);

    assert_eq!((till.scans(), till.pictures()), (0, 0), "what came late from a pulled camera is not live");
}
