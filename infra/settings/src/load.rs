//! From sources to settings that make sense together.

use crate::error::{Error, Problem};
use crate::keys::{KEYS, Settings};
use crate::layers::Layers;
use crate::sources::{Origin, Sources};

impl Settings {
    /// Loads and checks every setting; the error has everything that is wrong.
    pub fn load(sources: &Sources) -> Result<Self, Error> {
        let mut layers = Layers::read(sources);
        let settings = Self::from_layers(&mut layers);
        let mut problems = layers.problems;
        if problems.is_empty() {
            problems.extend(settings.incoherences().map(Problem::Incoherent));
        }
        if problems.is_empty() { Ok(settings) } else { Err(Error { problems }) }
    }

    /// Where the value of `section.key` came from.
    pub fn origin(&self, key: &str) -> Origin {
        self.origins.get(key).cloned().unwrap_or(Origin::Default)
    }

    /// The command handlers' consumer group: as set, or named after the topics.
    pub fn command_handler_group(&self) -> String {
        self.command_handler
            .group
            .clone()
            .unwrap_or_else(|| format!("{}.command-handler", self.kafka.topic_prefix))
    }

    /// The projectors' consumer group: as set, or named after the topics.
    pub fn projector_group(&self) -> String {
        self.projector.group.clone().unwrap_or_else(|| format!("{}.projector", self.kafka.topic_prefix))
    }

    fn incoherences(&self) -> impl Iterator<Item = String> {
        let cql = &self.cql;
        let handler = &self.command_handler;
        let command_api = &self.command_api;
        let discovery = &self.discovery;
        [
            (cql.username.is_some() != cql.password.is_some())
                .then(|| "cql.username and cql.password go together: set both or neither".to_owned()),
            (self.registry.username.is_some() != self.registry.password.is_some())
                .then(|| "registry.username and registry.password go together: set both or neither".to_owned()),
            (cql.tls_cert_file.is_some() != cql.tls_key_file.is_some())
                .then(|| "cql.tls_cert_file and cql.tls_key_file go together: set both or neither".to_owned()),
            (!cql.tls && (cql.tls_ca_file.is_some() || cql.tls_cert_file.is_some()))
                .then(|| "cql.tls_ca_file or cql.tls_cert_file is set, but cql.tls is false: set cql.tls=true".to_owned()),
            (self.kafka.properties.0.contains_key("bootstrap.servers"))
                .then(|| "kafka.properties has bootstrap.servers: set kafka.bootstrap instead".to_owned()),
            (handler.transaction_timeout_ms > handler.session_timeout_ms).then(|| {
                format!(
                    "command_handler.transaction_timeout_ms ({}) is above command_handler.session_timeout_ms ({}): a \
                     dead handler's open transaction would hold back its successor; lower the first",
                    handler.transaction_timeout_ms, handler.session_timeout_ms
                )
            }),
            // 2.5 s: a pause of the broker that nobody notices, and a look.
            (discovery.ttl_ms < discovery.heartbeat_ms + discovery.heartbeat_ms.max(2_500)).then(|| {
                format!(
                    "discovery.ttl_ms ({}) is less than two of discovery.heartbeat_ms ({}), or than one and 2.5 s: one late heartbeat would throw a \
                     healthy instance out; raise the first or lower the second",
                    discovery.ttl_ms, discovery.heartbeat_ms
                )
            }),
            (command_api.ndjson_in_flight > command_api.max_in_flight).then(|| {
                "command_api.ndjson_in_flight is above command_api.max_in_flight: one stream could take every slot; \
                 lower the first"
                    .to_owned()
            }),
        ]
        .into_iter()
        .flatten()
    }
}

impl Default for Settings {
    /// The defaults alone: the start for tests.
    fn default() -> Self {
        Self::from_layers(&mut Layers::default())
    }
}

/// Whether a role could have this value from the config topic; what is wrong if not.
///
/// ```
/// assert!(settings::check("projector.concurrency", "64").is_ok());
/// assert!(settings::check("projector.concurrency", "0").is_err());
/// assert!(settings::check("projector.concurency", "64").is_err());
/// assert!(settings::check("kafka.bootstrap", "kafka-1:9092").is_err());
/// ```
pub fn check(key: &str, value: &str) -> Result<(), Error> {
    let mut layers = Layers::read(&Sources::none().topic([(key.to_owned(), value.to_owned())].into()));
    Settings::from_layers(&mut layers);
    if layers.problems.is_empty() { Ok(()) } else { Err(Error { problems: layers.problems }) }
}

/// The value of an optional setting that this role can't do without.
///
/// ```
/// let settings = settings::Settings::default();
/// let error = settings::require("query_api.cursor_key", settings.query_api.cursor_key.as_ref()).unwrap_err();
/// assert!(error.to_string().contains("PARCELTRACK_QUERY_API_CURSOR_KEY"));
/// ```
pub fn require<'a, T>(key: &str, value: Option<&'a T>) -> Result<&'a T, Error> {
    value.ok_or_else(|| match KEYS.iter().find(|known| known.path == key) {
        Some(key) => Problem::Missing { key: key.path, env: key.env(), has_file_form: key.file_form }.into(),
        None => Problem::Incoherent(format!("{key} is not a setting")).into(),
    })
}
