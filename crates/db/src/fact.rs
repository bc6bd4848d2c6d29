//! What can happen at a till, as it is written down.
//!
//! The body of an entry is the fact's fields as JSON in the order given here: that text is what the hash covers.
//! Fields are only ever added, and optional ones are left out when empty, so that old entries keep their hashes.

use guitai_domain::payment::{Closing, Reason, State};
use guitai_domain::{Fen, Method, PaymentId, SaleId};
use serde::{Deserialize, Serialize};

/// Something that happened. Nothing personal is in here: no payment code beyond four digits, no payer's id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "body")]
pub enum Fact {
    /// The program started with this file.
    #[serde(rename = "till.started")]
    TillStarted {
        /// The program's version.
        version: String,
    },
    /// The till goes on in a new epoch: its file was restored, copied or taken over. The table `till` says the same.
    #[serde(rename = "till.epoch_started")]
    TillEpochStarted {
        /// The new epoch.
        epoch: String,
        /// Why: `behind`, `forked`, `moved`, `restored`, `adopted`.
        why: String,
        /// The first entry known to be missing.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        missing_from: Option<u64>,
        /// The last entry known to be missing.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        missing_to: Option<u64>,
        /// The time of the last entry before the gap, UTC ms.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        since_ms: Option<i64>,
        /// The time of the last entry known to be missing, UTC ms.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        until_ms: Option<i64>,
        /// The last receipt's number that may have been given to a customer. The next of that day comes after it.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        receipt_no: Option<String>,
    },
    /// A setting has a new value.
    #[serde(rename = "setting.changed")]
    SettingChanged {
        /// Which.
        name: String,
        /// Its new value; never a secret.
        value: String,
    },
    /// The amount of a sale stands.
    #[serde(rename = "sale.opened")]
    SaleOpened {
        /// The sale.
        sale: String,
        /// What is due, in fen.
        amount_fen: i64,
        /// The business date so far; the day of payment decides.
        business_date: String,
    },
    /// A sale was given up before any money moved.
    #[serde(rename = "sale.voided")]
    SaleVoided {
        /// The sale.
        sale: String,
    },
    /// A sale is paid in full.
    #[serde(rename = "sale.completed")]
    SaleCompleted {
        /// The sale.
        sale: String,
        /// How it was paid.
        method: String,
        /// The receipt's number.
        receipt_no: String,
        /// The business date it belongs to.
        business_date: String,
        /// The hour of the clock, 0 to 23.
        hour: u32,
        /// Cash given by the customer, in fen.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        given_fen: Option<i64>,
        /// Cash given back, in fen.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        change_fen: Option<i64>,
    },
    /// A payment was made up; nothing has left the till.
    #[serde(rename = "payment.created")]
    PaymentCreated {
        /// The payment.
        payment: String,
        /// The sale it is for.
        sale: String,
        /// How.
        method: String,
        /// How much, in fen.
        amount_fen: i64,
        /// The last four digits of the code.
        last_digits: String,
        /// Which device read the code.
        device: String,
        /// What stands for the code, in hex: keyed by the device's secret, so that the same code is not charged again after a
        /// restart. Without the secret it tells nothing.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        code_mark: Option<String>,
    },
    /// A payment is in another state.
    #[serde(rename = "payment.moved")]
    PaymentMoved {
        /// The payment.
        payment: String,
        /// The sale it is for.
        sale: String,
        /// The state it is in.
        state: StateRecord,
        /// What moved it, such as `answer`, `cashier`, `restart`.
        by: String,
        /// The provider's own number, once it says it has the money.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        provider_ref: Option<String>,
    },
    /// A call to the provider ended.
    #[serde(rename = "provider.answered")]
    ProviderAnswered {
        /// The payment asked about.
        payment: String,
        /// The sale it is for.
        sale: String,
        /// How it ended.
        answer: AnswerRecord,
    },
    /// The cashier has gone on without a payment that has no result yet.
    #[serde(rename = "payment.set_aside")]
    PaymentSetAside {
        /// The payment.
        payment: String,
        /// The sale it is for.
        sale: String,
    },
    /// The cashier waits for it again.
    #[serde(rename = "payment.taken_up")]
    PaymentTakenUp {
        /// The payment.
        payment: String,
        /// The sale it is for.
        sale: String,
    },
    /// A manager says how a payment ended that the provider has not settled. The move to the new state follows.
    #[serde(rename = "payment.settled")]
    PaymentSettled {
        /// The payment.
        payment: String,
        /// The sale it is for.
        sale: String,
        /// Whether the money is there.
        paid: bool,
        /// Why the manager says so.
        reason: String,
    },
    /// A manager has looked at a contradiction and says what became of it.
    #[serde(rename = "payment.reviewed")]
    PaymentReviewed {
        /// The payment.
        payment: String,
        /// The sale it is for.
        sale: String,
        /// What became of it.
        reason: String,
    },
    /// From here on money goes to this merchant, or is asked for with these settings. No secret is in here.
    #[serde(rename = "provider.changed")]
    ProviderChanged {
        /// The kind of settings, such as `wechat_pay_v3`.
        provider: String,
        /// The merchant's number, its middle hidden.
        merchant: String,
        /// What tells the merchant and app from any other.
        mark: String,
        /// The merchant before, its middle hidden, where there was one.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        before: Option<String>,
        /// Who: `manager`; `set_up` for the first; `kept` where new ones could not be sealed after all; `found` where the program
        /// found other settings than it left.
        by: String,
    },
    /// The manager's PIN is new. The PIN itself is nowhere in here.
    #[serde(rename = "manager.pin_set")]
    ManagerPinSet {},
    /// Somebody typed a wrong PIN.
    #[serde(rename = "manager.missed")]
    ManagerMissed {},
    /// The manager's PIN was right, after misses.
    #[serde(rename = "manager.recognised")]
    ManagerRecognised {},
    /// The computer's clock is not believed; the till goes by its own count of time.
    #[serde(rename = "clock.doubted")]
    ClockDoubted {
        /// How far the computer's clock is ahead of the till's, in ms.
        ahead_ms: i64,
    },
    /// The till goes by the computer's clock again.
    #[serde(rename = "clock.believed")]
    ClockBelieved {
        /// Who vouches for it: `provider`, `manager`, or `itself`.
        by: String,
        /// How far the till's time jumps with it, in ms.
        moved_ms: i64,
    },
    /// The provider's proven word contradicts what the till has settled on. A manager must look at it.
    #[serde(rename = "payment.contradicted")]
    PaymentContradicted {
        /// The payment.
        payment: String,
        /// The sale it is for.
        sale: String,
        /// What the till had.
        state: String,
        /// What the provider says.
        word: String,
    },
    /// A receipt was printed again.
    #[serde(rename = "receipt.reprinted")]
    ReceiptReprinted {
        /// The sale.
        sale: String,
        /// The how-manieth copy this is, from 1.
        copy: u32,
    },
}

