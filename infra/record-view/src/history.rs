//! Where a shipment's events lie, without reading the whole log.

use std::collections::BTreeMap;

use event_log::{Between, Browser, Error, Received, Within};
use shipment_events::{Sequence, ShipmentId, Timestamp};

use crate::sight;

/// A record's time may lie before what its event was recorded at by so much: the clocks of broker and command handler.
const SKEW_MS: i64 = 60_000;

/// What is known of an event before its record is found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Known {
    /// Its place in the history.
    pub sequence: Sequence,
    /// When it was written down.
    pub recorded_at: Timestamp,
}

/// Finds the records of a shipment's events: in its partition alone, and there from the time on at which each was recorded.
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
    /// Whether it stopped because it had looked at as many as it may.
    pub gave_up: bool,
}

impl History {
    /// In this topic of events.
    pub fn of(browser: Browser, topic: std::sync::Arc<str>) -> Self {
        Self { browser, topic }
    }

    /// Looks for the records of these events, and looks at no more than `look_at` records.
    ///
    /// # Errors
    /// When Kafka is away.
    pub async fn find(&self, shipment: ShipmentId, known: &[Known], look_at: u64) -> Result<Found, Error> {
        let mut missing: BTreeMap<Sequence, Timestamp> =
            known.iter().map(|event| (event.sequence, event.recorded_at)).collect();
        let (mut found, mut from) = (Found::default(), None);
        while let Some(earliest) = missing.values().min().copied() {
            let since = Some(earliest.as_millis().saturating_sub(SKEW_MS));
            let between = Between { since, from, ..Between::default() };
            let spans = self.browser.spans(&self.topic, Within::Shipment(shipment), between).await?;
            let mut stream = self.browser.stream(&self.topic, spans).await?;
            loop {
                if missing.is_empty() {
                    return Ok(found);
                }
                if found.looked_at >= look_at {
                    found.gave_up = true;
                    return Ok(found);
                }
                let Some(record) = stream.next().await? else { return Ok(found) };
                found.looked_at += 1;
                from = Some(record.offset + 1);
                if let (Some(of), Some(sequence)) = sight::subject(&record)
                    && of == shipment
                {
                    missing.remove(&sequence);
                    let time = record.timestamp.millis();
                    found.records.insert(sequence, record);
                    // The next one may be days later: then it is looked up, not read up to.
                    let next = missing.values().min().map(|at| at.as_millis() - SKEW_MS);
                    if next.zip(time).is_some_and(|(next, now)| next > now + SKEW_MS) {
                        break;
                    }
                }
            }
        }
        Ok(found)
    }
}
