//! What lies in the topics of events and snapshots, by shipment.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use event_codec::headers::PT_SCHEMA;
use event_log::{Isolation, Kafka, ReaderEvent, ReaderStream, Received, Start};
use shipment_events::ShipmentId;

use crate::Error;
use crate::ends::{ByPartition, Decided, Ends};
use crate::intake::{Raw, RawEvent, event_key, snapshot_key};
use crate::progress::Meter;

/// How long a topic may give nothing before its end.
const PATIENCE: Duration = Duration::from_mins(1);

/// Where the topics are.
#[derive(Clone)]
pub(crate) struct Logs {
    pub(crate) kafka: Kafka,
    pub(crate) events: Arc<str>,
    pub(crate) snapshots: Arc<str>,
    /// Of each of the two.
    pub(crate) partitions: i32,
    pub(crate) ends: Ends,
    pub(crate) meter: Meter,
}

/// Some partitions, read as far as they went, and on from there when asked again.
///
/// The order of the two topics is what lets them be compared although both go on: the events end behind the snapshots, so
/// whatever a snapshot tells of was read; and the snapshots end behind the events of [`due`](Self::due), so whatever these
/// led to was read as well.
#[derive(Default)]
pub(crate) struct Gathered {
    /// The records under each shipment's keys, in their order.
    pub(crate) events: HashMap<ShipmentId, Vec<RawEvent>>,
    /// The last snapshot of each shipment.
    pub(crate) snapshots: HashMap<ShipmentId, Raw>,
    /// Records whose key is none of a shipment, or of one that belongs to another partition; if they are wanted.
    pub(crate) strays: Vec<Stray>,
    with_strays: bool,
    /// The events before these offsets have their snapshots here.
    pub(crate) due: ByPartition,
    /// Where a transaction stays undecided, by topic and partition.
    pub(crate) open: BTreeMap<(Arc<str>, i32), i64>,
    events_read: ByPartition,
    snapshots_read: ByPartition,
    /// The last stamp that was met. Nearly all records of a topic share one, and then they share its memory, too.
    stamp: Option<Bytes>,
}

/// A record that belongs to no shipment of its partition.
pub(crate) struct Stray {
    pub(crate) partition: i32,
    pub(crate) of: StrayOf,
    pub(crate) raw: Raw,
}

/// Whose it says it is.
pub(crate) enum StrayOf {
    /// An event of a shipment of another partition.
    OtherPartitionsEvent(ShipmentId, shipment_events::Sequence),
    /// A snapshot of a shipment of another partition.
    OtherPartitionsSnapshot(ShipmentId),
    /// An event's record without a key that can be read.
    NobodysEvent,
    /// A snapshot's record without a key that can be read.
    NobodysSnapshot,
}

impl Gathered {
    /// One that keeps strays too.
    pub(crate) fn with_strays() -> Self {
        Self { with_strays: true, ..Self::default() }
    }

    /// Reads on to where the partitions end now. Only what `wanted` says is kept.
    pub(crate) async fn read_on(
        &mut self,
        logs: &Logs,
        partitions: &[i32],
        wanted: impl Fn(ShipmentId) -> bool,
    ) -> Result<(), Error> {
        self.due = logs.ends.stable(&logs.events, partitions).await?;
        self.open.clear();
        let ends = logs.ends.decided(&logs.snapshots, partitions).await?;
        self.note_open(&logs.snapshots, &ends);
        let mut read = std::mem::take(&mut self.snapshots_read);
        read_to(logs, &logs.snapshots, &ends.ends, &mut read, |record| {
            logs.meter.count(1);
            self.add_snapshot(&record, logs, &wanted);
        })
        .await?;
        self.snapshots_read = read;

        let ends = logs.ends.decided(&logs.events, partitions).await?;
        self.note_open(&logs.events, &ends);
        let mut read = std::mem::take(&mut self.events_read);
        read_to(logs, &logs.events, &ends.ends, &mut read, |record| {
            logs.meter.count(1);
            self.add_event(&record, logs, &wanted);
        })
        .await?;
        self.events_read = read;
        Ok(())
    }

    fn note_open(&mut self, topic: &Arc<str>, decided: &Decided) {
        for (partition, offset) in &decided.open {
            self.open.insert((topic.clone(), *partition), *offset);
            // What is before the reader can't be told, so nothing is demanded.
            self.due.insert(*partition, 0);
        }
    }

