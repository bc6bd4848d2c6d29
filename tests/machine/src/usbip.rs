//! A plug over the network: the machine attaches a USB device that this program plays (the protocol is the kernel's, `Documentation/usb/usbip_protocol.rst`).
//!
//! Only what a device with control and bulk transfers needs is here.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use anyhow::{Context, Result, ensure};

/// Where the machine finds the plug, by the tool's name for it.
pub const BUS_ID: &str = "1-1";

const VERSION: u16 = 0x0111;
const ASK_IMPORT: u16 = 0x8003;
const ANSWER_IMPORT: u16 = 0x0003;
const SUBMIT: u32 = 1;
const UNLINK: u32 = 2;
const SUBMITTED: u32 = 3;
const UNLINKED: u32 = 4;
const HIGH_SPEED: u32 = 3;
/// EPIPE: the device does not know the request.
const STALL: i32 = -32;
const HEADER: usize = 48;

/// A device that is played.
pub trait Played: Send {
    /// Vendor and product.
    fn ids(&self) -> (u16, u16);
    /// Answers a control transfer: what it reads, or nothing if the device refuses it.
    fn control(&mut self, setup: [u8; 8]) -> Option<Vec<u8>>;
    /// The next bulk transfer to the computer, of at most `room` bytes; it may take its time.
    fn bulk(&mut self, room: usize) -> Vec<u8>;
}

/// A device behind a socket; the cable is cut when the machine lets go of it.
pub struct Plug {
    pub port: u16,
    cable: Arc<Mutex<Option<TcpStream>>>,
}

impl Plug {
    /// Waits for the machine to attach what `make` gives, again and again.
    pub fn offer<D: Played + 'static>(make: impl Fn() -> D + Send + 'static) -> Result<Plug> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let port = listener.local_addr()?.port();
        let cable = Arc::new(Mutex::new(None));
        let held = Arc::clone(&cable);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                *held.lock().unwrap_or_else(PoisonError::into_inner) = stream.try_clone().ok();
                if let Err(error) = serve(stream, &mut make()) {
                    println!("camera's cable: {error:#}");
                }
            }
        });
        Ok(Plug { port, cable })
    }

    /// Pulls the cable.
    pub fn cut(&self) {
        if let Some(stream) = self.cable.lock().unwrap_or_else(PoisonError::into_inner).take() {
            let _ = stream.shutdown(std::net::Shutdown::Both);
        }
    }
}

fn serve(mut stream: TcpStream, device: &mut impl Played) -> Result<()> {
    stream.set_nodelay(true)?;
    import(&mut stream, device)?;
    let mut header = [0; HEADER];
    while stream.read_exact(&mut header).is_ok() {
        let answer = answer(&mut stream, &header, device)?;
        if stream.write_all(&answer).is_err() {
            break;
        }
    }
    Ok(())
}

/// The machine asks for the device and learns what it is.
fn import(stream: &mut TcpStream, device: &impl Played) -> Result<()> {
    let mut ask = [0; 40];
    stream.read_exact(&mut ask)?;
    ensure!(ask[2..4] == ASK_IMPORT.to_be_bytes(), "it asks for something else");
    let (vendor, product) = device.ids();
    let mut answer = [VERSION.to_be_bytes(), ANSWER_IMPORT.to_be_bytes()].concat();
    answer.extend(0_u32.to_be_bytes());
    answer.extend(padded("/bench/camera", 256));
    answer.extend(padded(BUS_ID, 32));
    for number in [1, 2, HIGH_SPEED] {
        answer.extend(number.to_be_bytes());
    }
    for number in [vendor, product, 0x0100] {
        answer.extend(number.to_be_bytes());
    }
    // Class, subclass and protocol of the device; its configuration, how many of them, how many interfaces.
    answer.extend([0xEF, 2, 1, 1, 1, 2]);
    stream.write_all(&answer).context("the machine hung up")
}

fn padded(text: &str, length: usize) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    bytes.resize(length, 0);
    bytes
}

fn answer(stream: &mut TcpStream, header: &[u8; HEADER], device: &mut impl Played) -> Result<Vec<u8>> {
    let word = |at: usize| u32::from_be_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]]);
    let (command, number) = (word(0), word(4));
    if command == UNLINK {
        // Each transfer is answered before the next is read: what is to be taken back has been answered.
        return Ok(reply(UNLINKED, number, 0, 0, &[]));
    }
    ensure!(command == SUBMIT, "command {command}");
    let (inward, endpoint, length) = (word(12) == 1, word(16), word(24) as usize);
    if !inward {
        // What is asked of this device does not change what it does.
        std::io::copy(&mut stream.take(length as u64), &mut std::io::sink())?;
    }
    if endpoint != 0 {
        let data = device.bulk(length);
        return Ok(reply(SUBMITTED, number, 0, data.len(), &data));
    }
    let setup: [u8; 8] = header[40..48].try_into()?;
    Ok(match device.control(setup) {
        Some(mut read) if inward => {
            read.truncate(length);
            reply(SUBMITTED, number, 0, read.len(), &read)
        }
        Some(_) => reply(SUBMITTED, number, 0, length, &[]),
        None => reply(SUBMITTED, number, STALL, 0, &[]),
    })
}

fn reply(command: u32, number: u32, status: i32, length: usize, data: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(HEADER + data.len());
    for word in [command, number, 0, 0, 0] {
        bytes.extend(word.to_be_bytes());
    }
    bytes.extend(status.to_be_bytes());
    bytes.extend(u32::try_from(length).unwrap_or(0).to_be_bytes());
    bytes.resize(HEADER, 0);
    bytes.extend_from_slice(data);
    bytes
}