/// A payment's state in the journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StateRecord {
    /// The state's name.
    pub name: String,
    /// Why declined, or what the provider said without proof.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reason: Option<String>,
    /// Reversing: whether a reversal may have left.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub asked: bool,
    /// Reversing: whether one was acknowledged.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub acknowledged: bool,
    /// Declined, or settled by a manager: whether the provider has closed it for good.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub closed: bool,
    /// Settled by a manager: whether the money is there.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub paid: bool,
}

/// How a call to the provider ended: enough for a dispute, nothing personal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnswerRecord {
    /// `pay`, `query` or `reverse`.
    pub verb: String,
    /// When the request left, UTC ms.
    pub asked_at_ms: i64,
    /// How long the answer took, in ms.
    pub took_ms: i64,
    /// What was understood, such as `paid` or `no_answer`.
    pub heard: String,
    /// The HTTP status; 0 where there was no answer.
    pub status: u16,
    /// The provider's own code.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub provider_code: Option<String>,
    /// The provider's number for the request, for its support.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub request_id: Option<String>,
    /// Why the answer was not believed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub disbelief: Option<String>,
    /// What was asked, as compact JSON without secrets.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub request: Option<String>,
    /// What was answered, likewise.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reply: Option<String>,
}

impl AnswerRecord {
    /// Whether the provider said something about the payment, proven or not.
    pub(crate) fn is_an_answer(&self) -> bool {
        !matches!(
            self.heard.as_str(),
            "not_connected" | "no_answer" | "not_believed" | "server_trouble" | "busy"
        )
    }
}

impl Fact {
    /// The sale it is about, if any.
    #[must_use]
    pub fn sale(&self) -> Option<&str> {
        match self {
            Fact::TillStarted { .. }
            | Fact::TillEpochStarted { .. }
            | Fact::SettingChanged { .. }
            | Fact::ProviderChanged { .. }
            | Fact::ManagerPinSet {}
            | Fact::ManagerMissed {}
            | Fact::ManagerRecognised {}
            | Fact::ClockDoubted { .. }
            | Fact::ClockBelieved { .. } => None,
            Fact::PaymentSetAside { sale, .. }
            | Fact::PaymentTakenUp { sale, .. }
            | Fact::PaymentSettled { sale, .. }
            | Fact::PaymentReviewed { sale, .. }
            | Fact::SaleOpened { sale, .. }
            | Fact::SaleVoided { sale }
            | Fact::SaleCompleted { sale, .. }
            | Fact::PaymentCreated { sale, .. }
            | Fact::PaymentMoved { sale, .. }
            | Fact::ProviderAnswered { sale, .. }
            | Fact::PaymentContradicted { sale, .. }
            | Fact::ReceiptReprinted { sale, .. } => Some(sale),
        }
    }