    fn add_event(&mut self, record: &Received, logs: &Logs, wanted: &impl Fn(ShipmentId) -> bool) {
        let (partition, key) = (record.partition, event_key(record.key.as_deref()));
        match key {
            Some((id, sequence)) if event_log::partition_of(id, logs.partitions) != partition => {
                self.stray(StrayOf::OtherPartitionsEvent(id, sequence), record);
            }
            Some((id, sequence)) if wanted(id) => {
                let raw = self.raw(record);
                self.events.entry(id).or_default().push(RawEvent { sequence, raw });
            }
            Some(_) => {}
            None => self.stray(StrayOf::NobodysEvent, record),
        }
    }

    fn add_snapshot(&mut self, record: &Received, logs: &Logs, wanted: &impl Fn(ShipmentId) -> bool) {
        let (partition, key) = (record.partition, snapshot_key(record.key.as_deref()));
        match key {
            Some(id) if event_log::partition_of(id, logs.partitions) != partition => {
                self.stray(StrayOf::OtherPartitionsSnapshot(id), record);
            }
            // Without a value: somebody took the snapshot back.
            Some(id) if record.value.is_none() => {
                self.snapshots.remove(&id);
            }
            Some(id) if wanted(id) => {
                let raw = self.raw(record);
                self.snapshots.insert(id, raw);
            }
            Some(_) => {}
            None => self.stray(StrayOf::NobodysSnapshot, record),
        }
    }

    fn stray(&mut self, of: StrayOf, record: &Received) {
        if self.with_strays {
            let raw = self.raw(record);
            self.strays.push(Stray { partition: record.partition, of, raw });
        }
    }

    fn raw(&mut self, record: &Received) -> Raw {
        let stamp = record.headers.get(PT_SCHEMA);
        if stamp != self.stamp.as_deref() {
            self.stamp = stamp.map(Bytes::copy_from_slice);
        }
        // Its own bytes only: the block that it shares with its neighbours would be kept whole.
        let value = record.value.as_deref().map(Bytes::copy_from_slice);
        Raw { offset: record.offset, value, stamp: self.stamp.clone() }
    }
}

/// Reads partitions from where each was left to its end, and maybe a little beyond.
async fn read_to(
    logs: &Logs,
    topic: &Arc<str>,
    ends: &ByPartition,
    read: &mut ByPartition,
    mut take: impl FnMut(Received),
) -> Result<(), Error> {
    let starts: Vec<(i32, Start)> = ends
        .iter()
        .filter_map(|(partition, end)| match read.get(partition) {
            Some(at) => (at < end).then_some((*partition, Start::At(*at))),
            None => Some((*partition, Start::Beginning)),
        })
        .collect();
    if starts.is_empty() {
        return Ok(());
    }
    let mut unfinished: BTreeMap<i32, i64> =
        starts.iter().filter_map(|(partition, _)| Some((*partition, *ends.get(partition)?))).collect();
    // Opened anew each time: a reader that stood at the end before would tell of that end first.
    let mut stream = ReaderStream::open(&logs.kafka, topic, starts, Isolation::Committed).await?;
    while !unfinished.is_empty() {
        let chunk = tokio::time::timeout(PATIENCE, stream.next_chunk()).await;
        let stalled = |_| Error::Stalled { topic: topic.to_string(), waited: PATIENCE };
        for event in chunk.map_err(stalled)?? {
            match event {
                ReaderEvent::Record(record) => {
                    let (partition, next) = (record.partition, record.offset + 1);
                    read.insert(partition, next);
                    if unfinished.get(&partition).is_some_and(|end| next >= *end) {
                        unfinished.remove(&partition);
                    }
                    take(record);
                }
                // A broker that has just become leader may tell of an earlier end for a moment.
                ReaderEvent::Eof(at) => {
                    if unfinished.get(&at.partition).is_some_and(|end| at.offset >= *end) {
                        unfinished.remove(&at.partition);
                    }
                }
            }
        }
    }
    for (partition, end) in ends {
        // Behind the last record there may be the markers of transactions.
        let at = read.entry(*partition).or_insert(*end);
        *at = (*at).max(*end);
    }
    Ok(())
}
