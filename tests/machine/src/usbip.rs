//! A plug over the network: the machine attaches a USB device that this program plays (the protocol is the kernel's, `Documentation/usb/usbip_protocol.rst`).
//!
//! Only what a device with control and bulk transfers needs is here.

use std::collections::BTreeMap;
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
    let mut talk = Talk::default();
    let mut header = [0; HEADER];
    while stream.read_exact(&mut header).is_ok() {
        let answer = talk.answer(&mut stream, &header, device)?;
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

/// What was said since the device was plugged in.
#[derive(Default)]
struct Talk {
    /// The last transfer that was asked for. They come in the order of their numbers.
    last: u32,
    /// Transfers that were taken back before they were asked for, and the number of that wish. The machine's kernel sends
    /// what is new and then what is taken back; a transfer that is new and taken back in between comes behind its own end.
    /// To hear of the end and then of the transfer makes the kernel let go of the device, so both wait for the transfer.
    early: BTreeMap<u32, u32>,
}

impl Talk {
    /// Each transfer is answered before the next is read: one that is taken back has been answered, or is yet to come.
    fn answer(
        &mut self,
        stream: &mut impl Read,
        header: &[u8; HEADER],
        device: &mut impl Played,
    ) -> Result<Vec<u8>> {
        let (command, number) = (word(header, 0), word(header, 4));
        if command == UNLINK {
            let taken_back = word(header, 20);
            if taken_back > self.last {
                self.early.insert(taken_back, number);
                return Ok(Vec::new());
            }
            return Ok(reply(UNLINKED, number, 0, 0, &[]));
        }
        ensure!(command == SUBMIT, "command {command}");
        self.last = number;
        let mut answer = transfer(stream, header, device)?;
        if let Some(wish) = self.early.remove(&number) {
            answer.extend(reply(UNLINKED, wish, 0, 0, &[]));
        }
        Ok(answer)
    }
}

fn transfer(stream: &mut impl Read, header: &[u8; HEADER], device: &mut impl Played) -> Result<Vec<u8>> {
    let number = word(header, 4);
    let (inward, endpoint, length) = (word(header, 12) == 1, word(header, 16), word(header, 24) as usize);
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

fn word(header: &[u8; HEADER], at: usize) -> u32 {
    u32::from_be_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]])
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

#[cfg(test)]
mod tests {
    use super::*;

    struct Lamp;

    impl Played for Lamp {
        fn ids(&self) -> (u16, u16) {
            (0, 0)
        }
        fn control(&mut self, _setup: [u8; 8]) -> Option<Vec<u8>> {
            None
        }
        fn bulk(&mut self, room: usize) -> Vec<u8> {
            vec![7; room]
        }
    }

    /// A transfer of two bytes to the computer, or the wish to take transfer `of` back.
    fn ask(command: u32, number: u32, of: u32) -> [u8; HEADER] {
        let words = [command, number, 0, 1, 1, of, if command == SUBMIT { 2 } else { 0 }];
        let mut header = [0; HEADER];
        for (bytes, word) in header.chunks_exact_mut(4).zip(words) {
            bytes.copy_from_slice(&word.to_be_bytes());
        }
        header
    }

    /// The commands and numbers of the answers to each of `asked`.
    fn answers(asked: &[[u8; HEADER]]) -> Vec<Vec<(u32, u32)>> {
        let mut talk = Talk::default();
        let mut of_each = Vec::new();
        for header in asked {
            let bytes = talk.answer(&mut std::io::empty(), header, &mut Lamp).expect("an answer");
            let mut rest = bytes.as_slice();
            let mut heard = Vec::new();
            while let Some((header, behind)) = rest.split_first_chunk::<HEADER>() {
                heard.push((word(header, 0), word(header, 4)));
                rest = &behind[word(header, 24) as usize..];
            }
            of_each.push(heard);
        }
        of_each
    }

    #[test]
    fn a_transfer_that_was_answered_can_be_taken_back() {
        let heard = answers(&[ask(SUBMIT, 4, 0), ask(UNLINK, 5, 4)]);

        assert_eq!(heard, [[(SUBMITTED, 4)], [(UNLINKED, 5)]]);
    }

    #[test]
    fn a_wish_that_overtakes_its_transfer_is_answered_behind_it() {
        let heard = answers(&[ask(SUBMIT, 4, 0), ask(UNLINK, 6, 5), ask(SUBMIT, 5, 0), ask(SUBMIT, 7, 0)]);

        let expected =
            [vec![(SUBMITTED, 4)], vec![], vec![(SUBMITTED, 5), (UNLINKED, 6)], vec![(SUBMITTED, 7)]];
        assert_eq!(heard, expected, "the machine lets go of a device that answers what it took back");
    }
}
