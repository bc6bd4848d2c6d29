//! Scanners on serial ports: COM ports, CDC-ACM, FTDI and its like.

mod framer;
mod habits;
mod judge;
#[cfg_attr(windows, path = "port_windows.rs")]
#[cfg_attr(not(windows), path = "port_linux.rs")]
mod port;
mod ports;
mod rates;
mod run;

pub use framer::{Found, Framer};
pub(crate) use habits::without_aim;
pub use habits::{Ending, Habits};
pub use judge::{UsbFacts, Verdict, judge};
pub(crate) use port::Port;
pub use ports::{PortSeen, ports};
pub use rates::{Rate, Rates};

#[cfg(test)]
mod framer_tests;
