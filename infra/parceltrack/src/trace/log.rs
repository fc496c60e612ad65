//! What the log itself knows of a command: its record, what follows from it, and when each was written.

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::Context;
use event_codec::headers::{CE_ID, CE_TYPE, TRACEPARENT, body_of_type};
use event_log::{
    Isolation, Kafka, Offsets, Position, ReaderEvent, ReaderStream, Received, Start, Topics, partition_for,
};
use serde::Serialize;
use settings::Settings;
use shipment_events::{CommandId, EventId, ShipmentId, Timestamp};
use telemetry::{TraceContext, TraceId};

const TIMEOUT: Duration = Duration::from_secs(10);

/// How long before the outcome a command is looked for at first, and then.
const BEFORE: [Duration; 3] =
    [Duration::from_secs(300), Duration::from_hours(24), Duration::from_hours(24 * 8)];
/// What follows from a command lies in the log about then, and no later than so long afterwards.
const AFTER: Duration = Duration::from_secs(60);
/// Clocks of different machines differ.
const SLACK: Duration = Duration::from_secs(5);
/// No command has more events.
const MOST_EVENTS: u32 = 8;

/// What to look for, with what is known of it already.
pub(super) struct Wanted {
    pub(super) command: CommandId,
    pub(super) shipment: Option<ShipmentId>,
    pub(super) decided: Option<Timestamp>,
    /// How far back, where it isn't known when.
    pub(super) since: Duration,
}

/// What was found.
pub(super) struct Found {
    pub(super) trace: Option<TraceId>,
    pub(super) sampled: bool,
    pub(super) shipment: Option<String>,
    pub(super) kind: Option<String>,
    pub(super) entries: Vec<Entry>,
}

/// One record.
#[derive(Debug, Serialize)]
pub(super) struct Entry {
    pub(super) what: &'static str,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub(super) kind: Option<String>,
    pub(super) topic: String,
    pub(super) partition: i32,
    pub(super) offset: i64,
    /// When it was written, by its own timestamp.
    pub(super) time: Option<String>,
    #[serde(skip)]
    pub(super) millis: Option<i64>,
}

impl Found {
    pub(super) fn nothing() -> Self {
        Self { trace: None, sampled: false, shipment: None, kind: None, entries: Vec::new() }
    }
}

/// Finds a command's records; none if there are none.
pub(super) async fn look(settings: &Settings, wanted: &Wanted) -> anyhow::Result<Option<Found>> {
    let log = Log::open(settings)?;
    let partitions = match wanted.shipment {
        Some(shipment) => vec![partition_for(shipment.to_string().as_bytes(), log.topics.partitions())],
        None => (0..log.topics.partitions()).collect(),
    };
    let id = wanted.command.to_string();
    let is_it = |record: &Received| record.headers.get_str(CE_ID) == Some(&id);
    let mut commands = Vec::new();
    for (from, to) in windows(wanted) {
        commands = log.read(&log.topics.commands, &partitions, from, to, is_it).await?;
        if !commands.is_empty() {
            break;
        }
    }
    let Some(first) = commands.first() else {
        return Ok(wanted.decided.map(|_| Found::nothing()));
    };
    let written = first.timestamp.millis().unwrap_or_default();
    let trace = first.headers.get_str(TRACEPARENT).and_then(TraceContext::parse);
    let found = Found {
        trace: trace.map(|trace| trace.trace()),
        sampled: trace.is_some_and(|trace| trace.is_sampled()),
        shipment: first.key_str().map(str::to_owned),
        kind: kind(first),
        entries: Vec::new(),
    };
    let last = commands.iter().filter_map(|record| record.timestamp.millis()).max().unwrap_or(written);
    let end = wanted.decided.map_or(last, |decided| decided.as_millis().max(last)) + millis(AFTER);
    let home: BTreeSet<i32> = commands.iter().map(|record| record.partition).collect();
    let (home, from) = (home.into_iter().collect::<Vec<_>>(), written - millis(SLACK));
    let events: BTreeSet<String> =
        (0..MOST_EVENTS).map(|n| EventId::of_command(wanted.command, n).to_string()).collect();
    let is_event = |record: &Received| record.headers.get_str(CE_ID).is_some_and(|id| events.contains(id));
    let is_reply = |record: &Received| record.key_str() == Some(&id);
    let events = log.read(&log.topics.events, &home, from, end, is_event).await?;
    let replies = log.read(&log.topics.replies, &home, from, end, is_reply).await?;
    let mut entries: Vec<Entry> = commands.iter().map(|record| entry("command", record)).collect();
    entries.extend(events.iter().map(|record| entry("event", record)));
    entries.extend(replies.iter().map(|record| entry("reply", record)));
    Ok(Some(Found { entries, ..found }))
}

