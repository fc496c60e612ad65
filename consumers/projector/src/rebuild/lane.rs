//! Reading some partitions from where the generation stands, and writing them, batch by batch.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use event_log::{Isolation, Offsets, ReaderEvent, ReaderStream, Received, Start};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use view_store::{Fault, Writer};

use super::Stage;
use super::parking::RebuildParking;
use crate::{Error, Projector};

/// So many times the live projector's batch: the larger it is, the more writes to one shipment become one.
const BATCHES: usize = 3;
/// How long a batch that isn't full waits for more while there still is much to read.
const FILL: Duration = Duration::from_millis(20);
const ASK: Duration = Duration::from_secs(15);

/// What the lanes and those who watch them share.
pub(super) struct Shared {
    state: Mutex<State>,
    moved: Notify,
}

struct State {
    stage: Stage,
    events: u64,
    partitions: BTreeMap<i32, Place>,
}

/// Where a partition's filling stands.
struct Place {
    /// The first offset there is.
    low: i64,
    /// The end, as last seen.
    high: i64,
    /// The offset to go on from; everything before it is durable.
    position: Option<i64>,
    /// Whether the end was reached, as it is for whoever reads what is committed: at the first transaction that is still open.
    /// The live projector sees no further either.
    at_end: bool,
}

impl Shared {
    /// As the generation's tables remember it.
    pub(super) async fn of(projector: &Projector, writer: &Writer) -> Result<Self, Error> {
        let (kafka, topic) = (projector.kafka.clone(), projector.topics.events.clone());
        let positions = projector.store.positions(writer.generation(), &topic).await?;
        let marks = tokio::task::spawn_blocking(move || {
            let offsets = Offsets::new(&kafka, Isolation::Committed, ASK)?;
            let count = offsets
                .partition_count(&topic)?
                .ok_or_else(|| event_log::Error::UnknownTopic { topic: topic.to_string() })?;
            offsets.watermarks(&topic, 0..count)
        });
        let place = |(partition, marks): (i32, event_log::Watermarks)| {
            let position = positions.get(&partition).copied();
            (partition, Place { low: marks.low, high: marks.high, position, at_end: false })
        };
        let partitions = marks.await??.into_iter().map(place).collect();
        let state = State { stage: Stage::Filling, events: 0, partitions };
        Ok(Self { state: Mutex::new(state), moved: Notify::new() })
    }

    /// The partitions, dealt out to so many lanes.
    pub(super) fn lanes(&self, lanes: usize) -> Vec<Vec<(i32, Start)>> {
        let state = self.lock();
        let mut dealt = vec![Vec::new(); lanes.min(state.partitions.len())];
        for (n, (partition, place)) in state.partitions.iter().enumerate() {
            // What was before the position may have been deleted meanwhile, as compaction does.
            let start = place.position.filter(|at| *at >= place.low).map_or(Start::Beginning, Start::At);
            let lane = n % dealt.len();
            dealt[lane].push((*partition, start));
        }
        dealt
    }

    pub(super) fn events(&self) -> u64 {
        self.lock().events
    }

    pub(super) fn stage(&self) -> Stage {
        self.lock().stage
    }

    pub(super) fn set_stage(&self, stage: Stage) {
        self.lock().stage = stage;
    }

    /// Offsets dealt with, and how many there are.
    pub(super) fn done_and_total(&self) -> (u64, u64) {
        let state = self.lock();
        let mut sum = (0, 0);
        for place in state.partitions.values() {
            let total = (place.high - place.low).max(0);
            let done = if place.at_end { total } else { place.position.map_or(0, |at| at - place.low) };
            sum.0 += done.clamp(0, total) as u64;
            sum.1 += total as u64;
        }
        sum
    }

    /// Up to where each partition is durable.
    pub(super) fn positions(&self) -> BTreeMap<i32, i64> {
        let state = self.lock();
        state.partitions.iter().filter_map(|(p, place)| Some((*p, place.position?))).collect()
    }

    /// Returns once the end of every partition was reached.
    pub(super) async fn until_caught_up(&self, cancel: &CancellationToken) -> Result<(), Error> {
        loop {
            let moved = self.moved.notified();
            if self.lock().partitions.values().all(|place| place.at_end) {
                return Ok(());
            }
            tokio::select! {
                () = cancel.cancelled() => return Err(Error::Cancelled),
                () = moved => {}
            }
        }
    }

    fn written(&self, positions: &BTreeMap<i32, i64>, events: usize) {
        let mut state = self.lock();
        state.events += events as u64;
        for (partition, position) in positions {
            if let Some(place) = state.partitions.get_mut(partition) {
                place.position = Some(*position);
                place.high = place.high.max(*position);
            }
        }
    }

    fn ended(&self, partition: i32) {
        if let Some(place) = self.lock().partitions.get_mut(&partition) {
            place.at_end = true;
        }
        self.moved.notify_waiters();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Reads and writes these partitions until it is stopped.
pub(super) async fn run(
    projector: &Projector,
    shared: &Shared,
    partitions: Vec<(i32, Start)>,
    writer: &Writer,
    parking: &RebuildParking,
    stop: &CancellationToken,
) -> Result<(), Error> {
    let topic = &projector.topics.events;
    let mut stream = ReaderStream::open(&projector.kafka, topic, partitions, Isolation::Committed).await?;
    loop {
        let (records, ended) = tokio::select! {
            () = stop.cancelled() => return Err(Error::Cancelled),
            batch = next_batch(projector, &mut stream) => batch?,
        };
        if !records.is_empty() {
            projector.settle(&records, writer, parking, stop).await?;
            let positions: BTreeMap<i32, i64> =
                records.iter().map(|record| (record.partition, record.offset + 1)).collect();
            shared.written(&positions, records.len());
            remember(projector, writer.generation(), &positions).await?;
        }
        for partition in ended {
            shared.ended(partition);
        }
    }
}

/// A batch, and the partitions whose end came after it.
async fn next_batch(
    projector: &Projector,
    stream: &mut ReaderStream,
) -> Result<(Vec<Received>, Vec<i32>), Error> {
    let (records, bytes) =
        (projector.settings.batch_records.saturating_mul(BATCHES), projector.settings.batch_bytes);
    let (mut batch, mut ended, mut size) = (Vec::new(), Vec::new(), 0);
    let mut chunk = stream.next_chunk().await?;
    loop {
        for event in chunk {
            match event {
                ReaderEvent::Record(record) => {
                    size += record.size();
                    batch.push(record);
                }
                ReaderEvent::Eof(end) => ended.push(end.partition),
            }
        }
        if !ended.is_empty() || batch.len() >= records || size >= bytes {
            return Ok((batch, ended));
        }
        match tokio::time::timeout(FILL, stream.next_chunk()).await {
            Ok(more) => chunk = more?,
            Err(_nothing_yet) => return Ok((batch, ended)),
        }
    }
}

/// Remembers how far the generation is. If the database just went away that can wait for the next batch: at worst some is
/// written twice.
async fn remember(
    projector: &Projector,
    generation: u32,
    positions: &BTreeMap<i32, i64>,
) -> Result<(), Error> {
    for (partition, position) in positions {
        let saved =
            projector.store.save_position(generation, &projector.topics.events, *partition, *position);
        match saved.await {
            Err(error) if error.fault() == Fault::Retry => {
                tracing::warn!(%error, partition, "the rebuild's position isn't remembered yet");
            }
            saved => saved?,
        }
    }
    Ok(())
}
