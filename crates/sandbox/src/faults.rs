//! What may go wrong between till and provider, switched on for the next requests.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::obstinate::Word;

/// One fault. As JSON: `"drop_answer"`, `{"delay": {"ms": 3000}}`, `{"status": {"code": 503}}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// The request is processed at once; the answer comes late.
    Delay {
        /// How late.
        ms: u64,
    },
    /// The connection closes and the request is never processed.
    DropRequest,
    /// The request is processed and the connection closes without an answer.
    DropAnswer,
    /// The request arrives twice and is processed twice; the second answer is delivered.
    Duplicate,
    /// An answer of the order's earlier state, properly signed: answers that overtook each other.
    StaleAnswer,
    /// One byte of the body flips after signing.
    Corrupt,
    /// Signed by somebody else's key.
    Forge,
    /// The provider's own probe: a signature that begins with `WECHATPAY/SIGNTEST/`.
    SignatureProbe,
    /// Another amount, properly signed.
    WrongAmount,
    /// Another order's number, properly signed.
    WrongOrder,
    /// Another merchant's id, properly signed.
    WrongMerchant,
    /// Another currency, properly signed.
    WrongCurrency,
    /// Another application id, properly signed.
    WrongAppid,
    /// Signed ten minutes ago (v3 only: v2 answers carry no time).
    StaleTimestamp,
    /// The signed answer that was given for another order.
    Replay,
    /// This HTTP status instead of an answer; the request is not processed.
    Status {
        /// The status.
        code: u16,
        /// Seconds in a `Retry-After` header.
        #[serde(default)]
        retry_after_s: Option<u32>,
    },
    /// 200 with somebody's log-in page; the request is not processed.
    CaptivePortal,
    /// 200 without a body or signature; the request is not processed.
    EmptyOk,
    /// 200 with eight megabytes; the request is not processed.
    HugeBody,
    /// 302 to somewhere else; the request is not processed.
    Redirect,
    /// The connection stands, and nothing ever comes back; the request is not processed.
    HalfOpen,
    /// The request is processed, and then nothing ever comes back on the standing connection.
    SilentAnswer,
    /// No connection at all.
    Unreachable,
    /// 400 `PARAM_ERROR` although the money moved. A charge that did not move money gets its true answer.
    ErrorButCharged,
    /// Somebody between till and provider answers as if everything were paid; the request never arrives. Every field is
    /// right, the signature is of another key.
    Impostor,
    /// A reversal is acknowledged, properly signed, and not done. Other requests are processed as usual.
    HollowReverse,
    /// A query or a reversal is answered, properly signed, as if the order had never come; the reversal is not done. So for
    /// five minutes after the order came: an older order, and any other request, is processed as usual.
    NotKnownYet,
    /// An answer that tells this state of the order, properly signed, whatever is so; the request is not processed.
    Tells {
        /// The state: one of [`Word::STATES`].
        state: Word,
    },
    /// An answer that refuses with this code; the request is not processed. v3 does not sign it, v2 does, without a number.
    Refuses {
        /// The HTTP status, for v3.
        status: u16,
        /// The code: one of [`Word::CODES`].
        code: Word,
    },
}

impl Fault {
    /// The name as in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Fault::Delay { .. } => "delay",
            Fault::DropRequest => "drop_request",
            Fault::DropAnswer => "drop_answer",
            Fault::Duplicate => "duplicate",
            Fault::StaleAnswer => "stale_answer",
            Fault::Corrupt => "corrupt",
            Fault::Forge => "forge",
            Fault::SignatureProbe => "signature_probe",
            Fault::WrongAmount => "wrong_amount",
            Fault::WrongOrder => "wrong_order",
            Fault::WrongMerchant => "wrong_merchant",
            Fault::WrongCurrency => "wrong_currency",
            Fault::WrongAppid => "wrong_appid",
            Fault::StaleTimestamp => "stale_timestamp",
            Fault::Replay => "replay",
            Fault::Status { .. } => "status",
            Fault::CaptivePortal => "captive_portal",
            Fault::EmptyOk => "empty_ok",
            Fault::HugeBody => "huge_body",
            Fault::Redirect => "redirect",
            Fault::HalfOpen => "half_open",
            Fault::SilentAnswer => "silent_answer",
            Fault::Unreachable => "unreachable",
            Fault::ErrorButCharged => "error_but_charged",
            Fault::Impostor => "impostor",
            Fault::HollowReverse => "hollow_reverse",
            Fault::NotKnownYet => "not_known_yet",
            Fault::Tells { .. } => "tells",
            Fault::Refuses { .. } => "refuses",
        }
    }
}

