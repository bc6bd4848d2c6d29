//! Answers that no request earned: a state, properly signed, whatever is so; a refusal with any code. The documents list codes for some
//! calls and leave the others open, so a till must stand all of them, for as long as they last.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::keys::MERCHANT;
use crate::provider::v2::SignType;
use crate::provider::v3::signer_of;
use crate::world::{World, is_v3, order_number};

/// A word of the provider's language, in capitals. As JSON: the word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Word(&'static str);

#[expect(missing_docs, reason = "each is its own name")]
impl Word {
    pub const NOTPAY: Word = Word("NOTPAY");
    pub const USERPAYING: Word = Word("USERPAYING");
    pub const SETTLING: Word = Word("SETTLING");
    pub const TRADE_ERROR: Word = Word("TRADE_ERROR");
    pub const INVALID_REQUEST: Word = Word("INVALID_REQUEST");
    pub const SIGN_ERROR: Word = Word("SIGN_ERROR");
    pub const NO_AUTH: Word = Word("NO_AUTH");
    pub const RULE_LIMIT: Word = Word("RULE_LIMIT");
    pub const SOMETHING_NEW: Word = Word("SOMETHING_NEW");
}

impl Word {
    /// States that an answer can be made to tell. `SETTLING` and `SUCCESS_PENDING` stand on no page.
    pub const STATES: &'static [Word] = &[
        Word::NOTPAY,
        Word::USERPAYING,
        Word("ACCEPT"),
        Word("PAYERROR"),
        Word("REFUND"),
        Word("REVOKED"),
        Word("CLOSED"),
        Word::SETTLING,
        Word("SUCCESS_PENDING"),
    ];

    /// Codes that a call can be refused with, of both versions and of none.
    pub const CODES: &'static [Word] = &[
        Word::TRADE_ERROR,
        Word::INVALID_REQUEST,
        Word("PARAM_ERROR"),
        Word("SYSTEM_ERROR"),
        Word("SYSTEMERROR"),
        Word("BANKERROR"),
        Word("USERPAYING"),
        Word("ORDER_NOT_EXIST"),
        Word("ORDERNOTEXIST"),
        Word("RESOURCE_NOT_EXISTS"),
        Word("ORDER_CLOSED"),
        Word("ORDER_REVERSED"),
        Word("ORDER_PAID"),
        Word("OUT_TRADE_NO_USED"),
        Word("AUTH_CODE_EXPIRE"),
        Word("AUTHCODEEXPIRE"),
        Word("AUTH_CODE_INVALID"),
        Word("NOT_ENOUGH"),
        Word("NOTENOUGH"),
        Word::RULE_LIMIT,
        Word::SIGN_ERROR,
        Word("SIGNERROR"),
        Word::NO_AUTH,
        Word("NOAUTH"),
        Word("MCH_NOT_EXISTS"),
        Word("APPID_MCHID_NOT_MATCH"),
        Word("FREQUENCY_LIMITED"),
        Word("REVERSE_EXPIRE"),
        Word("ACCOUNT_ERROR"),
        Word::SOMETHING_NEW,
    ];

    /// The word on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.0
    }
}

impl Serialize for Word {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0)
    }
}

impl<'de> Deserialize<'de> for Word {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Word, D::Error> {
        let text = String::deserialize(deserializer)?;
        let known = Word::STATES.iter().chain(Word::CODES).find(|word| word.0 == text);
        known
            .copied()
            .ok_or_else(|| serde::de::Error::custom(format!("{text} is no word this sandbox can say")))
    }
}

impl World {
    /// An answer that tells this state of the order that was asked about; the request is not processed.
    pub(crate) fn telling(&self, request: &http::Request<Vec<u8>>, state: Word) -> Answer {
        let number = order_number(request).unwrap_or_default();
        let total_fen = self.booked(&number).and_then(|order| order.amount_fen);
        if is_v3(request) {
            let mut body = json!({
                "appid": MERCHANT.appid, "mchid": MERCHANT.mchid, "out_trade_no": number, "trade_state": state.0,
            });
            if let Some(total_fen) = total_fen {
                body["amount"] = json!({ "total": total_fen, "currency": "CNY" });
            }
            return v3(request, 200, body);
        }
        let mut fields = v2_common("SUCCESS");
        fields.insert("out_trade_no".into(), number);
        fields.insert("trade_state".into(), state.0.into());
        if let Some(total_fen) = total_fen {
            fields.insert("total_fee".into(), total_fen.to_string());
        }
        Answer::V2 { fields, sign_type: Some(SignType::HmacSha256) }
    }

    /// An answer that refuses with this code; the request is not processed. The status is v3's; v2 refuses with 200, signed.
    pub(crate) fn refusing(&self, request: &http::Request<Vec<u8>>, status: u16, code: Word) -> Answer {
        if is_v3(request) {
            return v3(request, status, json!({ "code": code.0, "message": "拒绝" }));
        }
        let mut fields = v2_common("FAIL");
        fields.insert("err_code".into(), code.0.into());
        fields.insert("err_code_des".into(), "拒绝".into());
        Answer::V2 { fields, sign_type: Some(SignType::HmacSha256) }
    }
}

fn v3(request: &http::Request<Vec<u8>>, status: u16, body: Value) -> Answer {
    Answer::V3 { status, body, signer: signer_of(request), cause: 0 }
}

fn v2_common(result_code: &str) -> BTreeMap<String, String> {
    let common = [
        ("return_code", "SUCCESS"),
        ("return_msg", "OK"),
        ("appid", MERCHANT.appid),
        ("mch_id", MERCHANT.mchid),
        ("result_code", result_code),
    ];
    common.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_its_own_json_and_no_other_is_taken() {
        for word in Word::STATES.iter().chain(Word::CODES) {
            let text = serde_json::to_string(word).expect("a word");
            assert_eq!(serde_json::from_str::<Word>(&text).expect("a word"), *word);
        }
        assert!(
            serde_json::from_str::<Word>("\"SUCCESS\"").is_err(),
            "money is nobody's word but the bank's"
        );
    }
}
