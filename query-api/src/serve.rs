//! From settings to a server.

use http_api::{Limits, Server, ServerLimits};
use schema_registry::{Codecs, Contracts, Registry};
use settings::Settings;
use telemetry::Readiness;
use tokio_util::sync::CancellationToken;
use view_store::{CqlOptions, ViewStore};

use crate::endpoints::routes;
use crate::error::Error;
use crate::state::Api;

/// Serves until `shutdown`.
///
/// # Errors
/// A setting is missing, the address is taken, or the views aren't there.
pub async fn run(settings: &Settings, shutdown: CancellationToken) -> Result<(), Error> {
    let server = Server::bind(settings.query_api.listen, ServerLimits::default()).await?;
    let readiness = Readiness::new();
    let database = readiness.condition("database");
    let store = ViewStore::connect_patiently(&CqlOptions::of_settings(&settings.cql), &shutdown).await?;
    let reader = store.reader().await?;
    database.met();
    let registry = Registry::of_settings(&settings.registry)?;
    let codecs = Codecs::for_reading(registry, Contracts::ours(&settings.kafka.topic_prefix));
    let api = Api::new(settings, reader, codecs);
    let limits = Limits {
        max_in_flight: settings.query_api.max_in_flight,
        max_body_bytes: settings.query_api.max_body_bytes,
    };
    let router =
        http_api::Api::new(routes().with_state(api), limits, serde_json::json!({}), readiness).into_router();
    server.run(router, shutdown).await;
    Ok(())
}
