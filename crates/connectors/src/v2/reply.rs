//! Reads APIv2 replies: first transport, then signature, then business (`m2/4011937125`, `m2/4011937320`, `m2/4011937361`).
//!
//! Refusals are signed too, but carry no order number: that one is an answer to this very call is TLS's word. So a refusal
//! is a hint, like v3's unsigned ones, and the query decides. Two words are taken from an answer without a number, because
//! nothing ends with them: that the customer is typing the password, and that a reversal was accepted.

use guitai_domain::Timestamp;
use guitai_domain::payment::{Hint, Reason, Silence, Verb, Word};

use super::{WechatPayV2, xml};
use crate::connector::Verdict;
use crate::wechat::{Meaning, RULES, meaning, word};
use crate::{Asked, Disbelief, Heard, HttpReply, Note, Reading, SettingsFault, clean, shown};

const TROUBLE: Heard = Heard::Silence(Silence::ServerTrouble);

impl WechatPayV2 {
    pub(super) fn read_reply(
        &self,
        verb: Verb,
        asked: &Asked<'_>,
        reply: &HttpReply,
        now: Timestamp,
    ) -> Reading {
        let mut note = Note {
            status: reply.status,
            request_id: reply.header("Request-ID").and_then(clean::reference),
            clock_offset_ms: clean::clock_offset_ms(reply, now),
            shown: Some(shown::answer(reply, shown::told_v2(&reply.body))),
            ..Note::default()
        };
        let verdict = match reply.status {
            200 => self.answered(verb, asked, reply, &mut note),
            429 => Ok(Heard::Hint(Hint::Busy(RULES.poll_ms))),
            300..=399 => Err(Disbelief::Redirect),
            500.. => Ok(TROUBLE),
            // Errors of the provider come with 200; anything else is somebody between us.
            0..=499 => Err(Disbelief::NotAProvider),
        };
        note.reading(verdict)
    }

    fn answered(&self, verb: Verb, asked: &Asked<'_>, reply: &HttpReply, note: &mut Note) -> Verdict {
        let answer = match self.signed_answer(&reply.body)? {
            Signed::Answer(answer) => answer,
            Signed::Refusal { code } => {
                let trouble = code.as_deref().is_some_and(|code| meaning(code) == Meaning::Trouble);
                note.provider_code = code;
                // Its texts tell more, but texts change: whatever it was, the call as we send it is not taken.
                return Ok(if trouble { TROUBLE } else { Heard::Hint(Hint::Refused(Reason::Settings)) });
            }
        };
        note.provider_code =
            answer.trade_state.as_deref().or(answer.err_code.as_deref()).and_then(clean::code);
        note.provider_ref = answer.transaction_id.as_deref().and_then(clean::reference);
        self.is_about(&answer, asked)?;
        // The state decides, not the result code (m2/4011937320), whatever was asked: an order that was paid and taken back
        // still carries all the fields of a paid one.
        if let (Verb::Pay | Verb::Query, Some(state)) = (verb, &answer.trade_state) {
            return state_told(state, &answer);
        }
        match (verb, answer.succeeded) {
            (Verb::Pay, true) => paid(&answer),
            (Verb::Pay, false) => Ok(not_paid(&answer)),
            (Verb::Query, true) => Err(Disbelief::UnknownState),
            (Verb::Query, false) => Ok(not_told(answer.code())),
            (Verb::Reverse, true) if answer.recall.as_deref() == Some("N") => {
                Ok(Heard::Word(Word::ReverseAccepted))
            }
            // "Call again", or not a word of being done.
            (Verb::Reverse, true) => Ok(Heard::Hint(Hint::Busy(RULES.poll_ms))),
            (Verb::Reverse, false) => Ok(not_reversed(&answer)),
        }
    }

