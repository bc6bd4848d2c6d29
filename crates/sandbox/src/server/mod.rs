//! The sandbox on real sockets: the provider over http and https, the wallet's page, and the switches behind `/admin`.
//!
//! Roles: the https port is the provider's alone; the http port also carries wallet page and admin. Admin answers loopback only.
//! A cut network closes https connections before the handshake; on the http port, which the wallet shares, it closes the
//! connection when a request for the provider has been read.

mod connection;
mod log;
mod routes;
mod tls;

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;

pub use log::LogEntry;

use crate::Sandbox;
use log::RequestLog;
use routes::Door;

/// A client that connects and says nothing is let go after this long.
const HANDSHAKE_PATIENCE: Duration = Duration::from_secs(10);

/// Where and what to serve.
#[derive(Clone, Debug, Default)]
pub struct ServeOptions {
    /// Port of the http server; 0 takes a free one.
    pub port: u16,
    /// Port of the https server; 0 takes a free one, `None` serves none.
    pub https_port: Option<u16>,
    /// Listen on every interface, not on loopback alone.
    pub lan: bool,
    /// Serve the wallet's page and nothing else, over http.
    pub wallet_only: bool,
    /// Over plain http, treat every caller as one with the merchant's client certificate.
    pub trust_http_client_cert: bool,
}

/// A server at work. It ends when this is dropped.
#[derive(Debug)]
pub struct Running {
    /// Where http is served.
    pub http_addr: SocketAddr,
    /// Where https is served.
    pub https_addr: Option<SocketAddr>,
    stop: watch::Sender<()>,
}

impl Running {
    /// Stops listening and closes every connection.
    pub fn shutdown(self) {
        drop(self.stop);
    }
}

/// What every connection shares.
struct Site {
    sandbox: Sandbox,
    log: RequestLog,
    options: ServeOptions,
}

/// Serves until the answer is dropped. Needs a tokio runtime with time and network.
pub async fn serve(sandbox: Sandbox, options: ServeOptions) -> io::Result<Running> {
    let host = IpAddr::V4(if options.lan { Ipv4Addr::UNSPECIFIED } else { Ipv4Addr::LOCALHOST });
    let http = TcpListener::bind((host, options.port)).await?;
    let http_addr = http.local_addr()?;
    let https = match options.https_port {
        Some(port) if !options.wallet_only => Some(TcpListener::bind((host, port)).await?),
        Some(_) | None => None,
    };
    let https_addr = https.as_ref().map(TcpListener::local_addr).transpose()?;

    let site = Arc::new(Site { sandbox, log: RequestLog::default(), options });
    let (stop, stopped) = watch::channel(());
    tokio::spawn(accept(http, Arc::clone(&site), None, stopped.clone()));
    if let Some(https) = https {
        tokio::spawn(accept(https, site, Some(tls::acceptor()?), stopped));
    }
    Ok(Running { http_addr, https_addr, stop })
}

async fn accept(
    listener: TcpListener,
    site: Arc<Site>,
    tls: Option<TlsAcceptor>,
    mut stopped: watch::Receiver<()>,
) {
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stopped.changed() => return,
        };
        // A connection that failed before it was ours is the client's business.
        let Ok((stream, peer)) = accepted else { continue };
        let (site, tls, mut stopped) = (Arc::clone(&site), tls.clone(), stopped.clone());
        tokio::spawn(async move {
            tokio::select! {
                () = welcome(stream, peer, site, tls) => {}
                _ = stopped.changed() => {}
            }
        });
    }
}

async fn welcome(stream: TcpStream, peer: SocketAddr, site: Arc<Site>, tls: Option<TlsAcceptor>) {
    let _ = stream.set_nodelay(true);
    let local = peer.ip().is_loopback();
    let Some(tls) = tls else {
        let client_cert = site.options.trust_http_client_cert;
        let door = Door { local, provider_only: false, client_cert };
        return connection::run(stream, site, door).await;
    };
    if site.sandbox.network_is_down() {
        return;
    }
    let handshake = tokio::time::timeout(HANDSHAKE_PATIENCE, tls.accept(stream)).await;
    if let Ok(Ok(stream)) = handshake {
        let client_cert = tls::shows_merchant_certificate(&stream);
        connection::run(stream, site, Door { local, provider_only: true, client_cert }).await;
    }
}

#[cfg(test)]
mod tests;
