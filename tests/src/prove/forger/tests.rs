//! The machine bites: a connector that leaves out one check is found out.

use std::sync::LazyLock;

use guitai_connectors::{
    Asked, Charge, Connector, Disbelief, Fresh, HttpReply, HttpRequest, Reading, SettingsFault,
};
use guitai_domain::payment::{ProviderRules, Verb};
use guitai_domain::{Method, Timestamp};
use guitai_sandbox::Sandbox;
use serde_json::{Value, json};

use super::seal::{named_key, read_v2, reseal_v3, seal_v2, set_header};
use super::*;

const ORDER: Order = Order { count: 30_000, seed: 1 };

static POOLS: LazyLock<Pools> = LazyLock::new(|| pools(ORDER));

/// A connector without one of its checks: whatever that check would refuse is put right before it looks.
struct Gullible {
    inner: Box<dyn Connector>,
    ignores: Disbelief,
}

impl Gullible {
    fn mended(&self, asked: &Asked<'_>, reply: &HttpReply) -> HttpReply {
        let (kit, mut reply) = (Sandbox::merchant(), reply.clone());
        let (id, fen) = (asked.payment.as_str(), asked.amount.0);
        if reply.body.starts_with(b"{") {
            let mut body: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
            match self.ignores {
                Disbelief::OtherAmount => body["amount"]["total"] = json!(fen),
                Disbelief::OtherPayment => body["out_trade_no"] = json!(id),
                Disbelief::OtherCurrency => body["amount"]["currency"] = json!("CNY"),
                Disbelief::OtherMerchant => {
                    (body["mchid"], body["appid"]) = (json!(kit.mchid), json!(kit.appid));
                }
                _ => {}
            }
            if self.ignores != Disbelief::BadSignature {
                reply.body = body.to_string().into_bytes();
            }
            let key = named_key(&reply);
            if reply.header("Wechatpay-Serial").is_none() {
                set_header(&mut reply, "Wechatpay-Serial", kit.public_key_id.to_owned());
            }
            reseal_v3(&mut reply, key);
        } else if let Some(mut fields) = read_v2(&reply.body) {
            let right = match self.ignores {
                Disbelief::OtherAmount => vec![("total_fee", fen.to_string())],
                Disbelief::OtherPayment => vec![("out_trade_no", id.to_owned())],
                Disbelief::OtherCurrency => vec![("fee_type", "CNY".to_owned())],
                Disbelief::OtherMerchant => {
                    vec![("mch_id", kit.mchid.to_owned()), ("appid", kit.appid.to_owned())]
                }
                _ => vec![],
            };
            fields.extend(right.into_iter().map(|(name, value)| (name.to_owned(), value)));
            reply.body = seal_v2(fields, kit.apiv2_key);
        }
        reply
    }
}

impl Connector for Gullible {
    fn read(&self, verb: Verb, asked: &Asked<'_>, reply: &HttpReply, now: Timestamp) -> Reading {
        let reading = self.inner.read(verb, asked, reply, now);
        if reading.note.disbelief != Some(self.ignores) {
            return reading;
        }
        let signed_s = reply.header("Wechatpay-Timestamp").and_then(|text| text.parse::<i64>().ok());
        match (self.ignores, signed_s) {
            (Disbelief::StaleTimestamp, Some(seconds)) => {
                self.inner.read(verb, asked, reply, Timestamp(seconds.saturating_mul(1_000)))
            }
            _ => self.inner.read(verb, asked, &self.mended(asked, reply), now),
        }
    }

