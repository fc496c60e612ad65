use super::*;
use crate::contract;

const EVENT: &str = r#"{"type":"record","name":"Event","namespace":"t","fields":[
  {"name":"id","type":"string"},
  {"name":"note","type":["null","string"],"default":null},
  {"name":"body","type":[
    {"type":"record","name":"Born","fields":[{"name":"place","type":{"type":"record","name":"Place","fields":[{"name":"city","type":"string"}]}}]},
    {"type":"record","name":"Moved","fields":[{"name":"to","type":"Place"},{"name":"at","type":{"type":"long","logicalType":"timestamp-millis"}}]}
  ]}]}"#;

fn refusal(new: &str, old: &str, level: Level) -> (Direction, String) {
    match check_compatibility(new, old, level) {
        Err(Error::Incompatible { direction, path, .. }) => (direction, path),
        other => panic!("expected an incompatibility, got {other:?}"),
    }
}

#[test]
fn every_contract_may_follow_itself() {
    for contract in contract::all() {
        check_compatibility(contract.schema_json(), contract.schema_json(), Level::FullTransitive).unwrap();
    }
}

#[test]
fn a_field_with_a_default_may_come_and_go() {
    let more =
        EVENT.replace(r#"{"name":"id""#, r#"{"name":"weight","type":"long","default":0},{"name":"id""#);
    check_compatibility(&more, EVENT, Level::FullTransitive).unwrap();
    check_compatibility(EVENT, &more, Level::FullTransitive).unwrap();
}

#[test]
fn a_field_without_a_default_is_named() {
    let more = EVENT.replace(r#"{"name":"city""#, r#"{"name":"country","type":"string"},{"name":"city""#);
    let (direction, path) = refusal(&more, EVENT, Level::BackwardTransitive);
    assert_eq!((direction, path.as_str()), (Direction::NewReadsOld, "Event.body.Born.place.country"));
    let (direction, path) = refusal(EVENT, &more, Level::FullTransitive);
    assert_eq!((direction, path.as_str()), (Direction::OldReadsNew, "Event.body.Born.place.country"));
    check_compatibility(EVENT, &more, Level::BackwardTransitive).unwrap();
}

#[test]
fn a_new_union_member_is_for_new_readers_only() {
    let more = EVENT.replace(
        r#"{"type":"record","name":"Born""#,
        r#"{"type":"record","name":"Died","fields":[]},{"type":"record","name":"Born""#,
    );
    check_compatibility(&more, EVENT, Level::BackwardTransitive).unwrap();
    let (direction, path) = refusal(&more, EVENT, Level::FullTransitive);
    assert_eq!((direction, path.as_str()), (Direction::OldReadsNew, "Event.body"));
    // Taking a member away would strand the records that have it.
    assert_eq!(refusal(EVENT, &more, Level::BackwardTransitive).1, "Event.body");
}

#[test]
fn a_changed_type_is_named_and_so_is_a_changed_unit() {
    let text = EVENT.replace(r#"{"name":"id","type":"string"}"#, r#"{"name":"id","type":"long"}"#);
    assert_eq!(refusal(&text, EVENT, Level::BackwardTransitive).1, "Event.id");
    let micros = EVENT.replace("timestamp-millis", "timestamp-micros");
    assert_eq!(refusal(&micros, EVENT, Level::BackwardTransitive).1, "Event.body.Moved.at");
    let nullable_no_more = EVENT.replace(r#"["null","string"],"default":null"#, r#""string""#);
    assert_eq!(refusal(&nullable_no_more, EVENT, Level::BackwardTransitive).1, "Event.note");
}

#[test]
fn a_definition_may_move_to_another_place() {
    let moved = r#"{"type":"record","name":"Event","namespace":"t","fields":[
      {"name":"home","type":["null",{"type":"record","name":"Place","fields":[{"name":"city","type":"string"}]}],"default":null},
      {"name":"id","type":"string"},
      {"name":"note","type":["null","string"],"default":null},
      {"name":"body","type":[
        {"type":"record","name":"Born","fields":[{"name":"place","type":"Place"}]},
        {"type":"record","name":"Moved","fields":[{"name":"to","type":"Place"},{"name":"at","type":{"type":"long","logicalType":"timestamp-millis"}}]}
      ]}]}"#;
    check_compatibility(moved, EVENT, Level::FullTransitive).unwrap();
}

#[test]
fn the_message_tells_what_to_look_at() {
    let more = EVENT.replace(r#"{"name":"city""#, r#"{"name":"country","type":"string"},{"name":"city""#);
    let message = check_compatibility(&more, EVENT, Level::BackwardTransitive).unwrap_err().to_string();
    assert_eq!(
        message,
        "the new schema can't read what the old one wrote: at `Event.body.Born.place.country`: the writer has no such \
         field, and the reader has no default for it"
    );
}