/// Which requests a fault waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verb {
    /// A charge.
    Pay,
    /// A query of an order.
    Query,
    /// A reverse.
    Reverse,
    /// A refund or the query of one.
    Refund,
    /// The connection self-test.
    Echo,
    /// Every request to the provider.
    Any,
}

impl Verb {
    /// What a request to this path asks for; `Any` when it is none of the others.
    pub fn of(path: &str) -> Verb {
        match path {
            "/v3/pay/transactions/codepay" | "/pay/micropay" => Verb::Pay,
            "/pay/orderquery" => Verb::Query,
            "/secapi/pay/reverse" => Verb::Reverse,
            "/v3/security/echo" => Verb::Echo,
            "/secapi/pay/refund" | "/pay/refundquery" => Verb::Refund,
            _ if path.starts_with("/v3/refund/") => Verb::Refund,
            _ if path.starts_with("/v3/pay/transactions/") && path.ends_with("/reverse") => Verb::Reverse,
            _ if path.starts_with("/v3/pay/transactions/") => Verb::Query,
            _ => Verb::Any,
        }
    }

    fn covers(self, verb: Verb) -> bool {
        self == Verb::Any || self == verb
    }
}

/// The faults that wait, first in, first out.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct FaultQueue(VecDeque<Waiting>);

#[derive(Clone, Serialize, Deserialize)]
struct Waiting {
    fault: Fault,
    verb: Verb,
    times: u32,
}

impl FaultQueue {
    pub(crate) fn push(&mut self, fault: Fault, verb: Verb, times: u32) {
        if times > 0 {
            self.0.push_back(Waiting { fault, verb, times });
        }
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// The first fault that waits for this verb. A request meets one fault at most.
    pub(crate) fn take(&mut self, verb: Verb) -> Option<Fault> {
        let at = self.0.iter().position(|waiting| waiting.verb.covers(verb))?;
        let waiting = &mut self.0[at];
        let fault = waiting.fault;
        waiting.times -= 1;
        if waiting.times == 0 {
            self.0.remove(at);
        }
        Some(fault)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_wait_in_line_for_their_verb() {
        let mut queue = FaultQueue::default();
        queue.push(Fault::DropAnswer, Verb::Query, 2);
        queue.push(Fault::Forge, Verb::Any, 1);

        assert_eq!(queue.take(Verb::Pay), Some(Fault::Forge), "the first one waits for a query");
        assert_eq!(queue.take(Verb::Pay), None);
        assert_eq!(queue.take(Verb::Query), Some(Fault::DropAnswer));
        assert_eq!(queue.take(Verb::Query), Some(Fault::DropAnswer));
        assert_eq!(queue.take(Verb::Query), None, "two times, no more");
    }

    #[test]
    fn paths_name_their_verbs() {
        for (path, verb) in [
            ("/v3/pay/transactions/codepay", Verb::Pay),
            ("/v3/pay/transactions/out-trade-no/ABC123", Verb::Query),
            ("/v3/pay/transactions/id/4200001", Verb::Query),
            ("/v3/pay/transactions/out-trade-no/ABC123/reverse", Verb::Reverse),
            ("/v3/refund/domestic/refunds", Verb::Refund),
            ("/v3/certificates", Verb::Any),
            ("/pay/micropay", Verb::Pay),
            ("/secapi/pay/reverse", Verb::Reverse),
        ] {
            assert_eq!(Verb::of(path), verb, "{path}");
        }
    }
}
