//! What an instance says of itself, and what an operator says of it.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{Address, Error, InstanceId, InstanceName, ServiceName};

/// Milliseconds that a lease may last without a heartbeat: from one second, below which a pause of the broker ends it, to an
/// hour, above which it says nothing.
pub const TTL_MS: RangeInclusive<u64> = 1_000..=3_600_000;

/// Entries of metadata at most.
const METADATA_ENTRIES: usize = 64;
/// Bytes of all names and values together at most: the whole registry is read at each start, and kept in memory.
const METADATA_BYTES: usize = 16 * 1024;

/// The names of metadata that we know. Any other may be added.
pub mod metadata {
    /// The version of the program.
    pub const VERSION: &str = "version";
    /// The zone or rack that the instance is in.
    pub const ZONE: &str = "zone";
    /// The partitions it owns: `0,3,5`.
    pub const PARTITIONS: &str = "partitions";
    /// The offset of the configuration it runs on.
    pub const CONFIG_OFFSET: &str = "config_offset";
    /// Records that it is behind.
    pub const LAG: &str = "lag";
    /// Where `/metrics`, `/livez` and `/readyz` are, `host:port`, if not at the instance's own address.
    pub const OPS: &str = "ops";
    /// The path of the metrics, if not `/metrics`.
    pub const METRICS_PATH: &str = "metrics_path";
}

/// How an instance stands. Only those that are [`Status::Up`] get requests.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Status {
    /// It takes requests.
    Up,
    /// It runs, and is not ready yet.
    Starting,
    /// It was taken out on purpose.
    OutOfService,
    /// It runs, and says that it can't serve.
    Down,
}

impl Status {
    /// Every one of them.
    pub const ALL: [Self; 4] = [Self::Up, Self::Starting, Self::OutOfService, Self::Down];

    /// In capitals, as in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Up => "UP",
            Self::Starting => "STARTING",
            Self::OutOfService => "OUT_OF_SERVICE",
            Self::Down => "DOWN",
        }
    }
}

impl FromStr for Status {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let known = Self::ALL.into_iter().find(|status| status.as_str() == text);
        known.ok_or_else(|| Error::Lease {
            what: "status must be UP, STARTING, OUT_OF_SERVICE or DOWN".to_owned(),
        })
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How an instance is spoken to.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scheme {
    /// Plain HTTP.
    #[default]
    Http,
    /// HTTP over TLS.
    Https,
}

impl Scheme {
    /// In small letters, as in a URL.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }
}

/// What an instance says of itself: the value of its record. Fields that a newer version adds are passed over.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Lease {
    /// Of which service it is one.
    pub service: ServiceName,
    /// Its own name: another process under the same name takes its place.
    pub instance: InstanceName,
    /// Where it takes requests.
    pub address: Address,
    /// How.
    #[serde(default)]
    pub scheme: Scheme,
    /// How it stands by its own word.
    pub status: Status,
    /// Milliseconds after which it is gone unless it was renewed.
    pub ttl_ms: u64,
    /// When it started, in milliseconds since 1970, by its own clock.
    pub started_at: i64,
    /// What else it says of itself.
    #[serde(default)]
    pub metadata: BTreeMap<String, String>,
}

impl Lease {
    /// Whose lease it is.
    pub fn id(&self) -> InstanceId {
        InstanceId { service: self.service.clone(), instance: self.instance.clone() }
    }

    /// How long it lasts without a renewal.
    pub fn ttl(&self) -> Duration {
        Duration::from_millis(self.ttl_ms)
    }

    /// Checks the numbers.
    ///
    /// # Errors
    /// When the ttl is not within [`TTL_MS`], or the metadata is too much.
    pub fn check(&self) -> Result<(), Error> {
        let bytes: usize = self.metadata.iter().map(|(name, value)| name.len() + value.len()).sum();
        let fault = |what: String| Err(Error::Lease { what });
        if !TTL_MS.contains(&self.ttl_ms) {
            return fault(format!("ttl_ms must be from {} to {}", TTL_MS.start(), TTL_MS.end()));
        }
        if self.metadata.len() > METADATA_ENTRIES || bytes > METADATA_BYTES {
            return fault(format!(
                "metadata may have {METADATA_ENTRIES} entries and {METADATA_BYTES} bytes in all"
            ));
        }
        Ok(())
    }
}

/// An operator's word on an instance's status. It lies under a key of its own, so that no heartbeat can undo it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Override {
    /// The status to show, as long as the instance itself says [`Status::Up`] or [`Status::OutOfService`].
    pub status: Status,
    /// Why, for the next operator; empty if nobody said.
    #[serde(default)]
    pub reason: String,
    /// When, in milliseconds since 1970.
    pub set_at: i64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lease_is_the_json_that_the_page_shows_and_newer_fields_are_passed_over() {
        let text = r#"{"service":"query-api","instance":"q-1","address":"10.0.0.7:8092","scheme":"http","status":"UP",
            "ttl_ms":7500,"started_at":1764187200000,"metadata":{"zone":"a"},"colour":"blue"}"#;
        let lease: Lease = serde_json::from_str(text).unwrap();
        assert_eq!((lease.status, lease.metadata[metadata::ZONE].as_str()), (Status::Up, "a"));
        let again = serde_json::to_string(&lease).unwrap();
        assert_eq!(again, text.replace(",\"colour\":\"blue\"", "").split_whitespace().collect::<String>());
    }

    #[test]
    fn statuses_are_written_in_capitals() {
        for status in Status::ALL {
            assert_eq!(serde_json::to_string(&status).unwrap(), format!("\"{status}\""));
            assert_eq!(status.as_str().parse::<Status>().unwrap(), status);
        }
        assert!("up".parse::<Status>().is_err());
    }

    #[test]
    fn a_lease_has_bounds() {
        let text =
            r#"{"service":"s","instance":"i","address":"h:1","status":"UP","ttl_ms":7500,"started_at":0}"#;
        let lease: Lease = serde_json::from_str(text).unwrap();
        assert!(lease.check().is_ok());
        for ttl_ms in [0, 999, 3_600_001] {
            assert!(Lease { ttl_ms, ..lease.clone() }.check().is_err(), "{ttl_ms}");
        }
        let many = (0..65).map(|n| (n.to_string(), String::new())).collect();
        assert!(Lease { metadata: many, ..lease.clone() }.check().is_err());
        let long = BTreeMap::from([("a".to_owned(), "x".repeat(METADATA_BYTES))]);
        assert!(Lease { metadata: long, ..lease }.check().is_err());
    }
}
