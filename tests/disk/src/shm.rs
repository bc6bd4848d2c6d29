//! The shared memory of a write-ahead log's index, and the locks in it.

use std::sync::{Arc, Mutex, Weak};

use rusqlite::ffi;

/// Shared memory, kept alive by the open files that have it mapped.
pub(crate) type SharedShm = Arc<Mutex<Shm>>;
pub(crate) type WeakShm = Weak<Mutex<Shm>>;

const LOCKS: usize = ffi::SQLITE_SHM_NLOCK as usize;

/// Regions of memory that SQLite reads and writes by itself, and its locks: how many share one, or -1 for one holder alone.
#[derive(Debug, Default)]
pub(crate) struct Shm {
    regions: Vec<Region>,
    locks: [i32; LOCKS],
}

/// Which locks one open file holds.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Held {
    shared: u16,
    alone: u16,
}

/// Memory of a fixed place, handed to SQLite.
#[derive(Debug)]
struct Region {
    start: *mut u64,
    words: usize,
}

// SAFETY: the memory is owned by the region alone and touched by SQLite only, which orders its accesses from several threads by the
// locks and barriers of this module; Rust code only makes and frees it.
unsafe impl Send for Region {}

impl Region {
    fn new(bytes: usize) -> Region {
        let memory = vec![0_u64; bytes.div_ceil(8)].into_boxed_slice();
        let words = memory.len();
        Region { start: Box::into_raw(memory).cast(), words }
    }
}

impl Drop for Region {
    fn drop(&mut self) {
        let memory = std::ptr::slice_from_raw_parts_mut(self.start, self.words);
        // SAFETY: made by `Box::into_raw` in `Region::new` with this length, and freed once, here; no open file has it mapped any
        // more, because each holds the `Arc` around it.
        drop(unsafe { Box::from_raw(memory) });
    }
}

impl Shm {
    pub fn regions(&self) -> usize {
        self.regions.len()
    }

    pub fn grow(&mut self, bytes: usize) {
        self.regions.push(Region::new(bytes));
    }

    pub fn region(&self, at: usize) -> Option<*mut u64> {
        self.regions.get(at).map(|region| region.start)
    }

    /// Takes or gives back locks `from` to `to`; false where another holder is in the way.
    pub fn lock(&mut self, held: &mut Held, from: usize, to: usize, flags: i32) -> bool {
        let mask = ((1_u16 << to) - 1) & !((1_u16 << from) - 1);
        if flags & ffi::SQLITE_SHM_UNLOCK != 0 {
            self.unlock(held, mask);
            return true;
        }
        if flags & ffi::SQLITE_SHM_SHARED != 0 {
            if held.shared & mask != 0 {
                return true;
            }
            if self.locks[from] < 0 {
                return false;
            }
            self.locks[from] += 1;
            held.shared |= mask;
            return true;
        }
        if self.locks[from..to].iter().any(|holders| *holders != 0) {
            return false;
        }
        self.locks[from..to].fill(-1);
        held.alone |= mask;
        true
    }

    pub fn unlock(&mut self, held: &mut Held, mask: u16) {
        for (at, holders) in self.locks.iter_mut().enumerate() {
            let bit = mask & (1 << at);
            if held.alone & bit != 0 {
                *holders = 0;
            } else if held.shared & bit != 0 {
                *holders -= 1;
            }
        }
        held.alone &= !mask;
        held.shared &= !mask;
    }
}