    fn signed_answer(&self, body: &[u8]) -> Result<Signed, Disbelief> {
        let fields = xml::read(body).ok_or(Disbelief::NotAProvider)?;
        let get = |name: &str| fields.get(name).map(|value| value.to_string());
        match fields.get("return_code").map(|code| code.as_str()) {
            Some("SUCCESS") if self.key.verifies(&fields) => Ok(Signed::Answer(Box::new(Answer {
                succeeded: get("result_code").as_deref() == Some("SUCCESS"),
                err_code: get("err_code"),
                appid: get("appid"),
                mch_id: get("mch_id"),
                out_trade_no: get("out_trade_no"),
                transaction_id: get("transaction_id"),
                trade_type: get("trade_type"),
                trade_state: get("trade_state"),
                total_fee: get("total_fee"),
                fee_type: get("fee_type"),
                recall: get("recall"),
            }))),
            Some("SUCCESS") => Err(Disbelief::BadSignature),
            Some(_) => Ok(Signed::Refusal { code: get("err_code").as_deref().and_then(clean::code) }),
            None => Err(Disbelief::NotAProvider),
        }
    }

    fn is_about(&self, answer: &Answer, asked: &Asked<'_>) -> Result<(), Disbelief> {
        self.is_for_us(answer)?;
        let total = asked.amount.0.to_string();
        let differs =
            |value: &Option<String>, ours: &str| value.as_deref().is_some_and(|value| value != ours);
        if differs(&answer.out_trade_no, asked.payment.as_str()) {
            return Err(Disbelief::OtherPayment);
        }
        if differs(&answer.total_fee, &total) {
            // Without a number it may be about any payment.
            return Err(if answer.out_trade_no.is_some() {
                Disbelief::OtherAmount
            } else {
                Disbelief::OtherPayment
            });
        }
        if differs(&answer.fee_type, "CNY") {
            return Err(Disbelief::OtherCurrency);
        }
        Ok(())
    }

    fn is_for_us(&self, answer: &Answer) -> Result<(), Disbelief> {
        let ours = answer.mch_id.as_deref() == Some(self.merchant.mchid.as_str())
            && answer.appid.as_deref() == Some(self.merchant.appid.as_str());
        if ours { Ok(()) } else { Err(Disbelief::OtherMerchant) }
    }

    pub(super) fn read_test_reply(&self, reply: &HttpReply, now: Timestamp) -> Result<(), SettingsFault> {
        match reply.status {
            200 => {}
            429 | 500.. => return Err(SettingsFault::ProviderTrouble),
            0..=499 => return Err(SettingsFault::NotAProvider),
        }
        match self.signed_answer(&reply.body)? {
            Signed::Answer(answer) => {
                self.is_for_us(&answer)?;
                match answer.err_code.as_deref().map(meaning) {
                    // That it does not know the payment is what a right answer to a made-up number says.
                    None | Some(Meaning::UnknownPayment) => Ok(()),
                    Some(Meaning::Trouble | Meaning::TooFrequent) => Err(SettingsFault::ProviderTrouble),
                    Some(_) => {
                        let provider_code = answer.err_code.as_deref().and_then(clean::code);
                        Err(SettingsFault::Refused { provider_code })
                    }
                }
            }
            Signed::Refusal { .. } => match clean::clock_offset_ms(reply, now) {
                Some(offset_ms) if offset_ms.saturating_abs() >= 300_000 => {
                    Err(SettingsFault::ClockWrong { offset_ms })
                }
                Some(_) | None => Err(SettingsFault::KeyRefused),
            },
        }
    }
}

/// A charge that says success: believed when nothing is missing (m2/4011937125).
fn paid(answer: &Answer) -> Verdict {
    match answer.trade_type.as_deref() {
        Some("MICROPAY") => paid_in_full(answer).map(Heard::Word),
        // Success of some other kind of order: the query decides.
        Some(_) | None => Ok(TROUBLE),
    }
}

/// The one word that ends in goods leaving the shop: id and amount must be there. [`WechatPayV2::is_about`] has
/// compared them.
fn paid_in_full(answer: &Answer) -> Result<Word, Disbelief> {
    answer.out_trade_no.as_ref().ok_or(Disbelief::OtherPayment)?;
    answer.total_fee.as_ref().ok_or(Disbelief::OtherAmount)?;
    Ok(Word::Paid)
}

