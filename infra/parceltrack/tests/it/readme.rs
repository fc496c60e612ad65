//! The README's own commands, run as they are written.
//!
//! Each ```` ```sh test ```` fence is run, all in one shell, from top to bottom, beside what `make run` starts. A
//! ```` ```text ```` fence behind it is what the README promises: each of its lines must be among what the commands printed,
//! where `…` stands for anything.

use std::path::Path;
use std::process::{Command, Output, Stdio};

use local_stack::Endpoints;
use local_stack::ports::free_port;
use tempfile::TempDir;
use uuid::Uuid;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
const BINARY: &str = env!("CARGO_BIN_EXE_parceltrack");

/// Fences that aren't run, by what they begin with, and why.
const NOT_RUN: &[(&str, &str)] = &[
    ("make run\nmake test", "what is tested here is what the one starts, and this test is part of the other"),
    ("python3 -m venv", "fetches packages; `make test` has done so, where they can be had"),
    (
        "export PARCELTRACK_KAFKA=",
        "names services that are somebody else's; this system runs by the same variables",
    ),
    ("parceltrack apply ", "stays; the other tests start each role so"),
    ("make torture", "takes a quarter of an hour, and a stack of three brokers of its own"),
    (
        "docker compose up",
        "needs a container engine; the local stack's tests hold the file against our settings",
    ),
];

/// What marks the beginning of a fence's output.
const MARK: &str = "@@@ fence ";

#[test]
fn the_commands_of_the_readme_do_what_it_says() {
    let readme = std::fs::read_to_string(Path::new(ROOT).join("README.md")).unwrap();
    let examples = examples(&readme);
    assert!(examples.len() > 10, "the README has examples: {}", examples.len());

    let system = MakeRun::start();
    let mut script = "set -euo pipefail\nexec 2>&1\n".to_owned();
    let mut left_out = Vec::new();
    for (n, example) in examples.iter().enumerate() {
        match system.here(&example.commands) {
            Some(commands) => script.extend(["echo; echo '", MARK, &n.to_string(), "'\n", &commands]),
            None => left_out.push(n),
        }
    }
    let output = system.bash(&script);
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{}\n{text}", output.status);

    for (n, example) in examples.iter().enumerate().filter(|(n, _)| !left_out.contains(n)) {
        let printed = text.split(MARK).find_map(|part| part.strip_prefix(&format!("{n}\n"))).unwrap();
        for promised in example.promised.lines() {
            let promised = system.topics_here(promised);
            let kept = printed.lines().any(|line| is_like(line, &promised));
            assert!(kept, "`{promised}` is not printed by\n{}\nbut\n{printed}", example.commands);
        }
    }
}

#[test]
fn a_fence_that_is_not_run_has_a_reason() {
    let readme = std::fs::read_to_string(Path::new(ROOT).join("README.md")).unwrap();
    let fences = fences(&readme);
    let plain: Vec<_> = fences.iter().filter(|(info, _)| info == "sh").collect();
    for (_, commands) in &plain {
        let reason = NOT_RUN.iter().find(|(beginning, _)| commands.starts_with(beginning));
        assert!(reason.is_some(), "neither run (```sh test) nor in NOT_RUN:\n{commands}");
    }
    assert_eq!(plain.len(), NOT_RUN.len(), "a reason for what isn't there");
}

struct Example {
    commands: String,
    promised: String,
}

fn examples(markdown: &str) -> Vec<Example> {
    let fences = fences(markdown);
    let promised_by = |n: usize| fences.get(n + 1).filter(|(info, _)| info == "text");
    let tested = fences.iter().enumerate().filter(|(_, (info, _))| info == "sh test");
    tested
        .map(|(n, (_, commands))| Example {
            commands: commands.clone(),
            promised: promised_by(n).map(|(_, text)| text.clone()).unwrap_or_default(),
        })
        .collect()
}

/// Info string and content of every fence.
fn fences(markdown: &str) -> Vec<(String, String)> {
    let mut fences: Vec<(String, String)> = Vec::new();
    let mut open = false;
    for line in markdown.lines() {
        match (line.strip_prefix("```"), open) {
            (Some(info), false) => fences.push((info.to_owned(), String::new())),
            (Some(_), true) => {}
            (None, true) => fences.last_mut().unwrap().1.extend([line, "\n"]),
            (None, false) => continue,
        }
        open ^= line.starts_with("```");
    }
    fences
}

/// Whether the parts between `…` are in the line, one after the other.
fn is_like(line: &str, promised: &str) -> bool {
    let mut rest = line;
    promised.split('…').map(str::trim).all(|part| match rest.split_once(part) {
        Some((_, after)) => {
            rest = after;
            true
        }
        None => false,
    })
}

