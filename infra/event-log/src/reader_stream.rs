//! A [`Reader`] for async code: a thread reads, a bounded channel hands over.

use std::thread;
use std::time::Duration;

use tokio::sync::mpsc;

use crate::{Error, Isolation, Kafka, Reader, ReaderEvent, Start};

/// How many events go through the channel at once, at most.
const CHUNK: usize = 500;
/// How often the thread looks whether anyone still listens.
const LOOK: Duration = Duration::from_millis(200);

/// Events of a [`Reader`], in order. Dropping it ends its thread.
pub struct ReaderStream {
    events: mpsc::Receiver<Result<Vec<ReaderEvent>, Error>>,
    ready: std::vec::IntoIter<ReaderEvent>,
}

impl ReaderStream {
    /// Opens a [`Reader`], off the async threads, and starts to read.
    pub async fn open(
        kafka: &Kafka,
        topic: &str,
        starts: Vec<(i32, Start)>,
        isolation: Isolation,
    ) -> Result<Self, Error> {
        let (kafka, topic) = (kafka.clone(), topic.to_owned());
        let reader = tokio::task::spawn_blocking(move || Reader::open(&kafka, &topic, &starts, isolation))
            .await
            .map_err(|_| Error::Ended)??;
        Ok(Self::of(reader))
    }

    /// Of a reader that is open already.
    pub fn of(reader: Reader) -> Self {
        // Two chunks: one is worked on while the next is filled. librdkafka itself stops fetching when its queue is full.
        let (sender, events) = mpsc::channel(2);
        let name = format!("read {}", reader.topic());
        let spawned = thread::Builder::new().name(name).spawn(move || run(reader, &sender));
        if let Err(error) = spawned {
            tracing::error!(%error, "no thread to read with");
        }
        Self { events, ready: Vec::new().into_iter() }
    }

    /// The next event. After an error the stream is at its end, and every further call gives [`Error::Ended`].
    pub async fn next(&mut self) -> Result<ReaderEvent, Error> {
        loop {
            if let Some(event) = self.ready.next() {
                return Ok(event);
            }
            self.ready = self.events.recv().await.ok_or(Error::Ended)??.into_iter();
        }
    }

    /// All events that are there, at least one.
    pub async fn next_chunk(&mut self) -> Result<Vec<ReaderEvent>, Error> {
        if self.ready.len() > 0 {
            return Ok(std::mem::take(&mut self.ready).collect());
        }
        self.events.recv().await.ok_or(Error::Ended)?
    }
}

fn run(mut reader: Reader, sender: &mpsc::Sender<Result<Vec<ReaderEvent>, Error>>) {
    while !sender.is_closed() {
        let chunk = match reader.next(LOOK) {
            Ok(None) => continue,
            Ok(Some(first)) => fill(&mut reader, first),
            Err(error) => Err(error),
        };
        let failed = chunk.is_err();
        if sender.blocking_send(chunk).is_err() || failed {
            return;
        }
    }
}

/// What else is there already; nothing is waited for.
fn fill(reader: &mut Reader, first: ReaderEvent) -> Result<Vec<ReaderEvent>, Error> {
    let mut chunk = vec![first];
    while chunk.len() < CHUNK {
        match reader.next(Duration::ZERO)? {
            Some(event) => chunk.push(event),
            None => break,
        }
    }
    Ok(chunk)
}
