//! A member of a consumer group, for one thread.
//!
//! Rebalances come as events, in order with the records. What is revoked is let go of only when the owner polls again, so
//! that it has finished or aborted its work on those partitions by then.

mod context;
mod membership;
mod settings;

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer as _};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::{Offset, TopicPartitionList};

pub use self::membership::GroupMetadata;
pub(crate) use self::membership::committed;
pub use self::settings::{GroupSettings, Reset, StartPolicy};

use self::context::{Context, Rebalance};
use crate::context::{LogContext, is_disconnect};
use crate::record::Copier;
use crate::{Error, Kafka, Received, TopicPartition};

/// How long the question where held partitions end may take before it is asked again.
const HOLD_TIMEOUT: Duration = Duration::from_secs(5);

/// How long a seek may wait for librdkafka to have started a partition.
const SEEK_TIMEOUT: Duration = Duration::from_secs(10);

/// What a poll brought.
#[derive(Debug)]
pub enum Event {
    /// A record.
    Record(Received),
    /// Partitions are the owner's from now on. With [`StartPolicy::Held`] they are paused and stay so until
    /// [`GroupConsumer::start`].
    Assigned(Vec<TopicPartition>),
    /// Partitions are to be given up. They still are the owner's, and no one else's, until the next poll: abort what is
    /// open on them before.
    Revoked(Vec<TopicPartition>),
    /// Partitions are gone: the group went on without this member, and others may own them already. Abort what is open on
    /// them; nothing of it can be committed any more.
    Lost(Vec<TopicPartition>),
}

/// A member of a consumer group.
///
/// Classic protocol, cooperative-sticky: a rebalance takes only the partitions that move. Dropping it leaves the group,
/// unless it has an instance id: then its partitions wait for its return until the session times out.
pub struct GroupConsumer {
    consumer: BaseConsumer<Context>,
    kafka: Kafka,
    settings: GroupSettings,
    copier: Copier,
    assigned: BTreeSet<TopicPartition>,
    /// Assigned, but not started yet.
    held: BTreeSet<TopicPartition>,
    /// To be taken on as soon as the brokers tell where they end.
    arriving: Option<TopicPartitionList>,
    revoked: Option<TopicPartitionList>,
    /// By partition, the offset at which its end was met.
    ends: BTreeMap<i32, i64>,
    fenced_at: Option<Instant>,
}

impl GroupConsumer {
    /// Joins in the background; the first assignment comes out of [`poll`](Self::poll).
    pub fn join(kafka: &Kafka, settings: GroupSettings) -> Result<Self, Error> {
        Ok(Self {
            consumer: subscribe(kafka, &settings)?,
            kafka: kafka.clone(),
            settings,
            copier: Copier::default(),
            assigned: BTreeSet::new(),
            held: BTreeSet::new(),
            arriving: None,
            revoked: None,
            ends: BTreeMap::new(),
            fenced_at: None,
        })
    }

    /// Waits up to `timeout` for what comes next. Must be called at least every
    /// [`max_poll_interval`](GroupSettings::max_poll_interval), with all partitions paused if nothing is wanted; heartbeats go
    /// on by themselves in between.
    ///
    /// Lost connections are mended silently. An error is for the owner to decide on; those that mean the end are
    /// [`Error::Fenced`] and [`Error::NoOffset`].
    pub fn poll(&mut self, timeout: Duration) -> Result<Option<Event>, Error> {
        self.let_go()?;
        if let Some(event) = self.rebalance()? {
            return Ok(Some(event));
        }
        let outcome = match self.consumer.poll(timeout) {
            None => None,
            Some(Ok(message)) => Some(Ok(self.copier.copy(&message))),
            Some(Err(error)) => Some(Err(error)),
        };
        match outcome {
            None => self.rebalance(),
            Some(Ok(record)) => {
                self.ends.remove(&record.partition);
                Ok(Some(Event::Record(record)))
            }
            Some(Err(KafkaError::PartitionEOF(partition))) => {
                let offset = self.consumer.context().ended_at();
                debug_assert!(offset.is_some(), "librdkafka says in other words where a partition ends");
                self.ends.extend(offset.map(|offset| (partition, offset)));
                Ok(None)
            }
            Some(Err(error)) => match self.triage(error) {
                Err(Error::Fenced { .. }) if !self.was_fenced_lately() => self.join_anew().map(Some),
                other => other.map(|()| None),
            },
        }
    }

