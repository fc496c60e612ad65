//! A Prometheus of its own for a test: port, data, the repository's configuration with quicker steps.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};

use local_stack::ports::free_port;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;
use tempfile::TempDir;

use super::INFRA;
use crate::system::eventually;

/// It runs as long as this lives.
pub(super) struct Prometheus {
    child: Child,
    dir: TempDir,
    url: String,
    http: reqwest::blocking::Client,
}

impl Prometheus {
    pub(super) fn is_installed() -> bool {
        Command::new("prometheus").arg("--version").stderr(Stdio::null()).output().is_ok()
    }

    /// It asks this discovery service, with this key.
    pub(super) fn start(discovery: &str, key: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let port = free_port().unwrap();
        let key_file = dir.path().join("key");
        std::fs::write(&key_file, key).unwrap();
        let source = Path::new(INFRA).join("prometheus");
        let configuration = std::fs::read_to_string(source.join("prometheus.yml"))
            .unwrap()
            .replace("http://discovery-service:8761", discovery)
            .replace("/run/secrets/prometheus/key", &key_file.display().to_string())
            .replace("127.0.0.1:9090", &format!("127.0.0.1:{port}"))
            .replace("interval: 15s", "interval: 1s")
            .replace("interval: 5s", "interval: 1s")
            .replace("timeout: 10s", "timeout: 1s");
        std::fs::write(dir.path().join("prometheus.yml"), configuration).unwrap();
        std::fs::create_dir(dir.path().join("rules")).unwrap();
        for entry in std::fs::read_dir(source.join("rules")).unwrap() {
            let entry = entry.unwrap();
            std::fs::copy(entry.path(), dir.path().join("rules").join(entry.file_name())).unwrap();
        }
        let log = std::fs::File::create(dir.path().join("log")).unwrap();
        let child = Command::new("prometheus")
            .args([
                "--config.file=prometheus.yml",
                "--storage.tsdb.path=data",
                "--enable-feature=exemplar-storage",
            ])
            .arg(format!("--web.listen-address=127.0.0.1:{port}"))
            .current_dir(dir.path())
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        let url = format!("http://127.0.0.1:{port}");
        let this = Self { child, dir, url, http: reqwest::blocking::Client::new() };
        eventually("Prometheus is ready", || {
            this.http
                .get(format!("{}/-/ready", this.url))
                .send()
                .is_ok_and(|answer| answer.status().is_success())
        });
        this
    }

    fn ask(&self, path: &str, query: &[(&str, &str)]) -> Value {
        let answer = self.http.get(format!("{}/api/v1/{path}", self.url)).query(query).send().unwrap();
        let answer: Value = answer.json().unwrap();
        assert_eq!(answer["status"], "success", "{path} {query:?}: {answer}");
        answer["data"].clone()
    }

    /// How many series a query has now.
    pub(super) fn instances(&self, query: &str) -> usize {
        self.ask("query", &[("query", query)])["result"].as_array().unwrap().len()
    }

    /// The one number that a query has now.
    pub(super) fn value(&self, query: &str) -> Option<f64> {
        let answer = self.ask("query", &[("query", query)]);
        answer["result"][0]["value"][1].as_str()?.parse().ok()
    }

    /// Whether a panel with this query has something to draw: a number, within the last half minute.
    pub(super) fn shows(&self, query: &str) -> bool {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        let (start, end) = ((now - 30).to_string(), now.to_string());
        let range =
            self.ask("query_range", &[("query", query), ("start", &start), ("end", &end), ("step", "2")]);
        let series = range["result"].as_array().unwrap();
        let values = series.iter().flat_map(|series| series["values"].as_array().unwrap());
        values.filter_map(|pair| pair[1].as_str()?.parse::<f64>().ok()).any(f64::is_finite)
    }

    /// Whether a histogram's buckets have trace ids beside them.
    pub(super) fn has_exemplars(&self, buckets: &str) -> bool {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        let (start, end) = ((now - 120).to_string(), now.to_string());
        let found = self.ask("query_exemplars", &[("query", buckets), ("start", &start), ("end", &end)]);
        let all = found.as_array().unwrap().iter().flat_map(|series| series["exemplars"].as_array().unwrap());
        all.filter_map(|exemplar| exemplar["labels"]["trace_id"].as_str()).any(|id| id.len() == 32)
    }

    /// Every metric that it has seen.
    pub(super) fn names(&self) -> BTreeSet<String> {
        let names = self.ask("label/__name__/values", &[]);
        names.as_array().unwrap().iter().map(|name| name.as_str().unwrap().to_owned()).collect()
    }

    /// Each rule has been evaluated, without an error.
    #[track_caller]
    pub(super) fn rules_are_well(&self) {
        let groups = self.ask("rules", &[]);
        let rules: Vec<&Value> = groups["groups"]
            .as_array()
            .unwrap()
            .iter()
            .flat_map(|group| group["rules"].as_array().unwrap())
            .collect();
        assert!(rules.len() > 30, "{} rules", rules.len());
        for rule in rules {
            assert_eq!(rule["health"], "ok", "{rule}");
        }
    }

    /// The alerts that fire, or will if it goes on, by their labels.
    pub(super) fn active(&self) -> BTreeSet<String> {
        let alerts = self.ask("alerts", &[]);
        let alerts = alerts["alerts"].as_array().unwrap().iter();
        alerts.map(|alert| alert["labels"].to_string()).collect()
    }

    /// The alerts that fire.
    pub(super) fn firing(&self) -> Vec<String> {
        let alerts = self.ask("alerts", &[]);
        let firing = alerts["alerts"].as_array().unwrap().iter().filter(|alert| alert["state"] == "firing");
        firing.map(ToString::to_string).collect()
    }
}

impl Drop for Prometheus {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let log = std::fs::read_to_string(self.dir.path().join("log")).unwrap_or_default();
            let tail: Vec<_> = log.lines().rev().take(10).collect();
            eprintln!("--- Prometheus said last, newest first:\n{}", tail.join("\n"));
        }
        let _ = kill(Pid::from_raw(self.child.id().cast_signed()), Signal::SIGTERM);
        let _ = self.child.wait();
    }
}
