//! The tables, as readers see them.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use futures::{StreamExt, TryStreamExt, stream};
use shipment_events::{CustomerId, Date, ShipmentId, Status};
use view_store::{DayRange, Detail, ListQuery, Reader};

use super::LOOK;
use crate::check::views;
use crate::observed::{Observed, Views};

/// Reads at a time.
const AT_ONCE: usize = 32;
/// Rows of a page.
const PAGE: usize = 200;

/// Until each row has its shipment's last event, or the patience is over: what is missing then shows in the checks.
pub(super) async fn wait(reader: &Reader, observed: &Observed, patience: Duration) -> anyhow::Result<()> {
    let begun = Instant::now();
    let mut behind: Vec<(ShipmentId, i64)> = observed
        .histories()
        .into_iter()
        .map(|(id, events)| (id, events.iter().map(|e| e.value.sequence.get()).max().unwrap_or(0)))
        .collect();
    while !behind.is_empty() && begun.elapsed() < patience {
        behind = stream::iter(behind)
            .map(|(id, end)| async move {
                let version = reader.version(id).await?.map_or(0, shipment_events::Sequence::get);
                anyhow::Ok((version < end).then_some((id, end)))
            })
            .buffer_unordered(AT_ONCE)
            .try_filter_map(|behind| async move { Ok(behind) })
            .try_collect()
            .await?;
        if !behind.is_empty() {
            tokio::time::sleep(LOOK).await;
        }
    }
    Ok(())
}

/// Rows and histories of every shipment that has events or was asked for, and the lists.
pub(super) async fn read(reader: &Reader, observed: &Observed) -> anyhow::Result<Views> {
    let mut views = Views::default();
    let ids: BTreeSet<ShipmentId> = observed
        .events
        .iter()
        .map(|event| event.value.shipment_id)
        .chain(observed.ops.iter().filter_map(|op| op.shipment_id))
        .collect();
    let mut rows = stream::iter(ids)
        .map(|id| async move {
            let row = reader.shipment(id, Detail::Full).await?;
            anyhow::Ok((id, row, reader.whole_history(id).await?))
        })
        .buffer_unordered(AT_ONCE);
    while let Some((id, row, history)) = rows.try_next().await? {
        views.rows.extend(row.map(|row| (id, row)));
        views.histories.insert(id, history);
    }
    for (name, query) in queries(observed) {
        let listed = views.lists.entry(name).or_default();
        let mut cursor = None;
        loop {
            let page = reader.list(&query, PAGE, cursor, Detail::Public).await?;
            for row in page.rows {
                *listed.entry(row.shipment_id).or_default() += 1;
            }
            cursor = page.next;
            if cursor.is_none() {
                break;
            }
        }
    }
    Ok(views)
}

fn queries(observed: &Observed) -> Vec<(String, ListQuery)> {
    let days: BTreeSet<Date> = observed.events.iter().map(|event| event.value.recorded_at.date()).collect();
    let (Some(first), Some(last)) = (days.first(), days.last()) else { return Vec::new() };
    // Archived is what was issued then, and a clock may have been off by a day or two.
    let range =
        DayRange { from: Date::from_days(first.as_days() - 3), to: Date::from_days(last.as_days() + 3) };
    let customers: BTreeSet<&CustomerId> =
        observed.events.iter().filter_map(|event| Some(&event.value.keys.as_ref()?.customer_id)).collect();
    let mut queries =
        vec![(views::day(), ListQuery::Day(range)), (views::archive(), ListQuery::Archive(range))];
    for status in Status::ALL {
        queries.push((views::of_status(status.as_str()), ListQuery::Status(status, range)));
    }
    for id in customers {
        queries.push((views::customer(id.as_str()), ListQuery::Customer(id.clone(), range)));
    }
    queries
}