    /// The partitions whose end (for this reader's isolation) was reached since the last call, and that nothing more was
    /// read of since, each with the offset of that end. Only with [`GroupSettings::ends`].
    pub fn take_ends(&mut self) -> Vec<(TopicPartition, i64)> {
        let ends = std::mem::take(&mut self.ends);
        let of = |partition: i32| self.assigned.iter().find(move |at| at.partition == partition);
        ends.into_iter().filter_map(|(partition, offset)| Some((of(partition)?.clone(), offset))).collect()
    }

    /// The partitions owned now, those being revoked included.
    pub fn assigned(&self) -> &BTreeSet<TopicPartition> {
        &self.assigned
    }

    /// Stops fetching from partitions; what was fetched ahead is dropped and fetched again later.
    pub fn pause(&self, partitions: &[TopicPartition]) -> Result<(), Error> {
        self.consumer.pause(&list(partitions)).map_err(|source| Error::client("pausing", source))
    }

    /// Goes on fetching where the last returned record left off. A held partition stays so.
    pub fn resume(&self, partitions: &[TopicPartition]) -> Result<(), Error> {
        let started = list(partitions.iter().filter(|at| !self.held.contains(at)));
        self.consumer.resume(&started).map_err(|source| Error::client("resuming", source))
    }

    /// Makes `offset` the next one returned of a partition, and returns once that is in force.
    pub fn seek(&self, at: &TopicPartition, offset: i64) -> Result<(), Error> {
        let deadline = Instant::now() + SEEK_TIMEOUT;
        loop {
            let left = deadline.saturating_duration_since(Instant::now()).max(Duration::from_millis(1));
            let sought = self.consumer.seek(&at.topic, at.partition, Offset::Offset(offset), left);
            match sought {
                Ok(()) => return Ok(()),
                // While another partition is being given up, librdkafka has not started a new one yet.
                Err(_) if Instant::now() < deadline => std::thread::sleep(Duration::from_millis(5)),
                Err(source) => return Err(Error::client(format!("seeking to {offset} on {at}"), source)),
            }
        }
    }

    /// Starts a held partition at an offset: [`seek`](Self::seek) and [`resume`](Self::resume).
    pub fn start(&mut self, at: &TopicPartition, offset: i64) -> Result<(), Error> {
        self.seek(at, offset)?;
        self.held.remove(at);
        self.resume(std::slice::from_ref(at))
    }

    /// For each assigned partition the offset after the last record returned; none if none was.
    pub fn positions(&self) -> Result<Vec<(TopicPartition, Option<i64>)>, Error> {
        let list = self.consumer.position().map_err(|source| Error::client("reading positions", source))?;
        Ok(offsets_of(&list))
    }

    /// For each partition the offset the group committed; none if it never did.
    ///
    /// Waits while a transaction that carries offsets for one of them is undecided. Blocks up to `timeout`.
    pub fn committed(
        &self,
        partitions: &[TopicPartition],
        timeout: Duration,
    ) -> Result<Vec<(TopicPartition, Option<i64>)>, Error> {
        membership::committed(&self.consumer, &self.settings.group, partitions, timeout)
    }

    /// Who this consumer is in its group, to commit offsets in a transaction with. Take it *before* polling the records.
    ///
    /// None while it is no member: a broker does not check an empty member id or generation -1, so those must never reach
    /// one.
    pub fn group_metadata(&self) -> Option<GroupMetadata> {
        GroupMetadata::of(&self.consumer)
    }

