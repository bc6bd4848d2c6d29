//! The line between till and provider: what it does to requests and answers.

use guitai_connectors::{HttpReply, HttpRequest, HttpVerb, WireError};
use guitai_sandbox::{Behaviour, Delivery, Fault, PasswordAnswer, TRAINEE, Verb, World};

/// Whoever answers the till: provider, wallet and bank.
pub trait OtherSide {
    /// Answers a request at `now_ms`.
    fn handle(&mut self, request: &http::Request<Vec<u8>>, now_ms: i64) -> Delivery;

    /// The code on the customer's phone.
    fn payment_code(&mut self, now_ms: i64) -> String;

    /// From here on the customer does this.
    fn behave(&mut self, behaviour: Behaviour);

    /// The next requests of this verb meet this fault.
    fn meet(&mut self, fault: Fault, verb: Verb, times: u32);

    /// The network goes down or comes back.
    fn connect(&mut self, up: bool);

    /// What the customer types into the password prompt, if there is one.
    fn answer_password(&mut self, answer: PasswordAnswer, now_ms: i64);

    /// Whether a connection would stand.
    fn is_reachable(&mut self) -> bool;
}

impl OtherSide for World {
    fn handle(&mut self, request: &http::Request<Vec<u8>>, now_ms: i64) -> Delivery {
        World::handle(self, request, now_ms, request.uri().path().starts_with("/secapi/"))
    }

    fn payment_code(&mut self, now_ms: i64) -> String {
        World::payment_code(self, TRAINEE, now_ms)
    }

    fn behave(&mut self, behaviour: Behaviour) {
        self.set_behaviour(TRAINEE, behaviour);
    }

    fn meet(&mut self, fault: Fault, verb: Verb, times: u32) {
        self.inject(fault, verb, times);
    }

    fn connect(&mut self, up: bool) {
        self.set_network_down(!up);
    }

    fn answer_password(&mut self, answer: PasswordAnswer, now_ms: i64) {
        World::answer_password(self, TRAINEE, answer, now_ms);
    }

    fn is_reachable(&mut self) -> bool {
        !self.network_is_down()
    }
}

/// What the line does beside what the sandbox can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Line {
    /// The end of the call reaches the till only after so long, whatever it is: the computer was busy, or asleep.
    LateEnd {
        /// How long it takes.
        ms: i64,
    },
    /// The charge sticks in the network and arrives this much later; the till has given up by then.
    LateCharge {
        /// How late it arrives.
        ms: i64,
    },
}

/// How long an answer is on its way.
pub(crate) const TRIP_MS: i64 = 120;
/// When the network gives up, as the connectors' network does.
pub(crate) const PATIENCE_MS: i64 = 15_000;
/// The largest answer the connectors' network takes.
const ANSWER_BYTES_MAX: usize = 1024 * 1024;

/// The till's request as it goes over the wire.
pub(crate) fn outgoing(request: &HttpRequest) -> http::Request<Vec<u8>> {
    let verb = match request.verb {
        HttpVerb::Get => http::Method::GET,
        HttpVerb::Post => http::Method::POST,
    };
    let mut builder = http::Request::builder().method(verb).uri(&request.path).header("User-Agent", "Guitai");
    for (name, value) in &request.headers {
        builder = builder.header(*name, value);
    }
    builder.body(request.body.to_vec()).expect("a request that can be sent")
}

/// When and how a call ends for the till.
pub(crate) fn end_of(delivery: Delivery) -> (i64, Result<HttpReply, WireError>) {
    match delivery {
        Delivery::Reply { response, delay_ms } => {
            let delay = i64::try_from(delay_ms).unwrap_or(i64::MAX).saturating_add(TRIP_MS);
            if delay >= PATIENCE_MS {
                return (PATIENCE_MS, Err(WireError::NoAnswer));
            }
            if response.body().len() > ANSWER_BYTES_MAX {
                return (delay, Err(WireError::TooLarge));
            }
            let headers = response.headers().iter();
            let headers = headers
                .map(|(name, value)| {
                    (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned())
                })
                .collect();
            let status = response.status().as_u16();
            (delay, Ok(HttpReply { status, headers, body: response.into_body() }))
        }
        Delivery::NoReply => (TRIP_MS, Err(WireError::NoAnswer)),
        Delivery::HalfOpen => (PATIENCE_MS, Err(WireError::NoAnswer)),
        Delivery::Unreachable => (TRIP_MS, Err(WireError::NotConnected)),
    }
}
