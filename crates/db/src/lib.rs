//! The SQLite file: the journal, and the tables derived from it.
//!
//! The journal is the truth: one append-only table whose entries are chained by their hashes. Every other table is
//! derived from it in the same transaction and can be rebuilt at any time. A [`Fact`] is what happened, an [`Entry`]
//! is a fact as it stands in the journal.
//!
//! Deliberately not here: what follows from a fact. That is the register's business.

mod audit;
mod backup;
mod derive;
mod epoch;
mod error;
mod fact;
mod finding;
mod history;
mod journal;
mod manager;
mod open;
mod payment;
mod replica;
mod report;
mod sale;
mod salvage;
mod schema;
mod setting;
mod snapshot;
mod walk;
mod witness;

pub use epoch::{Missing, NewEpoch, Why};
pub use error::{Damage, OpenError, WriteError};
pub use fact::{AnswerRecord, Fact, StateRecord};
pub use finding::{Audit, AuditError, Finding, Watch};
pub use history::{HistoryQuery, HistoryState};
pub use journal::{ChainHead, Entry, Sealed};
pub use open::{Db, Identity, Mode};
pub use payment::PaymentRow;
pub use report::{DayReport, HourTotal, LateMoney, MethodTotal};
pub use sale::{SaleRow, SaleState};
pub use salvage::{Finds, Salvage};
pub use snapshot::Snapshot;
pub use walk::Verified;
pub use witness::{Standing, Witness};