    fn kind(&self) -> &'static str {
        self.inner.kind()
    }

    fn method(&self) -> Method {
        self.inner.method()
    }

    fn rules(&self) -> &'static ProviderRules {
        self.inner.rules()
    }

    fn hosts(&self) -> &'static [&'static str] {
        self.inner.hosts()
    }

    fn pay(&self, charge: &Charge<'_>, fresh: &Fresh) -> HttpRequest {
        self.inner.pay(charge, fresh)
    }

    fn query(&self, asked: &Asked<'_>, fresh: &Fresh) -> HttpRequest {
        self.inner.query(asked, fresh)
    }

    fn reverse(&self, asked: &Asked<'_>, fresh: &Fresh) -> HttpRequest {
        self.inner.reverse(asked, fresh)
    }

    fn test(&self, fresh: &Fresh) -> HttpRequest {
        self.inner.test(fresh)
    }

    fn read_test(&self, reply: &HttpReply, now: Timestamp) -> Result<(), SettingsFault> {
        self.inner.read_test(reply, now)
    }
}

/// Without this check in the connectors of this kind, the machine breaks for this reason.
fn is_found_out(kind: &'static str, ignores: Disbelief, why: &str) {
    let wrap = move |inner: Box<dyn Connector>| -> Box<dyn Connector> {
        if inner.kind() == kind { Box::new(Gullible { inner, ignores }) } else { inner }
    };

    let broken = try_all(ORDER, &POOLS, &wrap).expect_err("a missing check is found out");

    assert!(broken.contains(why), "{kind} without {ignores:?}: {broken}");
}

const V3: &str = "wechat_pay_v3";
const V2: &str = "wechat_pay_v2";

#[test]
fn the_connectors_as_they_are_believe_nothing_false_and_everything_true() {
    let figures = try_all(ORDER, &POOLS, &|connector| connector).expect("nothing is believed");

    assert!(figures.contains("0 believed that were not true"), "{figures}");
}

#[test]
fn a_missing_signature_check_is_found_out() {
    is_found_out(V3, Disbelief::BadSignature, "the provider never signed this");
    is_found_out(V2, Disbelief::BadSignature, "the provider never signed this");
}

#[test]
fn a_missing_amount_check_is_found_out() {
    is_found_out(V3, Disbelief::OtherAmount, "another amount");
    is_found_out(V2, Disbelief::OtherAmount, "another amount");
}

#[test]
fn a_missing_id_check_is_found_out() {
    is_found_out(V3, Disbelief::OtherPayment, "another payment");
    is_found_out(V2, Disbelief::OtherPayment, "another payment");
}

#[test]
fn a_missing_merchant_check_is_found_out() {
    is_found_out(V3, Disbelief::OtherMerchant, "it is about another");
    is_found_out(V2, Disbelief::OtherMerchant, "it is about another");
}

#[test]
fn a_missing_currency_check_is_found_out() {
    is_found_out(V3, Disbelief::OtherCurrency, "another currency");
    is_found_out(V2, Disbelief::OtherCurrency, "another currency");
}

#[test]
fn a_missing_time_check_is_found_out() {
    is_found_out(V3, Disbelief::StaleTimestamp, "the provider never signed this");
}

#[test]
fn a_connector_that_believes_nothing_is_found_out() {
    let deaf = |connector: Box<dyn Connector>| -> Box<dyn Connector> {
        let other = connector.kind() == V2;
        pool::shops().into_iter().find(|shop| (shop.kind() == V2) != other).expect("another kind")
    };

    let broken = try_all(ORDER, &POOLS, &deaf).expect_err("true answers must be believed");

    assert!(broken.contains("a true answer was not believed"), "{broken}");
}

#[test]
fn a_single_trial_is_had_again_with_its_seed() {
    let one = |seed| {
        let pool = Pool::new(seed >> POOL_BITS);
        let trials =
            [&pool, &POOLS[&0]].map(|pool| format!("{:?}", Trial::new(pool, &mut Chance::new(seed))));
        assert_eq!(trials[0], trials[1], "a pool is made again as well");
        trials[0].clone()
    };

    assert_eq!(one(4_711), one(4_711));
    assert_ne!(one(4_711), one(4_712));
    assert!(try_all(Order { count: 1, seed: 4_711 }, &POOLS, &|connector| connector).is_ok());
}
