//! The other side in another process, spoken to over a pipe, one JSON line each way: a till that is killed cannot take it along.

use std::io::{self, BufRead, Write};

use guitai_sandbox::{Behaviour, Delivery, Fault, PasswordAnswer, Verb, World};
use serde_json::{Value, json};

use crate::wire::OtherSide;

/// The till's end of the pipe.
pub struct Pipe<R, W> {
    from: R,
    to: W,
}

impl<R: BufRead, W: Write> Pipe<R, W> {
    /// Reads answers from `from`, writes questions to `to`.
    pub fn new(from: R, to: W) -> Pipe<R, W> {
        Pipe { from, to }
    }

    fn ask(&mut self, question: &Value) -> Value {
        writeln!(self.to, "{question}").and_then(|()| self.to.flush()).expect("the other side listens");
        let mut line = String::new();
        self.from.read_line(&mut line).expect("the other side answers");
        serde_json::from_str(&line).expect("an answer")
    }
}

impl<R: BufRead, W: Write> OtherSide for Pipe<R, W> {
    fn handle(&mut self, request: &http::Request<Vec<u8>>, now_ms: i64) -> Delivery {
        let headers: Vec<(&str, &str)> = request
            .headers()
            .iter()
            .map(|(name, value)| (name.as_str(), value.to_str().expect("headers are text")))
            .collect();
        let answer = self.ask(&json!({
            "ask": "handle",
            "now_ms": now_ms,
            "method": request.method().as_str(),
            "path": request.uri().to_string(),
            "headers": headers,
            "body": String::from_utf8_lossy(request.body()),
        }));
        match answer["delivery"].as_str().expect("a delivery") {
            "reply" => Delivery::Reply {
                response: response(&answer),
                delay_ms: answer["delay_ms"].as_u64().expect("a delay"),
            },
            "no_reply" => Delivery::NoReply,
            "half_open" => Delivery::HalfOpen,
            "unreachable" => Delivery::Unreachable,
            other => panic!("no such delivery: {other}"),
        }
    }

    fn payment_code(&mut self, now_ms: i64) -> String {
        let answer = self.ask(&json!({ "ask": "code", "now_ms": now_ms }));
        answer["code"].as_str().expect("a code").to_owned()
    }

    fn behave(&mut self, behaviour: Behaviour) {
        self.ask(&json!({ "ask": "behave", "now_ms": 0, "behaviour": behaviour }));
    }

    fn meet(&mut self, fault: Fault, verb: Verb, times: u32) {
        self.ask(&json!({ "ask": "meet", "now_ms": 0, "fault": fault, "verb": verb, "times": times }));
    }

    fn connect(&mut self, up: bool) {
        self.ask(&json!({ "ask": "connect", "now_ms": 0, "up": up }));
    }

    fn answer_password(&mut self, answer: PasswordAnswer, now_ms: i64) {
        self.ask(&json!({ "ask": "password", "now_ms": now_ms, "answer": answer }));
    }

    fn is_reachable(&mut self) -> bool {
        self.ask(&json!({ "ask": "reach" }))["reached"].as_bool().expect("yes or no")
    }
}

fn response(answer: &Value) -> http::Response<Vec<u8>> {
    let status = answer["status"].as_u64().expect("a status");
    let mut builder = http::Response::builder().status(u16::try_from(status).expect("a status"));
    for header in answer["headers"].as_array().expect("headers") {
        let text = |at: usize| header[at].as_str().expect("headers are text");
        builder = builder.header(text(0), text(1));
    }
    let body = answer["body"].as_str().expect("a body").as_bytes().to_vec();
    builder.body(body).expect("an answer that can be read")
}

/// Answers one line from the till.
///
/// # Errors
/// When the till is no longer there.
pub fn answer_pipe(world: &mut World, line: &str, to: &mut impl Write) -> io::Result<()> {
    let question: Value = serde_json::from_str(line).map_err(io::Error::other)?;
    let now_ms = question["now_ms"].as_i64().unwrap_or(0);
    let answer = match question["ask"].as_str().expect("a question") {
        "handle" => delivery(OtherSide::handle(world, &request(&question), now_ms)),
        "reach" => json!({ "reached": OtherSide::is_reachable(world) }),
        "code" => json!({ "code": OtherSide::payment_code(world, now_ms) }),
        "password" => {
            OtherSide::answer_password(world, read(&question["answer"]), now_ms);
            json!({})
        }
        "behave" => {
            OtherSide::behave(world, read(&question["behaviour"]));
            json!({})
        }
        "meet" => {
            let times = question["times"].as_u64().and_then(|times| u32::try_from(times).ok());
            let (fault, verb) = (read(&question["fault"]), read(&question["verb"]));
            OtherSide::meet(world, fault, verb, times.expect("a number"));
            json!({})
        }
        "connect" => {
            OtherSide::connect(world, question["up"].as_bool().expect("yes or no"));
            json!({})
        }
        other => panic!("no such question: {other}"),
    };
    writeln!(to, "{answer}")?;
    to.flush()
}

fn read<T: serde::de::DeserializeOwned>(value: &Value) -> T {
    serde_json::from_value(value.clone()).expect("what the till's end wrote")
}

fn request(question: &Value) -> http::Request<Vec<u8>> {
    let text = |name: &str| question[name].as_str().expect("text");
    let mut builder = http::Request::builder().method(text("method")).uri(text("path"));
    for header in question["headers"].as_array().expect("headers") {
        let text = |at: usize| header[at].as_str().expect("headers are text");
        builder = builder.header(text(0), text(1));
    }
    builder.body(text("body").as_bytes().to_vec()).expect("a request that can be sent")
}

fn delivery(delivery: Delivery) -> Value {
    match delivery {
        Delivery::Reply { response, delay_ms } => {
            let headers: Vec<(&str, &str)> = response
                .headers()
                .iter()
                .map(|(name, value)| (name.as_str(), value.to_str().unwrap_or("")))
                .collect();
            json!({
                "delivery": "reply",
                "status": response.status().as_u16(),
                "headers": headers,
                "body": String::from_utf8_lossy(response.body()),
                "delay_ms": delay_ms,
            })
        }
        Delivery::NoReply => json!({ "delivery": "no_reply" }),
        Delivery::HalfOpen => json!({ "delivery": "half_open" }),
        Delivery::Unreachable => json!({ "delivery": "unreachable" }),
    }
}
