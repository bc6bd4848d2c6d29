//! A webcam on the counter: a UVC camera with bulk transfers, and the customer's phone in front of it.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use anyhow::Result;
use guitai_codes::scene::Scene;
use guitai_codes::{Category, Shot, Size, empty};

use crate::device::{Device, shown};
use crate::shop::Shop;
use crate::usbip::{BUS_ID, Plug};
use crate::uvc::{Uvc, View};
use crate::{pause, until};

const SIZE: Size = Size::P480;
/// Pictures of one code, each with a noise of its own.
const PICTURES: u64 = 4;

const CAMERA: &str = "camera:1209:0001";

/// The camera's row of the table.
#[derive(Default)]
pub struct Webcam {
    view: View,
    /// Frames that were fetched.
    frames: Arc<AtomicUsize>,
    plug: Option<Plug>,
}

impl Webcam {
    fn show(&self, pictures: Vec<Vec<u8>>) {
        *self.view.lock().unwrap_or_else(PoisonError::into_inner) = pictures;
    }

    fn show_nothing(&self) {
        self.show(vec![yuyv(&empty(SIZE, 1).pixels)]);
    }

    /// Waits for pictures to be fetched: a camera that rests is still called there.
    fn is_watched(&self) -> Result<()> {
        let before = self.frames.load(Ordering::Relaxed);
        until("pictures to be fetched", Duration::from_secs(30), || {
            Ok(self.frames.load(Ordering::Relaxed) > before + 3)
        })?;
        Ok(())
    }

    fn attach(&self, shop: &mut Shop) -> Result<()> {
        let port = self.plug.as_ref().map_or(0, |plug| plug.port);
        shop.machine
            .run(&format!("modprobe vhci-hcd && usbip --tcp-port {port} attach -r 10.0.2.2 -b {BUS_ID}"))?;
        Ok(())
    }
}

impl Device for Webcam {
    fn name(&self) -> &'static str {
        "camera"
    }
    fn way(&self) -> &'static str {
        "UVC 1209:0001 (USB/IP)"
    }
    fn plug(&mut self, shop: &mut Shop) -> Result<()> {
        self.show_nothing();
        let (view, frames) = (Arc::clone(&self.view), Arc::clone(&self.frames));
        self.plug = Some(Plug::offer(move || Uvc::new(Arc::clone(&view), Arc::clone(&frames)))?);
        self.attach(shop)?;
        // A person switches the camera on, once. It looks only while a code is awaited.
        shop.keys("key F3")?;
        shop.arm()
    }
    fn seen(&mut self, shop: &mut Shop) -> Result<String> {
        shop.wait_for_device(CAMERA, "good").map(shown)
    }
    fn scan(&mut self, _shop: &mut Shop, code: &str) -> Result<()> {
        let shot = Shot::draw(Category::Nominal, SIZE, 7);
        let scene = Scene::showing(&shot, code);
        self.show((0..PICTURES).map(|number| yuyv(&scene.take(&shot, number).pixels)).collect());
        Ok(())
    }
    fn put_away(&mut self, _shop: &mut Shop) -> Result<()> {
        self.show_nothing();
        pause(1000);
        Ok(())
    }
    fn unplug(&mut self, shop: &mut Shop) -> Result<()> {
        shop.arm()?;
        shop.wait_for_device(CAMERA, "good")?;
        self.is_watched()?;
        if let Some(plug) = &self.plug {
            plug.cut();
        }
        Ok(())
    }
    fn missed(&mut self, shop: &mut Shop) -> Result<String> {
        shop.wait_for_device(CAMERA, "warning").map(shown)
    }
    fn replug(&mut self, shop: &mut Shop) -> Result<()> {
        self.attach(shop)
    }
    fn seen_again(&mut self, shop: &mut Shop) -> Result<()> {
        shop.wait_for_device(CAMERA, "good").map(|_| ())
    }
}

/// Greys with colours that are none.
fn yuyv(greys: &[u8]) -> Vec<u8> {
    greys.iter().flat_map(|grey| [*grey, 128]).collect()
}
