//! A batch of event records: projected, merged, written, and what can't be is parked.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Instant, SystemTime};

use event_log::Received;
use shipment_events::{ShipmentEvent, ShipmentId, Timestamp};
use telemetry::chain;
use tokio_util::sync::CancellationToken;
use tracking_view::{CellWrite, ShipmentWrites, merge};
use view_store::{Refused, Writer};

use crate::intake::{Unprojectable, told_by_key};
use crate::visible::Written;
use crate::{Error, Projector, metrics};

/// What became of a batch.
pub(crate) struct Settled<'a> {
    /// The events that were written.
    pub(crate) written: Vec<Written<'a>>,
    /// When writing began.
    pub(crate) writing: SystemTime,
}

/// Who takes what can't be projected.
pub(crate) trait Park {
    /// Keeps the record; returns once it is kept. `false`: people have said that it can be forgotten, so its shipment isn't
    /// marked as incomplete.
    fn park(
        &self,
        record: &Received,
        why: &Unprojectable,
        cancel: &CancellationToken,
    ) -> impl Future<Output = Result<bool, Error>> + Send;
}

impl Park for crate::parking::Parking {
    async fn park(
        &self,
        record: &Received,
        why: &Unprojectable,
        cancel: &CancellationToken,
    ) -> Result<bool, Error> {
        Self::park(self, record, why, cancel).await.map(|()| true)
    }
}

impl Projector {
    /// Deals with a batch. When it returns `Ok`, each record's rows, or its dead letter, are durable, and the offsets behind
    /// them can be committed. Tells which events were written, and when writing began.
    pub(crate) async fn settle<'a>(
        &self,
        records: &'a [Received],
        writer: &Writer,
        parking: &impl Park,
        cancel: &CancellationToken,
    ) -> Result<Settled<'a>, Error> {
        let begun = Instant::now();
        let mut cells = Vec::with_capacity(records.len() * 4);
        let mut events = Vec::with_capacity(records.len());
        let mut types: BTreeMap<&'static str, u64> = BTreeMap::new();
        for record in records {
            let projected = match self.intake.event(record, cancel).await? {
                Ok(event) => self.cells(&event, record).map(|of_event| (event, of_event)),
                Err(why) => Err(why),
            };
            match projected {
                Ok((event, of_event)) => {
                    cells.extend(of_event);
                    *types.entry(event.body.type_name()).or_default() += 1;
                    events.push(Written::of(&event, record));
                }
                Err(why) => {
                    if parking.park(record, &why, cancel).await? {
                        cells.extend(mark(record));
                    }
                }
            }
        }
        let merged = merge(cells);
        let (writing, written_from) = (Instant::now(), SystemTime::now());
        let refused = write(writer, &merged, cancel).await?;
        for Refused { shipment_id, .. } in refused {
            self.write_singly(&events, shipment_id, writer, parking, cancel).await?;
        }
        metrics::WRITE_TIME.observe(writing.elapsed().as_secs_f64());
        metrics::BATCH_TIME.observe(begun.elapsed().as_secs_f64());
        metrics::BATCH.observe(records.len() as f64);
        for (name, count) in types {
            metrics::EVENTS.with_label_values(&[name]).inc_by(count);
        }
        Ok(Settled { written: events, writing: written_from })
    }

    /// Of a shipment that the database refused, all that it doesn't refuse is written; the rest is parked.
    async fn write_singly(
        &self,
        events: &[Written<'_>],
        shipment_id: ShipmentId,
        writer: &Writer,
        parking: &impl Park,
        cancel: &CancellationToken,
    ) -> Result<(), Error> {
        for Written { record, .. } in events.iter().filter(|written| written.shipment_id == shipment_id) {
            // Decoded again: that is cheaper than to keep every event of every batch for the day that never comes.
            let Ok(event) = self.intake.event(record, cancel).await? else { continue };
            let Ok(cells) = self.cells(&event, record) else { continue };
            for Refused { error, .. } in write(writer, &merge(cells), cancel).await? {
                let why = Unprojectable { code: "refused-by-database", text: chain(&error) };
                if parking.park(record, &why, cancel).await? {
                    let marks: Vec<_> = mark(record).into_iter().collect();
                    write(writer, &merge(marks), cancel).await?;
                }
            }
        }
        Ok(())
    }

    /// A projection that panics over an event must not do so for ever: that event is parked like any that can't be read.
    pub(crate) fn cells(
        &self,
        event: &ShipmentEvent,
        record: &Received,
    ) -> Result<Vec<CellWrite>, Unprojectable> {
        let framed = record.value.as_deref().unwrap_or_default();
        catch_unwind(AssertUnwindSafe(|| (self.project)(event, framed))).map_err(|_| Unprojectable {
            code: "projection-panicked",
            text: "the projection panicked; the log has its message".to_owned(),
        })
    }
}

async fn write(
    writer: &Writer,
    merged: &[ShipmentWrites],
    cancel: &CancellationToken,
) -> Result<Vec<Refused>, Error> {
    let statements: usize = merged.iter().map(|w| w.first.len() + w.row.len() + w.last.len()).sum();
    let refused = writer.write(merged, cancel).await?.refused;
    metrics::STATEMENTS.inc_by(statements as u64);
    Ok(refused)
}

/// That the shipment's row is incomplete, where the key tells which it is. Since when: since the event was written down, so
/// that whoever projects it again, and however late, says the same.
fn mark(record: &Received) -> Option<CellWrite> {
    let (shipment_id, sequence) = told_by_key(record)?;
    let since = record.timestamp.millis().map_or_else(crate::parking::now, Timestamp::from_millis);
    Some(tracking_view::parked(shipment_id, sequence, since))
}
