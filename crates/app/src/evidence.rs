//! The evidence file: one sale for a dispute, as JSON that anybody can check without this program.
//!
//! It is made from a file that was just proven whole. Every entry of the sale is in it exactly as it was sealed, so whoever has
//! the file recomputes each hash; `docs/check_evidence.py` does it. What was asked of the provider and what it answered stands in
//! the entries as it was recorded, without secrets.

use std::path::Path;

use guitai_db::{Audit, Db, Fact, Sealed, Snapshot, Watch};
use guitai_domain::{ReceiptNo, ShopClock, Timestamp};
use serde::Serialize;
use serde_json::value::RawValue;

use crate::records::state_name;
use crate::settings::Settings;
use crate::timeline;
use crate::view::{CommandError, DetailView, MessageView, TimelineView};
use crate::words::{self, say};

const WHAT: (&str, &str) = (
    "一笔交易的凭证：本机账本中关于它的全部记录，一字未改，每条带有把它封存的 SHA-256",
    "Evidence of one sale: everything the till's journal says of it, to the letter, each entry with the SHA-256 that seals it",
);
const CHECK: (&str, &str) = (
    "核对方法：用 Python 3 运行 docs/check_evidence.py 加本文件名；再加上收银机的 till.db 或它的备份，就能核对这些记录是否都在账本里、\
     有没有遗漏。计算规则见 docs/journal.md：hash = SHA-256(\"guitai.journal.1\" + prev + 各字段)，字段依次为 till、epoch、seq、at_ms、actor、kind、body，\
     每个字段前有 8 字节大端长度",
    "To check: run docs/check_evidence.py with Python 3 on this file; with the till's till.db or a backup of it as a second argument it also checks \
     that these entries are in the journal and that none is left out. The rule is in docs/journal.md: hash = SHA-256(\"guitai.journal.1\" + prev + fields), \
     the fields being till, epoch, seq, at_ms, actor, kind, body, each with its length before it in 8 bytes, big-endian",
);
const PROVES: (&str, &str) = (
    "能证明：封存后这些记录没有改动，前后相连的记录次序未变。链头 head 也印在每张日报上；平台的单号和应答可由平台自己核对。\
     本文件自己不能证明：没有更早的整本被换过，那要看日报、备份或平台的账单",
    "Proven: nothing in these entries was changed after they were sealed, and those that follow one another were written in that order. The head also stands \
     on each day report; the provider can check its own numbers and answers. Not proven by this file alone: that the whole book was not replaced before; \
     day reports, backups and the provider's bill show that",
);

#[derive(Serialize)]
struct Evidence<'a> {
    format: &'static str,
    what: Words,
    program: &'static str,
    till: String,
    epoch: String,
    made_at_ms: i64,
    made_at: String,
    zone: &'a str,
    shop_name: &'a str,
    till_name: &'a str,
    sale: SaleShown,
    chain: Chain,
    entries: Vec<EntryShown>,
    proves: Words,
    check: Words,
}

#[derive(Serialize)]
struct Words {
    zh: &'static str,
    en: &'static str,
}

/// The sale in plain words.
#[derive(Serialize)]
struct SaleShown {
    sale: String,
    receipt_no: Option<String>,
    business_date: String,
    amount: String,
    state: &'static str,
    method: Option<&'static str>,
    opened_at: String,
    completed_at: Option<String>,
    payments: Vec<PaymentShown>,
}

#[derive(Serialize)]
struct PaymentShown {
    payment: String,
    method: &'static str,
    amount: String,
    code: String,
    state: String,
    provider_ref: Option<String>,
    created_at: String,
    sent_at: Option<String>,
}

/// Where in the journal the entries are: everything up to the head was recomputed when this file was made.
#[derive(Serialize)]
struct Chain {
    head_seq: u64,
    head_hash: String,
    entries_of_sale: usize,
}

/// An entry as it was sealed, and what it says.
#[derive(Serialize)]
struct EntryShown {
    seq: u64,
    till: String,
    epoch: String,
    at_ms: i64,
    actor: String,
    kind: String,
    /// The text that was hashed, as text.
    body: String,
    prev: String,
    hash: String,
    says: Says,
}

#[derive(Serialize)]
struct Says {
    time: String,
    zh: String,
    en: String,
    /// What was asked and answered, to be read; what counts stands in `body`.
    #[serde(skip_serializing_if = "Option::is_none")]
    request: Option<Box<RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reply: Option<Box<RawValue>>,
}

/// Proves the database in `path` whole and makes the evidence file of a sale in it, named by its id or its receipt's number.
/// Any thread will do; the till goes on selling.
///
/// # Errors
/// When there is no such sale, or the database is not whole: then it is no evidence.
pub fn make(path: &Path, sale: &str, now: Timestamp, watch: &Watch) -> Result<String, CommandError> {
    let refused = |message: MessageView| CommandError { message };
    let snapshot = Snapshot::open(path).map_err(|error| refused(words::open(&error)))?;
    let audit = snapshot.audit(now, watch).map_err(|error| refused(words::damage(&error.into())))?;
    of_sale(&snapshot, &audit, sale)
}

