//! The role: takes its address, follows registry and keys in the background, serves, and ends in good order.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use auth::{Gatekeeper, Service};
use axum::{Router, middleware};
use event_log::{Kafka, Topics};
use http_api::{Limits, Server, ServerLimits};
use serde_json::json;
use service_registry::Directory;
use settings::Settings;
use telemetry::Readiness;
use tokio_util::sync::CancellationToken;

use crate::desk::Desk;
use crate::error::Error;
use crate::{pages, same_origin};

/// Connections besides those of requests under way: health checks, idle callers.
const SPARE_CONNECTIONS: usize = 1_024;

/// Serves until `shutdown`. While others are away its pages say so.
///
/// # Errors
/// A setting can't be used, or the address is taken.
pub async fn run(settings: &Settings, shutdown: CancellationToken) -> Result<(), Error> {
    Console::bind(settings).await?.serve(shutdown).await;
    Ok(())
}

/// A console that has its address, but does not serve yet.
pub struct Console {
    server: Server,
    router: Router,
    desk: Arc<Desk>,
    stop: CancellationToken,
}

impl Console {
    /// Takes the address, and begins to follow the registry and the API keys. Must be called within a Tokio runtime.
    ///
    /// # Errors
    /// When a setting can't be used, or the address is taken.
    pub async fn bind(settings: &Settings) -> Result<Self, Error> {
        crate::metrics::register();
        let own = &settings.console;
        auth::check_listen(settings, own.listen)?;
        let (readiness, stop) = (Readiness::new(), CancellationToken::new());
        let server_limits = ServerLimits {
            drain: Duration::from_millis(own.drain_ms),
            max_connections: own.max_in_flight + SPARE_CONNECTIONS,
            ..ServerLimits::default()
        };
        let server = Server::bind(own.listen, server_limits).await?;
        let kafka = Kafka::of_settings(&settings.kafka, "parceltrack-console")?;
        let topics = Topics::of_settings(&settings.kafka);
        let directory = Directory::start(&kafka, &topics, readiness.condition("registry"), stop.clone());
        let gatekeeper = Gatekeeper::start(settings, "parceltrack-console-keys", &readiness, stop.clone())?;
        let desk = Arc::new(Desk::new(settings, directory, gatekeeper.clone(), stop.clone())?);

        let limits = Limits { max_in_flight: own.max_in_flight, max_body_bytes: own.max_body_bytes };
        let pages = pages::routes().with_state(Arc::clone(&desk));
        let guarded = auth::guard(pages, gatekeeper, Service::Console);
        let checked = guarded.layer(middleware::from_fn(same_origin::check));
        let router = http_api::Api::new(checked, limits, document(), readiness).into_router();
        Ok(Self { server, router, desk, stop })
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
        let Self { server, router, desk, stop } = self;
        if let Ok(address) = server.local_addr() {
            tracing::info!(%address, "console listening");
        }
        let overseeing = async {
            shutdown.cancelled().await;
            stop.cancel();
        };
        tokio::join!(server.run(router, stop.clone()), overseeing);
        desk.projections.stopped().await;
    }
}

/// There is nothing here for programs, and the document says so.
fn document() -> serde_json::Value {
    let about =
        "Pages for people, under /console. Programs ask the services themselves, through the gateway.";
    json!({
        "openapi": "3.1.0",
        "info": { "title": "ParcelTrack console", "version": env!("CARGO_PKG_VERSION"), "description": about },
        "paths": {}
    })
}
