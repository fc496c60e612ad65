//! The role: takes its address, follows the registry in the background, serves, and ends in good order.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use auth::{Gatekeeper, Service};
use axum::Router;
use event_log::{Kafka, Topics};
use http_api::{Limits, Server, ServerLimits};
use service_registry::{Directory, Writer};
use settings::Settings;
use telemetry::Readiness;
use tokio_util::sync::CancellationToken;

use crate::burial;
use crate::endpoints::routes;
use crate::error::Error;
use crate::eureka::Recent;
use crate::openapi;
use crate::state::Api;

/// Connections besides those of requests under way: streams, health checks, idle callers.
const SPARE_CONNECTIONS: usize = 1_024;

/// Serves until `shutdown`. While Kafka is away it serves what it knows, and answers 503 where it can't.
///
/// # Errors
/// A setting can't be used, or the address is taken.
pub async fn run(settings: &Settings, shutdown: CancellationToken) -> Result<(), Error> {
    DiscoveryService::bind(settings).await?.serve(shutdown).await;
    Ok(())
}

/// A discovery service that has its address, but does not serve yet.
pub struct DiscoveryService {
    server: Server,
    router: Router,
    directory: Directory,
    writer: Writer,
    recent: Recent,
    stop: CancellationToken,
}

impl DiscoveryService {
    /// Takes the address, and begins to follow the registry. Must be called within a Tokio runtime.
    ///
    /// # Errors
    /// When a setting can't be used, or the address is taken.
    pub async fn bind(settings: &Settings) -> Result<Self, Error> {
        crate::metrics::register();
        let own = &settings.discovery_service;
        auth::check_listen(settings, own.listen)?;
        let (readiness, stop) = (Readiness::new(), CancellationToken::new());
        let server_limits = ServerLimits {
            drain: Duration::from_millis(own.drain_ms),
            max_connections: own.max_in_flight + SPARE_CONNECTIONS,
            ..ServerLimits::default()
        };
        let server = Server::bind(own.listen, server_limits).await?;
        let kafka = Kafka::of_settings(&settings.kafka, "parceltrack-discovery-service")?;
        let topics = Topics::of_settings(&settings.kafka);
        let writer = Writer::new(&kafka, &topics)?;
        let directory = Directory::start(&kafka, &topics, readiness.condition("registry"), stop.clone());
        let recent = Recent::default();
        let api = Api::new(directory.clone(), writer.clone(), recent.clone(), stop.clone());

        let limits = Limits { max_in_flight: own.max_in_flight, max_body_bytes: own.max_body_bytes };
        let gatekeeper =
            Gatekeeper::start(settings, "parceltrack-discovery-service-keys", &readiness, stop.clone())?;
        let endpoints =
            auth::guard(routes().with_state(Arc::new(api)), gatekeeper, Service::DiscoveryService);
        let router = http_api::Api::new(endpoints, limits, openapi::document(), readiness).into_router();
        Ok(Self { server, router, directory, writer, recent, stop })
    }

    /// The address in use; tells the port where port 0 was asked for.
    ///
    /// # Errors
    /// When the operating system doesn't know.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.server.local_addr()
    }

    /// Serves until `shutdown`, then lets answers under way end within the drain time.
    pub async fn serve(self, shutdown: CancellationToken) {
        let Self { server, router, directory, writer, recent, stop } = self;
        if let Ok(address) = server.local_addr() {
            tracing::info!(%address, "discovery service listening");
        }
        let overseeing = async {
            tokio::select! {
                () = shutdown.cancelled() => {}
                () = recent.keep(directory.changes()) => {}
                () = burial::keep_burying(directory.clone(), writer) => {}
            }
            stop.cancel();
        };
        tokio::join!(server.run(router, stop.clone()), overseeing);
    }
}
