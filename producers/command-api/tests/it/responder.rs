//! Decides commands as the handler does, in memory and outside transactions, and can be told to be slow or silent.

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use event_codec::headers::{PT_REPLY_TO, PT_SCHEMA};
use event_codec::{Decoder, Encoder, contract};
use event_log::{
    Headers, Isolation, Kafka, Outgoing, Producer, ProducerSettings, ReaderEvent, ReaderStream, Received,
    Start, Topics,
};
use schema_registry::Codecs;
use shipment_domain::{CommandPosition, ShipmentCommand, decide_once};
use shipment_events::{CommandReply, ShipmentId, ShipmentSnapshot, Timestamp};

/// How the responder behaves, and what it saw.
#[derive(Default)]
pub(crate) struct Control {
    /// Decides, and says nothing.
    pub(crate) silent: AtomicBool,
    /// Milliseconds before each batch of replies.
    pub(crate) delay_ms: AtomicU64,
    /// Every command in the order of the log, with its headers.
    pub(crate) seen: Mutex<Vec<Seen>>,
}

/// A command that came.
#[derive(Clone)]
pub(crate) struct Seen {
    pub(crate) command: ShipmentCommand,
    pub(crate) events: usize,
    pub(crate) headers: Headers,
    pub(crate) key: String,
}

impl Control {
    pub(crate) fn silence(&self, silent: bool) {
        self.silent.store(silent, Ordering::SeqCst);
    }

    pub(crate) fn slow(&self, delay: Duration) {
        self.delay_ms.store(u64::try_from(delay.as_millis()).unwrap(), Ordering::SeqCst);
    }

    /// The commands of one shipment.
    pub(crate) fn of(&self, shipment: &str) -> Vec<Seen> {
        let seen = self.seen.lock().unwrap();
        seen.iter().filter(|seen| seen.command.shipment_id.to_string() == shipment).cloned().collect()
    }

    pub(crate) fn count(&self) -> usize {
        self.seen.lock().unwrap().len()
    }
}

pub(crate) struct Responder {
    topics: Topics,
    stream: ReaderStream,
    producer: Producer,
    decoder: Decoder<ShipmentCommand>,
    encoder: Encoder<CommandReply>,
    known: HashMap<ShipmentId, ShipmentSnapshot>,
}

impl Responder {
    pub(crate) async fn open(kafka: &Kafka, topics: &Topics, codecs: &Codecs) -> Self {
        // From the beginning: the topic is the test's own, and the first command may be there before us.
        let starts = || (0..topics.partitions()).map(|partition| (partition, Start::Beginning)).collect();
        // A leader just elected may not know of it yet.
        let stream = loop {
            match ReaderStream::open(kafka, &topics.commands, starts(), Isolation::Committed).await {
                Ok(stream) => break stream,
                Err(error) => eprintln!("commands can't be read yet: {error}"),
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        };
        Self {
            topics: topics.clone(),
            stream,
            producer: Producer::new(kafka, &ProducerSettings::default()).unwrap(),
            decoder: codecs.decoder(&contract::command()),
            encoder: codecs.encoder(&contract::reply()).unwrap(),
            known: HashMap::new(),
        }
    }

    pub(crate) async fn run(mut self, control: &Control) {
        while let Ok(chunk) = self.stream.next_chunk().await {
            let replies: Vec<_> = chunk
                .into_iter()
                .filter_map(|event| match event {
                    ReaderEvent::Record(record) => Some(self.decide(&record, control)),
                    ReaderEvent::Eof(_) => None,
                })
                .collect();
            if replies.is_empty() {
                continue;
            }
            let delay = control.delay_ms.load(Ordering::SeqCst);
            tokio::time::sleep(Duration::from_millis(delay)).await;
            for reply in replies {
                if !control.silent.load(Ordering::SeqCst) {
                    drop(self.producer.send(&reply).unwrap());
                }
            }
        }
    }

    fn decide(&mut self, record: &Received, control: &Control) -> Outgoing {
        let stamp = record.headers.get(PT_SCHEMA);
        let command = self.decoder.decode(record.value.as_ref().unwrap(), stamp).unwrap();
        let at = CommandPosition {
            topic_id: "tests",
            partition: record.partition,
            offset: record.offset,
            appended_at: Timestamp::from_millis(record.timestamp.millis().unwrap()),
        };
        let decided = decide_once(self.known.get(&command.shipment_id), &command, &at);
        let reply = decided.reply(&command, &at);
        let events = decided.events.len();
        if let Some(snapshot) = decided.snapshot {
            self.known.insert(command.shipment_id, snapshot);
        }
        let key = record.key_str().unwrap().to_owned();
        control.seen.lock().unwrap().push(Seen { command, events, headers: record.headers.clone(), key });
        let mut headers = Headers::new().with(PT_SCHEMA, self.encoder.stamp());
        if let Some(address) = record.headers.get(PT_REPLY_TO) {
            headers.push(PT_REPLY_TO, Bytes::copy_from_slice(address));
        }
        Outgoing {
            topic: self.topics.replies.clone(),
            partition: record.partition,
            key: Some(reply.command_id.to_string().into()),
            value: Some(self.encoder.to_vec(&reply).unwrap().into()),
            headers,
            timestamp: None,
        }
    }
}
