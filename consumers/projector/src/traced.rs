//! The spans of a batch whose rows are written. A rebuild makes none: it is not what became of the commands.

use std::time::SystemTime;

use event_codec::headers::{CE_ID, TRACEPARENT};
use event_log::Received;
use shipment_events::EventId;
use telemetry::TraceContext;
use telemetry::spans::{Kind, Span};

/// Makes those of the events that are sampled. Each is in the trace of its command, and has the batch's times: rows are written
/// together.
pub(crate) fn record(records: &[Received], begun: SystemTime, writing: SystemTime, generation: u32) {
    let ended = SystemTime::now();
    for record in records {
        let Some(trace) = record.headers.get(TRACEPARENT).and_then(TraceContext::parse_sampled) else {
            continue;
        };
        let place = trace.child();
        // Whoever wrote the record may have put anything there.
        let id = record.headers.get_str(CE_ID).and_then(|id| id.parse::<EventId>().ok());
        let id = id.map(|id| id.to_string()).unwrap_or_default();
        Span::begun(&place.child(), Kind::Client, "BATCH shipment views", writing)
            .with("db.system.name", "cassandra")
            .with("db.operation.name", "BATCH")
            .with("parceltrack.views.generation", i64::from(generation))
            .ended(ended);
        Span::of_record(&place, Kind::Consumer, "process", &record.topic, begun)
            .at(record.partition, record.offset)
            .about(id)
            .with("messaging.batch.message_count", records.len())
            .ended(ended);
    }
}
