//! A Spring Boot service that knows nothing of us. `PT_TEST_SPRING` is its jar (`tests/spring`); without it the test is left out.
//! `make test-spring` builds it and runs this.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use local_stack::ports::free_port;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::{Value, json};

use crate::system::{System, eventually};

/// A JVM that starts beside a build takes its time.
const START: Duration = Duration::from_secs(180);

/// The service, `orders`.
struct Spring {
    process: Child,
    port: u16,
    http: reqwest::blocking::Client,
}

impl Spring {
    fn start(jar: &str, system: &System, key: &str) -> Self {
        let port = free_port().unwrap();
        let (config, discovery) = (system.port_of("config-service"), system.port_of("discovery-service"));
        let mut process = Command::new("java")
            .args(["-Xmx256m", "-XX:TieredStopAtLevel=1", "-jar", jar])
            .args([
                "--spring.application.name=orders".to_owned(),
                "--spring.profiles.active=prod".to_owned(),
                format!("--server.port={port}"),
                "--server.address=127.0.0.1".to_owned(),
                "--server.shutdown=graceful".to_owned(),
                format!("--spring.config.import=configserver:http://127.0.0.1:{config}"),
                "--spring.cloud.config.username=orders".to_owned(),
                format!("--spring.cloud.config.password={key}"),
                format!("--eureka.client.service-url.defaultZone=http://orders:{key}@127.0.0.1:{discovery}/eureka/"),
                "--eureka.client.registry-fetch-interval-seconds=1".to_owned(),
                "--eureka.client.initial-instance-info-replication-interval-seconds=1".to_owned(),
                "--eureka.instance.prefer-ip-address=true".to_owned(),
                "--eureka.instance.ip-address=127.0.0.1".to_owned(),
                "--eureka.instance.lease-renewal-interval-in-seconds=2".to_owned(),
                "--eureka.instance.lease-expiration-duration-in-seconds=6".to_owned(),
            ])
            .stdin(Stdio::null())
            .stdout(Stdio::from(std::fs::File::create(system.path("spring.log")).unwrap()))
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let http = reqwest::blocking::Client::builder().timeout(Duration::from_secs(10)).build().unwrap();
        let begun = Instant::now();
        while http.get(format!("http://127.0.0.1:{port}/sources")).send().is_err() {
            let ended = process.try_wait().unwrap();
            let said = || std::fs::read_to_string(system.path("spring.log")).unwrap_or_default();
            assert!(ended.is_none() && begun.elapsed() < START, "it does not start:\n{}", said());
            std::thread::sleep(Duration::from_millis(500));
        }
        Self { process, port, http }
    }

    fn get(&self, path: &str) -> Value {
        let answer = self.http.get(format!("http://127.0.0.1:{}{path}", self.port)).send().unwrap();
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
        answer.json().unwrap()
    }

    /// Where it finds instances of a service that take requests.
    fn finds(&self, service: &str) -> Vec<String> {
        let found = self.get(&format!("/instances?service={service}"));
        found.as_array().unwrap().iter().map(|uri| uri.as_str().unwrap().to_owned()).collect()
    }

    /// As systems end a service.
    fn stop(&mut self) {
        kill(Pid::from_raw(self.process.id().cast_signed()), Signal::SIGTERM).unwrap();
        self.process.wait().unwrap();
    }
}

impl Drop for Spring {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn a_spring_service_is_configured_registered_and_finds_ours_unchanged() {
    let Ok(jar) = std::env::var("PT_TEST_SPRING") else {
        eprintln!("left out: PT_TEST_SPRING names no jar (`make test-spring` builds it)");
        return;
    };
    let mut system = System::prepare();
    system.ask_who_calls(Vec::new());
    system.run_all();
    for (application, profile, assignment) in [
        ("orders", "prod", "greeting=from prod"),
        ("orders", "default", "greeting=from default"),
        ("orders", "default", "colour=blue"),
        ("application", "default", "colour=red"),
        ("application", "default", "shared=everybody's"),
    ] {
        system.json(&[
            "config",
            "--json",
            "set",
            assignment,
            "--application",
            application,
            "--profile",
            profile,
        ]);
    }
    let secret = ["set", "password=hunter2", "--type", "secret", "--application", "orders"];
    system.json(&[&["config", "--json"][..], &secret].concat());
    let key = system.key(&["--name", "spring", "--role", "operator"]);
    let mut spring = Spring::start(&jar, &system, &key);

    is_configured(&spring);
    is_registered_and_renews(&system, &spring);
    finds_ours(&system, &spring);
    is_taken_out_and_put_back(&system, &spring);
    spring.stop();
    let stopped = Instant::now();
    eventually("it has deregistered", || orders(&system).is_none());
    assert!(stopped.elapsed() < Duration::from_secs(3), "not by itself: {:?}", stopped.elapsed());
}

fn is_configured(spring: &Spring) {
    let seen = spring.get("/properties?name=greeting,colour,shared,password");
    assert_eq!(seen, json!({ "greeting": "from prod", "colour": "blue", "shared": "everybody's" }));
    let sources = spring.get("/sources");
    let ours: Vec<&str> = sources.as_array().unwrap().iter().filter_map(Value::as_str).collect();
    let expected = ["orders/prod", "orders/default", "application/default"];
    assert_eq!(ours, expected.map(|place| format!("configserver:parceltrack:{place}")));
}

fn is_registered_and_renews(system: &System, spring: &Spring) {
    eventually("it is up", || orders(system).is_some_and(|it| it["status"] == "UP"));
    let first = orders(system).unwrap();
    assert_eq!(first["address"], format!("127.0.0.1:{}", spring.port));
    // Longer than its lease, and a look.
    std::thread::sleep(Duration::from_secs(8));
    let later = orders(system).expect("it renews");
    assert_eq!(later["status"], "UP");
    assert_ne!(later["renewed_at"], first["renewed_at"]);
}

fn finds_ours(system: &System, spring: &Spring) {
    let query_api = vec![format!("http://127.0.0.1:{}", system.port_of("query-api"))];
    eventually("it finds the query API", || spring.finds("query-api") == query_api);
    eventually("and itself", || spring.finds("orders") == [format!("http://127.0.0.1:{}", spring.port)]);
}

fn is_taken_out_and_put_back(system: &System, spring: &Spring) {
    let name = orders(system).unwrap()["instance"].as_str().unwrap().to_owned();
    system.json(&["services", "--json", "take-out", "orders", &name, "--reason", "a test"]);
    eventually("nobody is sent to it", || spring.finds("orders").is_empty());
    assert_eq!(orders(system).unwrap()["status"], "OUT_OF_SERVICE");
    // Some of its renewals.
    std::thread::sleep(Duration::from_secs(5));
    assert_eq!(orders(system).unwrap()["status"], "OUT_OF_SERVICE", "its renewals don't undo it");
    system.json(&["services", "--json", "put-back", "orders", &name]);
    eventually("it is found again", || !spring.finds("orders").is_empty());
}

/// As our own tool shows it.
fn orders(system: &System) -> Option<Value> {
    let all = system.json(&["services", "--json"]);
    let services = all["services"].as_array().unwrap();
    let orders = services.iter().find(|service| service["service"] == "orders")?;
    orders["instances"].as_array()?.first().cloned()
}
