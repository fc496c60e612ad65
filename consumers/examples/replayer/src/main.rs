//! Replays ParcelTrack's events with nothing of ParcelTrack's: a Kafka client, an Avro library, an HTTP client. Copy it.
//!
//! Without `--follow` it reads the topic from its beginning to its end and prints where each shipment stands. What it shows
//! is all that a consumer of the topic has to get right:
//!
//! 1. read *committed* records only: events are written in transactions, and what was rolled back never happened;
//! 2. a value is a zero byte, the schema's id (4 bytes, big-endian), and the Avro datum written with that schema;
//! 3. don't rely on order: an event that is rewritten later comes again, under the same sequence with a higher revision, behind
//!    its successors. So keep, of each shipment, the event with the highest sequence and revision;
//! 4. tolerate what you don't know: a new field, a new status, a new kind of event.
#![forbid(unsafe_code)]

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::Write;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use apache_avro::Schema;
use apache_avro::reader::datum::GenericDatumReader;
use chrono::DateTime;
use clap::Parser;
use rdkafka::consumer::{Consumer, StreamConsumer};
use rdkafka::error::{KafkaError, RDKafkaErrorCode as Code};
use rdkafka::message::{BorrowedMessage, Headers, Message};
use rdkafka::metadata::{MetadataPartition, MetadataTopic};
use rdkafka::{ClientConfig, Offset, TopicPartitionList};
use serde_json::Value;

/// Replays ParcelTrack's events: where each shipment stands, or, with --follow, each event as it comes.
#[derive(Parser)]
struct Args {
    /// Kafka's brokers
    #[arg(long, env = "PARCELTRACK_KAFKA", default_value = "127.0.0.1:9092")]
    kafka: String,
    /// Base address of the schema registry's Confluent API
    #[arg(long, env = "PARCELTRACK_REGISTRY", default_value = "http://127.0.0.1:8081/apis/ccompat/v7")]
    registry: String,
    /// The topic
    #[arg(long, default_value = "parceltrack.shipment.events.v1")]
    topic: String,
    /// Print every event, and stay for those to come
    #[arg(long)]
    follow: bool,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let args = Args::parse();
    let (consumer, mut unfinished) = at_the_beginning(&args)?;
    let mut schemas = Schemas::of(args.registry)?;
    let mut standings = BTreeMap::new();
    // A partition's end is told once it is reached; when all have been, this is what there was.
    while args.follow || !unfinished.is_empty() {
        let message = match consumer.recv().await {
            Ok(message) => message,
            Err(KafkaError::PartitionEOF(partition)) => {
                unfinished.remove(&partition);
                continue;
            }
            // The client reconnects by itself, and goes on where it was.
            Err(KafkaError::MessageConsumption(Code::BrokerTransportFailure | Code::AllBrokersDown)) => {
                eprintln!("no connection to Kafka just now");
                continue;
            }
            Err(error) => return Err(error).context("reading from Kafka"),
        };
        let place = || format!("{}:{}", message.partition(), message.offset());
        // An event has a value, always; a record without one would be a deletion, and history has none.
        let Some(value) = message.payload() else { continue };
        let event = schemas.decode(value).await.with_context(|| format!("the record at {}", place()))?;
        if args.follow {
            if !say(&format!("{:<10} {:<18} {event}", place(), kind(&message)))? {
                return Ok(());
            }
        } else if let Some((shipment, standing)) = Standing::after(&event) {
            let known: &mut Standing = standings.entry(shipment).or_default();
            if standing.position > known.position {
                *known = standing;
            }
        }
    }
    for (shipment, Standing { position: (sequence, _), status, since }) in &standings {
        let since = DateTime::from_timestamp_millis(*since).unwrap_or_default().format("%Y-%m-%d %H:%MZ");
        if !say(&format!("{shipment}  version {sequence:<4} {status:<20} since {since}"))? {
            return Ok(());
        }
    }
    eprintln!("{} shipments", standings.len());
    Ok(())
}