    /// Commits offsets (for each partition, the one to go on from) outside any transaction, and waits for the answer.
    pub fn commit(&self, offsets: &[(TopicPartition, i64)]) -> Result<(), Error> {
        if self.group_metadata().is_none() {
            return Err(Error::NotAMember { group: self.settings.group.clone() });
        }
        let mut list = TopicPartitionList::with_capacity(offsets.len());
        for (at, offset) in offsets {
            list.add_partition_offset(&at.topic, at.partition, Offset::Offset(*offset))
                .map_err(|source| Error::client(format!("committing {offset} on {at}"), source))?;
        }
        if list.count() == 0 {
            return Ok(());
        }
        self.consumer.commit(&list, CommitMode::Sync).map_err(|source| match source.rdkafka_error_code() {
            Some(
                RDKafkaErrorCode::IllegalGeneration
                | RDKafkaErrorCode::UnknownMemberId
                | RDKafkaErrorCode::AssignmentLost,
            ) => Error::NotAMember { group: self.settings.group.clone() },
            _ => Error::client("committing offsets", source),
        })
    }

    fn was_fenced_lately(&self) -> bool {
        self.fenced_at.is_some_and(|at| at.elapsed() < self.settings.session_timeout * 2)
    }

    /// After a fence that may be an echo: a broker that stalled, or took over from one that died, fences a member for what its
    /// own former self sent. Who really shares the instance id is fenced again within a heartbeat or two, and then the older
    /// process gives up.
    fn join_anew(&mut self) -> Result<Event, Error> {
        tracing::warn!(
            group = self.settings.group,
            instance = self.settings.instance,
            "fenced, joining anew once"
        );
        self.fenced_at = Some(Instant::now());
        self.consumer.context().close();
        self.consumer = subscribe(&self.kafka, &self.settings)?;
        self.held.clear();
        self.ends.clear();
        (self.arriving, self.revoked) = (None, None);
        Ok(Event::Lost(std::mem::take(&mut self.assigned).into_iter().collect()))
    }

    /// Gives up what the last poll said was revoked.
    fn let_go(&mut self) -> Result<(), Error> {
        let Some(list) = self.revoked.take() else { return Ok(()) };
        for at in partitions_of(&list) {
            self.assigned.remove(&at);
            self.held.remove(&at);
        }
        self.consumer
            .incremental_unassign(&list)
            .map_err(|source| Error::client("giving up partitions", source))
    }

    /// The next rebalance event that librdkafka has called back with.
    fn rebalance(&mut self) -> Result<Option<Event>, Error> {
        if let Some(list) = self.arriving.take() {
            return self.take_on(list);
        }
        match self.consumer.context().next() {
            None => Ok(None),
            Some(Rebalance::Assigned(list)) => self.take_on(list),
            Some(Rebalance::Revoked { list, lost }) => {
                let partitions = partitions_of(&list);
                self.revoked = Some(list);
                Ok(Some(if lost { Event::Lost(partitions) } else { Event::Revoked(partitions) }))
            }
        }
    }

    fn take_on(&mut self, list: TopicPartitionList) -> Result<Option<Event>, Error> {
        let held = self.settings.start == StartPolicy::Held;
        let assignment = if held {
            match self.ends_of(&list) {
                Ok(ends) => ends,
                Err(error) if error.is_transient() => {
                    tracing::warn!(%error, "partitions can't be taken on yet");
                    self.arriving = Some(list);
                    return Ok(None);
                }
                Err(error) => return Err(error),
            }
        } else {
            list
        };
        self.consumer
            .incremental_assign(&assignment)
            .map_err(|source| Error::client("taking on partitions", source))?;
        if held && assignment.count() > 0 {
            self.consumer.pause(&assignment).map_err(|source| Error::client("holding partitions", source))?;
        }
        let partitions = partitions_of(&assignment);
        self.assigned.extend(partitions.iter().cloned());
        if held {
            self.held.extend(partitions.iter().cloned());
        }
        Ok(Some(Event::Assigned(partitions)))
    }

