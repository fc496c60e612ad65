//! A system of its own for a test: topics, keyspace, ports and state that no other test has.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use event_log::{Headers, Kafka, Outgoing, Producer, ProducerSettings};
use local_stack::Endpoints;
use local_stack::ports::free_port;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use serde_json::Value;
use tempfile::TempDir;
use testkit::Installation;

/// How long a role may take to become ready; builds may run beside the tests.
const READY: Duration = Duration::from_mins(1);

/// The roles, and how to reach them.
pub(crate) struct System {
    pub(crate) prefix: String,
    pub(crate) endpoints: Endpoints,
    client: Client,
    dir: TempDir,
    settings: Vec<String>,
    /// What tools are given besides.
    of_tools: Vec<String>,
    roles: Vec<Role>,
}

/// One who uses the two APIs.
#[derive(Clone)]
pub(crate) struct Client {
    pub(crate) http: reqwest::blocking::Client,
    command_port: u16,
    query_port: u16,
    gateway_port: u16,
}

impl Client {
    /// An address at the gateway.
    pub(crate) fn at_gateway(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.gateway_port)
    }

    /// An address at the query API itself.
    pub(crate) fn at_query_api(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.query_port)
    }
}

impl std::ops::Deref for System {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

fn client(headers: HeaderMap) -> reqwest::blocking::Client {
    let client = reqwest::blocking::Client::builder().timeout(Duration::from_secs(40));
    client.default_headers(headers).build().unwrap()
}

/// Waits until it holds, at most 20 s.
#[track_caller]
pub(crate) fn eventually(what: &str, holds: impl Fn() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < Duration::from_secs(20), "never: {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// One role's process.
pub(crate) struct Role {
    name: String,
    ops: u16,
    args: Vec<String>,
    child: Option<Child>,
}

impl System {
    /// All roles, running.
    pub(crate) fn start() -> Self {
        let mut system = Self::prepare();
        system.run_all();
        system
    }

    /// Topics, schemas and tables, and nothing running yet.
    pub(crate) fn prepare() -> Self {
        let endpoints = Endpoints::from_env();
        assert_eq!(
            endpoints.env().len(),
            3,
            "these tests need real services: run `make test`, or set PARCELTRACK_KAFKA, PARCELTRACK_CQL and PARCELTRACK_REGISTRY"
        );
        Self::at(endpoints)
    }

    /// The same at other endpoints.
    pub(crate) fn at(endpoints: Endpoints) -> Self {
        Self::of_users(endpoints, |_| Vec::new())
    }

    /// The same where each role, and whoever uses the tools (`operator`), has settings of its own; and so has `admin`, who
    /// says first what the others may.
    pub(crate) fn of_users(endpoints: Endpoints, settings_of: impl Fn(&str) -> Vec<String>) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let installation = Installation::new(dir.path()).unwrap();
        let prefix = installation.prefix.clone();
        let (command_port, query_port) = (free_port().unwrap(), free_port().unwrap());
        let (config_port, discovery_port) = (free_port().unwrap(), free_port().unwrap());
        let (gateway_port, console_port) = (free_port().unwrap(), free_port().unwrap());
        let mut settings = installation.settings();
        settings.extend([
            format!("command_handler.state_dir={}", dir.path().join("state").display()),
            format!("command_handler.instance={prefix}"),
            format!("projector.instance={prefix}"),
            format!("command_api.listen=127.0.0.1:{command_port}"),
            format!("query_api.listen=127.0.0.1:{query_port}"),
            format!("config_service.listen=127.0.0.1:{config_port}"),
            format!("discovery_service.listen=127.0.0.1:{discovery_port}"),
            format!("gateway.listen=127.0.0.1:{gateway_port}"),
            format!("console.listen=127.0.0.1:{console_port}"),
            format!("command_api.query_url=http://127.0.0.1:{gateway_port}"),
        ]);
        let client = Client { http: client(HeaderMap::new()), command_port, query_port, gateway_port };
        let of_tools = settings_of("admin");
        let mut system = Self { prefix, endpoints, client, dir, settings, of_tools, roles: Vec::new() };
        if !system.of_tools.is_empty() {
            let given = system.parceltrack(&["acls", "--apply"]);
            assert!(given.status.success(), "{}", String::from_utf8_lossy(&given.stderr));
            system.of_tools = settings_of("operator");
        }
        let applied = system.parceltrack(&["apply"]);
        assert!(applied.status.success(), "{}", String::from_utf8_lossy(&applied.stderr));
        for (name, ops) in [
            ("command-handler", free_port().unwrap()),
            ("projector", free_port().unwrap()),
            ("command-api", command_port),
            ("query-api", query_port),
            ("config-service", config_port),
            ("discovery-service", discovery_port),
            ("gateway", free_port().unwrap()),
            ("console", console_port),
        ] {
            let listen = format!("{}.ops_listen=127.0.0.1:{ops}", name.replace('-', "_"));
            let mut settings = settings_of(name);
            if !(name.ends_with("-api") || name.ends_with("-service") || name == "console") {
                settings.push(listen);
            }
            let args = settings.into_iter().flat_map(|setting| ["--set".to_owned(), setting]).collect();
            system.roles.push(Role { name: name.to_owned(), ops, args, child: None });
        }
        system
    }

    /// From now on credentials are asked for, and both the client and the tools have an admin's. These settings are those of
    /// whoever makes keys.
    pub(crate) fn ask_who_calls(&mut self, settings: Vec<String>) {
        self.settings.retain(|setting| setting != "auth.required=false");
        let of_tools = std::mem::replace(&mut self.of_tools, settings);
        let key = self.key(&["--name", "tests", "--role", "admin"]);
        self.of_tools = of_tools;
        let file = self.dir.path().join("admin-key");
        std::fs::write(&file, &key).unwrap();
        self.settings.push(format!("client.key_file={}", file.display()));
        let bearer = HeaderValue::try_from(format!("Bearer {key}")).unwrap();
        let headers = HeaderMap::from_iter([(AUTHORIZATION, bearer)]);
        self.client.http = client(headers);
    }

    /// Makes an API key.
    pub(crate) fn key(&self, spec: &[&str]) -> String {
        let made = self.json(&[&["keys", "create", "--json"], spec].concat());
        made["key"].as_str().unwrap().to_owned()
    }

    /// For threads.
    pub(crate) fn client(&self) -> Client {
        self.client.clone()
    }

    pub(crate) fn run_all(&mut self) {
        for n in 0..self.roles.len() {
            self.spawn(n);
        }
        for n in 0..self.roles.len() {
            self.wait_ready(n);
        }
    }

    /// A role's process is killed with SIGKILL: nothing is said, nothing is flushed.
    pub(crate) fn kill(&mut self, name: &str) {
        let role = self.role(name);
        let mut child = self.roles[role].child.take().expect("it runs");
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// A role is asked to end, and does.
    pub(crate) fn stop(&mut self, name: &str) {
        let role = self.role(name);
        let mut child = self.roles[role].child.take().expect("it runs");
        kill(Pid::from_raw(child.id().cast_signed()), Signal::SIGTERM).unwrap();
        assert!(child.wait().unwrap().success(), "{}", self.log(name));
    }

    /// Starts a role with more arguments, which go over those it had; without waiting.
    pub(crate) fn spawn_role_with(&mut self, name: &str, args: &[&str]) {
        let role = self.role(name);
        self.roles[role].args.extend(args.iter().map(|arg| (*arg).to_owned()));
        self.spawn(role);
    }

    /// The port of a role that is asked over HTTP.
    pub(crate) fn port_of(&self, name: &str) -> u16 {
        self.roles[self.role(name)].ops
    }

    /// A file of this system's own.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// What the discovery service shows there.
    pub(crate) fn discovery_get(&self, path: &str) -> Value {
        self.http.get(format!("{}{path}", self.discovery_url())).send().unwrap().json().unwrap()
    }

    /// Where the discovery service is.
    pub(crate) fn discovery_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.roles[self.role("discovery-service")].ops)
    }

