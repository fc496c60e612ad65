//! The spans of a batch that was committed. One that is given up has none: it is decided again, and that counts.

use std::time::SystemTime;

use event_codec::headers::{CE_ID, CE_TYPE, body_of_type};
use event_log::Received;
use shipment_domain::CommandBody;
use telemetry::spans::{Kind, Span};

use crate::batch::{Place, place};

/// When the batch had got how far.
pub(super) struct Times {
    pub(super) polled: SystemTime,
    pub(super) decided: SystemTime,
    pub(super) written: SystemTime,
    pub(super) committed: SystemTime,
}

/// Makes those of the commands that are sampled. Each is in a trace of its own, as the parent of what follows from it, and has the
/// batch's times: the work on all of them is one.
pub(super) fn record(records: &[Received], events: &str, times: &Times) {
    for record in records {
        if let Some(place) = place(&record.headers) {
            record_one(record, &place, events, records.len(), times);
        }
    }
}

fn record_one(record: &Received, place: &Place, events: &str, batch: usize, times: &Times) {
    let inner = |name| Span::begun(&place.deciding.child(), Kind::Internal, name, times.polled);
    inner("decide").ended(times.decided);
    Span::of_record(&place.writing, Kind::Producer, "send", events, times.decided)
        .with("messaging.destination.partition.id", record.partition.to_string())
        .ended(times.written);
    let mut commit = inner("commit transaction");
    commit.start = times.written;
    commit.ended(times.committed);
    Span::of_record(&place.deciding, Kind::Consumer, "process", &record.topic, times.polled)
        .at(record.partition, record.offset)
        .about_named(record.headers.get_str(CE_ID))
        .with("messaging.batch.message_count", batch)
        .with("parceltrack.command.type", type_of(record))
        .ended(times.committed);
}

/// The command's type, if it is one of ours: anybody who may write a record may write anything there.
fn type_of(record: &Received) -> &'static str {
    let said = record.headers.get_str(CE_TYPE).and_then(body_of_type);
    let known = CommandBody::TYPE_NAMES.into_iter().find(|name| said == Some(*name));
    known.unwrap_or_default()
}
