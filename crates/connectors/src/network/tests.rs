use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{RootCertStore, ServerConfig, crypto};
use zeroize::Zeroizing;

use super::*;
use crate::testkit::{settings, v2_toml, vector};

const SHORT: Patience = Patience {
    connect: Duration::from_millis(400),
    read: Duration::from_millis(800),
    whole: Duration::from_millis(4_000),
};

const OK: &str = "HTTP/1.1 200 OK\r\nDate: Tue, 17 May 2022 01:23:43 GMT\r\nContent-Length: 2\r\n\r\nhi";

/// What a little server does with each connection.
#[derive(Clone)]
enum Manner {
    /// Reads the request and answers with this.
    Answer(Vec<u8>),
    /// Reads the request and hangs up.
    HangUp,
    /// Reads the request and says nothing.
    Silence,
}

/// A server on this computer that counts the requests it has read.
struct Server {
    url: String,
    heard: Arc<AtomicUsize>,
    last: Arc<std::sync::Mutex<String>>,
}

impl Server {
    async fn start(manner: Manner) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("bound"));
        let (heard, last) = (Arc::new(AtomicUsize::new(0)), Arc::new(std::sync::Mutex::new(String::new())));
        let server = Server { url, heard: heard.clone(), last: last.clone() };
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let request = read_request(&mut stream).await;
                heard.fetch_add(1, Ordering::SeqCst);
                *last.lock().expect("not poisoned") = request;
                match &manner {
                    Manner::Answer(bytes) => {
                        let _ = stream.write_all(bytes).await;
                        let _ = stream.shutdown().await;
                    }
                    Manner::HangUp => {}
                    Manner::Silence => std::mem::forget(stream),
                }
            }
        });
        server
    }

    fn heard(&self) -> usize {
        self.heard.load(Ordering::SeqCst)
    }
}

