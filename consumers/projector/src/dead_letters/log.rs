//! The whole dead letters topic: letters, and what became of them.

use std::collections::BTreeMap;
use std::time::Duration;

use event_codec::headers::{PT_ERROR_CODE, PT_RESOLVES};
use event_log::{Isolation, Offsets, Reader, Received, Start};
use serde::{Deserialize, Serialize};

use super::{DeadLetter, LetterPosition, Source};
use crate::{Error, Projector};

/// How long Kafka may take for one answer.
pub(super) const ASK: Duration = Duration::from_secs(15);

/// What became of a letter.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Fate {
    /// Nobody has dealt with it.
    Open,
    /// It was tried again, with success.
    Retried,
    /// Somebody said that it doesn't matter.
    Discarded,
}

/// What a resolution's value says; JSON, so that it can be read with any tool.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Resolution {
    /// How the letter was dealt with.
    #[serde(rename = "resolution")]
    pub(crate) fate: Fate,
    /// Why, in somebody's words.
    pub(crate) reason: String,
    /// When, RFC 3339.
    pub(crate) at: String,
}

/// Every letter with its fate. Only what headers and keys say is held, not the payloads.
#[derive(Default)]
pub(crate) struct Log {
    /// By where the record came from; the letters in the order in which they were parked.
    records: BTreeMap<Source, Vec<(DeadLetter, Fate)>>,
    /// Which record a letter is of.
    letters: BTreeMap<LetterPosition, Source>,
}

impl Log {
    pub(crate) async fn read(projector: &Projector) -> Result<Self, Error> {
        let (kafka, topic) = (projector.kafka.clone(), projector.topics.dead_letters.clone());
        let read = tokio::task::spawn_blocking(move || -> Result<Self, event_log::Error> {
            let offsets = Offsets::new(&kafka, Isolation::Committed, ASK)?;
            let count = offsets.partition_count(&topic)?;
            let count = count.ok_or_else(|| event_log::Error::UnknownTopic { topic: topic.to_string() })?;
            let starts: Vec<_> = (0..count).map(|partition| (partition, Start::Beginning)).collect();
            let mut log = Self::default();
            Reader::open(&kafka, &topic, &starts, Isolation::Committed)?.read_to_end(ASK, |record| {
                log.add(&record);
                Ok::<_, event_log::Error>(())
            })?;
            Ok(log)
        });
        Ok(read.await??)
    }

    /// Takes the records of a partition in their order: a resolution lies behind the letter it resolves, in the same
    /// partition. It counts for every letter of the same record up to there; one that is parked again later is open again.
    pub(super) fn add(&mut self, record: &Received) {
        if let Some(letter) = DeadLetter::of(record) {
            self.letters.insert(letter.at, letter.source.clone());
            self.records.entry(letter.source.clone()).or_default().push((letter, Fate::Open));
            return;
        }
        // A letter keeps the headers it came with, so a forged resolution among the commands is a letter still.
        let resolves =
            record.headers.get_str(PT_RESOLVES).filter(|_| record.headers.get(PT_ERROR_CODE).is_none());
        let resolves = resolves.and_then(|at| at.parse().ok());
        let value = record.value.as_deref().and_then(|json| serde_json::from_slice::<Resolution>(json).ok());
        let (Some(at), Some(value)) = (resolves, value) else {
            tracing::warn!(
                partition = record.partition,
                offset = record.offset,
                "no dead letter and no resolution"
            );
            return;
        };
        let of_same = self.letters.get(&at).and_then(|source| self.records.get_mut(source));
        for (_, fate) in of_same.into_iter().flatten() {
            *fate = value.fate;
        }
    }

    /// Every record that was ever parked, and what became of it.
    pub(crate) fn sources(&self) -> impl Iterator<Item = (&Source, Fate)> {
        self.records.iter().map(|(source, letters)| (source, fate(letters)))
    }

    /// What became of the record that this letter is of.
    pub(crate) fn fate(&self, letter: &DeadLetter) -> Fate {
        self.records.get(&letter.source).map_or(Fate::Open, |letters| fate(letters))
    }

