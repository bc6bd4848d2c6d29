//! The lines: a scanner on a real pseudo-terminal that is cut, joined, disturbed and pulled out, and the till's listener at the
//! other end. A trial is a code that is sent. Whole codes must come, each once, in order; of the others nothing may come.

mod scanner;

use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use guitai_devices::lines::{Choice, LineSettings, Lines};
use guitai_devices::serial::Ending;
use guitai_devices::{DeviceId, Event};

use self::scanner::Scanner;
use super::Order;
use crate::chance::Chance;

/// A code that is not heard in this time is lost; it takes a fraction of a millisecond.
const LOST_AFTER: Duration = Duration::from_secs(20);

/// Scanners of each kind that ends its codes.
const ENDINGS: [(Ending, &str); 5] = [
    (Ending::Cr, "\r"),
    (Ending::CrLf, "\r\n"),
    (Ending::Lf, "\n"),
    (Ending::Tab, "\t"),
    (Ending::Etx, "\u{3}"),
];

/// What came of the trials.
#[derive(Debug, Default)]
struct Figures {
    whole: u64,
    spoiled: u64,
    pieces: u64,
    pulled: u64,
    slowest: Duration,
}

/// Runs the machine.
pub(super) fn run(order: Order) -> Result<String, String> {
    let mut bench = Bench::new(order.seed)?;
    let began = now();
    while bench.figures.whole + bench.figures.spoiled < order.count {
        bench.trial().map_err(|why| format!("{why} (seed {}, after {:?})", order.seed, bench.figures))?;
    }
    bench.nothing_more()?;
    let Figures { whole, spoiled, pieces, pulled, slowest } = bench.figures;
    Ok(format!(
        "{whole} whole codes in {pieces} pieces, each heard once and in order; {spoiled} spoiled ones, none of them heard; pulled \
         out {pulled} times; slowest {} ms; {} s",
        slowest.as_millis(),
        (now() - began).as_secs()
    ))
}

#[expect(clippy::disallowed_methods, reason = "the machine measures how long a real device's code takes")]
fn now() -> Instant {
    Instant::now()
}

/// How a trial's code is spoiled.
#[derive(Debug, Clone, Copy)]
enum Spoilt {
    /// Noise stands inside it.
    Noise,
    /// It breaks off, and the scanner is pulled out.
    Pulling,
    /// It breaks off, and its rest comes after a pause.
    Pause,
}

struct Bench {
    chance: Chance,
    scanner: Scanner,
    lines: Lines,
    events: Receiver<Event>,
    figures: Figures,
}

impl Bench {
    fn new(seed: u64) -> Result<Bench, String> {
        let mut chance = Chance::new(seed);
        let scanner = Scanner::plug_in(&mut chance)?;
        let (tell, events) = channel();
        let remembered = scanner.devices().map(always).to_vec();
        // The machine ends before the lines do.
        let lines = Lines::start(remembered, move |event| _ = tell.send(event));
        let mut bench = Bench { chance, scanner, lines, events, figures: Figures::default() };
        bench.expect_here()?;
        Ok(bench)
    }

    fn trial(&mut self) -> Result<(), String> {
        match self.chance.below(1_000) {
            0..=499 => self.send_cut(),
            500..=749 => self.send_joined(),
            750..=849 => self.send_after_noise(),
            850..=979 => self.send_spoilt(Spoilt::Noise),
            980..=998 => self.send_spoilt(Spoilt::Pulling),
            _ => self.send_spoilt(Spoilt::Pause),
        }
    }

    /// One code in up to six pieces; the line feed of CR LF may come after the code was heard.
    fn send_cut(&mut self) -> Result<(), String> {
        let code = self.code();
        let bytes = self.scanner.framed(&code);
        let mut rest = bytes.as_slice();
        for _ in 0..self.chance.below(6) {
            let last = rest.len() - self.scanner.ending().len();
            let (piece, after) =
                rest.split_at(usize::try_from(self.chance.below(last as u64 + 1)).expect("short"));
            self.write(piece)?;
            // A short wait for something that must not come lets the listener see the cut.
            self.expect_silence(Duration::from_micros(500))?;
            rest = after;
        }
        let late = usize::from(self.scanner.ending() == "\r\n" && self.chance.permille(500));
        let (rest, line_feed) = rest.split_at(rest.len() - late);
        self.write(rest)?;
        self.expect_codes(&[code])?;
        self.write(line_feed)
    }

    /// Several codes in one piece, cut anywhere.
    fn send_joined(&mut self) -> Result<(), String> {
        let codes: Vec<String> = (0..2 + self.chance.below(5)).map(|_| self.code()).collect();
        let bytes: Vec<u8> = codes.iter().flat_map(|code| self.scanner.framed(code)).collect();
        self.write(&bytes)?;
        self.expect_codes(&codes)
    }

    /// Noise with an ending of its own, or with a pause, and then a code.
    fn send_after_noise(&mut self) -> Result<(), String> {
        let mut noise = self.noise();
        let ended = self.chance.permille(500);
        if ended {
            noise.extend_from_slice(self.scanner.ending().as_bytes());
        }
        self.write(&noise)?;
        self.expect_broken()?;
        self.send_cut()
    }

