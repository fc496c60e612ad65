//! From scan to visible: how long it took from a command until its event's rows could be read.

use std::sync::LazyLock;

use event_codec::headers::TRACEPARENT;
use event_log::Received;
use shipment_events::{EventBody, ShipmentEvent, ShipmentId, Timestamp};
use telemetry::TraceContext;
use telemetry::metrics::TracedHistogram;

use crate::metrics;

static OF_SCANS: LazyLock<TracedHistogram> =
    LazyLock::new(|| metrics::VISIBLE.with_label_values(&[metrics::SCAN]));
static OF_OTHERS: LazyLock<TracedHistogram> =
    LazyLock::new(|| metrics::VISIBLE.with_label_values(&[metrics::OTHER]));

/// An event whose rows are written.
pub(crate) struct Written<'a> {
    pub(crate) shipment_id: ShipmentId,
    pub(crate) record: &'a Received,
    is_scan: bool,
    /// When its command was received: appended to the commands topic.
    received_at: Timestamp,
}

impl<'a> Written<'a> {
    pub(crate) fn of(event: &ShipmentEvent, record: &'a Received) -> Self {
        Self {
            shipment_id: event.shipment_id,
            record,
            is_scan: matches!(event.body, EventBody::ScanRecorded(_)),
            received_at: event.recorded_at,
        }
    }

    fn trace(&self) -> Option<TraceContext> {
        self.record.headers.get(TRACEPARENT).and_then(TraceContext::parse_sampled)
    }

    fn took(&self, now: Timestamp) -> f64 {
        now.as_millis().saturating_sub(self.received_at.as_millis()).max(0) as f64 / 1_000.0
    }
}

/// Counts the events of a batch as visible now. Of a batch one trace is remembered for each kind: of those that are recorded
/// that of the event which waited longest.
pub(crate) fn count(written: &[Written<'_>], now: Timestamp) {
    for (histogram, is_scan) in [(&*OF_SCANS, true), (&*OF_OTHERS, false)] {
        let of_kind = || written.iter().filter(|written| written.is_scan == is_scan);
        if of_kind().next().is_none() {
            continue;
        }
        let local = histogram.local();
        of_kind().for_each(|written| local.observe(written.took(now)));
        local.flush();
        let traced = of_kind().filter_map(|written| Some((written, written.trace()?)));
        if let Some((slowest, trace)) = traced.min_by_key(|(written, _)| written.received_at) {
            histogram.exemplify(slowest.took(now), Some(&trace));
        }
    }
}

#[cfg(test)]
mod tests {
    use event_log::Headers;
    use telemetry::metrics::{Form, render};

    use super::*;

    #[test]
    fn each_event_is_counted_and_the_one_that_waited_longest_is_shown() {
        let trace = TraceContext::parse("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01").unwrap();
        let record = |headers| Received {
            topic: "events".into(),
            partition: 0,
            offset: 0,
            timestamp: event_log::Timestamp::Missing,
            key: None,
            value: None,
            headers,
        };
        let (traced, other) =
            (record(Headers::new().with(TRACEPARENT, trace.to_string())), record(Headers::new()));
        let written = |record, is_scan, received_at| Written {
            shipment_id: ShipmentId::new(uuid::Uuid::nil()),
            record,
            is_scan,
            received_at: Timestamp::from_millis(received_at),
        };
        // The last is of a clock that is ahead.
        let batch = [
            written(&other, true, 9_990),
            written(&traced, true, 8_500),
            written(&other, false, 7_000),
            written(&other, true, 12_000),
        ];
        count(&batch, Timestamp::from_millis(10_000));
        let text = render(Form::OpenMetrics);
        let name = "parceltrack_projector_visible_seconds";
        for line in [
            format!("{name}_bucket{{type=\"scan\",le=\"0.01\"}} 2\n"),
            format!(
                "{name}_bucket{{type=\"scan\",le=\"2.0\"}} 3 # {{trace_id=\"{}\"}} 1.5 ",
                trace.trace_id()
            ),
            format!("{name}_count{{type=\"scan\"}} 3\n"),
            format!("{name}_bucket{{type=\"other\",le=\"5.0\"}} 1\n"),
        ] {
            assert!(text.contains(&line), "{line}{text}");
        }
    }
}
