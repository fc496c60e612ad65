//! What can't be decoded is shown all the same, with the reason.

use event_codec::headers::{PT_ERROR_CODE, PT_ERROR_TOPIC, PT_RESOLVES};
use event_log::{Headers, Received};
use record_view::{Payload, TopicName};
use view_store::Detail;

use crate::given::{events, raw, record, shipment, views};

#[tokio::test]
async fn bytes_that_are_nothing_say_why() {
    let views = views();
    let record = raw(TopicName::Events, "nobody", b"not an event".to_vec(), Headers::new());
    let view = views.view(TopicName::Events, &record, Detail::Full).await;
    let Payload::Undecoded { why, hex } = view.payload else { panic!("{:?}", view.payload) };
    assert!(why.contains("not in the registry's framing"), "{why}");
    assert_eq!(hex.as_deref(), Some("6e6f7420616e206576656e74"));
    assert_eq!((view.shipment_id, view.schema, view.kind), (None, None, None));
    let Payload::Undecoded { hex, .. } = views.view(TopicName::Events, &record, Detail::Public).await.payload
    else {
        panic!("decoded")
    };
    assert_eq!(hex, None, "bytes may be anything, names too");
}

#[tokio::test]
async fn a_tombstone_is_one() {
    let record = Received { value: None, ..raw(TopicName::Config, "k", Vec::new(), Headers::new()) };
    assert_eq!(views().view(TopicName::Config, &record, Detail::Full).await.payload, Payload::Deleted);
}

#[tokio::test]
async fn a_resolution_and_a_stranger_among_the_dead_letters() {
    let views = views();
    let headers = Headers::new().with(PT_RESOLVES, "0:1");
    let resolution = raw(TopicName::DeadLetters, "k", br#"{"resolution":"retried"}"#.to_vec(), headers);
    let view = views.view(TopicName::DeadLetters, &resolution, Detail::Public).await;
    assert!(matches!(view.payload, Payload::Json(json) if json["resolution"] == "retried"));
    for source in ["another.topic", "parceltrack.shipment.dead-letters.v1"] {
        let headers = Headers::new().with(PT_ERROR_CODE, "x").with(PT_ERROR_TOPIC, source);
        let stranger = raw(TopicName::DeadLetters, "k", vec![0], headers);
        let view = views.view(TopicName::DeadLetters, &stranger, Detail::Full).await;
        assert!(matches!(view.payload, Payload::Undecoded { .. }), "{source}");
    }
}

#[tokio::test]
async fn an_event_says_which_it_is() {
    let event = &events()[2];
    let record = record(TopicName::Events, &event.key(), "ScanRecorded", event);
    let view = views().view(TopicName::Events, &record, Detail::Full).await;
    assert_eq!((view.at().as_str(), view.sequence.map(shipment_events::Sequence::get)), ("2:40", Some(3)));
    assert_eq!(view.schema.unwrap().name.as_deref(), Some("parceltrack.shipment.ShipmentEvent"));
    let json = serde_json::to_value(&view.headers).unwrap();
    assert_eq!(json[1]["value"], shipment().to_string());
    assert_eq!(views().event(&record).await.unwrap(), *event);
}
