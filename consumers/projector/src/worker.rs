//! Reading the events as a member of a generation's group, and writing that generation.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, SystemTime};

use event_log::{GroupSettings, GroupStream, Reset, StreamEvent, TopicPartition};
use tokio_util::sync::CancellationToken;
use view_store::Writer;

use crate::live::group_of;
use crate::parking::now;
use crate::progress::Progress;
use crate::{Error, Projector, metrics, traced, visible};

/// How soon a commit that failed is tried again.
const COMMIT_AGAIN: Duration = Duration::from_secs(1);

impl Projector {
    /// Keeps one generation up to date, until `cancel` or an error that waiting doesn't mend.
    pub(crate) async fn keep_up(
        &self,
        writer: &Writer,
        progress: &Progress,
        cancel: &CancellationToken,
    ) -> Result<(), Error> {
        let group = group_of(&self.base_group, writer.generation());
        let settings = self.group_settings(&group, &self.topics.events);
        let mut member = Member::join(self, settings)?;
        tracing::info!(group, generation = writer.generation(), "projecting");
        let worked = self.keep_up_as(&mut member, writer, progress, cancel).await;
        progress.reset();
        member.stream.close().await;
        match worked {
            Err(error) if error.is_cancelled() => Ok(()),
            other => other,
        }
    }

    async fn keep_up_as(
        &self,
        member: &mut Member,
        writer: &Writer,
        progress: &Progress,
        cancel: &CancellationToken,
    ) -> Result<(), Error> {
        while let Some(event) = member.next(cancel).await? {
            match event {
                StreamEvent::Assigned(partitions) => progress.assigned(&partitions),
                // Nothing is open on them: each batch is finished before the next event is taken.
                StreamEvent::Revoked(partitions) | StreamEvent::Lost(partitions) => {
                    progress.gone(&partitions);
                }
                StreamEvent::Ends(ends) => progress.at_end(&ends),
                StreamEvent::Batch(records) => {
                    progress.begun(&records);
                    // While this waits for the database, the stream's thread keeps polling, its partitions paused: the
                    // group doesn't evict a member that waits.
                    let begun = SystemTime::now();
                    let settled = self.settle(&records, writer, &self.parking, cancel).await?;
                    visible::count(&settled.written, now());
                    traced::record(&records, begun, settled.writing, writer.generation());
                    progress.done(&records);
                    member.commit(records.iter().map(|r| (r.topic_partition(), r.offset + 1))).await;
                }
            }
        }
        Ok(())
    }

    pub(crate) fn group_settings(&self, group: &str, topic: &str) -> GroupSettings {
        GroupSettings {
            instance: Some(self.settings.instance.clone()),
            // Whatever was lost, reading it all again gives the same rows.
            reset: Reset::Earliest,
            session_timeout: Duration::from_millis(u64::from(self.settings.session_timeout_ms)),
            ends: true,
            ..GroupSettings::new(group, &[topic])
        }
    }
}

/// A member of a group that commits what it is told to, sooner or later.
pub(crate) struct Member {
    pub(crate) stream: GroupStream,
    owned: BTreeSet<TopicPartition>,
    uncommitted: BTreeMap<TopicPartition, i64>,
}

impl Member {
    pub(crate) fn join(projector: &Projector, settings: GroupSettings) -> Result<Self, Error> {
        let (records, bytes) = (projector.settings.batch_records, projector.settings.batch_bytes);
        let stream = GroupStream::join_within(&projector.kafka, settings, records, bytes)?;
        Ok(Self { stream, owned: BTreeSet::new(), uncommitted: BTreeMap::new() })
    }

    /// What comes next; nothing once cancelled.
    pub(crate) async fn next(&mut self, cancel: &CancellationToken) -> Result<Option<StreamEvent>, Error> {
        loop {
            let event = tokio::select! {
                biased;
                () = cancel.cancelled() => return Ok(None),
                event = self.stream.next() => event?,
                () = tokio::time::sleep(COMMIT_AGAIN), if !self.uncommitted.is_empty() => {
                    self.commit([]).await;
                    continue;
                }
            };
            match &event {
                StreamEvent::Assigned(partitions) => self.owned.extend(partitions.iter().cloned()),
                StreamEvent::Revoked(partitions) | StreamEvent::Lost(partitions) => {
                    if matches!(event, StreamEvent::Revoked(_)) && !self.uncommitted.is_empty() {
                        self.commit([]).await;
                    }
                    for at in partitions {
                        self.owned.remove(at);
                        self.uncommitted.remove(at);
                    }
                }
                StreamEvent::Batch(_) | StreamEvent::Ends(_) => {}
            }
            return Ok(Some(event));
        }
    }

    /// Commits offsets of partitions that are still owned. One that fails is tried again: the rows are there, and at worst
    /// they are written a second time.
    pub(crate) async fn commit(&mut self, offsets: impl IntoIterator<Item = (TopicPartition, i64)>) {
        self.uncommitted.extend(offsets);
        self.uncommitted.retain(|at, _| self.owned.contains(at));
        let offsets = self.uncommitted.iter().map(|(at, offset)| (at.clone(), *offset)).collect();
        match self.stream.commit(offsets).await {
            Ok(()) => self.uncommitted.clear(),
            Err(error) => {
                metrics::COMMIT_FAILURES.inc();
                tracing::warn!(%error, "offsets not committed yet");
            }
        }
    }
}
