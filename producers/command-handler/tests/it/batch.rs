//! The pure core: records in, records out.

use command_handler::batch::{self, Batch, MAX_COMMAND_BYTES};
use event_codec::headers::{
    CE_ID, CE_TYPE, PT_ERROR_CODE, PT_ERROR_CUT, PT_ERROR_OFFSET, PT_ERROR_PARTITION, PT_ERROR_TOPIC,
    PT_REPLY_TO, PT_REROUTED, PT_SCHEMA, TRACEPARENT,
};
use event_log::{Headers, Outgoing, Received, partition_of};
use shipment_events::{Accepted, Outcome, Sequence};

use crate::commands::{amend, blank, cancel, expecting, moment, register, scan, shipment};
use crate::driver::{Driver, event, reply, snapshot};

/// The records for one topic, by the end of its name.
fn to<'a>(batch: &'a Batch, topic: &str) -> Vec<&'a Outgoing> {
    batch.outgoing.iter().filter(|record| record.topic.ends_with(topic)).collect()
}

fn accepted(record: &Outgoing) -> Accepted {
    match reply(record).outcome {
        Outcome::Accepted(accepted) => accepted,
        Outcome::Rejected(rejected) => panic!("rejected: {}", rejected.text),
    }
}

fn code(record: &Outgoing) -> String {
    match reply(record).outcome {
        Outcome::Accepted(_) => "accepted".to_owned(),
        Outcome::Rejected(rejected) => rejected.code,
    }
}

