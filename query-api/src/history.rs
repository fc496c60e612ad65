//! Histories from the database, decoded.

use futures::{StreamExt, TryStreamExt, stream};
use http_api::Problem;
use shipment_events::{Sequence, ShipmentEvent, ShipmentId};
use tracking_view::EventRow;

use crate::error::{RETRY_AFTER, failed_read};
use crate::state::Api;

impl Api {
    /// A shipment's whole history, in order; empty when there is none.
    pub(crate) async fn history(&self, id: ShipmentId) -> Result<Vec<ShipmentEvent>, Problem> {
        let rows = self.reader.whole_history(id).await.map_err(|error| failed_read(&error))?;
        self.decoded(rows).await
    }

    /// At most `limit` events of it after a sequence.
    pub(crate) async fn history_page(
        &self,
        id: ShipmentId,
        after: Sequence,
        limit: usize,
    ) -> Result<Vec<ShipmentEvent>, Problem> {
        let rows = self.reader.history(id, after, limit).await.map_err(|error| failed_read(&error))?;
        self.decoded(rows).await
    }

    async fn decoded(&self, rows: Vec<EventRow>) -> Result<Vec<ShipmentEvent>, Problem> {
        stream::iter(rows).then(|row| self.decode(row)).try_collect().await
    }

    async fn decode(&self, row: EventRow) -> Result<ShipmentEvent, Problem> {
        self.codecs.decode(&self.events, &row.payload, None).await.map_err(|error| {
            let (shipment_id, sequence) = (row.shipment_id, row.sequence.get());
            if error.is_passing() {
                tracing::warn!(%shipment_id, sequence, error = &error as &dyn std::error::Error, "schema registry away");
                return Problem::unavailable("the schema registry doesn't answer just now", RETRY_AFTER);
            }
            tracing::error!(%shipment_id, sequence, error = &error as &dyn std::error::Error, "a stored event can't be decoded");
            Problem::internal()
        })
    }
}
