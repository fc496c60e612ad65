use std::process::Command;

use event_log::{Action, TopicSettings, Topics};

use crate::cluster::{OwnTopics, admin, runtime, unique};

#[test]
fn apply_creates_once_and_verify_is_content() {
    let settings =
        TopicSettings { prefix: unique("apply"), journal: unique("journal"), ..TopicSettings::default() };
    let topics = Topics::new(settings);
    let specs = topics.specs();
    runtime().block_on(async {
        let admin = admin();
        assert_eq!(admin.verify(&specs).await.unwrap().len(), specs.len(), "all missing");
        let applied = admin.apply(&specs, false).await.unwrap();
        assert!(applied.iter().all(|topic| topic.action == Action::Created), "{applied:?}");
        assert_eq!(admin.verify(&specs).await.unwrap(), []);
        let again = admin.apply(&specs, true).await.unwrap();
        assert!(again.iter().all(|topic| topic.action == Action::Kept), "{again:?}");
        let names: Vec<&str> = specs.iter().map(|spec| &*spec.name).collect();
        admin.delete(&names).await.unwrap();
    });
}

#[test]
fn each_deviation_is_found_and_repair_mends_the_settings_and_nothing_else() {
    let own = OwnTopics::create("deviations", 2);
    let right = own.topics.specs();
    // The same names, but every setting of the first topic wrong, and one more that is none of our business.
    let mut wrong = right.clone();
    for (name, value) in [
        ("cleanup.policy", "compact"),
        ("max.message.bytes", "1000000"),
        ("message.timestamp.type", "CreateTime"),
        ("min.insync.replicas", "3"),
        ("retention.bytes", "1000"),
        ("retention.ms", "1000"),
        ("segment.ms", "60000"),
        ("flush.messages", "12345"),
    ] {
        wrong[0].config.insert(name, value.to_owned());
    }
    runtime().block_on(async {
        let admin = admin();
        admin.apply(&wrong, true).await.unwrap();
        let mut expected = right.clone();
        expected[1].partitions = 3;
        expected[2].replication = 2;
        let found = admin.verify(&expected).await.unwrap();
        let what: Vec<_> = found.iter().map(|d| d.what.as_str()).collect();
        assert_eq!(
            what,
            [
                "cleanup.policy",
                "max.message.bytes",
                "message.timestamp.type",
                "min.insync.replicas",
                "retention.bytes",
                "retention.ms",
                "segment.ms",
                "partitions",
                "replication"
            ]
        );
        assert!(found.iter().all(|d| !d.fix.is_empty()));

        let repaired = admin.apply(&right, true).await.unwrap();
        assert!(
            matches!(&repaired[0].action, Action::Repaired(changes) if changes.len() == 7),
            "{repaired:?}"
        );
        assert_eq!(admin.verify(&right).await.unwrap(), []);
        let mut with_the_other = right.clone();
        with_the_other[0].config.insert("flush.messages", "12345".to_owned());
        assert_eq!(admin.verify(&with_the_other).await.unwrap(), [], "what others set is left alone");
    });
}

#[test]
fn the_registrys_journal_with_the_brokers_retention_is_refused() {
    let journal = unique("journal");
    let settings =
        TopicSettings { prefix: unique("none"), journal: journal.clone(), ..TopicSettings::default() };
    let right = Topics::new(settings).specs().pop().unwrap();
    let mut as_the_registry_makes_it = right.clone();
    as_the_registry_makes_it.config.clear();
    runtime().block_on(async {
        let admin = admin();
        admin.create(&[as_the_registry_makes_it]).await.unwrap();
        let found = admin.verify(std::slice::from_ref(&right)).await.unwrap();
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!((found[0].what.as_str(), found[0].found.as_str()), ("retention.ms", "604800000"));
        admin.apply(std::slice::from_ref(&right), true).await.unwrap();
        assert_eq!(admin.verify(&[right]).await.unwrap(), []);
        admin.delete(&[&journal]).await.unwrap();
    });
}

#[test]
fn kcat_agrees_with_the_partitioner() {
    // kcat can be told to hash as Java's producer does; the vectors of `partition.rs` come from Kafka's own tests.
    if Command::new("kcat").arg("-V").output().is_err() {
        eprintln!("kcat is not installed: not compared");
        return;
    }
    let own = OwnTopics::create("hash", 6);
    let topic = &own.topics.commands;
    let lines: Vec<_> = (0..200).map(|n| format!("key-{n}|{n}\n")).collect();
    let mut kcat = Command::new("kcat")
        .args([
            "-P",
            "-K|",
            "-X",
            "topic.partitioner=murmur2_random",
            "-b",
            crate::cluster::kafka().bootstrap(),
            "-t",
            topic,
        ])
        .stdin(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    std::io::Write::write_all(kcat.stdin.as_mut().unwrap(), lines.concat().as_bytes()).unwrap();
    assert!(kcat.wait().unwrap().success());
    let starts: Vec<_> = (0..6).map(|p| (p, event_log::Start::Beginning)).collect();
    let mut reader =
        event_log::Reader::open(&crate::cluster::kafka(), topic, &starts, event_log::Isolation::Committed)
            .unwrap();
    let mut seen = 0;
    reader
        .read_to_end(crate::cluster::PATIENCE, |record| {
            assert_eq!(record.partition, event_log::partition_for(record.key.as_ref().unwrap(), 6));
            seen += 1;
            Ok::<_, event_log::Error>(())
        })
        .unwrap();
    assert_eq!(seen, 200);
}
