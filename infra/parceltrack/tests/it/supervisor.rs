//! `up --detach` and what looks after it: a role that dies comes back, a taken port is named, `down` ends all.

use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use local_stack::Endpoints;
use local_stack::ports::free_port;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;
use tempfile::TempDir;
use uuid::Uuid;

const BINARY: &str = env!("CARGO_BIN_EXE_parceltrack");
const PATIENCE: Duration = Duration::from_secs(60);

#[test]
fn a_role_that_dies_comes_back_and_down_ends_all() {
    let system = System::new();
    let up = system.run(&["up", "--detach"]);
    assert!(up.status.success() && said(&up).contains("ParcelTrack runs"), "{}", said(&up));
    let before = system.status();
    assert_eq!((&before["ready"], names(&before).len()), (&Value::Bool(true), 8), "{before}");

    let victim = pid(&before, "query-api");
    kill(victim, Signal::SIGKILL).unwrap();
    let back = |now: &Value| {
        let role = role(now, "query-api");
        role["restarts"] == 1 && role["health"]["state"] == "ready" && pid(now, "query-api") != victim
    };
    let since = Instant::now();
    let after = loop {
        let now = system.status();
        if now["running"] == true && role(&now, "query-api")["pid"].is_u64() && back(&now) {
            break now;
        }
        assert!(since.elapsed() < PATIENCE, "{now}");
        std::thread::sleep(Duration::from_millis(200));
    };
    for other in ["command-handler", "projector", "command-api"] {
        assert_eq!(pid(&after, other), pid(&before, other), "{other} went on");
    }
    let log = std::fs::read_to_string(system.data().join("log/up.log")).unwrap();
    let line =
        log.lines().find(|line| line.starts_with("query-api ended (")).unwrap_or_else(|| panic!("{log}"));
    assert!(line.contains("starting it again in 0.5 s") && line.contains("query-api.log"), "{line}");

    let second = system.run(&["up", "--detach"]);
    assert!(said(&second).contains("is in use: supervisor"), "{}", said(&second));
    assert!(said(&second).contains("command-handler"), "it says what runs: {}", said(&second));

    let down = system.run(&["down"]);
    assert!(down.status.success() && said(&down).contains("stopped after"), "{}", said(&down));
    for name in names(&after) {
        assert!(kill(pid(&after, name), None).is_err(), "{name} still runs");
    }
    assert_eq!(system.status()["running"], false);
}

#[test]
fn a_port_that_is_taken_is_named_with_the_way_out() {
    let system = System::new();
    let taken = TcpListener::bind(("127.0.0.1", system.ports[1])).unwrap();
    let up = system.run(&["up", "--detach"]);
    assert!(!up.status.success());
    let said = said(&up);
    assert!(said.contains(&format!("port {} is taken by", system.ports[1])), "{said}");
    assert!(said.contains("--set query_api.listen=…"), "{said}");
    assert_eq!(system.status()["running"], false);
    drop(taken);
}

#[test]
fn three_brokers_keep_three_copies() {
    let mut system = System::new();
    system.endpoints.kafka = None;
    // In a row, and each given out to nobody else.
    let three = || [free_port().unwrap(), free_port().unwrap(), free_port().unwrap()];
    let port = std::iter::repeat_with(three).find(|[a, b, c]| (a + 1, b + 1) == (*b, *c)).unwrap()[0];
    system.more = vec![
        ("PARCELTRACK_LOCAL_STACK_BROKERS", "3".to_owned()),
        ("PARCELTRACK_LOCAL_STACK_KAFKA_PORT", port.to_string()),
    ];
    let up = system.run(&["up", "--detach"]);
    assert!(up.status.success() && said(&up).contains("ParcelTrack runs"), "{}", said(&up));
    let status = system.status();
    assert!(names(&status).contains(&"kafka-3"), "{status}");
    let verified = system.run(&["topics", "verify"]);
    assert!(verified.status.success(), "{}", said(&verified));
    let topics = system.run(&["topics", "verify", "--set", "kafka.replication=1"]);
    assert!(said(&topics).contains("replication"), "they have more than one: {}", said(&topics));
}

#[test]
fn prometheus_is_one_of_them_where_it_is_installed() {
    if Command::new("prometheus").arg("--version").output().is_err() {
        eprintln!("NOT TESTED: no prometheus; `infra/scripts/prerequisites.sh test` installs it");
        return;
    }
    let mut system = System::new();
    let port = free_port().unwrap();
    system.more = vec![("PARCELTRACK_LOCAL_STACK_PROMETHEUS_PORT", port.to_string())];
    let up = system.run(&["up", "--detach"]);
    assert!(said(&up).contains(&format!("prometheus  http://127.0.0.1:{port}")), "{}", said(&up));

    let key = system.data().join("secrets/prometheus-key");
    assert_eq!(std::fs::metadata(key).unwrap().permissions().mode() & 0o777, 0o600);
    let since = Instant::now();
    loop {
        let now = system.status();
        let targets = reqwest::blocking::get(format!("http://127.0.0.1:{port}/api/v1/targets?state=active"));
        let targets: Value = targets.and_then(reqwest::blocking::Response::json).unwrap_or_default();
        let all = targets["data"]["activeTargets"].as_array().cloned().unwrap_or_default();
        let well = all.iter().filter(|target| target["health"] == "up").count();
        if role(&now, "prometheus")["health"]["state"] == "ready" && well == names(&now).len() {
            break;
        }
        assert!(since.elapsed() < PATIENCE, "{now}\n{targets:#}");
        std::thread::sleep(Duration::from_millis(500));
    }

    let prometheus = pid(&system.status(), "prometheus");
    let down = system.run(&["down"]);
    assert!(down.status.success(), "{}", said(&down));
    assert!(kill(prometheus, None).is_err(), "it still runs");
}

