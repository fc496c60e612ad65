//! Which schema ids the records in our topics name.

use std::collections::BTreeSet;
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
