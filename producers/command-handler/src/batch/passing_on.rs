//! Records that leave as they came: to the right partition, or to the dead letters.

use event_codec::headers::{
    PT_ERROR_AT, PT_ERROR_BY, PT_ERROR_CODE, PT_ERROR_CUT, PT_ERROR_OFFSET, PT_ERROR_PARTITION,
    PT_ERROR_TEXT, PT_ERROR_TOPIC, PT_REROUTED,
};
use event_log::{Headers, Outgoing, Received};
use shipment_events::Timestamp;

use super::Circumstances;
use super::intake::Reason;

/// No dead letter's key, value and headers have more than this together; the topic takes 2 MiB, overhead included.
const MAX_DEAD_LETTER_BYTES: usize = 2 * 1024 * 1024 - 64 * 1024;

/// Nobody needs more of an explanation.
const MAX_TEXT: usize = 4096;

/// The same command, to the partition where its shipment is.
pub(super) fn rerouted(record: &Received, partition: i32, given: &Circumstances) -> Outgoing {
    Outgoing {
        topic: given.topics.commands.clone(),
        partition,
        key: record.key.clone(),
        value: record.value.clone(),
        headers: record.headers.clone().with(PT_REROUTED, record.partition.to_string()),
        timestamp: None,
    }
}

/// The record with why it is of no use, for people to look at.
pub(super) fn parked(record: &Received, reason: &Reason, given: &Circumstances, now: Timestamp) -> Outgoing {
    let mut parked = Outgoing {
        topic: given.topics.dead_letters.clone(),
        partition: record.partition,
        key: record.key.clone(),
        value: record.value.clone(),
        headers: record.headers.clone(),
        timestamp: None,
    };
    let mut text = reason.to_string();
    text.truncate(text.floor_char_boundary(MAX_TEXT));
    let mut why = Headers::new();
    why.push(PT_ERROR_CODE, reason.code());
    why.push(PT_ERROR_TEXT, text);
    why.push(PT_ERROR_BY, "command-handler");
    why.push(PT_ERROR_TOPIC, record.topic.to_string());
    why.push(PT_ERROR_PARTITION, record.partition.to_string());
    why.push(PT_ERROR_OFFSET, record.offset.to_string());
    why.push(PT_ERROR_AT, now.to_string());
    cut_to_fit(&mut parked, &mut why);
    for (name, value) in why.iter() {
        parked.headers.push(name, value.to_vec());
    }
    parked
}

/// What was compressed well enough to be taken may be larger than anything that can be written again. Then as much is
/// kept as fits, and a header tells how much there was; the whole of it stays where it is until retention takes it.
fn cut_to_fit(parked: &mut Outgoing, why: &mut Headers) {
    let whole = weight(parked.size(), &parked.headers);
    if whole + weight(why.size(), why) <= MAX_DEAD_LETTER_BYTES {
        return;
    }
    why.push(PT_ERROR_CUT, format!("{whole} bytes in all"));
    let room = MAX_DEAD_LETTER_BYTES - weight(why.size(), why);
    if weight(parked.headers.size(), &parked.headers) > room / 4 {
        parked.headers = Headers::new();
    }
    if let Some(key) = &mut parked.key {
        key.truncate(room / 4);
    }
    let taken =
        weight(parked.headers.size(), &parked.headers) + parked.key.as_ref().map_or(0, bytes::Bytes::len);
    if let Some(value) = &mut parked.value {
        value.truncate(room - taken);
    }
}

/// The bytes that content with these headers takes in the log: each header has two lengths in front.
pub(super) fn weight(content: usize, headers: &Headers) -> usize {
    content + headers.len() * 10
}
