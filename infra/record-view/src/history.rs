//! Where a shipment's events lie, without reading the whole log.

use std::collections::BTreeMap;
use std::time::Duration;

use event_log::{Between, Browser, Error, Received, Spans, Within};
use shipment_events::{Sequence, ShipmentId, Timestamp};
use tokio::time::timeout;

use crate::sight;

/// A record's time may lie before what its event was recorded at by so much: the clocks of broker and command handler.
const SKEW_MS: i64 = 60_000;
/// How long it looks: somebody waits.
const PATIENCE: Duration = Duration::from_secs(5);
/// Fewer offsets than these are read: to jump over them takes a client of its own, which costs more.
const NEAR: i64 = 4_000;
/// So often it jumps; what lies behind is read up to.
const JUMPS: u32 = 16;

/// What is known of an event before its record is found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Known {
    /// Its place in the history.
    pub sequence: Sequence,
    /// When it was written down.
    pub recorded_at: Timestamp,
}

/// Finds the records of a shipment's events: in its partition alone, and there near the times at which they were recorded.
#[derive(Clone)]
pub struct History {
    browser: Browser,
    topic: std::sync::Arc<str>,
}

/// What was found.
#[derive(Clone, Default, Debug)]
pub struct Found {
    /// The records by their sequence; of one that was rewritten, the last.
    pub records: BTreeMap<Sequence, Received>,
    /// How many records were looked at.
    pub looked_at: u64,
    /// Whether it stopped because it had looked at as many as it may, or for as long.
    pub gave_up: bool,
}

impl History {
    /// In this topic of events.
    pub fn of(browser: Browser, topic: std::sync::Arc<str>) -> Self {
        Self { browser, topic }
    }

    /// Looks for the records of these events, at no more than `look_at` records, and for no longer than five seconds.
    ///
    /// # Errors
    /// When Kafka is away.
    pub async fn find(&self, shipment: ShipmentId, known: &[Known], look_at: u64) -> Result<Found, Error> {
        let missing = known.iter().map(|event| (event.sequence, event.recorded_at)).collect();
        let mut search = Search { history: self, shipment, missing, found: Found::default() };
        let Some(earliest) = search.next_time() else { return Ok(search.found) };
        let spans = search.spans(earliest, None).await?;
        let in_time = timeout(PATIENCE, search.run(spans, look_at)).await;
        match in_time {
            Ok(done) => done?,
            Err(_) => search.found.gave_up = true,
        }
        Ok(search.found)
    }
}

struct Search<'a> {
    history: &'a History,
    shipment: ShipmentId,
    missing: BTreeMap<Sequence, Timestamp>,
    found: Found,
}

impl Search<'_> {
    async fn run(&mut self, spans: Spans, look_at: u64) -> Result<(), Error> {
        let History { browser, topic } = self.history;
        let mut stream = browser.stream(topic, spans).await?;
        // Up to there it reads without looking up whether the next one is far.
        let (mut read_to, mut jumps) = (0, 0);
        while !self.missing.is_empty() {
            if self.found.looked_at >= look_at {
                self.found.gave_up = true;
                return Ok(());
            }
            let Some(record) = stream.next().await? else { return Ok(()) };
            self.found.looked_at += 1;
            let (from, time) = (record.offset + 1, record.timestamp.millis());
            self.take(record);
            let later = self.next_time().zip(time).filter(|(next, now)| *next > now + SKEW_MS);
            let Some((next, _)) = later.filter(|_| jumps < JUMPS && from >= read_to) else { continue };
            let ahead = self.spans(next, Some(from)).await?;
            if ahead.iter().all(|(_, span)| span.start - from > NEAR) {
                jumps += 1;
                stream = browser.stream(topic, ahead).await?;
            } else {
                read_to = from + NEAR;
            }
        }
        Ok(())
    }

    /// The earliest time at which the next of those that are missing may lie.
    fn next_time(&self) -> Option<i64> {
        self.missing.values().min().map(|at| at.as_millis().saturating_sub(SKEW_MS))
    }

    async fn spans(&self, since: i64, from: Option<i64>) -> Result<Spans, Error> {
        let between = Between { since: Some(since), from, ..Between::default() };
        self.history.browser.spans(&self.history.topic, Within::Shipment(self.shipment), between).await
    }

    fn take(&mut self, record: Received) {
        if let (Some(of), Some(sequence)) = sight::subject(&record)
            && of == self.shipment
        {
            self.missing.remove(&sequence);
            self.found.records.insert(sequence, record);
        }
    }
}
