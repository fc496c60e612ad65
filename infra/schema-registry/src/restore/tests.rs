use event_codec::contract;

use super::*;

fn used(id: u32, subject: &str, stamp: Option<&str>) -> UsedSchema {
    UsedSchema { id, subject: subject.to_owned(), stamp: stamp.map(str::to_owned), schema_json: None }
}

#[test]
fn our_own_schemas_are_known_by_their_stamps() {
    let event = contract::event();
    let wanted = resolved(&[
        used(7, "a-value", Some(event.stamp())),
        used(7, "b-value", Some(event.stamp())),
        used(7, "c-value", None),
    ])
    .unwrap();
    assert_eq!(wanted[&7].json, event.schema_json());
    assert_eq!(wanted[&7].subjects.len(), 3, "a record without a header may share an id that others explain");
}

#[test]
fn a_foreign_schema_must_be_given() {
    let foreign = used(9, "a-value", None);
    let error = resolved(&[foreign.clone(), used(10, "a-value", Some("x.Y:00"))]).err().unwrap();
    let text = error.to_string();
    assert!(text.contains("id 9 in a-value") && text.contains("id 10 in a-value: x.Y:00"), "{text}");
    let json = r#"{"type":"record","name":"Y","namespace":"x","fields":[]}"#;
    let given = UsedSchema { schema_json: Some(json.to_owned()), ..foreign };
    assert!(resolved(&[given]).unwrap()[&9].stamp.starts_with("x.Y:"));
}

#[test]
fn one_id_cannot_be_two_schemas() {
    let (event, reply) = (contract::event(), contract::reply());
    let both = [used(7, "a-value", Some(event.stamp())), used(7, "b-value", Some(reply.stamp()))];
    assert!(matches!(resolved(&both), Err(Error::Contradiction { id: 7, .. })));
    let lied = UsedSchema {
        schema_json: Some(reply.schema_json().to_owned()),
        ..used(7, "a-value", Some(event.stamp()))
    };
    assert!(matches!(resolved(&[lied]), Err(Error::Contradiction { id: 7, .. })));
}
