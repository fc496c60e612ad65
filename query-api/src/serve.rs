//! From settings to a server.

use std::time::Duration;

use event_log::{Kafka, Topics};
use http_api::{Limits, Server, ServerLimits};
use schema_registry::{Codecs, Contracts, Registry};
use settings::Settings;
use telemetry::Readiness;
use tokio_util::sync::CancellationToken;
use view_store::{CqlOptions, ViewStore};

use crate::endpoints::routes;
use crate::error::Error;
use crate::live::follow;
use crate::openapi;
use crate::state::Api;

/// Serves until `shutdown`.
///
/// # Errors
/// A setting is missing, the address is taken, or the views aren't there.
pub async fn run(settings: &Settings, shutdown: CancellationToken) -> Result<(), Error> {
    let own = &settings.query_api;
    let limits = ServerLimits {
        drain: Duration::from_millis(own.drain_ms),
        // Streams hold a connection each, besides the requests under way.
        max_connections: own.sse_max_clients + own.max_in_flight,
        ..ServerLimits::default()
    };
    let server = Server::bind(own.listen, limits).await?;
    let readiness = Readiness::new();
    let database = readiness.condition("database");
    let tail = readiness.condition("live_tail");

    let store = ViewStore::connect_patiently(&CqlOptions::of_settings(&settings.cql), &shutdown).await?;
    let reader = store.reader().await?;
    database.met();
    let registry = Registry::of_settings(&settings.registry)?;
    let codecs = Codecs::for_reading(registry, Contracts::ours(&settings.kafka.topic_prefix));
    let api = Api::new(settings, reader, codecs, shutdown.clone())?;

    let kafka = Kafka::of_settings(&settings.kafka, "parceltrack-query-api")?;
    let topics = Topics::of_settings(&settings.kafka);
    let following = tokio::spawn(follow(kafka, topics, api.hub.clone(), tail, shutdown.clone()));

    let limits = Limits { max_in_flight: own.max_in_flight, max_body_bytes: own.max_body_bytes };
    let routes = routes().with_state(api);
    let router = http_api::Api::new(routes, limits, openapi::document(), readiness).into_router();
    server.run(router, shutdown).await;
    // It ends on the same token.
    let _ = following.await;
    Ok(())
}
