//! Writing rows anew from the log, and looking whether that helped.

use std::collections::BTreeMap;

use futures::{StreamExt, TryStreamExt, stream};
use shipment_events::{Sequence, ShipmentId};
use tokio_util::sync::CancellationToken;
use tracking_view::merge;
use view_store::{Fault, Writer};

use crate::Error;
use crate::compare::History;
use crate::ends::ByPartition;
use crate::finding::Finding;
use crate::second_look::{Batch, Verdict};
use crate::tables::Tables;

/// How many shipments are written at once.
const AT_ONCE: usize = 16;

/// How often a shipment is written anew: while it was, the projector may have come to its next event.
const ATTEMPTS: usize = 3;

/// Repairs what can be, and puts what is to be said then into the place of what was found before.
pub(crate) async fn repair(
    batch: &mut Batch<'_>,
    verdicts: &mut BTreeMap<ShipmentId, Verdict>,
    cancel: &CancellationToken,
) -> Result<(), Error> {
    let writer = batch.verifier.store.writer(batch.verifier.reader.generation()).await?;
    let mut after = BTreeMap::new();
    let mut ids = repairable(verdicts);
    for _ in 0..ATTEMPTS {
        if ids.is_empty() {
            break;
        }
        write_all(batch, &ids, &writer, cancel).await?;
        let settled = batch.settle(ids).await?;
        ids = repairable(&settled);
        after.extend(settled);
    }
    for (id, after) in after {
        if let Some(before) = verdicts.remove(&id) {
            verdicts.insert(id, told(before, after));
        }
    }
    Ok(())
}

fn repairable(verdicts: &BTreeMap<ShipmentId, Verdict>) -> Vec<ShipmentId> {
    let can_be = |verdict: &Verdict| verdict.doubtful.iter().any(|f| f.kind.is_mended_by_repair());
    verdicts.iter().filter(|(_, verdict)| can_be(verdict)).map(|(id, _)| *id).collect()
}

/// What was found and is no more, is told as repaired.
fn told(before: Verdict, mut after: Verdict) -> Verdict {
    for finding in after.doubtful.iter_mut().filter(|finding| finding.kind.is_mended_by_repair()) {
        finding.detail.push_str(NOT_MENDED);
    }
    let still = |finding: &Finding| after.doubtful.iter().any(|other| other.kind == finding.kind);
    let mended = before.doubtful.into_iter().filter(|finding| !still(finding));
    let mended: Vec<_> = mended.map(|finding| Finding { repaired: true, ..finding }).collect();
    after.certain = before.certain;
    after.certain.extend(mended);
    after.counts = before.counts;
    after
}

async fn write_all(
    batch: &Batch<'_>,
    ids: &[ShipmentId],
    writer: &Writer,
    cancel: &CancellationToken,
) -> Result<(), Error> {
    let logs = &batch.verifier.logs;
    let partitions: Vec<i32> = (0..logs.partitions).collect();
    let projected = logs.ends.projected(&logs.events, &partitions).await?;
    let all: Vec<_> = ids.iter().map(|id| write(batch, *id, writer, &projected, cancel)).collect();
    stream::iter(all).buffer_unordered(AT_ONCE).try_collect().await
}

const NOT_MENDED: &str = "; writing it anew didn't mend it: was a cell written without its stamp, by hand? \
                          `parceltrack rebuild` fills new tables";

/// Writes a shipment's rows anew, as far as the projector has come with it: not further, or the row would go back when the
/// projector comes to the next event.
async fn write(
    batch: &Batch<'_>,
    id: ShipmentId,
    writer: &Writer,
    projected: &ByPartition,
    cancel: &CancellationToken,
) -> Result<(), Error> {
    let verifier = batch.verifier;
    let records = batch.records(id).await?;
    let history = History::of(id, &records);
    let tables = Tables::read(&verifier.reader, id).await?;
    let stored = tables.row().map_or(Sequence::NONE, |row| row.version);
    let to = history.due(batch.projected_of(id, projected).offset).max(stored);
    let events = records.iter().filter_map(|record| Some((record.readable()?, record)));
    let cells = events
        .filter(|(event, _)| event.sequence <= to)
        .flat_map(|(event, record)| verifier.projection.project(event, &record.value));
    for writes in merge(cells) {
        match writer.repair(&writes, cancel).await {
            Ok(()) => tracing::info!(shipment = %id, version = %to, "rows written anew"),
            // What stands there is from an event that the log hasn't got, or can never be stored: it stays a finding.
            Err(error @ view_store::Error::StaleRepair { .. }) => {
                tracing::warn!(shipment = %id, %error, "can't be repaired");
            }
            Err(error) if error.fault() == Fault::Value => {
                tracing::warn!(shipment = %id, %error, "can't be repaired");
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}
