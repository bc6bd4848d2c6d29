//! The tables, version by version. A migration runs in one transaction: whole or not at all.

use rusqlite_migration::{HookError, M, Migrations};

/// `GUIT`: says in the file's header whose it is.
pub(crate) const APPLICATION_ID: i32 = 0x4755_4954;

/// Version 1, the first that shops use. Last month's program: none.
const V1: &str = r"
CREATE TABLE till (
    only_row   INTEGER PRIMARY KEY CHECK (only_row = 1),
    till       TEXT NOT NULL,
    epoch      TEXT NOT NULL,
    mode       TEXT NOT NULL CHECK (mode IN ('training', 'real')),
    device     TEXT NOT NULL  -- a digest of the secret kept beside the file: tells a copy from the original
) STRICT;

CREATE TABLE journal (
    seq    INTEGER PRIMARY KEY CHECK (seq > 0),
    till   TEXT NOT NULL,
    epoch  TEXT NOT NULL,
    at_ms  INTEGER NOT NULL,
    actor  TEXT NOT NULL,
    kind   TEXT NOT NULL,
    body   TEXT NOT NULL,
    sale   TEXT,
    prev   BLOB NOT NULL CHECK (length(prev) = 32),
    hash   BLOB NOT NULL CHECK (length(hash) = 32)
) STRICT;
CREATE INDEX journal_of_sale ON journal (sale, seq) WHERE sale IS NOT NULL;
CREATE TRIGGER journal_is_never_edited BEFORE UPDATE ON journal
    BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
CREATE TRIGGER journal_is_never_cut BEFORE DELETE ON journal
    BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;

CREATE TABLE setting (
    name   TEXT PRIMARY KEY,
    value  TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE sale (
    id               TEXT PRIMARY KEY,
    opened_seq       INTEGER NOT NULL,
    opened_at_ms     INTEGER NOT NULL,
    business_date    TEXT NOT NULL,
    amount_fen       INTEGER NOT NULL CHECK (amount_fen > 0),
    state            TEXT NOT NULL CHECK (state IN ('open', 'completed', 'voided')),
    method           TEXT,
    receipt_no       TEXT UNIQUE,
    completed_at_ms  INTEGER,
    hour             INTEGER,
    given_fen        INTEGER,
    change_fen       INTEGER,
    reprints         INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE INDEX sale_by_day ON sale (business_date, opened_seq);
CREATE INDEX sale_open ON sale (opened_seq) WHERE state = 'open';

CREATE TABLE payment (
    id             TEXT PRIMARY KEY,
    sale           TEXT NOT NULL REFERENCES sale (id),
    method         TEXT NOT NULL,
    amount_fen     INTEGER NOT NULL CHECK (amount_fen > 0),
    last_digits    TEXT NOT NULL CHECK (length(last_digits) <= 4),
    created_seq    INTEGER NOT NULL,
    created_at_ms  INTEGER NOT NULL,
    sent_at_ms     INTEGER,
    state          TEXT NOT NULL,
    reason         TEXT,
    asked          INTEGER NOT NULL DEFAULT 0,
    acknowledged   INTEGER NOT NULL DEFAULT 0,
    closed         INTEGER NOT NULL DEFAULT 0,
    provider_ref   TEXT,
    ended_at_ms    INTEGER
) STRICT, WITHOUT ROWID;
-- One open payment per sale: the rule that no second charge can slip past.
CREATE UNIQUE INDEX payment_open_once ON payment (sale)
    WHERE state IN ('created', 'sent', 'awaiting_payer', 'in_doubt', 'reversing', 'unresolved');
-- And money once per sale.
CREATE UNIQUE INDEX payment_captured_once ON payment (sale) WHERE state = 'captured';
CREATE INDEX payment_of_sale ON payment (sale, created_seq);
CREATE INDEX payment_wants_calls ON payment (created_seq)
    WHERE state IN ('created', 'sent', 'awaiting_payer', 'in_doubt', 'reversing', 'unresolved')
       OR (state = 'declined' AND closed = 0);
";

/// Version 2: payments set aside, money that came late, what a manager settled. Last month's program: refuses the file.
const V2: &str = r"
-- Nobody at the counter waits for it any more.
ALTER TABLE payment ADD COLUMN set_aside INTEGER NOT NULL DEFAULT 0;
-- The provider has answered about it, with proof or without.
ALTER TABLE payment ADD COLUMN answered INTEGER NOT NULL DEFAULT 0;
-- Its money came when nobody waited.
ALTER TABLE payment ADD COLUMN late INTEGER NOT NULL DEFAULT 0;
-- Settled by a manager: whether the money is there, says the manager.
ALTER TABLE payment ADD COLUMN settled_paid INTEGER NOT NULL DEFAULT 0;
-- The provider's proven word against the record, until a manager has looked at it.
ALTER TABLE payment ADD COLUMN contradicted TEXT;

DROP INDEX payment_open_once;
CREATE UNIQUE INDEX payment_open_once ON payment (sale)
    WHERE state IN ('created', 'sent', 'awaiting_payer', 'in_doubt', 'reversing', 'unresolved', 'paid_late');
DROP INDEX payment_captured_once;
CREATE UNIQUE INDEX payment_captured_once ON payment (sale)
    WHERE state = 'captured' OR (state = 'settled_by_manager' AND settled_paid = 1);
DROP INDEX payment_wants_calls;
CREATE INDEX payment_unfinished ON payment (created_seq)
    WHERE state IN ('created', 'sent', 'awaiting_payer', 'in_doubt', 'reversing', 'unresolved', 'paid_late')
       OR (state IN ('declined', 'settled_by_manager') AND closed = 0);
CREATE INDEX payment_contradicted ON payment (created_seq) WHERE contradicted IS NOT NULL;

-- The entry that completed it: which receipt was the last does not depend on any clock.
ALTER TABLE sale ADD COLUMN completed_seq INTEGER;
CREATE INDEX sale_completed ON sale (completed_seq) WHERE completed_seq IS NOT NULL;

-- Wrong tries at the manager's PIN since the last right one.
CREATE TABLE manager (
    only_row  INTEGER PRIMARY KEY CHECK (only_row = 1),
    misses    INTEGER NOT NULL
) STRICT;
";

/// All migrations in order; the file's `user_version` says how many it has seen.
pub(crate) fn migrations() -> Migrations<'static> {
    // What version 2 adds stands in the journal already.
    let refill = |tx: &rusqlite::Transaction<'_>| match crate::derive::refill(tx, tx) {
        Ok(_) => Ok(()),
        Err(error) => Err(HookError::Hook(error.to_string())),
    };
    Migrations::new(vec![M::up(V1), M::up_with_hook(V2, refill)])
}

/// How many versions this program knows.
pub(crate) const VERSION: i64 = 2;
