//! A config topic of a test's own.

use std::time::Duration;

use audit::AuditRecord;
use event_log::{Admin, Kafka, Topics};
use live_config::{ConfigLog, Edit, Key, Kind, Setting, Writer};
use settings::{Settings, Sources};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use tokio_util::sync::DropGuard;

/// How long anything may take before a test gives up.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) struct World {
    pub(crate) sources: Sources,
    pub(crate) topics: Topics,
    pub(crate) kafka: Kafka,
    _dir: TempDir,
    stop: CancellationToken,
    _stop: DropGuard,
}

impl World {
    pub(crate) async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let bootstrap = std::env::var("PARCELTRACK_KAFKA").unwrap_or_else(|_| "127.0.0.1:9092".to_owned());
        let installation = testkit::Installation::new(dir.path()).unwrap();
        let own = [format!("kafka.bootstrap={bootstrap}"), "config.patience_ms=20000".to_owned()];
        let sources = installation.settings().into_iter().chain(own).fold(Sources::none(), Sources::set);
        let settings = Settings::load(&sources).unwrap();
        let kafka = Kafka::of_settings(&settings.kafka, "test").unwrap();
        let topics = Topics::of_settings(&settings.kafka);
        let mut specs = topics.specs();
        specs.retain(|spec| spec.name == topics.config || spec.name == topics.audit);
        Admin::new(&kafka, PATIENCE).unwrap().apply(&specs, false).await.unwrap();
        let stop = CancellationToken::new();
        let guard = stop.clone().drop_guard();
        Self { sources, topics, kafka, _dir: dir, stop, _stop: guard }
    }

    pub(crate) fn writer(&self) -> Writer {
        Writer::new(self.kafka.clone(), self.topics.clone())
    }

    pub(crate) fn log(&self) -> ConfigLog {
        ConfigLog::follow(self.kafka.clone(), self.topics.config.clone(), self.stop.clone())
    }

    /// What the audit topic has.
    pub(crate) fn audited(&self) -> Vec<AuditRecord> {
        let values = testkit::committed_values(&self.kafka, &self.topics.audit);
        values.iter().map(|value| serde_json::from_slice(value).unwrap()).collect()
    }

    /// A token that ends with the test.
    pub(crate) fn stop(&self) -> CancellationToken {
        self.stop.clone()
    }

    /// Sets an entry, or deletes it.
    pub(crate) async fn set(&self, key: &str, value: Option<&str>) -> u64 {
        let edit = edit(key, value);
        self.writer().write("test", move |_| Ok::<_, ()>(vec![edit.clone()])).await.unwrap().version()
    }
}

pub(crate) fn edit(key: &str, value: Option<&str>) -> Edit {
    let setting = value.map(|value| Setting { kind: Kind::Text, value: value.to_owned() });
    let key: Key = key.parse().unwrap();
    Edit { key, setting, author: "ada".to_owned(), reason: Some("a test".to_owned()) }
}
