//! The role: takes its address, follows the topic, serves, and ends in good order.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use auth::{Gatekeeper, Service};
use axum::Router;
use event_log::{Kafka, Topics};
use http_api::{Limits, Server, ServerLimits};
use live_config::{ConfigLog, Sealer, Writer};
use service_registry::Directory;
use settings::Settings;
use telemetry::{Condition, Readiness};
use tokio_util::sync::CancellationToken;

use crate::endpoints::routes;
use crate::error::Error;
use crate::openapi;
use crate::state::Api;

/// Serves until `shutdown`. While Kafka is away it serves what it has read, and answers 503 to who wants to change something.
///
/// # Errors
/// When the address is taken, or Kafka's client can't be set up.
pub async fn run(settings: &Settings, shutdown: CancellationToken) -> Result<(), Error> {
    ConfigService::bind(settings).await?.serve(shutdown).await;
    Ok(())
}

/// A config service that has its address, but does not serve yet.
pub struct ConfigService {
    server: Server,
    router: Router,
    log: ConfigLog,
    condition: Condition,
    stop: CancellationToken,
}

impl ConfigService {
    /// Takes the address, and begins to follow the topic. Must be called within a Tokio runtime.
    ///
    /// # Errors
    /// When the address is taken, or Kafka's client can't be set up.
    pub async fn bind(settings: &Settings) -> Result<Self, Error> {
        let own = &settings.config_service;
        let drain = Duration::from_millis(own.drain_ms);
        let server = Server::bind(own.listen, ServerLimits { drain, ..ServerLimits::default() }).await?;
        auth::check_listen(settings, own.listen)?;
        let (readiness, stop) = (Readiness::new(), CancellationToken::new());
        let condition = readiness.condition("config_topic");
        let kafka = Kafka::of_settings(&settings.kafka, "parceltrack-config-service")?;
        let topics = Topics::of_settings(&settings.kafka);
        let directory = Directory::start(&kafka, &topics, readiness.condition("registry"), stop.clone());
        let log = ConfigLog::follow(kafka.clone(), topics.config.clone(), stop.clone());
        let sealer = settings.config.secret_key.as_ref().map(Sealer::new);
        let api = Arc::new(Api {
            log: log.clone(),
            writer: Writer::new(kafka, topics),
            sealer,
            directory,
            stop: stop.clone(),
        });
        let limits = Limits { max_in_flight: own.max_in_flight, max_body_bytes: own.max_body_bytes };
        let gatekeeper =
            Gatekeeper::start(settings, "parceltrack-config-service-keys", &readiness, stop.clone())?;
        let endpoints = auth::guard(routes().with_state(api), gatekeeper, Service::ConfigService);
        let router = http_api::Api::new(endpoints, limits, openapi::document(), readiness).into_router();
        Ok(Self { server, router, log, condition, stop })
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
        let Self { server, router, mut log, condition, stop } = self;
        if let Ok(address) = server.local_addr() {
            tracing::info!(%address, "config service listening");
        }
        tokio::spawn(async move {
            if log.changed().await.is_some() {
                condition.met();
            }
        });
        let stopping = async {
            shutdown.cancelled().await;
            stop.cancel();
        };
        tokio::join!(server.run(router, stop.clone()), stopping);
    }
}
