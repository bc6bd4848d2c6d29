//! One HTTP request and its reply as plain values, and the door they pass through.

use std::fmt;
use std::future::Future;
use std::pin::Pin;

use guitai_domain::payment::Silence;
use thiserror::Error;
use zeroize::Zeroizing;

/// The two HTTP methods the providers use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HttpVerb {
    /// `GET`, without a body.
    Get,
    /// `POST`.
    Post,
}

impl HttpVerb {
    /// The method as it is sent and signed.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            HttpVerb::Get => "GET",
            HttpVerb::Post => "POST",
        }
    }
}

/// A request, complete but for the host. Prints neither its body nor its headers.
pub struct HttpRequest {
    /// The method.
    pub verb: HttpVerb,
    /// Path and query, exactly as signed.
    pub path: String,
    /// Headers.
    pub headers: Vec<(&'static str, String)>,
    /// The body, wiped when dropped: it may carry a payment code.
    pub body: Zeroizing<Vec<u8>>,
    /// Whether the provider asks for the merchant's client certificate.
    pub client_certificate: bool,
    /// Whether the same request may be sent again to the other host after silence. Never true for a charge.
    pub repeatable: bool,
    /// What the evidence file of the sale shows of it: compact JSON without anything secret.
    pub shown: String,
}

impl HttpRequest {
    /// The same request, which may be sent again to the other host.
    pub(crate) fn repeatable(mut self) -> HttpRequest {
        self.repeatable = true;
        self
    }
}

impl fmt::Debug for HttpRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HttpRequest({} {})", self.verb.name(), self.path)
    }
}

/// A reply as it came, believed in nothing. Prints its status and length only.
#[derive(Clone, PartialEq, Eq)]
pub struct HttpReply {
    /// The HTTP status.
    pub status: u16,
    /// Headers in the order they came.
    pub headers: Vec<(String, String)>,
    /// The raw body: signatures cover these very bytes.
    pub body: Vec<u8>,
}

impl HttpReply {
    /// The first header of that name, whatever its capitals.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        headers.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

impl fmt::Debug for HttpReply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HttpReply({}, {} bytes)", self.status, self.body.len())
    }
}

/// What carries a request to the provider and brings the reply: the network, or the training sandbox.
pub trait Wire: Send + Sync {
    /// Sends `request` and waits for the reply.
    fn exchange(
        &self,
        request: HttpRequest,
    ) -> Pin<Box<dyn Future<Output = Result<HttpReply, WireError>> + Send + '_>>;

    /// Whether the provider can be reached at all. Asks it nothing, and may take as long as the network takes: the caller
    /// sets the limit.
    fn reach(&self) -> Pin<Box<dyn Future<Output = bool> + Send + '_>>;
}

/// Why no reply came. What matters is whether the request may have left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum WireError {
    /// No host could be connected: no byte of the request left the till.
    #[error("no connection to the provider")]
    NotConnected,
    /// The request may have left; no complete reply came in time.
    #[error("no answer from the provider")]
    NoAnswer,
    /// A reply came that is larger than any of the provider's.
    #[error("the answer is too large to be the provider's")]
    TooLarge,
}

impl From<WireError> for Silence {
    fn from(error: WireError) -> Silence {
        match error {
            WireError::NotConnected => Silence::NotConnected,
            WireError::NoAnswer => Silence::NoAnswer,
            WireError::TooLarge => Silence::NotBelieved,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_found_whatever_its_capitals() {
        let reply = HttpReply {
            status: 200,
            headers: vec![("wechatpay-Serial".into(), "1".into()), ("Wechatpay-Serial".into(), "2".into())],
            body: Vec::new(),
        };

        assert_eq!(reply.header("Wechatpay-Serial"), Some("1"));
        assert_eq!(reply.header("Wechatpay-Nonce"), None);
    }

    #[test]
    fn printing_shows_neither_body_nor_headers() {
        let request = HttpRequest {
            verb: HttpVerb::Post,
            path: "/v3/pay/transactions/codepay".into(),
            headers: vec![("Authorization", "signed-secret".into())],
            body: Zeroizing::new(b"134567890123456789".to_vec()),
            client_certificate: false,
            repeatable: false,
            shown: String::new(),
        };
        let reply = HttpReply { status: 200, headers: vec![], body: b"openid".to_vec() };

        assert_eq!(format!("{request:?}"), "HttpRequest(POST /v3/pay/transactions/codepay)");
        assert_eq!(format!("{reply:?}"), "HttpReply(200, 6 bytes)");
    }
}
