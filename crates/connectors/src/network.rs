//! The one place that opens sockets.
//!
//! Two hosts lead to the provider. Only a failure before a connection stands lets any request go to the other host;
//! after that, one that may be sent twice does, and a charge never.

use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::time::Duration;

use bytes::Bytes;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::{Certificate, Client, ClientBuilder, Identity, Method, redirect, retry};

use crate::settings::{ProviderSettings, SettingsError};
use crate::{HttpReply, HttpRequest, HttpVerb, Wire, WireError};

/// Larger than any answer of a provider.
const ANSWER_BYTES_MAX: usize = 1024 * 1024;

/// How long to wait for what.
#[derive(Debug, Clone, Copy)]
struct Patience {
    /// Until the connection stands, TLS and all. Shorter than `read`, which also runs meanwhile: only this one says
    /// for sure that nothing has left.
    connect: Duration,
    read: Duration,
    /// All hosts together.
    whole: Duration,
}

const PATIENCE: Patience = Patience {
    connect: Duration::from_secs(3),
    read: Duration::from_secs(10),
    whole: Duration::from_secs(15),
};

/// The provider, over HTTPS.
#[derive(Debug)]
pub struct Network {
    hosts: Vec<String>,
    plain: Client,
    with_certificate: Option<Client>,
    patience: Patience,
}

impl Network {
    /// Prepares connections; opens none.
    ///
    /// # Errors
    /// [`SettingsError::TlsUnusable`] where the TLS library does not take the client certificate or the system's list
    /// of authorities.
    pub fn new(settings: &ProviderSettings) -> Result<Network, SettingsError> {
        Network::with_patience(settings, PATIENCE)
    }

    fn with_patience(settings: &ProviderSettings, patience: Patience) -> Result<Network, SettingsError> {
        // Whoever came first has chosen; every room of ours chooses ring.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let unusable = |_| SettingsError::TlsUnusable;
        let plain = client(settings, patience)?.build().map_err(unusable)?;
        let with_certificate = match settings.client_identity_pem() {
            Some(pem) => {
                let identity = Identity::from_pem(pem.as_bytes()).map_err(unusable)?;
                Some(client(settings, patience)?.identity(identity).build().map_err(unusable)?)
            }
            None => None,
        };
        Ok(Network { hosts: settings.hosts().to_vec(), plain, with_certificate, patience })
    }

    async fn exchange_with_hosts(&self, request: HttpRequest) -> Result<HttpReply, WireError> {
        let repeatable = request.repeatable;
        let shared = SharedRequest::from(request);
        let mut worst = WireError::NotConnected;
        for host in &self.hosts {
            match self.send(host, &shared).await {
                Err(WireError::NotConnected) => {}
                // From here on the request may have left: that cannot be unsaid by a second host out of reach.
                Err(WireError::NoAnswer) if repeatable => worst = WireError::NoAnswer,
                outcome => return outcome,
            }
        }
        Err(worst)
    }

    async fn send(&self, host: &str, request: &SharedRequest) -> Result<HttpReply, WireError> {
        let client = match &self.with_certificate {
            Some(client) if request.client_certificate => client,
            Some(_) | None => &self.plain,
        };
        let url = format!("{host}{}", request.path);
        let mut sending = client.request(request.method.clone(), url).body(request.body.clone());
        for (name, value) in &request.headers {
            sending = sending.header(*name, value);
        }
        let response = sending.send().await.map_err(|error| match error {
            // A builder error is a request that was never begun: its parts do not make an HTTP request.
            error if error.is_connect() || error.is_builder() => WireError::NotConnected,
            _ => WireError::NoAnswer,
        })?;
        read(response).await
    }
}

impl Wire for Network {
    fn exchange(
        &self,
        request: HttpRequest,
    ) -> Pin<Box<dyn Future<Output = Result<HttpReply, WireError>> + Send + '_>> {
        Box::pin(async move {
            tokio::time::timeout(self.patience.whole, self.exchange_with_hosts(request))
                .await
                .unwrap_or(Err(WireError::NoAnswer))
        })
    }

    /// A connection to the first host that takes one, closed at once: the cheapest sign of life there is.
    fn reach(&self) -> Pin<Box<dyn Future<Output = bool> + Send + '_>> {
        Box::pin(async move {
            for host in &self.hosts {
                if let Some(address) = address_of(host)
                    && tokio::net::TcpStream::connect(address).await.is_ok()
                {
                    return true;
                }
            }
            false
        })
    }
}

/// `host:port` of an origin such as `https://api.example`.
fn address_of(origin: &str) -> Option<String> {
    let (scheme, rest) = origin.split_once("://")?;
    let authority = rest.split('/').next()?;
    let port = if scheme == "https" { 443 } else { 80 };
    let has_port = authority.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
    Some(if has_port { authority.to_owned() } else { format!("{authority}:{port}") })
}

/// A request whose body can be sent to two hosts and is still wiped at the end.
struct SharedRequest {
    method: Method,
    path: String,
    headers: Vec<(&'static str, String)>,
    body: Bytes,
    client_certificate: bool,
}

impl From<HttpRequest> for SharedRequest {
    fn from(request: HttpRequest) -> SharedRequest {
        SharedRequest {
            method: match request.verb {
                HttpVerb::Get => Method::GET,
                HttpVerb::Post => Method::POST,
            },
            path: request.path,
            headers: request.headers,
            body: Bytes::from_owner(request.body),
            client_certificate: request.client_certificate,
        }
    }
}

fn client(settings: &ProviderSettings, patience: Patience) -> Result<ClientBuilder, SettingsError> {
    let builder = Client::builder()
        .user_agent(concat!("Guitai/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(patience.connect)
        .read_timeout(patience.read)
        // A connection kept longer is closed at the far end, and a charge would be the one to find out.
        .pool_idle_timeout(Duration::from_secs(20))
        .redirect(redirect::Policy::none())
        .retry(retry::never())
        .referer(false)
        .no_proxy()
        .http1_only()
        .dns_resolver(Ipv4First);
    if !settings.is_loopback() {
        return Ok(builder.https_only(true));
    }
    // A sandbox on this computer is trusted by its own authority or not at all.
    let ca = settings.extra_ca_pem().map(|pem| Certificate::from_pem(pem.as_bytes())).transpose();
    let ca = ca.map_err(|_| SettingsError::CertificateUnreadable("extra_ca"))?;
    Ok(builder.tls_certs_only(ca))
}

async fn read(mut response: reqwest::Response) -> Result<HttpReply, WireError> {
    let status = response.status().as_u16();
    let headers = response
        .headers()
        .iter()
        .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
        .collect();
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|_| WireError::NoAnswer)? {
        if body.len() + chunk.len() > ANSWER_BYTES_MAX {
            return Err(WireError::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(HttpReply { status, headers, body })
}

/// The system's resolver, IPv4 first: half-configured IPv6 is a known cause of timeouts (m2/4011984638).
struct Ipv4First;

impl Resolve for Ipv4First {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let mut addresses: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            addresses.sort_by_key(SocketAddr::is_ipv6);
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests;