#[test]
fn prometheus_without_a_port_of_its_own_keeps_nothing_from_running() {
    if Command::new("prometheus").arg("--version").output().is_err() {
        return;
    }
    let mut system = System::new();
    let taken = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = taken.local_addr().unwrap().port();
    system.more = vec![("PARCELTRACK_LOCAL_STACK_PROMETHEUS_PORT", port.to_string())];
    let up = system.run(&["up", "--detach"]);
    assert!(
        up.status.success() && said(&up).contains(&format!("not started: port {port} is taken by")),
        "{}",
        said(&up)
    );
    assert!(!names(&system.status()).contains(&"prometheus"));
}

/// A data folder, ports and topics of its own, on the given services. Each of these is named in another way.
struct System {
    dir: TempDir,
    prefix: String,
    endpoints: Endpoints,
    ports: [u16; 9],
    more: Vec<(&'static str, String)>,
}

impl System {
    fn new() -> Self {
        let endpoints = Endpoints::from_env();
        assert_eq!(endpoints.env().len(), 3, "this test needs real services: run `make test`");
        let prefix = format!("up-{}", &Uuid::new_v4().simple().to_string()[..12]);
        let ports = std::array::from_fn(|_| free_port().unwrap());
        let dir = tempfile::tempdir().unwrap();
        let nodes: Vec<_> = endpoints.cql.iter().flat_map(|cql| cql.split(',')).collect();
        std::fs::write(dir.path().join("parceltrack.toml"), format!("cql.nodes = {nodes:?}\n")).unwrap();
        Self { dir, prefix, endpoints, ports, more: Vec::new() }
    }

    fn data(&self) -> std::path::PathBuf {
        Path::new(self.dir.path()).join("local")
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let [command_api, query_api, handler, projector, config, discovery, console, gateway, gateway_ops] =
            self.ports.map(|port| format!("127.0.0.1:{port}"));
        let mut command = Command::new(BINARY);
        for name in ["PARCELTRACK_KAFKA", "PARCELTRACK_CQL", "PARCELTRACK_REGISTRY"] {
            command.env_remove(name);
        }
        if let Some(kafka) = &self.endpoints.kafka {
            command.env("PARCELTRACK_KAFKA_BOOTSTRAP", kafka);
        }
        let registry = self.endpoints.registry.clone().unwrap();
        command
            .args(arguments)
            .args(["--set".to_owned(), format!("registry.url={registry}")])
            .current_dir(self.dir.path())
            .env("PARCELTRACK_LOCAL_STACK_DIR", self.data())
            .env("PARCELTRACK_LOCAL_STACK_PROMETHEUS_PORT", "0")
            .envs(self.more.clone())
            .env("PARCELTRACK_KAFKA_TOPIC_PREFIX", &self.prefix)
            .env("PARCELTRACK_KAFKA_PARTITIONS", "2")
            .env("PARCELTRACK_CQL_KEYSPACE", self.prefix.replace('-', "_"))
            .env("PARCELTRACK_COMMAND_API_LISTEN", command_api)
            .env("PARCELTRACK_COMMAND_API_QUERY_URL", format!("http://{query_api}"))
            .env("PARCELTRACK_QUERY_API_LISTEN", query_api)
            .env("PARCELTRACK_COMMAND_HANDLER_OPS_LISTEN", handler)
            .env("PARCELTRACK_PROJECTOR_OPS_LISTEN", projector)
            .env("PARCELTRACK_CONFIG_SERVICE_LISTEN", config)
            .env("PARCELTRACK_DISCOVERY_SERVICE_LISTEN", discovery)
            .env("PARCELTRACK_CONSOLE_LISTEN", console)
            .env("PARCELTRACK_GATEWAY_LISTEN", gateway)
            .env("PARCELTRACK_GATEWAY_OPS_LISTEN", gateway_ops)
            .output()
            .unwrap()
    }

    /// It fails while something isn't well, but always says how all are.
    fn status(&self) -> Value {
        let output = self.run(&["status", "--json"]);
        serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", said(&output)))
    }
}

impl Drop for System {
    fn drop(&mut self) {
        let down = self.run(&["down"]);
        if std::thread::panicking() {
            let log = std::fs::read_to_string(self.data().join("log/up.log")).unwrap_or_default();
            eprintln!("{down:?}\n--- the supervisor said:\n{log}");
        }
    }
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn names(status: &Value) -> Vec<&str> {
    status["processes"].as_array().unwrap().iter().map(|role| role["name"].as_str().unwrap()).collect()
}

fn role<'a>(status: &'a Value, name: &str) -> &'a Value {
    status["processes"].as_array().unwrap().iter().find(|role| role["name"] == name).unwrap()
}

fn pid(status: &Value, name: &str) -> Pid {
    Pid::from_raw(i32::try_from(role(status, name)["pid"].as_i64().unwrap()).unwrap())
}