    /// Every role, in the order in which they are started.
    pub(crate) fn role_names(&self) -> Vec<String> {
        self.roles.iter().map(|role| role.name.clone()).collect()
    }

    /// What a role's metric without labels is now; -1 when it has none, or doesn't answer.
    pub(crate) fn metric(&self, role: &str, name: &str) -> f64 {
        let url = format!("http://127.0.0.1:{}/metrics", self.roles[self.role(role)].ops);
        let text = self.http.get(url).send().and_then(reqwest::blocking::Response::text).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        line.and_then(|value| value.parse().ok()).unwrap_or(-1.0)
    }

    /// One more setting, for whatever is started from now on.
    pub(crate) fn set(&mut self, setting: &str) {
        self.settings.push(setting.to_owned());
    }

    /// What a role says there, where its health is.
    pub(crate) fn ops(&self, role: &str, path: &str) -> Value {
        let url = format!("http://127.0.0.1:{}{path}", self.roles[self.role(role)].ops);
        self.http.get(url).send().unwrap().json().unwrap()
    }

    /// A role's metrics, with their type, for who accepts this.
    pub(crate) fn scrape(&self, role: &str, accept: &str) -> (String, String) {
        let url = format!("http://127.0.0.1:{}/metrics", self.roles[self.role(role)].ops);
        let answer = self.http.get(url).header("accept", accept).send().unwrap();
        let kind = answer.headers()["content-type"].to_str().unwrap().to_owned();
        (kind, answer.text().unwrap())
    }

