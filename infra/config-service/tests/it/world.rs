//! A config service of a test's own, with a topic of its own.

use std::time::Duration;

use config_service::ConfigService;
use event_log::{Admin, Kafka, Topics};
use reqwest::{Client, Method, RequestBuilder};
use serde_json::Value;
use settings::{Settings, Sources};
use tempfile::TempDir;
use tokio_util::sync::{CancellationToken, DropGuard};

/// How long anything may take before a test gives up.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) struct World {
    pub(crate) url: String,
    settings: Settings,
    http: Client,
    _dir: TempDir,
    _stop: DropGuard,
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) etag: Option<String>,
    pub(crate) body: Value,
}

impl Answer {
    pub(crate) fn problem(&self) -> (u16, &str) {
        (self.status, self.body["code"].as_str().unwrap_or_else(|| panic!("{self:?}")))
    }
}

impl World {
    pub(crate) async fn start() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let bootstrap = std::env::var("PARCELTRACK_KAFKA").unwrap_or_else(|_| "127.0.0.1:9092".to_owned());
        let installation = testkit::Installation::new(dir.path()).unwrap();
        let own = [format!("kafka.bootstrap={bootstrap}"), "config_service.listen=127.0.0.1:0".to_owned()];
        let sources = installation.settings().into_iter().chain(own).fold(Sources::none(), Sources::set);
        let settings = Settings::load(&sources).unwrap();
        let kafka = Kafka::of_settings(&settings.kafka, "test").unwrap();
        let topics = Topics::of_settings(&settings.kafka);
        let mut specs = topics.specs();
        specs.retain(|spec| [&topics.config, &topics.registry, &topics.audit].contains(&&spec.name));
        Admin::new(&kafka, PATIENCE).unwrap().apply(&specs, false).await.unwrap();
        let stop = CancellationToken::new();
        let service = ConfigService::bind(&settings).await.unwrap();
        let url = format!("http://{}", service.local_addr().unwrap());
        tokio::spawn(service.serve(stop.clone()));
        let http = Client::builder().timeout(PATIENCE).build().unwrap();
        let world = Self { url, settings, http, _dir: dir, _stop: stop.drop_guard() };
        world.until_ready().await;
        world
    }

    async fn until_ready(&self) {
        let begun = std::time::Instant::now();
        while self.get("/readyz").await.status != 200 {
            assert!(begun.elapsed() < PATIENCE, "never ready");
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.url))
    }

    pub(crate) async fn send(&self, request: RequestBuilder) -> Answer {
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        let etag = response.headers().get("etag").map(|tag| tag.to_str().unwrap().to_owned());
        let text = response.text().await.unwrap();
        Answer { status, etag, body: serde_json::from_str(&text).unwrap_or(Value::Null) }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path)).await
    }

    pub(crate) async fn put(&self, path: &str, body: Value) -> Answer {
        self.send(self.request(Method::PUT, path).json(&body)).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(self.request(Method::POST, path).json(&body)).await
    }

    /// All that lies in the topic, as text.
    pub(crate) async fn topic(&self) -> String {
        let kafka = Kafka::of_settings(&self.settings.kafka, "test").unwrap();
        let topic = Topics::of_settings(&self.settings.kafka).config;
        tokio::task::spawn_blocking(move || testkit::committed_text(&kafka, &topic)).await.unwrap()
    }
}
