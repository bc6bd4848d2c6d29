//! A serial port of Linux, opened only to be read: no byte can reach what is at the other end.

use std::io;
use std::os::fd::OwnedFd;
use std::time::Duration;

use rustix::fs::{FlockOperation, Mode, OFlags};
use rustix::termios::{ControlModes, OptionalActions, tcgetattr, tcsetattr};

use crate::lines::source::{Got, Ready, Source, Stop, wait};

/// An open port.
#[derive(Debug)]
pub(crate) struct Port(OwnedFd);

impl Port {
    /// Opens the port at `path`. `alone` keeps other programs off it.
    pub(crate) fn open(path: &str, bits: u32, alone: bool) -> io::Result<Port> {
        let flags = OFlags::RDONLY | OFlags::NOCTTY | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let port = Port(rustix::fs::open(path, flags, Mode::empty())?);
        if alone {
            rustix::termios::ioctl_tiocexcl(&port.0)?;
        }
        // Others who read serial ports lock them as well; two readers would each get half of a code.
        let lock = if alone {
            FlockOperation::NonBlockingLockExclusive
        } else {
            FlockOperation::NonBlockingLockShared
        };
        rustix::fs::flock(&port.0, lock).map_err(|_| io::Error::from(io::ErrorKind::ResourceBusy))?;
        port.set_speed(bits)?;
        Ok(port)
    }

    /// Keeps others off it from now on, as far as they let us.
    pub(crate) fn claim(&self) {
        let _ = rustix::termios::ioctl_tiocexcl(&self.0);
        let _ = rustix::fs::flock(&self.0, FlockOperation::NonBlockingLockExclusive);
    }

    /// 8 data bits, no parity, one stop bit, nothing interpreted.
    pub(crate) fn set_speed(&self, bits: u32) -> io::Result<()> {
        let mut modes = tcgetattr(&self.0)?;
        modes.make_raw();
        modes.control_modes.insert(ControlModes::CREAD | ControlModes::CLOCAL);
        modes.control_modes.remove(ControlModes::CSTOPB | ControlModes::CRTSCTS);
        modes.set_speed(bits)?;
        Ok(tcsetattr(&self.0, OptionalActions::Now, &modes)?)
    }
}

impl Source for Port {
    fn read(&mut self, buffer: &mut [u8], stop: &Stop, patience: Option<Duration>) -> io::Result<Got> {
        match wait(&self.0, stop, patience)? {
            Ready::Stop => return Ok(Got::Stop),
            Ready::Nothing => return Ok(Got::Nothing),
            Ready::Read => {}
        }
        match rustix::io::read(&self.0, buffer) {
            Ok(0) => Err(io::ErrorKind::BrokenPipe.into()),
            Ok(count) => Ok(Got::Bytes(count)),
            Err(rustix::io::Errno::AGAIN | rustix::io::Errno::INTR) => Ok(Got::Nothing),
            Err(error) => Err(error.into()),
        }
    }
}
