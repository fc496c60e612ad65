//! Another implementation reads what we write, and we read what it writes.

use std::sync::Arc;

use apache_avro::reader::datum::GenericDatumReader;
use apache_avro::types::Value;
use apache_avro::writer::datum::GenericDatumWriter;
use event_codec::{Contract, Decoder, Encoder, WriterSchemas, contract};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::samples::{self, Named};

fn there_and_back<T>(contract: &Arc<Contract>, named: &[Named<T>])
where
    T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug,
{
    let schema = apache_avro::Schema::parse_str(contract.schema_json()).unwrap();
    let reader = GenericDatumReader::builder(&schema).build().unwrap();
    let writer = GenericDatumWriter::builder(&schema).build().unwrap();
    let encoder = Encoder::<T>::new(Arc::clone(contract), 7);
    let writers = WriterSchemas::new();
    writers.add_contract(7, contract).unwrap();
    let decoder = Decoder::<T>::new(Arc::clone(contract), writers);
    for (name, value) in named {
        let framed = encoder.to_vec(value).unwrap();
        let mut datum = &framed[5..];
        let theirs = reader.read_value(&mut datum).unwrap();
        assert!(datum.is_empty(), "{name}: they read it to its end");
        assert!(matches!(theirs, Value::Record(_)), "{name}");
        let again = writer.write_value_to_vec(theirs).unwrap();
        assert_eq!(again, framed[5..], "{name}: they write it alike");
        assert_eq!(&decoder.decode(&framed, Some(encoder.stamp().as_bytes())).unwrap(), value, "{name}");
        assert_eq!(decoder.unstamped(), 0);
    }
}

#[test]
fn every_record_passes_through_another_implementation() {
    there_and_back(&contract::command(), &samples::commands());
    there_and_back(&contract::event(), &samples::events());
    there_and_back(&contract::snapshot(), &samples::snapshots());
    there_and_back(&contract::reply(), &samples::replies());
}
