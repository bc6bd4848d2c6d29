//! What is done to a file.

use super::day::Day;
use crate::chance::Chance;

const PAGE: u64 = 4_096;

/// Which file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// The database of a running till.
    Database,
    /// Its write-ahead log.
    Log,
    /// The database of a till that was closed.
    Closed,
    /// A backup.
    Backup,
}

impl Subject {
    /// All of them.
    pub const ALL: [Subject; 4] = [Subject::Database, Subject::Log, Subject::Closed, Subject::Backup];

    /// For people.
    pub fn name(self) -> &'static str {
        match self {
            Subject::Database => "open databases",
            Subject::Log => "logs",
            Subject::Closed => "closed databases",
            Subject::Backup => "backups",
        }
    }
}

/// What.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Deed {
    FlipBit(u64),
    Truncate(u64),
    ZeroPage(u64),
    SwapPages(u64, u64),
    Remove,
}

/// What is done, and to which file.
#[derive(Debug, Clone, Copy)]
pub struct Harm {
    /// Which file.
    pub subject: Subject,
    deed: Deed,
}

impl Harm {
    /// Chooses one; nine in ten are one flipped bit.
    pub fn choose(chance: &mut Chance, day: &Day) -> Harm {
        let subject = match chance.below(10) {
            0..=3 => Subject::Database,
            4..=5 => Subject::Log,
            6..=7 => Subject::Closed,
            _ => Subject::Backup,
        };
        let bytes = match subject {
            Subject::Database => &day.database,
            Subject::Log => &day.log,
            Subject::Closed => &day.closed,
            Subject::Backup => &day.backup,
        }
        .len() as u64;
        let pages = bytes / PAGE;
        let deed = match chance.below(100) {
            0..=2 => Deed::Truncate(chance.below(bytes)),
            3..=5 => Deed::ZeroPage(chance.below(pages)),
            6..=8 => Deed::SwapPages(chance.below(pages), chance.below(pages)),
            9 if subject == Subject::Log => Deed::Remove,
            _ => Deed::FlipBit(chance.below(bytes * 8)),
        };
        Harm { subject, deed }
    }

    /// Whether the file is gone altogether.
    pub fn removes(&self) -> bool {
        self.deed == Deed::Remove
    }

    /// The file after it.
    pub fn done_to(&self, file: &[u8]) -> Vec<u8> {
        let mut bytes = file.to_vec();
        let at = |place: u64| usize::try_from(place).expect("within the file");
        let page = |number: u64| at(number * PAGE)..at((number + 1) * PAGE);
        match self.deed {
            Deed::FlipBit(bit) => bytes[at(bit / 8)] ^= 1 << (bit % 8),
            Deed::Truncate(length) => bytes.truncate(at(length)),
            Deed::ZeroPage(number) => bytes[page(number)].fill(0),
            Deed::SwapPages(one, two) => {
                let first = bytes[page(one)].to_vec();
                bytes.copy_within(page(two), at(one * PAGE));
                bytes[page(two)].copy_from_slice(&first);
            }
            Deed::Remove => bytes.clear(),
        }
        bytes
    }
}
