//! The guard behind every device: what was read, when, by what, and whether money may follow from it.
//!
//! Only a whole payment code that was read within the last minute, on an amount that stands, and that was never charged
//! here, moves money. Everything else is named and charges nothing. What a device *still* sees is not said twice: a
//! phone left before a camera neither charges nor scolds.

use guitai_domain::payment::State;
use guitai_domain::{PaymentCode, SaleId, Scan};

use super::codes::{Digest, Known};
use super::{Counter, Now, Register};
use crate::view::{MessageView, NoticeView};
use crate::words;

/// A code is good for a minute from when it was read; its wallet may have shown it for a while before that.
pub(super) const READ_MS_MAX: i64 = 60_000;

/// The same text again within this time is one look, not two.
const STILL_THERE_MS: i64 = 1_500;

/// What a device read, as the register is told of it.
///
/// The text may be a payment code: it belongs to the caller, who wipes it, and is not printed.
#[derive(Clone, Copy)]
pub struct Reading<'a> {
    /// What stands in the code. Empty for one that broke off.
    pub text: &'a str,
    /// How many of its characters had been taken for typing.
    pub undo: u32,
    /// By which device, as the journal has it: `keyboard`, `serial:Zebra DS2208`.
    pub device: &'a str,
    /// When it was read, by the till's steady clock.
    pub read_at_ms: i64,
}

impl std::fmt::Debug for Reading<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reading")
            .field("text", &"***")
            .field("undo", &self.undo)
            .field("device", &self.device)
            .field("read_at_ms", &self.read_at_ms)
            .finish()
    }
}

/// The text that was read last, and when.
#[derive(Clone, Copy)]
pub(super) struct Sight {
    digest: Digest,
    at_ms: i64,
}

impl Register {
    /// A device read `text` at this moment; see [`Register::take_reading`].
    pub fn scan(&mut self, text: &str, undo: u32, device: &str, now: Now) -> Option<SaleId> {
        self.take_reading(&Reading { text, undo, device, read_at_ms: now.steady_ms }, now)
    }

    /// A device has read something; `undo` of its characters had been taken for typing and are taken back first.
    ///
    /// Returns the sale to open when it was a receipt of this till. While scanners are tried, nothing is done about it.
    pub fn take_reading(&mut self, reading: &Reading<'_>, now: Now) -> Option<SaleId> {
        if self.tries(reading) {
            self.show();
            return None;
        }
        let shown = self.notice.take();
        let now = self.take_time(now);
        let still_there = self.is_still_there(reading);
        self.take_back_keys(reading.undo, now);
        if let Counter::Paying { confirming, .. } = &mut self.counter {
            // Its first digit may have been the key that asked; the cashier did not.
            *confirming = false;
        }
        let opened = self.follow(reading, now);
        if still_there && says_the_same(shown.as_ref(), self.notice.as_ref()) {
            self.notice = shown;
        }
        self.show();
        opened
    }

    fn follow(&mut self, reading: &Reading<'_>, now: Now) -> Option<SaleId> {
        match Scan::recognise(reading.text) {
            Scan::Payment(code) => {
                self.scan_payment(&code, reading, now);
                None
            }
            Scan::Receipt(number) => {
                let found = self.db.sale_by_receipt(number.as_str()).ok().flatten();
                if found.is_none() {
                    self.refuse(words::scan_no_receipt());
                }
                found.map(|sale| sale.id)
            }
            other @ (Scan::Goods | Scan::Incomplete | Scan::Unknown) => {
                self.refuse(words::not_a_payment_code(&other, reading.text));
                None
            }
        }
    }

