//! The states of a payment, and what can be heard about it.

/// Where a payment stands. States only move forward; [`State::is_final`] ones are never left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    /// Written down; nothing has left the till.
    Created,
    /// The request has left, or is about to.
    Sent,
    /// The customer must type a password.
    AwaitingPayer,
    /// The result is not known.
    InDoubt {
        /// What the provider said about not taking the payment, without proof.
        refusal: Option<Reason>,
    },
    /// The payment is being taken back.
    Reversing {
        /// Whether a reversal may have reached the provider. From then on the money must not stay.
        asked: bool,
        /// Whether the provider has acknowledged one, in a proven answer.
        acknowledged: bool,
    },
    /// No final word by the end of the provider's window; a manager must settle it.
    Unresolved,
    /// The money moved after the cashier had gone on without it. Somebody must say whether it stays: it is neither booked
    /// nor given back by itself.
    PaidLate,
    /// Final: the money moved.
    Captured,
    /// Final: the provider did not take the payment.
    Declined {
        /// Why.
        reason: Reason,
        /// Whether the provider has also confirmed that this payment can never be paid later.
        closing: Closing,
    },
    /// Final: no request ever left the till.
    NotSent,
    /// Final: taken back. The customer has not paid, or has the money again.
    Reversed,
    /// Final: a manager settled it by hand.
    SettledByManager {
        /// Whether the manager says that the money is there.
        paid: bool,
        /// Whether the provider has had its last word on it, which is shown against the manager's.
        closing: Closing,
    },
}

/// How far a payment that is settled for people is settled with the provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Closing {
    /// The provider must still be asked.
    Asked,
    /// There is nothing that could be paid, it seems; an answer ten minutes later must agree. Not kept over a restart.
    Vouched,
    /// Nothing more is to come.
    Done,
}

impl State {
    /// Whether the payment's result stands.
    #[must_use]
    pub fn is_final(self) -> bool {
        match self {
            State::Captured
            | State::Declined { .. }
            | State::NotSent
            | State::Reversed
            | State::SettledByManager { .. } => true,
            State::Created
            | State::Sent
            | State::AwaitingPayer
            | State::InDoubt { .. }
            | State::Reversing { .. }
            | State::Unresolved
            | State::PaidLate => false,
        }
    }

    /// Whether the payment is still on the till's mind: no result yet, or one that the provider has yet to close.
    #[must_use]
    pub fn is_unfinished(self) -> bool {
        match self {
            State::Declined { closing, .. } | State::SettledByManager { closing, .. } => {
                closing != Closing::Done
            }
            State::Created
            | State::Sent
            | State::AwaitingPayer
            | State::InDoubt { .. }
            | State::Reversing { .. }
            | State::Unresolved
            | State::PaidLate
            | State::Captured
            | State::NotSent
            | State::Reversed => !self.is_final(),
        }
    }

    /// The [names](State::name) of the states without a result.
    pub const OPEN_NAMES: [&'static str; 7] =
        ["created", "sent", "awaiting_payer", "in_doubt", "reversing", "unresolved", "paid_late"];

    /// The name in the journal, in exports and in logs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            State::Created => "created",
            State::Sent => "sent",
            State::AwaitingPayer => "awaiting_payer",
            State::InDoubt { .. } => "in_doubt",
            State::Reversing { .. } => "reversing",
            State::Unresolved => "unresolved",
            State::PaidLate => "paid_late",
            State::Captured => "captured",
            State::Declined { .. } => "declined",
            State::NotSent => "not_sent",
            State::Reversed => "reversed",
            State::SettledByManager { .. } => "settled_by_manager",
        }
    }
}

/// What a provider can be asked about a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verb {
    /// Take the money. Asked once.
    Pay,
    /// Tell the result.
    Query,
    /// Take the payment back.
    Reverse,
}

impl Verb {
    /// The name in the journal.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Verb::Pay => "pay",
            Verb::Query => "query",
            Verb::Reverse => "reverse",
        }
    }
}

