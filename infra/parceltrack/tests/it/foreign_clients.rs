//! Kafka clients that are not ours: kcat posts and reads, Python decodes.

use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::json;

use crate::system::System;

fn registered(system: &System, key: &str) -> String {
    let body = json!({
        "customer_id": "c",
        "sender": { "name": "S" },
        "recipient": { "name": "R" },
        "destination": { "city": "Ulm", "country": "DE" },
        "weight_grams": 1,
    });
    let (status, answer) = system.post("/api/v1/shipments", key, &body);
    assert_eq!(status, 201, "{answer}");
    answer["shipment_id"].as_str().unwrap().to_owned()
}

fn kcat(system: &System, args: &[&str]) -> Command {
    let mut command = Command::new("kcat");
    command.args(["-b", system.endpoints.kafka.as_deref().unwrap(), "-q"]).args(args);
    command
}

fn output(mut command: Command) -> String {
    let output = command.output().expect("kcat is installed (infra/scripts/prerequisites.sh test)");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn kcat_shows_keys_headers_and_framing() {
    let system = System::start();
    let id = registered(&system, "k");
    let topic = system.topic("shipment.events.v1");
    let args = [
        "-C",
        "-t",
        &topic,
        "-o",
        "beginning",
        "-e",
        "-X",
        "isolation.level=read_committed",
        "-f",
        "%k|%h|%S\n",
    ];
    let text = output(kcat(&system, &args));
    let line = text
        .lines()
        .find(|line| line.starts_with(&id))
        .expect("the event's key begins with the shipment's id");
    assert!(line.starts_with(&format!("{id}#1|")), "{line}");
    for header in [
        "ce_specversion=1.0",
        "ce_type=",
        "ce_id=",
        "traceparent=00-",
        "pt-schema=",
        "content-type=application/avro",
    ] {
        assert!(line.contains(header), "{header} in {line}");
    }
}

/// librdkafka's own partitioner is not Java's: most of what kcat posts lands on a wrong partition.
#[test]
fn commands_posted_by_kcats_default_partitioner_are_decided() {
    let system = System::start();
    let commands = system.topic("shipment.commands.v1");
    for n in 0..8 {
        registered(&system, &format!("k{n}"));
    }
    // Raw records, as they lie in the topic, posted again under their keys: the same commands once more.
    let dir = tempfile::tempdir().unwrap();
    let raw = output(kcat(&system, &["-C", "-t", &commands, "-o", "beginning", "-e", "-f", "%k %p %o\n"]));
    let lines: Vec<Vec<String>> = raw.lines().map(|l| l.split(' ').map(str::to_owned).collect()).collect();
    assert_eq!(lines.len(), 8);
    for line in &lines {
        let (key, partition, offset) = (&line[0], &line[1], &line[2]);
        let value =
            kcat(&system, &["-C", "-t", &commands, "-p", partition, "-o", offset, "-c", "1", "-f", "%s"])
                .output()
                .unwrap()
                .stdout;
        let file = dir.path().join(key);
        std::fs::write(&file, value).unwrap();
        let mut post = kcat(&system, &["-P", "-t", &commands, "-k", key, file.to_str().unwrap()]);
        assert!(post.status().unwrap().success());
    }
    // Each is answered a second time, in the replies topic, and has no second event.
    let replies = system.topic("shipment.replies.v1");
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(30);
    loop {
        let args = [
            "-C",
            "-t",
            &replies,
            "-o",
            "beginning",
            "-e",
            "-X",
            "isolation.level=read_committed",
            "-f",
            "%k\n",
        ];
        let count = output(kcat(&system, &args)).lines().count();
        if count == 16 {
            break;
        }
        assert!(std::time::Instant::now() < deadline, "{count} replies, not 16");
        std::thread::sleep(std::time::Duration::from_millis(300));
    }
    assert_eq!(system.events().len(), 8);
}

#[test]
fn poison_is_parked_and_the_partition_goes_on() {
    let system = System::start();
    let commands = system.topic("shipment.commands.v1");
    let mut post = kcat(&system, &["-P", "-t", &commands, "-k", "not a shipment id"]);
    let mut child = post.stdin(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"neither Avro nor framed\n").unwrap();
    assert!(child.wait().unwrap().success());
    for n in 0..12 {
        registered(&system, &format!("after-{n}"));
    }
    let parked = system.json(&["dead-letters", "list", "--json"]);
    let text = parked.to_string();
    assert!(text.contains(&commands), "{text}");
    assert_eq!(parked.as_array().map(Vec::len), Some(1), "{text}");
}

#[test]
fn a_confluent_client_in_python_decodes_our_events() {
    let Ok(python) = std::env::var("PT_TEST_PYTHON") else {
        eprintln!(
            "PT_TEST_PYTHON is not set: skipped; `make test` sets it where Python's packages can be had"
        );
        return;
    };
    let system = System::start();
    let id = registered(&system, "k");
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../consumers/examples/python/decode.py");
    let output = Command::new(python)
        .arg(script)
        .args(["--kafka", system.endpoints.kafka.as_deref().unwrap()])
        .args(["--registry", system.endpoints.registry.as_deref().unwrap()])
        .args(["--topic", &system.topic("shipment.events.v1")])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains(&id) && text.contains("ShipmentRegistered"), "{text}");
}
