//! Records as they are parked: whole as they came, with why in headers.

use std::sync::Arc;

use bytes::Bytes;
use event_codec::headers::{
    PT_ERROR_AT, PT_ERROR_BY, PT_ERROR_CODE, PT_ERROR_CUT, PT_ERROR_OFFSET, PT_ERROR_PARTITION,
    PT_ERROR_TEXT, PT_ERROR_TIME, PT_ERROR_TOPIC,
};
use shipment_events::Timestamp;

use crate::{Headers, Outgoing, Received};

/// No dead letter's key, value and headers have more than this together; the topic takes 2 MiB, overhead included.
const MAX_BYTES: usize = 2 * 1024 * 1024 - 64 * 1024;

/// Nobody needs more of an explanation.
const MAX_TEXT: usize = 4096;

/// Why a record is parked.
#[derive(Clone, Copy, Debug)]
pub struct Parked<'a> {
    /// The role that parks it.
    pub by: &'a str,
    /// A stable word for what is wrong.
    pub code: &'a str,
    /// What is wrong, in words. It may show some of the record, so it has no place in a log.
    pub text: &'a str,
    /// When.
    pub at: Timestamp,
}

impl Parked<'_> {
    /// The dead letter of a record, for the partition of the same number. It gets the time at which it is written, or
    /// retention would take the dead letter of an old record at once; the record's own time goes into a header.
    ///
    /// A record that was compressed well enough to be taken may leave no room for the explanation, or be larger than
    /// anything that can be written again. Then as much is kept as fits, and a header tells how much there was; the whole
    /// of it stays where it came from until retention takes it.
    pub fn letter(&self, topic: &Arc<str>, record: &Received) -> Outgoing {
        let mut letter = Outgoing {
            topic: topic.clone(),
            partition: record.partition,
            key: record.key.clone(),
            value: record.value.clone(),
            headers: record.headers.clone(),
            timestamp: None,
        };
        let mut why = self.headers(record);
        cut_to_fit(&mut letter, &mut why);
        for (name, value) in why.iter() {
            letter.headers.push(name, value);
        }
        letter
    }

    fn headers(&self, record: &Received) -> Headers {
        let text = &self.text[..self.text.floor_char_boundary(MAX_TEXT)];
        let mut why = Headers::new()
            .with(PT_ERROR_CODE, self.code)
            .with(PT_ERROR_TEXT, text)
            .with(PT_ERROR_BY, self.by)
            .with(PT_ERROR_TOPIC, record.topic.to_string())
            .with(PT_ERROR_PARTITION, record.partition.to_string())
            .with(PT_ERROR_OFFSET, record.offset.to_string())
            .with(PT_ERROR_AT, self.at.to_string());
        if let Some(millis) = record.timestamp.millis() {
            why.push(PT_ERROR_TIME, Timestamp::from_millis(millis).to_string());
        }
        why
    }
}

fn cut_to_fit(letter: &mut Outgoing, why: &mut Headers) {
    let whole = letter.weight();
    if whole + why.weight() <= MAX_BYTES {
        return;
    }
    why.push(PT_ERROR_CUT, format!("{whole} bytes in all"));
    let room = MAX_BYTES - why.weight();
    if letter.headers.weight() > room / 4 {
        letter.headers = Headers::new();
    }
    if let Some(key) = &mut letter.key {
        key.truncate(room / 4);
    }
    let taken = letter.headers.weight() + letter.key.as_ref().map_or(0, Bytes::len);
    if let Some(value) = &mut letter.value {
        value.truncate(room - taken);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(value: usize, headers: Headers) -> Received {
        Received {
            topic: "events".into(),
            partition: 3,
            offset: 12,
            timestamp: crate::Timestamp::Created(1_772_409_600_000),
            key: Some("k".into()),
            value: Some(vec![7; value].into()),
            headers,
        }
    }

    fn letter(record: &Received) -> Outgoing {
        let text = "é".repeat(10_000);
        let why = Parked { by: "projector", code: "undecodable", text: &text, at: Timestamp::from_millis(0) };
        why.letter(&"dead".into(), record)
    }

    #[test]
    fn a_dead_letter_is_the_record_with_a_reason() {
        let letter = letter(&record(10, Headers::new().with("pt-schema", "x")));
        assert_eq!((letter.partition, letter.key.as_deref()), (3, Some(&b"k"[..])));
        assert_eq!(letter.value.as_ref().map(Bytes::len), Some(10));
        for (name, value) in [
            ("pt-schema", "x"),
            (PT_ERROR_CODE, "undecodable"),
            (PT_ERROR_BY, "projector"),
            (PT_ERROR_TOPIC, "events"),
            (PT_ERROR_PARTITION, "3"),
            (PT_ERROR_OFFSET, "12"),
            (PT_ERROR_AT, "1970-01-01T00:00:00.000Z"),
            (PT_ERROR_TIME, "2026-03-02T00:00:00.000Z"),
        ] {
            assert_eq!(letter.headers.get_str(name), Some(value), "{name}");
        }
        assert!(letter.headers.get_str(PT_ERROR_TEXT).is_some_and(|text| text.len() <= MAX_TEXT));
        assert_eq!(letter.headers.get(PT_ERROR_CUT), None);
    }

    #[test]
    fn the_largest_record_there_is_can_be_parked() {
        let many = || (0..50_000).map(|n| (format!("h{n}"), vec![1; 20])).collect::<Headers>();
        for record in [record(2 * 1024 * 1024, Headers::new()), record(1024 * 1024, many())] {
            let letter = letter(&record);
            assert!(letter.weight() <= MAX_BYTES);
            assert!(letter.headers.get_str(PT_ERROR_CUT).is_some());
        }
    }
}
