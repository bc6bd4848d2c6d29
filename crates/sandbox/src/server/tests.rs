//! The server on real sockets, spoken to by hand.

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::*;

async fn open() -> Running {
    let sandbox = Sandbox::open(None, 5).unwrap();
    serve(sandbox, ServeOptions { https_port: Some(0), ..ServeOptions::default() }).await.unwrap()
}

async fn send(addr: SocketAddr, method: &str, path: &str, body: &Value) -> TcpStream {
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let mut stream = TcpStream::connect(addr).await.unwrap();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: sandbox\r\nConnection: close\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream
}

/// Sends and reads to the end: the status (0 when the connection closed without one) and the body.
async fn call(addr: SocketAddr, method: &str, path: &str, body: Value) -> (u16, String) {
    let mut stream = send(addr, method, path, &body).await;
    let mut answer = String::new();
    // A reset is one way of being cut off.
    let _ = stream.read_to_string(&mut answer).await;
    let status = answer.get(9..12).and_then(|digits| digits.parse().ok()).unwrap_or(0);
    (status, answer.split_once("\r\n\r\n").map_or(String::new(), |(_, body)| body.to_owned()))
}

async fn admin(addr: SocketAddr, path: &str, body: Value) {
    assert_eq!(call(addr, "POST", &format!("/admin/{path}"), body).await.0, 200, "{path}");
}

#[tokio::test]
async fn requests_are_answered_and_logged() {
    let running = open().await;
    let addr = running.http_addr;

    let path = "/v3/pay/transactions/out-trade-no/SALE0001?mchid=1";
    assert_eq!(call(addr, "GET", path, Value::Null).await.0, 401, "nobody signed this");

    let (_, log) = call(addr, "GET", "/admin/log", Value::Null).await;
    let log: Vec<LogEntry> = serde_json::from_str(&log).unwrap();
    assert_eq!(log.len(), 1, "switches are not logged");
    let entry = &log[0];
    assert_eq!((entry.verb, entry.status), (crate::Verb::Query, Some(401)));
    assert_eq!(entry.out_trade_no.as_deref(), Some("SALE0001"));
    assert!(entry.received_us > 0 && entry.written_us.unwrap() >= entry.received_us);
}

#[tokio::test]
async fn faults_act_on_the_socket() {
    let running = open().await;
    let addr = running.http_addr;
    admin(addr, "fault", json!({ "fault": "drop_answer", "verb": "any" })).await;
    assert_eq!(call(addr, "GET", "/v3/certificates", Value::Null).await.0, 0, "closed without an answer");
    assert_eq!(
        call(addr, "GET", "/v3/certificates", Value::Null).await.0,
        401,
        "the fault was for one request"
    );

    admin(addr, "fault", json!({ "fault": { "status": { "code": 503 } }, "verb": "echo", "times": 2 })).await;
    admin(addr, "clear", json!({})).await;
    assert_eq!(call(addr, "POST", "/v3/security/echo", json!({})).await.0, 401, "faults were cleared");
}

#[tokio::test]
async fn a_half_open_connection_stands_and_is_silent_until_shutdown() {
    let running = open().await;
    let addr = running.http_addr;
    admin(addr, "fault", json!({ "fault": "half_open", "verb": "any" })).await;

    let mut silent = send(addr, "GET", "/v3/certificates", &Value::Null).await;
    loop {
        let (_, log) = call(addr, "GET", "/admin/log", Value::Null).await;
        if serde_json::from_str::<Vec<LogEntry>>(&log).unwrap().len() == 1 {
            break;
        }
    }
    let mut byte = [0];
    assert_eq!(
        silent.try_read(&mut byte).unwrap_err().kind(),
        io::ErrorKind::WouldBlock,
        "open, and nothing comes"
    );

    running.shutdown();
    assert!(matches!(silent.read(&mut byte).await, Ok(0) | Err(_)), "the server is gone");
}

#[tokio::test]
async fn a_cut_network_cuts_the_provider_and_not_the_wallet() {
    let running = open().await;
    let addr = running.http_addr;
    admin(addr, "network", json!({ "down": true })).await;

    assert_eq!(call(addr, "GET", "/v3/certificates", Value::Null).await.0, 0);
    assert_eq!(call(running.https_addr.unwrap(), "GET", "/v3/certificates", Value::Null).await.0, 0);
    assert_eq!(call(addr, "GET", "/wallet", Value::Null).await.0, 200);

    admin(addr, "network", json!({ "down": false })).await;
    assert_eq!(call(addr, "GET", "/v3/certificates", Value::Null).await.0, 401);
}

#[tokio::test]
async fn the_wallet_obeys_its_switches() {
    let running = open().await;
    let addr = running.http_addr;

    let change = json!({ "balance_fen": 777, "behaviour": { "refuse": "not_enough" } });
    assert_eq!(call(addr, "POST", "/wallet/api/change", change).await.0, 200);

    let (_, page) = call(addr, "GET", "/wallet/api/page", Value::Null).await;
    let page: crate::WalletPage = serde_json::from_str(&page).unwrap();
    assert_eq!((page.balance_fen, page.code.len()), (777, 18));
    assert!(page.qr_svg.contains("<svg") && page.code128_svg.contains("<svg"));
    assert_eq!(call(addr, "POST", "/wallet/api/change", json!({ "behaviour": "steal" })).await.0, 400);
}

#[tokio::test]
async fn a_wallet_only_server_serves_only_the_wallet() {
    let options = ServeOptions { wallet_only: true, https_port: Some(0), ..ServeOptions::default() };
    let running = serve(Sandbox::open(None, 5).unwrap(), options).await.unwrap();

    assert_eq!(running.https_addr, None);
    assert_eq!(call(running.http_addr, "GET", "/wallet", Value::Null).await.0, 200);
    for path in ["/admin/books", "/v3/certificates", "/"] {
        assert_eq!(call(running.http_addr, "GET", path, Value::Null).await.0, 404, "{path}");
    }
}
