//! The event store: Kafka's topics, read by the console itself, as its own principal.

use std::sync::Arc;
use std::time::Duration;

use auth::Principal;
use event_log::{
    Between, Browser, Isolation, Kafka, Order, PageBounds, Places, ReaderStream, Received, SpanStream, Spans,
    Start, Topics, Within,
};
use record_view::{History, RecordView, RecordViews, TopicName};
use settings::Settings;
use shipment_events::ShipmentId;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use view_store::Detail;

use crate::error::Error;

/// How long Kafka may take for one answer: somebody waits.
const PATIENCE: Duration = Duration::from_secs(8);
/// Pages that follow a topic, and exports, at once: each is a consumer of its own.
const FOLLOWERS: usize = 32;
/// Offsets that one page looks at in search of what is wanted.
pub(crate) const LOOK_AT: u64 = 20_000;
/// Bytes of the records of one page.
const PAGE_BYTES: usize = 8 * 1024 * 1024;

/// The topics, and what makes their records readable. Cheap to clone.
#[derive(Clone)]
pub(crate) struct EventStore {
    pub(crate) kafka: Kafka,
    pub(crate) topics: Topics,
    pub(crate) browser: Browser,
    pub(crate) views: RecordViews,
    followers: Arc<Semaphore>,
}

/// Which records of a topic are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Wanted {
    pub(crate) topic: TopicName,
    pub(crate) shipment: Option<ShipmentId>,
    pub(crate) kind: Option<String>,
    pub(crate) partition: Option<i32>,
    pub(crate) between: Between,
}

/// A page of records, readable.
#[derive(Debug, Default)]
pub(crate) struct Listed {
    pub(crate) records: Vec<RecordView>,
    pub(crate) looked_at: u64,
    pub(crate) left: Spans,
    /// Where the topic ended when it was looked at: what comes later is had from there on.
    pub(crate) ends: Places,
}

impl Wanted {
    fn within(&self) -> Within {
        match (self.partition, self.shipment) {
            (Some(partition), _) => Within::Partition(partition),
            (None, Some(shipment)) if self.topic.is_of_shipments() => Within::Shipment(shipment),
            (None, _) => Within::All,
        }
    }

    /// Whether this is one of them.
    pub(crate) fn is(&self, record: &Received) -> bool {
        let is_of = |shipment| record_view::subject(record).0 == Some(shipment);
        let is_kind = |kind: &String| record_view::kind(record).as_ref() == Some(kind);
        self.shipment.is_none_or(is_of) && self.kind.as_ref().is_none_or(is_kind)
    }
}

impl EventStore {
    pub(crate) fn new(settings: &Settings) -> Result<Self, Error> {
        let kafka = Kafka::of_settings(&settings.kafka, "parceltrack-console-browser")?;
        Ok(Self {
            browser: Browser::new(&kafka, PATIENCE)?,
            views: RecordViews::of_settings(settings)?,
            topics: Topics::of_settings(&settings.kafka),
            followers: Arc::new(Semaphore::new(FOLLOWERS)),
            kafka,
        })
    }

    /// Where a shipment's events lie.
    pub(crate) fn history(&self) -> History {
        History::of(self.browser.clone(), Arc::clone(&self.topics.events))
    }

    /// All stretches in which something wanted may lie, as things are now.
    pub(crate) async fn spans(&self, wanted: &Wanted) -> Result<Spans, event_log::Error> {
        self.browser.spans(wanted.topic.of(&self.topics), wanted.within(), wanted.between).await
    }

    /// The same, and where the topic ends now.
    pub(crate) async fn spans_and_ends(&self, wanted: &Wanted) -> Result<(Spans, Places), event_log::Error> {
        self.browser.spans_and_ends(wanted.topic.of(&self.topics), wanted.within(), wanted.between).await
    }

    /// The next page of these stretches.
    pub(crate) async fn page(
        &self,
        wanted: &Wanted,
        spans: &Spans,
        order: Order,
        limit: usize,
        detail: Detail,
    ) -> Result<Listed, event_log::Error> {
        let bounds = PageBounds { records: limit, bytes: PAGE_BYTES, look_at: LOOK_AT };
        let topic = wanted.topic.of(&self.topics);
        let page = self.browser.page(topic, spans, order, bounds, |record| wanted.is(record)).await?;
        let mut records = Vec::with_capacity(page.records.len());
        for record in &page.records {
            records.push(self.views.view(wanted.topic, record, detail).await);
        }
        Ok(Listed { records, looked_at: page.looked_at, left: page.left, ends: Places::default() })
    }

    /// The record at an offset, if it is there.
    pub(crate) async fn record(
        &self,
        topic: TopicName,
        partition: i32,
        offset: i64,
    ) -> Result<Option<Received>, event_log::Error> {
        let between =
            Between { from: Some(offset), to: Some(offset.saturating_add(1)), ..Between::default() };
        let name = topic.of(&self.topics);
        let spans = self.browser.spans(name, Within::Partition(partition), between).await?;
        self.browser.stream(name, spans).await?.next().await
    }

    /// Whatever lies in these stretches; the permit is one of the few that there are.
    pub(crate) async fn export(
        &self,
        wanted: &Wanted,
        spans: Spans,
    ) -> Result<Option<(SpanStream, OwnedSemaphorePermit)>, event_log::Error> {
        let Some(permit) = self.place() else { return Ok(None) };
        let stream = self.browser.stream(wanted.topic.of(&self.topics), spans).await?;
        Ok(Some((stream, permit)))
    }

    /// What is written from these places on, or from now on; and the places.
    pub(crate) async fn follow(
        &self,
        wanted: &Wanted,
        from: &Places,
    ) -> Result<Option<(ReaderStream, Places, OwnedSemaphorePermit)>, event_log::Error> {
        let Some(permit) = self.place() else { return Ok(None) };
        let topic = wanted.topic.of(&self.topics);
        let places = self.browser.places(topic, wanted.within(), from).await?;
        let starts = places.iter().map(|(partition, offset)| (partition, Start::At(offset))).collect();
        let stream = ReaderStream::open(&self.kafka, topic, starts, Isolation::Committed).await?;
        Ok(Some((stream, places, permit)))
    }

    fn place(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.followers).try_acquire_owned().ok()
    }
}

/// What is shown to this caller.
pub(crate) fn detail(principal: &Principal) -> Detail {
    if principal.role().sees_personal_data() { Detail::Full } else { Detail::Public }
}
