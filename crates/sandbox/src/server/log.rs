//! When each request's first byte came and each answer's last byte went, for whoever measures the till from outside.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use crate::Verb;

/// Requests remembered.
const KEPT: usize = 50_000;

/// One request to the provider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogEntry {
    /// Counts from 0.
    pub seq: u64,
    /// `GET` or `POST`.
    pub method: String,
    /// The path, without the query.
    pub path: String,
    /// What was asked for.
    pub verb: Verb,
    /// About which order.
    pub out_trade_no: Option<String>,
    /// When the first byte was read, microseconds since 1970.
    pub received_us: i64,
    /// When the last byte was handed to the socket; `None` while, or because, there is no answer.
    pub written_us: Option<i64>,
    /// The answer's status; `None` when none was given.
    pub status: Option<u16>,
}

/// The latest requests, oldest first.
#[derive(Default)]
pub(super) struct RequestLog(Mutex<Entries>);

#[derive(Default)]
struct Entries {
    latest: VecDeque<LogEntry>,
    next_seq: u64,
}

impl RequestLog {
    /// Notes a request; answers its number.
    pub(super) fn begin(&self, entry: LogEntry) -> u64 {
        let mut entries = self.entries();
        let seq = entries.next_seq;
        entries.next_seq += 1;
        entries.latest.push_back(LogEntry { seq, ..entry });
        if entries.latest.len() > KEPT {
            entries.latest.pop_front();
        }
        seq
    }

    /// Changes the entry of a request, if it is still kept.
    pub(super) fn note(&self, seq: u64, change: impl FnOnce(&mut LogEntry)) {
        let mut entries = self.entries();
        let first = entries.latest.front().map_or(0, |entry| entry.seq);
        let at = seq.checked_sub(first).and_then(|at| usize::try_from(at).ok());
        if let Some(entry) = at.and_then(|at| entries.latest.get_mut(at)) {
            change(entry);
        }
    }

    pub(super) fn all(&self) -> Vec<LogEntry> {
        self.entries().latest.iter().cloned().collect()
    }

    fn entries(&self) -> MutexGuard<'_, Entries> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[expect(clippy::disallowed_methods, reason = "the log says when bytes really passed")]
pub(super) fn now_us() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
}
