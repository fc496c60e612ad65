use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures::{StreamExt, TryStreamExt, stream};
use shipment_events::ShipmentId;
use tracking_view::List;

use super::verdict::Counts;
use super::{Suspect, Verdict};
use crate::compare::row::Projected;
use crate::compare::{EventRecord, History, entries, log, snapshot};
use crate::ends::ByPartition;
use crate::finding::{Finding, Kind};
use crate::gather::Gathered;
use crate::tables::Tables;
use crate::{Error, Options, Verifier};

/// The pauses before each look.
const PAUSES: [Duration; 4] =
    [Duration::ZERO, Duration::from_millis(300), Duration::from_millis(700), Duration::from_millis(1500)];

/// Some suspects, and what the topics have of them.
pub(crate) struct Batch<'a> {
    pub(crate) verifier: &'a Verifier,
    options: Options,
    suspects: BTreeMap<ShipmentId, Suspect>,
    partitions: Vec<i32>,
    gathered: Gathered,
}

impl<'a> Batch<'a> {
    pub(crate) fn new(
        verifier: &'a Verifier,
        options: Options,
        lot: &[((i32, ShipmentId), Suspect)],
    ) -> Self {
        let partitions: BTreeSet<i32> = lot.iter().map(|((partition, _), _)| *partition).collect();
        Self {
            verifier,
            options,
            suspects: lot.iter().map(|((_, id), suspect)| (*id, *suspect)).collect(),
            partitions: partitions.into_iter().collect(),
            gathered: Gathered::default(),
        }
    }

    /// Looks at these until nothing is doubtful any more, or it has been so at every look.
    pub(crate) async fn settle(
        &mut self,
        ids: Vec<ShipmentId>,
    ) -> Result<BTreeMap<ShipmentId, Verdict>, Error> {
        let (mut left, mut verdicts) = (ids, BTreeMap::new());
        for pause in PAUSES {
            tokio::time::sleep(pause).await;
            let looked = self.look(&left).await?;
            left = looked.iter().filter(|(_, verdict)| !verdict.is_settled()).map(|(id, _)| *id).collect();
            verdicts.extend(looked);
            if left.is_empty() {
                break;
            }
        }
        self.verifier.logs.meter.count(verdicts.len() as u64);
        Ok(verdicts)
    }

    /// One look: how far the projector is, then the tables, then the topics to their ends. In this order, because what a
    /// table tells of must be among the events that it is held against.
    async fn look(&mut self, ids: &[ShipmentId]) -> Result<Vec<(ShipmentId, Verdict)>, Error> {
        let logs = &self.verifier.logs;
        let projected = logs.ends.projected(&logs.events, &self.partitions).await?;
        let tables = self.tables(ids).await?;
        let (wanted, partitions) = (&self.suspects, &self.partitions);
        self.gathered.read_on(logs, partitions, |id| wanted.contains_key(&id)).await?;
        let this = &*self;
        let judged = tables.into_iter().map(|(id, tables)| {
            let projected = &projected;
            async move { Ok((id, this.judge(id, tables, projected).await?)) }
        });
        stream::iter(judged).buffer_unordered(self.options.concurrency.max(1)).try_collect().await
    }

    async fn tables(&self, ids: &[ShipmentId]) -> Result<Vec<(ShipmentId, Option<Tables>)>, Error> {
        if !self.options.rows && !self.options.lists {
            return Ok(ids.iter().map(|id| (*id, None)).collect());
        }
        let reader = &self.verifier.reader;
        let reads: Vec<_> =
            ids.iter().map(|id| async move { Ok((*id, Some(Tables::read(reader, *id).await?))) }).collect();
        stream::iter(reads).buffer_unordered(self.options.concurrency.max(1)).try_collect().await
    }

    /// A shipment's records as they were read last.
    pub(crate) async fn records(&self, id: ShipmentId) -> Result<Vec<EventRecord>, Error> {
        let raw = self.gathered.events.get(&id).map_or(&[][..], Vec::as_slice);
        self.verifier.intake.records(id, raw).await
    }

