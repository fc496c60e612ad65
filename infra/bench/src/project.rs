//! How fast events become rows: live, as the projector's process does it, and in a rebuild.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use event_codec::{Decoder, contract, headers};
use event_log::{Isolation, Offsets, Reader, Start};
use projector::{Projector, Stage};
use shipment_events::ShipmentEvent;
use tokio_util::sync::CancellationToken;
use view_store::{CqlOptions, ViewStore};

use crate::bare::rows::{self, Rows, Tables};
use crate::drain;
use crate::ground::Ground;
use crate::handled::Handled;
use crate::load::Load;
use crate::measure::{Found, Terms, bar};
use crate::posting::Posting;
use crate::process::Running;
use crate::rounds::{Figures, Side, alternate};
use crate::row::Bar;
use crate::sizes::Sizes;
use crate::world::{PARTITIONS, World};

/// Shipments of each run: six events each.
const SHIPMENTS: u64 = 4_000;

/// A rebuild reads the events of so many runs.
const PAST: u64 = 3;

/// Events that the projector takes at once when there is a backlog, as the settings have it; a rebuild three times that.
const AT_ONCE: usize = 2_000;
const AT_ONCE_IN_REBUILD: usize = 3 * AT_ONCE;

/// How long a run may take.
const PATIENCE: Duration = Duration::from_mins(3);

const LIVE: &str = "live";
const REBUILD: &str = "rebuild";

pub(crate) async fn measure(ground: &mut Ground, terms: Terms) -> Result<Found> {
    ground.start_database().await?;
    let rounds = terms.rounds(5);
    let progress = bar("project", 4 * rounds);
    let (ours, bare) = (ground.world("project-ours").await?, ground.world("project-bare").await?);
    ours.apply().await?;
    bare.apply().await?;
    let mut handler = drain::start(&ours, Side::Ours, Sizes::default()).await?;
    let tables = Tables::open(rows::connect(&bare.cql()?).await?, &bare.generation(1)).await?;

    // The database compiles its code as it runs: what it does first is slow.
    let from = ends(&ours).await?;
    happen(&ours, &mut handler, u64::MAX).await?;
    tables.write(&Rows::of(&events(&ours, from).await?, AT_ONCE)).await?;
    let live = alternate(rounds, &progress, async |side, round| {
        let from = ends(&ours).await?;
        happen(&ours, &mut handler, (round * 2) as u64 + u64::from(side == Side::Bare)).await?;
        match side {
            Side::Ours => project(&ours).await,
            Side::Bare => write(&tables, &events(&ours, from).await?, AT_ONCE, LIVE).await,
        }
    })
    .await?;

    handler.stop().await;

    let past = ground.world("rebuild").await?;
    past.apply().await?;
    let mut handler = drain::start(&past, Side::Ours, Sizes::default()).await?;
    for id in 0..PAST {
        happen(&past, &mut handler, id).await?;
    }
    handler.stop().await;
    let all = events(&past, vec![0; PARTITIONS as usize]).await?;
    let store = ViewStore::connect(&CqlOptions::local([bare.cql()?], bare.keyspace())).await?;
    let rebuild = alternate(rounds, &progress, async |side, _| match side {
        Side::Ours => rebuild(&past, all.len()).await,
        Side::Bare => {
            let generation = store.begin_generation().await?;
            let tables =
                Tables::open(rows::connect(&bare.cql()?).await?, &bare.generation(generation)).await?;
            let figures = write(&tables, &all, AT_ONCE_IN_REBUILD, REBUILD).await?;
            store.abandon_building().await?;
            Ok(figures)
        }
    })
    .await?;
    progress.finish_and_clear();
    past.end().await?;
    ours.end().await?;
    bare.end().await?;
    let note = format!("{} events each time", all.len());
    let rows = vec![
        live.row(LIVE, "events projected live", "events/s", Some(Bar::RatioAtLeast(0.6)))?,
        rebuild
            .row(REBUILD, "events projected in a rebuild", "events/s", Some(Bar::RatioAtLeast(0.8)))?
            .with_note(note),
    ];
    Ok(Found { rows, charts: Vec::new() })
}

/// Shipments are registered and scanned.
async fn happen(world: &World, handler: &mut Running, id: u64) -> Result<()> {
    let load = Load::new(world.command_encoder().await?, id, SHIPMENTS);
    let count = Handled::watch(world)?;
    let wanted = count.now().await?.commands + load.len() as i64;
    let posting = Posting::new(world, Duration::from_millis(5))?;
    tokio::task::spawn_blocking(move || posting.post_all(&load)).await??;
    count.until(handler, wanted).await.map(drop)
}

