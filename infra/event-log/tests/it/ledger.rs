//! Exactly once, by a ledger: whatever goes wrong in between, each command has one event, in order.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use event_log::{
    Error, Event, Fault, GroupConsumer, GroupMetadata, GroupSettings, Isolation, Outgoing, Producer,
    ProducerSettings, Reader, Received, Reset, Rotation, RotationSettings, Start, StartPolicy,
    TopicPartition,
};

use crate::cluster::{OwnTopics, PATIENCE, kafka, record, text, unique};

/// The bare loop of a worker, with the recovery that the crate's documentation asks for.
struct Worker {
    consumer: GroupConsumer,
    rotation: Rotation,
    events: std::sync::Arc<str>,
    started: BTreeMap<i32, TopicPartition>,
    waiting: BTreeMap<i32, TopicPartition>,
    aborted: usize,
    discarded: usize,
}

impl Worker {
    fn new(group: &str, instance: &str, own: &OwnTopics) -> Self {
        let settings = GroupSettings {
            instance: Some(instance.to_owned()),
            start: StartPolicy::Held,
            reset: Reset::Fail,
            session_timeout: Duration::from_secs(6),
            ..GroupSettings::new(group, &[&own.topics.commands])
        };
        let rotation = RotationSettings {
            transaction_timeout: Duration::from_secs(6),
            call_timeout: Duration::from_secs(4),
            ..RotationSettings::new(group, instance, 0)
        };
        Self {
            consumer: GroupConsumer::join(&kafka(), settings).unwrap(),
            rotation: Rotation::new(&kafka(), rotation),
            events: own.topics.events.clone(),
            started: BTreeMap::new(),
            waiting: BTreeMap::new(),
            aborted: 0,
            discarded: 0,
        }
    }

    /// One batch, if there is anything; `stumble` may make it fail just before the commit.
    fn turn(&mut self, stumble: bool) {
        if self.rotation.renew().is_err() {
            return;
        }
        self.start_what_waits();
        let group = self.consumer.group_metadata();
        let Some(records) = self.gather() else { return };
        let Some(group) = group else { return self.restart() };
        if let Err(fault) = self.transact(&group, &records, stumble) {
            let abortable = fault.is_abortable();
            let aborted =
                abortable && self.rotation.current().is_some_and(|producer| producer.abort().is_ok());
            if aborted {
                self.aborted += 1;
            } else {
                self.rotation.discard_all();
                self.discarded += 1;
            }
            self.restart();
        }
    }

    /// Everything back to what is committed, once all producers are sure to be ours.
    fn restart(&mut self) {
        let all: Vec<_> = self.started.values().cloned().collect();
        self.consumer.pause(&all).unwrap();
        self.waiting.append(&mut self.started);
    }

    fn start_what_waits(&mut self) {
        let waiting: Vec<_> = self.waiting.values().cloned().collect();
        let Ok(offsets) = self.consumer.committed(&waiting, Duration::from_secs(2)) else { return };
        for (at, offset) in offsets {
            self.consumer.start(&at, offset.unwrap_or(0)).unwrap();
            self.waiting.remove(&at.partition);
            self.started.insert(at.partition, at);
        }
    }

    fn gather(&mut self) -> Option<Vec<Received>> {
        let mut records = Vec::new();
        let mut wait = Duration::from_millis(20);
        while records.len() < 200 {
            match self.consumer.poll(wait) {
                Ok(None) => break,
                Ok(Some(Event::Record(record))) => records.push(record),
                Ok(Some(Event::Assigned(partitions))) => {
                    self.waiting.extend(partitions.into_iter().map(|at| (at.partition, at)));
                    self.restart();
                    return None;
                }
                Ok(Some(Event::Revoked(partitions) | Event::Lost(partitions))) => {
                    for at in partitions {
                        self.started.remove(&at.partition);
                        self.waiting.remove(&at.partition);
                    }
                    self.restart();
                    return None;
                }
                Err(error) => {
                    assert!(error.is_transient(), "{error:?}");
                    break;
                }
            }
            wait = Duration::ZERO;
        }
        (!records.is_empty()).then_some(records)
    }

    fn transact(&mut self, group: &GroupMetadata, records: &[Received], stumble: bool) -> Result<(), Fault> {
        let producer = self.rotation.take_turn()?;
        producer.begin()?;
        let mut offsets = BTreeMap::new();
        for (tag, read) in records.iter().enumerate() {
            let event = Outgoing {
                topic: self.events.clone(),
                partition: read.partition,
                key: read.key.clone(),
                value: read.value.clone(),
                headers: read.headers.clone(),
                timestamp: None,
            };
            producer.send(&event, tag)?;
            offsets.insert(read.topic_partition(), read.offset + 1);
        }
        producer.drain()?;
        producer.send_offsets(&offsets.into_iter().collect::<Vec<_>>(), group)?;
        if stumble {
            return Err(Fault::Indefinite { call: "test", transactional_id: String::new(), source: None });
        }
        producer.commit()
    }
}

