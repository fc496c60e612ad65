//! One connection, from its first byte to its last.

use std::cell::Cell;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use async_trait::async_trait;
use http_api::RequestContext;
use pingora_core::apps::{HttpServerApp, HttpServerOptions, ReusedHttpStream, ServerApp};
use pingora_core::protocols::http::ServerSession;
use pingora_core::protocols::http::v2::server::{H2Options, default_h2_options};
use pingora_core::server::ShutdownWatch;
use pingora_proxy::HttpProxy;
use tokio_util::sync::CancellationToken;

use crate::answer::Answer;
use crate::connection::{Came, Connection, HeadLimits};
use crate::head::Fault;
use crate::metrics;
use crate::proxy::Proxy;

/// Streams of one HTTP/2 connection at once.
const STREAMS: u32 = 128;

tokio::task_local! {
    /// Whether the request that this task serves goes on as long as the caller likes.
    static ENDLESS: Cell<bool>;
}

/// Marks the request of this task as one that ends when the gateway does.
pub(crate) fn mark_endless() {
    let _ = ENDLESS.try_with(|endless| endless.set(true));
}

/// What serves connections.
pub(crate) struct Front {
    proxy: Arc<HttpProxy<Proxy>>,
    head: HeadLimits,
    options: HttpServerOptions,
    stop: CancellationToken,
}

impl Front {
    pub(crate) fn new(proxy: HttpProxy<Proxy>, head: HeadLimits, stop: CancellationToken) -> Self {
        let mut options = HttpServerOptions::default();
        options.h2_idle_timeout = Some(head.idle);
        Self { proxy: Arc::new(proxy), head, options, stop }
    }

    /// Says that the gateway stops: connections are not kept after the answer under way.
    pub(crate) async fn stop(&self) {
        self.proxy.http_cleanup().await;
    }

    /// Serves a connection until it ends. When the gateway stops, it ends with the answer under way.
    pub(crate) async fn serve(self: &Arc<Self>, connection: Connection, shutdown: &ShutdownWatch) {
        let (mut connection, mut kept) = (Box::new(connection), None);
        loop {
            let came = tokio::select! {
                biased;
                came = connection.head(self.head) => came,
                // Nobody waits for an answer here.
                () = self.stop.cancelled() => return,
            };
            match came {
                Came::Head => {}
                Came::Nothing => return,
                Came::Fault(fault) => return refuse(*connection, fault).await,
                Came::Http2 if kept.is_none() => {
                    self.process_new(connection, shutdown).await;
                    return;
                }
                Came::Http2 => {
                    return refuse(*connection, Fault::Malformed("HTTP/2 begins a connection")).await;
                }
            }
            let head = connection.take_head();
            let mut session = ServerSession::new_http1(connection);
            session.set_pipelined_prefix(head);
            session.set_keepalive(Some(self.head.idle.as_secs()));
            if let Some(settings) = kept {
                pingora_core::apps::HttpPersistentSettings::apply_to_session(settings, &mut session);
            }
            let Some(reused) = self.answer(session, shutdown).await else { return };
            let (stream, settings) = reused.consume();
            let Ok(same) = stream.into_any().downcast::<Connection>() else { return };
            (connection, kept) = (same, settings);
        }
    }

    /// Answers one request; if it has no end, until the gateway stops.
    async fn answer(&self, session: ServerSession, shutdown: &ShutdownWatch) -> Option<ReusedHttpStream> {
        let answering = async {
            let mut stopped = pin!(self.stop.cancelled());
            let cut =
                poll_fn(|cx| if ENDLESS.with(Cell::get) { stopped.as_mut().poll(cx) } else { Poll::Pending });
            tokio::select! {
                // In this order: it is within the first that the second learns whether it is meant.
                biased;
                kept = self.proxy.process_new_http(session, shutdown) => kept,
                () = cut => None,
            }
        };
        ENDLESS.scope(Cell::new(false), answering).await
    }
}

#[async_trait]
impl HttpServerApp for Front {
    async fn process_new_http(
        self: &Arc<Self>,
        session: ServerSession,
        shutdown: &ShutdownWatch,
    ) -> Option<ReusedHttpStream> {
        self.answer(session, shutdown).await
    }

    fn h2_options(&self) -> Option<H2Options> {
        let mut options = default_h2_options();
        options.max_header_list_size(u32::try_from(self.head.bytes).unwrap_or(u32::MAX));
        options.max_concurrent_streams(STREAMS);
        Some(options)
    }

    fn server_options(&self) -> Option<&HttpServerOptions> {
        Some(&self.options)
    }
}

/// Answers what was refused before it was a request, and ends the connection: where the next one begins can't be told.
async fn refuse(connection: Connection, fault: Fault) {
    metrics::REFUSED.with_label_values(&[fault.name()]).inc();
    let context = RequestContext::from_headers(&http::HeaderMap::new());
    tracing::info!(reason = fault.name(), request_id = context.request_id, "a request's head was refused");
    let answer = Answer::of(fault.problem(), None, &context.request_id).await;
    let mut text = format!(
        "HTTP/1.1 {}\r\ncontent-type: application/problem+json\r\ncontent-length: {}\r\nx-request-id: {}\r\n\
         x-content-type-options: nosniff\r\ncache-control: no-store\r\nconnection: close\r\n\r\n",
        answer.status,
        answer.body.len(),
        context.request_id
    )
    .into_bytes();
    text.extend_from_slice(&answer.body);
    connection.say_farewell(&text).await;
}

/// How long a connection is kept for another request: longer than the 90 s for which common clients keep one that is idle.
pub(crate) const IDLE: Duration = Duration::from_secs(100);