/// The projector's process works off what lies there.
async fn project(world: &World) -> Result<Figures> {
    let (projector, port) = world.start_role("projector")?;
    let waiting = events_waiting(world).await?;
    let http = reqwest::Client::builder().timeout(Duration::from_secs(5)).build()?;
    let done = async || {
        let text = http.get(format!("http://127.0.0.1:{port}/metrics")).send().await?.text().await?;
        let lines = text.lines().filter(|line| line.starts_with("parceltrack_projector_events_total"));
        let counts = lines.filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok());
        Ok::<_, anyhow::Error>((Instant::now(), counts.sum::<f64>()))
    };
    let until = async |wanted: f64| {
        let begun = Instant::now();
        loop {
            // It may still be about to listen.
            let seen = done().await.unwrap_or((begun, 0.0));
            if seen.1 >= wanted {
                return Ok(seen);
            }
            ensure!(begun.elapsed() < PATIENCE, "{} of {wanted} events are projected", seen.1);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let begun = until(1.0).await?;
    let ended = until(waiting as f64).await?;
    projector.stop().await;
    Ok(vec![(LIVE.to_owned(), (ended.1 - begun.1) / (ended.0 - begun.0).as_secs_f64())])
}

/// The same rows, from memory.
async fn write(
    tables: &Tables,
    events: &[(ShipmentEvent, Vec<u8>)],
    at_once: usize,
    name: &str,
) -> Result<Figures> {
    let rows = Rows::of(events, at_once);
    let begun = Instant::now();
    tables.write(&rows).await?;
    Ok(vec![(name.to_owned(), events.len() as f64 / begun.elapsed().as_secs_f64())])
}

/// `parceltrack rebuild`, from its first event to its last; making the tables, and the flip, aside.
async fn rebuild(world: &World, events: usize) -> Result<Figures> {
    let projector = Projector::connect(&world.loaded_settings()?).await?;
    let cancel = CancellationToken::new();
    let seen: Mutex<Vec<(Instant, u64)>> = Mutex::default();
    let tell = |progress: &projector::RebuildProgress| {
        if progress.stage == Stage::HandingOver {
            cancel.cancel();
        } else if let Ok(mut seen) = seen.lock() {
            seen.push((Instant::now(), progress.events));
        }
    };
    let rebuilt = projector.rebuild(tell, &cancel).await?;
    ensure!(rebuilt.events as usize >= events, "{} of {events} events were projected", rebuilt.events);
    projector.drop_old(&CancellationToken::new()).await?;
    let seen = seen.into_inner().unwrap_or_default();
    let begun = seen.iter().find(|(_, events)| *events > 0).context("nothing was seen of the rebuild")?;
    let ended = seen.iter().find(|(_, seen)| *seen as usize >= events).or(seen.last()).unwrap_or(begun);
    let seconds = (ended.0 - begun.0).as_secs_f64();
    Ok(vec![(REBUILD.to_owned(), (ended.1 - begun.1) as f64 / seconds)])
}

async fn ends(world: &World) -> Result<Vec<i64>> {
    let (kafka, topic) = (world.kafka.clone(), world.topics.events.clone());
    let asked = tokio::task::spawn_blocking(move || {
        let offsets = Offsets::new(&kafka, Isolation::Committed, Duration::from_secs(10))?;
        offsets.watermarks(&topic, 0..PARTITIONS)
    });
    Ok(asked.await??.into_values().map(|marks| marks.high).collect())
}

/// What the live projector has before it.
async fn events_waiting(world: &World) -> Result<usize> {
    let group = projector::group_of(&format!("{}.projector", world.name()), 1);
    let (kafka, topic) = (world.kafka.clone(), world.topics.events.clone());
    let asked = tokio::task::spawn_blocking(move || {
        let group = event_log::GroupOffsets::new(&kafka, &group, Duration::from_secs(10))?;
        let partitions: Vec<_> =
            (0..PARTITIONS).map(|p| event_log::TopicPartition::new(topic.clone(), p)).collect();
        group.committed(&partitions)
    });
    let from = asked.await??.into_iter().map(|(_, offset)| offset.unwrap_or(0)).collect();
    Ok(events(world, from).await?.len())
}

/// The events from these offsets to the end, with their bytes as they lie in the topic.
async fn events(world: &World, from: Vec<i64>) -> Result<Vec<(ShipmentEvent, Vec<u8>)>> {
    let (kafka, topic) = (world.kafka.clone(), world.topics.events.clone());
    let decoder: Decoder<ShipmentEvent> = world.codecs().await?.decoder(&contract::event());
    let read = tokio::task::spawn_blocking(move || {
        let starts: Vec<_> = (0..PARTITIONS).zip(from).map(|(p, at)| (p, Start::At(at))).collect();
        let mut reader = Reader::open(&kafka, &topic, &starts, Isolation::Committed)?;
        let mut events = Vec::new();
        reader.read_to_end(Duration::from_secs(10), |record| {
            let value = record.value.context("an event without a value")?;
            let event = decoder.decode(&value, record.headers.get(headers::PT_SCHEMA))?;
            events.push((event, value.to_vec()));
            Ok::<_, anyhow::Error>(())
        })?;
        Ok::<_, anyhow::Error>(events)
    });
    read.await?
}
