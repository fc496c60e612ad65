//! Three brokers.

use std::time::Duration;

use local_stack::{Coordinates, Name, StackSettings, State};

use crate::{settings, start};

#[tokio::test(flavor = "multi_thread")]
async fn three_brokers_form_a_cluster_and_take_one_back() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut stack = start(StackSettings { brokers: 3, ..settings(dir.path()).only_kafka() }).await;
    let bootstrap = stack.endpoints().kafka.clone().expect("Kafka runs");
    assert_eq!(bootstrap.split(',').count(), 3, "{bootstrap}");

    let group = stack.coordinator(Coordinates::Group("some-group")).await.expect("it is up");
    let transactions = stack.coordinator(Coordinates::Transactions("some-id")).await.expect("it is up");
    let leader = stack.leader("__consumer_offsets", 0).await.expect("it is up");
    for name in [group, transactions, leader] {
        assert!(matches!(name, Name::Kafka(1..=3)), "{name}");
    }

    let second = Name::Kafka(2);
    stack.pause(second).expect("it is ours");
    assert_eq!(stack.health().await, [(Name::Kafka(1), true), (second, false), (Name::Kafka(3), true)]);
    stack.resume(second).expect("it is ours");

    // As if the kernel had killed it: the stack is not told.
    let pid = stack.status()[1].pid.expect("it runs");
    local_stack::process::signal_stranger(pid, nix::sys::signal::Signal::SIGKILL);
    let exit = tokio::time::timeout(Duration::from_secs(5), stack.next_exit()).await.expect("it is seen");
    assert_eq!(exit.name, second);
    assert!(matches!(stack.status()[1].state, State::Exited { .. }));
    stack.start_component(second).await.expect("it comes back");
    assert!(stack.health().await.iter().all(|(_, answers)| *answers));
    stack.stop().await;
}
