//! The client: sends commands, and holds what waits for their replies.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use event_codec::CloudEvent;
use event_codec::headers::{PT_REPLY_TO, TRACEPARENT};
use event_log::{Headers, Kafka, Outgoing, Producer, ProducerSettings, Topics};
use shipment_domain::ShipmentCommand;
use telemetry::TraceContext;
use telemetry::spans::{Kind, Span};
use tokio::task::JoinHandle;
use uuid::Uuid;

use crate::waiting::Waiting;
use crate::{Error, PendingReply, Schemas, replies};

/// How a client behaves.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Who writes, for `ce_source`: a URI reference such as `/parceltrack/command-api`.
    pub source: String,
    /// How many commands may wait for their reply at once.
    pub max_waiting: usize,
    /// How long Kafka may take to acknowledge a command.
    pub delivery_timeout: Duration,
}

impl Settings {
    /// 10,000 at once, 10 s for Kafka to acknowledge.
    pub fn new(source: impl Into<String>) -> Self {
        Self { source: source.into(), max_waiting: 10_000, delivery_timeout: Duration::from_secs(10) }
    }
}

/// Sends commands and brings back their replies. Cheap to clone; the clones share everything.
#[derive(Clone)]
pub struct CommandClient {
    shared: Arc<Shared>,
}

struct Shared {
    topics: Topics,
    schemas: Schemas,
    source: String,
    producer: Producer,
    waiting: Arc<Waiting>,
    reading: JoinHandle<()>,
}

impl CommandClient {
    /// Connects: makes the producer, and finds the end of every reply partition. When this returns, no reply to what
    /// is sent from now on will be missed.
    ///
    /// # Errors
    /// [`Error::Replies`] when Kafka can't be reached or the commands or the replies topic isn't there;
    /// [`Error::PartitionCount`] when one of them has not as many partitions as `topics` say.
    pub async fn connect(
        kafka: &Kafka,
        topics: &Topics,
        schemas: Schemas,
        settings: Settings,
    ) -> Result<Self, Error> {
        let producer_settings = ProducerSettings {
            delivery_timeout: settings.delivery_timeout,
            // Acknowledgements are bounded by the waiters; a little more room lets those that gave up drain.
            max_in_queue: settings.max_waiting.saturating_mul(2).max(1000),
            ..ProducerSettings::for_commands()
        };
        let producer = Producer::new(kafka, &producer_settings).map_err(Error::NotSent)?;
        let waiting = Arc::new(Waiting::new(Uuid::new_v4(), settings.max_waiting));
        let replies = replies::Replies::open(kafka, topics).await?;
        let reading = tokio::spawn(replies.run(schemas.clone(), Arc::clone(&waiting)));
        let (topics, source) = (topics.clone(), settings.source);
        Ok(Self { shared: Arc::new(Shared { topics, schemas, source, producer, waiting, reading }) })
    }

    /// Sends a command at once, in the order of the calls (for one shipment, that is the order of decision).
    ///
    /// # Errors
    /// Always such that nothing was sent: [`Error::Busy`] when too many wait, [`Error::Closed`],
    /// [`Error::Unencodable`], [`Error::NotSent`].
    pub fn send(&self, command: &ShipmentCommand, trace: &TraceContext) -> Result<PendingReply, Error> {
        let shared = &*self.shared;
        let span = trace.is_sampled().then(|| self.span(command, &trace.child()));
        let trace = span.as_ref().map_or(*trace, |span| span.context);
        let value = shared.schemas.encoder.to_vec(command).map_err(Error::Unencodable)?;
        let (number, reply) = shared.waiting.enter()?;
        // From here on, dropping it leaves again.
        let mut pending = PendingReply {
            command_id: command.command_id,
            number,
            waiting: Arc::clone(&shared.waiting),
            reply,
            delivery: None,
            written: None,
            span: span.map(Box::new),
        };
        let record = Outgoing {
            topic: Arc::clone(&shared.topics.commands),
            partition: event_log::partition_of(command.shipment_id, shared.topics.partitions()),
            key: Some(Bytes::from(command.key())),
            value: Some(Bytes::from(value)),
            headers: self.headers(command, &trace, number),
            timestamp: None,
        };
        match shared.producer.send(&record) {
            Ok(delivery) => {
                pending.delivery = Some(Box::pin(delivery));
                Ok(pending)
            }
            Err(event_log::Error::QueueFull) => Err(Error::Busy { waiting: shared.waiting.len() }),
            Err(error) => Err(Error::NotSent(error)),
        }
    }

    /// How many commands wait for their reply.
    pub fn waiting(&self) -> usize {
        self.shared.waiting.len()
    }

    /// Whether commands are let in and replies are being read.
    pub fn is_ready(&self) -> bool {
        let shared = &*self.shared;
        !shared.waiting.is_closed() && shared.waiting.is_reading() && !shared.reading.is_finished()
    }

    /// Lets nothing more in, waits for the replies still to come (up to `patience`), and stops. Returns how many were
    /// given up.
    pub async fn close(&self, patience: Duration) -> usize {
        let shared = &*self.shared;
        shared.waiting.close();
        let _ = tokio::time::timeout(patience, shared.waiting.idle()).await;
        let given_up = shared.waiting.len();
        shared.waiting.abandon();
        shared.reading.abort();
        let producer = shared.producer.clone();
        let flushed = tokio::task::spawn_blocking(move || producer.flush(Duration::from_secs(1))).await;
        if !matches!(flushed, Ok(Ok(()))) {
            tracing::warn!("commands were still under way as the client closed");
        }
        given_up
    }

    /// Of what is sent: until Kafka has it for certain.
    fn span(&self, command: &ShipmentCommand, trace: &TraceContext) -> Span {
        let topic = &self.shared.topics.commands;
        Span::of_record(trace, Kind::Producer, "send", topic, SystemTime::now())
            .about(command.command_id.to_string())
            .with("parceltrack.command.type", command.body.type_name())
    }

    fn headers(&self, command: &ShipmentCommand, trace: &TraceContext, number: u64) -> Headers {
        let shared = &*self.shared;
        let event = CloudEvent {
            id: command.command_id,
            body: command.body.type_name(),
            source: &shared.source,
            time: command.issued_at,
            subject: command.shipment_id,
        };
        let mut headers = event_codec::Headers::new();
        event.write(shared.schemas.encoder.stamp(), &mut headers);
        headers.show(TRACEPARENT, trace);
        headers.push(PT_REPLY_TO, &shared.waiting.address(number));
        headers.iter().collect()
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        self.reading.abort();
    }
}

impl fmt::Debug for CommandClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CommandClient")
            .field("source", &self.shared.source)
            .field("waiting", &self.waiting())
            .finish()
    }
}