    /// A payment's new state.
    #[must_use]
    pub fn moved(
        payment: &PaymentId,
        sale: &SaleId,
        state: State,
        by: &str,
        provider_ref: Option<String>,
    ) -> Fact {
        Fact::PaymentMoved {
            payment: payment.to_string(),
            sale: sale.to_string(),
            state: state.into(),
            by: by.to_owned(),
            provider_ref,
        }
    }

    /// A sale whose amount stands.
    #[must_use]
    pub fn opened(sale: &SaleId, amount: Fen, business_date: guitai_domain::BusinessDate) -> Fact {
        Fact::SaleOpened {
            sale: sale.to_string(),
            amount_fen: amount.0,
            business_date: business_date.to_string(),
        }
    }

    /// A payment made up for a sale.
    #[must_use]
    pub fn created(
        payment: &PaymentId,
        sale: &SaleId,
        method: Method,
        amount: Fen,
        last: String,
        device: &str,
        code_mark: String,
    ) -> Fact {
        Fact::PaymentCreated {
            payment: payment.to_string(),
            sale: sale.to_string(),
            method: method.name().to_owned(),
            amount_fen: amount.0,
            last_digits: last,
            device: device.to_owned(),
            code_mark: Some(code_mark),
        }
    }
}

impl From<State> for StateRecord {
    fn from(state: State) -> Self {
        let mut record = StateRecord {
            name: state.name().to_owned(),
            reason: None,
            asked: false,
            acknowledged: false,
            closed: false,
            paid: false,
        };
        match state {
            State::InDoubt { refusal } => record.reason = refusal.map(|reason| reason.name().to_owned()),
            State::Reversing { asked, acknowledged } => {
                record.asked = asked;
                record.acknowledged = acknowledged;
            }
            State::Declined { reason, closing } => {
                record.reason = Some(reason.name().to_owned());
                record.closed = closing == Closing::Done;
            }
            State::SettledByManager { paid, closing } => {
                record.paid = paid;
                record.closed = closing == Closing::Done;
            }
            State::Created
            | State::Sent
            | State::AwaitingPayer
            | State::Unresolved
            | State::PaidLate
            | State::Captured
            | State::NotSent
            | State::Reversed => {}
        }
        record
    }
}

impl StateRecord {
    /// The state, or `None` where no version of this program wrote such a record.
    #[must_use]
    pub fn state(&self) -> Option<State> {
        let reason = match &self.reason {
            Some(name) => Some(Reason::from_name(name)?),
            None => None,
        };
        let closing = if self.closed { Closing::Done } else { Closing::Asked };
        Some(match self.name.as_str() {
            "created" => State::Created,
            "sent" => State::Sent,
            "awaiting_payer" => State::AwaitingPayer,
            "in_doubt" => State::InDoubt { refusal: reason },
            "reversing" => State::Reversing { asked: self.asked, acknowledged: self.acknowledged },
            "unresolved" => State::Unresolved,
            "paid_late" => State::PaidLate,
            "captured" => State::Captured,
            "declined" => State::Declined { reason: reason?, closing },
            "not_sent" => State::NotSent,
            "reversed" => State::Reversed,
            "settled_by_manager" => State::SettledByManager { paid: self.paid, closing },
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_reads_back_as_it_was_written() {
        let mut states = vec![
            State::Created,
            State::Sent,
            State::AwaitingPayer,
            State::InDoubt { refusal: None },
            State::Unresolved,
            State::Captured,
            State::NotSent,
            State::Reversed,
            State::PaidLate,
        ];
        for closing in [Closing::Asked, Closing::Done] {
            states.extend(Reason::ALL.map(|reason| State::Declined { reason, closing }));
            states.extend([true, false].map(|paid| State::SettledByManager { paid, closing }));
        }
        states.extend(Reason::ALL.map(|reason| State::InDoubt { refusal: Some(reason) }));
        for asked in [false, true] {
            states.push(State::Reversing { asked, acknowledged: asked });
        }

        for state in states {
            assert_eq!(StateRecord::from(state).state(), Some(state));
        }
    }
}
