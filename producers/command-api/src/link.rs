//! The connection to Kafka: made in the background, tried again while it can't be made, and watched.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use command_client::{CommandClient, Schemas};
use event_codec::contract;
use event_log::{Kafka, Topics};
use schema_registry::{Auth, Codecs, Contracts, Registry};
use settings::Settings;
use telemetry::{Condition, Readiness};
use tokio_util::sync::CancellationToken;

use crate::failure::Failure;
use crate::{Error, metrics};

/// The pause between two tries to connect.
const AGAIN: Duration = Duration::from_secs(1);
/// How often it is looked whether replies are still being read.
const LOOK: Duration = Duration::from_millis(250);
/// How long Kafka may take to acknowledge a command, if no one waits longer.
const DELIVERY: Duration = Duration::from_secs(10);

/// The client, once it is connected. Clones share it.
#[derive(Clone, Default)]
pub(crate) struct Link(Arc<OnceLock<CommandClient>>);

impl Link {
    /// The client, if replies are being read: a command whose reply would be missed isn't sent.
    pub(crate) fn client(&self) -> Result<&CommandClient, Failure> {
        self.0.get().filter(|client| client.is_ready()).ok_or(Failure::NotReady)
    }

    /// Lets nothing more in and stops.
    pub(crate) async fn close(&self, patience: Duration) {
        if let Some(client) = self.0.get() {
            let given_up = client.close(patience).await;
            if given_up > 0 {
                tracing::warn!(
                    commands = given_up,
                    "commands were given up while they waited for their reply"
                );
            }
        }
    }
}

/// Makes the connection and watches it.
pub(crate) struct Linking {
    link: Link,
    kafka: Kafka,
    topics: Topics,
    registry: Registry,
    contracts: Contracts,
    client: command_client::Settings,
    schemas_known: Condition,
    replies_read: Condition,
}

impl Linking {
    pub(crate) fn new(settings: &Settings, link: Link, readiness: &Readiness) -> Result<Self, Error> {
        let api = &settings.command_api;
        let name = api
            .instance_id
            .as_ref()
            .map_or_else(|| "command-api".to_owned(), |instance| format!("command-api/{instance}"));
        let mut client = command_client::Settings::new(format!("/parceltrack/{name}"));
        // As many as requests at once, and as many again from streams.
        client.max_waiting = api.max_in_flight.saturating_mul(2);
        client.delivery_timeout = DELIVERY.max(Duration::from_millis(api.deadline_ms.now()));
        Ok(Self {
            link,
            kafka: Kafka::of_settings(&settings.kafka, name.replace('/', ".")).map_err(Error::Kafka)?,
            topics: Topics::of_settings(&settings.kafka),
            registry: registry(&settings.registry).map_err(Error::Registry)?,
            contracts: Contracts::ours(&settings.kafka.topic_prefix),
            client,
            schemas_known: readiness.condition("schemas"),
            replies_read: readiness.condition("replies"),
        })
    }

    /// Connects, however long that takes, and watches the connection until `stop`.
    ///
    /// # Errors
    /// When no waiting helps.
    pub(crate) async fn keep(&self, stop: &CancellationToken) -> Result<(), Error> {
        tokio::select! {
            () = stop.cancelled() => Ok(()),
            ended = async {
                let codecs = self.schemas().await?;
                let client = self.connect(&codecs).await?;
                // Nobody else sets it.
                let client = self.link.0.get_or_init(|| client);
                self.watch(client).await
            } => ended,
        }
    }

    async fn schemas(&self) -> Result<Codecs, Error> {
        loop {
            match Codecs::open(self.registry.clone(), self.contracts.clone()).await {
                Ok(codecs) => {
                    self.schemas_known.met();
                    return Ok(codecs);
                }
                Err(error) if error.is_passing() => {
                    tracing::warn!(%error, "the schemas aren't known yet");
                    self.schemas_known.unmet(error.to_string());
                }
                Err(error) => return Err(Error::Registry(error)),
            }
            tokio::time::sleep(AGAIN).await;
        }
    }

    async fn connect(&self, codecs: &Codecs) -> Result<CommandClient, Error> {
        let schemas = Schemas {
            encoder: codecs.encoder(&contract::command()).map_err(Error::Registry)?,
            decoder: codecs.decoder(&contract::reply()),
            fetch: codecs.fetch(),
        };
        loop {
            let client = self.client.clone();
            match CommandClient::connect(&self.kafka, &self.topics, schemas.clone(), client).await {
                Ok(client) => return Ok(client),
                Err(command_client::Error::Replies(error)) => {
                    tracing::warn!(%error, "replies can't be read yet");
                    self.replies_read.unmet(error.to_string());
                }
                Err(error) => return Err(Error::Client(error)),
            }
            tokio::time::sleep(AGAIN).await;
        }
    }

    async fn watch(&self, client: &CommandClient) -> Result<(), Error> {
        loop {
            self.replies_read.set(client.is_ready(), "replies can't be read at the moment");
            metrics::IN_FLIGHT.set(i64::try_from(client.waiting()).unwrap_or(i64::MAX));
            tokio::time::sleep(LOOK).await;
        }
    }
}

fn registry(settings: &settings::keys::Registry) -> Result<Registry, schema_registry::Error> {
    let password = settings.password.as_ref().map(|password| password.expose().clone());
    let auth = Auth::basic(settings.username.clone(), password);
    Registry::connect(&settings.url, auth, Duration::from_millis(settings.timeout_ms))
}
