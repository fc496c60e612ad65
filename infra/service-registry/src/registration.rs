//! What a process says to be found.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use settings::keys::Discovery;

use crate::{Address, Error, InstanceName, Lease, Scheme, ServiceName, Status, metadata, timing};

/// What a process says of itself to be found, and how often.
#[derive(Clone, Debug)]
pub struct Registration {
    /// Of which service it is one.
    pub service: ServiceName,
    /// Its own name, unlike that of any other instance of the service.
    pub instance: InstanceName,
    /// Where it takes requests.
    pub address: Address,
    /// How.
    pub scheme: Scheme,
    /// How it stands to begin with.
    pub status: Status,
    /// The pause between two heartbeats.
    pub heartbeat: Duration,
    /// How long it is believed to be there without one.
    pub ttl: Duration,
    /// What else it says of itself.
    pub metadata: BTreeMap<String, String>,
}

impl Registration {
    /// With the pace of [`timing`], starting, over plain HTTP.
    pub fn new(service: ServiceName, instance: InstanceName, address: Address) -> Self {
        Self {
            service,
            instance,
            address,
            scheme: Scheme::default(),
            status: Status::Starting,
            heartbeat: timing::HEARTBEAT,
            ttl: timing::TTL,
            metadata: BTreeMap::new(),
        }
    }

    /// As the settings have it, for a role that listens at `listen`: with its name, address, pace and zone, and the version of
    /// this build. Where it listens on every address, others find it under the machine's name.
    ///
    /// # Errors
    /// When the service's name can't be one, or `discovery.host` is no host.
    pub fn of_settings(discovery: &Discovery, service: &str, listen: SocketAddr) -> Result<Self, Error> {
        let host = discovery.host.clone().unwrap_or_else(|| host_of(listen));
        let address = Address::of(&host, listen.port())?;
        let instance = match &discovery.instance {
            Some(instance) => instance.parse()?,
            None => address.as_str().replace(['[', ']'], "").parse()?,
        };
        let mut registration = Self {
            heartbeat: Duration::from_millis(discovery.heartbeat_ms),
            ttl: Duration::from_millis(discovery.ttl_ms),
            ..Self::new(service.parse()?, instance, address)
        };
        registration = registration.with(metadata::VERSION, env!("CARGO_PKG_VERSION"));
        Ok(match &discovery.zone {
            Some(zone) => registration.with(metadata::ZONE, zone),
            None => registration,
        })
    }

    /// With one more fact.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.metadata.insert(name.to_owned(), value.into());
        self
    }

    /// The lease that this asks for, of a process that starts now.
    ///
    /// # Errors
    /// When no lease may say that (see [`Lease::check`]), or a heartbeat would come too late for it.
    pub fn lease(&self) -> Result<Lease, Error> {
        if self.heartbeat.is_zero() || self.heartbeat >= self.ttl {
            return Err(Error::Lease {
                what: "heartbeat must be above zero, and shorter than its ttl".to_owned(),
            });
        }
        let lease = Lease {
            service: self.service.clone(),
            instance: self.instance.clone(),
            address: self.address.clone(),
            scheme: self.scheme,
            status: self.status,
            ttl_ms: self.ttl.as_millis() as u64,
            started_at: chrono::Utc::now().timestamp_millis(),
            metadata: self.metadata.clone(),
        };
        lease.check().map(|()| lease)
    }
}

/// The host that others can use.
fn host_of(listen: SocketAddr) -> String {
    let own = match listen {
        SocketAddr::V4(v4) => v4.ip().to_string(),
        SocketAddr::V6(v6) => format!("[{}]", v6.ip()),
    };
    if !listen.ip().is_unspecified() {
        return own;
    }
    // Linux tells it here; elsewhere `discovery.host` has to.
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let name = name.trim();
    if name.is_empty() { own } else { name.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(listen: &str, set: impl Fn(&mut Discovery)) -> Registration {
        let mut discovery = settings::Settings::default().discovery;
        set(&mut discovery);
        Registration::of_settings(&discovery, "query-api", listen.parse().unwrap()).unwrap()
    }

    #[test]
    fn a_role_is_found_where_it_listens_unless_the_settings_say_otherwise() {
        let plain = of("127.0.0.1:8092", |_| ());
        assert_eq!((plain.address.as_str(), plain.instance.as_str()), ("127.0.0.1:8092", "127.0.0.1:8092"));
        assert_eq!((plain.heartbeat, plain.ttl), (timing::HEARTBEAT, timing::TTL));
        assert_eq!(plain.metadata[metadata::VERSION], env!("CARGO_PKG_VERSION"));
        assert!(plain.lease().is_ok());

        let six = of("[::1]:8092", |_| ());
        assert_eq!((six.address.as_str(), six.instance.as_str()), ("[::1]:8092", "::1:8092"));

        let told = of("0.0.0.0:8092", |discovery| {
            discovery.host = Some("query.example".to_owned());
            discovery.instance = Some("q-1".to_owned());
            discovery.zone = Some("a".to_owned());
        });
        assert_eq!((told.address.as_str(), told.instance.as_str()), ("query.example:8092", "q-1"));
        assert_eq!(told.metadata[metadata::ZONE], "a");

        assert_ne!(of("0.0.0.0:8092", |_| ()).address.host(), "0.0.0.0");
    }
}
