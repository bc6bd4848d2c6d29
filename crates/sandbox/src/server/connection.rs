//! One connection: HTTP/1.1 over a stream that notes when bytes pass.

use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, atomic};
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::Site;
use super::log::now_us;
use super::routes::{self, Door, Severed};

/// Larger requests are cut off.
const BODY_MAX: usize = 1024 * 1024;
const NONE: u64 = u64::MAX;

/// Serves a connection until it ends or a fault severs it.
pub(super) async fn run<S: AsyncRead + AsyncWrite + Unpin>(stream: S, site: Arc<Site>, door: Door) {
    let watch = Arc::new(Watch { first_byte_us: AtomicI64::new(0), answering: AtomicU64::new(NONE) });
    let watched = Watched { stream, watch: Arc::clone(&watch), site: Arc::clone(&site) };
    let service = service_fn(move |request| {
        let (site, watch) = (Arc::clone(&site), Arc::clone(&watch));
        async move { answer(request, &site, &watch, door).await }
    });
    // Severed connections and impolite clients end with an error; there is nobody to tell.
    let _ =
        http1::Builder::new().timer(TokioTimer::new()).serve_connection(TokioIo::new(watched), service).await;
}

async fn answer(
    request: http::Request<Incoming>,
    site: &Site,
    watch: &Watch,
    door: Door,
) -> Result<http::Response<Full<Bytes>>, Severed> {
    let (head, body) = request.into_parts();
    let body = Limited::new(body, BODY_MAX).collect().await.map_err(|_| Severed)?.to_bytes();
    let received_us = watch.first_byte_us.swap(0, Ordering::AcqRel);
    watch.answering.store(NONE, Ordering::Release);
    let request = http::Request::from_parts(head, body.to_vec());
    let answering = |seq| watch.answering.store(seq, Ordering::Release);
    let response = routes::answer(request, site, door, received_us, answering).await?;
    Ok(response.map(|body| Full::new(Bytes::from(body))))
}

/// When the present request began, and which log entry its answer belongs to.
struct Watch {
    first_byte_us: AtomicI64,
    answering: AtomicU64,
}

struct Watched<S> {
    stream: S,
    watch: Arc<Watch>,
    site: Arc<Site>,
}

impl<S> Watched<S> {
    fn wrote(&self) {
        let seq = self.watch.answering.load(atomic::Ordering::Acquire);
        if seq != NONE {
            self.site.log.note(seq, |entry| entry.written_us = Some(now_us()));
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Watched<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(context, buffer);
        if buffer.filled().len() > before {
            let first = &self.watch.first_byte_us;
            let _ = first.compare_exchange(0, now_us(), Ordering::AcqRel, Ordering::Acquire);
        }
        polled
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Watched<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write(context, bytes);
        if matches!(polled, Poll::Ready(Ok(_))) {
            self.wrote();
        }
        polled
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
