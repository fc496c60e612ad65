//! What must hold of a shipment's records in the events topic, whoever reads them.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write;

use shipment_events::{CommandId, EventBody, EventId, Revision, Sequence, ShipmentEvent, ShipmentId};

use super::{EventRecord, History};
use crate::finding::{Finding, Kind};

/// What is wrong with a shipment's records, given in the order in which they lie.
pub(crate) fn compare(shipment_id: ShipmentId, partition: i32, records: &[EventRecord]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut found = |finding: Finding| findings.push(Finding { partition: Some(partition), ..finding });
    unreadable(shipment_id, records, &mut found);
    gaps(shipment_id, records, &mut found);
    repeats(shipment_id, records, &mut found);
    disorder(shipment_id, records, &mut found);
    let history = History::of(shipment_id, records);
    commands(&history, &mut found);
    event_ids(&history, &mut found);
    scans(&history, &mut found);
    times(&history, &mut found);
    findings
}

fn unreadable(shipment_id: ShipmentId, records: &[EventRecord], found: &mut impl FnMut(Finding)) {
    for record in records {
        let Err(why) = &record.event else { continue };
        let (kind, detail) = match why.code {
            "no-value" => (Kind::NoValue, "has no value".to_owned()),
            "bad-sequence" => (Kind::BadSequence, "has a sequence or revision that no event has".to_owned()),
            "wrong-key" => (Kind::WrongKey, "holds another event than its key says".to_owned()),
            code => (Kind::Undecodable, format!("can't be decoded: {code}")),
        };
        found(Finding::of(kind, shipment_id, detail).offset(record.offset).sequence(record.sequence));
    }
}

/// A record that can't be read is no gap: its key says which one it is, and that it is there.
fn gaps(shipment_id: ShipmentId, records: &[EventRecord], found: &mut impl FnMut(Finding)) {
    let there: BTreeSet<i64> = records.iter().map(|r| r.sequence.get()).filter(|n| *n > 0).collect();
    let (mut text, mut missing, mut last) = (String::new(), 0, 0);
    for sequence in there {
        if sequence > last + 1 {
            missing += sequence - last - 1;
            let comma = if text.is_empty() { "" } else { ", " };
            let _written = match sequence - last {
                2 => write!(text, "{comma}{}", last + 1),
                _ => write!(text, "{comma}{} to {}", last + 1, sequence - 1),
            };
        }
        last = sequence;
    }
    if missing > 0 {
        found(Finding::of(Kind::Gap, shipment_id, format!("lacks {text} of the sequences up to {last}")));
    }
}

fn repeats(shipment_id: ShipmentId, records: &[EventRecord], found: &mut impl FnMut(Finding)) {
    let mut first: HashMap<(Sequence, Revision), (&ShipmentEvent, i64)> = HashMap::new();
    for record in records {
        let Some(event) = record.readable() else { continue };
        let Some((known, offset)) = first.get(&(event.sequence, event.revision)) else {
            first.insert((event.sequence, event.revision), (event, record.offset));
            continue;
        };
        let content = if *known == event { "the same" } else { "another" };
        let detail = format!("sequence {} is here and at {offset}, with {content} content", event.sequence);
        found(Finding::of(Kind::Repeat, shipment_id, detail).offset(record.offset).sequence(event.sequence));
    }
}

/// Only a rewrite comes after events that follow it.
fn disorder(shipment_id: ShipmentId, records: &[EventRecord], found: &mut impl FnMut(Finding)) {
    let mut last = Sequence::NONE;
    for record in records {
        let Some(event) = record.readable().filter(|event| event.revision == Revision::FIRST) else {
            continue;
        };
        if event.sequence < last {
            let detail = format!("sequence {} lies behind sequence {last}", event.sequence);
            found(
                Finding::of(Kind::OutOfOrder, shipment_id, detail)
                    .offset(record.offset)
                    .sequence(event.sequence),
            );
        }
        last = last.max(event.sequence);
    }
}

/// One command may make several events; they follow one another, and each has an id of its own.
fn commands(history: &History<'_>, found: &mut impl FnMut(Finding)) {
    let mut of: HashMap<CommandId, Vec<&ShipmentEvent>> = HashMap::new();
    for event in history.events() {
        of.entry(event.command_id).or_default().push(event);
    }
    let mut twice: Vec<_> = of
        .into_iter()
        .filter(|(_, events)| {
            let follow = events.windows(2).all(|pair| pair[0].sequence.next() == pair[1].sequence);
            let ids: BTreeSet<EventId> = events.iter().map(|event| event.event_id).collect();
            !follow || ids.len() < events.len()
        })
        .map(|(command, events)| (events.iter().map(|e| e.sequence).collect::<Vec<_>>(), command))
        .collect();
    twice.sort();
    for (sequences, command) in twice {
        let first = sequences[0];
        let sequences: Vec<_> = sequences.iter().map(ToString::to_string).collect();
        let detail = format!("command {command} made the events {}", sequences.join(" and "));
        found(Finding::of(Kind::CommandTwice, history.shipment_id, detail).sequence(first));
    }
}

fn event_ids(history: &History<'_>, found: &mut impl FnMut(Finding)) {
    let mut known: HashMap<EventId, &ShipmentEvent> = HashMap::new();
    for event in history.events() {
        let first = *known.entry(event.event_id).or_insert(event);
        if first.sequence != event.sequence && first.command_id != event.command_id {
            let detail =
                format!("events {} and {} are both {}", first.sequence, event.sequence, event.event_id);
            found(Finding::of(Kind::EventIdTwice, history.shipment_id, detail).sequence(event.sequence));
        }
    }
}

fn scans(history: &History<'_>, found: &mut impl FnMut(Finding)) {
    let mut known: BTreeMap<_, Sequence> = BTreeMap::new();
    for event in history.events() {
        let EventBody::ScanRecorded(scan) = &event.body else { continue };
        let first = *known.entry(scan.natural_id).or_insert(event.sequence);
        if first != event.sequence {
            let detail = format!("events {first} and {} record the same scan", event.sequence);
            found(Finding::of(Kind::ScanTwice, history.shipment_id, detail).sequence(event.sequence));
        }
    }
}

fn times(history: &History<'_>, found: &mut impl FnMut(Finding)) {
    let events: Vec<_> = history.events().collect();
    for pair in events.windows(2) {
        if pair[1].recorded_at < pair[0].recorded_at {
            let detail = format!(
                "event {} was written down at {}, after event {} at {}",
                pair[0].sequence, pair[0].recorded_at, pair[1].sequence, pair[1].recorded_at
            );
            found(Finding::of(Kind::TimeBackwards, history.shipment_id, detail).sequence(pair[1].sequence));
        }
    }
}
