//! `/livez`, `/readyz`, `/startupz`, `/metrics` and `/spans`.

mod health;
mod spans;

use std::io;
use std::net::SocketAddr;
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::LazyLock;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use prometheus::IntGaugeVec;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::metrics::{self, Form};
use crate::readiness::Readiness;

static CONDITIONS: LazyLock<IntGaugeVec> = LazyLock::new(|| {
    metrics::gauge_vec(metrics::CONDITION_READY, "Whether each condition of readiness holds.", &["condition"])
});

/// How long answers under way have to end in.
const DRAIN: Duration = Duration::from_secs(2);

/// Why the ops endpoints can't be served.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The address can't be listened on.
    #[error("can't listen on {listen}: stop what listens there, or set another address")]
    Listen {
        /// The address asked for.
        listen: SocketAddr,
        /// The operating system's words.
        #[source]
        source: io::Error,
    },
    /// Serving ended by itself.
    #[error("the ops endpoints stopped")]
    Serve(#[source] io::Error),
}

/// The ops endpoints, bound but not yet served: a taken port is found before anything else begins.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
}

impl Server {
    /// Takes the address.
    pub async fn bind(listen: SocketAddr) -> Result<Self, Error> {
        let listener = TcpListener::bind(listen).await.map_err(|source| Error::Listen { listen, source })?;
        Ok(Self { listener })
    }

    /// At a socket that listens already. Must be called within a Tokio runtime.
    ///
    /// # Errors
    /// When it can't be made one of the runtime's.
    pub fn at(listener: std::net::TcpListener) -> io::Result<Self> {
        listener.set_nonblocking(true)?;
        Ok(Self { listener: TcpListener::from_std(listener)? })
    }

    /// The address in use; tells the port where port 0 was asked for.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves until `shutdown`, and little longer: a scraper that reads slowly holds nothing up.
    pub async fn run(self, readiness: Readiness, shutdown: CancellationToken) -> Result<(), Error> {
        let cut_off = async {
            shutdown.cancelled().await;
            tokio::time::sleep(DRAIN).await;
        };
        let served = axum::serve(self.listener, router(readiness))
            .with_graceful_shutdown(shutdown.clone().cancelled_owned());
        tokio::select! {
            ended = served => ended.map_err(Error::Serve),
            () = cut_off => Ok(()),
        }
    }
}

/// So that another process can be given its socket.
impl AsFd for Server {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.listener.as_fd()
    }
}

/// Binds and serves the ops endpoints until `shutdown`.
pub async fn serve_ops(
    listen: SocketAddr,
    readiness: Readiness,
    shutdown: CancellationToken,
) -> Result<(), Error> {
    Server::bind(listen).await?.run(readiness, shutdown).await
}

/// `/livez`, `/readyz`, `/startupz`, `/metrics` and `/spans`, to be merged into another router or served alone.
pub fn router<S: Clone + Send + Sync + 'static>(readiness: Readiness) -> Router<S> {
    LazyLock::force(&CONDITIONS);
    crate::spans::register();
    Router::new()
        .route("/livez", get(health::live))
        .route("/readyz", get(health::ready))
        .route("/startupz", get(health::started))
        .route("/metrics", get(metrics_text))
        .route("/spans", get(spans::spans))
        .with_state(readiness)
}

/// The routes that machines ask every few seconds: they are worth neither a log line nor a span.
pub const ROUTINE: [&str; 5] = ["/livez", "/readyz", "/startupz", "/metrics", "/spans"];

async fn metrics_text(State(readiness): State<Readiness>, headers: HeaderMap) -> Response {
    for (name, condition) in readiness.conditions() {
        CONDITIONS.with_label_values(&[name]).set(i64::from(condition.ready));
    }
    let form = Form::wanted(headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok()));
    ([(header::CONTENT_TYPE, form.content_type())], metrics::render(form)).into_response()
}

#[cfg(test)]
mod tests {
    use axum::body::{Body, to_bytes};
    use axum::http::{Request, StatusCode};
    use tower::ServiceExt;

    use super::*;

