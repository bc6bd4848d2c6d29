//! HID scanners of Windows.

use std::ffi::CString;
use std::io;
use std::time::Duration;

use hidapi::{HidApi, HidDevice, MAX_REPORT_DESCRIPTOR_SIZE};

use super::{Layout, Seen};
use crate::lines::source::{Got, Source, Stop};
use crate::{Device, DeviceId, Kind};

const PAGE_BAR_CODE_SCANNER: u16 = 0x8C;

/// An open scanner.
pub(crate) struct Wire(HidDevice);

impl Wire {
    pub(crate) fn open(path: &str) -> io::Result<Wire> {
        let path = CString::new(path).map_err(|_| io::Error::from(io::ErrorKind::InvalidInput))?;
        let api = HidApi::new().map_err(io::Error::other)?;
        Ok(Wire(api.open_path(&path).map_err(io::Error::other)?))
    }
}

impl Source for Wire {
    fn read(&mut self, buffer: &mut [u8], stop: &Stop, patience: Option<Duration>) -> io::Result<Got> {
        if stop.is_stopped() {
            return Ok(Got::Stop);
        }
        let patience_ms = i32::try_from(Stop::patience(patience).as_millis()).unwrap_or(i32::MAX);
        match self.0.read_timeout(buffer, patience_ms) {
            Ok(0) => Ok(Got::Nothing),
            Ok(count) => Ok(Got::Bytes(count)),
            Err(error) => Err(io::Error::other(error)),
        }
    }
}

/// The HID scanners that are plugged in.
pub(crate) fn scanners() -> Vec<Seen> {
    let Ok(api) = HidApi::new() else { return Vec::new() };
    api.device_list()
        .filter(|info| info.usage_page() == PAGE_BAR_CODE_SCANNER)
        .filter_map(|info| {
            let mut descriptor = [0; MAX_REPORT_DESCRIPTOR_SIZE];
            let length = info.open_device(&api).ok()?.get_report_descriptor(&mut descriptor).ok()?;
            let path = info.path().to_str().ok()?.to_owned();
            let own = info.serial_number().filter(|serial| !serial.is_empty()).unwrap_or(&path);
            let device = Device {
                id: DeviceId(format!("hid:{:04x}:{:04x}:{own}", info.vendor_id(), info.product_id())),
                kind: Kind::Hid,
                name: info.product_string().unwrap_or("HID POS").to_owned(),
            };
            Some(Seen { device, path: path.clone(), layout: Layout::read(descriptor.get(..length)?)? })
        })
        .collect()
}
