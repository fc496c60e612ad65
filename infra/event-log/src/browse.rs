//! Looking into topics by partition, offset and time, a page at a time.

mod page;
mod places;
mod shelf;
mod span_stream;
mod spans;

use std::sync::Arc;
use std::time::Duration;

use shipment_events::ShipmentId;

use crate::{Error, Isolation, Kafka, Offsets, Watermarks, partition_of};
pub use page::{Order, Page, PageBounds};
pub use places::{BadPlaces, Places, parse_offset};
pub use span_stream::SpanStream;
pub use spans::{BadSpans, Spans};

/// Which partitions to look into.
#[derive(Clone, Copy, Default, Debug, PartialEq, Eq)]
pub enum Within {
    /// All of the topic.
    #[default]
    All,
    /// This one.
    Partition(i32),
    /// The one that all records of this shipment lie in; of a topic with one partition, that.
    Shipment(ShipmentId),
}

/// Which stretch of these partitions. What is left out is no bound.
#[derive(Clone, Copy, Default, Debug, PartialEq, Eq)]
pub struct Between {
    /// Not before this time, in milliseconds since 1970.
    pub since: Option<i64>,
    /// Before this time.
    pub until: Option<i64>,
    /// Not before this offset.
    pub from: Option<i64>,
    /// Before this offset.
    pub to: Option<i64>,
}

/// Looks into the topics of a cluster; sees what is committed. Cheap to clone, and the clones share a connection.
#[derive(Clone)]
pub struct Browser {
    kafka: Kafka,
    offsets: Arc<Offsets>,
    patience: Duration,
}

impl Browser {
    /// Connects in the background. `patience` is that with each question, and with records that don't come.
    ///
    /// # Errors
    /// When no client can be made with these settings.
    pub fn new(kafka: &Kafka, patience: Duration) -> Result<Self, Error> {
        let offsets = Arc::new(Offsets::new(kafka, Isolation::Committed, patience)?);
        Ok(Self { kafka: kafka.clone(), offsets, patience })
    }

    /// The partitions of a topic.
    ///
    /// # Errors
    /// [`Error::UnknownTopic`], [`Error::NoPartition`], or when Kafka doesn't answer.
    pub async fn partitions(&self, topic: &str, within: Within) -> Result<Vec<i32>, Error> {
        let count = self.ask(topic, Offsets::partition_count).await?;
        let count = count.ok_or_else(|| Error::UnknownTopic { topic: topic.to_owned() })?;
        match within {
            Within::All => Ok((0..count).collect()),
            Within::Partition(partition) if !(0..count).contains(&partition) => {
                Err(Error::NoPartition { topic: topic.to_owned(), partition, count })
            }
            Within::Partition(partition) => Ok(vec![partition]),
            Within::Shipment(shipment) => Ok(vec![partition_of(shipment, count)]),
        }
    }

    /// What there is to look at, as things are now: what is written later isn't in it.
    ///
    /// # Errors
    /// [`Error::UnknownTopic`], [`Error::NoPartition`], or when Kafka doesn't answer.
    pub async fn spans(&self, topic: &str, within: Within, between: Between) -> Result<Spans, Error> {
        self.spans_and_ends(topic, within, between).await.map(|(spans, _)| spans)
    }

    /// The same, and where these partitions end: what is written later is to be had from there on.
    ///
    /// # Errors
    /// [`Error::UnknownTopic`], [`Error::NoPartition`], or when Kafka doesn't answer.
    pub async fn spans_and_ends(
        &self,
        topic: &str,
        within: Within,
        between: Between,
    ) -> Result<(Spans, Places), Error> {
        let partitions = self.partitions(topic, within).await?;
        self.ask(topic, move |offsets, topic| {
            let ends = offsets.watermarks(topic, partitions.iter().copied())?;
            let at = |time: Option<i64>| match time {
                Some(time) => offsets.at_time(topic, partitions.iter().copied(), time),
                None => Ok(std::collections::BTreeMap::new()),
            };
            let (since, until) = (at(between.since)?, at(between.until)?);
            let span = |partition: i32| {
                let marks = ends.get(&partition)?;
                let (mut start, mut end) = (marks.low, marks.high);
                if between.since.is_some() {
                    // Where nothing is that young, nothing is to be looked at.
                    start = start.max(since.get(&partition).copied().flatten().unwrap_or(end));
                }
                if let Some(offset) = until.get(&partition).copied().flatten() {
                    end = end.min(offset);
                }
                start = start.max(between.from.unwrap_or(start));
                end = end.min(between.to.unwrap_or(end));
                Some((partition, start..end))
            };
            let spans = partitions.iter().filter_map(|partition| span(*partition)).collect();
            Ok((spans, ends.iter().map(|(partition, marks)| (*partition, marks.high)).collect()))
        })
        .await
    }

    /// Where to read on in each of these partitions: at its place in `at`, or, of what was deleted meanwhile, behind that; at its end
    /// where `at` says nothing.
    ///
    /// # Errors
    /// [`Error::UnknownTopic`], [`Error::NoPartition`], or when Kafka doesn't answer.
    pub async fn places(&self, topic: &str, within: Within, at: &Places) -> Result<Places, Error> {
        let partitions = self.partitions(topic, within).await?;
        let at = at.clone();
        self.ask(topic, move |offsets, topic| {
            let ends = offsets.watermarks(topic, partitions.iter().copied())?;
            let place = |(partition, marks): (&i32, &Watermarks)| {
                let wanted = at.get(*partition).unwrap_or(marks.high);
                (*partition, wanted.max(marks.low).min(marks.high))
            };
            Ok(ends.iter().map(place).collect())
        })
        .await
    }

    /// All records of these stretches.
    ///
    /// # Errors
    /// When the reader can't be made.
    pub async fn stream(&self, topic: &str, spans: Spans) -> Result<SpanStream, Error> {
        SpanStream::open(&self.kafka, topic, spans, self.patience).await
    }

    async fn ask<T: Send + 'static>(
        &self,
        topic: &str,
        question: impl FnOnce(&Offsets, &str) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let (offsets, topic) = (Arc::clone(&self.offsets), topic.to_owned());
        let asked = tokio::task::spawn_blocking(move || question(&offsets, &topic));
        asked.await.map_err(|_| Error::Ended)?
    }
}
