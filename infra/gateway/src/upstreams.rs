//! Where the services are.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::{ArcSwap, Guard};
use auth::Service;
use service_registry::{Directory, Instance, Scheme, ServiceName};
use tokio_util::sync::CancellationToken;

use crate::per_service::PerService;

/// Names are looked up again this often: what is behind them may move while the registry says the same.
const LOOK_UP: Duration = Duration::from_secs(10);

/// The addresses of each service's instances that are up. Clones share it; asking costs no lock and no network.
#[derive(Clone, Debug, Default)]
pub struct Upstreams {
    addresses: Arc<PerService<ArcSwap<Vec<SocketAddr>>>>,
}

impl Upstreams {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Puts a service's addresses in place of those before.
    pub fn set(&self, service: Service, addresses: Vec<SocketAddr>) {
        self.addresses[service].store(Arc::new(addresses));
    }

    /// A service's addresses.
    pub(crate) fn of(&self, service: Service) -> Guard<Arc<Vec<SocketAddr>>> {
        self.addresses[service].load()
    }

    /// Keeps to what the registry says, until `stop`.
    pub(crate) async fn follow(self, directory: Directory, stop: CancellationToken) {
        let mut version = directory.watch();
        loop {
            for service in Service::ALL {
                self.take_over(service, &directory).await;
            }
            tokio::select! {
                changed = version.changed() => if changed.is_err() { return },
                () = tokio::time::sleep(LOOK_UP) => {}
                () = stop.cancelled() => return,
            }
        }
    }

    async fn take_over(&self, service: Service, directory: &Directory) {
        let name: ServiceName = service.name().parse().expect("a service's name is one");
        let mut addresses = Vec::new();
        for instance in directory.instances(&name) {
            addresses.extend(address(&instance).await);
        }
        addresses.sort_unstable();
        addresses.dedup();
        if addresses != **self.of(service) {
            tracing::info!(
                service = service.name(),
                instances = addresses.len(),
                "a service's instances changed"
            );
            self.set(service, addresses);
        }
    }
}

/// Where an instance takes connections; none when its name is nobody's, or it wants TLS.
async fn address(instance: &Instance) -> Option<SocketAddr> {
    let lease = &instance.lease;
    if lease.scheme == Scheme::Https {
        tracing::warn!(instance = %instance.id(), "an instance wants TLS, which the gateway does not speak to services");
        return None;
    }
    let found = tokio::net::lookup_host(lease.address.as_str()).await;
    let address = found.ok().and_then(|mut addresses| addresses.next());
    if address.is_none() {
        tracing::warn!(instance = %instance.id(), "an instance's host name can't be looked up");
    }
    address
}
