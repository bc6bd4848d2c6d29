//! WeChat Pay APIv3, payment codes (`codepay`): JSON, RSA signatures both ways.
//!
//! Sources: `m3/4012382150` (charge), `m3/4013070356` (query), `code-payment-v3/direct/reverse` (reverse),
//! `m3/4012365336` (request signature), `m3/4012153196` (public key), `m3/4012551764` (platform certificates).

pub(crate) mod aead;
pub(crate) mod certificates;
mod reply;
mod request;
mod signature;

use std::sync::Arc;

use guitai_domain::payment::{ProviderRules, Verb};
use guitai_domain::{Method, Timestamp};

pub(crate) use signature::{AnswerKeys, Signer};
#[cfg(test)]
pub(crate) use signature::{message_to_sign, message_to_verify};

use crate::wechat::{HOSTS, Merchant, RULES};
use crate::{Asked, Charge, Connector, Fresh, HttpReply, HttpRequest, Reading, SettingsFault};

/// The name in the settings file.
pub(crate) const KIND: &str = "wechat_pay_v3";

/// WeChat Pay APIv3.
#[derive(Debug, Clone)]
pub struct WechatPayV3 {
    pub(crate) merchant: Merchant,
    pub(crate) signer: Arc<Signer>,
    pub(crate) answer_keys: Arc<AnswerKeys>,
}

impl Connector for WechatPayV3 {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn method(&self) -> Method {
        Method::WechatPay
    }

    fn rules(&self) -> &'static ProviderRules {
        &RULES
    }

    fn hosts(&self) -> &'static [&'static str] {
        HOSTS
    }

    fn pay(&self, charge: &Charge<'_>, fresh: &Fresh) -> HttpRequest {
        self.build_pay(charge, fresh)
    }

    fn query(&self, asked: &Asked<'_>, fresh: &Fresh) -> HttpRequest {
        self.build_query(asked, fresh)
    }

    fn reverse(&self, asked: &Asked<'_>, fresh: &Fresh) -> HttpRequest {
        self.build_reverse(asked, fresh)
    }

    fn read(&self, verb: Verb, asked: &Asked<'_>, reply: &HttpReply, now: Timestamp) -> Reading {
        self.read_reply(verb, asked, reply, now)
    }

    fn test(&self, fresh: &Fresh) -> HttpRequest {
        self.build_echo(fresh)
    }

    fn read_test(&self, reply: &HttpReply, now: Timestamp) -> Result<(), SettingsFault> {
        self.read_echo(reply, now)
    }
}
