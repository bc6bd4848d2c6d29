//! How each provider is spoken to: build a request, read a reply.
//!
//! Roles: a *connector* is one provider's language. For each of the three verbs it is a pure pair: arguments in,
//! [`HttpRequest`] out; [`HttpReply`] in, [`Reading`] out. Time, the nonce and the keys are arguments or settings, so
//! the same call gives the same bytes. [`ProviderSettings`] is the file a shop fills in, checked. [`Network`] alone
//! opens sockets; the training sandbox stands in its place behind the same [`Wire`].
//!
//! What always holds: a [`Heard::Word`] comes only from an answer whose signature, id, amount, currency and merchant
//! agree with what was asked (two that end nothing name no payment, see there); an unknown code is an unknown result;
//! nothing that prints shows a key, a payment code or a payer's id, and a payer's id is not even read.
//!
//! Providers' words stop here: `out_trade_no` is our [`PaymentId`](guitai_domain::PaymentId), `transaction_id` a
//! `provider_ref`.
//!
//! Sources are named like the pages they come from: `m3/<id>` is `pay.weixin.qq.com/doc/v3/merchant/<id>`, `m2/<id>` is
//! `…/doc/v2/merchant/<id>`, *community* is `developers.weixin.qq.com/community/pay/doc/<id>`.
//!
//! Deliberately not here: when to ask what (the domain's `step`), retries over time, and any storage.

mod clean;
mod clock;
mod connector;
mod http;
mod keys;
mod network;
mod settings;
mod shown;
mod v2;
mod v3;
mod wechat;

pub use clean::clock_offset_ms;
pub use clock::{CLOCKS, ProviderClock, Row, Source, Timing};
pub use connector::{Asked, Charge, Connector, Disbelief, Fresh, Heard, Note, Reading};
pub use http::{HttpReply, HttpRequest, HttpVerb, Wire, WireError};
pub use network::Network;
pub use settings::{ProviderSettings, SettingsError, SettingsFault};
pub use v2::WechatPayV2;
pub use v3::WechatPayV3;
pub use v3::certificates::CertificatesError;

#[cfg(test)]
mod testkit;
#[cfg(test)]
mod vectors;
