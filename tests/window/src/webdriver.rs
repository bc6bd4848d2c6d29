//! The three words of WebDriver that the stage needs (W3C WebDriver 2, sections 8 and 13).
//!
//! A client library brings an HTTP stack and minutes of building for what is a page here.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

/// A session with one window.
#[derive(Debug)]
pub struct Session {
    port: u16,
    path: String,
}

impl Session {
    /// Starts the program and a session with its window.
    ///
    /// # Errors
    /// When the driver refuses.
    pub fn start(port: u16, binary: &str, arguments: &[&str]) -> Result<Session> {
        let options = json!({ "webkitgtk:browserOptions": { "binary": binary, "args": arguments } });
        let answer = call_within(
            SESSION_WITHIN,
            port,
            "POST",
            "/session",
            &json!({ "capabilities": { "alwaysMatch": options } }),
        )?;
        let id = answer["sessionId"].as_str().context("a session id")?;
        Ok(Session { port, path: format!("/session/{id}") })
    }

    /// Runs a script in the page; its `return` is the answer.
    ///
    /// # Errors
    /// When the script throws.
    pub fn execute(&self, script: &str) -> Result<Value> {
        self.post("/execute/sync", &json!({ "script": script, "args": [] }))
    }

    /// Runs a script that ends when it calls its last argument.
    ///
    /// # Errors
    /// When the script throws, or does not end within 30 s.
    pub fn execute_async(&self, script: &str) -> Result<Value> {
        self.post("/execute/async", &json!({ "script": script, "args": [] }))
    }

    fn post(&self, path: &str, body: &Value) -> Result<Value> {
        call(self.port, "POST", &format!("{}{path}", self.path), body)
    }
}

/// A session is there in well under a second, or not at all.
const SESSION_WITHIN: Duration = Duration::from_secs(10);

fn call(port: u16, method: &str, path: &str, body: &Value) -> Result<Value> {
    call_within(Duration::from_secs(30), port, method, path, body)
}

fn call_within(limit: Duration, port: u16, method: &str, path: &str, body: &Value) -> Result<Value> {
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(limit))?;
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )?;
    // The driver keeps the connection whatever it is asked, so its end cannot be waited for.
    let mut reader = BufReader::new(stream);
    let (mut head, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).with_context(|| format!("{method} {path}"))?;
        if line.trim().is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse()?;
        }
        head.push_str(&line);
    }
    let mut reply = vec![0; length];
    reader.read_exact(&mut reply)?;
    let text = String::from_utf8_lossy(&reply);
    let answer: Value = serde_json::from_str(&text).with_context(|| format!("{method} {path}: {head}"))?;
    if head.starts_with("HTTP/1.1 200") {
        return Ok(answer["value"].clone());
    }
    bail!("{method} {path}: {}: {}", answer["value"]["error"], answer["value"]["message"])
}
