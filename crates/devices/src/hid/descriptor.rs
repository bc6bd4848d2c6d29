//! Where in its reports a HID POS scanner puts a code, read from its report descriptor.
//!
//! The items of a descriptor: Device Class Definition for HID 1.11, section 6.2.2. What they mean for a scanner: HID Point of
//! Sale Usage Tables 1.02, section 3.

use std::collections::BTreeMap;

const PAGE_GENERIC_DESKTOP: u32 = 0x01;
const PAGE_BAR_CODE_SCANNER: u32 = 0x8C;

/// Usages, with their page in the upper half.
const BYTE_COUNT: u32 = PAGE_GENERIC_DESKTOP << 16 | 0x3B;
const SYMBOLOGY: [u32; 3] = [scanner(0xFB), scanner(0xFC), scanner(0xFD)];
const DECODED_DATA: u32 = scanner(0xFE);
const CONTINUED: u32 = scanner(0xFF);

const fn scanner(usage: u32) -> u32 {
    PAGE_BAR_CODE_SCANNER << 16 | usage
}

/// No report of a scanner is longer; a descriptor that claims so is damaged.
const BITS_MAX: usize = 8 * 4096;

/// The reports of a scanner that carry codes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    /// Reports begin with their number.
    pub(super) numbered: bool,
    pub(super) reports: BTreeMap<u8, Report>,
}

/// Where the parts stand in one report, in bytes after the report's number.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Report {
    pub data: Option<Field>,
    /// How many bytes of the data count; without it they end at the first zero.
    pub count: Option<Field>,
    pub symbology: [Option<Field>; 3],
    /// Set where the code goes on in the next report.
    pub continued: Option<Field>,
    bits: usize,
}

/// So many bits from the one on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Field {
    pub at: usize,
    pub bits: usize,
}

impl Layout {
    /// Reads a report descriptor; `None` where it is no scanner's.
    #[must_use]
    pub fn read(descriptor: &[u8]) -> Option<Layout> {
        let mut reader = Reader::default();
        for item in items(descriptor) {
            reader.item(&item);
        }
        let numbered = reader.numbered;
        let is_whole = |report: &Report| report.data.is_some_and(Field::is_bytes);
        let reports: BTreeMap<_, _> =
            reader.reports.into_iter().filter(|(_, report)| is_whole(report)).collect();
        (!reports.is_empty()).then_some(Layout { numbered, reports })
    }
}

impl Field {
    /// Whether it is made of whole bytes.
    fn is_bytes(self) -> bool {
        self.bits > 0 && self.at.is_multiple_of(8) && self.bits.is_multiple_of(8)
    }
}

struct Item {
    kind: u8,
    value: u32,
    size: usize,
}

// Item kinds: the tag and type bits of the first byte, with the size bits cleared.
const INPUT: u8 = 0x80;
const COLLECTION: u8 = 0xA0;
const END_COLLECTION: u8 = 0xC0;
const OUTPUT: u8 = 0x90;
const FEATURE: u8 = 0xB0;
const USAGE_PAGE: u8 = 0x04;
const REPORT_SIZE: u8 = 0x74;
const REPORT_ID: u8 = 0x84;
const REPORT_COUNT: u8 = 0x94;
const PUSH: u8 = 0xA4;
const POP: u8 = 0xB4;
const USAGE: u8 = 0x08;
const USAGE_MINIMUM: u8 = 0x18;
const USAGE_MAXIMUM: u8 = 0x28;

/// The items, up to the first one that is cut off.
fn items(mut descriptor: &[u8]) -> impl Iterator<Item = Item> {
    std::iter::from_fn(move || {
        let (&first, rest) = descriptor.split_first()?;
        // A long item names its length in the next byte. Nobody uses them; they are stepped over.
        const LONG: u8 = 0xFE;
        let (skip, size) = match first {
            LONG => (usize::from(*rest.first()?) + 2, 0),
            _ => (0, [0, 1, 2, 4][usize::from(first & 3)]),
        };
        let rest = rest.get(skip..)?;
        let value = rest.get(..size)?.iter().rev().fold(0, |value, byte| value << 8 | u32::from(*byte));
        descriptor = &rest[size..];
        Some(Item { kind: if first == LONG { LONG } else { first & !3 }, value, size })
    })
}