/// The committed events, by partition.
fn events(own: &OwnTopics, partitions: i32) -> BTreeMap<i32, Vec<String>> {
    let starts: Vec<_> = (0..partitions).map(|p| (p, Start::Beginning)).collect();
    let mut reader = Reader::open(&kafka(), &own.topics.events, &starts, Isolation::Committed).unwrap();
    let mut all = BTreeMap::<i32, Vec<String>>::new();
    reader
        .read_to_end(PATIENCE, |record| {
            all.entry(record.partition).or_default().push(text(&record));
            Ok::<_, Error>(())
        })
        .unwrap();
    all
}

fn post(own: &OwnTopics, partitions: i32, from: usize, to: usize) {
    let patient =
        ProducerSettings { delivery_timeout: Duration::from_mins(2), ..ProducerSettings::for_commands() };
    let producer = Producer::new(&kafka(), &patient).unwrap();
    crate::cluster::runtime().block_on(async {
        let sent: Vec<_> = (from..to)
            .map(|n| {
                let command =
                    record(&own.topics.commands, (n % partitions as usize) as i32, &format!("{n:06}"));
                producer.send(&command).unwrap()
            })
            .collect();
        for delivery in sent {
            delivery.await.unwrap();
        }
    });
}

fn balanced(own: &OwnTopics, partitions: i32, commands: usize) -> bool {
    let events = events(own, partitions);
    let count: usize = events.values().map(Vec::len).sum();
    for (partition, values) in &events {
        let expected: Vec<_> = (0..values.len())
            .map(|n| format!("{:06}", n * partitions as usize + *partition as usize))
            .collect();
        assert_eq!(*values, expected, "partition {partition}");
    }
    assert!(count <= commands);
    count == commands
}

#[test]
fn workers_that_stumble_come_and_go_leave_one_event_for_each_command() {
    const PARTITIONS: i32 = 4;
    const COMMANDS: usize = 6_000;
    let own = OwnTopics::create("ledger", PARTITIONS);
    let group = unique("ledger");
    post(&own, PARTITIONS, 0, COMMANDS);
    let mut first = Worker::new(&group, "first", &own);
    let mut second: Option<Worker> = None;
    let deadline = Instant::now() + Duration::from_mins(2);
    let mut turns = 0;
    while !(turns % 10 == 0 && turns > 60 && balanced(&own, PARTITIONS, COMMANDS)) {
        assert!(Instant::now() < deadline, "not done");
        turns += 1;
        first.turn(turns % 5 == 0);
        match turns {
            15 => second = Some(Worker::new(&group, "second", &own)),
            // Gone with its partitions: nobody gets them before its session has timed out.
            45 => second = None,
            _ => {}
        }
        if let Some(worker) = &mut second {
            worker.turn(turns % 7 == 0);
        }
    }
    assert!(first.discarded > 0, "it did stumble");
}

/// For a cluster of three, while its brokers are killed and come back: `PARCELTRACK_SOAK_SECONDS` says for how long.
#[test]
fn a_soak_leaves_one_event_for_each_command() {
    const PARTITIONS: i32 = 6;
    let Some(seconds) = std::env::var("PARCELTRACK_SOAK_SECONDS").ok().and_then(|s| s.parse().ok()) else {
        return;
    };
    let own = OwnTopics::create("soak", PARTITIONS);
    let group = unique("soak");
    let mut workers = [Worker::new(&group, "a", &own), Worker::new(&group, "b", &own)];
    let until = Instant::now() + Duration::from_secs(seconds);
    let posted = std::thread::scope(|scope| {
        let poster = scope.spawn(|| {
            let mut posted = 0;
            while Instant::now() < until {
                post(&own, PARTITIONS, posted, posted + 600);
                posted += 600;
                std::thread::sleep(Duration::from_millis(500));
            }
            posted
        });
        while !poster.is_finished() {
            for worker in &mut workers {
                worker.turn(false);
            }
        }
        poster.join().unwrap()
    });
    let deadline = Instant::now() + Duration::from_mins(1);
    while !balanced(&own, PARTITIONS, posted) {
        assert!(Instant::now() < deadline, "not done");
        for _ in 0..20 {
            for worker in &mut workers {
                worker.turn(false);
            }
        }
    }
    for worker in &workers {
        eprintln!("{} aborted, {} discarded", worker.aborted, worker.discarded);
    }
    eprintln!("{posted} commands, {posted} events");
}
