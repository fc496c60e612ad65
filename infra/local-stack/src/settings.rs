use std::path::PathBuf;

use crate::Error;
use crate::endpoints::Endpoints;
use crate::security::Security;

/// What to do about one of the three services.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Part {
    /// Start it here.
    #[default]
    Start,
    /// It runs elsewhere already, at this endpoint.
    Use(String),
    /// Neither start nor use it.
    Omit,
}

impl Part {
    pub(crate) fn starts(&self) -> bool {
        *self == Self::Start
    }

    pub(crate) fn external(&self) -> Option<String> {
        match self {
            Self::Use(endpoint) => Some(endpoint.clone()),
            Self::Start | Self::Omit => None,
        }
    }
}

/// A second way into a broker, through a proxy that somebody else runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProxiedPort {
    /// Where the broker listens for the proxy.
    pub listens: u16,
    /// Where the proxy listens; clients that come through it are told this port for the broker.
    pub advertised: u16,
}

/// How to start the stack. A port of 0 picks a free one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StackSettings {
    /// Where data, logs and rendered configuration live.
    pub data_dir: PathBuf,
    /// Where packages are kept; `None` is [`crate::cache_dir`].
    pub cache_dir: Option<PathBuf>,
    /// Kafka: here, elsewhere, or not at all.
    pub kafka: Part,
    /// The CQL database: here, elsewhere, or not at all.
    pub cql: Part,
    /// The schema registry: here, elsewhere, or not at all.
    pub registry: Part,
    /// 1 or 3 brokers, each broker and controller in one.
    pub brokers: u8,
    /// The first broker's port; the others take the next ones.
    pub kafka_port: u16,
    /// Copies of the registry's topics; `None` is one on each broker that is started here.
    pub copies: Option<u8>,
    /// One for each broker, or none. Clients whose bootstrap is the proxies stay behind them, and the brokers speak to each
    /// other through them as well; so the proxies must run before the stack is started.
    pub proxied: Vec<ProxiedPort>,
    /// The database's port.
    pub cql_port: u16,
    /// Whether each write to the database is on the disk before it is acknowledged. Otherwise a kill -9 may take the last tenth
    /// of a second with it, and a power cut the last ten.
    pub cql_sync: bool,
    /// The registry's port.
    pub registry_port: u16,
    /// Whether brokers say in their logs what their log cleaners do.
    pub log_cleaner_lines: bool,
    /// Heap of each broker in MiB.
    pub kafka_heap_mb: u32,
    /// Heap of the database in MiB.
    pub cassandra_heap_mb: u32,
    /// Heap of the registry in MiB.
    pub registry_heap_mb: u32,
    /// TLS, passwords and rights for Kafka and the database; without it both are open to whoever is on this machine.
    pub security: Option<Security>,
}

impl StackSettings {
    /// The usual ports and heaps, everything started here.
    pub fn new(data_dir: impl Into<PathBuf>) -> Self {
        Self {
            data_dir: data_dir.into(),
            cache_dir: None,
            kafka: Part::Start,
            cql: Part::Start,
            registry: Part::Start,
            brokers: 1,
            kafka_port: 9092,
            copies: None,
            proxied: Vec::new(),
            cql_port: 9042,
            cql_sync: false,
            registry_port: 8081,
            log_cleaner_lines: false,
            kafka_heap_mb: 512,
            cassandra_heap_mb: 768,
            registry_heap_mb: 256,
            security: None,
        }
    }

    /// As [`Self::new`], on free ports: several such stacks can run side by side.
    pub fn on_free_ports(data_dir: impl Into<PathBuf>) -> Self {
        Self { kafka_port: 0, cql_port: 0, registry_port: 0, ..Self::new(data_dir) }
    }

    /// Uses what runs elsewhere already; only the missing services are started.
    #[must_use]
    pub fn using(mut self, existing: &Endpoints) -> Self {
        for (part, endpoint) in [
            (&mut self.kafka, &existing.kafka),
            (&mut self.cql, &existing.cql),
            (&mut self.registry, &existing.registry),
        ] {
            if let Some(endpoint) = endpoint {
                *part = Part::Use(endpoint.clone());
            }
        }
        self
    }

    /// Only Kafka, for tests of the log.
    #[must_use]
    pub fn only_kafka(self) -> Self {
        Self { cql: Part::Omit, registry: Part::Omit, ..self }
    }

    pub(crate) fn starts_nothing(&self) -> bool {
        !(self.kafka.starts() || self.cql.starts() || self.registry.starts())
    }

    pub(crate) fn check(&self) -> Result<(), Error> {
        if self.kafka.starts() && !matches!(self.brokers, 1 | 3) {
            return Err(Error::Brokers { wanted: self.brokers });
        }
        if self.kafka.starts() && ![0, usize::from(self.brokers)].contains(&self.proxied.len()) {
            return Err(Error::Proxied { brokers: self.brokers, proxied: self.proxied.len() });
        }
        if self.security.is_some() {
            let reason = if self.registry.starts() {
                Some("the schema registry comes without TLS and passwords: use one that runs elsewhere")
            } else if self.kafka.starts() && (self.brokers > 1 || !self.proxied.is_empty()) {
                Some("there is one broker, and no proxy before it")
            } else {
                None
            };
            if let Some(reason) = reason {
                return Err(Error::Secured { reason });
            }
        }
        if self.registry.starts() && self.kafka == Part::Omit {
            return Err(Error::RegistryWithoutKafka);
        }
        Ok(())
    }
}
