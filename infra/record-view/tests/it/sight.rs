//! Personal data is shown to who may see it, and to nobody else: in no topic, and in no part of a record.

use event_codec::headers::{PT_ERROR_BY, PT_ERROR_CODE, PT_ERROR_TEXT, PT_ERROR_TOPIC};
use event_log::Received;
use record_view::{Payload, RecordView, TopicName};
use view_store::Detail;

use crate::given::{
    ADA, DOOR, PHONE, commands, events, raw, record, reply, shipment, snapshot, topics, views,
};

/// A record of each kind that there is, with the name of the kind.
fn all() -> Vec<(TopicName, String, Received)> {
    let id = shipment().to_string();
    let mut all = Vec::new();
    for event in events() {
        let kind = event.body.type_name();
        all.push((TopicName::Events, kind, record(TopicName::Events, &event.key(), kind, &event)));
    }
    for command in commands() {
        let kind = command.body.type_name();
        all.push((TopicName::Commands, kind, record(TopicName::Commands, &id, kind, &command)));
    }
    all.push((
        TopicName::Snapshots,
        "ShipmentSnapshot",
        record(TopicName::Snapshots, &id, "ShipmentSnapshot", &snapshot()),
    ));
    all.push((TopicName::Replies, "CommandReply", record(TopicName::Replies, "9", "CommandReply", &reply())));
    let parked: Vec<_> = all
        .iter()
        .map(|(topic, kind, record)| {
            let source = topic.of(&topics()).to_string();
            let headers = record
                .headers
                .clone()
                .with(PT_ERROR_CODE, "undecodable")
                .with(PT_ERROR_BY, "projector")
                .with(PT_ERROR_TEXT, format!("invalid type: string \"{ADA}\""))
                .with(PT_ERROR_TOPIC, source);
            (TopicName::DeadLetters, *kind, Received { headers, ..record.clone() })
        })
        .collect();
    all.extend(parked);
    all.into_iter().map(|(topic, kind, record)| (topic, kind.to_owned(), record)).collect()
}

fn names_somebody(view: &RecordView) -> bool {
    let text = serde_json::to_string(view).unwrap();
    [ADA, PHONE, &DOOR.to_string()].iter().any(|personal| text.contains(personal))
}

#[tokio::test]
async fn whoever_may_not_see_personal_data_sees_none() {
    let views = views();
    for (topic, kind, record) in all() {
        let open = views.view(topic, &record, Detail::Full).await;
        let closed = views.view(topic, &record, Detail::Public).await;
        assert!(matches!(open.payload, Payload::Json(_)), "{topic} {kind}: {:?}", open.payload);
        assert!(matches!(closed.payload, Payload::Json(_)), "{topic} {kind}: {:?}", closed.payload);
        assert!(names_somebody(&open), "{topic} {kind} names nobody: the test proves nothing");
        assert!(!names_somebody(&closed), "{topic} {kind}: {}", serde_json::to_string(&closed).unwrap());
        assert_eq!(closed.kind.as_deref(), Some(&*kind));
        assert_eq!(closed.shipment_id, Some(shipment()));
        assert_eq!(closed.trace_id.as_deref(), Some("0af7651916cd43dd8448eb211c80319c"));
        assert_eq!(closed.schema.as_ref().map(|schema| schema.id), open.schema.map(|schema| schema.id));
        assert_eq!(closed.headers.len(), open.headers.len(), "what is hidden is seen to be");
    }
}

#[tokio::test]
async fn a_key_that_somebody_made_up_is_not_shown() {
    let record = raw(TopicName::Commands, ADA, ADA.into(), event_log::Headers::new());
    let views = views();
    let open = views.view(TopicName::Commands, &record, Detail::Full).await;
    assert_eq!(open.key.as_deref(), Some(ADA));
    assert!(!names_somebody(&views.view(TopicName::Commands, &record, Detail::Public).await));
}

#[tokio::test]
async fn who_holds_which_key_is_not_told_by_the_audit_topic() {
    let views = views();
    let record = |action: &str| {
        let json = serde_json::json!({
            "at": "2026-11-27T14:30:00Z", "who": "cli:root", "action": action, "target": "4f7c",
            "detail": { "name": ADA, "text": format!("{ADA} said \"{ADA}\""), "reason": "a <new> disk" },
            "added": ADA,
        });
        raw(TopicName::Audit, "4f7c", json.to_string().into(), event_log::Headers::new().with("x", ADA))
    };
    for action in ["key.create", "key.revoke", "something.new"] {
        let record = record(action);
        assert!(names_somebody(&views.view(TopicName::Audit, &record, Detail::Full).await));
        let closed = views.view(TopicName::Audit, &record, Detail::Public).await;
        assert!(!names_somebody(&closed), "{action}: {}", serde_json::to_string(&closed).unwrap());
        let Payload::Json(json) = &closed.payload else { panic!("{:?}", closed.payload) };
        assert_eq!((&json["who"], &json["action"]), (&"cli:root".into(), &action.into()));
        assert_eq!((closed.key.as_deref(), &json["target"]), (Some("4f7c"), &"4f7c".into()));
    }
    let closed = views.view(TopicName::Audit, &record("registry.take_out"), Detail::Public).await;
    let Payload::Json(json) = closed.payload else { panic!("{:?}", closed.payload) };
    assert_eq!(json["detail"]["reason"], "a <new> disk");
    assert_eq!(json["detail"]["text"], format!("{ADA} said \"…\""));

    let key = format!(r#"{{"name":"{ADA}","role":"reader"}}"#);
    let record = raw(TopicName::ApiKeys, ADA, key.into(), event_log::Headers::new());
    assert!(!names_somebody(&views.view(TopicName::ApiKeys, &record, Detail::Public).await));
}

#[tokio::test]
async fn secrets_are_shown_to_nobody() {
    let views = views();
    for (topic, json) in [
        (TopicName::ApiKeys, r#"{"name":"a shop","hash":"0a0b0c"}"#),
        (TopicName::Config, r#"{"type":"secret","value":"0a0b0c"}"#),
    ] {
        let record = raw(topic, "k", json.into(), event_log::Headers::new());
        let view = views.view(topic, &record, Detail::Full).await;
        let text = serde_json::to_string(&view).unwrap();
        assert!(matches!(view.payload, Payload::Json(_)) && !text.contains("0a0b0c"), "{text}");
    }
}
