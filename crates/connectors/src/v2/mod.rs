//! WeChat Pay APIv2, payment codes (`micropay`): XML, one shared key both ways, a client certificate for reversals.
//!
//! Sources: `m2/4011937125` (charge), `m2/4011937320` (query), `m2/4011937361` (reverse), `m2/4011985891` (signature).

mod reply;
mod request;
pub(crate) mod sign;
pub(crate) mod xml;

use std::fmt;
use std::sync::Arc;

use guitai_domain::payment::{ProviderRules, Verb};
use guitai_domain::{Method, Timestamp};

use crate::wechat::{HOSTS, Merchant, RULES};
use crate::{Asked, Charge, Connector, Fresh, HttpReply, HttpRequest, Reading, SettingsFault};
use sign::SharedKey;

/// The name in the settings file.
pub(crate) const KIND: &str = "wechat_pay_v2";

/// WeChat Pay APIv2.
#[derive(Clone)]
pub struct WechatPayV2 {
    merchant: Merchant,
    key: Arc<SharedKey>,
    device_ip: String,
}

impl WechatPayV2 {
    pub(crate) fn new(merchant: Merchant, key: &str, device_ip: String) -> WechatPayV2 {
        WechatPayV2 { merchant, key: Arc::new(SharedKey::new(key)), device_ip }
    }
}

impl fmt::Debug for WechatPayV2 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WechatPayV2(***)")
    }
}

impl Connector for WechatPayV2 {
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
        self.build_test(fresh)
    }

    fn read_test(&self, reply: &HttpReply, now: Timestamp) -> Result<(), SettingsFault> {
        self.read_test_reply(reply, now)
    }
}