async fn read_request(stream: &mut (impl AsyncReadExt + Unpin)) -> String {
    let (mut bytes, mut chunk) = (Vec::new(), [0; 4096]);
    let whole = |bytes: &[u8]| {
        bytes.ends_with(b"body") || (bytes.starts_with(b"GET") && bytes.ends_with(b"\r\n\r\n"))
    };
    while !whole(&bytes) {
        match stream.read(&mut chunk).await {
            Ok(0) | Err(_) => break,
            Ok(length) => bytes.extend_from_slice(&chunk[..length]),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A port nobody listens at.
async fn refused() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    format!("http://{}", listener.local_addr().expect("bound"))
}

fn network(hosts: &[&str], extra: &str) -> Network {
    let toml = format!("{}{extra}", v2_toml(&format!("{hosts:?}")));
    Network::with_patience(&settings(&toml), SHORT).expect("a network")
}

fn charge() -> HttpRequest {
    HttpRequest {
        verb: HttpVerb::Post,
        path: "/pay/micropay?x=1".to_owned(),
        headers: vec![("Content-Type", "text/xml".to_owned())],
        body: Zeroizing::new(b"body".to_vec()),
        client_certificate: false,
        repeatable: false,
        shown: String::new(),
    }
}

fn query() -> HttpRequest {
    charge().repeatable()
}

fn get() -> HttpRequest {
    HttpRequest { verb: HttpVerb::Get, body: Zeroizing::default(), headers: vec![], ..query() }
}

#[tokio::test]
async fn an_answer_comes_with_status_headers_and_body() {
    let server = Server::start(Manner::Answer(OK.into())).await;

    let reply = network(&[&server.url], "").exchange(charge()).await.expect("answered");

    assert_eq!((reply.status, reply.body.as_slice()), (200, b"hi".as_slice()));
    assert_eq!(reply.header("DATE"), Some("Tue, 17 May 2022 01:23:43 GMT"));
    let request = server.last.lock().expect("not poisoned").to_lowercase();
    assert!(request.starts_with("post /pay/micropay?x=1 http/1.1\r\n"), "{request}");
    assert!(request.contains(concat!("user-agent: guitai/", env!("CARGO_PKG_VERSION"))), "{request}");
    assert!(request.contains("content-type: text/xml"), "{request}");
}

#[tokio::test]
async fn a_get_is_sent_as_one() {
    let server = Server::start(Manner::Answer(OK.into())).await;

    assert!(network(&[&server.url], "").exchange(get()).await.is_ok());
    assert!(server.last.lock().expect("not poisoned").starts_with("GET /pay/micropay?x=1 "));
}

#[tokio::test]
async fn nobody_listening_is_not_connected() {
    let (one, two) = (refused().await, refused().await);

    for request in [charge(), query()] {
        assert_eq!(network(&[&one, &two], "").exchange(request).await, Err(WireError::NotConnected));
    }
}

#[tokio::test]
async fn a_name_that_does_not_resolve_is_not_connected() {
    let mut network = network(&["http://127.0.0.1:9"], "");
    network.hosts = vec!["http://nobody.invalid".to_owned()];

    assert_eq!(network.exchange(charge()).await, Err(WireError::NotConnected));
}

#[tokio::test]
async fn a_host_that_hangs_up_may_have_acted() {
    let server = Server::start(Manner::HangUp).await;

    assert_eq!(network(&[&server.url], "").exchange(charge()).await, Err(WireError::NoAnswer));
}

#[tokio::test]
async fn a_connection_that_never_stood_goes_to_the_other_host() {
    let (first, second) = (refused().await, Server::start(Manner::Answer(OK.into())).await);

    assert!(network(&[&first, &second.url], "").exchange(charge()).await.is_ok());
    assert_eq!(second.heard(), 1);
}

#[tokio::test]
async fn a_charge_is_never_sent_twice() {
    for manner in [Manner::Silence, Manner::HangUp, Manner::Answer(b"HTTP/1.1 200 OK\r\nContent-Le".to_vec())]
    {
        let (first, second) = (Server::start(manner).await, Server::start(Manner::Answer(OK.into())).await);

        let outcome = network(&[&first.url, &second.url], "").exchange(charge()).await;

        assert_eq!(outcome, Err(WireError::NoAnswer));
        assert_eq!((first.heard(), second.heard()), (1, 0), "the first host may have taken the money");
    }
}

#[tokio::test]
async fn a_query_is_asked_again_at_the_other_host() {
    let (first, second) =
        (Server::start(Manner::Silence).await, Server::start(Manner::Answer(OK.into())).await);

    assert!(network(&[&first.url, &second.url], "").exchange(query()).await.is_ok());
    assert_eq!((first.heard(), second.heard()), (1, 1));
}

#[tokio::test]
async fn a_request_that_left_is_not_unsaid_by_a_second_host_out_of_reach() {
    let (first, second) = (Server::start(Manner::Silence).await, refused().await);

    assert_eq!(network(&[&first.url, &second], "").exchange(query()).await, Err(WireError::NoAnswer));
}

#[tokio::test]
async fn the_whole_call_ends_in_time_whatever_the_hosts_do() {
    let (one, two) = (Server::start(Manner::Silence).await, Server::start(Manner::Silence).await);
    let mut network = network(&[&one.url, &two.url], "");
    network.patience.whole = Duration::from_millis(100);

    assert_eq!(network.exchange(query()).await, Err(WireError::NoAnswer));
    assert_eq!(two.heard(), 0);
}

#[tokio::test]
async fn a_redirect_is_handed_on_and_not_followed() {
    let elsewhere = Server::start(Manner::Answer(OK.into())).await;
    let redirect = format!("HTTP/1.1 302 Found\r\nLocation: {}/\r\nContent-Length: 0\r\n\r\n", elsewhere.url);
    let server = Server::start(Manner::Answer(redirect.into_bytes())).await;

    let reply = network(&[&server.url], "").exchange(query()).await.expect("answered");

    assert_eq!(reply.status, 302);
    assert_eq!(elsewhere.heard(), 0);
}

#[tokio::test]
async fn an_answer_without_end_is_too_large() {
    let announced = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", 4 * ANSWER_BYTES_MAX);
    for head in [announced.as_str(), "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"] {
        let mut bytes = head.as_bytes().to_vec();
        bytes.resize(2 * ANSWER_BYTES_MAX, b'x');
        let server = Server::start(Manner::Answer(bytes)).await;

        assert_eq!(network(&[&server.url], "").exchange(charge()).await, Err(WireError::TooLarge));
    }
}

#[tokio::test]
async fn a_host_that_cannot_speak_tls_is_not_connected() {
    let server = Server::start(Manner::Answer(OK.into())).await;
    let url = server.url.replace("http://", "https://");

    assert_eq!(network(&[&url], "").exchange(charge()).await, Err(WireError::NotConnected));
}

/// A TLS server that asks for a client certificate and answers whether it got one.
async fn tls_server() -> String {
    let provider = Arc::new(crypto::ring::default_provider());
    let ca = CertificateDer::from_pem_slice(vector("tls/ca.pem").as_bytes()).expect("PEM");
    let mut roots = RootCertStore::empty();
    roots.add(ca).expect("an authority");
    let clients = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider.clone())
        .allow_unauthenticated()
        .build()
        .expect("a verifier");
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_client_cert_verifier(clients)
        .with_single_cert(
            vec![CertificateDer::from_pem_slice(vector("tls/server.pem").as_bytes()).expect("PEM")],
            PrivateKeyDer::from_pem_slice(vector("tls/server_key.pem").as_bytes()).expect("PEM"),
        )
        .expect("a server");
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("https://{}", listener.local_addr().expect("bound"));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(mut stream) = acceptor.accept(stream).await else { continue };
            let known = stream.get_ref().1.peer_certificates().is_some();
            read_request(&mut stream).await;
            let body = if known { "known" } else { "nobody" };
            let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len());
            let _ = stream.write_all(answer.as_bytes()).await;
            let _ = stream.shutdown().await;
        }
    });
    url
}