    fn send_spoilt(&mut self, spoilt: Spoilt) -> Result<(), String> {
        self.figures.spoiled += 1;
        let code = self.code();
        let framed = self.scanner.framed(&code);
        let cut = 1 + usize::try_from(self.chance.below(code.len() as u64 - 1)).expect("short");
        let (half, rest) = (
            &code.as_bytes()[..cut],
            &framed[framed.len() - self.scanner.ending().len() - code.len() + cut..],
        );
        match spoilt {
            Spoilt::Noise => {
                let noise = self.noise();
                self.write(&[half, noise.as_slice(), rest].concat())?;
                self.expect_broken()
            }
            Spoilt::Pulling => {
                self.write(half)?;
                self.pull_out()
            }
            Spoilt::Pause => {
                self.write(half)?;
                self.expect_broken()?;
                self.write(rest)?;
                self.expect_broken()
            }
        }
    }

    fn pull_out(&mut self) -> Result<(), String> {
        self.figures.pulled += 1;
        // Half of the times the listener has read what came before.
        if self.chance.permille(500) {
            self.expect_silence(Duration::from_millis(2))?;
        }
        let before = self.scanner.device().clone();
        self.scanner.plug_in_another(&mut self.chance)?;
        let (mut gone, mut here) = (false, false);
        // The next one may be found before it was noticed that this one is gone, unless it is the same.
        while !(gone && here) {
            self.lines.look();
            match self.event(LOST_AFTER)? {
                Some(Event::Broken(device)) if device == before && !gone => {}
                Some(Event::Gone(device)) if device == before && !gone => gone = true,
                Some(Event::Here(device)) if device.id == *self.scanner.device() && !here => here = true,
                other => return Err(format!("pulled out, and came {}", described(other.as_ref()))),
            }
        }
        Ok(())
    }

    fn expect_here(&mut self) -> Result<(), String> {
        self.lines.look();
        match self.event(LOST_AFTER)? {
            Some(Event::Here(device)) if device.id == *self.scanner.device() => Ok(()),
            other => Err(format!("plugged in, and came {}", described(other.as_ref()))),
        }
    }

    fn expect_codes(&mut self, codes: &[String]) -> Result<(), String> {
        let sent = now();
        for code in codes {
            match self.event(LOST_AFTER)? {
                Some(Event::Scan(scan))
                    if scan.text.reveal() == code && scan.device == *self.scanner.device() => {}
                Some(Event::Scan(scan)) if code.contains(scan.text.reveal()) => {
                    return Err("half a code was heard".into());
                }
                Some(Event::Scan(_)) => return Err("a code was heard that was not sent, or twice".into()),
                other => return Err(format!("a code was lost, and came {}", described(other.as_ref()))),
            }
            self.figures.whole += 1;
        }
        self.figures.slowest = self.figures.slowest.max(now() - sent);
        Ok(())
    }

    fn expect_broken(&mut self) -> Result<(), String> {
        match self.event(LOST_AFTER)? {
            Some(Event::Broken(_)) => Ok(()),
            other => Err(format!("a spoiled code was sent, and came {}", described(other.as_ref()))),
        }
    }

    fn expect_silence(&mut self, wait: Duration) -> Result<(), String> {
        match self.event(wait)? {
            None => Ok(()),
            other => Err(format!("nothing whole was sent, and came {}", described(other.as_ref()))),
        }
    }

    fn nothing_more(&mut self) -> Result<(), String> {
        self.expect_silence(Duration::from_millis(1_500))
    }

    /// The next event but what was learned.
    fn event(&mut self, wait: Duration) -> Result<Option<Event>, String> {
        loop {
            match self.events.recv_timeout(wait) {
                Ok(Event::Learned(_)) => {}
                Ok(event) => return Ok(Some(event)),
                Err(RecvTimeoutError::Timeout) => return Ok(None),
                Err(RecvTimeoutError::Disconnected) => return Err("the lines are gone".into()),
            }
        }
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), String> {
        self.figures.pieces += 1;
        self.scanner.write(bytes)
    }

    /// A payment code as wallets show them, or a bar code of goods.
    fn code(&mut self) -> String {
        let (prefix, length) = match self.chance.below(10) {
            0..=4 => (10 + self.chance.below(7), 18),
            5..=7 => (25 + self.chance.below(6), 16 + self.chance.below(9)),
            8 => (62, 19),
            _ => (69, 13),
        };
        let digits =
            (2..length).map(|_| char::from(b'0' + u8::try_from(self.chance.below(10)).expect("a digit")));
        prefix.to_string().chars().chain(digits).collect()
    }

    /// Bytes that no code has, among others, and none that ends a code.
    fn noise(&mut self) -> Vec<u8> {
        let count = self.chance.below(12);
        let mut noise = vec![0xFF];
        while noise.len() as u64 <= count {
            let byte = self.chance.seed()[0];
            if !matches!(byte, b'\r' | b'\n' | b'\t' | 2 | 3 | b'0'..=b'9') {
                noise.push(byte);
            }
        }
        noise
    }
}

fn always(device: DeviceId) -> LineSettings {
    LineSettings { choice: Choice::Always, ..LineSettings::new(device) }
}

/// An event without what was scanned.
fn described(event: Option<&Event>) -> String {
    event.map_or_else(|| "nothing".into(), |event| format!("{event:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_come_whole_and_once_over_a_line_that_is_cut_joined_disturbed_and_pulled() {
        let figures = run(Order { count: 100, seed: 1 });

        assert!(figures.is_ok(), "{figures:?}");
    }
}
