//! Scanners on serial ports: COM ports, CDC-ACM, FTDI and its like.

mod framer;
mod habits;
mod rates;

pub use framer::{Found, Framer};
pub use habits::{Ending, Habits};
pub use rates::{Rate, Rates};

#[cfg(test)]
mod framer_tests;
