//! Records of topics, as tables and whole.

use maud::{Markup, html};
use record_view::{HIDDEN, Payload, RecordView, TopicName};
use shipment_events::Timestamp;

use crate::parts::{self, count};

/// A time, with UTC on hover.
pub(super) fn time(time: Timestamp) -> Markup {
    parts::time(time.to_datetime())
}

/// Where a record is shown whole.
pub(super) fn address(topic: TopicName, at: &str) -> String {
    format!("/console/events/{topic}/{at}")
}

/// Records, a line each. `stream` is where those that come later are had from.
pub(super) fn table(records: &[RecordView], stream: Option<&str>) -> Markup {
    html! {
        (parts::wide("Records", &html! {
            table.records {
                thead {
                    tr {
                        th { "Time" }
                        th title="partition:offset" { "At" }
                        th { "Type" }
                        th { "About" }
                        th { "What it says" }
                        th.n title="Bytes of key, value and headers" { "Bytes" }
                    }
                }
                tbody data-stream=[stream] { @for record in records { (row(record)) } }
            }
        }))
    }
}

/// One line of it.
pub(super) fn row(record: &RecordView) -> Markup {
    html! {
        tr {
            td.nowrap { @if let Some(at) = record.time { (time(at)) } }
            td { a href=(address(record.topic, &record.at())) { code { (record.at()) } } }
            td { (record.kind.as_deref().unwrap_or(if record.topic.is_of_shipments() { "?" } else { "–" })) }
            td { (about(record)) }
            td { (gist(record)) }
            td.n { (count(record.bytes as u64)) }
        }
    }
}

/// What it is about: a shipment, or what its key names.
fn about(record: &RecordView) -> Markup {
    html! {
        @if let Some(id) = record.shipment_id {
            a href={ "/console/shipments/" (id) } title=(id) { code { (short(&id.to_string())) } }
            @if let Some(sequence) = record.sequence { " #" (sequence) }
        } @else if let Some(key) = &record.key {
            code.wrap { (cut(key, 60)) }
        } @else {
            span.soft { "no key" }
        }
    }
}

/// The one thing that tells records of a type apart.
fn gist(record: &RecordView) -> Markup {
    let json = match &record.payload {
        Payload::Json(json) => json,
        Payload::Deleted => return html! { span.soft { "deleted" } },
        Payload::Undecoded { why, .. } => {
            return html! { span.bad-text { "can't be read: " (cut(why, 80)) } };
        }
    };
    let text = |name: &str| json.get(name).and_then(|value| value.as_str()).map(str::to_owned);
    let said = match record.topic {
        TopicName::Events | TopicName::DeadLetters => text("status_after"),
        TopicName::Snapshots | TopicName::Registry => text("status"),
        TopicName::Replies => text("outcome").map(|outcome| match text("code") {
            Some(code) => format!("{outcome}: {code}"),
            None => outcome,
        }),
        TopicName::Config => text("value").or_else(|| json.get("value").map(ToString::to_string)),
        TopicName::Audit => text("action").zip(text("who")).map(|(action, who)| format!("{action} by {who}")),
        TopicName::ApiKeys => text("role"),
        TopicName::Commands => text("actor"),
    };
    let said = said.or_else(|| text("resolution"));
    html! { (said.map(|said| cut(&said, 80)).unwrap_or_default()) }
}

/// A record whole, below its heading.
pub(super) fn whole(record: &RecordView) -> Markup {
    html! {
        div.pair {
            section.card {
                h2 { "Where and what" }
                dl.terms {
                    dt { "Topic" } dd { a href={ "/console/events/" (record.topic) } { (record.topic) } }
                    dt { "Partition" } dd { (record.partition) }
                    dt { "Offset" } dd { (record.offset) }
                    @if let Some(at) = record.time { dt { "Time" } dd { (time(at)) } }
                    @if let Some(kind) = &record.kind { dt { "Type" } dd { (kind) } }
                    dt { "Key" } dd.wrap { code { (record.key.as_deref().unwrap_or("none")) } }
                    @if let Some(id) = record.shipment_id {
                        dt { "Shipment" } dd.wrap { a href={ "/console/shipments/" (id) } { code { (id) } } }
                    }
                    @if let Some(sequence) = record.sequence { dt { "Sequence" } dd { (sequence) } }
                    dt { "Size" } dd { (count(record.bytes as u64)) " bytes" }
                }
            }
            section.card {
                h2 { "Schema and trace" }
                dl.terms { (schema(record)) }
            }
        }
        section.card {
            h2 { "Payload" }
            (payload(&record.payload))
        }
        section.card {
            h2 { "Headers" }
            (headers(record))
        }
    }
}

