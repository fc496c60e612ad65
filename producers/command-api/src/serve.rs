//! The role: binds, connects in the background, serves, and ends in good order.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use auth::{Gatekeeper, Service};
use axum::Router;
use http_api::{Api, Limits, Server, ServerLimits};
use settings::Settings;
use telemetry::Readiness;
use tokio_util::sync::CancellationToken;

use crate::app::App;
use crate::link::{Link, Linking};
use crate::{Error, endpoints, openapi, refusal};

/// How long the client gets to send what is under way, when every request has been answered.
const FLUSH: Duration = Duration::from_secs(1);

/// Serves until `shutdown`. While Kafka or the registry is away it serves too, and answers 503.
///
/// # Errors
/// When a setting is missing, the address is taken, or the contract may not be registered.
pub async fn run(settings: &Settings, shutdown: CancellationToken) -> Result<(), Error> {
    CommandApi::bind(settings).await?.serve(shutdown).await
}

/// A command API that has its address, but does not serve yet.
pub struct CommandApi {
    server: Server,
    router: Router,
    link: Link,
    linking: Linking,
    stop: CancellationToken,
}

impl CommandApi {
    /// Takes the address.
    ///
    /// # Errors
    /// When a setting is missing or the address is taken.
    pub async fn bind(settings: &Settings) -> Result<Self, Error> {
        crate::metrics::register();
        let api = &settings.command_api;
        let secret = settings::require("command_api.namespace_secret", api.namespace_secret.as_ref())?;
        auth::check_listen(settings, api.listen)?;
        let (link, readiness, stop) = (Link::default(), Readiness::new(), CancellationToken::new());
        let linking = Linking::new(settings, link.clone(), &readiness)?;
        let app = App::new(settings, secret, link.clone(), stop.clone());
        let limits = Limits { max_in_flight: api.max_in_flight, max_body_bytes: api.max_body_bytes };
        let gatekeeper =
            Gatekeeper::start(settings, "parceltrack-command-api-keys", &readiness, stop.clone())?;
        let endpoints = auth::guard(endpoints::routes().with_state(app), gatekeeper, Service::CommandApi);
        let router = Api::new(endpoints, limits, openapi::document(), readiness)
            .error_docs(refusal::error_docs())
            .into_router();
        let drain = Duration::from_millis(api.drain_ms);
        let server = Server::bind(api.listen, ServerLimits { drain, ..ServerLimits::default() }).await?;
        Ok(Self { server, router, link, linking, stop })
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
    /// When the contract may not be registered, or Kafka's client can't be set up.
    pub async fn serve(self, shutdown: CancellationToken) -> Result<(), Error> {
        let Self { server, router, link, linking, stop } = self;
        if let Ok(address) = server.local_addr() {
            tracing::info!(%address, "command api listening");
        }
        let serving = server.run(router, stop.clone());
        let overseeing = async {
            let outcome = tokio::select! {
                () = shutdown.cancelled() => Ok(()),
                ended = linking.keep(&stop) => ended,
            };
            stop.cancel();
            outcome
        };
        let ((), outcome) = tokio::join!(serving, overseeing);
        link.close(FLUSH).await;
        outcome
    }
}
