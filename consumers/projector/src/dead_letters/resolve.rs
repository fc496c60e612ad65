//! Dealing with a letter.

use std::fmt;

use event_codec::headers::PT_RESOLVES;
use event_log::{Headers, Isolation, Offsets, Outgoing, Received, partition_for};
use serde::Serialize;
use shipment_events::Sequence;
use telemetry::chain;
use tokio_util::sync::CancellationToken;
use tracking_view::{CellWrite, merge, project_reply, unparked};

use super::log::{Fate, Log, Resolution};
use super::{DeadLetter, record_at};
use crate::intake::told_by;
use crate::parking::now;
use crate::{Error, Projector};

/// How a letter was retried.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(tag = "retried", rename_all = "snake_case")]
pub enum Retried {
    /// The command was posted again; the handler decides it as any other.
    Posted {
        /// The partition it was posted to.
        partition: i32,
    },
    /// The event is in the views now.
    Projected {
        /// The generations it was written to.
        generations: Vec<u32>,
    },
    /// The outcome is in its table now.
    OutcomeWritten,
}

impl fmt::Display for Retried {
    /// In words.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Posted { partition } => write!(f, "posted again, to partition {partition}"),
            Self::Projected { generations } => {
                let generations: Vec<_> = generations.iter().map(u32::to_string).collect();
                write!(f, "projected into generation {}", generations.join(", "))
            }
            Self::OutcomeWritten => f.write_str("its outcome is written"),
        }
    }
}

pub(super) async fn retry(
    projector: &Projector,
    letter: &DeadLetter,
    record: &Received,
    cancel: &CancellationToken,
) -> Result<Retried, Error> {
    let topics = &projector.topics;
    let topic = letter.source.topic.as_str();
    if topic == &*topics.commands {
        post(projector, letter, record, cancel).await
    } else if topic == &*topics.events {
        project(projector, letter, cancel).await
    } else if topic == &*topics.replies {
        write_outcome(projector, letter, cancel).await
    } else {
        Err(not_retriable(
            letter,
            &format!("it came from {topic}, which is none of this installation's topics"),
        ))
    }
}

/// Posts a command again as it first came: to the partition of its key, and without a word of what befell it.
async fn post(
    projector: &Projector,
    letter: &DeadLetter,
    record: &Received,
    cancel: &CancellationToken,
) -> Result<Retried, Error> {
    if let Some(cut) = &letter.cut {
        let reason =
            format!("only a part of it was kept ({cut}); post the command anew, or discard this letter");
        return Err(not_retriable(letter, &reason));
    }
    let Some(key) = &record.key else {
        return Err(not_retriable(letter, "it has no key, so no shipment: post the command anew with one"));
    };
    let (kafka, topic) = (projector.kafka.clone(), projector.topics.commands.clone());
    let count = tokio::task::spawn_blocking(move || {
        Offsets::new(&kafka, Isolation::Committed, std::time::Duration::from_secs(15))?
            .partition_count(&topic)
    });
    let topic = projector.topics.commands.clone();
    let count = count.await??.ok_or_else(|| event_log::Error::UnknownTopic { topic: topic.to_string() })?;
    let partition = partition_for(key, count);
    let ours = |name: &str| name.starts_with("pt-error-") || name == event_codec::headers::PT_REROUTED;
    let headers: Headers = record
        .headers
        .iter()
        .filter(|(name, _)| !ours(name))
        .map(|(name, value)| (name, value.to_vec()))
        .collect();
    let again = Outgoing {
        topic,
        partition,
        key: Some(key.clone()),
        value: record.value.clone(),
        headers,
        timestamp: None,
    };
    projector.parking.put(&again, cancel).await?;
    Ok(Retried::Posted { partition })
}

/// Projects the event as it lies in its topic, into every generation that there is: going back to an older one must not
/// bring the gap back.
async fn project(
    projector: &Projector,
    letter: &DeadLetter,
    cancel: &CancellationToken,
) -> Result<Retried, Error> {
    let record = source_record(projector, letter).await?;
    let projected = match projector.intake.event(&record, cancel).await? {
        Ok(event) => projector.cells(&event, &record),
        Err(why) => Err(why),
    };
    let mut cells = projected.map_err(|why| Error::StillUnprojectable {
        at: letter.at.to_string(),
        code: why.code,
        text: why.text,
    })?;
    cells.extend(unmarking(projector, letter).await?);
    let generations = write_everywhere(projector, letter, cells, cancel).await?;
    Ok(Retried::Projected { generations })
}

