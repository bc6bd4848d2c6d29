//! A COM port of Windows.

use std::io;
use std::time::Duration;

use serialport::{ErrorKind, SerialPort};

use crate::lines::source::{Got, Source, Stop};

/// An open port. Windows lets no other program at it.
pub(crate) struct Port(Box<dyn SerialPort>);

impl Port {
    /// Opens the port at `path`, such as `COM3` or `COM12`: the name is given its device prefix on the way.
    pub(crate) fn open(path: &str, bits: u32, _alone: bool) -> io::Result<Port> {
        let port = serialport::new(path, bits).timeout(Stop::LOOK_UP).open();
        port.map(Port).map_err(|error| match error.kind {
            // The library says so of a port that another program has as well.
            ErrorKind::NoDevice if is_listed(path) => io::ErrorKind::ResourceBusy.into(),
            ErrorKind::NoDevice | ErrorKind::InvalidInput | ErrorKind::Unknown | ErrorKind::Io(_) => {
                error.into()
            }
        })
    }

    /// Windows has done so when it was opened.
    pub(crate) fn claim(&self) {}

    pub(crate) fn set_speed(&mut self, bits: u32) -> io::Result<()> {
        Ok(self.0.set_baud_rate(bits)?)
    }
}

impl Source for Port {
    fn read(&mut self, buffer: &mut [u8], stop: &Stop, patience: Option<Duration>) -> io::Result<Got> {
        if stop.is_stopped() {
            return Ok(Got::Stop);
        }
        self.0.set_timeout(Stop::patience(patience)).map_err(io::Error::from)?;
        match self.0.read(buffer) {
            Ok(0) => Ok(Got::Nothing),
            Ok(count) => Ok(Got::Bytes(count)),
            Err(error) if matches!(error.kind(), io::ErrorKind::TimedOut | io::ErrorKind::Interrupted) => {
                Ok(Got::Nothing)
            }
            Err(error) => Err(error),
        }
    }
}

fn is_listed(path: &str) -> bool {
    serialport::available_ports().is_ok_and(|ports| ports.iter().any(|port| port.port_name == path))
}