/// Where a shipment stands after an event; a later position replaces an earlier one, however they come.
#[derive(Default)]
struct Standing {
    position: (i64, i64),
    status: String,
    since: i64,
}

impl Standing {
    /// Each event says which status came of it, so that nobody has to know the rules to show it.
    fn after(event: &Value) -> Option<(String, Self)> {
        let position = (event["sequence"].as_i64()?, event["revision"].as_i64()?);
        let (status, since) = (event["status_after"].as_str()?.to_owned(), event["status_since"].as_i64()?);
        Some((event["shipment_id"].as_str()?.to_owned(), Self { position, status, since }))
    }
}

/// A consumer that has all partitions from their first record, and which those are. It has no group: it shares the work with
/// nobody and leaves no offsets behind. A service would call `subscribe`, and commit offsets once what it made of
/// the records is durable.
fn at_the_beginning(args: &Args) -> Result<(StreamConsumer, BTreeSet<i32>)> {
    let consumer: StreamConsumer = ClientConfig::new()
        .set("bootstrap.servers", &args.kafka)
        .set("isolation.level", "read_committed")
        .set("enable.partition.eof", "true")
        // librdkafka wants a name although nothing is kept under it.
        .set("group.id", "replayer")
        .set("enable.auto.commit", "false")
        .create()?;
    let metadata = consumer
        .fetch_metadata(Some(&args.topic), Duration::from_secs(10))
        .with_context(|| format!("no answer from Kafka at {}", args.kafka))?;
    let partitions: BTreeSet<i32> =
        metadata.topics().iter().flat_map(MetadataTopic::partitions).map(MetadataPartition::id).collect();
    if partitions.is_empty() {
        bail!("there is no topic {} at {}", args.topic, args.kafka);
    }
    let mut all = TopicPartitionList::new();
    for partition in &partitions {
        all.add_partition_offset(&args.topic, *partition, Offset::Beginning)?;
    }
    consumer.assign(&all)?;
    Ok((consumer, partitions))
}

/// What happened, from the CloudEvents header: `org.parceltrack.shipment.ScanRecorded.v1` without its ends. Whoever wants
/// some kinds of events only can tell by this which records to decode.
fn kind(message: &BorrowedMessage<'_>) -> String {
    let header = message.headers().and_then(|all| all.iter().find(|header| header.key == "ce_type"));
    let name = header.and_then(|header| header.value).map(String::from_utf8_lossy).unwrap_or_default();
    name.rsplit('.').nth(1).unwrap_or("?").to_owned()
}

/// The writers' schemas by their ids; each is asked for once, since what an id means never changes.
struct Schemas {
    registry: String,
    http: reqwest::Client,
    known: HashMap<u32, Schema>,
}

impl Schemas {
    fn of(registry: String) -> Result<Self> {
        let http = reqwest::Client::builder().timeout(Duration::from_secs(10)).build()?;
        Ok(Self { registry, http, known: HashMap::new() })
    }

    async fn decode(&mut self, value: &[u8]) -> Result<Value> {
        let [0, a, b, c, d, datum @ ..] = value else { bail!("its value isn't framed as Confluent does") };
        let id = u32::from_be_bytes([*a, *b, *c, *d]);
        if !self.known.contains_key(&id) {
            let schema = self.fetch(id).await.with_context(|| format!("schema {id} of the registry"))?;
            self.known.insert(id, schema);
        }
        let datum = GenericDatumReader::builder(&self.known[&id]).build()?.read_value(&mut &*datum)?;
        Ok(datum.try_into()?)
    }

    async fn fetch(&self, id: u32) -> Result<Schema> {
        let answer =
            self.http.get(format!("{}/schemas/ids/{id}", self.registry)).send().await?.error_for_status()?;
        let answer: Value = answer.json().await?;
        Ok(Schema::parse_str(answer["schema"].as_str().context("its answer has no schema")?)?)
    }
}

/// Prints a line; false once nobody reads any more, as in `replayer | head`.
fn say(line: &str) -> Result<bool> {
    match writeln!(std::io::stdout(), "{line}") {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(false),
        written => written.map(|()| true).map_err(Into::into),
    }
}
