//! The records of stretches, as a stream.

use std::time::Duration;

use super::Spans;
use crate::{Error, Isolation, Kafka, ReaderEvent, ReaderStream, Received, Start};

/// The committed records of some [`Spans`], in the order of each partition. It ends with the last of them, so it can be as long
/// as a topic and still takes no more memory than a [`ReaderStream`].
pub struct SpanStream {
    stream: Option<ReaderStream>,
    left: Spans,
    patience: Duration,
    kafka: Kafka,
    topic: String,
}

impl SpanStream {
    /// Begins to read. Fails later, by [`next`](Self::next), when nothing comes for `patience`.
    ///
    /// # Errors
    /// When the reader can't be made.
    pub async fn open(kafka: &Kafka, topic: &str, spans: Spans, patience: Duration) -> Result<Self, Error> {
        let starts: Vec<_> =
            spans.iter().map(|(partition, span)| (partition, Start::At(span.start))).collect();
        let stream = if starts.is_empty() {
            None
        } else {
            Some(ReaderStream::open(kafka, topic, starts, Isolation::Committed).await?)
        };
        Ok(Self { stream, left: spans, patience, kafka: kafka.clone(), topic: topic.to_owned() })
    }

    /// The next record; none when all of them were given. Can be cancelled: nothing is lost.
    ///
    /// # Errors
    /// [`Error::OffsetGone`] where the topic was cut below the stretches, and [`Error::Unreachable`] when nothing comes for so long.
    pub async fn next(&mut self) -> Result<Option<Received>, Error> {
        let Some(stream) = &mut self.stream else { return Ok(None) };
        while !self.left.is_empty() {
            let next = tokio::time::timeout(self.patience, stream.next()).await;
            let next = next.map_err(|_| Error::Unreachable {
                bootstrap: self.kafka.bootstrap().to_owned(),
                doing: format!("reading {}", self.topic),
                waited: self.patience,
            });
            match next?? {
                ReaderEvent::Record(record) => {
                    let Some(span) = self.left.get(record.partition).cloned() else { continue };
                    self.left.set(record.partition, record.offset + 1..span.end);
                    // Beyond the end: what lay before it were marks of transactions, or holes.
                    if record.offset < span.end {
                        return Ok(Some(record));
                    }
                }
                // A broker that has just become leader may tell of an earlier end than there is: then more comes.
                ReaderEvent::Eof(at) => {
                    if self.left.get(at.partition).is_some_and(|span| at.offset >= span.end) {
                        self.left.remove(at.partition);
                    }
                }
            }
        }
        self.stream = None;
        Ok(None)
    }

    /// What hasn't been given yet: whoever breaks off here goes on with these.
    pub fn left(&self) -> &Spans {
        &self.left
    }
}
