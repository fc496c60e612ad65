//! Topics of one partition, as a test looks at them.

use std::time::Duration;

use event_log::{Isolation, Kafka, Reader, Start};

/// How long the topic's end may be out of sight.
const PATIENCE: Duration = Duration::from_secs(20);

/// The values of the topic's committed records, from its beginning to its end.
///
/// # Panics
/// When the topic can't be read, or a record has no value.
pub fn committed_values(kafka: &Kafka, topic: &str) -> Vec<Vec<u8>> {
    committed(kafka, topic).into_iter().map(|value| value.expect("a record with a value")).collect()
}

/// The same as one text; a record without a value adds nothing.
///
/// # Panics
/// When the topic can't be read.
pub fn committed_text(kafka: &Kafka, topic: &str) -> String {
    let values = committed(kafka, topic);
    values.into_iter().flatten().map(|value| String::from_utf8_lossy(&value).into_owned()).collect()
}

fn committed(kafka: &Kafka, topic: &str) -> Vec<Option<Vec<u8>>> {
    let mut values = Vec::new();
    let start = [(0, Start::Beginning)];
    let mut reader = Reader::open(kafka, topic, &start, Isolation::Committed).expect("the topic can be read");
    let read = reader.read_to_end(PATIENCE, |record| {
        values.push(record.value.map(|value| value.to_vec()));
        Ok::<_, event_log::Error>(())
    });
    read.expect("the topic has an end");
    values
}
