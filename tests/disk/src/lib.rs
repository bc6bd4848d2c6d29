//! A disk in memory for SQLite, which can be killed, cut from power, filled up and broken at any call.
//!
//! [`Disk::new`] makes one; `disk.path("till.db")` is a path that any SQLite connection of this process can open, because the
//! first disk makes the process's default VFS ours. Every other path goes to the VFS that was the default before.
//!
//! # The model
//!
//! What a program wrote is in the *page cache* and can be read back at once; what it synced is *durable*. A killed program leaves
//! the page cache behind, a power cut only what is durable and whatever of the rest happened to arrive.
//!
//! - **Writes.** Until the file is synced, each sector of 512 bytes of each write arrives or not, whole or torn, whatever became of
//!   the others: so they arrive in any order. A file may also have grown by sectors that never came: they read as zeros. Bytes
//!   outside a write are not touched by it (SQLite's `POWERSAFE_OVERWRITE`, which its own VFSes promise by default).
//! - **Truncating** arrives or not, like a write. What is synced always stays.
//! - **Names.** A new, renamed or deleted file is an entry in its folder, and that is a file of its own: until the folder is
//!   synced each such change arrives or not. A file without a name is gone, however well its content was synced. As SQLite's own
//!   VFS for Unix does, the folder is synced by the first sync of a journal or write-ahead log that was opened for writing, and by
//!   a delete that asks for it (`syncDir`), and by nothing else; a new database's own name is not.
//! - **A failed sync** loses for good what it was to write: it can still be read, and a later sync does not write it again. That
//!   is what Linux does with pages whose write-back failed.
//! - **Full.** A write on a full disk leaves half of itself behind, as `write` may; so does a write over what is there already, as
//!   on disks that copy. Growing the shared memory fails. All else needs no room. A disk that became **read-only** fails every change but a sync; what is opened then is opened for reading.
//! - **Shared memory** (the log's index) belongs to the running program: it is gone after a kill as after a power cut, and
//!   growing it needs room on the disk, as `-shm` does.
//!
//! What changes a disk or makes it durable is a *storage call*, and they are counted: write, truncate, sync, delete, rename,
//! creating, growing the shared memory. Reading is none.
//!
//! Deliberately not here: bad answers to reads, and any time passing. Who finds a file of a disk locked is told so at once, however
//! long its busy timeout.

mod content;
mod disk;
mod file;
mod handle;
mod locks;
mod normal;
mod shm;
mod state;
mod trouble;
mod vfs;

pub use disk::Disk;
pub use trouble::{Call, Stop, Trouble};

#[cfg(test)]
mod tests;
