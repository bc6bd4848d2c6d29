//! A file: what can be read, what is durable, and what a power cut makes of the rest.

use std::mem;

const SECTOR: usize = 512;

/// What is done to a file.
#[derive(Debug, Clone)]
pub(crate) enum Change {
    Write { at: usize, data: Box<[u8]> },
    Truncate { len: usize },
}

/// A file.
#[derive(Debug, Default, Clone)]
pub(crate) struct Content {
    /// What can be read.
    now: Vec<u8>,
    /// What a power cut cannot take.
    durable: Vec<u8>,
    /// What was done to the file since it was last synced.
    pending: Vec<Change>,
}

impl Change {
    fn apply(&self, bytes: &mut Vec<u8>) {
        match self {
            Change::Write { at, data } => put(bytes, *at, data),
            Change::Truncate { len } => bytes.resize(*len, 0),
        }
    }
}

impl Content {
    /// A file that was always so.
    pub fn durable(bytes: &[u8]) -> Content {
        Content { now: bytes.to_vec(), durable: bytes.to_vec(), pending: Vec::new() }
    }

    pub fn bytes(&self) -> &[u8] {
        &self.now
    }

    pub fn unsynced(&self) -> usize {
        self.pending.len()
    }

    pub fn change(&mut self, change: Change) {
        change.apply(&mut self.now);
        self.pending.push(change);
    }

    /// What a sync that does not succeed was to write is never written.
    pub fn sync(&mut self, succeeds: bool) {
        for change in mem::take(&mut self.pending) {
            if succeeds {
                change.apply(&mut self.durable);
            }
        }
    }

    pub fn flip_bit(&mut self, bit: u64) -> bool {
        let Ok(byte) = usize::try_from(bit / 8) else { return false };
        let mask = 1 << (bit % 8);
        if let Some(durable) = self.durable.get_mut(byte) {
            *durable ^= mask;
        }
        self.now.get_mut(byte).map(|now| *now ^= mask).is_some()
    }

    pub fn lose_power(&mut self, keep: u64, choose: &mut dyn FnMut(u64) -> u64) {
        for change in mem::take(&mut self.pending) {
            match change {
                Change::Truncate { .. } if choose(100) < keep => change.apply(&mut self.durable),
                Change::Truncate { .. } => {}
                Change::Write { at, data } => {
                    let end = at + data.len();
                    if end > self.durable.len() && choose(100) < keep {
                        self.durable.resize(end, 0);
                    }
                    arrive(&mut self.durable, at, &data, keep, choose);
                }
            }
        }
        self.now.clone_from(&self.durable);
    }
}

/// Each sector of a write arrives whole, torn, or not at all.
fn arrive(bytes: &mut Vec<u8>, at: usize, data: &[u8], keep: u64, choose: &mut dyn FnMut(u64) -> u64) {
    let mut from = 0;
    while from < data.len() {
        let sector_end = (at + from) / SECTOR * SECTOR + SECTOR - at;
        let to = sector_end.min(data.len());
        if choose(100) < keep {
            let cut = usize::try_from(choose((to - from) as u64)).unwrap_or(0) + from;
            match choose(16) {
                0 => put(bytes, at + from, &data[from..cut]),
                1 => put(bytes, at + cut, &data[cut..to]),
                _ => put(bytes, at + from, &data[from..to]),
            }
        }
        from = to;
    }
}

fn put(bytes: &mut Vec<u8>, at: usize, data: &[u8]) {
    let end = at + data.len();
    if bytes.len() < end {
        bytes.resize(end, 0);
    }
    bytes[at..end].copy_from_slice(data);
}
