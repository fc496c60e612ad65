//! What a broken connection does to transactional producers. In a process of its own, whose connections it breaks.

use std::net::Ipv4Addr;
use std::os::fd::AsRawFd;
use std::sync::Arc;
use std::time::Duration;

use event_log::{
    Admin, Headers, Isolation, Kafka, Outgoing, Reader, Rotation, RotationSettings, Start, TopicSettings,
    Topics,
};
use nix::sys::socket::{Shutdown, SockaddrIn, getpeername, shutdown};

const PATIENCE: Duration = Duration::from_secs(15);

#[test]
fn a_producer_whose_connection_broke_is_replaced_before_its_next_transaction() {
    let bootstrap = std::env::var("PARCELTRACK_KAFKA").expect("set PARCELTRACK_KAFKA to a running Kafka");
    let port: u16 = bootstrap.rsplit(':').next().unwrap().parse().unwrap();
    let kafka = Kafka::at(bootstrap);
    let prefix = format!("it-broken-{}", uuid::Uuid::new_v4().simple());
    let settings = TopicSettings {
        prefix: prefix.clone(),
        partitions: 1,
        journal: String::new(),
        ..TopicSettings::default()
    };
    let topics = Topics::new(settings);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let admin = Admin::new(&kafka, PATIENCE).unwrap();
    runtime.block_on(admin.apply(&topics.specs(), false)).unwrap();

    let mut rotation =
        Rotation::new(&kafka, RotationSettings { slots: 1, ..RotationSettings::new(prefix, "i", 0) });
    let producer = rotation.take_turn().unwrap();
    producer.begin().unwrap();
    producer.send(&record(&topics.events, "first"), 0).unwrap();
    producer.drain().unwrap();
    assert!(!producer.is_suspect());
    assert!(break_connections(port) > 0);
    // librdkafka mends it silently: every call succeeds, though one of them may have been sent twice.
    producer.commit().unwrap();
    assert!(producer.is_suspect());

    let producer = rotation.take_turn().unwrap();
    assert!(!producer.is_suspect(), "it is another one");
    producer.begin().unwrap();
    producer.send(&record(&topics.events, "second"), 0).unwrap();
    producer.drain().unwrap();
    producer.commit().unwrap();

    let mut reader =
        Reader::open(&kafka, &topics.events, &[(0, Start::Beginning)], Isolation::Committed).unwrap();
    let mut values = Vec::new();
    reader
        .read_to_end(PATIENCE, |record| {
            values.extend(record.value);
            Ok::<_, event_log::Error>(())
        })
        .unwrap();
    assert_eq!(values, ["first", "second"]);
    let names: Vec<_> = topics.specs().iter().map(|spec| spec.name.clone()).collect();
    runtime.block_on(admin.delete(&names.iter().map(|name| &**name).collect::<Vec<_>>())).unwrap();
}

fn record(topic: &Arc<str>, value: &'static str) -> Outgoing {
    Outgoing {
        topic: topic.clone(),
        partition: 0,
        key: Some(value.into()),
        value: Some(value.into()),
        headers: Headers::new(),
        timestamp: None,
    }
}

/// Shuts every connection of this process to that local port.
fn break_connections(port: u16) -> usize {
    let open = std::fs::read_dir("/proc/self/fd").unwrap();
    let sockets =
        open.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<i32>().ok()).filter(|fd| {
            getpeername::<SockaddrIn>(fd.as_raw_fd())
                .is_ok_and(|peer| peer.port() == port && peer.ip() == Ipv4Addr::LOCALHOST)
        });
    sockets.filter(|fd| shutdown(*fd, Shutdown::Both).is_ok()).count()
}