/// Schema and trace, as terms of a list.
pub(super) fn schema(record: &RecordView) -> Markup {
    html! {
        @if let Some(schema) = &record.schema {
            dt { "Schema" } dd.wrap { (schema.name.as_deref().unwrap_or("not named in the headers")) }
            dt title="In the schema registry" { "Schema id" } dd { (schema.id) }
            @if let Some(fingerprint) = &schema.fingerprint {
                dt title="CRC-64-AVRO of the schema's canonical form" { "Fingerprint" }
                dd.wrap { code { (fingerprint) } }
            }
        } @else {
            dt { "Schema" } dd { @if record.topic.is_of_shipments() { "none: not in the registry's framing" } @else { "none: it holds JSON" } }
        }
        dt title="W3C trace context, from the traceparent header" { "Trace" }
        dd.wrap { @match &record.trace_id { Some(trace) => code { (trace) }, None => span.soft { "none" } } }
    }
}

/// A value.
pub(super) fn payload(payload: &Payload) -> Markup {
    match payload {
        Payload::Json(json) => html! { pre tabindex="0" { (format!("{json:#}")) } },
        Payload::Deleted => html! { p.soft { "None: the record deletes its key." } },
        Payload::Undecoded { why, hex } => html! {
            p { span.bad-text { "It can't be decoded: " } (why) }
            @if let Some(hex) = hex { pre.breaking tabindex="0" { (hex) } }
        },
    }
}

/// Names and values.
pub(super) fn headers(record: &RecordView) -> Markup {
    html! {
        @if record.headers.is_empty() {
            p.soft { "None." }
        } @else {
            dl.terms {
                @for header in &record.headers {
                    dt.wrap { code { (header.name) } }
                    dd.wrap { @if header.value == HIDDEN { span.soft { (HIDDEN) } } @else { code { (cut(&header.value, 1_000)) } } }
                }
            }
        }
    }
}

/// The beginning of an id, which tells it from others on a page.
pub(super) fn short(id: &str) -> String {
    cut(id, 9)
}

/// So many characters at most.
pub(super) fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most - 1).chain(['…']).collect()
}

#[cfg(test)]
pub(super) mod tests {
    use record_view::{HeaderView, SchemaView};
    use serde_json::json;

    use super::*;

    pub(crate) fn record() -> RecordView {
        RecordView {
            topic: TopicName::Events,
            partition: 3,
            offset: 1_204,
            time: Some(Timestamp::from_millis(1_772_409_600_000)),
            key: Some("1c7b2c1e-0b1d-4d0a-9c53-0123456789ab#2".to_owned()),
            kind: Some("ScanRecorded".to_owned()),
            shipment_id: Some("1c7b2c1e-0b1d-4d0a-9c53-0123456789ab".parse().unwrap()),
            sequence: Some(shipment_events::Sequence::new(2)),
            schema: Some(SchemaView {
                id: 7,
                name: Some("parceltrack.shipment.ShipmentEvent".to_owned()),
                fingerprint: Some("00ff".to_owned()),
            }),
            trace_id: Some("0af7651916cd43dd8448eb211c80319c".to_owned()),
            bytes: 1_301,
            headers: vec![HeaderView { name: "x-name".to_owned(), value: HIDDEN.to_owned() }],
            payload: Payload::Json(json!({ "status_after": "delivered", "text": "<script>" })),
        }
    }

    #[test]
    fn a_line_leads_to_the_record_and_to_its_shipment() {
        let text = table(&[record()], Some("/console/events/events/live")).into_string();
        assert!(text.contains(r#"href="/console/events/events/3:1204""#), "{text}");
        assert!(text.contains(r#"href="/console/shipments/1c7b2c1e-0b1d-4d0a-9c53-0123456789ab""#));
        assert!(text.contains("delivered") && text.contains("1,301") && text.contains("#2"));
        assert!(text.contains(r#"data-stream="/console/events/events/live""#));
    }

    #[test]
    fn a_record_is_shown_whole_and_escaped() {
        let text = whole(&record()).into_string();
        for part in
            ["ShipmentEvent", "00ff", "0af7651916cd43dd8448eb211c80319c", "may be personal", "&lt;script&gt;"]
        {
            assert!(text.contains(part), "{part} is missing: {text}");
        }
        assert!(!text.contains("<script>"));
    }

    #[test]
    fn what_can_not_be_decoded_says_why() {
        let why = "not in the registry's framing".to_owned();
        let broken =
            RecordView { payload: Payload::Undecoded { why, hex: Some("00ff".to_owned()) }, ..record() };
        assert!(whole(&broken).into_string().contains("It can't be decoded"));
        assert!(row(&broken).into_string().contains("can't be read"));
        let gone = RecordView { payload: Payload::Deleted, ..record() };
        assert!(row(&gone).into_string().contains("deleted"));
    }

    #[test]
    fn long_texts_are_cut_between_characters() {
        assert_eq!((cut("ab", 2).as_str(), cut("äöü", 2).as_str()), ("ab", "ä…"));
    }
}
