//! What a disk holds: names, files, what of them is durable, and what is to go wrong.

use std::collections::BTreeMap;
use std::mem;

use crate::content::{Change, Content};
use crate::locks::FileLock;
use crate::shm::WeakShm;
use crate::trouble::{Call, Part, Stop, Stretch, code};

/// A file, whatever it is called.
pub(crate) type FileId = u64;

#[derive(Debug, Clone)]
enum NameChange {
    Link(String, FileId),
    Unlink(String),
    Rename(String, String),
}

/// Everything about one disk.
#[derive(Debug, Default)]
pub(crate) struct State {
    names: BTreeMap<String, FileId>,
    durable_names: BTreeMap<String, FileId>,
    pending_names: Vec<NameChange>,
    files: BTreeMap<FileId, Content>,
    /// How many open files there are of each.
    opened: BTreeMap<FileId, u32>,
    pub locks: BTreeMap<FileId, FileLock>,
    pub shared: BTreeMap<FileId, WeakShm>,
    numbers: u64,
    /// Files opened in an earlier life of the program are dead for ever.
    pub life: u64,
    pub calls: u64,
    /// What each call was.
    pub log: Vec<Call>,
    /// Its connections run with `synchronous=NORMAL`.
    pub normal: bool,
    pub stop: Option<Stop>,
    pub stopped: bool,
    pub trouble: Option<Stretch>,
    /// The calls that failed for trouble.
    pub troubles_met: Vec<Call>,
}

impl State {
    pub fn number(&mut self) -> u64 {
        self.numbers += 1;
        self.numbers
    }

    /// Whether a file opened in `life` can still do anything.
    pub fn is_alive(&self, life: u64) -> bool {
        life == self.life && !self.stopped
    }

    /// One storage call: counted, perhaps refused, perhaps the last.
    fn call<T>(&mut self, life: u64, call: Call, work: impl FnOnce(&mut State, Part) -> T) -> Result<T, i32> {
        if !self.is_alive(life) {
            return Err(code(call, None));
        }
        self.calls += 1;
        self.log.push(call);
        let last = match self.stop {
            Some(Stop::Before(at)) if self.calls >= at => {
                self.stopped = true;
                return Err(code(call, None));
            }
            Some(Stop::Within(at)) if self.calls >= at => {
                self.stopped = true;
                if call == Call::Write {
                    work(self, Part::Half);
                }
                return Err(code(call, None));
            }
            Some(Stop::After(at)) => self.calls >= at,
            Some(Stop::Before(_) | Stop::Within(_)) | None => false,
        };
        if let Some(stretch) = self.trouble
            && stretch.covers(self.calls)
            && stretch.what.hits(call)
        {
            self.troubles_met.push(call);
            work(self, stretch.what.leaves(call));
            self.stopped = last;
            return Err(code(call, Some(stretch.what)));
        }
        let done = work(self, Part::Whole);
        self.stopped = last;
        Ok(done)
    }

    // Names.

    pub fn find(&self, name: &str) -> Option<FileId> {
        self.names.get(name).copied()
    }

    pub fn create(&mut self, life: u64, name: &str) -> Result<FileId, i32> {
        let file = self.number();
        self.call(life, Call::Create, |state, part| {
            if part == Part::Whole {
                state.files.insert(file, Content::default());
                state.rename_all(NameChange::Link(name.to_owned(), file));
            }
        })?;
        Ok(file)
    }

    pub fn delete(&mut self, life: u64, name: &str, sync_names: bool) -> Result<(), i32> {
        self.call(life, Call::Delete, |state, part| {
            if part == Part::Whole {
                state.rename_all(NameChange::Unlink(name.to_owned()));
            }
        })?;
        if sync_names { self.sync_names(life) } else { Ok(()) }
    }

    pub fn rename(&mut self, life: u64, from: &str, to: &str) -> Result<(), i32> {
        self.call(life, Call::Rename, |state, part| {
            if part == Part::Whole {
                state.rename_all(NameChange::Rename(from.to_owned(), to.to_owned()));
            }
        })
    }

    pub fn sync_names(&mut self, life: u64) -> Result<(), i32> {
        self.call(life, Call::SyncNames, |state, part| {
            if part == Part::Whole {
                state.pending_names.clear();
                state.durable_names.clone_from(&state.names);
                state.forget_nameless();
            }
        })
    }

    fn rename_all(&mut self, change: NameChange) {
        change.apply(&mut self.names);
        self.pending_names.push(change);
    }

    pub fn opened(&mut self, file: FileId) {
        *self.opened.entry(file).or_default() += 1;
    }