/// The same from a look at the database that was proven already.
///
/// # Errors
/// When there is no such sale, or the file cannot be read.
pub fn of_sale(snapshot: &Snapshot, audit: &Audit, sale: &str) -> Result<String, CommandError> {
    let unreadable = |damage| CommandError { message: words::damage(&damage) };
    let db: &Db = snapshot;
    let found = match ReceiptNo::parse(sale) {
        Some(receipt) => db.sale_by_receipt(receipt.as_str()),
        None => db.sale(sale),
    };
    let row = found.map_err(unreadable)?.ok_or_else(|| CommandError { message: words::scan_no_receipt() })?;
    let settings = Settings::load(db).map_err(unreadable)?;
    let sealed = db.sealed_of_sale(row.id.as_str()).map_err(unreadable)?;
    let entries = db.entries_of_sale(row.id.as_str()).map_err(unreadable)?;
    let payments = db.payments_of_sale(row.id.as_str()).map_err(unreadable)?;
    let clock = &settings.clock;
    let evidence = Evidence {
        format: "guitai.evidence.1",
        what: Words { zh: WHAT.0, en: WHAT.1 },
        program: env!("CARGO_PKG_VERSION"),
        till: db.identity().till.to_string(),
        epoch: db.identity().epoch.to_string(),
        made_at_ms: audit.at.0,
        made_at: clock.date_time_text(audit.at),
        zone: &settings.zone,
        shop_name: &settings.shop_name,
        till_name: &settings.till_name,
        chain: Chain {
            head_seq: audit.head.seq,
            head_hash: hex::encode(audit.head.hash),
            entries_of_sale: sealed.len(),
        },
        entries: sealed
            .into_iter()
            .zip(&entries)
            .map(|(sealed, entry)| shown(sealed, timeline::view(entry, clock), &entry.fact))
            .collect(),
        sale: sale_shown(&row, &payments, clock),
        proves: Words { zh: PROVES.0, en: PROVES.1 },
        check: Words { zh: CHECK.0, en: CHECK.1 },
    };
    let text = serde_json::to_string_pretty(&evidence);
    text.map(|text| text + "\n").map_err(|error| CommandError {
        message: say(
            "G-04",
            format!("凭证没有生成（{error}）"),
            format!("The evidence file was not made ({error})"),
        ),
    })
}

fn sale_shown(row: &guitai_db::SaleRow, payments: &[guitai_db::PaymentRow], clock: &ShopClock) -> SaleShown {
    SaleShown {
        sale: row.id.to_string(),
        receipt_no: row.receipt_no.clone(),
        business_date: row.business_date.clone(),
        amount: row.amount.to_string(),
        state: crate::records::sale_state_name(row),
        method: row.method.map(guitai_domain::Method::name),
        opened_at: clock.date_time_text(row.opened_at),
        completed_at: row.completed_at.map(|at| clock.date_time_text(at)),
        payments: payments
            .iter()
            .map(|payment| PaymentShown {
                payment: payment.id.to_string(),
                method: payment.method.name(),
                amount: payment.amount.to_string(),
                code: format!("***{}", payment.last_digits),
                state: state_name(payment.state),
                provider_ref: payment.provider_ref.clone(),
                created_at: clock.date_time_text(payment.created_at),
                sent_at: payment.sent_at.map(|at| clock.date_time_text(at)),
            })
            .collect(),
    }
}

fn shown(sealed: Sealed, view: TimelineView, fact: &Fact) -> EntryShown {
    let json = |text: &Option<String>| text.clone().and_then(|text| RawValue::from_string(text).ok());
    let (request, reply) = match fact {
        Fact::ProviderAnswered { answer, .. } => (json(&answer.request), json(&answer.reply)),
        _ => (None, None),
    };
    let details = |pick: fn(&MessageView) -> &String| {
        let value = |detail: &DetailView| {
            detail.said.as_ref().map_or(detail.value.clone(), |said| pick(said).clone())
        };
        let pairs = view.details.iter().map(|detail| format!("{}={}", detail.name, value(detail)));
        pairs.collect::<Vec<String>>().join(" ")
    };
    let (zh, en) = (details(|said| &said.zh), details(|said| &said.en));
    EntryShown {
        seq: sealed.seq,
        till: sealed.till,
        epoch: sealed.epoch,
        at_ms: sealed.at.0,
        actor: sealed.actor,
        kind: sealed.kind,
        body: sealed.body,
        prev: hex::encode(sealed.prev),
        hash: hex::encode(sealed.hash),
        says: Says {
            time: view.time,
            zh: format!("{} {zh}", view.title.zh).trim_end().to_owned(),
            en: format!("{} {en}", view.title.en).trim_end().to_owned(),
            request,
            reply,
        },
    }
}
