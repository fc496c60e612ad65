//! The whole system on a Kafka and a database that are closed to strangers, each role with no right but what it needs.

use event_log::Error;
use serde_json::json;

use crate::secured::{Secured, password};
use crate::system::{System, eventually};

const SAMPLE: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/../../producers/carrier-feed/samples/carrier-scans.jsonl");

#[test]
fn the_system_works_over_tls_with_passwords_and_nobody_has_a_right_too_many() {
    let secured = Secured::start();
    let mut system = System::of_users(secured.endpoints.clone(), |user| secured.settings_of(user));
    system.ask_who_calls(secured.settings_of("key-admin"));
    system.run_all();

    a_parcel_goes_through(&system);
    operators_do_their_work(&system);
    nobody_writes_or_reads_what_is_not_theirs(&secured, &system);
    the_database_is_read_by_one_and_written_by_the_other(&secured, &system);
    strangers_are_refused(&secured, &system);
    no_password_is_shown(&system);
}

fn a_parcel_goes_through(system: &System) {
    let registration = json!({
        "customer_id": "c",
        "sender": { "name": "S" },
        "recipient": { "name": "R" },
        "destination": { "city": "Ulm", "country": "DE" },
        "weight_grams": 1,
    });
    let (status, answer) = system.post("/api/v1/shipments", "one", &registration);
    assert_eq!(status, 201, "{answer}");
    let id = answer["shipment_id"].as_str().unwrap();
    let parcel = system.get_until(&format!("/api/v1/shipments/{id}"), |status, _| status == 200);
    assert_eq!(parcel["version"], 1);
    let (status, history) = system.get(&format!("/api/v1/shipments/{id}/history"));
    assert_eq!(status, 200, "{history}");
}

fn operators_do_their_work(system: &System) {
    let fed = system.json(&["feed", "--json", SAMPLE]);
    assert_eq!(fed["histories"], 246);
    assert!(system.events().len() > 246);
    system.json(&["config", "--json", "set", "query_api.min_version_wait_ms=150"]);
    let up = |system: &System| {
        let services = system.discovery_get("/api/v1/services").to_string();
        services.matches("\"status\":\"UP\"").count()
    };
    eventually("every role is registered", || up(system) >= 7);
    let services = system.json(&["services", "--json"]).to_string();
    assert!(services.contains("query-api"), "{services}");
    system.json(&["topics", "verify", "--json"]);
    system.json(&["dead-letters", "list", "--json"]);
    let rebuilt = system.json(&["rebuild", "--json"]);
    assert!(rebuilt.to_string().contains('2'), "{rebuilt}");
    let verified = system.parceltrack(&["verify", "--json"]);
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stdout));
    for role in ["projector", "query-api"] {
        assert!(system.is_ready(role), "it was let into the new generation: {}", system.log(role));
    }
}

/// Every write and every read of a topic that isn't in the list of rights is refused.
fn nobody_writes_or_reads_what_is_not_theirs(secured: &Secured, system: &System) {
    let rights = system.json(&["acls", "--json"]);
    let rights = rights.as_array().unwrap();
    let has = |user: &str, operation: &str, topic: &str| {
        rights.iter().any(|right| {
            right["principal"] == format!("User:{user}")
                && right["operation"] == operation
                && right["resource"] == "topic"
                && right["name"] == topic
        })
    };
    let mut users: Vec<&str> =
        rights.iter().map(|right| right["principal"].as_str().unwrap().trim_start_matches("User:")).collect();
    users.dedup();
    let topics = ["commands", "events", "snapshots", "replies", "dead-letters"];
    let mut topics = topics.map(|name| system.topic(&format!("shipment.{name}.v1"))).to_vec();
    topics.extend(["config.v1", "registry.v1", "api-keys.v1", "audit.v1"].map(|name| system.topic(name)));

    let mut refused = 0;
    std::thread::scope(|scope| {
        let tries: Vec<_> = users
            .iter()
            .map(|user| {
                let (topics, has) = (&topics, &has);
                scope.spawn(move || {
                    let mut refused = 0;
                    for topic in topics.iter().filter(|topic| !has(user, "Write", topic)) {
                        let outcome = secured.write(user, topic);
                        assert!(is_denied(&outcome), "{user} writes to {topic}: {outcome:?}");
                        refused += 1;
                    }
                    for topic in topics.iter().filter(|topic| !has(user, "Read", topic)) {
                        let outcome = secured.read(user, topic);
                        // Of a topic that one may not even see, librdkafka says that there is none.
                        let is_hidden = matches!(outcome, Err(Error::UnknownTopic { .. }));
                        assert!(is_hidden || is_denied(&outcome), "{user} reads {topic}: {outcome:?}");
                        refused += 1;
                    }
                    refused
                })
            })
            .collect();
        refused = tries.into_iter().map(|tried| tried.join().unwrap()).sum();
    });
    assert!(refused > 60, "{refused}");
    let error = secured.write("query-api", &topics[1]).unwrap_err().to_string();
    assert!(error.contains("no right to it") && error.contains("parceltrack acls"), "{error}");
}