/// From when to when the command is looked for, one after the other until it is found.
fn windows(wanted: &Wanted) -> Vec<(i64, i64)> {
    match wanted.decided {
        Some(decided) => {
            let decided = decided.as_millis();
            BEFORE.iter().map(|before| (decided - millis(*before), decided + millis(AFTER))).collect()
        }
        None => vec![(chrono::Utc::now().timestamp_millis() - millis(wanted.since), i64::MAX)],
    }
}

fn entry(what: &'static str, record: &Received) -> Entry {
    let millis = record.timestamp.millis();
    Entry {
        what,
        kind: kind(record),
        topic: record.topic.to_string(),
        partition: record.partition,
        offset: record.offset,
        time: millis.map(|millis| Timestamp::from_millis(millis).to_string()),
        millis,
    }
}

fn kind(record: &Received) -> Option<String> {
    record.headers.get_str(CE_TYPE).and_then(body_of_type).map(str::to_owned)
}

fn millis(length: Duration) -> i64 {
    i64::try_from(length.as_millis()).unwrap_or(i64::MAX / 4)
}

struct Log {
    kafka: Kafka,
    topics: Topics,
}

impl Log {
    fn open(settings: &Settings) -> anyhow::Result<Self> {
        let kafka = Kafka::of_settings(&settings.kafka, "parceltrack-trace")?;
        Ok(Self { kafka, topics: Topics::of_settings(&settings.kafka) })
    }

    /// The records of these partitions that are wanted, written from then until then.
    async fn read(
        &self,
        topic: &str,
        partitions: &[i32],
        from: i64,
        to: i64,
        wanted: impl Fn(&Received) -> bool,
    ) -> anyhow::Result<Vec<Received>> {
        let (kafka, of, asked) = (self.kafka.clone(), topic.to_owned(), partitions.to_vec());
        let starts = tokio::task::spawn_blocking(move || {
            Offsets::new(&kafka, Isolation::Committed, TIMEOUT)?.at_time(&of, asked, from)
        });
        let starts = starts.await?.with_context(|| format!("{topic} can't be read"))?;
        let starts: Vec<(i32, Start)> = starts
            .into_iter()
            .filter_map(|(partition, offset)| Some((partition, Start::At(offset?))))
            .collect();
        let mut left: BTreeSet<i32> = starts.iter().map(|(partition, _)| *partition).collect();
        let mut found = Vec::new();
        if left.is_empty() {
            return Ok(found);
        }
        let mut stream = ReaderStream::open(&self.kafka, topic, starts, Isolation::Committed).await?;
        while !left.is_empty() {
            let next = tokio::time::timeout(TIMEOUT, stream.next()).await;
            match next.with_context(|| format!("{topic} can't be read to its end: no broker answers"))?? {
                ReaderEvent::Record(record) => {
                    if record.timestamp.millis().is_some_and(|written| written > to) {
                        left.remove(&record.partition);
                    } else if wanted(&record) {
                        found.push(record);
                    }
                }
                ReaderEvent::Eof(Position { partition, .. }) => {
                    left.remove(&partition);
                }
            }
        }
        found.sort_by_key(|record| (record.timestamp.millis(), record.offset));
        Ok(found)
    }
}