    /// Where held partitions wait: at their ends, as numbers. Nothing is read from there: the pause follows before anything is
    /// returned, and drops what came.
    ///
    /// It must be a number: librdkafka resolves `End`, or a committed offset, in the background, and when that answer is late it
    /// asks again and goes *there*, whatever was sought in between. And it must be in the log, which a beginning soon isn't.
    fn ends_of(&self, list: &TopicPartitionList) -> Result<TopicPartitionList, Error> {
        let failed = |source| Error::client("holding partitions", source);
        let mut ends = TopicPartitionList::with_capacity(list.count());
        if list.count() == 0 {
            return Ok(ends);
        }
        for at in list.elements() {
            ends.add_partition_offset(at.topic(), at.partition(), Offset::End).map_err(failed)?;
        }
        let found = self.consumer.offsets_for_times(ends, HOLD_TIMEOUT).map_err(failed)?;
        let mut ends = TopicPartitionList::with_capacity(list.count());
        for at in found.elements() {
            at.error().map_err(failed)?;
            ends.add_partition_offset(at.topic(), at.partition(), at.offset()).map_err(failed)?;
        }
        Ok(ends)
    }

    fn triage(&self, error: KafkaError) -> Result<(), Error> {
        let fatal = self.consumer.client().fatal_error().map(|(code, _)| code);
        let group = || self.settings.group.clone();
        match fatal.or_else(|| error.rdkafka_error_code()) {
            Some(RDKafkaErrorCode::FencedInstanceId) => Err(Error::Fenced {
                group: group(),
                instance: self.settings.instance.clone().unwrap_or_default(),
            }),
            Some(RDKafkaErrorCode::AutoOffsetReset | RDKafkaErrorCode::NoOffset) => Err(Error::NoOffset {
                bootstrap: self.kafka.bootstrap().to_owned(),
                group: group(),
                topics: self.settings.topics.join(","),
            }),
            Some(
                RDKafkaErrorCode::UnknownTopic
                | RDKafkaErrorCode::UnknownTopicOrPartition
                | RDKafkaErrorCode::UnknownPartition,
            ) => Err(Error::UnknownTopic { topic: self.settings.topics.join(", ") }),
            // Both end in a rebalance, which comes as an event.
            Some(RDKafkaErrorCode::PollExceeded | RDKafkaErrorCode::PartitionEOF) => Ok(()),
            Some(code) if is_disconnect(code) => Ok(()),
            _ => Err(Error::client(format!("reading {}", self.settings.topics.join(", ")), error)),
        }
    }
}

impl Drop for GroupConsumer {
    fn drop(&mut self) {
        if let Err(error) = self.let_go() {
            tracing::warn!(%error, "partitions not given up in order");
        }
        // From here rebalance callbacks are answered at once: there is no owner left to wait for.
        self.consumer.context().close();
    }
}

fn subscribe(kafka: &Kafka, settings: &GroupSettings) -> Result<BaseConsumer<Context>, Error> {
    let consumer: BaseConsumer<Context> = settings
        .to_config(kafka)
        .create_with_context(Context::new(LogContext::new("group consumer")))
        .map_err(Error::configuration)?;
    let topics: Vec<&str> = settings.topics.iter().map(String::as_str).collect();
    consumer.subscribe(&topics).map_err(|source| Error::client("subscribing", source))?;
    Ok(consumer)
}

fn list<'a>(partitions: impl IntoIterator<Item = &'a TopicPartition>) -> TopicPartitionList {
    let mut list = TopicPartitionList::new();
    for at in partitions {
        list.add_partition(&at.topic, at.partition);
    }
    list
}

fn partitions_of(list: &TopicPartitionList) -> Vec<TopicPartition> {
    list.elements().iter().map(|at| TopicPartition::new(at.topic(), at.partition())).collect()
}

fn offsets_of(list: &TopicPartitionList) -> Vec<(TopicPartition, Option<i64>)> {
    list.elements()
        .iter()
        .map(|at| {
            let offset = match at.offset() {
                Offset::Offset(offset) => Some(offset),
                _ => None,
            };
            (TopicPartition::new(at.topic(), at.partition()), offset)
        })
        .collect()
}
