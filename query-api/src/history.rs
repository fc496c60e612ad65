//! Histories from the database, decoded.

use std::time::Duration;

use futures::{StreamExt, TryStreamExt, stream};
use http_api::Problem;
use shipment_events::{Sequence, ShipmentEvent, ShipmentId};
use tokio::time::timeout;
use tracking_view::EventRow;

use crate::state::Api;
use crate::views::RETRY_AFTER;

/// How long the registry may take to say what an unknown writer's schema is: somebody waits for it.
const REGISTRY_PATIENCE: Duration = Duration::from_secs(3);

impl Api {
    /// A shipment's whole history, in order; empty when there is none.
    pub(crate) async fn history(&self, id: ShipmentId) -> Result<Vec<ShipmentEvent>, Problem> {
        self.decoded(self.views.whole_history(id).await?).await
    }

    /// At most `limit` events of it after a sequence.
    pub(crate) async fn history_page(
        &self,
        id: ShipmentId,
        after: Sequence,
        limit: usize,
    ) -> Result<Vec<ShipmentEvent>, Problem> {
        self.decoded(self.views.history(id, after, limit).await?).await
    }

    async fn decoded(&self, rows: Vec<EventRow>) -> Result<Vec<ShipmentEvent>, Problem> {
        stream::iter(rows).then(|row| self.decode(row)).try_collect().await
    }

    async fn decode(&self, row: EventRow) -> Result<ShipmentEvent, Problem> {
        let (shipment_id, sequence) = (row.shipment_id, row.sequence.get());
        let decoding = self.codecs.decode(&self.events, &row.payload, None);
        let is_it = |event: &ShipmentEvent| {
            (event.event_id, event.sequence, event.shipment_id)
                == (row.event_id, row.sequence, row.shipment_id)
        };
        let event = match timeout(REGISTRY_PATIENCE, decoding).await {
            Ok(Ok(event)) if is_it(&event) => event,
            // A registry that lost its memory knows no schema under the id, or gives it to another one.
            Ok(Ok(_) | Err(schema_registry::Error::Codec(_)))
                if let Ok(event) = self.events.decode_by_trial(&row.payload, is_it) =>
            {
                event
            }
            Ok(Ok(_)) => {
                tracing::error!(%shipment_id, sequence, "a stored event decodes to another one: wrong schema ids?");
                return Err(Problem::internal());
            }
            Err(_) => return Err(registry_away()),
            Ok(Err(error)) if error.is_passing() => return Err(registry_away()),
            Ok(Err(error)) => {
                let error = &error as &dyn std::error::Error;
                tracing::error!(%shipment_id, sequence, error, "a stored event can't be decoded");
                return Err(Problem::internal());
            }
        };
        Ok(event)
    }
}

fn registry_away() -> Problem {
    Problem::unavailable(
        "the schema registry, which is asked for an unknown writer's schema, doesn't answer",
        RETRY_AFTER,
    )
}
