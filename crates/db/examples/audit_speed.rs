//! How long an audit takes, and what the witness costs: `cargo run --release -p guitai-db --example audit_speed [ENTRIES]`.
//!
//! Ordinary sales of six entries each are written into a file in the temporary folder, which is then proven whole.

#![expect(clippy::disallowed_methods, reason = "this measures time")]

use std::time::{Duration, Instant};

use guitai_db::{AnswerRecord, Db, Fact, Identity, Mode, Snapshot, Watch};
use guitai_domain::payment::State;
use guitai_domain::{BusinessDate, Epoch, Fen, Method, PaymentId, ReceiptNo, SaleId, TillId, Timestamp};

const MORNING_MS: i64 = 1_795_226_400_000;
/// As long as what is kept of a request and its answer.
const SHOWN: &str = r#"{"method":"POST","path":"/v3/pay/transactions/codepay","appid":"wx0000000000000000","mchid":"1900000001","out_trade_no":"P7K3QZX0000000000000000000000AAAAAA","total":1850,"currency":"CNY","auth_code":"***6789","trade_state":"SUCCESS","success_time":"2026-11-21T10:00:00+08:00","status":200}"#;
const SALES_A_DAY: u64 = 500;

fn main() {
    let entries: u64 = std::env::args().nth(1).map_or(100_000, |text| text.parse().expect("a number"));
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("till.db");
    let identity = Identity { till: TillId::from_random(7), epoch: Epoch::from_random(9), mode: Mode::Real };
    let mut db = Db::create(&path, &identity, b"device").expect("a new file");
    let began = Instant::now();
    for sale in 0..entries / 6 {
        sell(&mut db, sale);
    }
    println!("{} entries written in {:.1?}", db.head().seq, began.elapsed());
    println!("file: {} MB", path.metadata().expect("a file").len() / 1_000_000);

    for _ in 0..3 {
        let began = Instant::now();
        let snapshot = Snapshot::open(&path).expect("a snapshot");
        let audit = snapshot.audit(Timestamp(MORNING_MS), &Watch::default()).expect("a whole file");
        let full = began.elapsed();
        drop(snapshot);
        sell(&mut db, entries + audit.seq);
        let began = Instant::now();
        let snapshot = Snapshot::open(&path).expect("a snapshot");
        snapshot.audit_since(&audit, Timestamp(MORNING_MS), &Watch::default()).expect("a whole file");
        println!("audit of {} entries: {full:.2?}; of one sale since: {:.2?}", audit.seq, began.elapsed());
    }
    measure_witness(&mut db, &folder.path().join("witness"));
}

fn measure_witness(db: &mut Db, path: &std::path::Path) {
    const COMMITS: u32 = 5_000;
    let commits = |db: &mut Db| -> Duration {
        let began = Instant::now();
        for _ in 0..COMMITS {
            db.write(Timestamp(MORNING_MS), "till", &[Fact::TillStarted { version: "1".to_owned() }])
                .expect("a commit");
        }
        began.elapsed() / COMMITS
    };
    let without = commits(db);
    db.keep_witness(path).expect("a witness");
    let with = commits(db);
    println!("a commit without witness: {without:.1?}, with: {with:.1?}");
    let began = Instant::now();
    for _ in 0..COMMITS {
        db.keep_witness(path).expect("a witness");
    }
    println!("opening and writing a witness: {:.1?}", began.elapsed() / COMMITS);
}

fn sell(db: &mut Db, number: u64) {
    let identity = db.identity().clone();
    let (sale, payment) = (
        SaleId::new(identity.till, identity.epoch, number, number),
        PaymentId::new(identity.till, identity.epoch, number, number),
    );
    let day = i64::try_from(number / SALES_A_DAY).expect("a day");
    let now = Timestamp(MORNING_MS + day * 86_400_000);
    let date = BusinessDate::parse("2026-11-21").expect("a date");
    let write = |db: &mut Db, facts: &[Fact]| db.write(now, "cashier", facts).expect("a commit");
    write(db, &[Fact::opened(&sale, Fen(1_850), date)]);
    write(
        db,
        &[
            Fact::created(
                &payment,
                &sale,
                Method::WechatPay,
                Fen(1_850),
                "6789".to_owned(),
                "usb",
                "00".repeat(16),
            ),
            Fact::moved(&payment, &sale, State::Sent, "cashier", None),
        ],
    );
    let answer = AnswerRecord {
        verb: "pay".to_owned(),
        asked_at_ms: now.0,
        took_ms: 312,
        heard: "paid".to_owned(),
        status: 200,
        provider_code: Some("SUCCESS".to_owned()),
        request_id: Some("08E2A8C3A70610F80318A3D5F60220E8AA1328D1A001-268591234".to_owned()),
        disbelief: None,
        request: Some(SHOWN.to_owned()),
        reply: Some(SHOWN.to_owned()),
    };
    let reference = Some("4200000000202611210000000001".to_owned());
    write(
        db,
        &[
            Fact::ProviderAnswered { payment: payment.to_string(), sale: sale.to_string(), answer },
            Fact::moved(&payment, &sale, State::Captured, "answer", reference),
            Fact::SaleCompleted {
                sale: sale.to_string(),
                method: Method::WechatPay.name().to_owned(),
                receipt_no: ReceiptNo::new(date, identity.till, u32::try_from(number + 1).expect("few"))
                    .to_string(),
                business_date: date.to_string(),
                hour: 10,
                given_fen: None,
                change_fen: None,
            },
        ],
    );
}
