//! Which schema ids the records in our topics name.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use event_codec::headers::PT_SCHEMA;
use event_log::{Isolation, Kafka, Offsets, Reader, Start, Topics};
use indicatif::{ProgressBar, ProgressStyle};
use schema_registry::UsedSchema;
use settings::Settings;

const TIMEOUT: Duration = Duration::from_secs(10);

/// Every schema id in use, by subject, with the `pt-schema` header beside it. Reads all of our topics; blocks.
pub(super) fn in_topics(settings: &Settings) -> anyhow::Result<Vec<UsedSchema>> {
    let kafka = Kafka::of_settings(&settings.kafka, "parceltrack-cli")?;
    let topics = Topics::of_settings(&settings.kafka);
    let mut used = BTreeSet::new();
    for topic in [&topics.commands, &topics.events, &topics.snapshots, &topics.replies] {
        of_topic(&kafka, topic, &mut used)?;
    }
    Ok(used.into_iter().collect())
}

/// What is in use, with the schemas that were given; and the ids left out.
///
/// Anyone may post to the commands topic, and whatever begins with a zero byte looks like a record with a schema id. So an id
/// that nothing else speaks for is left out, or one junk record would keep the registry from ever being rebuilt.
pub(super) fn with_given(
    used: Vec<UsedSchema>,
    given: &BTreeMap<u32, String>,
    commands: &str,
) -> (Vec<UsedSchema>, BTreeSet<u32>) {
    let vouched = |used: &UsedSchema| used.stamp.is_some() || used.subject != commands;
    let vouched: BTreeSet<_> = used.iter().filter(|used| vouched(used)).map(|used| used.id).collect();
    let (known, doubtful): (Vec<_>, Vec<_>) =
        used.into_iter().partition(|used| vouched.contains(&used.id) || given.contains_key(&used.id));
    let known =
        known.into_iter().map(|used| UsedSchema { schema_json: given.get(&used.id).cloned(), ..used });
    (known.collect(), doubtful.into_iter().map(|used| used.id).collect())
}

fn of_topic(kafka: &Kafka, topic: &Arc<str>, used: &mut BTreeSet<UsedSchema>) -> anyhow::Result<()> {
    let offsets = Offsets::new(kafka, Isolation::Uncommitted, TIMEOUT)?;
    let Some(partitions) = offsets.partition_count(topic)? else { return Ok(()) };
    let partitions: Vec<_> = (0..partitions).collect();
    let span: i64 =
        offsets.watermarks(topic, partitions.iter().copied())?.values().map(|w| w.high - w.low).sum();
    let bar = ProgressBar::new(span.unsigned_abs()).with_message(topic.to_string()).with_style(
        ProgressStyle::with_template("{msg} {wide_bar} {human_pos}/{human_len} {per_sec} {eta}")?,
    );
    let starts: Vec<_> = partitions.iter().map(|p| (*p, Start::Beginning)).collect();
    // Aborted records were never said, but their ids may be asked for by whoever reads uncommitted.
    let mut reader = Reader::open(kafka, topic, &starts, Isolation::Uncommitted)?;
    reader.read_to_end(TIMEOUT, |record| {
        bar.inc(1);
        if let Some(id) = record.value.as_deref().and_then(|value| event_codec::schema_id(value).ok()) {
            let stamp = record.headers.get_str(PT_SCHEMA).map(str::to_owned);
            used.insert(UsedSchema { id, subject: format!("{topic}-value"), stamp, schema_json: None });
        }
        Ok::<_, event_log::Error>(())
    })?;
    bar.finish_and_clear();
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn used(id: u32, subject: &str, stamp: Option<&str>) -> UsedSchema {
        UsedSchema { id, subject: subject.to_owned(), stamp: stamp.map(str::to_owned), schema_json: None }
    }

    #[test]
    fn a_junk_command_does_not_count_as_a_schema_in_use_and_one_given_does() {
        let all = vec![
            used(1, "commands-value", Some("x.Command:00")),
            used(1, "commands-value", None),
            used(2, "events-value", None),
            used(3, "commands-value", Some("y.Foreign:00")),
            used(4, "commands-value", None),
            used(5, "commands-value", None),
        ];
        let given = BTreeMap::from([(4, "{}".to_owned())]);
        let (known, left_out) = with_given(all, &given, "commands-value");
        assert_eq!(left_out, BTreeSet::from([5]));
        assert_eq!(known.iter().map(|used| used.id).collect::<Vec<_>>(), [1, 1, 2, 3, 4]);
        assert_eq!(known.last().unwrap().schema_json.as_deref(), Some("{}"));
        assert!(known.iter().filter(|used| used.id != 4).all(|used| used.schema_json.is_none()));
    }
}
