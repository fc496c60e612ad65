//! How far topics go, and how far the projector has come.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use event_log::{GroupOffsets, Isolation, Kafka, Offsets, TopicPartition};

use crate::Error;

/// How long a question may take.
const ASK: Duration = Duration::from_secs(15);
/// How long a transaction may stay undecided: a dead writer's is aborted by its broker after ten seconds, and that takes
/// the broker ten more at worst.
const UNDECIDED: Duration = Duration::from_secs(30);
/// Between two looks at it.
const LOOK: Duration = Duration::from_millis(20);

/// Asks for offsets. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Ends {
    inner: Arc<Inner>,
}

struct Inner {
    committed: Offsets,
    uncommitted: Offsets,
    projectors: GroupOffsets,
}

/// By partition, an offset.
pub(crate) type ByPartition = BTreeMap<i32, i64>;

/// Where to read to, so that all is read that was written before the question.
#[derive(Debug)]
pub(crate) struct Decided {
    pub(crate) ends: ByPartition,
    /// Of those with a transaction that stays open, where readers wait.
    pub(crate) open: ByPartition,
}

impl Ends {
    /// `projectors` is the consumer group of the generation that is verified.
    pub(crate) fn new(kafka: &Kafka, projectors: &str) -> Result<Self, Error> {
        Ok(Self {
            inner: Arc::new(Inner {
                committed: Offsets::new(kafka, Isolation::Committed, ASK)?,
                uncommitted: Offsets::new(kafka, Isolation::Uncommitted, ASK)?,
                projectors: GroupOffsets::new(kafka, projectors, ASK)?,
            }),
        })
    }

    pub(crate) async fn partition_count(&self, topic: &Arc<str>) -> Result<i32, Error> {
        let topic = topic.clone();
        self.ask(move |ends| {
            let count = ends.committed.partition_count(&topic)?;
            count.ok_or_else(|| event_log::Error::UnknownTopic { topic: topic.to_string() })
        })
        .await
    }

    /// From the first offset to the last stable one: how much there is to read.
    pub(crate) async fn extent(&self, topic: &Arc<str>, partitions: &[i32]) -> Result<ByPartition, Error> {
        let (topic, partitions) = (topic.clone(), partitions.to_vec());
        self.ask(move |ends| {
            let marks = ends.committed.watermarks(&topic, partitions)?;
            Ok(marks.into_iter().map(|(p, marks)| (p, (marks.high - marks.low).max(0))).collect())
        })
        .await
    }

    /// The last stable offsets: what was decided lies before them.
    pub(crate) async fn stable(&self, topic: &Arc<str>, partitions: &[i32]) -> Result<ByPartition, Error> {
        let (topic, partitions) = (topic.clone(), partitions.to_vec());
        self.ask(move |ends| high(&ends.committed, &topic, partitions)).await
    }

    /// The ends that hold all that was written until now, waited for until it is decided. A transaction's markers reach its
    /// partitions one after the other: who has seen it on one of them sees it on another only behind such a wait.
    pub(crate) async fn decided(&self, topic: &Arc<str>, partitions: &[i32]) -> Result<Decided, Error> {
        let (of, all) = (topic.clone(), partitions.to_vec());
        let ends = self.ask(move |ends| high(&ends.uncommitted, &of, all)).await?;
        let begun = Instant::now();
        loop {
            let stable = self.stable(topic, partitions).await?;
            let open: ByPartition = stable.into_iter().filter(|(p, at)| ends.get(p) > Some(at)).collect();
            if open.is_empty() || begun.elapsed() > UNDECIDED {
                let ends = ends.into_iter().map(|(p, end)| (p, open.get(&p).copied().unwrap_or(end)));
                return Ok(Decided { ends: ends.collect(), open });
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// What the projectors have committed; 0 where they have never been.
    pub(crate) async fn projected(&self, topic: &Arc<str>, partitions: &[i32]) -> Result<ByPartition, Error> {
        let partitions: Vec<_> = partitions.iter().map(|p| TopicPartition::new(topic.clone(), *p)).collect();
        self.ask(move |ends| {
            let committed = ends.projectors.committed(&partitions)?;
            Ok(committed.into_iter().map(|(at, offset)| (at.partition, offset.unwrap_or(0))).collect())
        })
        .await
    }

    async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Inner) -> Result<T, event_log::Error> + Send + 'static,
    ) -> Result<T, Error> {
        let inner = self.inner.clone();
        Ok(tokio::task::spawn_blocking(move || question(&inner)).await??)
    }
}

fn high(
    offsets: &Offsets,
    topic: &str,
    partitions: impl IntoIterator<Item = i32>,
) -> Result<ByPartition, event_log::Error> {
    let marks = offsets.watermarks(topic, partitions)?;
    Ok(marks.into_iter().map(|(partition, marks)| (partition, marks.high)).collect())
}
