//! Our spans as OpenTelemetry's.

use opentelemetry::trace::{SpanContext, SpanId, SpanKind, Status, TraceFlags, TraceId, TraceState};
use opentelemetry::{InstrumentationScope, KeyValue, Value};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{SpanData, SpanEvents, SpanLinks};
use telemetry::spans::{Attribute, Kind, Span};

use crate::Who;

/// What all spans of the process have in common.
pub(crate) fn resource(who: &Who) -> Resource {
    let attributes = [
        KeyValue::new("service.namespace", "parceltrack"),
        KeyValue::new("service.name", who.service.clone()),
        KeyValue::new("service.instance.id", who.instance.clone()),
        KeyValue::new("service.version", who.version),
    ];
    Resource::builder_empty().with_attributes(attributes).build()
}

pub(crate) fn span(span: &Span) -> SpanData {
    let context = &span.context;
    let id = |id: telemetry::SpanId| SpanId::from_bytes(id.bytes());
    SpanData {
        span_context: SpanContext::new(
            TraceId::from_bytes(context.trace().bytes()),
            id(context.span()),
            TraceFlags::SAMPLED,
            false,
            TraceState::default(),
        ),
        parent_span_id: context.parent().map_or(SpanId::INVALID, id),
        // What came by a header and what is our own looks the same by then; nobody builds on the flag.
        parent_span_is_remote: matches!(span.kind, Kind::Server | Kind::Consumer),
        span_kind: kind(span.kind),
        name: span.name.clone(),
        start_time: span.start,
        end_time: span.end,
        attributes: span.attributes.iter().map(|(name, of)| KeyValue::new(*name, value(of))).collect(),
        dropped_attributes_count: 0,
        events: SpanEvents::default(),
        links: SpanLinks::default(),
        status: if span.failed { Status::error("") } else { Status::Unset },
        instrumentation_scope: InstrumentationScope::builder("parceltrack").build(),
    }
}

fn kind(kind: Kind) -> SpanKind {
    match kind {
        Kind::Server => SpanKind::Server,
        Kind::Client => SpanKind::Client,
        Kind::Producer => SpanKind::Producer,
        Kind::Consumer => SpanKind::Consumer,
        Kind::Internal => SpanKind::Internal,
    }
}

fn value(attribute: &Attribute) -> Value {
    match attribute {
        Attribute::Text(text) => Value::from(text.clone()),
        Attribute::Number(number) => Value::from(*number),
        Attribute::Flag(flag) => Value::from(*flag),
    }
}
