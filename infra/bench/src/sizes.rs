//! How large the records are that our handler writes, so that the bare one writes as much.

use std::time::Duration;

use anyhow::{Result, bail};
use event_log::{Isolation, Reader, Received, Start};

use crate::world::{PARTITIONS, World};

/// What a header takes in the log beside its name and value: a byte for the length of each.
const HEADER_OVERHEAD: usize = 2;

/// Mean bytes of a record without its key: what the bare handler makes its values of. Ours needs none of them.
#[derive(Clone, Copy, Default, Debug)]
pub(crate) struct Sizes {
    pub(crate) event: usize,
    pub(crate) snapshot: usize,
    pub(crate) reply: usize,
}

impl Sizes {
    /// Of all that lies in a world's topics: the later a snapshot, the larger it is. Headers count: the bare handler writes none, and as many bytes more.
    pub(crate) async fn of(world: &World) -> Result<Self> {
        let (kafka, topics) = (world.kafka.clone(), world.topics.clone());
        let read = tokio::task::spawn_blocking(move || {
            let mean = |topic: &str| mean(&kafka, topic);
            Ok::<_, anyhow::Error>(Self {
                // An event's key is a little longer than the shipment's id that stands for it in the bare one.
                event: mean(&topics.events)? + 2,
                snapshot: mean(&topics.snapshots)?,
                reply: mean(&topics.replies)?,
            })
        });
        read.await?
    }

    /// As the bare handler takes them.
    pub(crate) fn args(self) -> [(&'static str, String); 3] {
        [
            ("event", self.event.to_string()),
            ("snapshot", self.snapshot.to_string()),
            ("reply", self.reply.to_string()),
        ]
    }
}

fn mean(kafka: &event_log::Kafka, topic: &str) -> Result<usize> {
    let starts: Vec<_> = (0..PARTITIONS).map(|p| (p, Start::Beginning)).collect();
    let mut reader = Reader::open(kafka, topic, &starts, Isolation::Committed)?;
    let (mut bytes, mut records) = (0, 0);
    reader.read_to_end(Duration::from_secs(5), |record| {
        bytes += weight(&record);
        records += 1;
        Ok::<_, anyhow::Error>(())
    })?;
    if records == 0 {
        bail!("{topic} is empty");
    }
    Ok(bytes / records)
}

fn weight(record: &Received) -> usize {
    record.size() - record.key.as_ref().map_or(0, bytes::Bytes::len) + record.headers.len() * HEADER_OVERHEAD
}
