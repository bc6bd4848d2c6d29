//! Reads APIv3 replies: what is proven, what is a hint, what is nothing (`m3/4012081709`, `m3/4012081717`).
//!
//! Only 2xx answers are signed. So every refusal is a hint, and the query decides.

use guitai_domain::Timestamp;
use guitai_domain::payment::{Hint, Reason, Silence, Verb, Word};
use serde::Deserialize;

use super::WechatPayV3;
use super::request::ECHO;
use crate::connector::Verdict;
use crate::wechat::{Meaning, RULES, meaning, word};
use crate::{Asked, Disbelief, Heard, HttpReply, Note, Reading, SettingsFault, clean, shown};

/// The longest a `Retry-After` may keep us from asking; the counter has a customer at it.
const RETRY_AFTER_S_MAX: i64 = 60;

impl WechatPayV3 {
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
            shown: Some(shown::answer(reply, shown::told_v3(&reply.body))),
            ..Note::default()
        };
        let verdict = match reply.status {
            200..=299 => self.proven(verb, asked, reply, now, &mut note),
            300..=399 => Err(Disbelief::Redirect),
            400..=499 => refused(verb, reply, &mut note),
            500.. => {
                note.provider_code = error_code(reply);
                Ok(Heard::Silence(Silence::ServerTrouble))
            }
            0..=199 => Err(Disbelief::NotAProvider),
        };
        note.reading(verdict)
    }

    fn proven(
        &self,
        verb: Verb,
        asked: &Asked<'_>,
        reply: &HttpReply,
        now: Timestamp,
        note: &mut Note,
    ) -> Verdict {
        let answer = self.verified(reply, now)?;
        note.provider_code = answer.trade_state.as_deref().and_then(clean::code);
        note.provider_ref = answer.transaction_id.as_deref().and_then(clean::reference);
        match verb {
            // Accepted, not finished: ask again.
            Verb::Reverse if reply.status == 202 => Ok(Heard::Hint(Hint::Busy(RULES.poll_ms))),
            Verb::Reverse if answer.trade_state.is_none() => {
                self.is_about(&answer, asked)?;
                Ok(Heard::Word(Word::ReverseAccepted))
            }
            // The password prompt: HTTP 202 and nothing but the state (community 000ee0c62d8e48ca12f24bdcf6b400).
            Verb::Pay if reply.status == 202 && answer.is_bare("USERPAYING") => {
                Ok(Heard::Word(Word::AwaitingPayer))
            }
            // What tells a state is no answer to a reversal, whatever was asked.
            Verb::Pay | Verb::Query | Verb::Reverse => self.state(&answer, asked).map(Heard::Word),
        }
    }

    fn verified(&self, reply: &HttpReply, now: Timestamp) -> Result<Answer, Disbelief> {
        // An unsigned page is named for what it is: a captive portal is no forger.
        let json = reply.body.trim_ascii_start().first() == Some(&b'{');
        self.answer_keys
            .verify(reply, now)
            .map_err(|disbelief| if json { disbelief } else { Disbelief::NotAProvider })?;
        serde_json::from_slice(&reply.body).map_err(|_| Disbelief::NotAProvider)
    }

    fn state(&self, answer: &Answer, asked: &Asked<'_>) -> Result<Word, Disbelief> {
        self.is_about(answer, asked)?;
        let word = answer.trade_state.as_deref().and_then(word).ok_or(Disbelief::UnknownState)?;
        if word == Word::Paid {
            // The one word that ends in goods leaving the shop: nothing may be missing.
            answer.appid.as_ref().ok_or(Disbelief::OtherMerchant)?;
            answer.amount.as_ref().and_then(|amount| amount.total).ok_or(Disbelief::OtherAmount)?;
        }
        Ok(word)
    }

    /// The id and the merchant must be there and agree; the rest must agree where it is there.
    fn is_about(&self, answer: &Answer, asked: &Asked<'_>) -> Result<(), Disbelief> {
        let amount = answer.amount.as_ref();
        if answer.mchid.as_deref() != Some(self.merchant.mchid.as_str())
            || answer.appid.as_ref().is_some_and(|appid| *appid != self.merchant.appid)
        {
            return Err(Disbelief::OtherMerchant);
        }
        if answer.out_trade_no.as_deref() != Some(asked.payment.as_str()) {
            return Err(Disbelief::OtherPayment);
        }
        if amount.and_then(|amount| amount.total).is_some_and(|total| total != asked.amount.0) {
            return Err(Disbelief::OtherAmount);
        }
        if amount.and_then(|amount| amount.currency.as_deref()).is_some_and(|currency| currency != "CNY") {
            return Err(Disbelief::OtherCurrency);
        }
        Ok(())
    }

    pub(super) fn read_echo(&self, reply: &HttpReply, now: Timestamp) -> Result<(), SettingsFault> {
        // Where the sender tells no time, its signature does.
        let signed_s = || reply.header("Wechatpay-Timestamp")?.parse::<i64>().ok();
        let signed_ms = || Some(signed_s()?.checked_mul(1_000)?.saturating_sub(now.0));
        let offset_ms = clean::clock_offset_ms(reply, now).or_else(signed_ms).unwrap_or(0);
        let clock_or = |fault| match offset_ms.saturating_abs() {
            300_000.. => SettingsFault::ClockWrong { offset_ms },
            _ => fault,
        };
        match reply.status {
            200..=299 => {
                let answer = self.verified(reply, now).map_err(|disbelief| clock_or(disbelief.into()))?;
                let heard = answer.echo_message.as_deref() == Some(ECHO);
                if heard { Ok(()) } else { Err(SettingsFault::NotAProvider) }
            }
            401 => Err(clock_or(SettingsFault::KeyRefused)),
            429 | 500.. => Err(SettingsFault::ProviderTrouble),
            400..=499 if error_code(reply).is_some() => {
                Err(SettingsFault::Refused { provider_code: error_code(reply) })
            }
            0..=499 => Err(SettingsFault::NotAProvider),
        }
    }
}

