//! What every handler has at hand.

use event_codec::{Decoder, contract};
use schema_registry::Codecs;
use settings::{Live, Settings};
use shipment_events::ShipmentEvent;
use tokio_util::sync::CancellationToken;
use tracking_view::PhoneKey;

use crate::endpoints::CursorKey;
use crate::live::Hub;
use crate::views::Views;

/// Shared by all requests.
pub(crate) struct Api {
    pub(crate) views: Views,
    pub(crate) codecs: Codecs,
    pub(crate) events: Decoder<ShipmentEvent>,
    pub(crate) phones: PhoneKey,
    pub(crate) cursors: CursorKey,
    pub(crate) min_version_wait_ms: Live<u64>,
    pub(crate) heartbeat_ms: Live<u64>,
    pub(crate) hub: Hub,
    /// Cancelled when the process stops: endless streams end then.
    pub(crate) stop: CancellationToken,
}

impl Api {
    pub(crate) fn new(
        settings: &Settings,
        views: Views,
        codecs: Codecs,
        stop: CancellationToken,
    ) -> Result<Self, settings::Error> {
        let own = &settings.query_api;
        let phones = settings::require("query_api.phone_hash_key", own.phone_hash_key.as_ref())?;
        let cursors = settings::require("query_api.cursor_key", own.cursor_key.as_ref())?;
        Ok(Self {
            events: codecs.decoder(&contract::event()),
            hub: Hub::new(views.clone(), own.sse_max_clients),
            views,
            codecs,
            phones: PhoneKey::new(phones.expose().as_bytes()),
            cursors: CursorKey::new(cursors.expose().as_bytes()),
            min_version_wait_ms: own.min_version_wait_ms.clone(),
            heartbeat_ms: own.sse_heartbeat_ms.clone(),
            stop,
        })
    }
}