fn tls_network(url: &str, trusted: bool) -> Network {
    let replace = |toml: String, from: &str, to: &str| toml.replace(&vector(from), &vector(to));
    let toml = v2_toml(&format!("[\"{url}\"]"));
    let toml = replace(toml, "java_merchant_certificate.pem", "tls/merchant.pem");
    let toml = replace(toml, "java_merchant_private_key.pem", "tls/merchant_key.pem");
    let extra = format!("extra_ca = '''\n{}'''\n", vector("tls/ca.pem"));
    let toml = if trusted { toml + &extra } else { toml };
    Network::with_patience(&settings(&toml), SHORT).expect("a network")
}

#[tokio::test]
async fn an_unknown_authority_is_not_connected() {
    let url = tls_server().await;

    assert_eq!(tls_network(&url, false).exchange(charge()).await, Err(WireError::NotConnected));
}

#[tokio::test]
async fn the_client_certificate_is_shown_only_where_the_request_says_so() {
    let url = tls_server().await;
    let network = tls_network(&url, true);

    let charged = network.exchange(charge()).await.expect("answered");
    let reversed =
        network.exchange(HttpRequest { client_certificate: true, ..charge() }).await.expect("answered");

    assert_eq!(charged.body, b"nobody");
    assert_eq!(reversed.body, b"known");
}

#[test]
fn a_real_shop_needs_no_socket_to_be_set_up() {
    let toml = v2_toml("[]")
        .replace(&vector("java_merchant_certificate.pem"), &vector("tls/merchant.pem"))
        .replace(&vector("java_merchant_private_key.pem"), &vector("tls/merchant_key.pem"))
        .replace(crate::testkit::APIV2_KEY, &"x".repeat(32));

    let network = Network::new(&settings(&toml)).expect("a network");

    assert_eq!(network.hosts, ["https://api.mch.weixin.qq.com", "https://api2.mch.weixin.qq.com"]);
}
