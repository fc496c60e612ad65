//! One transactional producer.
//!
//! librdkafka lacks KIP-890: a delayed request of one transaction can commit or abort a *later* one of the same producer.
//! So a producer that saw a call without a definite outcome refuses any further call; a new one with the same
//! transactional id takes its place, whose higher epoch fences what is still under way.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use rdkafka::client::ClientContext;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::DeliveryResult;
use rdkafka::producer::{BaseProducer, BaseRecord, Producer as _, ProducerContext};
use rdkafka::{Message as _, Offset, Statistics, TopicPartitionList};

use crate::client::{MAX_RECORD_BYTES, PRODUCER_TUNING};
use crate::context::LogContext;
use crate::fault::is_indefinite;
use crate::{Fault, GroupMetadata, Kafka, Outgoing, Position, TopicPartition, ffi};

/// Between looks at what was delivered. `flush` looks every 100 ms, which each transaction would then cost.
const STEP: Duration = Duration::from_millis(1);

/// The broker measures a batch, not a record, against a topic's limit, and librdkafka does not split a batch that was
/// refused: re-routed commands must fit the commands topic's 256 KiB in any number.
const MAX_BATCH_BYTES: usize = 200_000;

/// How a transactional producer is set up.
#[derive(Clone, Debug)]
pub struct TransactionSettings {
    /// Stable over restarts: a successor with the same id fences its predecessor.
    pub transactional_id: String,
    /// After this the broker aborts a transaction left open.
    pub transaction_timeout: Duration,
    /// How long one call may take before it counts as indefinite. Must be below the transaction timeout, so that no
    /// request is sent twice within it.
    pub call_timeout: Duration,
}

/// A producer of transactions, for one thread.
pub struct TransactionalProducer {
    producer: BaseProducer<Context>,
    settings: TransactionSettings,
    phase: Phase,
    disconnects_at_first: u64,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Phase {
    Idle,
    Open,
    Poisoned,
}

impl TransactionalProducer {
    /// Connects and takes over the transactional id: fences any older producer of that id and resolves what it left open.
    /// Blocks until that is done or the call timeout is over.
    pub fn init(kafka: &Kafka, settings: TransactionSettings) -> Result<Self, Fault> {
        let call_timeout = settings.call_timeout;
        Self::init_with(kafka, settings, call_timeout)
    }

    /// As [`init`](Self::init), with another call timeout once it is set up.
    pub fn init_with(
        kafka: &Kafka,
        settings: TransactionSettings,
        call_timeout: Duration,
    ) -> Result<Self, Fault> {
        const CALL: &str = "init";
        let mut config = kafka.config();
        config
            .set("transactional.id", &settings.transactional_id)
            .set("transaction.timeout.ms", settings.transaction_timeout.as_millis().to_string())
            .set("enable.idempotence", "true")
            .set("acks", "all")
            .set("batch.size", MAX_BATCH_BYTES.to_string())
            .set("message.max.bytes", MAX_RECORD_BYTES.to_string())
            .set("queue.buffering.max.messages", "200000");
        kafka.tune(&mut config, PRODUCER_TUNING);
        let context =
            Context { log: LogContext::new("transactional producer"), deliveries: Mutex::default() };
        let producer: BaseProducer<Context> = config.create_with_context(context).map_err(|source| {
            let transactional_id = settings.transactional_id.clone();
            Fault::Fatal { call: CALL, transactional_id, source: Box::new(source) }
        })?;
        let mut this = Self { producer, settings, phase: Phase::Idle, disconnects_at_first: 0 };
        this.retrying(CALL, BaseProducer::init_transactions)?;
        this.settings.call_timeout = call_timeout;
        this.serve_waiting();
        this.disconnects_at_first = this.disconnects();
        Ok(this)
    }

    /// The id it was made with.
    pub fn transactional_id(&self) -> &str {
        &self.settings.transactional_id
    }

    /// Opens a transaction. Local; the broker learns of it with the first record.
    pub fn begin(&mut self) -> Result<(), Fault> {
        self.usable("begin")?;
        self.serve_waiting();
        self.producer.context().take();
        let begun = self.producer.begin_transaction();
        self.settle("begin", begun)?;
        self.phase = Phase::Open;
        Ok(())
    }