/// What `make run` starts once all is built, on ports and topics of its own.
struct MakeRun {
    dir: TempDir,
    prefix: String,
    endpoints: Endpoints,
    ports: [u16; 9],
}

impl MakeRun {
    fn start() -> Self {
        let endpoints = Endpoints::from_env();
        assert_eq!(endpoints.env().len(), 3, "this test needs real services: run `make test`");
        let prefix = format!("readme-{}", &Uuid::new_v4().simple().to_string()[..12]);
        let ports = std::array::from_fn(|_| free_port().unwrap());
        let system = Self { dir: tempfile::tempdir().unwrap(), prefix, endpoints, ports };
        let up = system.command(BINARY).args(["up", "--sample", "--detach"]).output().unwrap();
        let said = String::from_utf8_lossy(&up.stdout);
        assert!(up.status.success(), "{said}{}", String::from_utf8_lossy(&up.stderr));
        assert!(
            said.contains("ParcelTrack runs") && said.contains("parceltrack track 738488882438"),
            "{said}"
        );
        system
    }

    fn command(&self, program: &str) -> Command {
        let [command_api, query_api, handler, projector, config, discovery, gateway, gateway_ops, console] =
            self.ports.map(|port| format!("127.0.0.1:{port}"));
        let mut command = Command::new(program);
        command
            .current_dir(ROOT)
            .envs(self.endpoints.env())
            .env("PARCELTRACK_LOCAL_STACK_DIR", self.dir.path().join("local"))
            .env("PARCELTRACK_LOCAL_STACK_PROMETHEUS_PORT", "0")
            .env("PARCELTRACK_KAFKA_TOPIC_PREFIX", &self.prefix)
            .env("PARCELTRACK_CQL_KEYSPACE", self.prefix.replace('-', "_"))
            .env("PARCELTRACK_COMMAND_API_LISTEN", command_api)
            .env("PARCELTRACK_QUERY_API_LISTEN", query_api)
            .env("PARCELTRACK_COMMAND_HANDLER_OPS_LISTEN", handler)
            .env("PARCELTRACK_PROJECTOR_OPS_LISTEN", projector)
            .env("PARCELTRACK_CONFIG_SERVICE_LISTEN", config)
            .env("PARCELTRACK_DISCOVERY_SERVICE_LISTEN", discovery)
            .env("PARCELTRACK_GATEWAY_LISTEN", gateway)
            .env("PARCELTRACK_GATEWAY_OPS_LISTEN", gateway_ops)
            .env("PARCELTRACK_CONSOLE_LISTEN", console);
        command
    }

    /// A fence's commands at this system's addresses; nothing if they can't be run here.
    fn here(&self, commands: &str) -> Option<String> {
        let python = std::env::var("PT_TEST_PYTHON");
        if commands.contains(".local/python") && python.is_err() {
            eprintln!("PT_TEST_PYTHON is not set: the Python example is left out");
            return None;
        }
        let bin = Path::new(BINARY).parent().unwrap().display().to_string();
        let events = format!("--topic {}.shipment.events.v1", self.prefix);
        let commands = commands
            .replace("$PWD/target/release", &bin)
            .replace("/tmp/", &format!("{}/", self.dir.path().display()))
            .replace(".local/python/bin/python", &python.unwrap_or_default())
            .replace(".local/secrets/", &format!("{}/local/secrets/", self.dir.path().display()))
            .replace("127.0.0.1:8080", &format!("127.0.0.1:{}", self.ports[6]))
            .replace("127.0.0.1:9999", &format!("127.0.0.1:{}", self.ports[4]))
            .replace("127.0.0.1:8761", &format!("127.0.0.1:{}", self.ports[5]))
            .replace("127.0.0.1:9092", self.endpoints.kafka.as_deref().unwrap())
            // The examples' own default is the default prefix's topic.
            .replace("decode.py --", &format!("decode.py {events} --"))
            .replace("replayer |", &format!("replayer {events} |"));
        Some(self.topics_here(&commands))
    }

    fn topics_here(&self, text: &str) -> String {
        ["commands.v1", "events.v1"].iter().fold(text.to_owned(), |text, topic| {
            let (written, here) =
                (format!("parceltrack.shipment.{topic}"), format!("{}.shipment.{topic}", self.prefix));
            text.replace(&written, &here)
        })
    }

    fn bash(&self, script: &str) -> Output {
        let file = self.dir.path().join("readme.sh");
        std::fs::write(&file, script).unwrap();
        self.command("bash").arg(file).stdin(Stdio::null()).output().unwrap()
    }
}

impl Drop for MakeRun {
    fn drop(&mut self) {
        let down = self.command(BINARY).arg("down").output();
        if std::thread::panicking() {
            let log = std::fs::read_to_string(self.dir.path().join("local/log/up.log")).unwrap_or_default();
            eprintln!("{down:?}\n--- the supervisor said:\n{log}");
        }
    }
}