#[test]
fn a_command_makes_an_event_a_reply_and_a_snapshot_on_its_own_partition() {
    let mut driver = Driver::default();
    let command = register(shipment(1));
    let home = partition_of(shipment(1), 4);
    let mut record = driver.record(&command);
    record.headers.push(PT_REPLY_TO, "api-3");
    record.headers.push(TRACEPARENT, "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
    let batch = driver.commit(&[record]);

    assert_eq!(batch.outgoing.len(), 3);
    assert!(batch.outgoing.iter().all(|record| record.partition == home));
    assert_eq!(batch.next_offsets, [(home, 1)].into());
    assert_eq!(batch.snapshots, 2..3);

    let [written] = to(&batch, "events.v1")[..] else { panic!() };
    assert_eq!(written.key.as_deref(), Some(format!("{}#1", shipment(1)).as_bytes()));
    assert_eq!(event(written).recorded_at, moment(0), "the append time of the record, not the clock");
    assert_eq!(written.headers.get_str(CE_TYPE), Some("org.parceltrack.shipment.ShipmentRegistered.v1"));
    assert_eq!(written.headers.get_str(CE_ID), Some(event(written).event_id.to_string().as_str()));

    let [answer] = to(&batch, "replies.v1")[..] else { panic!() };
    assert_eq!(answer.key.as_deref(), Some(command.command_id.to_string().as_bytes()));
    assert_eq!(accepted(answer), Accepted { version: Sequence::new(1), partition: home, events: 1 });
    assert_eq!(answer.headers.get_str(PT_REPLY_TO), Some("api-3"));

    let [state] = to(&batch, "snapshots.v1")[..] else { panic!() };
    assert_eq!(state.key.as_deref(), Some(shipment(1).to_string().as_bytes()));
    assert_eq!((snapshot(state).command_offset, snapshot(state).command_topic_id.as_str()), (0, "first"));
    for record in &batch.outgoing {
        assert!(record.headers.get_str(TRACEPARENT).unwrap().starts_with("00-4bf9"), "{record:?}");
    }
}

#[test]
fn what_follows_from_a_sampled_command_names_the_same_span_whoever_decides_it() {
    let events_trace = |traceparent: &str| {
        let mut driver = Driver::default();
        let mut record = driver.record(&register(shipment(1)));
        record.headers.push(TRACEPARENT, traceparent);
        let batch = driver.commit(&[record]);
        to(&batch, "events.v1")[0].headers.get_str(TRACEPARENT).unwrap().to_owned()
    };
    let sampled = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let written = events_trace(sampled);
    assert_eq!(written, events_trace(sampled));
    assert!(written != sampled && written.starts_with("00-4bf92f3577b34da6a3ce929d0e0e4736-"), "{written}");
    let unsampled = sampled.replace("-01", "-00");
    assert_eq!(events_trace(&unsampled), unsampled);
}

#[test]
fn a_batch_is_decided_against_what_it_changed_itself_and_writes_each_snapshot_once() {
    let mut driver = Driver::default();
    let (one, two) = (shipment(1), shipment(2));
    let batch = driver.post(&[
        register(one),
        amend(one, "order 8"),
        register(two),
        amend(one, "order 9"),
        cancel(one),
    ]);
    let versions: Vec<_> =
        to(&batch, "events.v1").into_iter().map(|r| (event(r).shipment_id, event(r).sequence)).collect();
    let seq = Sequence::new;
    assert_eq!(versions, [(one, seq(1)), (one, seq(2)), (two, seq(1)), (one, seq(3)), (one, seq(4))]);
    assert_eq!(to(&batch, "replies.v1").len(), 5);
    let written: Vec<_> = to(&batch, "snapshots.v1").into_iter().map(snapshot).collect();
    let versions: Vec<_> = written.iter().map(|s| (s.shipment_id, s.state.version)).collect();
    assert_eq!(versions, [(one, seq(4)), (two, seq(1))]);
}

#[test]
fn the_next_batch_goes_on_from_the_snapshots_of_the_last() {
    let mut driver = Driver::default();
    driver.post(&[register(shipment(1))]);
    let batch = driver.post(&[scan(shipment(1), 1), expecting(2, amend(shipment(1), "order 8"))]);
    let versions: Vec<_> = to(&batch, "events.v1").into_iter().map(|r| event(r).sequence.get()).collect();
    assert_eq!(versions, [2, 3]);
}

#[test]
fn decided_again_after_an_abort_a_batch_gives_the_same_bytes() {
    let mut driver = Driver::default();
    driver.post(&[register(shipment(1))]);
    let commands = [scan(shipment(1), 1), register(shipment(2)), cancel(shipment(1)), cancel(shipment(9))];
    let records: Vec<_> = commands.iter().map(|command| driver.record(command)).collect();
    let first = driver.decide(&records);
    driver.now = moment(5_000);
    assert!(first.outgoing == driver.decide(&records).outgoing);
}

#[test]
fn a_rejection_is_answered_and_changes_nothing() {
    let mut driver = Driver::default();
    let batch = driver.post(&[cancel(shipment(1))]);
    assert_eq!(batch.outgoing.len(), 1);
    assert!(code(&batch.outgoing[0]).starts_with("PT-"));
}

#[test]
fn a_reply_is_written_though_nobody_waits_for_it() {
    let batch = Driver::default().post(&[register(shipment(1))]);
    assert_eq!(to(&batch, "replies.v1")[0].headers.get(PT_REPLY_TO), None);
}

#[test]
fn the_same_command_again_gets_the_same_answer_and_no_event() {
    let mut driver = Driver::default();
    let command = register(shipment(1));
    driver.post(&[command.clone(), scan(shipment(1), 1)]);
    let batch = driver.post(&[command]);
    assert_eq!(batch.outgoing.len(), 1);
    assert_eq!((accepted(&batch.outgoing[0]).version.get(), accepted(&batch.outgoing[0]).events), (1, 0));
}

#[test]
fn at_or_below_the_snapshots_command_offset_nothing_is_decided_again() {
    let mut driver = Driver::default();
    let records: Vec<_> = [register(shipment(1)), amend(shipment(1), "x"), cancel(shipment(1))]
        .iter()
        .map(|command| driver.record(command))
        .collect();
    driver.commit(&records);
    let again = driver.commit(&records);
    assert_eq!(again.outgoing, []);
    assert_eq!(again.next_offsets, [(partition_of(shipment(1), 4), 3)].into(), "but they are passed");

    // In a topic made anew the same offsets are other commands.
    driver.given.commands_topic_id = "second".to_owned();
    assert_eq!(to(&driver.commit(&records), "replies.v1").len(), 3);
}

#[test]
fn a_command_on_the_wrong_partition_is_sent_on_once_and_then_parked() {
    let mut driver = Driver::default();
    let home = partition_of(shipment(1), 4);
    let wrong = (home + 1) % 4;
    let record = driver.record_on(wrong, &register(shipment(1)));
    let batch = driver.commit(std::slice::from_ref(&record));
    let [sent_on] = &batch.outgoing[..] else { panic!() };
    assert_eq!((&sent_on.topic, sent_on.partition), (&driver.given.topics.commands, home));
    assert_eq!((&sent_on.key, &sent_on.value), (&record.key, &record.value));
    assert_eq!(sent_on.headers.get_str(PT_REROUTED), Some(wrong.to_string().as_str()));
    assert_eq!(sent_on.headers.get_str(PT_SCHEMA), record.headers.get_str(PT_SCHEMA));

    // Where it was sent, it is decided like any other.
    let arrived = Received { partition: home, headers: sent_on.headers.clone(), ..record.clone() };
    assert_eq!(to(&driver.decide(&[arrived]), "events.v1").len(), 1);

    // Had it been sent to another wrong one, that would be the end.
    let lost = Received { headers: sent_on.headers.clone(), ..record };
    parked_as(&driver.decide(&[lost]), "rerouted-twice");
}

#[test]
fn what_is_no_command_is_parked_as_it_came_and_the_rest_goes_on() {
    let mut driver = Driver::default();
    let good = driver.record(&register(shipment(1)));
    let mut other_key = driver.record(&register(shipment(2)));
    other_key.key = Some(shipment(3).to_string().into());
    let mut upper_case = driver.record(&register(shipment(0xabc)));
    upper_case.key = Some(shipment(0xabc).to_string().to_uppercase().into());
    let mut no_key = driver.record(&register(shipment(2)));
    no_key.key = None;
    let mut half = driver.record(&register(shipment(2)));
    half.value.as_mut().unwrap().truncate(40);
    let mut other_schema = driver.record(&register(shipment(2)));
    other_schema.headers.push(PT_SCHEMA, "parceltrack.shipment.ShipmentCommand:0000000000000000");
    let text = Received { value: Some("hello".into()), ..blank("t.shipment.commands.v1", 0, 77) };
    let no_value = Received { key: Some("k".into()), ..blank("t.shipment.commands.v1", 0, 78) };

    for (record, code) in [
        (other_key, "key-mismatch"),
        (upper_case, "key-mismatch"),
        (no_key, "key-mismatch"),
        (half, "undecodable"),
        (other_schema, "wrong-fingerprint"),
        (text, "not-framed"),
        (no_value, "no-value"),
    ] {
        let batch = driver.decide(&[record.clone(), good.clone()]);
        let parked = parked_as(&batch, code);
        assert_eq!(
            (&parked.key, &parked.value, parked.partition),
            (&record.key, &record.value, record.partition)
        );
        for (name, value) in record.headers.iter() {
            assert!(parked.headers.iter().any(|h| h == (name, value)), "{code}: {name} is kept");
        }
        assert_eq!(parked.headers.get_str(PT_ERROR_TOPIC), Some("t.shipment.commands.v1"));
        assert_eq!(parked.headers.get_str(PT_ERROR_PARTITION), Some(record.partition.to_string().as_str()));
        assert_eq!(parked.headers.get_str(PT_ERROR_OFFSET), Some(record.offset.to_string().as_str()));
        assert_eq!(to(&batch, "events.v1").len(), 1, "{code}: the command after it is decided");
        assert_eq!(batch.consumed, 2);
    }
}

fn parked_as<'a>(batch: &'a Batch, code: &str) -> &'a Outgoing {
    let [parked] = to(batch, "dead-letters.v1")[..] else { panic!("{code}: {:?}", batch.outgoing) };
    assert_eq!(parked.headers.get_str(PT_ERROR_CODE), Some(code));
    parked
}

