//! A row of the journal as SQLite lays it out in a page (sqlite.org/fileformat2.html).

use crate::journal::Raw;

/// Where the columns of one row are, and how much of it overflows its page.
#[derive(Debug, Clone)]
pub(super) struct Layout {
    /// Where the row begins in its page: its header.
    pub start: usize,
    /// How long it is in all.
    pub length: usize,
    columns: Vec<(u64, usize, usize)>,
}

/// The columns of `journal`; the first is the row's number, which is kept elsewhere.
const COLUMNS: usize = 10;
const BLOB_OF_32: u64 = 76;
/// No entry is longer than this.
const LENGTH_MAX: usize = 1 << 20;

impl Layout {
    /// The row whose second column, the till's id, begins at `till_at` in `page`.
    pub fn around(page: &[u8], till_at: usize, till_length: usize) -> Option<Layout> {
        (COLUMNS + 1..=COLUMNS + 8).find_map(|header| {
            let start = till_at.checked_sub(header)?;
            let layout = Layout::from_header(page.get(start..till_at)?, start)?;
            let (kind, _, length) = layout.columns[1];
            (kind % 2 == 1 && length == till_length).then_some(layout)
        })
    }

    fn from_header(header: &[u8], start: usize) -> Option<Layout> {
        let (claimed, mut at) = varint(header)?;
        if claimed != header.len() as u64 {
            return None;
        }
        let mut columns = Vec::with_capacity(COLUMNS);
        let mut offset = header.len();
        while at < header.len() {
            let (kind, taken) = varint(&header[at..])?;
            at += taken;
            let length = length_of(kind)?;
            columns.push((kind, offset, length));
            offset = offset.checked_add(length).filter(|offset| *offset <= LENGTH_MAX)?;
        }
        let kinds: Vec<u64> = columns.iter().map(|(kind, _, _)| *kind).collect();
        let is_text = |kind: u64| kind >= 13 && kind % 2 == 1;
        let fits = kinds.len() == COLUMNS
            && kinds[0] == 0
            && [1, 2, 4, 5, 6].iter().all(|column| is_text(kinds[*column]))
            && (1..=9).contains(&kinds[3])
            && (kinds[7] == 0 || is_text(kinds[7]))
            && kinds[8] == BLOB_OF_32
            && kinds[9] == BLOB_OF_32;
        fits.then_some(Layout { start, length: offset, columns })
    }

    /// How much of the row is in its page; the rest is in overflow pages.
    pub fn local(&self, page_size: usize) -> usize {
        let most = page_size - 35;
        if self.length <= most {
            return self.length;
        }
        let least = (page_size - 12) * 32 / 255 - 23;
        let fitting = least + (self.length - least) % (page_size - 4);
        if fitting <= most { fitting } else { least }
    }

    /// The start of the hash that this row continues, where that is in `row`.
    pub fn continues(&self, row: &[u8]) -> Option<u64> {
        let (_, offset, _) = self.columns[8];
        Some(super::image::start_of(row.get(offset..offset + 32)?))
    }

    /// The entry, without its number. `None` where a text is none.
    pub fn entry(&self, row: &[u8]) -> Option<Raw> {
        let bytes = |column: usize| {
            let (_, offset, length) = self.columns[column];
            row.get(offset..offset + length)
        };
        let text = |column: usize| String::from_utf8(bytes(column)?.to_vec()).ok();
        Some(Raw {
            seq: 0,
            till: text(1)?,
            epoch: text(2)?,
            at_ms: integer(self.columns[3].0, bytes(3)?),
            actor: text(4)?,
            kind: text(5)?,
            body: text(6)?,
            sale: if self.columns[7].0 == 0 { None } else { Some(text(7)?) },
            prev: bytes(8)?.try_into().ok()?,
            hash: bytes(9)?.try_into().ok()?,
        })
    }
}

fn length_of(kind: u64) -> Option<usize> {
    Some(match kind {
        0 | 8 | 9 => 0,
        1..=4 => usize::try_from(kind).ok()?,
        5 => 6,
        6 | 7 => 8,
        10 | 11 => return None,
        _ => usize::try_from((kind - 12) / 2).ok()?,
    })
}

fn integer(kind: u64, bytes: &[u8]) -> i64 {
    match (kind, bytes.first()) {
        (9, _) => 1,
        (_, None) => 0,
        (_, Some(first)) => {
            let sign = if first & 0x80 == 0 { 0 } else { -1 };
            bytes.iter().fold(sign, |number, byte| (number << 8) | i64::from(*byte))
        }
    }
}

/// A number in SQLite's own writing, and how many bytes it takes.
fn varint(bytes: &[u8]) -> Option<(u64, usize)> {
    let mut number = 0_u64;
    for (at, byte) in bytes.iter().take(8).enumerate() {
        number = (number << 7) | u64::from(byte & 0x7F);
        if byte & 0x80 == 0 {
            return Some((number, at + 1));
        }
    }
    None
}
