//! The tail of the events topic. It only wakes: what is shown comes from the database.

use std::time::Duration;

use event_log::{Isolation, Kafka, Offsets, ReaderEvent, ReaderStream, Start, Topics};
use shipment_events::{Sequence, ShipmentId};
use telemetry::Condition;
use tokio_util::sync::CancellationToken;

use super::Hub;

/// How long Kafka may take to say how many partitions there are.
const TIMEOUT: Duration = Duration::from_secs(10);
/// The pause before the tail is opened again.
const PAUSE: Duration = Duration::from_secs(1);

/// Follows the topic until `shutdown`, opening it again whenever it is lost.
pub(crate) async fn follow(
    kafka: Kafka,
    topics: Topics,
    hub: Hub,
    tail: Condition,
    shutdown: CancellationToken,
) {
    while !shutdown.is_cancelled() {
        let ended = tokio::select! {
            ended = follow_once(&kafka, &topics, &hub, &tail) => ended,
            () = shutdown.cancelled() => return,
        };
        if let Err(error) = ended {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "the tail of events is lost; opening it again"
            );
            tail.unmet("the tail of the events topic can't be read: live updates are late");
        }
        tokio::select! {
            () = tokio::time::sleep(PAUSE) => {}
            () = shutdown.cancelled() => {}
        }
    }
}

/// Never returns but by an error.
async fn follow_once(
    kafka: &Kafka,
    topics: &Topics,
    hub: &Hub,
    tail: &Condition,
) -> Result<(), event_log::Error> {
    let (asked, topic) = (kafka.clone(), topics.events.clone());
    let found = tokio::task::spawn_blocking(move || {
        Offsets::new(&asked, Isolation::Committed, TIMEOUT)?.partition_count(&topic)
    });
    let partitions = found.await.map_err(|_| event_log::Error::Ended)??.unwrap_or(topics.partitions());
    let starts = (0..partitions).map(|partition| (partition, Start::End)).collect();
    let mut stream = ReaderStream::open(kafka, &topics.events, starts, Isolation::Committed).await?;
    tail.met();
    // What came while nobody was reading.
    hub.wake_all();
    loop {
        if let ReaderEvent::Record(record) = stream.next().await?
            && let Some((id, sequence)) = record.key_str().and_then(parse)
        {
            hub.wake(id, sequence);
        }
    }
}

/// `shipment-id#sequence`.
fn parse(key: &str) -> Option<(ShipmentId, Sequence)> {
    let (id, sequence) = key.split_once('#')?;
    Some((id.parse().ok()?, Sequence::new(sequence.parse().ok()?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_events_key_tells_shipment_and_sequence() {
        let id = ShipmentId::new(uuid::Uuid::from_u128(7));
        assert_eq!(parse(&format!("{id}#12")), Some((id, Sequence::new(12))));
        for bad in ["", "x#1", &id.to_string(), &format!("{id}#x")] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }
}
