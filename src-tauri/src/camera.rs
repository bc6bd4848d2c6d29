//! The camera, opened while a payment code is awaited and closed when it is not.
//!
//! What it reads goes to the register like any scan; what it sees goes to the cashier's window, as raw bytes that the page
//! fetches one picture after the other. A picture that nobody has fetched is overwritten by the next.

use std::path::PathBuf;
use std::sync::mpsc::{Sender, channel};

use guitai_app::Register;
use guitai_app::view::CameraUse;
use guitai_devices::camera::{Camera, Choice, Sight, cameras};
use guitai_devices::decode::Looker;
use guitai_devices::{Device, DeviceId, Event};
use tauri::ipc::{InvokeResponseBody, IpcResponse};
use tauri::{AppHandle, Manager};
use tokio::sync::watch;

use crate::StartedTill;
use crate::sight::packed;

/// Keeps the one camera of the till.
pub(crate) struct CameraKeeper {
    orders: Sender<Option<Choice>>,
    sights: watch::Receiver<Shown>,
    played: Option<PathBuf>,
}

/// What is to be shown, and its number.
#[derive(Debug, Clone, Default)]
struct Shown {
    serial: u32,
    packed: Vec<u8>,
}

/// A camera that is plugged in.
#[derive(serde::Serialize, specta::Type)]
pub(crate) struct CameraRow {
    /// Which one: the same over unplugging and restarts.
    id: String,
    /// What its maker calls it.
    name: String,
}

/// The cameras that are plugged in.
pub(crate) fn plugged_in() -> Vec<CameraRow> {
    let row = |device: Device| CameraRow { id: device.id.0, name: device.name };
    cameras().into_iter().map(row).collect()
}

/// A picture as the page gets it: see [`crate::sight`].
#[derive(specta::Type)]
pub(crate) struct SightBytes(Vec<u8>);

impl IpcResponse for SightBytes {
    fn body(self) -> tauri::Result<InvokeResponseBody> {
        Ok(InvokeResponseBody::Raw(self.0))
    }
}

impl CameraKeeper {
    /// Starts the thread that opens and closes; `played` is shown in the place of a camera.
    pub fn start(app: &AppHandle, played: Option<PathBuf>) -> CameraKeeper {
        let (orders, ordered) = channel::<Option<Choice>>();
        let (shows, sights) = watch::channel(Shown { serial: 0, packed: packed(0, None) });
        let app = app.clone();
        std::thread::spawn(move || {
            let mut open: Option<(Choice, Camera)> = None;
            while let Ok(mut wanted) = ordered.recv() {
                // Only the last word counts.
                while let Ok(newer) = ordered.try_recv() {
                    wanted = newer;
                }
                if open.as_ref().map(|(choice, _)| choice) == wanted.as_ref() {
                    continue;
                }
                // Closed before the next is opened: it may be the same one.
                drop(open.take());
                show(&shows, None);
                open = wanted.map(|choice| (choice.clone(), opened(choice, &app, &shows)));
            }
        });
        CameraKeeper { orders, sights, played }
    }

    /// The register has changed: the camera with it.
    pub fn follow(&self, register: &Register) {
        let wanted = match (register.camera_use(), &self.played) {
            (CameraUse::Off | CameraUse::Resting, _) => None,
            (CameraUse::Looking, Some(played)) => Some(Choice::Played(played.clone())),
            (CameraUse::Looking, None) => Some(match register.camera_chosen() {
                "auto" => Choice::Best,
                id => Choice::Only(DeviceId(id.to_owned())),
            }),
        };
        // The thread ends with the program.
        let _ = self.orders.send(wanted);
    }

    /// What is seen, as soon as it is another than number `after`.
    pub async fn next(&self, after: u32) -> SightBytes {
        let mut sights = self.sights.clone();
        let shown = sights.wait_for(|shown| shown.serial != after).await;
        SightBytes(shown.map(|shown| shown.packed.clone()).unwrap_or_else(|_| packed(after, None)))
    }
}

fn opened(choice: Choice, app: &AppHandle, shows: &watch::Sender<Shown>) -> Camera {
    let (app, shows) = (app.clone(), shows.clone());
    let tell = move |event| told(&app, event);
    let sees = move |sight: Sight| show(&shows, Some(&sight));
    Camera::start(choice, Looker::new(), tell, sees)
}

/// Waits for the register, on the camera's own thread: the next frame is looked at when this one's code is written down.
fn told(app: &AppHandle, event: Event) {
    let till = app.state::<StartedTill>();
    let Ok(till) = till.as_ref() else { return };
    // A register that has stopped takes no money: the code is forgotten.
    let _ = tauri::async_runtime::block_on(
        till.ask(move |register, now| register.device_told(event, now.steady_ms, now)),
    );
}

fn show(shows: &watch::Sender<Shown>, sight: Option<&Sight>) {
    shows.send_modify(|shown| {
        shown.serial = shown.serial.wrapping_add(1);
        shown.packed = packed(shown.serial, sight);
    });
}