    /// How many records have an open letter.
    pub(super) fn open(&self) -> usize {
        self.sources().filter(|(_, fate)| *fate == Fate::Open).count()
    }

    /// The first open letter of each record that has one.
    pub(crate) fn into_open(self) -> Vec<DeadLetter> {
        let first =
            |letters: Vec<(DeadLetter, Fate)>| letters.into_iter().find(|(_, fate)| *fate == Fate::Open);
        self.records.into_values().filter_map(first).map(|(letter, _)| letter).collect()
    }

    /// Whether another record of the same shipment and sequence is open: keys that tell no sequence are alike.
    pub(crate) fn is_open_elsewhere(&self, letter: &DeadLetter) -> bool {
        let told = |letter: &DeadLetter| letter.key.as_deref().and_then(crate::intake::told_by);
        self.records.iter().any(|(source, letters)| {
            *source != letter.source
                && source.topic == letter.source.topic
                && fate(letters) == Fate::Open
                && letters.iter().any(|(other, _)| told(other) == told(letter))
        })
    }
}

fn fate(letters: &[(DeadLetter, Fate)]) -> Fate {
    let open = letters.iter().any(|(_, fate)| *fate == Fate::Open);
    if open { Fate::Open } else { letters.last().map_or(Fate::Open, |(_, fate)| *fate) }
}

#[cfg(test)]
mod tests {
    use event_codec::headers::{PT_ERROR_OFFSET, PT_ERROR_PARTITION, PT_ERROR_TOPIC};
    use event_log::{Headers, Timestamp};

    use super::*;

    fn record(offset: i64, headers: Headers, value: &str) -> Received {
        Received {
            topic: "dead".into(),
            partition: 2,
            offset,
            timestamp: Timestamp::Missing,
            key: None,
            value: Some(value.to_owned().into()),
            headers,
        }
    }

    fn letter(offset: i64, of: i64) -> Received {
        let headers = Headers::new()
            .with(PT_ERROR_CODE, "undecodable")
            .with(PT_ERROR_TOPIC, "events")
            .with(PT_ERROR_PARTITION, "2")
            .with(PT_ERROR_OFFSET, of.to_string());
        record(offset, headers, "")
    }

    fn resolution(offset: i64, of: &str, how: &str) -> Received {
        let value = format!(r#"{{"resolution":"{how}","reason":"","at":""}}"#);
        record(offset, Headers::new().with(PT_RESOLVES, of), &value)
    }

    fn open(records: &[Received]) -> Vec<i64> {
        let mut log = Log::default();
        for record in records {
            log.add(record);
        }
        let open = log.open();
        let letters = log.into_open();
        assert_eq!(open, letters.len());
        letters.into_iter().map(|letter| letter.at.offset).collect()
    }

    #[test]
    fn a_letter_is_open_until_it_is_resolved() {
        assert_eq!(open(&[letter(0, 7), letter(1, 8)]), [0, 1]);
        assert_eq!(open(&[letter(0, 7), letter(1, 8), resolution(2, "2:0", "discarded")]), [1]);
    }

    #[test]
    fn one_record_parked_twice_is_one_letter() {
        assert_eq!(open(&[letter(0, 7), letter(1, 7)]), [0]);
        assert_eq!(open(&[letter(0, 7), letter(1, 7), resolution(2, "2:1", "retried")]), [0; 0]);
    }

    #[test]
    fn what_is_parked_again_after_it_was_resolved_is_open_again() {
        assert_eq!(open(&[letter(0, 7), resolution(1, "2:0", "retried"), letter(2, 7)]), [2]);
    }

    #[test]
    fn what_is_neither_letter_nor_resolution_changes_nothing() {
        let mut forged = letter(1, 9);
        forged.headers.push(PT_RESOLVES, "2:0");
        forged.value = resolution(1, "2:0", "discarded").value;
        let odd =
            [record(2, Headers::new(), "x"), resolution(3, "nonsense", "retried"), resolution(4, "2:0", "x")];
        let mut all = vec![letter(0, 7), forged];
        all.extend(odd);
        assert_eq!(open(&all), [0, 1]);
    }
}