    fn scan_payment(&mut self, code: &PaymentCode, reading: &Reading<'_>, now: Now) {
        let known = self.codes.see(&self.codes.digest(code.reveal()), now.steady_ms);
        let no_codes = self.no_codes();
        let (sale, amount) = match (self.counter.clone(), known) {
            (Counter::Paying { payment, .. }, _) if self.is_undecided(&payment) => {
                return match known {
                    Known::Again | Known::Used => self.say(words::scan_again_ignored(), false),
                    Known::New => self.refuse(words::scan_while_open()),
                };
            }
            (Counter::Armed { .. }, Known::Again) if no_codes.is_some() => {
                return no_codes.map_or((), |why| self.refuse(why.refusal()));
            }
            // It is told what to do, without a noise: a camera may still look at the last customer's phone.
            (_, Known::Again) | (Counter::Finished { .. }, Known::Used) => {
                return self.say(words::scan_used(), false);
            }
            (Counter::Armed { sale, amount }, Known::New | Known::Used) => (sale, amount),
            (Counter::Paying { sale, payment, .. }, Known::New | Known::Used) => {
                match self.payment_state(&payment) {
                    Some((State::Captured | State::SettledByManager { paid: true, .. }, _)) | None => {
                        return self.refuse(words::scan_without_amount());
                    }
                    Some((_, amount)) => (sale, amount),
                }
            }
            (Counter::Cash { .. }, Known::New | Known::Used) => return self.refuse(words::scan_in_cash()),
            (
                Counter::Idle | Counter::Entering { .. } | Counter::Confirming { .. },
                Known::New | Known::Used,
            )
            | (Counter::Finished { .. }, Known::New) => return self.refuse(words::scan_without_amount()),
        };
        match self.charge_reading(&sale, amount, code, reading, now) {
            Ok(payment) => self.counter = Counter::Paying { sale, payment, confirming: false },
            Err(message) => self.refuse(message),
        }
    }

    /// Whether a picture may be read: only where the till waits for a code. A picture that lies about must not charge.
    ///
    /// # Errors
    /// Why not.
    pub fn takes_pictures(&self) -> Result<(), MessageView> {
        match &self.counter {
            _ if self.is_testing() => Ok(()),
            Counter::Armed { .. } => self.no_codes().map_or(Ok(()), |why| Err(why.refusal())),
            Counter::Paying { payment, .. } if self.is_undecided(payment) => Err(words::scan_while_open()),
            Counter::Cash { .. } => Err(words::scan_in_cash()),
            Counter::Idle
            | Counter::Entering { .. }
            | Counter::Confirming { .. }
            | Counter::Paying { .. }
            | Counter::Finished { .. } => Err(words::picture_without_amount()),
        }
    }

    /// Says at the counter why a picture was not taken.
    pub fn refuse_picture(&mut self, why: MessageView) {
        self.refuse(why);
    }

    /// Whether the payment at the counter may still turn out either way: one charge at a time.
    fn is_undecided(&self, payment: &guitai_domain::PaymentId) -> bool {
        match self.payment_state(payment) {
            Some((
                State::Created
                | State::Sent
                | State::AwaitingPayer
                | State::InDoubt { .. }
                | State::Reversing { .. }
                | State::Unresolved
                | State::PaidLate,
                _,
            )) => true,
            Some((
                State::Declined { .. }
                | State::NotSent
                | State::Reversed
                | State::Captured
                | State::SettledByManager { .. },
                _,
            ))
            | None => false,
        }
    }

    /// Whether this is what was read a moment ago, still held there.
    fn is_still_there(&mut self, reading: &Reading<'_>) -> bool {
        let digest = self.codes.digest(reading.text);
        let sight = Sight { digest, at_ms: reading.read_at_ms };
        self.last_sight.replace(sight).is_some_and(|before| {
            before.digest == digest && (0..STILL_THERE_MS).contains(&(sight.at_ms - before.at_ms))
        })
    }

    /// The last keys were the beginning of a scan: the counter is as it was before them.
    fn take_back_keys(&mut self, undo: u32, now: Now) {
        let keep = self.before_keys.len().saturating_sub(undo as usize);
        let before = self.before_keys.drain(keep..).next();
        self.before_keys.clear();
        if let Some(before) = before {
            // One of them may have set a payment aside that the cashier still waits for.
            if let Counter::Paying { payment, .. } = &before
                && let Err(error) = self.take_up_again(&payment.clone(), now)
            {
                return self.refuse(words::write(&error));
            }
            self.counter = before;
        }
    }
}

fn says_the_same(before: Option<&NoticeView>, after: Option<&NoticeView>) -> bool {
    match (before, after) {
        (Some(before), Some(after)) => (before.refusal, &before.message) == (after.refusal, &after.message),
        (Some(_), None) | (None, Some(_) | None) => false,
    }
}
