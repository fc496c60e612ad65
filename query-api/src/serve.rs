//! The role: takes its address, reaches what it reads in the background, serves, and ends in good order.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use auth::{Gatekeeper, Service};
use axum::Router;
use event_codec::contract;
use event_log::{Kafka, Topics};
use http_api::{Limits, Server, ServerLimits};
use schema_registry::{Codecs, Contracts, Registry};
use settings::Settings;
use telemetry::{Condition, Readiness};
use tokio_util::sync::CancellationToken;
use view_store::CqlOptions;

use crate::endpoints::routes;
use crate::error::Error;
use crate::live::Tail;
use crate::state::Api;
use crate::views::Views;
use crate::{database, openapi, schemas};

/// Connections besides those of live streams and requests under way: health checks, scrapes, idle callers.
const SPARE_CONNECTIONS: usize = 256;

/// Serves until `shutdown`. While the database is away it serves too, and answers 503.
///
/// # Errors
/// A setting is missing, the address is taken, or the views aren't there.
pub async fn run(settings: &Settings, shutdown: CancellationToken) -> Result<(), Error> {
    QueryApi::bind(settings).await?.serve(shutdown).await
}

/// A query API that has its address, but does not serve yet.
pub struct QueryApi {
    server: Server,
    router: Router,
    views: Views,
    cql: CqlOptions,
    database: Condition,
    codecs: Codecs,
    tail: Tail,
    stop: CancellationToken,
}

impl QueryApi {
    /// Takes the address. Must be called within a Tokio runtime.
    ///
    /// # Errors
    /// When a setting is missing or the address is taken.
    pub async fn bind(settings: &Settings) -> Result<Self, Error> {
        crate::metrics::register();
        let own = &settings.query_api;
        auth::check_listen(settings, own.listen)?;
        let (readiness, stop, views) = (Readiness::new(), CancellationToken::new(), Views::default());
        // Whoever asks for a history waits while the registry is asked: once must do.
        let registry = Registry::of_settings(&settings.registry)?.with_patience(Duration::ZERO);
        let events = Contracts::new(&settings.kafka.topic_prefix, vec![contract::event()]);
        let codecs = Codecs::for_reading(registry, events);
        let api = Api::new(settings, views.clone(), codecs.clone(), stop.clone())?;
        let kafka = Kafka::of_settings(&settings.kafka, "parceltrack-query-api")?;
        let events = Topics::of_settings(&settings.kafka).events;
        let tail = Tail::new(kafka, events, api.hub.clone(), readiness.condition("live_tail"));
        let database = readiness.condition("database");

        let limits = Limits { max_in_flight: own.max_in_flight, max_body_bytes: own.max_body_bytes };
        let gatekeeper = Gatekeeper::start(settings, "parceltrack-query-api-keys", &readiness, stop.clone())?;
        let endpoints = auth::guard(routes().with_state(Arc::new(api)), gatekeeper, Service::QueryApi);
        let router = http_api::Api::new(endpoints, limits, openapi::document(), readiness).into_router();
        let limits = ServerLimits {
            drain: Duration::from_millis(own.drain_ms),
            max_connections: own.sse_max_clients + own.max_in_flight + SPARE_CONNECTIONS,
            ..ServerLimits::default()
        };
        let server = Server::bind(own.listen, limits).await?;
        let cql = CqlOptions::of_settings(&settings.cql);
        Ok(Self { server, router, views, cql, database, codecs, tail, stop })
    }

    /// The address in use; tells the port where port 0 was asked for.
    ///
    /// # Errors
    /// When the operating system doesn't know.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.server.local_addr()
    }

    /// Serves until `shutdown`, then lets answers under way end within the drain time.
    ///
    /// # Errors
    /// When the views aren't there, or can't be read as things are set up.
    pub async fn serve(self, shutdown: CancellationToken) -> Result<(), Error> {
        let Self { server, router, views, cql, database, codecs, tail, stop } = self;
        if let Ok(address) = server.local_addr() {
            tracing::info!(%address, "query api listening");
        }
        let learning = tokio::spawn(schemas::keep_learning(codecs, stop.clone()));
        let following = tokio::spawn(tail.follow(stop.clone()));
        let overseeing = async {
            let outcome = tokio::select! {
                () = shutdown.cancelled() => Ok(()),
                ended = database::keep(cql, views, database, stop.clone()) => ended,
            };
            stop.cancel();
            outcome
        };
        let ((), outcome) = tokio::join!(server.run(router, stop.clone()), overseeing);
        // Both end on the same token.
        let (_, _) = tokio::join!(learning, following);
        Ok(outcome?)
    }
}
