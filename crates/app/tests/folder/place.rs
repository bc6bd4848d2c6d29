//! A data root of its own, and what can befall the files in it.

use std::fs;
use std::path::{Path, PathBuf};

use guitai_app::folder::Folder;
use guitai_db::{Db, Fact, Mode};
use guitai_domain::{BusinessDate, Fen, Method, ReceiptNo, SaleId, Timestamp};
use tempfile::TempDir;

/// Ten in the morning of 2026-11-21 in Shanghai.
pub const MORNING: Timestamp = Timestamp(1_795_226_400_000);
const TODAY: &str = "2026-11-21";

/// A data root. It goes when this goes.
pub struct Place {
    dir: TempDir,
    pub folder: Folder,
}

impl Place {
    /// A place with a till in it.
    pub fn new() -> Place {
        let dir = tempfile::tempdir().expect("a folder");
        let place = Place { folder: Folder::new(dir.path(), Mode::Real), dir };
        let lock = place.folder.lock().expect("the lock");
        drop(place.folder.create(&lock).expect("a till"));
        place
    }

    pub fn root(&self) -> &Path {
        self.dir.path()
    }

    pub fn database(&self) -> PathBuf {
        self.folder.path().join("till.db")
    }

    /// Opens the till, does something with its file, and closes it.
    pub fn with_db<T>(&self, job: impl FnOnce(&mut Db) -> T) -> T {
        let lock = self.folder.lock().expect("the lock");
        job(&mut self.folder.open(&lock).expect("the till opens"))
    }

    /// As [`Place::with_db`], and the program dies at the end: the log stays beside the file.
    pub fn until_killed<T>(&self, job: impl FnOnce(&mut Db) -> T) -> T {
        self.with_db(|db| {
            let result = job(db);
            let kept = self.root().join("kept");
            copy_files(self.folder.path(), &kept);
            (result, kept)
        })
        .restore_after(self.folder.path())
    }

    pub fn sell(&self, count: u32) {
        self.with_db(|db| sell(db, count));
    }
}

trait AfterDeath<T> {
    fn restore_after(self, folder: &Path) -> T;
}

impl<T> AfterDeath<T> for (T, PathBuf) {
    fn restore_after(self, folder: &Path) -> T {
        copy_files(&self.1, folder);
        fs::remove_dir_all(&self.1).expect("removed");
        self.0
    }
}

/// Makes the files of `to` those of `from`: the database and its log.
pub fn copy_files(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for name in ["till.db", "till.db-wal", "till.db-shm"] {
        let _ = fs::remove_file(to.join(name));
        if from.join(name).exists() {
            fs::copy(from.join(name), to.join(name)).expect("a copy");
        }
    }
}

/// The `count`-th sale of the day, in cash.
pub fn sell(db: &mut Db, count: u32) {
    let identity = db.identity().clone();
    let date = BusinessDate::parse(TODAY).expect("a date");
    let sale = SaleId::new(identity.till, identity.epoch, db.head().seq + 1, u64::from(count));
    let at = Timestamp(MORNING.0 + i64::from(count) * 60_000);
    db.write(at, "cashier", &[Fact::opened(&sale, Fen(1_000), date)]).expect("a sale");
    let completed = Fact::SaleCompleted {
        sale: sale.to_string(),
        method: Method::Cash.name().to_owned(),
        receipt_no: ReceiptNo::new(date, identity.till, count).to_string(),
        business_date: TODAY.to_owned(),
        hour: 10,
        given_fen: Some(1_000),
        change_fen: Some(0),
    };
    db.write(at, "cashier", &[completed]).expect("cash");
}

/// What the day adds up to in cash.
pub fn cash(db: &Db) -> (u32, i64) {
    let report = db.day_report(TODAY).expect("a report");
    report.by_method.first().map_or((0, 0), |part| (part.count, part.total.0))
}