/// What holds until it is said anew.
#[derive(Debug, Clone, Copy, Default)]
struct Global {
    page: u32,
    bits_each: usize,
    count: usize,
    report: u8,
}

#[derive(Debug, Default)]
struct Reader {
    global: Global,
    pushed: Vec<Global>,
    /// Said for the next main item alone.
    usages: Vec<u32>,
    minimum: Option<u32>,
    /// How deep the collections are, and how deep the scanner's began.
    depth: usize,
    scanner_since: Option<usize>,
    numbered: bool,
    reports: BTreeMap<u8, Report>,
}

impl Reader {
    fn item(&mut self, item: &Item) {
        match item.kind {
            USAGE_PAGE => self.global.page = item.value,
            REPORT_SIZE => self.global.bits_each = item.value as usize,
            REPORT_COUNT => self.global.count = item.value as usize,
            REPORT_ID => {
                self.numbered = true;
                self.global.report = item.value.to_le_bytes()[0];
            }
            PUSH => self.pushed.push(self.global),
            POP => self.global = self.pushed.pop().unwrap_or(self.global),
            USAGE => self.usages.push(self.usage(item)),
            USAGE_MINIMUM => self.minimum = Some(self.usage(item)),
            USAGE_MAXIMUM => self.usage_range(self.usage(item)),
            INPUT => {
                self.input(item.value);
                self.forget_local();
            }
            COLLECTION => {
                self.open_collection(item.value);
                self.forget_local();
            }
            END_COLLECTION => {
                self.depth = self.depth.saturating_sub(1);
                self.scanner_since = self.scanner_since.filter(|since| self.depth > *since);
                self.forget_local();
            }
            OUTPUT | FEATURE => self.forget_local(),
            // Limits, units, names: they move nothing.
            _ => {}
        }
    }

    /// A usage of four bytes brings its own page.
    fn usage(&self, item: &Item) -> u32 {
        if item.size == 4 { item.value } else { self.global.page << 16 | item.value }
    }

    fn usage_range(&mut self, maximum: u32) {
        const USAGES_MAX: u32 = 256;
        let Some(minimum) = self.minimum.take() else { return };
        self.usages.extend((minimum..=maximum).take(USAGES_MAX as usize));
    }

    fn forget_local(&mut self) {
        self.usages.clear();
        self.minimum = None;
    }

    fn open_collection(&mut self, kind: u32) {
        const APPLICATION: u32 = 1;
        let of_scanner = self.usages.first().is_some_and(|usage| usage >> 16 == PAGE_BAR_CODE_SCANNER);
        if kind == APPLICATION && of_scanner && self.scanner_since.is_none() {
            self.scanner_since = Some(self.depth);
        }
        self.depth += 1;
    }

    /// Lays the fields of an input item behind one another. The last usage holds for all fields that have none of their own.
    fn input(&mut self, flags: u32) {
        const CONSTANT: u32 = 1;
        let Global { bits_each, count, report, .. } = self.global;
        let report = self.reports.entry(report).or_default();
        let bits = bits_each.saturating_mul(count);
        if report.bits.saturating_add(bits) > BITS_MAX {
            // What stands behind cannot be found.
            *report = Report { bits: BITS_MAX, ..Report::default() };
            return;
        }
        let begin = report.bits;
        report.bits += bits;
        if self.scanner_since.is_none() || flags & CONSTANT != 0 {
            return;
        }
        let own = self.usages.len().min(count);
        for (index, usage) in self.usages.iter().take(own).enumerate() {
            let last = index + 1 == own;
            let fields = if last { count - index } else { 1 };
            let field = Field { at: begin + index * bits_each, bits: fields * bits_each };
            report.note(*usage, field, bits_each);
        }
    }
}

impl Report {
    fn note(&mut self, usage: u32, field: Field, bits_each: usize) {
        let byte_each = bits_each == 8;
        match usage {
            DECODED_DATA if byte_each => _ = self.data.get_or_insert(field),
            BYTE_COUNT => _ = self.count.get_or_insert(field),
            CONTINUED => _ = self.continued.get_or_insert(Field { bits: bits_each.min(field.bits), ..field }),
            _ => {
                if let Some(place) =
                    SYMBOLOGY.iter().position(|symbology| *symbology == usage).filter(|_| byte_each)
                {
                    self.symbology[place].get_or_insert(Field { bits: 8, ..field });
                }
            }
        }
    }
}