    /// Enqueues a record; `tag` comes back from [`drain`](Self::drain) with its position.
    pub fn send(&mut self, record: &Outgoing, tag: usize) -> Result<(), Fault> {
        const CALL: &str = "send";
        self.usable(CALL)?;
        let deadline = Instant::now() + self.settings.call_timeout;
        let mut native =
            BaseRecord::<[u8], [u8], usize>::with_opaque_to(&record.topic, tag).partition(record.partition);
        native.key = record.key.as_deref();
        native.payload = record.value.as_deref();
        native.headers = record.headers.to_native();
        native.timestamp = record.timestamp;
        loop {
            let (error, unsent) = match self.producer.send(native) {
                Ok(()) => return Ok(()),
                Err(refused) => refused,
            };
            match error.rdkafka_error_code() {
                Some(RDKafkaErrorCode::QueueFull) if Instant::now() < deadline => {
                    self.producer.poll(STEP);
                    native = unsent;
                }
                Some(RDKafkaErrorCode::MessageSizeTooLarge) => {
                    return Err(Fault::TooLarge { topic: record.topic.to_string(), bytes: record.size() });
                }
                _ => return self.settle(CALL, Err(error)),
            }
        }
    }

    /// Waits until every record sent is acknowledged, and returns where each was written, by tag.
    ///
    /// A record that a broker refused makes it [`Fault::Abortable`] with the tags in `failed`; one of which nothing is
    /// known makes it [`Fault::Indefinite`].
    pub fn drain(&mut self) -> Result<Vec<(usize, Position)>, Fault> {
        const CALL: &str = "drain";
        self.usable(CALL)?;
        let deliveries = self.wait_for_deliveries(CALL)?;
        let mut written = Vec::with_capacity(deliveries.len());
        let mut failed = Vec::new();
        let mut cause: Option<KafkaError> = None;
        for (tag, outcome) in deliveries {
            match outcome {
                Ok(position) => written.push((tag, position)),
                Err(error) => {
                    failed.push(tag);
                    // An indefinite cause outweighs any other; else the first one tells most.
                    if cause.is_none() || error.rdkafka_error_code().is_some_and(is_indefinite) {
                        cause = Some(error);
                    }
                }
            }
        }
        let Some(cause) = cause else { return Ok(written) };
        let mut fault = Fault::sort(CALL, &self.settings.transactional_id, cause);
        if let Fault::Abortable { failed: tags, .. } = &mut fault {
            *tags = failed;
        } else {
            self.phase = Phase::Poisoned;
        }
        Err(fault)
    }

    /// Makes the consumed offsets part of the transaction: for each partition, the offset to go on from.
    ///
    /// The metadata must be what [`GroupConsumer::group_metadata`](crate::GroupConsumer::group_metadata) gave *before* the
    /// records were polled: then the broker refuses the offsets if the group has moved on since.
    pub fn send_offsets(
        &mut self,
        offsets: &[(TopicPartition, i64)],
        group: &GroupMetadata,
    ) -> Result<(), Fault> {
        const CALL: &str = "send offsets";
        self.usable(CALL)?;
        let mut list = TopicPartitionList::with_capacity(offsets.len());
        for (at, offset) in offsets {
            let added = list.add_partition_offset(&at.topic, at.partition, Offset::Offset(*offset));
            if added.is_err() {
                return self.settle(CALL, added);
            }
        }
        let sent = self.retrying(CALL, |producer, left| {
            producer.send_offsets_to_transaction(&list, group.native(), left)
        });
        self.poison_unless_abortable(sent)
    }

    /// Commits. [`drain`](Self::drain) first: a commit with records still under way is slow.
    pub fn commit(&mut self) -> Result<(), Fault> {
        self.usable("commit")?;
        let committed = self.retrying("commit", BaseProducer::commit_transaction);
        #[cfg(feature = "planted-bugs")]
        let committed = self.committed_at_last(committed);
        self.poison_unless_abortable(committed)?;
        self.phase = Phase::Idle;
        Ok(())
    }

    /// Aborts. Nothing of the transaction will ever be seen by a read-committed reader.
    pub fn abort(&mut self) -> Result<(), Fault> {
        self.usable("abort")?;
        // librdkafka waits for what is under way too, but does not serve its reports meanwhile, and would wait in vain.
        self.wait_for_deliveries("abort")?;
        let aborted = self.retrying("abort", BaseProducer::abort_transaction);
        // There is nothing less than an abort: one that fails, whatever the reason, leaves the outcome to the broker.
        if aborted.is_err() {
            self.phase = Phase::Poisoned;
        }
        aborted?;
        self.serve_waiting();
        self.producer.context().take();
        self.phase = Phase::Idle;
        Ok(())
    }

    /// Whether a further call would be refused.
    pub fn is_poisoned(&self) -> bool {
        self.phase == Phase::Poisoned
    }

    /// Whether a connection broke since it was made.
    ///
    /// librdkafka then repeats requests by itself, and a lost copy may yet arrive and end a later transaction: the producer
    /// should be replaced before the next one even though each call succeeded. [`crate::Rotation`] does so.
    pub fn is_suspect(&self) -> bool {
        #[cfg(feature = "planted-bugs")]
        if settings::planted::planted("reuse-producer") {
            return false;
        }
        self.serve_waiting();
        self.disconnects() > self.disconnects_at_first
    }

