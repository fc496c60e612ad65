//! All three services: what they keep, and what is said when something is in the way.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

use local_stack::{Endpoints, Error, Name, Part, Stack, StackSettings, State, occupant, ports, silent};

use crate::{settings, start};

#[tokio::test(flavor = "multi_thread")]
async fn schemas_survive_a_stop_and_the_kill_of_the_registry() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut stack = start(settings(dir.path())).await;
    assert!(stack.health().await.iter().all(|(_, answers)| *answers), "{:?}", stack.health().await);
    let schema = r#"{"schema":"\"string\""}"#;
    let registered = ask(stack.endpoints(), "POST", "/subjects/kept-value/versions", schema);
    assert!(registered.contains("\"id\":1"), "{registered}");

    let holder = occupant(dir.path()).expect("the folder is in use");
    assert_eq!((holder.pid, holder.components.len()), (std::process::id(), 3));
    let refused = Stack::start(settings(dir.path()), silent()).await.err().expect("it is in use");
    assert!(matches!(refused, Error::InUse { .. }), "{refused}");

    stack.kill_component(Name::Registry).await.expect("it is ours");
    assert_eq!(stack.status()[2].state, State::Stopped);
    stack.start_component(Name::Registry).await.expect("it comes back");
    assert!(ask(stack.endpoints(), "GET", "/subjects", "").contains("kept-value"));
    stack.stop().await;
    assert_eq!(occupant(dir.path()), None);

    let stack = start(settings(dir.path())).await;
    assert!(ask(stack.endpoints(), "GET", "/subjects", "").contains("kept-value"));
    stack.stop().await;
}

#[tokio::test]
async fn a_taken_port_is_named_with_its_owner_and_the_way_out() {
    let dir = tempfile::tempdir().expect("a folder");
    let taken = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    let port = taken.local_addr().expect("an address").port();
    let wanted = StackSettings { kafka_port: port, ..settings(dir.path()).only_kafka() };
    let text = Stack::start(wanted, silent()).await.err().expect("the port is taken").to_string();
    assert!(
        text.contains(&format!("port {port} for kafka-1 is taken by process {}", std::process::id())),
        "{text}"
    );
    assert!(text.contains("--kafka-port"), "{text}");
}

#[tokio::test]
async fn with_all_three_given_nothing_is_started() {
    let dir = tempfile::tempdir().expect("a folder");
    let given = Endpoints {
        kafka: Some("kafka.example:9092".into()),
        cql: Some("cql.example:9042".into()),
        registry: Some("http://registry.example/apis/ccompat/v7".into()),
    };
    let data = dir.path().join("data");
    let mut stack = start(settings(&data).using(&given)).await;
    assert_eq!(*stack.endpoints(), given);
    assert_eq!(stack.status(), []);
    assert!(!data.exists(), "not even the folder");
    stack.stop().await;
}

#[tokio::test]
async fn mistakes_are_told_before_anything_is_started() {
    let dir = tempfile::tempdir().expect("a folder");
    let two = StackSettings { brokers: 2, ..settings(dir.path()) };
    assert!(matches!(Stack::start(two, silent()).await, Err(Error::Brokers { wanted: 2 })));
    let alone = StackSettings { kafka: Part::Omit, ..settings(dir.path()) };
    assert!(matches!(Stack::start(alone, silent()).await, Err(Error::RegistryWithoutKafka)));
    std::fs::write(dir.path().join("brokers"), "3").expect("written");
    let fewer = Stack::start(settings(dir.path()), silent()).await;
    assert!(matches!(fewer, Err(Error::OtherLayout { made: 3, wanted: 1, .. })));
    assert!(ports::is_free(ports::free_port().expect("a port")));
}

/// A request to the registry by hand: this crate needs no HTTP client for anything else.
fn ask(endpoints: &Endpoints, method: &str, path: &str, body: &str) -> String {
    let url = endpoints.registry.as_deref().expect("a registry");
    let (host, base) = url.strip_prefix("http://").and_then(|rest| rest.split_once('/')).expect("a URL");
    let mut stream = TcpStream::connect(host).expect("it listens");
    let length = body.len();
    write!(
        stream,
        "{method} /{base}{path} HTTP/1.0\r\nHost: {host}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
    )
    .expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    answer
}
