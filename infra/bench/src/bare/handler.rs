//! A command handler without decisions: reads commands and writes, in one transaction, an event and a reply for each, a
//! snapshot for each shipment among them, and the offsets.
//!
//! The batch rule, the number of workers and of producers that take turns, and every setting of the clients are those of
//! our handler, whose defaults these are. It keeps no state, knows no rebalance, and gives up on any error.

use std::collections::HashMap;
use std::time::Duration;

use anyhow::{Context, Result};
use clap::Args;
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::message::{BorrowedMessage, Header, Headers as _, OwnedHeaders};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer as _};
use rdkafka::types::RDKafkaErrorCode;
use rdkafka::{ClientConfig, Message as _, Offset, TopicPartitionList};

/// How long a poll waits for the first record.
const IDLE: Duration = Duration::from_millis(50);
/// Between looks at what was delivered.
const STEP: Duration = Duration::from_millis(1);
/// How long any call may take.
const CALL: Duration = Duration::from_secs(8);
/// What a header of ours has, name and value, and how long its name is.
const HEADER_BYTES: usize = 36;
const HEADER_NAME: &str = "ce_subject";
/// The largest command: a batch ends where one more might not fit.
const MAX_COMMAND_BYTES: usize = 255 * 1024;

/// How it works, and how large its records are.
#[derive(Debug, Args)]
pub(crate) struct HandlerArgs {
    #[arg(long)]
    bootstrap: String,
    /// What all topics' names begin with
    #[arg(long)]
    prefix: String,
    #[arg(long, default_value_t = 2)]
    workers: usize,
    /// Producers that take turns in each worker
    #[arg(long, default_value_t = 3)]
    producers: usize,
    #[arg(long, default_value_t = 2_000)]
    batch_records: usize,
    #[arg(long, default_value_t = 4 * 1024 * 1024)]
    batch_bytes: usize,
    /// So many headers for each record, their bytes taken from its value: what headers cost beside bytes
    #[arg(long, default_value_t = 0)]
    headers: usize,
    /// How long a record may wait for others
    #[arg(long, default_value = "1")]
    linger: String,
    /// Bytes of an event's value
    #[arg(long)]
    event: usize,
    /// Bytes of a snapshot's value
    #[arg(long)]
    snapshot: usize,
    /// Bytes of a reply's value
    #[arg(long)]
    reply: usize,
}

pub(super) fn run(args: &HandlerArgs) -> Result<()> {
    std::thread::scope(|scope| {
        let workers: Vec<_> =
            (0..args.workers).map(|number| scope.spawn(move || Worker::new(args, number)?.work())).collect();
        for worker in workers {
            worker.join().map_err(|_| anyhow::anyhow!("a worker panicked"))??;
        }
        Ok(())
    })
}

struct Worker<'a> {
    args: &'a HandlerArgs,
    consumer: BaseConsumer,
    producers: Vec<BaseProducer>,
    commands: String,
    events: String,
    snapshots: String,
    replies: String,
}

impl<'a> Worker<'a> {
    fn new(args: &'a HandlerArgs, number: usize) -> Result<Self> {
        let topic = |name: &str| format!("{}.shipment.{name}.v1", args.prefix);
        let commands = topic("commands");
        let producers =
            (0..args.producers).map(|slot| producer(args, number, slot)).collect::<Result<_>>()?;
        let consumer = consumer(args, number)?;
        consumer.subscribe(&[&commands])?;
        let (events, snapshots, replies) = (topic("events"), topic("snapshots"), topic("replies"));
        Ok(Self { args, consumer, producers, commands, events, snapshots, replies })
    }

    fn work(&self) -> Result<()> {
        for producer in self.producers.iter().cycle() {
            let (group, commands) = loop {
                let group = self.consumer.group_metadata();
                let commands = self.poll()?;
                if !commands.is_empty() {
                    break (group.context("records without a group")?, commands);
                }
            };
            producer.begin_transaction()?;
            let offsets = self.write(producer, &commands)?;
            while producer.in_flight_count() > 0 {
                event_log::flush(producer.client(), STEP);
                producer.poll(Duration::ZERO);
            }
            producer.send_offsets_to_transaction(&offsets, &group, CALL)?;
            producer.commit_transaction(CALL)?;
        }
        Ok(())
    }

