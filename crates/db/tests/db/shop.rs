//! What these tests share: a till's file in a folder of its own, ids that count up, and a way round the program.

use std::path::{Path, PathBuf};

use guitai_db::{Db, Entry, Fact, Identity, Mode, WriteError};
use guitai_domain::payment::State;
use guitai_domain::{BusinessDate, Epoch, Fen, Method, PaymentId, SaleId, TillId, Timestamp};
use rusqlite::Connection;
use tempfile::TempDir;

pub const DEVICE: &[u8] = b"the secret beside the file";
pub const TODAY: &str = "2026-11-21";
/// Ten in the morning in Shanghai, on that day.
pub const MORNING: Timestamp = Timestamp(1_795_226_400_000);

/// A till's file. The folder goes when this goes.
pub struct Shop {
    pub folder: TempDir,
    pub db: Db,
    ids: u64,
}

impl Shop {
    pub fn new() -> Shop {
        let folder = tempfile::tempdir().expect("a folder");
        let db = Db::create(&folder.path().join("till.db"), &identity(), DEVICE).expect("a new file");
        Shop { folder, db, ids: 0 }
    }

    pub fn path(&self) -> PathBuf {
        self.db.path().to_owned()
    }

    pub fn write(&mut self, facts: &[Fact]) -> Result<Vec<Entry>, WriteError> {
        self.db.write(MORNING, "cashier", facts)
    }

    pub fn sale_id(&mut self) -> SaleId {
        self.ids += 1;
        SaleId::new(identity().till, identity().epoch, self.ids, self.ids)
    }

    pub fn payment_id(&mut self) -> PaymentId {
        self.ids += 1;
        PaymentId::new(identity().till, identity().epoch, self.ids, self.ids)
    }

    /// A sale whose amount stands.
    pub fn open_sale(&mut self, amount: Fen) -> SaleId {
        let sale = self.sale_id();
        let date = BusinessDate::parse(TODAY).expect("a date");
        self.write(&[Fact::opened(&sale, amount, date)]).expect("a new sale");
        sale
    }

    /// A payment for it, its request under way.
    pub fn send_payment(&mut self, sale: &SaleId, amount: Fen) -> Result<PaymentId, WriteError> {
        let payment = self.payment_id();
        let last = "6789".to_owned();
        self.write(&[
            Fact::created(&payment, sale, Method::WechatPay, amount, last, "usb", "00".repeat(16)),
            Fact::moved(&payment, sale, State::Sent, "cashier", None),
        ])?;
        Ok(payment)
    }

    pub fn move_payment(
        &mut self,
        payment: &PaymentId,
        sale: &SaleId,
        state: State,
    ) -> Result<(), WriteError> {
        self.write(&[Fact::moved(payment, sale, state, "answer", None)]).map(|_| ())
    }

    /// A second way into the file, as somebody with a database tool has it.
    pub fn back_door(&self) -> Connection {
        Connection::open(self.db.path()).expect("the file opens")
    }
}

pub fn identity() -> Identity {
    Identity { till: TillId::from_random(7), epoch: Epoch::from_random(9), mode: Mode::Real }
}

/// The entry that completes a sale in cash, exactly given.
pub fn paid_in_cash(sale: &SaleId, amount: Fen, count: u32) -> Fact {
    completed(sale, Method::Cash, Some((amount, Fen::ZERO)), count)
}

pub fn completed(sale: &SaleId, method: Method, cash: Option<(Fen, Fen)>, count: u32) -> Fact {
    Fact::SaleCompleted {
        sale: sale.to_string(),
        method: method.name().to_owned(),
        receipt_no: format!("20261121-{}-{count:04}", identity().till),
        business_date: TODAY.to_owned(),
        hour: 10,
        given_fen: cash.map(|(given, _)| given.0),
        change_fen: cash.map(|(_, change)| change.0),
    }
}

/// Takes the locks off the journal, as somebody would who wants to alter it.
pub fn drop_triggers(conn: &Connection) {
    conn.execute_batch("DROP TRIGGER journal_is_never_edited; DROP TRIGGER journal_is_never_cut;")
        .expect("triggers to drop");
}

pub fn reopen(path: &Path) -> Db {
    Db::open(path, Mode::Real, DEVICE).expect("the file opens again")
}
