//! The offsets of generations' groups, seen and set from outside.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use event_log::{GroupOffsets, Isolation, TopicPartition};
use tokio_util::sync::CancellationToken;

use super::lane::Shared;
use crate::{Error, Projector};

const ASK: Duration = Duration::from_secs(15);
const LOOK: Duration = Duration::from_millis(250);
/// A projector follows a flip within a second or two; one that hasn't after this is not going to.
const PATIENCE: Duration = Duration::from_secs(30);

/// Makes the positions the group's committed offsets.
pub(super) async fn leave_behind(
    projector: &Projector,
    group: &str,
    positions: BTreeMap<i32, i64>,
) -> Result<(), Error> {
    let topic = projector.topics.events.clone();
    ask(projector, group, move |group| {
        let offsets: Vec<_> =
            positions.into_iter().map(|(p, at)| (TopicPartition::new(topic.clone(), p), at)).collect();
        group.set(&offsets)
    })
    .await
}

/// How many records a group has before it.
pub(super) async fn behind(projector: &Projector, group: &str) -> Result<i64, Error> {
    let topic = projector.topics.events.clone();
    ask(projector, group, move |group| {
        Ok(group.lag(&topic, Isolation::Committed)?.into_iter().map(|(_, lag)| lag).sum())
    })
    .await
}

/// Returns once the projectors are members of the new group and have passed where the rebuild stood when they came; at
/// once if no projector works at all; after a while in any case, because nothing depends on it but how fresh the views are.
pub(super) async fn until_taken_over(
    projector: &Projector,
    old_group: &str,
    group: &str,
    shared: &Shared,
    cancel: &CancellationToken,
) {
    let begun = Instant::now();
    let mut to_pass: Option<BTreeMap<i32, i64>> = None;
    while begun.elapsed() < PATIENCE && !cancel.is_cancelled() {
        let members = ask(projector, group, GroupOffsets::members).await;
        if matches!(members, Ok(0)) && matches!(ask(projector, old_group, GroupOffsets::members).await, Ok(0))
        {
            return;
        }
        if matches!(members, Ok(1..)) {
            let to_pass = to_pass.get_or_insert_with(|| shared.positions());
            match committed(projector, group, to_pass).await {
                Ok(true) => return,
                Ok(false) => {}
                Err(error) => tracing::debug!(%error, "can't see how far the projectors are"),
            }
        }
        tokio::time::sleep(LOOK).await;
    }
}

async fn committed(projector: &Projector, group: &str, to_pass: &BTreeMap<i32, i64>) -> Result<bool, Error> {
    let topic: Arc<str> = projector.topics.events.clone();
    let partitions: Vec<_> = to_pass.keys().map(|p| TopicPartition::new(topic.clone(), *p)).collect();
    let committed = ask(projector, group, move |group| group.committed(&partitions)).await?;
    Ok(committed.iter().all(|(at, offset)| *offset >= to_pass.get(&at.partition).copied()))
}

async fn ask<T: Send + 'static>(
    projector: &Projector,
    group: &str,
    question: impl FnOnce(&GroupOffsets) -> Result<T, event_log::Error> + Send + 'static,
) -> Result<T, Error> {
    let (kafka, group) = (projector.kafka.clone(), group.to_owned());
    let asked = tokio::task::spawn_blocking(move || question(&GroupOffsets::new(&kafka, &group, ASK)?));
    Ok(asked.await??)
}