    /// What is there, within the limits of a batch.
    fn poll(&self) -> Result<Vec<BorrowedMessage<'_>>> {
        let mut commands = Vec::new();
        let (mut bytes, mut wait) = (0, IDLE);
        while commands.len() < self.args.batch_records && bytes + MAX_COMMAND_BYTES <= self.args.batch_bytes {
            let Some(command) = self.consumer.poll(wait) else { break };
            let command = command?;
            bytes += command.payload_len() + command.key_len();
            wait = Duration::ZERO;
            commands.push(command);
        }
        Ok(commands)
    }

    fn write(&self, producer: &BaseProducer, commands: &[BorrowedMessage<'_>]) -> Result<TopicPartitionList> {
        let mut latest: HashMap<&[u8], &BorrowedMessage<'_>> = HashMap::with_capacity(commands.len());
        let mut next: HashMap<i32, i64> = HashMap::new();
        let mut value = Vec::with_capacity(self.args.snapshot.max(self.args.event));
        for command in commands {
            let (key, partition) = (command.key().unwrap_or_default(), command.partition());
            fill(&mut value, command, self.args.event);
            self.send(producer, &self.events, partition, key, &value)?;
            fill(&mut value, command, self.args.reply);
            // Who waits is told by this header; without it nobody could tell replies apart.
            let reply_to = command.headers().and_then(|headers| {
                headers.iter().find(|header| header.key == event_codec::headers::PT_REPLY_TO)?.value
            });
            self.send(producer, &self.replies, partition, reply_to.unwrap_or(key), &value)?;
            latest.insert(key, command);
            next.insert(partition, command.offset() + 1);
        }
        for (key, command) in latest {
            fill(&mut value, command, self.args.snapshot);
            self.send(producer, &self.snapshots, command.partition(), key, &value)?;
        }
        let mut offsets = TopicPartitionList::with_capacity(next.len());
        for (partition, offset) in next {
            offsets.add_partition_offset(&self.commands, partition, Offset::Offset(offset))?;
        }
        Ok(offsets)
    }

    fn send(
        &self,
        producer: &BaseProducer,
        topic: &str,
        partition: i32,
        key: &[u8],
        value: &[u8],
    ) -> Result<()> {
        let (headers, value) = value.split_at((self.args.headers * HEADER_BYTES).min(value.len()));
        let mut record = BaseRecord::<[u8], [u8]>::to(topic).partition(partition).key(key).payload(value);
        if !headers.is_empty() {
            let empty = OwnedHeaders::new_with_capacity(self.args.headers);
            let pieces = headers
                .chunks(HEADER_BYTES)
                .map(|piece| piece.split_at(HEADER_NAME.len().min(piece.len())).1);
            let all =
                pieces.fold(empty, |all, value| all.insert(Header { key: HEADER_NAME, value: Some(value) }));
            record = record.headers(all);
        }
        loop {
            match producer.send(record) {
                Ok(()) => return Ok(()),
                Err((error, unsent)) => {
                    if error.rdkafka_error_code() != Some(RDKafkaErrorCode::QueueFull) {
                        return Err(error.into());
                    }
                    producer.poll(STEP);
                    record = unsent;
                }
            }
        }
    }
}

/// The command's own bytes, as often as it takes: they compress as ours do.
fn fill(value: &mut Vec<u8>, command: &BorrowedMessage<'_>, length: usize) {
    value.clear();
    let bytes = command.payload().filter(|bytes| !bytes.is_empty()).unwrap_or(&[0]);
    while value.len() < length {
        value.extend_from_slice(&bytes[..bytes.len().min(length - value.len())]);
    }
}

fn consumer(args: &HandlerArgs, number: usize) -> Result<BaseConsumer> {
    Ok(ClientConfig::new()
        .set("bootstrap.servers", &args.bootstrap)
        .set("group.id", format!("{}.command-handler", args.prefix))
        .set("group.instance.id", format!("bare.{number}"))
        .set("partition.assignment.strategy", "cooperative-sticky")
        .set("isolation.level", "read_committed")
        .set("enable.auto.commit", "false")
        .set("auto.offset.reset", "earliest")
        .set("session.timeout.ms", "10000")
        .set("fetch.queue.backoff.ms", "5")
        .set("queued.max.messages.kbytes", "4096")
        .create()?)
}

fn producer(args: &HandlerArgs, number: usize, slot: usize) -> Result<BaseProducer> {
    let producer: BaseProducer = ClientConfig::new()
        .set("bootstrap.servers", &args.bootstrap)
        .set("transactional.id", format!("{}.bare.{number}.{slot}", args.prefix))
        .set("transaction.timeout.ms", "10000")
        .set("acks", "all")
        .set("linger.ms", &args.linger)
        .set("compression.type", "lz4")
        .set("batch.size", "200000")
        .set("message.max.bytes", "2097152")
        .set("queue.buffering.max.messages", "200000")
        .create()?;
    producer.init_transactions(CALL)?;
    Ok(producer)
}