    /// Planted: as if a call without a definite answer were one to be made again.
    #[cfg(feature = "planted-bugs")]
    fn committed_at_last(&self, mut committed: Result<(), Fault>) -> Result<(), Fault> {
        while settings::planted::planted("reuse-producer")
            && committed.as_ref().is_err_and(|fault| matches!(fault, Fault::Indefinite { .. }))
        {
            committed = self.retrying("commit", BaseProducer::commit_transaction);
        }
        committed
    }

    fn wait_for_deliveries(&mut self, call: &'static str) -> Result<Vec<Delivery>, Fault> {
        let deadline = Instant::now() + self.settings.call_timeout;
        while self.producer.in_flight_count() > 0 {
            if Instant::now() >= deadline {
                self.phase = Phase::Poisoned;
                return Err(Fault::Indefinite { call, transactional_id: self.id(), source: None });
            }
            // Nothing more comes along, so nothing waits for it any more. It returns early only when all is done.
            ffi::flush(self.producer.client(), STEP);
            self.serve_reports();
        }
        Ok(self.producer.context().take())
    }

    /// Serves the reports that are there. A poll that doesn't wait takes one, of one batch of one partition.
    fn serve_reports(&self) {
        let mut before = usize::MAX;
        while let now @ 1.. = self.producer.in_flight_count() as usize
            && now < before
        {
            before = now;
            self.producer.poll(Duration::ZERO);
        }
    }

    /// Serves all that librdkafka has to say at the moment: a poll that doesn't wait takes one thing only, and it is the last
    /// one that may be a connection lost.
    fn serve_waiting(&self) {
        let deadline = Instant::now() + STEP * 50;
        self.producer.poll(Duration::ZERO);
        while self.producer.in_flight_count() > 0 && Instant::now() < deadline {
            self.producer.poll(Duration::ZERO);
        }
    }

    fn disconnects(&self) -> u64 {
        self.producer.context().log.disconnects()
    }

    fn id(&self) -> String {
        self.settings.transactional_id.clone()
    }

    fn usable(&self, call: &'static str) -> Result<(), Fault> {
        if self.phase == Phase::Poisoned {
            return Err(Fault::Poisoned { call, transactional_id: self.id() });
        }
        Ok(())
    }

    fn settle(&mut self, call: &'static str, result: Result<(), KafkaError>) -> Result<(), Fault> {
        let result = result.map_err(|error| Fault::sort(call, &self.settings.transactional_id, error));
        self.poison_unless_abortable(result)
    }

    fn poison_unless_abortable(&mut self, result: Result<(), Fault>) -> Result<(), Fault> {
        if result.as_ref().is_err_and(|fault| !fault.is_abortable()) {
            self.phase = Phase::Poisoned;
        }
        result
    }

    /// Repeats a call while the broker's answer is a definite "not yet", until the call timeout is over.
    fn retrying(
        &self,
        call: &'static str,
        mut attempt: impl FnMut(&BaseProducer<Context>, Duration) -> Result<(), KafkaError>,
    ) -> Result<(), Fault> {
        let deadline = Instant::now() + self.settings.call_timeout;
        loop {
            let left = deadline.saturating_duration_since(Instant::now()).max(STEP);
            let error = match attempt(&self.producer, left) {
                Ok(()) => return Ok(()),
                Err(error) => error,
            };
            let not_yet = matches!(
                &error,
                KafkaError::Transaction(e) if e.is_retriable() && !e.is_fatal() && !is_indefinite(e.code())
            );
            if !not_yet || Instant::now() >= deadline {
                return Err(Fault::sort(call, &self.settings.transactional_id, error));
            }
            self.producer.poll(STEP * 10);
        }
    }
}

/// Collects what became of each record. Its callbacks run in `poll`, on the owner's thread; the lock is never contended.
struct Context {
    log: LogContext,
    deliveries: Mutex<Vec<Delivery>>,
}

type Delivery = (usize, Result<Position, KafkaError>);

impl Context {
    fn take(&self) -> Vec<Delivery> {
        self.deliveries.lock().map(|mut all| std::mem::take(&mut *all)).unwrap_or_default()
    }
}

impl ClientContext for Context {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        self.log.log(level, facility, message);
    }

    fn stats(&self, statistics: Statistics) {
        self.log.stats(statistics);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        self.log.error(error, reason);
    }
}

impl ProducerContext for Context {
    type DeliveryOpaque = usize;

    fn delivery(&self, result: &DeliveryResult<'_>, tag: usize) {
        let outcome = match result {
            Ok(message) => Ok(Position { partition: message.partition(), offset: message.offset() }),
            Err((error, _)) => Err(error.clone()),
        };
        if let Ok(mut all) = self.deliveries.lock() {
            all.push((tag, outcome));
        }
    }
}
