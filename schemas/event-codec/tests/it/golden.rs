//! `schemas/golden/v*/<record>/`: the schema of each released version and the bytes it wrote. Those bytes must decode
//! for ever, and today's encoder must write the newest version's very bytes.
//!
//! After a change of the schemas, add the next version: `cargo test --release -p event-codec --test it -- --ignored`.

use std::fmt::Debug;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use event_codec::{Contract, Decoder, Encoder, WriterSchemas, contract};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::samples::{self, Named};

fn golden() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../golden")
}

fn folder(version: u32, contract: &Contract) -> PathBuf {
    let record = contract.name().rsplit('.').next().unwrap();
    golden().join(format!("v{version}")).join(record)
}

fn versions(contract: &Contract) -> Vec<u32> {
    (1..1_000).take_while(|v| folder(*v, contract).exists()).collect()
}

/// The file holds the datum alone: the id in the frame is the registry's choice.
fn check<T>(contract: &Arc<Contract>, named: &[Named<T>])
where
    T: Serialize + DeserializeOwned + PartialEq + Debug,
{
    let versions = versions(contract);
    assert!(!versions.is_empty(), "no golden bytes for {}", contract.name());
    for version in &versions {
        let folder = folder(*version, contract);
        let writers = WriterSchemas::new();
        writers.add(*version, &fs::read_to_string(folder.join("schema.avsc")).unwrap()).unwrap();
        let decoder = Decoder::<T>::new(Arc::clone(contract), writers);
        let mut met = 0;
        for (name, value) in named {
            let Ok(datum) = fs::read(folder.join(format!("{name}.avro"))) else { continue };
            let framed: Vec<u8> = [&[0], &version.to_be_bytes()[..], &datum[..]].concat();
            assert_eq!(&decoder.decode(&framed, None).unwrap(), value, "v{version} {name}");
            met += 1;
        }
        let files = fs::read_dir(&folder).unwrap().count();
        assert_eq!(met + 1, files, "every file of {} is checked", folder.display());
    }
    let newest = folder(*versions.last().unwrap(), contract);
    assert_eq!(
        fs::read_to_string(newest.join("schema.avsc")).unwrap().trim_end(),
        contract.schema_json(),
        "{} has changed: add its next golden version",
        contract.name()
    );
    let encoder = Encoder::<T>::new(Arc::clone(contract), 1);
    for (name, value) in named {
        let framed = encoder.to_vec(value).unwrap();
        assert_eq!(framed[5..], fs::read(newest.join(format!("{name}.avro"))).unwrap(), "{name}");
    }
}

#[test]
fn commands_keep_their_bytes() {
    check(&contract::command(), &samples::commands());
}

#[test]
fn events_keep_their_bytes() {
    check(&contract::event(), &samples::events());
}

#[test]
fn snapshots_keep_their_bytes() {
    check(&contract::snapshot(), &samples::snapshots());
}

#[test]
fn replies_keep_their_bytes() {
    check(&contract::reply(), &samples::replies());
}

fn write<T: Serialize>(contract: &Arc<Contract>, named: &[Named<T>]) {
    let versions = versions(contract);
    let last = versions.last().map(|v| fs::read_to_string(folder(*v, contract).join("schema.avsc")).unwrap());
    if last.is_some_and(|json| json.trim_end() == contract.schema_json()) {
        return;
    }
    let folder = folder(versions.len() as u32 + 1, contract);
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("schema.avsc"), format!("{}\n", contract.schema_json())).unwrap();
    let encoder = Encoder::<T>::new(Arc::clone(contract), 1);
    for (name, value) in named {
        fs::write(folder.join(format!("{name}.avro")), &encoder.to_vec(value).unwrap()[5..]).unwrap();
    }
}

/// Adds a version for each schema that has changed; what was released is never touched.
#[test]
#[ignore = "writes files; run it by hand when a schema has changed"]
fn add_the_next_version() {
    write(&contract::command(), &samples::commands());
    write(&contract::event(), &samples::events());
    write(&contract::snapshot(), &samples::snapshots());
    write(&contract::reply(), &samples::replies());
}