fn is_denied(outcome: &Result<(), Error>) -> bool {
    matches!(outcome, Err(Error::Denied { .. }))
}

fn the_database_is_read_by_one_and_written_by_the_other(secured: &Secured, system: &System) {
    let keyspace = system.keyspace();
    let select = format!("SELECT live FROM {keyspace}.generations");
    let insert = format!("INSERT INTO {keyspace}.generations (name, note) VALUES ('test', 'x')");
    let drop = format!("DROP TABLE {keyspace}.generations");
    let attempt = |user: &str, cql: &str| {
        let mut session = secured.log_in(user, &password(user)).unwrap();
        session.run(cql).map_err(|refusal| refusal.to_string())
    };
    assert_eq!(attempt("query-api", &select), Ok(()));
    let refusal = attempt("query-api", &insert).unwrap_err();
    assert!(refusal.contains("has no MODIFY permission"), "{refusal}");
    assert_eq!(attempt("projector", &insert), Ok(()));
    for user in ["query-api", "projector"] {
        let refusal = attempt(user, &drop).unwrap_err();
        assert!(refusal.contains("has no DROP permission"), "{refusal}");
    }
    let refusal = attempt("query-api", "SELECT role FROM system_auth.roles").unwrap_err();
    assert!(refusal.contains("has no SELECT permission"), "{refusal}");
}

fn strangers_are_refused(secured: &Secured, system: &System) {
    let tail = ["tail", "--from", "earliest", "--no-follow"];
    let said = |more: &[&str]| {
        let sets = more.iter().flat_map(|set| ["--set", set]);
        let output = system.command(&tail).args(sets).output().unwrap();
        assert!(!output.status.success() && output.stdout.is_empty(), "{more:?}");
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    std::thread::scope(|scope| {
        for (more, expected) in [
            (&["kafka.properties.sasl.username=nobody"][..], "doesn't take this name and password"),
            (&["kafka.properties.sasl.password=wrong"], "doesn't take this name and password"),
            (&["kafka.properties.security.protocol=PLAINTEXT"], "look at `security.protocol`"),
        ] {
            scope.spawn(move || {
                let said = said(more);
                assert!(said.contains(expected), "{more:?}: {said}");
            });
        }
    });
    let refusal = secured.log_in("projector", "wrong").err().unwrap().to_string();
    assert!(refusal.contains("are incorrect"), "{refusal}");
    let wrong = secured.file("cql.password_file", "stranger", "wrong");
    for (set, expected) in [(&*wrong, "are incorrect"), ("cql.tls=false", "error")] {
        let output = system.command(&["tables", "verify"]).args(["--set", set]).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && said.contains(expected), "{set}: {said}");
    }
}

fn no_password_is_shown(system: &System) {
    let shown = system.parceltrack(&["config", "--explain"]);
    let shown = String::from_utf8(shown.stdout).unwrap();
    assert!(shown.contains("sasl.password=***"), "{shown}");
    let mut logs: Vec<(&str, String)> = ["command-handler", "projector", "command-api", "query-api"]
        .into_iter()
        .chain(["config-service", "discovery-service", "gateway", "console"])
        .map(|role| (role, system.log(role)))
        .collect();
    logs.push(("config --explain", shown));
    for (of, text) in logs {
        assert!(!text.contains("hunter2"), "a password in what {of} says");
    }
}