    /// Puts a record into the commands topic that nobody can read.
    pub(crate) fn park_something(&self, key: &str) {
        let kafka = Kafka::at(self.endpoints.kafka.clone().unwrap());
        let producer = Producer::new(&kafka, &ProducerSettings::default()).unwrap();
        let record = Outgoing {
            topic: self.topic("shipment.commands.v1").into(),
            partition: 0,
            key: Some(key.to_owned().into()),
            value: Some("no command".into()),
            headers: Headers::new(),
            timestamp: None,
        };
        drop(producer.send(&record).unwrap());
        producer.flush(Duration::from_secs(10)).unwrap();
    }

    /// Starts a role without waiting.
    pub(crate) fn spawn_role(&mut self, name: &str) {
        let role = self.role(name);
        self.spawn(role);
    }

    pub(crate) fn is_ready(&self, name: &str) -> bool {
        let url = format!("http://127.0.0.1:{}/readyz", self.roles[self.role(name)].ops);
        self.http.get(url).send().is_ok_and(|answer| answer.status().is_success())
    }

    /// Runs a command of the binary to its end.
    pub(crate) fn parceltrack(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    /// The same, and its standard output as JSON; it must succeed.
    pub(crate) fn json(&self, args: &[&str]) -> Value {
        let output = self.parceltrack(args);
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// A command of the binary, not yet running.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = self.bare_command(args);
        for set in &self.of_tools {
            command.args(["--set", set]);
        }
        command
    }

    fn bare_command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_parceltrack"));
        command.args(args).envs(self.endpoints.env()).current_dir(self.dir.path());
        for set in &self.settings {
            command.args(["--set", set]);
        }
        command
    }

    /// Each process reads it as it starts.
    pub(crate) fn phone_key_file(&self) -> &Path {
        let file = self.settings.iter().find_map(|set| set.strip_prefix("query_api.phone_hash_key_file="));
        Path::new(file.expect("each installation has one"))
    }