/// A charge that was refused: a word where it names the payment, a hint where it could be about any.
fn not_paid(answer: &Answer) -> Heard {
    match (meaning(answer.code()), &answer.out_trade_no) {
        (Meaning::Refused(reason), Some(_)) => Heard::Word(Word::Declined(reason)),
        (Meaning::Refused(reason), None) => Heard::Hint(Hint::Refused(reason)),
        // Told as declined, and still taken back: "no password" leaves an order that is not closed (m2/4011937361).
        (Meaning::TradeFailed, Some(_)) => Heard::Word(Word::Failed(Reason::RefusedByProvider)),
        // "Repeated" is among the causes of a doubtful one: believed when the query agrees.
        (Meaning::TradeFailed | Meaning::Doubtful, _) => {
            Heard::Hint(Hint::Refused(Reason::RefusedByProvider))
        }
        (Meaning::PayerIsPaying, _) => Heard::Word(Word::AwaitingPayer),
        (Meaning::TooFrequent, _) => Heard::Hint(Hint::Busy(RULES.poll_ms)),
        // "Paid already" may be this payment's own success: as a refusal it could end in a decline.
        (
            Meaning::NumberUsed
            | Meaning::UnknownPayment
            | Meaning::ReverseTooLate
            | Meaning::Trouble
            | Meaning::NotInTheBook,
            _,
        ) => TROUBLE,
    }
}

/// An answer with a state.
fn state_told(state: &str, answer: &Answer) -> Verdict {
    match word(state).ok_or(Disbelief::UnknownState)? {
        Word::Paid => paid_in_full(answer).map(Heard::Word),
        word if answer.out_trade_no.is_some() => Ok(Heard::Word(word)),
        _ => Err(Disbelief::OtherPayment),
    }
}

/// A query that was not answered with a state.
fn not_told(code: &str) -> Heard {
    match meaning(code) {
        // A hint, signed or not: a charge that is still on its way is not known either (m2/4011937320).
        Meaning::UnknownPayment => Heard::Hint(Hint::UnknownPayment),
        Meaning::Refused(reason) => Heard::Hint(Hint::Refused(reason)),
        Meaning::TooFrequent => Heard::Hint(Hint::Busy(RULES.poll_ms)),
        Meaning::Doubtful
        | Meaning::TradeFailed
        | Meaning::NumberUsed
        | Meaning::PayerIsPaying
        | Meaning::ReverseTooLate
        | Meaning::Trouble
        | Meaning::NotInTheBook => TROUBLE,
    }
}

/// A reversal that was not taken.
fn not_reversed(answer: &Answer) -> Heard {
    match meaning(answer.code()) {
        Meaning::ReverseTooLate if answer.out_trade_no.is_some() => Heard::Word(Word::ReverseTooLate),
        // Perhaps another payment's: by our own clock it ends all the same.
        Meaning::ReverseTooLate => Heard::Hint(Hint::Refused(Reason::RefusedByProvider)),
        Meaning::PayerIsPaying | Meaning::TooFrequent => Heard::Hint(Hint::Busy(RULES.poll_ms)),
        _ if answer.recall.as_deref() == Some("Y") => Heard::Hint(Hint::Busy(RULES.poll_ms)),
        Meaning::UnknownPayment => Heard::Hint(Hint::UnknownPayment),
        Meaning::Refused(reason) => Heard::Hint(Hint::Refused(reason)),
        Meaning::Doubtful | Meaning::TradeFailed => Heard::Hint(Hint::Refused(Reason::RefusedByProvider)),
        Meaning::NumberUsed | Meaning::Trouble | Meaning::NotInTheBook => TROUBLE,
    }
}

/// An answer by how it may be believed.
enum Signed {
    /// Signed with our key.
    Answer(Box<Answer>),
    /// Refused before anybody signed: no key of ours was found, or the call was not understood.
    Refusal { code: Option<String> },
}

/// What is kept of a signed answer. The payer's id was in what was signed and goes no further.
struct Answer {
    succeeded: bool,
    err_code: Option<String>,
    appid: Option<String>,
    mch_id: Option<String>,
    out_trade_no: Option<String>,
    transaction_id: Option<String>,
    trade_type: Option<String>,
    trade_state: Option<String>,
    total_fee: Option<String>,
    fee_type: Option<String>,
    recall: Option<String>,
}

impl Answer {
    fn code(&self) -> &str {
        self.err_code.as_deref().unwrap_or("")
    }
}

#[cfg(test)]
#[path = "reply_tests.rs"]
mod tests;
