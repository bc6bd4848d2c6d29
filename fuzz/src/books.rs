//! A till's file with a morning's sales in it, to be spoiled.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use guitai_db::{ChainHead, Db, Entry, Fact, Identity, Mode};
use guitai_domain::payment::State;
use guitai_domain::{BusinessDate, Epoch, Fen, Method, PaymentId, SaleId, TillId, Timestamp};

/// The secret beside the file.
pub const DEVICE: &[u8] = b"the secret beside the file";
/// The day of the sales.
pub const TODAY: &str = "2026-11-21";
const SALES: u64 = 6;

/// The file and what stands in it.
pub struct Morning {
    /// The file without its log.
    pub file: Vec<u8>,
    /// The log, where the last sales still are only there.
    pub log: Vec<u8>,
    /// The file without what is in the log.
    pub file_before_log: Vec<u8>,
    /// The end of the journal.
    pub head: ChainHead,
    /// Every entry.
    pub entries: Vec<Entry>,
    /// Every sale.
    pub sales: BTreeSet<String>,
}

/// The morning.
pub static MORNING: LazyLock<Morning> = LazyLock::new(Morning::live);

impl Morning {
    fn live() -> Morning {
        let path = place("morning");
        let identity =
            Identity { till: TillId::from_random(7), epoch: Epoch::from_random(9), mode: Mode::Real };
        let mut db = Db::create(&path, &identity, DEVICE).expect("a new file");
        (1..SALES).for_each(|number| sell(&mut db, &identity, number));
        drop(db);
        let file_before_log = fs::read(&path).expect("the file");
        let mut db = Db::open(&path, Mode::Real, DEVICE).expect("it opens");
        sell(&mut db, &identity, SALES);
        let log = fs::read(path.with_extension("db-wal")).expect("the log");
        let (head, entries) = (db.head(), db.entries_from(1, u32::MAX).expect("entries"));
        drop(db);
        let file = fs::read(&path).expect("the file");
        clear(&path);
        let sales = entries.iter().filter_map(|entry| entry.fact.sale().map(str::to_owned)).collect();
        Morning { file, log, file_before_log, head, entries, sales }
    }
}

/// A path of this process alone, in memory where there is such a place.
pub fn place(name: &str) -> PathBuf {
    let shm = Path::new("/dev/shm");
    let folder = if shm.is_dir() { shm.to_owned() } else { std::env::temp_dir() };
    folder.join(format!("guitai-fuzz-{name}-{}.db", std::process::id()))
}

/// Takes a file and its log away.
pub fn clear(path: &Path) {
    for extension in ["db", "db-wal", "db-shm", "db-journal"] {
        let _ = fs::remove_file(path.with_extension(extension));
    }
}

fn sell(db: &mut Db, identity: &Identity, number: u64) {
    let sale = SaleId::new(identity.till, identity.epoch, number * 2, number);
    let payment = PaymentId::new(identity.till, identity.epoch, number * 2 + 1, number);
    let amount = Fen(i64::try_from(number).expect("small") * 101);
    let moved = |state| Fact::moved(&payment, &sale, state, "answer", None);
    let mut facts = vec![
        Fact::opened(&sale, amount, BusinessDate::parse(TODAY).expect("a date")),
        Fact::created(&payment, &sale, Method::WechatPay, amount, "6789".to_owned(), "usb", "00".repeat(16)),
        moved(State::Sent),
    ];
    if number.is_multiple_of(3) {
        facts.push(moved(State::InDoubt { refusal: None }));
    } else {
        facts.push(moved(State::Captured));
        facts.push(Fact::SaleCompleted {
            sale: sale.to_string(),
            method: Method::WechatPay.name().to_owned(),
            receipt_no: format!("20261121-{}-{number:04}", identity.till),
            business_date: TODAY.to_owned(),
            hour: 10,
            given_fen: None,
            change_fen: None,
        });
    }
    db.write(Timestamp(1_795_226_400_000), "cashier", &facts).expect("a sale");
}
