//! Reads all reply partitions from their end, and hands each reply to who waits for it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use event_codec::headers::{PT_REPLY_TO, PT_SCHEMA, TRACEPARENT};
use event_log::{Isolation, Kafka, Offsets, ReaderEvent, ReaderStream, Received, Start, Topics};
use shipment_events::CommandReply;
use telemetry::TraceContext;
use telemetry::spans::{Kind, Span};

use crate::waiting::Waiting;
use crate::{Error, Schemas};

/// How long one question to Kafka may take.
const TIMEOUT: Duration = Duration::from_secs(15);
/// How long a cluster may be in passing disorder as we connect.
const PASSING: Duration = Duration::from_secs(10);
/// The pause before reading is begun again after a failure, doubled each time.
const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

pub(crate) struct Replies {
    kafka: Kafka,
    topic: Arc<str>,
    stream: ReaderStream,
    /// Where to go on, by partition, should reading have to begin again.
    next: BTreeMap<i32, i64>,
}

impl Replies {
    /// Finds the ends and begins to read there. What is bound to pass (a partition whose leader is just being elected, as
    /// right after its topic was made) is waited for.
    pub(crate) async fn open(kafka: &Kafka, topics: &Topics) -> Result<Self, Error> {
        let started = Instant::now();
        loop {
            match Self::try_open(kafka, topics).await {
                Err(Error::Replies(error)) if error.is_transient() && started.elapsed() < PASSING => {
                    tracing::debug!(%error, "replies can't be read yet");
                    tokio::time::sleep(FIRST_PAUSE).await;
                }
                opened => return opened,
            }
        }
    }

    async fn try_open(kafka: &Kafka, topics: &Topics) -> Result<Self, Error> {
        let (topic, partitions) = (Arc::clone(&topics.replies), topics.partitions());
        check_partitions(kafka, topics).await?;
        let next = ends(kafka, &topic, partitions).await.map_err(Error::Replies)?;
        let stream = stream(kafka, &topic, &next).await.map_err(Error::Replies)?;
        Ok(Self { kafka: kafka.clone(), topic, stream, next })
    }

    /// Reads until the task is aborted.
    pub(crate) async fn run(mut self, schemas: Schemas, waiting: Arc<Waiting>) {
        let mut pause = FIRST_PAUSE;
        loop {
            match self.stream.next_chunk().await {
                Ok(chunk) => {
                    pause = FIRST_PAUSE;
                    for event in chunk {
                        if let ReaderEvent::Record(record) = event {
                            self.next.insert(record.partition, record.offset + 1);
                            deliver(&record, &schemas, &waiting).await;
                        }
                    }
                }
                Err(error) => {
                    tracing::warn!(topic = %self.topic, %error, "reading replies failed; beginning again");
                    waiting.set_reading(false);
                    loop {
                        tokio::time::sleep(pause).await;
                        pause = (pause * 2).min(LONGEST_PAUSE);
                        match self.again(&error).await {
                            Ok(()) => break,
                            Err(error) => {
                                tracing::warn!(topic = %self.topic, %error, "replies can't be read yet");
                            }
                        }
                    }
                    waiting.set_reading(true);
                }
            }
        }
    }

    async fn again(&mut self, because: &event_log::Error) -> Result<(), event_log::Error> {
        if matches!(because, event_log::Error::OffsetGone { .. }) {
            // What lay between is gone; those who wait for it will run out of time, and may ask again.
            self.next = ends(&self.kafka, &self.topic, self.next.len() as i32).await?;
        }
        self.stream = stream(&self.kafka, &self.topic, &self.next).await?;
        Ok(())
    }
}

/// A reply lies in its command's partition: both topics must have as many as we write to and read.
async fn check_partitions(kafka: &Kafka, topics: &Topics) -> Result<(), Error> {
    let (kafka, expected) = (kafka.clone(), topics.partitions());
    let checked = [topics.commands.to_string(), topics.replies.to_string()];
    let asked = tokio::task::spawn_blocking(move || {
        let offsets = Offsets::new(&kafka, Isolation::Uncommitted, TIMEOUT).map_err(Error::Replies)?;
        for topic in checked {
            match offsets.partition_count(&topic).map_err(Error::Replies)? {
                Some(actual) if actual == expected => {}
                Some(actual) => return Err(Error::PartitionCount { topic, expected, actual }),
                None => return Err(Error::Replies(event_log::Error::UnknownTopic { topic })),
            }
        }
        Ok(())
    });
    asked.await.map_err(|_| Error::Replies(event_log::Error::Ended))?
}

async fn ends(
    kafka: &Kafka,
    topic: &Arc<str>,
    partitions: i32,
) -> Result<BTreeMap<i32, i64>, event_log::Error> {
    let (kafka, topic) = (kafka.clone(), Arc::clone(topic));
    let asked = tokio::task::spawn_blocking(move || {
        // The high watermark, not the last stable offset: replies to commands of others may still be uncommitted
        // below it, and ours can only come after it.
        let offsets = Offsets::new(&kafka, Isolation::Uncommitted, TIMEOUT)?;
        offsets.watermarks(&topic, 0..partitions)
    });
    let marks = asked.await.map_err(|_| event_log::Error::Ended)??;
    Ok(marks.into_iter().map(|(partition, marks)| (partition, marks.high)).collect())
}

async fn stream(
    kafka: &Kafka,
    topic: &str,
    next: &BTreeMap<i32, i64>,
) -> Result<ReaderStream, event_log::Error> {
    let starts = next.iter().map(|(partition, offset)| (*partition, Start::At(*offset))).collect();
    ReaderStream::open(kafka, topic, starts, Isolation::Committed).await
}

async fn deliver(record: &Received, schemas: &Schemas, waiting: &Waiting) {
    let Some(number) = record.headers.get(PT_REPLY_TO).and_then(|address| waiting.number_of(address)) else {
        return;
    };
    // Not worth decoding for one who has gone.
    if !waiting.waits(number) {
        return;
    }
    let trace = record.headers.get(TRACEPARENT).and_then(TraceContext::parse_sampled);
    let span = trace.map(|trace| {
        let began = SystemTime::now();
        Span::of_record(&trace.child(), Kind::Consumer, "process", &record.topic, began)
            .at(record.partition, record.offset)
    });
    match decode(record, schemas).await {
        Ok(reply) => {
            // Ended first: who gets the reply may look for the span.
            if let Some(span) = span {
                span.about(reply.command_id.to_string()).end();
            }
            waiting.answer(number, reply);
        }
        Err(error) => tracing::error!(
            topic = %record.topic, partition = record.partition, offset = record.offset, error = %telemetry::chain(&*error),
            trace_id = trace.map(|trace| tracing::field::display(trace.trace())),
            "a reply can't be read; its waiter will run out of time"
        ),
    }
}

async fn decode(
    record: &Received,
    schemas: &Schemas,
) -> Result<CommandReply, Box<dyn std::error::Error + Send + Sync>> {
    let value = record.value.as_deref().unwrap_or_default();
    let stamp = record.headers.get(PT_SCHEMA);
    match schemas.decoder.decode(value, stamp) {
        Err(event_codec::Error::UnknownSchema { id }) => {
            let schema = (schemas.fetch)(id).await?;
            schemas.decoder.add_writer(id, &schema)?;
            Ok(schemas.decoder.decode(value, stamp)?)
        }
        decoded => Ok(decoded?),
    }
}