async fn write_outcome(
    projector: &Projector,
    letter: &DeadLetter,
    cancel: &CancellationToken,
) -> Result<Retried, Error> {
    let record = source_record(projector, letter).await?;
    let still = |code, text| Error::StillUnprojectable { at: letter.at.to_string(), code, text };
    let reply = projector.intake.reply(&record, cancel).await?.map_err(|why| still(why.code, why.text))?;
    let live = projector.store.generations().await?.live;
    let writer = projector.store.writer(live).await?;
    writer.write_outcomes(&[project_reply(&reply)], now(), cancel).await?;
    Ok(Retried::OutcomeWritten)
}

async fn source_record(projector: &Projector, letter: &DeadLetter) -> Result<Received, Error> {
    let source = &letter.source;
    let found = record_at(projector, &source.topic, source.partition, source.offset).await?;
    found.ok_or_else(|| {
        let reason = format!(
            "it isn't at {}[{}]@{} any more: it was rewritten, or its time ran out; discard this letter",
            source.topic, source.partition, source.offset
        );
        not_retriable(letter, &reason)
    })
}

/// Takes the mark from the shipment's row that this letter has put there.
pub(super) async fn unmark(
    projector: &Projector,
    letter: &DeadLetter,
    cancel: &CancellationToken,
) -> Result<(), Error> {
    let cells: Vec<_> = unmarking(projector, letter).await?.into_iter().collect();
    if !cells.is_empty() {
        write_everywhere(projector, letter, cells, cancel).await?;
    }
    Ok(())
}

async fn unmarking(projector: &Projector, letter: &DeadLetter) -> Result<Option<CellWrite>, Error> {
    if letter.source.topic != *projector.topics.events {
        return Ok(None);
    }
    let Some((shipment_id, sequence)) = letter.key.as_deref().and_then(told_by) else { return Ok(None) };
    // Keys without a sequence share a mark: it stays until the last of them is dealt with.
    if sequence == Sequence::NONE && Log::read(projector).await?.is_open_elsewhere(letter) {
        return Ok(None);
    }
    Ok(Some(unparked(shipment_id, sequence)))
}

async fn write_everywhere(
    projector: &Projector,
    letter: &DeadLetter,
    cells: Vec<CellWrite>,
    cancel: &CancellationToken,
) -> Result<Vec<u32>, Error> {
    let merged = merge(cells);
    let mut written = Vec::new();
    for generation in projector.store.generations().await?.all() {
        let refused = projector.store.writer(generation).await?.write(&merged, cancel).await?.refused;
        if let Some(refused) = refused.first() {
            return Err(Error::StillUnprojectable {
                at: letter.at.to_string(),
                code: "refused-by-database",
                text: chain(&refused.error),
            });
        }
        written.push(generation);
    }
    Ok(written)
}

/// Writes down what became of a letter, beside it.
pub(super) async fn record(
    projector: &Projector,
    letter: &DeadLetter,
    fate: Fate,
    reason: &str,
    cancel: &CancellationToken,
) -> Result<(), Error> {
    let value = Resolution { fate, reason: reason.to_owned(), at: now().to_string() };
    let record = Outgoing {
        topic: projector.topics.dead_letters.clone(),
        partition: letter.at.partition,
        key: letter.key.clone().map(Into::into),
        // A plain struct: the ways for serde_json to fail don't arise.
        value: Some(serde_json::to_vec(&value).unwrap_or_default().into()),
        headers: Headers::new()
            .with(PT_RESOLVES, letter.at.to_string())
            .with(event_codec::headers::CONTENT_TYPE, "application/json"),
        timestamp: None,
    };
    projector.parking.put(&record, cancel).await
}

fn not_retriable(letter: &DeadLetter, reason: &str) -> Error {
    Error::NotRetriable { at: letter.at.to_string(), reason: reason.to_owned() }
}
