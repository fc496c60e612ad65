use shipment_events::{EventId, ShipmentId, Timestamp};
use uuid::Uuid;

use super::*;

#[test]
fn a_cloud_event_is_written_and_read_back() {
    let event = CloudEvent {
        id: EventId::new(Uuid::from_u128(1)),
        body: "ScanRecorded",
        source: "/parceltrack/command-handler",
        time: Timestamp::from_millis(1_772_324_130_250),
        subject: ShipmentId::new(Uuid::from_u128(2)),
    };
    let mut headers = Headers::new();
    headers.push(PT_REPLY_TO, "left over");
    headers.clear();
    event.write("parceltrack.shipment.ShipmentEvent:0123456789abcdef", &mut headers);
    headers.push_some(TRACEPARENT, Some("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"));
    headers.push_some(PT_REPLY_TO, None);

    let shown: Vec<(&str, &str)> =
        headers.iter().map(|(n, v)| (n, std::str::from_utf8(v).unwrap())).collect();
    assert_eq!(
        shown,
        [
            ("ce_specversion", "1.0"),
            ("ce_id", "00000000-0000-0000-0000-000000000001"),
            ("ce_type", "org.parceltrack.shipment.ScanRecorded.v1"),
            ("ce_source", "/parceltrack/command-handler"),
            ("ce_time", "2026-03-01T00:15:30.250Z"),
            ("ce_subject", "00000000-0000-0000-0000-000000000002"),
            ("content-type", "application/avro"),
            ("pt-schema", "parceltrack.shipment.ShipmentEvent:0123456789abcdef"),
            ("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
        ]
    );

    let read = ReadHeaders::read(headers.iter().map(|(n, v)| (n, Some(v))));
    assert_eq!(read.body(), Some("ScanRecorded"));
    assert_eq!(read.id, headers.get("ce_id"));
    assert_eq!(read.stamp, Some(&b"parceltrack.shipment.ShipmentEvent:0123456789abcdef"[..]));
    assert_eq!(read.reply_to, None);
}

#[test]
fn foreign_headers_do_no_harm() {
    let read =
        ReadHeaders::read([("x", None), ("ce_type", Some(&b"com.example.other"[..])), ("pt-schema", None)]);
    assert_eq!((read.body(), read.stamp), (None, None));
    let read = ReadHeaders::read([("ce_type", Some(&[0xff, 0xfe][..]))]);
    assert_eq!(read.body(), None);
}
