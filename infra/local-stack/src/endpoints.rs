use std::fmt;

/// Where the three services answer. `None` where a service was left out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Endpoints {
    /// Kafka's bootstrap list, `host:port[,host:port…]`.
    pub kafka: Option<String>,
    /// The CQL contact point, `host:port`.
    pub cql: Option<String>,
    /// The registry's Confluent-compatible base URL.
    pub registry: Option<String>,
}

// The environment variable that names an existing Kafka.
const KAFKA_ENV: &str = "PARCELTRACK_KAFKA";
// The environment variable that names an existing CQL database.
const CQL_ENV: &str = "PARCELTRACK_CQL";
// The environment variable that names an existing schema registry.
const REGISTRY_ENV: &str = "PARCELTRACK_REGISTRY";

impl Endpoints {
    /// What `PARCELTRACK_KAFKA`, `PARCELTRACK_CQL` and `PARCELTRACK_REGISTRY` say.
    pub fn from_env() -> Self {
        let read = |name| std::env::var(name).ok().filter(|value| !value.trim().is_empty());
        Self { kafka: read(KAFKA_ENV), cql: read(CQL_ENV), registry: read(REGISTRY_ENV) }
    }

    /// The variables that make any role use these endpoints.
    pub fn env(&self) -> Vec<(&'static str, String)> {
        [(KAFKA_ENV, &self.kafka), (CQL_ENV, &self.cql), (REGISTRY_ENV, &self.registry)]
            .into_iter()
            .filter_map(|(name, value)| value.clone().map(|value| (name, value)))
            .collect()
    }
}

/// `NAME=value` lines, as a shell reads them.
impl fmt::Display for Endpoints {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, value) in self.env() {
            writeln!(f, "{name}={value}")?;
        }
        Ok(())
    }
}
