//! The first look: a partition's log, the snapshots, and the rows of each of its shipments.

mod shares;
mod strays;

use std::collections::HashMap;

use futures::{StreamExt, TryStreamExt, stream};
use shipment_events::ShipmentId;
use tokio::task::JoinSet;
use tracking_view::ShipmentRow;

use crate::compare::row::Projected;
use crate::compare::{EventRecord, History, entries, log, snapshot};
use crate::finding::{Finding, Kind};
use crate::gather::Gathered;
use crate::intake::{Raw, RawEvent};
use crate::known::Known;
use crate::progress::Stage;
use crate::second_look::Suspects;
use crate::tables::Tables;
use crate::{Error, Lag, Options, Summary, Verifier};
pub(crate) use shares::Shares;

/// What a look at shipments came to.
#[derive(Default)]
pub(crate) struct Swept {
    /// What is certain at once: the log doesn't change any more.
    pub(crate) findings: Vec<Finding>,
    suspects: Vec<ShipmentId>,
    known: Vec<Known>,
    events: u64,
    snapshots: u64,
    rows: u64,
    event_rows: u64,
    lag: Lag,
}

/// A shipment, as it lies in the topics.
struct Shipment {
    id: ShipmentId,
    events: Vec<RawEvent>,
    snapshot: Option<Raw>,
}

/// What is known of a partition when its shipments are compared.
#[derive(Clone, Copy)]
struct Standing {
    partition: i32,
    /// The events before this offset have their snapshots.
    snapshots: i64,
    projected: Projected,
    options: Options,
}

impl Swept {
    pub(crate) fn add_to(self, summary: &mut Summary, suspects: &mut Suspects, known: &mut Vec<Known>) {
        summary.shipments += self.known.len() as u64;
        summary.events += self.events;
        summary.snapshots += self.snapshots;
        summary.rows += self.rows;
        summary.event_rows += self.event_rows;
        summary.lag.shipments += self.lag.shipments;
        summary.lag.events += self.lag.events;
        self.suspects.into_iter().for_each(|id| suspects.add(id));
        known.extend(self.known);
    }

    fn merge(&mut self, other: Self) {
        self.findings.extend(other.findings);
        self.suspects.extend(other.suspects);
        self.known.extend(other.known);
        self.events += other.events;
        self.snapshots += other.snapshots;
        self.rows += other.rows;
        self.event_rows += other.event_rows;
        self.lag.shipments += other.lag.shipments;
        self.lag.events += other.lag.events;
    }
}

/// Looks at a partition.
pub(crate) async fn sweep(
    verifier: &Verifier,
    partition: i32,
    options: Options,
    shares: &Shares,
) -> Result<Swept, Error> {
    let logs = &verifier.logs;
    logs.meter.begin(Stage::Reading(partition), shares.reading(partition), shares.records(partition));
    // Asked before any row is read: what was committed then is in the rows by now.
    let projected = logs.ends.projected(&logs.events, &[partition]).await?;
    let mut gathered = Gathered::with_strays();
    gathered.read_on(logs, &[partition], |_| true).await?;
    let mut swept = Swept::default();
    for ((topic, partition), offset) in &gathered.open {
        let detail = format!("a transaction on {topic} is open for longer than any of ours may be");
        swept.findings.push(Finding::new(Kind::UndecidedTransaction, detail).at(*partition, *offset));
    }
    for stray in &gathered.strays {
        swept.findings.push(strays::finding(stray, &verifier.intake).await?);
    }
    let standing = Standing {
        partition,
        snapshots: gathered.due.get(&partition).copied().unwrap_or(0),
        projected: Projected { offset: projected.get(&partition).copied().unwrap_or(0) },
        options,
    };
    let shipments = shipments(gathered);
    logs.meter.begin(Stage::Comparing(partition), shares.comparing(partition), shipments.len() as u64);
    compare_all(verifier, shipments, standing, &mut swept).await?;
    Ok(swept)
}

