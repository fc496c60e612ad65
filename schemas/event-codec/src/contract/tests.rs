use std::collections::BTreeSet;

use super::*;

#[test]
fn every_file_is_listed_and_used() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../avro");
    let on_disk: BTreeSet<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|f| f.unwrap().file_name().into_string().unwrap().replace(".avsc", ""))
        .collect();
    let listed: BTreeSet<String> = files::ALL.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(on_disk, listed);
    let everything: String = all().iter().map(|c| c.schema_json()).collect();
    for name in listed {
        assert!(everything.contains(&format!("\"name\":\"{name}\"")), "{name} is in no contract");
    }
}

#[test]
fn every_field_says_what_it_is() {
    for (name, text) in &files::ALL {
        let schema: serde_json::Value = serde_json::from_str(text).unwrap();
        assert!(schema["doc"].is_string(), "{name} has no doc");
        for field in schema["fields"].as_array().into_iter().flatten() {
            assert!(
                field["doc"].as_str().is_some_and(|d| d.len() > 3),
                "{name}.{} has no doc",
                field["name"]
            );
            if field["type"].as_array().is_some_and(|union| union[0] == "null") {
                assert!(
                    field.get("default").is_some_and(serde_json::Value::is_null),
                    "{name}.{}",
                    field["name"]
                );
            }
        }
    }
}

#[test]
fn an_independent_implementation_agrees_on_the_fingerprint() {
    for contract in all() {
        // apache-avro keeps `{"type":"string"}` where the canonical form wants `"string"`, so it is handed a schema
        // without logical types, which the canonical form ignores anyway.
        let json: serde_json::Value = serde_json::from_str(contract.schema_json()).unwrap();
        let theirs = apache_avro::Schema::parse(&without_logical_types(json)).unwrap();
        let bytes: [u8; 8] = theirs.fingerprint::<apache_avro::rabin::Rabin>().bytes.try_into().unwrap();
        assert_eq!(u64::from_le_bytes(bytes), contract.fingerprint(), "{}", contract.name());
    }
}

fn without_logical_types(json: serde_json::Value) -> serde_json::Value {
    match json {
        serde_json::Value::Object(object) if object.contains_key("logicalType") => object["type"].clone(),
        serde_json::Value::Object(object) => {
            object.into_iter().map(|(k, v)| (k, without_logical_types(v))).collect()
        }
        serde_json::Value::Array(items) => items.into_iter().map(without_logical_types).collect(),
        other => other,
    }
}

#[test]
fn the_fingerprint_is_the_one_of_the_avro_specification() {
    let null: serde_avro_fast::Schema = "\"null\"".parse().unwrap();
    assert_eq!(u64::from_le_bytes(*null.rabin_fingerprint()), 0x63dd_24e7_cc25_8f8a);
}

#[test]
fn the_subject_follows_the_topic() {
    assert_eq!(event().topic("parceltrack"), "parceltrack.shipment.events.v1");
    assert_eq!(event().subject("parceltrack"), "parceltrack.shipment.events.v1-value");
    let names: Vec<_> = all().iter().map(|c| c.name().rsplit('.').next().unwrap().to_owned()).collect();
    assert_eq!(names, ["ShipmentCommand", "ShipmentEvent", "ShipmentSnapshot", "CommandReply"]);
}

#[test]
fn every_released_schema_is_found_by_its_stamp() {
    let golden = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../golden");
    let mut on_disk = BTreeSet::new();
    for version in std::fs::read_dir(golden).unwrap().map(|f| f.unwrap()) {
        for record in std::fs::read_dir(version.path()).unwrap().map(|f| f.unwrap()) {
            let name = |f: &std::fs::DirEntry| f.file_name().into_string().unwrap();
            on_disk.insert(format!("{}/{}", name(&version), name(&record)));
        }
    }
    let listed: BTreeSet<String> = released::ALL.iter().map(|(folder, _)| (*folder).to_owned()).collect();
    assert_eq!(on_disk, listed);
    for contract in all() {
        assert_eq!(by_stamp(contract.stamp()), Some(contract.schema_json()));
    }
    assert_eq!(by_stamp("parceltrack.shipment.ShipmentEvent:0000000000000000"), None);
}