    /// Every event in the log, as JSON, by partition and offset: the order in which partitions are read is nobody's promise.
    pub(crate) fn events(&self) -> Vec<Value> {
        let output = self.parceltrack(&["tail", "--from", "earliest", "--no-follow", "--json"]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8(output.stdout).unwrap();
        let mut events: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        events.sort_by_key(|line| (line["partition"].as_i64(), line["offset"].as_i64()));
        events
    }

    pub(crate) fn keyspace(&self) -> &str {
        let set = self.settings.iter().find_map(|set| set.strip_prefix("cql.keyspace="));
        set.expect("each installation has one")
    }

    pub(crate) fn topic(&self, rest: &str) -> String {
        format!("{}.{rest}", self.prefix)
    }

    /// What a role has said so far.
    pub(crate) fn log(&self, name: &str) -> String {
        std::fs::read_to_string(self.log_path(name)).unwrap_or_default()
    }

    fn log_path(&self, name: &str) -> PathBuf {
        self.dir.path().join(format!("{name}.log"))
    }

    fn role(&self, name: &str) -> usize {
        self.roles.iter().position(|role| role.name == name).expect("a role of this name")
    }

    fn spawn(&mut self, role: usize) {
        let (name, args) = (self.roles[role].name.clone(), self.roles[role].args.clone());
        let log = std::fs::OpenOptions::new().create(true).append(true).open(self.log_path(&name)).unwrap();
        let mut command = self.bare_command(&["run", &name]);
        command.args(args).stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log);
        self.roles[role].child = Some(command.spawn().unwrap());
    }

    fn wait_ready(&mut self, role: usize) {
        let deadline = Instant::now() + READY;
        let name = self.roles[role].name.clone();
        while !self.is_ready(&name) {
            let ended = self.roles[role].child.as_mut().unwrap().try_wait().unwrap();
            assert!(ended.is_none() && Instant::now() < deadline, "{name} isn't ready:\n{}", self.log(&name));
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Client {
    pub(crate) fn post(&self, path: &str, key: &str, body: &Value) -> (u16, Value) {
        let url = format!("http://127.0.0.1:{}{path}", self.command_port);
        let answer = self.http.post(url).header("idempotency-key", key).json(body).send().unwrap();
        (answer.status().as_u16(), answer.json().unwrap_or_default())
    }

    /// The same, for as long as it takes to be answered with other than 202 and 503: what a good client does.
    pub(crate) fn post_until_answered(&self, path: &str, key: &str, body: &Value) -> (u16, Value) {
        let deadline = Instant::now() + Duration::from_secs(90);
        loop {
            let url = format!("http://127.0.0.1:{}{path}", self.command_port);
            if let Ok(answer) = self.http.post(url).header("idempotency-key", key).json(body).send() {
                let status = answer.status().as_u16();
                if status != 202 && status != 503 {
                    return (status, answer.json().unwrap());
                }
            }
            assert!(Instant::now() < deadline, "no answer to {key} in 90 s");
            std::thread::sleep(Duration::from_millis(200));
        }
    }

    pub(crate) fn get(&self, path: &str) -> (u16, Value) {
        let url = format!("http://127.0.0.1:{}{path}", self.query_port);
        let answer = self.http.get(url).send().unwrap();
        (answer.status().as_u16(), answer.json().unwrap_or_default())
    }

    /// Reads until the answer is as wanted.
    pub(crate) fn get_until(&self, path: &str, wanted: impl Fn(u16, &Value) -> bool) -> Value {
        let deadline = Instant::now() + Duration::from_mins(1);
        loop {
            let (status, body) = self.get(path);
            if wanted(status, &body) {
                return body;
            }
            assert!(Instant::now() < deadline, "{path} still answers {status} {body}");
            std::thread::sleep(Duration::from_millis(100));
        }
    }
}

impl Drop for System {
    fn drop(&mut self) {
        for child in self.roles.iter_mut().filter_map(|role| role.child.as_mut()) {
            let _ = kill(Pid::from_raw(child.id().cast_signed()), Signal::SIGTERM);
        }
        let deadline = Instant::now() + Duration::from_secs(10);
        for role in &mut self.roles {
            let Some(child) = role.child.as_mut() else { continue };
            while child.try_wait().is_ok_and(|ended| ended.is_none()) && Instant::now() < deadline {
                std::thread::sleep(Duration::from_millis(20));
            }
            let _ = child.kill();
            let _ = child.wait();
            if std::thread::panicking() {
                let log = std::fs::read_to_string(self.dir.path().join(format!("{}.log", role.name)));
                let log = log.unwrap_or_default();
                let tail: Vec<_> = log.lines().rev().take(15).collect();
                eprintln!("--- {} said last, newest first:\n{}", role.name, tail.join("\n"));
            }
        }
    }
}
