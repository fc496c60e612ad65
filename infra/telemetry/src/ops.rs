//! `/livez`, `/readyz` and `/metrics`.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::LazyLock;
use std::time::Duration;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use prometheus::IntGaugeVec;
use serde::Serialize;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::metrics;
use crate::readiness::{ConditionState, Readiness};

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

/// Binds and serves the ops endpoints until `shutdown`.
pub async fn serve_ops(
    listen: SocketAddr,
    readiness: Readiness,
    shutdown: CancellationToken,
) -> Result<(), Error> {
    Server::bind(listen).await?.run(readiness, shutdown).await
}

/// `/livez`, `/readyz` and `/metrics`, to be merged into another router or served alone.
pub fn router<S: Clone + Send + Sync + 'static>(readiness: Readiness) -> Router<S> {
    Router::new()
        .route("/livez", get(|| async { "live\n" }))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics_text))
        .with_state(readiness)
}

#[derive(Serialize)]
struct Ready {
    ready: bool,
    conditions: BTreeMap<&'static str, ConditionState>,
}

async fn ready(State(readiness): State<Readiness>) -> Response {
    let conditions = readiness.conditions();
    let ready = conditions.values().all(|condition| condition.ready);
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, [(header::CACHE_CONTROL, "no-store")], Json(Ready { ready, conditions })).into_response()
}

async fn metrics_text(State(readiness): State<Readiness>) -> Response {
    for (name, condition) in readiness.conditions() {
        CONDITIONS.with_label_values(&[name]).set(i64::from(condition.ready));
    }
    ([(header::CONTENT_TYPE, metrics::CONTENT_TYPE)], metrics::render()).into_response()
}

#[cfg(test)]
mod tests {
    use axum::body::{Body, to_bytes};
    use axum::http::Request;
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
        let (status, body) = get(&router, "/readyz").await;
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(
            body,
            r#"{"ready":false,"conditions":{"kafka":{"ready":false,"reason":"no broker answers"}}}"#
        );
        assert_eq!(get(&router, "/livez").await.0, StatusCode::OK);

        kafka.met();
        assert_eq!(
            get(&router, "/readyz").await,
            (StatusCode::OK, r#"{"ready":true,"conditions":{"kafka":{"ready":true}}}"#.to_owned())
        );
        let (_, metrics) = get(&router, "/metrics").await;
        assert!(
            metrics.contains(r#"parceltrack_telemetry_condition_ready{condition="kafka"} 1"#),
            "{metrics}"
        );
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
