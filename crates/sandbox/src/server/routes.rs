//! Which path leads where: the provider, the wallet's page, the switches behind `/admin`.

use std::fmt;
use std::future::pending;
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::Site;
use super::log::LogEntry;
use crate::world::order_number;
use crate::{Delivery, Fault, PasswordAnswer, Verb, WalletChange};

type Request = http::Request<Vec<u8>>;
type Response = http::Response<Vec<u8>>;

const WALLET_HTML: &str = include_str!("wallet.html");
/// The page brings everything with it and may talk to this server only.
const WALLET_POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'";

/// By which door a caller came in.
#[derive(Clone, Copy)]
pub(super) struct Door {
    /// From this machine.
    pub(super) local: bool,
    /// Through the https port.
    pub(super) provider_only: bool,
    /// With the merchant's client certificate.
    pub(super) client_cert: bool,
}

/// The connection is to be closed without an answer.
#[derive(Debug)]
pub(super) struct Severed;

impl fmt::Display for Severed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the connection was severed")
    }
}

impl std::error::Error for Severed {}

#[derive(Deserialize)]
struct InjectInput {
    fault: Fault,
    verb: Verb,
    #[serde(default = "once")]
    times: u32,
}

#[derive(Deserialize)]
struct NetworkInput {
    down: bool,
}

#[derive(Deserialize)]
struct PasswordInput {
    answer: PasswordAnswer,
}

fn once() -> u32 {
    1
}

/// Answers a request, or severs the connection, or never returns.
pub(super) async fn answer(
    request: Request,
    site: &Site,
    door: Door,
    received_us: i64,
    answering: impl Fn(u64),
) -> Result<Response, Severed> {
    let path = request.uri().path();
    if door.provider_only {
        return provide(request, site, door, received_us, answering).await;
    }
    if path == "/wallet" || path.starts_with("/wallet/") {
        return Ok(wallet(&request, site));
    }
    if site.options.wallet_only {
        return Ok(nothing_here());
    }
    if path.starts_with("/admin/") {
        return Ok(if door.local { admin(&request, site) } else { nothing_here() });
    }
    provide(request, site, door, received_us, answering).await
}

async fn provide(
    request: Request,
    site: &Site,
    door: Door,
    received_us: i64,
    answering: impl Fn(u64),
) -> Result<Response, Severed> {
    let path = request.uri().path();
    let seq = site.log.begin(LogEntry {
        seq: 0,
        method: request.method().to_string(),
        path: path.to_owned(),
        verb: Verb::of(path),
        out_trade_no: order_number(&request),
        received_us,
        written_us: None,
        status: None,
    });
    match site.sandbox.deliver(&request, door.client_cert) {
        Delivery::Reply { response, delay_ms } => {
            if delay_ms > 0 {
                tokio::time::sleep(Duration::from_millis(delay_ms)).await;
            }
            site.log.note(seq, |entry| entry.status = Some(response.status().as_u16()));
            answering(seq);
            Ok(response)
        }
        Delivery::NoReply | Delivery::Unreachable => Err(Severed),
        Delivery::HalfOpen => pending().await,
    }
}

fn wallet(request: &Request, site: &Site) -> Response {
    let sandbox = &site.sandbox;
    match (request.method().as_str(), request.uri().path()) {
        ("GET", "/wallet") => {
            let page = http::Response::builder()
                .header("Content-Type", "text/html; charset=utf-8")
                .header("Content-Security-Policy", WALLET_POLICY)
                .header("Cache-Control", "no-store")
                .body(WALLET_HTML.as_bytes().to_vec());
            page.expect("status and headers are well formed")
        }
        ("GET", "/wallet/api/page") => json(200, &sandbox.wallet()),
        ("POST", "/wallet/api/change") => {
            with_input(request, |change: WalletChange| sandbox.set_wallet(change))
        }
        ("POST", "/wallet/api/password") => {
            with_input(request, |input: PasswordInput| sandbox.answer_password(input.answer))
        }
        _ => nothing_here(),
    }
}

fn admin(request: &Request, site: &Site) -> Response {
    let sandbox = &site.sandbox;
    match (request.method().as_str(), request.uri().path()) {
        ("POST", "/admin/fault") => {
            with_input(request, |input: InjectInput| sandbox.inject(input.fault, input.verb, input.times))
        }
        ("POST", "/admin/clear") => {
            sandbox.clear_faults();
            json(200, &json!({}))
        }
        ("POST", "/admin/network") => {
            with_input(request, |input: NetworkInput| sandbox.set_network_down(input.down))
        }
        ("GET", "/admin/wallet") => json(200, &sandbox.wallet()),
        ("POST", "/admin/wallet") => with_input(request, |change: WalletChange| sandbox.set_wallet(change)),
        ("POST", "/admin/password") => {
            with_input(request, |input: PasswordInput| sandbox.answer_password(input.answer))
        }
        ("GET", "/admin/books") => json(200, &sandbox.books()),
        ("GET", "/admin/log") => json(200, &site.log.all()),
        _ => nothing_here(),
    }
}

/// Reads the JSON a switch was sent. The content type is demanded so that no other web page can press the switches.
fn with_input<T: DeserializeOwned>(request: &Request, act: impl FnOnce(T)) -> Response {
    let kind = request.headers().get("content-type").and_then(|value| value.to_str().ok()).unwrap_or("");
    if !kind.starts_with("application/json") {
        return json(415, &json!({ "error": "Content-Type: application/json" }));
    }
    match serde_json::from_slice(request.body()) {
        Ok(input) => {
            act(input);
            json(200, &json!({}))
        }
        Err(error) => json(400, &json!({ "error": error.to_string() })),
    }
}

fn json(status: u16, body: &impl Serialize) -> Response {
    http::Response::builder()
        .status(status)
        .header("Content-Type", "application/json")
        .header("Cache-Control", "no-store")
        .body(serde_json::to_vec(body).expect("these values are plain data"))
        .expect("status and headers are well formed")
}

fn nothing_here() -> Response {
    json(404, &json!({ "error": "not found" }))
}
