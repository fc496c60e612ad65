//! The handler's pure core alone, on one thread: decode, decide, encode. No Kafka, no disk.

use std::collections::HashMap;
use std::convert::Infallible;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use command_handler::batch::{Circumstances, Codec, SchemaIds, StateReader, decide, pack};
use event_codec::{Encoder, WriterSchemas, contract};
use event_log::{Headers, Received, Timestamp as RecordTime, TopicSettings, Topics};
use shipment_events::{ShipmentId, Timestamp};

use crate::load::Load;
use crate::measure::{Found, Terms, bar};
use crate::row::Row;
use crate::stats::Spread;

/// Shipments of each run.
const SHIPMENTS: u64 = 20_000;

/// Records of a batch, as the settings have it.
const BATCH: usize = 5_000;

pub(crate) fn measure(terms: Terms) -> Result<Found> {
    let rounds = terms.rounds(5);
    let progress = bar("core", rounds);
    let given = circumstances()?;
    let speeds: Vec<f64> = (0..rounds)
        .map(|round| {
            progress.inc(1);
            run(&given, round as u64)
        })
        .collect::<Result<_>>()?;
    progress.finish_and_clear();
    let speed = Spread::of(&speeds).context("no round")?;
    let row = Row::new("commands decided by the pure core on one thread", "commands/s", speed, rounds);
    Ok(Found { rows: vec![row], charts: Vec::new() })
}

/// Ids as a registry might give them.
const IDS: [u32; 4] = [1, 2, 3, 4];

fn circumstances() -> Result<Circumstances> {
    let writers = WriterSchemas::new();
    for (id, contract) in IDS.iter().zip(contract::all()) {
        writers.add_contract(*id, contract)?;
    }
    let ids = SchemaIds { event: IDS[1], snapshot: IDS[2], reply: IDS[3] };
    Ok(Circumstances {
        codec: Codec::new(ids, writers),
        topics: Topics::new(TopicSettings { journal: String::new(), ..TopicSettings::default() }),
        commands_topic_id: "bench".to_owned(),
        absent_schemas: std::collections::HashSet::new(),
    })
}

/// The stored snapshots, in memory.
#[derive(Default)]
struct State(HashMap<ShipmentId, Vec<u8>>);

impl StateReader for State {
    type Stored = Vec<u8>;
    type Error = Infallible;

    fn read(&self, _partition: i32, shipment: ShipmentId) -> Result<Option<Vec<u8>>, Infallible> {
        Ok(self.0.get(&shipment).cloned())
    }
}

/// Commands a second.
fn run(given: &Circumstances, id: u64) -> Result<f64> {
    let load = Load::new(Encoder::new(contract::command(), IDS[0]), id, SHIPMENTS);
    let records: Vec<Received> = (0..load.len()).map(|n| received(&load, n, given)).collect::<Result<_>>()?;
    let mut state = State::default();
    let mut seconds = 0.0;
    for batch in records.chunks(BATCH) {
        let begun = Instant::now();
        let decided = decide(batch, &state, given, Timestamp::from_millis(0))?;
        seconds += begun.elapsed().as_secs_f64();
        if decided.consumed != batch.len() {
            bail!("a batch of {} was too large", batch.len());
        }
        // Letting go of what was made is part of making it.
        for snapshot in &decided.outgoing[decided.snapshots] {
            let (Some(key), Some(value)) = (&snapshot.key, &snapshot.value) else { continue };
            state.0.insert(std::str::from_utf8(key)?.parse()?, pack(&snapshot.headers, value));
        }
        let done = Instant::now();
        drop(decided.outgoing);
        seconds += done.elapsed().as_secs_f64();
    }
    Ok(load.len() as f64 / seconds)
}

fn received(load: &Load, n: u64, given: &Circumstances) -> Result<Received> {
    let posted = load.record(n)?;
    Ok(Received {
        topic: given.topics.commands.clone(),
        partition: posted.partition,
        offset: n as i64,
        timestamp: RecordTime::Appended(load.posted_at()),
        key: Some(posted.key.into()),
        value: Some(posted.value.into()),
        headers: posted.headers.iter().collect::<Headers>(),
    })
}