    async fn get(router: &Router, path: &str) -> (StatusCode, String) {
        let request = Request::get(path).body(Body::empty()).unwrap();
        let response = router.clone().oneshot(request).await.unwrap();
        let status = response.status();
        let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }

    #[tokio::test]
    async fn readiness_gives_its_reasons() {
        let readiness = Readiness::new();
        let kafka = readiness.condition("kafka");
        let router = router(readiness);
        kafka.unmet("no broker answers");
        for path in ["/readyz", "/startupz"] {
            let (status, body) = get(&router, path).await;
            assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
            assert!(
                body.contains(r#""conditions":{"kafka":{"ready":false,"reason":"no broker answers"}}"#),
                "{body}"
            );
        }

        kafka.met();
        let (status, body) = get(&router, "/readyz").await;
        assert_eq!(status, StatusCode::OK);
        assert!(
            body.starts_with(r#"{"ready":true,"started":true,"conditions":{"kafka":{"ready":true}}"#),
            "{body}"
        );
        let (_, metrics) = get(&router, "/metrics").await;
        assert!(
            metrics.contains(r#"parceltrack_telemetry_condition_ready{condition="kafka"} 1"#),
            "{metrics}"
        );

        kafka.unmet("no broker answers");
        assert_eq!(get(&router, "/readyz").await.0, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(get(&router, "/startupz").await.0, StatusCode::OK);
    }

    #[tokio::test]
    async fn a_restore_says_how_far_it_is() {
        let router = router(Readiness::new());
        crate::restores::at(7_002, 100, 500);
        crate::restores::at(7_002, 200, 500);
        let (_, body) = get(&router, "/readyz").await;
        crate::restores::done(7_002);
        assert!(
            body.contains(r#"{"partition":7002,"done":100,"total":400,"percent":25.0,"seconds_left":"#),
            "{body}"
        );
    }

    #[tokio::test]
    async fn who_lives_says_which_threads_it_looks_at() {
        let pulse = crate::watchdog::Pulse::start("a thread of ops", Duration::from_secs(60));
        let (status, body) = get(&router(Readiness::new()), "/livez").await;
        drop(pulse);
        assert_eq!(status, StatusCode::OK, "{body}");
        assert!(body.starts_with(r#"{"live":true,"#), "{body}");
        assert!(body.contains(r#"{"thread":"a thread of ops","still_ms":0,"at_most_ms":60000}"#), "{body}");
    }

    #[tokio::test]
    async fn spans_are_found_by_trace_and_by_command() {
        let trace =
            crate::TraceContext::parse("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01").unwrap();
        let span = crate::spans::Span::begin(&trace.child(), crate::spans::Kind::Producer, "send commands");
        span.with("messaging.message.id", "cmd-7").end();
        crate::spans::Span::begin(&trace.child(), crate::spans::Kind::Server, "POST /a").end();
        let router = router(Readiness::new());
        for query in ["trace_id=0af7651916cd43dd8448eb211c80319c", "command_id=cmd-7"] {
            let (_, body) = get(&router, &format!("/spans?{query}")).await;
            let spans: serde_json::Value = serde_json::from_str(&body).unwrap();
            assert_eq!(spans["spans"].as_array().map(Vec::len), Some(2), "{body}");
            assert_eq!(spans["spans"][0]["parent_span_id"], "b7ad6b7169203331", "{body}");
            assert_eq!(spans["spans"][0]["attributes"]["messaging.message.id"], "cmd-7", "{body}");
        }
        assert!(!get(&router, "/spans?command_id=cmd-8").await.1.contains("POST /a"));
        assert_eq!(get(&router, "/spans?trace_id=7").await.0, StatusCode::BAD_REQUEST);
    }

    #[tokio::test]
    async fn a_taken_port_is_named_and_a_cancelled_server_ends() {
        let server = Server::bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
        let taken = server.local_addr().unwrap();
        let error = Server::bind(taken).await.unwrap_err();
        assert!(error.to_string().contains(&taken.to_string()), "{error}");

        let shutdown = CancellationToken::new();
        shutdown.cancel();
        server.run(Readiness::new(), shutdown).await.unwrap();
    }
}
