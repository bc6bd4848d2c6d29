//! The day whose files are damaged, and everything that can be seen of it.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::path::Path;

use guitai_app::view::Key;
use guitai_db::{Damage, Db, Entry, HistoryQuery};
use guitai_sandbox::World;
use tempfile::TempDir;

use crate::chance::Chance;
use crate::desk::TestRegister;
use crate::trade::{Trade, trading_day};

const MORNING_MS: i64 = 1_795_226_400_000;
/// Always the same day, so that a trial's own seed says everything about it.
const SEED: u64 = 12;

/// A lived day's files, and what they say.
pub struct Day {
    /// The database while the till runs: much of it is in the log.
    pub database: Vec<u8>,
    /// The write-ahead log beside it.
    pub log: Vec<u8>,
    /// The database after the till was closed.
    pub closed: Vec<u8>,
    /// A backup.
    pub backup: Vec<u8>,
    /// A backup made long before.
    pub early_backup: Vec<u8>,
    /// Every entry, in order.
    pub entries: Vec<Entry>,
    /// The witness.
    pub witness: Vec<u8>,
    /// Everything that can be seen.
    pub everything: String,
}

impl Day {
    /// Lives it.
    pub fn lived() -> Day {
        let root = scratch();
        let mut desk = TestRegister::at(root.path(), World::new(SEED, MORNING_MS), MORNING_MS, SEED);
        let trade = Trade { sales: 20, deaths_permille: 0, trouble_permille: 400 };
        let (early, backup) = (root.path().join("early.db"), root.path().join("backup.db"));
        trading_day(&mut desk, &mut Chance::new(SEED), &trade);
        desk.register().db().backup(&early).expect("a backup");
        trading_day(&mut desk, &mut Chance::new(SEED + 1), &trade);
        // And a few more, so that the log has something to lose.
        for amount in ["18.50", "7", "120.05", "66.60"] {
            desk.charge(amount);
            desk.pass_ms(3_000);
            desk.press(Key::Enter);
        }
        desk.run_until_idle();
        let witness = root.path().join("witness");
        desk.register_mut().db_mut().keep_witness(&witness).expect("a witness");
        desk.register().db().backup(&backup).expect("a backup");
        let read = |path: &Path| fs::read(path).expect("a file");
        let path = desk.path();
        let (database, log) = (read(&path), read(&path.with_extension("db-wal")));
        let everything = everything(desk.register().db()).expect("readable");
        let entries = desk.register().db().entries_from(1, 1_000_000).expect("readable");
        drop(desk);
        Day {
            database,
            log,
            closed: read(&path),
            backup: read(&backup),
            early_backup: read(&early),
            entries,
            witness: read(&witness),
            everything,
        }
    }
}

/// A folder where writing through costs nothing.
pub fn scratch() -> TempDir {
    let shm = Path::new("/dev/shm");
    let folder = if shm.is_dir() { tempfile::tempdir_in(shm) } else { tempfile::tempdir() };
    folder.expect("a folder")
}

/// Every total, every sale, every payment and every entry, as text.
pub fn everything(db: &Db) -> Result<String, Damage> {
    let mut text = String::new();
    let mut line = |part: &dyn std::fmt::Debug| writeln!(text, "{part:?}").expect("text grows");
    line(&db.identity());
    line(&db.head());
    let sales = db.sales_between("0000-01-01", "9999-12-31")?;
    let dates: BTreeSet<&str> = sales.iter().map(|sale| sale.business_date.as_str()).collect();
    for date in dates {
        line(&db.day_report(date)?);
        line(&db.receipts_on(date)?);
    }
    let all = HistoryQuery { page_size: 1_000, ..HistoryQuery::default() };
    line(&db.history_total(&all)?);
    line(&db.history(&all)?);
    for sale in &sales {
        line(sale);
        line(&db.payments_of_sale(sale.id.as_str())?);
        line(&db.entries_of_sale(sale.id.as_str())?);
    }
    line(&db.unfinished_payments()?);
    line(&db.open_sales()?);
    line(&db.last_completed_sale()?);
    line(&db.entries_from(1, 1_000_000)?);
    for name in ["shop_name", "till_name", "cutoff", "confirm_above", "language"] {
        line(&db.setting(name)?);
    }
    Ok(text)
}