/// A 4xx: unsigned, so a hint at most.
fn refused(verb: Verb, reply: &HttpReply, note: &mut Note) -> Verdict {
    note.provider_code = error_code(reply);
    let heard = match (reply.status, &note.provider_code) {
        (429, _) => Heard::Hint(Hint::Busy(retry_after_ms(reply))),
        (_, None) if !reply.body.is_empty() => return Err(Disbelief::NotAProvider),
        (401, _) => Heard::Hint(Hint::Refused(Reason::Settings)),
        // 404 and 405 are seen without a body: an answer, but not about this payment.
        (_, None) => Heard::Silence(Silence::ServerTrouble),
        (_, Some(code)) => hint(verb, code, reply),
    };
    Ok(heard)
}

/// What an unproven code comes to.
fn hint(verb: Verb, code: &str, reply: &HttpReply) -> Heard {
    let query_decides = Heard::Silence(Silence::ServerTrouble);
    match meaning(code) {
        Meaning::Refused(reason) => Heard::Hint(Hint::Refused(reason)),
        // Never `Settings`: two such hints in a row would agree on a decline, and the money may have moved.
        Meaning::Doubtful | Meaning::TradeFailed | Meaning::ReverseTooLate => {
            Heard::Hint(Hint::Refused(Reason::RefusedByProvider))
        }
        Meaning::UnknownPayment => Heard::Hint(Hint::UnknownPayment),
        Meaning::TooFrequent => Heard::Hint(Hint::Busy(retry_after_ms(reply))),
        Meaning::PayerIsPaying => match verb {
            Verb::Reverse => Heard::Hint(Hint::Busy(RULES.poll_ms)),
            Verb::Pay | Verb::Query => query_decides,
        },
        // "Paid already" may be this payment's own success: as a hint of refusal it could end in a decline.
        Meaning::NumberUsed | Meaning::Trouble | Meaning::NotInTheBook => query_decides,
    }
}

fn retry_after_ms(reply: &HttpReply) -> i64 {
    let seconds = reply.header("Retry-After").and_then(|text| text.trim().parse::<u32>().ok());
    seconds.map_or(RULES.poll_ms, |seconds| i64::from(seconds).clamp(1, RETRY_AFTER_S_MAX) * 1_000)
}

fn error_code(reply: &HttpReply) -> Option<String> {
    let error: ErrorAnswer = serde_json::from_slice(&reply.body).ok()?;
    clean::code(&error.code)
}

/// What is read of an answer. The payer's id is not among it, nor the bank, nor coupons.
#[derive(Deserialize)]
struct Answer {
    appid: Option<String>,
    mchid: Option<String>,
    out_trade_no: Option<String>,
    transaction_id: Option<String>,
    trade_state: Option<String>,
    amount: Option<AnswerAmount>,
    echo_message: Option<String>,
}

impl Answer {
    /// Whether it says this state and nothing else.
    fn is_bare(&self, state: &str) -> bool {
        self.trade_state.as_deref() == Some(state)
            && self.appid.is_none()
            && self.mchid.is_none()
            && self.out_trade_no.is_none()
            && self.transaction_id.is_none()
            && self.amount.is_none()
    }
}

#[derive(Deserialize)]
struct AnswerAmount {
    total: Option<i64>,
    currency: Option<String>,
}

#[derive(Deserialize)]
struct ErrorAnswer {
    code: String,
}

#[cfg(test)]
#[path = "reply_tests.rs"]
mod tests;
