//! What every page has at hand.

use auth::Gatekeeper;
use service_registry::Directory;
use settings::Settings;
use tokio_util::sync::CancellationToken;

use crate::backend::Backend;
use crate::error::Error;
use crate::figures::Follow;
use crate::projections::Projections;
use crate::store::EventStore;

/// Shared by all requests.
pub(crate) struct Desk {
    /// Says whether a key or token is good, for whoever signs in.
    pub(crate) gatekeeper: Gatekeeper,
    /// The local copy of the registry.
    pub(crate) directory: Directory,
    /// Numbers out of everybody's metrics.
    pub(crate) figures: Follow,
    /// The other services.
    pub(crate) backend: Backend,
    /// The topics.
    pub(crate) store: EventStore,
    /// The views, as who makes and mends them sees them.
    pub(crate) projections: Projections,
    /// Cancelled when the process stops: what goes on in the background, and endless answers, end then.
    pub(crate) stop: CancellationToken,
}

impl Desk {
    pub(crate) fn new(
        settings: &Settings,
        directory: Directory,
        gatekeeper: Gatekeeper,
        stop: CancellationToken,
    ) -> Result<Self, Error> {
        let backend = Backend::new(directory.clone(), settings.console.timeout_ms.clone())?;
        let figures = Follow::start(backend.http().clone(), directory.clone(), stop.clone());
        let store = EventStore::new(settings)?;
        let projections = Projections::new(settings, stop.clone())?;
        Ok(Self { gatekeeper, directory, figures, backend, store, projections, stop })
    }
}