#[test]
fn an_unknown_schema_is_asked_for_and_if_there_is_none_the_stamp_decides() {
    let mut driver = Driver::default();
    let mut record = driver.record(&register(shipment(1)));
    let mut value = record.value.unwrap().to_vec();
    value[4] = 99;
    record.value = Some(value.into());
    let mut foreign = record.clone();
    foreign.headers = Headers::new().with(PT_SCHEMA, "parceltrack.shipment.ShipmentCommand:0123456789abcdef");
    let mut records = [record];
    let asked = batch::decide(&records, &driver, &driver.given, driver.now);
    assert!(matches!(asked, Err(batch::Error::UnknownSchema { id: 99 })));
    driver.given.absent_schemas.insert(99);
    assert_eq!(to(&driver.decide(&records), "events.v1").len(), 1, "its stamp names a schema of ours");
    records[0] = foreign;
    parked_as(&driver.decide(&records), "unknown-schema");
}

#[test]
fn what_is_larger_than_a_command_is_parked_and_cut_only_if_it_could_not_be_written() {
    let mut driver = Driver::default();
    for (bytes, is_cut) in [(MAX_COMMAND_BYTES + 1, false), (1024 * 1024, false), (50 * 1024 * 1024, true)] {
        let mut record = driver.record(&register(shipment(1)));
        record.value = Some(vec![7; bytes].into());
        let batch = driver.decide(std::slice::from_ref(&record));
        let parked = parked_as(&batch, "too-large");
        assert!(parked.size() < 2 * 1024 * 1024 - 1024, "{bytes}");
        assert_eq!(parked.headers.get(PT_ERROR_CUT).is_some(), is_cut, "{bytes}");
        assert_eq!(parked.value == record.value, !is_cut);
    }
    // Nor can headers alone, or a key, make a dead letter that can't be written.
    let many: Headers = (0..200_000).map(|n| (format!("h{n}"), "x")).collect();
    let record = Received {
        key: Some(vec![b'k'; 3 * 1024 * 1024].into()),
        value: Some(vec![7; 3 * 1024 * 1024].into()),
        headers: many,
        ..blank("t.shipment.commands.v1", 0, 3)
    };
    let batch = driver.decide(&[record]);
    let parked = parked_as(&batch, "too-large");
    assert!(parked.size() + 10 * parked.headers.len() < 2 * 1024 * 1024 - 1024);
}

#[test]
fn a_batch_ends_before_it_takes_too_much_memory() {
    let mut driver = Driver::default();
    // A thousand scans make a snapshot of some 50 kB; a thousand such shipments would make 50 MB.
    for n in 0..1_000 {
        let one = shipment(n);
        let commands: Vec<_> = (0..1_000).map(|i| scan(one, i)).collect();
        if n == 0 {
            driver.post(&commands);
        } else {
            driver.copy_state(shipment(0), one);
        }
    }
    let records: Vec<_> = (0..1_000).map(|n| driver.record(&register(shipment(n)))).collect();
    let mut at = 0;
    let mut batches = 0;
    while at < records.len() {
        let batch = driver.commit(&records[at..]);
        let bytes: usize = batch.outgoing.iter().map(Outgoing::size).sum();
        assert!(bytes < 40 * 1024 * 1024 * 2, "{bytes}");
        assert!(batch.consumed > 0);
        at += batch.consumed;
        batches += 1;
    }
    assert!(batches > 1, "one batch took it all");
}
