//! The line to the provider: answers can be held back until the crowd is through.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use guitai_connectors::{HttpReply, HttpRequest, Wire, WireError};
use guitai_sandbox::{Books, TRAINEE, Verb, World};
use tokio::sync::watch;

use crate::wire::{end_of, outgoing};

/// More than any sale here costs.
const RICH_FEN: i64 = 1_000_000_000_000;

/// The provider in this process, and what arrived there.
pub(super) struct Line {
    world: Mutex<World>,
    charges: Mutex<BTreeMap<String, u32>>,
    answers: watch::Sender<bool>,
}

impl Line {
    pub(super) fn new(seed: u64) -> Line {
        let world = Mutex::new(World::new(seed, now_ms()));
        Line { world, charges: Mutex::default(), answers: watch::Sender::new(true) }
    }

    /// The codes on so many customers' phones; none of them is ever asked for a password.
    pub(super) fn codes(&self, customers: u32) -> Vec<String> {
        let (mut world, now) = (self.world(), now_ms());
        let mut codes = Vec::new();
        for customer in 0..customers {
            let wallet = if customer == 0 { TRAINEE } else { world.add_wallet(now) };
            world.set_balance(wallet, RICH_FEN, now);
            world.set_password_limit(wallet, RICH_FEN);
            codes.push(world.payment_code(wallet, now));
        }
        codes
    }

    /// Answers come, or are held back.
    pub(super) fn let_answers(&self, come: bool) {
        self.answers.send_replace(come);
    }

    pub(super) fn books(&self) -> Books {
        self.world().books()
    }

    /// How often each order was charged.
    pub(super) fn charges(&self) -> BTreeMap<String, u32> {
        self.charges.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, request: &http::Request<Vec<u8>>) {
        if Verb::of(request.uri().path()) == Verb::Pay {
            let body: serde_json::Value = serde_json::from_slice(request.body()).expect("a charge is JSON");
            let order = body["out_trade_no"].as_str().expect("a charge has a number").to_owned();
            *self.charges.lock().unwrap_or_else(PoisonError::into_inner).entry(order).or_default() += 1;
        }
    }
}

impl Wire for Line {
    fn exchange(
        &self,
        request: HttpRequest,
    ) -> Pin<Box<dyn Future<Output = Result<HttpReply, WireError>> + Send + '_>> {
        Box::pin(async move {
            let request = outgoing(&request);
            self.note(&request);
            let delivery = self.world().handle(&request, now_ms(), false);
            // The sender lives as long as this line.
            let _ = self.answers.subscribe().wait_for(|come| *come).await;
            end_of(delivery).1
        })
    }

    fn reach(&self) -> Pin<Box<dyn Future<Output = bool> + Send + '_>> {
        Box::pin(async { true })
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the till under test runs on real time, and the provider compares its clock"
)]
fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
    i64::try_from(since.as_millis()).expect("before the year 292278994")
}