fn shipments(gathered: Gathered) -> Vec<Shipment> {
    let Gathered { events, mut snapshots, .. } = gathered;
    let with_events = events.into_iter().map(|(id, events)| (id, events, snapshots.remove(&id)));
    let mut shipments: Vec<_> =
        with_events.map(|(id, events, snapshot)| Shipment { id, events, snapshot }).collect();
    let rest: HashMap<_, _> = snapshots;
    shipments.extend(rest.into_iter().map(|(id, snapshot)| Shipment {
        id,
        events: Vec::new(),
        snapshot: Some(snapshot),
    }));
    shipments
}

/// On all cores, so many shipments at a time that the database always has something to do.
async fn compare_all(
    verifier: &Verifier,
    mut shipments: Vec<Shipment>,
    standing: Standing,
    swept: &mut Swept,
) -> Result<(), Error> {
    let lanes = std::thread::available_parallelism().map_or(2, std::num::NonZero::get).min(16);
    let at_once = standing.options.concurrency.div_ceil(lanes).max(1);
    let share = shipments.len().div_ceil(lanes);
    let mut running = JoinSet::new();
    for _ in 0..lanes {
        let lane = shipments.split_off(shipments.len().saturating_sub(share));
        let verifier = verifier.clone();
        running.spawn(async move {
            stream::iter(lane)
                .map(|shipment| compare(&verifier, shipment, standing))
                .buffer_unordered(at_once)
                .try_fold(Swept::default(), |mut swept, one| async move {
                    swept.merge(one);
                    Ok(swept)
                })
                .await
        });
    }
    while let Some(lane) = running.join_next().await {
        swept.merge(lane??);
    }
    Ok(())
}

async fn compare(verifier: &Verifier, shipment: Shipment, standing: Standing) -> Result<Swept, Error> {
    let Shipment { id, events, snapshot } = shipment;
    let records = verifier.intake.records(id, &events).await?;
    drop(events);
    let mut swept = Swept {
        events: records.len() as u64,
        snapshots: u64::from(snapshot.is_some()),
        findings: log::compare(id, standing.partition, &records),
        ..Swept::default()
    };
    let history = History::of(id, &records);
    let snapshot = match &snapshot {
        Some(raw) => Some(verifier.intake.snapshot(raw).await?),
        None => None,
    };
    let due = history.due(standing.snapshots);
    let mut suspect = snapshot::compare(&history, snapshot.as_ref(), due).is_some();
    let mut row = None;
    if standing.options.rows {
        let tables = Tables::read(&verifier.reader, id).await?;
        swept.rows = u64::from(tables.row().is_some());
        swept.event_rows = tables.history.as_ref().map_or(0, |rows| rows.len() as u64);
        suspect |= !tables.compare(&history, standing.projected, &verifier.phones).is_empty();
        if let (false, lag @ 1..) = (suspect, tables.lag(&history)) {
            swept.lag = Lag { shipments: 1, events: lag };
        }
        row = tables.row.ok().flatten();
    }
    if suspect {
        swept.suspects.push(id);
    }
    swept.known.push(known(verifier, id, &records, row.as_ref(), suspect, standing.options));
    verifier.logs.meter.count(1);
    Ok(swept)
}

/// Where it must be listed: by its row, which was found to be right, so that a projector that is behind isn't told to have
/// moved it already.
fn known(
    verifier: &Verifier,
    id: ShipmentId,
    records: &[EventRecord],
    row: Option<&ShipmentRow>,
    suspect: bool,
    options: Options,
) -> Known {
    let entries = match row {
        _ if suspect || !options.lists => Vec::new(),
        Some(row) => tracking_view::entries_of(row),
        None if options.rows => Vec::new(),
        None => {
            let history = History::of(id, records);
            entries::expected(&history, history.version(), &verifier.phones)
        }
    };
    Known::new(id, &entries, suspect)
}
