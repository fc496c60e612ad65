//! What every handler has at hand.

use std::sync::Arc;

use event_codec::{Decoder, contract};
use schema_registry::Codecs;
use settings::Settings;
use shipment_events::ShipmentEvent;
use view_store::Reader;

/// Shared by all requests; cheap to clone.
#[derive(Clone)]
pub(crate) struct Api {
    pub(crate) reader: Reader,
    pub(crate) codecs: Codecs,
    pub(crate) events: Arc<Decoder<ShipmentEvent>>,
}

impl Api {
    pub(crate) fn new(_settings: &Settings, reader: Reader, codecs: Codecs) -> Self {
        let events = Arc::new(codecs.decoder(&contract::event()));
        Self { reader, codecs, events }
    }
}