/// The provider's proven word: verified, and about this payment, this amount, this merchant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Word {
    /// The money moved.
    Paid,
    /// The customer is being asked for a password.
    AwaitingPayer,
    /// Known and not paid, for now.
    Unpaid,
    /// Refused for good.
    Declined(Reason),
    /// This attempt failed; it should be taken back to be closed for good.
    Failed(Reason),
    /// Closed without payment; can never be paid.
    Closed,
    /// Taken back: closed if unpaid, returned if paid.
    Reversed,
    /// Paid, and given back since, in part or whole, by somebody on the provider's own pages.
    Refunded,
    /// A reversal was accepted. Not yet proof that it happened: a query must say so.
    ReverseAccepted,
    /// The reversal comes too late; only a refund can return the money.
    ReverseTooLate,
}

/// What the provider seems to say, in an answer that cannot be verified. Never final by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Hint {
    /// It did not do what was asked.
    Refused(Reason),
    /// It does not know this payment.
    UnknownPayment,
    /// Not now; ask again after so many ms.
    Busy(i64),
}

/// Why a call brought no answer that could be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Silence {
    /// No connection was established: no byte of the request left the till.
    NotConnected,
    /// The request may have left; no answer came in time.
    NoAnswer,
    /// An answer came that is not believed: bad signature, other id, amount, currency or merchant, or no answer of a
    /// provider at all.
    NotBelieved,
    /// The provider answered that it is in trouble.
    ServerTrouble,
}

/// Why a payment was not taken, in words a cashier can act on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// The code is older than its minute.
    CodeExpired,
    /// Not a valid code of this provider, or used before.
    CodeInvalid,
    /// Not enough money.
    NotEnough,
    /// This card cannot pay here.
    CardNotSupported,
    /// The customer cancelled, or did not type the password in time.
    PayerCancelled,
    /// The provider's rules or risk control refused.
    RefusedByProvider,
    /// The till's settings with the provider are wrong.
    Settings,
    /// The provider wants fewer requests.
    TooFrequent,
    /// The provider does not know the payment.
    NeverArrived,
    /// The provider says, in a proven answer, that it closed or took back the payment; this till had not asked for it.
    ClosedByProvider,
}

impl Reason {
    /// Every reason.
    pub const ALL: [Reason; 10] = [
        Reason::CodeExpired,
        Reason::CodeInvalid,
        Reason::NotEnough,
        Reason::CardNotSupported,
        Reason::PayerCancelled,
        Reason::RefusedByProvider,
        Reason::Settings,
        Reason::TooFrequent,
        Reason::NeverArrived,
        Reason::ClosedByProvider,
    ];

    /// The name in the journal.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Reason::CodeExpired => "code_expired",
            Reason::CodeInvalid => "code_invalid",
            Reason::NotEnough => "not_enough",
            Reason::CardNotSupported => "card_not_supported",
            Reason::PayerCancelled => "payer_cancelled",
            Reason::RefusedByProvider => "refused_by_provider",
            Reason::Settings => "settings",
            Reason::TooFrequent => "too_frequent",
            Reason::NeverArrived => "never_arrived",
            Reason::ClosedByProvider => "closed_by_provider",
        }
    }

    /// Whether it names the customer's side: the code, the balance, the card. Such a refusal is the provider's ordinary,
    /// unsigned answer to a charge; it counts with an unproven second answer that agrees (decision 0004).
    #[must_use]
    pub fn names_payer(self) -> bool {
        match self {
            Reason::CodeExpired | Reason::CodeInvalid | Reason::NotEnough | Reason::CardNotSupported => true,
            Reason::PayerCancelled
            | Reason::RefusedByProvider
            | Reason::Settings
            | Reason::TooFrequent
            | Reason::NeverArrived
            | Reason::ClosedByProvider => false,
        }
    }

    /// Whether it is about this payment at all, so that a proven "unpaid" agrees with it. A call that was refused for its key or its
    /// merchant says nothing about the order.
    #[must_use]
    pub fn is_about_the_payment(self) -> bool {
        match self {
            Reason::CodeExpired
            | Reason::CodeInvalid
            | Reason::NotEnough
            | Reason::CardNotSupported
            | Reason::PayerCancelled
            | Reason::RefusedByProvider
            | Reason::TooFrequent
            | Reason::ClosedByProvider => true,
            Reason::Settings | Reason::NeverArrived => false,
        }
    }

    /// The reason with that [`name`](Reason::name).
    #[must_use]
    pub fn from_name(name: &str) -> Option<Reason> {
        Reason::ALL.into_iter().find(|reason| reason.name() == name)
    }
}