    /// How far the projector must have come with a shipment.
    pub(crate) fn projected_of(&self, id: ShipmentId, projected: &ByPartition) -> Projected {
        Projected { offset: projected.get(&self.partition_of(id)).copied().unwrap_or(0) }
    }

    fn partition_of(&self, id: ShipmentId) -> i32 {
        event_log::partition_of(id, self.verifier.logs.partitions)
    }

    async fn judge(
        &self,
        id: ShipmentId,
        tables: Option<Tables>,
        projected: &ByPartition,
    ) -> Result<Verdict, Error> {
        let verifier = self.verifier;
        let (suspect, partition) =
            (self.suspects.get(&id).copied().unwrap_or_default(), self.partition_of(id));
        let records = self.records(id).await?;
        let history = History::of(id, &records);
        let mut verdict = Verdict::default();
        let snapshot = match self.gathered.snapshots.get(&id) {
            Some(raw) => Some(verifier.intake.snapshot(raw).await?),
            None => None,
        };
        let due = history.due(self.gathered.due.get(&partition).copied().unwrap_or(0));
        verdict.doubtful.extend(snapshot::compare(&history, snapshot.as_ref(), due));
        if suspect.is_new {
            verdict.certain = log::compare(id, partition, &records);
            verdict.counts = Counts {
                shipments: u64::from(!records.is_empty()),
                events: records.len() as u64,
                snapshots: u64::from(snapshot.is_some()),
                ..Counts::default()
            };
        }
        let Some(tables) = tables else {
            verdict.is_of_nobody = records.is_empty() && snapshot.is_none();
            return Ok(verdict);
        };
        verdict.is_of_nobody = records.is_empty() && snapshot.is_none() && tables.is_empty();
        if self.options.rows {
            let projected = self.projected_of(id, projected);
            verdict.doubtful.extend(tables.compare(&history, projected, &verifier.phones));
            if suspect.is_new {
                verdict.counts.rows = u64::from(tables.row().is_some());
                verdict.counts.event_rows = tables.history.as_ref().map_or(0, |rows| rows.len() as u64);
            }
        }
        if self.options.lists {
            self.judge_entries(&history, &tables, suspect, &mut verdict).await?;
        }
        if verdict.doubtful.is_empty() {
            verdict.lag = tables.lag(&history);
        }
        Ok(verdict)
    }

    async fn judge_entries(
        &self,
        history: &History<'_>,
        tables: &Tables,
        suspect: Suspect,
        verdict: &mut Verdict,
    ) -> Result<(), Error> {
        let (verifier, id) = (self.verifier, history.shipment_id);
        if history.is_empty() {
            let listed = List::ALL.into_iter().filter(|list| suspect.lists & (1 << *list as u8) != 0);
            verdict.certain.extend(listed.map(|list| {
                let detail = format!("stands in the list by {} and has no events", entries::name(list));
                Finding::of(Kind::EntryOrphan, id, detail)
            }));
            return Ok(());
        }
        let Some(row) = tables.row() else { return Ok(()) };
        let can_be_told = row.parked.is_empty() && row.version <= history.version();
        if !can_be_told || !history.is_whole_to(row.version) {
            return Ok(());
        }
        let mut missing = Vec::new();
        for entry in entries::expected(history, row.version, &verifier.phones) {
            if verifier.reader.has_entry(&entry).await? {
                if suspect.is_new {
                    verdict.counts.entries.push(entry.bucket.list());
                }
            } else {
                missing.push(entries::missing(&entry));
            }
        }
        if !missing.is_empty() {
            // A row that moved on takes its old entries with it, and has its new ones before.
            let now = Tables::read(&verifier.reader, id).await?;
            if now.row().map(|row| row.version) == Some(row.version) {
                verdict.doubtful.extend(missing);
            } else {
                verdict.unsettled = true;
            }
        }
        Ok(())
    }
}
