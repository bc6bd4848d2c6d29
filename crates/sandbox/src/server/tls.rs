//! TLS of the https port: our own server certificate; the merchant's client certificate is welcome, not demanded.

use std::io;
use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::keys::{MERCHANT, SERVER_CERTIFICATE_PEM, SERVER_KEY_PEM};

pub(super) fn acceptor() -> io::Result<TlsAcceptor> {
    let ring = Arc::new(rustls::crypto::ring::default_provider());
    let mut roots = RootCertStore::empty();
    roots.add(certificate(MERCHANT.ca_pem)).map_err(io::Error::other)?;
    let clients = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&ring))
        .allow_unauthenticated()
        .build()
        .map_err(io::Error::other)?;
    let key = PrivateKeyDer::from_pem_slice(SERVER_KEY_PEM.as_bytes()).map_err(io::Error::other)?;
    let mut config = ServerConfig::builder_with_provider(ring)
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .with_client_cert_verifier(clients)
        .with_single_cert(vec![certificate(SERVER_CERTIFICATE_PEM)], key)
        .map_err(io::Error::other)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// Whether the client proved to hold the merchant's certificate.
pub(super) fn shows_merchant_certificate<S>(stream: &TlsStream<S>) -> bool {
    let shown = stream.get_ref().1.peer_certificates().and_then(|chain| chain.first());
    shown == Some(&certificate(MERCHANT.certificate_pem))
}

fn certificate(pem: &str) -> CertificateDer<'static> {
    CertificateDer::from_pem_slice(pem.as_bytes()).expect("the sandbox's PEM files are part of this crate")
}
