//! The pages of a database and its log as they lie on the disk, each in every version there is.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use super::record::Layout;
use crate::journal::Raw;

/// Both files, and where in them each page is.
pub(super) struct Images {
    files: Vec<File>,
    page_size: usize,
    /// Every version of every page, the newest first.
    versions: BTreeMap<u32, Vec<Version>>,
}

/// A version of a page: in which file, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Version {
    file: usize,
    offset: u64,
}

/// Where something reads like an entry: the page, and where in it the till's id is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    version: Version,
    at: usize,
    till_length: usize,
}

const LOG_HEADER: u64 = 32;
const FRAME_HEADER: u64 = 24;
/// An overflowing row may have been overwritten piece by piece; more ways than this to put it together are not tried.
const WAYS_MAX: usize = 64;

impl Images {
    pub fn open(path: &Path) -> io::Result<Images> {
        let mut log_name = path.as_os_str().to_owned();
        log_name.push("-wal");
        let mut images = Images { files: Vec::new(), page_size: 4_096, versions: BTreeMap::new() };
        let mut header = [0; 100];
        let mut database = File::open(path)?;
        if database.read_exact(&mut header).is_ok() {
            let size = usize::from(u16::from_be_bytes([header[16], header[17]]));
            let size = if size == 1 { 65_536 } else { size };
            // A header that says nonsense is itself damaged; this program's pages are 4,096 bytes.
            if header.starts_with(b"SQLite format 3\0") && size.is_power_of_two() && size >= 512 {
                images.page_size = size;
            }
        }
        images.files.push(database);
        images.list_database()?;
        match File::open(&log_name) {
            Ok(log) => {
                images.files.push(log);
                images.list_log()?;
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        Ok(images)
    }

    fn list_database(&mut self) -> io::Result<()> {
        let length = self.files[0].metadata()?.len();
        let mut offset = 0;
        for number in 1.. {
            if offset >= length {
                break;
            }
            self.versions.entry(number).or_default().push(Version { file: 0, offset });
            offset += self.page_size as u64;
        }
        Ok(())
    }

    /// The log's own sums and salts are not looked at: what a frame holds must prove itself.
    fn list_log(&mut self) -> io::Result<()> {
        let length = self.files[1].metadata()?.len();
        let mut offset = LOG_HEADER;
        while offset + FRAME_HEADER < length {
            let mut number = [0; 4];
            self.files[1].seek(SeekFrom::Start(offset))?;
            self.files[1].read_exact(&mut number)?;
            let version = Version { file: 1, offset: offset + FRAME_HEADER };
            self.versions.entry(u32::from_be_bytes(number)).or_default().insert(0, version);
            offset += FRAME_HEADER + self.page_size as u64;
        }
        Ok(())
    }

    /// Calls `each` for everything that reads like an entry with this till's id: the start of the hash it continues, and where.
    pub fn each(&mut self, till: &[u8], mut each: impl FnMut(u64, Place)) -> io::Result<()> {
        let every: Vec<Version> = self.versions.values().flatten().copied().collect();
        for version in every {
            let page = self.page(version)?;
            let hits = page.windows(till.len()).enumerate().filter(|(_, bytes)| *bytes == till);
            for (at, _) in hits {
                let place = Place { version, at, till_length: till.len() };
                let Some(layout) = Layout::around(&page, at, till.len()) else { continue };
                for row in self.rows(&page, &layout)? {
                    if let Some(start) = layout.continues(&row) {
                        each(start, place);
                    }
                }
            }
        }
        Ok(())
    }

    /// What reads like an entry there; several where its overflow pages are there in several versions.
    pub fn read(&mut self, place: Place) -> io::Result<Vec<Raw>> {
        let page = self.page(place.version)?;
        let Some(layout) = Layout::around(&page, place.at, place.till_length) else { return Ok(Vec::new()) };
        let rows = self.rows(&page, &layout)?;
        Ok(rows.iter().filter_map(|row| layout.entry(row)).collect())
    }

    /// The bytes of a row, put together in every way there is.
    fn rows(&mut self, page: &[u8], layout: &Layout) -> io::Result<Vec<Vec<u8>>> {
        let local = layout.local(self.page_size);
        let Some(begun) = page.get(layout.start..layout.start + local) else { return Ok(Vec::new()) };
        if local == layout.length {
            return Ok(vec![begun.to_vec()]);
        }
        let after = layout.start + local;
        let Some(next) = page.get(after..after + 4).and_then(page_number) else { return Ok(Vec::new()) };
        let mut ways = vec![(begun.to_vec(), next)];
        let mut whole = Vec::new();
        while let Some((row, next)) = ways.pop() {
            for version in self.versions.get(&next).cloned().unwrap_or_default() {
                let page = self.page(version)?;
                let mut row = row.clone();
                let wanted = (layout.length - row.len()).min(page.len().saturating_sub(4));
                row.extend(page.iter().skip(4).take(wanted));
                if row.len() == layout.length {
                    whole.push(row);
                } else if wanted > 0
                    && ways.len() + whole.len() < WAYS_MAX
                    && let Some(next) = page.get(..4).and_then(page_number)
                {
                    ways.push((row, next));
                }
            }
        }
        Ok(whole)
    }

    fn page(&mut self, version: Version) -> io::Result<Vec<u8>> {
        let file = &mut self.files[version.file];
        file.seek(SeekFrom::Start(version.offset))?;
        let mut page = Vec::with_capacity(self.page_size);
        file.take(self.page_size as u64).read_to_end(&mut page)?;
        Ok(page)
    }
}

fn page_number(bytes: &[u8]) -> Option<u32> {
    bytes.try_into().ok().map(u32::from_be_bytes)
}

/// The first bytes of a hash: enough to look it up.
pub(super) fn start_of(hash: &[u8]) -> u64 {
    hash.iter().take(8).fold(0, |start, byte| (start << 8) | u64::from(*byte))
}