    pub fn closed(&mut self, file: FileId) {
        if let Some(count) = self.opened.get_mut(&file) {
            *count -= 1;
            if *count == 0 {
                self.opened.remove(&file);
                self.forget_nameless();
            }
        }
    }

    /// Drops the files that nobody can reach any more, whatever happens.
    fn forget_nameless(&mut self) {
        let mut reachable: Vec<FileId> = self.opened.keys().copied().collect();
        reachable.extend(self.names.values().chain(self.durable_names.values()));
        reachable.extend(self.pending_names.iter().filter_map(|change| match change {
            NameChange::Link(_, file) => Some(*file),
            NameChange::Unlink(_) | NameChange::Rename(..) => None,
        }));
        self.files.retain(|file, _| reachable.contains(file));
        self.locks.retain(|file, _| reachable.contains(file));
        self.shared.retain(|file, _| reachable.contains(file));
    }

    // Contents.

    pub fn bytes(&self, file: FileId) -> &[u8] {
        self.files.get(&file).map_or(&[], Content::bytes)
    }

    pub fn write(&mut self, life: u64, file: FileId, at: usize, data: &[u8]) -> Result<(), i32> {
        self.call(life, Call::Write, |state, part| {
            let data = match part {
                Part::Whole => data,
                Part::Half => &data[..data.len() / 2],
                Part::Failed => return,
            };
            state.change(file, Change::Write { at, data: data.into() });
        })
    }

    pub fn truncate(&mut self, life: u64, file: FileId, len: usize) -> Result<(), i32> {
        self.call(life, Call::Truncate, |state, part| {
            if part == Part::Whole {
                state.change(file, Change::Truncate { len });
            }
        })
    }

    fn change(&mut self, file: FileId, change: Change) {
        self.files.entry(file).or_default().change(change);
    }

    pub fn sync(&mut self, life: u64, file: FileId) -> Result<(), i32> {
        self.call(life, Call::Sync, |state, part| {
            if let Some(content) = state.files.get_mut(&file) {
                content.sync(part == Part::Whole);
            }
        })
    }

    /// Room for the shared memory.
    pub fn grow(&mut self, life: u64) -> Result<(), i32> {
        self.call(life, Call::Grow, |_, _| ())
    }

    // From outside the program.

    /// A file that was always there.
    pub fn put(&mut self, name: &str, bytes: &[u8]) {
        let file = self.number();
        self.files.insert(file, Content::durable(bytes));
        self.names.insert(name.to_owned(), file);
        self.durable_names.insert(name.to_owned(), file);
    }

    pub fn flip_bit(&mut self, name: &str, bit: u64) -> bool {
        let content = self.find(name).and_then(|file| self.files.get_mut(&file));
        content.is_some_and(|content| content.flip_bit(bit))
    }

    pub fn unsynced(&self, name: &str) -> usize {
        self.find(name).and_then(|file| self.files.get(&file)).map_or(0, Content::unsynced)
    }

    pub fn names(&self) -> Vec<String> {
        self.names.keys().cloned().collect()
    }

    /// The program is gone, and the next one may begin.
    pub fn next_life(&mut self) {
        self.life += 1;
        // A stop that was not reached yet is for the next one.
        if mem::take(&mut self.stopped) {
            self.stop = None;
        }
        self.opened.clear();
        self.locks.clear();
        self.shared.clear();
        self.forget_nameless();
    }

    pub fn power_cut(&mut self, choose: &mut dyn FnMut(u64) -> u64) {
        let keep = [0, 10, 50, 90, 100][usize::try_from(choose(5)).unwrap_or(0) % 5];
        let mut names = self.durable_names.clone();
        for change in mem::take(&mut self.pending_names) {
            if choose(100) < keep {
                change.apply(&mut names);
            }
        }
        self.names.clone_from(&names);
        self.durable_names = names;
        for content in self.files.values_mut() {
            content.lose_power(keep, choose);
        }
        self.next_life();
    }

    /// The same disk once more, with nothing open.
    pub fn copied(&self) -> State {
        State {
            names: self.names.clone(),
            durable_names: self.durable_names.clone(),
            pending_names: self.pending_names.clone(),
            files: self.files.clone(),
            numbers: self.numbers,
            normal: self.normal,
            ..State::default()
        }
    }
}

impl NameChange {
    fn apply(&self, names: &mut BTreeMap<String, FileId>) {
        match self {
            NameChange::Link(name, file) => {
                names.insert(name.clone(), *file);
            }
            NameChange::Unlink(name) => {
                names.remove(name);
            }
            NameChange::Rename(from, to) => {
                if let Some(file) = names.remove(from) {
                    names.insert(to.clone(), file);
                }
            }
        }
    }
}
